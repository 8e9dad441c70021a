# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stops a task before it writes, what it says when the deployment fails, and what it always returns."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DeploymentFailed,
    DoesNotFit,
    InvalidInput,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.modules import (
    gpustack_deployment,
    gpustack_deployment_info,
)

from tests.unit.gpustack.conftest import (
    a_model,
    a_plan,
    a_worker,
    an_instance,
    page,
)
from tests.unit.gpustack.task import (
    CLUSTERS,
    COMPATIBLE,
    FILES,
    FIND,
    INSTANCES,
    LOG,
    MODEL,
    ROUTES,
    WORKERS,
    Run,
    written,
)
from tests.unit.wire import Wire


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def test_fields_that_the_server_drops_are_said(run: Run, wire: Wire) -> None:
    run.finds(a_model(), an_instance())
    wire.expect(MODEL, body=a_model())
    wire.expect("PUT /v2/models/7", body=a_model())
    wire.expect(MODEL, body=a_model())
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


def test_a_prefetch_that_fails_says_that_it_left_files(run: Run, wire: Wire) -> None:
    run.finds(None)
    run.may_change(COMPATIBLE)
    broken = {"id": 3, "worker_id": 1, "state": "error", "state_message": "No space left on device"}
    wire.expect(FILES, body=page())
    wire.expect("POST /v2/model-files", body=dict(broken, state="downloading"))
    wire.expect(FILES, body=page(broken))
    with pytest.raises(DeploymentFailed, match="No space left") as caught:
        run(prefetch=True)
    assert caught.value.changed
    assert written(wire) == ["POST /v2/model-files"]


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
    wire.expect(MODEL, body=a_model(access_policy="public"))
    wire.expect(ROUTES, body=page(route))
    result = run(access_policy="public")
    assert (result["diff"]["before"], result["diff"]["after"]) == (
        {"access_policy": "authed"},
        {"access_policy": "public"},
    )
    assert "Who may use the route qwen3-8b stays" in result["warnings"][0]
