# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shapes: what passes, and how that which does not is named."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    Shape,
    flag,
    items,
    maybe,
    number,
    problem_of,
    record,
    table,
    text,
    whole,
)

HOST = record(
    {"index": whole(0, 9)}, {"name": text(5), "sizes": items(maybe(number()), 3), "labels": table(flag)}
)


@pytest.mark.parametrize(
    "value",
    [
        {"index": 0},
        {"index": 9, "name": None, "more": object()},
        {"index": 1, "sizes": [None, 1, 2.5], "labels": {"a": True}},
    ],
)
def test_what_passes(value: t.Any) -> None:
    assert problem_of(HOST, value) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "it is a list where an object belongs"),
        ({}, "index is absent"),
        ({"index": None}, "index is null where a whole number from 0 to 9 belongs"),
        ({"index": True}, "index is true where a whole number from 0 to 9 belongs"),
        ({"index": "1"}, "index is a text of 1 characters where a whole number from 0 to 9 belongs"),
        ({"index": 10**400}, "index is a number of 1329 bits where a whole number from 0 to 9 belongs"),
        ({"index": 1, "name": "abcdef"}, "name is a text of 6 characters where at most 5 belong"),
        ({"index": 1, "name": "\ud800"}, "name is a text with characters that are none"),
        ({"index": 1, "name": "a\0"}, "name is a text with characters that are none"),
        ({"index": 1, "sizes": [0] * 4}, "sizes has 4 items where at most 3 belong"),
        ({"index": 1, "sizes": [1, float("nan")]}, "sizes[1] is nan where a number from 0 to 1e+18 belongs"),
        ({"index": 1, "labels": {"a\x1b": 1}}, "labels.a\\x1b is 1 where true or false belongs"),
        ({"index": 1, "labels": {1: True}}, "labels has a field whose name is no text"),
    ],
)
def test_what_is_broken_is_named_by_its_path(value: t.Any, problem: str) -> None:
    assert problem_of(HOST, value) == problem


def test_a_text_that_is_broken_is_not_repeated() -> None:
    shapes: t.Sequence[Shape] = (whole(), number(), flag, items(flag), table(flag), record({}))
    for shape in shapes:
        assert "hunter2" not in str(problem_of(shape, "hunter2"))


@pytest.mark.parametrize("value", ["1", None, True, float("inf"), float("nan"), 10**400, -(10**400), [], {}])
def test_what_is_no_number_is_absent(value: t.Any) -> None:
    assert foreign.number(value) is None
    assert foreign.count(value) is None
    assert foreign.whole(value) is None


@pytest.mark.parametrize(
    ("literal", "value"), [("12", 12), ("²", None), ("٣", None), ("", None), ("-1", None), ("9" * 400, None)]
)
def test_digits_are_ascii(literal: str, value: t.Optional[int]) -> None:
    assert foreign.digits(literal) == value
