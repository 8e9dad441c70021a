# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the planner decides, keeps, refuses, and how it says so."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request

from tests.unit.plan.builders import (
    DEEPSEEK_R1,
    GPT_OSS_20B,
    LLAMA_8B,
    QWEN3_32B,
    deepseek_r1,
    gib,
    host,
    llama_8b,
    llama_70b,
    qwen3_32b,
    request,
    variant,
)

Plan = t.Dict[str, t.Any]


def planned(*args: t.Any, **more: t.Any) -> Plan:
    return make_plan(request(*args, **more)).plans[0]


def chosen(plan: Plan) -> t.Tuple[str, int]:
    return plan["variant"]["quantization"], plan["parallelism"]["tensor"]


def test_16_bits_where_they_reach_the_level_on_as_few_gpus() -> None:
    assert chosen(planned(qwen3_32b(), [host("H100", 8)])) == ("bf16", 1)
    assert chosen(planned(qwen3_32b(), [host("H100", 8)], Policy(concurrency=32))) == ("fp8", 1)


def test_fp8_where_16_bits_miss_the_level() -> None:
    plan = planned(qwen3_32b(), [host("L40S", 2)])
    assert chosen(plan) == ("fp8", 2)
    assert plan["level"]["reached"]
    assert plan["context_tokens"] == plan["level"]["context_tokens"] == 40_960


def test_int4_where_nothing_larger_fits() -> None:
    assert chosen(planned(qwen3_32b(), [host("4090")], Policy(concurrency=2))) == ("int4", 1)


def test_16_bits_that_miss_the_level_before_nothing() -> None:
    outcome = make_plan(request(qwen3_32b()[:1], [host("L40S", 2)]))
    assert chosen(outcome.plans[0]) == ("bf16", 2)


def test_the_users_order_replaces_the_planners() -> None:
    policy = Policy(quantizations=("int4", "fp8"))
    assert chosen(planned(qwen3_32b(), [host("H100", 8)], policy)) == ("int4", 1)


def test_native_before_weight_only_of_the_same_precision() -> None:
    int8 = {
        "quant_method": "compressed-tensors",
        "config_groups": {
            "group_0": {
                "weights": {"num_bits": 8, "type": "int"},
                "input_activations": {"num_bits": 8, "type": "int"},
            }
        },
    }
    gptq = {"quant_method": "gptq", "bits": 8, "group_size": 128}
    variants = [
        variant("o/gptq", dict(QWEN3_32B, quantization_config=gptq), 34_000_000_000),
        variant("o/w8a8", dict(QWEN3_32B, quantization_config=int8), 34_000_000_000),
    ]
    assert planned(variants, [host("A100")])["variant"]["repository"] == "o/w8a8"


def test_a_format_that_the_card_cannot_run_is_never_chosen() -> None:
    gpt_oss = variant("openai/gpt-oss-20b", GPT_OSS_20B, 13_761_264_768)
    with pytest.raises(
        DoesNotFit, match=r"mxfp4 needs compute capability 8\.0 in vLLM [^;]*; Tesla T4 has 7\.5"
    ):
        make_plan(request([gpt_oss], [host("T4", 4)]))


def test_weight_only_is_said() -> None:
    outcome = make_plan(request(qwen3_32b()[1:2], [host("A100")]))
    assert (
        "fp8_block on NVIDIA A100-SXM4-80GB is weight-only: it saves memory and no time" in outcome.warnings
    )


@pytest.mark.parametrize(("mode", "backend"), [("standard", "vLLM"), ("throughput", "SGLang")])
def test_mode_prefers_an_engine(mode: str, backend: str) -> None:
    assert planned([llama_8b()], [host("H100")], Policy(mode=mode))["backend"] == backend


def test_the_other_engine_is_used_where_the_preferred_one_cannot() -> None:
    fp8 = qwen3_32b()[1:2]
    outcome = make_plan(request(fp8, [host("T4", 8)], Policy(mode="throughput", concurrency=1)))
    assert outcome.plans[0]["backend"] == "vLLM"
    assert any("mode throughput prefers SGLang" in text for text in outcome.warnings)


def test_a_wanted_context_takes_more_gpus() -> None:
    short, long = (
        planned([llama_70b()], [host("H100", 8)], Policy(context_tokens=n)) for n in (8192, 131_072)
    )
    assert short["parallelism"]["tensor"] < long["parallelism"]["tensor"]
    assert long["context_tokens"] == 131_072
    assert "--max-model-len=131072" in long["backend_parameters"]


def test_context_is_bounded_by_the_model() -> None:
    assert planned(qwen3_32b()[2:], [host("H200")])["context_tokens"] == 40_960
    with pytest.raises(DoesNotFit, match="context 50000 is more than the model's 40960"):
        make_plan(request(qwen3_32b(), [host("H200")], Policy(context_tokens=50_000)))


def test_other_programs_memory_counts() -> None:
    free = planned([llama_8b()], [host("H100")])
    busy = planned([llama_8b()], [host("H100", used=gib(50))])
    assert busy["context_tokens"] < free["context_tokens"]
    assert busy["utilization"] < 0.4


def test_only_cards_with_enough_free_memory_are_taken() -> None:
    crowded = host("H100", 2)
    gpus = (replace(crowded.gpus[0], used_bytes=gib(70), free_bytes=gib(9)), crowded.gpus[1])
    plan = planned([llama_8b()], [replace(crowded, gpus=gpus)])
    assert [gpu["index"] for gpu in plan["placement"][0]["gpus"]] == [1]


def test_replicas_are_spread_over_hosts() -> None:
    hosts = [host("H100", 2, "gpu-b"), host("H100", 2, "gpu-a")]
    plan = planned([llama_8b()], hosts, Policy(replicas=3))
    assert [entry["host"] for entry in plan["placement"]] == ["gpu-a", "gpu-b", "gpu-a"]
    with pytest.raises(DoesNotFit, match="4 of 5 replicas"):
        make_plan(request([llama_8b()], hosts, Policy(replicas=5)))


def test_each_site_has_a_plan_of_its_own() -> None:
    hosts = [
        host("H100", 1, "gpu-b", "https://b.example.com"),
        host("4090", 1, "gpu-a", "https://a.example.com"),
    ]
    plans = make_plan(request([llama_8b()], hosts)).plans
    assert [(plan["site"], plan["hosts"]) for plan in plans] == [
        ("https://a.example.com", ["gpu-a"]),
        ("https://b.example.com", ["gpu-b"]),
    ]
    assert plans[0]["plan_id"] != plans[1]["plan_id"]


def test_mixed_cards_are_not_grouped() -> None:
    mixed = replace(host("H100"), gpus=host("H100").gpus + host("A100", 2).gpus[1:])
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([llama_70b()], [mixed]))
    assert {entry["tensor"] for entry in caught.value.details["rejected"]} == {1}


# Refusals


def test_deepseek_r1_does_not_fit_a_4090_and_the_numbers_say_why() -> None:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([deepseek_r1()], [host("4090")]))
    first = caught.value.details["rejected"][0]
    assert first["needs_bytes"] > gib(625)
    assert first["has_bytes"] < gib(24)
    assert "no int8 or int4 variant was found" in (caught.value.hint or "")


def test_no_gpu_at_all() -> None:
    with pytest.raises(InvalidInput, match="No usable GPU on any of the 1 host.*the driver is not loaded"):
        make_plan(request([llama_8b()], [host("H100", 0)], notes=("gpu-a: the driver is not loaded",)))


def test_an_illegal_override_names_the_rule_and_the_legal_sizes() -> None:
    with pytest.raises(InvalidInput) as caught:
        make_plan(request([llama_8b()], [host("H100", 8)], Policy(tensor_parallel=3)))
    assert "32 attention heads do not divide by 3" in caught.value.message
    assert caught.value.details["legal"] == [1, 2, 4, 8, 16]


def test_a_legal_override_is_honoured_and_checked() -> None:
    assert chosen(planned([llama_8b()], [host("H100", 8)], Policy(tensor_parallel=8))) == ("bf16", 8)
    with pytest.raises(DoesNotFit, match="no host has 8 free GPUs of this kind"):
        make_plan(request([llama_8b()], [host("H100", 4)], Policy(tensor_parallel=8)))


def test_remote_code_needs_a_yes() -> None:
    remote = dict(LLAMA_8B, model_type="kimi_k2", auto_map={"AutoConfig": "x.Y"})
    asked = [variant("o/remote", remote, 16_000_000_000)]
    with pytest.raises(NotServable, match="trust_remote_code"):
        make_plan(request(asked, [host("H100")]))
    plan = planned(asked, [host("H100")], Policy(trust_remote_code=True))
    assert "--trust-remote-code" in plan["backend_parameters"]


def test_a_variant_that_cannot_be_read_does_not_hide_the_others() -> None:
    outcome = make_plan(request([llama_8b(), variant("o/gguf", None)], [host("H100")]))
    assert [(entry.variant, entry.reason) for entry in outcome.rejected] == [
        ("o/gguf", "o/gguf has no config.json")
    ]


def test_what_a_model_does_is_told_in_gpustacks_words() -> None:
    encoder = {
        "model_type": "bert", "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
        "intermediate_size": 4096, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2,
    }  # fmt: skip
    ranking = dict(LLAMA_8B, architectures=["LlamaForSequenceClassification"])
    for asked, said, categories in (
        (llama_8b(), (), ["llm"]),
        (llama_8b(), ("text-generation",), ["llm"]),
        (llama_8b(), ("reranker",), ["reranker"]),
        (variant("o/embedder", encoder), (), ["embedding"]),
        (variant("o/ranker", ranking, 16_060_522_496), (), ["reranker"]),
    ):
        wish = request([asked], [host("H100")], Policy(minimum_context_tokens=512))
        wish = replace(wish, model=replace(wish.model, categories=said))
        assert make_plan(wish).plans[0]["categories"] == categories


def test_encoders_take_what_they_need_and_read_a_text_in_one_step() -> None:
    encoder = {
        "model_type": "xlm-roberta", "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
        "intermediate_size": 4096, "vocab_size": 250002, "max_position_embeddings": 8194, "type_vocab_size": 1,
    }  # fmt: skip
    outcome = make_plan(request([variant("o/embedder", encoder)], [host("4090")]))
    plan = outcome.plans[0]
    assert plan["memory"]["kv_cache_tokens"] == 0
    assert plan["memory"]["kv_cache_bytes"] < 0.01 * plan["memory"]["total_bytes"]
    assert plan["context_tokens"] >= 8192
    assert "--max-num-batched-tokens=%d" % plan["context_tokens"] in plan["backend_parameters"]
    assert any("it keeps no cache" in line for line in outcome.lines)


# Arguments of the engine


def test_user_parameters_win_and_are_named() -> None:
    policy = Policy(backend_parameters=("--max-num-seqs=4", "--seed=1"))
    outcome = make_plan(request([llama_8b()], [host("4090")], policy))
    usual = planned([llama_8b()], [host("4090")])
    plan = outcome.plans[0]
    assert "--max-num-seqs=4" in plan["backend_parameters"]
    assert plan["backend_parameters"][-1] == "--seed=1"
    assert plan["memory"]["activation_bytes"] < usual["memory"]["activation_bytes"]
    assert outcome.warnings == (
        "backend_parameters sets --max-num-seqs=4; the plan wanted 256: 1.3 GiB less for activations and graphs "
        "of each GPU; more than 4 of 8 requests wait",
    )


def test_harmless_advice_of_a_catalog_is_taken_for_its_own_engine_only() -> None:
    advice = ("--tool-call-parser=hermes", "--max-model-len=100", "--enable-expert-parallel")
    asked = [llama_8b(backend="vLLM", parameters=advice)]
    parameters = planned(asked, [host("H100")])["backend_parameters"]
    assert "--tool-call-parser=hermes" in parameters
    assert "--max-model-len=100" not in parameters
    assert "--enable-expert-parallel" not in parameters
    other = planned(asked, [host("H100")], Policy(mode="throughput"))["backend_parameters"]
    assert "--tool-call-parser=hermes" not in other


def test_old_cards_run_bfloat16_models_in_float16() -> None:
    outcome = make_plan(request([llama_8b()], [host("T4", 2)]))
    assert "--dtype=half" in outcome.plans[0]["backend_parameters"]
    assert any("no bfloat16" in text for text in outcome.warnings)


def test_doubt_is_said() -> None:
    odd = variant("o/odd", dict(LLAMA_8B, model_type="never_seen"), 16_000_000_000)
    outcome = make_plan(request([odd], [host("H100")]))
    assert any("never_seen is not known here" in text for text in outcome.warnings)
    assert outcome.plans[0]["evidence"]["kv_bytes_per_token"] == "assumed"


# Idempotence


def deployed(plan: Plan, **changes: t.Any) -> Plan:
    """The deployment record of a plan that runs."""
    claimed = int(plan["memory"]["total_bytes"] * plan["utilization"])
    gpus = [
        {"index": g["index"], "uuid": g["uuid"], "claimed_bytes": claimed}
        for g in plan["placement"][0]["gpus"]
    ]
    choice = {key: value for key, value in plan.items() if key not in ("memory", "evidence")}
    return {
        "name": plan["name"], "state": "running", "managed": True, "plan_id": plan["plan_id"],
        "choice": json.loads(json.dumps(choice)), "instances": [{"name": "i", "gpus": gpus}], **changes,
    }  # fmt: skip


def again(asked: Request, record: Plan, used: int, **changes: t.Any) -> Outcome:
    """The same request while the deployment of ``record`` fills its GPUs."""
    hosts = tuple(
        replace(each, gpus=tuple(
            replace(gpu, used_bytes=used, free_bytes=gpu.total_bytes - gpu.reserved_bytes - used) for gpu in each.gpus
        ))
        for each in asked.hosts
    )  # fmt: skip
    return make_plan(replace(asked, hosts=hosts, deployed=(record,), **changes))


def test_a_second_run_keeps_what_runs() -> None:
    asked = request([llama_8b()], [host("4090")])
    first = make_plan(asked).plans[0]
    second = again(asked, deployed(first), gib(21.7))
    assert second.kept
    for key in set(first) - {"memory", "evidence"}:
        assert second.plans[0][key] == first[key], key
    assert second.plans[0]["memory"]["credited_bytes"] == pytest.approx(gib(21.7), rel=0.01)
    assert "kept as it runs" in second.lines[0]


@pytest.mark.parametrize(
    "changes",
    [{"state": "error"}, {"managed": False}, {"choice": None}, {"name": "another"}],
)
def test_what_is_not_ours_or_not_healthy_is_not_kept(changes: Plan) -> None:
    asked = request([llama_8b()], [host("4090")])
    record = deployed(make_plan(asked).plans[0], instances=[], **changes)
    assert not again(asked, record, 0).kept


def test_another_deployments_claim_is_not_usable() -> None:
    asked = request([llama_8b()], [host("4090")])
    record = deployed(make_plan(asked).plans[0], name="another")
    record["instances"][0]["gpus"][0]["claimed_bytes"] = gib(20)
    with pytest.raises(DoesNotFit):
        again(asked, record, 0)


def test_what_runs_stays_although_it_would_not_start_again() -> None:
    asked = request([llama_8b()], [host("H100")])
    record = deployed(make_plan(asked).plans[0])
    record["instances"][0]["gpus"][0]["claimed_bytes"] = gib(10)
    outcome = again(asked, record, gib(66))
    assert outcome.kept
    assert outcome.plans[0]["context_tokens"] == record["choice"]["context_tokens"]
    assert any("would not start again" in text for text in outcome.warnings)
    stopped = again(asked, dict(record, state="stopped"), gib(66))
    assert not stopped.kept
    assert stopped.plans[0]["context_tokens"] < record["choice"]["context_tokens"]


def test_replan_always_plans_anew() -> None:
    asked = request([llama_8b()], [host("4090")])
    record = deployed(make_plan(asked).plans[0])
    assert not again(asked, record, gib(21.7), replan="always").kept


def test_beside_what_runs_a_new_plan_takes_other_gpus_and_a_kept_one_stays() -> None:
    asked = request([llama_8b()], [host("H100", 2)])
    first = make_plan(asked).plans[0]
    held, record = first["placement"][0]["gpus"], deployed(first)
    used = int(first["memory"]["total_bytes"] * first["utilization"])

    def placed(**changes: t.Any) -> t.Any:
        (there,) = asked.hosts
        gpus = tuple(
            replace(gpu, used_bytes=used, free_bytes=gpu.total_bytes - gpu.reserved_bytes - used)
            if gpu.uuid == held[0]["uuid"]
            else gpu
            for gpu in there.gpus
        )
        now = replace(asked, hosts=(replace(there, gpus=gpus),), deployed=(record,), beside_running=True)
        return make_plan(replace(now, **changes)).plans[0]["placement"][0]["gpus"]

    assert placed() == held
    assert placed(policy=Policy(concurrency=4)) not in (held, [])
    with pytest.raises(DoesNotFit):
        placed(policy=Policy(concurrency=4, replicas=2))


def test_plan_id_depends_on_wishes_and_what_is_used() -> None:
    asked = request([llama_8b()], [host("H100")])
    usual = make_plan(asked).plans[0]["plan_id"]
    for same in (
        replace(asked, hosts=(host("H100", used=gib(30)),)),
        replace(asked, hosts=(host("H100", 2),)),
        replace(asked, hosts=(host("H100"), host("4090", 4, "gpu-b"))),
        replace(asked, policy=Policy(gpu_hour_usd=2.0)),
    ):
        assert make_plan(same).plans[0]["plan_id"] == usual
    moved = replace(llama_8b(), repository=replace(llama_8b().repository, revision="1" * 40))
    for changed in (
        replace(asked, policy=Policy(concurrency=4)),
        replace(asked, hosts=(host("H100", name="gpu-b"),)),
        replace(asked, variants=(moved,)),
        replace(asked, name="other"),
    ):
        assert make_plan(changed).plans[0]["plan_id"] != usual


def test_order_of_hosts_and_repetition_change_nothing() -> None:
    hosts = [host("H100", 4, name) for name in ("gpu-c", "gpu-a", "gpu-b")]
    policy = Policy(replicas=2)
    answers = [make_plan(request(qwen3_32b(), order, policy)) for order in (hosts, hosts[::-1], hosts)]
    assert json.dumps(answers[0].plans) == json.dumps(answers[1].plans) == json.dumps(answers[2].plans)


def test_deepseek_r1_on_eight_h200() -> None:
    plan = planned([variant("deepseek-ai/DeepSeek-R1", DEEPSEEK_R1, 688_586_727_753)], [host("H200", 8)])
    assert chosen(plan) == ("fp8", 8)
    assert plan["memory"]["kv_bytes_per_token"] == 70_272
