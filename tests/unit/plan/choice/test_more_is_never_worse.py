# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""More hardware, more memory, more variants and smaller wishes never give a worse plan.

A plan is worse where its context, its time between tokens or its precision is, unless something else got
better and it still gives a useful context at a readable speed. 8 instead of 16 bits are made good by fewer GPUs
alone, 4 bits by nothing.
"""

from __future__ import annotations

import functools
import itertools
import random
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    LATENCY,
    QUALITY,
    THROUGHPUT,
    Policy,
)

from tests.unit.plan.builders import (
    AWQ,
    BLOCK_FP8,
    DEEPSEEK_R1,
    GPT_OSS_20B,
    LLAMA_8B,
    LLAMA_70B,
    MIXTRAL_8X22B,
    QWEN3_4B,
    QWEN3_32B,
    gib,
    request,
    variant,
)

Plan = t.Dict[str, t.Any]


def formats(name: str, config: t.Mapping[str, t.Any], billions: float) -> t.List[Variant]:
    """In 16 bits, in FP8 and in four bits."""
    return [
        variant(name, config, int(2.01e9 * billions)),
        variant(name + "-FP8", dict(config, quantization_config=BLOCK_FP8), int(1.05e9 * billions)),
        variant(name + "-AWQ", dict(config, quantization_config=AWQ), int(0.6e9 * billions)),
    ]


QWEN3_8B = dict(
    QWEN3_32B, hidden_size=4096, num_hidden_layers=36, num_attention_heads=32, intermediate_size=12288
)
QWEN3_14B = dict(
    QWEN3_32B, hidden_size=5120, num_hidden_layers=40, num_attention_heads=40, intermediate_size=17408
)
QWEN3_MOE = dict(
    QWEN3_32B, model_type="qwen3_moe", hidden_size=2048, num_hidden_layers=48, num_attention_heads=32,
    num_key_value_heads=4, num_experts=128, num_experts_per_tok=8, moe_intermediate_size=768,
)  # fmt: skip
QWEN3_235B = dict(
    QWEN3_MOE, hidden_size=4096, num_hidden_layers=94, num_attention_heads=64, moe_intermediate_size=1536
)
GEMMA_LIKE = dict(
    LLAMA_8B, model_type="gemma2", head_dim=256, num_attention_heads=16, sliding_window=4096,
    hidden_size=3584, num_hidden_layers=42, vocab_size=256000, max_position_embeddings=8192,
)  # fmt: skip
R1 = [
    variant("deepseek-ai/DeepSeek-R1", DEEPSEEK_R1, 688_586_727_753),
    variant("o/R1-AWQ", dict(DEEPSEEK_R1, quantization_config=AWQ), 351_000_000_000),
]
MODELS: t.Mapping[str, t.List[Variant]] = {
    "qwen3-4b": formats("Qwen/Qwen3-4B", QWEN3_4B, 4.0),
    "qwen3-8b": formats("Qwen/Qwen3-8B", QWEN3_8B, 8.2),
    "qwen3-14b": formats("Qwen/Qwen3-14B", QWEN3_14B, 14.8),
    "qwen3-32b": formats("Qwen/Qwen3-32B", QWEN3_32B, 32.8),
    "llama-8b": formats("meta-llama/Llama-3.1-8B-Instruct", LLAMA_8B, 8.0),
    "llama-70b": formats("meta-llama/Llama-3.1-70B-Instruct", LLAMA_70B, 70.6),
    "mixtral": formats("mistralai/Mixtral-8x22B-Instruct", MIXTRAL_8X22B, 141.0),
    "qwen3-moe": formats("Qwen/Qwen3-30B-A3B", QWEN3_MOE, 30.5),
    "qwen3-235b": formats("Qwen/Qwen3-235B-A22B", QWEN3_235B, 235.0),
    "gemma": formats("google/gemma-2-9b-it", GEMMA_LIKE, 9.2),
    "gpt-oss": [variant("openai/gpt-oss-20b", GPT_OSS_20B, 13_761_264_768)],
    "deepseek-r1": R1,
}
CARDS = (
    "T4", "L4", "A10G", "RTX3090", "RTX4090", "RTX5090", "L40S", "RTX-PRO-6000", "A100-40GB-SXM", "A100-80GB-SXM",
    "H100-80GB-SXM", "H200", "B200", "MI300X", "GB10",
)  # fmt: skip
COUNTS = range(1, 9)
USUAL = Policy()
RANK = {"bf16": 3, "fp8": 2, "int8": 2, "fp4": 1, "int4": 1}


@functools.cache
def there(shape: str, name: str = "gpu-a") -> Host:
    return read_host(name, "default", simulated(Machine(), shape), "")[0]


@functools.cache
def planned(model: str, hosts: t.Tuple[Host, ...], policy: Policy = USUAL) -> t.Optional[Plan]:
    try:
        return make_plan(
            request(MODELS[model], hosts, replace(policy, trust_remote_code=True), name="m")
        ).plans[0]
    except AutoconfigError:
        return None


def between(plan: Plan) -> float:
    speed = plan["performance"]
    return 0.0 if speed is None else (speed["inter_token_ms"][0] * speed["inter_token_ms"][1]) ** 0.5


def gpus(plan: Plan) -> int:
    return sum(len(place["gpus"]) for place in plan["placement"])


def worse(before: t.Optional[Plan], after: t.Optional[Plan]) -> str:
    """What is worse in the second plan; empty where nothing is."""
    if before is None:
        return ""
    if after is None:
        return "refused"
    precisions = [RANK[plan["variant"]["quantization"]] for plan in (before, after)]
    contexts = [plan["context_tokens"] for plan in (before, after)]
    times = [between(plan) for plan in (before, after)]
    if precisions[1] < precisions[0] and (precisions[1] == 1 or gpus(after) >= gpus(before)):
        return "precision %s -> %s" % tuple(p["variant"]["quantization"] for p in (before, after))
    better = (
        precisions[1] > precisions[0]
        or contexts[0] < 0.95 * contexts[1]
        or times[0] > 1.15 * times[1]
        or gpus(after) < gpus(before)
    )
    if contexts[1] < 0.95 * contexts[0] and not (better and contexts[1] >= 16_384):
        return "context %d -> %d" % tuple(contexts)
    # The order takes the worst part first: a context that was missed by more than the time is missed now
    # makes good for it, as far as one step of a quarter tells them apart.
    missed = before["level"]["context_tokens"] / contexts[0]
    useful = (
        contexts[0] < 16_384 <= contexts[1] and times[1] <= 1.25 * missed * before["level"]["inter_token_ms"]
    )
    if times[1] > 1.16 * times[0] and not (better and (useful or times[1] <= 50.0)):
        return "time %.0f -> %.0f ms" % tuple(times)
    return ""


def faults(model: str, card: str) -> t.Iterator[str]:
    """Where one GPU more gives a worse plan."""
    plans = [planned(model, (there("%dx%s" % (count, card)),)) for count in COUNTS]
    for count, (before, after) in enumerate(itertools.pairwise(plans), 2):
        found = worse(before, after)
        if found:
            yield "%s on %d x %s: %s" % (model, count, card, found)


SAMPLE = random.Random(7).sample(sorted(itertools.product(MODELS, CARDS)), 6)


@pytest.mark.parametrize(("model", "card"), SAMPLE)
def test_a_gpu_more(model: str, card: str) -> None:
    assert list(faults(model, card)) == []


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_gpu_more_of_every_card(model: str) -> None:
    assert [line for card in CARDS for line in faults(model, card)] == []


PAIRS = random.Random(8).sample(sorted(itertools.product(MODELS, CARDS, (1, 2, 4, 8))), 10)


@pytest.mark.parametrize(("model", "card", "count"), PAIRS)
def test_less_to_do_and_a_host_or_memory_more(model: str, card: str, count: int) -> None:
    host = there("%dx%s" % (count, card))
    plan = planned(model, (host,))
    slower = there("1xGB10", "gpu-b")
    busy = replace(
        host,
        gpus=tuple(
            replace(gpu, used_bytes=gpu.used_bytes + gib(2), free_bytes=gpu.free_bytes - gib(2))
            if gpu.index == 0
            else gpu
            for gpu in host.gpus
        ),
    )
    assert worse(plan, planned(model, (host, slower))) == ""
    assert worse(plan, planned(model, (host, there("%dx%s" % (count, card), "gpu-b")))) == ""
    assert worse(planned(model, (busy,)), plan) == ""
    assert worse(planned(model, (host,), Policy(concurrency=32)), planned(model, (host,))) == ""


@pytest.mark.parametrize(("model", "card", "count"), PAIRS)
def test_a_goal_is_reached_at_least_as_well_as_without_it(model: str, card: str, count: int) -> None:
    host = there("%dx%s" % (count, card))
    usual = planned(model, (host,))
    if usual is None:
        return
    plans = {goal: planned(model, (host,), Policy(goal=goal)) for goal in (LATENCY, QUALITY, THROUGHPUT)}
    quick, fine, busy = (t.cast(Plan, plans[goal]) for goal in (LATENCY, QUALITY, THROUGHPUT))
    assert between(quick) <= 1.06 * between(usual)
    assert RANK[fine["variant"]["quantization"]] >= RANK[usual["variant"]["quantization"]]
    each = [plan["performance"]["tokens_per_s"][0] / gpus(plan) for plan in (usual, busy)]
    assert each[1] >= each[0] / 1.16


@pytest.mark.parametrize("model", MODELS)
def test_a_variant_more(model: str) -> None:
    host = there("4xL40S")
    for order in itertools.permutations(MODELS[model]):
        found = []
        for count in range(1, len(order) + 1):
            try:
                found.append(make_plan(request(order[:count], [host], name="m")).distance)
            except AutoconfigError:
                found.append(10**6)
        assert found == sorted(found, reverse=True)
