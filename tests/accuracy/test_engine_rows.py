# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line that says what one rank holds."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import NEWEST

from tests.unit.plan.builders import LLAMA_8B

from .engine_rows import Folders, answer, release_of

HERE = Path(__file__).resolve().parent
ROW = {
    "row": 3, "config": "example__Llama-8B.json", "engine": "vllm 0.32.0 (a wheel)", "tp": 2,
    "kv_dtype": "auto", "max_model_len": 8192,
}  # fmt: skip


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    (tmp_path / "example__Llama-8B.json").write_text(json.dumps(LLAMA_8B), encoding="utf-8")
    strange = dict(LLAMA_8B, model_type="something_new")
    (tmp_path / "example__New-8B.json").write_text(json.dumps(strange), encoding="utf-8")
    return tmp_path


def told(configs: Path, **changes: t.Any) -> t.Dict[str, t.Any]:
    return answer({**ROW, **changes}, Folders([configs]))


def test_rows_on_stdin_are_answered_on_stdout(configs: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "engine_rows.py"), "--configs", str(configs)],
        input=json.dumps(ROW) + "\n\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    given = json.loads(done.stdout)
    assert given["row"] == 3
    assert given["weights_bytes_per_rank"] == pytest.approx(8_030_261_248, rel=0.001)
    assert given["kv_bytes_per_token"] == 65_536


@pytest.mark.parametrize("name", ["example__New-8B.json", "example__Absent.json"])
def test_what_the_planner_is_not_sure_of_is_null(configs: Path, name: str) -> None:
    given = told(configs, config=name)
    assert given == {"row": 3, "weights_bytes_per_rank": None, "kv_bytes_per_token": None}


def test_the_release_is_a_number_of_the_engine() -> None:
    assert release_of("vllm 0.32.0 (a wheel of sm90)") == (0, 32, 0)
    assert release_of("vllm") == NEWEST
