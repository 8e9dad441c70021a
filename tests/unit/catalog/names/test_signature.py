# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a name says: the same facts in every spelling, and different facts apart."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.likeness import (
    FAR,
    distance,
    edits,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import (
    Signature,
    signature,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Qwen3-30B-A3B-Instruct-2507-FP8",
            Signature(("qwen", "instruct"), ("3",), 30, 3, dates=("2507",), precisions=frozenset(["fp8"])),
        ),
        ("qwen3:30b-a3b-q4_K_M", Signature(("qwen",), ("3",), 30, 3, precisions=frozenset(["q4_k_m"]))),
        ("llama3-1-70b-instruct", Signature(("llama", "instruct"), ("3.1",), 70)),
        ("Llama-3_3-Nemotron-Super-49B-v1_5", Signature(("llama", "nemotron", "super"), ("3.3", "1.5"), 49)),
        ("qwen3_32b", Signature(("qwen",), ("3",), 32)),
        ("kimi-k2p6", Signature(("kimi", "k"), ("2.6",))),
        ("Mistral-7B-Instruct-v03", Signature(("mistral", "instruct"), ("0.3",), 7)),
        ("Mixtral-8x7B-v0.1", Signature(("mixtral",), ("0.1",), 56, moe="8x7")),
        ("Llama-4-Scout-17B-16E", Signature(("llama", "scout"), ("4",), 17, experts=16)),
        ("gemma-4-E4B-it", Signature(("gemma", "e4b", "it"), ("4",))),
        ("Kimi-K2-1T", Signature(("kimi", "k"), ("2",), 1000)),
        ("smol-360m", Signature(("smol",), (), 0.36)),
        ("command-r-08-2024", Signature(("command", "r"), dates=("202408",))),
        ("FLUX.1-dev", Signature(("flux", "dev"), ("1",))),
        (
            "x-7b-instruct-q4_k_m-00001-of-00002.gguf",
            Signature(("x", "instruct"), (), 7, precisions=frozenset(["q4_k_m"])),
        ),
        ("Ｑｗｅｎ３", Signature(("qwen",), ("3",))),
    ],
)
def test_the_facts_of_a_name(name: str, expected: Signature) -> None:
    assert signature(name) == expected


@pytest.mark.parametrize(
    ("typed", "near", "far"),
    [
        ("qwen3 32b", "Qwen/Qwen3-32B", "Qwen/Qwen3-VL-32B-Instruct"),
        ("llama 3.1 70b", "meta-llama/Llama-3.1-70B-Instruct", "meta-llama/Llama-3.3-70B-Instruct"),
        ("qwen3-8b", "Qwen/Qwen3-8B", "Qwen/Qwen3-8B-FP8"),
        ("qwen3-8b-fp8", "Qwen/Qwen3-8B-FP8", "Qwen/Qwen3-8B"),
        ("kimi k2", "moonshotai/Kimi-K2-Instruct", "moonshotai/Kimi-K2.5"),
        ("deepseek-r1-0528", "deepseek-ai/DeepSeek-R1-0528", "deepseek-ai/DeepSeek-R1"),
        (
            "mistral instruct 7b v02",
            "mistralai/Mistral-7B-Instruct-v0.2",
            "mistralai/Mistral-7B-Instruct-v0.3",
        ),
        ("qwne3 8b", "Qwen/Qwen3-8B", "somebody/Qwen3-8B"),
    ],
)
def test_what_is_nearer(typed: str, near: str, far: str) -> None:
    def how_far(repository: str) -> float:
        found = distance(signature(typed), None, signature(repository.partition("/")[2]), repository)
        return FAR if found is None else found

    assert how_far(near) < how_far(far)


@pytest.mark.parametrize(
    ("typed", "repository"),
    [
        ("deepseek-r1:7b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B"),
        ("qwen3 7b", "Qwen/Qwen3-1.7B"),
        ("mixtral 8x7b", "mistralai/Mixtral-8x22B-Instruct-v0.1"),
        ("qwen3 30b a3b", "Qwen/Qwen3-30B-A22B"),
        ("llama 17b 16e", "meta-llama/Llama-4-Maverick-17B-128E-Instruct"),
        ("gemma e4b", "google/gemma-4-E2B-it"),
        ("7b", "Qwen/Qwen2-7B"),
        ("instruct", "Qwen/Qwen2-7B-Instruct"),
    ],
)
def test_another_size_or_no_family_is_another_model(typed: str, repository: str) -> None:
    assert distance(signature(typed), None, signature(repository.partition("/")[2]), repository) is None


def test_a_size_that_the_name_does_not_say_decides_as_well() -> None:
    known = signature("DeepSeek-R1")
    name = "deepseek-ai/DeepSeek-R1"
    assert distance(signature("deepseek-r1:671b"), None, known, name, [671.0]) == 0.0
    assert distance(signature("deepseek-r1:70b"), None, known, name, [671.0]) is None


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("qwen", "qwne", 1), ("lama", "llama", 1), ("instuct", "instruct", 1), ("a", "abc", None)],
)
def test_edits(one: str, other: str, count: object) -> None:
    assert edits(one, other, 1) == count
