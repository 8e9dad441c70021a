# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Legal sizes, and the rule in words."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_context_ranks,
    broken_rule,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)

from tests.unit.plan.builders import AWQ, BLOCK_FP8, DEEPSEEK_R1, LLAMA_8B, QWEN3_32B

QWEN3_VL_30B = dict(
    QWEN3_32B,
    model_type="qwen3_vl_moe_text",
    hidden_size=2048,
    num_attention_heads=32,
    num_key_value_heads=4,
    num_experts=128,
    num_experts_per_tok=8,
    moe_intermediate_size=768,
    quantization_config=BLOCK_FP8,
)


def rule(config: t.Mapping[str, t.Any], tensor: int) -> t.Optional[str]:
    return broken_rule(read_architecture(config), detect(config, None, None), Layout(tensor))


@pytest.mark.parametrize(
    ("config", "tensor", "words"),
    [
        (dict(LLAMA_8B, num_attention_heads=24, head_dim=128), 16, "24 attention heads do not divide by 16"),
        (
            dict(LLAMA_8B, num_attention_heads=48, num_key_value_heads=8, head_dim=128),
            3,
            "8 key-value heads and 3 GPUs",
        ),
        (dict(LLAMA_8B, vocab_size=50257), 2, "vocabulary of 50257 does not divide by 2"),
        (QWEN3_VL_30B, 4, "expert width 768 / 4 = 192, not a multiple of 128"),
        (
            dict(LLAMA_8B, intermediate_size=29568, quantization_config=AWQ),
            8,
            "MLP width 29568 / 8 = 3696, not a multiple of 128",
        ),
    ],
)
def test_first_broken_rule_with_its_numbers(config: t.Mapping[str, t.Any], tensor: int, words: str) -> None:
    assert words in (rule(config, tensor) or "")


@pytest.mark.parametrize(
    ("config", "tensor"),
    [
        (LLAMA_8B, 8),
        (LLAMA_8B, 16),
        (QWEN3_VL_30B, 2),
        (DEEPSEEK_R1, 8),
        (DEEPSEEK_R1, 16),
        (QWEN3_VL_30B, 1),
    ],
)
def test_legal_layouts(config: t.Mapping[str, t.Any], tensor: int) -> None:
    assert rule(config, tensor) is None


def test_layers_that_stay_in_16_bits_have_no_block() -> None:
    kept = dict(BLOCK_FP8, modules_to_not_convert=["re:.*experts.*"])
    config = dict(QWEN3_VL_30B, quantization_config=kept)
    assert rule(config, 4) is None


@pytest.mark.parametrize(
    ("config", "tensor", "ranks", "words"),
    [
        (LLAMA_8B, 8, 3, "8 GPUs do not divide by 3"),
        (LLAMA_8B, 8, 2, "1 copies of 8 key-value heads"),
        (LLAMA_8B, 16, 2, None),
        (dict(LLAMA_8B, num_attention_heads=24, head_dim=128), 16, 2, "3 query heads"),
        (DEEPSEEK_R1, 8, 8, None),
        (DEEPSEEK_R1, 8, 16, "8 GPUs do not divide by 16"),
    ],
)
def test_ranks_of_the_context_share_copies_only(
    config: t.Dict[str, t.Any], tensor: int, ranks: int, words: t.Optional[str]
) -> None:
    broken = broken_context_ranks(read_architecture(config), tensor, ranks)
    assert broken is None if words is None else words in str(broken)
