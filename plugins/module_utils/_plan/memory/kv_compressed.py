# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache of compressed sparse attention (DeepSeek V4), as engines keep it.

Each layer keeps a window of whole cells; those with a ratio also one cell for each ``ratio`` tokens of
the past, FP32 sums of the cell that is still open and, where they choose among the cells, keys to do so.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_pages import Pages
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Compressed,
    indexer_cell,
)

# 448 FP8 values, 64 BF16 rotary values, 8 bytes of scales.
CELL_BYTES = 448 + 2 * 64 + 8

# vLLM gives all parts pages of one pool (deepseek_v4, since 0.26): of 256 tokens for cells, of 64 for
# windows, of 4 (ratio 4) or 8 for sums, each rounded up to 576 bytes. A page of the pool is as large as
# all layers' cells of 256 tokens.
PAGE_TOKENS = 256
WINDOW_PAGE_TOKENS = 64
SUM_PAGE_TOKENS = {4: 4}
OTHER_SUM_PAGE_TOKENS = 8
PAGE_STEP_BYTES = 576

# SGLang gives each part a pool of its own, all of them for the same tokens (pool_configurator.py): a
# tenth of them for windows, and so many rows of sums for each window's tokens.
WINDOW_SHARE = 0.1
SUM_ROWS = {4: 8, 128: 128}
SUM_BYTES = 4

Layers = t.Mapping[Compressed, int]


def compressed_pages(layers: Layers, in_flight_tokens: int) -> Pages:
    """vLLM: cells grow; windows and the sums of open cells hold tokens in flight."""
    windows = sum(layers.values()) * _page(WINDOW_PAGE_TOKENS * CELL_BYTES)
    page = sum(count * _cells_page(mixer) for mixer, count in layers.items()) or windows
    groups = ceil_div(windows, page)
    window = max(mixer.window for mixer in layers)
    capped = [(groups * ceil_div(page, WINDOW_PAGE_TOKENS), window - 1 + in_flight_tokens)]
    for ratio in sorted({mixer.ratio for mixer in layers if mixer.ratio}):
        tokens = SUM_PAGE_TOKENS.get(ratio, OTHER_SUM_PAGE_TOKENS)
        overlap = max(_overlap(mixer) for mixer in layers if mixer.ratio == ratio)
        capped.append((ceil_div(page, tokens), overlap * ratio - 1 + in_flight_tokens))
        groups += 1
    # Each window and each open cell may begin within a page.
    return Pages(page / PAGE_TOKENS, tuple(capped), groups * page, PAGE_TOKENS)


def compressed_pools(layers: Layers, drafts: int) -> Pages:
    """SGLang: what all pools take for a token. ``drafts``: layers for speculation, which keep a window."""
    growing = WINDOW_SHARE * CELL_BYTES * (sum(layers.values()) + drafts)
    for mixer, count in layers.items():
        if not mixer.ratio:
            continue
        keys = mixer.indexer.head_dim if mixer.indexer is not None else 0
        sums = 2 * _overlap(mixer) * (mixer.head_dim + keys) * SUM_BYTES
        rows = WINDOW_SHARE * SUM_ROWS.get(mixer.ratio, mixer.ratio) / mixer.window
        growing += count * ((CELL_BYTES + indexer_cell(mixer.indexer)) / mixer.ratio + rows * sums)
    return Pages(growing, (), 0, PAGE_TOKENS)


def _overlap(mixer: Compressed) -> int:
    """Layers that choose among their cells let neighbouring ones overlap."""
    return 1 if mixer.indexer is None else 2


def _cells_page(mixer: Compressed) -> int:
    """Bytes of one layer's cells, and of its indexer's, for a page of tokens."""
    if not mixer.ratio:
        return 0
    count = PAGE_TOKENS // mixer.ratio
    return _page(count * CELL_BYTES) + _page(count * indexer_cell(mixer.indexer))


def _page(size_bytes: int) -> int:
    return ceil_div(size_bytes, PAGE_STEP_BYTES) * PAGE_STEP_BYTES
