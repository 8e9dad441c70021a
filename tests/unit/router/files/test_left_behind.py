# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A removal leaves nothing that a registration made; a program looks at a file before it takes its place."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

from tests.unit.router.router_files import register

NGINX = """\
http {
    upstream other {
        server 192.0.2.1:8000;
    }
    upstream models {
        least_conn;
        server 192.0.2.1:8000;
        keepalive 8;
    }
}
"""
LISTED: dict[str, t.Any] = {"list_path": "a.b.models", "entry": {"model": "r1"}}


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "router.conf"


@pytest.mark.parametrize(
    "options", [{"type": "litellm"}, {"type": "modelscan"}, {"type": "openai_list", **LISTED}]
)
@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "# only this\n",
        "general_settings: {a: 1}\nrouting_note: 1\nrouting:\n  mode: direct\n",
        "general_settings:\n  a: 1\nserver: {}\nrouting:\n  mode: direct",
        "general_settings: {}\nserver: {}\n\n# the end\n",
        "general_settings: {}\r\nserver: {}\r\n",
    ],
)
def test_a_removal_gives_back_what_was_there(path: Path, text: str | None, options: dict[str, t.Any]) -> None:
    if text is not None:
        path.write_bytes(text.encode())

    register(path, **options)
    assert yaml.safe_load(path.read_text())
    removed = {key: value for key, value in options.items() if key != "entry"}
    assert register(path, state="absent", **removed)["changed"]

    assert (path.read_bytes().decode() if path.exists() else None) == text


def test_what_others_put_beside_it_stays(path: Path) -> None:
    register(path)
    path.write_text(path.read_text() + "litellm_settings: {num_retries: 3}\n")
    register(path, model="second")
    register(path, state="absent", model="second")
    register(path, state="absent")

    assert yaml.safe_load(path.read_text()) == {"litellm_settings": {"num_retries": 3}}


@pytest.mark.parametrize("added", ["    # theirs\n", "  other: 1\n"])
def test_keys_in_which_something_else_came_stay(path: Path, added: str) -> None:
    register(path, type="modelscan")
    lines = path.read_text().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "direct:" in line)
    path.write_text("".join([*lines[:place], added, *lines[place:]]))

    register(path, type="modelscan", state="absent")

    assert added in path.read_text()
    assert yaml.safe_load(path.read_text())["routing"]["direct"] == {"providers": []}


def lines(path: Path, **options: t.Any) -> dict[str, t.Any]:
    given: dict[str, t.Any] = {
        "type": "openai_list",
        "line_name": r"^\s*server\s+(\S+);",
        "name": "192.0.2.9:80",
    }
    if options.get("state") != "absent":
        given["line"] = "        server 192.0.2.9:80;"
    return register(path, **{**given, **options})


BLOCK = {"block_begin": r"upstream models \{", "block_end": r"^\s*\}"}


def test_a_line_comes_into_its_block_and_goes_again(path: Path) -> None:
    path.write_text(NGINX)

    lines(path, **BLOCK)
    written = path.read_text().splitlines()
    assert written[8:11] == [
        "        # the next line is managed by modelscan.autoconfig: 192.0.2.9:80",
        "        server 192.0.2.9:80;",
        "    }",
    ]
    assert not lines(path, **BLOCK)["changed"]
    assert lines(path, state="absent", **BLOCK)["changed"]

    assert path.read_text() == NGINX


def test_a_line_of_another_block_is_another_one(path: Path) -> None:
    path.write_text(NGINX.replace("least_conn;\n        server 192.0.2.1:8000;", "least_conn;"))

    lines(path, name="192.0.2.1:8000", line="        server 192.0.2.1:8000;", **BLOCK)

    assert path.read_text().count("server 192.0.2.1:8000;") == 2


def test_a_line_comes_before_the_one_that_is_named(path: Path) -> None:
    path.write_text(NGINX)

    lines(path, insertbefore="keepalive", **BLOCK)

    assert path.read_text().splitlines()[8] == "        server 192.0.2.9:80;"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "holds blocks in braces"),
        ({"block_begin": "upstream", "block_end": r"\}"}, "block_begin finds 2 lines"),
        ({"block_begin": "upstream absent", "block_end": r"\}"}, "block_begin finds 0 lines"),
        ({"block_begin": "upstream models", "block_end": "never"}, "block_end finds no line"),
        ({"insertbefore": "never"}, "insertbefore finds no line"),
        ({"insertbefore": "("}, "insertbefore is not a regular expression"),
    ],
)
def test_a_place_that_is_not_there_is_refused(path: Path, options: dict[str, t.Any], words: str) -> None:
    path.write_text(NGINX)

    with pytest.raises(InvalidInput, match=words):
        lines(path, **options)

    assert path.read_text() == NGINX


def program(script: Path, code: str) -> str:
    script.write_text("import pathlib, sys\ntext = pathlib.Path(sys.argv[1]).read_text()\n" + code)
    return f"{sys.executable} {script} %s"


@pytest.mark.parametrize(
    "options", [{"type": "litellm"}, {"type": "modelscan"}, {"type": "openai_list", **LISTED}]
)
def test_a_file_that_its_program_refuses_is_not_written(path: Path, options: dict[str, t.Any]) -> None:
    path.write_text("general_settings: {}\nserver: {}\n")
    refuses = program(
        path.with_name("refuses.py"), "sys.exit('line 3 of %s is bad\\napi_key: geheim' % sys.argv[1])\n"
    )
    takes = program(path.with_name("takes.py"), "assert 'r1' in text\n")
    before = sorted(path.parent.iterdir())

    with pytest.raises(InvalidInput, match="would not be valid") as caught:
        register(path, validate=refuses, **options)

    assert f"line 3 of {path} is bad" in caught.value.message
    assert "geheim" not in caught.value.message
    assert path.read_text() == "general_settings: {}\nserver: {}\n"
    assert sorted(path.parent.iterdir()) == before
    assert register(path, validate=takes, **options)["changed"]


@pytest.mark.parametrize("opening", ["upstream a {\n", "upstream a { # ours\r\n", "upstream a\n{\n"])
def test_a_line_outside_of_all_blocks_is_refused(path: Path, opening: str) -> None:
    path.write_bytes((opening + "}\n").encode())

    with pytest.raises(InvalidInput, match="holds blocks in braces"):
        lines(path)


@pytest.mark.parametrize("command", ["nginx -t", "", "nginx '%s"])
def test_a_command_that_cannot_look_at_a_file_is_refused(path: Path, command: str) -> None:
    with pytest.raises(InvalidInput, match="validate has to be a command with %s"):
        register(path, validate=command)

    assert not path.exists()


def test_a_program_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(Exception, match="Cannot validate"):
        register(path, validate="/nonexistent/nginx -t -c %s")

    assert not path.exists()


def test_a_block_without_a_mode_is_said(path: Path) -> None:
    path.write_text("routing:\n  other: 1\n")

    assert "no routing.mode is set" in register(path, type="modelscan")["warnings"][0]


def test_a_rehearsal_says_of_the_mode_what_the_run_says(path: Path) -> None:
    assert "warnings" not in register(path, type="modelscan", check_mode=True)
    path.write_text("routing:\n  other: 1\n")

    rehearsed = register(path, type="modelscan", check_mode=True)["warnings"]

    assert rehearsed == register(path, type="modelscan")["warnings"]
    assert "warnings" not in register(path, type="modelscan", state="absent")


def test_prices_of_the_cache_are_those_of_a_token(path: Path) -> None:
    prices: dict[str, t.Any] = {
        "cache_read_usd_per_million_tokens": 0.14,
        "cache_write_usd_per_million_tokens": 0.7,
    }
    register(path, **prices)
    found = yaml.safe_load(path.read_text())["model_list"][0]["litellm_params"]

    assert (found["cache_read_input_token_cost"], found["cache_creation_input_token_cost"]) == (
        1.4e-07,
        7e-07,
    )
    assert not register(path, **prices)["changed"]


def test_tiers_of_prices_are_those_of_a_search_and_replace_what_was(path: Path) -> None:
    tiers = [
        {
            "above_tokens": 200000,
            "input_usd": 2.5,
            "output_usd": 15.0,
            "cache_read_usd": 0.25,
            "reasoning_usd": None,
        }
    ]
    register(path, price_tiers=tiers)
    assert not register(path, price_tiers=tiers)["changed"]
    assert not register(path)["changed"]
    found = yaml.safe_load(path.read_text())["model_list"][0]["litellm_params"]
    assert {key: price for key, price in found.items() if "above" in key} == {
        "input_cost_per_token_above_200k_tokens": 2.5e-06,
        "output_cost_per_token_above_200k_tokens": 1.5e-05,
        "cache_read_input_token_cost_above_200k_tokens": 2.5e-07,
    }

    register(path, price_tiers=[{"above_tokens": 128000, "input_usd": 2.0}])

    found = yaml.safe_load(path.read_text())["model_list"][0]["litellm_params"]
    assert [key for key in found if "above" in key] == ["input_cost_per_token_above_128k_tokens"]


@pytest.mark.parametrize(
    "tier", [{"above_tokens": 1500}, {"above_tokens": 0}, {"above_tokens": 1000, "input_usd": -1.0}]
)
def test_a_tier_that_is_none_is_refused(path: Path, tier: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidInput):
        register(path, price_tiers=[tier])
