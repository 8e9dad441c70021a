# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``nvidia-smi -q -x`` says, and the same report as plain text.

Both become one element tree, because the plain report has the XML's structure and nearly its names.
Pure: text in, values out. Element names are those of drivers 390 to 610.
"""

from __future__ import annotations

import io
import re
import typing as t
from xml.etree import ElementTree

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Memory,
    Mig,
    MigInstance,
    Process,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import report_health

SOURCE = "nvidia-smi"

_LOG_LINE = re.compile(r"^( *)(\S.*?)(?:\s+:(?: (.*))?)?$")
_LOG_GPU = re.compile(r"^GPU ([0-9A-Fa-f:.]+)\s*$")
# The second is the name until driver 460.
_LICENCE = ("vgpu_software_licensed_product/license_status", "grid_licensed_product/license_status")
_INFOROM = re.compile(r"infoROM is corrupted at gpu ([0-9A-Fa-f:.]{7,16})", re.IGNORECASE)


class Report(t.NamedTuple):
    """``attached`` is how many cards the driver counts; ``complete`` is False for a cut report.

    ``licence`` is that of a vGPU which the report does not name.
    """

    devices: t.Tuple[Device, ...] = ()
    driver: t.Optional[str] = None
    cuda: t.Optional[str] = None
    attached: t.Optional[int] = None
    complete: bool = True
    licence: t.Optional[str] = None


def parse(text: str) -> Report:
    """The report in ``text``, in either form; an empty one where there is none."""
    start = text.find("<nvidia_smi_log")
    if start >= 0:
        root, complete = _tree_of_xml(text[start:])
    else:
        root = _tree_of_log(text)
        complete = all(gpu.find("product_name") is not None for gpu in root.findall("gpu"))
    corrupted = {values.pci_address(address) for address in _INFOROM.findall(text)}
    devices = tuple(_device(gpu, position, corrupted) for position, gpu in enumerate(root.findall("gpu")))
    return Report(
        devices=devices,
        driver=_version(root, "driver_version", "kmd_version"),
        cuda=_version(root, "cuda_version", "cuda_umd_version"),
        attached=values.integer(root.findtext("attached_gpus")),
        complete=complete,
        licence=_text(root, *_LICENCE),
    )


def _tree_of_xml(text: str) -> t.Tuple[ElementTree.Element, bool]:
    """A root that holds what was complete before the text ended or broke."""
    root = ElementTree.Element("nvidia_smi_log")
    source = io.BytesIO(text.encode("utf-8", "replace"))
    depth = 0
    try:
        for event, element in ElementTree.iterparse(source, events=("start", "end")):
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 1:
                root.append(element)
            if event == "end" and depth == 0:
                return root, True
    except ElementTree.ParseError:
        pass
    return root, False


def _tree_of_log(text: str) -> ElementTree.Element:
    root = ElementTree.Element("nvidia_smi_log")
    open_parts: t.List[t.Tuple[int, ElementTree.Element]] = [(-1, root)]
    for line in values.lines(text):
        found = _LOG_LINE.match(line)
        if found is None:
            continue
        indent, key, value = len(found.group(1)), found.group(2), found.group(3)
        while indent <= open_parts[-1][0]:
            open_parts.pop()
        gpu = _LOG_GPU.match(line)
        tag = "gpu" if gpu else re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")
        element = ElementTree.SubElement(open_parts[-1][1], tag or "_")
        element.text = value
        if gpu:
            element.set("id", gpu.group(1))
        open_parts.append((indent, element))
    return root


def _device(gpu: ElementTree.Element, position: int, corrupted: t.Set[t.Optional[str]]) -> Device:
    memory = _memory(gpu, "fb_memory_usage")
    processes = _processes(gpu)
    part = report_health.Part(gpu)
    address = values.pci_address(_text(gpu, "pci/pci_bus_id", "pci/bus_id") or gpu.get("id"))
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=position,
        uuid=_text(gpu, "uuid", "gpu_uuid"),
        pci_bus_id=address,
        pci_id=values.pci_id(_text(gpu, "pci/pci_device_id", "pci/device_id")),
        name=_text(gpu, "product_name"),
        architecture=architecture(_text(gpu, "product_architecture")),
        memory_total_bytes=memory.total,
        memory_reserved_bytes=memory.reserved,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        mig=_mig(gpu),
        vgpu=_vgpu(gpu),
        ecc=values.switch(_text(gpu, "ecc_mode/current_ecc", "ecc_mode/current")),
        health=report_health.health(gpu, address is not None and address in corrupted),
        processes_bytes=used_by(processes),
        processes=processes or (),
        power_limit_w=values.watts(
            _text(
                gpu,
                "gpu_power_readings/current_power_limit",
                "power_readings/enforced_power_limit",
                "power_readings/power_limit",
            )
        ),
        addressing_mode=_text(gpu, "addressing_mode"),
        fabric_state=report_health.word(_text(gpu, "fabric/state")),
        recovery_action=report_health.word(_text(gpu, "gpu_recovery_action")),
        persistence=values.switch(_text(gpu, "persistence_mode")),
        compute_mode=report_health.word(_text(gpu, "compute_mode")),
        pcie=report_health.pcie(part),
        fabric=report_health.fabric(part),
        memory_errors=report_health.memory_errors(part),
        load=report_health.load(part),
    )


def architecture(name: t.Optional[str]) -> t.Optional[str]:
    """One lower-case word: hopper, ada (for Ada Lovelace), ampere."""
    return name.split()[0].lower() if name else None


def used_by(processes: t.Optional[t.Sequence[Process]]) -> t.Optional[int]:
    """Bytes that all processes hold; None where one of them is not known."""
    if processes is None:
        return None
    amounts = [process.used_bytes for process in processes]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def mark_shared(instances: t.Sequence[MigInstance]) -> t.Tuple[MigInstance, ...]:
    """Compute instances of one GPU instance share its memory."""
    owners = [instance.gpu_instance_id for instance in instances]
    return tuple(
        instance._replace(
            shares_memory=instance.gpu_instance_id is not None and owners.count(instance.gpu_instance_id) > 1,
        )
        for instance in instances
    )


def _text(element: ElementTree.Element, *paths: str) -> t.Optional[str]:
    cells = (values.text(element.findtext(path)) for path in paths)
    return next((cell for cell in cells if cell is not None), None)


def _version(root: ElementTree.Element, *paths: str) -> t.Optional[str]:
    versions = (values.version(root.findtext(path)) for path in paths)
    return next((version for version in versions if version is not None), None)


def _memory(element: ElementTree.Element, part: str) -> Memory:
    total, reserved, used, free = (
        values.size(_text(element, "%s/%s" % (part, name))) for name in ("total", "reserved", "used", "free")
    )
    return Memory.of(total, reserved, used, free)


def _mig(gpu: ElementTree.Element) -> Mig:
    enabled = values.switch(_text(gpu, "mig_mode/current_mig", "mig_mode/current"))
    if enabled is None:
        return Mig()
    parts = gpu.findall("mig_devices/mig_device") + gpu.findall("mig_device")
    return Mig("enabled" if enabled else "disabled", mark_shared([_mig_instance(part) for part in parts]))


def _mig_instance(part: ElementTree.Element) -> MigInstance:
    memory = _memory(part, "fb_memory_usage")
    if memory.total is None:
        memory = _memory(part, "shared_fb_memory_usage")
    return MigInstance(
        index=values.integer(part.findtext("index")),
        gpu_instance_id=values.integer(part.findtext("gpu_instance_id")),
        compute_instance_id=values.integer(part.findtext("compute_instance_id")),
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
    )


def _vgpu(gpu: ElementTree.Element) -> t.Optional[t.Dict[str, t.Optional[str]]]:
    mode = _text(gpu, "gpu_virtualization_mode/virtualization_mode")
    if mode is None or mode == "Pass-Through":
        return None
    return {"mode": report_health.word(mode), "licence": _text(gpu, *_LICENCE)}


def _processes(gpu: ElementTree.Element) -> t.Optional[t.Tuple[Process, ...]]:
    """None where the report does not list processes, which is not the same as an empty list."""
    part = gpu.find("processes")
    if part is None or (len(part) == 0 and (part.text or "").strip() not in ("", "None")):
        return None
    listed = part.findall("process_info")
    if len(part) and not listed:
        return None
    numbered = ((values.integer(info.findtext("pid")), info) for info in listed)
    return tuple(
        Process(pid, _text(info, "process_name"), values.size(_text(info, "used_memory")))
        for pid, info in numbered
        if pid is not None
    )
