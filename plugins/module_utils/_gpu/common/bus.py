# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards of the bus beside what their tool shows: which is which, and what is missing."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions, pci
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import (
    COMMON_FAILURES,
    PARSE_ERROR,
    TOOL_MISSING,
    Failure,
    classify,
    how_it_ended,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.pci import PciCard
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    STATE_HINTS,
    Scene,
    bus_device,
    foreign_state,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Notice,
)


def tool_failure(vendor: str, command: str, outcome: Outcome) -> t.Tuple[Failure, Notice]:
    """Why a call gave no device."""
    failure = classify(outcome, COMMON_FAILURES) or PARSE_ERROR
    return failure, failure.notice(vendor, how_it_ended(command, outcome, failure))


def paired(
    devices: t.Sequence[Device], cards: t.Sequence[PciCard]
) -> t.Tuple[t.List[Device], t.List[PciCard]]:
    """Devices with the address of their card, and the cards that no device stands for.

    Tools count cards in the order of the bus: as many devices without an address as cards are left are
    these cards. Fewer stand for some of them, of which it is not known which.
    """
    shown = {device.pci_bus_id for device in devices}
    unseen = [card for card in cards if card.address not in shown]
    nameless = [place for place, device in enumerate(devices) if device.pci_bus_id is None]
    found = list(devices)
    if len(nameless) == len(unseen):
        for place, card in zip(nameless, unseen):
            found[place] = found[place].told_by("sysfs", pci_bus_id=card.address)
    return found, unseen[len(nameless) :]


def with_cards(
    found: Findings, scene: Scene, failure: t.Optional[Failure], without_driver: str = "driver_error"
) -> Findings:
    """``found`` with every card of the bus: identity for those seen, a state for the others."""
    told, unseen = paired(found.devices, scene.cards)
    devices = [_judged(_with_bus(device, scene)) for device in told]
    notices = list(found.notices)
    for device in devices:
        notices.extend(conditions.notices(device, who(device)))
        if device.memory_total_bytes is None:
            notices.append(_of_unknown_memory(device))
    for card in unseen:
        state = failure.code if failure else without_driver if card.driver is None else "driver_error"
        if failure is None and scene.container:
            state = "not_visible"
        device = bus_device(card, state)
        devices.append(device)
        if failure is None or device.state != failure.code:
            notices.append(unserved(device))
    return found._replace(devices=tuple(devices), notices=tuple(notices))


_NODES: t.Mapping[str, t.Tuple[str, str]] = {
    "nvidia": ("/dev", r"nvidia\d"),
    "amd": ("/dev", r"kfd\Z"),
    "hygon": ("/dev", r"kfd\Z|mkfd"),
    "intel": ("/dev/dri", r"renderD\d"),
    "ascend": ("/dev", r"davinci\d"),
    "gaudi": ("/dev/accel", r"accel\d"),
}
_OTHER_NODES = ("/dev", r"(mxcd|mtgpu|cambricon|iluvatar|alixpu|neuron)")


def is_withheld(scene: Scene, vendor: str) -> bool:
    """Whether this is a container that was given no card of the vendor: the bus shows those of its host."""
    folder, pattern = _NODES.get(vendor, _OTHER_NODES)
    return scene.container and not any(re.match(pattern, name) for name in scene.machine.names(folder))


def missing_tool(scene: Scene, vendor: str, tool: str) -> t.Tuple[t.Optional[Failure], t.Tuple[Notice, ...]]:
    """Cards without the tool that reads them; in a container that has none of them, it is not missed."""
    if is_withheld(scene, vendor) or all(foreign_state(card.driver) for card in scene.cards):
        return None, ()
    return TOOL_MISSING, (
        TOOL_MISSING.notice(vendor, "The bus has %s cards, and there is no %s" % (vendor, tool)),
    )


def who(device: Device) -> str:
    """What people are told the card is: its address, or the tool's number."""
    return device.pci_bus_id or device.uuid or "%s card %s" % (device.vendor, device.index)


def with_link(device: Device, machine: Machine) -> Device:
    """``device`` with its slot's PCIe link; fewer lanes than both ends could use is a condition.

    The generation is no condition: an idle card lowers it by itself.
    """
    state = device.pcie or pci.link_state(machine, device.pci_bus_id)
    if state is None:
        return device
    if device.pcie is None:
        device = device.told_by("sysfs", pcie=state)
    width, most = state["width"], state["width_max"]
    if not width or not most or width >= most:
        return device
    detail = "PCIe x%d of x%d" % (width, most)
    if state["generation"] and state["generation_max"]:
        detail += ", generation %d of %d" % (state["generation"], state["generation_max"])
    code = "pcie_half" if width * 2 == most else "pcie_narrowed"
    return device._replace(health=conditions.with_more(device.health, [(code, detail)]))


def _judged(device: Device) -> Device:
    blocked = conditions.obstacle(device.health)
    state = blocked if blocked and device.state == "ok" else device.state
    usable = state == "ok" and device.memory_total_bytes is not None
    return device._replace(state=state, schedulable=usable)


def _with_bus(device: Device, scene: Scene) -> Device:
    card = next((card for card in scene.cards if card.address == device.pci_bus_id), None)
    if card is None:
        return device
    device = device._replace(kernel_driver=card.driver)
    if device.pci_id is None:
        device = device.told_by("sysfs", pci_id=card.pci_id)
    if device.numa_node is None:
        device = device.told_by("sysfs", numa_node=card.numa_node)
    return with_link(device, scene.machine) if scene.include_topology else device


def _of_unknown_memory(device: Device) -> Notice:
    text = "%s: its memory is not known" % who(device)
    hint = "The card is left out of plans. Where its driver runs, the vendor's tool tells the memory."
    return Notice("memory_unknown", device.vendor, text, hint, device.pci_bus_id)


def unserved(device: Device) -> Notice:
    """Why a card of the bus is not served."""
    served = "held by %s" % device.kernel_driver if device.kernel_driver else "no kernel driver holds it"
    text = "%s: on the PCI bus, but not served by the %s driver (%s)" % (
        device.pci_bus_id,
        device.vendor,
        served,
    )
    hint = STATE_HINTS.get(device.state, "See the kernel's log for the vendor's module.")
    severity = "note" if device.state in ("passthrough", "sriov_host", "not_visible") else "error"
    return Notice(device.state, device.vendor, text, hint, device.pci_bus_id, severity)
