# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a layer of a model is made of. Values only.

A layer mixes tokens (attention, a recurrent state, or both) and then feeds each forward (a dense
MLP, routed experts, or both); either half may be missing in pruned and hybrid models.
"""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div


@dataclass(frozen=True)
class Indexer:
    """The token selector of sparse attention. ``cached`` is False where it borrows another layer's.

    ``pool``: tokens that share one key.
    """

    heads: int
    head_dim: int
    cached: bool = True
    pool: int = 1


# An indexer's key: FP8 values with an FP32 scale for each 128.
INDEXER_VALUES_PER_SCALE = 128
INDEXER_SCALE_BYTES = 4


def indexer_cell(indexer: t.Optional[Indexer]) -> int:
    """Bytes that an indexer keeps of each token, rounded up; 0 where a layer has none of its own."""
    if indexer is None or not indexer.cached:
        return 0
    key = indexer.head_dim + indexer.head_dim // INDEXER_VALUES_PER_SCALE * INDEXER_SCALE_BYTES
    return ceil_div(key, indexer.pool)


@dataclass(frozen=True)
class Grouped:
    """Softmax attention with shared key-value heads (MHA, GQA, MQA).

    ``window`` in tokens, None where it sees the whole context. ``keys_are_values``: one cached
    vector and no value projection. ``owns_cache`` is False where the layer reads another layer's.
    ``owns_weights`` is False where layers share one block of weights, which is a part of the model.
    ``index_dim``: elements per token of a block-sparse index cache. ``memory_tokens``: tokens of an
    encoder that a cross-attention layer looks at instead of the context.
    """

    heads: int
    kv_heads: int
    key_dim: int
    value_dim: int
    window: t.Optional[int] = None
    gated: bool = False
    keys_are_values: bool = False
    owns_cache: bool = True
    owns_weights: bool = True
    index_dim: int = 0
    memory_tokens: t.Optional[int] = None


@dataclass(frozen=True)
class Latent:
    """Multi-head latent attention: one vector of ``latent_rank + rope_dim`` elements per token.

    ``unpacked_cache``: engines keep keys and values of all heads instead, both as wide as a key.
    """

    heads: int
    query_rank: t.Optional[int]
    latent_rank: int
    nope_dim: int
    rope_dim: int
    value_dim: int
    gated: bool = False
    indexer: t.Optional[Indexer] = None
    unpacked_cache: bool = False


@dataclass(frozen=True)
class Compressed:
    """Compressed sparse attention (DeepSeek V4): one cell for each ``ratio`` tokens, and a window.

    ``ratio`` 0: the window only. Queries and outputs go through low ranks.
    """

    heads: int
    head_dim: int
    query_rank: int
    output_rank: int
    output_groups: int
    ratio: int
    window: int
    indexer: t.Optional[Indexer] = None


# A kind of recurrent layer by what vLLM calls it; the first Mamba is only "mamba".
MAMBA2 = "mamba2"


@dataclass(frozen=True)
class Recurrent:
    """A layer whose memory of the past has a fixed size (Mamba, GDN, KDA, lightning, short conv).

    ``parameters`` of the whole layer; ``conv_elements`` and ``state_elements`` of one request, the
    latter of ``state_bytes`` each. A group of GPUs divides ``heads`` and ``key_heads``.
    """

    kind: str
    parameters: int
    heads: int
    key_heads: int
    conv_elements: int
    state_elements: int
    state_bytes: int


Mixer = t.Union[Grouped, Latent, Compressed, Recurrent]


@dataclass(frozen=True)
class Experts:
    """Routed experts. ``input_width`` is the hidden size, or the smaller latent width they work in.

    ``shared_width`` is the summed width of the experts that every token visits.
    """

    count: int
    per_token: int
    width: int
    shared_width: int
    input_width: int


@dataclass(frozen=True)
class Layer:
    """``mlp_width`` 0: no dense MLP. ``matrices``: 3 where the MLP is gated, 2 where not."""

    mixers: t.Tuple[Mixer, ...]
    mlp_width: int
    experts: t.Optional[Experts]
    matrices: int = 3

    @property
    def window(self) -> t.Optional[int]:
        return next((m.window for m in self.mixers if isinstance(m, Grouped)), None)

    @property
    def routed(self) -> bool:
        return self.experts is not None


class Part(t.NamedTuple):
    """Parameters outside the decoder layers, always in 16 bits; ``role`` as in weights.py."""

    role: str
    parameters: int


@dataclass(frozen=True)
class Architecture:
    """Everything about a model that memory and parallelism depend on.

    ``position_limit`` is the longest context in tokens that the model was made for.
    ``draft_layers``: MTP layers that lie in the files and are loaded for speculation only; with
    ``draft_embeddings`` they bring copies of embedding and head. ``generates`` is False for
    encoders, embeddings and rerankers, which keep no cache. ``confident`` is False where the
    family is unknown and the numbers are upper bounds.
    """

    family: str
    hidden: int
    vocabulary: int
    layers: t.Tuple[Layer, ...]
    tied_embeddings: bool
    dtype: str
    position_limit: int
    parts: t.Tuple[Part, ...] = ()
    draft_layers: int = 0
    draft_embeddings: bool = False
    multimodal: bool = False
    generates: bool = True
    confident: bool = True
    remote_code: bool = False

    def mixers(self) -> t.Iterator[Mixer]:
        for layer in self.layers:
            yield from layer.mixers

    @functools.cached_property
    def mixer_counts(self) -> t.Dict[Mixer, int]:
        """How many layers have each distinct mixer, in the order of their first layer."""
        counts: t.Dict[Mixer, int] = {}
        for mixer in self.mixers():
            counts[mixer] = counts.get(mixer, 0) + 1
        return counts

    @functools.cached_property
    def distinct_layers(self) -> t.Tuple[Layer, ...]:
        return tuple(dict.fromkeys(self.layers))

    @functools.cached_property
    def experts(self) -> t.Optional[Experts]:
        return next((layer.experts for layer in self.layers if layer.experts is not None), None)

    @property
    def mlp_width(self) -> int:
        """Width of the widest dense MLP, 0 where there is none."""
        return max((layer.mlp_width for layer in self.layers), default=0)

    @functools.cached_property
    def kv_heads(self) -> int:
        """The fewest key-value heads of any layer: as far as keys and values divide."""
        return min((m.kv_heads for m in self.mixer_counts if isinstance(m, Grouped)), default=1)

    @functools.cached_property
    def routed_layers(self) -> int:
        return sum(layer.routed for layer in self.layers)
