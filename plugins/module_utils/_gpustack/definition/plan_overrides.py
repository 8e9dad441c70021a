# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options beside a plan, checked against the plan's numbers. Pure: no IO."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    PRESENT,
    Wanted,
    backend_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.user_overrides import (
    context_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    count_of,
    last_of,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import PARALLEL
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import FLAGS

GIB = 1 << 30
_PLAN_AGAIN = "Give it to modelscan.autoconfig.model_plan, which solves for the rest, and deploy that plan."


def check_overrides(wanted: Wanted) -> t.List[str]:
    """Warnings where options leave what the plan can say.

    :raises InvalidInput: an option contradicts the plan.
    :raises DoesNotFit: an argument needs more memory than the plan found.
    """
    plan, fields = wanted.plan, wanted.fields
    if plan is None or wanted.state != PRESENT:
        return []
    if fields["backend"] != backend_of(plan):
        return [_other_engine(plan, fields)]
    if fields["repository"] != plan["variant"]["repository"]:
        said = "The plan's numbers are for %s, and %s is deployed; nobody checked that it fits."
        return [said % (plan["variant"]["repository"], fields["repository"])]
    _check_replicas(wanted, plan)
    given = fields.get("backend_parameters") or []
    if plan["backend"] not in FLAGS or given == plan.get("backend_parameters"):
        return []
    if not FLAGS[plan["backend"]].context:
        return [
            "backend_parameters replaces the plan's, and nobody checked that %s fits with it. %s"
            % (wanted.name, _PLAN_AGAIN)
        ]
    arguments = _Arguments(plan, parse(given))
    _check_gpus(wanted, plan, arguments)
    return arguments.check_memory()


@dataclass(frozen=True)
class _Arguments:
    """Arguments of the engine beside the plan whose arguments they replace."""

    plan: Json
    given: t.Sequence[Argument]

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        names = PARALLEL[self.plan["backend"]]
        sizes = [count_of(self.given, each) or 1 for each in (names.tensor, names.pipeline)]
        ranks_are_shared = any(argument.flag in names.attention_data for argument in self.given)
        copies = 1 if ranks_are_shared else count_of(self.given, names.data) or 1
        return sizes[0] * sizes[1] * copies

    def check_memory(self) -> t.List[str]:
        """Whether the cache that the memory leaves holds one request of the context."""
        memory = self.plan.get("memory")
        if not memory or not memory.get("kv_cache_bytes") or not memory.get("kv_cache_tokens"):
            return []
        flags = FLAGS[self.plan["backend"]]
        fraction = self._fraction(flags.fraction, memory)
        more_bytes = int((fraction - self.plan["utilization"]) * memory["total_bytes"])
        pool_bytes = max(0, memory["kv_cache_bytes"] + more_bytes)
        tokens = memory["kv_cache_tokens"] * pool_bytes // memory["kv_cache_bytes"]
        context = context_of(self.given, flags.context)
        if context is None:
            return [
                "backend_parameters replaces the plan's and sets no %s: the engine takes the model's own "
                "context, and there is room for %d tokens." % (flags.context[0], tokens)
            ]
        if context > tokens:
            needed_bytes = context * memory["kv_cache_bytes"] // memory["kv_cache_tokens"]
            raise DoesNotFit(
                "%s needs %.2f GiB of KV cache on each GPU, and %.2f GiB of the %.2f GiB are left for it: "
                "room for %d tokens"
                % (
                    last_of(self.given, flags.context),
                    needed_bytes / GIB,
                    pool_bytes / GIB,
                    memory["total_bytes"] / GIB,
                    tokens,
                ),
                hint=_PLAN_AGAIN,
            )
        return []

    def _fraction(self, names: t.Sequence[str], memory: Json) -> float:
        """The engine's share of each GPU; DoesNotFit when other processes hold that memory."""
        argument = last_of(self.given, names)
        try:
            fraction = float((argument and argument.value) or self.plan["utilization"])
        except ValueError:
            fraction = 0.0
        if not 0.0 < fraction <= 1.0:
            raise InvalidInput("backend_parameters contains %s, which is no fraction" % argument)
        taken_bytes = int(fraction * memory["total_bytes"])
        free_bytes = memory.get("free_bytes", 0) + memory.get("credited_bytes", 0)
        if fraction > self.plan["utilization"] and free_bytes and taken_bytes > free_bytes:
            raise DoesNotFit(
                "%s takes %.2f GiB of each GPU, and the plan found %.2f GiB free"
                % (argument, taken_bytes / GIB, free_bytes / GIB),
                hint=_PLAN_AGAIN,
            )
        return fraction


def _other_engine(plan: Json, fields: Json) -> str:
    if fields.get("backend_parameters") == plan.get("backend_parameters"):
        raise InvalidInput(
            "backend is %s, and the plan's arguments are those of %s" % (fields["backend"], plan["backend"]),
            hint="Plan for %s, or give backend_parameters as well." % fields["backend"],
        )
    said = "The plan's numbers are for %s, and %s is deployed; nobody checked that it fits."
    return said % (plan["backend"], fields["backend"])


def _gpus_by_replica(plan: Json) -> t.Dict[int, int]:
    """How many GPUs the plan gives to each replica."""
    gpus: t.Dict[int, int] = {}
    for number, entry in enumerate(plan["placement"]):
        replica = entry.get("replica", number)
        gpus[replica] = gpus.get(replica, 0) + len(entry["gpus"])
    return gpus


def _check_replicas(wanted: Wanted, plan: Json) -> None:
    placed = len(_gpus_by_replica(plan))
    if wanted.pins is not None and wanted.fields["replicas"] > placed:
        raise InvalidInput(
            "replicas is %d, and the plan has GPUs for %d" % (wanted.fields["replicas"], placed),
            hint="Plan with so many replicas, or leave placing to GPUStack with placement: auto.",
        )


def _check_gpus(wanted: Wanted, plan: Json, arguments: _Arguments) -> None:
    chosen = wanted.fields.get("gpu_ids")
    if wanted.pins is None and not chosen:
        return
    planned = next(iter(_gpus_by_replica(plan).values()), 0)
    there = len(chosen) if chosen else planned
    if arguments.gpus > there or (not chosen and arguments.gpus != planned):
        raise InvalidInput(
            "backend_parameters asks for %d GPUs of one replica, and %s %d"
            % (arguments.gpus, "gpu_ids has" if chosen else "the plan places it on", there),
            hint=_PLAN_AGAIN,
        )
