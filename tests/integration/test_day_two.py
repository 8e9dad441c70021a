# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks for the days after the first one, as a user runs them against a genuine server."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.integration.test_main_job import User
from tests.lab import client


@pytest.fixture
def user(clean_lab: client.Lab, tmp_path: Path) -> User:
    return User(clean_lab, tmp_path)


def shown(output: str) -> t.List[str]:
    """The lines of the list that a task shows."""
    found: t.List[str] = json.loads("[" + output.partition('"msg": [')[2].partition("\n    ]")[0] + "]")
    return found


def test_models_are_compared_on_hardware_that_is_not_there(user: User) -> None:
    compared = user.play(
        "compare",
        *("-e", "compare_hosts=gpu-a"),
        *("-e", "compare_models=Qwen/Qwen3-8B,Qwen/Qwen3-32B,no/such-model", "-e", "compare_simulate=1xL40S"),
        *("-e", "compare_context_tokens=8192"),
    )
    assert (compared.status, compared.changed, compared.writes) == (0, 0, []), compared.output
    lines = shown(compared.output)
    assert max(map(len, lines)) <= 100
    rows = {line.split()[0]: line.split() for line in lines if line.startswith(("Qwen/", "no/"))}
    assert [row[2] for row in rows.values()] == ["1", "1", "-"], lines
    assert "L40S" in lines[2]
