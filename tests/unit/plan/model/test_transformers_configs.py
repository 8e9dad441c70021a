# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configs as transformers writes them today: the same layers in other words than the publisher's."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Compressed,
    Grouped,
    Latent,
    Recurrent,
)

from tests.unit.plan.builders import DEEPSEEK_R1, LLAMA_8B, QWEN3_32B
from tests.unit.plan.model.test_families import V4
from tests.unit.plan.published_models import ENTRIES

Config = t.Dict[str, t.Any]


def published(name: str) -> Config:
    return next(dict(entry["config"]) for entry in ENTRIES if entry["name"] == name)


def test_kinds_of_compressed_layers_are_their_ratios() -> None:
    ratios = V4["compress_ratios"]
    kinds = {0: "sliding_attention", 4: "compressed_sparse_attention", 128: "heavily_compressed_attention"}
    told = {key: value for key, value in V4.items() if key != "compress_ratios"}
    told["layer_types"] = [kinds[ratio] for ratio in ratios]
    told["compress_rates"] = {"compressed_sparse_attention": 4, "heavily_compressed_attention": 128}
    assert read_architecture(told).layers == read_architecture(V4).layers


def test_a_rate_that_is_told_goes_before_the_usual_one() -> None:
    told = dict(published("transformers/deepseek_v4"), compress_rates={"compressed_sparse_attention": 8})
    ratios = {m.ratio for m in read_architecture(told).mixers() if isinstance(m, Compressed)}
    assert ratios == {8, 128}


def test_format_of_experts_within_the_quantization() -> None:
    block = {"quant_method": "fp8", "weight_block_size": [128, 128], "expert_dtype": "fp4"}
    told = {key: value for key, value in V4.items() if key != "expert_dtype"}
    assert detect(dict(told, quantization_config=block), None, None).format.name == "mxfp4"


def test_an_indexer_keeps_one_key_for_each_pool_of_tokens() -> None:
    config = published("zai-org/GLM-5.3-Flash")
    latent = next(m for m in read_architecture(config).mixers() if isinstance(m, Latent))
    assert latent.rope_dim == 0
    assert latent.indexer is not None
    assert latent.indexer.pool == 16
    # 11 layers of 512 latent values in 16 bits and a sixteenth of 132 bytes, rounded up.
    cache = kv_cache(read_architecture(config), 8, "auto", None, paged_states=False)
    assert cache.growing_bytes == 11 * (512 * 2 + 9)


def test_fields_of_single_layers_go_before_those_of_the_model() -> None:
    config = published("transformers/gemma4_unified_text")
    sizes = {m.window: m.key_dim for m in read_architecture(config).mixers() if isinstance(m, Grouped)}
    assert sizes == {1024: 256, None: 512}


@pytest.mark.parametrize("field", ["num_key_value_heads", "num_kv_heads", "num_key_value_heads_per_layer"])
def test_heads_listed_by_layer(field: str) -> None:
    config = dict(LLAMA_8B, num_hidden_layers=3, num_key_value_heads=None)
    config[field] = [2, 4, 8]
    heads = [m.kv_heads for m in read_architecture(config).mixers() if isinstance(m, Grouped)]
    assert heads == [2, 4, 8]


def test_linear_attention_with_sizes_of_mamba_is_mamba() -> None:
    kinds = {m.kind for m in read_architecture(published("transformers/granitemoehybrid")).mixers()
             if isinstance(m, Recurrent)}  # fmt: skip
    assert kinds == {"mamba2"}


def test_sparse_layers_keep_an_index_beside_keys_and_values() -> None:
    config = dict(
        QWEN3_32B,
        num_hidden_layers=2,
        index_head_dim=128,
        layer_types=["full_attention", "minimax_m3_sparse"],
    )
    assert [m.index_dim for m in read_architecture(config).mixers() if isinstance(m, Grouped)] == [0, 128]


@pytest.mark.parametrize(
    ("base", "changes", "words"),
    [
        (LLAMA_8B, {"total_ut_steps": 4}, "several times"),
        (LLAMA_8B, {"is_encoder_decoder": True}, "has an encoder"),
        (LLAMA_8B, {"layer_types": ["linear_attention"] * 32}, "linear attention whose sizes"),
    ],
)
def test_what_would_be_counted_too_small_is_refused(base: Config, changes: Config, words: str) -> None:
    with pytest.raises(NotServable, match=words):
        read_architecture({**base, **changes})


@pytest.mark.parametrize("changes", [{"num_hidden_layers": 10**9}, {"hidden_size": 10**25}])
def test_sizes_beyond_any_model_are_refused(changes: Config) -> None:
    with pytest.raises(NotServable, match="makes no sense"):
        read_architecture({**LLAMA_8B, **changes})


def test_a_context_without_an_end_is_one() -> None:
    config = dict(LLAMA_8B, max_position_embeddings=10**30)
    assert read_architecture(config).position_limit == 10**30


def test_a_part_between_tower_and_decoder_leaves_doubt() -> None:
    config = {
        "model_type": "blip-2", "text_config": LLAMA_8B, "qformer_config": {"num_hidden_layers": 12},
        "vision_config": {"hidden_size": 1408, "num_hidden_layers": 39, "intermediate_size": 6144},
    }  # fmt: skip
    assert not read_architecture(config).confident
    del config["qformer_config"]
    assert read_architecture(config).confident


def test_latent_attention_is_the_same_under_its_new_name() -> None:
    config = dict(DEEPSEEK_R1, layer_types=["indexed_attention"] * 61)
    assert read_architecture(config).layers == read_architecture(DEEPSEEK_R1).layers
