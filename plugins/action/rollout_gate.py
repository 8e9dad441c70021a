# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modelscan.autoconfig.rollout_gate on the controller, with what the role has rehearsed."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_gate import CORE
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._play_hosts import PlayHost


class ActionModule(ControllerAction):
    core = CORE

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Adds to each site whether its rehearsal would have changed something; without one it may."""
        kept = []
        for site in arguments.get("sites") or ():
            each = {key: site[key] for key in ("name", "speaker", "hosts", "changes") if key in site}
            if site.get("speaker"):
                rehearsed = PlayHost(site["speaker"], variables["hostvars"]).get(
                    "__model_deployment_rehearsed"
                )
                if rehearsed is not None:
                    each.setdefault("changes", _changes(rehearsed))
            kept.append(each)
        arguments["sites"] = kept


def _changes(rehearsed: t.Mapping[str, t.Any]) -> bool:
    return any(
        _differs(each)
        for done in rehearsed.values()
        for each in (done.get("applied") or {}, *(done.get("routes") or ()))
    )


def _differs(result: t.Mapping[str, t.Any]) -> bool:
    """Whether a task would change something; the rehearsal itself counts as no change."""
    diff = result.get("diff") or {}
    return bool(result.get("actions")) or diff.get("before") != diff.get("after")
