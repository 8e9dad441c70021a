# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router_register against the routes of the genuine GPUStack server."""

from __future__ import annotations

import collections
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.routers import PER_SECOND, SlowStream, Stream, ask, call
from tests.lab import client

NAME, BLUE, GREEN = "public-chat", "route-blue", "route-green"


def deploy(lab: client.Lab, name: str, worker: str) -> None:
    spec = {
        "name": name,
        "source": "huggingface",
        "huggingface_repo_id": "Qwen/Qwen3-0.6B",
        "backend": "vLLM",
        "cluster_id": 1,
        "replicas": 1,
        "enable_model_route": True,
        "worker_selector": {"worker-name": worker},
    }
    with lab.server() as server:
        server.post("/v2/models", json=spec).raise_for_status()


def register(lab: client.Lab, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    gpustack = lab.state["gpustack"]
    given = {"gpustack_url": gpustack["url"], "gpustack_api_key": gpustack["api_key"], "name": NAME}
    return call(CORE, check_mode, **{"type": "gpustack", "drain_s": 0, **given, **options})


def shares(lab: client.Lab, count: int = 200) -> dict[str, int]:
    """How many of so many requests each deployment answered: the server names the model."""
    gpustack = lab.state["gpustack"]
    answers = [ask(gpustack["direct_url"], gpustack["api_key"], NAME) for _number in range(count)]
    return dict(collections.Counter(answer.raise_for_status().json()["model"] for answer in answers))


@pytest.fixture
def served(clean_lab: client.Lab) -> client.Lab:
    deploy(clean_lab, BLUE, "gpu-a")
    deploy(clean_lab, GREEN, "gpu-c")
    return clean_lab


def test_an_alias_is_shared_moved_and_removed(served: client.Lab) -> None:
    made = register(served, model=BLUE, weight=95)
    assert made["changed"]
    assert made["verified"] == "completion"
    assert made["route"]["name"] == NAME
    assert made["route"]["endpoint"] == served.state["gpustack"]["url"] + "/v1"
    mark = served.mark()
    again = register(served, model=BLUE, weight=95)
    assert not again["changed"]
    assert served.writes_since(mark) == []
    assert shares(served, 20) == {BLUE: 20}

    assert register(served, model=GREEN, weight=5)["changed"]
    assert shares(served)[BLUE] > 170
    register(served, model=GREEN, weight=25)
    changed = register(served, model=BLUE, weight=75)
    assert changed["diff"]["before"] == {"weight": 95}
    assert changed["diff"]["after"] == {"weight": 75}
    assert 20 < shares(served)[GREEN] < 85

    assert register(served, model=BLUE, state="absent")["changed"]
    assert shares(served, 20) == {GREEN: 20}
    gone = register(served, model=GREEN, state="absent")
    assert gone["changed"]
    assert gone["route"]["state"] == "absent"
    assert not register(served, state="absent")["changed"]
    with served.server() as server:
        assert server.get("/v2/model-routes", params={"name": NAME}).json()["items"] == []


def test_a_fallback_is_no_share_of_the_requests(served: client.Lab) -> None:
    register(served, model=BLUE, weight=10)
    register(served, model=GREEN, fallback=True)

    assert not register(served, model=GREEN, fallback=True)["changed"]
    with served.server() as server:
        route = server.get("/v2/model-routes", params={"name": NAME}).json()["items"][0]
        targets = server.get("/v2/model-route-targets", params={"route_id": route["id"]}).json()["items"]
    assert {target["weight"]: target.get("fallback_status_codes") for target in targets} == {
        10: None,
        0: ["5xx"],
    }

    assert not register(served, model=BLUE, fallback=False)["changed"]
    assert register(served, model=BLUE, fallback=True)["changed"]
    with served.server() as server:
        targets = server.get("/v2/model-route-targets", params={"route_id": route["id"]}).json()["items"]
    assert {target["weight"]: target.get("fallback_status_codes") for target in targets} == {
        10: ["5xx"],
        0: None,
    }


def test_check_mode_writes_nothing_and_needs_no_deployment(served: client.Lab) -> None:
    mark = served.mark()

    predicted = register(served, check_mode=True, model="not-deployed-yet", weight=3)

    assert predicted["changed"]
    assert predicted["predicted"]
    assert predicted["verified"] is None
    assert predicted["route"]["weight"] == 3
    assert served.writes_since(mark) == []


def test_a_route_of_somebody_else_is_left_alone_unless_adopted(served: client.Lab) -> None:
    with served.server() as server:
        model = next(each for each in server.get("/v2/models").json()["items"] if each["name"] == BLUE)
        targets = [{"model_id": model["id"], "weight": 7}]
        body = {"name": NAME, "categories": ["llm"], "meta": {"team": "theirs"}, "targets": targets}
        server.post("/v2/model-routes", json=body).raise_for_status()

    assert not register(served, model=BLUE, weight=7)["changed"]
    for options in ({"model": BLUE, "weight": 8}, {"model": GREEN, "weight": 1}, {"state": "absent"}):
        with pytest.raises(Conflict, match="not made by this collection"):
            register(served, **options)
    assert register(served, model=GREEN, weight=1, adopt=True)["changed"]
    with served.server() as server:
        route = server.get("/v2/model-routes", params={"name": NAME}).json()["items"][0]
    assert route["meta"]["team"] == "theirs"
    assert route["targets"] == 2
    with pytest.raises(Conflict, match="2 backends stand for the route"):
        register(served, state="absent")


def test_a_route_that_does_not_answer_is_withdrawn(served: client.Lab) -> None:
    with pytest.raises(ProbeFailed, match="failed after") as caught:
        register(served, model=BLUE, router_inference_key="gpustack_wrong_key", probe_patience_s=1)

    assert "The route was withdrawn again." in (caught.value.hint or "")
    assert not register(served, model=BLUE, state="absent")["changed"]

    register(served, model=BLUE, weight=10)
    with pytest.raises(ProbeFailed) as caught:
        register(served, model=BLUE, weight=20, router_inference_key="gpustack_wrong_key", probe_patience_s=1)
    assert "The former settings were put back." in (caught.value.hint or "")
    assert register(served, model=BLUE)["route"]["weight"] == 10


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"model": "nobody"}, NotFound, "no deployment called nobody"),
        ({"name": BLUE, "model": BLUE}, Conflict, "is the name of a deployment"),
        ({"name": "org/name", "model": BLUE}, InvalidInput, "cannot be the name of a GPUStack route"),
        ({"gpustack_url": None, "model": BLUE}, InvalidInput, "gpustack_url is not set"),
        ({"model": BLUE, "weight": 0}, InvalidInput, "has no weight of 0"),
        ({"model": BLUE, "base_url": "http://192.0.2.1/v1"}, InvalidInput, "base_url has no place"),
    ],
)
def test_bad_input_is_said(
    served: client.Lab,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, t.Any],
    kind: type[AutoconfigError],
    words: str,
) -> None:
    monkeypatch.delenv("GPUSTACK_URL", raising=False)
    with pytest.raises(kind) as caught:
        register(served, **options, probe_patience_s=1)

    assert words in caught.value.message


def test_an_answer_under_way_is_served_whole(served: client.Lab) -> None:
    gpustack = served.state["gpustack"]
    register(served, model=BLUE)
    served.control("stream_slowly", seconds=1)
    stream = SlowStream(gpustack["direct_url"], gpustack["api_key"], NAME)
    stream.begin()
    assert not stream.is_whole

    register(served, model=BLUE, state="absent", drain_s=10)

    stream.join(timeout=20)
    assert stream.is_whole
    assert stream.text == "pong from gpu-a"


def test_no_request_fails_while_targets_are_switched(served: client.Lab) -> None:
    gpustack = served.state["gpustack"]
    register(served, model=BLUE, weight=95)
    with Stream(gpustack["direct_url"], gpustack["api_key"], NAME, PER_SECOND) as stream:
        stream.run_for(3)
        register(served, model=GREEN, weight=5)
        stream.run_for(3)
        register(served, model=BLUE, state="absent", drain_s=2)
        stream.run_for(3)
        with served.server() as server:  # nothing leads there any more, so nobody misses it
            models = server.get("/v2/models").json()["items"]
            gone = next(model for model in models if model["name"] == BLUE)
            server.delete(f"/v2/models/{gone['id']}").raise_for_status()
        stream.run_for(3)

    print(stream.report())
    assert stream.failures == []
    assert stream.answered == stream.sent
    assert shares(served, 20) == {GREEN: 20}
