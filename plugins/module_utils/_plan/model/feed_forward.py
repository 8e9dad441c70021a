# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The MLP and the routed experts of each layer of a config."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    EXPERT_COUNTS,
    SPELLINGS,
    Config,
    first,
    layer_fields,
    required,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import (
    DOUBLED_WIDTH,
    FOUR_TIMES_HIDDEN,
    MIXER_ONLY,
    SHARED_BLOCKS,
    TWICE_A_LAYER,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layer_order import (
    MLP,
    MOE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Experts

Forward = t.Tuple[int, t.Optional[Experts]]

# Pruned models round an MLP's width up to this (DeciLM's _find_multiple).
_PRUNED_WIDTH_STEP = 256

_EXPERT_SIZES = (
    "moe_intermediate_size", "moe_ffn_hidden_size", "expert_intermediate_size", "expert_ffn_hidden_size",
)  # fmt: skip
_EXPERTS_VISITED = (
    "num_experts_per_tok", "num_experts_per_token", "experts_per_token", "top_k_experts", "moe_topk", "moe_k",
    "moe_top_k",
)  # fmt: skip


def read_forward(text: Config, family: str, kinds: t.Sequence[str]) -> t.List[Forward]:
    """(width of the dense MLP or 0, experts or None) of each layer.

    :raises NotServable: a width is missing.
    """
    if family in MIXER_ONLY or family in SHARED_BLOCKS:
        return [(0, None)] * len(kinds)
    experts = _experts(text, family)
    blocks = text.get("block_configs")
    if isinstance(blocks, list):
        return [(_pruned_width(text, family, block), None) for block in blocks[: len(kinds)]]
    if MLP in kinds or MOE in kinds:
        return [
            (_dense_width(text, family, i) if kind == MLP else 0, experts if kind == MOE else None)
            for i, kind in enumerate(kinds)
        ]
    found: t.List[Forward] = []
    beside = text.get("enable_moe_block") or text.get("residual_moe") or family in TWICE_A_LAYER
    for index in range(len(kinds)):
        if experts is None or not _is_routed(text, index):
            found.append((_dense_width(text, family, index), None))
        else:
            found.append((_dense_width(text, family, index) if beside else 0, experts))
    return found


def _experts(text: Config, family: str) -> t.Optional[Experts]:
    count = first(text, *EXPERT_COUNTS)
    if text.get("enable_moe_block") is False:
        return None
    if not count and first(text, *_EXPERT_SIZES, *_EXPERTS_VISITED) > 1:
        raise ValueError("it has routed experts, but none of %s says how many" % ", ".join(EXPERT_COUNTS))
    if count < 2:
        return None
    width = first(text, *_EXPERT_SIZES)
    width = width or required(text, "intermediate_size", family)
    shared_by = width
    if text.get("moe_num_experts") and isinstance(text.get("moe_intermediate_size"), list):
        count, width = _kinds_of_experts(text["moe_num_experts"], text["moe_intermediate_size"])
    shared = first(
        text, "moe_shared_expert_intermediate_size", "shared_expert_intermediate_size",
        "shared_intermediate_size", "share_expert_dim",
    )  # fmt: skip
    number = first(
        text, "n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert"
    )
    if family.startswith("llama4"):
        shared = required(text, "intermediate_size", family)
    return Experts(
        count=count,
        per_token=first(text, *_EXPERTS_VISITED) or 1,
        width=width,
        shared_width=shared or number * shared_by,
        input_width=first(text, "moe_latent_size", "routed_expert_hidden_size", "moe_hidden_size")
        or required(text, "hidden_size", family),
    )  # fmt: skip


def _kinds_of_experts(told: t.Any, widths: t.Sequence[int]) -> t.Tuple[int, int]:
    """Experts for text and for images lie side by side: (how many, how wide on average).

    One number ``told`` is that of each kind.
    """
    counts = told if isinstance(told, list) else [told] * len(widths)
    total = sum(counts)
    return total, sum(count * width for count, width in zip(counts, widths)) // total


def _is_routed(text: Config, index: int) -> bool:
    kinds, frequency = text.get("mlp_layer_types"), text.get("moe_layer_freq")
    if isinstance(kinds, list):
        return str(kinds[index]) in ("sparse", "moe", "hash_moe")
    if isinstance(frequency, list):
        return bool(frequency[index])
    if text.get("moe_layers_enum"):
        return str(index) in str(text["moe_layers_enum"]).split(",")
    if first(text, "expert_layer_period"):
        return index % first(text, "expert_layer_period") == int(text.get("expert_layer_offset") or 0)
    if index in (text.get("mlp_only_layers") or ()):
        return False
    if index < first(
        text, "first_k_dense_replace", "num_dense_layers", "moe_layer_start_index", "dense_mlp_idx"
    ):
        return False
    last = text.get("moe_layer_end_index")
    if isinstance(last, int) and last >= 0 and index > last:
        return False
    step = first(text, "decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval") or 1
    return index % int(frequency or 1) == 0 and (index + 1) % step == 0


def _dense_width(text: Config, family: str, index: int) -> int:
    text = layer_fields(text, index)
    widths = text.get("intermediate_size")
    if isinstance(widths, list):
        return int(widths[index])
    if text.get("block_ff_dim") or text.get("block_auto_adjust_ff_dim"):
        return _adjusted_width(text)
    width = first(text, "intermediate_size_mlp", "dense_intermediate_size")
    if not width and not first(text, "num_local_experts"):
        width = first(text, "shared_intermediate_size")
    if not width and family in FOUR_TIMES_HIDDEN and not first(text, *SPELLINGS["intermediate_size"]):
        return 4 * required(text, "hidden_size", family)
    width = width or required(text, "intermediate_size", family)
    if family in DOUBLED_WIDTH:
        return width // 2
    owners = first(text, "num_hidden_layers") - first(text, "num_kv_shared_layers")
    return 2 * width if text.get("use_double_wide_mlp") and index >= owners else width


def _adjusted_width(text: Config) -> int:
    """LFM2 keeps two thirds of block_ff_dim, scaled, and rounds up (Lfm2MLP)."""
    width = first(text, "block_ff_dim", "intermediate_size")
    if text.get("block_auto_adjust_ff_dim"):
        width = int(2 * width / 3 * float(text.get("block_ffn_dim_multiplier") or 1))
    step = first(text, "block_multiple_of") or 1
    return ceil_div(width, step) * step


def _pruned_width(text: Config, family: str, block: Config) -> int:
    forward = block.get("ffn") or {}
    if forward.get("no_op") or forward.get("replace_with_linear"):
        return 0
    if first(forward, "intermediate_size"):
        return first(forward, "intermediate_size")
    hidden = required(text, "hidden_size", family)
    width = int(2 * float(forward.get("ffn_mult") or 4) * hidden / 3)
    return ceil_div(width, _PRUNED_WIDTH_STEP) * _PRUNED_WIDTH_STEP
