# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cache sizes against what engines logged, and the closed form against its inverse."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import NEWEST
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import SGLANG
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import (
    KvCache,
    kv_cache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.builders import DEEPSEEK_R1, GPT_OSS_20B, LLAMA_8B, QWEN3_4B
from tests.unit.plan.published_models import ENTRIES


@pytest.mark.parametrize(
    ("changes", "tensor", "dtype", "cell"),
    [
        (QWEN3_4B, 1, "auto", 147_456),
        (LLAMA_8B, 1, "auto", 131_072),
        (LLAMA_8B, 1, "fp8", 65_536),
        (LLAMA_8B, 4, "auto", 32_768),
        (LLAMA_8B, 16, "auto", 131_072 // 8),
        (DEEPSEEK_R1, 8, "auto", 70_272),
        (DEEPSEEK_R1, 1, "auto", 70_272),
        (dict(DEEPSEEK_R1, model_type="deepseek_v32", index_head_dim=128), 8, "fp8", 48_068),
    ],
)
def test_bytes_per_token(changes: t.Dict[str, t.Any], tensor: int, dtype: str, cell: int) -> None:
    assert kv_cache(read_architecture(changes), tensor, dtype, 8192).growing_bytes == cell


def test_window_layers_hold_prefill_tokens_in_flight_too() -> None:
    cache = kv_cache(read_architecture(GPT_OSS_20B), 1, "auto", 8192)
    assert cache.growing_bytes == 12 * 2 * 8 * 64 * 2
    assert cache.capped == ((12 * 2 * 8 * 64 * 2, 128 + 8192),)
    assert cache.fixed_bytes == 12 * 2 * 8 * 64 * 2 * 16


def test_without_capped_windows_every_layer_grows() -> None:
    plain = {**GPT_OSS_20B, "model_type": "gemma3_text"}
    cache = kv_cache(read_architecture(plain), 1, "auto", None)
    assert (cache.growing_bytes, cache.capped) == (24 * 2 * 8 * 64 * 2, ())


def test_sglang_keeps_windows_in_a_smaller_pool() -> None:
    cache = kv_cache(read_architecture(GPT_OSS_20B), 1, "auto", None, paged_states=False)
    cell = 12 * 2 * 8 * 64 * 2
    assert cache.growing_bytes == pytest.approx(1.8 * cell, abs=1)
    assert cache.request_bytes(64) == pytest.approx(64 * 2 * cell, abs=64)


def test_states_of_sglang_have_a_pool_of_their_own() -> None:
    arch = read_architecture(next(e["config"] for e in ENTRIES if e["name"] == "Qwen/Qwen3.8-27B"))
    plain = kv_cache(arch, 1, "auto", None, paged_states=False)
    held = SGLANG.cache(arch, Layout(1), SGLANG.defaults(80 << 30, 1, "auto"))
    assert held.growing_bytes == pytest.approx(1.9 * plain.growing_bytes)
    assert held.fixed_bytes == plain.fixed_bytes


@pytest.mark.parametrize(("release", "states"), [((0, 31, 0), 2), ((0, 32, 0), 3), (NEWEST, 3)])
def test_mamba2_keeps_a_checkpoint_of_its_prefill_from_a_release_on(
    release: t.Tuple[int, ...], states: int
) -> None:
    config = next(e["config"] for e in ENTRIES if e["name"] == "ibm-granite/granite-4.0-h-small")
    cache = kv_cache(read_architecture(config), 8, "auto", 8192, release=release)
    each = kv_cache(read_architecture(config), 8, "auto", 8192, release=(0, 31, 0)).fixed_bytes // 2
    assert cache.fixed_bytes == states * each


def test_a_model_without_attention_keeps_one_state() -> None:
    config = {"model_type": "mamba2", "num_hidden_layers": 4, "hidden_size": 4096, "num_heads": 128,
              "head_dim": 64, "state_size": 128, "n_groups": 8, "conv_kernel": 4, "vocab_size": 32768}  # fmt: skip
    cache = kv_cache(read_architecture(config), 1, "auto", 8192)
    assert cache.request_bytes(8192) == 4 * 2 * (128 * 64 * 128 + (128 * 64 + 2 * 8 * 128) * 3)


@pytest.mark.parametrize(
    ("dtype", "cell"),
    [
        ("int8_per_token_head", 32 * 8 * (256 + 8)), ("int4_per_token_head", 32 * 8 * (128 + 8)),
        ("nvfp4", 32 * 8 * 2 * 72), ("float32", 32 * 8 * 2 * 128 * 4),
        ("turboquant_k8v4", 28 * 8 * (128 + 64 + 4) + 4 * 8 * 512),
        ("turboquant_k3v4_nc", 28 * 8 * (48 + 2 + 64 + 4) + 4 * 8 * 512),
    ],
)  # fmt: skip
def test_types_with_scales_beside_their_elements(dtype: str, cell: int) -> None:
    assert kv_cache(read_architecture(LLAMA_8B), 1, dtype, 8192).growing_bytes == cell


def test_sparse_latent_cells_in_four_bits() -> None:
    config = dict(DEEPSEEK_R1, model_type="deepseek_v32", index_head_dim=128)
    assert kv_cache(read_architecture(config), 8, "nvfp4_ds_mla", 8192).growing_bytes == 61 * (352 + 132)


def test_plain_cache_of_latent_attention() -> None:
    """MiniCPM3 keeps 40 heads of keys and values, each 96 wide, in 62 layers."""
    config = next(e["config"] for e in ENTRIES if e["name"] == "openbmb/MiniCPM3-4B")
    assert kv_cache(read_architecture(config), 1, "auto", 8192).growing_bytes == 62 * 40 * 2 * 96 * 2


def test_windows_alone_are_limited_by_position_only() -> None:
    assert KvCache(0, ((1000, 256),)).longest(300_000, 131_072) == 131_072


caches = st.builds(
    KvCache,
    st.integers(0, 1 << 18),
    st.lists(st.tuples(st.integers(1, 1 << 16), st.integers(16, 40_000)), max_size=3).map(tuple),
)


@given(caches, st.integers(0, 1 << 36), st.integers(16, 1 << 20))
def test_longest_fits_and_one_step_more_does_not(cache: KvCache, budget: int, limit: int) -> None:
    tokens = cache.longest(budget, limit)
    assert 0 <= tokens <= limit
    assert tokens == 0 or cache.request_bytes(tokens) <= budget
    if tokens < limit:
        step = 1024 if tokens >= 1024 else 16
        following = min(limit, tokens + step)
        assert cache.request_bytes(following) > budget or following == limit or tokens < 1024


@given(caches, st.integers(0, 1 << 36), st.integers(0, 1 << 30), st.integers(16, 1 << 20))
def test_a_larger_budget_never_shortens_the_context(
    cache: KvCache, budget: int, more: int, limit: int
) -> None:
    assert cache.longest(budget + more, limit) >= cache.longest(budget, limit)
