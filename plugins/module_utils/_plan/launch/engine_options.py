# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How engines spell what the planner decides, read and written."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    count_of,
    last_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import (
    parallel_arguments,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.llama_cpp import SLOTS, STEP
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.cache_types import (
    CACHE_TYPES,
    WIDE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    LLAMA_CPP,
    MINDIE,
    SGLANG,
    VLLM,
    Engine,
    Settings,
)


@dataclass(frozen=True)
class Flags:
    """Spellings of what the planner decides; the first of each is the one that is written."""

    context: t.Tuple[str, ...]
    fraction: t.Tuple[str, ...]
    batched_tokens: t.Tuple[str, ...]
    sequences: t.Tuple[str, ...]
    kv_dtype: t.Tuple[str, ...]
    eager: t.Tuple[str, ...]
    dtype: t.Tuple[str, ...] = ("--dtype",)
    quantization: t.Tuple[str, ...] = ("--quantization", "-q")


VLLM_FLAGS = Flags(
    context=("--max-model-len",),
    fraction=("--gpu-memory-utilization",),
    batched_tokens=("--max-num-batched-tokens",),
    sequences=("--max-num-seqs",),
    kv_dtype=("--kv-cache-dtype",),
    eager=("--enforce-eager",),
)

SGLANG_FLAGS = Flags(
    context=("--context-length",),
    fraction=("--mem-fraction-static",),
    batched_tokens=("--chunked-prefill-size",),
    sequences=("--max-running-requests",),
    kv_dtype=("--kv-cache-dtype",),
    eager=("--disable-cuda-graph", "--disable-decode-cuda-graph", "--cuda-graph-backend-decode=disabled"),
)

# As GPUStack 2.3 reads them (ascend_mindie.py). The tokens of a step follow from the context.
MINDIE_FLAGS = Flags(
    context=("--max-seq-len",),
    fraction=("--npu-memory-fraction",),
    batched_tokens=(),
    sequences=("--max-batch-size",),
    kv_dtype=(),
    eager=("--enforce-eager",),
)

# What else llama.cpp's arguments decide is in engines/llama_cpp.py.
LLAMA_CPP_FLAGS = Flags(
    context=(),
    fraction=(),
    batched_tokens=STEP,
    sequences=SLOTS,
    kv_dtype=(),
    eager=(),
    dtype=(),
    quantization=(),
)

FLAGS = {
    VLLM.name: VLLM_FLAGS,
    SGLANG.name: SGLANG_FLAGS,
    MINDIE.name: MINDIE_FLAGS,
    LLAMA_CPP.name: LLAMA_CPP_FLAGS,
}


def settings_of(
    engine: Engine,
    total_bytes: int,
    concurrency: int,
    user: t.Sequence[Argument],
    kv_dtype: str,
    version: t.Optional[str] = None,
    release: Release = NEWEST,
) -> Settings:
    """Step sizes for a card of this size, with what the user's arguments say of them.

    :raises InvalidInput: an argument of the user has a value that makes no sense.
    """
    flags, planned = FLAGS[engine.name], engine.defaults(total_bytes, concurrency, kv_dtype)
    fraction = last_of(user, flags.fraction)
    tokens, sequences = _step(engine, user, planned)
    return replace(
        planned,
        batched_tokens=tokens,
        sequences=sequences,
        kv_dtype=_kv_dtype(user, flags.kv_dtype, kv_dtype),
        eager=any(argument.flag in flags.eager or str(argument) in flags.eager for argument in user),
        permille=None if fraction is None else _permille(fraction),
        version=version,
        release=release,
    )


def planned_arguments(
    engine: Engine, context: int, layout: Layout, permille: int, chosen: Settings
) -> t.List[Argument]:
    """What the plan decided, as arguments of ``engine``; ``permille`` is its fraction in thousandths."""
    flags = FLAGS[engine.name]
    planned = [Argument(flags.context[0], str(context))]
    planned += parallel_arguments(engine.name, layout)
    planned.append(Argument(flags.fraction[0], "%.3f" % (permille / 1000)))
    if flags.batched_tokens:
        planned.append(Argument(flags.batched_tokens[0], str(chosen.batched_tokens)))
    return [*planned, Argument(flags.sequences[0], str(chosen.sequences))]


def _step(engine: Engine, user: t.Sequence[Argument], planned: Settings) -> t.Tuple[int, int]:
    """Tokens and sequences of a step. vLLM does not start with fewer tokens than sequences."""
    flags = FLAGS[engine.name]
    tokens, sequences = count_of(user, flags.batched_tokens), count_of(user, flags.sequences)
    if engine is VLLM and tokens is not None and sequences is not None and tokens < sequences:
        raise InvalidInput(
            "%s=%d is less than %s=%d, with which vLLM does not start"
            % (flags.batched_tokens[0], tokens, flags.sequences[0], sequences),
            hint="Each sequence of a step takes at least one of its tokens.",
            parameter=flags.batched_tokens[0],
        )
    if engine is VLLM and tokens is not None:
        return tokens, sequences or min(planned.sequences, tokens)
    if engine is VLLM and sequences is not None:
        return max(planned.batched_tokens, sequences), sequences
    return tokens or planned.batched_tokens, sequences or planned.sequences


def _kv_dtype(user: t.Sequence[Argument], flags: t.Sequence[str], default: str) -> str:
    argument = last_of(user, flags)
    if argument is None:
        return default
    if argument.value is None or argument.value not in CACHE_TYPES or argument.value == WIDE:
        raise InvalidInput(
            "backend_parameters contains %s, a cache type that cannot be sized" % argument,
            hint="Use one of: %s." % ", ".join(sorted(set(CACHE_TYPES) - {WIDE})),
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
