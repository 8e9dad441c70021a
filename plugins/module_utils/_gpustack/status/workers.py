# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a plan's hosts and GPUs to the server's workers and GPU ids.

A host's inventory name is not a worker's name. GPUs are matched by their uuid; where one side
does not know it, by the worker's name or address and the GPU's index. Pure: no IO.
"""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    Unavailable,
)

Json = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Gpu:
    """One GPU of a worker, as GPUStack knows it. Sizes in bytes."""

    worker: Json
    device: Json

    @property
    def gpu_id(self) -> str:
        """GPUStack's name for it in a gpu_selector."""
        return "%s:%s:%s" % (self.worker["name"], self.device["type"], self.device["index"])

    @property
    def uuid(self) -> t.Optional[str]:
        return self.device.get("uuid") or None

    @property
    def free_bytes(self) -> t.Optional[int]:
        """What neither processes hold nor GPUStack has booked; None where the size is unknown."""
        memory = self.device.get("memory") or {}
        if not memory.get("total"):
            return None
        taken = max(memory.get("used") or 0, memory.get("allocated") or 0)
        return int(memory["total"]) - int(taken)

    def unused_bytes(self, own_bytes: int) -> t.Optional[int]:
        """What no process holds but those that GPUStack has booked ``own_bytes`` for.

        From what the worker reports: GPUStack's sum of all bookings may still count what is gone.
        """
        memory = self.device.get("memory") or {}
        if not memory.get("total"):
            return None
        return int(memory["total"]) - max(0, int(memory.get("used") or 0) - own_bytes)

    def as_result(self) -> Json:
        memory = self.device.get("memory") or {}
        return {
            "gpu_id": self.gpu_id,
            "index": self.device["index"],
            "uuid": self.uuid,
            "name": self.device.get("name"),
            "total_bytes": memory.get("total"),
            "used_bytes": memory.get("used"),
            "allocated_bytes": memory.get("allocated"),
            "driver_version": self.device.get("driver_version"),
            "runtime_version": self.device.get("runtime_version"),
        }


def gpus_of(worker: Json) -> t.List[Gpu]:
    devices = (worker.get("status") or {}).get("gpu_devices") or []
    return [Gpu(worker, device) for device in devices]


def worker_result(worker: Json) -> Json:
    """One worker as the info module returns it."""
    return {
        "name": worker["name"],
        "hostname": worker.get("hostname"),
        "ip": worker.get("ip"),
        "state": worker.get("state"),
        "state_message": worker.get("state_message") or None,
        "version": worker.get("worker_version"),
        "labels": worker.get("labels") or {},
        "cluster_id": worker.get("cluster_id"),
        "gpus": [gpu.as_result() for gpu in gpus_of(worker)],
    }


def match_placement(placement: t.Sequence[Json], workers: t.Sequence[Json]) -> t.List[Gpu]:
    """The server's GPU for each GPU of the plan, replica after replica.

    :raises InvalidInput: a host or a GPU of the plan is not known to the server.
    """
    return [_match(entry["host"], gpu, workers) for entry in placement for gpu in entry["gpus"]]


def check_ready(gpus: t.Iterable[Gpu]) -> None:
    """Unavailable when a worker that is to serve cannot."""
    for gpu in gpus:
        state = gpu.worker.get("state")
        if state != "ready":
            raise Unavailable(
                "The worker %s, which has the GPU %s, is %s" % (gpu.worker["name"], gpu.gpu_id, state),
                hint="Look at the worker in GPUStack; deploy when it is ready, or plan without this host.",
            )


def check_known(gpu_ids: t.Sequence[str], workers: t.Sequence[Json]) -> None:
    """InvalidInput when the server has no GPU of one of these ids."""
    known = sorted(gpu.gpu_id for worker in workers for gpu in gpus_of(worker))
    for gpu_id in gpu_ids:
        if gpu_id not in known:
            near = difflib.get_close_matches(gpu_id, known, n=1)
            raise InvalidInput(
                "GPUStack has no GPU %s; workers: %s" % (gpu_id, _names(workers)),
                hint="Did you mean %s?" % near[0] if near else "An id has the form worker:type:index.",
            )


def _match(host: str, wanted: Json, workers: t.Sequence[Json]) -> Gpu:
    uuid = wanted.get("uuid")
    everything = [gpu for worker in workers for gpu in gpus_of(worker)]
    by_uuid = [gpu for gpu in everything if uuid and gpu.uuid == uuid]
    if by_uuid:
        return by_uuid[0]
    worker = _worker_of(host, workers)
    if worker is None:
        raise InvalidInput(
            "No GPUStack worker has the GPU %s (%s) of the host %s, nor is one called %s; workers: %s"
            % (wanted["index"], uuid or "uuid unknown", host, host, _names(workers)),
            hint="Start a GPUStack worker on the host, or leave placing to GPUStack with placement: auto.",
        )
    same_index = [gpu for gpu in gpus_of(worker) if gpu.device["index"] == wanted["index"]]
    if not same_index or (uuid and same_index[0].uuid):
        shown = ", ".join("%s=%s" % (gpu.device["index"], gpu.uuid) for gpu in gpus_of(worker)) or "none"
        raise InvalidInput(
            "The GPU %s (%s) of the host %s is not one of those that GPUStack sees there: %s"
            % (wanted["index"], uuid or "uuid unknown", host, shown),
            hint="Plan again with fresh facts; a card may be replaced, lost, or hidden from the worker.",
        )
    return same_index[0]


def _worker_of(host: str, workers: t.Sequence[Json]) -> t.Optional[Json]:
    for keys in (("name", "hostname"), ("ip", "advertise_address")):
        for worker in workers:
            if host in [worker.get(key) for key in keys]:
                return worker
    return None


def _names(workers: t.Sequence[Json]) -> str:
    return ", ".join(sorted(worker["name"] for worker in workers)) or "none"
