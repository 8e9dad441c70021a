# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the GPUs and disks of a plan have the room that it counts on, by now."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    SOURCE_KEYS,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import Wanted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import (
    Gpu,
    gpus_of,
)

GIB = 1 << 30
# Workers report every 10 s: what was freed a moment ago shows in one of these looks.
REPORT_S = 4.0
REPORTS = 3
_USED_BY_PLAN = (
    "weights_bytes",
    "activation_bytes",
    "runtime_bytes",
    "cuda_graphs_bytes",
    "kv_cache_bytes",
)


def used_by_plan(plan: Json) -> int:
    """Bytes on each GPU."""
    memory = plan.get("memory") or {}
    return sum(int(memory.get(key) or 0) for key in _USED_BY_PLAN)


def check_memory(view: View, wanted: Wanted, instances: t.Sequence[Json]) -> t.List[str]:
    """Warnings where the GPUs of the plan have less free memory than it takes, with ``overcommit``.

    What the deployment's own ``instances`` hold counts as free: they make room.

    :raises DoesNotFit: without ``overcommit``.
    """
    if wanted.plan is None or not wanted.pinned:
        return []
    short = _short(wanted, view.workers(), instances)
    for _report in range(0 if wanted.overcommit else REPORTS):
        if not short:
            return []
        view.client.clock.sleep(REPORT_S)
        short = _short(wanted, view.client.workers(), instances)
    if short and not wanted.overcommit:
        raise DoesNotFit(
            "%s would not start: %s" % (wanted.name, "; ".join(short)),
            hint="Look with nvidia-smi or its like what else runs there, or plan again with fresh facts; "
            "overcommit: true deploys all the same.",
        )
    return ["%s." % each for each in short]


def check_claim(
    view: View, wanted: Wanted, definition: Json, evaluation: Json, instances: t.Sequence[Json]
) -> t.List[str]:
    """Warnings where chosen GPUs have less free memory than GPUStack would book, with ``overcommit``.

    Without a plan nobody else knows what the engine takes; an engine that reserves a share of a card does not
    start on one that is full. GPUStack itself does not look at what other processes hold.

    :raises DoesNotFit: without ``overcommit``.
    """
    chosen = wanted.fields.get("gpu_ids")
    claim = int((evaluation.get("resource_claim") or {}).get("vram") or 0)
    if not chosen or wanted.pinned or not claim:
        return []
    selector, held = definition.get("gpu_selector") or {}, _held(instances)
    each = selector.get("gpus_per_replica") or max(1, len(chosen) // (definition.get("replicas") or 1))
    short = []
    for worker in view.workers():
        for gpu in _chosen(wanted, worker):
            free = gpu.unused_bytes(held.get((worker["id"], int(gpu.device["index"])), 0))
            if free is not None and free < claim // each:
                short.append(
                    "the GPU %s has %.2f GiB free, and GPUStack would book %.2f GiB of it"
                    % (gpu.gpu_id, free / GIB, claim / each / GIB)
                )
    if short and not wanted.overcommit:
        raise DoesNotFit(
            "%s would not start: %s" % (wanted.name, "; ".join(short)),
            hint="Choose other GPUs, a smaller share of them, or plan with modelscan.autoconfig.model_plan; "
            "overcommit: true deploys all the same.",
        )
    return ["%s." % words for words in short]


def check_disks(view: View, wanted: Wanted) -> t.List[str]:
    """Warnings where no disk of a worker of the plan has room for weights that are not there yet."""
    if wanted.plan is None or not wanted.pinned:
        return []
    weights = int(wanted.plan["variant"].get("weights_bytes") or 0)
    warnings = []
    for worker in view.workers():
        free = [disk.get("available") or 0 for disk in (worker.get("status") or {}).get("filesystem") or ()]
        if not (_chosen(wanted, worker) and free and max(free) < weights):
            continue
        if not any(_is_there(row, worker, wanted) for row in view.files()):
            warnings.append(
                "No disk of the worker %s has room for %.2f GiB of weights; the largest has %.2f GiB."
                % (worker["name"], weights / GIB, max(free) / GIB)
            )
    return warnings


def _short(wanted: Wanted, workers: t.Sequence[Json], instances: t.Sequence[Json]) -> t.List[str]:
    needs, held = used_by_plan(wanted.plan or {}), _held(instances)
    short = []
    for worker in workers:
        for gpu in _chosen(wanted, worker):
            free = gpu.unused_bytes(held.get((worker["id"], int(gpu.device["index"])), 0))
            if free is not None and free < needs:
                short.append(
                    "the GPU %s has %.2f GiB free, and the plan takes %.2f GiB"
                    % (gpu.gpu_id, free / GIB, needs / GIB)
                )
    return short


def _chosen(wanted: Wanted, worker: Json) -> t.List[Gpu]:
    return [gpu for gpu in gpus_of(worker) if gpu.gpu_id in wanted.fields["gpu_ids"]]


def _held(instances: t.Sequence[Json]) -> t.Dict[t.Tuple[int, int], int]:
    """Bytes that GPUStack has booked for these instances, by worker id and index of the GPU."""
    held: t.Dict[t.Tuple[int, int], int] = {}
    for instance in instances:
        servers = instance.get("distributed_servers") or {}
        for part in (instance, *(servers.get("subordinate_workers") or ())):
            claim = (part.get("computed_resource_claim") or {}).get("vram") or {}
            for index, size in claim.items():
                place = (part.get("worker_id"), int(index))
                held[place] = held.get(place, 0) + int(size)
    return held


def _is_there(row: Json, worker: Json, wanted: Wanted) -> bool:
    """Whether a model file is the plan's source, complete on a worker."""
    repository_key = SOURCE_KEYS[wanted.fields["source"]][0]
    same = row.get("source") == wanted.fields["source"]
    same = same and row.get(repository_key) == wanted.fields["repository"]
    return same and row.get("worker_id") == worker["id"] and row.get("state") == "ready"
