# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What probes do with cards of the bus that their tool does not show."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import (
    COMMON_FAILURES,
    PARSE_ERROR,
    TOOL_MISSING,
    Failure,
    classify,
    how_it_ended,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    FOREIGN_DRIVERS,
    Scene,
    bus_device,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Notice,
)

_HINTS: t.Mapping[str, str] = {
    "passthrough": "It belongs to a virtual machine: plan there.",
    "driver_not_loaded": "Load the vendor's kernel module; after a kernel update it must be rebuilt.",
}


def tool_failure(vendor: str, command: str, outcome: Outcome) -> t.Tuple[Failure, Notice]:
    """Why a call gave no device."""
    failure = classify(outcome, COMMON_FAILURES) or PARSE_ERROR
    return failure, failure.notice(vendor, how_it_ended(command, outcome))


def with_cards(
    found: Findings, scene: Scene, failure: t.Optional[Failure], without_driver: str = "driver_error"
) -> Findings:
    """``found`` with every card of the bus: identity for those seen, a state for the others.

    Devices whose tool hides the address stand for as many cards that it does not name.
    """
    cards = {card.address: card for card in scene.cards}
    devices = [_with_bus(device, scene) for device in found.devices]
    seen = {device.pci_bus_id for device in devices}
    nameless = sum(device.pci_bus_id is None for device in devices)
    unseen = [card for address, card in cards.items() if address not in seen][nameless:]
    notices = list(found.notices)
    notices += [_of_unknown_memory(device) for device in devices if device.memory_total_bytes is None]
    for card in unseen:
        state = failure.code if failure else without_driver if card.driver is None else "driver_error"
        device = bus_device(card, state)
        devices.append(device)
        if failure is None or device.state != failure.code:
            notices.append(_unserved(device))
    return replace(found, devices=tuple(devices), notices=tuple(notices))


def missing_tool(scene: Scene, vendor: str, tool: str) -> t.Tuple[t.Optional[Failure], t.Tuple[Notice, ...]]:
    """Cards without the tool that reads them."""
    if all(card.driver in FOREIGN_DRIVERS for card in scene.cards):
        return None, ()
    return TOOL_MISSING, (TOOL_MISSING.notice(vendor, "There is a %s card and no %s" % (vendor, tool)),)


def _with_bus(device: Device, scene: Scene) -> Device:
    card = next((card for card in scene.cards if card.address == device.pci_bus_id), None)
    usable = device.state == "ok" and device.memory_total_bytes is not None
    device = replace(device, schedulable=usable)
    if card is None:
        return device
    if device.pci_id is None:
        device = device.told_by("sysfs", pci_id=card.pci_id)
    if device.numa_node is None:
        device = device.told_by("sysfs", numa_node=card.numa_node)
    return device


def _of_unknown_memory(device: Device) -> Notice:
    who = device.pci_bus_id or "%s card %s" % (device.vendor, device.index)
    text = "%s: its memory is not known" % who
    return Notice("memory_unknown", device.vendor, text, "The card is left out of plans.", device.pci_bus_id)


def _unserved(device: Device) -> Notice:
    text = "%s: on the PCI bus, but not served by the %s driver" % (device.pci_bus_id, device.vendor)
    hint = _HINTS.get(device.state, "See the kernel's log for the vendor's module.")
    return Notice(device.state, device.vendor, text, hint, device.pci_bus_id)
