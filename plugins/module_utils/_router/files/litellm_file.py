# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a route in LiteLLM's file means together with the rest of that file."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MADE_BY,
    Change,
    Fields,
    Route,
    shown_url,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import (
    Document,
    Entry,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files import (
    litellm_shares as sharing,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm import LiteLLM
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm_backend import (
    FROM_ENVIRONMENT,
    address,
    is_unknown,
    served,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm_document import (
    LiteLLMDocument,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import Place


class LiteLLMFile(LiteLLM):
    """The file at ``path``. ``fills``: other backends of a name may be given a weight."""

    def __init__(self, path: str, fills: bool = False) -> None:
        self.place = Place(("model_list",), made=MADE_BY, is_json=path.endswith(".json"))
        self._fills = fills

    def opened(self, text: str, where: str) -> Document:
        return LiteLLMDocument(text, self.place, where)

    def check(self, document: Document, route: Route, change: t.Optional[Change]) -> None:
        file = t.cast(LiteLLMDocument, document)
        self._refuse_included(file, route)
        if change is None or not change.names:
            return
        alias = sharing.alias_of(file.merged_setting("router_settings"), route.name)
        if alias is not None:
            raise Conflict(
                "router_settings.model_group_alias sends every request for %s to %s, so that the route would"
                " get none" % (route.name, alias),
                hint="Remove the alias, or choose another name.",
            )
        entry = change.entry
        if entry is not None and _stores_models(file) and not (entry.data.get("model_info") or {}).get("id"):
            raise Conflict(
                "line %d: with store_model_in_db a running proxy drops an entry whose id changes, within a minute"
                " and until its restart, and this one has none of its own" % entry.line,
                hint="Give the entry a model_info.id, restart the proxy, then run again.",
            )

    def companions(
        self, document: Document, route: Route, index: int, names: t.Set[str]
    ) -> t.Dict[int, Fields]:
        if not names & {"name", "weight"}:
            return {}
        places, entries = self._group(document, route)
        weights = sharing.settled(
            [entry.data for entry in entries],
            places.index(index),
            self._fills,
            lambda each: places[each] is not None,
            route.name,
        )
        made: t.Dict[int, Fields] = {}
        for each, weight in weights.items():
            data = copy.deepcopy(dict(entries[each].data))
            data["litellm_params"] = dict(data["litellm_params"], weight=weight)
            made[t.cast(int, places[each])] = data
        return made

    def shares(self, document: Document, route: Route) -> t.List[Fields]:
        file = t.cast(LiteLLMDocument, document)
        _places, entries = self._group(document, route)
        return shares_of(entries, self._strategy(file, route))

    def remarks(self, document: Document, route: Route) -> t.List[str]:
        file = t.cast(LiteLLMDocument, document)
        _places, entries = self._group(document, route)
        said = ["%s; routes in it are not known" % problem for problem in file.unread]
        said += sharing.remarks([entry.data for entry in entries], self._strategy(file, route), route.name)
        return said + self._doubts(entries, route)

    def _doubts(self, entries: t.Sequence[Entry], route: Route) -> t.List[str]:
        return [
            "line %d: only the router's environment tells where %s leads, which may be the same backend"
            % (entry.line, address(entry))
            for entry in entries
            if is_unknown(address(entry))
            and route.base_url is not None
            and (route.model is None or served(entry) in (None, route.model))
        ]

    def _refuse_included(self, file: LiteLLMDocument, route: Route) -> None:
        for included in file.included:
            for entry in included.entries:
                if self.is_route(entry, route):
                    raise Conflict(
                        "the route %s is in %s, line %d, which this file includes"
                        % (route.name, included.path, entry.line),
                        hint="Give that file as path.",
                    )

    def _group(self, document: Document, route: Route) -> t.Tuple[t.List[t.Optional[int]], t.List[Entry]]:
        """The entries of the name, with their places in this file; None for one in an included file."""
        file = t.cast(LiteLLMDocument, document)
        places: t.List[t.Optional[int]] = list(range(len(file.entries)))
        entries = list(file.entries)
        for included in file.included:
            entries += included.entries
            places += [None] * len(included.entries)
        kept = [place for place, entry in enumerate(entries) if entry.data.get("model_name") == route.name]
        return [places[place] for place in kept], [entries[place] for place in kept]

    def _strategy(self, file: LiteLLMDocument, route: Route) -> str:
        return sharing.strategy_of(file.merged_setting("router_settings"), route.name)


def shares_of(entries: t.Sequence[Entry], strategy: t.Optional[str]) -> t.List[Fields]:
    """What part of the requests each backend of one name gets; None where the strategy looks at the load."""
    parts: t.Sequence[t.Optional[float]] = sharing.shares([entry.data for entry in entries])
    if strategy != sharing.DEFAULT_STRATEGY:
        parts = [None] * len(entries)
    return [
        {
            "model": served(entry),
            "endpoint": shown_url(address(entry)),
            "weight": sharing.weight_of(entry.data),
            "share": None if part is None else round(part, 4),
        }
        for entry, part in zip(entries, parts)
    ]


def _stores_models(file: LiteLLMDocument) -> bool:
    settings = file.merged_setting("general_settings")
    value = settings.get("store_model_in_db") if isinstance(settings, dict) else None
    if isinstance(value, str) and value.startswith(FROM_ENVIRONMENT):
        return True
    return str(value).lower() in ("true", "yes", "on")
