# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names: what is explicit, what is a repository, what moves."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names import text
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
)

ENDPOINTS = {HUGGINGFACE: "https://mirror.example.com", MODEL_SCOPE: "https://modelscope.cn"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://huggingface.co/a/b", (HUGGINGFACE, "a/b", None)),
        ("https://hf.co/a/b/tree/refs%2Fpr%2F1", (HUGGINGFACE, "a/b", "refs/pr/1")),
        ("https://mirror.example.com/a/b?x=1", (HUGGINGFACE, "a/b", None)),
        ("https://www.modelscope.cn/models/a/b/summary", (MODEL_SCOPE, "a/b", None)),
        ("hf://a/b@abc", (HUGGINGFACE, "a/b", "abc")),
        ("modelscope://a/b", (MODEL_SCOPE, "a/b", None)),
        ("https://elsewhere.example.net/a/b", None),
        ("https://huggingface.co/only", None),
        ("https://huggingface.co/../../etc", None),
        ("deepseek/deepseek-r1", None),
        ("gpt-oss:120b", None),
    ],
)
def test_only_a_hub_url_or_scheme_is_explicit(
    given: str, expected: t.Optional[t.Tuple[str, str, t.Optional[str]]]
) -> None:
    wanted = None if expected is None else RepositoryRef(*expected)
    assert text.explicit_reference(given, ENDPOINTS) == wanted


@pytest.mark.parametrize(
    "name", ["a", "a/b/c", "@cf/a", "a/..", "a/b c", "a/b\n", "../b", "a/b?x", "a//b", ""]
)
def test_what_is_no_repository_name(name: str) -> None:
    assert not text.is_repository_name(name)


@pytest.mark.parametrize("name", ["Qwen/Qwen3-8B", "RedHatAI/x-quantized.w8a8", "a_b/c.d-e_1"])
def test_what_is_a_repository_name(name: str) -> None:
    assert text.is_repository_name(name)


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
