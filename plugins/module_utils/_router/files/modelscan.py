# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes in the YAML block of ModelScan's published design.

No released ModelScan reads the block.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    problem_of,
    record,
    text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MADE_BY,
    MANAGED_BY,
    Fields,
    Route,
    repeated,
    shown_url,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import (
    Document,
    Entry,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_document import YamlForm
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import Place

_PROVIDER = record({"name": text(4096)}, {name: text(8192) for name in ("type", "model", "base_url")})


class ModelScan(YamlForm):
    """``routing.direct.providers``. Ours are the entries with our comment on their first line."""

    place = Place(
        keys=("routing", "direct", "providers"),
        beside=(("mode", "direct"),),
        mark="managed by " + MANAGED_BY,
        made=MADE_BY,
    )
    fields = tuple(FieldSpec(name) for name in ("managed_by", "name", "type", "base_url", "model"))
    needs_restart = False

    def problem(self, entries: t.Sequence[Entry]) -> t.Optional[str]:
        for entry in entries:
            if not isinstance(entry.data.get("name"), str):
                return "line %d: a provider has no name" % entry.line
            broken = problem_of(_PROVIDER, entry.data)
            if broken is not None:
                return "line %d: in a provider, %s" % (entry.line, broken)
        twice = repeated(entry.data["name"] for entry in entries)
        return None if twice is None else "the provider name %s occurs more than once" % twice

    def is_route(self, entry: Entry, route: Route) -> bool:
        return entry.data.get("name") == route.name

    def is_ours(self, entry: Entry) -> bool:
        return entry.marked

    def wanted(self, route: Route, entry: t.Optional[Entry] = None) -> Fields:
        return {
            "managed_by": MANAGED_BY,
            "name": route.name,
            "type": "local",
            "base_url": route.base_url,
            "model": route.model,
        }

    def found(self, entry: Entry, route: Route) -> Fields:
        fields = {name: entry.data.get(name) for name in ("name", "type", "model")}
        fields["base_url"] = shown_url(entry.data.get("base_url"))
        return dict(fields, managed_by=MANAGED_BY if entry.marked else None)

    def merged(self, entry: t.Optional[Entry], wanted: Fields) -> Fields:
        kept = dict(entry.data) if entry else {}
        return dict(kept, **{name: value for name, value in wanted.items() if name != "managed_by"})

    def remarks(self, document: Document, route: Route) -> t.List[str]:
        """A provider is read in one mode of the router only."""
        mode = document.setting("routing", "mode")
        if mode == "direct" or not any(self.is_route(entry, route) for entry in document.entries):
            return []
        found = "no routing.mode is set" if mode is None else "it sets routing.mode to %s" % mode
        return [found + "; the design reads routing.direct.providers in mode direct only"]

    def described(self, entry: Entry) -> Fields:
        return {
            "id": entry.data.get("name"),
            "name": entry.data.get("name"),
            "model": entry.data.get("model"),
            "endpoint": shown_url(entry.data.get("base_url")),
            "weight": None,
        }
