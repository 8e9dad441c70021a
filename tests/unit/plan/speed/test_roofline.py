# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roofline: what has to be faster, is."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    FORMATS,
    assumed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import from_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    ApiPrice,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.coefficients import (
    DATA_CENTRE,
    GRAPHICS,
    INSTINCT,
    OTHER,
    RANGES,
    family_of,
    on_card,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.cost import cost_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import (
    COEFFICIENTS,
    Served,
    Speed,
    Traffic,
    estimate,
    step_work,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.builders import LLAMA_8B, LLAMA_70B, MIXTRAL_8X22B, host, llama_8b, llama_70b, request

LOADS = st.builds(Traffic, st.integers(16, 16_384), st.integers(16, 4096), st.integers(1, 256))


def served(
    fmt: str = "bf16",
    card: str = "H100",
    tensor: int = 8,
    config: t.Optional[t.Mapping[str, t.Any]] = None,
) -> Served:
    arch, quantization, known = read_architecture(config or LLAMA_70B), assumed(fmt), card_of(card)
    assert known is not None
    cache = kv_cache(arch, tensor, "auto", 0)
    return Served(arch, quantization, from_config(arch, quantization), Layout(tensor), known, cache)


def speed(which: Served, load: Traffic) -> t.Tuple[float, float]:
    found = estimate(which, load, COEFFICIENTS["vLLM"])
    return found.first_token_s, found.inter_token_s


def test_active_parameters_are_those_of_the_experts_that_are_visited() -> None:
    assert served(config=LLAMA_70B).active_parameters == pytest.approx(69.5e9, rel=0.01)
    assert served(config=MIXTRAL_8X22B).active_parameters == pytest.approx(39e9, rel=0.02)


def test_a_step_reads_the_weights_once_and_every_cache() -> None:
    which = served(tensor=1)
    alone, many = (step_work(which, batch, 1024) for batch in (1, 5))
    cache = which.cache.request_bytes(1024) / 3350e9
    assert many.read_s - alone.read_s == pytest.approx(4 * cache)


def test_more_requests_visit_more_experts() -> None:
    which = served(config=MIXTRAL_8X22B, tensor=8)
    cache = which.cache.request_bytes(1024) / 3350e9
    few, many = (step_work(which, batch, 1024).read_s - batch * cache for batch in (1, 64))
    assert many == pytest.approx(4 * few, rel=0.1)


@given(LOADS, st.integers(1, 64))
def test_more_load_is_never_faster(load: Traffic, more: int) -> None:
    busier = Traffic(load.input_tokens, load.output_tokens, load.concurrency + more)
    calm, busy = speed(served(), load), speed(served(), busier)
    assert busy[0] >= calm[0]
    assert busy[1] >= calm[1]


@given(LOADS)
def test_a_faster_card_and_a_smaller_format_are_never_slower(load: Traffic) -> None:
    usual = speed(served(), load)
    assert all(mine <= other for mine, other in zip(speed(served(card="B200"), load), usual, strict=True))
    assert all(mine <= other for mine, other in zip(speed(served("fp8"), load), usual, strict=True))


def test_what_is_only_unpacked_multiplies_no_faster() -> None:
    long = Traffic(8192, 16, 1)
    first = [speed(served(fmt, "A100"), long)[0] for fmt in ("fp8", "bf16")]
    assert first[0] == pytest.approx(first[1], rel=0.01)


def test_a_plan_tells_a_range() -> None:
    told = make_plan(request([llama_8b()], [host("H100")])).plans[0]["performance"]
    assert (told["input_tokens"], told["output_tokens"], told["concurrency"]) == (1024, 256, 8)
    for key in ("first_token_ms", "inter_token_ms", "tokens_per_s"):
        low, high = told[key]
        assert 0 < low < high
    assert told["inter_token_ms"][0] < 7.5 < told["inter_token_ms"][1] < 15


def test_cost_by_the_hour_and_against_an_api() -> None:
    api = ApiPrice("example", 0.10, 0.60)
    cost = cost_of(16.0, 0.0, (1000.0, 2000.0), 4.0, api)
    assert cost.usd_per_hour == 16.0
    assert cost.usd_per_million_output_tokens == (2.22, 4.44)
    assert cost.break_even_output_tokens_per_hour == 16_000_000
    assert not cost.reachable
    assert cost_of(2.0, 0.0, (1000.0, 2000.0), 4.0, api).reachable
    assert cost_of(2.0, 0.0, (1.0, 2.0), 4.0, None).break_even_output_tokens_per_hour is None


def test_a_price_tells_the_cost_and_changes_no_plan() -> None:
    plain, priced = (
        make_plan(request([llama_8b()], [host("H100")], Policy(gpu_hour_usd=price))) for price in (None, 2.5)
    )
    assert plain.plans[0]["cost"] is None
    assert priced.plans[0]["cost"]["usd_per_hour"] == 2.5
    assert plain.plans[0]["plan_id"] == priced.plans[0]["plan_id"]
    assert any("USD/h" in line for line in priced.lines)


def powered(watts: t.Optional[float], name: str = "NVIDIA H100 80GB HBM3", **policy: t.Any) -> Outcome:
    gpus = tuple(replace(gpu, power_w=watts, name=name) for gpu in host("H100", 2).gpus)
    there = replace(host("H100", 2), gpus=gpus)
    return make_plan(request([llama_70b()], [there], Policy(**policy)))


def test_power_costs_what_the_cards_may_draw() -> None:
    alone = powered(700.0, power_usd_per_kwh=0.25).plans[0]["cost"]
    assert (alone["usd_per_hour"], alone["power_usd_per_hour"]) == (pytest.approx(0.35), pytest.approx(0.35))
    both = powered(700.0, power_usd_per_kwh=0.25, gpu_hour_usd=2.0)
    assert both.plans[0]["cost"]["usd_per_hour"] == pytest.approx(4.35)
    assert any("0.35 of it for power" in line for line in both.lines)
    assert both.plans[0]["plan_id"] == powered(700.0).plans[0]["plan_id"]


def test_unknown_power_is_said() -> None:
    outcome = powered(None, "NVIDIA of tomorrow", power_usd_per_kwh=0.25)
    assert outcome.plans[0]["cost"] is None
    assert any("the power of NVIDIA of tomorrow" in text for text in outcome.warnings)
    known = powered(None, power_usd_per_kwh=0.25).plans[0]["cost"]
    assert known["power_usd_per_hour"] == pytest.approx(0.35)


BUSY = Traffic(1024, 256, 32)


def laid(layout: Layout, joined: bool = True, config: t.Any = None) -> Speed:
    which = served(config=config or LLAMA_70B, tensor=layout.tensor)
    return estimate(replace(which, layout=layout, joined=joined), BUSY, COEFFICIENTS["vLLM"])


def test_stages_serve_more_and_no_quicker() -> None:
    group, stages = laid(Layout(2)), laid(Layout(2, pipeline=2))
    assert stages.inter_token_s > 0.7 * group.inter_token_s
    assert stages.tokens_per_s < 2 * group.tokens_per_s


def test_copies_serve_as_many_times_more() -> None:
    alone = estimate(served(tensor=2), Traffic(1024, 256, 16), COEFFICIENTS["vLLM"])
    assert laid(Layout(2, data=2)).tokens_per_s == pytest.approx(2 * alone.tokens_per_s)


def test_the_network_is_slower_than_any_link() -> None:
    near, far = laid(Layout(8)), laid(Layout(8, hosts=2))
    staged = laid(Layout(4, pipeline=2, hosts=2))
    assert far.first_token_s > 2 * near.first_token_s
    assert far.first_token_s > staged.first_token_s
    assert laid(Layout(8), joined=False).first_token_s > near.first_token_s


def test_a_lone_request_waits_for_no_prompt_between_its_tokens() -> None:
    few, many = (speed(served(), Traffic(16_384, answer, 1))[1] for answer in (16, 256))
    assert few == pytest.approx(many, rel=0.01)
    assert speed(served(), Traffic(16_384, 16, 8))[1] > 2 * few


def test_a_burst_waits_longer_for_its_first_tokens() -> None:
    steady, burst = (Traffic(1024, 256, 200, at_once=at_once) for at_once in (False, True))
    assert speed(served(), burst)[0] > 3 * speed(served(), steady)[0]
    assert speed(served(), burst)[1] < speed(served(), steady)[1]
    alone = (Traffic(1024, 256, 1, at_once=at_once) for at_once in (False, True))
    assert speed(served(), next(alone)) == speed(served(), next(alone))


def test_a_small_dense_model_answers_soon_in_every_engine() -> None:
    small = served(tensor=1, config=LLAMA_8B)
    for by in COEFFICIENTS.values():
        assert 0.01 < estimate(small, Traffic(256, 256, 4), by).first_token_s < 0.1


@pytest.mark.parametrize(
    ("name", "family"),
    [("H100", DATA_CENTRE), ("V100", DATA_CENTRE), ("L4", GRAPHICS), ("RTX 5090", GRAPHICS), ("GB10", GRAPHICS),
     ("MI300X", INSTINCT), ("RX 7900 XTX", OTHER)],
)  # fmt: skip
def test_the_family_of_a_card(name: str, family: str) -> None:
    card = card_of(name)
    assert card is not None
    assert family_of(card) == family


@pytest.mark.parametrize("engine", sorted(COEFFICIENTS))
def test_no_kernel_is_faster_than_its_card(engine: str) -> None:
    for fmt in FORMATS.values():
        for name in ("H100", "L4", "MI300X", "RX 7900 XTX"):
            card = card_of(name)
            assert card is not None
            here = on_card(COEFFICIENTS[engine], card, replace(assumed("bf16"), format=fmt))
            assert 0 < here.bandwidth < 1
            assert 0 < here.arithmetic < 1


def test_a_range_holds_its_middle_and_turns_round_for_rates() -> None:
    for around in RANGES.values():
        assert all(low < 1 < high for low, high in (around.first_token, around.inter_token, around.tokens))
        assert around.tokens == pytest.approx((1 / around.inter_token[1], 1 / around.inter_token[0]))
