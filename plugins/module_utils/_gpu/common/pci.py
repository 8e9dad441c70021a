# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The PCI bus by sysfs. It shows the cards that no driver serves."""

from __future__ import annotations

import re
import typing as t

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
    "1d0f": "aws",
}

_VGA, _3D, _DISPLAY = "0x0300", "0x0302", "0x0380"
_COPROCESSOR, _PERIPHERAL, _ACCELERATOR = "0x0b40", "0x0880", "0x1200"
_ANY_ACCELERATOR = (_3D, _DISPLAY, _COPROCESSOR, _ACCELERATOR)
# The classes in which a vendor's cards come. What else it has in others is no card: Huawei's management
# controllers are VGA, Intel's accelerators of class 1200 are NPUs and FPGAs, its co-processors QAT.
_CLASSES: t.Mapping[str, t.Tuple[str, ...]] = {
    "nvidia": (_VGA, _3D, _DISPLAY),
    "amd": (_VGA, _3D, _DISPLAY, _ACCELERATOR),
    "intel": (_VGA, _3D, _DISPLAY),
    "gaudi": (_ACCELERATOR,),
    "ascend": (_ACCELERATOR,),
    "mthreads": (_VGA,) + _ANY_ACCELERATOR,
    "aws": (_PERIPHERAL, _ACCELERATOR),
    # Of vendors that we do not know, only what cannot be the graphics of a management controller.
    OTHER: (_3D, _ACCELERATOR),
}
# What comes in the classes of accelerators and is none for models: FPGAs of Xilinx, Altera, Lattice and
# Microchip, network processors of Pensando and Marvell, Windows' display under WSL.
_NO_CARDS = frozenset(("10ee", "1172", "1204", "11aa", "1dd8", "177d", "1414"))
# ATI's graphics on servers' management controllers: ES1000 and Rage XL.
_MANAGEMENT = frozenset(("1002:515e", "1002:5159", "1002:5969", "1002:4752", "1002:4754"))
# AWS's accelerators among its many other devices: Inferentia 1 and 2, Trainium 1 to 3.
_ONLY: t.Mapping[str, str] = {"aws": r"7[0-9]6[0-9a-f]"}
INTEL_GRAPHICS = "0000:00:02.0"
# GT/s of one lane -> generation of PCIe.
_GENERATIONS: t.Mapping[str, int] = {"2": 1, "5": 2, "8": 3, "16": 4, "32": 5, "64": 6}
_NAME_LISTS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")


class PciCard(t.NamedTuple):
    """One function on the bus. ``driver`` is the kernel's driver that holds it, if any."""

    address: str
    vendor: str
    pci_id: str
    driver: t.Optional[str]
    numa_node: t.Optional[int]


def scan(machine: Machine) -> t.List[PciCard]:
    """Accelerators, each vendor's by the classes of its cards."""
    return [card for card in (_card(machine, name) for name in machine.names(DEVICES)) if card]


def _card(machine: Machine, name: str) -> t.Optional[PciCard]:
    folder = "%s/%s" % (DEVICES, name)
    address = values.pci_address(name)
    device_class = machine.read(folder + "/class") or ""
    vendor_id = (machine.read(folder + "/vendor") or "").replace("0x", "").lower()
    vendor = VENDORS.get(vendor_id, OTHER)
    if address is None or not device_class.startswith(_CLASSES.get(vendor, _ANY_ACCELERATOR)):
        return None
    device_id = (machine.read(folder + "/device") or "").replace("0x", "").lower()
    if "%s:%s" % (vendor_id, device_id) in _MANAGEMENT:
        return None
    if vendor_id in _NO_CARDS or (vendor in _ONLY and not re.match(_ONLY[vendor], device_id)):
        return None
    # The processor's own graphics, and a virtual function, whose card is there as well.
    if (vendor == "intel" and address == INTEL_GRAPHICS) or machine.exists(folder + "/physfn"):
        return None
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


def link_state(machine: Machine, address: t.Optional[str]) -> t.Optional[t.Dict[str, t.Optional[int]]]:
    """Generation and lanes of the card's slot, now and at most; None where the kernel does not tell."""
    if address is None:
        return None
    found: t.Dict[str, t.Optional[int]] = {}
    for name, file in (
        ("generation", "current_link_speed"),
        ("generation_max", "max_link_speed"),
        ("width", "current_link_width"),
        ("width_max", "max_link_width"),
    ):
        text = machine.read("%s/%s/%s" % (DEVICES, address, file)) or ""
        if "speed" in file:
            found[name] = _GENERATIONS.get(text.split(".")[0].split(" ")[0])
        else:
            found[name] = _lanes(text)
    slot = _lanes(machine.read("%s/%s/../max_link_width" % (DEVICES, address)) or "")
    found["width_max"] = min(filter(None, (slot, found["width_max"])), default=None)
    return found if any(found.values()) else None


def _lanes(text: str) -> t.Optional[int]:
    """The kernel has 255 or 0 for a width that the link does not tell."""
    number = values.integer(text)
    return number if number and number <= 32 else None
