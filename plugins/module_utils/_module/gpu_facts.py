# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of gpu_facts."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import summary
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import (
    VENDORS,
    Wishes,
    collect,
    simulated,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    GATHER,
    GATHER_DEFAULT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Deadline, Runner
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Fact
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task

# A tool that takes longer hangs.
LONGEST_S = 3600
ARGUMENT_SPEC: t.Dict[str, t.Dict[str, t.Any]] = {
    "vendors": {"type": "list", "elements": "str", "choices": list(VENDORS)},
    "timeout_s": {"type": "float", "default": 10.0},
    "gather": {
        "type": "list",
        "elements": "str",
        "choices": list(GATHER),
        "default": list(GATHER_DEFAULT),
    },
    "include_processes": {"type": "bool", "default": True},
    "simulate": {"type": "str"},
}


def run(task: Task) -> Result:
    """Facts of this host; the same in check mode, since nothing is ever changed."""
    machine = Machine()
    if task.params["simulate"]:
        return _result(simulated(machine, task.params["simulate"]))
    # Also false for nan.
    if not 0 < task.params["timeout_s"] <= LONGEST_S:
        raise InvalidInput(
            "timeout_s must be more than 0 and at most %d, and is %s" % (LONGEST_S, task.params["timeout_s"]),
            hint="Hosts with many cards and without persistence mode may need 20.",
        )
    wishes = Wishes(
        vendors=task.params["vendors"] or VENDORS,
        include_processes=task.params["include_processes"],
        gather=task.params["gather"],
    )
    runner = Runner(Deadline(task.params["timeout_s"]), machine.environ)
    return _result(collect(machine, runner, wishes))


def _result(fact: Fact) -> Result:
    return {
        "changed": False,
        "ansible_facts": {"autoconfig_gpu": fact},
        "summary": summary.lines(fact),
        "warnings": summary.raised(fact),
    }


CORE = Core(run=run, argument_spec=ARGUMENT_SPEC)
