# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the core of router_register."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._diff import diff_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import checked_base_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.base import (
    OWNERSHIP,
    Format,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.litellm import LiteLLM
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.modelscan import ModelScan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.registry import (
    Outcome,
    Policy,
    Registry,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.shared_file import SharedFile

FORMATS: t.Mapping[str, t.Callable[[], Format]] = {"litellm": LiteLLM, "modelscan": ModelScan}
_LITELLM_ONLY = ("api_key_env", "weight", "model_info")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def run(task: Task) -> Result:
    """Make one route be present in, or absent from, a router's file."""
    params = task.params
    route = _route(params)
    form = FORMATS[params["type"]]()
    registry = Registry(
        SharedFile(params["path"], _mode(params["mode"])),
        form,
        Policy(params["create"], params["adopt"], params["backup"], task.check_mode),
    )
    is_present = params["state"] == "present"
    outcome = registry.register(route) if is_present else registry.remove(route)
    result = _result(params, outcome, form)
    result["predicted"] = task.check_mode
    if is_present and params["type"] == "modelscan":
        result["warnings"] = _mode_warnings(params["path"], registry.setting("routing", "mode"))
    return result


def _result(params: Params, outcome: Outcome, form: Format) -> Result:
    route = outcome.route or {
        "id": None,
        "name": params["name"],
        "model": params["model"],
        "endpoint": params["base_url"],
        "weight": None,
    }
    header = "%s: %s" % (params["path"], params["name"])
    return {
        "changed": outcome.changed,
        "path": params["path"],
        "route": dict(route, state=params["state"]),
        "verified": "file" if outcome.verified else None,
        "backup_file": outcome.backup_file,
        "restart_required": outcome.changed and form.needs_restart,
        "diff": diff_of(outcome.differences, header),
    }


def _route(params: Params) -> Route:
    name, is_present = params["name"], params["state"] == "present"
    if not name.strip() or not name.isprintable():
        raise InvalidInput("name is empty or holds a control character: %r" % name)
    if params["type"] != "litellm":
        for option in _LITELLM_ONLY:
            if params[option] is not None:
                raise InvalidInput(
                    "%s has no place in a route of type %s" % (option, params["type"]),
                    hint="Leave the option out, or use type litellm.",
                )
    variable = params["api_key_env"]
    if variable is not None and not _VARIABLE.match(variable):
        raise InvalidInput(
            "api_key_env is not the name of an environment variable",
            hint="Give the name, for example GPUSTACK_API_KEY, and never the key itself.",
        )
    if params["weight"] is not None and params["weight"] < 0:
        raise InvalidInput("weight must be 0 or more: %d" % params["weight"])
    taken = OWNERSHIP.intersection(params["model_info"] or {})
    if taken:
        raise InvalidInput("model_info may not set %s: it marks the route" % ", ".join(sorted(taken)))
    url = params["base_url"]
    return Route(
        name=name,
        base_url=None if url is None else checked_base_url(url, "base_url"),
        model=params["model"] or (name if is_present else None),
        key_variable=variable,
        weight=params["weight"],
        model_info=params["model_info"],
    )


def _mode(value: t.Any) -> int:
    """Mode bits from "0600", or from the integer that unquoted YAML makes of 0600."""
    try:
        mode = value if isinstance(value, int) else int(value, 8)
    except (TypeError, ValueError):
        mode = -1
    if not 0 <= mode <= 0o777:
        raise InvalidInput(
            "mode is no octal file mode: %r" % (value,), hint="Write it in quotes, for example '0640'."
        )
    return mode


def _mode_warnings(path: str, mode: t.Optional[str]) -> t.List[str]:
    if mode in (None, "direct"):
        return []
    return [
        "%s sets routing.mode to %s; the design reads routing.direct.providers in mode direct only"
        % (path, mode)
    ]


CORE = Core(
    run=run,
    argument_spec={
        "type": {"type": "str", "required": True, "choices": ["litellm", "modelscan"]},
        "path": {"type": "path", "required": True},
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "base_url": {"type": "str"},
        "model": {"type": "str"},
        "api_key_env": {"type": "str", "no_log": False},
        "weight": {"type": "int"},
        "model_info": {"type": "dict"},
        "create": {"type": "bool", "default": True},
        "adopt": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "mode": {"type": "raw", "default": "0600"},
    },
    rules={"required_if": [("state", "present", ("base_url",))]},
)
