# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Galaxy, licence checkers, execution environments and other people's playbooks ask of the archive."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.package.conftest import ROOT, Run

JUDGES = ROOT / ".venv" / "publishing" / "bin"
ROUTING = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["plugin_routing"]
# What each module that has another name can be asked without a server.
ASKED: t.Dict[str, t.Dict[str, t.Any]] = {
    "catalog_search_info": {"query": "deepseek r1"},
    "inference_probe_info": {"url": "http://127.0.0.1:9/v1", "model": "none", "patience_s": 0},
    "model_plan_info": {"model": "deepseek/deepseek-r1", "hosts": []},
}


def judged(*command: str, cwd: Path, **environment: str) -> str:
    """All that a tool of the publishing environment printed; it has to agree."""
    if not (JUDGES / command[0]).exists():
        pytest.skip(f"no {command[0]} in .venv/publishing: make package installs it")
    done = subprocess.run(
        [str(JUDGES / command[0]), *command[1:]],
        cwd=cwd,
        env={**os.environ, **environment, "PATH": f"{JUDGES}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_galaxy_would_import_the_archive(archive: Path, tmp_path: Path) -> None:
    # ansible-lint runs in `make lint`, in its strictest profile; flake8's rules are ruff's.
    settings = {"CHECK_REQUIRED_TAGS": "1", "RUN_ANSIBLE_LINT": "0"}
    said = judged(
        *("python", "-m", "galaxy_importer.main", str(archive)),
        cwd=tmp_path,
        **{f"GALAXY_IMPORTER_{name}": value for name, value in settings.items()},
    )
    assert "Importer processing completed successfully" in said
    assert "ERROR" not in said


def test_every_file_says_under_which_licence_it_is() -> None:
    assert "Congratulations" in judged("reuse", "lint", cwd=ROOT)


def test_a_builder_accepts_the_execution_environment(tmp_path: Path) -> None:
    context = tmp_path / "context"
    judged(
        *("ansible-builder", "create", "--file", str(ROOT / "execution-environment.yml")),
        *("--context", str(context), "--output-filename", "Containerfile"),
        cwd=tmp_path,
    )
    assert "ansible-core==" in (context / "Containerfile").read_text(encoding="utf-8")


def test_a_builder_finds_what_the_installed_collection_needs(
    installed: t.Dict[str, str], tmp_path: Path
) -> None:
    said = judged(
        *("ansible-builder", "introspect", installed["ANSIBLE_COLLECTIONS_PATH"], "--sanitize"),
        cwd=tmp_path,
    )
    found = yaml.safe_load(said[said.index("---") :])
    assert {line.split(">=")[0].lower() for line in found["python"]} >= {"httpx", "jmespath"}
    assert any("openssh" in line for line in found["system"])


@pytest.mark.slow
def test_navigator_runs_a_playbook_by_name(installed: t.Dict[str, str], tmp_path: Path) -> None:
    said = judged(
        *("ansible-navigator", "run", "modelscan.autoconfig.search", "-e", "search_query='deepseek r1'"),
        *("--execution-environment", "false", "--mode", "stdout", "--playbook-artifact-enable", "false"),
        cwd=tmp_path,
        **installed,
        MODELS_DEV_URL="http://127.0.0.1:9",
        MODELSCAN_AUTOCONFIG_CACHE=str(tmp_path / "cache"),
        HOME=str(tmp_path),
    )
    assert "deepseek" in said.lower()


def test_each_other_name_of_a_module_has_an_example() -> None:
    assert set(ROUTING["action"]) == set(ROUTING["modules"]) == set(ASKED)


def test_other_names_and_groups_work_in_a_playbook(
    installed: t.Dict[str, str], run: Run, tmp_path: Path
) -> None:
    tasks: t.List[t.Dict[str, t.Any]] = []
    for name, arguments in ASKED.items():
        tasks.append({f"modelscan.autoconfig.{name}": arguments, "register": name, "ignore_errors": True})
    results = {name: "{{ %s }}" % name for name in ASKED}
    tasks.append(
        {"ansible.builtin.copy": {"content": "{{ results | to_json }}", "dest": str(tmp_path / "said")}}
    )
    hub = {"offline": True, "cache_dir": str(tmp_path / "cache")}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/modelscan.autoconfig.hub": hub},
        "vars": {"results": results},
        "tasks": tasks,
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    done = run("ansible-playbook", "play.yml", cwd=tmp_path, **installed)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads((tmp_path / "said").read_text(encoding="utf-8"))
    # The group's default has reached the search: nothing was asked of the network.
    assert {source["state"] for source in said["catalog_search_info"]["sources"]} <= {"bundled", "cached"}
    assert said["inference_probe_info"]["error"]["code"]
    assert said["model_plan_info"]["error"]["code"]
    assert (tmp_path / "cache").exists()
