# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running again repairs, a restart is a state, and failures tell what was done."""

from __future__ import annotations

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DeploymentFailed,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient

from tests.unit.gpustack.conftest import an_instance, page, stored
from tests.unit.gpustack.task import (
    COMPATIBLE,
    FIND,
    LOG,
    MODEL,
    RESTART,
    ROUTES,
    SHORTER,
    Run,
    written,
)
from tests.unit.wire import Wire

FAILED = {"state": "error", "state_message": "CUDA out of memory", "restart_count": 3}


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def test_what_has_failed_is_tried_once_more_by_running_again(run: Run, wire: Wire) -> None:
    there = stored(state="error", ready_replicas=0)
    for _run in range(2):
        run.finds(there, an_instance(**FAILED))
    predicted = run(check_mode=True)
    wire.expect(MODEL, body=there)
    wire.expect(RESTART, body={"restarted": True})
    run.then_is(stored(), an_instance(id=21))
    wire.expect(ROUTES, body=page())
    real = run(max_restarts=0)
    assert (real["actions"], real["diff"]) == (predicted["actions"], predicted["diff"])
    assert real["actions"] == ["restarted"]


def test_what_fails_again_says_why_and_what_was_done(run: Run, wire: Wire) -> None:
    there = stored(state="error", ready_replicas=0)
    run.finds(there, an_instance(**FAILED))
    wire.expect(MODEL, body=there)
    wire.expect(RESTART, body={"restarted": True})
    run.then_is(there, an_instance(id=21, **FAILED))
    wire.expect(LOG.replace("20", "21"), body=b"the end")
    with pytest.raises(DeploymentFailed, match="CUDA out of memory") as caught:
        run()
    details = caught.value.details
    assert details["before"]["instances"][0]["id"] == 20
    assert details["actions"] == ["restarted"]
    assert details["diff"]["before"] == {"instances": ["qwen3-8b-abcde"]}
    assert details["deployment"]["name"] == "qwen3-8b"


def test_a_change_that_is_only_stored_repairs_nothing(run: Run, wire: Wire) -> None:
    run.finds(stored(state="error", ready_replicas=0), an_instance(**FAILED))
    assert not run(wait=False, apply="none")["changed"]


@pytest.mark.parametrize(("which", "replaced"), [("all", ["a", "b"]), ("failed", ["b"])])
def test_a_restart_is_a_state(which: str, replaced: object, run: Run, wire: Wire) -> None:
    rows = [an_instance(id=20, name="a"), an_instance(id=21, name="b", state="unreachable")]
    run.finds(stored(replicas=2), *rows)
    assert run(check_mode=True, state="restarted", restart=which)["restarts"] == replaced


def test_what_is_not_there_is_not_restarted(run: Run, wire: Wire) -> None:
    run.finds(None)
    with pytest.raises(NotFound, match="no deployment qwen3-8b to restart"):
        run(state="restarted")
    assert written(wire) == []


def test_a_predicted_restart_has_no_instance_that_is_ready(run: Run, wire: Wire) -> None:
    run.finds(stored(), an_instance())
    run.may_change(COMPATIBLE)
    foreseen = run(check_mode=True, **SHORTER)["deployment"]
    assert (foreseen["ready_replicas"], foreseen["instances"]) == (0, [])


def test_a_creation_that_nobody_answered_is_looked_for(run: Run, wire: Wire) -> None:
    made = stored(backend_version=None)
    run.finds(None)
    run.may_change(COMPATIBLE)
    for _try in range(6):
        wire.expect("POST /v2/models", error=httpx.ReadTimeout("slow"))
    wire.expect(FIND, body=page(made))
    run.then_is(made, an_instance())
    wire.expect(ROUTES, body=page())
    assert run()["actions"] == ["created"]
