# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gpu_facts does on the controller, before and after the module has run on the host."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import simulate, summary
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Fact
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts import ARGUMENT_SPEC

# A tool that takes longer hangs.
LONGEST_S = 3600


def core_over(ask: t.Callable[[Params], Result], host_name: str) -> Core:
    """The whole of gpu_facts. ``ask`` runs the module on the host; of one that failed nothing is told."""

    def run(task: Task) -> Result:
        check(task.params)
        answer = ask(task.params)
        failed = answer.get("failed") or "ansible_facts" not in answer
        return {} if failed else told(answer, task.params, host_name)

    return Core(run, ARGUMENT_SPEC)


def check(params: Params) -> None:
    """:raises InvalidInput: for a time that is none, or a shape that cannot be read."""
    # Also false for nan.
    if not 0 < params["timeout_s"] <= LONGEST_S:
        raise InvalidInput(
            "timeout_s must be more than 0 and at most %d, and is %s" % (LONGEST_S, params["timeout_s"]),
            hint="Hosts with many cards and without persistence mode may need 20.",
        )
    wish = params["simulate"]
    if wish and not simulate.is_file(wish):
        simulate.parse_shape(wish)


def told(answer: Params, params: Params, host_name: str) -> Result:
    """The task's result, of what the module answered on the host.

    ``host_name`` is the inventory's: cards that are simulated on one machine for many hosts are not the same.

    :raises InvalidInput: for a saved file without facts.
    """
    known = answer["ansible_facts"]
    fact: Fact = known["autoconfig_gpu"]
    wish = params["simulate"]
    if wish and simulate.is_file(wish):
        fact = simulate.read_saved(wish, answer["saved"])
    elif wish:
        fact = simulate.filled(fact, wish, host_name)
    return {
        "changed": False,
        "ansible_facts": dict(known, autoconfig_gpu=fact),
        "summary": summary.lines(fact),
        "warnings": summary.raised(fact),
    }
