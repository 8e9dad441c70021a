# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: bytes of key-value cache and state that a request needs on one GPU.

What engines print as "KV cache size: N tokens" is the pool divided by one request at the longest
context, times that context: it depends on the context wherever windows or states are capped.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layers import (
    Architecture,
    Compressed,
    Grouped,
    Latent,
    Mixer,
    Recurrent,
    indexer_cell,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import ceil_div, round_down

BLOCK_TOKENS = 16
CONTEXT_STEP_TOKENS = 1024

ELEMENT_BYTES = {"auto": 2, "bfloat16": 2, "float16": 2, "fp8": 1, "fp8_e4m3": 1, "fp8_e5m2": 1}

# vLLM's fp8_ds_mla cell: 512 FP8 latent + 4 FP32 scales + 64 BF16 rotary values, which is what
# "fp8" becomes for sparse MLA.
SPARSE_MLA_FP8_BYTES = 656

# DeepSeek V4's cell: 448 FP8 values, 64 BF16 rotary values, 8 bytes of scales; one for each window
# token, and one for each ``ratio`` tokens of the past.
COMPRESSED_CELL_BYTES = 448 + 2 * 64 + 8

# vLLM gives all parts of a compressed layer pages of one pool (deepseek_v4, since 0.26): of 256 tokens
# for cells, of 64 for windows, of 4 (ratio 4) or 8 for the FP32 sums of the next cell, each rounded up
# to 576 bytes. A page of the pool is as large as all layers' cells of 256 tokens.
COMPRESSED_PAGE_TOKENS = 256
WINDOW_PAGE_TOKENS = 64
SUM_PAGE_TOKENS = {4: 4}
OTHER_SUM_PAGE_TOKENS = 8
PAGE_STEP_BYTES = 576

# vLLM keeps the running state and one block more, which prefix caching aligns to.
VLLM_STATE_BLOCKS = 2

Capped = t.Tuple[int, int]


@dataclass(frozen=True)
class KvCache:
    """Cache of one request on one GPU.

    Each token adds ``growing_bytes`` for as long as it lives; each (bytes, tokens) of ``capped``
    adds bytes per token up to that many tokens; ``fixed_bytes`` are held whatever the length.
    Cells are allocated in blocks of ``block_tokens``.
    """

    growing_bytes: float
    capped: t.Tuple[Capped, ...] = ()
    fixed_bytes: int = 0
    block_tokens: int = BLOCK_TOKENS

    def request_bytes(self, tokens: int) -> int:
        """Bytes that one request of ``tokens`` holds, in whole blocks."""
        held = ceil_div(tokens, self.block_tokens) * self.block_tokens
        capped = sum(size * min(held, cap) for size, cap in self.capped)
        return ceil(self.growing_bytes * held) + capped + self.fixed_bytes

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
        fixed = float(self.fixed_bytes)
        for size, cap in sorted(self.capped, key=lambda pair: pair[1]):
            if fixed + slope * cap >= budget_bytes:
                break
            fixed, slope = fixed + size * cap, slope - size
        tokens = int((budget_bytes - fixed) / slope) if slope > 0 and budget_bytes > fixed else 0
        tokens = round_down(min(tokens, limit_tokens), self.block_tokens)
        step = CONTEXT_STEP_TOKENS if tokens >= CONTEXT_STEP_TOKENS else BLOCK_TOKENS
        return round_down(tokens, step)


def ceil(value: float) -> int:
    """The smallest whole number not below ``value``."""
    return int(-(-value // 1))


def kv_cache(
    arch: Architecture,
    tensor: int,
    dtype: str,
    in_flight_tokens: t.Optional[int],
    paged_states: bool = True,
    draft_tokens: int = 0,
) -> KvCache:
    """The cache of ``arch`` on one GPU of a group of ``tensor``.

    MLA holds one latent vector on every rank, never divided. Grouped heads divide until each rank
    has one. A window layer holds ``window - 1 + in_flight_tokens`` tokens and a block: prefill
    tokens in flight count. ``in_flight_tokens`` None: the engine gives windows no smaller cache.
    ``paged_states``: states lie in pages of the same pool (vLLM), else in a pool of their own. Each of
    ``draft_tokens`` that may be rejected takes a state more.
    """
    if not arch.generates:
        return KvCache(0)
    compressed = {m: n for m, n in arch.mixer_counts.items() if isinstance(m, Compressed)}
    if compressed and paged_states and in_flight_tokens is not None:
        return _compressed_pages(compressed, in_flight_tokens)
    element = ELEMENT_BYTES[dtype]
    growing, fixed = 0.0, 0
    capped: t.Dict[int, int] = {}
    for mixer, layers in arch.mixer_counts.items():
        cell = layers * cell_bytes(mixer, tensor, element)
        window = _held_tokens(mixer, in_flight_tokens)
        if isinstance(mixer, Grouped) and mixer.memory_tokens is not None:
            fixed += int(cell) * mixer.memory_tokens
        elif window is None:
            growing += cell
        elif window > 0:
            capped[window] = capped.get(window, 0) + int(cell)
        if isinstance(mixer, Compressed):
            growing += layers * _past_bytes(mixer)
    whole = int(growing) if growing == int(growing) else growing
    plain = KvCache(whole, tuple(sorted((size, cap) for cap, size in capped.items())), fixed)
    stateful = any(isinstance(mixer, Recurrent) for mixer in arch.mixer_counts)
    if not stateful:
        return plain
    held = draft_tokens + (VLLM_STATE_BLOCKS if paged_states else 1)
    return _with_states(arch, plain, tensor, element, paged_states, held)


def cell_bytes(mixer: Mixer, tensor: int, element: int) -> float:
    """Bytes of one token in one layer's cache on one GPU."""
    if isinstance(mixer, Grouped):
        vectors = mixer.key_dim + mixer.value_dim
        own = max(1, mixer.kv_heads // tensor) * vectors * element if mixer.owns_cache else 0
        return own + mixer.index_dim * element
    if isinstance(mixer, Latent):
        return _latent_cell(mixer, element)
    return COMPRESSED_CELL_BYTES if isinstance(mixer, Compressed) else 0


def _latent_cell(mixer: Latent, element: int) -> int:
    if mixer.indexer is None:
        return (mixer.latent_rank + mixer.rope_dim) * element
    plain = (mixer.latent_rank + mixer.rope_dim) * element if element > 1 else SPARSE_MLA_FP8_BYTES
    return plain + indexer_cell(mixer.indexer)


def _past_bytes(mixer: Compressed) -> float:
    """Bytes per token of what is left of tokens beyond the window."""
    if not mixer.ratio:
        return 0.0
    return (COMPRESSED_CELL_BYTES + indexer_cell(mixer.indexer)) / mixer.ratio


def _compressed_pages(layers: t.Mapping[Compressed, int], in_flight_tokens: int) -> KvCache:
    """Pages of vLLM's one pool: cells grow; windows and the sums of open cells hold tokens in flight."""
    windows = sum(layers.values()) * _page(WINDOW_PAGE_TOKENS * COMPRESSED_CELL_BYTES)
    page = sum(count * _compressed_page(mixer) for mixer, count in layers.items()) or windows
    groups = ceil_div(windows, page)
    window = max(mixer.window for mixer in layers)
    capped = [(groups * ceil_div(page, WINDOW_PAGE_TOKENS), window - 1 + in_flight_tokens)]
    for ratio in sorted({mixer.ratio for mixer in layers if mixer.ratio}):
        overlap = 2 if any(mixer.indexer for mixer in layers if mixer.ratio == ratio) else 1
        tokens = SUM_PAGE_TOKENS.get(ratio, OTHER_SUM_PAGE_TOKENS)
        capped.append((ceil_div(page, tokens), overlap * ratio - 1 + in_flight_tokens))
        groups += 1
    # Each window and each open cell may begin within a page.
    return KvCache(page / COMPRESSED_PAGE_TOKENS, tuple(capped), groups * page, COMPRESSED_PAGE_TOKENS)


def _compressed_page(mixer: Compressed) -> int:
    """Bytes of one layer's cells, and of its indexer's, for a page of tokens."""
    if not mixer.ratio:
        return 0
    count = COMPRESSED_PAGE_TOKENS // mixer.ratio
    keys = indexer_cell(mixer.indexer)
    return _page(count * COMPRESSED_CELL_BYTES) + _page(count * keys)


def _page(size_bytes: int) -> int:
    return ceil_div(size_bytes, PAGE_STEP_BYTES) * PAGE_STEP_BYTES


def _held_tokens(mixer: Mixer, in_flight_tokens: t.Optional[int]) -> t.Optional[int]:
    """Tokens that a layer's cache is capped at; None where it grows, 0 where it has none."""
    if isinstance(mixer, Recurrent):
        return 0
    window = mixer.window if isinstance(mixer, (Grouped, Compressed)) else None
    if window is None or (in_flight_tokens is None and not isinstance(mixer, Compressed)):
        return None
    return window - 1 + (in_flight_tokens or 0) + BLOCK_TOKENS


def _with_states(
    arch: Architecture, plain: KvCache, tensor: int, element: int, paged: bool, held: int
) -> KvCache:
    """``held`` states of a request beside the cache. vLLM gives all layers pages of one size: attention blocks grow until
    they hold a state (hybrid alignment), and layers of a kind are padded to whole groups.
    """
    states = {m: n for m, n in arch.mixer_counts.items() if isinstance(m, Recurrent)}
    attention = {m: n for m, n in arch.mixer_counts.items() if not isinstance(m, Recurrent)}
    cell = max((cell_bytes(mixer, tensor, element) for mixer in attention), default=0)
    if not paged or not cell or plain.capped:
        own = sum(_state_page(state, tensor) * layers for state, layers in states.items()) * held
        return KvCache(plain.growing_bytes, plain.capped, plain.fixed_bytes + own)
    largest = max(_state_page(state, tensor) for state in states)
    block = max(1, ceil_div(ceil_div(largest, int(cell)), BLOCK_TOKENS)) * BLOCK_TOKENS
    layers_with_state, layers_with_cache = sum(states.values()), sum(attention.values())
    group = min(layers_with_cache, layers_with_state)
    padded = ceil_div(layers_with_state, group) * group
    full = ceil_div(layers_with_cache, group) * group
    page = int(block * cell)
    return KvCache(full * cell, (), plain.fixed_bytes + held * padded * page, block)


def _state_page(state: Recurrent, tensor: int) -> int:
    conv = state.conv_elements * 2
    return ceil_div(conv + state.state_elements * state.state_bytes, min(tensor, max(1, state.heads)))
