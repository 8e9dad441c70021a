# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the decoders take, and what they refuse."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    MAX_CONTAINERS,
    MAX_DEPTH,
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.markup import (
    toml_value,
    yaml_value,
)
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_writes_is_read_as_it_was(value: t.Any) -> None:
    assert json_value(json.dumps(value)) == value
    assert json_value(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        (b"[1e999, -1e999, NaN, -Infinity]", ["1e999", "-1e999", "NaN", "-Infinity"]),
        (b"[" + b"9" * 400 + b"]", ["9" * 24 + "…"]),
        (b'["\\ud800x", "\\udc00", "\\ud83d\\ude00", "\\\\ud800"]', ["\ufffdx", "\ufffd", "😀", "\\ud800"]),
        (b"18446744073709551615", 2**64 - 1),
        (b"18446744073709551616", "18446744073709551616"),
    ],
)
def test_what_no_reader_could_bear_becomes_something_harmless(text: bytes, value: t.Any) -> None:
    found = json_value(text)
    assert found == value
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is not JSON"),
        (b"[1] [2]", "is not JSON"),
        (b"\xff\xfe[\x001\x00]\x00", "is not UTF-8"),
        (b'{"a": 1, "b": 2, "a": 3}', "has the key 'a' twice"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "is nested deeper than"),
        (b"[" * 500_000, "is nested deeper than"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "is nested deeper than"),
        (b"[" + b"[]," * MAX_CONTAINERS + b"[]]", "holds too many values"),
    ],
)
def test_what_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(Undecodable, match=words):
        json_value(text)
    with pytest.raises(Undecodable, match="is larger than 3 bytes"):
        json_value(b"[12]", 3)


def test_the_deepest_that_is_taken() -> None:
    assert json_value(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("day: 2026-01-02", {"day": "2026-01-02"}),
        ("a: .inf\nb: .nan\nc: 1_000", {"a": "inf", "b": "nan", "c": 1000}),
        ("n: " + "9" * 400, {"n": "a number of 1329 bits"}),
        (
            "base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  x: 3",
            {"base": {"x": 1, "y": 2}, "own": {"x": 3, "y": 2}},
        ),
        ("", None),
    ],
)
def test_yaml_is_read_as_plain_values(text: str, value: t.Any) -> None:
    assert yaml_value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "a: !!bool x",
        "a: !!timestamp x",
        "a: !!int ''",
        "a: !!binary '=='",
        "a: !!set {b: null}",
        "a: !!python/object/apply:os.system [x]",
        "a: 1\nb: 2\na: 3",
        "a: &a [*a]",
        "a: [",
        "? [1]\n: 2",
        "[" * 5000,
        "a: 1\n--- \nb: 2",
        "\n".join(["a: &a [x,x,x,x,x,x,x,x,x]"] + ["%s: &%s [%s]" % (c, c, ",".join(["*" + p] * 9)) for p, c in zip("abcdefgh", "bcdefghi", strict=True)]),
    ],
)  # fmt: skip
def test_yaml_that_is_refused(text: str) -> None:
    with pytest.raises(Undecodable):
        yaml_value(text)


def merging(levels: int, times: int) -> str:
    """Objects of which each merges the one before it several times."""
    lines = ["a0: &a0 {k: 1, l: 2}"]
    lines += [
        "a%d: &a%d {<<: [%s]}" % (n, n, ", ".join(["*a%d" % (n - 1)] * times)) for n in range(1, levels)
    ]
    return "\n".join(lines)


def old_flatten_mapping(self: t.Any, node: t.Any) -> None:
    """What PyYAML before 6.0.4 makes of merges: each field as often as it is named."""
    merged = []
    for key, value in list(node.value):
        if key.tag == "tag:yaml.org,2002:merge":
            node.value.remove((key, value))
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                self.flatten_mapping(source)
                merged += source.value
    node.value = merged + node.value


@pytest.mark.parametrize("version", ["this", "old"])
def test_merges_do_not_multiply(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if version == "old":
        monkeypatch.setattr(yaml.constructor.SafeConstructor, "flatten_mapping", old_flatten_mapping)
    assert yaml_value(merging(40, 3))["a39"] == {"k": 1, "l": 2}
    with pytest.raises(Undecodable, match="merges more than"):
        yaml_value(merging(3, 60_000))
    with pytest.raises(Undecodable):
        yaml_value("a: &a\n  <<: *a")


def test_toml() -> None:
    assert toml_value("a = 2026-01-02\nb = inf\nc = 1.5") == {"a": "2026-01-02", "b": "inf", "c": 1.5}
    for text in (
        "a = ",
        "a = 1\na = 2",
        "a = " + "[" * 5000,
        "a." * 2000 + "b = 1",
        "\x00",
        "a = 1e999999999\nb",
    ):
        with pytest.raises(Undecodable):
            toml_value(text)
