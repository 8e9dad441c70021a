# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every vendor's probe is given and gives back.

A probe is one function of a Scene. It never raises for what a tool says, reports a card that it
cannot read rather than dropping it, and knows nothing of other vendors.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Scene:
    """One host as one vendor's probe sees it. ``cards`` are that vendor's on the bus."""

    machine: Machine
    tools: Tools
    cards: t.Tuple[PciCard, ...]
    container: bool = False
    include_topology: bool = True
    include_processes: bool = True


Probe = t.Callable[[Scene], Findings]

# A kernel driver that holds the card instead of its vendor's -> the device's state.
FOREIGN_DRIVERS: t.Mapping[str, str] = {"vfio-pci": "passthrough", "nouveau": "wrong_driver"}


def bus_device(card: PciCard, state: str) -> Device:
    """A card of which only the bus knows; a foreign kernel driver explains it better than ``state``."""
    return Device(
        vendor=card.vendor,
        source="sysfs",
        pci_bus_id=card.address,
        pci_id=card.pci_id,
        state=FOREIGN_DRIVERS.get(card.driver or "", state),
        schedulable=False,
        numa_node=card.numa_node,
    )
