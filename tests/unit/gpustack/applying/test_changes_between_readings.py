# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody else writes between two readings of one look: all is read again before the server is accused."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Conflict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.many import deploy_many
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import a_model, a_worker, an_instance, listed, page, parameters
from tests.unit.gpustack.task import (
    CLUSTERS,
    COMPATIBLE,
    FIND,
    INSTANCES,
    MODEL,
    ROUTES,
    SAME,
    SHORTER,
    WORKERS,
    Run,
    written,
)
from tests.unit.wire import Wire

A_ROUTE = {"id": 3, "name": "qwen3-8b", "created_model_id": 7}


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def test_what_is_created_after_the_list_was_read_is_found_and_left_as_it_is(run: Run, wire: Wire) -> None:
    """The list was read before another's POST, the routes after it."""
    wire.expect(FIND, body=page())
    wire.expect(ROUTES, body=page(A_ROUTE))
    wire.expect(MODEL, body=a_model())
    run.finds(a_model(), an_instance())
    result = run()
    assert (result["changed"], result["deployment"]["state"]) == (False, "running")
    assert written(wire) == []


def test_a_list_that_goes_on_hiding_a_deployment_is_not_believed(run: Run, wire: Wire) -> None:
    for _look in range(3):
        wire.expect(FIND, body=page())
        wire.expect(ROUTES, body=page(A_ROUTE))
        wire.expect(MODEL, body=a_model())
    with pytest.raises(Conflict, match="shows no qwen3-8b, yet the deployment with the id 7"):
        run()
    assert written(wire) == []
    assert wire.clock.slept == [1.0, 1.0]


def test_what_is_removed_after_the_list_was_read_is_gone(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page(a_model()))
    wire.expect(ROUTES, body=page())
    wire.expect(INSTANCES, status=404, body={"message": "Model not found"})
    run.finds(None)
    assert not run(state="absent")["changed"]


def test_a_route_whose_deployment_is_just_removed_keeps_no_new_one_from_its_name(
    run: Run, wire: Wire
) -> None:
    wire.expect(FIND, body=page())
    wire.expect(ROUTES, body=page(A_ROUTE))
    wire.expect(MODEL, status=404, body={"message": "Model not found"})
    wire.expect(CLUSTERS, body=page({"id": 1, "name": "Default Cluster"}))
    for call in (FIND, ROUTES):
        wire.expect(call, body=page())
    run.may_change(COMPATIBLE)
    assert run(check_mode=True)["actions"] == ["created"]


def test_instances_that_come_or_go_a_moment_later_are_waited_for(run: Run, wire: Wire) -> None:
    """It was scaled down after its count was read."""
    wire.expect(FIND, body=page(a_model(ready_replicas=2)))
    wire.expect(ROUTES, body=page())
    wire.expect(INSTANCES, body=page(an_instance()))
    run.finds(a_model(), an_instance())
    assert not run()["changed"]


def test_what_ran_on_a_worker_that_is_just_removed_runs_there_no_more(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance(worker_id=9, worker_name="w9"))
    wire.expect(WORKERS, body=page(a_worker()))
    run.finds(a_model(), an_instance())
    run.may_change(COMPATIBLE)
    assert run(check_mode=True, **SHORTER)["changed"]


def test_a_name_that_is_given_up_between_refusal_and_look_is_taken(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", status=409, body={"message": "already exists"})
    wire.expect(FIND, body=page())
    wire.expect("POST /v2/models", body=a_model())
    run.then_is(a_model(), an_instance())
    wire.expect(ROUTES, body=page())
    assert run()["actions"] == ["created"]


def test_where_all_were_read_at_once_all_are_read_again(wire: Wire, client: GpustackClient) -> None:
    models, instances, routes = (
        listed("/v2/models"),
        listed("/v2/model-instances"),
        listed("/v2/model-routes"),
    )
    for call, rows in ((models, []), (instances, []), (routes, [A_ROUTE])):
        wire.expect(call, body=page(*rows))
    wire.expect(MODEL, body=a_model())
    for call, rows in ((models, [a_model()]), (instances, [an_instance()]), (routes, [A_ROUTE])):
        wire.expect(call, body=page(*rows))
    view = View(client)
    deployment = Deployment(view, wanted_of(parameters(**SAME)), check_mode=True, waiter=None)
    assert not deploy_many(view, [deployment], None)["changed"]
    assert view.reads_all
