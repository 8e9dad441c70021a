# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nvidia-smi prints for people: ``-L`` and the table.

Pure: text in, values out.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Memory,
    Mig,
    MigInstance,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import report_health
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    topology as nvidia_topology,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.query_report import (
    SOURCE,
    Report,
    mark_shared,
)

_LISTED_GPU = re.compile(r"^GPU (\d{1,4}): (.+?) \(UUID: ([0-9A-Za-z-]*)\)\s*$")
_LISTED_MIG = re.compile(r"^\s+MIG (\S+)\s+Device\s+(\d{1,4}): \(UUID: (MIG-[^)]*)\)\s*$")
_TABLE_DRIVER = re.compile(r"(?:Driver|KMD) Version:\s*(\S+)")
_TABLE_CUDA = re.compile(r"CUDA (?:UMD )?Version:\s*(\S+)")
_TABLE_FIRST = re.compile(
    r"^\|\s+(\d{1,4})\s+(\S.*?)\s+(?:On|Off|N/A|ERR!|WDDM|TCC|MCDM)\s*"
    r"\|\s*([0-9A-Fa-f:.]+|N/A|ERR!)\s+\S+\s*\|\s*([^|]*?)\s*\|"
)
_TABLE_CELLS = re.compile(r"^\|([^|]*)\|\s*([^|]*?)\s*\|\s*([^|]*?)\s*\|")
_TABLE_MIG = re.compile(
    r"^\|\s+(\d{1,4})\s+(\d{1,4})\s+(\d{1,4})\s+(\d{1,4})\s+\|\s+(\d+MiB)\s*/\s*(\d+MiB)\s+\|"
)
_TABLE_MODE = re.compile(r"(Default|Prohibited|Exclusive|E\. (?:Process|Thread))$", re.IGNORECASE)
_MODE_WORDS = {
    "default": "Default",
    "prohibited": "Prohibited",
    "exclusive": "Exclusive_Thread",
    "e. process": "Exclusive_Process",
    "e. thread": "Exclusive_Thread",
}
_TABLE_POWER = re.compile(r"/\s*(\d+)W\s*$")
# From this driver on, used leaves out what the driver keeps, so that free is not the difference.
_RESERVED_APART = 510
_VGPU_NAME = re.compile(r"^GRID |-\d{1,3}[ABCQ]$")


def parse_listing(text: str) -> Report:
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
            devices[-1] = devices[-1]._replace(mig=Mig("enabled", instances))
    return Report(devices=tuple(devices))


def parse_table(text: str) -> Report:
    """The human table, for want of better: it cuts long names and leaves out what the driver keeps."""
    lines = values.lines(text)
    driver, cuda = _TABLE_DRIVER.search(text), _TABLE_CUDA.search(text)
    version = values.version(driver.group(1)) if driver else None
    reserved_apart = version is not None and int(version.split(".")[0]) >= _RESERVED_APART
    devices = []
    for place, line in enumerate(lines):
        found = _TABLE_FIRST.match(line)
        if found:
            second, third = (_cells(lines, place + offset) for offset in (1, 2))
            devices.append(_table_device(found, second, third, reserved_apart))
    return Report(
        devices=tuple(_with_mig_rows(device, lines) for device in devices),
        driver=version,
        cuda=values.version(cuda.group(1)) if cuda else None,
    )


def parse_topology(text: str) -> Report:
    """The cards that head a topology matrix, of which nothing else is known."""
    indexes = nvidia_topology.parse_indexes(text)
    return Report(devices=tuple(Device(vendor="nvidia", source=SOURCE, index=index) for index in indexes))


def _cells(lines: t.Sequence[str], place: int) -> t.Sequence[str]:
    found = _TABLE_CELLS.match(lines[place]) if place < len(lines) else None
    return found.groups() if found else ("", "", "")


def _table_device(
    first: t.Match[str], second: t.Sequence[str], third: t.Sequence[str], reserved_apart: bool
) -> Device:
    used, _slash, total = second[1].partition("/")
    memory = Memory.of(values.size(total.strip()), None, values.size(used.strip()), None)
    name = values.text(first.group(2))
    power = _TABLE_POWER.search(second[0])
    # The star says that another mode is pending.
    mig = values.switch(third[2].rstrip("*"))
    mode = _TABLE_MODE.search(second[2])
    report = report_health.of_cells(
        {
            "cells": " ".join([first.group(0), *second, *third]),
            "compute_mode": _MODE_WORDS.get(mode.group(0).lower()) if mode else None,
            "ecc_errors/volatile/double_bit/total": first.group(4),
        }
    )
    return Device(
        vendor="nvidia",
        source=SOURCE,
        index=int(first.group(1)),
        pci_bus_id=values.pci_address(first.group(3)),
        name=name,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=None if reserved_apart else memory.free,
        mig=Mig() if mig is None else Mig("enabled" if mig else "disabled"),
        vgpu={"mode": "vgpu", "licence": None} if name and _VGPU_NAME.search(name) else None,
        ecc=True if first.group(4).isdigit() else {"on": True, "off": False}.get(first.group(4).lower()),
        power_limit_w=float(power.group(1)) if power else None,
        compute_mode=report_health.word(_MODE_WORDS.get(mode.group(0).lower())) if mode else None,
        health=conditions.health(report_health.found_in(report_health.Part(report)), False),
    )


def _with_mig_rows(device: Device, lines: t.Sequence[str]) -> Device:
    """``device`` with the rows below the table that are its instances."""
    found = (_TABLE_MIG.match(line) for line in lines)
    rows = [match.groups() for match in found if match and int(match.group(1)) == device.index]
    if not rows:
        return device
    instances = [
        MigInstance(
            index=int(number),
            gpu_instance_id=int(gpu_instance),
            compute_instance_id=int(compute_instance),
            memory_total_bytes=values.size(total),
            memory_used_bytes=values.size(used),
            memory_free_bytes=Memory.of(values.size(total), None, values.size(used), None).free,
        )
        for _gpu, gpu_instance, compute_instance, number, used, total in rows
    ]
    return device._replace(mig=Mig("enabled", mark_shared(instances)))
