# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment's state as results show it, and whether it is reached.

Pure: no IO.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import excerpt
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import public_route
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.model_object import (
    fields_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    OWNER,
    Mark,
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import gpus_of

Json = t.Dict[str, t.Any]

# An engine that GPUStack restarts may yet come up; one that stays down or comes back thrice will not.
MAX_RESTARTS = 2
MESSAGE_LENGTH = 700
ERROR_GRACE_S = 15.0
# The scheduler's refusals by what they say: it looks again each time something on the server changes.
REFUSAL_GRACE_S: t.Mapping[str, float] = {"No suitable workers": 5.0, "Failed to find candidate": 15.0}


def deployment_record(
    model: Json,
    instances: t.Sequence[Json],
    workers: t.Sequence[Json],
    routes: t.Sequence[Json],
) -> Json:
    """One deployment in the form that both modules return. Holds no environment variables."""
    fields, mark = fields_of(model), Mark.of(model)
    return {
        "name": public_name(model),
        "server_name": model["name"],
        "id": model.get("id"),
        "state": model_state(model),
        "state_message": model.get("state_message") or None,
        "managed": mark.managed_by == OWNER,
        "plan_id": mark.plan_id,
        "choice": mark.choice,
        "replicas": model.get("replicas"),
        "ready_replicas": model.get("ready_replicas") or 0,
        "source": fields["source"],
        "repository": fields["repository"],
        "backend": model.get("backend"),
        "backend_version": model.get("backend_version"),
        "backend_parameters": model.get("backend_parameters") or [],
        "cluster_id": model.get("cluster_id"),
        "edited_by_others": mark.engine is not None and mark.engine != mark.digest_of(model),
        "outdated_instances": [each["name"] for each in instances if _is_outdated(each, mark)],
        "instances": [_instance_record(instance, workers) for instance in instances],
        "route": _route_record(model, routes),
    }


def model_state(model: Json) -> str:
    """GPUStack's word, but ``stopped`` where nothing is meant to run.

    Servers before 2.3 have no word for it; it follows from the number of ready replicas.
    """
    replicas, ready = model.get("replicas") or 0, model.get("ready_replicas") or 0
    if not replicas:
        return "stopped"
    if "state" in model:
        return str(model["state"] or "pending")
    return "running" if ready >= replicas else "partial" if ready else "pending"


def expected_instances(model: Json) -> int:
    """How many instances the server makes: the replicas, or once they are not 0 the members of all roles."""
    replicas, roles = model.get("replicas") or 0, model.get("roles") or ()
    if not (replicas and roles):
        return int(replicas)
    return sum(1 if role.get("replicas") is None else role["replicas"] for role in roles)


def _is_outdated(instance: Json, mark: Mark) -> bool:
    return mark.recorded_origin(instance["id"]) not in (None, mark.engine)


def _route_record(model: Json, routes: t.Sequence[Json]) -> t.Optional[Json]:
    route = public_route(model, routes)
    return route and {"name": route["name"], "ready": bool(route.get("ready_targets"))}


def _instance_record(instance: Json, workers: t.Sequence[Json]) -> Json:
    servers = instance.get("distributed_servers") or {}
    parts = [instance] + list(servers.get("subordinate_workers") or [])
    return {
        "name": instance["name"],
        "id": instance["id"],
        "state": instance["state"],
        "state_message": instance.get("state_message") or None,
        "worker": instance.get("worker_name"),
        "worker_ip": instance.get("worker_ip"),
        "gpus": [gpu for part in parts for gpu in _claimed_gpus(part, workers)],
    }


def _claimed_gpus(part: Json, workers: t.Sequence[Json]) -> t.List[Json]:
    claim = (part.get("computed_resource_claim") or {}).get("vram") or {}
    known = {
        gpu.device["index"]: gpu
        for worker in workers
        if worker["id"] == part.get("worker_id")
        for gpu in gpus_of(worker)
    }
    return [
        {
            "index": index,
            "uuid": known[index].uuid if index in known else None,
            "claimed_bytes": claim.get(str(index)),
        }
        for index in part.get("gpu_indexes") or []
    ]


@dataclass(frozen=True)
class Goal:
    """What waiting is for. ``replaced`` are ids of instances that must be gone."""

    replicas: int
    replaced: t.FrozenSet[int] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """``problem`` is set when waiting longer is no use; ``states`` is for people.

    ``culprit`` is the id of the instance that has a log to tell about the problem.
    """

    done: bool
    states: str
    problem: t.Optional[str] = None
    culprit: t.Optional[int] = None


@dataclass(frozen=True)
class Snapshot:
    """One look at a deployment.

    By instance id, ``held_s`` is how long each has been in its state, and ``downloads`` how far its
    download is, in words.
    """

    model: Json
    instances: t.Sequence[Json]
    held_s: t.Mapping[int, float] = field(default_factory=dict)
    downloads: t.Mapping[int, str] = field(default_factory=dict)


def judge(snapshot: Snapshot, goal: Goal) -> Verdict:
    """Whether exactly the wanted number of instances of the present definition run."""
    states = _described(snapshot)
    if goal.replicas == 0:
        return Verdict(not snapshot.instances and not snapshot.model.get("ready_replicas"), states)
    fresh = [instance for instance in snapshot.instances if instance["id"] not in goal.replaced]
    for instance in fresh:
        problem = _problem(snapshot, instance)
        if problem:
            ran = instance["state"] == "error" and instance.get("worker_id") is not None
            return Verdict(False, states, problem, instance["id"] if ran else None)
    # What is stored by now: a schedule of the server, or a person, may have scaled meanwhile.
    expected = expected_instances(dict({"replicas": goal.replicas}, **snapshot.model))
    all_run = all(instance["state"] == "running" for instance in snapshot.instances)
    done = (
        all_run
        and len(fresh) == len(snapshot.instances) == expected
        and model_state(snapshot.model) == "running"
        and (snapshot.model.get("ready_replicas") or 0) >= expected
    )
    return Verdict(done, states)


def _problem(snapshot: Snapshot, instance: Json) -> t.Optional[str]:
    message = instance.get("state_message") or ""
    held_s = snapshot.held_s.get(instance["id"], 0.0)
    if instance["state"] == "error":
        final = (
            snapshot.model.get("restart_on_error") is False
            or (instance.get("restart_count") or 0) >= MAX_RESTARTS
            or held_s >= ERROR_GRACE_S
        )
    else:
        graces = [grace for words, grace in REFUSAL_GRACE_S.items() if words in message]
        final = instance["state"] == "pending" and bool(graces) and held_s >= graces[0]
    return "%s: %s" % (instance["name"], _one_line(message or "error without a message")) if final else None


def _one_line(message: str) -> str:
    return excerpt(message, MESSAGE_LENGTH)


def _described(snapshot: Snapshot) -> str:
    parts = []
    for instance in snapshot.instances:
        share = snapshot.downloads.get(instance["id"], "")
        message = " (%s)" % _one_line(instance["state_message"]) if instance.get("state_message") else ""
        parts.append("%s %s%s%s" % (instance["name"], instance["state"], share, message))
    return "model %s; %s" % (model_state(snapshot.model), ", ".join(parts) or "no instances")
