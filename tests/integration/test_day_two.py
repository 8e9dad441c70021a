# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks for the days after the first one, as a user runs them against a genuine server."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.gpustack_site import DEFINITION, Site
from tests.integration.test_gpustack_whole_server import SECRET, built
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


def test_a_backup_makes_a_server_again(user: User) -> None:
    file = user.router.with_name("gpustack.yml")
    site = Site(user.lab)
    built(site)
    foreign = dict(DEFINITION)
    foreign.update(name="foreign", state="stopped", description="{{ 7 * 7 }} {{ gpustack_url }}", wait=False)
    site.task(**foreign)
    backup = user.play("backup", "-e", "backup_file=gpustack.yml")
    assert (backup.status, backup.changed, backup.writes) == (0, 1, []), backup.output
    first = file.read_bytes()
    assert (file.stat().st_mode & 0o777, SECRET.encode() in first) == (0o600, False)
    assert yaml.safe_load(first)["gpustack_deployments"] == site.info(export=True)["export"]

    user.lab.clean()
    ours: t.Dict[str, t.Any] = {"restore_file": "gpustack.yml", "restore_wait": False}
    missing = user.play("restore", **ours)
    assert missing.status != 0
    assert "The secret HF_TOKEN of variables has no value" in missing.output
    assert missing.writes == []

    ours["gpustack_secrets"] = {"variables": {"HF_TOKEN": SECRET}}
    check = user.play("restore", "--check", "--diff", **ours)
    assert (check.status, check.changed, check.writes) == (0, 1, []), check.output
    made = user.play("restore", "--diff", **ours)
    assert (made.status, made.changed, SECRET in made.output) == (0, 2, False), made.output
    again = user.play("restore", **ours)
    assert (again.status, again.changed, again.writes) == (0, 0, []), again.output
    assert user.play("backup", "-e", "backup_file=gpustack.yml").changed == 0
    assert file.read_bytes() == first

    user.lab.clean()
    assert user.play("backup", "-e", "backup_file=nothing.yml").changed == 1
    empty = user.play("restore", "-e", "restore_file=nothing.yml")
    assert (empty.status, empty.changed, empty.writes) == (0, 0, []), empty.output
