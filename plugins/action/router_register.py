# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modelscan.autoconfig.router_register on the controller, except for a file on another host."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import ControllerAction


class ActionModule(ControllerAction):
    core = CORE

    def runs_here(self, variables: t.Mapping[str, t.Any]) -> bool:
        """A file is on the task's own host; a running router is reached from the controller."""
        if self._task.args.get("path"):
            return self.is_local(variables)
        return super().runs_here(variables)
