# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ssh hosts of the lab are separate hosts to Ansible, and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.lab import client, ssh_hosts
from tests.lab.process import LabError

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="ssh hosts need root"),
    pytest.mark.skipif(not Path("/usr/sbin/sshd").exists(), reason="openssh-server is not installed"),
]
DEFINITIONS = ("ssh-a=2xA100-80GB-SXM", "ssh-b=1xL4")


@pytest.fixture(scope="module")
def fleet(lab: client.Lab, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Path]:
    """Two hosts with their workers; the folder of the fleet."""
    directory = tmp_path_factory.mktemp("fleet") / "hosts"
    ssh_hosts.up(directory, DEFINITIONS, lab)
    yield directory
    ssh_hosts.down(directory, lab)


def over_ssh(directory: Path, name: str, command: str) -> str:
    inventory = yaml.safe_load((directory / "inventory.yml").read_text(encoding="utf-8"))
    host = inventory["all"]["children"]["gpu_hosts"]["hosts"][name]
    call = ["ssh", "-i", host["ansible_ssh_private_key_file"], "-p", str(host["ansible_port"])]
    call += [*host["ansible_ssh_common_args"].split(), f"root@{host['ansible_host']}", command]
    return subprocess.run(call, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def test_each_host_is_a_machine_of_its_own(fleet: Path) -> None:
    names = ("ssh-a", "ssh-b")
    assert [over_ssh(fleet, name, "hostname") for name in names] == list(names)
    identities = {over_ssh(fleet, name, "cat /etc/machine-id") for name in names}
    assert len(identities | {Path("/etc/machine-id").read_text().strip()}) == 3
    over_ssh(fleet, "ssh-a", "touch /tmp/mark /root/mark")
    assert over_ssh(fleet, "ssh-b", "ls /tmp /root | grep -c mark || true") == "0"
    assert not Path("/tmp/mark").exists()
    processes = over_ssh(fleet, "ssh-a", "ls -d /proc/[0-9]*").split()
    assert len(processes) < 10


def test_cards_are_those_of_the_worker_of_the_same_name(fleet: Path, lab: client.Lab) -> None:
    with lab.server() as server:
        items = server.get("/v2/workers", params={"name": "ssh-a"}).json()["items"]
    uuids = [card["uuid"] for card in items[0]["status"]["gpu_devices"]]
    query = "nvidia-smi --query-gpu=uuid --format=csv,noheader"
    assert over_ssh(fleet, "ssh-a", query).split() == uuids
    assert over_ssh(fleet, "ssh-b", "command -v nvidia-smi") == "/usr/local/bin/nvidia-smi"


def test_down_leaves_no_process_folder_or_worker(lab: client.Lab, tmp_path: Path) -> None:
    directory = tmp_path / "hosts"
    ssh_hosts.up(directory, ["ssh-c=1xL4"], lab)
    ssh_hosts.down(directory, lab)
    assert not directory.exists()
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [command for command in commands if str(directory).encode() in command]
    with lab.server() as server:
        assert server.get("/v2/workers", params={"name": "ssh-c"}).json()["items"] == []


def test_a_used_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(LabError, match="not empty"):
        ssh_hosts.up(tmp_path, DEFINITIONS)
