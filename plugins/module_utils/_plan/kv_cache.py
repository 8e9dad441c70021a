# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: bytes of key-value cache that a request needs on one GPU."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import Architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import ceil_div, round_down

BLOCK_TOKENS = 16
CONTEXT_STEP_TOKENS = 1024

ELEMENT_BYTES = {"auto": 2, "bfloat16": 2, "float16": 2, "fp8": 1, "fp8_e4m3": 1, "fp8_e5m2": 1}

# vLLM's fp8_ds_mla cell: 512 FP8 latent + 4 FP32 scales + 64 BF16 rotary values, which is what
# "fp8" becomes for sparse MLA.
SPARSE_MLA_FP8_BYTES = 656


@dataclass(frozen=True)
class KvCache:
    """Cache of one request on one GPU.

    Each token adds ``growing_bytes`` for as long as it lives; each (bytes, tokens) of ``capped``
    adds bytes per token up to that many tokens.
    """

    growing_bytes: int
    capped: t.Tuple[t.Tuple[int, int], ...] = ()

    def request_bytes(self, tokens: int) -> int:
        """Bytes that one request of ``tokens`` holds, in whole blocks."""
        held = ceil_div(tokens, BLOCK_TOKENS) * BLOCK_TOKENS
        return self.growing_bytes * held + sum(size * min(held, cap) for size, cap in self.capped)

    def bytes_per_token(self, tokens: int) -> float:
        """What engines report: pool bytes by pool tokens, at requests of ``tokens``."""
        return self.request_bytes(tokens) / tokens

    def longest(self, budget_bytes: int, limit_tokens: int) -> int:
        """The longest request in tokens within ``budget_bytes``; 0 where not one block fits.

        Closed form: the demand is piecewise linear in tokens, with a corner at each cap. Rounded
        down to a multiple of 1024, of a block below that; the limit itself is never rounded.
        """
        if self.request_bytes(limit_tokens) <= budget_bytes:
            return limit_tokens
        slope = self.growing_bytes + sum(size for size, _cap in self.capped)
        fixed = 0
        for size, cap in sorted(self.capped, key=lambda pair: pair[1]):
            if fixed + slope * cap >= budget_bytes:
                break
            fixed, slope = fixed + size * cap, slope - size
        tokens = (budget_bytes - fixed) // slope if slope > 0 and budget_bytes > fixed else 0
        step = CONTEXT_STEP_TOKENS if tokens >= CONTEXT_STEP_TOKENS else BLOCK_TOKENS
        return round_down(min(tokens, limit_tokens), step)


def kv_cache(arch: Architecture, tensor: int, dtype: str, in_flight_tokens: t.Optional[int]) -> KvCache:
    """The cache of ``arch`` on one GPU of a group of ``tensor``.

    MLA holds one latent vector on every rank, never divided. Grouped heads divide until each rank
    has one. A window layer holds ``window - 1 + in_flight_tokens`` tokens and a block: prefill
    tokens in flight count. ``in_flight_tokens`` None: the engine gives windows no smaller cache.
    """
    element = ELEMENT_BYTES[dtype]
    if arch.mla is not None:
        return KvCache(_latent_cell(arch, element) * len(arch.layers))
    cell = 2 * max(1, arch.kv_heads // tensor) * arch.head_dim * element
    windows = [layer.window for layer in arch.layers if layer.window is not None]
    if in_flight_tokens is None or not windows:
        return KvCache(cell * len(arch.layers))
    caps = sorted(set(windows))
    return KvCache(
        growing_bytes=cell * (len(arch.layers) - len(windows)),
        capped=tuple(
            (cell * windows.count(window), window - 1 + in_flight_tokens + BLOCK_TOKENS) for window in caps
        ),
    )


def _latent_cell(arch: Architecture, element: int) -> int:
    """Bytes per token and layer: latent and rotary part, and the indexer's FP8 keys with scales."""
    mla, indexer = arch.mla, arch.indexer
    if mla is None:
        return 0
    if indexer is None:
        return (mla.latent_rank + mla.rope_dim) * element
    plain = (mla.latent_rank + mla.rope_dim) * element if element > 1 else SPARSE_MLA_FP8_BYTES
    return plain + indexer.head_dim + indexer.head_dim // 128 * 4
