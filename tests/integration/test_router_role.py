# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's register and unregister steps with running routers and files side by side."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from tests.integration.test_router_gpustack import BLUE, deploy
from tests.lab import client, state

NAME = "role-alias"
KEYS = ("api_key", "router_api_key", "router_inference_key")


def routers_of_every_form(folder: Path) -> list[dict[str, t.Any]]:
    return [
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


def play(
    lab: client.Lab,
    folder: Path,
    step: str,
    check: bool = False,
    fails: bool = False,
    handlers: t.Sequence[dict[str, t.Any]] = (),
    **inputs: t.Any,
) -> str:
    """Run one step of the role, by default for the deployment BLUE; returns what Ansible printed."""
    gpustack = lab.state["gpustack"]
    variables: dict[str, t.Any] = {
        "model_deployment_name": BLUE,
        "__model_deployment_plan": {"name": BLUE, "context_tokens": 32768},
        "model_deployment_gpustack_url": gpustack["url"],
        "model_deployment_gpustack_api_key": gpustack["api_key"],
        "model_deployment_routers": routers_of_every_form(folder),
        **inputs,
    }
    role = {"name": "modelscan.autoconfig.model_deployment", "tasks_from": step}
    task = {"name": step, "ansible.builtin.include_role": role, "vars": variables}
    plays = [
        {
            "name": step,
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [task],
            "handlers": list(handlers),
            "vars": {"ansible_python_interpreter": sys.executable},
        }
    ]
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
        "-vvvv",
        "--diff",
        *(["--check"] if check else []),
    ]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(state.REPOSITORY / ".build"),
        "ANSIBLE_HOME": str(folder / "home"),
        "no_proxy": "127.0.0.1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    keys = [router.get(option) for router in variables["model_deployment_routers"] for option in KEYS]
    assert not any(key in done.stdout + done.stderr for key in (gpustack["api_key"], *keys) if key)
    return done.stdout


def changes(printed: str) -> int:
    """How many tasks changed something, as the recap says."""
    found = re.search(r"changed=(\d+)", printed.strip().splitlines()[-1])
    assert found is not None, printed
    return int(found.group(1))


def test_routes_come_once_and_go(clean_lab: client.Lab, tmp_path: Path) -> None:
    deploy(clean_lab, BLUE, "gpu-a")

    assert changes(play(clean_lab, tmp_path, "register", check=True)) == 1
    assert not (tmp_path / "litellm.yaml").exists()
    assert changes(play(clean_lab, tmp_path, "register")) == 1
    assert changes(play(clean_lab, tmp_path, "register")) == 0
    with clean_lab.server() as server:
        names = [each["name"] for each in server.get("/v2/model-routes").json()["items"]]
    assert NAME in names
    entry = yaml.safe_load((tmp_path / "litellm.yaml").read_text())["model_list"][0]
    assert entry["model_info"]["max_input_tokens"] == 32768
    for file, key in (("litellm.yaml", "model_list"), ("plano.yaml", "model_providers")):
        assert len(yaml.safe_load((tmp_path / file).read_text())[key]) == 1

    assert changes(play(clean_lab, tmp_path, "unregister")) == 1
    assert changes(play(clean_lab, tmp_path, "unregister")) == 0
    with clean_lab.server() as server:
        assert NAME not in json.dumps(server.get("/v2/model-routes").json())


def test_a_handler_that_the_router_names_hears_of_changes_only(clean_lab: client.Lab, tmp_path: Path) -> None:
    file, restarts = tmp_path / "litellm.yaml", tmp_path / "restarts"
    router = {"type": "litellm", "path": str(file), "notify": "Restart LiteLLM"}
    other = {"type": "modelscan", "path": str(tmp_path / "modelscan.yaml")}
    command = {"ansible.builtin.shell": f"echo restarted >> {restarts}"}
    handler = {"name": "Append a line", "listen": "Restart LiteLLM", **command}
    options: dict[str, t.Any] = {"handlers": [handler], "model_deployment_routers": [router, other]}

    for step, lines in (("register", 1), ("register", 1), ("unregister", 2), ("unregister", 2)):
        play(clean_lab, tmp_path, step, **options)
        assert restarts.read_text().count("restarted") == lines, step


def test_litellm_is_told_the_price_of_the_provider_that_the_router_names(
    clean_lab: client.Lab, tmp_path: Path
) -> None:
    file = tmp_path / "litellm.yaml"
    router = {"type": "litellm", "path": str(file)}
    catalogs = {
        f"model_deployment_{option}": clean_lab.state[name]["url"]
        for option, name in (
            ("models_dev_url", "models_dev"),
            ("hf_endpoint", "huggingface"),
            ("modelscope_endpoint", "modelscope"),
        )
    }
    for model, provider, prices in (
        ("Qwen/Qwen3-32B", "unheard-of", (None, None)),
        ("Qwen/Qwen3-32B", "groq", (2.9e-07, 5.9e-07)),
        ("deepseek/deepseek-r1", "huggingface", (7e-07, 2.5e-06)),
    ):
        play(
            clean_lab,
            tmp_path,
            "register",
            __model_deployment_plan={"name": BLUE, "context_tokens": 32768, "model": {"id": model}},
            model_deployment_routers=[{**router, "price_provider": provider}],
            model_deployment_cache_dir=str(tmp_path / "cache"),
            **catalogs,
        )
        told = yaml.safe_load(file.read_text())["model_list"][0]["litellm_params"]
        assert (told.get("input_cost_per_token"), told.get("output_cost_per_token")) == prices
