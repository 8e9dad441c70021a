# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV that nvidia-smi prints. Pure: text in, values out.

Rows are read by the fields asked for. Where a wrapper asked for others, by the header or, without
one, by what a cell can only be; a number that could be two things is left out.
"""

from __future__ import annotations

import csv
import re
import typing as t
from xml.etree import ElementTree

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Memory,
    Mig,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import report_health
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.query_report import (
    SOURCE,
    Report,
)

Row = t.Dict[str, str]

IDENTITY_FIELDS = ("index", "uuid", "pci.bus_id", "name", "compute_cap")
# Every driver since 390 knows these.
MINIMAL_FIELDS = (
    "index",
    "uuid",
    "pci.bus_id",
    "name",
    "memory.total",
    "memory.used",
    "memory.free",
    "driver_version",
)

_OTHER_NAMES: t.Mapping[str, str] = {
    "gpu_name": "name",
    "gpu_uuid": "uuid",
    "gpu_bus_id": "pci.bus_id",
    "kmd_version": "driver_version",
    "enforced.power.limit": "power.limit",
}
_ALL_ERRORS = "ecc.errors.uncorrected.volatile.total"
# Field of the query -> place in the long report.
_PLACES: t.Mapping[str, str] = {
    "name": "product_name",
    "uuid": "uuid",
    "memory.total": "fb_memory_usage/total",
    _ALL_ERRORS: "ecc_errors/volatile/double_bit/total",
    "ecc.errors.uncorrected.volatile.dram": "ecc_errors/volatile/dram_uncorrectable",
    "ecc.errors.uncorrected.volatile.device_memory": "ecc_errors/volatile/dram_uncorrectable",
    "ecc.errors.uncorrected.volatile.sram": "ecc_errors/volatile/sram_uncorrectable",
    "ecc.errors.uncorrected.aggregate.sram.thresholdexceeded": "ecc_errors/aggregate/sram_threshold_exceeded",
    "remapped_rows.pending": "remapped_rows/pending",
    "remapped_rows.failure": "remapped_rows/remapping_failure_occurred",
    "retired_pages.pending": "retired_pages/pending_retirement",
    "retired_pages.single_bit_ecc.count": "retired_pages/single_bit_ecc",
    "retired_pages.double_bit.count": "retired_pages/double_bit_ecc",
    "gpu_recovery_action": "gpu_recovery_action",
    "reset_status.reset_required": "gpu_reset_status/reset_required",
    "reset_status.drain_and_reset_recommended": "gpu_reset_status/drain_and_reset_recommended",
    "fabric.state": "fabric/state",
    "fabric.status": "fabric/status",
    "compute_mode": "compute_mode",
    "persistence_mode": "persistence_mode",
}
_REASON_FIELD = re.compile(r"^clocks_(?:event|throttle)_reasons\.([a-z_]{1,40})$")
_CARD = re.compile(
    r"\b(NVIDIA|GeForce|Tesla|Quadro|TITAN|GRID|RTX|GTX|Jetson|Orin|Xavier|Thor|Tegra)\b|\(nvgpu\)"
)
_UUID = re.compile(r"^GPU-[0-9A-Za-z-]*$")
# Two numbers alone could be watts.
_DRIVER = re.compile(r"^\d{3}\.\d{1,3}\.\d{1,2}$")
_MODES = ("ATS", "HMM")
_DEAD = re.compile(r"^\[?gpu (requires reset|is lost)\]?$", re.IGNORECASE)
_LONGEST_NAME = 64
_MOST_CARDS = 64
_LEAST_MEMORY_MIB = 1000


def query_argument(fields: t.Sequence[str]) -> str:
    return "--query-gpu=" + ",".join(fields)


def parse_csv(text: str, fields: t.Sequence[str]) -> t.List[Row]:
    """Rows that have exactly the columns asked for. A dead card's line is a sentence: left out."""
    rows = (dict(zip(fields, line)) for line in _cells(text) if len(line) == len(fields))
    return [row for row in rows if _is_answer(row)]


def _is_answer(row: Row) -> bool:
    """Whether the cells are where they were asked for, and not those of another question."""
    cells = (row["uuid"], row["pci.bus_id"])
    identified = cells[0].startswith("GPU-") or values.pci_address(cells[1]) is not None
    nameless = all(values.text(cell) is None for cell in cells)
    return values.integer(row["index"]) is not None and (identified or nameless)


def device_of_row(row: Row) -> Device:
    """A device of as many fields as the row has."""
    memory = Memory.of(
        *(values.size(row.get("memory." + part)) for part in ("total", "reserved", "used", "free"))
    )
    mig = values.switch(row.get("mig.mode.current"))
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=values.integer(row.get("index")),
        uuid=values.text(row.get("uuid")),
        pci_bus_id=values.pci_address(row.get("pci.bus_id")),
        name=values.text(row.get("name")),
        compute_capability=values.version(row.get("compute_cap")),
        memory_total_bytes=memory.total,
        memory_reserved_bytes=memory.reserved,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        mig=Mig() if mig is None else Mig("enabled" if mig else "disabled"),
        ecc=values.switch(row.get("ecc.mode.current")),
        power_limit_w=values.watts(row.get("power.limit")),
        addressing_mode=values.text(row.get("addressing_mode")),
        health=report_health.health(_as_report(row), False),
        fabric_state=report_health.word(values.text(row.get("fabric.state"))),
        recovery_action=report_health.word(values.text(row.get("gpu_recovery_action"))),
        persistence=values.switch(row.get("persistence_mode")),
        compute_mode=report_health.word(values.text(row.get("compute_mode"))),
    )


def _as_report(row: Row) -> ElementTree.Element:
    """The row's cells at their places in the long report, whose rules judge them."""
    cells = {place: row[field] for field, place in _PLACES.items() if field in row}
    if _ALL_ERRORS in row:
        cells = {place: cell for place, cell in cells.items() if not place.endswith("_uncorrectable")}
    for field, cell in row.items():
        found = _REASON_FIELD.match(field)
        if found:
            cells["clocks_event_reasons/%s" % found.group(1)] = cell
        elif _DEAD.search(cell):
            cells["cell"] = cell
    return report_health.of_cells(cells)


def parse_any(text: str) -> Report:
    """The cards of CSV that somebody else asked for."""
    lines = _cells(text)
    header = _header(lines[0]) if lines else []
    if header:
        rows = [dict(zip(header, line)) for line in lines[1:] if len(line) == len(header)]
    else:
        rows = [_told_apart(line) for line in lines]
        rows = [row for row in rows if "name" in row or _DEAD.search(row.get("memory.total", ""))]
    for position, row in enumerate(rows):
        row.setdefault("index", str(position))
    drivers = (values.version(row.get("driver_version")) for row in rows)
    return Report(
        devices=tuple(device_of_row(row) for row in rows),
        driver=next((driver for driver in drivers if driver), None),
    )


def _cells(text: str) -> t.List[t.List[str]]:
    lines = csv.reader(line for line in values.lines(text) if line and "\0" not in line)
    try:
        return [[cell.strip() for cell in line] for line in lines]
    except csv.Error:
        return []


def _header(cells: t.Sequence[str]) -> t.List[str]:
    """Field names without units; empty where the first line is no header of cards."""
    names = [cell.split(" [")[0].lower() for cell in cells]
    names = [_OTHER_NAMES.get(name, name) for name in names]
    return names if "name" in names and len(names) > 1 and "pid" not in names else []


def _told_apart(cells: t.Sequence[str]) -> Row:
    row: Row = {}
    for position, cell in enumerate(cells):
        field = _field(cell, position)
        if field is not None:
            row.setdefault(field, cell)
    total = _total(cells)
    if total is not None:
        row["memory.total"] = total
    said = next((cell for cell in cells if _DEAD.search(cell)), None)
    if said is not None:
        row["memory.total"] = said
    return row if len(cells) > 1 else {}


def _field(cell: str, position: int) -> t.Optional[str]:
    """What a cell can only be."""
    if _UUID.match(cell):
        return "uuid"
    if values.pci_address(cell):
        return "pci.bus_id"
    if _DRIVER.match(cell):
        return "driver_version"
    if cell in _MODES:
        return "addressing_mode"
    if _CARD.search(cell) and len(cell) <= _LONGEST_NAME and not cell.startswith("NVIDIA-SMI"):
        return "name"
    number = values.integer(cell)
    return "index" if position == 0 and number is not None and number < _MOST_CARDS else None


def _total(cells: t.Sequence[str]) -> t.Optional[str]:
    """The largest amount of MiB. Among bare numbers it must be the only one that is no small count."""
    amounts = [cell for cell in cells if cell.endswith("MiB") and values.size(cell)]
    if amounts:
        return max(amounts, key=lambda cell: values.size(cell) or 0)
    bare = [cell for cell in cells if (values.integer(cell) or 0) >= _LEAST_MEMORY_MIB]
    if len(bare) == 1:
        return bare[0]
    return _sum_of_others(bare)


def _sum_of_others(bare: t.Sequence[str]) -> t.Optional[str]:
    """The number that used and free, and maybe the driver's reserve, add up to."""
    numbers = sorted((int(cell) for cell in bare), reverse=True)
    largest, rest = numbers[:1], numbers[1:]
    for position, first in enumerate(rest):
        for second in rest[position + 1 :]:
            if 0.95 * largest[0] <= first + second <= largest[0]:
                return str(largest[0])
    return None
