# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.json to layers."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Grouped

from tests.unit.plan.builders import DEEPSEEK_R1, GPT_OSS_20B, LLAMA_8B, MIXTRAL_8X22B, QWEN3_32B


def test_head_dim_is_not_hidden_by_heads() -> None:
    sizes = [next(read_architecture(config).mixers()) for config in (QWEN3_32B, LLAMA_8B)]
    assert [mixer.key_dim for mixer in sizes if isinstance(mixer, Grouped)] == [128, 4096 // 32]


def test_moe_layers_begin_after_the_dense_ones() -> None:
    arch = read_architecture(DEEPSEEK_R1)
    assert [layer.routed for layer in arch.layers] == [False] * 3 + [True] * 58
    assert arch.experts is not None
    assert arch.experts.shared_width == 2048


def test_moe_interval_and_dense_exceptions() -> None:
    config = dict(
        QWEN3_32B, num_experts=64, num_experts_per_tok=8, moe_intermediate_size=768, num_hidden_layers=8
    )
    assert read_architecture(dict(config, decoder_sparse_step=2)).routed_layers == 4
    assert read_architecture(dict(config, mlp_only_layers=[0, 7])).routed_layers == 6


def test_experts_without_a_width_of_their_own_take_the_mlp_width() -> None:
    arch = read_architecture(MIXTRAL_8X22B)
    assert arch.experts is not None
    assert arch.experts.width == 16384


def test_alternating_windows() -> None:
    windows = [layer.window for layer in read_architecture(GPT_OSS_20B).layers]
    assert windows[:4] == [128, None, 128, None]


def test_window_that_is_switched_off_is_no_window() -> None:
    config = dict(QWEN3_32B, sliding_window=32768, use_sliding_window=False)
    arch = read_architecture(config)
    assert all(layer.window is None for layer in arch.layers)
    assert arch.confident


def test_window_without_a_pattern_in_an_unknown_family_is_an_upper_bound() -> None:
    arch = read_architecture(dict(LLAMA_8B, model_type="unheard_of", sliding_window=4096))
    assert all(layer.window is None for layer in arch.layers)
    assert not arch.confident


def test_gemma_pattern_and_tied_embeddings() -> None:
    config = dict(
        QWEN3_32B,
        model_type="gemma3_text",
        sliding_window=1024,
        num_hidden_layers=12,
        tie_word_embeddings=None,
    )
    arch = read_architecture(
        {"model_type": "gemma3", "text_config": config, "vision_config": {"hidden_size": 1152}}
    )
    assert [layer.window for layer in arch.layers].count(None) == 2
    assert arch.tied_embeddings
    assert arch.multimodal


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, 131072),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, 131072),
        (
            {
                "max_position_embeddings": 32768,
                "rope_scaling": {"type": "yarn", "factor": 4, "original_max_position_embeddings": 32768},
            },
            131072,
        ),
    ],
)
def test_position_limit(changes: t.Dict[str, t.Any], limit: int) -> None:
    assert read_architecture(dict(LLAMA_8B, **changes)).position_limit == limit


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"layer_types": ["telepathy"] * 32}, "telepathy"),
        ({"layer_types": ["full_attention"] * 30}, "30 of 32 layers"),
        ({"hidden_size": None}, "hidden_size"),
        ({"vocab_size": "many"}, "vocab_size"),
    ],
)
def test_what_cannot_be_sized_is_refused_by_name(changes: t.Dict[str, t.Any], words: str) -> None:
    with pytest.raises(NotServable, match=words):
        read_architecture(dict(LLAMA_8B, **changes))


def test_remote_code_counts_only_where_engines_have_none_of_their_own() -> None:
    shipped = {"auto_map": {"AutoConfig": "x.Y"}}
    assert read_architecture(dict(LLAMA_8B, model_type="kimi_k2", **shipped)).remote_code
    assert not read_architecture(DEEPSEEK_R1).remote_code


@pytest.mark.parametrize(
    ("base", "changes", "words"),
    [
        (MIXTRAL_8X22B, {"num_local_experts": None}, "how many"),
        (MIXTRAL_8X22B, {"num_local_experts": 0}, "how many"),
        (MIXTRAL_8X22B, {"num_local_experts": "8"}, "num_local_experts is '8'"),
        (LLAMA_8B, {"num_key_value_heads": 7.5}, "num_key_value_heads is 7.5"),
        (LLAMA_8B, {"head_dim": -128}, "head_dim is -128"),
        (LLAMA_8B, {"tie_word_embeddings": "no"}, "tie_word_embeddings"),
        (LLAMA_8B, {"num_attention_heads": 48}, "no head_dim"),
        (LLAMA_8B, {"block_configs": []}, "0 of 32 layers"),
        (LLAMA_8B, {"kv_lora_rank": 512}, "qk_nope_head_dim"),
    ],
)
def test_a_damaged_size_is_refused_rather_than_read_as_a_small_model(
    base: t.Dict[str, t.Any], changes: t.Dict[str, t.Any], words: str
) -> None:
    with pytest.raises(NotServable, match=words):
        read_architecture({**base, **changes})


VISION: t.Dict[str, t.Any] = {"hidden_size": 1024, "num_hidden_layers": 24, "patch_size": 14}


@pytest.mark.parametrize(
    ("tower", "confident"),
    [
        ({"vision_config": VISION}, True),
        ({"vision_config": {"width": 1024, "layers": 24}}, True),
        ({"vision_config": {"width": {"first": {"width": 1024}}}}, False),
        ({"vision_config": {**VISION, "num_hidden_layers": None}}, False),
        ({}, False),
    ],
)
def test_a_tower_without_a_size_leaves_doubt(tower: t.Dict[str, t.Any], confident: bool) -> None:
    arch = read_architecture({"model_type": "example_vl", "text_config": LLAMA_8B, **tower})
    assert arch.confident is confident


def test_layers_of_a_decoder_are_not_those_of_its_encoder() -> None:
    """transformers writes the encoder's number as num_hidden_layers, too."""
    config = {"model_type": "whisper", "d_model": 1280, "encoder_layers": 32, "decoder_layers": 4,
              "num_hidden_layers": 32, "decoder_attention_heads": 20, "decoder_ffn_dim": 5120,
              "max_target_positions": 448, "num_mel_bins": 128, "vocab_size": 51866}  # fmt: skip
    assert len(read_architecture(config).layers) == 4


def test_falcon_with_the_new_decoder_has_a_key_for_each_query_unless_told() -> None:
    config = {"model_type": "falcon", "hidden_size": 8192, "num_hidden_layers": 2, "vocab_size": 65024,
              "num_attention_heads": 128, "multi_query": True, "new_decoder_architecture": True}  # fmt: skip
    assert read_architecture(config).kv_heads == 128
    assert read_architecture({**config, "new_decoder_architecture": False}).kv_heads == 1
