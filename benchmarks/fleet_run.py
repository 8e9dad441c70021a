# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan for a fleet costs beside ansible.builtin.ping, on many hosts in one run.

    python -m benchmarks.fleet_run [--rounds 3] [--forks 10] [HOSTS ...]

Hosts are local connections with a script in the place of nvidia-smi, and the hub is a stand-in, so that Ansible's own
work and the collection's are all that is measured. Runs take turns; the medians count. Seconds of processor are those of
the controller with all it started, memory is the largest of its processes.
"""

from __future__ import annotations

import argparse
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

from benchmarks.gpu_facts_vs_ping import write_host
from tests.lab import hub

ROOT = Path(__file__).resolve().parents[1]
COUNTS = (40, 200, 500)
MODEL = "Qwen/Qwen3-8B"
PLAYS = {"ping": "ping.yml", "facts": "facts.yml", "plan": "modelscan.autoconfig.plan"}


class Cost(t.NamedTuple):
    """Of one run: seconds on the clock and of processors, and MiB of the largest process."""

    wall_s: float
    cpu_s: float
    memory_mib: float
    output: str


def write_plays(folder: Path) -> None:
    """A play with ping and one with nothing but GPU facts."""
    for name, task in (("ping", "ansible.builtin.ping"), ("facts", "modelscan.autoconfig.gpu_facts")):
        play = {"hosts": "all", "gather_facts": False, "tasks": [{task: None}]}
        (folder / f"{name}.yml").write_text(yaml.safe_dump([play]))


def write_inventory(folder: Path, python: Path, hosts: int) -> Path:
    variables = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    names: t.Dict[str, None] = dict.fromkeys(f"gpu-{number:04d}" for number in range(hosts))
    path = folder / f"inventory-{hosts}.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": names, "vars": variables}}))
    return path


def run(folder: Path, inventory: Path, playbook: str, environment: t.Mapping[str, str]) -> Cost:
    """One run, which has to succeed."""
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), playbook]
    command += ["-e", f"model_deployment_model={MODEL}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with (folder / "output").open("w+") as output:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=output, stderr=output)
        _pid, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        output.seek(0)
        printed = output.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{shlex.join(command)} ended with {process.returncode}:\n{printed[-2000:]}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall_s, cpu_s, usage.ru_maxrss / 1024, printed)


def environment_of(folder: Path, stand_in: hub.Hub, forks: int) -> t.Dict[str, str]:
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "GPUSTACK_"))
        },
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_FORKS": str(forks),
        "ANSIBLE_NOCOLOR": "1",
        "HF_ENDPOINT": stand_in.url("huggingface"),
        "MODELSCOPE_ENDPOINT": stand_in.url("modelscope"),
        "MODELS_DEV_URL": stand_in.url("models_dev"),
        "MODELSCAN_AUTOCONFIG_CACHE": str(folder / "cache"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("hosts", nargs="*", type=int, default=list(COUNTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forks", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = write_host(folder / "host", 0.0)
        write_plays(folder)
        stand_in = hub.Hub(folder)
        try:
            environment = environment_of(folder, stand_in, options.forks)
            print(
                "%6s %6s %8s %8s %9s %9s %9s"
                % ("hosts", "play", "wall s", "cpu s", "of ping", "cpu of it", "MiB")
            )
            for hosts in options.hosts:
                report(folder, write_inventory(folder, python, hosts), environment, hosts, options.rounds)
        finally:
            stand_in.stop()
    return 0


def report(folder: Path, inventory: Path, environment: t.Mapping[str, str], hosts: int, rounds: int) -> None:
    """A line for each play: medians of all rounds, and how many times those of ping they are."""
    costs: t.Dict[str, t.List[Cost]] = {play: [] for play in PLAYS}
    for _round in range(rounds):
        for play, playbook in PLAYS.items():
            costs[play].append(run(folder, inventory, playbook, environment))
    ping = costs["ping"]
    ping_wall, ping_cpu = statistics.median(c.wall_s for c in ping), statistics.median(c.cpu_s for c in ping)
    for play, runs in costs.items():
        wall, cpu = statistics.median(c.wall_s for c in runs), statistics.median(c.cpu_s for c in runs)
        most = max(c.memory_mib for c in runs)
        row = (hosts, play, wall, cpu, wall / ping_wall, cpu / ping_cpu, most)
        print("%6d %6s %8.2f %8.2f %9.2f %9.2f %9.0f" % row, flush=True)


if __name__ == "__main__":
    sys.exit(main())
