# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user's engine arguments change about a plan, in words."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    target_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    last_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.attention_rules import (
    unfit_backend,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import NVIDIA
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import FLAGS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import LLAMA_CPP
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import Fit, solve
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

# Arguments that take or give memory which no plan counts.
_UNCOUNTED = {
    "--enable-lora": "adapters take memory, too",
    "--lora-paths": "adapters take memory, too",
    "--speculative-config": "a draft takes memory, too; the option speculative counts it",
    "--speculative-algorithm": "a draft takes memory, too; the option speculative counts it",
    "--cpu-offload-gb": "weights that lie in the host's memory are counted on the GPUs",
    "--kv-cache-memory-bytes": "the engine then ignores its fraction; the plan counts the cache as given",
    "--num-gpu-blocks-override": "the engine then ignores its fraction, which the plan relies on",
    "--max-total-tokens": "the cache then has another size than the plan says",
    "--decode-context-parallel-size": "the cache is counted as if it were not divided",
    "--dcp-size": "the cache is counted as if it were not divided",
}


# Tokens of a block, a multiple of which every backend for CUDA takes (get_supported_kernel_block_sizes).
CUDA_BLOCK = 16


def conflicts(choice: Choice, policy: Policy, user: t.Sequence[Argument]) -> t.Iterator[str]:
    """One line for each argument that takes the place of a value of the plan, with what that means."""
    each = choice.candidate
    if not user or each.engine is LLAMA_CPP:
        return
    flags = FLAGS[each.engine.name]
    usual = candidate(each.described, each.engine, each.layout, each.kind, policy, ())
    fields = (
        ("batched_tokens", flags.batched_tokens),
        ("sequences", flags.sequences),
        ("kv_dtype", flags.kv_dtype),
        ("eager", flags.eager),
    )
    for field, names in fields:
        argument = last_of(user, names)
        wanted, now = getattr(usual.settings, field), getattr(each.settings, field)
        if argument is not None and wanted != now:
            changed = replace(usual, settings=replace(usual.settings, **{field: now}))
            effect = _effect(usual, changed, choice.fit.context)
            if field == "sequences" and now < policy.concurrency:
                effect += "; more than %d of %d requests wait" % (now, policy.concurrency)
            told = "CUDA graphs" if field == "eager" else wanted
            yield "backend_parameters sets %s; the plan wanted %s: %s" % (argument, told, effect)
    fraction = last_of(user, flags.fraction)
    if fraction is not None:
        yield from _fraction(choice, policy, fraction)
    yield from _attention(each, user)
    for argument in user:
        if argument.flag in _UNCOUNTED:
            yield "%s is not part of the plan: %s" % (argument.flag, _UNCOUNTED[argument.flag])


def _attention(each: Candidate, user: t.Sequence[Argument]) -> t.Iterator[str]:
    """Attention that was chosen by hand and that the engine may not start with."""
    backend, block = last_of(user, ("--attention-backend",)), last_of(user, ("--block-size",))
    name = (backend.value or "") if backend is not None else ""
    reason = unfit_backend(
        each.engine.name, each.settings.release, each.kind.chip, each.described.architecture, "bfloat16", name
    )
    if reason is not None:
        yield "backend_parameters contains --attention-backend=%s, which %s: %s may not start" % (
            name, reason, each.engine.name,
        )  # fmt: skip
    tokens = (block.value or "") if block is not None else ""
    if each.kind.vendor == NVIDIA and tokens.isdigit() and int(tokens) % CUDA_BLOCK:
        yield "backend_parameters contains --block-size=%s; attention on NVIDIA takes multiples of %d: %s" % (
            tokens, CUDA_BLOCK, "%s may not start" % each.engine.name,
        )  # fmt: skip


def _effect(usual: Candidate, changed: Candidate, context: int) -> str:
    """What a setting means for the memory of one GPU."""
    cells = [each.load.cache.bytes_per_token(context) for each in (usual, changed)]
    if cells[0] != cells[1]:
        return "a token takes %.1f KiB of the cache instead of %.1f" % (cells[1] / 1024, cells[0] / 1024)
    more = changed.overhead.total_bytes - usual.overhead.total_bytes
    if more == 0:
        return "no difference to memory"
    return "%s %s for activations and graphs of each GPU" % (gib(abs(more)), "more" if more > 0 else "less")


def _fraction(choice: Choice, policy: Policy, argument: Argument) -> t.Iterator[str]:
    each = choice.candidate
    room = min((slot.room for slot in choice.slots), key=lambda entry: entry.usable_bytes)
    free = replace(each, settings=replace(each.settings, permille=None))
    answer = solve(
        free.load, room, free.budget(room, policy.headroom), target_of(policy, each.layout, each.described)
    )
    if not isinstance(answer, Fit):
        yield "backend_parameters sets %s, which leaves less than the headroom" % argument
    elif answer.permille != choice.fit.permille:
        more = choice.fit.memory.kv_cache_bytes - answer.memory.kv_cache_bytes
        yield "backend_parameters sets %s; the plan wanted %.3f: %s %s for the cache of each GPU" % (
            argument, answer.permille / 1000, gib(abs(more)), "more" if more > 0 else "less",
        )  # fmt: skip
