# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searching: filters, ranking, misspellings, and the open models nearest to a closed one."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Price,
    Query,
    Rates,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.search import (
    nearest_open,
    search,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryRef,
    Spec,
)


def record(name: str, **facts: t.Any) -> ModelRecord:
    return ModelRecord(**{"id": name, "name": name, "source": "models.dev", **facts})


RECORDS = (
    record(
        "qwen/qwen3-coder",
        family="qwen",
        open_weights=True,
        capabilities={"tool_call": True, "reasoning": False},
    ),
    record("qwen/qwen3-coder-plus", family="qwen", capabilities={"tool_call": True, "reasoning": True}),
    record("acme/rocket", family="Rocket", open_weights=True, capabilities={"tool_call": None}),
    record("shop/rocketry", family=None, capabilities={}),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query("qwen3 coder"), ["qwen/qwen3-coder", "qwen/qwen3-coder-plus"]),
        (Query("CODER plus"), ["qwen/qwen3-coder-plus"]),
        (Query("rocket"), ["acme/rocket"]),
        (Query("rokcet"), ["acme/rocket"]),
        (Query("zzzzzz"), []),
        (Query(open_weights=True), ["acme/rocket", "qwen/qwen3-coder"]),
        (Query(family="rocket"), ["acme/rocket"]),
        (Query(capabilities={"tool_call": True, "reasoning": False}), ["qwen/qwen3-coder"]),
        (Query(capabilities={"tool_call": False}), []),
    ],
)
def test_what_is_found_in_which_order(query: Query, expected: t.List[str]) -> None:
    found = search(RECORDS, query)
    names = [item.id for item in found.models]
    assert (names if query.text else sorted(names)) == expected
    assert found.total == len(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(modalities=("image",)), ["see"]),
        (Query(output_modalities=("audio",)), ["hear"]),
        (Query(minimum_context_tokens=1000), ["see"]),
        (Query(maximum_input_usd=1.0), ["see"]),
        (Query(maximum_input_usd=1.0, maximum_output_usd=1.0), []),
        (Query(maximum_output_usd=2.0), ["hear", "see"]),
        (Query(minimum_parameters=10**10), ["hear"]),
        (Query(maximum_parameters=10**10), ["see"]),
        (Query(licences=("mit", "Apache-2.0")), ["hear", "see"]),
        (Query(licences=("mit",)), ["hear"]),
        (Query(released_after="2026-01-01"), ["see"]),
        (Query(hub="huggingface"), ["hear", "see"]),
        (Query(hub="model_scope"), ["hear"]),
    ],
)
def test_filters_keep_what_is_known_to_fulfil_them(query: Query, expected: t.List[str]) -> None:
    advice = Spec(RepositoryRef("model_scope", "A/Hear"), "standard", "FP8", "vLLM")
    see = record(
        "see", open_weights=True, input_modalities=("text", "image"), output_modalities=("text",),
        context_tokens=1000, total_parameters=8 * 10**9, licence="apache-2.0", release_date="2026-02",
        prices=(Price("p", Rates(1.0, 2.0)),), repositories=("A/See",),
    )  # fmt: skip
    hear = record(
        "hear", open_weights=True, output_modalities=("audio",), total_parameters=32 * 10**9, licence="MIT",
        release_date="2025-12-31", prices=(Price("p", Rates(3.0, 1.0)), Price("q", Rates(None, 2.0))),
        repositories=("A/Hear",), specs=(advice,),
    )  # fmt: skip
    found = search((see, hear, record("unknown")), query)
    assert sorted(item.id for item in found.models) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("release_date", ["new", "old", "odd"]),
        ("context", ["old", "new", "odd"]),
        ("price", ["new", "old", "odd"]),
        ("parameters", ["old", "new", "odd"]),
        ("popularity", ["new", "old", "odd"]),
    ],
)
def test_results_can_be_sorted(sort: str, expected: t.List[str]) -> None:
    new = record(
        "new", release_date="2026-01", context_tokens=1, total_parameters=1,
        prices=(Price("p", Rates(0, 1.0)),), provider_ids=("a/new", "b/new"),
    )  # fmt: skip
    old = record(
        "old", release_date="2020-01", context_tokens=2, total_parameters=2,
        prices=(Price("p", Rates(0, 2.0)),), provider_ids=("a/old",),
    )  # fmt: skip
    found = search((record("odd"), old, new), Query(sort=sort))
    assert [item.id for item in found.models] == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("code generation", "qwen/qwen3-coder"),
        ("a good coding model", "qwen/qwen3-coder"),
        ("vision", "a/seer"),
        ("function calling", "qwen/qwen3-coder"),
        ("32b apache", "a/seer"),
        ("the model", "a/the-model"),
    ],
)
def test_plain_words_are_understood(text: str, first: str) -> None:
    seer = record(
        "a/seer", input_modalities=("image",), output_modalities=("text",), total_parameters=32 * 10**9,
        licence="apache-2.0",
    )  # fmt: skip
    found = search((*RECORDS, seer, record("a/the-model")), Query(text, limit=1))
    assert [item.id for item in found.models] == [first]


def test_what_holds_most_words_is_found_where_nothing_holds_all() -> None:
    found = search(RECORDS, Query("qwen3 coder rocketry"))
    assert [item.id for item in found.models] == ["qwen/qwen3-coder", "qwen/qwen3-coder-plus"]
    assert ["most of them" in note for note in found.notes] == [True]
    assert search(RECORDS, Query("qwen3 coder")).notes == ()


def test_what_nobody_knows_is_said() -> None:
    alone = search(RECORDS, Query("zzzzzz"))
    assert (alone.models, "zzzzzz" in alone.notes[0]) == ((), True)
    beside = search(RECORDS, Query("qwen3 zzzzzz"))
    assert len(beside.models) == 2
    assert "zzzzzz" in beside.notes[0]


def test_an_exact_name_comes_before_popular_relatives() -> None:
    popular = record("a/big-1-plus", provider_ids=tuple("p%d/x" % n for n in range(99)), release_date="2030")
    found = search((popular, record("a/big-1")), Query("big 1"))
    assert [item.id for item in found.models] == ["a/big-1", "a/big-1-plus"]


def test_newer_and_more_popular_comes_first_among_equals() -> None:
    old, new = record("a/x-one", release_date="2020-01"), record("a/x-two", release_date="2026-01")
    offered = record("a/x-six", release_date="2026-01", provider_ids=("p/x", "q/x", "r/x"))
    found = search((old, new, offered), Query("x"))
    assert [item.id for item in found.models] == ["a/x-six", "a/x-two", "a/x-one"]


def test_the_limit_cuts_the_list_and_not_the_count() -> None:
    found = search(RECORDS, Query(limit=1))
    assert (len(found.models), found.total) == (1, 4)


def test_order_does_not_depend_on_the_order_of_records() -> None:
    assert search(RECORDS, Query("qwen3")) == search(tuple(reversed(RECORDS)), Query("qwen3"))


def test_the_nearest_open_models_do_what_the_closed_one_does() -> None:
    closed = record(
        "big/closed",
        capabilities={"tool_call": True},
        input_modalities=("text", "image"),
        output_modalities=("text",),
    )
    text_only = record(
        "a/text",
        open_weights=True,
        repositories=("A/Text",),
        input_modalities=("text",),
        output_modalities=("text",),
    )
    seeing = record(
        "a/vision",
        open_weights=True,
        repositories=("A/Vision",),
        input_modalities=("text", "image"),
        output_modalities=("text",),
    )
    same_weights = record(
        "b/vision", open_weights=True, repositories=("A/Vision",), output_modalities=("text",)
    )
    unusable = record(
        "c/none", open_weights=True, input_modalities=("text", "image"), output_modalities=("text",)
    )
    found = nearest_open(closed, (text_only, seeing, same_weights, unusable, closed))
    assert [item.id for item in found] == ["a/vision", "a/text"]
