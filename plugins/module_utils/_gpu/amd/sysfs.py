# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AMD cards as the amdgpu module shows them below /sys, without a process."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi, apu
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions, pci, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.host import host_memory
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.pci import PciCard
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import bus_device
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Fact,
    Health,
    Link,
    Memory,
    Process,
)

KFD = "/sys/class/kfd/kfd"
DRIVER = "amdgpu"

_XGMI = 11
# Heap types of the topology's memory banks that are the card's: public and private frame buffer.
_FRAME_BUFFERS = (1, 2)
# The driver's own threshold for HBM is at least this (amdgpu_ras: bad_page_threshold by the table's size).
_MOST_BAD_PAGES = 256
# Of a bank against the card's own memory: what is larger holds the host's as well.
_LARGER = 1.25


class Node(t.NamedTuple):
    """A GPU in the kernel's compute topology. ``index`` is the number that ROCm gives it.

    ``memory_bytes`` is what programs can have there; ``with_cores`` says that it is a processor as well.
    """

    number: int
    index: int  # type: ignore[assignment]
    address: str
    gpu_id: str
    gfx: t.Optional[str]
    memory_bytes: int = 0
    with_cores: bool = False

    @property
    def slot(self) -> str:
        """The address without the function, which partitions of one card count up."""
        return self.address.rpartition(".")[0]


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
            target = gfx(cells.get("gfx_target_version", 0))
            memory = cells.get("local_mem_size", 0) or _bank_bytes(machine, folder)
            cores = bool(cells.get("cpu_cores_count"))
            found.append(Node(number, len(found), address, gpu_id, target, memory, cores))
    return found


def gfx(version: int) -> t.Optional[str]:
    """``gfx90a`` of 90010: major, minor and step, the last two as hexadecimal digits."""
    if version < 10000:
        return None
    return "gfx%d%x%x" % (version // 10000, version // 100 % 100, version % 100)


def _bank_bytes(machine: Machine, folder: str) -> int:
    banks = [
        _cells(machine.read("%s/mem_banks/%s/properties" % (folder, name)))
        for name in machine.names(folder + "/mem_banks")
    ]
    return sum(bank.get("size_in_bytes", 0) for bank in banks if bank.get("heap_type") in _FRAME_BUFFERS)


def device(machine: Machine, card: PciCard, node: t.Optional[Node], partitions: int = 1) -> Device:
    """What sysfs knows about one card that amdgpu serves."""
    folder = "%s/%s" % (pci.DEVICES, card.address)
    target = node.gfx if node else apu.gfx_of(card.pci_id)
    unified = _kind(machine, folder, card, node) == apu.UNIFIED
    memory = _memory(machine, folder, node, unified)
    compute = machine.read(folder + "/current_compute_partition")
    partition = {
        "compute": compute,
        "memory": machine.read(folder + "/current_memory_partition"),
        "devices": partitions,
    }
    return bus_device(card, "ok")._replace(
        schedulable=memory.total is not None,
        index=node.index if node else None,
        uuid=amd_smi.unique_id(machine.read(folder + "/unique_id")),
        name=values.text(machine.read(folder + "/product_name")),
        gfx=target,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        unified_memory=unified,
        health=_health(machine, folder),
        power_limit_w=_power_limit(machine, folder),
        partition=partition if compute or partitions > 1 else None,
        memory_errors=_memory_errors(machine, folder),
        load=_load(machine, folder),
    )


def _kind(machine: Machine, folder: str, card: PciCard, node: t.Optional[Node]) -> t.Optional[str]:
    own = _bytes(machine.read(folder + "/mem_info_vram_total")) or 0
    shares = node is not None and (node.with_cores or node.memory_bytes > own * _LARGER > 0)
    return apu.kind(card.pci_id, node.gfx if node else None, shares)


def is_integrated(machine: Machine, card: PciCard, node: t.Optional[Node]) -> bool:
    """Whether it is the graphics of a processor that no models are served on."""
    return _kind(machine, "%s/%s" % (pci.DEVICES, card.address), card, node) == apu.INTEGRATED


def _memory(machine: Machine, folder: str, node: t.Optional[Node], unified: bool) -> Memory:
    """The card's own; of a processor the larger of its carve-out and of what it may take of the host's.

    What the driver counts as taken of the host's does not follow what programs take: the host's available
    memory is the limit.
    """
    total, used, gtt_total, gtt_used = (
        _bytes(machine.read("%s/mem_info_%s" % (folder, part)))
        for part in ("vram_total", "vram_used", "gtt_total", "gtt_used")
    )
    own = node.memory_bytes if node else 0
    shared = max(gtt_total or 0, own)
    if not unified and total is None:
        total = own or None
    if not unified or shared <= (total or 0):
        return Memory.of(total, None, used, None)
    available = host_memory(machine).available_bytes
    free = max(0, shared - (gtt_used or 0))
    return Memory.of(shared, None, gtt_used, free if available is None else min(free, available))


def links(machine: Machine, gpus: t.Sequence[Node]) -> t.List[Link]:
    """xGMI links; GB/s where the kernel tells the bandwidth, which it does in MB/s and one direction."""
    index = {node.number: node.index for node in gpus}
    found: t.Dict[t.Tuple[int, int], Link] = {}
    for node in gpus:
        folder = "%s/topology/nodes/%d" % (KFD, node.number)
        listed = [
            "%s/%s/%s" % (folder, part, name)
            for part in ("io_links", "p2p_links")
            for name in machine.names("%s/%s" % (folder, part))
        ]
        for place in listed:
            cells = _cells(machine.read(place + "/properties"))
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


def _errors(machine: Machine, folder: str, kind: str) -> t.Optional[int]:
    """Errors of the memory controller since boot, ``ue`` uncorrected or ``ce`` corrected."""
    text = machine.read(folder + "/ras/umc_err_count") or ""
    found = re.search(r"^%s:\s*(\d{1,9})" % kind, text, re.MULTILINE)
    return int(found.group(1)) if found else None


def _bad_pages(machine: Machine, folder: str) -> t.Optional[int]:
    """Pages of memory that the driver has taken out of use: lines of ``address : size : R``."""
    text = machine.read(folder + "/ras/gpu_vram_bad_pages")
    if text is None:
        return None
    return sum(re.match(r"^0x[0-9a-f]+ : 0x[0-9a-f]+ : ", line) is not None for line in values.lines(text))


def _memory_errors(machine: Machine, folder: str) -> t.Optional[Fact]:
    found = {
        "uncorrected_volatile": _errors(machine, folder, "ue"),
        "corrected_volatile": _errors(machine, folder, "ce"),
        "bad_pages": _bad_pages(machine, folder),
    }
    return found if any(count is not None for count in found.values()) else None


def _health(machine: Machine, folder: str) -> Health:
    """RAS of the memory controller since boot; the driver stops a card whose bad pages are too many."""
    errors, pages = _errors(machine, folder, "ue"), _bad_pages(machine, folder)
    found = []
    if errors:
        found.append(("memory_errors", "%d memory errors that could not be corrected" % errors))
    if pages is not None and pages >= _MOST_BAD_PAGES:
        found.append(("bad_pages", "%d bad pages of memory: the card needs service" % pages))
    return conditions.health(found, errors is not None or pages is not None)


def _load(machine: Machine, folder: str) -> Fact:
    """What the card does at this moment."""
    hwmon = next(
        (
            "%s/hwmon/%s" % (folder, name)
            for name in machine.names(folder + "/hwmon")
            if name.startswith("hwmon")
        ),
        folder,
    )
    heat = values.integer(machine.read(hwmon + "/temp1_input"))
    power = values.integer(machine.read(hwmon + "/power1_average") or machine.read(hwmon + "/power1_input"))
    clock = values.integer(machine.read(hwmon + "/freq1_input"))
    return {
        "temperature_c": None if heat is None else heat / 1000.0,
        "power_draw_w": None if power is None else power / 1e6,
        "gpu_percent": values.percent(machine.read(folder + "/gpu_busy_percent")),
        "memory_percent": values.percent(machine.read(folder + "/mem_busy_percent")),
        "sm_clock_mhz": None if clock is None else clock // 10**6,
        "sm_clock_max_mhz": None,
        "memory_clock_mhz": None,
        "reasons": [],
    }


def _power_limit(machine: Machine, folder: str) -> t.Optional[float]:
    for name in machine.names(folder + "/hwmon"):
        microwatts = values.integer(machine.read("%s/hwmon/%s/power1_cap" % (folder, name)))
        if microwatts:
            return microwatts / 1e6
    return None
