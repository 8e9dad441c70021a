# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPU hosts that are reached by real ssh: one OpenSSH server each, in namespaces of its own.

Own: host name, machine id, processes, /root, /tmp, /run, and nvidia-smi in /usr/local/bin. Shared with
this machine: the kernel, the rest of the file system (read as it is) and the loopback network.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import typing as t
import uuid
from pathlib import Path

import yaml

from tests.lab.hosts import SimulatedHost, make_host
from tests.lab.process import LabError

if t.TYPE_CHECKING:
    from tests.lab.client import Lab

_SSHD = Path("/usr/sbin/sshd")
_PYTHON = "/usr/bin/python3"
_NETWORK = "127.0.78"
_LIFE_SECONDS = 3600
_READY_SECONDS = 15

# Runs as the first process of the new namespaces; $1 is the host's name, $2 its folder.
_SET_UP = """
set -eu
hostname "$1"
mount -t tmpfs tmpfs /run
mkdir /run/sshd /run/host /run/programs
mount --bind "$2" /run/host
mount --bind /usr/local/bin /run/programs
mount --bind /run/host/programs /usr/local/bin
mount --bind /run/host/hostname /etc/hostname
mount --bind /run/host/machine-id /etc/machine-id
mount --bind /run/host/home /root
mount --bind /run/host/tmp /tmp
cd /
exec /usr/sbin/sshd -D -e -f /run/host/sshd_config
"""
_SSHD_CONFIG = """\
ListenAddress {address}:{port}
HostKey /run/host/host_key
AuthorizedKeysFile /run/host/authorized_keys
StrictModes no
PidFile none
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100:30:200
Subsystem sftp internal-sftp
"""


def up(directory: Path, definitions: t.Sequence[str], lab: t.Optional[Lab] = None) -> Path:
    """Start the hosts and write ``inventory.yml`` with the group ``gpu_hosts``; returns its path.

    With a running lab each host also gets a pretend worker with the same cards. The hosts end with
    down(), or by themselves after an hour.
    """
    _require()
    directory = directory.resolve()
    if directory.exists() and any(directory.iterdir()):
        raise LabError(f"{directory} is not empty: end the hosts there with ssh-down first.")
    directory.mkdir(parents=True, exist_ok=True)
    _make_key(directory / "id_ed25519")
    fleet: t.List[t.Dict[str, t.Any]] = []
    try:
        for number, definition in enumerate(definitions, start=1):
            host = make_host(directory / "hosts", definition, _PYTHON)
            fleet.append(_start(directory, host, f"{_NETWORK}.{number}"))
            _store(directory, fleet)
        for row in fleet:
            _wait_for_banner(row, directory)
            if lab is not None:
                lab.control("add_worker", name=row["name"], directory=row["directory"])
    except BaseException:
        down(directory, lab)
        raise
    return _write_inventory(directory, fleet)


def down(directory: Path, lab: t.Optional[Lab] = None) -> None:
    """End the hosts of this directory and remove it."""
    directory = directory.resolve()
    record = directory / "fleet.json"
    if not record.exists():
        raise LabError(f"No ssh hosts of the lab in {directory}.")
    for row in json.loads(record.read_text(encoding="utf-8")):
        _end(row["pid"], row["directory"])
        if lab is not None:
            with contextlib.suppress(LabError):  # it may never have got that far
                lab.remove_worker(row["name"])
    shutil.rmtree(directory)


def _require() -> None:
    if os.geteuid() != 0:
        raise LabError("ssh hosts need root: they live in mount, UTS and PID namespaces of their own.")
    missing = [name for name in ("unshare", "ssh-keygen", "timeout") if shutil.which(name) is None]
    missing += [str(path) for path in (_SSHD, Path(_PYTHON), Path("/etc/machine-id")) if not path.exists()]
    if missing:
        raise LabError(
            f"Missing: {', '.join(missing)}. On Debian install openssh-server, util-linux and python3."
        )


def _make_key(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _start(directory: Path, host: SimulatedHost, address: str) -> t.Dict[str, t.Any]:
    folder = Path(host.directory)
    port = _free_port(address)
    for name in ("home", "tmp", "programs"):
        (folder / name).mkdir()
    (folder / "tmp").chmod(0o1777)
    _make_key(folder / "host_key")
    shutil.copy(directory / "id_ed25519.pub", folder / "authorized_keys")
    (folder / "hostname").write_text(f"{host.name}\n", encoding="utf-8")
    (folder / "machine-id").write_text(f"{uuid.uuid5(uuid.NAMESPACE_DNS, host.name).hex}\n", encoding="utf-8")
    (folder / "sshd_config").write_text(_SSHD_CONFIG.format(address=address, port=port), encoding="utf-8")
    for program in Path("/usr/local/bin").iterdir():
        (folder / "programs" / program.name).symlink_to(f"/run/programs/{program.name}")
    (folder / "programs" / "nvidia-smi").unlink(missing_ok=True)
    (folder / "programs" / "nvidia-smi").symlink_to("/run/host/bin/nvidia-smi")
    spaces = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = ["timeout", "--kill-after=5", str(_LIFE_SECONDS), *spaces, "sh", "-c", _SET_UP, "sh"]
    with (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, host.name, host.directory],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return {**host.as_dict(), "address": address, "port": port, "pid": process.pid}


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def _store(directory: Path, fleet: t.Sequence[t.Mapping[str, t.Any]]) -> None:
    (directory / "fleet.json").write_text(json.dumps(fleet, indent=1), encoding="utf-8")


def _wait_for_banner(row: t.Mapping[str, t.Any], directory: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            with socket.create_connection((row["address"], row["port"]), timeout=2) as connection:
                if connection.recv(64).startswith(b"SSH-2.0-OpenSSH"):
                    return
        except OSError:
            pass
        if time.monotonic() > deadline:
            log = (Path(row["directory"]) / "sshd.log").read_text(errors="replace")
            raise LabError(f"The sshd of {row['name']} does not answer:\n{log}")
        time.sleep(0.1)


def _end(pid: int, folder: str) -> None:
    """End a host by the id of its session; its namespace's first process dies with it."""
    try:
        if folder.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.killpg(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return


def _write_inventory(directory: Path, fleet: t.Sequence[t.Mapping[str, t.Any]]) -> Path:
    options = (
        "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10"
    )
    rows = {
        row["name"]: {
            "ansible_host": row["address"],
            "ansible_port": row["port"],
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(directory / "id_ed25519"),
            "ansible_ssh_common_args": options,
            # Shared connections would leave a process, and a socket below the home of whoever runs Ansible.
            "ansible_ssh_args": "-C",
            "ansible_python_interpreter": _PYTHON,
        }
        for row in fleet
    }
    path = directory / "inventory.yml"
    path.write_text(yaml.safe_dump({"all": {"children": {"gpu_hosts": {"hosts": rows}}}}), encoding="utf-8")
    return path
