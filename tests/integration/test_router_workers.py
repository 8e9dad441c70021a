# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router_register against the genuine sglang-router and vllm-router in multi-model mode."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.routers import (
    PER_SECOND,
    Engine,
    SlowStream,
    Stream,
    ask,
    call,
    remove_under_a_stream,
    switch_under_load,
)
from tests.lab import gpustack, state, worker_routers

NAME, KEY = "served", "backend-key"


class Router:
    """One running router and how it is called."""

    def __init__(self, kind: str, running: worker_routers.WorkerRouter) -> None:
        self.kind, self.running = kind, running

    def register(self, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
        given: dict[str, t.Any] = {"type": self.kind, "name": NAME, "router_url": self.running.url}
        if self.running.control_key:
            given["router_api_key"] = self.running.control_key
            given["router_inference_key"] = self.running.inference_key
        return call(CORE, check_mode, **{**given, "drain_s": 0, "probe_patience_s": 5, **options})

    def counted(self, engines: t.Sequence[Engine], count: int = 20) -> list[int]:
        before = [engine.answered for engine in engines]
        for number in range(count):
            answer = ask(self.running.url, self.running.inference_key, NAME, f"question {number}")
            assert answer.status_code == 200, answer.text
        return [engine.answered - start for engine, start in zip(engines, before, strict=True)]


@pytest.fixture(scope="module", params=["sglang_router", "vllm_router"])
def router(request: pytest.FixtureRequest) -> t.Iterator[Router]:
    servers = gpustack.default_servers_folder(state.REPOSITORY)
    reason = worker_routers.missing(servers, request.param)
    if reason is not None:
        pytest.skip(f"{request.param}: {reason}")
    with worker_routers.running(servers, request.param) as running:
        yield Router(request.param, running)


@pytest.fixture
def engines(router: Router) -> t.Iterator[list[Engine]]:
    made = [Engine("blue", [NAME]), Engine("green", [NAME])]
    yield made
    for engine in made:
        router.register(base_url=engine.url, state="absent", adopt=True)
        engine.stop()


def test_workers_come_change_and_go(router: Router, engines: list[Engine]) -> None:
    blue, green = engines
    made = router.register(base_url=blue.url)
    assert made["changed"]
    assert made["verified"] == "completion"
    assert made["route"]["endpoint"] == blue.url
    assert not router.register(base_url=blue.url)["changed"]
    assert router.counted(engines) == [20, 0]

    router.register(base_url=green.url)
    assert min(router.counted(engines, 40)) > 0
    with pytest.raises(Conflict, match="2 backends stand for the route"):
        router.register(state="absent")
    assert router.register(base_url=blue.url, state="absent")["changed"]
    assert router.counted(engines) == [0, 20]
    assert router.register(state="absent")["changed"]
    assert not router.register(state="absent")["changed"]


def test_a_key_is_passed_on_and_its_change_is_seen(router: Router, engines: list[Engine]) -> None:
    url = engines[0].url
    first = router.register(base_url=url, api_key=KEY, probe=False)
    second = router.register(base_url=url, api_key="another-key", probe=False)

    assert not router.register(base_url=url, api_key="another-key", probe=False)["changed"]
    assert second["diff"]["before"] == {"api_key": "(set)"}
    for key in (KEY, "another-key"):
        assert key not in json.dumps([first, second])
    if router.kind == "sglang_router":  # vllm-router passes the client's own header on
        engines[0].key = "another-key"
        assert router.counted(engines, 3) == [3, 0]


def test_check_mode_and_foreign_workers(router: Router, engines: list[Engine]) -> None:
    assert router.register(check_mode=True, base_url=engines[0].url)["changed"]
    assert not router.register(base_url=engines[0].url, state="absent")["changed"]

    router.register(base_url=engines[0].url, name="other-name", probe=False)
    renamed = router.register(base_url=engines[0].url)
    assert renamed["diff"]["before"] == {"name": "other-name"}
    assert router.counted(engines, 3) == [3, 0]


def test_a_worker_that_does_not_answer_under_its_new_name_gets_the_old_one(
    router: Router, engines: list[Engine]
) -> None:
    url = engines[0].url
    router.register(base_url=url, name="former")
    engines[0].key = KEY  # the router is not given it

    with pytest.raises(ProbeFailed) as caught:
        router.register(base_url=url, probe_api_key=KEY, probe_patience_s=1)

    assert "The former settings were put back." in str(caught.value.hint)
    assert not router.register(base_url=url, name="former")["changed"]


def test_bad_input_is_said(router: Router, engines: list[Engine]) -> None:
    url = engines[0].url
    with pytest.raises(InvalidInput, match="name and model must be equal"):
        router.register(base_url=url, model="other")
    with pytest.raises(InvalidInput, match="weight has no place"):
        router.register(base_url=url, weight=1)
    if router.kind == "vllm_router":
        with pytest.raises(InvalidInput, match="lets everybody who reaches it"):
            router.register(base_url=url, router_url="http://192.0.2.1:30000")


def test_an_answer_under_way_is_served_whole(router: Router, engines: list[Engine]) -> None:
    url = engines[0].url
    remove_under_a_stream(
        SlowStream(router.running.url, router.running.inference_key, NAME),
        engines[0],
        lambda: router.register(base_url=url),
        lambda: router.register(base_url=url, state="absent", drain_s=60),
    )


@pytest.mark.slow
def test_no_request_fails_while_workers_are_switched(router: Router, engines: list[Engine]) -> None:
    stream = Stream(router.running.url, router.running.inference_key, NAME, PER_SECOND)
    switch_under_load(
        stream,
        engines,
        lambda engine: router.register(base_url=engine.url),
        lambda engine: router.register(base_url=engine.url, state="absent", drain_s=2),
    )
