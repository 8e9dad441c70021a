# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of rollout_gate: whether a server may be changed now, and whether it is watched afterwards."""

from __future__ import annotations

import os
import typing as t
from datetime import datetime

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import site_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import (
    maintenance_window,
    options,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task

Site = t.Mapping[str, t.Any]

_SITE: options.Spec = {
    "name": {"type": "str", "required": True},
    "speaker": {"type": "str"},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "changes": {"type": "bool", "default": True},
}
ARGUMENT_SPEC: options.Spec = {
    "site": {"type": "str", "required": True},
    "sites": {"type": "list", "elements": "dict", "options": _SITE, "required": True},
    "canary": {"type": "str", "default": ""},
    "budget": {"type": "int", "default": 0},
    "windows": {"type": "list", "elements": "str", "default": []},
    "timezone": {"type": "str", "default": "UTC"},
    "pause_file": {"type": "path"},
}


def run(task: Task) -> Result:
    """Whether the site may be changed now; see the module's documentation for the keys."""
    params = task.params
    now = datetime.now(maintenance_window.zone_of(params["timezone"]))
    reason = closed(params, now)
    return {
        "changed": False,
        "go": task.check_mode or reason is None,
        "reason": reason,
        "watched": _watched(params),
    }


def closed(params: t.Mapping[str, t.Any], now: datetime) -> t.Optional[str]:
    """Why the site may not be changed now; None where it may, or where nothing of it would be changed."""
    if params["budget"] < 0:
        raise InvalidInput("budget is %d and has to be 0 or more" % params["budget"])
    windows = maintenance_window.windows_of(params["windows"])
    changing = _changing(params)
    if params["site"] not in changing:
        return None
    if params["budget"] and changing.index(params["site"]) >= params["budget"]:
        return "this run may change %d, and %d would change" % (params["budget"], len(changing))
    if params["pause_file"] and os.path.exists(params["pause_file"]):
        return "the rollout is paused while %s is there" % params["pause_file"]
    opening = maintenance_window.opens(windows, now) if windows else None
    if opening is not None:
        return "its maintenance window opens %s" % opening.strftime("%a %Y-%m-%d %H:%M %Z")
    return None


def _changing(params: t.Mapping[str, t.Any]) -> t.List[str]:
    return [site["name"] for site in params["sites"] if site["changes"]]


def _watched(params: t.Mapping[str, t.Any]) -> bool:
    """With a canary that one, as long as anything of the rollout is left; else each that is changed."""
    changing = _changing(params)
    canaries = [site["name"] for site in params["sites"] if is_site(site, params["canary"])]
    return bool(changing) and params["site"] in canaries if canaries else params["site"] in changing


def is_site(site: Site, wanted: str) -> bool:
    """Whether a site is meant by its URL or by one of its hosts."""
    return bool(wanted) and (wanted in (site["name"], *site["hosts"]) or site_name(wanted) == site["name"])


CORE = Core(run=run, argument_spec=ARGUMENT_SPEC)
