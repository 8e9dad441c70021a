# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan file: written, applied as it was, refused where something has moved."""

from __future__ import annotations

import copy
import json
import os
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.filter.plan_table import plan_table
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_plan, plan_file
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task

from tests.unit.plan.test_model_plan import HOSTS, FakeLibrary

Json = t.Dict[str, t.Any]
SITE = "https://gpustack.example.com"
NAME = "llama-3.1-8b-instruct"
SECRET = "gpustack_0123456789abcdef"
WORKER: Json = {"name": "gpu-a", "state": "ready", "gpus": [{"uuid": "GPU-1", "index": 0}]}
RUNNING: Json = {"server": {"version": "2.3.0"}, "workers": [WORKER], "deployments": []}


class Closed:
    """Catalogs and hubs next year: there are none."""

    @classmethod
    def open(cls, _params: t.Any) -> t.NoReturn:
        raise AssertionError("a catalog was asked")


def run(check_mode: bool = False, **given: t.Any) -> Json:
    checked = ArgumentSpecValidator(dict(model_plan.ARGUMENT_SPEC)).validate(
        {"gpustack_url": SITE + "/", "gpustack_api_key": SECRET, **given}
    )
    assert checked.error_messages == []
    return model_plan.run(Task(checked.validated_parameters, check_mode))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of today, and no catalog any more."""
    monkeypatch.setattr(model_plan, "Library", FakeLibrary)
    planned = run(model="meta/llama-3.1-8b-instruct", hosts=[dict(HOSTS[0], site=SITE)], concurrency=4)
    path = tmp_path / "plan.json"
    assert plan_file.write(str(path), plan_file.written({SITE: (planned, RUNNING)}), check_mode=False)
    monkeypatch.setattr(model_plan, "Library", Closed)
    return path


def applied(file: Path, **changes: t.Any) -> Json:
    now = {"workers": [WORKER], "server": RUNNING["server"], "deployed": [], **changes}
    return run(plan_file=str(file), **now)


def test_what_was_written_comes_back_byte_for_byte_without_a_catalog(file: Path) -> None:
    before = file.read_bytes()
    result = applied(file)
    entry = json.loads(before)["sites"][SITE]
    assert json.dumps(result["plans"], sort_keys=True) == json.dumps(entry["plans"], sort_keys=True)
    again = plan_file.written({SITE: (result, RUNNING)})
    assert again.encode() == before
    assert not plan_file.write(str(file), again, check_mode=False)


def test_the_file_has_all_that_a_reviewer_asks_for_and_no_secret(file: Path) -> None:
    text = file.read_text()
    assert SECRET not in text
    entry = json.loads(text)["sites"][SITE]
    (plan,) = entry["plans"]
    assert plan["wishes"] == {"concurrency": 4, "model": "meta/llama-3.1-8b-instruct"}
    repository = plan["variant"]["repository"]
    assert entry["sources"]["revisions"] == {repository: "0" * 40}
    assert set(entry["sources"]["files"][repository][0]) == {"path", "size_bytes", "sha256"}
    assert entry["server"] == {"version": "2.3.0"}
    assert plan["backend_parameters"]


def test_a_reviewer_reads_it_as_a_table(file: Path) -> None:
    lines = plan_table(json.loads(file.read_text()))
    told = "\n".join(lines)
    assert lines[0] == "%s (GPUStack 2.3.0)" % SITE
    for words in (
        "at " + "0" * 40,
        "gpu-a: GPU 0 (GPU-1)",
        "concurrency: 4",
        "--max-model-len=",
        "model.safetensors",
    ):
        assert words in told


def test_what_a_killed_run_left_is_gone_after_a_run_without_a_change(tmp_path: Path) -> None:
    path, left = tmp_path / "plan.json", tmp_path / ".modelscan-autoconfig-0123.partial"
    path.write_text("text")
    left.write_text("te")
    os.utime(left, (1, 1))
    assert not plan_file.write(str(path), "text", check_mode=True)
    assert left.exists()
    assert not plan_file.write(str(path), "text", check_mode=False)
    assert not left.exists()


def test_check_mode_writes_nothing_and_says_that_it_would(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    assert plan_file.write(str(other), "text", check_mode=True)
    assert not other.exists()


def deployment(**changes: t.Any) -> Json:
    return {
        "name": NAME,
        "id": 7,
        "plan_id": "f" * 16,
        "repository": "o/r",
        "backend_parameters": ["-x"],
        **changes,
    }


STALE: t.Dict[str, t.Tuple[Json, str]] = {
    "hardware": (
        {"workers": [dict(WORKER, gpus=[{"uuid": "GPU-2", "index": 0}])]}, r"GPU 0 of gpu-a \(GPU-1\) is gone",
    ),
    "worker": ({"workers": [dict(WORKER, state="maintenance")]}, "the worker gpu-a is maintenance"),
    "server version": ({"server": {"version": "2.4.0"}}, "the server was version 2.3.0 and is 2.4.0"),
    "running deployment": (
        {"deployed": [deployment()]}, "was not there when the file was written, and now ran o/r with -x of plan f{16}",
    ),
    "wishes": ({"concurrency": 16}, "concurrency is 16 beside it, and 4 in the file"),
    "another model": ({"model": "Qwen/Qwen3-8B"}, 'model is "qwen/qwen3-8b" beside it, and "meta/llama'),
    "another name": ({"name": "other"}, "name is other beside it, and the file is for " + NAME),
    "another server": ({"gpustack_url": "https://else"}, "has no plan for https://else; it has one for " + SITE),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(STALE))
def test_a_stale_file_is_refused_with_what_has_moved(case: str, file: Path) -> None:
    changes, words = STALE[case]
    with pytest.raises(Conflict, match=words) as caught:
        applied(file, **changes)
    assert "Plan again" in str(caught.value.hint)


def test_all_that_has_moved_is_named_at_once(file: Path) -> None:
    with pytest.raises(Conflict) as caught:
        applied(file, server={"version": "3"}, workers=[dict(WORKER, state="not_ready")], concurrency=9)
    assert len(caught.value.details["stale"]) == 3


def test_an_edited_file_is_refused(file: Path) -> None:
    content = json.loads(file.read_text())
    content["sites"][SITE]["plans"][0]["replicas"] = 2
    file.write_text(json.dumps(content))
    with pytest.raises(Conflict, match="was edited after it was written"):
        applied(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"kind": "modelscan.autoconfig plan", "schema": 99}'])
def test_what_is_no_plan_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="no plan file"):
        applied(path)
    with pytest.raises(InvalidInput, match="There is no plan file"):
        applied(tmp_path / "missing.json")


def test_what_the_file_has_brought_about_is_no_reason_to_refuse_it(file: Path) -> None:
    plan = applied(file)["plan"]
    done = deployment(plan_id=plan["plan_id"])
    second = applied(file, deployed=[done])
    assert second["kept"]
    assert second["plan"] == plan


def test_the_same_wishes_beside_the_file_are_none_against_it(file: Path) -> None:
    given = copy.deepcopy(applied(file, model="Meta/Llama-3.1-8B-Instruct", concurrency=4, name=NAME))
    assert given["plan"]["wishes"]["concurrency"] == 4
