# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of router_register."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import diff_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import PATHS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    NoProof,
    Outcome,
    Policy,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.kinds import (
    KINDS,
    TIER_PRICES,
    form_of,
    is_file,
    opened,
    proof_of,
    route_of,
)


def run(task: Task) -> Result:
    """Make one route be present in, or absent from, a router."""
    params = task.params
    route = route_of(params)
    if params["drain_s"] < 0 or params["probe_patience_s"] < 0:
        raise InvalidInput("drain_s and probe_patience_s must be 0 or more")
    http = options.http_options(params)
    policy = Policy(
        create=params["create"],
        adopt=params["adopt"],
        backup=params["backup"],
        dry_run=task.check_mode,
        proof=proof_of(params, route, http, task.progress) or NoProof(),
        drain_s=params["drain_s"],
        clock=http.clock,
        validate=params["validate"],
    )
    with opened(params, policy, http) as router:
        outcome = router.register(route) if params["state"] == "present" else router.remove(route)
        result = _result(params, route, outcome)
        result["predicted"] = task.check_mode
        warnings = ["%s: %s" % (params["path"] or params["router_url"], each) for each in outcome.remarks]
        if warnings:
            result["warnings"] = warnings
    return result


def _result(params: Params, route: Route, outcome: Outcome) -> Result:
    shown = outcome.route or {
        "id": None,
        "name": params["name"],
        "model": params["model"],
        "endpoint": params["base_url"],
        "weight": None,
    }
    if outcome.route is not None and params["type"] in ("gpustack", "openai_list"):
        # The router's own entry does not say it.
        given = {"endpoint": _endpoint(params), "model": route.model}
        shown = dict(shown, **{name: shown[name] or value for name, value in given.items()})
    where = params["path"] or params["router_url"] or params["gpustack_url"]
    return {
        "changed": outcome.changed,
        "path": params["path"],
        "route": dict(shown, state=params["state"]),
        "verified": outcome.verified,
        "backup_file": outcome.backup_file,
        "reached": outcome.reached,
        "shares": list(outcome.shares),
        "rollback": _rollback(outcome),
        "restart_required": outcome.changed and is_file(params) and form_of(params).needs_restart,
        "diff": diff_of(outcome.differences, "%s: %s" % (where, params["name"])),
    }


# Of an entry, what the options of the same name set again; prices are in dollars for a token there.
_RESTORED = ("weight", "fallback", "fallback_order", "model_info", "line")
_PRICES = ("input_usd", "output_usd", "cache_read_usd", "cache_write_usd")


# Of an entry that is new, one of these differs as well.
_IDENTITY = frozenset(("name", "(route)"))


def _rollback(outcome: Outcome) -> t.Optional[t.Dict[str, t.Any]]:
    """The options that take a change back; None without one, and where what was there is secret or was not set."""
    rows = {row.spec.name: row for row in outcome.differences}
    if _IDENTITY & set(rows) and all(row.found is None for row in rows.values()):
        return {"state": "absent"}
    found = {name: row.found for name, row in rows.items() if row.found is not None and not row.spec.secret}
    options = {name: found[name] for name in _RESTORED if name in found}
    for name in _PRICES:
        if "%s_per_token" % name in found:
            options["%s_per_million_tokens" % name] = round(found["%s_per_token" % name] * 1e6, 9)
    return {"state": "present", **options} if options else None


def _endpoint(params: Params) -> t.Optional[str]:
    if params["type"] == "gpustack":
        return "%s/v1" % str(params["gpustack_url"]).rstrip("/")
    endpoint: t.Optional[str] = params["base_url"]
    return endpoint


CORE = Core(
    run=run,
    argument_spec={
        "type": {"type": "str", "required": True, "choices": list(KINDS)},
        "path": {"type": "path"},
        "router_url": {"type": "str"},
        "router_api_key": {"type": "str", "no_log": True},
        "router_inference_key": {"type": "str", "no_log": True},
        "allow_unauthenticated": {"type": "bool", "default": False},
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "base_url": {"type": "str"},
        "model": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "api_key_env": {"type": "str", "no_log": False},
        "weight": {"type": "int"},
        "group_weights": {"type": "str", "default": "refuse", "choices": ["refuse", "fill"]},
        "fallback": {"type": "bool"},
        "fallback_order": {"type": "int"},
        "model_info": {"type": "dict"},
        "input_usd_per_million_tokens": {"type": "float", "no_log": False},
        "output_usd_per_million_tokens": {"type": "float", "no_log": False},
        "cache_read_usd_per_million_tokens": {"type": "float", "no_log": False},
        "cache_write_usd_per_million_tokens": {"type": "float", "no_log": False},
        "price_tiers": {
            "type": "list",
            "elements": "dict",
            "options": {
                "above_tokens": {"type": "int", "required": True, "no_log": False},
                "reasoning_usd": {"type": "float"},
                **{name: {"type": "float"} for name in TIER_PRICES},
            },
        },
        "list_path": {"type": "str"},
        "entry_name": {"type": "str", "default": "model"},
        "entry": {"type": "dict"},
        "line_name": {"type": "str"},
        "line": {"type": "str"},
        "block_begin": {"type": "str"},
        "block_end": {"type": "str"},
        "insertbefore": {"type": "str"},
        "validate": {"type": "str"},
        "probe": {"type": "bool", "default": True},
        "probe_kind": {"type": "str", "default": "chat", "choices": list(PATHS)},
        "probe_api_key": {"type": "str", "no_log": True},
        "probe_patience_s": {"type": "float", "default": 120.0},
        "drain_s": {"type": "float", "default": 10.0},
        "create": {"type": "bool", "default": True},
        "adopt": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "mode": {"type": "raw", "default": "0600"},
        **options.GPUSTACK,
        **options.HTTP,
    },
    rules={
        "required_if": [
            ("type", "modelscan", ("path",)),
            ("type", "openai_list", ("path",)),
            ("type", "openai_list", ("list_path", "line_name"), True),
            ("type", "litellm", ("path", "router_url"), True),
            ("type", "sglang_router", ("router_url",)),
            ("type", "vllm_router", ("router_url",)),
        ],
        "required_together": [("block_begin", "block_end")],
        "required_by": {"block_begin": ("line_name",), "insertbefore": ("line_name",)},
        "mutually_exclusive": [
            ("path", "router_url"),
            ("list_path", "line_name"),
            ("list_path", "line"),
            ("entry", "line_name"),
        ],
    },
)
