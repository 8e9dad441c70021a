# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The NVIDIA probe. NVML where it answers, else nvidia-smi, else the bus."""

from __future__ import annotations

import functools
import importlib.util
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import (
    bus,
    cards,
    conditions,
    pci,
    values,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import (
    TIMEOUT,
    Failure,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.host import host_memory, in_wsl
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Scene, bus_device
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import TimedOut
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Notice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    jetson,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import kernel_log as nvidia_log
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    notices as nvidia_notices,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import smi as nvidia_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    topology as nvidia_topology,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.smi import (
    TOOL,
    VENDOR,
    Reading,
    read_report,
)

# Cards that have no memory of their own: GB10 and the Jetsons.
_UNIFIED_NAME = re.compile(r"GB10\b|\(nvgpu\)|Tegra|Jetson|\b(Orin|Xavier|Thor)\b", re.IGNORECASE)
# What a driver calls a card that is newer than itself.
_UNKNOWN_NAME = re.compile(r"^(NVIDIA )?(Device [0-9a-f]{4}|Graphics Device)\b", re.IGNORECASE)
_FABRIC_MANAGER = (
    "/run/nvidia-fabricmanager/nv-fabricmanager.pid",
    "/var/run/nvidia-fabricmanager/nv-fabricmanager.pid",
)
_KERNEL_DRIVER = re.compile(r"Kernel Module.*?\s(\d{2,4}(?:\.\d{1,4}){1,2})\s")


def probe(scene: Scene) -> Findings:
    """Every NVIDIA card of the host, as far as anything knows it."""
    reading = _by_nvml(scene)
    if isinstance(reading, str):
        reading = nvidia_smi.read(scene, reading)
    reading = _with_jetson(reading, scene)
    identified = [_identified(device, scene) for device in reading.report.devices]
    told, missed = bus.paired(identified, scene.cards)
    missing = nvidia_topology.without_links(reading.pairs)
    seen = [_completed(device, scene, missing) for device in told]
    unseen, unseen_notices = _unseen(scene, missed, reading.failure, bool(seen))
    devices = seen + unseen + _untold(reading, len(seen) + len(unseen))
    served = devices or reading.failure or scene.machine.exists("/sys/module/nvidia")
    log = nvidia_log.read(scene.machine) if served and "health" in scene.gather else None
    devices = [_with_log(device, log) for device in devices]
    notices = list(reading.notices) + unseen_notices
    notices += nvidia_notices.of_log(log or (), nvidia_log.uptime_s(scene.machine))
    for device in seen:
        notices.extend(nvidia_notices.of_device(device))
    if devices and in_wsl(scene.machine):
        notices.append(nvidia_notices.SHARED_WITH_WINDOWS)
    if reading.report.licence is not None:
        notices.extend(nvidia_notices.of_licence(reading.report.licence, None))
    capability = {device.index: device.compute_capability for device in seen}
    cuda = reading.report.cuda
    return Findings(
        devices=tuple(devices),
        links=tuple(nvidia_topology.link(a, b, word, capability.get(a)) for a, b, word in reading.pairs),
        notices=tuple(notices),
        driver=reading.report.driver or _kernel_driver(scene),
        runtime={"cuda": cuda} if cuda else {},
        details=_details(scene, reading),
    )


def _by_nvml(scene: Scene) -> t.Union[Reading, str]:
    """The words of a refusal where NVML does not help: nvidia-smi may still, and says why not."""
    if importlib.util.find_spec("pynvml") is None:
        return ""
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import nvml as nvidia_nvml

    read = functools.partial(nvidia_nvml.read, scene.gather, scene.include_processes)
    try:
        answer = scene.tools.call(read)
    except TimedOut:
        notice = TIMEOUT.notice(VENDOR, "NVML did not answer in time")
        return Reading(notices=(notice,), failure=TIMEOUT)
    except (RuntimeError, OSError) as exc:
        return str(exc)
    if answer.refusal or (scene.cards and not answer.report.devices):
        return answer.refusal or "it counts no card"
    report = answer.report
    if any(device.vgpu and device.vgpu["mode"] == "vgpu" for device in report.devices):
        report = report._replace(devices=_with_licences(scene, report.devices))
    return Reading(report, answer.pairs, confidential=answer.confidential)


def _with_jetson(reading: Reading, scene: Scene) -> Reading:
    """``reading`` with the GPU of a Jetson that no tool shows."""
    if reading.report.devices or scene.cards:
        return reading
    device = jetson.device(scene.machine)
    if device is None:
        return reading
    return Reading(reading.report._replace(devices=(device,)), failure=reading.failure)


def _with_licences(scene: Scene, devices: t.Sequence[Device]) -> t.Tuple[Device, ...]:
    """NVML's binding does not tell whether a vGPU is licensed, the tool's report does."""
    tool = scene.tools.find(TOOL)
    told = read_report(scene.tools.run([tool, "-q", "-x"]).stdout).devices if tool else ()
    licensed = {device.pci_bus_id: device.vgpu for device in told}
    return tuple(
        device.told_by(nvidia_smi.TOOL, vgpu=licensed[device.pci_bus_id])
        if licensed.get(device.pci_bus_id)
        else device
        for device in devices
    )


def _identified(device: Device, scene: Scene) -> Device:
    """``device`` with the address that the kernel's module knows for its uuid."""
    if device.pci_bus_id is not None or device.uuid is None:
        return device
    known = (card for card in scene.cards if _kernel_identity(card.address, scene)[1] == device.uuid)
    card = next(known, None)
    return device if card is None else device.told_by("/proc/driver/nvidia", pci_bus_id=card.address)


def _completed(device: Device, scene: Scene, missing_links: t.Mapping[int, str]) -> Device:
    """``device`` with what the host and the table of cards know, and the verdict on it."""
    if not scene.include_processes:
        device = device._replace(processes=(), processes_bytes=None)
    elif scene.container and not device.processes:
        device = device._replace(processes_bytes=None)
    card = next((card for card in scene.cards if card.address == device.pci_bus_id), None)
    if card is not None:
        device = device._replace(kernel_driver=card.driver)
        if device.pci_id is None:
            device = device.told_by("sysfs", pci_id=card.pci_id)
    if device.numa_node is None:
        device = device.told_by("sysfs", numa_node=pci.numa_node(scene.machine, device.pci_bus_id))
    device = _gathered(bus.with_link(_with_host_memory(_with_table(device), scene), scene.machine), scene)
    links = missing_links.get(-1 if device.index is None else device.index)
    more = [("nvlink_missing", "GPU %s has %s" % (device.index, links))] if links else []
    device = device._replace(health=conditions.with_more(device.health, more + list(_modes(device))))
    state = conditions.obstacle(device.health) or device.state
    usable = state == "ok" and device.mig.mode != "enabled" and device.memory_total_bytes is not None
    return device._replace(state=state, schedulable=usable)


def _gathered(device: Device, scene: Scene) -> Device:
    """``device`` without the parts that nobody asked for."""
    return device._replace(
        pcie=device.pcie if "links" in scene.gather else None,
        memory_errors=device.memory_errors if "health" in scene.gather else None,
        load=device.load if "load" in scene.gather else None,
    )


def _with_table(device: Device) -> Device:
    """An old driver knows neither a new card's name nor any compute capability."""
    card = cards.by_pci_id(device.pci_id) or cards.by_name(device.name)
    if card is not None and device.compute_capability is None:
        device = device.told_by("table", compute_capability=card.level)
    if card is not None and device.architecture is None:
        device = device.told_by("table", architecture=card.architecture)
    if card is not None and (device.name is None or _UNKNOWN_NAME.match(device.name)):
        device = device.told_by("table", name=card.product)
    return device


def _with_host_memory(device: Device, scene: Scene) -> Device:
    if device.memory_total_bytes is not None or not _UNIFIED_NAME.search(device.name or ""):
        return device
    memory = host_memory(scene.machine)
    return device._replace(unified_memory=True).told_by(
        "/proc/meminfo",
        memory_total_bytes=memory.total_bytes,
        memory_free_bytes=memory.available_bytes,
    )


def _modes(device: Device) -> t.Iterator[t.Tuple[str, str]]:
    if device.mig.mode == "enabled" and not device.mig.instances:
        yield "mig_empty", "MIG is on without any instance"
    if device.vgpu is not None and str(device.vgpu["mode"]).startswith("host"):
        yield "vgpu_host", "its memory belongs to virtual machines"


def _unseen(
    scene: Scene, missed: t.Sequence[pci.PciCard], failure: t.Optional[Failure], any_seen: bool
) -> t.Tuple[t.List[Device], t.List[Notice]]:
    """Cards on the bus that the driver did not show."""
    withheld = scene.container and (any_seen or bus.is_withheld(scene, VENDOR))
    state = failure.code if failure else "not_visible" if withheld else "driver_error"
    devices = [_with_table(_with_kernel_identity(bus_device(card, state), scene)) for card in missed]
    return devices, [bus.unserved(device) for device in devices if failure is None or device.state != state]


def _untold(reading: Reading, known: int) -> t.List[Device]:
    """Cards of which only the driver's count tells, as their part of the report is cut off.

    A whole report that shows fewer is that of a wrapper which asks for some.
    """
    missing = 0 if reading.report.complete else (reading.report.attached or 0) - known
    return [
        Device(vendor=VENDOR, source=TOOL, state="not_reported", schedulable=False)
        for _number in range(min(missing, nvidia_smi.MOST_CARDS))
    ]


def _kernel_identity(address: t.Optional[str], scene: Scene) -> t.Tuple[t.Optional[str], t.Optional[str]]:
    """Name and uuid that the kernel's module tells also when nvidia-smi does not work."""
    text = scene.machine.read("/proc/driver/nvidia/gpus/%s/information" % address) or ""
    found = dict(re.findall(r"^(Model|GPU UUID):\s+(\S.*?)\s*$", text, re.MULTILINE))
    uuid = values.text(found.get("GPU UUID"))
    return values.text(found.get("Model")), None if uuid and "?" in uuid else uuid


def _with_kernel_identity(device: Device, scene: Scene) -> Device:
    name, uuid = _kernel_identity(device.pci_bus_id, scene)
    return device._replace(name=name, uuid=uuid)


def _with_log(device: Device, log: t.Optional[t.Sequence[nvidia_log.LogEntry]]) -> Device:
    """What the log adds. A card that works now is believed, whatever happened to it since boot."""
    if log is None:
        return device
    own = [entry for entry in log if entry.address == device.pci_bus_id and entry.kind != "sxid"]
    xids = tuple(sorted({entry.xid for entry in own if entry.xid is not None}))
    device = device.told_by("kernel log", xids=xids)
    if not own or device.schedulable or device.state in ("ok", "passthrough"):
        return device
    off_bus = any(entry.kind == "off_bus" or entry.xid == 79 for entry in own)
    text = "; ".join(entry.text for entry in own)
    return device._replace(
        state="device_lost" if off_bus else device.state,
        health=conditions.with_more(device.health, [("device_lost" if off_bus else "init_failed", text)]),
    )


def _kernel_driver(scene: Scene) -> t.Optional[str]:
    found = _KERNEL_DRIVER.search((scene.machine.read("/proc/driver/nvidia/version") or "") + " ")
    return found.group(1) if found else None


def _details(scene: Scene, reading: Reading) -> t.Dict[str, t.Any]:
    """About the driver: NVIDIA's open kernel modules, the fabric's service, confidential computing."""
    version = scene.machine.read("/proc/driver/nvidia/version")
    fabric = any(device.fabric for device in reading.report.devices)
    found = {
        "open_kernel_module": None if version is None else "Open Kernel Module" in version,
        "fabric_manager": any(map(scene.machine.exists, _FABRIC_MANAGER)) if fabric else None,
        "confidential_computing": reading.confidential,
        "l4t": jetson.release(scene.machine),
    }
    return {name: value for name, value in found.items() if value is not None}
