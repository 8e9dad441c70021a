# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what is checked on the server before anything is changed there."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    DoesNotFit,
    InvalidInput,
    NotFound,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.spec import (
    CLAIM_VARIABLE,
    ENV_PREFIX,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.wanted import Wanted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.workers import (
    check_ready,
    match_placement,
)

GIB = 1 << 30
_USED_BY_PLAN = (
    "weights_bytes",
    "activation_bytes",
    "runtime_bytes",
    "cuda_graphs_bytes",
    "kv_cache_bytes",
)


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
    return replace(wanted, fields=dict(wanted.fields, gpu_ids=gpu_ids), pins=None)


def check_workers(workers: t.Sequence[Json]) -> None:
    """Unavailable when no worker could take an instance."""
    if not any(worker.get("state") == "ready" for worker in workers):
        seen = ", ".join("%s is %s" % (worker["name"], worker.get("state")) for worker in workers)
        raise Unavailable(
            "GPUStack has no worker that is ready (%s)" % (seen or "it shows none at all"),
            hint="Add a worker, or check that this gpustack_api_key may see the cluster.",
        )


def cluster_id(client: GpustackClient, wanted: t.Optional[str]) -> int:
    """The id of the cluster with this name or id; without one, of the only cluster."""
    clusters = client.clusters()
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
        "GPUStack has no cluster%s; visible with this key: %s"
        % ("" if wanted is None else " %s" % wanted, names),
        hint="Create one in GPUStack, or check the rights of gpustack_api_key.",
    )


def second_opinion(client: GpustackClient, wanted: Wanted, body: Json) -> t.List[str]:
    """Warnings from GPUStack's own evaluation of a definition that is to be created.

    :raises DoesNotFit: its scheduler would not place it, whatever the plan says.
    """
    spec = {key: value for key, value in body.items() if key not in ("meta", "enable_model_route")}
    try:
        found = client.evaluate(body["cluster_id"], spec)
    except (NotFound, Unavailable, UnexpectedReply, KeyError, IndexError) as exc:
        return ["GPUStack's own evaluation of %s was not to be had: %s" % (wanted.name, exc)]
    if found.get("error"):
        raise InvalidInput("GPUStack refuses to place %s: %s" % (wanted.name, found.get("error_message")))
    if found.get("compatible"):
        return []
    if found.get("scheduling_messages"):
        raise _disagreement(wanted, " ".join(" ".join(found["scheduling_messages"]).split()))
    return ["GPUStack doubts that %s can run: %s" % (wanted.name, " ".join(found["compatibility_messages"]))]


def _disagreement(wanted: Wanted, words: str) -> DoesNotFit:
    hint = "Free GPUs, or plan a smaller variant or a shorter context."
    if wanted.plan is not None and wanted.fields.get(ENV_PREFIX + CLAIM_VARIABLE) is None:
        hint += " If the plan's numbers are right, vram_claim: plan makes GPUStack book those."
    return DoesNotFit(
        "GPUStack would not place %s. It says: %s%s" % (wanted.name, words, _plan_words(wanted.plan)), hint
    )


def _plan_words(plan: t.Optional[Json]) -> str:
    memory = (plan or {}).get("memory")
    if not memory:
        return ""
    used = sum(int(memory.get(key) or 0) for key in _USED_BY_PLAN)
    return " The plan says: %.2f GiB of %.2f GiB on each GPU." % (
        used / GIB,
        memory.get("total_bytes", 0) / GIB,
    )
