# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole plan playbook beside a play of as many tasks that do nothing.

    python -m benchmarks.playbook_against_empty [--repeat N]

It plans a model in a folder for simulated cards, so that no server and no network is part of it: facts,
the groups of hosts, the planner, the tables. Both run in turn; the medians are printed as one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import yaml

from tests.lab.hub_files import load_repositories

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY, SHAPE = "Qwen/Qwen3-8B", "2xL40S"


def write_model(folder: Path) -> None:
    """The repository as a folder, whose weights take no room on the disk."""
    repository = next(each for each in load_repositories() if each.id == REPOSITORY)
    for name, file in repository.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.head)
        os.truncate(path, file.size)


def played(arguments: t.Sequence[str], home: Path) -> t.Tuple[float, int]:
    """Seconds of a run, and how many tasks it had."""
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_NOCOLOR": "1",
    }
    interpreter = "ansible_python_interpreter=%s" % sys.executable
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-i", "localhost,", "-c", "local", "-e", interpreter, *arguments]
    started = time.monotonic()
    output = subprocess.check_output(command, env=environment, text=True)
    return time.monotonic() - started, len(re.findall(r"^TASK \[", output, re.MULTILINE))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    ours, empty, tasks = [], [], 0
    with tempfile.TemporaryDirectory() as name:
        home, model, play = Path(name), Path(name, "model"), Path(name, "empty.yml")
        write_model(model)
        wishes = {"model_deployment_model": str(model), "model_deployment_simulate": SHAPE}
        plan = ["-e", json.dumps({**wishes, "model_deployment_offline": True}), "modelscan.autoconfig.plan"]
        for _round in range(repeat):
            seconds, tasks = played(plan, home)
            ours.append(seconds)
            nothing = [{"ansible.builtin.debug": {"msg": "x"}}] * tasks
            content = [{"hosts": "all", "gather_facts": False, "tasks": nothing}]
            play.write_text(yaml.dump(content, Dumper=yaml.SafeDumper), encoding="utf-8")
            empty.append(played([str(play)], home)[0])
    figures = {"plan_s": round(statistics.median(ours), 2), "empty_s": round(statistics.median(empty), 2)}
    print(json.dumps({"tasks": tasks, **figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
