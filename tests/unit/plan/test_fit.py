# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Engine budgets and the accounts of a fit."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import describe
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import (
    SGLANG,
    VLLM,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import (
    Fit,
    Shortage,
    Target,
    solve,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import Policy
from hypothesis import given
from hypothesis import strategies as st

from .builders import card, gib, llama_8b, variant

ENGINES = st.sampled_from([VLLM, SGLANG])
TARGETS = st.builds(
    Target, st.none() | st.integers(1024, 131_072), st.integers(1024, 16_384), st.integers(1, 64)
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
    found = fit(VLLM, gib(79), Target(57_344, 4096, 8))
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
    assert isinstance(fit(VLLM, gib(79), Target(131_072, 4096, 8), "--gpu-memory-utilization=0.6"), Shortage)


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
        assert memory.kv_cache_tokens >= target.concurrency * found.context * 0.999


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
