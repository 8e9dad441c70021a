# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the PCI bus by sysfs. It shows the cards that no driver serves."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.machine import Machine

DEVICES = "/sys/bus/pci/devices"

# PCI vendor -> our word for it.
VENDORS: t.Mapping[str, str] = {
    "10de": "nvidia",
    "1002": "amd",
    "8086": "intel",
    "1da3": "gaudi",
    "19e5": "ascend",
    "1d94": "hygon",
    "9999": "metax",
    "1ed5": "mthreads",
    "cabc": "cambricon",
    "1e3e": "iluvatar",
    "1e52": "tenstorrent",
    "1d22": "kunlun",
}

# VGA, 3D controller, other display, processing accelerator.
_CLASSES = ("0x0300", "0x0302", "0x0380", "0x1200")
_INTEL_INTEGRATED = "0000:00:02.0"


@dataclass(frozen=True)
class PciCard:
    """One function on the bus. ``driver`` is the kernel's driver that holds it, if any."""

    address: str
    vendor: str
    pci_id: str
    driver: t.Optional[str]
    numa_node: t.Optional[int]


def scan(machine: Machine) -> t.List[PciCard]:
    """Cards of known vendors, without virtual functions and Intel's integrated graphics."""
    cards = (_card(machine, name) for name in machine.names(DEVICES))
    return [card for card in cards if card is not None]


def _card(machine: Machine, name: str) -> t.Optional[PciCard]:
    folder = "%s/%s" % (DEVICES, name)
    address = values.pci_address(name)
    vendor_id = (machine.read(folder + "/vendor") or "").replace("0x", "")
    vendor = VENDORS.get(vendor_id)
    if address is None or vendor is None or address == _INTEL_INTEGRATED:
        return None
    if not (machine.read(folder + "/class") or "").startswith(_CLASSES):
        return None
    if machine.exists(folder + "/physfn"):
        return None
    device_id = (machine.read(folder + "/device") or "").replace("0x", "")
    return PciCard(
        address=address,
        vendor=vendor,
        pci_id="%s:%s" % (vendor_id, device_id),
        driver=machine.link_name(folder + "/driver"),
        numa_node=numa_node(machine, address),
    )


def numa_node(machine: Machine, address: t.Optional[str]) -> t.Optional[int]:
    """The card's NUMA node; the kernel's -1 means none."""
    if address is None:
        return None
    return values.integer(machine.read("%s/%s/numa_node" % (DEVICES, address)))
