# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resolution over real catalogs: no certain answer is wrong. Skips where the catalogs are not there."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accuracy import resolve
from tests.accuracy.score import SHARED

CATALOGS = Path(os.environ.get("AUTOCONFIG_ACCURACY_CATALOGS", SHARED / "data" / "catalogs"))
NAMES = Path(__file__).parent / "data" / "names.csv"
pytestmark = pytest.mark.skipif(not CATALOGS.is_dir(), reason="no catalogs to measure on")


def test_no_certain_answer_is_wrong(tmp_path: Path) -> None:
    with resolve.open_library(CATALOGS, str(tmp_path)) as library:
        found = resolve.report(library, CATALOGS, str(tmp_path))
    assert found["with_weights_link"]["wrong"] == []
    assert found["links_withheld"]["wrong"] == []
    assert found["translated_to_model_scope"]["wrong"] == {}
    assert found["translated_to_model_scope"]["certain"] >= 140
    assert found["with_weights_link"]["certain"] >= 260
    assert found["certain"] >= 580


def test_the_program_reads_ids_and_prints_lines() -> None:
    ids = ["deepseek/deepseek-r1", "gpt-oss:120b", "openai/gpt-4o", "azure/no-such-model-at-all"]
    done = subprocess.run(
        [sys.executable, resolve.__file__, "--catalogs", str(CATALOGS)],
        input="\n".join(ids),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [item["id"] for item in answers] == ids
    assert [item["repo"] for item in answers] == [
        "deepseek-ai/DeepSeek-R1",
        "openai/gpt-oss-120b",
        None,
        None,
    ]


def test_what_people_type_finds_what_they_mean(tmp_path: Path) -> None:
    hub = SHARED / "data" / "hub_repositories.jsonl"
    if not hub.is_file():
        pytest.skip("no list of repositories")
    with NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with resolve.open_library(CATALOGS, str(tmp_path), hub) as library:
        wrong = [row for row in rows if not _is_right(row["expected"], resolve.answer(library, row["name"]))]
    assert len(wrong) <= 0.03 * len(rows), wrong


def _is_right(expected: str, answer: resolve.Answer) -> bool:
    """KIND:REPO|REPO, where the kind is cert, cand, ms, closed or refuse."""
    kind, _colon, names = expected.partition(":")
    repositories = names.split("|")
    if kind == "closed":
        return bool(answer["rule"] == "not_servable")
    if kind == "refuse":
        return not answer["repo"] and not answer["candidates"]
    certain = answer["repo"] in repositories and (kind != "ms" or answer["source"] == "model_scope")
    return bool(certain or (kind == "cand" and set(repositories) & set(answer["candidates"][:3])))
