# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes of key-value cache and state that a request needs on one GPU.

What engines print as "KV cache size: N tokens" is the pool divided by one request at the longest
context, times that context: it depends on the context wherever windows or states are capped. Older
releases of vLLM printed the tokens of hybrids as if every group of layers had a share of the pool alone
(``num_blocks // groups * block_size``); a log of Kimi Linear at 120,000 tokens says 75,840 of them and 2.48
requests beside, which are 297,600 tokens: the number of requests is right, and 2.42 here.
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ceil_div,
    round_down,
    round_up,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.cache_types import (
    BOUNDARY_LAYERS,
    CACHE_TYPES,
    CacheType,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_compressed import (
    CELL_BYTES,
    compressed_pages,
    compressed_pools,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_pages import (
    BLOCK_TOKENS,
    Kind,
    in_pages,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import (
    MIXER_ONLY,
    SGLANG_WINDOW_POOLS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    MAMBA2,
    Architecture,
    Compressed,
    Grouped,
    Latent,
    Mixer,
    Recurrent,
    indexer_cell,
)

CONTEXT_STEP_TOKENS = 1024

INDEX_ELEMENT_BYTES = 2

# SGLang's swa_full_tokens_ratio and mamba_full_memory_ratio: tokens of windows for each of full layers,
# and bytes of states for each of cells, however many requests there are.
SGLANG_WINDOW_SHARE = 0.8
SGLANG_STATE_SHARE = 0.9

# vLLM keeps the running state and, for prefix caching, one block more (MambaSpec.max_memory_usage_bytes); Mamba2
# has kept a checkpoint of its prefill beside since 0.32 (mamba_mixer2.py, num_prefill_checkpoint_blocks). Models
# without any attention have no prefix caching, and one state.
STATE_BLOCKS, ALIGNED_BLOCKS, CHECKPOINT_BLOCKS = 1, 1, 1
CHECKPOINTS_SINCE: Release = (0, 32)

Capped = t.Tuple[int, int]


@dataclass(frozen=True)
class KvCache:
    """Cache of one request on one GPU.

    Each token adds ``growing_bytes`` for as long as it lives; each (bytes, tokens) of ``capped``
    adds bytes per token up to that many tokens; ``fixed_bytes`` are held whatever the length.
    Cells are allocated in blocks of ``block_tokens``. ``in_flight_tokens`` of each cap are those of one
    step, which all requests share.
    """

    growing_bytes: float
    capped: t.Tuple[Capped, ...] = ()
    fixed_bytes: int = 0
    block_tokens: int = BLOCK_TOKENS
    in_flight_tokens: int = 0

    def request_bytes(self, tokens: int) -> int:
        """Bytes that one request of ``tokens`` holds while it is read, in whole blocks."""
        return self._bytes(tokens, 0)

    def requests_bytes(self, requests: int, tokens: int) -> int:
        """Bytes of so many requests of ``tokens`` each; a step's tokens are in flight once."""
        resting = self._bytes(tokens, self.in_flight_tokens)
        return requests * resting + self.request_bytes(tokens) - resting

    def requests_in(self, pool_bytes: int, tokens: int) -> float:
        """How many requests of ``tokens`` a pool holds at once; infinite where they keep nothing."""
        resting = self._bytes(tokens, self.in_flight_tokens)
        left = pool_bytes - self.request_bytes(tokens) + resting
        return max(0.0, left / resting) if resting else math.inf

    def _bytes(self, tokens: int, fewer: int) -> int:
        """Those of one request, where each cap holds ``fewer`` tokens."""
        held = ceil_div(tokens, self.block_tokens) * self.block_tokens
        capped = sum(size * max(0, min(held, cap - fewer)) for size, cap in self.capped)
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
    release: Release = NEWEST,
) -> KvCache:
    """The cache of ``arch`` on one GPU of a group of ``tensor``.

    MLA holds one latent vector on every rank, never divided. Grouped heads divide until each rank
    has one. A window layer holds ``window - 1 + in_flight_tokens`` tokens and a block: prefill
    tokens in flight count. ``in_flight_tokens`` None: windows as SGLang sizes its pools, in full or less.
    ``paged_states``: states lie in pages of the same pool (vLLM), else in a pool of their own. Each of
    ``draft_tokens`` that may be rejected takes a state more. ``release``: of vLLM, where states are paged.
    """
    if not arch.generates:
        return KvCache(0)
    compressed = {m: n for m, n in arch.mixer_counts.items() if isinstance(m, Compressed)}
    if compressed:
        if paged_states:
            return KvCache(*compressed_pages(compressed, in_flight_tokens or 0))
        return KvCache(*compressed_pools(compressed, arch.draft_layers))
    kept = CACHE_TYPES[dtype]
    held = draft_tokens + (_paged_states(arch, release) if paged_states else STATE_BLOCKS)
    memory = _memory_bytes(arch, tensor, kept)
    kinds = _kinds(arch, tensor, kept, in_flight_tokens)
    # Kinds of cells that all grow alike need no common page.
    mixed = any(kind.state_bytes or kind.held_tokens is not None for kind in kinds)
    if paged_states and mixed and any(kind.cell_bytes for kind in kinds):
        pages = in_pages(kinds, held)
        return KvCache(pages.growing_bytes, pages.capped, pages.fixed_bytes + memory, pages.block_tokens)
    smaller = _smaller_pools(arch, tensor, kept) if in_flight_tokens is None else {}
    return _in_pools(kinds, smaller, memory + held * sum(kind.layers * kind.state_bytes for kind in kinds))


def _paged_states(arch: Architecture, release: Release) -> int:
    """How many states vLLM keeps of a recurrent layer for one request."""
    mixers = arch.mixer_counts
    if arch.family in MIXER_ONLY:
        return STATE_BLOCKS
    checkpoints = release >= CHECKPOINTS_SINCE and any(
        isinstance(mixer, Recurrent) and mixer.kind == MAMBA2 for mixer in mixers
    )
    return STATE_BLOCKS + ALIGNED_BLOCKS + (CHECKPOINT_BLOCKS if checkpoints else 0)


def _in_pools(kinds: t.Sequence[Kind], smaller: t.Mapping[int, int], fixed: int) -> KvCache:
    """Every kind by itself; ``smaller``: bytes per token that are held for so many tokens only."""
    windows = dict(smaller)
    growing = -sum(smaller.values())
    for kind in kinds:
        size = kind.layers * kind.cell_bytes
        if kind.held_tokens is None:
            growing += size
        elif size:
            # A window may begin within a block.
            cap = round_up(kind.held_tokens, BLOCK_TOKENS)
            windows[cap] = windows.get(cap, 0) + size
            fixed += size * BLOCK_TOKENS
    return KvCache(growing, tuple(sorted((size, cap) for cap, size in windows.items())), fixed)


def _smaller_pools(arch: Architecture, tensor: int, kept: CacheType) -> t.Dict[int, int]:
    """Bytes per token that SGLang keeps for windows no longer than those are, by their tokens.

    The pool of windows has room for four fifths of the tokens of the other.
    """
    found: t.Dict[int, int] = {}
    for mixer, layers in arch.mixer_counts.items():
        if arch.family in SGLANG_WINDOW_POOLS and isinstance(mixer, Grouped) and mixer.window:
            cells = layers * cell_bytes(mixer, tensor, kept)
            found[mixer.window] = found.get(mixer.window, 0) + int(cells * (1 - SGLANG_WINDOW_SHARE))
    return found


def _memory_bytes(arch: Architecture, tensor: int, kept: CacheType) -> int:
    """What decoders keep of their encoder's output, whatever the length of the answer."""
    return sum(
        layers * cell_bytes(mixer, tensor, kept) * mixer.memory_tokens
        for mixer, layers in arch.mixer_counts.items()
        if isinstance(mixer, Grouped) and mixer.memory_tokens is not None
    )


def _kinds(
    arch: Architecture, tensor: int, kept: CacheType, in_flight_tokens: t.Optional[int]
) -> t.List[Kind]:
    """Layers by what they keep of a request on one GPU; those that keep nothing of their own left out."""
    counts: t.Dict[t.Tuple[int, t.Optional[int], int], int] = {}
    for mixer, layers, own in _stored_mixers(arch, kept):
        if isinstance(mixer, Grouped) and mixer.memory_tokens is not None:
            continue
        state = _state_bytes(mixer, tensor) if isinstance(mixer, Recurrent) else 0
        key = (cell_bytes(mixer, tensor, own), _held_tokens(mixer, in_flight_tokens), state)
        if key[0] or state:
            counts[key] = counts.get(key, 0) + layers
    return [Kind(layers, *key) for key, layers in counts.items()]


def _stored_mixers(arch: Architecture, kept: CacheType) -> t.Iterator[t.Tuple[Mixer, int, CacheType]]:
    """Mixers with the number of their layers and the type of their cache.

    Types that spare the ends of a model do so only where no layer is recurrent.
    """
    spares = kept.boundaries and not any(isinstance(mixer, Recurrent) for mixer in arch.mixer_counts)
    if not spares:
        yield from ((mixer, layers, kept) for mixer, layers in arch.mixer_counts.items())
        return
    inner = range(BOUNDARY_LAYERS, len(arch.layers) - BOUNDARY_LAYERS)
    for index, layer in enumerate(arch.layers):
        own = kept if index in inner else CACHE_TYPES["auto"]
        yield from ((mixer, 1, own) for mixer in layer.mixers)


def cell_bytes(mixer: Mixer, tensor: int, kept: CacheType) -> int:
    """Bytes of one token in one layer's cache on one GPU."""
    if isinstance(mixer, Grouped):
        head = kept.head_bytes(mixer.key_dim, mixer.value_dim) if mixer.owns_cache else 0
        own = max(1, mixer.kv_heads // tensor) * head
        # Block-sparse attention keeps its index in 16 bits, whatever the cache (minimax_m3's indexer).
        return own + mixer.index_dim * INDEX_ELEMENT_BYTES
    if isinstance(mixer, Latent) and mixer.unpacked_cache:
        width = mixer.nope_dim + mixer.rope_dim
        return max(1, mixer.heads // tensor) * kept.head_bytes(width, width)
    if isinstance(mixer, Latent):
        return _latent_cell(mixer, kept)
    return CELL_BYTES if isinstance(mixer, Compressed) else 0


def _latent_cell(mixer: Latent, kept: CacheType) -> int:
    plain = kept.vector_bytes(mixer.latent_rank + mixer.rope_dim)
    if mixer.indexer is None:
        return plain
    return (kept.sparse_cell or plain) + indexer_cell(mixer.indexer)


def _held_tokens(mixer: Mixer, in_flight_tokens: t.Optional[int]) -> t.Optional[int]:
    """Tokens that a window layer holds; None where all are kept."""
    window = mixer.window if isinstance(mixer, Grouped) else None
    return None if window is None or in_flight_tokens is None else window - 1 + in_flight_tokens


def _state_bytes(state: Recurrent, tensor: int) -> int:
    conv = state.conv_elements * 2
    return ceil_div(conv + state.state_elements * state.state_bytes, min(tensor, max(1, state.heads)))
