# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gpustack_deployment checks on a genuine GPUStack server before it changes anything."""

from __future__ import annotations

import time
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    DoesNotFit,
    InvalidInput,
    NotFound,
)

from tests.integration.gpustack_site import NAME, Json, Site
from tests.lab import client

HOST = "gpu-c"
MIB = 1 << 20
REPORT_S = 15


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


@pytest.mark.parametrize("exists", [False, True])
def test_what_the_server_does_not_have_is_refused_with_the_nearest_that_it_has(
    exists: bool, site: Site
) -> None:
    wrong: t.Sequence[t.Tuple[Json, t.Type[AutoconfigError], str]] = (
        ({"backend": "vllm"}, InvalidInput, "Did you mean backend: vLLM"),
        ({"backend_version": "99.9"}, InvalidInput, "no version 99.9 of vLLM"),
        ({"backend": "MindIE"}, AutoconfigError, "MindIE"),
        ({"gpu_ids": ["gpu-a:cuda:17"]}, InvalidInput, "Did you mean gpu-a:cuda:"),
        ({"gpu_ids": ["nowhere:cuda:0"]}, InvalidInput, "workers: gpu-a, gpu-b, gpu-c"),
        ({"worker_selector": {"zone": "nowhere"}}, DoesNotFit, "Correct worker_selector"),
        ({"cluster": "nowhere"}, NotFound, "nowhere. Visible"),
    )
    if exists:
        site.deploy(replicas=0)
    for options, kind, words in wrong:
        mark = site.lab.mark()
        for check_mode in (True, False):
            with pytest.raises(kind) as caught:
                site.deploy(check_mode, replicas=1, **options)
            assert words in caught.value.as_result()["msg"], options
            assert not caught.value.changed
        assert site.writes(mark) == [], options


@pytest.mark.parametrize("exists", [False, True])
def test_a_definition_that_the_server_would_refuse_is_rehearsed(exists: bool, site: Site) -> None:
    if not site.version.startswith("2.3."):
        pytest.skip("servers before 2.3 cannot check without storing")
    if exists:
        site.deploy(replicas=0)
    mark = site.lab.mark()
    with pytest.raises(InvalidInput, match="would not take the definition of .* --port is not supported"):
        site.deploy(replicas=1, backend_parameters=["--port=1"])
    assert site.writes(mark) == []


def test_a_route_of_the_same_name_is_in_the_way(site: Site) -> None:
    if site.version.startswith("2.0."):
        pytest.skip("2.0 has no routes")
    other = site.deploy(name="another-%s" % NAME, replicas=0)
    with site.lab.server() as server:
        target = {"model_id": other["deployment"]["id"], "weight": 1}
        server.post("/v2/model-routes", json={"name": NAME, "targets": [target]}).raise_for_status()
    mark = site.lab.mark()
    with pytest.raises(Conflict, match="There is a route %s already" % NAME):
        site.deploy()
    assert site.writes(mark) == []


def a_plan(site: Site) -> Json:
    """One that takes 40 GiB of one card."""
    gpu = site.lab.gpus(HOST)[1]
    return {
        "schema": 1,
        "plan_id": "0123456789abcdef",
        "name": NAME,
        "variant": {"source": "huggingface", "repository": "Qwen/Qwen3-8B"},
        "backend": "vLLM",
        "backend_parameters": ["--max-model-len=8192", "--gpu-memory-utilization=0.9"],
        "utilization": 0.9,
        "replicas": 1,
        "placement": [{"host": HOST, "gpus": [{"index": 1, "uuid": gpu["uuid"], "pci_bus_id": None}]}],
        "categories": ["llm"],
        "memory": {"total_bytes": 46068 * MIB, "weights_bytes": 15 << 30, "kv_cache_bytes": 25 << 30},
    }


def wait_for_report(site: Site, used_mib: int) -> None:
    """Until the server knows what foreign processes hold on the card of ``a_plan``."""
    deadline = time.monotonic() + REPORT_S
    while time.monotonic() < deadline:
        worker = next(each for each in site.info()["workers"] if each["name"] == HOST)
        if worker["gpus"][1]["used_bytes"] == used_mib * MIB:
            return
        time.sleep(0.2)
    pytest.fail("the worker did not report %d MiB" % used_mib)


def test_memory_that_others_hold_is_refused_and_what_was_freed_is_not_missed(site: Site) -> None:
    """GPUStack's scheduler does not look at it; a worker's report is up to 10 s old."""
    plan = a_plan(site)
    site.lab.control("set_used", host=HOST, mib=20000, gpu=1)
    wait_for_report(site, 20000)
    mark = site.lab.mark()
    with pytest.raises(DoesNotFit, match="the GPU gpu-c:cuda:1 has 25.4. GiB free, and the plan takes 40.00"):
        site.task(plan=plan)
    assert site.writes(mark) == []
    said = site.task(check_mode=True, plan=plan, overcommit=True)["warnings"]
    assert "25.4" in said[0]
    site.lab.control("set_used", host=HOST, mib=0, gpu=1)
    result = site.task(plan=plan)
    assert (result["actions"], result["warnings"]) == (["created"], [])


def test_what_the_deployment_itself_holds_is_no_shortage(site: Site) -> None:
    plan = a_plan(site)
    site.task(plan=plan)
    changed = site.task(plan=plan, backend_parameters=["--max-model-len=4096"])
    assert (changed["actions"], changed["warnings"]) == (["updated", "restarted"], [])
