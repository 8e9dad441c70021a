# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of deployments."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.deployment_names import (
    checked_name,
    default_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("deepseek/deepseek-r1", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1", "deepseek-r1"),
        ("hf://Qwen/Qwen3-32B@main", "qwen3-32b"),
        ("https://huggingface.co/Qwen/Qwen3-32B/", "qwen3-32b"),
        ("01-ai/01 model!", "model-01-model"),
        ("owner/" + "x" * 70, "x" * 63),
    ],
)
def test_default_name(model: str, name: str) -> None:
    assert checked_name(default_name(model)) == name


@pytest.mark.parametrize("name", ["", "1model", "model-", "model_", "a b", "a/b"])
def test_names_that_the_server_refuses(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name"):
        checked_name(name)
