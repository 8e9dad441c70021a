# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a model in GGUF needs, from the header of its file.

No engine that GPUStack brings serves GGUF, so that such a repository is refused, with its numbers.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    Repository,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import (
    Weights,
    from_tensors,
)

# llama.cpp keeps its cache in 16 bits unless it is told otherwise.
CACHE_ELEMENT_BYTES = 2

# What a layer keeps of each token: keys and values, or the one latent vector of latent attention.
_CACHED = re.compile(r"^blk\.\d+\.attn_(?:k|v|kv_a_mqa)\.weight$")
_FUSED = re.compile(r"^blk\.\d+\.attn_qkv\.weight$")

SHOWN_MODELS = 3


def gguf_weights(model: GgufModel) -> t.Optional[Weights]:
    """Exact bytes by role; None where no header was read."""
    return (
        None if model.tensors is None else from_tensors(model.tensors, _number(model, "block_count") or 10**6)
    )


def cache_bytes_per_token(model: GgufModel) -> t.Optional[int]:
    """Bytes that all layers keep of a token, windows taken for whole: an upper bound.

    The rows of a layer's own key and value projections say how much that is, whatever the layer. None
    where no header was read, or where heads cannot be told apart.
    """
    if model.tensors is None:
        return None
    kept = sum(tensor.shape[0] for tensor in model.tensors if _CACHED.match(tensor.name))
    fused = [tensor for tensor in model.tensors if _FUSED.match(tensor.name)]
    rows = sum(_fused_rows(model, tensor) for tensor in fused)
    return CACHE_ELEMENT_BYTES * (kept + rows) if kept + rows else None


def _fused_rows(model: GgufModel, tensor: Tensor) -> int:
    """Rows of keys and values within one projection of queries, keys and values."""
    heads, shared = _number(model, "attention.head_count"), _number(model, "attention.head_count_kv")
    if not heads:
        return 0
    shared = shared or heads
    return tensor.shape[0] * 2 * shared // (heads + 2 * shared)


def gguf_refusal(repository: Repository) -> NotServable:
    """Why a repository without any other weights is not planned, and what its models would take."""
    models = sorted(repository.gguf, key=lambda each: each.size_bytes)
    told = [_told(model) for model in models[:SHOWN_MODELS]]
    if len(models) > len(told):
        told.append("and %d more" % (len(models) - len(told)))
    return NotServable(
        "%s has weights in GGUF only (%s), and no engine that GPUStack brings serves them"
        % (repository.ref, "; ".join(told)),
        hint="Name a safetensors repository of the model, or run llama.cpp as a custom backend of GPUStack.",
        repository=repository.ref.name,
    )


def _told(model: GgufModel) -> str:
    name = model.paths[0].rsplit("/", 1)[-1]
    weights, cache = gguf_weights(model), cache_bytes_per_token(model)
    if weights is None:
        return "%s: %s" % (name, gib(model.size_bytes))
    needs = "%s: %s of weights" % (name, gib(weights.total_bytes))
    return needs if cache is None else "%s and %s for 8192 tokens" % (needs, gib(cache * 8192))


def _number(model: GgufModel, key: str) -> int:
    """A number of the model's own architecture; 0 where the header has none."""
    value = model.metadata.get("%s.%s" % (model.metadata.get("general.architecture"), key))
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
