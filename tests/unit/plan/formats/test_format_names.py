# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of cards and of modules."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    NATIVE,
    support,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.module_patterns import (
    matches_any,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import FORMATS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Chip


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("h100_sxm", "H100"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA A100-PCIE-40GB", "A100 PCIe"),
        ("NVIDIA L40S", "L40S"),
        ("NVIDIA L4", "L4"),
        ("NVIDIA A10G", "A10G"),
        ("NVIDIA GeForce RTX 4090 D", "RTX 4090 D"),
        ("NVIDIA GeForce RTX 5070 Ti", "RTX 5070 Ti"),
        ("NVIDIA GeForce RTX 4060", "NVIDIA GeForce RTX 4060"),
        ("NVIDIA RTX 2000 Ada Generation", "NVIDIA RTX 2000 Ada Generation"),
        ("AMD Radeon RX 9060 XT", "AMD Radeon RX 9060 XT"),
        ("H20-3e", "H20-3e"),
        ("AMD Instinct MI300X", "MI300X"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX PRO 6000"),
        ("GPU on a desk", None),
        ("4090", None),
    ],
)
def test_longest_name_wins(name: str, card: t.Optional[str]) -> None:
    found = card_of(name)
    assert (found.name if found else None) == card


@pytest.mark.parametrize(
    ("name", "bandwidth", "watts"),
    [
        ("NVIDIA A100 80GB PCIe", 1935, 300),
        ("NVIDIA A100-PCIE-40GB", 1555, 250),
        ("AMD Radeon 8060S", 256, 120),
        ("910B3", 1600, 400),
    ],
)
def test_an_exact_name_goes_before_its_family(name: str, bandwidth: float, watts: float) -> None:
    card = card_of(name)
    assert card is not None
    assert (card.bandwidth_gbps, card.power_w) == (bandwidth, watts)


@pytest.mark.parametrize("name", ["RTX 3090", "A100", "L40S", "RTX 4090", "H100", "B200", "T4", "RTX 5090"])
@pytest.mark.parametrize("fmt", ["bf16", "fp8", "nvfp4", "awq_int4", "int8_w8a8"])
def test_the_table_of_cards_and_the_table_of_kernels_agree(name: str, fmt: str) -> None:
    card = card_of(name)
    assert card is not None
    native = support(FORMATS[fmt], Chip("nvidia", card.capability)) == NATIVE
    assert card.computes_in(FORMATS[fmt].precision) == native


@pytest.mark.parametrize(
    ("pattern", "module", "found"),
    [
        ("lm_head", "lm_head", True),
        ("model.layers.0.mlp", "layers.0.mlp.gate_proj", True),
        ("model.layers.0.mlp", "layers.10.mlp.gate_proj", False),
        ("model.layers.*.mlp.gate", "layers.3.mlp.gate_proj", False),
        ("model.layers.*.mlp.gate", "layers.3.mlp.gate", True),
        ("model.layers.1*", "layers.12.mlp.gate_proj", True),
        ("language_model.model.layers.3.block_sparse_moe.experts", "layers.3.mlp.experts.0.gate_proj", True),
        ("backbone.layers.3.mixer.q_proj", "layers.3.self_attn.q_proj", True),
        ("re:.*self_attn.*", "layers.3.self_attn.q_proj", True),
        ("re:(unfinished", "layers.3.self_attn.q_proj", False),
        ("re:.*mlp\\.(gate|up|down)_proj.*", "layers.3.mlp.experts.0.gate_proj", False),
    ],
)
def test_modules_by_any_of_their_names(pattern: str, module: str, found: bool) -> None:
    assert matches_any((pattern,), module) == found
