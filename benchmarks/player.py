# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays one task of gpustack_deployment against the lab, and can kill it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from tests.lab import client
from tests.lab.state import REPOSITORY

Json = t.Dict[str, t.Any]


class Player:
    """Runs ansible-playbook with one task against the lab's server."""

    def __init__(self, lab: client.Lab, folder: Path) -> None:
        self._folder = folder
        self._environment = dict(
            os.environ,
            ANSIBLE_COLLECTIONS_PATH=str(REPOSITORY / ".build"),
            ANSIBLE_CONFIG=str(folder / "ansible.cfg"),
            ANSIBLE_LOCAL_TEMP=str(folder / "tmp"),
            GPUSTACK_URL=lab.state["gpustack"]["url"],
            GPUSTACK_API_KEY=lab.state["gpustack"]["api_key"],
        )
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")

    def start(self, options: Json) -> subprocess.Popen[bytes]:
        task = {"modelscan.autoconfig.gpustack_deployment": options}
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        path = self._folder / "play.yml"
        path.write_text(yaml.safe_dump([play]), encoding="utf-8")
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        interpreter = "ansible_python_interpreter=%s" % sys.executable
        return subprocess.Popen(
            [program, "-i", "localhost,", "-e", interpreter, str(path)],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def play(self, options: Json) -> str:
        """The output of a run that is left alone; CalledProcessError when it fails."""
        process = self.start(options)
        output = process.communicate(timeout=120)[0].decode()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, "ansible-playbook", output)
        return output

    def play_and_kill(self, options: Json, seconds: float) -> bool:
        """Whether the run was still going when it was killed."""
        process = self.start(options)
        try:
            process.communicate(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            for pid in _family(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.communicate()
            return True


def _family(pid: int) -> t.List[int]:
    """A process and its descendants: Ansible's workers leave the process group of their parent."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family
