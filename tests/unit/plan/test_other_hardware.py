# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards of other vendors, slices of cards, shared memory and hosts with unlike cards."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import simulate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    NATIVE,
    NO,
    WEIGHT_ONLY,
    support,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import FORMATS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    HOST_SHARE,
    Chip,
    Claims,
    Host,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import (
    BLOCK_FP8,
    LLAMA_8B,
    QWEN3_32B,
    host,
    llama_8b,
    llama_70b,
    qwen3_32b,
    request,
    variant,
)

Facts = t.Dict[str, t.Any]


def simulated(shape: str, name: str = "gpu-a") -> Facts:
    """The facts that gpu_facts makes up for a shape, without its warning."""
    return dict(simulate.filled({}, shape, name), warnings=[])


def there(shape: str, name: str = "gpu-a") -> Host:
    return read_host(name, "default", simulated(shape, name))[0]


def first(outcome: Outcome) -> t.Dict[str, t.Any]:
    return outcome.plans[0]


@pytest.mark.parametrize(
    ("fmt", "target", "engine", "verdict"),
    [
        ("fp8", "gfx90a", "vLLM", NO),
        ("fp8", "gfx942", "vLLM", NATIVE),
        ("fp8_block", "gfx950", "SGLang", NATIVE),
        ("fp8", "gfx1100", "vLLM", NO),
        ("fp8", "gfx1201", "vLLM", NATIVE),
        ("mxfp4", "gfx942", "vLLM", WEIGHT_ONLY),
        ("mxfp4", "gfx942", "SGLang", NO),
        ("mxfp4", "gfx950", "SGLang", NATIVE),
        ("mxfp4", "gfx1201", "vLLM", NO),
        ("nvfp4", "gfx950", "vLLM", NO),
        ("awq_int4", "gfx90a", "vLLM", WEIGHT_ONLY),
        ("int8_w8a8", "gfx1100", "vLLM", NO),
        ("bf16", "gfx1151", "vLLM", NATIVE),
        ("bf16", "gfx90a", "SGLang", NO),
        ("bf16", "gfx1031", "vLLM", NO),
        ("bf16", "gfx906", "vLLM", NO),
    ],
)
def test_formats_on_rocm(fmt: str, target: str, engine: str, verdict: str) -> None:
    assert support(FORMATS[fmt], Chip("amd", None, target), engine) == verdict


@pytest.mark.parametrize(
    ("fmt", "target", "engine", "verdict"),
    [
        ("bf16", "Ascend910B3", "vLLM", NATIVE),
        ("int8_w8a8", "Ascend910B3", "vLLM", NATIVE),
        ("fp8", "Ascend910B3", "vLLM", NO),
        ("awq_int4", "Ascend910B3", "vLLM", NO),
        ("fp16", "Ascend310P3", "SGLang", NO),
        ("fp16", "Ascend310P3", "vLLM", NATIVE),
    ],
)
def test_formats_on_cann(fmt: str, target: str, engine: str, verdict: str) -> None:
    assert support(FORMATS[fmt], Chip("ascend", None, target), engine) == verdict


@pytest.mark.parametrize("engine", ["vLLM", "SGLang"])
def test_a_plan_for_instinct_cards(engine: str) -> None:
    plan = first(make_plan(request([llama_70b()], [there("8xMI300X")], Policy(backend=engine))))
    assert (plan["parallelism"]["tensor"], plan["variant"]["format"]) == (1, "bf16")
    assert plan["performance"]["tokens_per_s"][0] > 0
    groups = {gpu.island for gpu in there("8xMI300X").gpus}
    assert groups == {0}


def test_a_card_without_fp8_takes_what_it_can() -> None:
    fp8 = variant("Qwen/Qwen3-32B-FP8", dict(QWEN3_32B, quantization_config=BLOCK_FP8), 34_334_140_416)
    with pytest.raises(DoesNotFit, match=r"fp8_block does not run on AMD Radeon RX 7900 XTX \(gfx1100\)"):
        make_plan(request([fp8], [there("4xRX7900XTX")]))
    plan = first(make_plan(request(qwen3_32b(), [there("2xRX7900XTX")])))
    assert plan["variant"]["quantization"] == "int4"


def test_ascend_takes_16_bits_and_what_a_catalog_offers_for_it() -> None:
    w8a8 = {"quant_method": "compressed-tensors", "config_groups": {
        "group_0": {"weights": {"num_bits": 8, "type": "int", "strategy": "channel"},
                    "input_activations": {"num_bits": 8, "type": "int"}}}}  # fmt: skip
    config = dict(LLAMA_8B, quantization_config=w8a8)
    foreign = variant("example/llama-w8a8", config, 8_500_000_000)
    own = variant("example/own-w8a8", config, 8_500_000_000, advice=[{"gpu_filters": {"vendor": "ascend"}}])
    chips = there("2xAscend-910B3")
    with pytest.raises(DoesNotFit, match="not known to be made for 910B3"):
        make_plan(request([foreign], [chips]))
    assert first(make_plan(request([own], [chips])))["variant"]["format"] == "int8_w8a8"
    outcome = make_plan(request([llama_8b()], [chips]))
    assert first(outcome)["variant"]["format"] == "bf16"
    assert any("low confidence" in text for text in outcome.warnings)


def test_a_chip_without_bfloat16_runs_in_float16() -> None:
    plan = first(make_plan(request([llama_8b()], [there("1xAscend-310P3")])))
    assert "--dtype=half" in plan["backend_parameters"]


@pytest.mark.parametrize("shape", ["8xGaudi3", "2xArc-Pro-B60"])
def test_cards_that_gpustack_has_no_engine_for_are_left_out_and_said(shape: str) -> None:
    found, warnings = read_host("gpu-a", "default", simulated(shape))
    assert found.gpus == ()
    assert "GPUStack has no engine" in warnings[0]


def sliced(*instances: Facts) -> Facts:
    facts = simulated("1xH100-80GB-SXM")
    facts["devices"][0].update(mig={"mode": "enabled", "instances": list(instances)}, schedulable=False)
    return facts


def instance(number: int, profile: str = "3g.40gb", size: int = 40, **more: t.Any) -> Facts:
    return {"uuid": "MIG-%d" % number, "profile": profile, "gpu_instance_id": number,
            "memory_total_bytes": size * GIB, "memory_used_bytes": 0, "memory_free_bytes": size * GIB,
            "shares_memory": False, **more}  # fmt: skip


def test_each_slice_is_a_device_of_its_own() -> None:
    found, warnings = read_host("gpu-a", "default", sliced(instance(1), instance(2)))
    assert [(gpu.uuid, gpu.total_bytes) for gpu in found.gpus] == [("MIG-1", 40 * GIB), ("MIG-2", 40 * GIB)]
    assert warnings == []
    outcome = make_plan(request([llama_8b()], [found], Policy(replicas=2)))
    taken = [place["gpus"][0] for place in first(outcome)["placement"]]
    assert [(gpu["uuid"], gpu["profile"]) for gpu in taken] == [("MIG-1", "3g.40gb"), ("MIG-2", "3g.40gb")]
    assert any("cannot be told to take the slice" in text for text in outcome.warnings)
    assert any("GPU 0 slice MIG-2" in line for line in outcome.lines)


def test_slices_make_no_group() -> None:
    found, _warnings = read_host("gpu-a", "default", sliced(instance(1), instance(2)))
    with pytest.raises(DoesNotFit, match=r"each serves alone"):
        make_plan(request([llama_8b()], [found], Policy(tensor_parallel=2)))


def test_slices_that_share_memory_count_once() -> None:
    shared = [instance(1, "1c.3g.40gb", shares_memory=True, uuid="MIG-%d" % number) for number in (1, 2)]
    found, warnings = read_host("gpu-a", "default", sliced(*shared))
    assert [gpu.uuid for gpu in found.gpus] == ["MIG-1"]
    assert "shares its memory" in warnings[0]


def test_a_slice_is_slower_than_its_card() -> None:
    whole = first(make_plan(request([llama_8b()], [host("H100")])))["performance"]
    found, _warnings = read_host("gpu-a", "default", sliced(instance(1)))
    part = first(make_plan(request([llama_8b()], [found])))["performance"]
    assert part["inter_token_ms"][0] > 1.5 * whole["inter_token_ms"][0]


def test_a_whole_card_goes_before_a_slice() -> None:
    facts = sliced(instance(1, size=79))
    facts["devices"] += [dict(device, index=1, uuid="GPU-1") for device in simulated("1xL40S")["devices"]]
    found, _warnings = read_host("gpu-a", "default", facts)
    plan = first(make_plan(request([llama_8b()], [found])))
    assert plan["placement"][0]["gpus"][0]["uuid"] == "GPU-1"


def test_shared_memory_leaves_the_host_its_share() -> None:
    gpu = there("1xGB10").gpus[0]
    assert gpu.unified
    idle = room_of(gpu, Claims())
    assert idle.usable_bytes == gpu.total_bytes - int(gpu.total_bytes * HOST_SHARE)
    assert idle.total_bytes == gpu.total_bytes
    busy = room_of(replace(gpu, free_bytes=30 * GIB, used_bytes=gpu.total_bytes - 30 * GIB), Claims())
    assert busy.usable_bytes == 30 * GIB
    outcome = make_plan(request([llama_8b()], [there("1xGB10")]))
    assert any("shares its memory with the host" in text for text in outcome.warnings)


def test_unlike_cards_of_a_host_are_planned_apart() -> None:
    plan = first(make_plan(request([llama_70b()], [there("2xRTX4090+2xH100-80GB-SXM")])))
    assert [gpu["index"] for gpu in plan["placement"][0]["gpus"]] == [2, 3]


def test_cards_without_a_uuid_are_told_apart() -> None:
    facts = simulated("2xMI300X")
    for device in facts["devices"]:
        device["uuid"] = None
    found, _warnings = read_host("gpu-a", "default", facts)
    plan = first(make_plan(request([llama_8b()], [found], Policy(replicas=2))))
    taken = [place["gpus"][0] for place in plan["placement"]]
    assert [(gpu["index"], gpu["uuid"]) for gpu in taken] == [(0, None), (1, None)]
    with pytest.raises(InvalidInput):
        make_plan(request([llama_8b()], [Host("gpu-b", "default", ())]))


def test_mindie_reads_a_prompt_in_one_step() -> None:
    """GPUStack wants its largest prefill between the longest input and the context: it is the context."""
    policy = Policy(backend="MindIE", context_tokens=16384)
    plan = first(make_plan(request([llama_8b()], [there("2xAscend-910B3")], policy)))
    assert plan["context_tokens"] == 16384
    flags = [each.split("=")[0] for each in plan["backend_parameters"]]
    assert flags[:3] == ["--max-seq-len", "--npu-memory-fraction", "--max-batch-size"]
    assert plan["performance"] is None
    longer = first(make_plan(request([llama_8b()], [there("2xAscend-910B3")], Policy(backend="MindIE"))))
    assert longer["context_tokens"] == 32768
    assert longer["memory"]["activation_bytes"] > plan["memory"]["activation_bytes"]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy(backend="MindIE", backend_parameters=("--data-parallel-size=3",)), "3 is not a power of two"),
        (
            Policy(
                backend="MindIE", backend_parameters=("--data-parallel-size=2", "--pipeline-parallel-size=2")
            ),
            "no stages of data-parallel ranks",
        ),
    ],
)
def test_mindies_own_rules(policy: Policy, words: str) -> None:
    with pytest.raises((DoesNotFit, InvalidInput), match=words):
        make_plan(request([llama_8b()], [there("4xAscend-910B3")], policy))


def test_mindie_is_for_ascend_alone() -> None:
    with pytest.raises(DoesNotFit, match="does not run on NVIDIA H100"):
        make_plan(request([llama_8b()], [host("H100")], Policy(backend="MindIE")))
