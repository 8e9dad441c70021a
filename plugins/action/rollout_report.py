# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modelscan.autoconfig.rollout_report on the controller, with what the role has registered."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_report import (
    CORE,
    NotCompared,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._play_hosts import PlayHost

_REGISTERED = ("running", "planned", "served", "gate", "failure")


class ActionModule(ControllerAction):
    core = CORE

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> Result:
        """What the core finds; what could not be compared counts as unreachable."""
        result = super().run(tmp, task_vars)
        if result.get("failed") and (result.get("error") or {}).get("code") == NotCompared.code:
            result.update(failed=False, unreachable=True)
        return result

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Adds to each site what its speaker has registered so far."""
        for site in arguments.get("sites") or ():
            if not site.get("speaker"):
                continue
            speaker = PlayHost(site["speaker"], variables["hostvars"])
            for name in _REGISTERED:
                found = speaker.get("__model_deployment_%s" % name)
                if found and not found.get("skipped"):
                    site.setdefault(name, found)
