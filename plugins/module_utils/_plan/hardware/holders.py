# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds the memory of cards beside the deployment that is planned."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Gpu, Host

Record = t.Mapping[str, t.Any]

# Less than this is the driver's and a display's.
LEAST_BYTES = 256 << 20
MOST_SHOWN = 8
# A process of an instance holds about what the instance has booked.
_ALIKE = 0.25


class Holder(t.NamedTuple):
    """Somebody with memory of one card: what it is, in words, and bytes."""

    host: str
    gpu: int
    by: str
    bytes: int


def holders(
    hosts: t.Iterable[Host], records: t.Sequence[Record], own_names: t.Container[str]
) -> t.List[Holder]:
    """Deployments of other names and foreign processes, on each card the largest first.

    Processes of instances are told by their deployments: of each instance, that one goes whose size is
    next to what it has booked.
    """
    booked: t.Dict[str, t.List[t.Tuple[str, int]]] = {}
    for record in records:
        for instance in record.get("instances") or ():
            for gpu in instance.get("gpus") or ():
                if gpu.get("uuid"):
                    claim = (str(record.get("name")), int(gpu.get("claimed_bytes") or 0))
                    booked.setdefault(gpu["uuid"], []).append(claim)
    found: t.List[Holder] = []
    for host in hosts:
        for gpu in host.gpus:
            there = booked.get(gpu.uuid, [])
            rows = [("deployment %s" % name, size) for name, size in there if name not in own_names]
            rows += _foreign(gpu, [size for _name, size in there])
            found += [
                Holder(host.name, gpu.index, by, size)
                for by, size in sorted(rows, key=lambda row: (-row[1], row[0]))
                if size >= LEAST_BYTES
            ]
    return found


def _foreign(gpu: Gpu, claims: t.Sequence[int]) -> t.List[t.Tuple[str, int]]:
    left = list(gpu.processes)
    for claim in claims:
        near = min(left, key=lambda row: abs(row[1] - claim), default=None)
        if near is not None and abs(near[1] - claim) <= _ALIKE * max(claim, 1):
            left.remove(near)
    return left


def in_words(found: t.Sequence[Holder]) -> str:
    """``gpu-a GPU 0: deployment chat 20.1 GiB, process python3 (pid 7) 1.0 GiB; ...``."""
    cards: t.Dict[t.Tuple[str, int], t.List[Holder]] = {}
    for each in found:
        cards.setdefault((each.host, each.gpu), []).append(each)
    parts = [
        "%s GPU %d: %s" % (host, index, ", ".join("%s %s" % (each.by, gib(each.bytes)) for each in rows))
        for (host, index), rows in cards.items()
    ]
    more = len(parts) - MOST_SHOWN
    return "; ".join(parts[:MOST_SHOWN] + (["and on %d more" % more] if more > 0 else []))
