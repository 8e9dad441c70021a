# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpustack_deployment and its info module against a genuine GPUStack server."""

from __future__ import annotations

import json
import threading
import time
import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    DeploymentFailed,
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import connect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import gpustack_deployment

from tests.integration.gpustack_site import CHANGED, DEFINITION, NAME, Site, instance_ids
from tests.lab import client

Json = t.Dict[str, t.Any]
CANARY = "canary-3f9a17c2b8"


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


def apart_from_the_moment(deployment: t.Optional[Json]) -> t.Any:
    """What two runs see alike.

    One that changes nothing does not read the workers, which alone know the uuids. The server calls a
    route ready a moment after what it leads to.
    """
    document = json.loads(json.dumps(deployment))
    ((document or {}).get("route") or {}).pop("ready", None)
    for instance in (document or {}).get("instances", ()):
        for gpu in instance["gpus"]:
            del gpu["uuid"]
    return document


def the_same(predicted: Json, real: Json) -> None:
    for key in ("changed", "actions", "diff", "restart_required", "rollback"):
        assert predicted[key] == real[key], key
    assert set(predicted) == set(real)
    for key in ("name", "replicas", "backend", "backend_parameters", "cluster_id", "plan_id", "managed"):
        assert (predicted["deployment"] or {}).get(key) == (real["deployment"] or {}).get(key), key


def test_the_life_of_a_deployment(site: Site) -> None:
    """Each step is predicted by check mode first, done then, and unchanged afterwards."""
    restart = ["POST /v2/models//restart"]
    if not site.version.startswith("2.3."):  # which answers 404
        restart.append("DELETE /v2/model-instances/")
    steps: t.List[t.Tuple[Json, t.List[str], t.List[str]]] = [
        ({}, ["created"], ["POST /v2/models"]),
        (CHANGED, ["updated", "restarted"], ["PUT /v2/models/", *restart]),
        (dict(CHANGED, replicas=2), ["scaled"], ["PUT /v2/models/"]),
        (dict(CHANGED, description="for tests"), ["updated"], ["PUT /v2/models/"]),
        (dict(CHANGED, state="stopped"), ["stopped"], ["PUT /v2/models/"]),
        (dict(CHANGED, state="present"), ["scaled"], ["PUT /v2/models/"]),
        ({"state": "absent"}, ["deleted"], ["DELETE /v2/models/"]),
    ]
    for options, actions, writes in steps:
        mark = site.lab.mark()
        predicted = site.deploy(check_mode=True, **options)
        assert site.writes(mark) == []
        real = site.deploy(**options)
        assert real["actions"] == actions
        assert site.writes(mark) == writes
        the_same(predicted, real)
        mark = site.lab.mark()
        again = site.deploy(**options)
        assert (again["changed"], again["actions"], again["diff"]["after"]) == (False, [], {})
        assert site.writes(mark) == []
        # What is gone is looked for once more, under another name.
        assert len(site.lab.requests_since(mark)) <= (4 if options.get("state") == "absent" else 3)
        assert apart_from_the_moment(again["deployment"]) == apart_from_the_moment(real["deployment"])


def test_rolling_leaves_no_moment_without_a_running_instance(site: Site) -> None:
    site.deploy()
    site.lab.control("slow", model=NAME, seconds=2)
    running: t.List[int] = []
    over = threading.Event()

    def count() -> None:
        with site.lab.server() as server:
            while not over.is_set():
                rows = server.get("/v2/model-instances").json()["items"]
                running.append(sum(row["state"] == "running" for row in rows))

    counter = threading.Thread(target=count)
    counter.start()
    try:
        result = site.deploy(apply="rolling", **CHANGED)
    finally:
        over.set()
        counter.join()
    assert result["actions"] == ["updated", "restarted"]
    assert min(running) >= 1
    assert len(result["deployment"]["instances"]) == result["deployment"]["replicas"] == 1
    assert not site.deploy(**CHANGED)["changed"]


def test_more_restarts_than_allowed_change_nothing(site: Site) -> None:
    site.deploy(replicas=2)
    mark = site.lab.mark()
    with pytest.raises(InvalidInput, match="restart 2 instances, and max_restarts is 1"):
        site.deploy(max_restarts=1, **CHANGED)
    assert site.writes(mark) == []


def test_prefetch_downloads_before_it_switches(site: Site) -> None:
    site.deploy(worker_selector={"worker-name": "gpu-a"})
    wish: Json = {
        "repository": "Qwen/Qwen3-0.6B",
        "worker_selector": {"worker-name": "gpu-a"},
        "prefetch": True,
    }
    site.task(state="uncached", name=NAME, source="huggingface", **dict(wish, prefetch=False))
    mark = site.lab.mark()
    result = site.deploy(**wish)
    assert result["actions"] == ["cached", "updated", "restarted"]
    assert site.writes(mark)[:2] == ["POST /v2/model-files", "PUT /v2/models/"]
    assert not site.deploy(**wish)["changed"]


def test_a_list_is_checked_before_anything_is_changed(site: Site) -> None:
    items = [dict(DEFINITION, name="%s-%d" % (NAME, number), replicas=0) for number in range(3)]
    mark = site.lab.mark()
    with pytest.raises(InvalidInput, match="definition is incomplete"):
        site.task(deployments=[*items, {"name": "%s-incomplete" % NAME}])
    assert site.writes(mark) == []
    result = site.task(deployments=items)
    assert [each["actions"] for each in result["results"]] == [["created"]] * 3
    mark = site.lab.mark()
    assert not site.task(deployments=items)["changed"]
    assert len(site.lab.requests_since(mark)) <= 3


def test_running_means_that_it_answers(site: Site) -> None:
    result = site.deploy()
    assert result["deployment"]["state"] == "running"
    if not site.version.startswith("2.0."):  # which has no routes
        assert result["deployment"]["route"]["name"] == NAME
    gpu = result["deployment"]["instances"][0]["gpus"][0]
    assert gpu["uuid"].startswith("GPU-")
    assert gpu["claimed_bytes"] > 0
    question = {"model": NAME, "messages": [{"role": "user", "content": "ping"}]}
    with site.lab.server() as server:
        answer = server.post("/v1/chat/completions", json=question).raise_for_status().json()
    route = site.info(name=NAME)["deployments"][0]["route"]
    assert route == (None if site.version.startswith("2.0.") else {"name": NAME, "ready": True})
    assert answer["choices"][0]["message"]["content"]


def test_a_change_replaces_the_running_instance(site: Site) -> None:
    before, after = site.deploy(), site.deploy(**CHANGED)
    assert not set(instance_ids(before)) & set(instance_ids(after))
    assert after["deployment"]["state"] == "running"


def test_apply_none_leaves_it_running_until_the_next_run(site: Site) -> None:
    before = site.deploy()
    stored = site.deploy(apply="none", **CHANGED)
    assert stored["restart_required"]
    assert instance_ids(stored) == instance_ids(before)
    applied = site.deploy(**CHANGED)
    assert applied["actions"] == ["restarted"]
    assert not set(instance_ids(applied)) & set(instance_ids(before))


class _PowerCut(BaseException):
    """The end of the controller: nothing of the collection may catch it."""


class _DiesBeforeRestart(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE" or request.url.path.endswith("/restart"):
            raise _PowerCut
        return super().handle_request(request)


def test_a_run_that_died_between_put_and_restart_is_completed(site: Site) -> None:
    before = site.deploy()
    params = site.parameters(gpustack_deployment.CORE, **dict(DEFINITION, **CHANGED))
    options = HttpOptions(transport=_DiesBeforeRestart())
    connection = connect(params["gpustack_url"], params["gpustack_api_key"], None, options)
    with connection, pytest.raises(_PowerCut):
        Deployment(View(connection), wanted_of(params), False, None).run()
    result = site.deploy(**CHANGED)
    assert result["actions"] == ["restarted"]
    assert not set(instance_ids(result)) & set(instance_ids(before))
    assert not site.deploy(**CHANGED)["changed"]


def test_an_edit_in_the_web_interface_is_found_and_applied(site: Site) -> None:
    result = site.deploy()
    model = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B"}
    with site.lab.server() as server:
        path = "/v2/models/%d" % result["deployment"]["id"]
        server.put(path, json=dict(model, replicas=2)).raise_for_status()
        server.put(path, json=dict(model, **CHANGED)).raise_for_status()
    applied = site.deploy(**CHANGED)
    assert "restarted" in applied["actions"]
    assert not site.deploy(**CHANGED)["changed"]


def test_an_instance_that_began_under_an_edit_which_was_undone_is_found(site: Site) -> None:
    if site.version < "2.3":
        pytest.skip("revisions are kept since 2.3")
    result = site.deploy()
    model = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B"}
    with site.lab.server() as server:
        path = "/v2/models/%d" % result["deployment"]["id"]
        meta = server.get(path).json()["meta"]
        meta[META_KEY]["written_at"] = "2026-01-01T00:00:00"  # as if it had run for long
        server.put(path, json=dict(model, meta=meta)).raise_for_status()
        assert not site.deploy()["changed"]
        server.put(path, json=dict(model, **CHANGED)).raise_for_status()
        server.delete("/v2/model-instances/%d" % instance_ids(result)[0]).raise_for_status()
        while not server.get("%s/instances" % path).json()["items"]:
            time.sleep(0.1)
        before = {"backend_parameters": DEFINITION["backend_parameters"]}
        server.put(path, json=dict(model, **before)).raise_for_status()
    assert site.deploy()["actions"] == ["restarted"]
    assert not site.deploy()["changed"]


def test_the_rollback_restores(site: Site) -> None:
    site.deploy(env={"A": "1"})
    changed = site.deploy(env={"A": "2", "B": "2"}, description="new", **CHANGED)
    site.task(**changed["rollback"])
    assert not site.deploy(env={"A": "1", "B": None}, description="")["changed"]


def test_the_rollback_restores_a_secret_that_only_the_server_knows(site: Site) -> None:
    if site.version < "2.3":
        pytest.skip("revisions are kept since 2.3")
    site.deploy(replicas=0, env_secrets={"HF_TOKEN": CANARY})
    wish = {"HF_TOKEN": CANARY + "-new", "OTHER": CANARY}
    changed = site.deploy(replicas=0, env_secrets=wish, description="new")
    assert CANARY not in json.dumps(changed)
    assert changed["rollback"]["restore_env"] == {"revision": 1, "variables": ["HF_TOKEN"]}
    back = site.task(**changed["rollback"])
    assert CANARY not in json.dumps(back)
    with site.lab.server() as server:
        model = server.get("/v2/models/%d" % back["deployment"]["id"]).json()
    assert model["env"] == {"HF_TOKEN": CANARY}
    with pytest.raises(InvalidInput, match="keeps no revision 99 of"):
        site.deploy(restore_env={"revision": 99, "variables": ["HF_TOKEN"]})


def test_a_plan_is_pinned_to_its_gpus(site: Site) -> None:
    gpus = site.lab.gpus("gpu-c")
    host: Json = {"host": "another-name", "gpus": [{"index": 1, "uuid": gpus[1]["uuid"], "pci_bus_id": None}]}
    plan = {
        "schema": 1,
        "plan_id": "0123456789abcdef",
        "name": NAME,
        "variant": {"source": "huggingface", "repository": "Qwen/Qwen3-8B"},
        "backend": "vLLM",
        "backend_parameters": ["--max-model-len=8192", "--gpu-memory-utilization=0.9"],
        "utilization": 0.9,
        "replicas": 1,
        "placement": [host],
        "categories": ["llm"],
        "memory": {"total_bytes": 46068 << 20, "weights_bytes": 16381516776},
    }
    result = site.task(plan=plan, vram_claim="plan")
    instance = result["deployment"]["instances"][0]
    assert (instance["worker"], instance["gpus"][0]["uuid"]) == ("gpu-c", gpus[1]["uuid"])
    assert result["deployment"]["plan_id"] == plan["plan_id"]
    assert result["deployment"]["choice"]["placement"] == [host]
    assert not site.task(plan=plan, vram_claim="plan")["changed"]
    host["gpus"][0]["uuid"] = "GPU-gone"
    with pytest.raises(InvalidInput, match="workers: gpu-a, gpu-b, gpu-c"):
        site.task(plan=plan)


def test_what_does_not_fit_is_refused_before_anything_is_changed(site: Site) -> None:
    mark = site.lab.mark()
    with pytest.raises(DoesNotFit, match="GPUStack would not place .* GiB"):
        site.deploy(repository="Qwen/Qwen3-32B", worker_selector={"worker-name": "gpu-b"})
    assert site.writes(mark) == []


def test_a_gated_repository_without_a_token_is_explained(site: Site) -> None:
    if site.version.startswith("2.0."):
        pytest.skip("2.0 leaves it to the download, which is pretended here")
    with pytest.raises(DeploymentFailed, match="gated repo") as caught:
        site.deploy(repository="meta-llama/Llama-3.1-8B-Instruct")
    assert "HF_TOKEN" in str(caught.value.hint)


def test_a_failing_instance_ends_the_wait_with_its_own_message(site: Site) -> None:
    for _restart in range(5):
        site.lab.control("fail_next", model=NAME, message="torch.OutOfMemoryError: CUDA out of memory")
    with pytest.raises(DeploymentFailed, match="CUDA out of memory") as caught:
        site.deploy()
    assert "GPU memory" in str(caught.value.hint)
    assert "engine log of the lab" in caught.value.details["log_tail"][-1]
    assert caught.value.details["rollback"] == {"name": NAME, "state": "absent"}


def test_the_limit_of_patience(site: Site) -> None:
    site.lab.control("slow", model=NAME, seconds=60)
    with pytest.raises(DeploymentFailed, match="not ready after 4 s; last state: .*starting"):
        site.deploy(wait_timeout_s=4)


def test_what_others_made_is_left_alone_unless_adopted(site: Site) -> None:
    foreign = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "cluster_id": 1}
    with site.lab.server() as server:
        server.post("/v2/models", json=dict(foreign, replicas=0)).raise_for_status()
    mark = site.lab.mark()
    for state in ("present", "stopped", "absent"):
        with pytest.raises(Conflict, match="not made by this collection"):
            site.deploy(state=state)
    assert site.writes(mark) == []
    adopted = site.deploy(adopt=True)
    assert adopted["actions"][0] == "adopted"
    assert not site.deploy()["changed"]
