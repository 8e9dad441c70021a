# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way of a task: requests in their order, and what the task returns."""

from __future__ import annotations

import json

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    Mark,
    choice_of,
)

from tests.unit.gpustack.conftest import (
    a_model,
    a_plan,
    an_instance,
    marked,
    page,
)
from tests.unit.gpustack.task import (
    CLUSTERS,
    COMPATIBLE,
    FIND,
    INSTANCES,
    MODEL,
    ROUTES,
    SHORTER,
    Run,
    written,
)
from tests.unit.wire import Wire


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


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
    wire.expect(ROUTES, body=page({"id": 3, "name": "qwen3-8b", "created_model_id": 7, "ready_targets": 1}))
    result = run()
    assert result["actions"] == ["created"]
    assert result["deployment"]["state"] == "running"
    assert result["deployment"]["route"] == {"name": "qwen3-8b", "ready": True}
    assert result["waited_s"] == 0.5
    assert run.lines == result["waiting"] == ["model pending; qwen3-8b-abcde starting"]
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
    for _try in range(2):
        wire.expect(
            "POST /v2/models", status=409, body={"message": "Model with name 'qwen3-8b' already exists."}
        )
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
    wire.expect(FIND, body=page())
    with pytest.raises(Unavailable) as caught:
        run()
    assert caught.value.details["rollback"] == {"name": "qwen3-8b", "state": "absent"}
    assert caught.value.changed
