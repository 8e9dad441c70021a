# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: hosts and GPUs as a plan sees them, from the facts of gpu_facts."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

# NVML before version 2 reports no reserved memory; drivers hold about this share of the card.
ASSUMED_RESERVED_SHARE = 0.01

# The kind of link that joins an island, as the facts call it.
FAST_LINK = "nvlink"

Facts = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Gpu:
    """One card. ``total_bytes`` is what the driver reports, ``reserved_bytes`` what it keeps.

    ``cuda`` is the newest that the driver runs. Cards of one ``island`` reach each other over fast links (NVLink) without leaving it.
    """

    index: int
    uuid: str
    pci_bus_id: str
    name: str
    capability: t.Optional[t.Tuple[int, int]]
    total_bytes: int
    reserved_bytes: int
    used_bytes: int
    free_bytes: int
    island: int = 0
    cuda: t.Optional[t.Tuple[int, int]] = None

    @property
    def kind(self) -> t.Tuple[t.Any, ...]:
        """Cards of one kind may share a tensor-parallel group and a plan."""
        return (self.name, self.total_bytes, self.capability, self.cuda)


@dataclass(frozen=True)
class Host:
    """The usable GPUs of one inventory host, which belongs to one site.

    Hosts of one ``domain`` may fail together, such as those of a rack.
    """

    name: str
    site: str
    gpus: t.Tuple[Gpu, ...]
    domain: str = ""


@dataclass(frozen=True)
class Claims:
    """Bytes that instances hold, by GPU uuid: those of this plan's deployment, and of others."""

    own: t.Mapping[str, int] = field(default_factory=dict)
    others: t.Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Room:
    """Memory of the tightest GPU of a slot.

    ``total_bytes`` is the card without the driver's reserve. ``usable_bytes`` is what an engine
    finds once our own instances of this deployment are gone.
    """

    total_bytes: int
    free_bytes: int
    credited_bytes: int
    usable_bytes: int


@dataclass(frozen=True)
class Slot:
    """GPUs of one kind on one host that a replica, counted from 0, would take there."""

    host: str
    gpus: t.Tuple[Gpu, ...]
    room: Room
    replica: int = 0

    @property
    def crosses_islands(self) -> bool:
        """Whether some of the GPUs reach each other over slow links only."""
        return len({gpu.island for gpu in self.gpus}) > 1


def room_of(gpu: Gpu, claims: Claims) -> Room:
    """Free memory plus what our own instance on this GPU gives back.

    The credit is never more than what is used there. What other deployments claim is not usable
    even while they do not fill it yet.
    """
    total = gpu.total_bytes - gpu.reserved_bytes
    credit = min(gpu.used_bytes, claims.own.get(gpu.uuid, 0))
    usable = min(gpu.free_bytes + credit, total - claims.others.get(gpu.uuid, 0))
    return Room(total, gpu.free_bytes, credit, max(0, usable))


def read_host(name: str, site: str, facts: t.Optional[Facts], domain: str = "") -> t.Tuple[Host, t.List[str]]:
    """A host from ``ansible_facts.autoconfig_gpu``, and what about it cannot be used."""
    if not facts:
        return Host(name, site, (), domain), [
            "%s: no GPU facts; run modelscan.autoconfig.gpu_facts on it first" % name
        ]
    warnings = ["%s: %s" % (name, warning["message"]) for warning in facts.get("warnings") or ()]
    islands, cuda = _islands(facts), _capability((facts.get("runtime") or {}).get("cuda"))
    gpus = []
    for device in facts.get("devices") or ():
        obstacle = _obstacle(device)
        if obstacle is None:
            gpus.append(replace(_gpu(device, islands), cuda=cuda))
        else:
            warnings.append("%s: GPU %s is left out: %s" % (name, device.get("index"), obstacle))
    if not facts.get("devices"):
        warnings.append("%s: no GPU was found" % name)
    return Host(name, site, tuple(gpus), domain), warnings


def _obstacle(device: Facts) -> t.Optional[str]:
    if device.get("vendor") != "nvidia":
        return "vendor %s is not planned yet" % device.get("vendor")
    if not device.get("schedulable", False):
        return "it is %s" % (device.get("state") or "not schedulable")
    if (device.get("health") or {}).get("state") == "unhealthy":
        return "it is unhealthy"
    if (device.get("mig") or {}).get("mode") == "enabled":
        return "MIG is on, and slices are not planned yet"
    if not device.get("memory_total_bytes") or device.get("memory_free_bytes") is None:
        return "its memory is unknown"
    return None


def _islands(facts: Facts) -> t.Dict[int, int]:
    """The island of each GPU that has fast links: the lowest index that it reaches over them."""
    islands: t.Dict[int, int] = {}
    for link in (facts.get("topology") or {}).get("links") or ():
        if link.get("kind") == FAST_LINK:
            first, second = (islands.setdefault(int(link[end]), int(link[end])) for end in ("a", "b"))
            joined = min(first, second)
            islands = {gpu: joined if own in (first, second) else own for gpu, own in islands.items()}
    return islands


def _gpu(device: Facts, islands: t.Mapping[int, int]) -> Gpu:
    total = int(device["memory_total_bytes"])
    reserved = device.get("memory_reserved_bytes")
    free = int(device["memory_free_bytes"])
    used = device.get("memory_used_bytes")
    return Gpu(
        index=int(device["index"]),
        uuid=str(device["uuid"]),
        pci_bus_id=str(device.get("pci_bus_id") or ""),
        name=str(device["name"]),
        capability=_capability(device.get("compute_capability")),
        total_bytes=total,
        reserved_bytes=int(total * ASSUMED_RESERVED_SHARE) if reserved is None else int(reserved),
        used_bytes=total - free if used is None else int(used),
        free_bytes=free,
        # Cards without fast links are an island each.
        island=islands.get(int(device["index"]), int(device["index"])),
    )


def _capability(text: t.Optional[str]) -> t.Optional[t.Tuple[int, int]]:
    major, _dot, minor = str(text or "").partition(".")
    return (int(major), int(minor or 0)) if major.isdigit() else None
