# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What rocm-smi says, as JSON or as text. Pure: text in, values out.

Keys differ from ROCm 4 to 7 in words and in case; values are texts.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import jsontext, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Link,
    Memory,
)

SOURCE = "rocm-smi"
QUESTION = (
    "--showproductname",
    "--showid",
    "--showuniqueid",
    "--showbus",
    "--showmaxpower",
    "--showdriverversion",
    "--showtopotype",
    "--showtoponuma",
    "--showmeminfo",
    "vram",
    "gtt",
    "--json",
)

_CARD = re.compile(r"^card(\d{1,3})$")
_LINE = re.compile(r"^GPU\[(\d{1,3})\]\s*:\s*([^:]{1,80}?)\s*:\s*(.{1,200})$")
# A line of the table for people, which tells no bytes: number, temperature.
_CONCISE = re.compile(r"^(\d{1,3})\s[^°]{0,120}?\d{1,3}\.\d\s?(?:°C|c)\s")
# The device's id of the card: beside its node since ROCm 6, on the line below the card's before.
_CONCISE_ID = re.compile(r"^\d{1,3}\s+\d{1,3}\s+(0x[0-9a-f]{4}),", re.IGNORECASE)
_BELOW_ID = re.compile(r"^(0x[0-9a-f]{4})$", re.IGNORECASE)
_LINK = re.compile(r"^\(topology\) link type between drm devices (\d{1,3}) and (\d{1,3})$")
_HEXADECIMAL = re.compile(r"^0x[0-9a-f]+$", re.IGNORECASE)
_NAMES = ("device name", "card series", "card model", "market name")

_UNIT = re.compile(r"^([a-z ]{3,40}?) \((b|kb|kib|mb|mib|gib)\)$")
HYGON = "hygon"
_HYGON_MAKERS = ("hygon", "c-3000", "higon")
_PCI_VENDORS = {amd_smi.VENDOR: "1002", HYGON: "1d94"}

_Row = t.Dict[str, str]


def parse(text: str) -> Findings:
    """Cards, links and driver of either form."""
    rows = _rows_of_json(text) or _rows_of_csv(text) or _rows_of_text(text)
    system = rows.pop("system", {})
    cards = {int(name): row for name, row in rows.items()}
    return Findings(
        devices=tuple(_device(index, cards[index]) for index in sorted(cards)),
        links=tuple(_links(system)),
        driver=values.text(system.get("driver version")),
    )


def _rows_of_json(text: str) -> t.Dict[str, _Row]:
    answer = jsontext.first(text)
    rows: t.Dict[str, _Row] = {}
    for name, row in answer.items() if isinstance(answer, dict) else ():
        card = _CARD.match(name)
        if isinstance(row, dict) and (card or name == "system"):
            cells = {key.lower(): value for key, value in row.items() if isinstance(value, str)}
            rows[card.group(1) if card else name] = cells
    return rows


def _rows_of_csv(text: str) -> t.Dict[str, _Row]:
    """``--csv``: a header that begins with ``device``, a line for each card."""
    rows: t.Dict[str, _Row] = {}
    header: t.List[str] = []
    for line in values.lines(text):
        cells = [cell.strip() for cell in line.split(",")]
        card = _CARD.match(cells[0])
        if cells[0] == "device":
            header = [cell.lower() for cell in cells]
        elif card and len(cells) == len(header):
            rows[card.group(1)] = dict(zip(header, cells))
    return rows


def _rows_of_text(text: str) -> t.Dict[str, _Row]:
    rows: t.Dict[str, _Row] = {}
    above: _Row = {}
    for line in values.lines(text):
        found = _LINE.match(line)
        if found:
            rows.setdefault(found.group(1), {})[found.group(2).lower()] = found.group(3)
        concise, below = _CONCISE.match(line), _BELOW_ID.match(line.strip())
        if concise:
            above = rows.setdefault(concise.group(1), {})
            beside = _CONCISE_ID.match(line)
            above.update({"device id": beside.group(1)} if beside else {})
        elif below:
            above.setdefault("device id", below.group(1))
    return rows


def _device(index: int, row: _Row) -> Device:
    memory = Memory.of(_amount(row, "vram total memory"), None, _amount(row, "vram total used memory"), None)
    vendor = _vendor(row)
    device_id = row.get("device id") or row.get("gpu id") or ""
    known_id = re.match(r"^0x[0-9a-fA-F]{4}$", device_id)
    limit = row.get("max graphics package power (w)")
    return Device(
        vendor=vendor,
        source=SOURCE,
        index=index,
        uuid=amd_smi.unique_id(row.get("unique id")),
        pci_bus_id=values.pci_address(row.get("pci bus")),
        pci_id="%s:%s" % (_PCI_VENDORS[vendor], device_id[2:].lower()) if known_id else None,
        name=_name(row),
        gfx=row["gfx version"].lower() if row.get("gfx version", "").lower().startswith("gfx") else None,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        power_limit_w=values.watts(limit),
        numa_node=values.integer(row.get("(topology) numa node")),
    )


def shared_memory(text: str) -> t.Dict[int, Memory]:
    """What processors' graphics may take of the host's memory, by index."""
    rows = _rows_of_json(text) or _rows_of_csv(text) or _rows_of_text(text)
    return {
        int(name): Memory.of(
            _amount(row, "gtt total memory"), None, _amount(row, "gtt total used memory"), None
        )
        for name, row in rows.items()
        if name != "system"
    }


def _vendor(row: _Row) -> str:
    """Hygon's toolkit has a tool of this name, whose words tell whose cards they are."""
    maker = (row.get("card vendor") or row.get("vendor name") or "").lower()
    hygon = any(key.startswith("hcu ") for key in row) or any(word in maker for word in _HYGON_MAKERS)
    return HYGON if hygon else amd_smi.VENDOR


def _name(row: _Row) -> t.Optional[str]:
    """Some versions write the PCI identity in place of a name."""
    names = (values.text(row.get(key)) for key in _NAMES)
    return next((name for name in names if name and not _HEXADECIMAL.match(name)), None)


def _amount(row: _Row, start: str) -> t.Optional[int]:
    """Bytes of ``VRAM Total Memory (B)``, whatever unit the brackets have."""
    for key, cell in row.items():
        found = _UNIT.match(key)
        if found and found.group(1) == start:
            return values.size("%s %s" % (cell.strip(), found.group(2)))
    return None


def _links(system: _Row) -> t.Iterator[Link]:
    for key, word in system.items():
        found = _LINK.match(key)
        if found and word in ("XGMI", "PCIE") and int(found.group(1)) != int(found.group(2)):
            a, b = sorted((int(found.group(1)), int(found.group(2))))
            yield Link(a, b, word.lower(), word)
