# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes in the configuration file of LiteLLM's proxy."""

from __future__ import annotations

import copy
import hashlib
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    number,
    problem_of,
    record,
    table,
    text,
    whole,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MANAGED_BY,
    Fields,
    Route,
    endpoint_of,
    repeated,
    shown_url,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm_backend import (
    FROM_ENVIRONMENT,
    address,
    is_at,
    served,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm_backend import (
    parameters_of_entry as _parameters,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_document import YamlForm
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import Place

# LiteLLM's name for any OpenAI-compatible backend.
_PROVIDER = "openai/"
_PARAMETERS = {
    "model": "model",
    "base_url": "api_base",
    "api_key": "api_key",
    "weight": "weight",
    "fallback": "order",
    "input_usd_per_token": "input_cost_per_token",
    "output_usd_per_token": "output_cost_per_token",
    "cache_read_usd_per_token": "cache_read_input_token_cost",
    "cache_write_usd_per_token": "cache_creation_input_token_cost",
}
# What is read of an entry, in a file or from the API.
_PLACE = text(8192)
ENTRY = record(
    {},
    {
        "model_name": text(4096),
        "litellm_params": record(
            {},
            {
                "model": text(4096),
                "api_base": _PLACE,
                "weight": number(-foreign.MAX_NUMBER),
                "order": whole(-foreign.MAX_COUNT),
                "input_cost_per_token": number(-foreign.MAX_NUMBER),
                "output_cost_per_token": number(-foreign.MAX_NUMBER),
                "cache_read_input_token_cost": number(-foreign.MAX_NUMBER),
                "cache_creation_input_token_cost": number(-foreign.MAX_NUMBER),
            },
        ),
        "model_info": table(anything),
    },
)
# Its prices for what is longer than so many thousand tokens.
_TIER = re.compile(r"(input|output|cache_\w+)_\w*cost\w*_above_\d+k_tokens\Z")
# LiteLLM asks the backends of a higher order only when those of the lower ones have failed.
_FIRST = 1


class LiteLLM(YamlForm):
    """``model_list`` of LiteLLM. Ours are the entries with our ``model_info.managed_by``."""

    place = Place(keys=("model_list",))
    fields: t.Tuple[FieldSpec, ...] = (
        FieldSpec("id"),
        FieldSpec("managed_by"),
        FieldSpec("name"),
        FieldSpec("model"),
        FieldSpec("base_url"),
        FieldSpec("api_key", secret=True),
        FieldSpec("weight"),
        FieldSpec("fallback"),
        FieldSpec("fallback_order"),
        FieldSpec("input_usd_per_token"),
        FieldSpec("output_usd_per_token"),
        FieldSpec("cache_read_usd_per_token"),
        FieldSpec("cache_write_usd_per_token"),
        FieldSpec("price_tiers"),
        FieldSpec("model_info"),
    )
    needs_restart = True

    def problem(self, entries: t.Sequence[Entry]) -> t.Optional[str]:
        for entry in entries:
            broken = problem_of(ENTRY, entry.data)
            if broken is not None:
                return "line %d: in an entry, %s" % (entry.line, broken)
            if not isinstance(entry.data.get("model_name"), str) or not _parameters(entry).get("model"):
                return "line %d: an entry has no model_name or no litellm_params.model" % entry.line
        twice = repeated(str(_info(entry)["id"]) for entry in entries if _info(entry).get("id") is not None)
        return None if twice is None else "model_info.id %s occurs more than once" % twice

    def is_route(self, entry: Entry, route: Route) -> bool:
        if route.base_url and route.model and _info(entry).get("id") == route_id(route):
            return True
        return (
            entry.data.get("model_name") == route.name
            and (route.model is None or served(entry) == route.model)
            and (route.base_url is None or is_at(entry, route.base_url))
        )

    def is_ours(self, entry: Entry) -> bool:
        return _info(entry).get("managed_by") == MANAGED_BY

    def wanted(self, route: Route, entry: t.Optional[Entry] = None) -> Fields:
        # A running proxy knows the entry by its id: another one would be another deployment.
        kept = None if entry is None else _info(entry).get("id")
        fields = {
            "id": route_id(route) if kept is None else kept,
            "managed_by": MANAGED_BY,
            "name": route.name,
            "model": route.model,
            "base_url": route.base_url,
            "api_key": backend_key(route),
            "weight": route.weight,
            "fallback": route.fallback,
            "fallback_order": route.fallback_order,
            "input_usd_per_token": route.input_usd_per_token,
            "output_usd_per_token": route.output_usd_per_token,
            "cache_read_usd_per_token": route.cache_read_usd_per_token,
            "cache_write_usd_per_token": route.cache_write_usd_per_token,
            "price_tiers": route.price_tiers,
            "model_info": route.model_info,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def found(self, entry: Entry, route: Route) -> Fields:
        parameters, info = _parameters(entry), _info(entry)
        fields = {name: parameters.get(key) for name, key in _PARAMETERS.items()}
        order = parameters.get("order")
        place = order - _FIRST if isinstance(order, int) else None
        own = {key: info[key] for key in route.model_info or {} if key in info}
        return dict(
            fields,
            id=info.get("id"),
            managed_by=info.get("managed_by"),
            name=entry.data.get("model_name"),
            model=served(entry),
            base_url=shown_url(address(entry)),
            fallback=None if place is None else place > 0,
            fallback_order=place or None,
            price_tiers=_tiers(parameters) or None,
            model_info=own or None,
        )

    def merged(self, entry: t.Optional[Entry], wanted: Fields) -> Fields:
        data: Fields = copy.deepcopy(dict(entry.data)) if entry else {}
        parameters, info = dict(data.get("litellm_params") or {}), dict(data.get("model_info") or {})
        changed = parameters_of(wanted)
        if entry is not None and served(entry) == wanted["model"]:
            del changed["model"]
        if entry is not None and shown_url(address(entry)) == wanted["base_url"]:
            del changed["api_base"]
        elif "base_url" in parameters:
            del parameters["base_url"]
        if "price_tiers" in wanted:
            parameters = {key: value for key, value in parameters.items() if not _TIER.match(key)}
        parameters.update(changed)
        info.update(wanted.get("model_info", {}), id=wanted["id"], managed_by=wanted["managed_by"])
        data.update(model_name=wanted["name"], litellm_params=parameters, model_info=info)
        return data

    def described(self, entry: Entry) -> Fields:
        parameters = _parameters(entry)
        return {
            "id": _info(entry).get("id"),
            "name": entry.data.get("model_name"),
            "model": served(entry),
            "endpoint": shown_url(address(entry)),
            "weight": parameters.get("weight"),
        }


def route_id(route: Route) -> str:
    """A stable id of at most 64 characters from [a-z0-9-]: one per name, backend and served model."""
    identity = "\n".join((route.name, endpoint_of(route.base_url), route.model or ""))
    readable = re.sub(r"[^a-z0-9]+", "-", route.name.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(identity.encode("utf-8")).hexdigest()[:10]
    return "-".join(part for part in ("autoconfig", readable, digest) if part)


def parameters_of(fields: Fields) -> Fields:
    """LiteLLM's names and values of these fields; None clears one."""
    made = {_PARAMETERS[name]: value for name, value in fields.items() if name in _PARAMETERS}
    if made.get("model") is not None:
        made["model"] = _PROVIDER + made["model"]
    if made.get("order") is not None:
        made["order"] = _FIRST + 1 if made["order"] else _FIRST
    if fields.get("fallback_order") is not None:
        made["order"] = _FIRST + fields["fallback_order"]
    made.update(fields.get("price_tiers") or {})
    return made


def _tiers(parameters: t.Mapping[str, t.Any]) -> Fields:
    return {key: value for key, value in parameters.items() if _TIER.match(key)}


def backend_key(route: Route) -> t.Optional[str]:
    """What the entry holds as the backend's key: a reference to the environment where one is named."""
    if route.key_variable is not None:
        return FROM_ENVIRONMENT + route.key_variable
    return route.api_key


def _info(entry: Entry) -> t.Mapping[str, t.Any]:
    found = entry.data.get("model_info")
    return found if isinstance(found, dict) else {}
