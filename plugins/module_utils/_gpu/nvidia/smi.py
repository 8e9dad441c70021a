# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks nvidia-smi, as little as possible and as much as it takes."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus, conditions, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import (
    PARSE_ERROR,
    TIMEOUT,
    Failure,
    how_it_ended,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    Scene,
    foreign_state,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Mig,
    MigInstance,
    Notice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    csv_reports as nvidia_csv,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    failures as nvidia_failures,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    query_report as nvidia_query,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import tables as nvidia_tables
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    topology as nvidia_topology,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.query_report import Report

VENDOR = "nvidia"
TOOL = "nvidia-smi"
# No host has more; a larger count is a misread one.
MOST_CARDS = 64

Pairs = t.Sequence[t.Tuple[int, int, str]]


class Reading(t.NamedTuple):
    """What a source said; ``failure`` is the state of cards that it did not show."""

    report: Report = Report()
    pairs: Pairs = ()
    notices: t.Tuple[Notice, ...] = ()
    failure: t.Optional[Failure] = None
    confidential: t.Optional[bool] = None


def read(scene: Scene, refusal: str = "") -> Reading:
    """Every card that nvidia-smi knows, and why it does not know the others.

    ``refusal`` is what NVML said, which counts where there is no tool.
    """
    tool = scene.tools.find(TOOL)
    if tool is not None:
        return _Questions(scene, tool).reading()
    if all(foreign_state(card.driver) for card in scene.cards):
        return Reading()
    missing = nvidia_failures.TOOL_MISSING
    if scene.machine.exists("/run/nvidia/driver"):
        missing = nvidia_failures.DRIVER_IN_CONTAINER
    elif bus.is_withheld(scene, VENDOR):
        return Reading()
    text = "The bus has NVIDIA cards, and there is no %s" % TOOL
    notice = missing.notice(VENDOR, text + (" (NVML: %s)" % refusal if refusal else ""))
    return Reading(notices=(notice,), failure=missing)


def read_report(text: str) -> Report:
    """The cards of whatever form the tool answered in: wrappers exist that drop arguments."""
    report = nvidia_query.parse(text)
    others = [nvidia_tables.parse_table, nvidia_tables.parse_listing, nvidia_tables.parse_topology]
    failure = nvidia_failures.classify(Outcome(0, text))
    if failure is None or failure.code in ("device_lost", "reset_required"):
        others.append(nvidia_csv.parse_any)
    for parse in others:
        if not report.devices:
            found = parse(text)
            report = found if found.devices else report
    return report


class _Questions:
    """Asks one nvidia-smi. A later question that fails costs its answer alone, and is noticed."""

    def __init__(self, scene: Scene, tool: str) -> None:
        self._scene = scene
        self._tool = tool
        self._notices: t.List[Notice] = []

    def reading(self) -> Reading:
        query = self._scene.tools.run([self._tool, "-q", "-x"])
        report = read_report(query.stdout)
        failure = nvidia_failures.classify(query, self._scene.container)
        if report.devices:
            failure = failure if failure is nvidia_failures.DEVICE_LOST else None
            report = _with_lost(report, query)
            self._notices.extend(_report_notices(report, query if failure else None))
            report = self._with_details(report)
        else:
            failure = failure or (None if report.licence else PARSE_ERROR)
            report = self._second_try(failure, query) if failure else report
        pairs = self._matrix(len(report.devices))
        if "details" in self._scene.gather:
            from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import divisions

            report = report._replace(devices=divisions.divided(report.devices, self._ask))
        return Reading(report, pairs, tuple(self._notices), failure)

    def _ask(self, *arguments: str) -> str:
        outcome = self._scene.tools.run([self._tool, *arguments])
        if outcome.timed_out:
            command = " ".join((TOOL,) + arguments[:2])
            self._notices.append(TIMEOUT.notice(VENDOR, how_it_ended(command, outcome)))
        return outcome.stdout

    def _second_try(self, failure: Failure, query: Outcome) -> Report:
        """One dead card can hide the others, and a broken report need not break the short one."""
        what = how_it_ended("%s -q -x" % TOOL, query, failure)
        self._notices.append(failure.notice(VENDOR, what, nvidia_failures.named_card(query)))
        if failure.code in ("device_lost", "reset_required"):
            return self._card_by_card()
        if failure.code in ("parse_error", "tool_broken"):
            return self._short_report()
        return Report()

    def _card_by_card(self) -> Report:
        """The cards that still answer, each asked for by its address."""
        reports = []
        for card in self._scene.cards:
            alone = ("-i", card.address)
            report = read_report(self._ask("-q", "-x", *alone))
            if report.devices:
                reports.append(self._with_details(report, alone))
        if not reports:
            return Report()
        devices = tuple(device for report in reports for device in report.devices)
        return reports[0]._replace(devices=devices, attached=None)

    def _short_report(self) -> Report:
        rows = self._rows(nvidia_csv.MINIMAL_FIELDS)
        return Report(
            devices=tuple(nvidia_csv.device_of_row(row) for row in rows),
            driver=values.version(rows[0]["driver_version"]) if rows else None,
        )

    def _rows(self, fields: t.Sequence[str], alone: t.Sequence[str] = ()) -> t.List[nvidia_csv.Row]:
        asked = (nvidia_csv.query_argument(fields), "--format=csv,noheader,nounits", *alone)
        return nvidia_csv.parse_csv(self._ask(*asked), fields)

    def _with_details(self, report: Report, alone: t.Sequence[str] = ()) -> Report:
        """What the long report leaves out: index, compute capability, uuids of MIG instances."""
        short = self._rows(nvidia_csv.IDENTITY_FIELDS, alone)
        rows = {values.pci_address(row["pci.bus_id"]) or row["uuid"]: row for row in short}
        listed: t.Sequence[Device] = ()
        if any(device.mig.mode == "enabled" for device in report.devices):
            listed = nvidia_tables.parse_listing(self._ask("-L", *alone)).devices
        devices = []
        for device in report.devices:
            row = rows.get(device.pci_bus_id or device.uuid or "")
            if row is not None:
                device = device._replace(
                    index=values.integer(row["index"]),
                    compute_capability=values.version(row["compute_cap"]),
                )
            twin = next((other for other in listed if other.index == device.index), None)
            devices.append(device._replace(mig=_named(device.mig, twin.mig)) if twin else device)
        return report._replace(devices=tuple(devices))

    def _matrix(self, devices: int) -> Pairs:
        if not self._scene.include_topology or devices < 2:
            return ()
        return nvidia_topology.parse_matrix(self._ask("topo", "-m"))


def _named(mig: Mig, listed: Mig) -> Mig:
    """The instances with the uuids and profiles of the listing."""
    by_index = {instance.index: instance for instance in listed.instances}
    nameless = MigInstance()
    return mig._replace(
        instances=tuple(
            instance._replace(
                uuid=instance.uuid or by_index.get(instance.index, nameless).uuid,
                profile=instance.profile or by_index.get(instance.index, nameless).profile,
            )
            for instance in mig.instances
        ),
    )


def _with_lost(report: Report, query: Outcome) -> Report:
    """``report`` with the cards that it names in a complaint and does not show."""
    shown = {device.pci_bus_id for device in report.devices}
    lost = [
        Device(
            vendor=VENDOR,
            source=TOOL,
            pci_bus_id=address,
            health=conditions.health([("device_lost", "the card does not answer")], True),
        )
        for address in nvidia_failures.named_cards(query)
        if address not in shown
    ]
    return report._replace(devices=report.devices + tuple(lost)) if lost else report


def _is_lost(device: Device) -> bool:
    return any(each.code == "device_lost" for each in device.health.conditions)


def _report_notices(report: Report, lost: t.Optional[Outcome]) -> t.Iterator[Notice]:
    if lost is not None and not any(_is_lost(device) for device in report.devices):
        what = how_it_ended("%s -q -x" % TOOL, lost, nvidia_failures.DEVICE_LOST)
        yield nvidia_failures.DEVICE_LOST.notice(VENDOR, what, nvidia_failures.named_card(lost))
    if not report.complete:
        yield PARSE_ERROR.notice(VENDOR, "The report of %s -q -x ends early" % TOOL)
    if report.attached is not None and report.attached > len(report.devices):
        text = "The driver counts %d cards, its report shows %d" % (report.attached, len(report.devices))
        yield Notice("devices_missing", VENDOR, text, "See the kernel's log for a card that does not answer.")
