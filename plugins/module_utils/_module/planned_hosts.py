# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a plan, from their facts and from what their server says of its workers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import (
    in_short,
    read_host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.selected_gpus import (
    levelled,
    only,
)

Params = t.Mapping[str, t.Any]
Worker = t.Mapping[str, t.Any]

READY = "ready"


@dataclass(frozen=True)
class PlannedHosts:
    """``notes`` say what cannot be used, ``barred`` are GPUs, by uuid, that the user keeps back."""

    hosts: t.Tuple[Host, ...]
    notes: t.Tuple[str, ...]
    barred: t.FrozenSet[str]


def planned_hosts(params: Params) -> PlannedHosts:
    """From the options ``hosts``, ``workers`` and ``worker_labels`` of model_plan."""
    hosts: t.List[Host] = []
    complaints: t.List[t.Tuple[str, str]] = []
    barred: t.Set[str] = set()
    for entry in params["hosts"] or ():
        host, notes = read_host(entry["name"], entry["site"], entry["facts"], entry.get("domain") or "")
        if entry.get("gpus"):
            whole, host = host, only(host, entry["gpus"])
            barred |= {gpu.uuid for gpu in whole.gpus} - {gpu.uuid for gpu in host.gpus}
        if entry.get("gpus") and params["tensor_parallel"]:
            host, more = levelled(host)
            notes += more
        obstacle = _obstacle(host, params["workers"], params["worker_labels"] or {})
        if obstacle is not None:
            host = replace(host, gpus=())
            notes.append("%s: %s" % (host.name, obstacle))
        complaints += [(host.name, note) for note in notes]
        hosts.append(host)
    return PlannedHosts(tuple(hosts), tuple(in_short(complaints)), frozenset(barred))


def _obstacle(
    host: Host, workers: t.Optional[t.Sequence[Worker]], labels: t.Mapping[str, t.Any]
) -> t.Optional[str]:
    """Why GPUStack would start nothing on a host, as far as its workers tell; without any it is not known."""
    if not workers or not host.gpus:
        return None
    worker = _worker_of(host, workers)
    if worker is None:
        names = sorted(str(each.get("name")) for each in workers)
        return "no GPUStack worker has its GPUs (workers: %s)" % ", ".join(names[:5])
    if worker.get("state") != READY:
        said = worker.get("state_message")
        return "its GPUStack worker is %s%s" % (_state(worker), " (%s)" % said if said else "")
    own = worker.get("labels") or {}
    wrong = sorted(name for name, value in labels.items() if str(own.get(name)) != str(value))
    if wrong:
        return "its GPUStack worker has not the label %s" % ", ".join(
            "%s=%s" % (name, labels[name]) for name in wrong
        )
    return None


def _state(worker: Worker) -> str:
    state = str(worker.get("state"))
    return "in maintenance" if state == "maintenance" else state.replace("_", " ")


def _worker_of(host: Host, workers: t.Sequence[Worker]) -> t.Optional[Worker]:
    """By the uuid of a GPU, else by name or address."""
    uuids = {gpu.uuid for gpu in host.gpus if not gpu.nameless}
    for worker in workers:
        if any(gpu.get("uuid") in uuids for gpu in worker.get("gpus") or ()):
            return worker
    for worker in workers:
        if host.name in (worker.get("name"), worker.get("hostname"), worker.get("ip")):
            return worker
    return None
