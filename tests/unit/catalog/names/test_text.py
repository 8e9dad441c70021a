# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names: what is quantized, what moves."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names import text


@pytest.mark.parametrize(
    ("name", "quantized"),
    [
        ("a/Big-FP8", True),
        ("a/Big-GPTQ-Int4", True),
        ("a/x-quantized.w4a16", True),
        ("a/Big", False),
        ("awq/Big", False),
    ],
)
def test_quantization_is_seen_in_the_repositorys_own_name(name: str, quantized: bool) -> None:
    assert text.is_quantized_name(name) is quantized


@pytest.mark.parametrize(
    ("name", "moves"),
    [("deepseek/deepseek-chat", True), ("mistral-large-latest", True), ("Qwen/Qwen3-8B", False)],
)
def test_moving_aliases(name: str, moves: bool) -> None:
    assert text.is_moving_alias(name) is moves
