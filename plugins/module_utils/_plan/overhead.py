# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: memory beside weights and cache, with named coefficients.

Each coefficient belongs to a term and an engine, never to a model. Sources: vLLM's start-up
profile (a dummy run of all batched tokens and sequences) against published start-up logs, and
SGLang's own rule for ``mem_fraction_static`` (server_args.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import Architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import GIB, MIB

# A 16-bit activation holds two bytes; a decoder layer keeps about six hidden-sized buffers alive
# (residual, normed input, query/key/value, attention output) next to those of its MLP.
ACTIVATION_ELEMENT_BYTES = 2
HIDDEN_BUFFERS = 6
ACTIVATION_FLOOR_BYTES = int(0.35 * GIB)

# The sampler keeps four FP32 copies of the logits of every sequence: raw, scaled, sorted, probabilities.
SAMPLER_BYTES_PER_LOGIT = 16

# vLLM captures up to 512 sequences; logs show 0.2 to 1.5 GiB, 0.6 in the middle.
VLLM_GRAPHS_BYTES = int(0.6 * GIB)

# CUDA context and cuBLAS workspace; a tensor-parallel group adds NCCL and all-reduce buffers.
RUNTIME_BYTES_ALONE = int(0.35 * GIB)
RUNTIME_BYTES_IN_GROUP = int(0.9 * GIB)

SGLANG_METADATA_MIB = 512
SGLANG_MIB_PER_CHUNK_TOKEN = 1.5
SGLANG_SMALLEST_CHUNK = 2048
SGLANG_MIB_PER_RANK = 1024 / 8
SGLANG_MIB_PER_GRAPH_SEQUENCE = 2
SGLANG_LARGE_CARD_BYTES = 60 * GIB
SGLANG_LARGE_CARD_RESERVE_BYTES = 10 * GIB


@dataclass(frozen=True)
class Overhead:
    """Bytes per GPU that are neither weights nor cache."""

    activation_bytes: int
    runtime_bytes: int
    graphs_bytes: int

    @property
    def total_bytes(self) -> int:
        return self.activation_bytes + self.runtime_bytes + self.graphs_bytes


def peak_overhead(
    arch: Architecture, tensor: int, batched_tokens: int, sequences: int, eager: bool
) -> Overhead:
    """The peak of a forward pass over ``batched_tokens`` plus sampling of ``sequences`` rows."""
    buffers = HIDDEN_BUFFERS * arch.hidden + _mlp_buffers(arch, tensor)
    activation = batched_tokens * ACTIVATION_ELEMENT_BYTES * buffers
    sampler = SAMPLER_BYTES_PER_LOGIT * sequences * arch.vocabulary
    return Overhead(
        activation_bytes=max(ACTIVATION_FLOOR_BYTES, activation + sampler),
        runtime_bytes=RUNTIME_BYTES_ALONE if tensor == 1 else RUNTIME_BYTES_IN_GROUP,
        graphs_bytes=0 if eager else VLLM_GRAPHS_BYTES,
    )


def _mlp_buffers(arch: Architecture, tensor: int) -> int:
    """Elements per token: gate and up projection, for each expert that a token visits."""
    dense = 2 * arch.mlp_width // tensor if arch.dense_layers else 0
    if arch.experts is None:
        return dense
    routed = arch.experts.per_token * (arch.hidden + 2 * arch.experts.width // tensor)
    return max(dense, routed)


def sglang_reserve_bytes(total_bytes: int, tensor: int, chunk_tokens: int, sequences: int) -> int:
    """What SGLang itself keeps out of weights and cache by default."""
    mib = (
        SGLANG_METADATA_MIB
        + SGLANG_MIB_PER_CHUNK_TOKEN * max(chunk_tokens, SGLANG_SMALLEST_CHUNK)
        + SGLANG_MIB_PER_RANK * tensor
        + SGLANG_MIB_PER_GRAPH_SEQUENCE * sequences
    )
    reserve = int(mib * MIB)
    if total_bytes > SGLANG_LARGE_CARD_BYTES:
        return max(reserve, SGLANG_LARGE_CARD_RESERVE_BYTES)
    return reserve
