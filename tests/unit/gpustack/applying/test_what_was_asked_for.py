# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing changes but what was asked for, and what was asked for is there in the end."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
)

from tests.unit.gpustack.conftest import (
    Json,
    a_model,
    a_worker,
    an_instance,
    listed,
    page,
    stored,
)
from tests.unit.gpustack.task import (
    COMPATIBLE,
    EVALUATE,
    FIND,
    INSTANCES,
    MODEL,
    RESTART,
    REVISIONS,
    ROUTES,
    SHORTER,
    WORKERS,
    Run,
    written,
)
from tests.unit.wire import Wire

GPUS = ["w1:cuda:0", "w1:cuda:1"]


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def put_of(wire: Wire, number: int = 0) -> Json:
    puts = [request for request in wire.seen if request.method == "PUT"]
    return t.cast(Json, json.loads(puts[number].content))


def test_a_change_of_one_field_sends_the_others_that_the_server_would_reset(run: Run, wire: Wire) -> None:
    there = stored(replicas=2, distributed_inference_across_workers=False, ready_replicas=2)
    both = [an_instance(id=20), an_instance(id=21)]
    run.finds(there, *both)
    wire.expect(MODEL, body=there)
    wire.expect("PUT /v2/models/7", body=dict(there, description="text"))
    wire.expect(MODEL, body=dict(there, description="text"))
    wire.expect(INSTANCES, body=page(*both))
    wire.expect(ROUTES, body=page())
    assert run(wait=False, description="text")["warnings"] == []
    sent = put_of(wire)
    assert (sent["replicas"], sent["distributed_inference_across_workers"]) == (2, False)


def test_what_the_server_changes_beside_it_is_said(run: Run, wire: Wire) -> None:
    there = stored(ready_replicas=0)
    moved = dict(there, description="text", restart_on_error=False)
    run.finds(there)
    wire.expect(MODEL, body=there)
    wire.expect("PUT /v2/models/7", body=moved)
    wire.expect(MODEL, body=moved)
    wire.expect(INSTANCES, body=page())
    wire.expect(ROUTES, body=page())
    (warning,) = run(wait=False, description="text")["warnings"]
    assert "changed more than was asked for" in warning
    assert "restart_on_error" in warning


@pytest.mark.parametrize("wait", [True, False])
def test_of_two_who_want_different_things_the_overtaken_one_is_told(wait: bool, run: Run, wire: Wire) -> None:
    ours, theirs = stored(**SHORTER), stored(backend_parameters=["--max-model-len=1024"])
    run.finds(stored(), an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=stored())
    wire.expect("PUT /v2/models/7", body=ours)
    wire.expect(RESTART, body={"restarted": True})
    run.then_is(theirs, an_instance(id=21))
    with pytest.raises(Conflict, match="changed by somebody else .*: backend_parameters") as caught:
        run(wait=wait, **SHORTER)
    assert caught.value.changed


def test_the_gpus_of_a_replica_do_not_depend_on_the_way_to_the_definition(run: Run, wire: Wire) -> None:
    selector = {"gpu_ids": GPUS, "gpus_per_replica": 2}
    there = stored(["backend_version", "gpus_per_replica"], gpu_selector=selector)
    run.finds(there, an_instance())
    run.may_change(COMPATIBLE)
    predicted = run(check_mode=True, gpu_ids=GPUS, replicas=2)
    assert predicted["actions"] == ["updated", "scaled", "restarted"]
    assert predicted["diff"]["after"]["gpus_per_replica"] == 1
    run.finds(there, an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=there)
    wire.expect("PUT /v2/models/7", body=dict(there, replicas=2, gpu_selector={"gpu_ids": GPUS}))
    wire.expect(RESTART, body={"restarted": True})
    wire.expect(MODEL, body=dict(there, replicas=2, gpu_selector={"gpu_ids": GPUS, "gpus_per_replica": 1}))
    wire.expect(INSTANCES, body=page())
    wire.expect(ROUTES, body=page())
    real = run(wait=False, gpu_ids=GPUS, replicas=2)
    assert (real["diff"], real["actions"]) == (predicted["diff"], predicted["actions"])
    sent = put_of(wire)
    assert sent["gpu_selector"] == {"gpu_ids": GPUS, "gpus_per_replica": 1}
    again = dict(there, replicas=2, gpu_selector=sent["gpu_selector"], meta=sent["meta"])
    run.finds(again, an_instance(id=31), an_instance(id=32))
    assert run(check_mode=True, gpu_ids=GPUS, replicas=2)["changed"] is False


@pytest.mark.parametrize(
    ("backend_parameters", "counted"), [(["--tensor-parallel-size=1"], 1), (["--max-model-len=8192"], 2)]
)
def test_a_number_that_the_parameters_say_stays(
    backend_parameters: t.List[str], counted: int, run: Run, wire: Wire
) -> None:
    selector = {"gpu_ids": GPUS, "gpus_per_replica": counted}
    filled = ["backend_version", "gpus_per_replica"]
    there = stored(filled, gpu_selector=selector, backend_parameters=backend_parameters)
    run.finds(there, an_instance())
    if counted == 2:
        run.may_change(COMPATIBLE)
    result = run(check_mode=True, gpu_ids=GPUS, replicas=2, backend_parameters=backend_parameters)
    assert bool(result["restarts"]) is (counted == 2)


@pytest.mark.parametrize("held_gib", [0, 20])
def test_chosen_gpus_without_a_plan_must_have_room(held_gib: int, run: Run, wire: Wire) -> None:
    worker = a_worker()
    worker["status"]["gpu_devices"][0]["memory"]["used"] = held_gib << 30
    run.finds(None)
    wire.expect(WORKERS, body=page(worker))
    claim = {"compatible": True, "resource_claim": {"ram": 0, "vram": 20 << 30}}
    wire.expect(EVALUATE, body={"results": [claim]})
    if not held_gib:
        assert run(check_mode=True, gpu_ids=GPUS[:1])["actions"] == ["created"]
        return
    with pytest.raises(DoesNotFit, match="w1:cuda:0 has 2.49 GiB free, and GPUStack would book 20.00 GiB"):
        run(gpu_ids=GPUS[:1])
    assert written(wire) == []


def test_a_deployment_that_was_renamed_is_still_the_same(run: Run, wire: Wire) -> None:
    renamed = dict(stored(), name="renamed-by-hand")
    for _run in range(2):
        wire.expect(FIND, body=page())
        wire.expect(listed("/v2/models"), body=page(renamed, a_model(id=9, name="other", meta={})))
        wire.expect(ROUTES, body=page())
        wire.expect(INSTANCES, body=page(an_instance()))
    unchanged = run()
    assert not unchanged["changed"]
    assert "renamed to renamed-by-hand" in unchanged["warnings"][0]
    wire.expect(MODEL, body=renamed)
    wire.expect("DELETE /v2/models/7")
    assert run(state="absent")["actions"] == ["deleted"]
    assert written(wire) == ["DELETE /v2/models/7"]


def test_a_copy_of_a_deployment_is_none_of_its_leftovers(run: Run, wire: Wire) -> None:
    copy = dict(stored(), id=8, name="qwen3-8b-copy")
    wire.expect(FIND, body=page(stored(), copy))
    wire.expect(ROUTES, body=page())
    wire.expect(INSTANCES, body=page(an_instance()))
    assert not run()["changed"]


def test_of_several_that_a_rename_may_have_led_to_none_is_chosen(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page())
    wire.expect(listed("/v2/models"), body=page(*(dict(stored(), id=n, name="copy-%d" % n) for n in (7, 8))))
    with pytest.raises(Conflict, match="several may be it now: copy-7, copy-8"):
        run(state="absent")


SCHEDULE: Json = {
    "enabled": True,
    "baseline_replicas": 1,
    "rules": [{"name": None, "start_cron": "0 8 * * *", "duration_seconds": 3600, "replicas": 2}],
}


def test_replicas_beside_a_schedule_are_no_change_and_said(run: Run, wire: Wire) -> None:
    run.finds(stored(scaling_schedule=dict(SCHEDULE, paused=False)), an_instance())
    result = run(replicas=3)
    assert not result["changed"]
    assert result["warnings"] == [
        "replicas is not managed while the scaling schedule of qwen3-8b is enabled."
    ]


def test_a_schedule_is_a_field_like_others(run: Run, wire: Wire) -> None:
    run.finds(stored(), an_instance())
    new = run(check_mode=True, replicas=1, scaling_schedule=SCHEDULE)
    assert (new["actions"], new["restarts"]) == (["updated"], [])
    there = stored(scaling_schedule=dict(SCHEDULE, paused=False))
    run.finds(there, an_instance())
    assert not run(check_mode=True, scaling_schedule=SCHEDULE)["changed"]
    run.finds(there, an_instance())
    paused = run(check_mode=True, scaling_schedule=dict(SCHEDULE, paused=True))
    assert paused["diff"]["after"]["scaling_schedule"]["paused"] is True
    run.finds(there, an_instance())
    assert run(check_mode=True, state="stopped", scaling_schedule={})["actions"] == ["updated", "stopped"]


def test_a_surge_is_no_way_where_a_schedule_has_the_replicas(run: Run, wire: Wire) -> None:
    there = stored(scaling_schedule=SCHEDULE)
    changed = stored(scaling_schedule=SCHEDULE, **SHORTER)
    run.finds(there, an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(MODEL, body=there)
    wire.expect("PUT /v2/models/7", body=changed)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(changed, an_instance(id=21))
    wire.expect(ROUTES, body=page())
    run(apply="rolling", **SHORTER)
    assert "replicas" not in put_of(wire)


def test_variables_that_nobody_names_go_where_all_are_owned(run: Run, wire: Wire) -> None:
    there = stored(env={"MINE": "1", "THEIRS": "2", "HF_TOKEN": "canary-5c1f"})
    run.finds(there, an_instance())
    assert not run(check_mode=True, env={"MINE": "1"})["changed"]
    run.finds(there, an_instance())
    run.may_change(COMPATIBLE)
    wire.expect(REVISIONS, body=page())
    diff = run(check_mode=True, env={"MINE": "1"}, env_mode="replace")["diff"]
    assert diff["before"] == {
        "env.HF_TOKEN": "(set)",
        "env.THEIRS": "2",
        "instances": ["qwen3-8b-abcde"],
    }


@pytest.mark.parametrize(
    "edit",
    [
        {"lora_list": [{"lora_name": "sql"}]},
        {"roles": [{"name": "prefill", "env": {"HF_TOKEN": "canary-5c1f"}}]},
        {"disaggregation": {"mode": "pd"}},
        {"gather": {"strategy": "must"}},
        {"native_anthropic_api": True},
        {"gpu_selector": {"gpu_ids": None, "gpus_per_replica": 4}},
    ],
)
def test_an_edit_by_others_of_what_is_managed_is_seen(edit: Json, run: Run, wire: Wire) -> None:
    meta = stored()["meta"]
    there = a_model(meta=meta, **edit)
    (key,) = edit
    options: Json = {"native_anthropic_api": False, "gpus_per_replica": 0, "gather": {}, "disaggregation": {}}
    name = "gpus_per_replica" if key == "gpu_selector" else key
    if key == "native_anthropic_api":
        run.finds(there, an_instance())
    else:
        run.finds(there, an_instance(), revisions=())
        run.may_change(COMPATIBLE)
    result = run(check_mode=True, **{name: options.get(name, [])})
    assert name in {*result["diff"]["before"], *result["diff"]["after"]}
    assert "canary" not in json.dumps(result)
    assert META_KEY in there["meta"]


def test_an_answer_that_shows_the_write_of_another_run_is_no_success(run: Run, wire: Wire) -> None:
    """It came between the own write and its answer: nothing in the answer is from before it."""
    there = stored(ready_replicas=0, replicas=0)
    meta = {META_KEY: dict(there["meta"][META_KEY], written_at="2026-01-01T12:00:00.5")}
    run.finds(there)
    wire.expect(MODEL, body=there)
    wire.expect("PUT /v2/models/7", body=dict(there, description="theirs", meta=meta))
    with pytest.raises(Conflict, match="changed by somebody else while this task ran: description") as caught:
        run(wait=False, state="stopped", description="ours")
    assert caught.value.changed


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_schedule_that_the_server_refuses_is_refused_before_it_is_written(
    check_mode: bool, run: Run, wire: Wire
) -> None:
    run.finds(stored(ready_replicas=0))
    entry = {"index": 0, "errors": ["scaling_schedule: baseline_replicas: Field required"]}
    wire.expect("POST /v2/models/import", body={"entries": [entry]})
    with pytest.raises(InvalidInput, match="would not take the definition of .*baseline_replicas"):
        run(check_mode, wait=False, scaling_schedule={"rules": []})
    (asked,) = [request for request in wire.seen if request.method == "POST"]
    assert "scaling_schedule" in json.loads(json.loads(asked.content)["content"])
