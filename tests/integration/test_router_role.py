# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's register and unregister steps with running routers and files side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.integration.test_router_gpustack import BLUE, deploy
from tests.lab import client, state

NAME = "role-alias"


def play(lab: client.Lab, folder: Path, step: str, check: bool = False) -> dict[str, int]:
    """Run one step of the role for the deployment BLUE; returns Ansible's recap of the host."""
    gpustack = lab.state["gpustack"]
    routers = [
        {"type": "gpustack", "name": NAME, "weight": 10, "drain_s": 0},
        {"type": "litellm", "path": str(folder / "litellm.yaml"), "api_key_env": "GPUSTACK_API_KEY"},
        {
            "type": "openai_list",
            "path": str(folder / "plano.yaml"),
            "list_path": "model_providers",
            "name": f"gpustack/{BLUE}",
            "entry": {"model": f"gpustack/{BLUE}"},
        },
    ]
    variables = {
        "__model_deployment_plan": {"name": BLUE, "context_tokens": 32768},
        "model_deployment_gpustack_url": gpustack["url"],
        "model_deployment_gpustack_api_key": gpustack["api_key"],
        "model_deployment_routers": routers,
    }
    role = {"name": "modelscan.autoconfig.model_deployment", "tasks_from": step}
    task = {"name": step, "ansible.builtin.include_role": role, "vars": variables}
    plays = [{"name": step, "hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    playbook = folder / f"{step}.yml"
    playbook.write_text(yaml.safe_dump(plays))
    program = Path(sys.executable).parent / "ansible-playbook"
    command = [
        str(program),
        "-i",
        "localhost,",
        "-c",
        "local",
        str(playbook),
        *(["--check"] if check else []),
    ]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(state.REPOSITORY / ".build"),
        "ANSIBLE_HOME": str(folder / "home"),
        "no_proxy": "127.0.0.1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert gpustack["api_key"] not in done.stdout
    recap = done.stdout.strip().splitlines()[-1]
    return {name: int(number) for name, number in (part.split("=") for part in recap.split() if "=" in part)}


def test_routes_come_once_and_go(clean_lab: client.Lab, tmp_path: Path) -> None:
    deploy(clean_lab, BLUE, "gpu-a")

    assert play(clean_lab, tmp_path, "register", check=True)["changed"] == 1
    assert not (tmp_path / "litellm.yaml").exists()
    assert play(clean_lab, tmp_path, "register")["changed"] == 1
    assert play(clean_lab, tmp_path, "register")["changed"] == 0
    with clean_lab.server() as server:
        names = [each["name"] for each in server.get("/v2/model-routes").json()["items"]]
    assert NAME in names
    entry = yaml.safe_load((tmp_path / "litellm.yaml").read_text())["model_list"][0]
    assert entry["model_info"]["max_input_tokens"] == 32768
    for file, key in (("litellm.yaml", "model_list"), ("plano.yaml", "model_providers")):
        assert len(yaml.safe_load((tmp_path / file).read_text())[key]) == 1

    assert play(clean_lab, tmp_path, "unregister")["changed"] == 1
    assert play(clean_lab, tmp_path, "unregister")["changed"] == 0
    with clean_lab.server() as server:
        assert NAME not in json.dumps(server.get("/v2/model-routes").json())
