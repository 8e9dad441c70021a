# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: all probes, one host, one fact."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import nvidia, pci
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.host import host_facts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.probe import (
    Probe,
    Scene,
    Tools,
    bus_device,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.types import (
    Device,
    Fact,
    Findings,
    Notice,
)

SCHEMA = 1

# Vendors whose tools we read; a card of another vendor is known by the bus alone.
PROBES: t.Mapping[str, Probe] = {nvidia.VENDOR: nvidia.probe}
VENDORS: t.Sequence[str] = tuple(pci.VENDORS.values())


@dataclass(frozen=True)
class Wishes:
    """What the caller wants to know."""

    vendors: t.Sequence[str] = VENDORS
    include_topology: bool = True
    include_processes: bool = True


def collect(machine: Machine, tools: Tools, wishes: Wishes) -> Fact:
    """The value of ``ansible_facts.autoconfig_gpu``. Raises nothing for whatever the host is like."""
    host = host_facts(machine)
    cards = pci.scan(machine)
    found = {vendor: Findings() for vendor in wishes.vendors}
    for vendor in found:
        scene = Scene(
            machine=machine,
            tools=tools,
            cards=tuple(card for card in cards if card.vendor == vendor),
            container=host["container"],
            include_topology=wishes.include_topology,
            include_processes=wishes.include_processes,
        )
        found[vendor] = _probe(vendor, scene)
    devices = [device for findings in found.values() for device in findings.devices]
    notices = [notice for findings in found.values() for notice in findings.notices]
    if not devices and not notices:
        notices = [_no_gpu(wishes.vendors)]
    return {
        "schema": SCHEMA,
        "collected_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(machine.now())),
        "host": host,
        "driver": {vendor: findings.driver for vendor, findings in found.items() if findings.driver},
        "runtime": {name: value for findings in found.values() for name, value in findings.runtime.items()},
        "devices": [device.as_fact() for device in sorted(devices, key=_order)],
        "topology": {"links": [link.as_fact() for findings in found.values() for link in findings.links]},
        "warnings": [notice.as_fact() for notice in notices],
    }


def _probe(vendor: str, scene: Scene) -> Findings:
    try:
        return PROBES.get(vendor, _bus_only)(scene)
    except Exception as exc:  # one vendor's surprise must not hide another vendor's cards
        notice = Notice(
            "probe_failed",
            vendor,
            "Reading the %s cards failed: %s: %s" % (vendor, type(exc).__name__, exc),
            "This is a defect of the collection: please report it with the tool's output.",
        )
        return replace(_bus_only(scene, "probe_failed"), notices=(notice,))


def _bus_only(scene: Scene, state: str = "unsupported_vendor") -> Findings:
    devices = tuple(bus_device(card, state) for card in scene.cards)
    notices = tuple(
        Notice(
            device.state,
            device.vendor,
            "%s: a %s card, of which only the PCI bus is read" % (device.pci_bus_id, device.vendor),
            "Its memory is not known, so that no plan uses it.",
            device.pci_bus_id,
        )
        for device in devices
    )
    return Findings(devices=devices, notices=notices)


def _no_gpu(vendors: t.Sequence[str]) -> Notice:
    return Notice(
        "no_gpu",
        None,
        "Neither the PCI bus nor a tool shows an accelerator of these vendors: %s" % ", ".join(vendors),
        "If there should be one, look at lspci on the host, or at what this container is given.",
    )


def _order(device: Device) -> t.Tuple[str, int]:
    return device.pci_bus_id or "~", -1 if device.index is None else device.index
