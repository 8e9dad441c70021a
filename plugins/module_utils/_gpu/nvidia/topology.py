# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How NVIDIA cards are connected. Pure: text in, links out."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Link

# GB/s of one NVLink, both directions together, by compute capability (NVIDIA's architecture
# white papers: NVLink 1 to 5; bridges of GA10x run at 14.0625 GB/s a direction).
_NVLINK_GBPS: t.Mapping[str, float] = {
    "6.0": 40.0,
    "7.0": 50.0,
    "7.5": 50.0,
    "8.0": 50.0,
    "8.6": 28.125,
    "9.0": 50.0,
    "10.0": 100.0,
    "10.3": 100.0,
}

_GPU = re.compile(r"^GPU(\d{1,4})$")
_NVLINK = re.compile(r"^NV(\d{1,3})$")
_PCIE = ("PIX", "PXB", "PHB", "NODE", "SYS")


def parse_matrix(text: str) -> t.List[t.Tuple[int, int, str]]:
    """Pairs ``(a, b, class)`` with a < b of ``nvidia-smi topo -m``."""
    columns: t.List[int] = []
    pairs: t.Dict[t.Tuple[int, int], str] = {}
    for line in values.lines(text):
        cells = line.split()
        if not columns:
            columns = _columns(cells)
            continue
        row = _GPU.match(cells[0]) if cells else None
        for column, word in zip(columns, cells[1:]):
            if row and column != int(row.group(1)) and (_NVLINK.match(word) or word in _PCIE):
                a, b = sorted((int(row.group(1)), column))
                pairs.setdefault((a, b), word)
    return [(a, b, word) for (a, b), word in sorted(pairs.items())]


def parse_indexes(text: str) -> t.List[int]:
    """The cards' numbers in the header and the rows of a matrix; empty for a text that is none."""
    found: t.Set[int] = set()
    for line in values.lines(text):
        found.update(_columns(line.split()))
    return sorted(found)


def link(a: int, b: int, word: str, compute_capability: t.Optional[str]) -> Link:
    """The link of one cell. PCIe gets no speed: the cell does not tell generation or width."""
    bonded = _NVLINK.match(word)
    if bonded is None:
        return Link(a, b, "pcie", word)
    each = _NVLINK_GBPS.get(compute_capability or "")
    return Link(a, b, "nvlink", word, None if each is None else each * int(bonded.group(1)))


def _columns(header: t.Sequence[str]) -> t.List[int]:
    """GPU columns come first; whatever follows is no card."""
    columns: t.List[int] = []
    for cell in header:
        found = _GPU.match(cell)
        if found is None:
            break
        columns.append(int(found.group(1)))
    return columns


def without_links(pairs: t.Sequence[t.Tuple[int, int, str]]) -> t.Dict[int, str]:
    """Cards that have no NVLink, or fewer, while the others are joined all to all: index -> what is missing.

    Bridges join some cards only, and say nothing about the others; so do meshes.
    """
    links: t.Dict[int, t.Dict[int, int]] = {}
    for a, b, word in pairs:
        found = _NVLINK.match(word)
        count = int(found.group(1)) if found else 0
        links.setdefault(a, {})[b] = count
        links.setdefault(b, {})[a] = count
    linked = {card: ends for card, ends in links.items() if any(ends.values())}
    all_to_all = all(ends.get(other) for card, ends in linked.items() for other in linked if other != card)
    if len(linked) < 3 or not all_to_all:
        return {}
    usual = sorted(max(ends.values()) for ends in linked.values())[len(linked) // 2]
    missing = {
        card: "no NVLink, while its %d peers have %d each" % (len(linked), usual)
        for card in links
        if card not in linked
    }
    for card, ends in linked.items():
        if max(ends.values()) < usual:
            missing[card] = "%d NVLinks, while its peers have %d" % (max(ends.values()), usual)
    return missing
