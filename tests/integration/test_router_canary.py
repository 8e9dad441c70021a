# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's canary on running routers: requests go over step by step, and back when something breaks."""

from __future__ import annotations

import collections
import threading
import typing as t
from pathlib import Path

import pytest

from tests.integration.routers import Stream, ask
from tests.integration.test_router_gpustack import BLUE, GREEN, deploy
from tests.integration.test_router_role import NAME, changes, play
from tests.lab import client, litellm_db

WORKERS = {BLUE: "gpu-a", GREEN: "gpu-c"}
Options = t.Dict[str, t.Any]


def test_a_canary_leads_all_requests_over_and_stops_at_the_first_failure(
    clean_lab: client.Lab, tmp_path: Path
) -> None:
    deploy(clean_lab, BLUE, "gpu-a")
    routers = [{"type": "gpustack", "name": NAME, "drain_s": 0}]
    play(clean_lab, tmp_path, "register", model_deployment_routers=routers)
    canary: dict[str, t.Any] = {
        "model_deployment_canary_from": BLUE,
        "model_deployment_name": GREEN,
        "model_deployment_routers": routers,
        "model_deployment_verify_patience_s": 20,
    }

    play(clean_lab, tmp_path, "canary", fails=True, **canary)  # nothing is called so yet
    assert targets(clean_lab) == {BLUE: 100}

    deploy(clean_lab, GREEN, "gpu-c")
    play(clean_lab, tmp_path, "canary", **canary, model_deployment_canary_steps=[5, 25])
    assert targets(clean_lab) == {BLUE: 75, GREEN: 25}
    play(clean_lab, tmp_path, "canary", **canary)
    assert targets(clean_lab) == {GREEN: 100}
    mark = clean_lab.mark()
    assert changes(play(clean_lab, tmp_path, "canary", **canary)) == 0
    assert clean_lab.writes_since(mark) == []

    files = [{"type": "litellm", "name": NAME, "path": str(tmp_path / "litellm.yaml")}]
    play(clean_lab, tmp_path, "canary", fails=True, **{**canary, "model_deployment_routers": files})


def targets(lab: client.Lab) -> dict[str, int]:
    """The weight of each deployment in the route."""
    with lab.server() as server:
        names = {each["id"]: each["name"] for each in server.get("/v2/models").json()["items"]}
        routes = server.get("/v2/model-routes").json()["items"]
        route = next(each["id"] for each in routes if each["name"] == NAME)
        rows = server.get("/v2/model-route-targets", params={"route_id": route}).json()["items"]
    return {names[row["model_id"]]: row["weight"] for row in rows if row["route_id"] == route}


@pytest.fixture
def canary(clean_lab: client.Lab, proxy: litellm_db.DatabaseProxy, tmp_path: Path) -> t.Iterator[Options]:
    """Inputs of a canary on LiteLLM's management API; BLUE serves there."""
    for deployment, worker in WORKERS.items():
        deploy(clean_lab, deployment, worker)
        clean_lab.control("pretend", model=deployment)  # which tells its worker
    router: Options = {
        "type": "litellm",
        "name": NAME,
        "router_url": proxy.url,
        "router_api_key": proxy.master_key,
    }
    router.update(api_key=clean_lab.state["gpustack"]["api_key"], drain_s=2)
    first: Options = {"model_deployment_routers": [{**router, "weight": 100}]}
    play(clean_lab, tmp_path, "register", **first)
    yield {
        "model_deployment_canary_from": BLUE,
        "model_deployment_name": GREEN,
        "model_deployment_routers": [router],
        "model_deployment_verify_patience_s": 5,
        "model_deployment_timeout_s": 90,
    }
    play(clean_lab, tmp_path, "unregister", **first, model_deployment_name=BLUE)
    play(clean_lab, tmp_path, "unregister", **first, model_deployment_name=GREEN)


def weights(proxy: litellm_db.DatabaseProxy) -> dict[str, int]:
    """The weight of each deployment behind the public name."""
    with proxy.administrator() as api:
        rows = [
            row["litellm_params"]
            for row in api.get("/model/info").json()["data"]
            if row["model_name"] == NAME
        ]
    return {row["model"].rpartition("/")[2]: row["weight"] for row in rows}


def answers(proxy: litellm_db.DatabaseProxy, count: int) -> dict[str, int]:
    """How many of so many requests each worker answered: its engine says where it runs."""
    asked = [ask(proxy.url, proxy.master_key, NAME).raise_for_status() for _number in range(count)]
    texts = [answer.json()["choices"][0]["message"]["content"] for answer in asked]
    return dict(collections.Counter(text.rpartition(" ")[2] for text in texts))


@pytest.mark.slow
def test_a_canary_on_litellm_loses_no_request(
    clean_lab: client.Lab, proxy: litellm_db.DatabaseProxy, tmp_path: Path, canary: Options
) -> None:
    assert answers(proxy, 10) == {WORKERS[BLUE]: 10}
    with Stream(proxy.url, proxy.master_key, NAME, per_second=10) as stream:
        play(clean_lab, tmp_path, "canary", **canary, model_deployment_canary_steps=[5])
        assert weights(proxy) == {BLUE: 95, GREEN: 5}
        assert answers(proxy, 100)[WORKERS[BLUE]] > 80
        play(clean_lab, tmp_path, "canary", **canary, model_deployment_canary_steps=[25])
        assert weights(proxy) == {BLUE: 75, GREEN: 25}
        assert 8 < answers(proxy, 100)[WORKERS[GREEN]] < 50
        play(clean_lab, tmp_path, "canary", **canary)
        assert weights(proxy) == {GREEN: 100}
        assert answers(proxy, 20) == {WORKERS[GREEN]: 20}
    print(stream.report())
    assert stream.failures == []
    assert changes(play(clean_lab, tmp_path, "canary", **canary)) == 0


@pytest.mark.parametrize(
    ("earlier", "steps", "kept"),
    [
        ([], [5, 25, 100], {BLUE: 100}),
        pytest.param([5], [10, 25, 100], {BLUE: 95, GREEN: 5}, marks=pytest.mark.slow),
    ],
    ids=["new", "with a share"],
)
def test_a_deployment_that_breaks_midway_gets_no_more_than_before(
    clean_lab: client.Lab,
    proxy: litellm_db.DatabaseProxy,
    tmp_path: Path,
    canary: Options,
    earlier: list[int],
    steps: list[int],
    kept: dict[str, int],
) -> None:
    if earlier:
        play(clean_lab, tmp_path, "canary", **canary, model_deployment_canary_steps=earlier)
    over = threading.Event()

    def break_green() -> None:
        """Take all replicas away as soon as a quarter of the requests goes there."""
        while weights(proxy).get(GREEN) != 25 and not over.wait(0.2):
            pass
        with clean_lab.server() as server:
            model = next(each for each in server.get("/v2/models").json()["items"] if each["name"] == GREEN)
            server.put(f"/v2/models/{model['id']}", json={**model, "replicas": 0}).raise_for_status()

    breaking = threading.Thread(target=break_green)
    breaking.start()
    canary.update(model_deployment_canary_steps=steps, model_deployment_canary_pause_s=3)
    printed = play(clean_lab, tmp_path, "canary", fails=True, **canary)
    over.set()
    breaking.join()

    said = " ".join(printed.split())
    assert f"{GREEN} did not take over from {BLUE}. The routes have their former shares again." in said
    assert f"model {GREEN} failed after" in said
    assert "returned 503" in said
    assert weights(proxy) == kept
    if GREEN not in kept:
        assert answers(proxy, 20) == {WORKERS[BLUE]: 20}
