# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several models on the same GPUs."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.packing import make_plans
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.builders import AWQ, QWEN3_4B, QWEN3_32B, host, llama_8b, llama_70b, request, variant

SMALL = variant("Qwen/Qwen3-4B", QWEN3_4B, 8_045_000_000)


def asked(variants: t.Sequence[t.Any], hosts: t.Sequence[Host], name: str, **policy: t.Any) -> Request:
    return request(variants, hosts, Policy(**policy), name=name)


def taken(plans: t.Iterable[t.Mapping[str, t.Any]]) -> t.Dict[str, int]:
    """Bytes that plans claim on each GPU."""
    claimed: t.Dict[str, int] = {}
    for plan in plans:
        memory = plan["memory"]
        used = usable(memory) - memory["left_bytes"]
        for gpu in (gpu for place in plan["placement"] for gpu in place["gpus"]):
            claimed[gpu["uuid"]] = claimed.get(gpu["uuid"], 0) + used
    return claimed


def usable(memory: t.Mapping[str, int]) -> int:
    parts = (
        "weights_bytes",
        "activation_bytes",
        "runtime_bytes",
        "cuda_graphs_bytes",
        "kv_cache_bytes",
        "left_bytes",
    )
    return sum(memory[part] for part in parts)


def test_the_largest_is_placed_first_and_the_order_of_the_answer_is_that_of_the_question() -> None:
    hosts = [host("H100", 8)]
    plans = make_plans([asked([llama_8b()], hosts, "small"), asked([llama_70b()], hosts, "large",
                        context_tokens=8192)]).plans  # fmt: skip
    assert [plan["name"] for plan in plans] == ["small", "large"]
    places = [{gpu["index"] for gpu in plan["placement"][0]["gpus"]} for plan in plans]
    assert not places[0] & places[1]


def test_models_share_a_card_only_where_they_have_to() -> None:
    apart = make_plans([asked([llama_8b()], [host("H100", 2)], "a"), asked([SMALL], [host("H100", 2)], "b")])
    assert {plan["placement"][0]["gpus"][0]["index"] for plan in apart.plans} == {0, 1}
    assert [plan["utilization"] for plan in apart.plans] == [0.92, 0.92]
    shared = make_plans([asked([llama_8b()], [host("H100")], "a"), asked([SMALL], [host("H100")], "b")])
    assert sum(plan["utilization"] for plan in shared.plans) < 0.97
    assert {plan["placement"][0]["gpus"][0]["index"] for plan in shared.plans} == {0}


def test_what_does_not_fit_together_is_refused() -> None:
    alone = [asked([llama_8b()], [host("4090")], name) for name in ("a", "b")]
    assert make_plan(alone[0]).plans
    with pytest.raises(DoesNotFit):
        make_plans(alone)


def test_the_largest_makes_room_for_what_finds_no_place_beside_it() -> None:
    whole = variant("Qwen/Qwen3-32B", QWEN3_32B, 65_524_000_000)
    four_bits = variant("Qwen/Qwen3-32B-AWQ", {**QWEN3_32B, "quantization_config": AWQ}, 19_330_000_000)
    hosts = [host("4090", 4)]
    large = asked([whole, four_bits], hosts, "large")
    assert make_plan(large).plans[0]["parallelism"]["tensor"] == 4
    large_plan, small_plan = make_plans([large, asked([llama_8b()], hosts, "small")]).plans
    assert large_plan["parallelism"]["tensor"] == 2
    assert small_plan["variant"]["quantization"] == "bf16"
    assert len(taken([large_plan, small_plan])) == 3


def test_names_have_to_differ() -> None:
    with pytest.raises(InvalidInput, match="same name"):
        make_plans([asked([SMALL], [host("H100")], "a"), asked([SMALL], [host("H100")], "a")])


def test_what_runs_already_is_given_back_to_all_of_them() -> None:
    full = host("H100", 1, used=80 * 10**9)
    records = [
        {"name": name, "instances": [{"gpus": [{"uuid": full.gpus[0].uuid, "claimed_bytes": 40 * 10**9}]}]}
        for name in ("a", "b")
    ]
    requests = [
        request(variants, [full], name=name, deployed=tuple(records))
        for name, variants in (("a", [llama_8b()]), ("b", [SMALL]))
    ]
    assert len(make_plans(requests).plans) == 2


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(["H100", "L40S"]), st.integers(1, 3)), min_size=1, max_size=3),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_no_byte_is_given_away_twice_and_the_order_of_hosts_changes_nothing(
    shapes: t.List[t.Tuple[str, int]], replicas: t.List[int], rng: t.Any
) -> None:
    hosts = [host(kind, count, "gpu-%d" % number) for number, (kind, count) in enumerate(shapes)]
    shuffled = rng.sample(hosts, len(hosts))
    answers = []
    for there in (hosts, shuffled):
        requests = [asked([SMALL], there, "m%d" % number, replicas=n) for number, n in enumerate(replicas)]
        try:
            answers.append(make_plans(requests).plans)
        except DoesNotFit:
            answers.append(())
    assert answers[0] == answers[1]
    rooms = {gpu.uuid: gpu.total_bytes - gpu.reserved_bytes for each in hosts for gpu in each.gpus}
    assert all(size <= rooms[uuid] for uuid, size in taken(answers[0]).items())


def test_what_others_use_and_what_is_planned_add_up() -> None:
    """16.6 GiB are free on each card, and half of a model takes 10 on each: there is no room for a second."""
    busy = host("4090", 2, used=7 << 30)
    together = [asked([llama_8b()], [busy], name, concurrency=1) for name in ("a", "b")]
    assert make_plan(together[0]).plans
    with pytest.raises(DoesNotFit):
        make_plans(together)
