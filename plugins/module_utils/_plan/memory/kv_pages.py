# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VLLM's one pool of pages for layers of several kinds (kv_cache_utils.py).

Every page is as large as any other. Layers of a kind are put into groups of one size, the last of them
padded, and a page of the pool serves one group.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div, round_up

BLOCK_TOKENS = 16

# Kinds with fewer than so many times the layers of the rarest one share its groups' size, which is then
# that of the commonest.
_ALIKE = 1.5


class Kind(t.NamedTuple):
    """``layers`` that keep the same of a request: ``cell_bytes`` of each token, or states of a fixed size.

    ``held_tokens``: the tokens that a window holds, None where all are kept.
    """

    layers: int
    cell_bytes: int
    held_tokens: t.Optional[int] = None
    state_bytes: int = 0


class Pages(t.NamedTuple):
    """As the fields of KvCache."""

    growing_bytes: float
    capped: t.Tuple[t.Tuple[int, int], ...]
    fixed_bytes: int
    block_tokens: int


def in_pages(kinds: t.Sequence[Kind], states: int) -> Pages:
    """Pages of a request with ``states`` of each recurrent layer. One kind at least has cells."""
    block = _block_tokens(kinds)
    page = block * max(kind.cell_bytes for kind in kinds)
    counts = [kind.layers for kind in kinds]
    size = max(counts) if max(counts) < _ALIKE * min(counts) else min(counts)
    growing, capped, fixed, longest = 0.0, [], 0, block
    for kind in kinds:
        unit = ceil_div(kind.layers, size) * size * page
        if kind.state_bytes:
            fixed += states * unit
            continue
        # Smaller cells: more tokens on a page where they fill it, else a page with room to spare.
        own = block * kind.cell_bytes
        tokens = page // own * block if page % own == 0 else block
        longest = max(longest, tokens)
        if kind.held_tokens is None:
            growing += unit / tokens
        else:
            # A window may begin within a page, which is one more however short the request.
            capped.append((ceil_div(unit, tokens), round_up(kind.held_tokens, tokens)))
            fixed += unit
    return Pages(growing, tuple(sorted(capped)), fixed, longest)


def _block_tokens(kinds: t.Sequence[Kind]) -> int:
    """Tokens of a page of the largest cells, which holds the largest state too."""
    cell, state = max(kind.cell_bytes for kind in kinds), max(kind.state_bytes for kind in kinds)
    return max(1, ceil_div(ceil_div(state, cell), BLOCK_TOKENS)) * BLOCK_TOKENS
