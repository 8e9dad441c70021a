# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every plan: it keeps the limits that it prints, order changes nothing, memory never harms."""

from __future__ import annotations

import random
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_rule,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Gpu,
    Host,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.packing import make_plans
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import wrapped
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import GOALS, Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import describe
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.unit.plan.builders import (
    BLOCK_FP8,
    CARDS,
    QWEN3_32B,
    card,
    deepseek_r1,
    gib,
    llama_8b,
    llama_70b,
    qwen3_32b,
    request,
    variant,
)

Plan = t.Mapping[str, t.Any]

MOE = variant(
    "example/moe-fp8",
    dict(
        QWEN3_32B, model_type="qwen3_moe", num_experts=128, num_experts_per_tok=8, moe_intermediate_size=768,
        num_hidden_layers=94, quantization_config=BLOCK_FP8,
    ),
)  # fmt: skip
MODELS: t.List[t.List[Variant]] = [[llama_8b()], [llama_70b()], qwen3_32b(), [MOE], [deepseek_r1()]]
PARTS = (
    "weights_bytes",
    "activation_bytes",
    "runtime_bytes",
    "cuda_graphs_bytes",
    "kv_cache_bytes",
    "left_bytes",
)


@st.composite
def fleets(draw: st.DrawFn) -> t.List[Host]:
    """Up to four hosts of up to two kinds of cards, some in use, linked in islands of two, four or all."""
    kinds = draw(st.lists(st.sampled_from(sorted(CARDS)), min_size=1, max_size=2, unique=True))
    return [
        draw(_host("gpu-%d" % number, draw(st.sampled_from(kinds))))
        for number in range(draw(st.integers(1, 4)))
    ]


@st.composite
def _host(draw: st.DrawFn, name: str, kind: str) -> Host:
    count, island = draw(st.sampled_from([1, 2, 4, 8])), draw(st.sampled_from([1, 2, 4, 8]))
    used = draw(st.lists(st.sampled_from([0, 0, 1, 7]), min_size=count, max_size=count))
    gpus = [card(kind, index, name, gib(used[index])) for index in range(count)]
    return Host(
        name,
        "default",
        tuple(replace(gpu, island=gpu.index // island) for gpu in gpus),
        draw(st.sampled_from(["", "rack-1", "rack-2"])),
    )


POLICIES = st.builds(
    Policy,
    context_tokens=st.none() | st.sampled_from([2048, 16_384, 40_960]),
    concurrency=st.sampled_from([1, 8, 64, 256]),
    replicas=st.integers(1, 2),
    goal=st.sampled_from(GOALS),
    backend=st.none() | st.sampled_from(["vLLM", "SGLang"]),
    tensor_parallel=st.none() | st.sampled_from([1, 2, 8, 16]),
    trust_remote_code=st.just(True),
)
COMMON = settings(
    max_examples=settings().max_examples * 2 // 5, suppress_health_check=[HealthCheck.filter_too_much]
)


def planned(variants: t.Sequence[Variant], hosts: t.Sequence[Host], policy: Policy) -> t.Optional[Outcome]:
    try:
        return make_plan(request(variants, hosts, policy))
    except AutoconfigError:
        return None


def gpus_of(plan: Plan, hosts: t.Sequence[Host]) -> t.List[Gpu]:
    """The cards of a placement, which all exist on the host that it names."""
    there = {(host.name, gpu.uuid): gpu for host in hosts for gpu in host.gpus}
    return [there[place["host"], gpu["uuid"]] for place in plan["placement"] for gpu in place["gpus"]]


def layout_of(plan: Plan) -> Layout:
    return Layout(**plan["parallelism"])


def taken_by_engine(plan: Plan) -> int:
    """What the printed fraction covers: all but what is left for vLLM, weights and cache for SGLang."""
    covered = PARTS[:-1] if plan["backend"] == "vLLM" else ("weights_bytes", "kv_cache_bytes")
    return sum(plan["memory"][part] for part in covered)


def offered_to_engine(plan: Plan, taken: t.Sequence[Gpu], usable: int) -> int:
    """What the printed fraction is a share of: the card for vLLM, what SGLang finds free at its start."""
    if plan["backend"] == "vLLM":
        return min(gpu.total_bytes for gpu in taken)
    return usable - int(plan["memory"]["runtime_bytes"])


@COMMON
@given(st.sampled_from(MODELS), fleets(), POLICIES)
def test_a_plan_keeps_every_limit_that_it_prints(
    variants: t.List[Variant], hosts: t.List[Host], policy: Policy
) -> None:
    outcome = planned(variants, hosts, policy)
    assume(outcome is not None)
    plan = t.cast(Outcome, outcome).plans[0]
    memory, layout, taken = plan["memory"], layout_of(plan), gpus_of(plan, hosts)
    usable = min(room_of(gpu, Claims()).usable_bytes for gpu in taken)
    assert sum(memory[part] for part in PARTS) == usable
    assert min(memory[part] for part in PARTS) >= 0
    assert 0 < plan["utilization"] <= 1
    assert taken_by_engine(plan) <= plan["utilization"] * offered_to_engine(plan, taken, usable)
    assert memory["kv_cache_tokens"] >= 0.999 * plan["context_tokens"]
    assert max(map(len, wrapped(t.cast(Outcome, outcome).lines))) <= 100
    chosen = next(each for each in variants if each.repository.ref.name == plan["variant"]["repository"])
    described = describe(chosen, 0)
    assert plan["context_tokens"] <= described.architecture.position_limit
    assert broken_rule(described.architecture, described.quantization, layout, plan["backend"]) is None


@COMMON
@given(st.sampled_from(MODELS), fleets(), POLICIES)
def test_a_placement_takes_each_gpu_once_and_equal_ones_together(
    variants: t.List[Variant], hosts: t.List[Host], policy: Policy
) -> None:
    outcome = planned(variants, hosts, policy)
    assume(outcome is not None)
    plan = t.cast(Outcome, outcome).plans[0]
    layout, taken = layout_of(plan), gpus_of(plan, hosts)
    assert len({gpu.uuid for gpu in taken}) == len(taken) == layout.gpus * policy.replicas
    assert len({gpu.kind for gpu in taken}) == 1
    for replica in range(policy.replicas):
        places = [place for place in plan["placement"] if place["replica"] == replica]
        assert len({place["host"] for place in places}) == len(places) == layout.hosts
        assert {len(place["gpus"]) for place in places} == {layout.gpus_per_host}


@COMMON
@given(st.sampled_from(MODELS), fleets(), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_hosts_and_of_their_gpus_changes_nothing(
    variants: t.List[Variant], hosts: t.List[Host], policy: Policy, chance: random.Random
) -> None:
    mixed = [replace(host, gpus=tuple(chance.sample(host.gpus, len(host.gpus)))) for host in hosts]
    chance.shuffle(mixed)
    assert planned(variants, hosts, policy) == planned(variants, mixed, policy)


def freed(gpu: Gpu, size: int) -> Gpu:
    """The card with up to ``size`` bytes less in use."""
    less = min(size, gpu.used_bytes)
    return replace(gpu, used_bytes=gpu.used_bytes - less, free_bytes=gpu.free_bytes + less)


@COMMON
@given(st.sampled_from(MODELS), fleets(), POLICIES, st.integers(0, 3), st.integers(0, 7), st.integers(1, 7))
def test_memory_that_becomes_free_on_any_card_never_makes_a_plan_worse(
    variants: t.List[Variant], hosts: t.List[Host], policy: Policy, at: int, index: int, size: int
) -> None:
    policy = replace(policy, goal="balanced")
    before = planned(variants[:1], hosts, policy)
    assume(before is not None)
    host = hosts[at % len(hosts)]
    gpus = tuple(freed(gpu, gib(size)) if gpu.index == index % len(host.gpus) else gpu for gpu in host.gpus)
    roomier = [replace(each, gpus=gpus) if each is host else each for each in hosts]
    after = planned(variants[:1], roomier, policy)
    assert after is not None
    assert after.distance <= t.cast(Outcome, before).distance


@COMMON
@given(st.sampled_from(MODELS), fleets(), POLICIES)
def test_the_same_more_on_every_card_never_shortens_the_context(
    variants: t.List[Variant], hosts: t.List[Host], policy: Policy
) -> None:
    policy = replace(policy, goal="balanced", context_tokens=None)
    before = planned(variants[:1], hosts, policy)
    assume(before is not None)
    more = [replace(host, gpus=tuple(_larger(gpu, gib(1)) for gpu in host.gpus)) for host in hosts]
    after = planned(variants[:1], more, policy)
    assert after is not None
    if layout_of(after.plans[0]) == layout_of(t.cast(Outcome, before).plans[0]):
        assert after.plans[0]["context_tokens"] >= t.cast(Outcome, before).plans[0]["context_tokens"]


def _larger(gpu: Gpu, size: int) -> Gpu:
    return replace(gpu, total_bytes=gpu.total_bytes + size, free_bytes=gpu.free_bytes + size)


@settings(COMMON, max_examples=COMMON.max_examples // 2)
@given(st.lists(st.sampled_from(MODELS), min_size=2, max_size=3), fleets(), POLICIES)
def test_several_models_never_take_the_same_byte(
    several: t.List[t.List[Variant]], hosts: t.List[Host], policy: Policy
) -> None:
    policy = replace(policy, tensor_parallel=None, goal="balanced")
    asked = [
        request(variants, hosts, policy, name="model-%d" % number) for number, variants in enumerate(several)
    ]
    try:
        outcome = make_plans(asked)
    except AutoconfigError:
        return
    claimed: t.Dict[str, int] = {}
    for plan in outcome.plans:
        for gpu in gpus_of(plan, hosts):
            used = sum(plan["memory"][part] for part in PARTS if part != "left_bytes")
            claimed[gpu.uuid] = claimed.get(gpu.uuid, 0) + used
    rooms = {gpu.uuid: room_of(gpu, Claims()).usable_bytes for host in hosts for gpu in host.gpus}
    assert all(size <= rooms[uuid] for uuid, size in claimed.items())
