# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands in the documentation, given to a shell as they stand: every variable arrives whole."""

from __future__ import annotations

import itertools
import re
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.parsing.splitter import parse_kv

ROOT = Path(__file__).resolve().parents[3]
ROLE = "modelscan.autoconfig.model_deployment"
PLACES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "tests").glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.rst")),
    *sorted((ROOT / "playbooks").glob("*.yml")),
    *sorted((ROOT / "roles").rglob("README.md")),
]


INPUTS = yaml.safe_load((ROOT / "roles/model_deployment/defaults/main.yml").read_text(encoding="utf-8"))


def commands() -> t.List[str]:
    """Every line that runs a playbook of the collection, with the lines that continue it."""
    found = []
    for place in PLACES:
        text = re.sub(r"\\\n[#\s]*", " ", place.read_text(encoding="utf-8"))
        found += re.findall(r"^[#$ ]*(ansible-playbook .*modelscan\.autoconfig\..*)$", text, re.MULTILINE)
    return found


@pytest.mark.parametrize("command", commands())
def test_a_shell_and_ansible_leave_every_variable_whole(command: str, tmp_path: Path) -> None:
    program = tmp_path / "ansible-playbook"
    program.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n", encoding="utf-8")
    program.chmod(0o700)
    environment = {"PATH": "%s:/usr/bin:/bin" % tmp_path}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env=environment)
    words = done.stdout.split("\0")[:-1]
    playbooks = [word.rpartition(".")[2] for word in words if word.startswith("modelscan.autoconfig.")]
    assert [(ROOT / "playbooks" / (name + ".yml")).is_file() for name in playbooks] == [True]
    for option, value in itertools.pairwise(words):
        if option in ("-e", "--extra-vars") and not value.startswith(("@", "{", "[")):
            read = parse_kv(value)
            assert read, value
            assert "_raw_params" not in read, value
            assert [name for name in read if not is_read(playbooks[0], name)] == []


def is_read(playbook: str, variable: str) -> bool:
    """Whether a playbook, or the role where it is one of its inputs, does something with a variable."""
    text = (ROOT / "playbooks" / (playbook + ".yml")).read_text(encoding="utf-8")
    tasks = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    return re.search(r"\b%s\b" % re.escape(variable), tasks) is not None or (
        ROLE in tasks and (variable in INPUTS or variable in ("ansible_python_interpreter",))
    )


def test_commands_are_found() -> None:
    assert len(commands()) >= 10


def other_commands(pattern: str) -> t.Set[str]:
    return {found for place in PLACES for found in re.findall(pattern, place.read_text(encoding="utf-8"))}


def test_every_target_of_make_exists() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = other_commands(r"(?:^|[`$] ?)make ([a-z][a-z-]+)(?=[ `\n])")
    assert {"demo", "docs", "bench", "test"} <= named
    assert {name for name in named if not re.search(r"^%s:" % name, text, re.MULTILINE)} == set()


def test_every_module_that_python_runs_exists() -> None:
    named = other_commands(r"python -m ((?:tests|benchmarks|data)[\w.]*)")
    assert len(named) >= 4
    places = {name: ROOT / name.replace(".", "/") for name in named}
    missing = [
        name
        for name, place in places.items()
        if not (place.with_suffix(".py").is_file() or (place / "__main__.py").is_file())
    ]
    assert missing == []
