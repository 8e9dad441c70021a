# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting on a genuine GPUStack server: streams, downloads, failures, and what is lost meanwhile."""

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DeploymentFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import gpustack_deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task

from tests.integration.gpustack_site import DEFINITION, NAME, Json, Site
from tests.lab import client
from tests.lab.faults import FaultProxy

GIB = 1 << 30
REPOSITORY = "Qwen/Qwen3-8B"
ON_C: Json = {"worker_selector": {"worker-name": "gpu-c"}}


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


def deploy(site: Site, lines: t.List[str], **options: t.Any) -> Json:
    """One task whose lines for -v are kept."""
    core = gpustack_deployment.CORE
    parameters = site.parameters(core, **dict(DEFINITION, **options))
    return core.run(Task(parameters, progress=lines.append))


def forget_files(site: Site) -> None:
    """So that the next deployment downloads."""
    site.task(state="uncached", name=NAME, source="huggingface", repository=REPOSITORY)


def test_a_long_start_costs_few_requests(site: Site) -> None:
    """Fewer than by polling with back-off up to 5 s, which takes 16 for the same wait."""
    site.lab.control("slow", model=NAME, seconds=12)
    mark = site.lab.mark()
    result = site.deploy(wait_timeout_s=60)
    waited = [
        row
        for row in site.lab.requests_since(mark)
        if "watch" in row["query"] or row["path"].count("/") == 3 or row["path"].endswith("/instances")
    ]
    assert result["deployment"]["state"] == "running"
    assert any("watch" in row["query"] for row in waited)
    assert len([row for row in waited if row["method"] == "GET"]) <= 10


def test_the_wait_goes_through_a_download_with_share_size_and_speed(site: Site) -> None:
    forget_files(site)
    site.lab.control("download", repository=REPOSITORY, seconds=4, steps=8, size=16 * GIB)
    lines: t.List[str] = []
    assert deploy(site, lines, wait_timeout_s=60, **ON_C)["deployment"]["state"] == "running"
    downloading = [line for line in lines if "downloading" in line]
    assert any("50 % of 16384 MiB" in line for line in downloading), lines
    assert any("MiB/s" in line for line in downloading), lines


def test_files_that_are_cached_are_used_without_a_download(site: Site) -> None:
    forget_files(site)
    site.lab.control("download", repository=REPOSITORY, seconds=2, steps=4, size=16 * GIB)
    lines: t.List[str] = []
    cached = deploy(site, lines, state="cached", **ON_C)
    assert [(row["worker"], row["state"], row["size_bytes"]) for row in cached["files"]] == [
        ("gpu-c", "ready", 16 * GIB)
    ]
    assert any("gpu-c downloading 50 % of 16384 MiB" in line and "MiB/s" in line for line in lines), lines
    lines.clear()
    deploy(site, lines, **ON_C)
    assert not [line for line in lines if "downloading" in line]


def test_a_full_disk_ends_the_wait_with_what_to_do(site: Site) -> None:
    forget_files(site)
    full = "[Errno 28] No space left on device: '/var/lib/gpustack/cache'"
    site.lab.control("download", repository=REPOSITORY, seconds=1, steps=2, size=16 * GIB, failure=full)
    for state in ("cached", "present"):
        with pytest.raises(DeploymentFailed, match="No space left on device") as caught:
            site.deploy(state=state, wait_timeout_s=60, **ON_C)
        assert "disk space" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory.", "GPU memory"),
        ("ValueError: No available memory for the cache blocks.", "shorter context"),
        ("The NVIDIA driver on your system is too old (found version 11040).", "driver"),
        ("OSError: You are trying to access a gated repo.", "HF_TOKEN"),
    ],
)
def test_an_engine_that_fails_for_good_is_explained_at_once(message: str, hint: str, site: Site) -> None:
    site.lab.control("fail_next", model=NAME, message=message)
    with pytest.raises(DeploymentFailed, match="The deployment failed: ") as caught:
        site.deploy(restart_on_error=False, wait_timeout_s=60)
    assert message in caught.value.message
    assert hint in str(caught.value.hint)


def test_a_crash_loop_is_given_up(site: Site) -> None:
    """GPUStack itself would go on for ever."""
    for _crash in range(9):
        site.lab.control("fail_next", model=NAME, message="Inference server exited with code 1")
    with pytest.raises(DeploymentFailed, match="exited with code 1") as caught:
        site.deploy(wait_timeout_s=120)
    assert caught.value.details["log_tail"]


def test_what_nobody_can_place_ends_the_wait_with_the_schedulers_numbers(site: Site) -> None:
    """Somebody takes the room between the look and the start."""
    site.deploy(name="greedy", worker_selector={"worker-name": "gpu-b"})
    with site.lab.server() as server:
        path = "/v2/models"
        body = {
            "name": NAME,
            "source": "huggingface",
            "huggingface_repo_id": REPOSITORY,
            "backend": "vLLM",
            "backend_parameters": ["--max-model-len=8192"],
            "worker_selector": {"worker-name": "gpu-b"},
            "cluster_id": 1,
        }
        server.post(path, json=body).raise_for_status()
    with pytest.raises(DeploymentFailed, match="GiB") as caught:
        site.deploy(adopt=True, worker_selector={"worker-name": "gpu-b"}, wait_timeout_s=60)
    assert "finds no GPUs" in str(caught.value.hint)


def test_a_restart_of_the_server_is_waited_out(site: Site) -> None:
    """A real one: the process ends, and begins again on its database."""
    site.lab.control("slow", model=NAME, seconds=6)
    restart = threading.Timer(2, site.lab.control, args=("restart_gpustack",))
    restart.start()
    lines: t.List[str] = []
    try:
        result = deploy(site, lines, wait_timeout_s=150)
    finally:
        restart.join()
    assert result["deployment"]["state"] == "running"
    assert any("502" in line or "cannot be reached" in line for line in lines), lines
    assert not site.deploy()["changed"]


def test_streams_that_a_proxy_does_not_pass_on_are_done_without(site: Site) -> None:
    front = FaultProxy(site.lab.state["gpustack"]["url"], buffers=True)
    site.lab.control("slow", model=NAME, seconds=8)
    try:
        result = Site(site.lab, front.url).deploy(wait_timeout_s=60)
    finally:
        front.stop()
    assert result["deployment"]["state"] == "running"
    assert front.seen.count("GET /v2/model-instances") == 1


def test_a_lost_worker_is_named_when_the_time_is_over(site: Site) -> None:
    """GPUStack calls a worker unreachable after some 25 s, and leaves what starts there as it is for minutes."""
    host = next(each for each in site.lab.state["hosts"] if each["name"] == "gpu-b")
    site.lab.control("slow", model=NAME, seconds=300)
    lost = threading.Timer(2, site.lab.control, args=("remove_worker",), kwargs={"name": "gpu-b"})
    lost.start()
    try:
        with pytest.raises(
            DeploymentFailed, match="not ready after 60 s.*the worker gpu-b is unreachable"
        ) as caught:
            site.deploy(worker_selector={"worker-name": "gpu-b"}, wait_timeout_s=60)
        assert "worker does not answer" in str(caught.value.hint)
        assert caught.value.details["rollback"] == {"name": NAME, "state": "absent"}
    finally:
        lost.join()
        site.lab.control("add_worker", name="gpu-b", directory=host["directory"])
