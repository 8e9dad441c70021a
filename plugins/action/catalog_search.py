# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import CORE
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import (
    ControllerAction,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._play_hosts import play_hosts


class ActionModule(ControllerAction):
    """Runs catalog_search on the controller, where the facts of all hosts of the play are at hand."""

    core = CORE

    def add_arguments(self, arguments: t.Dict[str, t.Any], variables: t.Mapping[str, t.Any]) -> None:
        """Fills ``hosts`` for ``fits`` with the hosts of the play that have GPU facts."""
        if "fits" not in arguments or arguments.get("hosts") is not None:
            return
        arguments["hosts"] = [
            {"name": host.name, "facts": host.gpu_facts}
            for host in play_hosts(variables)
            if host.gpu_facts is not None
        ]
