# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab does what it promises: genuine servers, pretend workers, and nothing left afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

import httpx
import pytest
import yaml

from tests.lab import client, hosts, state
from tests.lab.process import LabError

MODEL = "lab-test-qwen3-8b"
SPEC = {
    "name": MODEL,
    "source": "huggingface",
    "huggingface_repo_id": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "cluster_id": 1,
    "replicas": 1,
    "restart_on_error": False,
    "enable_model_route": True,
}


@pytest.fixture
def server(clean_lab: client.Lab) -> t.Iterator[httpx.Client]:
    """GPUStack through the recorder."""
    gpustack = clean_lab.state["gpustack"]
    headers = {"Authorization": f"Bearer {gpustack['api_key']}", "User-Agent": "lab-test"}
    with httpx.Client(base_url=gpustack["url"], headers=headers, timeout=60, trust_env=False) as connection:
        yield connection


def wait_for(question: t.Callable[[], t.Any], seconds: float = 20.0) -> t.Any:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"not within {seconds} s; last answer: {answer!r}"
        time.sleep(0.1)
    return answer


def deploy(server: httpx.Client, until: str, **changes: t.Any) -> dict[str, t.Any]:
    """Create the model and return its instance in the state ``until``."""
    model = server.post("/v2/models", json={**SPEC, **changes}).raise_for_status().json()

    def instance() -> t.Any:
        found = server.get(f"/v2/models/{model['id']}/instances").json()["items"]
        return found[0] if found and found[0]["state"] == until else None

    return t.cast("dict[str, t.Any]", wait_for(instance))


def ask(server: httpx.Client, **more: t.Any) -> httpx.Response:
    """One completion; the route needs a moment after the instance runs."""
    question = {"model": MODEL, "messages": [{"role": "user", "content": "ping"}], **more}

    def answered() -> t.Any:
        answer = server.post("/v1/chat/completions", json=question)
        return answer if answer.status_code == 200 else None

    return t.cast(httpx.Response, wait_for(answered))


def smi(lab: client.Lab, host: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    directory = next(row["directory"] for row in lab.state["hosts"] if row["name"] == host)
    command = [f"{directory}/bin/nvidia-smi", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def used_mib(lab: client.Lab, host: str) -> list[int]:
    output = smi(lab, host, "--query-gpu=memory.used", "--format=csv,noheader,nounits").stdout
    return [int(line) for line in output.split()]


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the lab's folder: the supervisor and every server that it started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in command:
                found.append(command)
    return found


def test_deploys_answers_and_deletes_through_the_recorder(
    clean_lab: client.Lab, server: httpx.Client
) -> None:
    clean_lab.control("pretend", model=MODEL)
    mark = clean_lab.mark()
    instance = deploy(server, "running")
    answer = ask(server).json()
    assert answer["choices"][0]["message"]["content"] == f"pong from {instance['worker_name']}"
    server.delete(f"/v2/models/{instance['model_id']}").raise_for_status()
    wait_for(lambda: not server.get("/v2/model-instances").json()["items"])
    writes = [(request["method"], request["path"]) for request in clean_lab.writes_since(mark)]
    assert writes == [("POST", "/v2/models"), ("DELETE", f"/v2/models/{instance['model_id']}")]


def test_recorder_keeps_no_secret(clean_lab: client.Lab, server: httpx.Client) -> None:
    mark = clean_lab.mark()
    server.get("/v2/models", params={"search": "query-value"})
    [request] = clean_lab.requests_since(mark)
    assert (request["method"], request["path"], request["query"]) == ("GET", "/v2/models", ["search"])
    assert (request["status"], request["caller"]) == (200, "lab-test")
    log = Path(clean_lab.state["recorder"]["log"]).read_text(encoding="utf-8")
    gpustack = clean_lab.state["gpustack"]
    for secret in ("query-value", gpustack["api_key"], gpustack["admin_password"]):
        assert secret not in log


def test_streams_a_completion(clean_lab: client.Lab, server: httpx.Client) -> None:
    clean_lab.control("pretend", model=MODEL)
    instance = deploy(server, "running")
    ask(server)
    question = {"model": MODEL, "messages": [{"role": "user", "content": "ping"}], "stream": True}
    with server.stream("POST", "/v1/chat/completions", json=question) as answer:
        lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    events = [json.loads(line) for line in lines[:-1]]
    text = "".join(event["choices"][0]["delta"]["content"] for event in events if event["choices"])
    assert text == f"pong from {instance['worker_name']}"


def test_scope_of_the_keys(clean_lab: client.Lab) -> None:
    gpustack = clean_lab.state["gpustack"]
    for key, path in (("inference_only_key", "/v2/models"), ("management_only_key", "/v1/models")):
        headers = {"Authorization": f"Bearer {gpustack[key]}"}
        assert httpx.get(gpustack["url"] + path, headers=headers, trust_env=False).status_code == 403


def test_an_instance_fails_on_demand_and_the_next_does_not(
    clean_lab: client.Lab, server: httpx.Client
) -> None:
    clean_lab.control("fail_next", model=MODEL, message="CUDA out of memory")
    instance = deploy(server, "error")
    assert instance["state_message"] == "CUDA out of memory"
    server.delete(f"/v2/models/{instance['model_id']}").raise_for_status()
    deploy(server, "running")


def test_slow_start(clean_lab: client.Lab, server: httpx.Client) -> None:
    clean_lab.control("slow", model=MODEL, seconds=1.5)
    instance = deploy(server, "starting")
    started = time.monotonic()
    wait_for(lambda: server.get(f"/v2/model-instances/{instance['id']}").json()["state"] == "running")
    assert 1.0 < time.monotonic() - started < 10


def test_nvidia_smi_shows_what_instances_and_others_hold(clean_lab: client.Lab, server: httpx.Client) -> None:
    clean_lab.control("set_used", host="gpu-b", mib=1000)
    assert used_mib(clean_lab, "gpu-b") == [1000]
    instance = deploy(server, "running", gpu_selector={"gpu_ids": ["gpu-a:cuda:3"], "gpus_per_replica": 1})
    claim_mib = instance["computed_resource_claim"]["vram"]["3"] >> 20
    assert wait_for(lambda: used_mib(clean_lab, "gpu-a")[3]) == claim_mib
    assert sum(used_mib(clean_lab, "gpu-a")) == claim_mib
    server.delete(f"/v2/models/{instance['model_id']}").raise_for_status()
    wait_for(lambda: used_mib(clean_lab, "gpu-a") == [0] * 8)


def test_nvidia_smi_and_the_worker_name_the_same_cards(clean_lab: client.Lab, server: httpx.Client) -> None:
    workers = {worker["name"]: worker for worker in server.get("/v2/workers").json()["items"]}
    for host in clean_lab.state["hosts"]:
        listed = smi(clean_lab, host["name"], "--query-gpu=uuid", "--format=csv,noheader").stdout.split()
        assert [card["uuid"] for card in workers[host["name"]]["status"]["gpu_devices"]] == listed


@pytest.mark.parametrize(
    ("mode", "code", "text"),
    [
        ("driver_not_loaded", 9, "couldn't communicate with the NVIDIA driver"),
        ("driver_mismatch", 18, "Driver/library version mismatch"),
        ("no_devices", 6, "No devices were found"),
        ("unknown_error", 255, "Unknown Error"),
    ],
)
def test_broken_drivers(clean_lab: client.Lab, mode: str, code: int, text: str) -> None:
    clean_lab.control("set_broken", host="gpu-c", mode=mode)
    broken = smi(clean_lab, "gpu-c", "-q", "-x")
    assert (broken.returncode, text in broken.stdout) == (code, True)
    assert smi(clean_lab, "gpu-a", "-L").returncode == 0


def test_unknown_field_of_nvidia_smi(lab: client.Lab) -> None:
    refused = smi(lab, "gpu-a", "--query-gpu=index,nonsense", "--format=csv")
    assert refused.returncode == 2
    assert 'Field "nonsense" is not a valid field to query.' in refused.stdout


def test_litellm_serves_a_route_after_a_restart(clean_lab: client.Lab, server: httpx.Client) -> None:
    deploy(server, "running")
    ask(server)
    litellm = clean_lab.state["litellm"]
    parameters = {"model": f"openai/{MODEL}", "api_key": "os.environ/GPUSTACK_API_KEY"}
    parameters["api_base"] = clean_lab.state["gpustack"]["url"] + "/v1"
    path = Path(litellm["config_path"])
    before = path.read_text(encoding="utf-8")
    configuration = yaml.safe_load(before)
    configuration["model_list"] = [{"model_name": "chat", "litellm_params": parameters}]
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    try:
        clean_lab.control("restart_litellm")
        headers = {"Authorization": f"Bearer {litellm['master_key']}"}
        question = {"model": "chat", "messages": [{"role": "user", "content": "ping"}]}
        address = f"{litellm['url']}/v1/chat/completions"
        answer = httpx.post(address, json=question, headers=headers, timeout=60, trust_env=False)
        answered = answer.raise_for_status().json()
        assert answered["choices"][0]["message"]["content"]
        assert answered["usage"]["completion_tokens"] > 1
    finally:
        path.write_text(before, encoding="utf-8")


def test_hub_faults(clean_lab: client.Lab) -> None:
    address = clean_lab.state["huggingface"]["url"] + "/api/models/Qwen/Qwen3-8B"
    clean_lab.control("hub_fault", source="huggingface", kind="429", seconds=7, count=1)
    limited = httpx.get(address, trust_env=False)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert httpx.get(address, trust_env=False).status_code == 200
    clean_lab.control("hub_fault", source="huggingface", kind="down")
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)
    clean_lab.control("hub_reset")
    assert httpx.get(address, trust_env=False).status_code == 200


def test_control_refuses_what_it_does_not_know(lab: client.Lab) -> None:
    with pytest.raises(LabError, match="Unknown action"):
        lab.control("nonsense")
    with pytest.raises(LabError, match="No worker nowhere"):
        lab.control("set_used", host="nowhere", mib=1)
    assert httpx.post(lab.state["control"]["url"], json={}, trust_env=False).status_code == 401


def test_servers_never_left_loopback(lab: client.Lab) -> None:
    assert Path(lab.state["network_log"]).read_text(encoding="utf-8") == ""


def test_state_file_is_private_and_status_shows_no_secret(lab: client.Lab, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state.write(path, lab.state)
    assert path.stat().st_mode & 0o777 == 0o600
    for form in ((), ("--json",)):
        command = [sys.executable, "-m", "tests.lab", "status", "--state", str(path), *form]
        shown = subprocess.run(command, cwd=state.REPOSITORY, capture_output=True, text=True, check=True)
        assert lab.state["gpustack"]["url"] in shown.stdout
        secrets = [lab.state["gpustack"]["api_key"], lab.state["litellm"]["master_key"]]
        secrets += [lab.state["control"]["token"], lab.state["huggingface"]["token"]]
        assert not [secret for secret in secrets if secret in shown.stdout]


def test_a_killed_owner_takes_everything_down(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    owner = subprocess.Popen(["sleep", "300"])
    second = client.up(path, hosts=["only=1xL4"], owner_pid=owner.pid, ttl=300)
    folder = Path(second.state["folder"])
    assert len(processes_of(folder)) >= 4  # supervisor, PostgreSQL, GPUStack, LiteLLM
    owner.kill()
    owner.wait()
    wait_for(lambda: not folder.exists() and not path.exists() and processes_of(folder) == [], 40)


def test_sigterm_during_the_start_takes_everything_down(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    problems: list[str] = []

    def start() -> None:
        try:
            client.up(path, hosts=["only=1xL4"], ttl=300)
        except LabError as problem:
            problems.append(str(problem))

    thread = threading.Thread(target=start)
    thread.start()
    pid, folder = wait_for(lambda: _supervisor_with_gpustack(path))
    os.kill(pid, signal.SIGTERM)
    thread.join(40)
    assert problems == ["The lab was told to end while it started."]
    wait_for(lambda: not folder.exists() and processes_of(folder) == [], 40)


def _supervisor_with_gpustack(path: Path) -> tuple[int, Path] | None:
    """Pid and folder of the supervisor of this state file, once its GPUStack process is there."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_bytes().decode(errors="replace").split("\0")
            if f"--state={path}" in words:
                folder = next(
                    word.removeprefix("--folder=") for word in words if word.startswith("--folder=")
                )
                if any("gpustack start" in command for command in processes_of(Path(folder))):
                    return int(entry.parent.name), Path(folder)
    return None


def test_shapes_are_explained_when_they_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="write COUNTxCARD"):
        hosts.make_host(tmp_path, "gpu-x=8xNothing")
    with pytest.raises(LabError, match="write NAME=SHAPE"):
        hosts.make_host(tmp_path, "gpu-x")
