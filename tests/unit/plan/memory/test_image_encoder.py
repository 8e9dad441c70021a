# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vLLM measures with images before it sizes the cache."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import (
    settings_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.image_encoder import (
    read_image_encoder,
)

TEXT = {
    "model_type": "qwen3_5_text", "hidden_size": 5120, "num_hidden_layers": 64, "num_attention_heads": 24,
    "num_key_value_heads": 4, "head_dim": 256, "intermediate_size": 17408, "vocab_size": 248320,
    "max_position_embeddings": 262144,
    "layer_types": (["linear_attention"] * 3 + ["full_attention"]) * 16, "linear_num_value_heads": 48,
    "linear_num_key_heads": 16, "linear_key_head_dim": 128, "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4,
}  # fmt: skip
TOWER = {
    "model_type": "qwen3_5", "depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "patch_size": 16,
    "temporal_patch_size": 2, "spatial_merge_size": 2, "out_hidden_size": 5120,
}  # fmt: skip
MODEL = {"model_type": "qwen3_5", "text_config": TEXT, "vision_config": TOWER}
PATCHES = 4 * 16384


def activations(engine: Engine, tensor: int, *flags: str) -> int:
    few = "--max-running-requests=16" if engine is SGLANG else "--max-num-seqs=16"
    settings = settings_of(engine, 24 * GIB, 1, parse((few, *flags)), "auto")
    return engine.overhead(read_architecture(MODEL), Layout(tensor), settings).activation_bytes


@pytest.mark.parametrize("tensor", [1, 2])
def test_a_small_step_still_encodes_the_largest_image(tensor: int) -> None:
    patch = 2 * 1152 + 2 * 4304 // tensor + 3 * 16 * 16 * 2
    assert activations(VLLM, tensor) == 2 * PATCHES * patch + 2 * 16384 * 5120


@pytest.mark.parametrize(
    "flags",
    [
        ("--language-model-only",),
        ("--skip-mm-profiling",),
        ('--limit-mm-per-prompt={"image": 0, "video": 0}',),
    ],
)
def test_without_images_the_tower_is_not_run(flags: t.Tuple[str, ...]) -> None:
    assert activations(VLLM, 1, *flags) < GIB < activations(VLLM, 1)


def test_a_limit_that_leaves_some_images_changes_nothing() -> None:
    assert activations(VLLM, 1, '--limit-mm-per-prompt={"image": 2}') == activations(VLLM, 1)


def test_sglang_runs_no_tower_at_its_start() -> None:
    assert activations(SGLANG, 1) < GIB


@pytest.mark.parametrize(
    ("config", "tokens", "patches"),
    [
        ({"vision_config": {"model_type": "siglip_vision_model", "hidden_size": 1152, "image_size": 896,
                            "patch_size": 14}, "mm_tokens_per_image": 256}, 256, 16),
        ({"vision_config": {"model_type": "pixtral", "hidden_size": 1024, "image_size": 1540,
                            "patch_size": 14}, "spatial_merge_size": 2}, 3025, 4),
        ({"vision_config": {"model_type": "gemma4_vision", "hidden_size": 1152, "default_output_length": 280,
                            "pooling_kernel_size": 3, "patch_size": 16}}, 280, 9),
    ],
)  # fmt: skip
def test_the_largest_image_is_what_the_config_says(
    config: t.Dict[str, t.Any], tokens: int, patches: int
) -> None:
    found = read_image_encoder({"model_type": "some", **config})
    assert found is not None
    assert (found.tokens, found.patches) == (tokens, patches)


def test_a_tower_whose_images_are_not_told_has_no_pass() -> None:
    assert read_image_encoder({"model_type": "some", "vision_config": {"hidden_size": 1024}}) is None
