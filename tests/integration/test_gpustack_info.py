# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpustack_deployment_info on a genuine GPUStack server: each thing that it promises to show."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DeploymentFailed

from tests.integration.gpustack_site import CHANGED, NAME, Json, Site
from tests.lab import client

MORE = ("backend_version", "restarts", "download_percent", "created_at")


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


def as_deployed(shown: Json) -> Json:
    """What the other module returns of it: without the details of instances."""
    instances = [
        {key: value for key, value in each.items() if key not in MORE} for each in shown["instances"]
    ]
    return dict(shown, instances=instances)


def only(site: Site) -> Json:
    (shown,) = site.info(name=NAME)["deployments"]
    return t.cast(Json, shown)


def test_deployments_workers_and_the_server(site: Site) -> None:
    deployed = site.deploy()
    mark = site.lab.mark()
    shown = site.info()
    assert [as_deployed(each) for each in shown["deployments"]] == [deployed["deployment"]]
    assert as_deployed(only(site)) == deployed["deployment"]
    assert site.info(name="deployment")["deployments"] == []
    assert shown["server"]["version"] == site.version
    assert {worker["name"]: len(worker["gpus"]) for worker in shown["workers"]} == {
        "gpu-a": 8,
        "gpu-b": 1,
        "gpu-c": 2,
    }
    assert all(worker["version"] and worker["labels"]["worker-name"] for worker in shown["workers"])
    assert all(gpu["driver_version"] for worker in shown["workers"] for gpu in worker["gpus"])
    booked = deployed["deployment"]["instances"][0]["gpus"][0]
    gpus = {gpu["uuid"]: gpu for worker in shown["workers"] for gpu in worker["gpus"]}
    allocated_bytes = gpus[booked["uuid"]]["allocated_bytes"]
    assert allocated_bytes is None or allocated_bytes >= booked["claimed_bytes"]
    assert allocated_bytes is not None or not site.version.startswith("2.3.")
    assert site.writes(mark) == []
    assert len(site.lab.requests_since(mark)) <= 18


def test_states_and_messages(site: Site) -> None:
    for _crash in range(9):
        site.lab.control("fail_next", model=NAME, message="torch.OutOfMemoryError: CUDA out of memory")
    with pytest.raises(DeploymentFailed):
        site.deploy()
    shown = only(site)
    assert shown["state"] in ("error", "pending")
    assert any("out of memory" in str(each["state_message"]) for each in shown["instances"])
    assert all(each["created_at"] for each in shown["instances"])


def test_routes_with_their_weights(site: Site) -> None:
    if site.version.startswith("2.0."):
        assert site.info()["routes"] == []
        return
    one, other = site.deploy()["deployment"], site.deploy(name="another-%s" % NAME)["deployment"]
    targets = [{"model_id": one["id"], "weight": 90}, {"model_id": other["id"], "weight": 10}]
    with site.lab.server() as server:
        server.post("/v2/model-routes", json={"name": "chat", "targets": targets}).raise_for_status()
    routes = {route["name"]: route for route in site.info(name=NAME)["routes"]}
    assert sorted(routes) == ["chat", NAME]
    by_model = {row["model_id"]: row["weight"] for row in routes["chat"]["targets"]}
    assert by_model == {one["id"]: 90, other["id"]: 10}
    (own,) = routes[NAME]["targets"]
    assert (own["deployment"], routes[NAME]["ready"], own["state"]) == (NAME, True, "active")
    everything = {route["name"]: route for route in site.info()["routes"]}
    assert {row["deployment"] for row in everything["chat"]["targets"]} == {NAME, "another-%s" % NAME}


def test_whose_it_is(site: Site) -> None:
    body = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "cluster_id": 1}
    with site.lab.server() as server:
        server.post("/v2/models", json=dict(body, replicas=0)).raise_for_status()
    assert not only(site)["managed"]
    site.deploy(adopt=True, replicas=0)
    assert only(site)["managed"]


def test_drift_by_a_change_that_was_only_stored(site: Site) -> None:
    site.deploy()
    assert (only(site)["edited_by_others"], only(site)["outdated_instances"]) == (False, [])
    stored = site.deploy(apply="none", **CHANGED)
    assert only(site)["outdated_instances"] == [stored["deployment"]["instances"][0]["name"]]


def test_drift_by_somebody_else(site: Site) -> None:
    before = site.deploy()["deployment"]
    model = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B"}
    with site.lab.server() as server:
        server.put("/v2/models/%d" % before["id"], json=dict(model, **CHANGED)).raise_for_status()
    shown = only(site)
    assert shown["edited_by_others"]
    assert shown["outdated_instances"] == [before["instances"][0]["name"]]
