# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is checked on the server before anything is changed there."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    DoesNotFit,
    InvalidInput,
    NotFound,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.backend_check import (
    check_backend,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.contradictions import (
    Contradiction,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.memory_check import (
    GIB,
    check_claim,
    check_disks,
    check_memory,
    used_by_plan,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    CLAIM_VARIABLE,
    ENGINE_KEYS,
    ENV_PREFIX,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import Wanted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import (
    check_known,
    check_ready,
    match_placement,
)

# Of a refusal that no freed memory would change.
_NO_WORKER = "Matched 0/"
# Of a doubt that only says that there is a refusal.
_NO_WORKER_FOR_IT = "Unable to find a schedulable worker"


def pinned(wanted: Wanted, workers: t.Sequence[Json]) -> Wanted:
    """``wanted`` with the plan's placement as GPU ids of the server.

    :raises InvalidInput: the server does not know a host or GPU of the plan.
    :raises Unavailable: a worker of the plan is not ready.
    """
    if wanted.pins is None or wanted.state != "present":
        return wanted
    gpus = match_placement(wanted.pins, workers)
    check_ready(gpus)
    gpu_ids = sorted({gpu.gpu_id for gpu in gpus})
    return replace(wanted, fields=dict(wanted.fields, gpu_ids=gpu_ids), pins=None, pinned=True)


def check_workers(workers: t.Sequence[Json]) -> None:
    """Unavailable when no worker could take an instance."""
    if not any(worker.get("state") == "ready" for worker in workers):
        seen = ", ".join("%s is %s" % (worker["name"], worker.get("state")) for worker in workers)
        raise Unavailable(
            "GPUStack has no worker that is ready (%s)" % (seen or "it shows none at all"),
            hint="Add a worker, or check that this gpustack_api_key may see the cluster.",
        )


def cluster_id(clusters: t.Sequence[Json], wanted: t.Optional[str]) -> int:
    """The id of the cluster with this name or id; without one, of the only cluster."""
    found = [row for row in clusters if wanted is None or wanted in (row["name"], str(row["id"]))]
    if len(found) == 1:
        return int(found[0]["id"])
    names = ", ".join(sorted("%s (%s)" % (row["name"], row["id"]) for row in clusters)) or "none"
    if found:
        raise InvalidInput(
            "GPUStack has several clusters and cluster is not clear: %s" % names,
            hint="Set cluster to the id of one of them.",
        )
    raise NotFound(
        "GPUStack has no cluster%s. Visible to this key are: %s"
        % ("" if wanted is None else " %s" % wanted, names),
        hint="Create one in GPUStack, or check the rights of gpustack_api_key.",
    )


def check_cluster(view: View, wanted: Wanted, model: Json) -> None:
    """InvalidInput when a deployment is to move."""
    is_in = model.get("cluster_id")
    if wanted.cluster is None or wanted.cluster == str(is_in):
        return
    if cluster_id(view.clusters(), wanted.cluster) != is_in:
        raise InvalidInput(
            "The deployment %s is in the cluster with the id %s, not in %s"
            % (wanted.name, is_in, wanted.cluster),
            hint="A deployment cannot move: remove it first, or choose another name.",
        )


def second_opinion(
    view: View, wanted: Wanted, definition: Json, instances: t.Sequence[Json] = ()
) -> t.List[str]:
    """Warnings from GPUStack's own evaluation of a definition.

    ``instances`` of a former definition still hold memory, which makes its judgement of the room that
    there is worthless.

    :raises DoesNotFit: its scheduler would not place it, whatever the plan says.
    :raises InvalidInput: the definition contradicts itself.
    """
    try:
        found = view.client.evaluate(definition["cluster_id"], evaluated(definition))
    except (NotFound, Unavailable, UnexpectedReply, KeyError, IndexError) as exc:
        return ["GPUStack's own evaluation of %s was not to be had: %s" % (wanted.name, exc)]
    if found.get("error"):
        raise InvalidInput("GPUStack refuses to place %s: %s" % (wanted.name, found.get("error_message")))
    refusals = _one_line(found.get("scheduling_messages"))
    doubts = _one_line(
        text
        for text in found.get("compatibility_messages") or ()
        if not (refusals and text.startswith(_NO_WORKER_FOR_IT))
    )
    if refusals and not found.get("compatible") and (not instances or _NO_WORKER in refusals):
        raise _disagreement(wanted, refusals)
    warnings = check_claim(view, wanted, definition, found, instances)
    if found.get("compatible") or (refusals and not doubts):
        return warnings
    return [*warnings, "GPUStack doubts that %s can run: %s" % (wanted.name, doubts)]


def planned_backend(wanted: Wanted) -> t.Optional[Json]:
    """How the plan's backend is made, where GPUStack does not bring it."""
    return (wanted.plan or {}).get("backend_definition")


def check_definition(
    view: View, wanted: Wanted, definition: Json, instances: t.Sequence[Json]
) -> t.List[str]:
    """Warnings about what new instances would be made from: engine, GPUs, memory, disks.

    ``instances`` are those that would make room.

    :raises InvalidInput: the server has no such engine, version or GPU.
    :raises DoesNotFit: the GPUs of the plan are taken by something else.
    """
    if wanted.fields.get("gpu_ids"):
        check_known(wanted.fields["gpu_ids"], view.workers())
    warnings = []
    if wanted.fields.get("backend") or wanted.fields.get("backend_version"):
        warnings += check_backend(view, definition, planned_backend(wanted))
    return warnings + check_memory(view, wanted, instances) + check_disks(view, wanted)


def check_route(name: str, routes: t.Sequence[Json]) -> None:
    """Contradiction when a new deployment cannot have the route of its name.

    The route may belong to a deployment that somebody else makes or removes at this moment.
    """
    for route in routes:
        raise Contradiction(
            "There is a route %s already, which GPUStack would give to the new deployment of this name"
            % name,
            hint="Remove or rename the route (id %s), or choose another name." % route["id"],
        )


def _one_line(messages: t.Optional[t.Iterable[str]]) -> str:
    return " ".join(" ".join(text.lstrip("- ") for text in messages or ()).split())


def has_room(client: GpustackClient, definition: Json) -> bool:
    """Whether GPUStack would place one more instance beside all that runs."""
    try:
        return bool(client.evaluate(definition["cluster_id"], evaluated(definition)).get("compatible"))
    except (AutoconfigError, KeyError, IndexError):
        return False


def evaluated(definition: Json) -> Json:
    """The part of a definition that the evaluation is about."""
    keys = {"name", "env", "replicas", "categories", "cluster_id", *ENGINE_KEYS}
    return {key: value for key, value in definition.items() if key in keys and value is not None}


def _disagreement(wanted: Wanted, words: str) -> DoesNotFit:
    hint = "Free GPUs, or plan a smaller variant or a shorter context."
    if _NO_WORKER in words:
        hint = "Correct worker_selector, or give workers these labels in GPUStack."
    elif wanted.plan is not None and wanted.fields.get(ENV_PREFIX + CLAIM_VARIABLE) is None:
        hint += " If the plan's numbers are right, vram_claim: plan makes GPUStack book those."
    return DoesNotFit(
        "GPUStack would not place %s. It says: %s%s" % (wanted.name, words, _plan_words(wanted.plan)), hint
    )


def _plan_words(plan: t.Optional[Json]) -> str:
    memory = (plan or {}).get("memory")
    if not memory:
        return ""
    return " The plan says: %.2f GiB of %.2f GiB on each GPU." % (
        used_by_plan(t.cast(Json, plan)) / GIB,
        memory.get("total_bytes", 0) / GIB,
    )
