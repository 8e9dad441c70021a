# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""States: when a deployment is there, when waiting is no use, and how it is shown."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    Snapshot,
    deployment_record,
    expected_instances,
    judge,
    model_state,
)

from tests.unit.gpustack.conftest import Json, a_model, a_worker, an_instance, marked

ONE = Goal(1)


def verdict(*instances: Json, goal: Goal = ONE, held_s: float = 0.0, **model: t.Any) -> t.Any:
    held = {instance["id"]: held_s for instance in instances}
    return judge(Snapshot(a_model(**model), instances, held), goal)


def test_running() -> None:
    assert verdict(an_instance()).done


ROLES = [{"name": "prefill", "replicas": 1}, {"name": "decode", "replicas": 2}]


@pytest.mark.parametrize(("members", "done"), [(2, False), (3, True)])
def test_a_deployment_with_roles_has_the_members_of_all_roles(members: int, done: bool) -> None:
    instances = [an_instance(id=20 + number) for number in range(members)]
    assert verdict(*instances, roles=ROLES, ready_replicas=members).done is done


def test_members_of_roles_are_none_while_it_is_stopped() -> None:
    assert expected_instances(a_model(roles=ROLES, replicas=0)) == 0
    assert expected_instances(a_model(roles=[{"name": "prefill"}, {"name": "decode", "replicas": 3}])) == 4


@pytest.mark.parametrize(("ready", "state"), [(0, "pending"), (1, "partial"), (2, "running")])
def test_the_state_on_servers_that_have_no_word_for_it(ready: int, state: str) -> None:
    older = a_model(replicas=2, ready_replicas=ready)
    del older["state"]
    assert model_state(older) == state
    instances = [an_instance(), an_instance(id=21)]
    assert judge(Snapshot(older, instances), Goal(2)).done is (state == "running")


@pytest.mark.parametrize(
    ("instances", "model", "goal"),
    [
        ([], {}, Goal(1)),
        ([an_instance()], {"replicas": 2}, Goal(2)),
        ([an_instance(), an_instance(id=21, state="starting")], {}, Goal(1)),
        ([an_instance()], {"state": "pending"}, Goal(1)),
        ([an_instance()], {"ready_replicas": 0}, Goal(1)),
        ([an_instance()], {}, Goal(1, frozenset([20]))),
        ([an_instance(), an_instance(id=21)], {}, Goal(1, frozenset([20]))),
        ([an_instance()], {}, Goal(0)),
    ],
    ids=["none", "too few", "one starts", "model", "not ready", "old one", "old beside new", "not stopped"],
)
def test_not_yet(instances: t.List[Json], model: Json, goal: Goal) -> None:
    found = verdict(*instances, goal=goal, **model)
    assert (found.done, found.problem) == (False, None)


def test_stopped_means_that_none_is_left() -> None:
    assert verdict(goal=Goal(0), replicas=0, ready_replicas=0, state="pending").done
    assert not verdict(goal=Goal(0), replicas=0, ready_replicas=1, state="pending").done


@pytest.mark.parametrize(
    ("instance", "model", "held_s", "fails"),
    [
        ({"state": "error"}, {}, 0.0, False),
        ({"state": "error"}, {}, 16.0, True),
        ({"state": "error", "restart_count": 2}, {}, 0.0, True),
        ({"state": "error"}, {"restart_on_error": False}, 0.0, True),
        ({"state": "pending", "state_message": "No suitable workers.\n- x"}, {}, 1.0, False),
        ({"state": "pending", "state_message": "No suitable workers.\n- x"}, {}, 6.0, True),
        ({"state": "pending", "state_message": "Failed to find candidate"}, {}, 6.0, False),
        ({"state": "pending", "state_message": "Failed to find candidate"}, {}, 16.0, True),
        ({"state": "pending", "state_message": ""}, {}, 500.0, False),
        ({"state": "downloading"}, {}, 500.0, False),
    ],
)
def test_when_waiting_is_no_use(instance: Json, model: Json, held_s: float, fails: bool) -> None:
    found = verdict(an_instance(**instance), held_s=held_s, state="pending", **model)
    assert (found.problem is not None) is fails
    assert not found.done


def test_an_error_of_an_instance_that_is_being_replaced_is_no_problem() -> None:
    old = an_instance(state="error", restart_count=9)
    assert verdict(old, goal=Goal(1, frozenset([20]))).problem is None


def test_the_record_names_gpus_and_claims_and_no_environment() -> None:
    subordinate = {"worker_id": 2, "gpu_indexes": [1], "computed_resource_claim": {"vram": {"1": 5}}}
    instance = an_instance(distributed_servers={"subordinate_workers": [subordinate]})
    workers = [a_worker("w1"), a_worker("w2", id=2)]
    routes = [{"name": "qwen3-8b", "created_model_id": 7, "ready_targets": 1}]
    record = deployment_record(a_model(env={"HF_TOKEN": "canary"}), [instance], workers, routes)
    assert record["instances"][0]["gpus"] == [
        {"index": 0, "uuid": "GPU-w1-0", "claimed_bytes": 21737609625},
        {"index": 1, "uuid": "GPU-w2-1", "claimed_bytes": 5},
    ]
    assert record["route"] == {"name": "qwen3-8b", "ready": True}
    assert record["managed"]
    assert "canary" not in str(record)


def test_the_record_of_a_stopped_deployment() -> None:
    record = deployment_record(a_model(replicas=0, state="pending"), [], [], [])
    assert (record["state"], record["instances"], record["route"]) == ("stopped", [], None)


def test_the_route_is_the_one_of_the_public_name_in_the_same_organization() -> None:
    route = {"name": "qwen3-8b", "created_by_model": True, "ready_targets": 1, "owner_principal_id": 1}
    model = a_model(owner_principal_id=1)
    assert deployment_record(model, [], [], [route])["route"] == {"name": "qwen3-8b", "ready": True}
    for other in (dict(route, name="other"), dict(route, owner_principal_id=2)):
        assert deployment_record(model, [], [], [other])["route"] is None
    switched = marked(dict(model, name="qwen3-8b-0a1b2c3d"), known_as="qwen3-8b")
    assert deployment_record(switched, [], [], [dict(route, created_by_model=False)])["route"]
