# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Intel probe. xpu-smi, and the size of memory from sysfs."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus, cards, pci, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Scene, bus_device
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Memory,
    Notice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.intel import drm, xpu_smi

VENDOR = xpu_smi.VENDOR
TOOL = "xpu-smi"

_DRIVERS = ("i915", "xe")
_TOTAL_FILES = ("lmem_total_bytes", "device/tile0/physical_vram_size_bytes")
_FREE_FILES = ("lmem_avail_bytes",)
# GPU memory used, in the words of xpu-smi 1 and of 2.
_DUMPS = (
    ("dump", "-d", "-1", "-m", "18", "-n", "1"),
    ("dump", "--device", "-1", "--metrics", "18", "--number", "1"),
)


def probe(scene: Scene) -> Findings:
    """Every discrete Intel card."""
    path = scene.tools.find(TOOL)
    failure: t.Optional[Failure] = None
    found = Findings()
    if path is not None:
        found, failure = _by_tool(scene, path)
    found = _with_sysfs(found, scene)
    if path is None and len(found.devices) < len(scene.cards):
        failure, notices = bus.missing_tool(scene, VENDOR, TOOL)
        found = found._replace(notices=notices)
    devices = tuple(_with_table(device) for device in found.devices)
    return bus.with_cards(found._replace(devices=devices), scene, failure)


def _by_tool(scene: Scene, path: str) -> t.Tuple[Findings, t.Optional[Failure]]:
    outcome = scene.tools.run([path, "discovery", "-j"])
    found = _discrete(xpu_smi.parse(outcome.stdout))
    if not found.devices:
        failure, notice = bus.tool_failure(VENDOR, "xpu-smi discovery", outcome)
        return Findings(notices=(notice,)), failure
    driver = found.driver
    devices: t.List[Device] = []
    notices: t.List[Notice] = []
    for device in found.devices:
        if device.memory_total_bytes is None:
            outcome = scene.tools.run([path, "discovery", "-d", str(device.index), "-j"])
            detail = xpu_smi.parse(outcome.stdout)
            driver = driver or detail.driver
            if outcome.timed_out:
                notices.append(bus.tool_failure(VENDOR, "xpu-smi discovery -d", outcome)[1])
            elif len(detail.devices) == 1:
                total = detail.devices[0].memory_total_bytes
                device = device._replace(memory_total_bytes=total)
        devices.append(device)
    used = {} if all(each.memory_free_bytes is not None for each in devices) else _dumped(scene, path)
    known = tuple(_with_used(device, used.get(device.index or 0)) for device in devices)
    return Findings(devices=known, notices=tuple(notices), driver=driver), None


def _dumped(scene: Scene, path: str) -> t.Dict[int, int]:
    """Memory in use, for versions whose list of devices does not tell it."""
    for arguments in _DUMPS:
        outcome = scene.tools.run([path, *arguments])
        used = xpu_smi.parse_used(outcome.stdout)
        if used or outcome.timed_out:
            return used
    return {}


def _discrete(found: Findings) -> Findings:
    """Without the processor's own graphics, which the tool lists as well."""
    kept = (device for device in found.devices if device.pci_bus_id != pci.INTEL_GRAPHICS)
    return found._replace(devices=tuple(kept))


def _with_used(device: Device, used: t.Optional[int]) -> Device:
    if used is None:
        return device
    memory = Memory.of(device.memory_total_bytes, None, used, None)
    return device._replace(memory_used_bytes=memory.used, memory_free_bytes=memory.free)


def _with_sysfs(found: Findings, scene: Scene) -> Findings:
    """Memory that the kernel's driver tells, for cards of which the tool does not. A card whose driver is
    loaded is served, whether or not its memory is known."""
    listed = {device.pci_bus_id for device in found.devices}
    loaded = {card.address: card.driver for card in scene.cards if card.driver in _DRIVERS}
    others = [
        bus_device(card, "ok")
        for card in scene.cards
        if card.address not in listed and card.address in loaded
    ]
    devices = []
    for device in list(found.devices) + others:
        if device.memory_total_bytes is None and device.pci_bus_id is not None:
            memory, source = _memory(scene.machine, device.pci_bus_id), "sysfs"
            if memory.total is None:
                memory = drm.memory(scene.machine, device.pci_bus_id, loaded.get(device.pci_bus_id))
                source = "drm"
            device = device.told_by(
                source,
                memory_total_bytes=memory.total,
                memory_used_bytes=memory.used,
                memory_free_bytes=memory.free,
            )
        devices.append(device)
    return found._replace(devices=tuple(devices))


def _memory(machine: Machine, address: str) -> Memory:
    folder = "%s/%s/drm" % (pci.DEVICES, address)
    nodes = ["%s/%s" % (folder, name) for name in machine.names(folder) if name.startswith("card")]
    total, free = (
        next((size for size in (_bytes(machine, node, files) for node in nodes) if size is not None), None)
        for files in (_TOTAL_FILES, _FREE_FILES)
    )
    used = None if total is None or free is None else max(0, total - free)
    return Memory.of(total, None, used, free)


def _bytes(machine: Machine, node: str, files: t.Sequence[str]) -> t.Optional[int]:
    texts = (machine.read("%s/%s" % (node, name)) for name in files)
    return next((values.size("%s B" % text) for text in texts if text), None)


def _with_table(device: Device) -> Device:
    card = cards.by_pci_id(device.pci_id)
    if card is not None:
        device = device.told_by("table", architecture=card.architecture)
    if card is not None and device.name is None:
        device = device.told_by("table", name=card.product)
    return device
