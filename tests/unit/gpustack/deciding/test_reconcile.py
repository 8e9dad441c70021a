# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions: what is done to a deployment, what is shown, and how it is undone."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import diff_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    CREATE,
    DELETE,
    NOTHING,
    UPDATE,
    Found,
    Step,
    contested,
    decide,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
    UNKNOWN,
    Mark,
    choice_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import Json, a_model, a_plan, an_instance, marked, parameters

SAME = {
    "name": "qwen3-8b",
    "source": "huggingface",
    "repository": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "backend_parameters": ["--max-model-len=8192"],
}
SHORTER: Json = {"backend_parameters": ["--max-model-len=4096"]}


def found(*stale: int, instances: int = 1, **model: t.Any) -> Found:
    rows = tuple(an_instance(id=20 + number) for number in range(instances))
    stored = a_model(**model)
    now = Mark.of(stored).digest_of(stored)
    origins = {row["id"]: UNKNOWN if row["id"] in stale else now for row in rows}
    return Found(stored, rows, origins)


def step(there: t.Optional[Found], **options: t.Any) -> Step:
    return decide(wanted_of(parameters(**dict(SAME, **options))), there)


def planned(plan: Json) -> Json:
    return {META_KEY: Mark("modelscan.autoconfig", plan["plan_id"], choice_of(plan)).as_meta()}


def test_nothing_to_do() -> None:
    done = step(found())
    assert (done.kind, done.body, done.restart, done.actions) == (NOTHING, None, (), ())
    assert not done.changed


@pytest.mark.parametrize(
    ("options", "actions", "restarts"),
    [
        ({"backend_parameters": ["--max-model-len=4096"]}, ("updated", "restarted"), True),
        ({"backend_version": "0.9.0"}, ("updated", "restarted"), True),
        ({"repository": "Qwen/Qwen3-8B-FP8"}, ("updated", "restarted"), True),
        ({"env": {"A": "1"}}, ("updated", "restarted"), True),
        ({"gpu_ids": ["w1:cuda:1"]}, ("updated", "restarted"), True),
        ({"worker_selector": {"zone": "a"}}, ("updated", "restarted"), True),
        ({"file": "*Q4*"}, ("updated", "restarted"), True),
        ({"image_name": "registry.example.com/engine:1"}, ("updated", "restarted"), True),
        ({"run_command": "serve"}, ("updated", "restarted"), True),
        ({"offline": True}, ("updated", "restarted"), True),
        ({"placement_strategy": "binpack"}, ("updated", "restarted"), True),
        ({"distributed_inference": False}, ("updated", "restarted"), True),
        ({"cpu_offloading": True}, ("updated", "restarted"), True),
        ({"speculative_config": {"algorithm": "ngram"}}, ("updated", "restarted"), True),
        ({"extended_kv_cache": {"ram_size": 64}}, ("updated", "restarted"), True),
        ({"restart_on_error": False}, ("updated",), False),
        ({"access_policy": "public"}, ("updated",), False),
        ({"replicas": 2}, ("scaled",), False),
        ({"replicas": 0}, ("stopped",), False),
        ({"description": "text"}, ("updated",), False),
        ({"categories": ["embedding"]}, ("updated",), False),
    ],
)
def test_each_field_alone(options: Json, actions: t.Tuple[str, ...], restarts: bool) -> None:
    done = step(found(), **options)
    assert done.kind == UPDATE
    assert done.actions == actions
    assert bool(done.restart) is restarts
    assert done.engine_changed is restarts
    assert not done.restart_required


def test_a_field_in_another_spelling_is_no_difference() -> None:
    stored = found(
        categories=["llm", "embedding"], gpu_selector={"gpu_ids": ["b", "a"], "gpus_per_replica": 2}
    )
    done = step(
        stored, categories=["embedding", "llm"], gpu_ids=["a", "b"], worker_selector={}, description=""
    )
    assert done.kind == NOTHING


def test_stale_instances_are_restarted_without_a_put() -> None:
    there = found(instances=2)
    done = step(replace(there, origins={**there.origins, 20: "another"}))
    assert (done.kind, done.body, done.actions) == (UPDATE, None, ("restarted",))
    assert done.mark_body is not None
    assert [instance["id"] for instance in done.restart] == [20]
    assert diff_of(done.changes, "x")["before"] == {"instances": ["qwen3-8b-abcde"]}


def test_apply_none_stores_and_says_that_a_restart_is_due() -> None:
    done = step(found(), apply="none", backend_parameters=["--max-model-len=4096"])
    assert (done.restart, done.restart_required, done.actions) == ((), True, ("updated",))
    later = step(found(20), apply="none")
    assert (later.kind, later.restart_required) == (NOTHING, True)


def after(there: Found, done: Step, *made: int) -> Found:
    """What the next run finds when this one was killed right after its PUT, or restarted some."""
    assert done.body is not None
    stored = dict(there.model, **done.body)
    mark = Mark.of(stored)
    now = mark.digest_of(stored)
    rows = tuple(row for row in there.instances if row["id"] not in made)
    youngest = max(row["id"] for row in there.instances)
    rows += tuple(an_instance(id=youngest + number) for number in range(1, len(made) + 1))
    return Found(stored, rows, {row["id"]: mark.recorded_origin(row["id"]) or now for row in rows})


def test_an_engine_change_that_was_interrupted_is_completed() -> None:
    there = found(instances=3)
    done = step(there, **SHORTER)
    later = step(after(there, done, 20), **SHORTER)
    assert [instance["id"] for instance in later.restart] == [21, 22]
    assert later.body is None
    assert step(after(there, done, 20, 21, 22), **SHORTER).kind == NOTHING


def test_going_back_restarts_only_what_was_replaced() -> None:
    there = found(instances=2)
    half = after(there, step(there, **SHORTER), 20)
    back = step(half)
    assert [instance["id"] for instance in back.restart] == [22]
    assert step(after(half, back, 22)).kind == NOTHING


def test_a_secret_alone_restarts() -> None:
    there = found(env={"HF_TOKEN": "canary-old-value"})
    done = step(there, env_secrets={"HF_TOKEN": "canary-new-value"})
    assert [instance["id"] for instance in done.restart] == [20]
    assert "canary" not in str(done.body and done.body["meta"])
    again = after(there, done)
    assert step(again, env_secrets={"HF_TOKEN": "canary-new-value"}).actions == ("restarted",)


def test_an_edit_by_others_is_recorded_when_it_is_applied() -> None:
    edited = found(20, backend_parameters=SHORTER["backend_parameters"])
    done = step(edited, **SHORTER)
    assert done.actions == ("restarted",)
    assert done.body is not None
    assert set(done.body) == {"name", "source", "huggingface_repo_id", "meta"}
    assert step(after(edited, done, 20), **SHORTER).kind == NOTHING


def test_what_two_want_differently_is_contested() -> None:
    before, wanted = found(), wanted_of(parameters(**{**SAME, **SHORTER}))
    theirs = found(backend_parameters=["--max-model-len=1024"])
    assert contested(wanted, before, theirs) == ["backend_parameters"]
    assert contested(wanted, None, theirs) == ["backend_parameters"]
    assert contested(wanted, before, found(**SHORTER)) == []
    assert contested(wanted, before, found(description="unmanaged")) == []
    assert contested(wanted, before, None) == ["it was deleted"]


def test_stopping_restarts_nothing() -> None:
    done = step(found(20), state="stopped", backend_parameters=["--max-model-len=4096"])
    assert (done.restart, done.restart_required, done.actions) == ((), False, ("updated", "stopped"))


def test_present_starts_what_is_stopped() -> None:
    done = step(found(instances=0, replicas=0))
    assert done.actions == ("scaled",)
    assert done.body is not None
    assert done.body["replicas"] == 1
    assert done.rollback == {"name": "qwen3-8b", "state": "stopped"}


def test_what_a_schedule_would_start_again_is_not_stopped() -> None:
    with pytest.raises(Conflict, match="scaling schedule"):
        step(found(scaling_schedule={"enabled": True}), state="stopped")
    assert step(found(scaling_schedule={"enabled": False}), state="stopped").kind == UPDATE


def test_a_scaling_schedule_keeps_its_replicas() -> None:
    assert step(found(scaling_schedule={"enabled": True}, replicas=4), replicas=1).kind == NOTHING


def test_another_engine_takes_no_parameters_of_the_former() -> None:
    done = decide(wanted_of(parameters(name="qwen3-8b", backend="SGLang")), found(backend_version="0.9.0"))
    assert done.body is not None
    assert done.body["backend"] == "SGLang"
    assert done.body["backend_parameters"] is None
    assert done.body["backend_version"] is None


def test_what_others_made_is_not_touched() -> None:
    for state in ("present", "stopped", "absent"):
        with pytest.raises(Conflict, match="not made by this collection"):
            step(found(meta={}), state=state)


def test_adopting_marks_only() -> None:
    done = step(found(meta={"theirs": 1}), adopt=True)
    assert done.actions == ("adopted",)
    assert done.restart == ()
    assert done.body is not None
    assert done.body["meta"]["theirs"] == 1
    assert done.body["meta"][META_KEY]["managed_by"] == "modelscan.autoconfig"


def test_creation() -> None:
    done = step(None)
    assert (done.kind, done.actions) == (CREATE, ("created",))
    assert done.body is not None
    assert done.body["enable_model_route"] is True
    assert "ready_replicas" not in done.body
    assert done.rollback == {"name": "qwen3-8b", "state": "absent"}


def test_creation_as_stopped() -> None:
    done = step(None, state="stopped")
    assert done.body is not None
    assert done.body["replicas"] == 0


@pytest.mark.parametrize(("state", "kind"), [("present", InvalidInput), ("stopped", NotFound)])
def test_without_a_definition_nothing_is_created(state: str, kind: t.Type[Exception]) -> None:
    with pytest.raises(kind):
        decide(wanted_of(parameters(name="qwen3-8b", state=state)), None)


def test_removal() -> None:
    assert step(None, state="absent").kind == NOTHING
    done = step(found(), state="absent")
    assert (done.kind, done.actions) == (DELETE, ("deleted",))
    assert diff_of(done.changes, "x")["after"] == {}
    assert done.rollback is not None
    assert done.rollback["repository"] == "Qwen/Qwen3-8B"


def test_a_removal_tells_plain_variables_and_no_secrets() -> None:
    there = found(env={"A": "1", "HF_TOKEN": "canary-value", "OTHER": "canary-value"})
    stored = marked(there.model, secrets=["OTHER"])
    done = step(Found(stored), state="absent")
    assert done.rollback is not None
    assert done.rollback["env"] == {"A": "1"}
    assert "canary" not in str([diff_of(done.changes, "x"), done.rollback])


def test_what_was_a_secret_once_is_never_shown() -> None:
    stored = marked(found(env={"OTHER": "canary-value"}).model, secrets=["OTHER"])
    done = step(Found(stored), env={"OTHER": "plain", "NEW_TOKEN": None})
    shown = diff_of(done.changes, "x")
    assert (shown["before"]["env.OTHER"], shown["after"]["env.OTHER"]) == ("(set)", "(changed)")
    assert "canary" not in str([shown, done.rollback])


def test_a_new_plan_of_the_same_definition_is_stored_without_a_restart() -> None:
    stored = found(meta=planned(a_plan(plan_id="f" * 16)))
    done = decide(wanted_of(parameters(plan=a_plan(), placement="auto")), stored)
    assert (done.actions, done.restart) == (("updated",), ())
    assert done.body is not None
    assert done.body["meta"][META_KEY]["plan_id"] == "0123456789abcdef"
    assert done.rollback is not None
    assert done.rollback["plan"]["plan_id"] == "f" * 16


def test_an_edit_without_a_plan_ends_the_stored_choice() -> None:
    stored = found(meta=planned(a_plan()))
    done = step(stored, backend_parameters=["--max-model-len=4096"])
    assert done.body is not None
    assert done.body["meta"][META_KEY]["plan_id"] is None
    assert done.body["meta"][META_KEY]["choice"] is None
    kept = step(stored, description="text")
    assert kept.body is not None
    assert kept.body["meta"][META_KEY]["choice"] == choice_of(a_plan())


def test_the_rollback_brings_back_what_was_there() -> None:
    before = a_model(description="old", gpu_selector={"gpu_ids": ["w1:cuda:0"]}, env={"A": "1"})
    changes = {
        "backend_parameters": ["--x=1"],
        "gpu_ids": [],
        "description": "new",
        "env": {"A": "2", "B": "2"},
    }
    there = step(Found(before), **changes)
    assert there.body is not None
    assert there.rollback is not None
    after = dict(before, **there.body)
    back = decide(wanted_of(parameters(**there.rollback)), Found(after))
    assert back.body is not None
    restored = dict(after, **back.body)
    for key in ("backend_parameters", "description", "env", "replicas"):
        assert restored[key] == before[key]
    assert restored["gpu_selector"]["gpu_ids"] == ["w1:cuda:0"]


@pytest.mark.parametrize(
    "change",
    [
        {"repository": "Qwen/Qwen3-0.6B"},
        {"source": "local_path", "repository": "/models/q"},
        {"file": "*Q4*"},
        {"speculative_config": {"algorithm": "ngram"}},
        {"restart_on_error": False},
        {"placement_strategy": "binpack"},
    ],
)
def test_the_rollback_of_one_field_is_a_task_of_its_own(change: Json) -> None:
    there = found()
    done = step(there, **change)
    assert done.rollback is not None
    assert step(there).kind == NOTHING
    back = decide(wanted_of(parameters(**done.rollback)), after(there, done))
    assert back.restart == ()
    assert decide(wanted_of(parameters(**SAME)), after(after(there, done), back)).kind == NOTHING


def test_secrets_are_in_no_diff_and_no_rollback() -> None:
    secret, new = "canary-old-value", "canary-new-value"
    stored = found(env={"HF_TOKEN": secret, "PLAIN": "1"})
    done = step(stored, env_secrets={"HF_TOKEN": new, "OTHER_NAME": new}, env={"PLAIN": "2"})
    shown = diff_of(done.changes, "x")
    assert shown["before"]["env.HF_TOKEN"] == "(set)"
    assert shown["after"]["env.HF_TOKEN"] == "(changed)"
    assert shown["after"]["env.OTHER_NAME"] == "(set)"
    assert shown["after"]["env.PLAIN"] == "2"
    assert "canary" not in str([shown, done.rollback, done.actions])
    assert done.body is not None
    assert done.body["env"] == {"HF_TOKEN": new, "OTHER_NAME": new, "PLAIN": "2"}
