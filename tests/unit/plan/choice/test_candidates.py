# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Candidates beyond tensor parallelism of checked weights on any card."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.gpu_filters import admits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import (
    BLOCK_FP8,
    LLAMA_70B,
    QWEN3_32B,
    QWEN3_32B_FP8,
    card,
    deepseek_r1,
    host,
    llama_8b,
    llama_70b,
    qwen3_32b,
    request,
    variant,
)

QWEN3_32B_BF16 = variant("Qwen/Qwen3-32B", QWEN3_32B, 65_524_246_528)
MOE_FP8 = variant(
    "example/moe-fp8",
    dict(
        QWEN3_32B, model_type="qwen3_moe", num_experts=128, num_experts_per_tok=8, moe_intermediate_size=768,
        num_key_value_heads=8, num_hidden_layers=94, quantization_config=BLOCK_FP8,
    ),
)  # fmt: skip
PLAIN = {"tensor": 1, "pipeline": 1, "data": 1, "attention_data": False, "expert": False, "hosts": 1}


def planned(outcome: Outcome) -> t.Dict[str, t.Any]:
    return outcome.plans[0]


def newer(there: Host, cuda: t.Tuple[int, int]) -> Host:
    return replace(there, gpus=tuple(replace(gpu, cuda=cuda) for gpu in there.gpus))


def test_whole_experts_where_their_width_cannot_be_cut() -> None:
    plan = planned(make_plan(request([MOE_FP8], [host("L40S", 8)])))
    assert plan["parallelism"] == {**PLAIN, "tensor": 4, "expert": True}
    assert "--enable-expert-parallel" in plan["backend_parameters"]


def test_experts_of_sglang_are_spread_by_a_number() -> None:
    plan = planned(make_plan(request([MOE_FP8], [host("L40S", 8)], Policy(backend="SGLang"))))
    assert "--ep-size=4" in plan["backend_parameters"]


def test_a_pipeline_where_no_group_has_enough() -> None:
    """Three cards of 80 GB: a group of two is too small for this load, and 64 heads cut no third."""
    policy = Policy(request_tokens=16_384, concurrency=8)
    plan = planned(make_plan(request([llama_70b()], [host("H100", 3)], policy)))
    assert plan["parallelism"] == {**PLAIN, "pipeline": 3}
    assert "--pipeline-parallel-size=3" in plan["backend_parameters"]
    assert len(plan["placement"][0]["gpus"]) == 3


def test_no_pipeline_while_a_group_serves() -> None:
    outcome = make_plan(request([llama_70b()], [host("H100", 6)]))
    assert planned(outcome)["parallelism"]["pipeline"] == 1
    assert all(entry.pipeline == 1 for entry in outcome.rejected)


def test_quantized_while_loading_only_when_asked_and_when_nothing_checked_fits() -> None:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([QWEN3_32B_BF16], [host("L40S", 1)]))
    assert "on_load_quantization" in (caught.value.hint or "")
    fitting = [host("H100", 1)]
    whole = planned(make_plan(request([QWEN3_32B_BF16], fitting, Policy(concurrency=32))))
    assert whole["level"]["missed"] == ["the requests at once"]
    outcome = make_plan(request([QWEN3_32B_BF16], fitting, Policy(concurrency=32, on_load_quantization=True)))
    plan = planned(outcome)
    assert (plan["variant"]["quantization"], plan["variant"]["on_load"]) == ("fp8", True)
    assert "--quantization=fp8_per_tensor" in plan["backend_parameters"]
    assert plan["evidence"]["weights_bytes"] == "derived"
    assert any("nobody has checked" in text for text in outcome.warnings)


def test_a_checked_variant_goes_before_one_made_while_loading() -> None:
    checked = variant("Qwen/Qwen3-32B-FP8", QWEN3_32B_FP8, 34_334_140_416)
    policy = Policy(concurrency=32, on_load_quantization=True)
    plan = planned(make_plan(request([QWEN3_32B_BF16, checked], [host("H100")], policy)))
    assert plan["variant"]["repository"] == "Qwen/Qwen3-32B-FP8"


def test_files_have_to_fit_before_they_are_quantized() -> None:
    """61 GiB of 16-bit files on 44 GiB: before 0.16 vLLM made FP8 only of what lay there; bitsandbytes packs."""
    for version, made in (("0.11.2", "bnb_4bit"), ("0.16.0", "fp8")):
        policy = Policy(backend_version=version, on_load_quantization=True)
        plan = planned(make_plan(request([QWEN3_32B_BF16], [host("L40S")], policy)))
        assert plan["variant"]["format"] == made


@pytest.mark.parametrize(
    ("filters", "admitted"),
    [
        ([], True),
        ([{"vendor": "nvidia"}], True),
        ([{"vendor": ["nvidia", "amd"]}], True),
        ([{"vendor": "ascend"}], False),
        ([{"vendor": "ascend"}, {"vendor": "nvidia", "compute_capability": "<9.0"}], True),
        ([{"compute_capability": ">=9.0,<10.0"}], False),
        ([{"compute_capability": ">=8.9"}], True),
        ([{"compute_capability": "something else"}], True),
    ],
)
def test_filters_of_a_catalog(filters: t.List[t.Dict[str, t.Any]], admitted: bool) -> None:
    assert admits(filters, card("4090")) == admitted


def test_a_variant_for_other_cards_is_left_out_with_the_reason() -> None:
    meant = llama_8b(gpu_filters={"vendor": "nvidia", "compute_capability": ">=9.0"})
    with pytest.raises(
        DoesNotFit, match=r"the catalog offers it for compute capability >=9.0, vendor nvidia"
    ):
        make_plan(request([meant], [host("4090")]))
    assert planned(make_plan(request([meant], [host("H100")])))["backend"] == "vLLM"


def test_an_old_driver_lacks_the_kernels() -> None:
    nvfp4 = {"quant_method": "modelopt", "quant_algo": "NVFP4", "group_size": 16}
    variants = [variant("example/llama-fp4", dict(LLAMA_70B, quantization_config=nvfp4), 40_000_000_000)]
    with pytest.raises(DoesNotFit, match=r"needs CUDA 12.8, its driver has 12.4"):
        make_plan(request(variants, [newer(host("B200"), (12, 4))]))
    assert (
        planned(make_plan(request(variants, [newer(host("B200"), (12, 8))])))["variant"]["format"] == "nvfp4"
    )


def test_cards_that_are_not_joined_are_told() -> None:
    apart = host("H200", 8)
    joined = replace(apart, gpus=tuple(replace(gpu, island=0) for gpu in apart.gpus))
    split = replace(apart, gpus=tuple(replace(gpu, island=gpu.index // 4) for gpu in apart.gpus))
    said = [any("not joined" in text for text in make_plan(request([deepseek_r1()], [each])).warnings)
            for each in (joined, split)]  # fmt: skip
    assert said == [False, True]


def chosen(policy: Policy, kind: str = "L40S", count: int = 8) -> t.Tuple[str, int]:
    plan = planned(make_plan(request(qwen3_32b(), [host(kind, count)], policy)))
    return plan["variant"]["quantization"], plan["parallelism"]["tensor"]


def test_goals() -> None:
    assert chosen(Policy()) == ("fp8", 2)
    assert chosen(Policy(goal="quality")) == ("bf16", 4)
    assert chosen(Policy(goal="quality"), count=2) == ("bf16", 2)
    assert chosen(Policy(goal="throughput", concurrency=32), "H100", 1) == ("fp8", 1)
    assert chosen(Policy(goal="latency")) == ("fp8", 8)


def test_targets_rule_out_what_is_expected_to_be_slow() -> None:
    outcome = make_plan(request([llama_70b()], [host("H100", 8)], Policy(inter_token_ms=16)))
    plan = planned(outcome)
    assert plan["parallelism"]["tensor"] == 8
    assert any("inter-token time of about" in entry.reason for entry in outcome.rejected)
    with pytest.raises(DoesNotFit, match="more than 1 ms"):
        make_plan(request([llama_70b()], [host("H100", 8)], Policy(inter_token_ms=1)))
