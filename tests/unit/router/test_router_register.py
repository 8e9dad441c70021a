# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router_register from its options to the file."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
    MissingLibrary,
    NotFound,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options as options_
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files import yaml_list

from tests.unit.router.router_files import URL, models, register
from tests.unit.wire import Wire

FOREIGN = """\
# the team's file
model_list:
  - model_name: gpt-small   # theirs
    litellm_params: {model: openai/gpt-small, api_base: 'http://192.0.2.7/v1', api_key: sk-their-secret}
litellm_settings:
  drop_params: true  # keep
"""


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "router.yaml"


@pytest.mark.parametrize("kind", ["litellm", "modelscan"])
def test_the_same_again_writes_nothing(path: Path, kind: str) -> None:
    first = register(path, type=kind)
    before = path.stat()

    second = register(path, type=kind)

    assert not second["changed"]
    assert not second["restart_required"]
    assert second["diff"]["before"] == second["diff"]["after"] == {}
    assert second["route"] == first["route"]
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_foreign_lines_stay_and_removal_gives_the_file_back(path: Path) -> None:
    path.write_text(FOREIGN)

    register(path)
    with_route = path.read_text()
    removed = register(path, state="absent")

    assert [line for line in with_route.splitlines() if line in FOREIGN.splitlines()] == FOREIGN.splitlines()
    assert path.read_text() == FOREIGN
    assert removed["changed"]
    assert removed["route"]["state"] == "absent"
    assert removed["diff"]["after"] == {}


def test_only_what_is_asked_for_changes_in_our_entry(path: Path) -> None:
    register(path, api_key_env="KEY", weight=1, model_info={"a": 1})
    path.write_text(path.read_text().replace("weight: 1", "weight: 1\n      rpm: 10"))

    result = register(path, weight=5, base_url="https://192.0.2.10:80/v1-openai/")

    assert models(path)[0]["litellm_params"] == {
        "model": "openai/r1",
        "api_base": "https://192.0.2.10:80/v1-openai",
        "api_key": "os.environ/KEY",
        "weight": 5,
        "rpm": 10,
    }
    assert models(path)[0]["model_info"]["a"] == 1
    assert result["diff"]["before"] == {"base_url": URL, "weight": 1}
    assert result["diff"]["after"] == {"base_url": "https://192.0.2.10:80/v1-openai", "weight": 5}


def test_backends_of_one_name_stand_side_by_side(path: Path) -> None:
    register(path, model="blue", weight=9)
    register(path, model="green", weight=1)
    register(path, model="blue", base_url="http://192.0.2.11/v1", weight=1)

    assert len({entry["model_info"]["id"] for entry in models(path)}) == 3
    with pytest.raises(Conflict, match="3 entries stand for the route r1"):
        register(path, state="absent")
    register(path, state="absent", model="green")
    register(path, state="absent", base_url="http://192.0.2.11/v1")
    assert [entry["litellm_params"]["model"] for entry in models(path)] == ["openai/blue"]


@pytest.mark.parametrize("kind", ["litellm", "modelscan"])
def test_check_mode_predicts_and_writes_nothing(path: Path, kind: str) -> None:
    predicted = register(path, check_mode=True, type=kind)
    assert not path.exists()

    done = register(path, type=kind)

    assert predicted.keys() == done.keys()
    assert predicted["predicted"]
    assert predicted["verified"] is None
    assert {key: predicted[key] for key in ("changed", "route", "diff", "restart_required")} == {
        key: done[key] for key in ("changed", "route", "diff", "restart_required")
    }


def test_check_mode_works_before_the_folder_exists(tmp_path: Path) -> None:
    assert register(tmp_path / "later" / "router.yaml", check_mode=True)["changed"]
    with pytest.raises(NotFound, match="later"):
        register(tmp_path / "later" / "router.yaml")


def test_a_foreign_route_is_left_alone_unless_adopted(path: Path) -> None:
    path.write_text(FOREIGN)
    options: dict[str, t.Any] = {"name": "gpt-small", "base_url": "http://192.0.2.7/v1"}

    assert not register(path, **options)["changed"]
    with pytest.raises(Conflict, match=r"line 3: .* differs \(weight\)"):
        register(path, **options, weight=2)
    with pytest.raises(Conflict):
        register(path, name="gpt-small", state="absent")
    assert path.read_text() == FOREIGN

    result = register(path, **options, weight=2, api_key_env="KEY", adopt=True)
    assert result["diff"]["before"]["api_key"] == "(set)"
    assert "sk-their-secret" not in json.dumps(result)
    assert len(models(path)) == 1
    assert register(path, name="gpt-small", state="absent")["changed"]
    assert "# theirs" not in path.read_text()


def test_a_foreign_entry_beside_ours_stays(path: Path) -> None:
    register(path)
    text = path.read_text()
    path.write_text(text + "  - {model_name: r1, litellm_params: {model: openai/r1, api_base: '%s'}}\n" % URL)

    assert not register(path)["changed"]
    assert register(path, state="absent")["route"]["id"]
    assert [entry.get("model_info") for entry in models(path)] == [None]


def test_a_host_without_pyyaml_is_told_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_list, "yaml", None)

    with pytest.raises(MissingLibrary, match="PyYAML is not installed on the host that holds"):
        register(path)


def test_the_modelscan_block_has_the_form_of_the_design(path: Path) -> None:
    path.write_text("api_keys:\n  openai: [x]  # untouched\n")

    result = register(path, type="modelscan", name="coder", model="deepseek/coder")

    assert path.read_text() == (
        "api_keys:\n  openai: [x]  # untouched\n"
        "routing:  # made by modelscan.autoconfig\n  mode: direct\n  direct:\n    providers:\n"
        "      - name: coder  # managed by modelscan.autoconfig\n        type: local\n"
        "        base_url: http://192.0.2.10/v1\n        model: deepseek/coder\n"
    )
    assert not result["restart_required"]
    assert result["route"]["id"] == "coder"
    assert register(path, type="modelscan", name="coder", model="other")["changed"]
    assert path.read_text().count("# managed by modelscan.autoconfig") == 1


def test_a_provider_without_our_comment_is_foreign(path: Path) -> None:
    text = "routing:\n  direct:\n    providers:\n      - {name: coder, type: local, base_url: 'http://192.0.2.10/v1', model: coder}\n"
    path.write_text(text)
    options: dict[str, t.Any] = {"type": "modelscan", "name": "coder"}

    assert not register(path, **options)["changed"]
    with pytest.raises(Conflict, match=r"differs \(model\)"):
        register(path, **options, model="other")
    assert path.read_text() == text
    assert register(path, **options, adopt=True)["changed"]
    assert register(path, **options, state="absent")["changed"]


def test_another_routing_mode_is_kept_and_said(path: Path) -> None:
    path.write_text("routing:\n  mode: plano_proxy\n")

    result = register(path, type="modelscan")

    assert "routing.mode to plano_proxy" in result["warnings"][0]
    assert "mode: plano_proxy\n" in path.read_text()


def test_removing_what_is_not_there_changes_nothing(path: Path) -> None:
    result = register(path, state="absent")

    assert not result["changed"]
    assert result["route"]["id"] is None
    assert not path.exists()


def test_a_backup_is_a_copy_of_the_former_file(path: Path) -> None:
    path.write_text(FOREIGN)
    path.chmod(0o640)

    copies = [Path(register(path, name=name, backup=True)["backup_file"]) for name in ("a", "b")]

    assert copies[0].read_text() == FOREIGN
    assert copies[0].stat().st_mode & 0o777 == 0o640
    assert copies[0] != copies[1]
    assert register(path, name="a", backup=True)["backup_file"] is None


@pytest.mark.parametrize(("given", "bits"), [("0644", 0o644), (0o640, 0o640), (None, 0o600)])
def test_the_mode_is_for_a_new_file(path: Path, given: t.Any, bits: int) -> None:
    register(path, **({} if given is None else {"mode": given}))

    assert path.stat().st_mode & 0o777 == bits


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base_url": "ftp://x"}, "base_url is not a URL"),
        ({"base_url": "http://u:p@192.0.2.1/"}, "carries a user name or password"),
        ({"name": " "}, "name is empty"),
        ({"name": "a\nb"}, "control character"),
        ({"api_key_env": "sk-live-0123"}, "not the name of an environment variable"),
        ({"model_info": {"id": "x"}}, "may not set id"),
        ({"input_usd_per_million_tokens": -1}, "must be a number of 0 or more"),
        ({"output_usd_per_million_tokens": float("nan")}, "must be a number of 0 or more"),
        (
            {"model_info": {"input_cost_per_token": 1e-6}},
            "may not set input_cost_per_token",
        ),
        ({"type": "modelscan", "input_usd_per_million_tokens": 1}, "has no place"),
        ({"weight": -1}, "weight must be 0 or more"),
        ({"mode": 600}, "no octal file mode"),
        ({"mode": "rw"}, "no octal file mode"),
        ({"type": "modelscan", "weight": 1}, "weight has no place"),
        ({"type": "gpustack", "base_url": None}, "path has no place in a route of type gpustack"),
        ({"list_path": "models"}, "list_path has no place in a route of type litellm"),
        ({"type": "modelscan", "line_name": "(x)"}, "line_name has no place"),
        ({"create": False}, "create is false"),
    ],
)
def test_bad_input_is_named_and_makes_no_file(path: Path, options: dict[str, t.Any], words: str) -> None:
    with pytest.raises((InvalidInput, NotFound)) as caught:
        register(path, **options)

    assert words in caught.value.message
    assert "sk-live" not in str(caught.value.as_result())
    assert not path.exists()


def test_a_key_in_plain_text_needs_a_private_file(path: Path) -> None:
    secret = "sk-canary-0123456789"

    result = register(path, api_key=secret)

    assert models(path)[0]["litellm_params"]["api_key"] == secret
    assert path.stat().st_mode & 0o777 == 0o600
    changed = register(path, api_key=secret + "1")
    assert changed["diff"]["after"] == {"api_key": "(changed)"}
    assert not register(path, api_key=secret + "1")["changed"]
    assert secret not in json.dumps([result, changed])
    path.chmod(0o640)
    with pytest.raises(InvalidInput, match="api_key in plain text and has mode 0640"):
        register(path, api_key=secret)
    assert register(path, api_key=secret, api_key_env="KEY")["changed"]
    assert secret not in path.read_text()


@pytest.mark.parametrize(("kind", "url"), [("litellm", URL), ("modelscan", "http://192.0.2.10")])
def test_nothing_is_written_before_the_backend_answers(
    path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch, kind: str, url: str
) -> None:
    monkeypatch.setattr(options_, "http_options", lambda _params: wire.options())
    options: dict[str, t.Any] = {"type": kind, "base_url": url, "probe": True, "probe_api_key": "sk-probe"}
    call = "POST /v1/chat/completions"
    for _attempt in range(2):
        wire.expect(call, 503, {"error": "loading"})
    with pytest.raises(ProbeFailed, match="the backend: POST .* 503: loading") as caught:
        register(path, probe_patience_s=0.5, **options)
    assert str(caught.value.hint).endswith("Nothing was written.")
    assert not path.exists()

    wire.expect(call, 401, {"error": "not yet"})
    wire.expect(call, 200, {"choices": [{"message": {"content": "ready"}}]})
    register(path, **options)
    assert wire.seen[-1].headers["authorization"] == "Bearer sk-probe"
    assert not register(path, **options)["changed"]
    assert register(path, check_mode=True, **{**options, "model": "other"})["changed"]
    assert register(path, state="absent", **options)["changed"]
    assert wire.calls() == [call] * 4


def test_the_key_of_the_probe_comes_from_the_variable_of_the_router(
    path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options_, "http_options", lambda _params: wire.options())
    monkeypatch.setenv("BACKEND_KEY", "sk-from-environment")
    wire.expect("POST /v1/chat/completions", 200, {"choices": [{"message": {"content": "ready"}}]})

    result = register(path, probe=True, api_key_env="BACKEND_KEY")

    assert wire.seen[0].headers["authorization"] == "Bearer sk-from-environment"
    assert "sk-from-environment" not in path.read_text() + json.dumps(result)
