# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way of a task: requests in their order, and what the task returns."""

from __future__ import annotations

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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deploy import Deployer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import META_KEY
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
EVALUATE = "POST /v2/model-evaluations"
COMPATIBLE = {"results": [{"compatible": True}]}
REVISION_1 = {"revision": 1, "created_at": "2026-01-01T10:00:00.400000Z"}


class Run:
    """One task on a wire."""

    def __init__(self, wire: Wire, client: GpustackClient) -> None:
        self._wire, self._client = wire, client
        self.lines: t.List[str] = []

    def __call__(self, check_mode: bool = False, wait: bool = True, **options: t.Any) -> Json:
        waiter = Waiter(self._client, self._wire.clock, 60.0, self.lines.append) if wait else None
        wanted = wanted_of(parameters(**dict(SAME, **options)))
        return Deployer(self._client, check_mode, waiter).run(wanted)

    def finds(
        self, model: t.Optional[Json] = None, *instances: Json, revisions: t.Any = (REVISION_1,)
    ) -> None:
        """What the server has when the task begins."""
        self._wire.expect(FIND, body=page(*([model] if model else [])))
        if model is not None:
            self._wire.expect(INSTANCES, body=page(*instances))
            if instances:
                self._wire.expect(REVISIONS, body=page(*revisions))
            self._wire.expect(ROUTES, body=page())
        self._wire.expect(WORKERS, body=page(a_worker()))

    def may_create(self, evaluation: Json) -> None:
        self._wire.expect(CLUSTERS, body=page({"id": 1, "name": "Default Cluster"}))
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


def test_unchanged_is_five_reads(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    result = run()
    assert not result["changed"]
    assert wire.calls() == [FIND, INSTANCES, REVISIONS, WORKERS, ROUTES]


def test_created_and_awaited(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_create(COMPATIBLE)
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
    run.may_create(COMPATIBLE)
    predicted = run(check_mode=True)
    assert written(wire) == []
    run.finds(None)
    run.may_create(COMPATIBLE)
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
    wire.expect(MODEL, body=a_model())
    wire.expect("PUT /v2/models/7", body=changed)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(changed, an_instance())
    run.then_is(changed, an_instance(id=21, state="starting"))
    run.then_is(changed, an_instance(id=21))
    wire.expect(ROUTES, body=page())
    result = run(backend_parameters=["--max-model-len=4096"])
    assert result["actions"] == ["updated", "restarted"]
    assert result["deployment"]["instances"][0]["id"] == 21
    assert written(wire) == ["PUT /v2/models/7", "DELETE /v2/model-instances/20"]


def test_a_run_that_was_killed_after_its_put_is_completed(run: Run, wire: Wire) -> None:
    half_done = a_model()
    half_done["meta"][META_KEY]["superseded"] = 20
    wire.expect(FIND, body=page(half_done))
    wire.expect(INSTANCES, body=page(an_instance()))
    wire.expect(WORKERS, body=page(a_worker()))
    wire.expect(ROUTES, body=page())
    wire.expect(MODEL, body=half_done)
    wire.expect("DELETE /v2/model-instances/20")
    run.then_is(half_done, an_instance(id=21))
    wire.expect(ROUTES, body=page())
    result = run()
    assert result["actions"] == ["restarted"]
    assert written(wire) == ["DELETE /v2/model-instances/20"]


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
    run.finds(a_model(), an_instance(), revisions=(newer, REVISION_1))
    wire.expect("GET /v2/models/7/revisions/1", body={"spec": a_model(**made_from)})
    result = run(apply="none")
    assert result["restart_required"] is stale
    assert not result["changed"]


def test_the_oldest_revision_kept_stands_for_those_before_it(run: Run, wire: Wire) -> None:
    kept = [{"revision": number, "created_at": "2026-01-01T%d:00:00Z" % number} for number in (12, 11)]
    run.finds(a_model(), an_instance(), revisions=kept)
    wire.expect("GET /v2/models/7/revisions/11", body={"spec": a_model()})
    assert not run(apply="none")["restart_required"]


def test_servers_without_revisions_know_our_own_changes(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page(a_model()))
    wire.expect(INSTANCES, body=page(an_instance()))
    wire.expect(REVISIONS, status=404, body={"detail": "Not Found"})
    wire.expect(WORKERS, body=page(a_worker()))
    wire.expect(ROUTES, body=page())
    assert not run()["changed"]


def test_removed(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page(a_model()))
    wire.expect(INSTANCES, body=page(an_instance()))
    wire.expect(WORKERS, body=page(a_worker()))
    wire.expect(ROUTES, body=page())
    wire.expect("DELETE /v2/models/7")
    result = run(state="absent")
    assert (result["deployment"], result["actions"]) == (None, ["deleted"])


def test_absent_and_not_there(run: Run, wire: Wire) -> None:
    wire.expect(FIND, body=page())
    assert not run(state="absent")["changed"]
    assert wire.calls() == [FIND]


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    wire.expect(MODEL, body=a_model(replicas=5))
    with pytest.raises(Conflict, match="changed by somebody else"):
        run(backend_parameters=["--max-model-len=4096"])
    assert written(wire) == []


@pytest.mark.parametrize(
    ("visible", "words"), [(True, "by somebody else while"), (False, "shows none of this name")]
)
def test_a_name_that_is_taken_is_explained(visible: bool, words: str, run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_create(COMPATIBLE)
    wire.expect("POST /v2/models", status=409, body={"message": "Model with name 'qwen3-8b' already exists."})
    wire.expect(FIND, body=page(*([a_model()] if visible else [])))
    with pytest.raises(Conflict, match=words) as caught:
        run()
    assert "rollback" not in caught.value.details


def test_an_unanswered_write_says_how_to_undo_it(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_create(COMPATIBLE)
    wire.expect("POST /v2/models", error=httpx.ReadTimeout("slow"))
    with pytest.raises(Unavailable) as caught:
        run()
    assert caught.value.details["rollback"] == {"name": "qwen3-8b", "state": "absent"}


def test_fields_that_the_server_drops_are_said(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    wire.expect(MODEL, body=a_model())
    wire.expect("PUT /v2/models/7", body=a_model())
    run.then_is(a_model(), an_instance())
    wire.expect(ROUTES, body=page())
    assert "did not store description" in run(description="text")["warnings"][0]


def test_the_plan_pins_to_the_servers_gpus(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_create(COMPATIBLE)
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
    run.may_create({"results": [refusal]})
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
    run.may_create({"results": [doubt]})
    assert "path does not exist" in run(check_mode=True)["warnings"][0]


def test_without_ready_workers(run: Run, wire: Wire) -> None:
    for check_mode in (False, True):
        wire.expect(FIND, body=page())
        wire.expect(WORKERS, body=page(a_worker(state="not_ready")))
        if check_mode:
            wire.expect(CLUSTERS, body=page({"id": 1, "name": "Default Cluster"}))
            assert "w1 is not_ready" in run(check_mode=True)["warnings"][0]
        else:
            with pytest.raises(Unavailable, match="w1 is not_ready"):
                run()


@pytest.mark.parametrize(
    ("clusters", "cluster", "kind", "words"),
    [
        ([], None, NotFound, "no cluster"),
        ([(1, "a"), (2, "b")], None, InvalidInput, "a \\(1\\), b \\(2\\)"),
        ([(1, "a"), (2, "b")], "c", NotFound, "no cluster c"),
    ],
)
def test_an_unclear_cluster_is_refused(
    clusters: t.Any, cluster: t.Optional[str], kind: t.Type[AutoconfigError], words: str, run: Run, wire: Wire
) -> None:
    run.finds(None)
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
    run.may_create(COMPATIBLE)
    broken = an_instance(state="error", state_message="CUDA out of memory", restart_count=2)
    wire.expect("POST /v2/models", body=a_model(state="pending"))
    run.then_is(a_model(state="error"), broken)
    with pytest.raises(DeploymentFailed, match="CUDA out of memory") as caught:
        run()
    assert "GPU memory" in str(caught.value.hint)
    assert caught.value.details["rollback"] == {"name": "qwen3-8b", "state": "absent"}
    assert caught.value.details["actions"] == ["created"]


def test_the_end_of_patience_names_the_last_state(run: Run, wire: Wire) -> None:
    starting = an_instance(state="starting", state_message="loading weights")
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
    assert set(documented) | {"changed", "diff"} == set(result)
    assert set(documented["deployment"]["contains"]) == set(result["deployment"])
    shown = yaml.safe_load(gpustack_deployment_info.RETURN)
    assert set(shown["deployments"]["contains"]) == set(result["deployment"])
