# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AMD probe. sysfs where the driver runs, else amd-smi, else rocm-smi."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi, rocm_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import sysfs as amd_sysfs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus, cards
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    FOREIGN_DRIVERS,
    Scene,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Notice,
    Process,
)

VENDOR = amd_smi.VENDOR

_INTEGRATED_LIMIT = 2 * 1024**3
_STATIC = ("static", "--asic", "--bus", "--vram", "--limit", "--numa", "--partition")
_METRIC = ("metric", "--mem-usage", "--json")
_ROCM_SMI = (
    "--showproductname",
    "--showid",
    "--showuniqueid",
    "--showbus",
    "--showmaxpower",
    "--showdriverversion",
    "--showtopotype",
    "--showtoponuma",
    "--showmeminfo",
    "vram",
    "--json",
)


def probe(scene: Scene) -> Findings:
    """Every AMD card but graphics integrated into a processor."""
    found = _by_sysfs(scene)
    served = {device.pci_bus_id for device in found.devices}
    missed = [card for card in scene.cards if card.address not in served]
    failure = None
    if not found.devices or any(card.driver not in FOREIGN_DRIVERS for card in missed):
        told, failure = _by_tools(scene)
        # A device without an address may be one that sysfs knows.
        unknown = {None, *served} if served else set()
        added = tuple(device for device in told.devices if device.pci_bus_id not in unknown)
        found = replace(
            found,
            devices=found.devices + added,
            links=found.links or told.links,
            notices=found.notices + told.notices,
            driver=found.driver or told.driver,
        )
    found = replace(found, devices=tuple(_with_table(device) for device in found.devices))
    found = bus.with_cards(found, scene, failure, "driver_not_loaded")
    return replace(_without_integrated(_judged(found)), runtime=_runtime(scene))


def _by_sysfs(scene: Scene) -> Findings:
    nodes = amd_sysfs.nodes(scene.machine)
    by_address = {node.address: node for node in nodes}
    devices = []
    for card in scene.cards:
        if card.driver != amd_sysfs.DRIVER:
            continue
        node = by_address.get(card.address)
        device = amd_sysfs.device(scene.machine, card, node)
        if device.memory_total_bytes is None:
            continue
        if node and scene.include_processes:
            device = _held_by(device, amd_sysfs.processes(scene.machine, node))
        devices.append(device)
    links = amd_sysfs.links(scene.machine, nodes) if scene.include_topology else []
    return Findings(
        devices=tuple(devices), links=tuple(links), driver=scene.machine.read("/sys/module/amdgpu/version")
    )


def _by_tools(scene: Scene) -> t.Tuple[Findings, t.Optional[Failure]]:
    """The first tool that shows cards; else why none does."""
    notices: t.List[Notice] = []
    failure: t.Optional[Failure] = None
    for tool, ask in (("amd-smi", _ask_amd_smi), ("rocm-smi", _ask_rocm_smi)):
        path = scene.tools.find(tool)
        if path is None:
            continue
        found, outcome = ask(scene, path)
        if found.devices:
            return found, None
        failed, notice = bus.tool_failure(VENDOR, tool, outcome)
        failure = failure or failed
        notices.append(notice)
    return Findings(notices=tuple(notices)), failure


def _ask_amd_smi(scene: Scene, path: str) -> t.Tuple[Findings, Outcome]:
    """Some versions refuse what others know, so that the second question asks for everything."""
    outcome = scene.tools.run([path, *_STATIC, "--driver", "--json"])
    found = amd_smi.parse(outcome.stdout)
    if not found.devices and outcome.rc and not outcome.timed_out:
        outcome = scene.tools.run([path, "static", "--json"])
        found = amd_smi.parse(outcome.stdout)
    if not found.devices:
        # A wrapper may print for every question what rocm-smi prints.
        return rocm_smi.parse(outcome.stdout), outcome
    metric = scene.tools.run([path, *_METRIC])
    used = amd_smi.parse(outcome.stdout, metric.stdout)
    if metric.timed_out:
        used = replace(used, notices=(bus.tool_failure(VENDOR, "amd-smi metric", metric)[1],))
    return _with_holders(scene, path, _with_tool_links(scene, path, used)), outcome


def _with_tool_links(scene: Scene, path: str, found: Findings) -> Findings:
    if not scene.include_topology or len(found.devices) < 2:
        return found
    outcome = scene.tools.run([path, "topology", "--json"])
    index = {device.pci_bus_id or "": device.index or 0 for device in found.devices}
    return replace(found, links=tuple(amd_smi.parse_links(outcome.stdout, index)))


def _with_holders(scene: Scene, path: str, found: Findings) -> Findings:
    if not scene.include_processes:
        return found
    held = amd_smi.parse_processes(scene.tools.run([path, "process", "--json"]).stdout)
    devices = tuple(_held_by(device, held.get(device.index or 0, ())) for device in found.devices)
    return replace(found, devices=devices)


def _held_by(device: Device, holders: t.Sequence[Process]) -> Device:
    """``device`` with its holders; without any the total stays unknown, since others' may be hidden."""
    total = sum(holder.used_bytes or 0 for holder in holders) if holders else None
    return replace(device, processes=tuple(holders), processes_bytes=total)


def _ask_rocm_smi(scene: Scene, path: str) -> t.Tuple[Findings, Outcome]:
    outcome = scene.tools.run([path, *_ROCM_SMI])
    return rocm_smi.parse(outcome.stdout), outcome


def _with_table(device: Device) -> Device:
    """The instruction set of a known card. Its name stays open: cards share their PCI identity."""
    card = cards.by_pci_id(device.pci_id)
    if card is not None and device.gfx is None:
        device = device.told_by("table", gfx=card.level)
    if card is not None and device.architecture is None:
        device = device.told_by("table", architecture=card.architecture)
    return device


def _judged(found: Findings) -> Findings:
    """A card cut into partitions is not one device; plans take whole cards alone."""
    devices, notices = [], list(found.notices)
    for device in found.devices:
        mode = (device.partition or {}).get("compute") or "SPX"
        if mode != "SPX":
            device = replace(device, schedulable=False)
            text = "%s: the card is cut into partitions (%s)" % (device.pci_bus_id, mode)
            hint = "Plans take whole cards: set the partition to SPX."
            notices.append(Notice("partitioned", VENDOR, text, hint, device.pci_bus_id))
        devices.append(device)
    return replace(found, devices=tuple(devices), notices=tuple(notices))


def _without_integrated(found: Findings) -> Findings:
    """Leaves out a processor's graphics, which has a small carve-out of the host's memory."""
    kept, notices = [], list(found.notices)
    for device in found.devices:
        if device.unified_memory or not 0 < (device.memory_total_bytes or 0) <= _INTEGRATED_LIMIT:
            kept.append(device)
            continue
        who = device.pci_bus_id or "card %s" % device.index
        text = "%s: %d MiB, taken for graphics integrated into a processor and left out" % (
            who,
            (device.memory_total_bytes or 0) // 1024**2,
        )
        notices.append(Notice("integrated_gpu", VENDOR, text, "Nothing is to be done.", device.pci_bus_id))
    return replace(found, devices=tuple(kept), notices=tuple(notices))


def _runtime(scene: Scene) -> t.Dict[str, str]:
    found = re.match(r"\d{1,3}(\.\d{1,3}){1,2}", scene.machine.read("/opt/rocm/.info/version") or "")
    return {"rocm": found.group(0)} if found else {}
