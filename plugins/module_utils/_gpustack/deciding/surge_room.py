# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a deployment and its successor can be there at the same time."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding import preflight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.reconcile import (
    Successor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import Wanted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import (
    Gpu,
    gpus_of,
)

GIB = 1 << 30
_OTHERWISE = (
    "apply: blue_green runs both at once. Plan with beside_running: true for GPUs that are free now, or use "
    "apply: rolling or recreate, where the old instances make room."
)


def check_heritage(old: Json, new: Successor, routes: t.Sequence[Json], view: View) -> None:
    """What a successor cannot take over.

    :raises InvalidInput: the deployment has no route, or adapters with routes of their own.
    :raises Conflict: the name of the new deployment is taken.
    """
    if not routes:
        raise InvalidInput(
            "The deployment %s has no route that apply: blue_green could switch" % old["name"],
            hint="Routes exist since GPUStack 2.1. Use apply: rolling or recreate.",
        )
    if old.get("lora_list"):
        raise InvalidInput(
            "The deployment %s has LoRA adapters, whose routes apply: blue_green cannot switch" % old["name"],
            hint="Use apply: rolling or recreate.",
        )
    if new.begun is None and view.is_taken(new.body["name"], public_name(old)):
        raise Conflict(
            "The name %s, which the new deployment would have, is taken" % new.body["name"],
            hint="Rename or remove that deployment.",
        )


def room_for_both(view: View, wanted: Wanted, body: Json) -> t.List[str]:
    """Warnings; what runs keeps its memory until the new deployment has answered.

    The evaluation is about one replica. Where the GPUs are of one size, the others are counted.

    :raises DoesNotFit: with the numbers.
    """
    if not body["replicas"]:
        return []
    try:
        warnings = preflight.check_definition(view, wanted, body, ())
        warnings += preflight.second_opinion(view, wanted, body)
    except DoesNotFit as exc:
        exc.hint = _OTHERWISE
        raise
    gpus = _eligible(view.workers(), body)
    if body["replicas"] > 1 and len({_total_bytes(gpu) for gpu in gpus}) == 1:
        _check_replicas(view, wanted, body, gpus)
    return warnings


def _check_replicas(view: View, wanted: Wanted, body: Json, gpus: t.Sequence[Gpu]) -> None:
    try:
        claim = view.client.evaluate(body["cluster_id"], preflight.evaluated(body)).get("resource_claim")
    except (AutoconfigError, KeyError, IndexError):
        return
    each_bytes = int((claim or {}).get("vram") or 0)
    free_bytes = sum(max(0, gpu.free_bytes or 0) for gpu in gpus)
    if each_bytes * body["replicas"] > free_bytes:
        raise DoesNotFit(
            "There is no room for %d more replicas of %s beside those that run: GPUStack would book %.2f GiB "
            "for each, and its %d GPUs have %.2f GiB free"
            % (body["replicas"], wanted.name, each_bytes / GIB, len(gpus), free_bytes / GIB),
            hint=_OTHERWISE,
        )


def _eligible(workers: t.Sequence[Json], body: Json) -> t.List[Gpu]:
    """The GPUs that the definition may use."""
    chosen = (body.get("gpu_selector") or {}).get("gpu_ids")
    labels = (body.get("worker_selector") or {}).items()
    return [
        gpu
        for worker in workers
        if worker.get("state") == "ready" and worker.get("cluster_id") == body.get("cluster_id")
        if labels <= (worker.get("labels") or {}).items()
        for gpu in gpus_of(worker)
        if not chosen or gpu.gpu_id in chosen
    ]


def _total_bytes(gpu: Gpu) -> t.Optional[int]:
    return (gpu.device.get("memory") or {}).get("total")
