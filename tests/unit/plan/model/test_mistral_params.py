# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models of which there is Mistral's params.json only."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import role_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.mistral_params import config_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.parameter_count import (
    model_modules,
)

SMALL = {
    "dim": 5120, "n_layers": 40, "head_dim": 128, "hidden_dim": 32768, "n_heads": 32, "n_kv_heads": 8,
    "norm_eps": 1e-05, "vocab_size": 131072, "rope_theta": 1e8, "max_seq_len": 32768,
}  # fmt: skip
EYE = {
    "hidden_size": 1024, "num_channels": 3, "image_size": 1540, "patch_size": 14, "rope_theta": 10000.0,
    "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16, "spatial_merge_size": 2,
}  # fmt: skip
LATENT = {
    "dim": 7168, "n_layers": 61, "hidden_dim": 16384, "n_heads": 128, "n_kv_heads": 128, "vocab_size": 131072,
    "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
    "max_position_embeddings": 294_912,
    "moe": {"num_experts": 128, "num_experts_per_tok": 4, "num_shared_experts": 1, "expert_hidden_dim": 4096,
            "first_k_dense_replace": 3, "route_every_n": 1},
    "yarn": {"original_max_position_embeddings": 8192, "factor": 36, "beta": 32, "alpha": 1},
    "quantization": {"qformat_weight": "fp8_e4m3", "qscheme_act": "TENSOR"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("params", "parameters"),
    [
        (SMALL, 23_572_403_200),
        ({**SMALL, "vision_encoder": EYE}, 24_011_361_280),
        (LATENT, 675_000_000_000),
    ],
)
def test_parameters(params: t.Dict[str, t.Any], parameters: int) -> None:
    arch = read_architecture(config_of(params))
    assert sum(module.parameters for module in model_modules(arch)) == pytest.approx(parameters, rel=0.01)
    assert arch.confident


def test_context_and_format() -> None:
    assert read_architecture(config_of(LATENT)).position_limit == 294_912
    assert read_architecture(config_of({**SMALL, "max_seq_len": None})).position_limit == 128_000
    assert detect(config_of(LATENT), None, None).format.name == "fp8"
    assert detect(config_of(SMALL), None, None).format.precision == "bf16"
    with pytest.raises(NotServable):
        detect(config_of({**SMALL, "quantization": {"qformat_weight": "odd"}}), None, None)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("layers.0.attention.wq.weight", "attention"),
        ("layers.0.attention.wk.weight", "key_value"),
        ("layers.0.feed_forward.w1.weight", "dense"),
        ("layers.3.experts.5.w1.weight", "experts"),
        ("tok_embeddings.weight", "embedding"),
        ("output.weight", "head"),
        ("vision_encoder.transformer.layers.0.attention.wq.weight", "vision"),
    ],
)
def test_roles_of_consolidated_files(name: str, role: str) -> None:
    assert role_of(name) == role
