# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which kind of layer sits where in a model.

Order of evidence: lists of kinds, letters or indices in the config; intervals; the rule of a known
family. A window without any of them is answered with full attention, an upper bound, and not certain.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    SPELLINGS,
    Config,
    compress_ratios,
    first,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import (
    ALL_SLIDING,
    ALTERNATING,
)

FULL, SLIDING, CHUNKED = "full", "sliding", "chunked"
# A recurrent layer of the family's kind; Mamba; short convolution; attention beside Mamba.
LINEAR, MAMBA, CONV, PARALLEL = "linear", "mamba", "conv", "parallel"
# Layers that only feed forward.
MLP, MOE = "mlp", "moe"

_NAMES = {
    "full_attention": FULL, "attention": FULL, "global": FULL, "global_attention": FULL, "full": FULL,
    "sliding_attention": SLIDING, "sliding": SLIDING, "local": SLIDING, "local_attention": SLIDING,
    "chunked_attention": CHUNKED, "linear_attention": LINEAR, "lightning_attention": LINEAR,
    "conv": CONV, "mamba": MAMBA, "mamba2": MAMBA, "hybrid": PARALLEL, "mlp": MLP, "moe": MOE,
    # Sparse by an indexer or by compression, which other fields of the config describe.
    "deepseek_sparse_attention": FULL, "compressed_sparse_attention": FULL,
    "heavily_compressed_attention": FULL, "indexed_attention": FULL, "minimax_m3_sparse": FULL,
    # Attention behind short convolutions (Inkling).
    "hybrid_sliding": SLIDING,
}  # fmt: skip
_LETTERS = {"M": MAMBA, "*": FULL, "-": MLP, "E": MOE}

Kinds = t.List[str]


def layer_count(text: Config) -> int:
    """Layers by their number, or by the length of the list of their kinds; 0 where neither is there."""
    # Encoder-decoders also give the encoder's number, by the more usual names.
    counted = first(text, "decoder_layers", "num_decoder_layers", *SPELLINGS["num_hidden_layers"])
    lists = (text.get("layers_block_type"), text.get("hybrid_override_pattern"), text.get("layer_types"))
    return counted or next((len(entry) for entry in lists if entry), 0)


def layer_kinds(text: Config, family: str, count: int) -> t.Tuple[Kinds, bool]:
    """The kind of each layer, and whether that is certain.

    :raises NotServable: the config names a kind that is not known here.
    """
    for rule in (_compressed, _listed, _lettered, _indexed, _by_interval):
        kinds = rule(text, count)
        if kinds is not None:
            return kinds, len(kinds) >= count
    return _windowed(text, family, count)


def _compressed(text: Config, count: int) -> t.Optional[Kinds]:
    """Windows of compressed attention are part of each layer's own cache."""
    return None if compress_ratios(text) is None else [FULL] * count


def _listed(text: Config, count: int) -> t.Optional[Kinds]:
    names = text.get("layer_types") or text.get("layers_block_type")
    if not isinstance(names, (list, tuple)):
        return None
    strange = sorted({str(name) for name in names} - set(_NAMES))
    if strange:
        raise NotServable(
            "config.json names layers of the kind %s, which the planner cannot size" % ", ".join(strange),
            hint="Choose a model with attention, Mamba, linear-attention or convolution layers.",
        )
    kinds = [_NAMES[str(name)] for name in names[:count]]
    if not any("mamba" in field for field in text):
        kinds = [FULL if kind == PARALLEL else kind for kind in kinds]
    window = first(text, "sliding_window", "sliding_window_size")
    return [FULL if kind == SLIDING and not window else kind for kind in kinds]


def _lettered(text: Config, count: int) -> t.Optional[Kinds]:
    pattern = text.get("hybrid_override_pattern")
    if not isinstance(pattern, str) or set(pattern) - set(_LETTERS):
        return None
    return [_LETTERS[letter] for letter in pattern[:count]]


def _indexed(text: Config, count: int) -> t.Optional[Kinds]:
    """Families that list the attention layers (others follow their own rule), or mark them 0 and 1."""
    linear = text.get("linear_attn_config")
    if isinstance(linear, t.Mapping) and linear.get("full_attn_layers"):
        full = {int(index) - 1 for index in linear["full_attn_layers"]}
        return [FULL if i in full else LINEAR for i in range(count)]
    if text.get("full_attn_idxs"):
        return [FULL if i in text["full_attn_idxs"] else CONV for i in range(count)]
    if text.get("attn_layer_indices"):
        return [FULL if i in text["attn_layer_indices"] else MAMBA for i in range(count)]
    if text.get("attn_type_list"):
        return [FULL if kind else LINEAR for kind in text["attn_type_list"][:count]]
    if isinstance(text.get("hybrid_layer_pattern"), list):
        return [SLIDING if kind else FULL for kind in text["hybrid_layer_pattern"][:count]]
    if text.get("local_layer_ids"):
        return [SLIDING if i in text["local_layer_ids"] else FULL for i in range(count)]
    return None


def _by_interval(text: Config, count: int) -> t.Optional[Kinds]:
    interval, group = first(text, "full_attention_interval"), first(text, "layer_group_size")
    if interval > 1:
        return [FULL if (i + 1) % interval == 0 else LINEAR for i in range(count)]
    if group > 1:
        rest = count // group * group
        return [FULL if (i + 1) % group == 0 or i >= rest else LINEAR for i in range(count)]
    interval = first(text, "global_attn_every_n_layers")
    if interval > 1 and first(text, "sliding_window"):
        return [FULL if (i + 1) % interval == 0 else SLIDING for i in range(count)]
    period = first(text, "attn_layer_period")
    if period:
        offset = int(text.get("attn_layer_offset") or 0)
        return [FULL if i % period == offset else MAMBA for i in range(count)]
    if first(text, "attention_chunk_size"):
        every = first(text, "no_rope_layer_interval") or 4
        marks = text.get("no_rope_layers") or [int((i + 1) % every != 0) for i in range(count)]
        return [CHUNKED if mark else FULL for mark in marks[:count]]
    return None


def _windowed(text: Config, family: str, count: int) -> t.Tuple[Kinds, bool]:
    if family == "falcon_h1":
        return [PARALLEL] * count, True
    if family in ("mamba", "mamba2", "falcon_mamba"):
        return [MAMBA] * count, True
    if not first(text, "sliding_window", "sliding_window_size") or text.get("use_sliding_window") is False:
        return [FULL] * count, True
    pattern = text.get("sliding_window_pattern") or text.get("_sliding_window_pattern")
    if isinstance(pattern, str) and set(pattern) <= {"L", "G"}:
        letters = {"L": SLIDING, "G": FULL}
        return [letters[pattern[i % len(pattern)]] for i in range(count)], True
    if isinstance(pattern, int) and pattern > 0:
        return [FULL if (i + 1) % pattern == 0 else SLIDING for i in range(count)], True
    if family in ALTERNATING:
        return [SLIDING if i % 2 == 0 else FULL for i in range(count)], True
    if family in ALL_SLIDING:
        return [SLIDING] * count, True
    return [FULL] * count, False
