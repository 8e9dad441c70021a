# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans over several hosts on a genuine GPUStack server: what its scheduler makes of them."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.integration.gpustack_site import Site
from tests.lab import client
from tests.lab.hosts import make_host
from tests.unit.plan.builders import MIB, QWEN3_32B, qwen3_32b, request, variant

Json = t.Dict[str, t.Any]
STAGES = {"vLLM": "--pipeline-parallel-size=2", "SGLang": "--pp-size=2"}
READY_SECONDS = 30.0


@pytest.fixture
def twins(clean_lab: client.Lab, tmp_path: Path) -> t.Iterator[t.Tuple[Site, t.List[Host]]]:
    """The lab with a second host like gpu-c, and both as the planner sees them."""
    twin = make_host(tmp_path, "gpu-twin=2xL40S")
    clean_lab.control("add_worker", name=twin.name, directory=twin.directory)
    try:
        _wait_until_ready(clean_lab, twin.name)
        cards = json.loads((Path(twin.directory) / "gpus.json").read_text(encoding="utf-8"))["gpus"]
        yield Site(clean_lab), [_host("gpu-c", clean_lab.gpus("gpu-c")), _host(twin.name, cards)]
        clean_lab.clean()
    finally:
        clean_lab.remove_worker(twin.name)


def _wait_until_ready(lab: client.Lab, name: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with lab.server() as server:
        while True:
            found = server.get("/v2/workers", params={"name": name}).json()["items"]
            if [worker["state"] for worker in found] == ["ready"]:
                return
            assert time.monotonic() < deadline, "the worker %s is not ready" % name
            time.sleep(0.2)


def _host(name: str, cards: t.Sequence[Json]) -> Host:
    devices = [
        {
            "index": card["index"], "uuid": card["uuid"], "pci_bus_id": card["pci_bus_id"], "vendor": "nvidia",
            "name": card["product"], "compute_capability": card["compute_capability"], "schedulable": True,
            "memory_total_bytes": card["memory_total_mib"] * MIB,
            "memory_reserved_bytes": card["memory_reserved_mib"] * MIB, "memory_used_bytes": 0,
            "memory_free_bytes": (card["memory_total_mib"] - card["memory_reserved_mib"]) * MIB,
        }
        for card in cards
    ]  # fmt: skip
    return read_host(name, "default", {"devices": devices})[0]


def planned(hosts: t.Sequence[Host], engine: str, **policy: t.Any) -> Json:
    asked = Policy(backend=engine, tensor_parallel=2, backend_parameters=(STAGES[engine],), **policy)
    plan = make_plan(request(qwen3_32b()[:1], hosts, asked)).plans[0]
    assert plan["parallelism"]["hosts"] == 2
    return plan


@pytest.mark.parametrize("engine", ["vLLM", "SGLang"])
def test_a_replica_over_two_hosts_runs_where_the_plan_says(
    twins: t.Tuple[Site, t.List[Host]], engine: str
) -> None:
    site, hosts = twins
    plan = planned(hosts, engine)
    found = site.task(plan=plan)
    (instance,) = found["deployment"]["instances"]
    assert instance["state"] == "running"
    assert {gpu["uuid"] for gpu in instance["gpus"]} == {gpu.uuid for host in hosts for gpu in host.gpus}
    again = site.task(plan=plan)
    assert (again["changed"], again["actions"]) == (False, [])


def test_the_server_has_one_main_and_one_subordinate_worker(twins: t.Tuple[Site, t.List[Host]]) -> None:
    site, hosts = twins
    name = site.task(plan=planned(hosts, "vLLM"))["deployment"]["name"]
    with site.lab.server() as server:
        rows = server.get("/v2/model-instances", params={"perPage": 1000}).json()["items"]
    (row,) = [row for row in rows if row["model_name"] == name]
    (other,) = row["distributed_servers"]["subordinate_workers"]
    assert {row["worker_name"], other["worker_name"]} == {"gpu-c", "gpu-twin"}
    assert (row["gpu_indexes"], other["gpu_indexes"]) == ([0, 1], [0, 1])


ROUTED = variant(
    "Qwen/Qwen3-30B-A3B",
    dict(
        QWEN3_32B, model_type="qwen3_moe", hidden_size=2048, num_hidden_layers=48, num_attention_heads=32,
        num_key_value_heads=4, num_experts=128, num_experts_per_tok=8, moe_intermediate_size=768,
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "tensor", "parameters"),
    [
        ("vLLM", None, ("--data-parallel-size=2", "--enable-expert-parallel")),
        ("SGLang", 2, ("--dp-size=2", "--enable-dp-attention", "--ep-size=2")),
    ],
)
def test_data_parallel_ranks_are_placed(
    clean_lab: client.Lab, engine: str, tensor: t.Optional[int], parameters: t.Tuple[str, ...]
) -> None:
    site, there = Site(clean_lab), _host("gpu-c", clean_lab.gpus("gpu-c"))
    asked = Policy(backend=engine, tensor_parallel=tensor, backend_parameters=parameters)
    plan = make_plan(request([ROUTED], [there], asked)).plans[0]
    assert (plan["parallelism"]["data"], plan["parallelism"]["attention_data"]) == (2, True)
    (instance,) = site.task(plan=plan)["deployment"]["instances"]
    assert (instance["state"], len(instance["gpus"])) == ("running", 2)
