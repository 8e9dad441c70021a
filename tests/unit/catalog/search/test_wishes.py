# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes in searches: what each sentence asks of a model, and what remains of it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.prices import Prices
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Query,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.search import search
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wishes import (
    plain,
    read_wishes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    RepositoryRef,
    Spec,
)

BILLION = 10**9


def record(name: str, **facts: t.Any) -> ModelRecord:
    known = {
        "id": name,
        "name": name,
        "source": "models.dev",
        "output_modalities": ("text",),
        "open_weights": True,
    }
    return ModelRecord(**{**known, "input_modalities": ("text",), **facts})


def costing(*rates: t.Tuple[str, float, float]) -> Prices:
    return Prices([(provider, {"input": taken, "output": given}) for provider, taken, given in rates])


MODELS = (
    record("a/dense-32b", total_parameters=32 * BILLION, context_tokens=131072, licence="apache-2.0",
           release_date="2025-04-01", prices=costing(("p", 0.1, 0.4)), capabilities={"reasoning": True}),
    record("a/sparse-30b-a3b", total_parameters=30 * BILLION, active_parameters=3 * BILLION, context_tokens=262144,
           licence="mit", release_date="2026-02-01", prices=costing(("p", 0.5, 2.0), ("gratis", 0, 0)),
           capabilities={"tool_call": True}),
    record("a/small-7b", total_parameters=7 * BILLION, context_tokens=32768, licence="modified-mit",
           release_date="2024-01-01", prices=costing(("x-coding-plan", 0, 0), ("p", 0.02, 0.05))),
    record("a/wee-1.7b", total_parameters=17 * BILLION // 10, licence="cc-by-nc-4.0", release_date="2026-06-10"),
    record("a/seeing-9b", total_parameters=9 * BILLION, input_modalities=("text", "image")),
    record("a/painter", output_modalities=("image",), open_weights=False),
    record("a/talker-tts", output_modalities=("audio",)),
    record("a/whisper-v9", input_modalities=("audio",)),
    record("a/words-embedding", total_parameters=BILLION // 2),
    record("a/words-reranker"),
    record("a/fast-32b-fp8", specs=(Spec(RepositoryRef(HUGGINGFACE, "A/Fast-FP8"), None, "FP8", None),)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("32b", ["dense-32b"]),
        ("about 30b", ["sparse-30b-a3b"]),
        ("7b", ["small-7b"]),
        ("under 8b parameters", ["small-7b", "wee-1.7b", "words-embedding"]),
        ("between 8b and 31b", ["seeing-9b", "sparse-30b-a3b"]),
        ("more than 31 billion parameters", ["dense-32b"]),
        ("3b active", ["sparse-30b-a3b"]),
        ("moe", ["sparse-30b-a3b"]),
        ("tiny model", ["wee-1.7b", "words-embedding"]),
        ("fits 8 GB", ["seeing-9b", "small-7b", "wee-1.7b", "words-embedding"]),
        ("llm for a 4090", ["dense-32b", "seeing-9b", "small-7b", "sparse-30b-a3b", "wee-1.7b"]),
        ("128k context", ["dense-32b", "sparse-30b-a3b"]),
        ("long context", ["sparse-30b-a3b"]),
        ("under $1", ["dense-32b", "small-7b"]),
        ("output below $0.10 per million tokens", ["small-7b"]),
        ("under 10 cents", ["small-7b"]),
        ("free", ["sparse-30b-a3b"]),
        ("since june 2026", ["wee-1.7b"]),
        ("released in 2025", ["dense-32b"]),
        ("before 2025", ["small-7b"]),
        ("mit license", ["sparse-30b-a3b"]),
        ("modified mit", ["small-7b"]),
        ("permissive", ["dense-32b", "sparse-30b-a3b"]),
        ("non-commercial", ["wee-1.7b"]),
        ("vision", ["seeing-9b"]),
        ("image generation", ["painter"]),
        ("text to speech", ["talker-tts"]),
        ("speech to text", ["whisper-v9"]),
        ("embeddings", ["words-embedding"]),
        ("reranking", ["words-reranker"]),
        ("fp8", ["fast-32b-fp8"]),
        ("proprietary", ["painter"]),
        ("tool calling", ["sparse-30b-a3b"]),
        ("reasoning", ["dense-32b"]),
        ("语音识别", ["whisper-v9"]),
        ("文生图", ["painter"]),
        ("70亿参数", ["small-7b"]),
        ("嵌入模型", ["words-embedding"]),
    ],
)
def test_what_a_sentence_asks_for(text: str, names: t.List[str]) -> None:
    found = search(MODELS, Query(text))
    assert sorted(item.name.partition("/")[2] for item in found.models) == names
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("cheapest", "a/small-7b"),
        ("newest", "a/wee-1.7b"),
        ("biggest", "a/dense-32b"),
        ("smallest", "a/words-embedding"),
        ("longest context", "a/sparse-30b-a3b"),
    ],
)
def test_superlatives_sort(text: str, first: str) -> None:
    assert search(MODELS, Query(text)).models[0].id == first


def test_a_free_price_is_none_and_a_cheap_classifier_is_no_answer() -> None:
    held = (
        record("a/gratis-8b", context_tokens=131072, prices=costing(("p", 0, 0))),
        record("a/distilbert-sst-2", context_tokens=131072, prices=costing(("p", 0.02, 0))),
        record("a/rocket-guard-8b", context_tokens=131072, prices=costing(("p", 0.01, 0.01))),
        record("a/model-router", context_tokens=131072, prices=costing(("p", 0.1, 0))),
        record("a/rocket-8b", context_tokens=131072, prices=costing(("p", 0.1, 0.2))),
    )
    for text in ("128k context cheap", "cheapest", "cheap"):
        found = [item.id for item in search(held, Query(text)).models]
        assert found[0] == "a/rocket-8b", text
    assert "a/gratis-8b" not in [item.id for item in search(held, Query("under $1")).models]
    assert [item.id for item in search(held, Query("free")).models] == ["a/gratis-8b"]


def test_a_wish_that_excludes_all_is_named() -> None:
    found = search(MODELS, Query("vision under 1b"))
    assert found.models == ()
    assert any("without" in note and "under 1b" in note for note in found.notes)


def test_size_words_beside_a_family_belong_to_its_name() -> None:
    assert read_wishes("mistral small", "2026-01", lambda word: word == "mistral").words == [
        "mistral",
        "small",
    ]
    assert read_wishes("small model", "2026-01", lambda word: False).words == []


def test_an_alternative_is_not_the_model_itself() -> None:
    found = search((record("a/dense-32b"), record("b/gpt-4-turbo")), Query("open alternative to gpt-4"))
    assert [item.id for item in found.models] == ["a/dense-32b"]


def test_negated_wishes() -> None:
    found = search(MODELS, Query("no reasoning 30b"))
    assert [item.id for item in found.models] == ["a/sparse-30b-a3b"]


def test_letters_of_other_widths_are_the_same() -> None:
    assert plain("Ｑｗｅｎ３") == "qwen3"
