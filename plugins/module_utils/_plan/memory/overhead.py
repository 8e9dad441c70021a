# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Memory that is neither weights nor cache.

Every coefficient belongs to an engine or a term, not to a model. Two sources: the peak that vLLM
measures in its profile (a dummy pass over all batched tokens, then sampling for all sequences), and
SGLang's own rule for ``mem_fraction_static`` (server_args.py).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, MIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Latent,
    Layer,
    indexer_cell,
)

# A 16-bit activation holds two bytes; a decoder layer keeps about six hidden-sized buffers alive
# (residual, normed input, query/key/value, attention output) next to those of its MLP.
ACTIVATION_ELEMENT_BYTES = 2
HIDDEN_BUFFERS = 6
ACTIVATION_FLOOR_BYTES = int(0.35 * GIB)

# Bytes for each logit while a row is sampled. vLLM (sampler.py, topk_topp_sampler.py): BF16 logits 2,
# FP32 copy 4, sorted values 4 and their int64 indices 8, probabilities 4, cumulative sum 4, two masks
# 2, scattered result 4, and 4 of the sort's buffer. Start-up logs of three vocabularies give 34 to
# 41. SGLang's fused kernels keep the logits, an FP32 copy and a result.
VLLM_SAMPLER_BYTES = 36
SGLANG_SAMPLER_BYTES = 10

# What vLLM's dense latent attention sets aside to read the cached past of long prompts: at most so many
# tokens at once (mla_attention.py), as latent vectors and as the keys and values of a rank's heads.
LATENT_PAST_TOKENS = 64 * 1024

# Prompts that vLLM's sparse latent attention gathers at once, as multiples of the longest context: latent
# vectors unpacked from an FP8 cache (flashmla_sparse.py), keys of its indexer from any (indexer.py). Both
# buffers lie where the experts' workspace lies. The indexer's scores take so many bytes at most.
SPARSE_PROMPTS = 5
INDEXER_PROMPTS = 40
INDEXER_SCORES_BYTES = 512 * MIB

# CUDA graphs: logs show 0.2 to 1.5 GiB, 0.6 in the middle, for the full set of batch sizes, which
# grows to twice the sequences and at most 512 (vllm/config/compilation.py): 1, 2, 4, then every 8th
# up to 256 and every 16th from there.
FULL_GRAPHS_BYTES = int(0.6 * GIB)
LARGEST_GRAPH_SEQUENCES = 512

# CUDA context and cuBLAS workspace; NCCL and all-reduce buffers of a group come on top
# (aiconfigurator's tables: 342 MiB for two GPUs, 392 from four on).
RUNTIME_BYTES_ALONE = int(0.35 * GIB)
GROUP_BYTES = ((4, 392 * MIB), (2, 342 * MIB), (1, 0))

SGLANG_METADATA_MIB = 512
SGLANG_MIB_PER_CHUNK_TOKEN = 1.5
SGLANG_SMALLEST_CHUNK = 2048
SGLANG_MIB_PER_RANK = 1024 / 8
SGLANG_MIB_PER_GRAPH_SEQUENCE = 2
SGLANG_MLA_PREFILL_GRAPHS_MIB = 1536
# From here on SGLang captures graphs of prefills, too.
SGLANG_PREFILL_GRAPHS: Release = (0, 5, 10)
SGLANG_MIB_PER_DP_SEQUENCE = 3
SGLANG_MIB_PER_MANY_DP_SEQUENCES = 1.5
SGLANG_MANY_SEQUENCES = 300
SGLANG_LARGE_CARD_BYTES = 60 * GIB
SGLANG_LARGE_CARD_RESERVE_BYTES = 10 * GIB

# Sequences that SGLang captures, by memory of the card: (below GiB, TP below 4, TP from 4).
_SGLANG_GRAPH_SEQUENCES = (
    (20, 8, 8), (35, 48, 160), (60, 32, 160), (90, 256, 512), (160, 256, 512), (10**6, 512, 512),
)  # fmt: skip


@dataclass(frozen=True)
class Overhead:
    """Bytes per GPU that are neither weights nor cache.

    ``per_context_token``: of a buffer for the longest context, which finds ``workspace_bytes`` of the
    activations in place.
    """

    activation_bytes: int
    runtime_bytes: int
    graphs_bytes: int
    per_context_token: int = 0
    workspace_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        return self.activation_bytes + self.runtime_bytes + self.graphs_bytes

    def context_bytes(self, tokens: int) -> int:
        """What a longest context of ``tokens`` takes beyond ``total_bytes``, whatever the requests."""
        return max(0, self.per_context_token * tokens - self.workspace_bytes)


@dataclass(frozen=True)
class Step:
    """The largest step of an engine: prefill tokens, sampled sequences, and bytes for each logit.

    ``past_tokens`` that latent attention reads at once, 0 where it has no buffers for them;
    ``packed_cache``: the cache is in FP8.
    """

    tokens: int
    sequences: int
    sampler_bytes: int
    eager: bool = False
    past_tokens: int = 0
    packed_cache: bool = False


def peak_overhead(arch: Architecture, tensor: int, step: Step, gpus: t.Optional[int] = None) -> Overhead:
    """The peak of a forward pass and of the sampling that follows it, on one of ``gpus`` (or ``tensor``).

    Both find the experts' workspace in place; sampling finds the pass's hidden states, too, but no
    buffers of its layers any more. Encoders sample nothing.
    """
    row = step.tokens * ACTIVATION_ELEMENT_BYTES
    mlp = row * max(_mlp_buffers(each, tensor) for each in arch.distinct_layers)
    latent, unpacked = _past_buffers(arch, tensor, step.past_tokens)
    forward = row * HIDDEN_BUFFERS * arch.hidden + max(mlp, unpacked)
    sampling = row * arch.hidden + step.sampler_bytes * step.sequences * arch.vocabulary
    workspace = row * max(_expert_buffers(each, tensor) for each in arch.distinct_layers)
    peak = workspace + latent + max(forward, sampling if arch.generates else 0)
    return Overhead(
        activation_bytes=max(ACTIVATION_FLOOR_BYTES, peak),
        runtime_bytes=runtime_bytes(gpus or tensor),
        graphs_bytes=0 if step.eager else graphs_bytes(step.sequences),
        per_context_token=_sparse_buffer(arch, step.packed_cache) if step.past_tokens else 0,
        workspace_bytes=workspace,
    )


def _past_buffers(arch: Architecture, tensor: int, tokens: int) -> t.Tuple[int, int]:
    """Bytes for ``tokens`` of the past in latent attention: latent vectors; keys and values, or scores."""
    mixers = [mixer for mixer in arch.mixer_counts if isinstance(mixer, Latent)]
    dense = [mixer for mixer in mixers if mixer.indexer is None]
    each = ACTIVATION_ELEMENT_BYTES * tokens
    latent = max((mixer.latent_rank + mixer.rope_dim for mixer in dense), default=0)
    unpacked = max((mixer.heads // tensor * (mixer.nope_dim + mixer.value_dim) for mixer in dense), default=0)
    scores = INDEXER_SCORES_BYTES if tokens and len(dense) < len(mixers) else 0
    return each * latent, max(each * unpacked, scores)


def _sparse_buffer(arch: Architecture, packed: bool) -> int:
    """Bytes for each token of the longest context in sparse latent attention."""
    found = [0]
    for mixer in arch.mixer_counts:
        if isinstance(mixer, Latent) and mixer.indexer is not None:
            found.append(INDEXER_PROMPTS * indexer_cell(mixer.indexer))
            width = mixer.latent_rank + mixer.rope_dim
            found.append(SPARSE_PROMPTS * ACTIVATION_ELEMENT_BYTES * width if packed else 0)
    return max(found)


def runtime_bytes(gpus: int) -> int:
    """What each of ``gpus`` that work together holds outside the engine's own allocator."""
    return RUNTIME_BYTES_ALONE + next(size for least, size in GROUP_BYTES if gpus >= least)


def graphs_bytes(sequences: int) -> int:
    """CUDA graphs for steps of up to ``sequences``, as a share of the full set."""
    captured = _captured_sizes(min(2 * sequences, LARGEST_GRAPH_SEQUENCES))
    return FULL_GRAPHS_BYTES * captured // _captured_sizes(LARGEST_GRAPH_SEQUENCES)


def _captured_sizes(largest: int) -> int:
    small = sum(size <= largest for size in (1, 2, 4))
    return small + min(largest, 256) // 8 + max(0, largest - 256) // 16


def _mlp_buffers(layer: Layer, tensor: int) -> int:
    """Elements per token: gate and up projection of a dense MLP."""
    return 2 * layer.mlp_width // tensor


def _expert_buffers(layer: Layer, tensor: int) -> int:
    """Elements per token of the fused experts' workspaces (fused_moe.py): in- and output share one,
    the activation between has its own, for each expert that a token visits.
    """
    if layer.experts is None:
        return 0
    share = layer.experts.width // tensor
    return layer.experts.per_token * (max(2 * share, layer.experts.input_width) + share)


class SglangLayout(t.NamedTuple):
    """What SGLang's reserve depends on beside the card. ``data``: ranks of data-parallel attention."""

    tensor: int
    pipeline: int
    data: int
    chunk_tokens: int
    release: Release = NEWEST


def sglang_reserve_bytes(arch: Architecture, total_bytes: int, layout: SglangLayout) -> int:
    """What SGLang itself keeps out of weights and cache by default."""
    sequences = sglang_graph_sequences(total_bytes, layout.tensor)
    mib = (
        SGLANG_METADATA_MIB
        + SGLANG_MIB_PER_CHUNK_TOKEN * max(layout.chunk_tokens, SGLANG_SMALLEST_CHUNK)
        + SGLANG_MIB_PER_RANK * layout.tensor * layout.pipeline
        + SGLANG_MIB_PER_GRAPH_SEQUENCE * sequences
    )
    latent = any(isinstance(mixer, Latent) for mixer in arch.mixer_counts)
    if latent and layout.release >= SGLANG_PREFILL_GRAPHS:
        mib += SGLANG_MLA_PREFILL_GRAPHS_MIB
    if layout.data > 1:
        mib += SGLANG_MIB_PER_DP_SEQUENCE * sequences * layout.data
        if sequences > SGLANG_MANY_SEQUENCES:
            mib += SGLANG_MIB_PER_MANY_DP_SEQUENCES * sequences * layout.data
    reserve = int(mib * MIB)
    if total_bytes > SGLANG_LARGE_CARD_BYTES:
        return max(reserve, SGLANG_LARGE_CARD_RESERVE_BYTES)
    return reserve


def sglang_graph_sequences(total_bytes: int, tensor: int) -> int:
    """The largest batch that SGLang captures as a CUDA graph on a card of this size."""
    row = next(row for row in _SGLANG_GRAPH_SEQUENCES if total_bytes < row[0] * GIB)
    return row[1] if tensor < 4 else row[2]
