# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gpu_facts costs beside ansible.builtin.ping and setup, on many hosts in one run.

    python -m benchmarks.gpu_facts_vs_ping [HOSTS] [ROUNDS]

Hosts are local connections, so that Ansible's own work and the module's are all that is measured: over
ssh the same difference is a smaller part. Three kinds: hosts without a GPU; hosts whose NVIDIA tool
answers at once, from a script that prints a file; the same with NVIDIA's tool starting 0.1 s late. The
rounds of all kinds take turns; the median counts. Process starts are those of the vendor's tool, from
the tool's own record. One JSON line for each kind and for seconds by the clock and of processors.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import yaml

from tests.unit.gpu import reports

ROOT = Path(__file__).resolve().parents[1]
FORKS = 10
TASKS = {
    "ping": "ansible.builtin.ping",
    "gpu_facts": "modelscan.autoconfig.gpu_facts",
    "setup": "ansible.builtin.setup",
}
KINDS: t.Mapping[str, t.Optional[float]] = {"no GPU": None, "instant tool": 0.0, "tool of 0.1 s": 0.1}


def write_host(folder: Path, delay_s: t.Optional[float]) -> Path:
    """An interpreter whose search path has a stand-in for nvidia-smi, or none."""
    tools = folder / "bin"
    tools.mkdir(parents=True)
    if delay_s is not None:
        (folder / "report.xml").write_text(reports.xml(reports.gpu(0)))
        (folder / "identity.csv").write_text(reports.identity(0))
        wait = f"sleep {delay_s}\n" if delay_s else ""
        here = shlex.quote(str(folder))
        smi = (
            f"#!/bin/sh\n{wait}echo start >> {here}/starts\n"
            f'case "$1" in -q) cat {here}/report.xml ;; *) cat {here}/identity.csv ;; esac\n'
        )
        _write_program(tools / "nvidia-smi", smi)
    python = folder / "python"
    _write_program(python, f'#!/bin/sh\nPATH={shlex.quote(str(tools))}:$PATH exec {sys.executable} "$@"\n')
    return python


def _write_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


class Cost(t.NamedTuple):
    """What one playbook run took, in seconds: by the clock, and of processors in all its processes."""

    wall: float
    cpu: float


def run(folder: Path, python: Path, hosts: int, task: str) -> Cost:
    """One playbook run; the processors' time has that of Ansible and of all modules and tools."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    inventory = {"all": {"hosts": {f"host-{number:02d}": variables for number in range(hosts)}}}
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
    (folder / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [{TASKS[task]: None}]}])
    )
    environ = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".build"),
        ANSIBLE_HOME=str(folder / "home"),
        ANSIBLE_FORKS=str(FORKS),
    )
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", "play.yml"]
    started, before = time.monotonic(), _cpu_of_children()
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    return Cost(time.monotonic() - started, _cpu_of_children() - before)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: t.Sequence[str]) -> int:
    hosts = int(arguments[0]) if arguments else 50
    rounds = int(arguments[1]) if len(arguments) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        pythons = {kind: write_host(Path(name) / str(place), KINDS[kind]) for place, kind in enumerate(KINDS)}
        spent: t.Dict[t.Tuple[str, str], t.List[Cost]] = {}
        for _round in range(rounds):
            for kind, python in pythons.items():
                for task in TASKS:
                    spent.setdefault((kind, task), []).append(run(Path(name), python, hosts, task))
        for kind, python in pythons.items():
            record = python.parent / "starts"
            starts = len(record.read_text().splitlines()) / (hosts * rounds) if record.exists() else 0
            for what in Cost._fields:
                medians = {
                    task: round(statistics.median(getattr(cost, what) for cost in spent[kind, task]), 2)
                    for task in TASKS
                }
                row = {
                    "hosts": hosts,
                    "kind": kind,
                    "of": what,
                    "seconds": medians,
                    "starts_per_host": starts,
                }
                print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
