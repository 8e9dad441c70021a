# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of ``npu-smi info``, which has no other form. Pure.

A chip takes two lines. The first names the NPU, its health and power, the second the chip, its
address and memory as ``used / total``: with two such pairs the first is DDR and the last HBM.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions, values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
    Health,
    Memory,
    Process,
)

VENDOR = "ascend"
SOURCE = "npu-smi"

_VERSION = re.compile(r"\bVersion:\s*(\S{1,40})")
_FIRST = re.compile(r"^(\d{1,4})\s+([A-Za-z0-9][\w. -]{0,40})$")
_SECOND = re.compile(r"^(\d{1,4})(?:\s+(\d{1,4}|-))?$")
_PAIR = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})")
_CONTROLLER = "mcu"


class _Chip(t.NamedTuple):
    npu: int
    chip: int
    physical: t.Optional[int]
    device: Device


def parse(text: str) -> Findings:
    """Every chip. Its index is the physical one, or that of an NPU which has a single chip."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in _rows(text)]
    chips = []
    for first, second in zip(lines, lines[1:]):
        chip = _chip(first, second)
        if chip is not None:
            chips.append(chip)
    holders = _holders(lines)
    version = _VERSION.search(text)
    devices = []
    for place, chip in enumerate(chips):
        found = tuple(holders.get((chip.npu, chip.chip), ()))
        devices.append(
            chip.device._replace(
                index=_index(chip, chips, place),
                processes=found,
                processes_bytes=sum(holder.used_bytes or 0 for holder in found) if found else None,
            )
        )
    return Findings(devices=tuple(devices), driver=values.version(version.group(1)) if version else None)


def _rows(text: str) -> t.List[str]:
    return [line.strip() for line in values.lines(text) if line.strip().startswith("|")]


def _chip(first: t.Sequence[str], second: t.Sequence[str]) -> t.Optional[_Chip]:
    if len(first) != 3 or len(second) != 3:
        return None
    head, tail = _FIRST.match(first[0]), _SECOND.match(second[0])
    if head is None or tail is None or head.group(2).strip().lower() == _CONTROLLER:
        return None
    name = head.group(2).strip()
    used, total = _memory(second[2])
    health = _health(first[1])
    memory = Memory.of(total, None, used, None)
    device = Device(
        vendor=VENDOR,
        source=SOURCE,
        pci_bus_id=values.pci_address(second[1]),
        name=name,
        architecture=_family(name),
        soc=name if name.lower().startswith("ascend") else "Ascend" + name,
        memory_total_bytes=memory.total,
        memory_used_bytes=memory.used,
        memory_free_bytes=memory.free,
        health=health,
    )
    physical = tail.group(2)
    return _Chip(int(head.group(1)), int(tail.group(1)), values.integer(physical), device)


def _index(chip: _Chip, chips: t.Sequence[_Chip], place: int) -> int:
    if chip.physical is not None:
        return chip.physical
    npus = [each.npu for each in chips]
    return chip.npu if len(set(npus)) == len(npus) else place


def _memory(cell: str) -> t.Tuple[t.Optional[int], t.Optional[int]]:
    """The last pair whose total is not 0: HBM where there is any. MB means MiB."""
    pairs = [(used, total) for used, total in _PAIR.findall(cell) if int(total)]
    if not pairs:
        return None, None
    return values.size(pairs[-1][0]), values.size(pairs[-1][1])


def _health(word: str) -> Health:
    """OK, Warning, Alarm, Critical or UNKNOWN; a warning still computes."""
    said = "npu-smi says: %s" % word
    code = {"warning": "health_warning", "alarm": "unhealthy", "critical": "unhealthy"}.get(word.lower())
    known = word.lower() in ("ok", "warning")
    verdict = conditions.health([(code, said)] if code else [], known)
    return verdict if code or known else verdict._replace(detail=said)


def _family(name: str) -> t.Optional[str]:
    found = re.match(r"^(?:ascend)?(\d{3}[a-z]?)", name, re.IGNORECASE)
    return found.group(1).lower() if found else None


def _holders(lines: t.Sequence[t.Sequence[str]]) -> t.Dict[t.Tuple[int, int], t.List[Process]]:
    """The table of processes below: NPU and chip, pid, name, MB."""
    found: t.Dict[t.Tuple[int, int], t.List[Process]] = {}
    for cells in lines:
        place = re.match(r"^(\d{1,4})\s+(\d{1,4})$", cells[0]) if len(cells) == 4 else None
        pid = values.integer(cells[1]) if place else None
        if place and pid is not None:
            key = (int(place.group(1)), int(place.group(2)))
            holder = Process(pid, values.text(cells[2]), values.size(cells[3]))
            found.setdefault(key, []).append(holder)
    return found
