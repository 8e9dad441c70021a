# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several deployments of one server in one task: reads, failures, and patience that is not spent for each."""

from __future__ import annotations

import threading
import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DeploymentFailed,
    InvalidInput,
    PermissionDenied,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.many import (
    Removals,
    deploy_many,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import CORE

from tests.unit.gpustack.conftest import Json, a_model, listed, page, parameters
from tests.unit.wire import Wire

LIMIT_S = 60.0
LISTS = [listed("/v2/models"), listed("/v2/model-instances"), listed("/v2/model-routes")]
NO_ANSWER = httpx.ConnectError("refused")
WISH: Json = {"state": "stopped", "description": "new"}
READ_TRIES, WRITE_TRIES = 4, 6


def stopped(number: int, **changes: t.Any) -> Json:
    return dict(a_model(id=number, name="m%d" % number, replicas=0, ready_replicas=0), **changes)


class Run:
    """One task with a description for each of three deployments, none of which runs."""

    def __init__(self, wire: Wire, client: GpustackClient) -> None:
        self._wire, self._client = wire, client

    def __call__(
        self, wait: bool = False, at_once: int = 1, prune: t.Optional[int] = None, **options: t.Any
    ) -> Json:
        view = View(self._client)
        jobs = [
            Deployment(
                view,
                wanted_of(parameters(**{**WISH, "name": "m%d" % number, **options})),
                False,
                Waiter(self._client, self._wire.clock, LIMIT_S, lambda _line: None) if wait else None,
            )
            for number in (1, 2, 3)
        ]
        removals = Removals(prune, lambda name: self._removal(view, name)) if prune is not None else None
        return deploy_many(view, jobs, None, removals, at_once)

    @staticmethod
    def _removal(view: View, name: str) -> Deployment:
        return Deployment(view, wanted_of(parameters(name=name, state="absent")), False, None)

    def reads(self, **changes: t.Any) -> None:
        self._wire.expect(LISTS[0], body=page(*(stopped(number, **changes) for number in (1, 2, 3))))
        for each in LISTS[1:]:
            self._wire.expect(each, body=page())

    def writes(self, number: int, status: int = 200, **changes: t.Any) -> None:
        self._wire.expect("GET /v2/models/%d" % number, body=stopped(number))
        answer = stopped(number, **dict({"description": "new"}, **changes))
        self._wire.expect("PUT /v2/models/%d" % number, status=status, body=answer)

    def is_silent(self, call: str, times: int) -> None:
        for _try in range(times):
            self._wire.expect(call, error=NO_ANSWER)


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def outcomes(failure: DeploymentFailed) -> t.List[t.Tuple[bool, bool]]:
    """Of each deployment, whether it failed and whether it was changed."""
    return [(bool(row.get("failed")), row["changed"]) for row in failure.details["results"]]


@pytest.mark.parametrize("option", [{"state": "absent"}, {"replicas": 0}, {"env_secrets": {"A": "12345678"}}])
def test_what_the_list_would_not_look_at_is_refused(option: Json) -> None:
    params = {name: row.get("default") for name, row in CORE.argument_spec.items()}
    params.update(option, deployments=[parameters(name="m1")])
    with pytest.raises(InvalidInput, match="%s cannot be given beside deployments" % next(iter(option))):
        CORE.run(Task(params))


def test_nothing_to_do_is_three_reads(run: Run, wire: Wire) -> None:
    run.reads(description="new")
    result = run()
    assert [row["name"] for row in result["results"]] == ["m1", "m2", "m3"]
    assert not result["changed"]
    assert len(wire.seen) == 3


def test_a_change_is_two_requests_more_and_one_more_look_at_all(run: Run, wire: Wire) -> None:
    run.reads()
    for number in (1, 2, 3):
        run.writes(number)
    run.reads(description="new")
    assert [row["actions"] for row in run()["results"]] == [["updated"]] * 3
    assert len(wire.seen) == 3 + 3 * 2 + 3


def test_a_refusal_of_one_stops_no_other(run: Run) -> None:
    run.reads()
    run.writes(1)
    run.writes(2, status=403)
    run.writes(3)
    run.reads(description="new")
    with pytest.raises(DeploymentFailed, match=r"1 of 3 deployments failed\. m2: .*403") as caught:
        run()
    assert outcomes(caught.value) == [(False, True), (True, False), (False, True)]


def test_once_the_server_is_silent_the_rest_is_not_tried(run: Run, wire: Wire) -> None:
    run.reads()
    run.writes(1)
    wire.expect("GET /v2/models/2", body=stopped(2))
    run.is_silent("PUT /v2/models/2", WRITE_TRIES)
    run.is_silent("GET /version", READ_TRIES)
    run.is_silent(LISTS[0], READ_TRIES)
    run.is_silent("GET /v2/models/1", READ_TRIES)
    with pytest.raises(DeploymentFailed, match="3 of 3 deployments failed") as caught:
        run()
    assert outcomes(caught.value) == [(True, True), (True, True), (True, False)]
    first, second, third = caught.value.details["results"]
    assert "(tried %d times)" % WRITE_TRIES in second["msg"]
    assert first["error"]["rollback"] == {"name": "m1", "state": "stopped", "description": ""}
    assert "was not tried" in third["msg"]


def test_a_server_that_fails_for_one_only_is_asked_about_the_rest(run: Run, wire: Wire) -> None:
    run.reads()
    wire.expect("GET /v2/models/1", body=stopped(1))
    run.is_silent("PUT /v2/models/1", WRITE_TRIES)
    wire.expect("GET /version", body={"version": "v2.3.0"})
    run.writes(2)
    run.writes(3)
    run.reads(description="new")
    with pytest.raises(DeploymentFailed, match="1 of 3") as caught:
        run()
    assert outcomes(caught.value) == [(True, True), (False, True), (False, True)]


def test_all_share_the_time_in_which_the_server_starts_them(run: Run, wire: Wire) -> None:
    """What nobody can start is given up after one limit, not after one for each."""
    run.reads()
    starting: Json = {"replicas": 1, "description": "new", "state": "pending"}
    for number in (1, 2, 3):
        run.writes(number, **starting)
    wire.expect(LISTS[0], body=page(*(dict(stopped(number), **starting) for number in (1, 2, 3))))
    for each in LISTS[1:]:
        wire.expect(each, body=page())
    # The first has used the time of all, so that one look at each of the others is the last.
    for number, looks in ((1, 17), (2, 1), (3, 1)):
        for _look in range(looks):
            wire.expect("GET /v2/models/%d" % number, body=dict(stopped(number), **starting))
            wire.expect(listed("/v2/models/%d/instances" % number), body=page())
    with pytest.raises(DeploymentFailed, match="3 of 3 .* m3: .*not ready after 60 s"):
        run(wait=True, state="present")
    assert LIMIT_S <= wire.clock.monotonic() < 2 * LIMIT_S


def test_the_last_look_of_a_single_one_tells_what_was_done_before_it(
    wire: Wire, client: GpustackClient
) -> None:
    wire.expect(listed("/v2/models", search="m1"), body=page(stopped(1)))
    wire.expect(listed("/v2/models/1/instances"), body=page())
    route = listed("/v2/model-routes", name="m1")
    wire.expect(route, body=page())
    wire.expect("GET /v2/models/1", body=stopped(1))
    wire.expect("PUT /v2/models/1", body=stopped(1, description="new"))
    wire.expect("GET /v2/models/1", body=stopped(1, description="new"))
    wire.expect(listed("/v2/models/1/instances"), body=page())
    wire.expect(route, status=403, body={"message": "no"})
    wanted = wanted_of(parameters(**dict(WISH, name="m1")))
    with pytest.raises(PermissionDenied) as caught:
        Deployment(View(client), wanted, False, None).run()
    assert caught.value.changed
    assert caught.value.details["actions"] == ["updated"]


def test_several_are_written_at_a_time_and_told_in_order(run: Run, wire: Wire) -> None:
    """Each write waits until another one is under way as well; one after the other, they would never end."""
    meeting = threading.Barrier(3, timeout=10)
    answer = wire.answer

    def together(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            meeting.wait()
        return answer(request)

    wire.answer = together  # type: ignore[method-assign]
    run.reads()
    run.writes(1, status=403)
    run.writes(2)
    run.writes(3, status=403)
    run.reads(description="new")
    with pytest.raises(DeploymentFailed, match=r"2 of 3 deployments failed\. m1: .*403.*; m3: ") as caught:
        run(at_once=3)
    assert outcomes(caught.value) == [(True, False), (False, True), (True, False)]


def others_are_there(wire: Wire, *others: Json) -> None:
    wire.expect(LISTS[0], body=page(*(stopped(number, description="new") for number in (1, 2, 3)), *others))
    for each in LISTS[1:]:
        wire.expect(each, body=page())


FOREIGN = a_model(id=9, name="foreign", replicas=0, ready_replicas=0, meta={})


def test_what_the_list_does_not_name_goes_last(run: Run, wire: Wire) -> None:
    gone = stopped(4)
    others_are_there(wire, gone, FOREIGN)
    wire.expect("GET /v2/models/4", body=gone)
    wire.expect("DELETE /v2/models/4", status=204)
    others_are_there(wire, FOREIGN)
    result = run(prune=1)
    assert [(row["name"], row["actions"]) for row in result["results"][3:]] == [("m4", ["deleted"])]
    assert [call for call in wire.calls() if not call.startswith("GET")] == ["DELETE /v2/models/4"]


def test_without_being_asked_nothing_goes(run: Run, wire: Wire) -> None:
    others_are_there(wire, stopped(4))
    assert not run()["changed"]


def test_more_removals_than_allowed_are_refused_before_anything_changes(run: Run, wire: Wire) -> None:
    wire.expect(LISTS[0], body=page(*(stopped(number) for number in (1, 2, 3, 4, 5))))
    for each in LISTS[1:]:
        wire.expect(each, body=page())
    with pytest.raises(InvalidInput, match="remove 2 deployments, and max_removals is 1: m4, m5"):
        run(prune=1)
    assert len(wire.seen) == 3


def test_where_one_of_the_list_fails_nothing_is_removed(run: Run, wire: Wire) -> None:
    wire.expect(LISTS[0], body=page(*(stopped(number) for number in (1, 2, 3, 4))))
    for each in LISTS[1:]:
        wire.expect(each, body=page())
    run.writes(1)
    run.writes(2, status=403)
    run.writes(3)
    run.reads(description="new")
    with pytest.raises(DeploymentFailed, match="m4: It was not removed") as caught:
        run(prune=1)
    assert outcomes(caught.value)[3] == (True, False)
    assert not [call for call in wire.calls() if call.startswith("DELETE")]
