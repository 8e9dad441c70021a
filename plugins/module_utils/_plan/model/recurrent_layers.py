# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Layers that keep a state of fixed size instead of a growing cache.

Sizes follow vLLM's MambaStateShapeCalculator; parameters the layers of transformers.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    Config,
    first,
    required,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import LIGHTNING
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layer_order import (
    CONV,
    LINEAR,
    MAMBA,
    PARALLEL,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import MAMBA2, Recurrent

# transformers' default of time_step_rank: one for every 16 hidden elements.
_HIDDEN_PER_TIME_STEP_RANK = 16


def read_recurrent(text: Config, family: str, kind: str) -> t.Optional[Recurrent]:
    """The recurrent mixer of a layer of ``kind``; None where that kind has none.

    :raises NotServable: a size is missing.
    """
    if kind == CONV:
        return _short_convolution(text, family)
    if kind in (MAMBA, PARALLEL):
        heads = first(text, "mamba_num_heads", "mamba_n_heads", "n_mamba_heads")
        return _mamba2(text, family, heads) if heads or family == "mamba2" else _mamba1(text, family)
    if kind != LINEAR:
        return None
    if isinstance(text.get("linear_attn_config"), t.Mapping) or text.get("kda_lower_bound") is not None:
        return _kimi_delta(text, family)
    if first(text, "linear_num_heads"):
        return _kimi_delta(text, family)
    if first(text, "linear_num_value_heads"):
        return _gated_delta(text, family)
    if first(text, "mamba_n_heads", "mamba_num_heads", "mamba_d_state"):
        return read_recurrent(text, family, MAMBA)
    if family in LIGHTNING:
        return _lightning(text, family)
    raise NotServable(
        "config.json of the architecture %s has linear attention whose sizes it does not give" % family,
        hint="Its memory is unknown; name another repository of the model.",
        architecture=family,
    )


def _state_bytes(text: Config, default: int) -> int:
    dtype = str(text.get("mamba_ssm_dtype") or text.get("mamba_ssm_cache_dtype") or "")
    return 4 if dtype.endswith("float32") else 2 if dtype.endswith("16") else default


def _short_convolution(text: Config, family: str) -> Recurrent:
    hidden, kernel = required(text, "hidden_size", family), first(text, "conv_L_cache") or 3
    width = first(text, "conv_dim") or hidden
    return Recurrent(CONV, 4 * hidden * width + kernel * width, width, width, width * (kernel - 1), 0, 2)


def _mamba1(text: Config, family: str) -> Recurrent:
    hidden = required(text, "hidden_size", family)
    state = first(text, "mamba_d_state", "state_size", "ssm_state_size") or 16
    kernel = first(text, "mamba_d_conv", "conv_kernel") or 4
    inner = first(text, "intermediate_size") if family in ("mamba", "falcon_mamba") else 0
    inner = inner or (first(text, "mamba_expand", "expand") or 2) * hidden
    rank = first(text, "mamba_dt_rank", "time_step_rank") or ceil_div(hidden, _HIDDEN_PER_TIME_STEP_RANK)
    parameters = 3 * hidden * inner + inner * (kernel + rank + 2 * state + rank + state + 2)
    return Recurrent(
        MAMBA, parameters, inner, inner, inner * (kernel - 1), inner * state, _state_bytes(text, 2)
    )


def _mamba2(text: Config, family: str, heads: int) -> Recurrent:
    hidden = required(text, "hidden_size", family)
    heads = heads or required(text, "num_heads", family)
    size = first(text, "mamba_head_dim", "mamba_d_head", "mamba_headdim", "head_dim") or 64
    state = first(text, "ssm_state_size", "mamba_d_state", "state_size") or 128
    groups = first(text, "mamba_n_groups", "mamba_ngroups", "n_groups") or 1
    kernel = first(text, "mamba_d_conv", "conv_kernel") or 4
    inner = heads * size
    channels = inner + 2 * groups * state
    parameters = (
        hidden * (inner + channels + heads) + channels * (kernel + 1) + inner * (hidden + 1) + 3 * heads
    )
    return Recurrent(
        MAMBA2, parameters, heads, heads, channels * (kernel - 1), heads * size * state, _state_bytes(text, 2)
    )


def _gated_delta(text: Config, family: str) -> Recurrent:
    hidden = required(text, "hidden_size", family)
    key_heads, value_heads = first(text, "linear_num_key_heads"), first(text, "linear_num_value_heads")
    key, value = first(text, "linear_key_head_dim"), first(text, "linear_value_head_dim")
    kernel = first(text, "linear_conv_kernel_dim") or 4
    inner = value_heads * value
    channels = 2 * key_heads * key + inner
    parameters = hidden * (channels + inner + 2 * value_heads) + channels * kernel + inner * hidden
    return Recurrent(
        kind="gated_delta",
        parameters=parameters + 2 * value_heads + value,
        heads=value_heads,
        key_heads=key_heads,
        conv_elements=channels * (kernel - 1),
        state_elements=value_heads * value * key,
        state_bytes=_state_bytes(text, 2),
    )


def _kimi_delta(text: Config, family: str) -> Recurrent:
    """Kimi Delta Attention: gates through a low rank of one head's size, or in full rank.

    Bailing (Ling 3.0), which gives the bound of its gates, has both in full rank.
    """
    hidden, linear = required(text, "hidden_size", family), text.get("linear_attn_config") or text
    heads = first(linear, "linear_num_heads", "num_heads", "num_attention_heads")
    size = first(linear, "linear_head_dim", "head_dim") or 128
    kernel = first(linear, "linear_conv_kernel_dim", "short_conv_kernel_size") or 4
    inner = heads * size
    low_rank = size * (hidden + inner)
    full = text.get("kda_lower_bound") is not None
    gate = hidden * inner if full or linear.get("use_full_rank_gate") else low_rank
    forget = hidden * inner if full else low_rank
    parameters = 4 * hidden * inner + forget + gate + hidden * heads + 3 * inner * kernel
    return Recurrent("kimi_delta", parameters, heads, heads, 3 * inner * (kernel - 1), heads * size * size, 4)


def _lightning(text: Config, family: str) -> Recurrent:
    """Lightning attention (MiniMax-Text, Ring): q, k, v, gate and output; an FP32 state for each head."""
    hidden, heads = required(text, "hidden_size", family), required(text, "num_attention_heads", family)
    size = first(text, "head_dim") or hidden // heads
    return Recurrent("lightning", 5 * hidden * heads * size, heads, heads, 0, heads * size * size, 4)
