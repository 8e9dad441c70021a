# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables that smaller vendors' tools print for people, all of nvidia-smi's build. Pure.

A card begins in the line that has its number and its PCI address; its memory follows in that line or in
one of the next as ``used / total`` or ``used(total)``.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import jsontext, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Memory,
)

_START = re.compile(r"^\|?\s{0,8}(\d{1,3})\s(.{1,200})$")
_ADDRESS = re.compile(r"\b((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])\b", re.IGNORECASE)
_MEMORY = re.compile(
    r"(\d{1,9})\s?(?:MiB|MB|M)?\s{0,3}(?:/\s{0,8}(\d{1,9})\s?(?:MiB|MB|M)\b|\((\d{1,9})\s?(?:MiB|MB)\))"
)
_DRIVER = re.compile(r"Driver(?:\s+Version)?\s*:?\s*v?(\d[\w.-]{1,30})")
_VERSION_WORD = re.compile(r"^v?\d+(\.\d+)+|^(on|off|n/a)$", re.IGNORECASE)
_LINES_OF_A_CARD = 4


def parse(text: str, vendor: str, source: str) -> Findings:
    """Devices of one table."""
    lines = values.lines(text)
    starts = [place for place, line in enumerate(lines) if _START.match(line) and _ADDRESS.search(line)]
    devices = []
    for number, place in enumerate(starts):
        end = min(place + _LINES_OF_A_CARD, len(lines), *starts[number + 1 : number + 2])
        devices.append(_device(lines[place:end], vendor, source))
    driver = _DRIVER.search(text[:4000])
    return Findings(devices=tuple(devices), driver=driver.group(1) if driver else None)


def _device(lines: t.Sequence[str], vendor: str, source: str) -> Device:
    start, address = _START.match(lines[0]), _ADDRESS.search(lines[0])
    found = next((match for match in map(_MEMORY.search, lines) if match), None)
    used, total = (found.group(1), found.group(2) or found.group(3)) if found else (None, None)
    memory = Memory.of(values.size(total), None, values.size(used), None)
    return Device(
        vendor=vendor,
        source=source,
        index=int(start.group(1)) if start else None,
        name=_name(start.group(2) if start else ""),
        pci_bus_id=values.pci_address(address.group(1)) if address else None,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
    )


def _name(rest: str) -> t.Optional[str]:
    """The first cell with letters that is no version and no switch."""
    cells = re.split(r"\s{2,}", rest.partition("|")[0].strip())
    named = (cell for cell in cells if re.search(r"[A-Za-z]", cell) and not _VERSION_WORD.match(cell))
    return values.text(next(named, None))


def parse_neuron(text: str) -> Findings:
    """``neuron-ls --json-output``: bytes of memory by device, the address without its domain."""
    rows = jsontext.first(text)
    devices = []
    for place, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict) or "neuron_device" not in row:
            continue
        index = values.integer(jsontext.text(row, "neuron_device"))
        total = values.size("%s B" % jsontext.text(row, "memory_size"))
        devices.append(
            Device(
                vendor="aws",
                source="neuron-ls",
                index=place if index is None else index,
                pci_bus_id=values.pci_address(jsontext.text(row, "bdf")),
                memory_total_bytes=Memory.of(total, None, None, None).total,
            )
        )
    return Findings(devices=tuple(devices))
