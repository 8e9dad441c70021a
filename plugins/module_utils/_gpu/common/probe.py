# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every vendor's probe is given and gives back.

A probe is one function of a Scene. It never raises for what a tool says, reports a card that it
cannot read rather than dropping it, and knows nothing of other vendors.
"""

from __future__ import annotations

import contextlib
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.pci import PciCard
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device, Findings

Value = t.TypeVar("Value")


class Tools(t.Protocol):
    """Runner's side that probes use."""

    def share(self, parts: int) -> Tools: ...

    def find(self, tool: str) -> t.Optional[str]: ...

    def run(self, argv: t.Sequence[str]) -> Outcome: ...

    def call(self, function: t.Callable[[], Value]) -> Value: ...

    def limited(self) -> contextlib.AbstractContextManager[Tools]: ...


# Parts of the facts. The first three are what a plan needs.
GATHER = ("identity", "memory", "links", "health", "load", "details")
GATHER_ALL = frozenset(GATHER)
GATHER_DEFAULT = ("identity", "memory", "links", "health")


class Scene(t.NamedTuple):
    """One host as one vendor's probe sees it. ``cards`` are that vendor's on the bus."""

    machine: Machine
    tools: Tools
    cards: t.Tuple[PciCard, ...]
    container: bool = False
    include_processes: bool = True
    gather: t.FrozenSet[str] = GATHER_ALL

    @property
    def include_topology(self) -> bool:
        return "links" in self.gather


Probe = t.Callable[[Scene], Findings]

# A kernel driver that holds the card instead of its vendor's -> the device's state.
_FOREIGN: t.Sequence[t.Tuple[str, str]] = (
    (r"vfio|pci[-_](pf[-_])?stub|pciback", "passthrough"),
    (r"^(gim|amdgv|nvidia[-_]vgpu.*)$", "sriov_host"),
    (
        r"^(nouveau|nova|nova[-_](core|drm)|radeon|rivafb|nvidiafb|efifb|simpledrm|uio_pci_generic|igb_uio)$",
        "wrong_driver",
    ),
)
STATE_HINTS: t.Mapping[str, str] = {
    "passthrough": "It is kept for a virtual machine: plan there.",
    "sriov_host": "Its memory is shared out to virtual machines: plan there.",
    "wrong_driver": "Install the vendor's driver in place of the kernel's own.",
    "not_visible": "This container was not given the card.",
    "driver_not_loaded": "Load the vendor's kernel module; after a kernel update it must be rebuilt.",
}


def foreign_state(driver: t.Optional[str]) -> t.Optional[str]:
    """What a kernel driver makes of a card that is not its vendor's driver for programs."""
    return next((state for pattern, state in _FOREIGN if re.search(pattern, driver or "")), None)


def bus_device(card: PciCard, state: str) -> Device:
    """A card of which only the bus knows; a foreign kernel driver explains it better than ``state``."""
    return Device(
        vendor=card.vendor,
        source="sysfs",
        pci_bus_id=card.address,
        pci_id=card.pci_id,
        state=foreign_state(card.driver) or state,
        schedulable=False,
        numa_node=card.numa_node,
        kernel_driver=card.driver,
    )
