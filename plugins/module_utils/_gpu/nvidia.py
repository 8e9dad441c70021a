# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the NVIDIA probe. NVML where it answers, else nvidia-smi, else the bus."""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import (
    nvidia_failures,
    nvidia_notices,
    nvidia_nvml,
    nvidia_query,
    nvidia_tables,
    nvidia_topology,
    pci,
    values,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.host import host_memory
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia_failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia_query import Report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.probe import Scene, bus_device
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.runner import Outcome, TimedOut
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.types import (
    Device,
    Findings,
    Mig,
    MigInstance,
    Notice,
)

VENDOR = "nvidia"
TOOL = "nvidia-smi"

# Cards that have no memory of their own: GB10 and the Jetsons.
_UNIFIED_NAME = re.compile(r"GB10\b|\(nvgpu\)|Tegra|Jetson|\b(Orin|Xavier|Thor)\b", re.IGNORECASE)
_KERNEL_DRIVER = re.compile(r"Kernel Module.*?\s(\d{2,4}(?:\.\d{1,4}){1,2})\s")

Pairs = t.Sequence[t.Tuple[int, int, str]]


@dataclass(frozen=True)
class _Reading:
    """What a source said; ``failure`` is the state of cards that it did not show."""

    report: Report = Report()
    pairs: Pairs = ()
    notices: t.Tuple[Notice, ...] = ()
    failure: t.Optional[Failure] = None


def probe(scene: Scene) -> Findings:
    """Every NVIDIA card of the host, as far as anything knows it."""
    reading = _by_nvml(scene)
    if reading is None:
        reading = _by_tool(scene)
    seen = [_completed(device, scene) for device in reading.report.devices]
    unseen, unseen_notices = _unseen(scene, seen, reading.failure)
    notices = list(reading.notices) + unseen_notices
    for device in seen:
        notices.extend(nvidia_notices.of_device(device))
    capability = {device.index: device.compute_capability for device in seen}
    cuda = reading.report.cuda
    return Findings(
        devices=tuple(seen + unseen),
        links=tuple(nvidia_topology.link(a, b, word, capability.get(a)) for a, b, word in reading.pairs),
        notices=tuple(notices),
        driver=reading.report.driver or _kernel_driver(scene),
        runtime={"cuda": cuda} if cuda else {},
    )


def _by_nvml(scene: Scene) -> t.Optional[_Reading]:
    """None where NVML does not help: nvidia-smi may still, and says why not."""
    if not nvidia_nvml.available():
        return None
    read = functools.partial(nvidia_nvml.read, scene.include_processes, scene.include_topology)
    try:
        answer = scene.tools.call(read)
    except TimedOut:
        return _failed(nvidia_failures.TIMEOUT, "NVML did not answer in time")
    except (RuntimeError, OSError):
        return None
    return None if answer is None else _Reading(answer.report, answer.pairs)


def _by_tool(scene: Scene) -> _Reading:
    tool = scene.tools.find(TOOL)
    if tool is None:
        if not any(card.driver not in ("vfio-pci", "nouveau") for card in scene.cards):
            return _Reading()
        return _failed(nvidia_failures.TOOL_MISSING, "There is an NVIDIA card and no %s" % TOOL)
    query = scene.tools.run([tool, "-q", "-x"])
    report = read_report(query.stdout)
    if not report.devices:
        return _second_try(scene, tool, query)
    lost = nvidia_failures.classify(query) is nvidia_failures.DEVICE_LOST
    return _Reading(
        report=_with_details(scene, tool, report),
        pairs=_matrix(scene, tool, len(report.devices)),
        notices=tuple(_report_notices(report, query if lost else None)),
        failure=nvidia_failures.DEVICE_LOST if lost else None,
    )


def read_report(text: str) -> Report:
    """The cards of whatever form the tool answered in: wrappers exist that drop arguments."""
    report = nvidia_query.parse(text)
    if not report.devices:
        report = nvidia_tables.parse_table(text)
    if not report.devices:
        report = Report(devices=tuple(nvidia_tables.parse_listing(text)))
    return report


def _second_try(scene: Scene, tool: str, query: Outcome) -> _Reading:
    """One dead card can hide the others, and a broken report need not break the short one."""
    failure = nvidia_failures.classify(query) or nvidia_failures.PARSE_ERROR
    report = Report()
    if failure is nvidia_failures.DEVICE_LOST:
        report = _card_by_card(scene, tool)
    elif failure is nvidia_failures.PARSE_ERROR:
        report = _short_report(scene, tool)
    return _Reading(
        report=report,
        notices=(_failure_notice(failure, _how_it_ended("-q -x", query)),),
        failure=failure,
    )


def _card_by_card(scene: Scene, tool: str) -> Report:
    """The cards that still answer, each asked for by its address."""
    reports = []
    for card in scene.cards:
        alone = ("-i", card.address)
        report = read_report(scene.tools.run([tool, "-q", "-x", *alone]).stdout)
        if report.devices:
            reports.append(_with_details(scene, tool, report, alone))
    if not reports:
        return Report()
    return replace(reports[0], devices=tuple(device for report in reports for device in report.devices))


def _short_report(scene: Scene, tool: str) -> Report:
    rows = _rows(scene, tool, nvidia_tables.MINIMAL_FIELDS)
    return Report(
        devices=tuple(nvidia_tables.device_of_row(row) for row in rows),
        driver=values.version(rows[0]["driver_version"]) if rows else None,
    )


def _rows(
    scene: Scene, tool: str, fields: t.Sequence[str], alone: t.Sequence[str] = ()
) -> t.List[nvidia_tables.Row]:
    asked = [tool, nvidia_tables.query_argument(fields), "--format=csv,noheader,nounits", *alone]
    return nvidia_tables.parse_csv(scene.tools.run(asked).stdout, fields)


def _with_details(scene: Scene, tool: str, report: Report, alone: t.Sequence[str] = ()) -> Report:
    """What the long report leaves out: index, compute capability, uuids of MIG instances."""
    short = _rows(scene, tool, nvidia_tables.IDENTITY_FIELDS, alone)
    rows = {values.pci_address(row["pci.bus_id"]): row for row in short}
    listed: t.List[Device] = []
    if any(device.mig.mode == "enabled" for device in report.devices):
        listed = nvidia_tables.parse_listing(scene.tools.run([tool, "-L", *alone]).stdout)
    devices = []
    for device in report.devices:
        row = rows.get(device.pci_bus_id)
        if row is not None:
            device = replace(
                device,
                index=values.integer(row["index"]),
                compute_capability=values.version(row["compute_cap"]),
            )
        twin = next((other for other in listed if other.index == device.index), None)
        devices.append(replace(device, mig=_named(device.mig, twin.mig)) if twin else device)
    return replace(report, devices=tuple(devices))


def _named(mig: Mig, listed: Mig) -> Mig:
    """The instances with the uuids and profiles of the listing."""
    by_index = {instance.index: instance for instance in listed.instances}
    nameless = MigInstance()
    return replace(
        mig,
        instances=tuple(
            replace(
                instance,
                uuid=instance.uuid or by_index.get(instance.index, nameless).uuid,
                profile=instance.profile or by_index.get(instance.index, nameless).profile,
            )
            for instance in mig.instances
        ),
    )


def _matrix(scene: Scene, tool: str, devices: int) -> Pairs:
    if not scene.include_topology or devices < 2:
        return ()
    return nvidia_topology.parse_matrix(scene.tools.run([tool, "topo", "-m"]).stdout)


def _completed(device: Device, scene: Scene) -> Device:
    """``device`` with what the host knows, and the verdict on it."""
    if not scene.include_processes:
        device = replace(device, processes=(), processes_bytes=None)
    elif scene.container and not device.processes:
        device = replace(device, processes_bytes=None)
    if device.memory_total_bytes is None and _UNIFIED_NAME.search(device.name or ""):
        memory = host_memory(scene.machine)
        device = replace(
            device,
            unified_memory=True,
            memory_total_bytes=memory.total_bytes,
            memory_free_bytes=memory.available_bytes,
        )
    if device.numa_node is None:
        device = replace(device, numa_node=pci.numa_node(scene.machine, device.pci_bus_id))
    state = _state(device)
    usable = state == "ok" and device.mig.mode != "enabled" and device.memory_total_bytes is not None
    return replace(device, state=state, schedulable=usable)


def _state(device: Device) -> str:
    if device.state != "ok":
        return device.state
    if device.health.state == "unhealthy":
        return "unhealthy"
    if device.mig.mode == "enabled" and not device.mig.instances:
        return "mig_empty"
    if device.vgpu is not None and str(device.vgpu["mode"]).startswith("host"):
        return "vgpu_host"
    return "ok"


def _unseen(
    scene: Scene, seen: t.Sequence[Device], failure: t.Optional[Failure]
) -> t.Tuple[t.List[Device], t.List[Notice]]:
    """Cards on the bus that the driver did not show."""
    shown = {device.pci_bus_id for device in seen}
    state = failure.code if failure else "not_visible" if scene.container and seen else "driver_error"
    devices = [
        _with_kernel_identity(bus_device(card, state), scene)
        for card in scene.cards
        if card.address not in shown
    ]
    return devices, [
        nvidia_notices.of_unseen(device) for device in devices if failure is None or device.state != state
    ]


def _with_kernel_identity(device: Device, scene: Scene) -> Device:
    """``device`` with what the kernel's module tells also when nvidia-smi does not work."""
    text = scene.machine.read("/proc/driver/nvidia/gpus/%s/information" % device.pci_bus_id) or ""
    found = dict(re.findall(r"^(Model|GPU UUID):\s+(\S.*?)\s*$", text, re.MULTILINE))
    uuid = values.text(found.get("GPU UUID"))
    return replace(
        device,
        name=values.text(found.get("Model")),
        uuid=None if uuid and "?" in uuid else uuid,
    )


def _kernel_driver(scene: Scene) -> t.Optional[str]:
    found = _KERNEL_DRIVER.search((scene.machine.read("/proc/driver/nvidia/version") or "") + " ")
    return found.group(1) if found else None


def _failed(failure: Failure, what: str) -> _Reading:
    return _Reading(notices=(_failure_notice(failure, what),), failure=failure)


def _failure_notice(failure: Failure, what: str) -> Notice:
    return Notice(failure.code, VENDOR, what, failure.hint)


def _how_it_ended(arguments: str, outcome: Outcome) -> str:
    if outcome.timed_out:
        return "%s %s did not end in time and was left behind" % (TOOL, arguments)
    line = next((line.strip() for line in outcome.said.splitlines() if line.strip()), "nothing")
    return "%s %s ended with status %s and said: %s" % (TOOL, arguments, outcome.rc, line[:300])


def _report_notices(report: Report, lost: t.Optional[Outcome]) -> t.Iterator[Notice]:
    if lost is not None and not any(device.state == "device_lost" for device in report.devices):
        yield _failure_notice(nvidia_failures.DEVICE_LOST, _how_it_ended("-q -x", lost))
    if not report.complete:
        yield _failure_notice(nvidia_failures.PARSE_ERROR, "The report of %s -q -x ends early" % TOOL)
    if report.attached is not None and report.attached > len(report.devices):
        text = "The driver counts %d cards, its report shows %d" % (report.attached, len(report.devices))
        yield Notice("devices_missing", VENDOR, text, "See the kernel's log for a card that does not answer.")
