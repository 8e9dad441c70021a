# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How weights are stored, and which card runs them."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Tensor
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    NATIVE,
    NO,
    WEIGHT_ONLY,
    support,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import FORMATS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Chip
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.builders import LLAMA_8B


def compressed(num_bits: int, kind: str, activations: t.Any = None, **more: t.Any) -> t.Dict[str, t.Any]:
    group = {"weights": {"num_bits": num_bits, "type": kind, **more}, "input_activations": activations}
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}}


@pytest.mark.parametrize(
    ("block", "name", "group"),
    [
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "fp8_block", None),
        ({"quant_method": "fp8"}, "fp8", None),
        ({"quant_method": "fbgemm_fp8", "modules_to_not_convert": ["lm_head"]}, "fp8", None),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, "gptq_int4", 128),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1}, "gptq_int8", None),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, "awq_int4", 64),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bnb_4bit", 64),
        ({"quant_method": "mxfp4"}, "mxfp4", 32),
        (compressed(8, "float"), "fp8", None),
        (compressed(8, "int", {"num_bits": 8}), "int8_w8a8", None),
        (compressed(8, "int"), "int8_w8a16", None),
        (compressed(4, "int", group_size=32), "packed_int4", 32),
        (compressed(4, "float", group_size=16), "nvfp4", 16),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4", "group_size": 16}, "nvfp4", 16),
        ({"quant_algo": "FP8", "kv_cache_scheme": "FP8"}, "fp8", None),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 128}, "gptq_int4", 128),
        ({"quant_method": "auto-round", "bits": 4, "data_type": "nv_fp4"}, "nvfp4", 16),
        ({"quant_method": "auto-round", "bits": 8, "data_type": "mx_fp"}, "mxfp8", 32),
        ({"quant_method": "torchao", "quant_type": "int4_weight_only"}, "packed_int4", 128),
        (
            {"quant_method": "torchao",
             "quant_type": {"default": {"_type": "Int4WeightOnlyConfig", "_data": {"group_size": 64}}}},
            "packed_int4", 64,
        ),
        (
            {"quant_method": "torchao", "quant_type": {
                "default": {"_type": "Float8DynamicActivationFloat8WeightConfig", "_data": {}}}},
            "fp8", None,
        ),
        (
            {"quant_method": "torchao",
             "quant_type": {"default": {"_type": "Int8DynamicActivationInt8WeightConfig"}}},
            "int8_w8a8", None,
        ),
        (
            {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4", "group_size": 32}}},
            "mxfp4", 32,
        ),
    ],
)  # fmt: skip
def test_declared_formats(block: t.Mapping[str, t.Any], name: str, group: t.Optional[int]) -> None:
    found = detect(dict(LLAMA_8B, quantization_config=block), None, None)
    assert (found.format.name, found.group) == (name, group)


def test_the_narrowest_group_decides() -> None:
    block = compressed(8, "float")
    block["config_groups"]["group_1"] = compressed(4, "float", group_size=16)["config_groups"]["group_0"]
    assert detect(dict(LLAMA_8B, quantization_config=block), None, None).format.name == "nvfp4"


def test_hf_quant_config_and_its_cache() -> None:
    quant = {
        "quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}
    }
    found = detect(LLAMA_8B, quant, None)
    assert (found.format.name, found.kv_cache, found.keeps("lm_head")) == ("fp8", "fp8", True)


def test_fp8_weights_do_not_mean_an_fp8_cache() -> None:
    block = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    assert detect(dict(LLAMA_8B, quantization_config=block), None, None).kv_cache is None


@pytest.mark.parametrize(("dtype", "name"), [("BF16", "bf16"), ("F16", "fp16"), ("F8_E4M3", "fp8")])
def test_headers_tell_where_nothing_is_declared(dtype: str, name: str) -> None:
    tensors = (Tensor("model.layers.0.mlp.up_proj.weight", dtype, (8, 8), 128),)
    assert detect(LLAMA_8B, None, tensors).format.name == name


@pytest.mark.parametrize(
    "block",
    [{"quant_method": "quip"}, {"quant_method": "awq", "bits": 3}, {"quant_method": "compressed-tensors"}],
)
def test_unknown_formats_are_refused(block: t.Mapping[str, t.Any]) -> None:
    with pytest.raises(NotServable, match="format that the planner does not know"):
        detect(dict(LLAMA_8B, quantization_config=block), None, None)


def test_packed_tensors_without_a_declaration_are_refused() -> None:
    with pytest.raises(NotServable, match="I32"):
        detect(LLAMA_8B, None, (Tensor("w.qweight", "I32", (8,), 32),))


@pytest.mark.parametrize(
    ("pattern", "module", "kept"),
    [
        ("lm_head", "lm_head", True),
        ("model.layers.*.self_attn", "model.layers.3.self_attn.q_proj", True),
        ("re:.*self_attn.*", "model.layers.3.self_attn.q_proj", True),
        ("model.layers.1", "model.layers.10.mlp", False),
    ],
)
def test_exclusions(pattern: str, module: str, kept: bool) -> None:
    block = {"quant_method": "mxfp4", "modules_to_not_convert": [pattern]}
    assert detect(dict(LLAMA_8B, quantization_config=block), None, None).keeps(module) is kept


@pytest.mark.parametrize(
    ("name", "capability", "engine", "verdict"),
    [
        ("fp8", (7, 0), "vLLM", NO),
        ("fp8", (7, 5), "vLLM", WEIGHT_ONLY),
        ("fp8", (7, 5), "SGLang", NO),
        ("fp8", (8, 0), "vLLM", WEIGHT_ONLY),
        ("fp8_block", (8, 9), "vLLM", NATIVE),
        ("mxfp4", (7, 5), "vLLM", NO),
        ("mxfp4", (9, 0), "vLLM", WEIGHT_ONLY),
        ("nvfp4", (10, 0), "vLLM", NATIVE),
        ("int8_w8a8", (8, 0), "vLLM", NATIVE),
        ("int8_w8a8", (10, 0), "vLLM", NO),
        ("awq_int4", (12, 0), "SGLang", WEIGHT_ONLY),
        ("bf16", (7, 5), "vLLM", WEIGHT_ONLY),
        ("bf16", None, "vLLM", NO),
    ],
)
def test_support(name: str, capability: t.Optional[t.Tuple[int, int]], engine: t.Any, verdict: str) -> None:
    assert support(FORMATS[name], Chip("nvidia", capability), engine) == verdict


def test_bits_per_weight_count_the_scales() -> None:
    awq = detect(
        dict(LLAMA_8B, quantization_config={"quant_method": "awq", "bits": 4, "group_size": 128}), None, None
    )
    assert awq.bits_per_weight() == pytest.approx(8 * 0.5195, rel=1e-3)
    mxfp4 = detect(dict(LLAMA_8B, quantization_config={"quant_method": "mxfp4"}), None, None)
    assert mxfp4.bits_per_weight() == 4.25


@pytest.mark.parametrize(
    ("block", "attention", "dense"),
    [
        (
            {"quant_method": "gptq", "bits": 4, "group_size": 128,
             "dynamic": {"-:.*self_attn.*": {}, "+:.*mlp.*": {"bits": 8, "group_size": 32}}},
            None, "gptq_int8",
        ),
        (
            {"quant_method": "auto-round", "bits": 4, "group_size": 128,
             "extra_config": {"model.layers.0.self_attn.q_proj": {"bits": 16, "data_type": "float"}}},
            None, "gptq_int4",
        ),
        (
            {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4"}},
             "layer_quant_config": {"*self_attn*": {"weight": {"dtype": "fp8_e4m3"}}}},
            "fp8", "mxfp4",
        ),
    ],
)  # fmt: skip
def test_parts_may_be_stored_otherwise(
    block: t.Mapping[str, t.Any], attention: t.Optional[str], dense: str
) -> None:
    found = detect(dict(LLAMA_8B, quantization_config=block), None, None)
    stored = [found.stored("layers.0.%s" % name) for name in ("self_attn.q_proj", "mlp.gate_proj")]
    assert [each and each.format.name for each in stored] == [attention, dense]


BLOCKS: t.List[t.Dict[str, t.Any]] = [
    {"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["lm_head"]},
    {"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {"+:.*mlp.*": {"bits": 8}}},
    {"quant_method": "auto-round", "bits": 4, "extra_config": {"lm_head": {"bits": 16}}},
    {"quant_method": "awq", "bits": 4, "group_size": 64, "modules_to_not_convert": None},
    {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_use_double_quant": True},
    {"quant_method": "modelopt", "quant_algo": "NVFP4", "group_size": 16, "exclude_modules": ["lm_head"]},
    {"quant_algo": "MIXED_PRECISION", "quantized_layers": {"model.layers.0.mlp": {"quant_algo": "FP8"}}},
    {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4"}}, "exclude": ["lm_head"]},
    {"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig"}}},
    dict(compressed(4, "float", group_size=16), ignore=["lm_head"], kv_cache_scheme={"num_bits": 8}),
]
STRANGE: t.List[t.Any] = [None, 0, -1, 3, "many", [], ["re:("], {}, {"a": 1}, True]


@given(
    block=st.sampled_from(BLOCKS),
    key=st.integers(0, 5),
    value=st.sampled_from(STRANGE),
    nested=st.booleans(),
)
def test_a_broken_declaration_is_read_or_refused(
    block: t.Dict[str, t.Any], key: int, value: t.Any, nested: bool
) -> None:
    broken = {**block, sorted(block)[key % len(block)]: value}
    inner = dict(LLAMA_8B, quantization_config=broken)
    config = {"text_config": inner} if nested else inner
    try:
        found = detect(config, None, None)
    except NotServable:
        return
    stored = found.stored("layers.0.mlp.gate_proj")
    assert stored is None or 2 <= stored.bits_per_weight() <= 40


@pytest.mark.parametrize("key", ["quantization", "quantization_config"])
def test_packed_integers_of_mlx_are_refused_by_name(key: str) -> None:
    with pytest.raises(NotServable, match="MLX"):
        detect({**LLAMA_8B, key: {"group_size": 64, "bits": 4}}, None, None)


@pytest.mark.parametrize(
    "block",
    [
        {"quant_method": "gptq", "group_size": 128},
        {
            "quant_method": "compressed-tensors",
            "format": "pack-quantized",
            "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int", "strategy": "group"}}},
        },
    ],
)
def test_a_format_without_its_bits_or_groups_is_refused(block: t.Dict[str, t.Any]) -> None:
    with pytest.raises(NotServable, match="0 bits|makes no sense"):
        detect({**LLAMA_8B, "quantization_config": block}, None, None)


MAMBA_EXPERTS: t.Dict[str, t.Any] = {
    "model_type": "nemotron_h",
    "mamba_num_heads": 128,
    "n_routed_experts": 512,
}


@pytest.mark.parametrize(
    ("module", "stored"),
    [
        ("layers.1.mlp.experts.0.gate_proj", "nvfp4"),
        ("layers.1.mlp.shared_experts.gate_proj", "fp8"),
        ("layers.0.mamba.in_proj", "fp8"),
        ("layers.7.self_attn.q_proj", None),
        ("layers.108.mtp.mlp.experts.0.gate_proj", None),
    ],
)
def test_nvfp4_without_a_list_of_exceptions_has_the_usual_ones(module: str, stored: t.Optional[str]) -> None:
    told = {"quantization": {"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"}}
    found = detect(MAMBA_EXPERTS, told, None)
    how = found.stored(module)
    assert (how and how.format.name) == stored
    assert (found.kv_cache, found.evidence) == ("fp8", "assumed")


def test_a_list_of_exceptions_counts_as_it_is() -> None:
    told = {"quantization": {"quant_algo": "NVFP4", "exclude_modules": ["lm_head"]}}
    found = detect(MAMBA_EXPERTS, told, None)
    assert found.stored("layers.7.self_attn.q_proj") is not None
    assert found.evidence == "measured"
