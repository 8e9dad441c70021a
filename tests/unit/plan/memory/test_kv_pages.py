# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vLLM's pool of pages, where layers of several kinds share it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_pages import Kind, in_pages
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.published_models import ENTRIES


def published(name: str) -> t.Dict[str, t.Any]:
    return next(entry["config"] for entry in ENTRIES if entry["name"] == name)


def test_windows_are_padded_to_groups_of_the_full_layers() -> None:
    """Gemma 3 27B: 10 full layers, and 52 windows in six groups of 10."""
    cell, tokens = 2 * 16 * 128 * 2, 1024 + 8192
    cache = kv_cache(read_architecture(published("google/gemma-3-27b-it")), 1, "auto", 8192)
    assert cache.growing_bytes == 10 * cell
    assert (cache.capped, cache.fixed_bytes) == (((60 * cell, tokens),), 60 * cell * 16)
    apart = kv_cache(read_architecture(published("google/gemma-3-27b-it")), 1, "auto", 8192, False)
    assert (apart.capped, apart.fixed_bytes) == (((52 * cell, tokens),), 52 * cell * 16)


def test_a_request_shorter_than_its_window_holds_a_page_more() -> None:
    """Muse Glimmer at 1,024 tokens: 64 pages of the full layers and 65 of each of three groups of windows."""
    arch = read_architecture(published("meta-models/Muse-Glimmer-30B"))
    cache = kv_cache(arch, 1, "auto", 8192)
    assert cache.request_bytes(1024) == (64 + 3 * 65) * 13 * 16 * 2 * 2 * 128 * 2


def test_kinds_of_about_equal_number_share_the_larger_group() -> None:
    assert in_pages([Kind(12, 64, 100), Kind(13, 64)], 2).growing_bytes == 13 * 64
    assert in_pages([Kind(12, 64, 100), Kind(13, 64)], 2).capped == ((13 * 64, 112),)
    assert in_pages([Kind(10, 64, 100), Kind(15, 64)], 2).growing_bytes == 20 * 64


def test_small_cells_fill_the_page_of_large_ones() -> None:
    """Gemma 4 31B: cells of full layers are half as large as those of windows."""
    cache = kv_cache(read_architecture(published("google/gemma-4-31B-it")), 1, "auto", 2048)
    assert cache.growing_bytes == 10 * 2 * 4 * 512 * 2
    assert cache.block_tokens == 32
    uneven = in_pages([Kind(10, 100, 50), Kind(10, 64)], 2)
    assert uneven.growing_bytes == 10 * 100


@pytest.mark.parametrize(("states", "padded"), [(10, 12), (18, 18), (29, 30)])
def test_states_are_padded_to_groups_too(states: int, padded: int) -> None:
    kinds = [Kind(6, 1024), Kind(states, 0, None, 40_000)]
    pages = in_pages(kinds, 2)
    assert pages.block_tokens == 48
    assert pages.fixed_bytes == 2 * padded * 48 * 1024


CELLS = st.sampled_from([256, 640, 1024])
HELD = st.none() | st.integers(1, 9000)
KINDS = st.lists(st.builds(Kind, st.integers(1, 60), CELLS, HELD, st.just(0)), min_size=1, max_size=3)


@given(kinds=KINDS, states=st.integers(0, 10**6))
def test_pages_never_hold_less_than_the_layers_keep(kinds: t.List[Kind], states: int) -> None:
    recurrent = [Kind(7, 0, None, states)] if states else []
    pages = in_pages([*kinds, *recurrent], 2)
    assert pages.growing_bytes >= sum(k.layers * k.cell_bytes for k in kinds if k.held_tokens is None)
    assert sum(size * cap for size, cap in pages.capped) >= sum(
        kind.layers * kind.cell_bytes * kind.held_tokens for kind in kinds if kind.held_tokens is not None
    )
    assert pages.fixed_bytes >= 2 * sum(kind.layers * kind.state_bytes for kind in recurrent)
