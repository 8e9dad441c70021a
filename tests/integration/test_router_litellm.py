# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LiteLLM's genuine proxy takes the route from the file and serves through it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import ProbeFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import (
    inference_probe,
    router_register,
)

from tests.integration.routers import Engine, ask, call
from tests.lab import client, engine, web

NAME, SERVED = "public-name", "name-at-the-backend"
FOREIGN = """\
# the team's file
model_list:
  - model_name: theirs  # not ours
    litellm_params: {model: openai/theirs, api_base: 'http://127.0.0.1:9/v1', api_key: none}
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
"""


class Backend(web.Handler):
    """A small OpenAI-compatible server that knows one key and keeps what it is asked."""

    key: t.ClassVar[str]
    asked: t.ClassVar[list[dict[str, t.Any]]]

    def respond(self) -> None:
        body = self.read_json()
        if self.headers.get("Authorization") != f"Bearer {self.key}":
            self.reply(401, {"error": {"message": "wrong key"}})
            return
        if self.command == "POST":  # the proxy reads the list of models on its own
            self.asked.append(body)
        self.reply(200, engine.answer(self.path, body, "backend"))


class Router:
    """The lab's LiteLLM: its file, and the proxy after a restart."""

    def __init__(self, lab: client.Lab) -> None:
        self._lab = lab
        self.described = lab.state["litellm"]
        self.path = Path(self.described["config_path"])
        self.backend_key = lab.state["gpustack"]["api_key"]

    def restart(self) -> None:
        self._lab.control("restart_litellm")

    def models(self) -> list[dict[str, t.Any]]:
        headers = {"Authorization": f"Bearer {self.described['master_key']}"}
        answer = httpx.get(
            f"{self.described['url']}/model/info", headers=headers, timeout=30, trust_env=False
        )
        found: list[dict[str, t.Any]] = answer.raise_for_status().json()["data"]
        return found


@pytest.fixture
def router(clean_lab: client.Lab) -> t.Iterator[Router]:
    router = Router(clean_lab)
    before = router.path.read_text()
    router.path.write_text(FOREIGN)
    yield router
    router.path.write_text(before)
    router.restart()


@pytest.fixture
def backend(clean_lab: client.Lab) -> t.Iterator[web.Server]:
    Backend.key, Backend.asked = clean_lab.state["gpustack"]["api_key"], []
    server = web.Server(Backend)
    yield server
    server.stop()


def test_the_proxy_serves_through_the_route_until_it_is_removed(router: Router, backend: web.Server) -> None:
    route: dict[str, t.Any] = {"type": "litellm", "path": str(router.path), "name": NAME, "model": SERVED}
    added = call(
        router_register.CORE,
        **route,
        base_url=f"{backend.url}/v1",
        api_key_env="GPUSTACK_API_KEY",
        probe_api_key=Backend.key,
        weight=2,
        model_info={"team": "inference"},
        output_usd_per_million_tokens=2.19,
    )
    assert added["restart_required"]
    same: dict[str, t.Any] = {"base_url": f"{backend.url}/v1", "weight": 2, "probe": False}
    assert not call(router_register.CORE, **route, **same)["changed"]
    router.restart()

    ours = [model for model in router.models() if model["model_name"] == NAME]
    assert len(ours) == 1
    assert ours[0]["model_info"]["id"] == added["route"]["id"]
    assert ours[0]["model_info"]["managed_by"] == "modelscan.autoconfig"
    assert ours[0]["model_info"]["team"] == "inference"
    assert ours[0]["model_info"]["output_cost_per_token"] == 2.19e-06
    assert ours[0]["litellm_params"]["weight"] == 2

    probe: dict[str, t.Any] = {
        "url": f"{router.described['url']}/v1",
        "api_key": router.described["master_key"],
        "model": NAME,
    }
    answer = call(
        inference_probe.CORE, **probe, health_url=f"{router.described['url']}/health/readiness", patience_s=30
    )
    assert answer["answer"]
    assert [asked["model"] for asked in Backend.asked] == [
        SERVED
    ] * 2  # before the write, and through the proxy

    assert call(router_register.CORE, **route, state="absent")["changed"]
    assert router.path.read_text() == FOREIGN
    router.restart()
    assert [model["model_name"] for model in router.models()] == ["theirs"]
    with pytest.raises(ProbeFailed, match=NAME):
        call(inference_probe.CORE, **probe, patience_s=0)


def test_deployments_of_one_name_share_its_requests_or_stand_in(router: Router) -> None:
    key = router.backend_key
    engines = [Engine("first", ["served"], key), Engine("second", ["served"], key)]
    first, second = engines

    def register(at: Engine, name: str, **options: t.Any) -> None:
        given: dict[str, t.Any] = {"path": str(router.path), "name": name, "base_url": at.url, **options}
        given.update(model="served", api_key_env="GPUSTACK_API_KEY", probe_api_key=key)
        call(router_register.CORE, type="litellm", **given)

    def counted(name: str, count: int) -> list[int]:
        before = [each.answered for each in engines]
        for _number in range(count):
            assert ask(router.described["url"], router.described["master_key"], name).status_code == 200
        return [each.answered - start for each, start in zip(engines, before, strict=True)]

    register(first, "shared", weight=75)
    register(second, "shared", weight=25)
    register(first, "with-stand-in", fallback=False)
    register(second, "with-stand-in", fallback=True)
    router.restart()

    assert 8 < counted("shared", 100)[1] < 50
    assert counted("with-stand-in", 10) == [10, 0]
    first.broken = True
    assert counted("with-stand-in", 3) == [0, 3]
    for stopped in engines:
        stopped.stop()
