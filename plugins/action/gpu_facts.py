# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.border import Border
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Result,
    Task,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts import ARGUMENT_SPEC
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts_told import check, told
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._controller_action import (
    ControllerAction,
    plain,
)


class ActionModule(ControllerAction):
    """Runs gpu_facts on the host, and what needs no host on the controller, where it is compiled once."""

    core = Core(run=lambda _task: {}, argument_spec=ARGUMENT_SPEC)

    def run(self, tmp: t.Any = None, task_vars: t.Optional[t.Dict[str, t.Any]] = None) -> Result:
        result: Result = ActionBase.run(self, tmp, task_vars)
        variables = task_vars or {}
        answer: Result = {}
        params, secrets = self._validated(plain(self._task.args))

        def read(task: Task) -> Result:
            check(task.params)
            answer.update(self._execute_module(task_vars=variables))
            if "ansible_facts" not in answer or answer.get("failed"):
                return {}
            return told(answer, task.params, str(variables.get("inventory_hostname")))

        found = Border.of(params, secrets).run(Core(read, ARGUMENT_SPEC), Task(params, self._task.check_mode))
        warnings = [*answer.pop("warnings", ()), *found.pop("warnings", ())]
        answer.pop("saved", None)
        result.update(answer)
        result.update(found)
        return dict(result, warnings=warnings) if warnings else result
