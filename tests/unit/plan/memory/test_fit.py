# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Engine budgets and the accounts of a fit."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import (
    Fit,
    Load,
    Shortage,
    Target,
    longest,
    solve,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import (
    CONTEXT_STEP_TOKENS,
    KvCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import Overhead
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import describe
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.builders import DEEPSEEK_R1, card, gib, llama_8b, variant

ENGINES = st.sampled_from([VLLM, SGLANG])
TARGETS = st.builds(
    Target,
    st.none() | st.integers(1024, 131_072),
    st.integers(1024, 16_384),
    st.integers(1, 64),
    usual=st.integers(0, 16_384),
    useful=st.integers(0, 131_072),
)


def candidate_of(engine: Engine, tensor: int = 1, *raw: str) -> Candidate:
    return candidate(describe(llama_8b(), 0), engine, Layout(tensor), card("H100"), Policy(), parse(raw))


def fit(
    engine: Engine, usable_bytes: int, target: Target, *raw: str, tensor: int = 1
) -> t.Union[Fit, Shortage]:
    each = candidate_of(engine, tensor, *raw)
    room = Room(card("H100").total_bytes - card("H100").reserved_bytes, usable_bytes, 0, usable_bytes)
    return solve(each.load, room, each.budget(room, 0.03), target)


def test_comfort_suffices_for_the_longest_context() -> None:
    found = fit(VLLM, gib(79), Target(None, 4096, 8))
    assert isinstance(found, Fit)
    assert found.permille == 920
    assert found.context % 1024 == 0


def test_utilization_is_raised_only_for_what_is_wanted() -> None:
    found = fit(VLLM, gib(79), Target(57_344, 4096, 8, usual=57_344))
    assert isinstance(found, Fit)
    assert 920 < found.permille <= 970


def test_other_programs_lower_the_limit() -> None:
    found = fit(VLLM, gib(40), Target(None, 4096, 8))
    assert isinstance(found, Fit)
    assert found.permille * gib(79.1) / 1000 <= gib(40)


def test_a_shortage_has_both_numbers() -> None:
    found = fit(VLLM, gib(16), Target(None, 4096, 8))
    assert isinstance(found, Shortage)
    assert found.needs_bytes > found.has_bytes > 0


def test_a_fixed_utilization_is_neither_raised_nor_lowered() -> None:
    found = fit(VLLM, gib(79), Target(None, 4096, 8), "--gpu-memory-utilization=0.6")
    assert isinstance(found, Fit)
    assert found.permille == 600
    short = fit(VLLM, gib(79), Target(131_072, 8192, 40), "--gpu-memory-utilization=0.3")
    assert isinstance(short, Shortage)


def test_sglang_keeps_its_own_reserve() -> None:
    found = fit(SGLANG, gib(79), Target(None, 4096, 8))
    assert isinstance(found, Fit)
    assert gib(79) - found.permille * gib(79) // 1000 >= gib(10)


@given(ENGINES, TARGETS, st.integers(0, gib(79.1)), st.sampled_from([1, 2, 4, 8]))
def test_the_parts_add_up_to_what_is_usable(engine: Engine, target: Target, usable: int, tensor: int) -> None:
    found = fit(engine, usable, target, tensor=tensor)
    if isinstance(found, Fit):
        memory = found.memory
        parts = (
            memory.weights_bytes, memory.activation_bytes, memory.runtime_bytes, memory.cuda_graphs_bytes,
            memory.kv_cache_bytes, memory.left_bytes,
        )  # fmt: skip
        assert all(part >= 0 for part in parts)
        assert sum(parts) == usable <= memory.total_bytes
        assert memory.kv_cache_tokens >= found.context * 0.999


@given(ENGINES, TARGETS, st.integers(0, gib(79.1)), st.integers(0, gib(20)))
def test_more_memory_never_gives_less_context(engine: Engine, target: Target, usable: int, more: int) -> None:
    before, after = (fit(engine, size, target) for size in (usable, min(usable + more, gib(79.1))))
    if isinstance(before, Fit):
        assert isinstance(after, Fit)
        assert after.context >= before.context


@given(ENGINES, st.integers(1024, 131_072), st.integers(0, 65_536), st.integers(1, 32))
def test_more_context_never_needs_less_memory(
    engine: Engine, tokens: int, more: int, concurrency: int
) -> None:
    each = candidate_of(engine)

    def need(wanted: int) -> int:
        return each.load.fixed_bytes + concurrency * each.load.cache.request_bytes(wanted)

    assert need(tokens + more) >= need(tokens)
    found = [fit(engine, gib(79), Target(wanted, 4096, concurrency)) for wanted in (tokens, tokens + more)]
    if isinstance(found[1], Fit):
        assert isinstance(found[0], Fit)
        assert found[0].permille <= found[1].permille


def test_a_cache_type_of_the_checkpoint_is_used() -> None:
    quant = {"quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}}
    usual = llama_8b()
    config = dict(usual.repository.config or {}, quantization_config=quant["quantization"])
    each = candidate(describe(variant("a/b", config), 0), VLLM, Layout(1), card("H100"), Policy(), [])
    assert each.settings.kv_dtype == "fp8"
    assert each.load.cache.growing_bytes == 65_536


@given(
    budget=st.integers(4, 80).map(gib),
    concurrency=st.integers(1, 16),
    per_token=st.integers(1, 6000),
    workspace=st.integers(0, gib(2)),
)
def test_a_buffer_for_the_longest_context_is_paid_once(
    budget: int, concurrency: int, per_token: int, workspace: int
) -> None:
    overhead = Overhead(gib(1), gib(1), 0, per_context_token=per_token, workspace_bytes=workspace)
    load = Load(gib(1), overhead, KvCache(50_000), 2**20)
    tokens = longest(load, budget, concurrency, 512)
    assert tokens == 2**20 or load.needs(tokens + CONTEXT_STEP_TOKENS, concurrency, 512) > budget
    assert load.needs(tokens, concurrency, 512) <= budget


def test_sparse_latent_attention_unpacks_long_prompts() -> None:
    """vLLM on eight H200 has 94.46 GiB of GLM-5 on each before its cache at 1,048,576 tokens."""
    arch = read_architecture({**DEEPSEEK_R1, "model_type": "glm_moe_dsa", "index_head_dim": 128})
    small, large = (
        VLLM.overhead(arch, Layout(8), VLLM.defaults(gib(140), 8, dtype)) for dtype in ("auto", "fp8")
    )
    assert small.context_bytes(2**20) == 2**20 * 40 * 132 - small.workspace_bytes
    assert large.context_bytes(2**20) == 2**20 * 5 * 576 * 2 - large.workspace_bytes
    assert large.context_bytes(65_536) == 0
    assert SGLANG.overhead(arch, Layout(8), SGLANG.defaults(gib(140), 8, "fp8")).per_context_token == 0


def test_the_aim_raises_the_fraction_as_far_as_the_limit_goes() -> None:
    least, aimed, beyond = (
        fit(VLLM, gib(40), Target(None, 4096, 8, usual=4096, useful=useful))
        for useful in (8192, 131_072, 10**6)
    )
    assert isinstance(least, Fit)
    assert isinstance(aimed, Fit)
    assert isinstance(beyond, Fit)
    assert least.permille <= aimed.permille == beyond.permille
    assert least.context <= aimed.context


def test_a_snug_fit_takes_what_its_aim_takes() -> None:
    whole = fit(VLLM, gib(79), Target(None, 4096, 8, usual=4096, useful=32_768))
    snug = fit(VLLM, gib(79), Target(None, 4096, 8, usual=4096, useful=32_768, snug=True))
    assert isinstance(whole, Fit)
    assert isinstance(snug, Fit)
    assert snug.permille < whole.permille
    assert 32_768 <= snug.context < 36_000


def test_the_tokens_of_a_step_are_in_flight_once() -> None:
    """A window of 1024 tokens with 2048 in flight: eight requests at rest hold eight windows."""
    cache = KvCache(100, ((1000, 1023 + 2048 + 16),), block_tokens=16, in_flight_tokens=2048)
    one, eight = cache.requests_bytes(1, 32_768), cache.requests_bytes(8, 32_768)
    assert one == cache.request_bytes(32_768)
    assert eight == 8 * (100 * 32_768 + 1000 * 1039) + 1000 * 2048
    assert cache.requests_in(eight, 32_768) == 8.0
    assert cache.requests_in(0, 32_768) == 0.0
    assert KvCache(0).requests_in(gib(1), 4096) > 10**6
