# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and GPUs as a plan sees them."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ASSUMED, MEASURED

NVIDIA, AMD, ASCEND = "nvidia", "amd", "ascend"
# The memory of a host without cards, in which llama.cpp computes.
CPU = "cpu"

# Links that join an island, as the facts call them. A bridge or c2c joins a pair, or a card and its host.
FAST_LINKS = frozenset(("nvlink", "xgmi", "hccs"))

# Of memory that a card shares with its host: for the system, the engine's own processes and the pages of the
# files that it reads.
HOST_SHARE = 0.10

Capability = t.Tuple[int, int]


class Chip(t.NamedTuple):
    """What kernels are compiled for: ``capability`` of NVIDIA, ``target`` of others (gfx942, Ascend910B3)."""

    vendor: str
    capability: t.Optional[Capability] = None
    target: str = ""

    def __str__(self) -> str:
        if self.vendor == NVIDIA:
            return "compute capability %s" % ("%d.%d" % self.capability if self.capability else "unknown")
        return self.target or "unknown chip"


@dataclass(frozen=True)
class Gpu:
    """One card. ``total_bytes`` is what the driver reports, ``reserved_bytes`` what it keeps.

    ``uuid`` is the driver's, or one of our own where it tells none (``nameless``).

    ``cuda`` is the newest that the driver runs. Cards of one ``island`` reach each other over fast links (NVLink,
    xGMI, HCCS) without leaving it. ``unified``: its memory is the host's, too. ``profile``: it is this slice of a
    card (MIG), of which several have the card's ``index``. ``processes`` are those with memory of it, in words, and
    their bytes. ``simulated``: nothing was read from the host.
    """

    index: int
    uuid: str
    pci_bus_id: str
    name: str
    capability: t.Optional[Capability]
    total_bytes: int
    reserved_bytes: int
    used_bytes: int
    free_bytes: int
    island: int = 0
    cuda: t.Optional[t.Tuple[int, int]] = None
    vendor: str = NVIDIA
    target: str = ""
    unified: bool = False
    profile: str = ""
    power_w: t.Optional[float] = None
    nameless: bool = False
    simulated: bool = False
    processes: t.Tuple[t.Tuple[str, int], ...] = ()

    @property
    def evidence(self) -> t.Dict[str, str]:
        """Where its sizes come from."""
        return dict.fromkeys(("total_bytes", "free_bytes"), ASSUMED if self.simulated else MEASURED)

    @property
    def chip(self) -> Chip:
        return Chip(self.vendor, self.capability, self.target)

    @functools.cached_property
    def kind(self) -> t.Tuple[t.Any, ...]:
        """Cards of one kind may share a tensor-parallel group and a plan."""
        others = tuple(each for each in (self.target, self.profile) if each)
        return (self.name, self.total_bytes, self.capability, self.cuda, *others)


@dataclass(frozen=True)
class Host:
    """The usable GPUs of one inventory host, which belongs to one site.

    Hosts of one ``domain`` may fail together, such as those of a rack. ``memory_bytes`` of the host are available, of
    ``total_memory_bytes``; 0 where nobody knows.
    """

    name: str
    site: str
    gpus: t.Tuple[Gpu, ...]
    domain: str = ""
    memory_bytes: int = 0
    total_memory_bytes: int = 0


@dataclass(frozen=True)
class Claims:
    """Bytes by GPU uuid that instances hold, those of this plan's deployment and of others, and bytes that
    plans made before this one are going to take.
    """

    own: t.Mapping[str, int] = field(default_factory=dict)
    others: t.Mapping[str, int] = field(default_factory=dict)
    planned: t.Mapping[str, int] = field(default_factory=dict)


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


def own_uuid(host: str, index: int) -> str:
    """What stands for the uuid of a card that has none."""
    return "%s/%d" % (host, index)


def room_of(gpu: Gpu, claims: Claims) -> Room:
    """Free memory plus what our own instance on this GPU gives back.

    The credit is never more than what is used there. What other deployments claim is not usable
    even while they do not fill it yet. Of shared memory the host keeps its share, in which what it uses
    now counts.
    """
    total = gpu.total_bytes - gpu.reserved_bytes
    credit = min(gpu.used_bytes, claims.own.get(gpu.uuid, 0))
    kept = int(total * HOST_SHARE) if gpu.unified else 0
    usable = min(gpu.free_bytes + credit, total - kept - claims.others.get(gpu.uuid, 0))
    usable -= claims.planned.get(gpu.uuid, 0)
    return Room(total, gpu.free_bytes, credit, max(0, usable))


def cpu_host(host: Host) -> Host:
    """A host without cards as one whose memory is the only card."""
    total, free = host.total_memory_bytes, host.memory_bytes
    card = Gpu(
        0,
        "%s/cpu" % host.name,
        "",
        "CPU",
        None,
        total,
        0,
        max(0, total - free),
        free,
        vendor=CPU,
        nameless=True,
    )
    return replace(host, gpus=(card,)) if total and free else host
