# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpu_facts as Ansible runs it: a real ansible process, a real interpreter on the host's side."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from tests.lab.hosts import SimulatedHost, make_host, write_inventory

ROOT = Path(__file__).resolve().parents[2]
NAME = "gpu-a"
# The oldest that ansible-core 2.19 accepts on a target; others are tried where they are found.
VERSIONS = ("3.8", "3.9", "3.12", "3.13")


def interpreter(version: str) -> t.Optional[str]:
    """A real interpreter of this version: a version manager's stand-in answers for what it cannot start."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    return str(installed[-1]) if installed else shutil.which(f"python{version}")


def gather(folder: Path, host: SimulatedHost, *arguments: str, check: bool = False) -> t.Dict[str, t.Any]:
    """What the task returned on the host."""
    inventory = folder / "inventory.yml"
    write_inventory(inventory, [host])
    command = [str(Path(sys.executable).with_name("ansible")), NAME, "-i", str(inventory)]
    command += ["-m", "modelscan.autoconfig.gpu_facts", "-a", " ".join(arguments)]
    environ = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".build"),
        ANSIBLE_HOME=str(folder / "home"),
        ANSIBLE_LOAD_CALLBACK_PLUGINS="1",
        ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal",
    )
    done = subprocess.run(
        command + ["--check"] * check, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert "SUCCESS =>" in done.stdout or "FAILED! =>" in done.stdout, done.stdout + done.stderr
    return t.cast(t.Dict[str, t.Any], json.loads(done.stdout.partition("=>")[2]))


def break_tool(host: SimulatedHost, how: str) -> None:
    path = Path(host.directory) / "gpus.json"
    path.write_text(json.dumps(dict(json.loads(path.read_text()), broken=how)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_every_supported_python_gives_the_same_facts(tmp_path: Path, version: str, check: bool) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    host = make_host(tmp_path, f"{NAME}=2xH100-80GB-SXM")
    wrapper = Path(host.python)
    wrapper.write_text(wrapper.read_text().rpartition("exec ")[0] + f'exec {python} "$@"\n')
    result = gather(tmp_path, host, "vendors=nvidia", check=check)
    fact = result["ansible_facts"]["autoconfig_gpu"]
    assert result["changed"] is False
    assert [device["memory_total_bytes"] for device in fact["devices"]] == [81559 * 1024**2] * 2
    assert fact["topology"]["links"][0]["gbps"] == 900.0
    assert fact["warnings"] == []


def test_a_tool_that_hangs_costs_its_time_and_no_failure(tmp_path: Path) -> None:
    host = make_host(tmp_path, f"{NAME}=1xL40S")
    break_tool(host, "hang")
    started = time.monotonic()
    result = gather(tmp_path, host, "timeout_s=2", "vendors=nvidia")
    assert time.monotonic() - started < 30
    warnings = result["ansible_facts"]["autoconfig_gpu"]["warnings"]
    assert [warning["code"] for warning in warnings] == ["timeout"]


def test_simulated_hardware_and_a_shape_that_is_none(tmp_path: Path) -> None:
    host = make_host(tmp_path, f"{NAME}=1xT4")
    fact = gather(tmp_path, host, "simulate=4xB200-SXM")["ansible_facts"]["autoconfig_gpu"]
    assert [device["name"] for device in fact["devices"]] == ["NVIDIA B200"] * 4
    failed = gather(tmp_path, host, "simulate=4xB2000")
    assert failed["error"]["code"] == "invalid_input"
    assert "B200-SXM" in failed["msg"]


def test_the_fleet_as_a_table_and_as_files(tmp_path: Path) -> None:
    healthy, broken = (make_host(tmp_path, f"{name}=2xL40S") for name in ("gpu-a", "gpu-b"))
    break_tool(broken, "driver_mismatch")
    inventory = tmp_path / "inventory.yml"
    write_inventory(inventory, [healthy, broken])
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory)]
    command += ["modelscan.autoconfig.facts", "-e", f"facts_json={tmp_path}/fleet.json"]
    command += ["-e", f"facts_csv={tmp_path}/cards.csv"]
    environ = dict(
        os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".build"), ANSIBLE_HOME=str(tmp_path / "home")
    )
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    table = [line.strip(' ",') for line in done.stdout.splitlines() if "gpu-" in line and "L40S" in line]
    assert any(line.startswith("gpu-a") and "2 of 2" in line for line in table), done.stdout
    assert "driver_mismatch" in done.stdout
    assert "[WARNING]" in done.stderr
    saved = json.loads((tmp_path / "fleet.json").read_text())
    assert [device["name"] for device in saved["gpu-a"]["devices"]] == ["NVIDIA L40S"] * 2
    rows = (tmp_path / "cards.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["host", "gpu-a", "gpu-a"]
