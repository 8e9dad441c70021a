# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each layer of a config mixes tokens, with all its sizes."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    Config,
    compress_ratios,
    first,
    layer_fields,
    required,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import (
    GATED_ATTENTION,
    SHARED_BLOCKS,
    UNPACKED_LATENT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layer_order import (
    CHUNKED,
    FULL,
    PARALLEL,
    SLIDING,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Compressed,
    Grouped,
    Indexer,
    Latent,
    Mixer,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.recurrent_layers import (
    read_recurrent,
)

ATTENTION = frozenset((FULL, SLIDING, CHUNKED, PARALLEL))


def read_mixers(text: Config, family: str, kind: str, index: int, count: int) -> t.Tuple[Mixer, ...]:
    """The mixers of layer ``index`` of ``count``, which is of ``kind``.

    :raises NotServable: a size that the kind needs is missing.
    """
    text = layer_fields(text, index)
    recurrent = read_recurrent(text, family, kind)
    found: t.Tuple[Mixer, ...] = () if recurrent is None else (recurrent,)
    if kind not in ATTENTION:
        return found
    ratios = compress_ratios(text)
    if ratios is not None:
        return (_compressed(text, family, ratios[index]),)
    if first(text, "kv_lora_rank"):
        return (*found, _latent(text, family, index))
    blocks = text.get("block_configs")
    if isinstance(blocks, list):
        return _pruned(text, family, blocks[index])
    return (*found, _grouped(text, family, kind, index, count))


def _heads(text: Config, family: str) -> t.Tuple[int, int, int]:
    """Query heads, key-value heads, and the size of a head."""
    heads = required(text, "num_attention_heads", family)
    kv_heads = first(
        text, "num_key_value_heads", "num_kv_heads", "n_head_kv", "num_attention_groups", "kv_n_heads"
    )
    if text.get("multi_query_attention"):
        kv_heads = first(text, "multi_query_group_num") or kv_heads
    elif text.get("multi_query") and not text.get("new_decoder_architecture"):
        kv_heads = 1
    size = first(text, "head_dim", "attention_head_dim", "kv_channels", "d_kv")
    hidden = required(text, "hidden_size", family)
    if not size and hidden % heads:
        raise ValueError(
            "there is no head_dim, and hidden_size %d is not a multiple of %d heads" % (hidden, heads)
        )
    return heads, kv_heads or heads, size or hidden // heads


def _grouped(text: Config, family: str, kind: str, index: int, count: int) -> Grouped:
    heads, kv_heads, size = _heads(text, family)
    value = first(text, "v_head_dim") or size
    if kind in (SLIDING, CHUNKED):
        heads = first(text, "swa_num_attention_heads") or heads
        kv_heads = first(text, "swa_num_key_value_heads") or kv_heads
        size = first(text, "swa_head_dim") or size
        value = first(text, "swa_v_head_dim", "swa_head_dim") or value
    elif first(text, "global_head_dim"):
        kv_heads = first(text, "num_global_key_value_heads") or kv_heads
        size = value = first(text, "global_head_dim")
    shared = first(text, "num_kv_shared_layers")
    window = {
        SLIDING: first(text, "sliding_window", "sliding_window_size"),
        CHUNKED: first(text, "attention_chunk_size"),
    }
    return Grouped(
        heads=heads,
        kv_heads=kv_heads,
        key_dim=size,
        value_dim=value,
        window=window.get(kind),
        gated=_is_gated(text, family),
        keys_are_values=kind == FULL and bool(text.get("attention_k_eq_v")),
        owns_cache=index < count - shared,
        owns_weights=family not in SHARED_BLOCKS,
        index_dim=_sparse_index(text, index),
    )


def _is_gated(text: Config, family: str) -> bool:
    return bool(
        text.get("attn_output_gate") or text.get("attention_output_gate") or family in GATED_ATTENTION
    )


def _sparse_index(text: Config, index: int) -> int:
    sparse = text.get("sparse_attention_config")
    if sparse is None and first(text, "index_head_dim", "indexer_head_dim"):
        return _pooled_index(text, index)
    if not isinstance(sparse, t.Mapping) or not sparse.get("use_sparse_attention", True):
        return 0
    marks = sparse.get("sparse_attention_freq")
    used = bool(marks[index]) if isinstance(marks, list) else True
    return first(sparse, "sparse_index_dim") if used else 0


def _pooled_index(text: Config, index: int) -> int:
    """Elements of the index cache for each token of a sparse layer, as transformers describes it."""
    kinds = text.get("layer_types")
    if isinstance(kinds, list) and "sparse" not in str(kinds[index]) and "indexed" not in str(kinds[index]):
        return 0
    size = first(text, "index_head_dim", "indexer_head_dim")
    return ceil_div(size, first(text, "indexer_compress_ratio") or 1)


def _latent(text: Config, family: str, index: int) -> Latent:
    heads = required(text, "num_attention_heads", family)
    return Latent(
        heads=heads,
        query_rank=first(text, "q_lora_rank") or None,
        latent_rank=first(text, "kv_lora_rank"),
        nope_dim=required(text, "qk_nope_head_dim", family),
        # None of a head turns where the model tells positions otherwise (GLM-5.3-Flash).
        rope_dim=0 if text.get("qk_rope_head_dim") == 0 else required(text, "qk_rope_head_dim", family),
        value_dim=first(text, "v_head_dim") or required(text, "hidden_size", family) // heads,
        gated=bool(text.get("mla_use_output_gate")) or family in GATED_ATTENTION,
        indexer=_indexer(text, index),
        unpacked_cache=family in UNPACKED_LATENT,
    )


def _indexer(text: Config, index: int) -> t.Optional[Indexer]:
    if not first(text, "index_head_dim"):
        return None
    kinds = text.get("indexer_types")
    own = not isinstance(kinds, list) or index >= len(kinds) or kinds[index] == "full"
    pool = first(text, "index_kpool") or 1
    return Indexer(first(text, "index_n_heads") or 64, first(text, "index_head_dim"), own, pool)


def _compressed(text: Config, family: str, ratio: int) -> Compressed:
    return Compressed(
        heads=required(text, "num_attention_heads", family),
        head_dim=required(text, "head_dim", family),
        query_rank=required(text, "q_lora_rank", family),
        output_rank=required(text, "o_lora_rank", family),
        output_groups=required(text, "o_groups", family),
        ratio=ratio,
        window=required(text, "sliding_window", family),
        # Only the layers that keep a cell for every fourth token choose among them.
        indexer=_indexer(text, 0) if ratio == 4 else None,
    )


def _pruned(text: Config, family: str, block: Config) -> t.Tuple[Mixer, ...]:
    """A layer of a pruned model: fewer key-value heads than its neighbours, or no attention at all."""
    attention = block.get("attention") or {}
    if attention.get("no_op") or attention.get("replace_with_linear"):
        return ()
    heads, kv_heads, size = _heads(text, family)
    group = first(attention, "n_heads_in_group")
    kv_heads = heads // group if group else first(attention, "num_key_value_heads") or kv_heads
    return (Grouped(heads, kv_heads, size, size, first(attention, "window_length") or None),)
