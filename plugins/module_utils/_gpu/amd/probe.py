# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AMD probe. sysfs where the driver runs, else amd-smi, else rocm-smi."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi, apu, rocm_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import sysfs as amd_sysfs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus, cards, conditions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.host import host_memory
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.pci import PciCard
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    Scene,
    foreign_state,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Memory,
    Notice,
    Process,
)

VENDOR = amd_smi.VENDOR

# Of a nameless device: no card that models are served on has as little.
_INTEGRATED_LIMIT = 1024**3
_STATIC = ("static", "--asic", "--bus", "--vram", "--limit", "--numa", "--partition")
_METRIC = ("metric", "--mem-usage", "--json")


def probe(scene: Scene) -> Findings:
    """Every AMD card but graphics integrated into a processor that no models are served on."""
    found, left_out = _by_sysfs(scene)
    served = {device.pci_bus_id for device in found.devices}
    missed = [card for card in scene.cards if card.address not in served | left_out]
    failure = None
    if missed or not (found.devices or left_out):
        told, failure = _by_tools(scene) if _worth_asking(missed, scene) else (Findings(), None)
        # A device without an address may be one that sysfs knows.
        unknown = {None, *served, *left_out} if served or left_out else set()
        added = tuple(device for device in told.devices if device.pci_bus_id not in unknown)
        found = found._replace(
            devices=found.devices + added,
            links=found.links or told.links,
            notices=found.notices + told.notices,
            driver=found.driver or told.driver,
        )
    found = found._replace(devices=tuple(_gathered(_with_table(each), scene) for each in found.devices))
    scene = scene._replace(cards=tuple(card for card in scene.cards if card.address not in left_out))
    found = bus.with_cards(_without_integrated(_judged(found)), scene, failure, "driver_not_loaded")
    devices = {device.index for device in found.devices}
    links = tuple(link for link in found.links if link.a in devices and link.b in devices)
    return found._replace(links=links, runtime=_runtime(scene))


def _worth_asking(missed: t.Sequence[PciCard], scene: Scene) -> bool:
    """Whether there is a card that a tool could know, or none on the bus, as in a container."""
    return not scene.cards or any(foreign_state(card.driver) is None for card in missed)


def _gathered(device: Device, scene: Scene) -> Device:
    """``device`` without the parts that nobody asked for."""
    return device._replace(
        memory_errors=device.memory_errors if "health" in scene.gather else None,
        load=device.load if "load" in scene.gather else None,
    )


def _by_sysfs(scene: Scene) -> t.Tuple[Findings, t.Set[str]]:
    """What amdgpu shows, and the addresses of processors' graphics that are left out."""
    nodes = amd_sysfs.nodes(scene.machine)
    by_address = {node.address: node for node in nodes}
    devices, notices, left_out = [], [], set()
    for card in scene.cards:
        node = by_address.get(card.address)
        if amd_sysfs.is_integrated(scene.machine, card, node):
            left_out.add(card.address)
            notices.append(_integrated(card.address, "graphics of a processor"))
            continue
        if card.driver != amd_sysfs.DRIVER:
            continue
        partitions = sum(each.slot == card.address.rpartition(".")[0] for each in nodes)
        device = amd_sysfs.device(scene.machine, card, node, partitions)
        if device.memory_total_bytes is None:
            continue
        if node and scene.include_processes:
            device = _held_by(device, amd_sysfs.processes(scene.machine, node))
        devices.append(device)
    served = {device.pci_bus_id for device in devices}
    whole = [node for node in nodes if node.address in served]
    links = amd_sysfs.links(scene.machine, whole) if scene.include_topology else []
    found = Findings(
        devices=tuple(devices),
        links=tuple(links),
        notices=tuple(notices),
        driver=scene.machine.read("/sys/module/amdgpu/version"),
    )
    return found, left_out


def _by_tools(scene: Scene) -> t.Tuple[Findings, t.Optional[Failure]]:
    """The first tool that shows cards; else why none does."""
    notices: t.List[Notice] = []
    failure: t.Optional[Failure] = None
    for tool, ask in (("amd-smi", _ask_amd_smi), ("rocm-smi", _ask_rocm_smi)):
        path = scene.tools.find(tool)
        if path is None:
            continue
        found, outcome = ask(scene, path)
        # Hygon's toolkit has a rocm-smi as well.
        own = tuple(device for device in found.devices if device.vendor == VENDOR)
        if own:
            return found._replace(devices=own), None
        if found.devices:
            continue
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
    shared = amd_smi.shared_memory(metric.stdout)
    devices = tuple(_with_shared(each, shared.get(each.index or 0), scene) for each in used.devices)
    used = used._replace(devices=devices)
    if metric.timed_out:
        used = used._replace(notices=(bus.tool_failure(VENDOR, "amd-smi metric", metric)[1],))
    return _with_holders(scene, path, _with_tool_links(scene, path, used)), outcome


def _with_tool_links(scene: Scene, path: str, found: Findings) -> Findings:
    if not scene.include_topology or len(found.devices) < 2:
        return found
    outcome = scene.tools.run([path, "topology", "--json"])
    index = {device.pci_bus_id or "": device.index or 0 for device in found.devices}
    return found._replace(links=tuple(amd_smi.parse_links(outcome.stdout, index)))


def _with_holders(scene: Scene, path: str, found: Findings) -> Findings:
    if not scene.include_processes:
        return found
    held = amd_smi.parse_processes(scene.tools.run([path, "process", "--json"]).stdout)
    devices = tuple(_held_by(device, held.get(device.index or 0, ())) for device in found.devices)
    return found._replace(devices=devices)


def _held_by(device: Device, holders: t.Sequence[Process]) -> Device:
    """``device`` with its holders; without any the total stays unknown, since others' may be hidden."""
    total = sum(holder.used_bytes or 0 for holder in holders) if holders else None
    return device._replace(processes=tuple(holders), processes_bytes=total)


def _ask_rocm_smi(scene: Scene, path: str) -> t.Tuple[Findings, Outcome]:
    outcome = scene.tools.run([path, *rocm_smi.QUESTION])
    found = rocm_smi.parse(outcome.stdout)
    shared = rocm_smi.shared_memory(outcome.stdout)
    devices = tuple(_with_shared(device, shared.get(device.index or 0), scene) for device in found.devices)
    return found._replace(devices=devices), outcome


def _with_shared(device: Device, shared: t.Optional[Memory], scene: Scene) -> Device:
    """A processor's graphics with the host's memory that it may take, where the tool tells how much."""
    if apu.kind(device.pci_id, device.gfx) != apu.UNIFIED:
        return device
    device = device._replace(unified_memory=True)
    if shared is None or (shared.total or 0) <= (device.memory_total_bytes or 0):
        return device
    available = host_memory(scene.machine).available_bytes
    free = min(each for each in (shared.free, available) if each is not None) if shared.free else available
    return device._replace(
        memory_total_bytes=shared.total,
        memory_used_bytes=shared.used,
        memory_free_bytes=free,
    )


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
    devices = []
    for device in found.devices:
        mode = (device.partition or {}).get("compute") or "SPX"
        if mode != "SPX" or ((device.partition or {}).get("devices") or 1) > 1:
            text = "the card is cut into partitions (%s)" % mode
            device = device._replace(health=conditions.with_more(device.health, [("partitioned", text)]))
        devices.append(device)
    return found._replace(devices=tuple(devices))


def _without_integrated(found: Findings) -> Findings:
    """Leaves out processors' graphics among what tools list, and small nameless devices."""
    kept, notices = [], list(found.notices)
    for device in found.devices:
        nameless = device.pci_id is None and device.gfx is None and device.name is None
        small = 0 < (device.memory_total_bytes or 0) <= _INTEGRATED_LIMIT
        if apu.kind(device.pci_id, device.gfx) == apu.INTEGRATED or (nameless and small):
            size = "%d MiB" % ((device.memory_total_bytes or 0) // 1024**2)
            who = device.pci_bus_id or "card %s" % device.index
            notices.append(_integrated(who, "%s, graphics of a processor" % size))
        else:
            kept.append(device)
    return found._replace(devices=tuple(kept), notices=tuple(notices))


def _integrated(who: str, what: str) -> Notice:
    text = "%s: %s, left out" % (who, what)
    address = who if ":" in who else None
    return Notice("integrated_gpu", VENDOR, text, "Nothing is to be done.", address, conditions.NOTE)


def _runtime(scene: Scene) -> t.Dict[str, str]:
    found = re.match(r"\d{1,3}(\.\d{1,3}){1,2}", scene.machine.read("/opt/rocm/.info/version") or "")
    return {"rocm": found.group(0)} if found else {}
