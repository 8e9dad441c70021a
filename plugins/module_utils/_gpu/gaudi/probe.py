# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of Intel Gaudi. hl-smi, which prints CSV.

The parser is pure. The columns are those asked for, or of a header where a wrapper prints one.
"""

from __future__ import annotations

import csv
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus, conditions, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Scene
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Memory,
)

VENDOR = "gaudi"
TOOL = "hl-smi"
SOURCE = TOOL

_FIELDS = ("index", "uuid", "name", "driver_version", "memory.total", "memory.used", "memory.free", "bus_id")
_QUESTION = ("--query-aip=" + ",".join(_FIELDS), "--format=csv,noheader")
_ERRORS = "ecc.errors.uncorrected.volatile.total"
# What every question begins with that was seen in the field.
_LEADING = _FIELDS[:-1]
_TABLE_FIRST = re.compile(
    r"^\|\s+(\d{1,3})\s+(HL-\S+)\s+\S+\s*\|\s*([0-9A-Fa-f:.]+)\s[^|]*(?:\|\s*(\d{1,9})\s*\|)?"
)
_TABLE_SECOND = re.compile(r"^\|[^|]*\|\s*(\d+\s?MiB)\s*/\s*(\d+\s?MiB)\s*\|")
_TABLE_DRIVER = re.compile(r"Driver Version:\s*([0-9][\w.-]*)")
_FAMILY = re.compile(r"^HL-?([23])\d\d")


def probe(scene: Scene) -> Findings:
    """Every Gaudi card."""
    path = scene.tools.find(TOOL)
    if path is None:
        failure, notices = bus.missing_tool(scene, VENDOR, TOOL)
        return bus.with_cards(Findings(notices=notices), scene, failure)
    outcome = scene.tools.run([path, *_QUESTION])
    found = parse(outcome.stdout)
    failed: t.Optional[Failure] = None
    if not found.devices:
        failed, notice = bus.tool_failure(VENDOR, TOOL, outcome)
        found = Findings(notices=(notice,))
    return bus.with_cards(found, scene, failed, "driver_not_loaded")


def parse(text: str) -> Findings:
    """Devices of the CSV; a line that is none is left out."""
    fields: t.Sequence[str] = _LEADING
    devices: t.List[Device] = []
    drivers: t.List[str] = []
    for cells in _lines(text):
        names = [cell.split(" [")[0] for cell in cells]
        if "index" in names and "name" in names:
            fields = names
            continue
        row = dict(zip(fields, cells))
        if len(cells) < len(fields) or values.integer(row["index"]) is None or "name" not in row:
            continue
        devices.append(_device(row, cells))
        drivers.append(row.get("driver_version", ""))
    if not devices:
        return _parse_table(text)
    return Findings(
        devices=tuple(devices), driver=next((each for each in drivers if values.text(each)), None)
    )


def _parse_table(text: str) -> Findings:
    """The table for people, two lines a card."""
    lines = values.lines(text)
    devices = []
    for line, following in zip(lines, lines[1:]):
        first, second = _TABLE_FIRST.match(line), _TABLE_SECOND.match(following)
        if first and second:
            row = dict(zip(("index", "name", "bus_id", _ERRORS), first.groups("")))
            row.update({"memory.used": second.group(1), "memory.total": second.group(2)})
            devices.append(_device(row, [row["bus_id"]]))
    driver = _TABLE_DRIVER.search(text)
    return Findings(devices=tuple(devices), driver=driver.group(1) if driver else None)


def _lines(text: str) -> t.List[t.List[str]]:
    try:
        lines = csv.reader(line for line in values.lines(text) if line and "\0" not in line)
        return [[cell.strip() for cell in line] for line in lines]
    except csv.Error:
        return []


def _device(row: t.Mapping[str, str], cells: t.Sequence[str]) -> Device:
    memory = Memory.of(
        values.size(row.get("memory.total")),
        None,
        values.size(row.get("memory.used")),
        values.size(row.get("memory.free")),
    )
    addresses = (values.pci_address(cell) for cell in cells)
    watts = [cell for cell in cells if cell.endswith(" W")]
    name = values.text(row["name"])
    family = _FAMILY.match(name or "")
    return Device(
        vendor=VENDOR,
        source=SOURCE,
        index=values.integer(row["index"]),
        uuid=values.text(row.get("uuid")),
        pci_bus_id=next((address for address in addresses if address), None),
        name=name,
        architecture="gaudi" + family.group(1) if family else None,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        # The power drawn comes first, its limit second.
        power_limit_w=values.watts(watts[1]) if len(watts) == 2 else None,
        health=conditions.health(_conditions(row), False),
    )


def _conditions(row: t.Mapping[str, str]) -> t.Iterator[t.Tuple[str, str]]:
    errors = values.integer(row.get(_ERRORS))
    if errors:
        yield (
            "uncorrected_errors",
            "%d memory errors that could not be corrected since the driver was loaded" % errors,
        )
