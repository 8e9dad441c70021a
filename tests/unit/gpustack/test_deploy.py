# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way of a task: requests in their order, and what the task returns."""

from __future__ import annotations

import json
import typing as t

import httpx
import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AutoconfigError,
    Conflict,
    DeploymentFailed,
    DoesNotFit,
    InvalidInput,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.mark import (
    META_KEY,
    Mark,
    choice_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wanted import wanted_of
from ansible_collections.modelscan.autoconfig.plugins.modules import (
    gpustack_deployment,
    gpustack_deployment_info,
)

from tests.unit.gpustack.conftest import (
    Json,
    a_model,
    a_plan,
    a_worker,
    an_instance,
    listed,
    marked,
    page,
    parameters,
)
from tests.unit.wire import Wire

SAME = {
    "name": "qwen3-8b",
    "source": "huggingface",
    "repository": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "backend_parameters": ["--max-model-len=8192"],
}
FIND = listed("/v2/models", search="qwen3-8b")
INSTANCES = listed("/v2/models/7/instances")
REVISIONS = listed("/v2/models/7/revisions")
WORKERS = listed("/v2/workers")
CLUSTERS = listed("/v2/clusters")
ROUTES = listed("/v2/model-routes", name="qwen3-8b")
MODEL = "GET /v2/models/7"
RESTART = "POST /v2/models/7/restart"
LOG = "GET /v2/model-instances/20/logs?tail=30"
EVALUATE = "POST /v2/model-evaluations"
COMPATIBLE = {"results": [{"compatible": True}]}
REVISION_1 = {"revision": 1, "created_at": "2026-01-01T10:00:00.400000Z"}


class Run:
    """One task on a wire."""

    def __init__(self, wire: Wire, client: GpustackClient) -> None:
        self._wire, self._client = wire, client
        self.lines: t.List[str] = []

    def __call__(
        self,
        check_mode: bool = False,
        wait: bool = True,
        max_restarts: t.Optional[int] = None,
        **options: t.Any,
    ) -> Json:
        waiter = Waiter(self._client, self._wire.clock, 60.0, self.lines.append) if wait else None
        wanted = wanted_of(parameters(**dict(SAME, **options)))
        return Deployment(View(self._client), wanted, check_mode, waiter).run(max_restarts)

    def finds(self, model: t.Optional[Json] = None, *instances: Json, revisions: t.Any = None) -> None:
        """What the server has when the task begins."""
        self._wire.expect(FIND, body=page(*([model] if model else [])))
        self._wire.expect(ROUTES, body=page())
        if model is None:
            self._wire.expect(CLUSTERS, body=page({"id": 1, "name": "Default Cluster"}))
            return
        self._wire.expect(INSTANCES, body=page(*instances))
        if revisions is not None:
            self._wire.expect(REVISIONS, body=page(*revisions))

    def may_change(self, evaluation: Json) -> None:
        """What is read before engine fields are written."""
        self._wire.expect(WORKERS, body=page(a_worker()))
        self._wire.expect(EVALUATE, body=evaluation)

    def then_is(self, model: Json, *instances: Json) -> None:
        """One look of the waiter."""
        self._wire.expect(MODEL, body=model)
        self._wire.expect(INSTANCES, body=page(*instances))


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def written(wire: Wire) -> t.List[str]:
    return [call for call in wire.calls() if not call.startswith("GET") and call != EVALUATE]


def test_unchanged_is_three_reads(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    result = run()
    assert not result["changed"]
    assert wire.calls() == [FIND, ROUTES, INSTANCES]


def test_an_unchanged_plan_is_three_reads_too(run: Run, wire: Wire) -> None:
    pinned = a_model(gpu_selector={"gpu_ids": ["w1:cuda:0"], "gpus_per_replica": 1})
    choice = choice_of(a_plan())
    stored = marked(pinned, choice=choice, plan_id=choice["plan_id"], pinned=["w1:cuda:0"])
    mark = Mark.of(stored)
    run.finds(marked(stored, engine=mark.digest_of(stored)), an_instance())
    result = run(plan=a_plan())
    assert not result["changed"]
    assert wire.calls() == [FIND, ROUTES, INSTANCES]


def test_created_and_awaited(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", body=a_model(state="pending", ready_replicas=0))
    run.then_is(a_model(state="pending", ready_replicas=0), an_instance(state="starting"))
    run.then_is(a_model(), an_instance())
    wire.expect(ROUTES, body=page({"name": "qwen3-8b", "created_model_id": 7, "ready_targets": 1}))
    result = run()
    assert result["actions"] == ["created"]
    assert result["deployment"]["state"] == "running"
    assert result["deployment"]["route"] == {"name": "qwen3-8b", "ready": True}
    assert result["waited_s"] == 0.5
    assert run.lines == ["model pending; qwen3-8b-abcde starting"]
    assert written(wire) == ["POST /v2/models"]


def test_check_mode_predicts_the_same_and_writes_nothing(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    predicted = run(check_mode=True)
    assert written(wire) == []
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", body=a_model())
    run.then_is(a_model(), an_instance())
    wire.expect(ROUTES, body=page())
    real = run()
    assert set(predicted) == set(real)
    assert predicted["predicted"]
    assert not real["predicted"]
    for key in ("changed", "actions", "diff", "restart_required", "rollback", "before"):
        assert predicted[key] == real[key]
    assert set(predicted["deployment"]) == set(real["deployment"])


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


def test_removed(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page(a_model()))
    wire.expect(INSTANCES, body=page(an_instance()))
    wire.expect(ROUTES, body=page())
    wire.expect(MODEL, body=a_model())
    wire.expect("DELETE /v2/models/7")
    result = run(state="absent")
    assert (result["deployment"], result["actions"]) == (None, ["deleted"])


def test_what_somebody_else_has_taken_over_meanwhile_is_not_removed(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    wire.expect(MODEL, body=a_model(meta={}))
    run.finds(a_model(meta={}), an_instance())
    with pytest.raises(Conflict, match="not made by this collection"):
        run(state="absent")
    assert written(wire) == []


def test_absent_and_not_there(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page())
    wire.expect(ROUTES, body=page())
    wire.expect(CLUSTERS, body=page({"id": 1, "name": "Default Cluster"}))
    assert not run(state="absent")["changed"]
    assert wire.calls() == [FIND, ROUTES, CLUSTERS]


SHORTER: Json = {"backend_parameters": ["--max-model-len=4096"]}


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten(run: Run, wire: Wire) -> None:
    theirs = a_model(backend_parameters=["--max-model-len=1024"], ready_replicas=0)
    run.finds(a_model(ready_replicas=0))
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=theirs)
    run.finds(theirs)
    run.may_change(COMPATIBLE)
    with pytest.raises(Conflict, match="changed by somebody else .*: backend_parameters"):
        run(**SHORTER)
    assert written(wire) == []


def test_a_change_of_other_fields_meanwhile_is_kept(run: Run, wire: Wire) -> None:
    theirs, both = a_model(env={"THEIRS": "1"}, ready_replicas=0), a_model(env={"THEIRS": "1", "OURS": "1"})
    run.finds(a_model(ready_replicas=0))
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=theirs)
    run.finds(theirs)
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=theirs)
    wire.expect("PUT /v2/models/7", body=both)
    run.then_is(both, an_instance())
    wire.expect(ROUTES, body=page())
    assert run(env={"OURS": "1"})["changed"]
    put = next(request for request in wire.seen if request.method == "PUT")
    assert json.loads(put.content)["env"] == {"THEIRS": "1", "OURS": "1"}


def test_two_who_create_the_same_end_in_one_deployment(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", status=409, body={"message": "already exists"})
    wire.expect(FIND, body=page(a_model()))
    run.finds(a_model(), an_instance())
    result = run()
    assert (result["changed"], result["deployment"]["state"]) == (False, "running")


def test_two_who_create_different_ones_are_told(run: Run, wire: Wire) -> None:
    theirs = a_model(backend_parameters=["--max-model-len=1024"], ready_replicas=0)
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", status=409, body={"message": "already exists"})
    wire.expect(FIND, body=page(theirs))
    run.finds(theirs)
    run.may_change(COMPATIBLE)
    with pytest.raises(Conflict, match="by somebody else .*: backend_parameters"):
        run()


def test_a_name_that_is_taken_and_not_visible_is_explained(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", status=409, body={"message": "Model with name 'qwen3-8b' already exists."})
    wire.expect(FIND, body=page())
    with pytest.raises(Conflict, match="shows none of this name") as caught:
        run()
    assert "rollback" not in caught.value.details


def test_a_creation_whose_answer_is_lost_is_found_again(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    wire.expect("POST /v2/models", error=httpx.ReadError("reset"))
    wire.expect("POST /v2/models", status=409, body={"message": "already exists"})
    wire.expect(FIND, body=page(a_model()))
    run.then_is(a_model(), an_instance())
    wire.expect(ROUTES, body=page())
    assert run()["actions"] == ["created"]


def test_an_unanswered_write_is_repeated_and_says_how_to_undo_it(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    for _try in range(6):
        wire.expect("POST /v2/models", error=httpx.ReadTimeout("slow"))
    with pytest.raises(Unavailable) as caught:
        run()
    assert caught.value.details["rollback"] == {"name": "qwen3-8b", "state": "absent"}
    assert caught.value.changed


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


def test_fields_that_the_server_drops_are_said(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    wire.expect(MODEL, body=a_model())
    wire.expect("PUT /v2/models/7", body=a_model())
    wire.expect(ROUTES, body=page())
    assert "did not store description" in run(description="text")["warnings"][0]


def test_the_plan_pins_to_the_servers_gpus(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    stored = a_model(gpu_selector={"gpu_ids": ["w1:cuda:0"], "gpus_per_replica": None})
    wire.expect("POST /v2/models", body=stored)
    run.then_is(stored, an_instance())
    wire.expect(ROUTES, body=page())
    result = run(wait=False, plan=a_plan())
    assert result["diff"]["after"]["gpu_ids"] == ["w1:cuda:0"]


@pytest.mark.parametrize("claim", [None, "server"])
def test_a_refusal_of_the_scheduler_is_an_error_with_both_numbers(
    run: Run, wire: Wire, claim: t.Optional[str]
) -> None:
    refusal = {"compatible": False, "scheduling_messages": ["- The model requires approximately 20.31 GiB\n"]}
    run.finds(None)
    run.may_change({"results": [refusal]})
    with pytest.raises(DoesNotFit) as caught:
        run(plan=a_plan(), vram_claim=claim)
    assert "20.31 GiB" in caught.value.message
    assert "18.00 GiB of 22.49 GiB" in caught.value.message
    assert "vram_claim: plan" in str(caught.value.hint)
    assert written(wire) == []


def test_other_doubts_of_the_server_are_warnings(run: Run, wire: Wire) -> None:
    doubt = {
        "compatible": False,
        "compatibility_messages": ["path does not exist"],
        "scheduling_messages": [],
    }
    run.finds(None)
    run.may_change({"results": [doubt]})
    assert "path does not exist" in run(check_mode=True)["warnings"][0]


def test_without_ready_workers(run: Run, wire: Wire) -> None:
    for check_mode in (False, True):
        run.finds(None)
        wire.expect(WORKERS, body=page(a_worker(state="not_ready")))
        if check_mode:
            assert "w1 is not_ready" in run(check_mode=True)["warnings"][0]
        else:
            with pytest.raises(Unavailable, match="w1 is not_ready"):
                run()


@pytest.mark.parametrize(
    ("clusters", "cluster", "kind", "words"),
    [
        ([(1, "a"), (2, "b")], None, InvalidInput, "a \\(1\\), b \\(2\\)"),
        ([(1, "a"), (2, "b")], "c", NotFound, "no cluster c"),
    ],
)
def test_an_unclear_cluster_is_refused(
    clusters: t.Any, cluster: t.Optional[str], kind: t.Type[AutoconfigError], words: str, run: Run, wire: Wire
) -> None:
    wire.expect(FIND, body=page())
    wire.expect(ROUTES, body=page())
    wire.expect(CLUSTERS, body=page(*({"id": number, "name": name} for number, name in clusters)))
    with pytest.raises(kind, match=words):
        run(cluster=cluster)


def test_a_deployment_does_not_move_to_another_cluster(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    wire.expect(CLUSTERS, body=page({"id": 1, "name": "a"}, {"id": 2, "name": "b"}))
    with pytest.raises(InvalidInput, match="id 1, not in b"):
        run(cluster="b")


def test_a_failed_deployment_says_why_and_how_to_undo(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    broken = an_instance(state="error", state_message="CUDA out of memory", restart_count=2)
    wire.expect("POST /v2/models", body=a_model(state="pending"))
    run.then_is(a_model(state="error"), broken)
    wire.expect(LOG, status=404, body={"detail": "Not Found"})
    with pytest.raises(DeploymentFailed, match="CUDA out of memory") as caught:
        run()
    assert "GPU memory" in str(caught.value.hint)
    assert caught.value.details["rollback"] == {"name": "qwen3-8b", "state": "absent"}
    assert caught.value.details["actions"] == ["created"]


def test_the_log_of_a_failed_engine_is_read(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    broken = an_instance(state="error", state_message="Inference server exited with code 1", restart_count=2)
    wire.expect("POST /v2/models", body=a_model(state="pending"))
    run.then_is(a_model(state="error"), broken)
    wire.expect(LOG, body=b"INFO loading\n\nNo available memory for the cache blocks.\n")
    with pytest.raises(DeploymentFailed, match="exited with code 1") as caught:
        run()
    assert caught.value.details["log_tail"] == ["INFO loading", "No available memory for the cache blocks."]
    assert "shorter context" in str(caught.value.hint)


def test_the_end_of_patience_names_the_last_state(run: Run, wire: Wire) -> None:
    starting = an_instance(state="starting", state_message="loading weights")
    wire.lacks("/v2/workers")
    run.finds(a_model(state="pending"), starting)
    for _look in range(17):
        run.then_is(a_model(state="pending"), starting)
    with pytest.raises(DeploymentFailed, match=r"not ready after 60 s.*starting \(loading weights\)"):
        run()


def test_a_server_that_restarts_while_one_waits_is_no_failure(run: Run, wire: Wire) -> None:
    run.finds(a_model(state="pending"), an_instance())
    for _attempt in range(4):
        wire.expect(MODEL, status=503, body={"message": "starting"})
    run.then_is(a_model(), an_instance())
    assert run()["deployment"]["state"] == "running"


def test_a_deployment_that_vanishes_while_one_waits(run: Run, wire: Wire) -> None:
    run.finds(a_model(state="pending"), an_instance())
    wire.expect(MODEL, status=404, body={"message": "Model not found"})
    with pytest.raises(DeploymentFailed, match="was deleted"):
        run()


def test_the_documented_keys_are_the_real_ones(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    result = run()
    documented = yaml.safe_load(gpustack_deployment.RETURN)
    assert set(documented) - {"results", "files"} | {"changed", "diff"} == set(result)
    assert set(documented["deployment"]["contains"]) == set(result["deployment"])
    shown = yaml.safe_load(gpustack_deployment_info.RETURN)
    assert set(shown["deployments"]["contains"]) == set(result["deployment"])


def test_who_may_use_it_is_said_to_the_route_as_well(run: Run, wire: Wire) -> None:
    route = {"id": 3, "name": "qwen3-8b", "access_policy": "authed", "ready_targets": 1}
    wire.expect(FIND, body=page(a_model(access_policy="public")))
    wire.expect(INSTANCES, body=page(an_instance()))
    wire.expect(ROUTES, body=page(route))
    wire.expect(MODEL, body=a_model(access_policy="public"))
    wire.expect("PUT /v2/models/7", body=a_model(access_policy="public"))
    wire.expect("POST /v2/model-routes/3/access", status=422, body={"message": "users: Field required"})
    wire.expect(ROUTES, body=page(route))
    result = run(access_policy="public")
    assert (result["diff"]["before"], result["diff"]["after"]) == (
        {"access_policy": "authed"},
        {"access_policy": "public"},
    )
    assert "Who may use the route qwen3-8b stays" in result["warnings"][0]
