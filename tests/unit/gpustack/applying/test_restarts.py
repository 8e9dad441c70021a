# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which instances are replaced, in which order, and what former runs and other people left."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    DeploymentFailed,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
)

from tests.unit.gpustack.conftest import (
    Json,
    a_model,
    an_instance,
    marked,
    page,
)
from tests.unit.gpustack.task import (
    COMPATIBLE,
    EVALUATE,
    INSTANCES,
    MODEL,
    RESTART,
    REVISIONS,
    ROUTES,
    SAME,
    SHORTER,
    Run,
    written,
)
from tests.unit.wire import Wire


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


REVISION_1 = {"revision": 1, "created_at": "2026-01-01T10:00:00.400000Z"}


def test_an_engine_change_is_one_put_and_one_restart(run: Run, wire: Wire) -> None:
    changed = a_model(backend_parameters=["--max-model-len=4096"])
    run.finds(a_model(), an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=a_model())
    wire.expect("PUT /v2/models/7", body=changed)
    wire.expect(RESTART, body={"restarted": True})
    run.then_is(changed, an_instance())
    run.then_is(changed, an_instance(id=21, state="starting"))
    run.then_is(changed, an_instance(id=21))
    wire.expect(ROUTES, body=page())
    result = run(backend_parameters=["--max-model-len=4096"])
    assert result["actions"] == ["updated", "restarted"]
    assert result["deployment"]["instances"][0]["id"] == 21
    assert result["restarts"] == ["qwen3-8b-abcde"]
    assert run.lines[0] == "replaces running instances: qwen3-8b-abcde"
    assert written(wire) == ["PUT /v2/models/7", RESTART]


def test_an_instance_made_between_look_and_change_is_replaced_too(run: Run, wire: Wire) -> None:
    moment = "2026-01-01T12:00:00.500000"
    changed = a_model(backend_parameters=["--max-model-len=4096"], updated_at=moment)
    late = an_instance(id=21, created_at="2026-01-01T12:00:00.400000Z")
    new = an_instance(id=22, created_at="2026-01-01T12:00:00.600000Z")
    run.finds(a_model(), an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=a_model())
    wire.expect("PUT /v2/models/7", body=changed)
    wire.expect(RESTART, status=404, body={"detail": "Not Found"})
    wire.expect(INSTANCES, body=page(an_instance(), late, new))
    wire.expect("DELETE /v2/model-instances/20")
    wire.expect("DELETE /v2/model-instances/21")
    run.then_is(changed, new)
    wire.expect(ROUTES, body=page())
    assert run(backend_parameters=["--max-model-len=4096"])["changed"]


def test_a_run_that_was_killed_after_its_put_is_completed(run: Run, wire: Wire) -> None:
    half_done = marked(a_model(), former=[[20, "another"]])
    run.finds(half_done, an_instance())
    wire.expect(MODEL, body=half_done)
    wire.expect(RESTART, body={"restarted": True})
    run.then_is(half_done, an_instance(id=21))
    wire.expect(ROUTES, body=page())
    result = run()
    assert result["actions"] == ["restarted"]
    assert written(wire) == [RESTART]


@pytest.mark.parametrize(
    ("made_from", "stale"),
    [
        ({"backend_parameters": ["--max-model-len=2048"]}, True),
        ({"backend_parameters": None}, True),
        ({"replicas": 3, "categories": []}, False),
    ],
)
def test_an_edit_by_others_shows_in_the_revisions(made_from: Json, stale: bool, run: Run, wire: Wire) -> None:
    newer = {"revision": 2, "created_at": "2026-01-01T11:00:00Z"}
    run.finds(marked(a_model(), engine="another"), an_instance(), revisions=(newer, REVISION_1))
    wire.expect("GET /v2/models/7/revisions/1", body={"spec": a_model(**made_from)})
    result = run(apply="none")
    assert result["restart_required"] is stale
    assert not result["changed"]


@pytest.mark.parametrize(
    ("instance", "asks"),
    [
        ({}, False),
        ({"created_at": "2026-01-01T10:09:00Z"}, True),
        ({"last_restart_time": "2026-01-01T10:09:00Z"}, True),
    ],
)
@pytest.mark.parametrize("made_from", [SAME, {"backend_parameters": ["--max-model-len=1024"]}])
def test_an_edit_that_was_undone_shows_in_what_began_meanwhile(
    instance: Json, asks: bool, made_from: Json, run: Run, wire: Wire
) -> None:
    model = marked(a_model(), written_at="2026-01-01T10:00:00")
    times = ("2026-01-01T10:00:00Z", "2026-01-01T10:08:00Z", "2026-01-01T10:10:00Z")
    revisions = [{"revision": number, "created_at": time} for number, time in enumerate(times, 1)]
    run.finds(model, an_instance(**instance), revisions=revisions if asks else None)
    if asks:
        spec = {"backend_parameters": made_from["backend_parameters"]}
        wire.expect("GET /v2/models/7/revisions/2", body={"spec": a_model(**spec)})
    result = run(apply="none")
    assert result["restart_required"] is (asks and made_from is not SAME)


def test_a_mark_with_a_time_that_is_none_raises_no_doubt(run: Run, wire: Wire) -> None:
    run.finds(marked(a_model(), written_at="yesterday"), an_instance())
    assert not run()["changed"]


def test_the_oldest_revision_kept_stands_for_those_before_it(run: Run, wire: Wire) -> None:
    kept = [{"revision": number, "created_at": "2026-01-01T%d:00:00Z" % number} for number in (12, 11)]
    run.finds(marked(a_model(), engine="another"), an_instance(), revisions=kept)
    wire.expect("GET /v2/models/7/revisions/11", body={"spec": a_model()})
    assert not run(apply="none")["restart_required"]


def test_an_edit_by_others_without_revisions_is_applied_once(run: Run, wire: Wire) -> None:
    edited = marked(a_model(), engine="another")
    run.finds(edited, an_instance())
    wire.expect(REVISIONS, status=404, body={"detail": "Not Found"})
    wire.expect(MODEL, body=edited)
    wire.expect("PUT /v2/models/7", body=a_model())
    wire.expect(RESTART, status=404, body={"detail": "Not Found"})
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(a_model(), an_instance(id=21))
    wire.expect(ROUTES, body=page())
    assert run()["actions"] == ["restarted"]
    run.finds(a_model(), an_instance(id=21))
    assert not run()["changed"]


@pytest.mark.parametrize(
    ("answers", "deletes"),
    [
        ([(500, "deadlock detected"), (200, "")], False),
        ([(502, "gone away"), (409, "already in progress")], False),
        ([(409, "already in progress")], True),
        ([(404, "Not Found")], True),
    ],
)
def test_a_restart_that_is_refused_falls_back_to_the_instances(
    answers: t.Sequence[t.Tuple[int, str]], deletes: bool, run: Run, wire: Wire
) -> None:
    half_done = marked(a_model(), former=[[20, "another"]])
    run.finds(half_done, an_instance())
    wire.expect(MODEL, body=half_done)
    for status, message in answers:
        wire.expect(RESTART, status=status, body={"message": message})
    if deletes:
        wire.expect("DELETE /v2/model-instances/20", status=500, body={"message": "deadlock detected"})
        wire.expect("DELETE /v2/model-instances/20", status=404, body={"message": "gone"})
    run.then_is(half_done, an_instance(id=21))
    wire.expect(ROUTES, body=page())
    assert run()["actions"] == ["restarted"]


def test_of_several_instances_only_the_outdated_ones_are_replaced(run: Run, wire: Wire) -> None:
    half_done = marked(a_model(replicas=2, ready_replicas=2), former=[[20, "another"]])
    run.finds(half_done, an_instance(), an_instance(id=21))
    wire.expect(MODEL, body=half_done)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(half_done, an_instance(id=21), an_instance(id=22))
    wire.expect(ROUTES, body=page())
    assert run()["actions"] == ["restarted"]
    assert written(wire) == ["DELETE /v2/model-instances/20"]


def test_more_restarts_than_allowed_are_refused_before_anything_is_changed(run: Run, wire: Wire) -> None:
    run.finds(a_model(replicas=2), an_instance(), an_instance(id=21, name="second"))
    run.may_change(COMPATIBLE)
    with pytest.raises(InvalidInput, match="restart 2 instances, and max_restarts is 1: .*second"):
        run(max_restarts=1, **SHORTER)
    assert written(wire) == []


ROOM = {"results": [{"compatible": True}]}


NO_ROOM = {"results": [{"compatible": False, "scheduling_messages": ["no"]}]}


def test_rolling_starts_the_new_one_first_where_there_is_room(run: Run, wire: Wire) -> None:
    changed = a_model(**SHORTER)
    surging = dict(changed, replicas=2, ready_replicas=2)
    old, new, spare = an_instance(), an_instance(id=21), an_instance(id=22, state="pending")
    run.finds(a_model(), old)
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=a_model())
    wire.expect(EVALUATE, body=ROOM)
    wire.expect("PUT /v2/models/7", body=surging)
    run.then_is(dict(surging, ready_replicas=1), old)
    run.then_is(surging, old, new)
    wire.expect("DELETE /v2/model-instances/20")
    wire.expect("PUT /v2/models/7", body=changed)
    run.then_is(changed, new, spare)
    run.then_is(changed, new)
    wire.expect(ROUTES, body=page())
    result = run(apply="rolling", **SHORTER)
    assert result["actions"] == ["updated", "restarted"]
    puts = [json.loads(request.content) for request in wire.seen if request.method == "PUT"]
    assert [put["replicas"] for put in puts] == [2, 1]
    assert [put["meta"][META_KEY].get("surge_from") for put in puts] == [1, None]
    assert result["warnings"] == []


def test_members_of_roles_are_not_replaced_one_by_one(run: Run, wire: Wire) -> None:
    """Of a group whose definition has changed, the server would make none anew."""
    roles = [{"name": "prefill", "replicas": 1}, {"name": "decode", "replicas": 1}]
    run.finds(marked(a_model(roles=roles, ready_replicas=2)), an_instance(), an_instance(id=21), revisions=[])
    with pytest.raises(InvalidInput, match="rolling cannot replace the members of roles"):
        run(apply="rolling", **SHORTER)
    assert written(wire) == []


def test_rolling_goes_one_by_one_where_there_is_none(run: Run, wire: Wire) -> None:
    changed = a_model(replicas=2, ready_replicas=2, **SHORTER)
    first, second = an_instance(), an_instance(id=21)
    run.finds(a_model(replicas=2, ready_replicas=2), first, second)
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=a_model(replicas=2, ready_replicas=2))
    wire.expect(EVALUATE, body=NO_ROOM)
    wire.expect("PUT /v2/models/7", body=changed)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(changed, second, an_instance(id=22))
    wire.expect("DELETE /v2/model-instances/21")
    run.then_is(changed, an_instance(id=22), an_instance(id=23))
    wire.expect(ROUTES, body=page())
    run(apply="rolling", **SHORTER)
    order = [call for call in written(wire) if call.startswith("DELETE")]
    assert order == ["DELETE /v2/model-instances/20", "DELETE /v2/model-instances/21"]


@pytest.mark.parametrize(
    "theirs",
    [
        marked(a_model(replicas=2, ready_replicas=2, **SHORTER), written_at="2026-01-01T10:00:00"),
        a_model(replicas=2, ready_replicas=2, backend_parameters=["--max-model-len=1024"]),
    ],
)
def test_rolling_replaces_no_more_once_somebody_else_has_changed_it(
    theirs: Json, run: Run, wire: Wire
) -> None:
    changed = a_model(replicas=2, ready_replicas=2, **SHORTER)
    first, second = an_instance(), an_instance(id=21)
    run.finds(a_model(replicas=2, ready_replicas=2), first, second)
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=a_model(replicas=2, ready_replicas=2))
    wire.expect(EVALUATE, body=NO_ROOM)
    wire.expect("PUT /v2/models/7", body=changed)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(theirs, second, an_instance(id=22))
    with pytest.raises(Conflict, match="by somebody else while its instances were replaced; 1 of 2 are left"):
        run(apply="rolling", **SHORTER)
    assert written(wire) == ["PUT /v2/models/7", "DELETE /v2/model-instances/20"]


def test_rolling_stops_at_the_first_failure_and_keeps_the_rest(run: Run, wire: Wire) -> None:
    changed = a_model(replicas=2, ready_replicas=1, **SHORTER)
    broken = an_instance(id=21, state="error", state_message="bad flag", restart_count=2)
    run.finds(a_model(), an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=a_model())
    wire.expect(EVALUATE, body=ROOM)
    wire.expect("PUT /v2/models/7", body=changed)
    run.then_is(changed, an_instance(), broken)
    wire.expect("GET /v2/model-instances/21/logs?tail=30", body=b"bad flag")
    with pytest.raises(DeploymentFailed, match="bad flag") as caught:
        run(apply="rolling", **SHORTER)
    assert caught.value.changed
    assert written(wire) == ["PUT /v2/models/7"]


def test_a_rolling_restart_that_stores_nothing_tells_what_it_replaced_all_the_same(
    run: Run, wire: Wire
) -> None:
    stored = marked(a_model(), former=[[20, "another"]])
    broken = an_instance(id=21, state="error", state_message="bad flag", restart_count=2)
    run.finds(stored, an_instance())
    wire.expect(MODEL, body=stored)
    wire.expect(EVALUATE, body=NO_ROOM)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(stored, broken)
    wire.expect("GET /v2/model-instances/21/logs?tail=30", body=b"bad flag")
    with pytest.raises(DeploymentFailed, match="bad flag") as caught:
        run(apply="rolling")
    assert caught.value.changed
    assert caught.value.details["actions"] == ["restarted"]


def test_a_rolling_restart_that_was_killed_gives_its_extra_replica_back(run: Run, wire: Wire) -> None:
    half_done = marked(a_model(replicas=2, ready_replicas=2), former=[[20, "another"]], surge_from=1)
    run.finds(half_done, an_instance(), an_instance(id=21))
    wire.expect(MODEL, body=half_done)
    wire.expect("PUT /v2/models/7", body=a_model())
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(a_model(), an_instance(id=21))
    wire.expect(ROUTES, body=page())
    assert run()["deployment"]["replicas"] == 1


def test_rolling_cannot_go_on_without_waiting(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    with pytest.raises(InvalidInput, match="apply: rolling cannot go on"):
        run(apply="rolling", wait=False, **SHORTER)
