# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module around calibration, and its file."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.corrections import (
    read_corrections,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_calibrate import CORE
from ansible_collections.modelscan.autoconfig.plugins.modules import model_calibrate as module

from tests.unit.plan.memory.test_calibration import PLAN, SGLANG_0_5, SUMMARY, VLLM_0_26

LOG = VLLM_0_26 + SUMMARY
WHOLE = {**PLAN, "backend": "vLLM", "gpu": "NVIDIA H100 80GB HBM3", "context_tokens": 32_768}


def calibrate(check_mode: bool = False, **given: t.Any) -> t.Dict[str, t.Any]:
    if "log_path" not in given:
        given.setdefault("log", LOG)
    given.setdefault("plan", WHOLE)
    checked = ArgumentSpecValidator(dict(CORE.argument_spec), **dict(CORE.rules)).validate(given)
    assert checked.error_messages == []
    return CORE.run(Task(checked.validated_parameters, check_mode))


def test_every_term_is_told() -> None:
    result = calibrate()
    assert (result["engine"], result["version"], result["card"]) == ("vLLM", "0.26.0", WHOLE["gpu"])
    assert (result["changed"], result["corrections"], result["warnings"]) == (False, [], [])
    assert result["lines"][0] == "weights_bytes: predicted 30.0 GiB, measured 30.4 GiB (-1.4 %)"
    assert result["lines"][-1] == "kv_cache_tokens: predicted 311000, measured 307200 (+1.2 %)"
    assert result["terms"][1]["error_percent"] == pytest.approx(38.9)


def test_what_the_log_does_not_have_is_said() -> None:
    lines = calibrate(log=SGLANG_0_5, plan={**WHOLE, "backend": "SGLang"})["lines"]
    assert lines[1] == "activation_bytes: predicted 2.0 GiB, not in the log"


@pytest.mark.parametrize(("ending", "load"), [("yml", yaml.safe_load), ("json", json.loads)])
def test_corrections_are_kept_once(tmp_path: Path, ending: str, load: t.Callable[[str], t.Any]) -> None:
    path = tmp_path / f"corrections.{ending}"
    foretold = calibrate(check_mode=True, corrections=str(path))
    assert (foretold["changed"], path.exists()) == (True, False)
    first = calibrate(corrections=str(path))
    assert (first["changed"], first["diff"]) == (True, foretold["diff"])
    assert load(path.read_text(encoding="utf-8"))["corrections"] == first["corrections"]
    assert path.stat().st_mode & 0o777 == 0o644
    again = calibrate(corrections=str(path))
    assert (again["changed"], again["diff"]["before"]) == (False, again["diff"]["after"])


def test_other_cards_stay(tmp_path: Path) -> None:
    path = str(tmp_path / "corrections.yml")
    calibrate(corrections=path, card="NVIDIA L40S")
    calibrate(corrections=path)
    assert {each.card for each in read_corrections(path)} == {"NVIDIA L40S", WHOLE["gpu"]}


def test_a_log_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "engine.log").write_text(LOG, encoding="utf-8")
    assert calibrate(log_path=str(tmp_path / "engine.log"))["version"] == "0.26.0"
    with pytest.raises(NotFound, match="does not exist"):
        calibrate(log_path=str(tmp_path / "no.log"))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"log": "Application startup complete."}, "none of the lines"),
        ({"plan": {"backend": "vLLM"}}, "plan has no memory"),
        ({"plan": {**WHOLE, "backend": "SGLang"}}, "The log is of vLLM, the plan is for SGLang"),
        ({"corrections": "corrections.txt"}, "ends in none of"),
        ({"corrections": "/nowhere/at/all.yml"}, "cannot be written"),
    ],
)
def test_refusals(given: t.Dict[str, t.Any], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        calibrate(**given)


def test_corrections_need_a_release_and_a_card(tmp_path: Path) -> None:
    path = str(tmp_path / "corrections.yml")
    nameless = {key: value for key, value in WHOLE.items() if key != "gpu"}
    with pytest.raises(InvalidInput, match="names the card"):
        calibrate(plan=nameless, corrections=path)
    with pytest.raises(InvalidInput, match="names the engine's version"):
        calibrate(log=SUMMARY, corrections=path)
    assert calibrate(log=SUMMARY, corrections=path, version="0.26.0")["changed"]


@pytest.mark.parametrize("text", ["corrections: many", "- a", "corrections: [{engine: vLLM}]", "{"])
def test_a_file_of_something_else_is_not_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "corrections.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be used"):
        calibrate(corrections=str(path))
    assert path.read_text(encoding="utf-8") == text


def test_another_context_is_pointed_out() -> None:
    assert (
        "requests of up to 32768 tokens" in calibrate(plan={**WHOLE, "context_tokens": 4096})["warnings"][0]
    )


def test_the_documentation_names_every_option() -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert set(documented) == set(CORE.argument_spec)
