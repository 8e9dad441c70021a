# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user gets: the collection is built, installed elsewhere, read, and run from another folder."""

from __future__ import annotations

import json
import tarfile
import typing as t
from pathlib import Path

import pytest

from tests.package.conftest import ROOT, Run

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
# What a checkout has beside the collection.
WORKSHOP = (
    ".",
    "tests",
    "benchmarks",
    "data",
    "docs/site",
    "extensions",
    "changelogs/fragments",
    "Makefile",
    "pyproject.toml",
)


def test_archive_holds_the_collection_and_nothing_of_its_workshop(archive: Path) -> None:
    with tarfile.open(archive) as file:
        names = set(file.getnames())
    assert {"plugins/modules/model_plan.py", "roles/model_deployment/tasks/main.yml", "LICENSE"} <= names
    guides = {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "docsite").rglob("*.*")}
    assert {"docs/docsite/links.yml", "docs/docsite/rst/first_hour.rst"} <= guides <= names
    assert not [name for name in names if name.startswith(WORKSHOP)]


@pytest.mark.parametrize("module", MODULES)
def test_documentation_of_the_installed_module(
    module: str, installed: t.Dict[str, str], run: Run, tmp_path: Path
) -> None:
    shown = run("ansible-doc", "--json", f"modelscan.autoconfig.{module}", cwd=tmp_path, **installed)
    assert shown.returncode == 0, shown.stderr
    entry = json.loads(shown.stdout)[f"modelscan.autoconfig.{module}"]
    assert entry["doc"]["attributes"].keys() >= {"check_mode", "diff_mode", "idempotent"}
    assert entry["examples"].strip()
    assert entry["return"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_by_name(
    playbook: str, installed: t.Dict[str, str], run: Run, tmp_path: Path
) -> None:
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


def test_installed_copy_searches_without_network(
    installed: t.Dict[str, str], run: Run, tmp_path: Path
) -> None:
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
