# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes of weights: which files, which tensors, how they divide."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import NEWEST
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import (
    detect,
    is_recognized,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import assumed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import (
    from_config,
    from_tensors,
    mxfp4_tiles,
    role_of,
    weight_files,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import describe

from tests.unit.plan.builders import (
    DEEPSEEK_R1,
    GPT_OSS_20B,
    LLAMA_8B,
    LLAMA_70B,
    MIXTRAL_8X22B,
    QWEN3_32B,
    deepseek_r1,
    variant,
)
from tests.unit.plan.published_models import ENTRIES

QWEN3_MOE: t.Dict[str, t.Any] = next(dict(e["config"]) for e in ENTRIES if e["name"] == "Qwen/Qwen3-30B-A3B")


def files(*paths: str) -> t.List[RepositoryFile]:
    return [RepositoryFile(path, 10) for path in paths]


@pytest.mark.parametrize(
    ("paths", "loaded"),
    [
        (
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
             "model.safetensors.index.json", "original/model.safetensors", "metal/model.safetensors"],
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
        ),
        (["consolidated.safetensors", "model.safetensors"], ["model.safetensors"]),
        (["consolidated.safetensors", "params.json"], ["consolidated.safetensors"]),
        (["model.safetensors", "model.fp16.safetensors", "adapter_model.safetensors"], ["model.safetensors"]),
        (["pytorch_model.bin", "model-q4.gguf"], []),
    ],
)  # fmt: skip
def test_files_that_engines_load(paths: t.List[str], loaded: t.List[str]) -> None:
    assert [file.path for file in weight_files(files(*paths))] == loaded


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("model.embed_tokens.weight", "embedding"),
        ("lm_head.weight", "head"),
        ("model.layers.3.self_attn.q_proj.weight", "attention"),
        ("model.layers.3.self_attn.k_proj.weight", "key_value"),
        ("model.layers.3.self_attn.q_norm.weight", "other"),
        ("model.layers.3.self_attn.kv_a_proj_with_mqa.weight", "latent"),
        ("model.layers.3.self_attn.kv_b_proj.weight", "attention"),
        ("model.layers.3.mlp.gate.weight", "router"),
        ("model.layers.3.mlp.gate_proj.weight", "dense"),
        ("model.layers.3.mlp.experts.7.down_proj.weight", "experts"),
        ("model.layers.3.mlp.shared_experts.up_proj.weight", "shared"),
        ("backbone.layers.3.mixer.in_proj.weight", "attention"),
        ("backbone.layers.3.mixer.experts.7.up_proj.weight", "experts"),
        ("visual.blocks.0.attn.qkv.weight", "vision"),
        ("model.norm.weight", "other"),
    ],
)
def test_roles(name: str, role: str) -> None:
    assert role_of(name) == role


def test_draft_layers_stay_on_disk() -> None:
    tensors = [
        Tensor("model.layers.60.mlp.up_proj.weight", "BF16", (), 100),
        Tensor("model.layers.61.mlp.up_proj.weight", "BF16", (), 100),
        Tensor("mtp.layers.0.mlp.up_proj.weight", "BF16", (), 100),
        Tensor("visual.layers.70.mlp.up_proj.weight", "BF16", (), 7),
    ]
    weights = from_tensors(tensors, 61)
    assert (weights.total_bytes, weights.file_bytes) == (107, 307)


def test_a_tensor_that_is_listed_twice_counts_once() -> None:
    tensor = Tensor("lm_head.weight", "BF16", (), 100)
    assert from_tensors([tensor, tensor], 1).total_bytes == 100


# Bytes of the safetensors of the published repositories.
@pytest.mark.parametrize(
    ("config", "published"),
    [(LLAMA_8B, 16_060_522_496), (LLAMA_70B, 141_107_412_992), (QWEN3_32B, 65_524_246_528),
     (MIXTRAL_8X22B, 281_241_268_224), (GPT_OSS_20B, 13_761_264_768)],
)  # fmt: skip
def test_config_alone_comes_within_two_percent(config: t.Mapping[str, t.Any], published: int) -> None:
    arch, quantization = read_architecture(config), detect(config, None, None)
    assert from_config(arch, quantization).total_bytes == pytest.approx(published, rel=0.02)


def test_deepseek_without_its_draft_layer() -> None:
    estimate = from_config(read_architecture(DEEPSEEK_R1), detect(DEEPSEEK_R1, None, None))
    assert estimate.total_bytes == pytest.approx(673e9, rel=0.01)


def test_what_every_rank_holds_is_not_divided() -> None:
    described = describe(deepseek_r1(), 0)
    arch, quantization, weights = described.architecture, described.quantization, described.weights
    eighth = weights.per_gpu_bytes(8, arch, quantization)
    assert weights.total_bytes / 8 < eighth < weights.total_bytes / 8 * 1.03
    assert weights.per_gpu_bytes(1, arch, quantization) == weights.total_bytes + weights.unpacked


def test_latent_attention_is_unpacked_beside_its_stored_weights() -> None:
    arch = read_architecture(DEEPSEEK_R1)
    stored = detect(DEEPSEEK_R1, None, None)
    assert from_config(arch, stored).unpacked == 61 * 512 * 128 * (128 + 128) * 2
    assert from_config(arch, assumed("bf16")).unpacked == 0
    assert from_config(read_architecture(LLAMA_8B), assumed("fp8")).unpacked == 0


def test_data_parallel_attention_of_sglang_cuts_the_rest_over_all_gpus() -> None:
    described = describe(deepseek_r1(), 0)
    arch, quantization, weights = described.architecture, described.quantization, described.weights
    layout = Layout(1, 1, 8, attention_data=True, expert=True)
    sglang, vllm = (engine.weights_bytes(weights, arch, quantization, layout) for engine in (SGLANG, VLLM))
    cut = sum(weights.by_role[role] for role in ("dense", "shared", "head"))
    assert vllm - sglang == pytest.approx(cut * 7 / 8, abs=16)
    whole = sum(weights.by_role[role] for role in ("attention", "latent", "embedding", "router", "other"))
    assert sglang == pytest.approx(whole + weights.unpacked + (cut + weights.by_role["experts"]) / 8, abs=16)


def test_key_and_value_weights_stop_dividing_at_their_heads() -> None:
    config = dict(LLAMA_8B, num_key_value_heads=2)
    arch, quantization = read_architecture(config), detect(config, None, None)
    weights = from_config(arch, quantization)
    kept = weights.by_role["key_value"] // 2
    rest = weights.total_bytes - weights.by_role["key_value"] - weights.by_role["other"]
    assert weights.per_gpu_bytes(4, arch, quantization) == pytest.approx(
        rest / 4 + kept + weights.by_role["other"], abs=16
    )


def test_keys_of_each_layer_divide_by_its_own_heads() -> None:
    """Gemma 4 26B: 25 layers of 8 heads of 256 with values, and 5 of 2 heads of 512 that are their own values."""
    config = next(e["config"] for e in ENTRIES if e["name"] == "google/gemma-4-26B-A4B-it")
    arch, quantization = read_architecture(config), assumed("bf16")
    weights = from_config(arch, quantization)
    only = replace(weights, by_role={"key_value": weights.by_role["key_value"]})
    assert only.by_role["key_value"] == 2 * 2816 * (25 * 8 * 512 + 5 * 2 * 512)
    assert only.per_gpu_bytes(8, arch, quantization) == 2 * 2816 * (25 * 512 + 5 * 512)


def test_mxfp4_kernels_pad_experts() -> None:
    arch, quantization = read_architecture(GPT_OSS_20B), detect(GPT_OSS_20B, None, None)
    weights = from_config(arch, quantization)
    grown = weights.per_gpu_bytes(1, arch, quantization) - weights.total_bytes
    assert grown == pytest.approx(weights.by_role["experts"] * (2944 * 3072 / 2880**2 - 1), abs=16)


@pytest.mark.parametrize(
    ("release", "capability", "tiles"),
    [
        ((0, 32), (8, 0), (128, 256)), ((0, 32), None, (128, 256)), (NEWEST, (9, 0), (128, 256)), ((0, 10, 2), (9, 0), (128, 256)),
        ((0, 14), (9, 0), (1, 256)), ((0, 20), (9, 0), (128, 128)),
    ],
)  # fmt: skip
def test_padding_of_mxfp4_depends_on_card_and_release(
    release: t.Tuple[int, ...], capability: t.Optional[t.Tuple[int, int]], tiles: t.Tuple[int, int]
) -> None:
    assert mxfp4_tiles(release, capability) == tiles


def test_padding_of_gpt_oss_as_logged_by_releases() -> None:
    """Start-up logs on an H100: 65.97 GiB with vLLM 0.10, 64.38 with 0.11 and 0.14."""
    config = next(e["config"] for e in ENTRIES if e["name"] == "openai/gpt-oss-120b")
    arch, quantization = read_architecture(config), assumed("mxfp4", routed=True)
    weights = from_config(arch, quantization)
    for release, logged in (((0, 10, 1), 65.97), ((0, 11), 64.38), ((0, 14), 64.38)):
        size = VLLM.weights_bytes(weights, arch, quantization, Layout(1), release, (9, 0))
        assert size / GIB == pytest.approx(logged, rel=0.005)


def test_groups_that_a_rank_would_cut_are_halved() -> None:
    """Experts 96 wide on each of eight ranks take groups of 32 in place of 128."""
    block = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}
    config = dict(QWEN3_MOE, quantization_config=block)
    arch, quantization = read_architecture(config), detect(config, None, None)
    weights = from_config(arch, quantization)
    rank = weights.per_gpu_bytes(8, arch, quantization)
    grown = rank - weights.per_gpu_bytes(8, arch, quantization, expert_ranks=8)
    assert grown == pytest.approx(weights.by_role["experts"] / 8 * (4.625 / (4 + 20 / 128) - 1), abs=16)


def test_scales_of_channels_are_whole_on_a_rank_unless_experts_are_spread() -> None:
    group = {"weights": {"num_bits": 8, "type": "float", "strategy": "channel"}, "targets": ["Linear"]}
    block = {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}}
    config = dict(QWEN3_MOE, quantization_config=block)
    arch, quantization = read_architecture(config), detect(config, None, None)
    weights = from_config(arch, quantization)
    scales = 48 * 128 * 2048 * 4
    assert weights.by_role["expert_scales"] == scales
    apart = weights.per_gpu_bytes(8, arch, quantization, expert_ranks=8)
    assert weights.per_gpu_bytes(8, arch, quantization) - apart == scales - scales // 8


def test_experts_beside_the_mlp_are_not_kept_with_it() -> None:
    config = next(e["config"] for e in ENTRIES if e["name"] == "google/gemma-4-26B-A4B-it")
    names = [
        "model.language_model.layers.%d.%s*" % (i, part) for i in range(30) for part in ("mlp", "self_attn")
    ]
    block = {"quantization": {"quant_algo": "NVFP4", "group_size": 16, "exclude_modules": names}}
    weights = from_config(read_architecture(config), detect(config, block, None))
    assert weights.by_role["experts"] == 30 * 128 * 3 * 2816 * 704 * 4.5 / 8
    assert weights.by_role["dense"] == 30 * 3 * 2816 * 2112 * 2


def test_towers_that_no_group_divides_are_whole_on_each_rank() -> None:
    config = next(e["config"] for e in ENTRIES if e["name"] == "google/gemma-4-26B-A4B-it")
    arch, quantization = read_architecture(config), assumed("bf16")
    weights = from_config(arch, quantization)
    tower = weights.by_role["whole_tower"]
    assert tower > GIB
    one, eight = (weights.per_gpu_bytes(tensor, arch, quantization) for tensor in (1, 8))
    assert eight > tower + (one - tower) / 8


def test_plain_projectors_are_whole_on_each_rank() -> None:
    """SmolVLM 2: nine patches of 1,152 become one of 2,048, beside patches of 14 and their 729 positions."""
    config = next(e["config"] for e in ENTRIES if e["name"] == "HuggingFaceTB/SmolVLM2-2.2B-Instruct")
    weights = from_config(read_architecture(config), assumed("bf16"))
    assert weights.by_role["whole_tower"] == 2 * (9 * 1152 * 2048 + 1152 * (3 * 14 * 14 + 27 * 27))


@pytest.mark.parametrize("name", ["Gemma3ForCausalLM", "Qwen3_5ForCausalLM"])
def test_a_class_without_towers_has_none(name: str) -> None:
    config = next(e["config"] for e in ENTRIES if e["name"] == "google/gemma-3-4b-it")
    whole, text = (read_architecture(dict(config, architectures=[each])) for each in ("Other", name))
    assert (whole.multimodal, text.multimodal) == (True, False)
    assert [part for part in text.parts if "tower" in part.role or part.role == "vision"] == []


def test_embeddings_are_tied_as_the_outer_config_says() -> None:
    """transformers 5 puts it where the head is, whatever a language model by itself would do."""
    config = next(e["config"] for e in ENTRIES if e["name"] == "google/gemma-3-4b-it")
    text = dict(config["text_config"], tie_word_embeddings=False)
    assert read_architecture(dict(config, text_config=text, tie_word_embeddings=True)).tied_embeddings
    assert not read_architecture(dict(config, text_config=text)).tied_embeddings


def test_a_format_that_no_engine_recognizes() -> None:
    told = {"quant_algo": "FP8", "producer": {"name": "modelopt"}}
    assert not is_recognized(dict(LLAMA_8B, quantization_config=told), None)
    assert is_recognized(dict(LLAMA_8B, quantization_config=dict(told, quant_method="modelopt")), None)
    beside = {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8"}}
    assert is_recognized(LLAMA_8B, beside)
    assert is_recognized(LLAMA_8B, None)


def test_a_set_of_files_with_a_missing_part_is_refused() -> None:
    usual = variant("owner/partly", LLAMA_8B)
    there = [RepositoryFile("model-0000%d-of-00003.safetensors" % part, 10) for part in (1, 3)]
    with pytest.raises(NotServable, match="model-00002-of-00003"):
        describe(replace(usual, repository=replace(usual.repository, files=tuple(there))), 0)


def test_pickled_weights_are_refused() -> None:
    usual = variant("owner/pickled", LLAMA_8B)
    pickled = replace(usual.repository, files=(RepositoryFile("pytorch_model.bin", 10),))
    with pytest.raises(NotServable, match="no safetensors"):
        describe(replace(usual, repository=pickled), 0)
