# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Types of key-value cache, by the names of ``--kv-cache-dtype``, and what a head takes of each.

Sources in vLLM 0.32: config/cache.py (names), triton_attn.py (scales of tokens and heads), flashinfer.py
(NVFP4), turboquant/config.py, mla_attention.py (cells of sparse latent attention).
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ceil_div,
    round_up,
)

# Layers at each end of a model without recurrent ones that TurboQuant leaves in 16 bits.
BOUNDARY_LAYERS = 2


class CacheType(t.NamedTuple):
    """``key_bits`` and ``value_bits`` of an element; ``scale_bytes`` of each head and token beside them.

    ``sparse_cell``: bytes of a token in sparse latent attention, where the type packs it; ``step``: what a
    head's bytes are rounded up to. ``boundaries``: the model's first and last layers stay in 16 bits.
    """

    key_bits: float
    value_bits: float
    scale_bytes: int = 0
    sparse_cell: t.Optional[int] = None
    step: int = 1
    boundaries: bool = False

    @property
    def packed(self) -> bool:
        """Whether an element takes less than 16 bits."""
        return self.key_bits < 16

    def head_bytes(self, key_dim: int, value_dim: int) -> int:
        """Bytes of one head's key and value of a token."""
        bits = key_dim * self.key_bits, value_dim * self.value_bits
        return round_up(sum(ceil_div(int(part), 8) for part in bits) + self.scale_bytes, self.step)

    def vector_bytes(self, elements: int) -> int:
        """Bytes of a token's latent vector."""
        return ceil_div(int(elements * self.key_bits), 8)


_FP8_SPARSE_CELL, _NVFP4_SPARSE_CELL = 656, 352
_HALF = CacheType(16, 16)
_FP8 = CacheType(8, 8, sparse_cell=_FP8_SPARSE_CELL)
_NVFP4 = CacheType(4.5, 4.5)

# What "auto" is for a model that runs in 32 bits.
WIDE = "float32"

CACHE_TYPES: t.Mapping[str, CacheType] = {
    "auto": _HALF,
    WIDE: CacheType(32, 32),
    "bfloat16": _HALF,
    "float16": _HALF,
    "fp8": _FP8,
    "fp8_e4m3": _FP8,
    "fp8_e5m2": _FP8,
    "fp8_inc": _FP8,
    "fp8_ds_mla": _FP8,
    "nvfp4_ds_mla": CacheType(4.5, 4.5, sparse_cell=_NVFP4_SPARSE_CELL),
    "fp8_per_token_head": CacheType(8, 8, scale_bytes=8),
    "int8_per_token_head": CacheType(8, 8, scale_bytes=8),
    "int4_per_token_head": CacheType(4, 4, scale_bytes=8),
    "nvfp4": _NVFP4,
    "nvfp4_4over6": _NVFP4,
    "turboquant_k8v4": CacheType(8, 4, scale_bytes=4, step=2, boundaries=True),
    "turboquant_4bit_nc": CacheType(4, 4, scale_bytes=6, step=2, boundaries=True),
    "turboquant_k3v4_nc": CacheType(3, 4, scale_bytes=6, step=2, boundaries=True),
    "turboquant_3bit_nc": CacheType(3, 3, scale_bytes=6, step=2, boundaries=True),
}
