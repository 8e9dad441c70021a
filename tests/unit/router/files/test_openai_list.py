# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router_register with type openai_list: any list in a YAML or JSON file."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

PLANO = """\
version: v0.4   # theirs
model_providers:
  - model: openai/gpt-small
    access_key: $OPENAI_API_KEY
listeners: {egress_traffic: {port: 12000}}
"""
ENTRY = {"model": "gpustack/r1", "base_url": "http://192.0.2.10/v1", "access_key": "$GPUSTACK_API_KEY"}


def register(path: Path, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    given: dict[str, t.Any] = {
        "type": "openai_list",
        "path": str(path),
        "name": "gpustack/r1",
        "probe": False,
    }
    given["list_path"] = "model_providers"
    if options.get("state") != "absent":
        given["entry"] = ENTRY
    given.update(options)
    checked = ArgumentSpecValidator(dict(CORE.argument_spec), **CORE.rules).validate(given)
    assert not checked.error_messages
    return CORE.run(Task(checked.validated_parameters, check_mode))


def test_an_entry_of_plano_comes_changes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "plano.yaml"
    path.write_text(PLANO)

    made = register(path)

    assert yaml.safe_load(path.read_text())["model_providers"][1] == ENTRY
    assert made["route"]["name"] == "gpustack/r1"
    assert made["restart_required"]
    assert made["diff"]["after"]["access_key"] == "(set)"
    assert not register(path)["changed"]
    changed = register(path, entry={**ENTRY, "base_url": "http://192.0.2.11/v1"})
    assert changed["diff"]["before"] == {"base_url": "http://192.0.2.10/v1"}
    removed = register(path, state="absent")
    assert removed["changed"]
    assert removed["diff"]["before"]["(route)"] == "gpustack/r1"
    assert path.read_text() == PLANO
    assert not register(path, state="absent")["changed"]


def test_a_nested_list_is_made_and_named_by_an_expression(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    entry = {"backend": {"public-name": "r1"}, "urls": ["http://192.0.2.10/v1"]}
    options: dict[str, t.Any] = {
        "list_path": 'routing."direct-routes"',
        "entry_name": 'backend."public-name"',
    }

    register(path, name="r1", entry=entry, **options)

    assert yaml.safe_load(path.read_text()) == {"routing": {"direct-routes": [entry]}}
    assert not register(path, name="r1", entry=entry, **options)["changed"]


def test_json_stays_json_byte_for_byte_around_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "router.json"
    text = '{\n  "port": 8080,\n  "model_providers": [\n    {"model": "théirs", "n": 1e3}\n  ]\n}\n'
    path.write_text(text)

    register(path)

    assert json.loads(path.read_text())["model_providers"][1] == ENTRY
    assert path.read_text().startswith(text[: text.index("\n  ]")])
    assert not register(path)["changed"]
    with pytest.raises(Conflict, match="differs"):
        register(path, entry={**ENTRY, "base_url": "http://192.0.2.11/v1"})
    with pytest.raises(Conflict):
        register(path, state="absent")
    assert register(path, state="absent", adopt=True)["changed"]
    assert path.read_text() == text


@pytest.mark.parametrize(
    "text", ["{}", '{"model_providers": []}', '{"model_providers": null}', '{"a": {"b": 1}}\n']
)
def test_a_list_is_made_in_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "router.json"
    path.write_text(text)

    register(path)

    assert json.loads(path.read_text()) == {**json.loads(text), "model_providers": [ENTRY]}


def test_a_foreign_entry_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "plano.yaml"
    path.write_text(PLANO)
    entry = {"model": "openai/gpt-small", "base_url": "http://192.0.2.1/v1"}

    with pytest.raises(Conflict, match="line 3: .* differs"):
        register(path, name="openai/gpt-small", entry=entry)

    assert register(path, name="openai/gpt-small", entry=entry, adopt=True)["changed"]
    found = yaml.safe_load(path.read_text())["model_providers"]
    assert found == [{"model": "openai/gpt-small", "access_key": "$OPENAI_API_KEY", **entry}]


def test_what_may_be_secret_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    secrets = {
        "api_key": "sk-one-1",
        "x-api-key": "sk-four-4",
        "Authorization": "Bearer sk-five-5",
        "auth": {"token": "sk-two-2"},
        "url": "http://u:sk-three-3@192.0.2.1/v1",
    }

    made = register(path, entry={**ENTRY, **secrets})

    shown = json.dumps([made, register(path, entry={**ENTRY, "url": "http://192.0.2.1/v1"})])
    assert yaml.safe_load(path.read_text())["model_providers"][0]["api_key"] == "sk-one-1"
    assert "sk-" not in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"list_path": "model_providers[*]"}, "list_path has to be names joined by dots"),
        ({"list_path": ""}, "list_path has to be names joined by dots"),
        ({"entry_name": "a.["}, "entry_name is no JMESPath expression"),
        ({"entry_name": "name"}, "entry_name finds None in entry and name is 'gpustack/r1'"),
        ({"entry": None}, "needs entry"),
        ({"entry": {"model": "gpustack/r1", "managed_by": "x"}}, "entry may not set managed_by"),
        ({"probe": True}, "probe needs base_url"),
        ({"weight": 1}, "weight has no place"),
    ],
)
def test_bad_input_is_named_and_makes_no_file(tmp_path: Path, options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        register(tmp_path / "router.yaml", **options)

    assert words in caught.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1,}', "line 1, column"),
        ("a: 1\n", "is not JSON"),
        (None, "is not JSON"),
        ('{"model_providers": {}}', "model_providers should be a list"),
        ('{"model_providers": [{"model": "x"}, {"model": "x"}]}', "entry_name finds x more than once"),
    ],
)
def test_a_json_file_that_cannot_be_used_stays_as_it_is(
    tmp_path: Path, text: t.Optional[str], words: str
) -> None:
    path = tmp_path / "router.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(InvalidInput) as caught:
        register(path)

    assert words in caught.value.message
    assert (path.read_text() if path.exists() else None) == text
