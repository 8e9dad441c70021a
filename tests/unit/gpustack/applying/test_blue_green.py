# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From one deployment to another under one name: decisions, and requests in their order."""

from __future__ import annotations

import json
import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    DoesNotFit,
    InvalidInput,
    PermissionDenied,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.blue_green import (
    Handover,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    Found,
    Step,
    decide,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import (
    Json,
    a_model,
    a_worker,
    an_instance,
    listed,
    marked,
    page,
    parameters,
    stored,
)
from tests.unit.wire import Wire

WISH: Json = {
    "name": "qwen3-8b",
    "source": "huggingface",
    "repository": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "backend_parameters": ["--max-model-len=4096"],
    "apply": "blue_green",
}
ROUTE: Json = {"id": 3, "name": "qwen3-8b", "created_model_id": 7, "ready_targets": 1}
TO_OLD: Json = {
    "id": 30,
    "model_id": 7,
    "route_id": 3,
    "route_name": "qwen3-8b",
    "weight": 100,
    "state": "active",
}
TO_NEW: Json = dict(TO_OLD, id=31, model_id=8)
ROUTES = listed("/v2/model-routes", name="qwen3-8b")
TARGETS = listed("/v2/model-route-targets", route_id=3)
TARGETS_OF_OLD = listed("/v2/model-route-targets", model_id=7)
TARGETS_OF_NEW = listed("/v2/model-route-targets", model_id=8)
EVALUATE = "POST /v2/model-evaluations"
COMPATIBLE: Json = {"results": [{"compatible": True, "resource_claim": {"vram": 20 << 30}}]}


def step(found: Found, **changes: t.Any) -> Step:
    return decide(wanted_of(parameters(**dict(WISH, **changes))), found)


def there(*others: Json, **model: t.Any) -> Found:
    old = a_model(**model)
    return Found(old, (an_instance(),), {20: old["meta"][META_KEY]["engine"]}, others)


def begun(done: Step, **changes: t.Any) -> Json:
    """The successor of a step as the server has it."""
    assert done.successor is not None
    return dict(a_model(id=8), **dict(done.successor.body, **changes))


def test_the_new_deployment_has_all_of_the_old_one_but_what_changes() -> None:
    old: Json = {"env": {"THEIRS": "1"}, "scaling_schedule": {"enabled": False}, "updated_at": "2026-01-01"}
    done = step(there(**old))
    assert done.successor is not None
    body = done.successor.body
    assert done.body is None
    assert done.actions == ("updated", "switched")
    assert body["name"].startswith("qwen3-8b-")
    assert (body["env"], body["scaling_schedule"]) == (old["env"], old["scaling_schedule"])
    assert body["backend_parameters"] == WISH["backend_parameters"]
    assert not {"id", "updated_at", "state", "ready_replicas", "backend_version"} & set(body)
    assert body["meta"][META_KEY]["known_as"] == "qwen3-8b"
    assert begun(done)["name"] == begun(step(there(**old)))["name"]


def test_what_needs_no_restart_needs_no_new_deployment() -> None:
    same = {"backend_parameters": ["--max-model-len=8192"]}
    assert step(there(), description="text", **same).successor is None
    assert step(Found(a_model(replicas=0)), **same).successor is None


def test_a_switch_that_was_interrupted_is_continued_unless_something_else_is_wanted_now() -> None:
    new = begun(step(there()))
    again = step(there(new))
    assert again.successor is not None
    assert (again.successor.begun, again.leftovers) == (new, ())
    other = step(there(new), backend_parameters=["--max-model-len=1024"])
    assert other.successor is not None
    assert (other.successor.begun, other.leftovers) == (None, (new,))
    back = step(there(new), backend_parameters=["--max-model-len=8192"])
    assert (back.actions, back.leftovers) == (("cleared",), (new,))
    secret = {"env_secrets": {"HF_TOKEN": "canary-first-value"}}
    with_secret = begun(step(there(), **secret))
    changed = step(there(with_secret), env_secrets={"HF_TOKEN": "canary-other-value"})
    assert changed.leftovers == (with_secret,)


def test_after_a_switch_nothing_is_to_do() -> None:
    new = begun(step(there()))
    found = Found(new, (an_instance(id=21),), {21: new["meta"][META_KEY]["engine"]})
    assert not step(found).changed
    next_one = step(found, backend_parameters=["--max-model-len=8192"])
    assert begun(next_one)["name"] not in ("qwen3-8b", new["name"])
    assert begun(next_one)["meta"][META_KEY]["known_as"] == "qwen3-8b"


class Run:
    """One task on a wire, from the old deployment to the new one."""

    def __init__(self, wire: Wire, client: GpustackClient) -> None:
        self._wire, self._client = wire, client
        self.new = begun(step(there()))
        self.asked: t.List[str] = []
        self.answers = True

    def __call__(self, max_restarts: t.Optional[int] = None, **options: t.Any) -> Json:
        waiter = Waiter(self._client, self._wire.clock, 60.0, lambda _line: None)
        handover = Handover(self._prove, 7.0, self._wire.clock)
        wanted = wanted_of(parameters(**dict(WISH, **options)))
        return Deployment(View(self._client), wanted, False, waiter, handover).run(max_restarts)

    def _prove(self, name: str) -> None:
        self.asked.append(name)
        if not self.answers:
            raise ProbeFailed("no answer", hint="Look.")

    def finds(
        self, workers: t.Sequence[Json] = (), evaluation: t.Optional[Json] = None, **old: t.Any
    ) -> None:
        wire = self._wire
        wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(a_model(**old)))
        wire.expect(listed("/v2/models/7/instances"), body=page(an_instance()))
        wire.expect(ROUTES, body=page(ROUTE))
        wire.expect(listed("/v2/models", search=self.new["name"]), body=page())
        wire.expect(listed("/v2/workers"), body=page(*(workers or [a_worker()])))
        wire.expect(EVALUATE, body=evaluation or COMPATIBLE)

    def starts(self) -> None:
        wire = self._wire
        wire.expect("GET /v2/models/7", body=a_model())
        wire.expect("POST /v2/models", body=self.new)
        wire.expect("GET /v2/models/8", body=self.new)
        wire.expect(listed("/v2/models/8/instances"), body=page(an_instance(id=21)))


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def bodies(wire: Wire, method: str) -> t.List[Json]:
    return [json.loads(request.content) for request in wire.seen if request.method == method]


def test_the_route_is_led_to_both_before_it_is_led_to_the_new_one_alone(run: Run, wire: Wire) -> None:
    run.finds()
    run.starts()
    found_out_by_the_server: Json = {"backend_version": "0.32.0", "categories": ["llm", "embedding"]}
    wire.expect("GET /v2/models/7", body=a_model(**found_out_by_the_server))
    wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD))
    wire.expect("PUT /v2/model-routes/3", body=ROUTE)
    for state in ("unavailable", "active"):
        wire.expect(TARGETS_OF_NEW, body=page(dict(TO_NEW, state=state)))
        wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD, TO_NEW))
    wire.expect("PUT /v2/model-routes/3", body=ROUTE)
    wire.expect("DELETE /v2/models/7")
    wire.expect(ROUTES, body=page(dict(ROUTE, created_model_id=None)))
    result = run()
    both, alone = bodies(wire, "PUT")
    assert both["targets"] == [{"id": 30, "model_id": 7}, {"weight": 100, "model_id": 8}]
    assert alone["targets"] == [{"id": 31, "model_id": 8}]
    assert run.asked == [run.new["name"]]
    assert wire.clock.slept[-1] == 7.0
    assert result["actions"] == ["updated", "switched"]
    assert (result["deployment"]["name"], result["deployment"]["id"]) == ("qwen3-8b", 8)


def test_a_route_that_nobody_answered_for_is_written_again(run: Run, wire: Wire) -> None:
    run.finds()
    run.starts()
    wire.expect("GET /v2/models/7", body=a_model())
    wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD))
    wire.expect("PUT /v2/model-routes/3", error=httpx.ReadError("reset"))
    wire.expect("PUT /v2/model-routes/3", status=502)
    wire.expect("PUT /v2/model-routes/3", body=ROUTE)
    wire.expect(TARGETS_OF_NEW, body=page(TO_NEW))
    for _look in range(2):
        wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD, TO_NEW))
    wire.expect("PUT /v2/model-routes/3", body=ROUTE)
    wire.expect("DELETE /v2/models/7")
    wire.expect(ROUTES, body=page(ROUTE))
    assert run()["actions"] == ["updated", "switched"]
    first, second, third, _alone = bodies(wire, "PUT")
    assert first == second == third


def test_a_switch_that_ends_before_the_old_one_is_removed_says_that_it_changed_something(
    run: Run, wire: Wire
) -> None:
    """The new deployment is there since an earlier run: the first write is that of the route."""
    new = dict(run.new, id=8)
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(a_model(), new))
    for _look in range(2):
        wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD))
    wire.expect(listed("/v2/models/7/instances"), body=page(an_instance()))
    wire.expect("GET /v2/models/7", body=a_model())
    wire.expect("GET /v2/models/8", body=new)
    wire.expect(listed("/v2/models/8/instances"), body=page(an_instance(id=21)))
    wire.expect("GET /v2/models/7", body=a_model())
    wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD))
    wire.expect("PUT /v2/model-routes/3", body=ROUTE)
    wire.expect(TARGETS_OF_NEW, body=page(TO_NEW))
    for _look in range(2):
        wire.expect(TARGETS_OF_OLD, body=page(TO_OLD))
    wire.expect(ROUTES, body=page(ROUTE))
    wire.expect(TARGETS, body=page(TO_OLD, TO_NEW))
    wire.expect("PUT /v2/model-routes/3", body=ROUTE)
    wire.expect("DELETE /v2/models/7", status=403, body={"message": "no"})
    with pytest.raises(PermissionDenied) as caught:
        run()
    assert caught.value.changed
    assert "rollback" in caught.value.details


def test_one_that_does_not_answer_is_removed_and_the_other_serves(run: Run, wire: Wire) -> None:
    run.finds()
    run.starts()
    wire.expect(TARGETS_OF_NEW, body=page(dict(TO_NEW, id=32, route_id=4, route_name=run.new["name"])))
    wire.expect("DELETE /v2/models/8")
    run.answers = False
    with pytest.raises(ProbeFailed) as caught:
        run()
    assert not caught.value.changed
    assert "former deployment goes on serving" in str(caught.value.hint)


def test_an_edit_of_the_old_one_meanwhile_is_not_lost(run: Run, wire: Wire) -> None:
    run.finds()
    run.starts()
    wire.expect("GET /v2/models/7", body=a_model(description="theirs"))
    wire.expect(TARGETS_OF_NEW, body=page())
    wire.expect("DELETE /v2/models/8")
    with pytest.raises(Conflict, match="while its successor started: description"):
        run()


def test_more_replicas_than_there_is_memory_are_refused(run: Run, wire: Wire) -> None:
    run.new = begun(step(there(), replicas=3))
    run.finds([a_worker(gpus=2)])
    wire.expect(EVALUATE, body=COMPATIBLE)
    with pytest.raises(
        DoesNotFit, match="3 more replicas of .* 20.00 GiB for each, .* 2 GPUs have 44.99 GiB"
    ):
        run(replicas=3)
    assert bodies(wire, "PUT") == []


def test_instances_of_the_old_one_count_as_restarts(run: Run, wire: Wire) -> None:
    run.finds()
    with pytest.raises(InvalidInput, match="restart 1 instances, and max_restarts is 0"):
        run(max_restarts=0)
    assert bodies(wire, "PUT") == []


def test_adapters_are_not_switched(run: Run, wire: Wire) -> None:
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(stored(lora_list=[{"lora_name": "a"}])))
    wire.expect(listed("/v2/models/7/instances"), body=page(an_instance()))
    wire.expect(ROUTES, body=page(ROUTE))
    with pytest.raises(InvalidInput, match="LoRA adapters"):
        run()


def test_without_a_route_there_is_nothing_to_switch(run: Run, wire: Wire) -> None:
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(a_model()))
    wire.expect(listed("/v2/models/7/instances"), body=page(an_instance()))
    wire.expect(ROUTES, status=404, body={"detail": "Not Found"})
    with pytest.raises(InvalidInput, match="no route that apply: blue_green could switch"):
        run()


def test_a_taken_name_is_refused(run: Run, wire: Wire) -> None:
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(a_model()))
    wire.expect(listed("/v2/models/7/instances"), body=page(an_instance()))
    wire.expect(ROUTES, body=page(ROUTE))
    theirs = dict(a_model(id=9), name=run.new["name"])
    wire.expect(listed("/v2/models", search=run.new["name"]), body=page(theirs))
    with pytest.raises(Conflict, match="is taken"):
        run()


def test_of_several_the_one_that_serves_is_shown(wire: Wire, client: GpustackClient) -> None:
    old, new = a_model(), begun(step(there()))
    for targets, serving in (([TO_OLD, TO_NEW], old), ([TO_NEW], new), ([], old)):
        wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(new, old))
        wire.expect(ROUTES, body=page(ROUTE))
        wire.expect(TARGETS, body=page(*targets))
        family = View(client).family("qwen3-8b")
        assert family is not None
        assert family.serving["id"] == serving["id"]
        assert len(family.others) == 1


def test_a_mark_of_others_renames_nothing(wire: Wire, client: GpustackClient) -> None:
    theirs = marked(a_model(name="other"), managed_by="somebody", known_as="qwen3-8b")
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(theirs))
    assert View(client).family("qwen3-8b") is None
