# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user gets: the collection is built, installed elsewhere, read, and run from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHONPATH"))
    }
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=cwd,
        env={**inherited, **environment, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    built = run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("modelscan-autoconfig-*.tar.gz"))


@pytest.fixture(scope="session")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Dict[str, str]:
    folder = tmp_path_factory.mktemp("installed")
    home = tmp_path_factory.mktemp("home")
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_HOME": str(home)}
    done = run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        str(archive),
        "-p",
        str(folder),
        cwd=home,
        **environment,
    )
    assert done.returncode == 0, done.stderr
    return environment


def test_archive_holds_the_collection_and_nothing_of_its_workshop(archive: Path) -> None:
    with tarfile.open(archive) as file:
        names = set(file.getnames())
    assert {"plugins/modules/model_plan.py", "roles/model_deployment/tasks/main.yml", "LICENSE"} <= names
    assert not [name for name in names if name.startswith((".build", ".venv", ".ci", ".git"))]


@pytest.mark.parametrize("module", MODULES)
def test_documentation_of_the_installed_module(
    module: str, installed: t.Dict[str, str], tmp_path: Path
) -> None:
    shown = run("ansible-doc", "--json", f"modelscan.autoconfig.{module}", cwd=tmp_path, **installed)
    assert shown.returncode == 0, shown.stderr
    entry = json.loads(shown.stdout)[f"modelscan.autoconfig.{module}"]
    assert entry["doc"]["attributes"].keys() >= {"check_mode", "diff_mode", "idempotent"}
    assert entry["examples"].strip()
    assert entry["return"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_by_name(playbook: str, installed: t.Dict[str, str], tmp_path: Path) -> None:
    listed = run(
        "ansible-playbook",
        "-i",
        "localhost,",
        "--list-tasks",
        f"modelscan.autoconfig.{playbook}",
        cwd=tmp_path,
        **installed,
    )
    assert listed.returncode == 0, listed.stderr


def test_installed_copy_searches_without_network(installed: t.Dict[str, str], tmp_path: Path) -> None:
    found = run(
        "ansible-playbook",
        "modelscan.autoconfig.search",
        "-e",
        "search_query='deepseek r1'",
        cwd=tmp_path,
        **installed,
        MODELS_DEV_URL="http://127.0.0.1:9",
        MODELSCAN_AUTOCONFIG_CACHE=str(tmp_path / "cache"),
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "deepseek" in found.stdout.lower()
    assert "bundled" in found.stdout
