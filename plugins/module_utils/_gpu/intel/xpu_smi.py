# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What xpu-smi says, as JSON or as its table. Pure: text in, values out.

The JSON is that of Intel's manual, the table that of a real output.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import (
    conditions,
    jsontext,
    values,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.jsontext import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Memory,
)

VENDOR = "intel"
SOURCE = "xpu-smi"

_ROW = re.compile(r"^\|\s*(\d{1,3})?\s*\|\s*([A-Za-z][^:|]{0,60}?)\s*:\s*([^|]{1,200}?)\s*\|?$")
_UNNAMED = re.compile(r"\[0x[0-9a-f]{4}\]", re.IGNORECASE)
_USED = re.compile(r"^[\d:.]{5,20}\s*,\s*(\d{1,3})\s*,\s*(\d{1,9}(?:\.\d{1,6})?)\s*$")


def parse(text: str) -> Findings:
    """The devices of ``discovery``, of all or of one."""
    rows = _rows_of_json(text) or _rows_of_table(text)
    return Findings(
        devices=tuple(_device(row, place) for place, row in enumerate(rows)),
        driver=next((version for version in (_driver(row) for row in rows) if version), None),
    )


def parse_used(dump: str) -> t.Dict[int, int]:
    """Bytes in use by device, of the CSV of ``dump -m 18``, which counts MiB."""
    found = (_USED.match(line) for line in values.lines(dump))
    used = ((int(match.group(1)), values.size(match.group(2))) for match in found if match)
    return {index: amount for index, amount in used if amount is not None}


def _rows_of_json(text: str) -> t.List[Json]:
    answer = jsontext.first(text)
    if not isinstance(answer, dict):
        return []
    listed = jsontext.children(answer, "device_list")
    return listed or ([answer] if "device_name" in answer or "pci_bdf_address" in answer else [])


def _rows_of_table(text: str) -> t.List[Json]:
    """A device begins where the first column has its number."""
    rows: t.List[t.Dict[str, str]] = []
    for line in values.lines(text):
        found = _ROW.match(line)
        if found is None:
            continue
        number, key, value = found.groups()
        key = key.lower().replace(" ", "_")
        if number is not None or (key == "device_name" and not rows):
            rows.append({"device_id": number or "0"})
        if rows:
            rows[-1].setdefault(key, value)
    return list(rows)


def _device(row: Json, place: int) -> Device:
    index = values.integer(jsontext.text(row, "device_id"))
    total = _bytes(row, "memory_physical_size_byte") or values.size(
        jsontext.text(row, "memory_physical_size")
    )
    memory = Memory.of(total, None, None, _bytes(row, "memory_free_size_byte"))
    used = None if memory.total is None or memory.free is None else memory.total - memory.free
    tiles = values.integer(jsontext.text(row, "number_of_tiles"))
    return Device(
        vendor=VENDOR,
        source=SOURCE,
        index=place if index is None else index,
        uuid=jsontext.text(row, "uuid", "soc_uuid"),
        pci_bus_id=values.pci_address(jsontext.text(row, "pci_bdf_address")),
        pci_id=_pci_id(jsontext.text(row, "pci_device_id")),
        name=_name(row),
        memory_total_bytes=memory.total,
        memory_used_bytes=used,
        memory_free_bytes=memory.free,
        ecc=values.switch(jsontext.text(row, "memory_ecc_state")),
        health=conditions.health(_conditions(row), False),
        # Engines see each tile as a device of its own, with its part of the memory.
        partition={"tiles": tiles, "compute": "SPX"} if tiles and tiles > 1 else None,
    )


def _name(row: Json) -> t.Optional[str]:
    """None where the runtime has only the PCI identity for a name."""
    name = jsontext.text(row, "device_name")
    return None if name is not None and _UNNAMED.search(name) else name


def _conditions(row: Json) -> t.Iterator[t.Tuple[str, str]]:
    status = (jsontext.text(row, "gfx_firmware_status") or "normal").lower()
    if status != "normal":
        yield "health_warning", "xpu-smi says of its firmware: %s" % status


def _bytes(row: Json, name: str) -> t.Optional[int]:
    return values.size("%s B" % jsontext.text(row, name))


def _pci_id(text: t.Optional[str]) -> t.Optional[str]:
    found = re.match(r"^0x([0-9a-f]{1,4})$", text or "", re.IGNORECASE)
    return "8086:%s" % found.group(1).lower().rjust(4, "0") if found else None


def _driver(row: Json) -> t.Optional[str]:
    return jsontext.text(row, "driver_version")
