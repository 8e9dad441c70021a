# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for each process of a test run: they wait for servers more than they compute."""

from __future__ import annotations

import contextlib
import fcntl
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

from tests.integration import router_targets
from tests.integration.routers import Engine, call
from tests.lab import client, gpustack, litellm_db, recorder, state, worker_routers

_TTL_SECONDS = 3600


def _own_state() -> Path:
    return state.REPOSITORY / ".build" / "lab" / f"pytest-{os.getpid()}.json"


def pytest_collection_modifyitems(items: t.Sequence[pytest.Item]) -> None:
    """Keep a file with one process, which starts its servers once, and all that needs LiteLLM's proxy with one."""
    for item in items:
        call_spec = getattr(item, "callspec", None)
        target = call_spec.params.get("target") if call_spec else None
        needs_proxy = "proxy" in getattr(item, "fixturenames", ()) or target == "litellm_api"
        item.add_marker(pytest.mark.xdist_group("litellm" if needs_proxy else item.path.stem))


@pytest.fixture(scope="session")
def lab() -> client.Lab:
    """The running lab of AUTOCONFIG_LAB_STATE if there is one, else one that lives as long as this process."""
    running = client.Lab.running()
    if running is not None:
        return running
    return client.up(_own_state(), ttl=_TTL_SECONDS, owner_pid=os.getpid())


@pytest.fixture
def clean_lab(lab: client.Lab) -> t.Iterator[client.Lab]:
    """The lab without models, routes and faults, for this test alone until it ends."""
    with (Path(lab.state["folder"]) / "in-use.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.clean()
        yield lab
        lab.clean()


@pytest.fixture(scope="session")
def proxy() -> t.Iterator[litellm_db.DatabaseProxy]:
    """LiteLLM's proxy with a database; tests leave it without routes."""
    servers = gpustack.default_servers_folder(state.REPOSITORY)
    reason = litellm_db.missing(servers)
    if reason is not None:
        pytest.skip(f"LiteLLM with a database: {reason}")
    with litellm_db.running(servers) as running:
        yield running


@pytest.fixture
def engine() -> t.Iterator[Engine]:
    """One backend for ``target``."""
    running = Engine("backend", [router_targets.NAME], router_targets.KEY)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def workers() -> t.Iterator[t.Callable[[str], worker_routers.WorkerRouter]]:
    """Starts one of the two worker routers and keeps it for the next test."""
    servers = gpustack.default_servers_folder(state.REPOSITORY)
    started: t.Dict[str, worker_routers.WorkerRouter] = {}
    with contextlib.ExitStack() as ends:

        def get(kind: str) -> worker_routers.WorkerRouter:
            reason = worker_routers.missing(servers, kind)
            if reason is not None:
                pytest.skip(f"{kind}: {reason}")
            if kind not in started:
                started[kind] = ends.enter_context(worker_routers.running(servers, kind))
            return started[kind]

        yield get


@pytest.fixture
def target(
    request: pytest.FixtureRequest, tmp_path: Path, engine: Engine
) -> t.Iterator[router_targets.Target]:
    """The router of the type that ``at`` names, without our route before and after."""
    name: str = request.param
    if name in router_targets.FILES:
        suffix = "map" if name == "text" else "yaml"
        yield router_targets.file_target(name, tmp_path / f"router.{suffix}", engine)
    elif name == "gpustack":
        yield router_targets.gpustack_target(request.getfixturevalue("clean_lab"))
    else:
        yield from _recorded(name, request, tmp_path, engine)


def _recorded(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, engine: Engine
) -> t.Iterator[router_targets.Target]:
    is_litellm, log = name == "litellm_api", tmp_path / "requests.jsonl"
    router = request.getfixturevalue("proxy") if is_litellm else request.getfixturevalue("workers")(name)
    front = recorder.start(router.url, log)
    reach = (router, front.url, log, engine)
    made = router_targets.litellm_target(*reach) if is_litellm else router_targets.worker_target(name, *reach)
    yield made
    call(CORE, **made.options, name=router_targets.NAME, state="absent", adopt=True, drain_s=0)
    front.stop()


def pytest_unconfigure() -> None:
    """End the lab of this process; a lab that was running before stays."""
    client.down(_own_state())
    _own_state().with_suffix(".lock").unlink(missing_ok=True)
