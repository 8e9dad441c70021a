# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edits of one entry leave every foreign byte where it was, whatever the file looks like."""

from __future__ import annotations

import os
import typing as t

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files import yaml_edit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_layout import loader_for
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import (
    Place,
    YamlList,
)
from hypothesis import given
from hypothesis import strategies as st

LIST = Place(("model_list",))
MARKED = Place(("routing", "direct", "providers"), (("mode", "direct"),), "managed by us")
OURS = {"name": "ours", "nested": {"url": "http://192.0.2.1:80/v1", "weight": 1}}

FOREIGN = {
    "indented": "model_list:\n  - name: a # keep\n    x: 'q'\n",
    "not indented": "model_list:\n- name: a\n- name: b\nother: 1\n",
    "comment above a following key": "model_list:\n- name: a\n\n# about other\nother: 1\n",
    "comment that belongs to the last entry": "model_list:\n  - name: a\n    # rpm: 10\nother: 1\n",
    "flow entries": "model_list:\n  - {name: a, x: [1, 2]}  # one\n  - {name: b}\n",
    "flow list": "model_list: [{name: a}, {name: b}]\nother: {x: 1}\n",
    "flow list over lines": "model_list: [ # first\n  {name: a}, # a\n  {name: b}, # b\n]\n",
    "flow document": '{"other": 1, "model_list": [{"name": "a"}]}',
    "dash on a line of its own": "model_list:\n  -\n    name: a\n  - # odd\n    name: b\n",
    "CRLF": "# top\r\nmodel_list:\r\n  - name: a\r\n    text: |\r\n      two\r\n      lines\r\nother: 1\r\n",
    "no final line break": "other: 1\nmodel_list:\n  - name: a",
    "byte order mark": "\ufeffmodel_list:\n  - name: a\n",
    "unicode": "model_list:\n  - name: 模型 # ключ\n    x: \U0001f642\nother: é\n",
    "long line": "model_list:\n  - name: a\n    x: %s\n" % ("word " * 100).strip(),
    "anchors": "d: &d {x: 1}\nmodel_list:\n  - &e\n    name: a\n    <<: *d\n  - *e\n",
    "block scalar last": "model_list:\n  - name: a\n    x: |\n      text\n\n\nother: 1\n",
    "block scalar that keeps blank lines": "model_list:\n  - name: a\n    x: |+\n      text\n\n\nother: 1\n",
    "plain text over lines": "model_list:\n  - name: a\n    x: one\n      two\n\n  # end\n",
    "nested list": "model_list:\n- name: a\n  x:\n  - 1\n  - - 2\n    - 3\n",
    "document markers": "%YAML 1.1\n---\nmodel_list:\n  - name: a\n...\n",
    "tag": "model_list:\n  - name: a\nother: !secret x\n",
    "tabs": "model_list:\n  - name: a\t# keep\n    x:\tb\t\nother:\t1\n",
    "repeated foreign key": "model_list:\n  - name: a\nother: 1\nother: 2\n",
}


def parsed(text: str, place: Place = LIST) -> YamlList:
    return YamlList(text, place, "router.yaml")


def is_one_insertion(old: str, new: str) -> bool:
    start = len(os.path.commonprefix([old, new]))
    return new.endswith(old[start:]) and len(new) > len(old)


@pytest.mark.parametrize("text", FOREIGN.values(), ids=list(FOREIGN))
def test_an_added_entry_is_one_insertion_and_its_removal_undoes_it(text: str) -> None:
    new = yaml_edit.appended(parsed(text), OURS)

    entries = parsed(new).entries
    assert entries[-1].data == OURS
    assert is_one_insertion(text, new)
    removed = yaml_edit.removed(parsed(new), len(entries) - 1)
    assert removed in (text, text + "\n")


@pytest.mark.parametrize("text", FOREIGN.values(), ids=list(FOREIGN))
def test_a_replaced_entry_leaves_the_others(text: str) -> None:
    first = yaml_edit.appended(parsed(text), OURS)
    index = len(parsed(first).entries) - 1

    second = yaml_edit.replaced(parsed(first), index, {"name": "other words"})

    assert parsed(second).entries[index].data == {"name": "other words"}
    assert is_one_insertion(text, second)


@pytest.mark.parametrize("text", FOREIGN.values(), ids=list(FOREIGN))
def test_line_breaks_follow_the_file(text: str) -> None:
    new = yaml_edit.appended(parsed(text), OURS)

    assert new.count("\n") == new.count("\r\n") or "\r\n" not in text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("", "model_list:\n  - name: ours\n"),
        ("# only a comment", "# only a comment\nmodel_list:\n  - name: ours"),
        ("---\n", "---\nmodel_list:\n  - name: ours\n"),
        ("a: 1\n# b: 2\n", "a: 1\n# b: 2\nmodel_list:\n  - name: ours\n"),
        ("a: 1\n...\n", "a: 1\nmodel_list:\n  - name: ours\n...\n"),
        ("model_list: []\nb: 1\n", "model_list:\n  - name: ours\nb: 1\n"),
        ("model_list: [] # none\nb: 1\n", "model_list: # none\n  - name: ours\nb: 1\n"),
        ("model_list:\nb: 1\n", "model_list:\n  - name: ours\nb: 1\n"),
        ("model_list: ~", "model_list:\n  - name: ours"),
        ("model_list: [\n  # none\n]\n", "model_list: [{name: ours}\n  # none\n]\n"),
        ("model_list: &l []\n", "model_list: &l [{name: ours}]\n"),
        ("{}\n", "{model_list: [{name: ours}]}\n"),
        ('{"a": 1}', '{"a": 1, model_list: [{name: ours}]}'),
        ('{"model_list": null, "a": 1}', '{"model_list":  [{name: ours}], "a": 1}'),
    ],
)
def test_a_missing_or_empty_list_is_made(text: str, new: str) -> None:
    assert yaml_edit.appended(parsed(text), {"name": "ours"}) == new


BLOCK = "    providers:\n      - name: ours  # managed by us\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("", "routing:\n  mode: direct\n  direct:\n" + BLOCK),
        ("routing:\n", "routing:\n  mode: direct\n  direct:\n" + BLOCK),
        ("routing: {}\nx: 1\n", "routing:\n  mode: direct\n  direct:\n" + BLOCK + "x: 1\n"),
        ("routing:\n  mode: plano\nx: 1\n", "routing:\n  mode: plano\n  direct:\n" + BLOCK + "x: 1\n"),
        ("routing:\n  direct:\n    a: 1\n  # c\n", "routing:\n  direct:\n    a: 1\n" + BLOCK + "  # c\n"),
        ("routing:\n  direct:\n    a: 1\n    # c\n", "routing:\n  direct:\n    a: 1\n    # c\n" + BLOCK),
    ],
)
def test_missing_parents_are_made_in_their_own_style(text: str, new: str) -> None:
    assert yaml_edit.appended(parsed(text, MARKED), {"name": "ours"}) == new


def test_the_last_removed_entry_leaves_an_empty_list() -> None:
    text = "model_list: # ours\n  - name: ours\nb: 1\n"

    assert yaml_edit.removed(parsed(text), 0) == "model_list: [] # ours\nb: 1\n"


@pytest.mark.parametrize("index", [0, 1, 2])
def test_removal_in_brackets_takes_one_comma(index: int) -> None:
    text = "model_list: [{name: a}, # 0\n  {name: b}, # 1\n  {name: c}] # 2\n"

    new = yaml_edit.removed(parsed(text), index)

    assert [entry.data["name"] for entry in parsed(new).entries] == list("abc"[:index] + "abc"[index + 1 :])
    assert all(comment in new for comment in ("# 0", "# 1", "# 2"))


def test_the_mark_is_seen_on_our_entries_only() -> None:
    text = "routing:\n  direct:\n    providers:\n      - name: a # managed by usual means\n        b: c # managed by us\n"

    new = yaml_edit.appended(parsed(text, MARKED), {"name": "ours"})

    assert [entry.marked for entry in parsed(new, MARKED).entries] == [False, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1\nb: 2", "line 2"),
        ("a: 1\n  b: 2\n", "line 2"),
        ("a: *nothing\n", "undefined alias"),
        ("a: 1\n---\nb: 2\n", "another document"),
        ("a: \x01\n", "not usable YAML"),
        ("- a\n", "the document should be a mapping and is a sequence"),
        ("model_list: {a: 1}\n", "line 1, column 13: model_list should be a list and is a mapping"),
        ("model_list:\n  - a\n", "line 2, column 5: model_list should be a mapping in the list"),
        ("model_list: text\n", "model_list should be a list and is a scalar"),
        ("model_list: []\nmodel_list: []\n", "occurs more than once"),
        ("l: &l []\nmodel_list: *l\n", "model_list is an alias"),
        ("<<: {model_list: []}\n", "may come from a merge key"),
        ("model_list:\n  - !!set {a}\n", "plain mapping"),
        ("model_list:\n  - {x: !vault y}\n", "could not determine a constructor"),
        ("model_list:\n  - {x: 2026-99-99}\n", "not usable YAML"),
        ("[" * 3000, "not usable YAML"),
        ("model_list: []\na: " + "[" * 900 + "]" * 900, "cannot be parsed"),
    ],
)
def test_what_is_no_such_list_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parsed(text)
    assert words in caught.value.message
    assert "nothing was written" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "model_list: &l [{name: a}]\nother: *l\n",
        "model_list: &l\nb: 1\n",
        "? model_list\n: - name: a\n",
        "null\n",
        "other:\n  x: |\n    no line break at the end",
    ],
)
def test_what_cannot_be_edited_alone_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        yaml_edit.appended(parsed(text), OURS)


def test_an_anchor_that_others_use_is_not_removed() -> None:
    text = "model_list:\n  - name: ours\n    x: &x {a: 1}\n  - name: b\n    x: *x\n"

    with pytest.raises(InvalidInput, match="belongs to others"):
        yaml_edit.removed(parsed(text), 0)


def test_brackets_have_no_room_for_the_mark() -> None:
    with pytest.raises(InvalidInput, match="brackets"):
        yaml_edit.appended(parsed("routing: {mode: direct}\n", MARKED), OURS)


def test_no_message_quotes_the_file() -> None:
    with pytest.raises(InvalidInput) as caught:
        parsed("key: sk-secret-value\n  bad: [\n")
    assert "sk-secret" not in str(caught.value.as_result())


def test_aliases_that_multiply_take_no_time() -> None:
    lines = ["a0: &a0 [x]"] + [
        "a%d: &a%d [%s]" % (n, n, ", ".join(["*a%d" % (n - 1)] * 9)) for n in range(1, 40)
    ]

    assert yaml_edit.appended(parsed("\n".join(lines) + "\n"), OURS)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
SCALARS = st.one_of(WORDS, st.integers(), st.booleans(), st.none(), st.just("two\nlines\n"))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.builds(
    lambda name, rest: {"name": name, **rest}, WORDS, st.dictionaries(WORDS, VALUES, max_size=3)
)
COMMENTS = st.sampled_from(
    ["", "# at the edge\n", "   # further in\n", "\n", "\n\n# after a gap\n", "      # deep\n"]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Files with foreign entries in many styles, comments at odd places, and other settings around."""
    indent = " " * draw(st.integers(0, 4))
    text = draw(COMMENTS) + yaml.safe_dump({"before": draw(VALUES)}, allow_unicode=draw(st.booleans()))
    text += draw(COMMENTS) + "model_list:" + draw(st.sampled_from(["", " # list"])) + "\n"
    for data in draw(st.lists(ENTRIES, min_size=1, max_size=3)):
        style, width = draw(st.sampled_from([None, True, False])), draw(st.sampled_from([20, 80, 1000]))
        lines = yaml.safe_dump([data], default_flow_style=style, width=width, indent=2).splitlines(True)
        if style is True:
            lines = ["- " + yaml.safe_dump(data, default_flow_style=True, width=100_000)]
        text += "".join(indent + line if line.strip() else line for line in lines) + draw(COMMENTS)
    text += draw(st.sampled_from(["", "after: {x: 1} # end\n", "after: 'x'\n\n\n", "z:\n- 1\n# last"]))
    if draw(st.booleans()):
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@given(text=documents(), data=ENTRIES)
def test_any_file_is_edited_in_one_place_or_refused(text: str, data: dict[str, object]) -> None:
    try:
        old = parsed(text)
        new = yaml_edit.appended(old, data)
    except InvalidInput:
        return
    assert is_one_insertion(text, new)
    assert parsed(new).entries[-1].data == data
    changed = yaml_edit.replaced(parsed(new), len(old.entries), OURS)
    assert is_one_insertion(text, changed)
    assert parsed(changed).entries[-1].data == OURS
    back = yaml_edit.removed(parsed(changed), len(old.entries))
    assert back.startswith(text)
    assert back[len(text) :] in ("", "\n", "\r\n")


@given(text=documents(), place=st.integers(0, 2))
def test_any_entry_that_is_taken_away_leaves_all_other_bytes(text: str, place: int) -> None:
    try:
        old = parsed(text)
    except InvalidInput:
        return
    if len(old.entries) < 2 or place >= len(old.entries):
        return

    new = yaml_edit.removed(old, place)

    assert is_one_insertion(new, text)
    kept = [entry.data for entry in old.entries]
    del kept[place]
    assert [entry.data for entry in parsed(new).entries] == kept


def places(text: str, loader: t.Any) -> list[tuple[str, int, int]]:
    return [(type(k).__name__, k.start_mark.index, k.end_mark.index) for k in yaml.scan(text, loader)]


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="this PyYAML has no libyaml")
@given(text=documents())
def test_both_parsers_put_tokens_at_the_same_places(text: str) -> None:
    try:
        expected = places(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return
    assert places(text, loader_for(text)) == expected


@given(text=documents())
def test_ordinary_files_are_not_refused(text: str) -> None:
    try:
        before = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return
    if text.rstrip("\r\n") != text:  # a block scalar at the very end may depend on its line break
        after = yaml.safe_load(yaml_edit.appended(parsed(text), OURS))
        assert {**before, "model_list": [*before["model_list"], OURS]} == after
