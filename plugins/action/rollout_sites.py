# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modelscan.autoconfig.rollout_sites on the controller, where all hosts' variables are at hand."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_sites import (
    ARGUMENT_SPEC,
    CORE,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._play_hosts import PlayHost, play_hosts


class ActionModule(ControllerAction):
    core = CORE

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Fills ``hosts`` and ``variables`` from the hosts of the play."""
        if "hosts" in arguments:
            return
        url_variable = arguments.get("url_variable") or ARGUMENT_SPEC["url_variable"]["default"]
        reached = set(variables.get("ansible_play_hosts") or ())
        names, hosts = set(variables), []
        for host in play_hosts(variables):
            names.update(host.names)
            hosts.append(
                {
                    "name": host.name,
                    "url": str(host.get(url_variable) or ""),
                    "has_gpu": _has_gpu(host),
                    "reached": host.name in reached,
                }
            )
        arguments["hosts"] = hosts
        arguments.setdefault("variables", sorted(str(name) for name in names))


def _has_gpu(host: PlayHost) -> t.Optional[bool]:
    """None where nobody looked, or where what was found is a failure rather than nothing."""
    facts = host.gpu_facts
    if not facts:
        return None
    if facts.get("devices"):
        return True
    return None if facts.get("warnings") else False
