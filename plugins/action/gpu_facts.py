# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.border import Border
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Params, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts_told import core_over
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import (
    ControllerAction,
    plain,
)


class ActionModule(ControllerAction):
    """Runs gpu_facts on the host, and what needs no host on the controller, where it is compiled once."""

    core = core_over(lambda _params: {}, "")

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> Result:
        result: Result = ActionBase.run(self, tmp, task_vars)
        variables = task_vars or {}
        params, secrets = self._validated(plain(self._task.args))
        answer: Result = {}

        def ask(_params: Params) -> Result:
            answer.update(self._execute_module(task_vars=variables))
            return answer

        core = core_over(ask, str(variables.get("inventory_hostname")))
        found = Border.of(params, secrets).run(core, Task(params, self._task.check_mode))
        if found.get("failed"):
            return dict(result, **found)
        warnings = [*answer.pop("warnings", ()), *found.pop("warnings", ())]
        answer.pop("saved", None)
        result.update(answer)
        result.update(found)
        return dict(result, warnings=warnings) if warnings else result
