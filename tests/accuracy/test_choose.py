# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line that decides questions about models and hosts."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.unit.plan.builders import LLAMA_8B, QWEN3_32B_FP8

from . import choose
from .questions import Library

HERE = Path(__file__).resolve().parent
EIGHT = {"repo": "example/Llama-8B", "config": "example__Llama-8B", "bytes": 16_060_522_496}
LARGE = {"repo": "example/Qwen3-32B-FP8", "config": QWEN3_32B_FP8, "bytes": 34_334_140_416}


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    (tmp_path / "example__Llama-8B.json").write_text(json.dumps(LLAMA_8B), encoding="utf-8")
    return tmp_path


def told(configs: Path, *shapes: str, **more: t.Any) -> t.Dict[str, t.Any]:
    hosts = [{"name": "host-%d" % number, "shape": shape} for number, shape in enumerate(shapes)]
    return choose.answer({"hosts": hosts, "variants": [EIGHT], **more}, Library([configs]))


def test_questions_on_stdin_are_decided_on_stdout(configs: Path) -> None:
    question = {"id": 7, "variants": [EIGHT], "hosts": [{"name": "a", "shape": "2xL40S"}], "options": {}}
    unreadable = {**question, "id": 8, "hosts": [{"name": "a", "shape": "no such card"}]}
    done = subprocess.run(
        [sys.executable, str(HERE / "choose.py"), "--configs", str(configs)],
        input="\n%s\n%s\n" % (json.dumps(question), json.dumps(unreadable)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    plan, refusal = (json.loads(line) for line in done.stdout.splitlines())
    assert (plan["id"], plan["refused"], plan["plans"][0]["repo"]) == (7, False, "example/Llama-8B")
    assert plan["plans"][0]["gpus_used"] + plan["plans"][0]["gpus_idle"] == 2
    assert plan["plans"][0]["inter_token_ms"] > 0
    assert refusal["id"] == 8
    assert refusal["refused"] or refusal["crashed"]


def test_memory_that_is_in_use_is_not_planned_with(configs: Path) -> None:
    host = {"name": "a", "shape": "2xL40S", "used_bytes": [40 << 30, 0]}
    found = told(configs, hosts=[host])
    assert found["plans"][0]["placement"] == [{"replica": 0, "host": "a", "gpus": [1]}]


def test_a_refusal_has_its_reasons(configs: Path) -> None:
    found = told(configs, "1xT4", options={"context_tokens": 131072})
    assert found["refused"] is True
    assert "GiB" in found["message"]
    assert found["rejected"]


def test_an_option_of_a_wrong_kind_is_a_refusal(configs: Path) -> None:
    assert "cleverest" in told(configs, "1xL40S", options={"policy": "cleverest"})["message"]


def test_several_models_have_a_plan_each(configs: Path) -> None:
    models = [{"model": each["repo"], "variants": [each]} for each in (EIGHT, LARGE)]
    found = told(configs, "2xH100-80GB-SXM", models=models)
    assert [plan["repo"] for plan in found["plans"]] == [EIGHT["repo"], LARGE["repo"]]
