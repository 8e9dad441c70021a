# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The PCI bus by sysfs. It shows the cards that no driver serves."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine

DEVICES = "/sys/bus/pci/devices"
OTHER = "other"

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
    "1ded": "thead",
    "1ee0": "biren",
    "1e36": "enflame",
}

_ACCELERATOR = "0x1200"
# VGA, 3D controller, other display, processing accelerator.
_CLASSES = ("0x0300", "0x0302", "0x0380", _ACCELERATOR)
# Of vendors that we do not know, only what cannot be the graphics of a management controller.
_COMPUTE_CLASSES = ("0x0302", _ACCELERATOR)
INTEL_GRAPHICS = "0000:00:02.0"
_NAME_LISTS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")


@dataclass(frozen=True)
class PciCard:
    """One function on the bus. ``driver`` is the kernel's driver that holds it, if any."""

    address: str
    vendor: str
    pci_id: str
    driver: t.Optional[str]
    numa_node: t.Optional[int]


def scan(machine: Machine) -> t.List[PciCard]:
    """Accelerators, without virtual functions and the processor's own Intel graphics."""
    return [card for card in (_card(machine, name) for name in machine.names(DEVICES)) if card]


def _card(machine: Machine, name: str) -> t.Optional[PciCard]:
    folder = "%s/%s" % (DEVICES, name)
    address = values.pci_address(name)
    device_class = machine.read(folder + "/class") or ""
    if address is None or not device_class.startswith(_CLASSES):
        return None
    vendor_id = (machine.read(folder + "/vendor") or "").replace("0x", "")
    known = vendor_id in VENDORS
    if not known and not device_class.startswith(_COMPUTE_CLASSES):
        return None
    vendor = VENDORS.get(vendor_id, OTHER)
    if vendor == "intel" and (address == INTEL_GRAPHICS or device_class.startswith(_ACCELERATOR)):
        return None  # the processor's own graphics or NPU
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


def names(machine: Machine, pci_ids: t.Set[str]) -> t.Dict[str, str]:
    """Names of ``vendor:device`` identities, where the host has a list of them."""
    if not pci_ids:
        return {}
    path = next((path for path in _NAME_LISTS if machine.exists(path)), None)
    return {} if path is None else parse_names(machine.lines(path), pci_ids)


def parse_names(lines: t.Iterable[str], pci_ids: t.Set[str]) -> t.Dict[str, str]:
    """The names out of a pci.ids file: a line for a vendor, indented ones for its devices."""
    vendors = {pci_id[:4] for pci_id in pci_ids}
    found: t.Dict[str, str] = {}
    vendor_id = ""
    for line in lines:
        if line[:1] not in "\t#\n":
            vendor_id = line[:4]
        elif vendor_id in vendors and line[:2] != "\t\t":
            pci_id = "%s:%s" % (vendor_id, line[1:5])
            if pci_id in pci_ids:
                found[pci_id] = line[5:].strip()
    return found
