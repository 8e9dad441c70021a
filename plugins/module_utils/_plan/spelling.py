# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: how engines spell what the planner decides, read and written."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import (
    SGLANG,
    VLLM,
    Engine,
    Settings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kv_cache import ELEMENT_BYTES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layout import Layout


@dataclass(frozen=True)
class Flags:
    """Spellings of what the planner decides; the first of each is the one that is written.

    ``expert``: spreads whole experts over the group, as a switch or with the group's size.
    """

    context: t.Tuple[str, ...]
    tensor: t.Tuple[str, ...]
    other_parallel: t.Tuple[str, ...]
    fraction: t.Tuple[str, ...]
    batched_tokens: t.Tuple[str, ...]
    sequences: t.Tuple[str, ...]
    kv_dtype: t.Tuple[str, ...]
    eager: t.Tuple[str, ...]
    expert: str
    expert_is_switch: bool
    dtype: t.Tuple[str, ...] = ("--dtype",)
    quantization: str = "--quantization"


VLLM_FLAGS = Flags(
    context=("--max-model-len",),
    tensor=("--tensor-parallel-size", "-tp"),
    other_parallel=("--pipeline-parallel-size", "-pp", "--data-parallel-size", "-dp"),
    fraction=("--gpu-memory-utilization",),
    batched_tokens=("--max-num-batched-tokens",),
    sequences=("--max-num-seqs",),
    kv_dtype=("--kv-cache-dtype",),
    eager=("--enforce-eager",),
    expert="--enable-expert-parallel",
    expert_is_switch=True,
)

SGLANG_FLAGS = Flags(
    context=("--context-length",),
    tensor=("--tp-size", "--tensor-parallel-size", "--tp"),
    other_parallel=("--pp-size", "--pipeline-parallel-size", "--dp-size", "--data-parallel-size", "--dp"),
    fraction=("--mem-fraction-static",),
    batched_tokens=("--chunked-prefill-size",),
    sequences=("--max-running-requests",),
    kv_dtype=("--kv-cache-dtype",),
    eager=("--disable-cuda-graph",),
    expert="--ep-size",
    expert_is_switch=False,
)

FLAGS = {VLLM.name: VLLM_FLAGS, SGLANG.name: SGLANG_FLAGS}


def settings_of(
    engine: Engine, total_bytes: int, concurrency: int, user: t.Sequence[Argument], kv_dtype: str
) -> Settings:
    """Step sizes for a card of this size, with what the user's arguments say of them.

    :raises InvalidInput: an argument of the user has a value that makes no sense.
    """
    flags, planned = FLAGS[engine.name], engine.defaults(total_bytes, concurrency, kv_dtype)
    fraction = _value(user, flags.fraction)
    return replace(
        planned,
        batched_tokens=_count(user, flags.batched_tokens, planned.batched_tokens),
        sequences=_count(user, flags.sequences, planned.sequences),
        kv_dtype=_kv_dtype(user, flags.kv_dtype, planned.kv_dtype),
        eager=any(argument.flag in flags.eager for argument in user),
        permille=None if fraction is None else _permille(fraction),
    )


def planned_arguments(
    engine: Engine, context: int, layout: Layout, permille: int, chosen: Settings
) -> t.List[Argument]:
    """What the plan decided, as arguments of ``engine``; ``permille`` is its fraction in thousandths."""
    flags = FLAGS[engine.name]
    planned = [Argument(flags.context[0], str(context))]
    if layout.tensor > 1:
        planned.append(Argument(flags.tensor[0], str(layout.tensor)))
    if layout.pipeline > 1:
        planned.append(Argument(flags.other_parallel[0], str(layout.pipeline)))
    if layout.expert:
        size = None if flags.expert_is_switch else str(layout.tensor)
        planned.append(Argument(flags.expert, size))
    return planned + [
        Argument(flags.fraction[0], "%.3f" % (permille / 1000)),
        Argument(flags.batched_tokens[0], str(chosen.batched_tokens)),
        Argument(flags.sequences[0], str(chosen.sequences)),
    ]


def refuse_planned_flags(engine: Engine, user: t.Sequence[Argument]) -> None:
    """Some flags have an option of their own, and the plan is only right with it.

    :raises InvalidInput: the user sets one of them as an engine argument.
    """
    owned = {flag: "context_tokens" for flag in FLAGS[engine.name].context}
    owned.update({flag: "tensor_parallel" for flag in FLAGS[engine.name].tensor})
    for argument in user:
        if argument.flag in owned:
            raise InvalidInput(
                "backend_parameters contains %s, which the plan decides" % argument,
                hint="Use the option %s instead, so that the plan is checked against it."
                % owned[argument.flag],
                parameter=argument.flag,
            )
        if argument.flag in FLAGS[engine.name].other_parallel and argument.value != "1":
            raise InvalidInput(
                "backend_parameters contains %s, which the plan decides within one host" % argument,
                hint="Remove it, and use the options tensor_parallel and replicas.",
                parameter=argument.flag,
            )


def overridden(engine: Engine, user: t.Sequence[Argument]) -> t.List[Argument]:
    """The user's arguments that take the place of a value that the plan would have chosen."""
    flags = FLAGS[engine.name]
    planned = flags.fraction + flags.batched_tokens + flags.sequences + flags.kv_dtype + flags.eager
    return [argument for argument in user if argument.flag in planned]


def _value(user: t.Sequence[Argument], flags: t.Sequence[str]) -> t.Optional[Argument]:
    return next((argument for argument in reversed(user) if argument.flag in flags), None)


def _count(user: t.Sequence[Argument], flags: t.Sequence[str], default: int) -> int:
    argument = _value(user, flags)
    if argument is None:
        return default
    if not (argument.value or "").isdigit() or int(argument.value or 0) < 1:
        raise InvalidInput(
            "backend_parameters contains %s, which is not a positive whole number" % argument,
            hint="Write it as %s=N." % argument.flag,
            parameter=argument.flag,
        )
    return int(argument.value or 0)


def _kv_dtype(user: t.Sequence[Argument], flags: t.Sequence[str], default: str) -> str:
    argument = _value(user, flags)
    if argument is None:
        return default
    if argument.value not in ELEMENT_BYTES:
        raise InvalidInput(
            "backend_parameters contains %s, a cache type that cannot be sized" % argument,
            hint="Use one of: %s." % ", ".join(sorted(ELEMENT_BYTES)),
            parameter=argument.flag,
        )
    return argument.value


def _permille(argument: Argument) -> int:
    try:
        fraction = float(argument.value or "")
    except ValueError:
        fraction = 0.0
    if not 0.0 < fraction <= 1.0:
        raise InvalidInput(
            "backend_parameters contains %s, which is not a fraction between 0 and 1" % argument,
            hint="Write it as %s=0.9, or leave it out: the plan solves for it." % argument.flag,
            parameter=argument.flag,
        )
    return int(round(fraction * 1000))
