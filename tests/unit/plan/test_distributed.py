# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replicas over several hosts, and data-parallel ranks."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import LLAMA_70B, deepseek_r1, host, llama_8b, llama_70b, request, variant

TRUSTED = Policy(trust_remote_code=True)
BUSY = replace(TRUSTED, concurrency=256, context_tokens=8192)


def hosts(kind: str, count: int, gpus: int = 8, racks: t.Sequence[str] = ("",)) -> t.List[Host]:
    return [
        replace(host(kind, gpus, "gpu-%d" % number), domain=racks[number % len(racks)])
        for number in range(count)
    ]


def places(outcome: Outcome) -> t.List[t.Tuple[int, str, int]]:
    return [(place["replica"], place["host"], len(place["gpus"])) for place in outcome.plans[0]["placement"]]


def layout(outcome: Outcome) -> t.Tuple[int, int, int, int]:
    parallel = outcome.plans[0]["parallelism"]
    return parallel["tensor"], parallel["pipeline"], parallel["data"], parallel["hosts"]


def test_stages_follow_hosts_where_one_host_is_too_small() -> None:
    outcome = make_plan(request([deepseek_r1()], hosts("H100", 2), TRUSTED))
    assert layout(outcome) == (8, 2, 1, 2)
    assert places(outcome) == [(0, "gpu-0", 8), (0, "gpu-1", 8)]
    assert "--pipeline-parallel-size=2" in outcome.plans[0]["backend_parameters"]
    assert any("distributed over 2 hosts" in text for text in outcome.warnings)
    assert any("2 stages, distributed over 2 hosts" in line for line in outcome.lines)


def test_one_host_is_taken_wherever_it_suffices() -> None:
    assert layout(make_plan(request([llama_70b()], hosts("H100", 4))))[3] == 1


def test_the_fewest_hosts_that_hold_it() -> None:
    assert layout(make_plan(request([llama_70b()], hosts("4090", 12, gpus=2)))) == (2, 4, 1, 4)


def test_hosts_of_a_replica_are_of_one_rack_and_replicas_of_different_ones() -> None:
    outcome = make_plan(
        request([deepseek_r1()], hosts("H100", 5, racks=("a", "b")), replace(TRUSTED, replicas=2))
    )
    assert places(outcome) == [(0, "gpu-0", 8), (0, "gpu-2", 8), (1, "gpu-1", 8), (1, "gpu-3", 8)]


def test_what_is_left_of_several_racks_makes_a_replica_too() -> None:
    outcome = make_plan(request([deepseek_r1()], hosts("H100", 2, racks=("a", "b")), TRUSTED))
    assert [name for _replica, name, _gpus in places(outcome)] == ["gpu-0", "gpu-1"]


def test_hosts_of_two_sites_are_never_one_replica() -> None:
    apart = [replace(each, site=each.name) for each in hosts("H100", 2)]
    with pytest.raises(DoesNotFit):
        make_plan(request([deepseek_r1()], apart, TRUSTED))


def test_hosts_that_are_missing_are_counted() -> None:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([deepseek_r1()], hosts("H100", 1), TRUSTED))
    assert "would fit on 2 hosts with 6 x NVIDIA H100" in (caught.value.hint or "")


def test_unlike_hosts_are_never_one_replica() -> None:
    mixed = [host("H100", 8, "gpu-0"), host("A100", 8, "gpu-1")]
    with pytest.raises(DoesNotFit, match="H100"):
        make_plan(request([deepseek_r1()], mixed, TRUSTED))


def test_a_group_over_the_network_only_where_it_is_asked_for() -> None:
    outcome = make_plan(request([llama_70b()], hosts("H100", 4, gpus=1), Policy(tensor_parallel=4)))
    assert layout(outcome) == (4, 1, 1, 4)
    assert any("exchange every layer over the network" in text for text in outcome.warnings)
    assert layout(make_plan(request([llama_70b()], hosts("H100", 4, gpus=1)))) == (1, 2, 1, 2)


def test_too_few_hosts_are_told_in_numbers() -> None:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([deepseek_r1()], hosts("H100", 3), replace(TRUSTED, replicas=2)))
    assert any(
        "1 of 2 replicas have a place" in str(entry["reason"]) for entry in caught.value.details["rejected"]
    )


def test_what_gpustack_cannot_place_is_not_planned() -> None:
    policy = replace(TRUSTED, replicas=2, backend="SGLang")
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([deepseek_r1()], hosts("H100", 4), policy))
    assert any(
        "one SGLang replica over hosts" in entry["reason"] for entry in caught.value.details["rejected"]
    )
    outcome = make_plan(request([deepseek_r1()], hosts("H100", 4), replace(policy, backend="vLLM")))
    assert any("GPUStack pairs the hosts" in text for text in outcome.warnings)


def test_a_running_replica_over_hosts_is_kept() -> None:
    there = hosts("H100", 2)
    first = make_plan(request([deepseek_r1()], there, TRUSTED)).plans[0]
    record = {"name": first["name"], "plan_id": first["plan_id"], "managed": True, "state": "running",
              "choice": first, "instances": []}  # fmt: skip
    again = make_plan(request([deepseek_r1()], there, TRUSTED, deployed=(record,)))
    assert again.kept
    assert again.plans[0]["placement"] == first["placement"]
    assert again.plans[0]["parallelism"] == first["parallelism"]


@pytest.mark.parametrize("engine", ["vLLM", "SGLang"])
def test_ranks_where_one_cache_for_all_is_too_small(engine: str) -> None:
    """MLA's cache is whole on each of eight GPUs: 256 requests fit only where ranks share them."""
    outcome = make_plan(request([deepseek_r1()], [host("H200", 8)], replace(BUSY, backend=engine)))
    tensor, _pipeline, data, _hosts = layout(outcome)
    assert (tensor * data, data > 1) == (8, True)
    memory = outcome.plans[0]["memory"]
    assert memory["kv_cache_tokens"] >= 256 // data * outcome.plans[0]["level"]["request_tokens"]


def test_sglangs_group_counts_all_ranks() -> None:
    plan = make_plan(request([deepseek_r1()], [host("H200", 8)], replace(BUSY, backend="SGLang"))).plans[0]
    assert {"--tp-size=8", "--enable-dp-attention", "--ep-size=8"} <= set(plan["backend_parameters"])
    assert "--dp-size=%d" % plan["parallelism"]["data"] in plan["backend_parameters"]


def wished(*parameters: str, backend: str = "vLLM", **policy: t.Any) -> Policy:
    return Policy(backend=backend, backend_parameters=parameters, trust_remote_code=True, **policy)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (wished("--data-parallel-size=2"), (1, 1, 2, 1)),
        (wished("-dp 2", "-pp", "2"), (1, 2, 2, 1)),
        (wished("--pipeline-parallel-size=4"), (1, 4, 1, 1)),
        (wished("--dp-size=4", backend="SGLang", tensor_parallel=2), (2, 1, 4, 1)),
    ],
)
def test_what_a_user_asks_for_is_honoured(policy: Policy, expected: t.Tuple[int, ...]) -> None:
    outcome = make_plan(request([llama_8b()], [host("H100", 8)], policy))
    assert layout(outcome) == expected
    assert len(outcome.plans[0]["placement"][0]["gpus"]) == expected[0] * expected[1] * expected[2]
    spelt = [each.split("=")[0] for each in outcome.plans[0]["backend_parameters"]]
    assert len(spelt) == len(set(spelt))


def test_ranks_over_hosts_where_a_user_asks_for_them() -> None:
    policy = wished("--data-parallel-size=16", "--enable-expert-parallel")
    outcome = make_plan(request([deepseek_r1()], hosts("H200", 2), policy))
    assert layout(outcome) == (1, 1, 16, 2)
    assert "--enable-expert-parallel" in outcome.plans[0]["backend_parameters"]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (wished("--data-parallel-size=no"), "not a positive whole number"),
        (wished("--pipeline-parallel-size=81"), "81 stages for 80 layers"),
        (wished("--enable-expert-parallel"), "without routed experts"),
        (
            wished("--dp-size=3", "--enable-dp-attention", backend="SGLang", tensor_parallel=8),
            "does not divide",
        ),
        (wished("--data-parallel-size=16"), "no host has 16 free GPUs"),
        (wished("--ep-size=4", backend="SGLang", tensor_parallel=8), "some of a group's GPUs"),
    ],
)
def test_a_wrong_wish_is_refused_with_the_rule_that_it_breaks(policy: Policy, words: str) -> None:
    small = variant("example/llama", LLAMA_70B)
    with pytest.raises((InvalidInput, DoesNotFit), match=words):
        make_plan(request([small], [host("H200", 8)], policy))


def test_speculation_and_compressed_attention_have_one_stage() -> None:
    policy = replace(TRUSTED, speculative="mtp")
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([deepseek_r1()], [host("H100", 4)], policy))
    reasons = {str(entry["reason"]) for entry in caught.value.details["rejected"]}
    assert "vLLM speculates in one stage only" in reasons
    assert layout(make_plan(request([deepseek_r1()], hosts("H100", 2), policy)))[:2] == (16, 1)
