# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the other things that nvidia-smi prints: CSV, ``-L``, the human table.

Pure: text in, values out.
"""

from __future__ import annotations

import csv
import re
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia_query import SOURCE, Report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.types import (
    Device,
    Memory,
    Mig,
    MigInstance,
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

_LISTED_GPU = re.compile(r"^GPU (\d{1,4}): (.+?) \(UUID: (GPU-[0-9A-Za-z-]*)\)\s*$")
_LISTED_MIG = re.compile(r"^\s+MIG (\S+)\s+Device\s+(\d{1,4}): \(UUID: (MIG-[^)]*)\)\s*$")
_TABLE_DRIVER = re.compile(r"(?:Driver|KMD) Version:\s*(\S+)")
_TABLE_CUDA = re.compile(r"CUDA (?:UMD )?Version:\s*(\S+)")
_TABLE_FIRST = re.compile(
    r"^\|\s+(\d{1,4})\s+(\S.*?)\s+(?:On|Off|N/A|WDDM|TCC|MCDM)\s*\|\s*([0-9A-Fa-f:.]+)\s+\S+\s*\|"
)
_TABLE_SECOND = re.compile(r"^\|[^|]*\|\s*([^|]*?)\s*\|")
_VGPU_NAME = re.compile(r"^GRID |-\d{1,3}[ABCQ]$")


def query_argument(fields: t.Sequence[str]) -> str:
    return "--query-gpu=" + ",".join(fields)


def parse_csv(text: str, fields: t.Sequence[str]) -> t.List[Row]:
    """Rows that have exactly the columns asked for. A dead card's line is a sentence: left out."""
    lines = csv.reader(line for line in values.lines(text) if "\0" not in line)
    try:
        cells = [[cell.strip() for cell in line] for line in lines]
    except csv.Error:
        return []
    rows = (dict(zip(fields, line)) for line in cells if len(line) == len(fields))
    return [row for row in rows if values.integer(row["index"]) is not None]


def device_of_row(row: Row) -> Device:
    """A device of MINIMAL_FIELDS."""
    memory = Memory.of(
        values.size(row["memory.total"]),
        None,
        values.size(row["memory.used"]),
        values.size(row["memory.free"]),
    )
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=values.integer(row["index"]),
        uuid=values.text(row["uuid"]),
        pci_bus_id=values.pci_address(row["pci.bus_id"]),
        name=values.text(row["name"]),
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
    )


def parse_listing(text: str) -> t.List[Device]:
    """``nvidia-smi -L``: names, and the uuids and profiles of MIG instances."""
    devices: t.List[Device] = []
    for line in values.lines(text):
        gpu, mig = _LISTED_GPU.match(line), _LISTED_MIG.match(line)
        if gpu:
            devices.append(
                Device(
                    vendor="nvidia",
                    source=SOURCE,
                    index=int(gpu.group(1)),
                    uuid=values.text(gpu.group(3)),
                    name=values.text(gpu.group(2)),
                )
            )
        elif mig and devices:
            instance = MigInstance(values.text(mig.group(3)), int(mig.group(2)), mig.group(1))
            instances = devices[-1].mig.instances + (instance,)
            devices[-1] = replace(devices[-1], mig=Mig("enabled", instances))
    return devices


def parse_table(text: str) -> Report:
    """The human table, for want of better: it cuts long names and rounds nothing else."""
    lines = values.lines(text)
    devices = []
    for line, following in zip(lines, lines[1:] + [""]):
        found = _TABLE_FIRST.match(line)
        if found:
            devices.append(_table_device(found, following))
    driver, cuda = _TABLE_DRIVER.search(text), _TABLE_CUDA.search(text)
    return Report(
        devices=tuple(devices),
        driver=values.version(driver.group(1)) if driver else None,
        cuda=values.version(cuda.group(1)) if cuda else None,
    )


def _table_device(first: t.Match[str], second: str) -> Device:
    cells = _TABLE_SECOND.match(second)
    used, _slash, total = (cells.group(1) if cells else "").partition("/")
    memory = Memory.of(values.size(total.strip()), None, values.size(used.strip()), None)
    name = values.text(first.group(2))
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=int(first.group(1)),
        pci_bus_id=values.pci_address(first.group(3)),
        name=name,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        vgpu={"mode": "vgpu", "licence": None} if name and _VGPU_NAME.search(name) else None,
    )
