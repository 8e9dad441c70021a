# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gpu_facts does on the host.

What a host compiles it compiles anew each time, therefore the rest is the action plugin's: arguments are
checked, cards simulated and lines for people written on the controller.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import (
    VENDORS,
    Wishes,
    bare,
    collect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    GATHER,
    GATHER_DEFAULT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Deadline, Runner

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


def read(params: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """The module's result on this host; the same in check mode, since nothing is ever changed.

    To simulate, the host without cards, and the text of a saved file. Raises nothing for whatever the host is like.
    """
    machine = Machine()
    wish = params["simulate"]
    if wish:
        saved = machine.read(wish) if "/" in wish or wish.endswith(".json") else None
        return {"changed": False, "ansible_facts": {"autoconfig_gpu": bare(machine)}, "saved": saved}
    wishes = Wishes(
        vendors=params["vendors"] or VENDORS,
        include_processes=params["include_processes"],
        gather=params["gather"],
    )
    runner = Runner(Deadline(params["timeout_s"]), machine.environ)
    return {"changed": False, "ansible_facts": {"autoconfig_gpu": collect(machine, runner, wishes)}}
