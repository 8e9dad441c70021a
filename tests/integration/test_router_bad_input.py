# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each bad input at each type of router: one message, nothing changed, no secret in it."""

from __future__ import annotations

import hashlib
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AuthenticationFailed,
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration.routers import Engine, call
from tests.integration.test_router_gpustack import BLUE, GREEN, deploy
from tests.lab import client, gpustack, litellm_db, state, worker_routers

NAME, KEY, WRONG_KEY = "bad-input", "backend-key", "sk-not-the-key"
NOBODY = "http://127.0.0.1:9"
Options = t.Dict[str, t.Any]


@dataclass
class Target:
    """One router. ``there`` is how messages name it, ``seen`` what it holds, ``take`` takes the name.

    ``take`` returns the options of a registration that would change what it made.
    """

    options: Options
    there: str
    seen: t.Callable[[], t.Any]
    take: t.Callable[[], Options]


@pytest.fixture
def engine() -> t.Iterator[Engine]:
    running = Engine("backend", [NAME], KEY)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def workers() -> t.Iterator[t.Callable[[str], worker_routers.WorkerRouter]]:
    """Starts one of the two worker routers and keeps it for the next test."""
    servers = gpustack.default_servers_folder(state.REPOSITORY)
    started: t.Dict[str, t.Any] = {}

    def get(kind: str) -> worker_routers.WorkerRouter:
        reason = worker_routers.missing(servers, kind)
        if reason is not None:
            pytest.skip(f"{kind}: {reason}")
        if kind not in started:
            running = worker_routers.running(servers, kind)
            started[kind] = (running, running.__enter__())
        router: worker_routers.WorkerRouter = started[kind][1]
        return router

    yield get
    for running, _router in started.values():
        running.__exit__(None, None, None)


FILES: t.Dict[str, t.Tuple[str, Options, str]] = {
    "litellm": (
        "model_list:\n  - model_name: theirs\n    litellm_params: {model: openai/theirs}\n",
        {},
        "  - model_name: bad-input\n    litellm_params: {model: openai/bad-input, api_base: '%s', weight: 7}\n",
    ),
    "modelscan": (
        "routing:\n  direct:\n    providers:\n      - {name: theirs, type: cloud}\n",
        {},
        "      - {name: bad-input, type: cloud}\n",
    ),
    "openai_list": (
        "model_providers:\n  - model: theirs\n",
        {"list_path": "model_providers", "entry": {"model": NAME, "url": "http://192.0.2.1/v1"}},
        "  - model: bad-input\n    url: http://192.0.2.2/v1\n",
    ),
    "text": ("theirs saas\n", {"line_name": r"^(\S+)", "line": f"{NAME} local"}, "bad-input saas\n"),
}


def file_target(kind: str, path: Path, engine: Engine) -> Target:
    text, options, theirs = FILES[kind]
    path.write_text(text)

    def take() -> Options:
        path.write_text(text + theirs.replace("%s", engine.url))
        return {"weight": 8} if kind == "litellm" else {}

    kind = "openai_list" if kind == "text" else kind
    given = {"type": kind, "path": str(path), "base_url": engine.url, "probe_api_key": KEY, **options}
    return Target(given, str(path), lambda: path.read_bytes() if path.exists() else None, take)


def gpustack_target(lab: client.Lab) -> Target:
    described = lab.state["gpustack"]

    def seen() -> t.Any:
        with lab.server() as server:
            paths = ("/v2/model-routes", "/v2/model-route-targets")
            return [[each["id"] for each in server.get(path).json()["items"]] for path in paths]

    def take() -> Options:
        deploy(lab, GREEN, "gpu-c")
        with lab.server() as server:
            ids = {each["name"]: each["id"] for each in server.get("/v2/models").json()["items"]}
            body = {"name": NAME, "categories": ["llm"], "targets": [{"model_id": ids[GREEN], "weight": 7}]}
            server.post("/v2/model-routes", json=body).raise_for_status()
        return {}

    deploy(lab, BLUE, "gpu-a")
    options = {"gpustack_url": described["url"], "gpustack_api_key": described["api_key"], "model": BLUE}
    return Target({"type": "gpustack", **options}, described["url"], seen, take)


def litellm_target(proxy: litellm_db.DatabaseProxy, engine: Engine) -> Target:
    def seen() -> t.Any:
        with proxy.administrator() as api:
            return api.get("/model/info").json()["data"]

    def take() -> Options:
        parameters = {"model": f"openai/{NAME}", "api_base": engine.url, "api_key": KEY, "weight": 7}
        body = {"model_name": NAME, "litellm_params": parameters, "model_info": {"id": "theirs"}}
        with proxy.administrator() as api:
            api.post("/model/new", json=body).raise_for_status()
        return {"weight": 8}

    options = {"router_url": proxy.url, "router_api_key": proxy.master_key}
    given = {"type": "litellm", **options, "base_url": engine.url, "api_key": KEY}
    return Target(given, proxy.url, seen, take)


def worker_target(kind: str, router: worker_routers.WorkerRouter, engine: Engine) -> Target:
    keys = {"router_api_key": router.control_key, "router_inference_key": router.inference_key}
    headers = {"Authorization": f"Bearer {router.control_key}"} if router.control_key else {}

    def seen() -> t.Any:
        rows = httpx.get(f"{router.url}/workers", headers=headers, timeout=10, trust_env=False).json()[
            "workers"
        ]
        return sorted((row["id"], row["url"], row["model_id"]) for row in rows)

    def take() -> Options:
        body = {"url": engine.url[: -len("/v1")], "model_id": "theirs", "api_key": KEY}
        httpx.post(f"{router.url}/workers", json=body, headers=headers, timeout=30, trust_env=False)
        deadline = time.monotonic() + 30
        while not any(row[2] == "theirs" for row in seen()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return {}

    given: Options = {"type": kind, "router_url": router.url, "base_url": engine.url, "api_key": KEY}
    given.update({name: key for name, key in keys.items() if key})
    return Target(given, router.url, seen, take)


RUNNING = ("gpustack", "litellm_api", "sglang_router", "vllm_router")


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path, engine: Engine) -> t.Iterator[Target]:
    name: str = request.param
    if name in FILES:
        yield file_target(name, tmp_path / "router.yaml", engine)
        return
    if name == "gpustack":
        yield gpustack_target(request.getfixturevalue("clean_lab"))
        return
    if name == "litellm_api":
        made = litellm_target(request.getfixturevalue("proxy"), engine)
    else:
        made = worker_target(name, request.getfixturevalue("workers")(name), engine)
    yield made
    call(CORE, **made.options, name=NAME, state="absent", adopt=True, drain_s=0)


def refused(target: Target, kind: type[AutoconfigError], *words: str, **options: t.Any) -> AutoconfigError:
    """The error of a registration after which the router holds what it held before."""
    before = target.seen()
    given = {"name": NAME, "probe_patience_s": 1, "drain_s": 0, **target.options, **options}
    with pytest.raises(kind) as caught:
        call(CORE, **given)

    error = caught.value
    print(error.as_result()["msg"])
    for word in words:
        assert word in error.message
    assert error.hint
    secrets = [given.get(option) for option in given if option.endswith("_key")]
    secrets += [hashlib.sha256(secret.encode()).hexdigest() for secret in secrets if secret]
    assert not any(secret[:20] in str(error.as_result()) for secret in secrets if secret)
    assert target.seen() == before
    return error


def at(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("target", names, indirect=True)


@at(*RUNNING)
def test_an_unreachable_router(target: Target) -> None:
    option = "gpustack_url" if target.options["type"] == "gpustack" else "router_url"
    words = ("GET " + NOBODY, "cannot be reached")
    refused(target, AutoconfigError, *words, **{option: NOBODY}, probe=False)


@at("gpustack", "litellm_api", "sglang_router")
def test_a_wrong_key(target: Target) -> None:
    option = "gpustack_api_key" if target.options["type"] == "gpustack" else "router_api_key"
    refused(target, AuthenticationFailed, "GET " + target.there, "401", **{option: WRONG_KEY})


@at(*FILES)
def test_a_missing_file_and_a_missing_folder(target: Target, tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    refused(target, NotFound, str(missing), "does not exist", path=str(missing), create=False)
    path = tmp_path / "missing" / "router.yaml"
    error = refused(target, NotFound, "Cannot lock", str(path), "No such file", path=str(path))
    assert f"Make the folder {path.parent} first" in str(error.hint)
    assert sorted(tmp_path.iterdir()) == [Path(target.there)]


@at("litellm", "modelscan", "openai_list")
def test_a_broken_file(target: Target) -> None:
    Path(target.there).write_text("before: 1\nrouting: [unclosed, key: sk-their-secret\n")
    error = refused(
        target, InvalidInput, f"{target.there}, line ", "is not usable YAML", "nothing was written"
    )
    assert "sk-their-secret" not in str(error.as_result())


@at("text")
def test_a_text_in_another_encoding(target: Target) -> None:
    Path(target.there).write_bytes("theirs saas\n".encode("utf-16"))
    refused(target, InvalidInput, target.there, "is not UTF-8 text")


@at(*FILES, *RUNNING)
def test_a_name_that_somebody_else_has_taken(target: Target) -> None:
    options = target.take()
    error = refused(target, Conflict, NAME, "not", "by this collection", **options)
    assert "Set adopt to true" in str(error.hint)


@at(*FILES, "litellm_api", "sglang_router", "vllm_router")
def test_an_endpoint_that_does_not_answer(target: Target) -> None:
    refused(
        target,
        ProbeFailed,
        f"POST {NOBODY}/v1/chat/completions",
        "cannot be reached",
        base_url=f"{NOBODY}/v1",
    )


@at(*FILES, "litellm_api", "sglang_router", "vllm_router")
def test_an_endpoint_that_takes_another_key(target: Target, engine: Engine) -> None:
    refused(target, ProbeFailed, f"POST {engine.url}/chat/completions", "401", probe_api_key=WRONG_KEY)


@at("gpustack")
def test_a_deployment_that_does_not_answer(target: Target, lab: client.Lab) -> None:
    with lab.server() as server:
        model = next(each for each in server.get("/v2/models").json()["items"] if each["name"] == BLUE)
        server.put(f"/v2/models/{model['id']}", json={**model, "replicas": 0}).raise_for_status()
    refused(target, ProbeFailed, f"POST {target.there}/v1/chat/completions", "503")
