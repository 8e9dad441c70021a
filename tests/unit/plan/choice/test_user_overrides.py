# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users decide themselves: engine arguments, precision while loading, and on what terms."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DoesNotFit,
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import NEWEST
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Model, Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.on_load_quantization import (
    methods,
)

from tests.unit.plan.builders import (
    AWQ,
    BLOCK_FP8,
    LLAMA_8B,
    MIXTRAL_8X22B,
    QWEN3_32B,
    host,
    llama_8b,
    qwen3_32b,
    request,
    variant,
)

# Three layers of four are gated delta networks.
GATED = dict(
    QWEN3_32B, model_type="qwen3_next", full_attention_interval=4, linear_num_key_heads=16,
    linear_num_value_heads=32, linear_key_head_dim=128, linear_value_head_dim=128, linear_conv_kernel_dim=4,
)  # fmt: skip


def planned(*parameters: str, card: str = "H100", count: int = 1, **policy: t.Any) -> Outcome:
    """Llama 8B with these engine arguments."""
    asked = Policy(backend_parameters=parameters, **policy)
    return make_plan(request([llama_8b()], [host(card, count)], asked))


def refused(*parameters: str, card: str = "H100", count: int = 1, **policy: t.Any) -> str:
    with pytest.raises(AutoconfigError) as caught:
        planned(*parameters, card=card, count=count, **policy)
    return "%s; %s" % (caught.value.message, caught.value.hint)


# Arguments that have an option


@pytest.mark.parametrize(
    ("argument", "tokens"),
    [
        ("--max-model-len=16384", 16384),
        ("--max-model-len 16k", 16000),
        ("--max-model-len=16K", 16384),
    ],
)
def test_a_context_in_the_arguments_is_the_option(argument: str, tokens: int) -> None:
    outcome = planned(argument)
    plan = outcome.plans[0]
    assert plan["context_tokens"] == tokens
    assert plan["backend_parameters"].count("--max-model-len=%d" % tokens) == 1
    assert plan["plan_id"] == planned(backend="vLLM", context_tokens=tokens).plans[0]["plan_id"]


def test_a_group_in_the_arguments_is_the_option() -> None:
    plan = planned("--tp 2", backend="SGLang", count=4).plans[0]
    assert plan["parallelism"]["tensor"] == 2
    assert "--tp-size=2" in plan["backend_parameters"]


def test_sglangs_newer_word_for_ranks_is_understood() -> None:
    routed = variant("o/Mixtral", MIXTRAL_8X22B)
    plans = [
        make_plan(
            request([routed], [host("H100", 8)], Policy(backend="SGLang", backend_parameters=given))
        ).plans[0]
        for given in (("--tp=8", "--attn-dp-size=4"), ("--tp=8", "--dp-size=4", "--enable-dp-attention"))
    ]
    assert plans[0] == plans[1]
    assert plans[0]["parallelism"]["data"] == 4


def test_an_argument_and_an_option_that_contradict_each_other() -> None:
    assert "context_tokens is 8192, and backend_parameters contains --max-model-len=4096" in refused(
        "--max-model-len=4096", context_tokens=8192
    )


@pytest.mark.parametrize("argument", ["--max-model-len=lots", "--max-model-len", "--max-model-len=0"])
def test_a_context_that_makes_no_sense(argument: str) -> None:
    assert "not a positive number of tokens" in refused(argument)


def test_a_context_beyond_the_model_is_refused_with_both_numbers() -> None:
    assert "context 200000 is more than the model's 131072" in refused("--max-model-len=200000")


def test_ranks_of_the_context_that_have_no_copies_to_share_are_refused() -> None:
    said = refused("-tp 2", "--decode-context-parallel-size 2", count=2)
    assert "2 GPUs hold 1 copies of 8 key-value heads, fewer than 2 ranks of the context" in said


def test_a_group_that_breaks_a_rule_is_refused_with_the_rule() -> None:
    said = refused("-tp 3", count=4)
    assert "32 attention heads do not divide by 3" in said
    assert "Legal sizes are 1, 2, 4" in said


@pytest.mark.parametrize(
    ("backend", "arguments", "words"),
    [
        ("vLLM", ["--pipeline-parallel-size=33"], "33 stages for 32 layers"),
        ("SGLang", ["--pp-size=33"], "33 stages for 32 layers"),
        ("vLLM", ["--enable-expert-parallel"], "expert parallelism of a model without routed experts"),
        ("SGLang", ["--tp=2", "--ep-size=2"], "expert parallelism of a model without routed experts"),
        ("SGLang", ["--tp-size=3"], "32 attention heads do not divide by 3"),
        ("MindIE", ["--tensor-parallel-size=6"], "6 is not a power of two"),
        ("MindIE", ["--data-parallel-size=3"], "3 is not a power of two"),
        (
            "MindIE",
            ["--data-parallel-size=2", "--pipeline-parallel-size=2"],
            "no stages of data-parallel ranks",
        ),
    ],
)
def test_a_layout_that_no_engine_could_start_is_refused_as_such(
    backend: str, arguments: t.Sequence[str], words: str
) -> None:
    said = refused(*arguments, count=4, backend=backend)
    assert "is not possible for meta-llama/Llama-3.1-8B-Instruct on %s: " % backend in said
    assert words in said


def test_a_rule_that_a_release_has_dropped_holds_until_it_is_named() -> None:
    gated = variant("example/gated", dict(GATED, quantization_config=BLOCK_FP8))

    def asked(version: t.Optional[str]) -> Request:
        policy = Policy(tensor_parallel=2, backend="SGLang", backend_version=version)
        return request([gated], [host("H200", 2)], policy)

    for version in (None, "0.5.8"):
        with pytest.raises(InvalidInput, match="gate width 32 / 2 = 16, not a multiple of 128"):
            make_plan(asked(version))
    assert make_plan(asked("0.5.10")).plans[0]["parallelism"]["tensor"] == 2


def test_what_has_no_dashes_is_no_argument() -> None:
    assert "Arguments begin with dashes, as in --max-model-len=4096" in refused("max-model-len=4096")


@pytest.mark.parametrize("argument", ["--port=1", "--api-key=x", "--served-model-name=x", "--model=o/m"])
def test_what_gpustack_sets_itself_is_refused(argument: str) -> None:
    assert "which GPUStack sets itself" in refused(argument)


# Arguments that change memory


def test_a_fraction_beyond_what_is_free_is_refused_with_both_numbers() -> None:
    policy = Policy(backend_parameters=("--gpu-memory-utilization=0.95",))
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request([llama_8b()], [host("H100", used=10 << 30)], policy))
    assert "takes 75.2 GiB of each GPU, of which 69.1 GiB are free" in caught.value.message


def test_a_fraction_is_taken_as_it_is_and_named_with_its_effect() -> None:
    outcome = planned("--gpu-memory-utilization=0.5")
    plan = outcome.plans[0]
    assert plan["utilization"] == 0.5
    held = sum(
        plan["memory"][key] for key in plan["memory"] if key.startswith(("weights", "activ", "run", "cuda"))
    )
    assert held + plan["memory"]["kv_cache_bytes"] == plan["memory"]["total_bytes"] // 2
    assert outcome.warnings[0].startswith(
        "backend_parameters sets --gpu-memory-utilization=0.5; the plan wanted 0.920: 33.2 GiB less"
    )


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--max-num-seqs=64", "the plan wanted 256"),
        ("--max-num-batched-tokens=1024", "the plan wanted 8192"),
        ("--kv-cache-dtype=fp8", "a token takes 64.0 KiB of the cache instead of 128.0"),
        ("--enforce-eager", "the plan wanted CUDA graphs: 0.6 GiB less"),
        ("--tool-call-parser=pythonic", "the plan wanted --tool-call-parser=llama3_json"),
        ("--enable-lora", "is not part of the plan: adapters take memory"),
        ("--block-size=7", "attention on NVIDIA takes multiples of 16"),
        ("--attention-backend=FLASHMLA", "serves no attention: vLLM may not start"),
        ("--attention-backend=flash_attn_mla", "serves no attention"),
    ],
)
def test_each_conflict_is_named_with_what_it_means(argument: str, words: str) -> None:
    outcome = planned(argument)
    assert any(words in text for text in outcome.warnings), outcome.warnings
    assert argument in outcome.plans[0]["backend_parameters"]


def test_agreement_is_no_conflict() -> None:
    assert planned("--max-num-seqs=256", "--max-num-batched-tokens=8192", "--seed=1").warnings == ()
    assert planned("--block-size=32", "--attention-backend=flashinfer").warnings == ()


def test_vllm_needs_a_token_for_each_sequence() -> None:
    assert "--max-num-batched-tokens=64 is less than --max-num-seqs=128" in refused(
        "--max-num-batched-tokens=64", "--max-num-seqs=128"
    )
    plan = planned("--max-num-seqs=9000").plans[0]
    assert "--max-num-batched-tokens=9000" in plan["backend_parameters"]


def test_prompts_that_are_not_cut_need_steps_of_their_length() -> None:
    said = refused("--no-enable-chunked-prefill", "--max-model-len=32768")
    assert "a step has 8192 tokens where a request has 32768" in said


# Precision


def test_a_quantization_in_the_arguments_is_made_while_loading() -> None:
    outcome = planned("--quantization=fp8", card="L40S", backend_version="0.22.1")
    plan = outcome.plans[0]
    assert outcome.warnings == (
        "meta-llama/Llama-3.1-8B-Instruct is quantized to fp8 while it loads: nobody has checked its answers in "
        "that precision",
    )
    assert (plan["variant"]["quantization"], plan["variant"]["on_load"]) == ("fp8", True)
    assert plan["memory"]["weights_bytes"] < llama_8b().repository.files[0].size_bytes * 0.6
    assert plan["backend_parameters"].count("--quantization=fp8") == 1


def test_a_quantization_that_newer_releases_call_otherwise_is_named() -> None:
    outcome = planned("--quantization=fp8", card="L40S")
    assert any("write instead: --quantization=fp8_per_tensor" in text for text in outcome.warnings)
    said = refused("--quantization=fp8", backend_version="0.32.0")
    assert "What vLLM can make of them while loading, and the plan can size: fp8_per_tensor" in said


def test_a_quantization_that_the_weights_have_is_only_a_kernel() -> None:
    awq = variant("o/Llama-AWQ", dict(LLAMA_8B, quantization_config=AWQ), 5_700_000_000)
    policy = Policy(backend_parameters=("--quantization=awq_marlin",))
    plan = make_plan(request([llama_8b(), awq], [host("H100")], policy)).plans[0]
    assert (plan["variant"]["repository"], plan["variant"]["on_load"]) == ("o/Llama-AWQ", False)


def test_a_quantization_that_nothing_has_is_refused_with_what_there_is() -> None:
    said = refused("--quantization=awq")
    assert "--quantization=awq, and the weights of meta-llama/Llama-3.1-8B-Instruct are stored in 16" in said
    assert "fp8" in said


def test_on_load_methods_follow_the_version() -> None:
    spelt = {
        release: [way.arguments[0] for way in methods(VLLM, release)]
        for release in ((0, 11, 2), (0, 18, 0), (0, 27, 1), NEWEST)
    }
    assert spelt == {
        (0, 11, 2): ["--quantization=fp8", "--quantization=bitsandbytes"],
        (0, 18, 0): ["--quantization=fp8", "--quantization=bitsandbytes"],
        (0, 27, 1): ["--quantization=fp8_per_tensor", "--quantization=fp8", "--quantization=bitsandbytes"],
        NEWEST: ["--quantization=fp8_per_tensor"],
    }
    assert [way.format for way in methods(SGLANG, NEWEST)] == ["fp8", "bnb_4bit"]


def four_bits(config: t.Mapping[str, t.Any], **policy: t.Any) -> t.Dict[str, t.Any]:
    asked = Policy(quantizations=("int4",), on_load_quantization=True, concurrency=1, **policy)
    return make_plan(request([variant("o/m", config)], [host("H100", 8)], asked)).plans[0]


def test_sglang_needs_two_arguments_for_bitsandbytes() -> None:
    parameters = four_bits(LLAMA_8B, backend="SGLang")["backend_parameters"]
    assert {"--quantization=bitsandbytes", "--load-format=bitsandbytes"} <= set(parameters)


def test_newer_releases_of_vllm_do_not_make_four_bits() -> None:
    assert four_bits(LLAMA_8B, backend_version="0.22.1")["variant"]["format"] == "bnb_4bit"
    with pytest.raises(DoesNotFit):
        four_bits(LLAMA_8B, backend="vLLM", backend_version="0.32.0")


def test_routed_experts_are_not_made_four_bits() -> None:
    with pytest.raises(DoesNotFit):
        four_bits(MIXTRAL_8X22B, backend="SGLang")


def test_stored_bitsandbytes_weights_need_an_older_vllm() -> None:
    stored = dict(LLAMA_8B, quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True})
    asked = [variant("o/Llama-bnb", stored, 5_700_000_000)]
    with pytest.raises(DoesNotFit, match=r"bitsandbytes is gone since vLLM 0\.28\.0; this is vLLM 0\.32\.0"):
        make_plan(request(asked, [host("H100")], Policy(backend="vLLM", backend_version="0.32.0")))
    outcome = make_plan(request(asked, [host("H100")]))
    assert (outcome.plans[0]["backend"], outcome.plans[0]["backend_version"]) == ("vLLM", "0.27.1")
    assert any("vLLM 0.27.1 is taken instead of the default" in text for text in outcome.warnings)


# Terms


def of(name: str, **facts: t.Any) -> Variant:
    made = variant(name, QWEN3_32B, 65_524_246_528)
    return replace(made, repository=replace(made.repository, **facts))


def test_only_allowed_publishers() -> None:
    policy = Policy(publishers=("qwen", "RedHatAI"))
    outcome = make_plan(request([*qwen3_32b(), of("else/Qwen3-32B")], [host("H100", 2)], policy))
    assert outcome.plans[0]["variant"]["repository"].startswith("Qwen/")
    reasons = [entry.reason for entry in outcome.rejected if entry.variant == "else/Qwen3-32B"]
    assert reasons == ["its publisher (else) is not among the allowed ones (qwen, RedHatAI)"]


@pytest.mark.parametrize(
    ("facts", "catalog", "reason"),
    [
        ({"licence": "llama3.1"}, None, "its licence llama3.1 is not among the allowed ones (apache-2.0, mit)"),
        ({"licence": None}, None, "its licence is not known, and only these are allowed: apache-2.0, mit"),
        ({"licence": None}, "other", "its licence other is not among the allowed ones (apache-2.0, mit)"),
        ({"licence": "gemma", "gated": True}, None,
         "its licence gemma is not among the allowed ones (apache-2.0, mit); it is gated, too"),
    ],
)  # fmt: skip
def test_other_licences_are_refused(facts: t.Dict[str, t.Any], catalog: t.Optional[str], reason: str) -> None:
    asked = request([of("o/m", **facts)], [host("H100", 2)], Policy(licences=("apache-2.0", "mit")))
    with pytest.raises(NotServable) as caught:
        make_plan(replace(asked, model=Model("o/m", "m", "canonical_weights", licence=catalog)))
    assert reason in caught.value.message


def test_an_allowed_licence_is_the_hubs_or_the_catalogs() -> None:
    policy = Policy(licences=("Apache-2.0",))
    for facts, catalog in (({}, None), ({"licence": None}, "apache-2.0")):
        asked = request([of("o/m", **facts)], [host("H100", 4)], policy)
        assert make_plan(replace(asked, model=Model("o/m", "m", "rule", licence=catalog))).plans


def test_a_gated_repository_is_named() -> None:
    outcome = make_plan(request([of("o/m", gated=True)], [host("H100", 4)]))
    assert any("o/m is gated" in text for text in outcome.warnings)


def test_only_allowed_backends() -> None:
    policy = Policy(backends=("SGLang",))
    assert make_plan(request([llama_8b()], [host("H100")], policy)).plans[0]["backend"] == "SGLang"
    with pytest.raises(InvalidInput, match="backend is vLLM, and backends allows SGLang"):
        make_plan(request([llama_8b()], [host("H100")], replace(policy, backend="vLLM")))
