# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searching: filters, ranking, misspellings, and the open models nearest to a closed one."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search import nearest_open, search
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import ModelRecord, Query


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
        (Query("rocket"), ["acme/rocket", "shop/rocketry"]),
        (Query("rokcet"), ["acme/rocket", "shop/rocketry"]),
        (Query("zzzzzz"), []),
        (Query("qwen3 rocket"), []),
        (Query(open_weights=True), ["acme/rocket", "qwen/qwen3-coder"]),
        (Query(family="rocket"), ["acme/rocket"]),
        (Query(tool_call=True, reasoning=False), ["qwen/qwen3-coder"]),
        (Query(tool_call=False), []),
    ],
)
def test_what_is_found_in_which_order(query: Query, expected: t.List[str]) -> None:
    found = search(RECORDS, query)
    names = [item.id for item in found.models]
    assert (names if query.text else sorted(names)) == expected
    assert found.total == len(expected)


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
