# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router_register with type openai_list and line_name: one line of a plain text file, such as HAProxy's maps."""

from __future__ import annotations

import json
import random
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

MAP = "# model  backend\ngpt-small\tsaas  \n\n  # a note\ngpt-large saas\ngpt-large older\n"
MARK = "# the next line is managed by modelscan.autoconfig: r1\n"


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "models.map"
    path.write_text(MAP)
    return path


def register(path: Path, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    given: dict[str, t.Any] = {"type": "openai_list", "path": str(path), "name": "r1", "probe": False}
    given["line_name"] = r"^(\S+)"
    if options.get("state") != "absent":
        given["line"] = "r1 gpustack"
    given.update(options)
    checked = ArgumentSpecValidator(dict(CORE.argument_spec), **CORE.rules).validate(given)
    assert not checked.error_messages
    return CORE.run(Task(checked.validated_parameters, check_mode))


def test_a_line_comes_changes_and_goes(path: Path) -> None:
    assert register(path, check_mode=True)["changed"]
    assert path.read_text() == MAP

    made = register(path)
    assert path.read_text() == MAP + MARK + "r1 gpustack\n"
    assert made["verified"] == "file"
    assert made["restart_required"]
    assert made["route"]["id"] == "r1"
    before = path.stat()
    assert not register(path)["changed"]
    assert path.stat() == before

    changed = register(path, line="r1 green", backup=True)
    assert changed["diff"]["before"] == {"line": "r1 gpustack"}
    assert changed["diff"]["after"] == {"line": "r1 green"}
    assert path.read_text() == MAP + MARK + "r1 green\n"
    assert Path(changed["backup_file"]).read_text() == MAP + MARK + "r1 gpustack\n"

    assert register(path, state="absent")["changed"]
    assert path.read_text() == MAP
    assert not register(path, state="absent")["changed"]


@pytest.mark.parametrize(
    "text", ["", "a b", "a b\n", "a b\r\nc d", "a b\r\nc d\r\n", "\ufeffa b\n", "a\u2028b\x0cc\n"]
)
def test_what_was_there_stays_byte_for_byte(path: Path, text: str) -> None:
    path.write_bytes(text.encode())

    register(path)
    assert path.read_bytes().startswith(text.encode())
    register(path, line="r1\tgreen")
    assert path.read_bytes().startswith(text.encode())
    assert not register(path, line="r1\tgreen")["changed"]
    register(path, state="absent")

    assert path.read_bytes() == text.encode()


def test_any_mix_of_lines_stays_as_it_is(path: Path) -> None:
    choice = random.Random(7)
    steps: list[dict[str, t.Any]] = [{}, {"name": "r2", "line": "r2 b"}, {"state": "absent"}]
    pieces = [
        "x y\n",
        "\n",
        "# r1\n",
        "  # note\r\n",
        "r10 z\n",
        "\tq r\r\n",
        "# the next line is managed by\n",
    ]
    for _number in range(200):
        text = "".join(choice.choices(pieces, k=choice.randrange(8))) + choice.choice(["", "last", "# last"])
        path.write_bytes(text.encode())
        for options in steps:
            register(path, **options)
        register(path, name="r2", state="absent")
        assert path.read_bytes() == text.encode()


def test_lines_of_others_are_left_alone_unless_adopted(path: Path) -> None:
    both: list[dict[str, t.Any]] = [{"line": "gpt-small gpustack"}, {"state": "absent"}]
    for options in both:
        with pytest.raises(Conflict, match="line 2: the route gpt-small was not written by this collection"):
            register(path, name="gpt-small", **options)
    with pytest.raises(Conflict, match=r"2 entries stand for the route gpt-large \(lines 5, 6\)"):
        register(path, name="gpt-large", line="gpt-large gpustack")
    assert path.read_text() == MAP

    register(path, name="gpt-small", line="gpt-small gpustack", adopt=True)
    assert path.read_text() == MAP.replace(
        "gpt-small\tsaas  \n", MARK.replace("r1", "gpt-small") + "gpt-small gpustack\n"
    )


def test_a_byte_order_mark_is_no_part_of_the_first_name(path: Path) -> None:
    path.write_text("\ufeffr1 theirs\r\na b")

    with pytest.raises(Conflict, match="line 1: the route r1"):
        register(path)
    register(path, adopt=True)

    assert path.read_bytes().decode() == "\ufeff" + MARK.replace("\n", "\r\n") + "r1 gpustack\r\na b"


def test_a_mark_without_its_line_marks_nothing_else(path: Path) -> None:
    path.write_text("a b\n" + MARK + "r2 theirs\n")

    with pytest.raises(Conflict, match="line 3"):
        register(path, name="r2", state="absent")


def test_what_may_be_secret_is_not_shown(path: Path) -> None:
    path.write_text("r1 http://user:sk-old@192.0.2.1/v1\n")

    made = register(path, line="r1 https://user:sk-new@192.0.2.2/v1", adopt=True)
    plain = register(path, line="r1 gpustack")

    assert "sk-" not in json.dumps([made, plain])
    assert plain["diff"]["before"] == {"line": "(hidden)"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"line_name": "("}, "line_name is not a regular expression"),
        ({"line_name": r"^\S+"}, "line_name has to have one group and has 0"),
        ({"line": None}, "needs line"),
        ({"line": "r2 gpustack"}, "line_name finds 'r2' in line and name is 'r1'"),
        ({"line": "r1 a\nr2 b"}, "one line of text"),
        ({"line": "# r1 a"}, "no comment"),
        ({"probe": True}, "probe needs base_url"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(path: Path, options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        register(path, **options)

    assert words in caught.value.message
    assert path.read_text() == MAP
