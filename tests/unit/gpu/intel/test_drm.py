# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's answers about an Intel card's memory, byte for byte as its headers have them."""

from __future__ import annotations

import struct
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.intel import drm

from tests.unit.gpu.fakes import FakeTools, facts, pci_card

GIB = 1024**3


def i915(*regions: t.Tuple[int, int, int]) -> bytes:
    """Regions of class, probed and unallocated size."""
    return struct.pack("=4I", len(regions), 0, 0, 0) + b"".join(
        struct.pack("=HHIQQ8Q", kind, 0, 0, probed, left, *[0] * 8) for kind, probed, left in regions
    )


def xe(*regions: t.Tuple[int, int, int]) -> bytes:
    """Regions of class, total and used size."""
    return struct.pack("=2I", len(regions), 0) + b"".join(
        struct.pack("=HHIQQQQ6Q", kind, 0, 4096, total, used, total, 0, *[0] * 6)
        for kind, total, used in regions
    )


def test_what_is_told_to_everybody_and_to_the_privileged() -> None:
    plain, known = (
        drm.parse_i915(i915((0, 64 * GIB, 9), (1, 6 * GIB, 6 * GIB))),
        drm.parse_i915(i915((1, 6 * GIB, 5 * GIB), (1, 6 * GIB, 6 * GIB))),
    )
    assert (plain.total, plain.used, plain.free) == (6 * GIB, None, None)
    assert (known.total, known.used, known.free) == (12 * GIB, GIB, 11 * GIB)
    plain, known = drm.parse_xe(xe((0, 64 * GIB, 0), (1, 12 * GIB, 0))), drm.parse_xe(xe((1, 12 * GIB, GIB)))
    assert (plain.total, plain.used, plain.free) == (12 * GIB, None, None)
    assert (known.total, known.used, known.free) == (12 * GIB, GIB, 11 * GIB)


@pytest.mark.parametrize("parse", [drm.parse_i915, drm.parse_xe])
def test_an_answer_that_is_cut_is_unknown(parse: t.Callable[[bytes], t.Any]) -> None:
    for answer in (b"", b"\x01", struct.pack("=4I", 5, 0, 0, 0), xe((1, GIB, 0))[:40]):
        assert parse(answer).total is None


class Kernel(Machine):
    """A machine whose card answers with these bytes, as its driver does: first the length, then they."""

    def __init__(self, root: str, environ: t.Mapping[str, str], answer: bytes) -> None:
        super().__init__(root, environ)
        self.answer = answer

    def control(self, path: str, request: int, argument: bytearray) -> bool:
        import ctypes

        assert path == "/dev/dri/renderD128"
        if request & 0xFF == 0x40:
            extensions, query, size, data, _first, _second = struct.unpack("=QIIQ2Q", argument)
            assert (request >> 16 & 0x3FFF, extensions, query) == (40, 0, 1)
            argument[12:16] = struct.pack("=I", len(self.answer))
        else:
            count, _flags, item = struct.unpack("=IIQ", argument)
            query, size, _flags, data = struct.unpack("=QiIQ", ctypes.string_at(item, 24))
            assert (request >> 16 & 0x3FFF, request & 0xFF, count, query) == (16, 0x79, 1, 4)
            ctypes.memmove(item + 8, struct.pack("=i", len(self.answer)), 4)
        if size:
            ctypes.memmove(data, self.answer, len(self.answer))
        return True


@pytest.mark.parametrize(
    ("driver", "answer"), [("xe", xe((1, 12 * GIB, GIB))), ("i915", i915((1, 12 * GIB, 11 * GIB)))]
)
def test_a_card_whose_memory_no_file_tells(tmp_path: Path, driver: str, answer: bytes) -> None:
    pci_card(tmp_path, "0000:03:00.0", ids="8086:e20b", driver=driver, device_class="0x030000")
    (tmp_path / "sys/bus/pci/devices/0000:03:00.0/drm/renderD128").mkdir(parents=True)
    fact = facts(Kernel(root=str(tmp_path), environ={}, answer=answer), FakeTools())
    (device,) = fact["devices"]
    assert (device["name"], device["architecture"]) == ("Intel Arc B580", "xe2")
    assert (device["memory_total_bytes"], device["memory_free_bytes"]) == (12 * GIB, 11 * GIB)
    assert (device["sources"]["memory_total_bytes"], device["schedulable"]) == ("drm", True)
