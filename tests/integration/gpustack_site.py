# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of gpustack_deployment share: tasks and playbooks against the lab's server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import (
    gpustack_deployment,
    gpustack_deployment_info,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task

from tests.lab import client
from tests.lab.state import REPOSITORY

Json = t.Dict[str, t.Any]
NAME = "deployment-test"
DEFINITION: Json = {
    "name": NAME,
    "source": "huggingface",
    "repository": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "backend_parameters": ["--max-model-len=8192"],
}
CHANGED: Json = {"backend_parameters": ["--max-model-len=4096"]}
PLAN: Json = {
    "schema": 1,
    "plan_id": "0123456789abcdef",
    "name": NAME,
    "variant": {"source": DEFINITION["source"], "repository": DEFINITION["repository"]},
    "backend": DEFINITION["backend"],
    "backend_parameters": DEFINITION["backend_parameters"],
    "utilization": 0.9,
    "replicas": 1,
    "placement": [{"host": "gpu-a", "gpus": [{"index": 0, "uuid": None, "pci_bus_id": None}]}],
    "memory": {"total_bytes": 80 << 30},
}


class Site:
    """The lab's server through its recorder, as a task sees it."""

    def __init__(self, lab: client.Lab, url: t.Optional[str] = None) -> None:
        self.lab = lab
        self._connection = {
            "gpustack_url": url or lab.state["gpustack"]["url"],
            "gpustack_api_key": lab.state["gpustack"]["api_key"],
        }

    @property
    def version(self) -> str:
        """Of the lab's server, asked past the collection."""
        with self.lab.server() as server:
            return str(server.get("/version").json()["version"]).lstrip("v")

    def parameters(self, core: Core, **options: t.Any) -> Json:
        checked = ArgumentSpecValidator(dict(core.argument_spec), **dict(core.rules)).validate(
            dict(self._connection, **options)
        )
        assert checked.error_messages == []
        return t.cast(Json, checked.validated_parameters)

    def deploy(self, check_mode: bool = False, **options: t.Any) -> Json:
        """One task with DEFINITION, changed by ``options``."""
        return self.task(check_mode, **dict(DEFINITION, **options))

    def run(self, core: Core, check_mode: bool = False, **options: t.Any) -> Json:
        """One task of any module that takes the connection to the server."""
        return core.run(Task(self.parameters(core, **options), check_mode))

    def task(self, check_mode: bool = False, **options: t.Any) -> Json:
        return self.run(gpustack_deployment.CORE, check_mode, **options)

    def info(self, **options: t.Any) -> Json:
        return self.run(gpustack_deployment_info.CORE, **options)

    def writes(self, mark: int) -> t.List[str]:
        return [
            "%s %s" % (row["method"], re.sub(r"(?<=/)\d+", "", row["path"]))
            for row in self.lab.writes_since(mark)
        ]

    def playbook(self, folder: Path, *arguments: str, **options: t.Any) -> subprocess.CompletedProcess[str]:
        """One task with DEFINITION through ansible-playbook; its result goes to result.json in ``folder``."""
        tasks: t.List[Json] = [
            {"modelscan.autoconfig.gpustack_deployment": dict(DEFINITION, **options), "register": "found"},
            {
                "ansible.builtin.copy": {
                    "content": "{{ found | to_json }}",
                    "dest": str(folder / "result.json"),
                },
                "check_mode": False,
                "diff": False,
            },
        ]
        return self.play(folder, tasks, *arguments)

    def play(
        self,
        folder: Path,
        tasks: t.Sequence[Json],
        *arguments: str,
        variables: t.Optional[Json] = None,
    ) -> subprocess.CompletedProcess[str]:
        """These tasks through ansible-playbook, with the server and its key in the environment."""
        play: Json = {"hosts": "localhost", "connection": "local", "gather_facts": False}
        play.update(tasks=list(tasks), vars=variables or {})
        (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        environment = dict(
            os.environ,
            ANSIBLE_COLLECTIONS_PATH=str(REPOSITORY / ".build"),
            ANSIBLE_CONFIG=str(folder / "ansible.cfg"),
            GPUSTACK_URL=self._connection["gpustack_url"],
            GPUSTACK_API_KEY=self._connection["gpustack_api_key"],
        )
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        interpreter = "ansible_python_interpreter=%s" % sys.executable
        command = [program, "-i", "localhost,", "-e", interpreter, str(folder / "play.yml"), *arguments]
        return subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )


def instance_ids(result: Json) -> t.List[int]:
    return [instance["id"] for instance in result["deployment"]["instances"]]
