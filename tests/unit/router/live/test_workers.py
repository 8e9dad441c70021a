# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workers of the three worker routers, each in its own dialect: rotated, moved, removed, withdrawn."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import ProbeFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    NoProof,
    Outcome,
    Policy,
    Proof,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.reconcile import LiveRegistry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.workers import (
    SglangRouter,
    VllmRouter,
)

from tests.unit.router.live.worker_fake import WorkerRouter

ONE, TWO = "http://192.0.2.1", "http://192.0.2.2"
DIALECTS = ["sglang_router", "vllm_router", "smg"]


@pytest.fixture(name="router", params=DIALECTS)
def _router(request: pytest.FixtureRequest) -> WorkerRouter:
    return WorkerRouter(request.param)


class Refused:
    """A router that does not answer."""

    def ask_backend(self) -> None:
        """The backend does."""

    def ask_router(self) -> t.Optional[Answer]:
        raise ProbeFailed("no answer", hint="Look there.")


def act(
    router: WorkerRouter, url: str, proof: t.Optional[Proof] = None, gone: bool = False, **route: t.Any
) -> Outcome:
    options = router.options()
    kind = VllmRouter if router.dialect == "vllm_router" else SglangRouter
    with HttpClient("http://192.0.2.9", "the router", options=options) as http:
        policy = Policy(clock=router.clock, proof=proof or NoProof())
        registry = LiveRegistry(kind(http, "control", options), policy)
        wanted = Route("r1", url + "/v1", "r1", **route)
        return registry.remove(wanted) if gone else registry.register(wanted)


def test_a_rotated_key_changes_no_share(router: WorkerRouter) -> None:
    for url in (ONE, TWO):
        act(router, url, api_key="first")

    assert act(router, ONE, api_key="second").changed

    assert router.shares() == {ONE: 0.5, TWO: 0.5}
    assert router.keys[ONE] == "second"
    assert not act(router, ONE, api_key="second").changed


def test_a_worker_is_known_again_and_removed(router: WorkerRouter) -> None:
    assert act(router, ONE).changed
    assert not act(router, ONE).changed

    assert act(router, ONE, gone=True).changed

    assert router.index == []
    assert not act(router, ONE, gone=True).changed


def test_a_worker_that_fails_its_proof_is_withdrawn(router: WorkerRouter) -> None:
    with pytest.raises(ProbeFailed) as caught:
        act(router, ONE, Refused())

    assert "withdrawn again" in (caught.value.hint or "")
    assert router.index == []


def test_a_worker_comes_back_while_the_former_one_is_leaving() -> None:
    router = WorkerRouter("smg")
    act(router, ONE)
    act(router, ONE, gone=True)
    assert router.rows[ONE]["status"] == "draining"

    assert act(router, ONE).changed

    assert router.rows[ONE]["status"] == "ready"
    assert router.clock.monotonic() >= router.leaving_s
