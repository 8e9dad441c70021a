# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One router of each type, as the tests see it that treat all types alike."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.integration.routers import Engine
from tests.integration.test_router_gpustack import BLUE, GREEN, deploy
from tests.lab import client, litellm_db, recorder, worker_routers

NAME, KEY = "any-router", "backend-key"
Options = t.Dict[str, t.Any]


@dataclass
class Target:
    """One router. ``there`` is how messages name it, ``seen`` what it holds, ``take`` takes the name.

    ``take`` returns the options of a registration that would change what it made. ``writes`` is another
    value after every write, ``first`` and ``change`` are further options of a route and of its change.
    """

    options: Options
    there: str
    seen: t.Callable[[], t.Any]
    take: t.Callable[[], Options]
    writes: t.Callable[[], t.Any]
    change: Options
    first: Options = field(default_factory=dict)


# What a file holds before, options of our route, how somebody else writes it, and a change of it.
FILES: t.Dict[str, t.Tuple[str, Options, str, Options]] = {
    "litellm": (
        "model_list:\n  - model_name: theirs\n    litellm_params: {model: openai/theirs}\n",
        {},
        "  - model_name: any-router\n    litellm_params: {model: openai/any-router, api_base: '%s', weight: 7}\n",
        {"weight": 8},
    ),
    "modelscan": (
        "routing:\n  direct:\n    providers:\n      - {name: theirs, type: cloud}\n",
        {},
        "      - {name: any-router, type: cloud}\n",
        {"model": "another"},
    ),
    "openai_list": (
        "model_providers:\n  - model: theirs\n",
        {"list_path": "model_providers", "entry": {"model": NAME, "url": "http://192.0.2.1/v1"}},
        "  - model: any-router\n    url: http://192.0.2.2/v1\n",
        {"entry": {"model": NAME, "url": "http://192.0.2.3/v1"}},
    ),
    "text": (
        "theirs saas\n",
        {"line_name": r"^(\S+)", "line": f"{NAME} local"},
        "any-router saas\n",
        {"line": f"{NAME} green"},
    ),
}


def file_target(kind: str, path: Path, engine: Engine) -> Target:
    text, options, theirs, change = FILES[kind]
    path.write_text(text)

    def take() -> Options:
        path.write_text(text + theirs.replace("%s", engine.url))
        return {"weight": 8} if kind == "litellm" else {}

    kind = "openai_list" if kind == "text" else kind
    given = {"type": kind, "path": str(path), "base_url": engine.url, "probe_api_key": KEY, **options}

    def writes() -> t.Any:
        return path.stat(), sorted(path.parent.iterdir())

    return Target(
        given, str(path), lambda: path.read_bytes() if path.exists() else None, take, writes, change
    )


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
    mark = lab.mark()
    return Target(
        {"type": "gpustack", **options},
        described["url"],
        seen,
        take,
        lambda: lab.writes_since(mark),
        change={"weight": 20},
        first={"weight": 10},
    )


def litellm_target(proxy: litellm_db.DatabaseProxy, front: str, log: Path, engine: Engine) -> Target:
    def seen() -> t.Any:
        with proxy.administrator() as api:
            return api.get("/model/info").json()["data"]

    def take() -> Options:
        parameters = {"model": f"openai/{NAME}", "api_base": engine.url, "api_key": KEY, "weight": 7}
        body = {"model_name": NAME, "litellm_params": parameters, "model_info": {"id": "theirs"}}
        with proxy.administrator() as api:
            api.post("/model/new", json=body).raise_for_status()
        return {"weight": 8}

    options = {"router_url": front, "router_api_key": proxy.master_key}
    given = {"type": "litellm", **options, "base_url": engine.url, "api_key": KEY}
    return Target(given, front, seen, take, lambda: written(log), change={"weight": 8}, first={"weight": 7})


def worker_target(
    kind: str, router: worker_routers.WorkerRouter, front: str, log: Path, engine: Engine
) -> Target:
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

    given: Options = {"type": kind, "router_url": front, "base_url": engine.url, "api_key": KEY}
    given.update({name: key for name, key in keys.items() if key})
    return Target(given, front, seen, take, lambda: written(log), change={"api_key": "another-key"})


def written(log: Path) -> list[dict[str, t.Any]]:
    """The writing requests that a recording proxy has passed on."""
    return [record for record in recorder.read_log(log)[0] if recorder.is_write(record)]


RUNNING = ("gpustack", "litellm_api", "sglang_router", "vllm_router")


def at(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("target", names, indirect=True)
