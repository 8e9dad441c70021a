# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Families whose layers are unlike each other: what they hold, against published sizes and logs."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_rule,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import assumed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import from_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Compressed,
    Grouped,
    Latent,
    Recurrent,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plan.builders import AWQ, BLOCK_FP8, DEEPSEEK_R1, GPT_OSS_20B, LLAMA_8B

Config = t.Mapping[str, t.Any]

QWEN_35B: Config = {
    "model_type": "qwen3_5_moe",
    "text_config": {
        "model_type": "qwen3_5_moe_text", "hidden_size": 2048, "num_hidden_layers": 40,
        "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256, "attn_output_gate": True,
        "full_attention_interval": 4, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
        "linear_key_head_dim": 128, "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4,
        "mamba_ssm_dtype": "float32", "moe_intermediate_size": 512, "num_experts": 256,
        "num_experts_per_tok": 8, "shared_expert_intermediate_size": 512, "mtp_num_hidden_layers": 1,
        "max_position_embeddings": 262144, "vocab_size": 248320, "tie_word_embeddings": False,
    },
    "vision_config": {
        "depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "num_position_embeddings": 2304,
        "patch_size": 16, "temporal_patch_size": 2, "spatial_merge_size": 2, "in_channels": 3,
    },
}  # fmt: skip
NEMOTRON_NANO: Config = {
    "model_type": "nemotron_h", "hidden_size": 2688, "num_hidden_layers": 52, "intermediate_size": 1856,
    "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME", "head_dim": 128,
    "num_attention_heads": 32, "num_key_value_heads": 2, "mamba_num_heads": 64, "mamba_head_dim": 64,
    "ssm_state_size": 128, "n_groups": 8, "conv_kernel": 4, "n_routed_experts": 128,
    "num_experts_per_tok": 6, "moe_intermediate_size": 1856, "n_shared_experts": 1,
    "moe_shared_expert_intermediate_size": 3712, "max_position_embeddings": 262144, "vocab_size": 131072,
    "tie_word_embeddings": False,
}  # fmt: skip
LFM2: Config = {
    "model_type": "lfm2", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32,
    "num_key_value_heads": 8, "full_attn_idxs": [2, 5, 8, 10, 12, 14], "conv_L_cache": 3,
    "block_ff_dim": 12288, "block_auto_adjust_ff_dim": True, "block_multiple_of": 256,
    "max_position_embeddings": 128000, "vocab_size": 65536,
}  # fmt: skip
V4: Config = {
    "model_type": "deepseek_v4", "hidden_size": 7168, "num_hidden_layers": 61, "num_attention_heads": 128,
    "num_key_value_heads": 1, "head_dim": 512, "q_lora_rank": 1536, "qk_rope_head_dim": 64,
    "o_lora_rank": 1024, "o_groups": 16, "vocab_size": 129280, "moe_intermediate_size": 3072,
    "n_routed_experts": 384, "n_shared_experts": 1, "num_experts_per_tok": 6, "sliding_window": 128,
    "num_nextn_predict_layers": 1, "compress_ratios": [128, 128] + [4, 128] * 29 + [4, 0],
    "max_position_embeddings": 1048576, "tie_word_embeddings": False, "expert_dtype": "fp4",
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
}  # fmt: skip
MAVERICK: Config = {
    "model_type": "llama4",
    "text_config": {
        "model_type": "llama4_text", "hidden_size": 5120, "num_hidden_layers": 48,
        "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 8192,
        "intermediate_size_mlp": 16384, "interleave_moe_layer_step": 2, "attention_chunk_size": 8192,
        "num_local_experts": 128, "num_experts_per_tok": 1, "max_position_embeddings": 1048576,
        "vocab_size": 202048,
    },
}  # fmt: skip


def file_bytes(config: Config) -> int:
    return from_config(read_architecture(config), detect(config, None, None)).file_bytes


@pytest.mark.parametrize(
    ("config", "published"),
    [
        pytest.param(QWEN_35B, 71_908_489_953, id="gated-delta-with-tower-and-draft"),
        pytest.param(NEMOTRON_NANO, 63_157_494_087, id="mamba2-with-experts"),
        pytest.param(LFM2, 2_340_000_000, id="short-convolution"),
        pytest.param(V4, 864_727_240_540, id="compressed-attention-with-fp4-experts"),
        pytest.param(DEEPSEEK_R1 | {"num_nextn_predict_layers": 1}, 688_590_631_731, id="latent-with-draft"),
    ],
)
def test_files_within_half_a_percent(config: Config, published: int) -> None:
    assert file_bytes(config) == pytest.approx(published, rel=0.005)


def test_each_layer_is_what_its_place_says() -> None:
    arch = read_architecture(NEMOTRON_NANO)
    letters = {(Recurrent, False): "M", (Grouped, False): "*", (type(None), True): "E"}
    found = [
        letters[type(layer.mixers[0]) if layer.mixers else type(None), layer.routed] for layer in arch.layers
    ]
    assert "".join(found) == NEMOTRON_NANO["hybrid_override_pattern"]


def test_hybrid_pages_hold_a_whole_state() -> None:
    """A start-up log: 5.98 GiB for 567,978 tokens at 131,072 tokens of context, FP8."""
    cache = kv_cache(read_architecture(QWEN_35B), 1, "fp8", 8192)
    assert cache.block_tokens == 2096
    assert cache.bytes_per_token(131_072) == pytest.approx(5.98 * 2**30 / 567_978, rel=0.002)


def test_states_do_not_grow_and_lie_apart_in_engines_without_pages() -> None:
    arch = read_architecture(QWEN_35B)
    apart = kv_cache(arch, 1, "auto", None, paged_states=False)
    assert apart.growing_bytes == 10 * 2 * 2 * 256 * 2
    assert apart.fixed_bytes == 30 * (32 * 128 * 128 * 4 + 3 * (2 * 16 * 128 + 32 * 128) * 2)
    assert kv_cache(arch, 2, "auto", None, paged_states=False).fixed_bytes * 2 == apart.fixed_bytes


def test_convolutions_keep_two_inputs() -> None:
    cache = kv_cache(read_architecture(LFM2), 1, "auto", None, paged_states=False)
    assert (cache.growing_bytes, cache.fixed_bytes) == (6 * 2 * 8 * 64 * 2, 10 * 2 * 2048 * 2)


def test_compressed_cells_in_pools() -> None:
    """SGLang logs 23,749.84 bytes per token for DeepSeek V4 Pro: 61 layers, 30 of them with ratio 4."""
    cache = kv_cache(read_architecture(V4), 8, "fp8", None, paged_states=False)
    assert cache.growing_bytes == pytest.approx(23_749.84, abs=0.01)
    assert (cache.capped, cache.fixed_bytes) == ((), 0)


def test_compressed_cells_in_pages() -> None:
    """vLLM counts pages of 1,002,240 bytes for DeepSeek V4 Flash: 118 of cells, 518 of windows, and 4,098
    and 2,065 of sums for a request of 30,000 tokens with 16,384 in flight.
    """
    flash = dict(V4, num_hidden_layers=43, num_attention_heads=64, compress_ratios=[0, *(4, 128) * 20, 4, 0])
    cache = kv_cache(read_architecture(flash), 2, "fp8", 16384)
    assert cache.request_bytes(30000) == pytest.approx(1_002_240 * (118 + 518 + 4098 + 2065), rel=0.001)
    assert cache.request_bytes(1) > 4 * 1_002_240


def test_chunked_layers_are_three_of_four() -> None:
    arch = read_architecture(MAVERICK)
    assert [layer.window for layer in arch.layers[:4]] == [8192, 8192, 8192, None]
    assert [layer.routed for layer in arch.layers[:4]] == [False, True, False, True]
    assert arch.layers[0].mlp_width == 16384


def test_only_indexers_of_their_own_are_cached() -> None:
    config = dict(DEEPSEEK_R1, model_type="glm_moe_dsa", num_hidden_layers=4, first_k_dense_replace=1)
    shared = dict(config, index_head_dim=128, indexer_types=["full", "shared", "shared", "full"])
    assert kv_cache(read_architecture(shared), 8, "fp8", None).growing_bytes == 4 * 656 + 2 * 132


def test_shared_caches_count_once() -> None:
    config = dict(LLAMA_8B, num_kv_shared_layers=12)
    assert kv_cache(read_architecture(config), 1, "auto", None).growing_bytes == 20 * 2 * 8 * 128 * 2


def test_pruned_layers_have_heads_of_their_own() -> None:
    blocks = [
        {"attention": {"n_heads_in_group": 8}, "ffn": {"ffn_mult": 2.625}},
        {"attention": {"no_op": True}, "ffn": {"ffn_mult": 5.25}},
        {"attention": {"n_heads_in_group": 16}, "ffn": {"no_op": True}},
    ]
    config = dict(LLAMA_8B, model_type="nemotron-nas", num_hidden_layers=3, block_configs=blocks)
    arch = read_architecture(config)
    assert [len(layer.mixers) for layer in arch.layers] == [1, 0, 1]
    assert [m.kv_heads for m in arch.mixers() if isinstance(m, Grouped)] == [4, 2]
    assert [layer.mlp_width for layer in arch.layers] == [7168, 14336, 0]


def test_global_layers_of_another_shape() -> None:
    config = dict(
        LLAMA_8B, model_type="gemma4_text", num_hidden_layers=2, sliding_window=512, global_head_dim=512,
        num_global_key_value_heads=4, attention_k_eq_v=True, head_dim=256,
        layer_types=["sliding_attention", "full_attention"],
    )  # fmt: skip
    near, far = [m for m in read_architecture(config).mixers() if isinstance(m, Grouped)]
    assert (near.kv_heads, near.key_dim, near.window, near.keys_are_values) == (8, 256, 512, False)
    assert (far.kv_heads, far.key_dim, far.window, far.keys_are_values) == (4, 512, None, True)


def test_windows_with_heads_of_their_own() -> None:
    config = dict(
        LLAMA_8B, model_type="mimo_v2_flash", num_hidden_layers=2, hybrid_layer_pattern=[0, 1], head_dim=192,
        v_head_dim=128, swa_num_key_value_heads=4, swa_head_dim=192, swa_v_head_dim=128, sliding_window=128,
    )  # fmt: skip
    cache = kv_cache(read_architecture(config), 1, "auto", 100)
    assert cache.growing_bytes == 8 * (192 + 128) * 2
    # Cells of half the size: a page of them, and so the one that a window may begin in, has 32 tokens.
    assert cache.capped == ((4 * (192 + 128) * 2, 256),)
    assert cache.fixed_bytes == 4 * (192 + 128) * 2 * 32


def test_one_based_indices_of_kimi_linear() -> None:
    linear = {"full_attn_layers": [2, 4], "kda_layers": [1, 3], "num_heads": 32, "head_dim": 128}
    config = dict(DEEPSEEK_R1, model_type="kimi_linear", num_hidden_layers=4, linear_attn_config=linear)
    kinds = [type(layer.mixers[0]) for layer in read_architecture(config).layers]
    assert kinds == [Recurrent, Latent, Recurrent, Latent]


def test_encoders_keep_no_cache() -> None:
    bert = {
        "model_type": "bert", "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
        "intermediate_size": 4096, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2,
    }  # fmt: skip
    arch = read_architecture(bert)
    assert (arch.generates, kv_cache(arch, 1, "auto", None).request_bytes(512)) == (False, 0)
    assert file_bytes(bert) == pytest.approx(2 * 335e6, rel=0.01)
    ranking = dict(LLAMA_8B, architectures=["LlamaForSequenceClassification"])
    assert not read_architecture(ranking).generates


def test_a_decoder_that_listens_holds_the_encoders_length() -> None:
    whisper = {
        "model_type": "whisper", "d_model": 1280, "decoder_layers": 4, "encoder_layers": 32,
        "decoder_attention_heads": 20, "decoder_ffn_dim": 5120, "encoder_ffn_dim": 5120, "vocab_size": 51866,
        "max_source_positions": 1500, "max_target_positions": 448, "num_mel_bins": 128,
    }  # fmt: skip
    cache = kv_cache(read_architecture(whisper), 1, "auto", None)
    cell = 2 * 1280 * 2
    assert (cache.growing_bytes, cache.fixed_bytes) == (4 * cell, 4 * cell * 1500)
    assert file_bytes(whisper) == pytest.approx(2 * 809e6, rel=0.02)


def test_linear_heads_bound_the_group() -> None:
    assert broken_rule(read_architecture(QWEN_35B), assumed("bf16"), Layout(8)) is None
    wide = dict(QWEN_35B, text_config=dict(QWEN_35B["text_config"], num_attention_heads=32))
    rule = broken_rule(read_architecture(wide), assumed("bf16"), Layout(32))
    assert rule == "16 key heads of the linear attention do not divide by 32"


def test_gates_of_early_sglang() -> None:
    arch, blocks = read_architecture(QWEN_35B), assumed("fp8_block")
    assert "gate width 32 / 2 = 16" in (broken_rule(arch, blocks, Layout(2), "SGLang") or "")
    assert broken_rule(arch, blocks, Layout(2), "SGLang", release=(0, 5, 10)) is None
    assert broken_rule(arch, blocks, Layout(2), "vLLM") is None


def test_expert_parallelism_lifts_the_rule_of_expert_widths() -> None:
    arch, blocks = read_architecture(QWEN_35B), assumed("fp8_block")
    assert "expert width" in (broken_rule(arch, blocks, Layout(8)) or "")
    assert broken_rule(arch, blocks, Layout(8, expert=True)) is None


def test_ratios_of_the_draft_are_not_layers() -> None:
    assert all(isinstance(mixer, Compressed) for mixer in read_architecture(V4).mixers())


NONSENSE: st.SearchStrategy[t.Any] = (
    st.none()
    | st.integers(-3, 3)
    | st.text(max_size=3)
    | st.lists(st.integers(0, 2), max_size=3)
    | st.just({})
)


@given(st.data())
def test_a_damaged_config_is_sized_or_refused(data: st.DataObject) -> None:
    """Nothing but NotServable comes out, and never a size below nothing."""
    whole = data.draw(
        st.sampled_from([LLAMA_8B, DEEPSEEK_R1, GPT_OSS_20B, NEMOTRON_NANO, LFM2, V4, QWEN_35B])
    )
    formats = data.draw(st.sampled_from([None, AWQ, BLOCK_FP8]))
    config = dict(whole, **({"quantization_config": formats} if formats else {}))
    part = dict(config["text_config"]) if "text_config" in config else config
    for key in data.draw(st.lists(st.sampled_from(sorted(part)), max_size=3)):
        part[key] = data.draw(NONSENSE)
    if "text_config" in config:
        config["text_config"] = part
    try:
        arch, quantization = read_architecture(config), detect(config, None, None)
    except NotServable:
        return
    for tensor in (1, 2, 8):
        assert kv_cache(arch, tensor, "auto", 1024).request_bytes(4096) >= 0
        if broken_rule(arch, quantization, Layout(tensor)) is None:
            assert from_config(arch, quantization).per_gpu_bytes(tensor, arch, quantization) > 0


def test_two_positions_of_roberta_are_no_tokens() -> None:
    config = {
        "model_type": "xlm-roberta", "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
        "intermediate_size": 4096, "vocab_size": 250002, "max_position_embeddings": 8194,
    }  # fmt: skip
    assert read_architecture(config).position_limit == 8192
