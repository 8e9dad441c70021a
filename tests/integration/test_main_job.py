# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job as a user runs it: playbooks by name, simulated hosts, the genuine server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import httpx
import pytest
import yaml

from tests.lab import client
from tests.lab.state import REPOSITORY

MODEL = "Qwen/Qwen3-8B"
NAME = "qwen3-8b"
CANARY = "canary-7b1e94d0c3"
RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=\d+ +failed=(\d+)", re.MULTILINE)


class Run(t.NamedTuple):
    """What one playbook run printed, and the writing requests that it sent to GPUStack."""

    status: int
    output: str
    writes: t.List[str]

    @property
    def changed(self) -> int:
        return sum(int(changed) for _host, changed, _failed in RECAP.findall(self.output))

    @property
    def errors(self) -> t.Set[str]:
        """The messages of the failed tasks; hosts that fail alike count once."""
        found = re.findall(r'^fatal: .*?"msg": ("(?:[^"\\]|\\.)*")', self.output, re.MULTILINE)
        return {json.loads(text) for text in found}

    def diff_of(self, task: str) -> str:
        """The diff that a task printed."""
        block = self.output.partition(f"{task}] ")[2].partition("\nTASK")[0]
        return "\n".join(line for line in block.splitlines() if line[:1] in "+-")


class User:
    """Somebody with an inventory and a key, who runs playbooks from a folder of their own."""

    def __init__(self, lab: client.Lab, folder: Path) -> None:
        self.lab = lab
        self.router = folder / "modelscan.yaml"
        self._folder = folder
        gpustack = lab.state["gpustack"]
        self.environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("ANSIBLE_", "PYTHONPATH"))
            },
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build"),
            "GPUSTACK_URL": gpustack["url"],
            "GPUSTACK_API_KEY": gpustack["api_key"],
            "HF_ENDPOINT": lab.state["huggingface"]["url"],
            "MODELSCOPE_ENDPOINT": lab.state["modelscope"]["url"],
            "MODELS_DEV_URL": lab.state["models_dev"]["url"],
            "MODELSCAN_AUTOCONFIG_CACHE": str(folder / "cache"),
        }
        self._variables: t.Dict[str, t.Any] = {
            "model_deployment_model": MODEL,
            "model_deployment_routers": [{"type": "modelscan", "path": str(self.router)}],
            "model_deployment_wait_timeout_s": 60,
            "model_deployment_verify_patience_s": 30,
        }

    def play(self, playbook: str, *arguments: str, **variables: t.Any) -> Run:
        """One run; ``variables`` are extra variables beside the usual ones."""
        mark = self.lab.mark()
        given = self._folder / "variables.json"
        given.write_text(json.dumps({**self._variables, **variables}), encoding="utf-8")
        done = subprocess.run(
            ["ansible-playbook", "-i", self.lab.state["inventory"], f"modelscan.autoconfig.{playbook}"]
            + ["-e", f"@{given}", *arguments],
            cwd=self._folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        writes = [f"{row['method']} {row['path']}" for row in self.lab.writes_since(mark)]
        return Run(done.returncode, done.stdout + done.stderr, writes)

    def providers(self) -> t.List[t.Dict[str, t.Any]]:
        """The routes in the router's file, which goes with its last route where the collection made it."""
        if not self.router.exists():
            return []
        document = yaml.safe_load(self.router.read_text(encoding="utf-8"))
        return t.cast("list[dict[str, t.Any]]", document["routing"]["direct"]["providers"] or [])

    def models(self) -> t.List[t.Dict[str, t.Any]]:
        with self.lab.server() as server:
            return t.cast(
                "list[dict[str, t.Any]]", server.get("/v2/models").raise_for_status().json()["items"]
            )

    def ask(self) -> httpx.Response:
        """A completion through GPUStack, as a client of the model sends it."""
        with self.lab.server() as server:
            question = {"model": NAME, "messages": [{"role": "user", "content": "Are you there?"}]}
            return server.post("/v1/chat/completions", json=question)


@pytest.fixture
def user(clean_lab: client.Lab, tmp_path: Path) -> User:
    return User(clean_lab, tmp_path)


def test_check_mode_predicts_the_run_and_a_second_run_changes_nothing(user: User) -> None:
    predicted = user.play("deploy", "--check", "--diff")
    assert predicted.status == 0, predicted.output
    assert predicted.changed == 2
    assert predicted.writes == []
    assert not user.router.exists()

    first = user.play("deploy", "--diff")
    assert first.status == 0, first.output
    assert first.changed == predicted.changed
    assert "POST /v2/models" in first.writes
    for task in ("Apply the deployment", "Register the route"):
        assert first.diff_of(task) == predicted.diff_of(task) != ""
    assert [(model["name"], model["state"]) for model in user.models()] == [(NAME, "running")]
    assert user.ask().json()["choices"][0]["message"]["content"]
    assert [(each["name"], each["model"]) for each in user.providers()] == [(NAME, NAME)]
    written = user.router.stat().st_mtime_ns

    second = user.play("deploy", "--diff")
    assert second.status == 0, second.output
    assert second.changed == 0
    assert second.writes == []
    assert "kept as it runs" in second.output
    assert user.router.stat().st_mtime_ns == written
    assert len(user.providers()) == 1


def test_a_changed_context_is_previewed_then_applied_to_what_runs(user: User) -> None:
    assert user.play("deploy").status == 0
    preview = user.play("deploy", "--check", "--diff", model_deployment_context_tokens=8192)
    assert preview.writes == []
    assert preview.changed == 1
    assert "--max-model-len=8192" in preview.diff_of("Apply the deployment")

    real = user.play("deploy", "--diff", model_deployment_context_tokens=8192)
    assert real.status == 0, real.output
    assert real.diff_of("Apply the deployment") == preview.diff_of("Apply the deployment")
    assert "--max-model-len=8192" in user.models()[0]["backend_parameters"]
    assert user.play("deploy", model_deployment_context_tokens=8192).changed == 0


def test_stop_and_remove_take_the_route_away_first(user: User) -> None:
    assert user.play("deploy").status == 0
    asked = user.play("stop", "--check", model_deployment_name=NAME)
    assert f"deployment {NAME} on gpu-" in asked.output
    stopped = user.play("stop", model_deployment_name=NAME)
    assert stopped.status == 0, stopped.output
    assert (asked.status, asked.changed, asked.writes) == (0, stopped.changed, [])
    assert user.providers() == []
    assert user.models()[0]["replicas"] == 0
    assert user.play("stop", model_deployment_name=NAME).changed == 0

    assert user.play("deploy").changed == 2
    asked = user.play("remove", "--check", model_deployment_name=NAME)
    removed = user.play("remove", model_deployment_name=NAME)
    assert removed.status == 0, removed.output
    assert (asked.status, asked.changed, asked.writes) == (0, removed.changed, [])
    taken = removed.output.partition("Take away]")[2]
    assert 0 < taken.index("Remove the route]") < taken.index("Remove the deployment]")
    assert f"deployment {NAME} on gpu-" in removed.output
    assert user.providers() == []
    assert user.models() == []
    again = user.play("remove", model_deployment_name=NAME)
    assert (again.status, again.changed, again.writes) == (0, 0, [])
    assert f"no deployment is called {NAME}" in again.output


def test_list_and_info_show_what_runs(user: User) -> None:
    assert user.play("deploy").status == 0
    listed = user.play("list")
    assert re.search(rf"{NAME} +running +1/1 +vLLM +{MODEL}", listed.output), listed.output
    shown = user.play("info", model_deployment_name=NAME)
    assert '"managed": true' in shown.output
    assert (listed.writes, shown.writes) == ([], [])


def test_a_failing_first_rollout_leaves_nothing_behind(user: User) -> None:
    user.lab.control("fail_next", model=NAME, message="torch.OutOfMemoryError: CUDA out of memory")
    failed = user.play("deploy")
    assert failed.status != 0
    assert "CUDA out of memory" in failed.output
    assert user.models() == []
    assert not user.router.exists()


def test_a_failing_change_restores_what_served_before(user: User) -> None:
    assert user.play("deploy").status == 0
    before = user.models()[0]
    routes = user.router.read_bytes()
    user.lab.control("fail_next", model=NAME, message="engine exited with code 1")
    failed = user.play("deploy", model_deployment_context_tokens=8192)
    assert failed.status != 0
    assert "engine exited with code 1" in failed.output
    after = user.models()[0]
    assert after["backend_parameters"] == before["backend_parameters"]
    assert after["state"] == "running"
    assert user.router.read_bytes() == routes
    assert user.ask().status_code == 200
    assert user.play("deploy").changed == 0


def test_a_new_deployment_takes_over_and_the_way_back_is_open(user: User) -> None:
    """The role with apply=blue_green: other GPUs, the same name; a failure afterwards restores what served."""
    switch: t.Dict[str, t.Any] = {"model_deployment_apply": "blue_green", "model_deployment_drain_s": 0.5}
    created = user.play("deploy", **switch)
    assert created.status == 0, created.output
    first = user.models()[0]
    changed = user.play("deploy", **switch, model_deployment_context_tokens=8192)
    assert changed.status == 0, changed.output
    (second,) = user.models()
    assert second["name"].startswith(NAME + "-")
    assert second["gpu_selector"]["gpu_ids"] != first["gpu_selector"]["gpu_ids"]
    assert user.ask().status_code == 200
    assert user.play("deploy", **switch, model_deployment_context_tokens=8192).changed == 0

    unanswered = {
        "model_deployment_inference_api_key": "gpustack_0_0",
        "model_deployment_context_tokens": 4096,
    }
    failed = user.play("deploy", **switch, **unanswered)
    assert failed.status != 0
    assert "The former deployment goes on serving" in failed.output
    (kept,) = user.models()
    assert (kept["id"], kept["backend_parameters"]) == (second["id"], second["backend_parameters"])
    assert user.ask().status_code == 200
    removed = user.play("remove", model_deployment_name=NAME)
    assert removed.status == 0, removed.output
    assert user.models() == []


def test_an_installed_copy_does_the_job_from_another_folder(user: User, tmp_path: Path) -> None:
    elsewhere = tmp_path / "collections"
    version = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    user.environment["ANSIBLE_COLLECTIONS_PATH"] = str(elsewhere)
    for command in (
        ["collection", "build", str(REPOSITORY), "--output-path", str(tmp_path)],
        [
            "collection",
            "install",
            "--offline",
            "-p",
            str(elsewhere),
            str(tmp_path / f"modelscan-autoconfig-{version}.tar.gz"),
        ],
    ):
        done = subprocess.run(
            ["ansible-galaxy", *command],
            cwd=tmp_path,
            env=user.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    first = user.play("deploy", "-vv")  # which tells the file of each task
    assert (first.status, first.changed) == (0, 2), first.output
    assert f"task path: {elsewhere}/" in first.output
    assert f"task path: {REPOSITORY}/" not in first.output
    assert user.play("deploy").changed == 0


@pytest.mark.parametrize("by_url", [False, True])
def test_weights_come_from_modelscope_where_that_is_wanted(by_url: bool, user: User) -> None:
    if by_url:
        url = user.lab.state["modelscope"]["url"]
        wanted = {"model_deployment_model": f"{url}/models/{MODEL}", "model_deployment_name": NAME}
    else:
        wanted = {"model_deployment_source": "model_scope"}
    run = user.play("deploy", **wanted)
    assert run.status == 0, run.output
    assert user.models()[0]["model_scope_model_id"] == MODEL
    assert user.play("deploy", **wanted).changed == 0


def test_hosts_of_two_servers_are_two_sites(user: User) -> None:
    sites = {
        "gpu-a": user.lab.state["gpustack"]["url"],
        "gpu-b": user.lab.state["gpustack"]["direct_url"],
        "gpu-c": user.lab.state["gpustack"]["direct_url"],
    }
    rows = {name: {"model_deployment_gpustack_url": url} for name, url in sites.items()}
    extra = user.router.with_name("sites.yml")
    extra.write_text(yaml.safe_dump({"all": {"hosts": rows}}), encoding="utf-8")
    planned = user.play("plan", "-i", str(extra))
    assert planned.status == 0, planned.output
    assert len(re.findall(rf"{NAME} \(site http", planned.output)) == 2


def test_hardware_that_is_not_there_is_planned_for_and_never_deployed_on(user: User) -> None:
    wanted = {"model_deployment_simulate": "8xH200", "model_deployment_model": "deepseek/deepseek-r1"}
    planned = user.play("plan", model_deployment_hosts="gpu-b", **wanted)
    assert planned.status == 0, planned.output
    assert "each on 8 x NVIDIA H200" in planned.output

    report = user.router.with_name("plan.json")
    wanted.update(model_deployment_report=str(report), model_deployment_gpu_hour_usd="2.5")
    priced = user.play("plan", model_deployment_hosts="gpu-b", **wanted)
    assert priced.status == 0, priced.output
    assert "20.00 USD/h" in priced.output
    assert json.loads(report.read_text(encoding="utf-8"))["plan"]["cost"]["usd_per_hour"] == 20.0

    refused = user.play("deploy", model_deployment_hosts="gpu-b", **wanted)
    assert refused.status != 0
    assert {"The plan playbook takes it" in error for error in refused.errors} == {True}
    assert refused.writes == []


def test_secrets_are_nowhere_in_the_most_verbose_output(user: User) -> None:
    key = user.environment["GPUSTACK_API_KEY"]
    run = user.play(
        "deploy",
        "--diff",
        "-vvvv",
        model_deployment_env_secrets={"HF_TOKEN": CANARY},
        model_deployment_hf_token=CANARY,
    )
    assert run.status == 0, run.output
    assert key not in run.output
    assert CANARY not in run.output
    cached = b"".join(
        path.read_bytes() for path in (user.router.parent / "cache").rglob("*") if path.is_file()
    )
    assert CANARY.encode() not in cached


BAD_INPUT: t.Mapping[str, t.Tuple[t.Dict[str, str], t.Dict[str, t.Any], str]] = {
    "unknown model": ({}, {"model_deployment_model": "acme/no-such-model"}, r"no-such-model"),
    "closed weights": ({}, {"model_deployment_model": "openai/gpt-4o"}, r"gpt-4o.*(closed|open)"),
    "fits nowhere": (
        {},
        {"model_deployment_model": "deepseek/deepseek-r1", "model_deployment_hosts": "gpu-b"},
        r"does not fit.*needs \d+\.\d GiB.*has \d+\.\d GiB",
    ),
    "wrong URL": ({"GPUSTACK_URL": "{hub}"}, {}, r"GPUStack"),
    "no URL": ({"GPUSTACK_URL": "gpustack.example.com"}, {}, r"gpustack_url is not a URL"),
    "wrong key": ({"GPUSTACK_API_KEY": "gpustack_0_0"}, {}, r"returned 401.*gpustack_api_key"),
    "key without the scope": ({"GPUSTACK_API_KEY": "{inference}"}, {}, r"returned 403.*scope"),
    "server down": ({"GPUSTACK_URL": "http://127.0.0.1:9"}, {}, r"GPUStack cannot be reached.*127.0.0.1:9"),
    "hub down and nothing cached": ({"HF_ENDPOINT": "http://127.0.0.1:9"}, {}, r"Hugging Face.*127.0.0.1:9"),
    "impossible value": ({}, {"model_deployment_tensor_parallel": 3}, r"tensor_parallel: 3.*Legal sizes"),
    "unknown choice": ({}, {"model_deployment_mode": "fast"}, r"mode.*standard, throughput"),
    "no model": ({}, {"model_deployment_model": ""}, r"No model is named"),
}


@pytest.mark.parametrize("case", sorted(BAD_INPUT))
def test_bad_input_is_one_clear_message_and_changes_nothing(case: str, user: User) -> None:
    environment, variables, expected = BAD_INPUT[case]
    replacements = {
        "{hub}": user.lab.state["models_dev"]["url"],
        "{inference}": user.lab.state["gpustack"]["inference_only_key"],
    }
    user.environment.update({key: replacements.get(value, value) for key, value in environment.items()})
    run = user.play("deploy", **variables)
    assert run.status != 0
    assert len(run.errors) == 1, run.output
    assert re.search(expected, run.errors.pop(), re.DOTALL | re.IGNORECASE), run.output
    assert "Traceback" not in run.output
    assert run.writes == []
    assert user.models() == []
    assert not user.router.exists()


def test_a_hub_that_is_down_is_answered_from_the_cache(user: User) -> None:
    assert user.play("plan").status == 0
    user.environment.update(HF_ENDPOINT="http://127.0.0.1:9")
    moved = user.play("plan")
    assert moved.status != 0, "another endpoint has another cache"
    user.environment.update(HF_ENDPOINT=user.lab.state["huggingface"]["url"])
    user.lab.control("hub_fault", source="huggingface", kind="down", seconds=60)
    cached = user.play("deploy", "-e", "model_deployment_refresh=true")
    assert cached.status == 0, cached.output
    assert cached.changed == 2


def test_an_unknown_option_is_refused_with_its_name(user: User, tmp_path: Path) -> None:
    playbook = tmp_path / "typo.yml"
    task = {"modelscan.autoconfig.gpustack_deployment": {"name": NAME, "replica": 2}}
    playbook.write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8"
    )
    done = subprocess.run(
        ["ansible-playbook", str(playbook)],
        cwd=tmp_path,
        env=user.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "unsupported option: replica" in done.stdout + done.stderr
    assert user.models() == []
