# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``amd-smi ... --json`` says. Pure: text in, values out.

Until ROCm 6 the answer is a list, from 7 on it is wrapped in ``gpu_data``; a number is bare, a text
with a unit, or ``{"value", "unit"}``; and keys moved. MB means MiB. The shapes are those of AMD's
manuals.
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
    Link,
    Memory,
    Process,
)

VENDOR = "amd"
SOURCE = "amd-smi"

_WRAPPERS = ("gpu_data", "process_data", "topology_data")
_TABLE_FIRST = re.compile(
    r"^\|\s+([0-9a-fA-F:.]{7,16})\s+(\S.{0,60}?)\s+\|\s+\S+(?: %)?\s+\S+(?: °?C)?\s+(\d{1,9}|N/A)\s"
)
_TABLE_SECOND = re.compile(
    r"^\|\s+(\d{1,3})\s+\S+\s+\S+\s+([A-Z]{1,4}|N/A)/(NPS\d|N/A)\s+\|.{0,40}?\s(\d{1,9})/(\d{1,9}) MB\s"
)
_TEXT_LINE = re.compile(r"^( {0,40})([A-Z][A-Z0-9_]{0,60}):(?: +(.*))?$")


def parse(static: str, metric: str = "") -> Findings:
    """Devices of ``static``, with the memory in use of ``metric``."""
    rows = _rows(static)
    used = {_index(row, place): _used(row) for place, row in enumerate(_rows(metric))}
    devices = [_device(row, place) for place, row in enumerate(rows) if _is_card(row)]
    return Findings(
        devices=tuple(_with_used(device, used.get(device.index or 0)) for device in devices),
        driver=next((version for version in map(_driver, rows) if version), None),
    )


def parse_links(topology: str, addresses: t.Mapping[str, int]) -> t.List[Link]:
    """Links of ``topology --json`` between the cards at ``addresses``, whose indexes are given."""
    links: t.Dict[t.Tuple[int, int], Link] = {}
    for row in _rows(topology):
        start = addresses.get(values.pci_address(jsontext.text(row, "bdf")) or "")
        for end_row in jsontext.children(row, "links"):
            end = addresses.get(values.pci_address(jsontext.text(end_row, "bdf")) or "")
            kind = (jsontext.text(end_row, "link_type") or "").lower()
            if start is not None and end is not None and start != end and kind in ("xgmi", "pcie"):
                a, b = sorted((start, end))
                links.setdefault((a, b), Link(a, b, kind, kind.upper()))
    return [links[pair] for pair in sorted(links)]


def parse_processes(process: str) -> t.Dict[int, t.Tuple[Process, ...]]:
    """Who holds memory, by index, of ``process --json``."""
    found = {}
    for place, row in enumerate(_rows(process)):
        infos = [
            jsontext.child(each, "process_info") or each for each in jsontext.children(row, "process_list")
        ]
        listed = ((values.integer(jsontext.text(info, "pid")), info) for info in infos)
        found[_index(row, place)] = tuple(
            Process(pid, jsontext.text(info, "name"), _amount(info, "memory_usage/vram_mem", "mem_usage"))
            for pid, info in listed
            if pid is not None
        )
    return found


def _rows(text: str) -> t.List[Json]:
    answer = jsontext.first(text)
    if answer is None:
        return _rows_of_text(text)
    if isinstance(answer, dict):
        answer = next((answer[name] for name in _WRAPPERS if name in answer), [answer])
    return [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []


def _rows_of_text(text: str) -> t.List[Json]:
    """The same structure as indented text, its names in capitals."""
    root: t.Dict[str, t.Any] = {}
    open_parts: t.List[t.Tuple[int, t.Dict[str, t.Any]]] = [(-1, root)]
    rows: t.List[t.Dict[str, t.Any]] = []
    for line in values.lines(text):
        rows += _row_of_table(line, rows)
        found = _TEXT_LINE.match(line)
        if found is None:
            continue
        indent, name, value = len(found.group(1)), found.group(2).lower(), found.group(3)
        while indent <= open_parts[-1][0]:
            open_parts.pop()
        part: t.Dict[str, t.Any] = {}
        if name == "gpu" and not indent:
            part = {"gpu": value}
            rows.append(part)
        else:
            open_parts[-1][1][name] = value or part
        open_parts.append((indent, part))
    return list(rows)


def _row_of_table(line: str, rows: t.Sequence[t.Dict[str, t.Any]]) -> t.List[t.Dict[str, t.Any]]:
    """What the first of a card's two lines in the table for people begins; the second completes it."""
    first, second = _TABLE_FIRST.match(line), _TABLE_SECOND.match(line)
    if second and rows:
        index, compute, memory, used, total = second.groups()
        rows[-1].update(
            gpu=index,
            partition={"compute_partition": compute, "memory_partition": memory},
            vram={"size": total + " MB"},
            mem_usage={"used_vram": used + " MB"},
        )
    if first is None:
        return []
    address, name, errors = first.groups()
    return [{"bdf": address, "asic": {"market_name": name}, "ecc": {"total_uncorrectable_count": errors}}]


def _is_card(row: Json) -> bool:
    return any(name in row for name in ("asic", "bus", "vram", "bdf"))


def _index(row: Json, place: int) -> int:
    index = values.integer(jsontext.text(row, "gpu"))
    return place if index is None else index


def _device(row: Json, place: int) -> Device:
    total = _amount(
        row, "vram/size", "vram/vram_size", "vram/vram_size_mb", "vram/size_mb", "mem_usage/total_vram"
    )
    return Device(
        vendor=VENDOR,
        source=SOURCE,
        index=_index(row, place),
        uuid=unique_id(jsontext.text(row, "asic/asic_serial")) or jsontext.text(row, "uuid"),
        pci_bus_id=values.pci_address(jsontext.text(row, "bus/bdf", "bdf")),
        pci_id=_pci_id(jsontext.text(row, "asic/device_id")),
        name=jsontext.text(row, "asic/market_name", "board/product_name"),
        gfx=_gfx(jsontext.text(row, "asic/target_graphics_version")),
        memory_total_bytes=Memory.of(total, None, None, None).total,
        power_limit_w=_watts(row, "limit/max_power", "limit/socket_power", "limit/ppt0/socket_power_limit"),
        numa_node=values.integer(jsontext.text(row, "numa/node")),
        partition=_partition(row),
        health=conditions.health(_conditions(row), False),
    )


def _conditions(row: Json) -> t.Iterator[t.Tuple[str, str]]:
    errors = values.integer(jsontext.text(row, "ecc/total_uncorrectable_count"))
    if errors:
        yield "memory_errors", "%d memory errors that could not be corrected since boot" % errors


def _with_used(device: Device, used: t.Optional[int]) -> Device:
    memory = Memory.of(device.memory_total_bytes, None, used, None)
    return device._replace(memory_used_bytes=memory.used, memory_free_bytes=memory.free)


def _used(row: Json) -> t.Optional[int]:
    return _amount(row, "mem_usage/used_vram", "mem_usage/vram_used", "fb_usage/fb_used", "vram/used")


def shared_memory(metric: str) -> t.Dict[int, Memory]:
    """What processors' graphics may take of the host's memory, by index, of ``metric``."""
    return {
        _index(row, place): Memory.of(
            _amount(row, "mem_usage/total_gtt"), None, _amount(row, "mem_usage/used_gtt"), None
        )
        for place, row in enumerate(_rows(metric))
    }


def _driver(row: Json) -> t.Optional[str]:
    return jsontext.text(row, "driver/version", "driver/driver_version")


def unique_id(text: t.Optional[str]) -> t.Optional[str]:
    """``GPU-5c88007d760374f3``, as ROCm's runtime writes ``0x5c88007d760374f3``."""
    digits = (text or "").lower().replace("0x", "")
    if not digits or len(digits) > 16 or not all(digit in "0123456789abcdef" for digit in digits):
        return None
    return None if int(digits, 16) == 0 else "GPU-" + digits.rjust(16, "0")


def _pci_id(device: t.Optional[str]) -> t.Optional[str]:
    digits = (device or "").lower().replace("0x", "")
    hexadecimal = len(digits) == 4 and all(digit in "0123456789abcdef" for digit in digits)
    return "1002:" + digits if hexadecimal else None


def _gfx(text: t.Optional[str]) -> t.Optional[str]:
    return text.lower() if text and text.lower().startswith("gfx") else None


def _partition(row: Json) -> t.Optional[t.Dict[str, t.Optional[str]]]:
    compute = jsontext.text(row, "partition/compute_partition", "partition/accelerator_partition")
    memory = jsontext.text(row, "partition/memory_partition")
    return {"compute": compute, "memory": memory} if compute or memory else None


def _amount(row: Json, *paths: str) -> t.Optional[int]:
    return next(
        (size for size in (values.size(jsontext.text(row, path)) for path in paths) if size is not None), None
    )


def _watts(row: Json, *paths: str) -> t.Optional[float]:
    limits = (values.watts(jsontext.text(row, path)) for path in paths)
    return next((limit for limit in limits if limit is not None), None)
