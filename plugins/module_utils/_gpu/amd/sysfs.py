# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AMD cards as the amdgpu module shows them below /sys, without a process."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import pci, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.pci import PciCard
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import bus_device
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Health,
    Link,
    Memory,
    Process,
)

KFD = "/sys/class/kfd/kfd"
DRIVER = "amdgpu"

_XGMI = 11
# Processors whose graphics people serve models on; the carve-out says nothing about their memory.
_SHARED_MEMORY = ("gfx1150", "gfx1151")
_MI300A = "1002:74a0"


@dataclass(frozen=True)
class Node:
    """A GPU in the kernel's compute topology. ``index`` is the number that ROCm gives it."""

    number: int
    index: int
    address: str
    gpu_id: str
    gfx: t.Optional[str]


def nodes(machine: Machine) -> t.List[Node]:
    """GPUs in ROCm's order; processors among the nodes are left out."""
    found: t.List[Node] = []
    numbers = (values.integer(name) for name in machine.names(KFD + "/topology/nodes"))
    for number in sorted(number for number in numbers if number is not None):
        folder = "%s/topology/nodes/%d" % (KFD, number)
        cells = _cells(machine.read(folder + "/properties"))
        if cells.get("simd_count"):
            location = cells.get("location_id", 0)
            address = "%04x:%02x:%02x.%x" % (
                cells.get("domain", 0),
                location >> 8 & 0xFF,
                location >> 3 & 0x1F,
                location & 0x7,
            )
            gpu_id = machine.read(folder + "/gpu_id") or ""
            found.append(Node(number, len(found), address, gpu_id, gfx(cells.get("gfx_target_version", 0))))
    return found


def gfx(version: int) -> t.Optional[str]:
    """``gfx90a`` of 90010: major, minor and step, the last two as hexadecimal digits."""
    if version < 10000:
        return None
    return "gfx%d%x%x" % (version // 10000, version // 100 % 100, version % 100)


def device(machine: Machine, card: PciCard, node: t.Optional[Node]) -> Device:
    """What sysfs knows about one card that amdgpu serves."""
    folder = "%s/%s" % (pci.DEVICES, card.address)
    total, used, gtt_total, gtt_used = (
        _bytes(machine.read("%s/mem_info_%s" % (folder, part)))
        for part in ("vram_total", "vram_used", "gtt_total", "gtt_used")
    )
    target = node.gfx if node else None
    shares = target in _SHARED_MEMORY or card.pci_id == _MI300A
    if shares and (gtt_total or 0) > (total or 0):
        total, used = gtt_total, gtt_used
    memory = Memory.of(total, None, used, None)
    compute = machine.read(folder + "/current_compute_partition")
    return replace(
        bus_device(card, "ok"),
        schedulable=memory.total is not None,
        index=node.index if node else None,
        uuid=amd_smi.unique_id(machine.read(folder + "/unique_id")),
        name=values.text(machine.read(folder + "/product_name")),
        gfx=target,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        unified_memory=shares,
        health=_health(machine, folder),
        power_limit_w=_power_limit(machine, folder),
        partition={"compute": compute, "memory": machine.read(folder + "/current_memory_partition")}
        if compute
        else None,
    )


def links(machine: Machine, gpus: t.Sequence[Node]) -> t.List[Link]:
    """xGMI links; GB/s where the kernel tells the bandwidth, which it does in MB/s and one direction."""
    index = {node.number: node.index for node in gpus}
    found: t.Dict[t.Tuple[int, int], Link] = {}
    for node in gpus:
        folder = "%s/topology/nodes/%d/io_links" % (KFD, node.number)
        for name in machine.names(folder):
            cells = _cells(machine.read("%s/%s/properties" % (folder, name)))
            end = index.get(cells.get("node_to", -1))
            if end is not None and end != node.index and cells.get("type") == _XGMI:
                a, b = sorted((node.index, end))
                bandwidth = cells.get("max_bandwidth")
                found[(a, b)] = Link(a, b, "xgmi", "XGMI", bandwidth * 2 / 1000.0 if bandwidth else None)
    return [found[pair] for pair in sorted(found)]


def processes(machine: Machine, node: Node) -> t.List[Process]:
    """Who holds memory of a card, as far as this user may see."""
    found = []
    for name in machine.names(KFD + "/proc"):
        used = _bytes(machine.read("%s/proc/%s/vram_%s" % (KFD, name, node.gpu_id)))
        if name.isdigit() and used:
            found.append(Process(int(name), machine.read("/proc/%s/comm" % name), used))
    return found


def _cells(properties: t.Optional[str]) -> t.Dict[str, int]:
    return {
        name: int(value) for name, value in re.findall(r"^(\w+) (\d{1,20})$", properties or "", re.MULTILINE)
    }


def _bytes(text: t.Optional[str]) -> t.Optional[int]:
    return values.size("%s B" % text) if text else None


def _health(machine: Machine, folder: str) -> Health:
    """Uncorrectable errors of the memory controller since boot."""
    found = re.search(r"^ue:\s*(\d{1,9})", machine.read(folder + "/ras/umc_err_count") or "", re.MULTILINE)
    if found is None:
        return Health()
    count = int(found.group(1))
    return Health("ok", "%d memory errors that could not be corrected" % count if count else None)


def _power_limit(machine: Machine, folder: str) -> t.Optional[float]:
    for name in machine.names(folder + "/hwmon"):
        microwatts = values.integer(machine.read("%s/hwmon/%s/power1_cap" % (folder, name)))
        if microwatts:
            return microwatts / 1e6
    return None
