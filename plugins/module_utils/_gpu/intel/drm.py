# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Memory of an Intel card by the kernel's query calls, where no file of /sys tells it.

Structures are those of the kernel's headers i915_drm.h and xe_drm.h. What is in use is told to
privileged callers alone: others get the size, and unknown in place of what is free.
"""

from __future__ import annotations

import ctypes
import struct
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import pci
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Memory

_READ_WRITE = 3
_COMMANDS = 0x40
_LARGEST_ANSWER = 1 << 16
_DEVICE_MEMORY = 1

_I915_QUERY, _I915_MEMORY_REGIONS = 0x39, 4
_XE_QUERY, _XE_MEMORY_REGIONS = 0x00, 1
# query_id, length, flags, data_ptr; the call: num_items, flags, items_ptr.
_I915_ITEM, _I915_CALL = struct.Struct("=QiIQ"), struct.Struct("=IIQ")
# extensions, query, size, data, reserved[2].
_XE_CALL = struct.Struct("=QIIQ2Q")
# Before the regions: their number and 3 or 1 words.
_I915_HEAD, _XE_HEAD = struct.Struct("=I12x"), struct.Struct("=I4x")
# class, instance, probed size, unallocated size, eight words.
_I915_REGION = struct.Struct("=HH4xQQ64x")
# class, instance, least page, total, used, the part that the processor sees (2), six words.
_XE_REGION = struct.Struct("=HHIQQ16x48x")


def memory(machine: Machine, address: str, driver: t.Optional[str]) -> Memory:
    """Size, and where it may be known what is free; all None where the kernel does not answer."""
    folder = "%s/%s/drm" % (pci.DEVICES, address)
    nodes = [name for name in machine.names(folder) if name.startswith("renderD")]
    for name in nodes:
        path = "/dev/dri/" + name
        if driver == "i915":
            return parse_i915(_asked_i915(machine, path))
        if driver == "xe":
            return parse_xe(_asked_xe(machine, path))
    return Memory.of(None, None, None, None)


def parse_i915(answer: bytes) -> Memory:
    """``drm_i915_query_memory_regions``. Without the right to know, all of it is unallocated."""
    total = free = 0
    for kind, _instance, probed, unallocated in _regions(answer, _I915_HEAD, _I915_REGION):
        if kind == _DEVICE_MEMORY:
            total, free = total + probed, free + unallocated
    known = free if free < total else None
    return Memory.of(total, None, None if known is None else total - known, known)


def parse_xe(answer: bytes) -> Memory:
    """``drm_xe_query_mem_regions``. Without the right to know, nothing of it is used."""
    total = used = 0
    for kind, _instance, _page, size, taken in _regions(answer, _XE_HEAD, _XE_REGION):
        if kind == _DEVICE_MEMORY:
            total, used = total + size, used + taken
    return Memory.of(total, None, used or None, None)


def _regions(answer: bytes, head: struct.Struct, region: struct.Struct) -> t.Iterator[t.Tuple[int, ...]]:
    if len(answer) < head.size:
        return
    for number in range(head.unpack_from(answer)[0]):
        start = head.size + number * region.size
        if start + region.size > len(answer):
            return
        yield region.unpack_from(answer, start)


def _request(command: int, size: int) -> int:
    """The number of an ioctl of DRM drivers that reads and writes ``size`` bytes."""
    return _READ_WRITE << 30 | size << 16 | ord("d") << 8 | _COMMANDS + command


def _asked_i915(machine: Machine, path: str) -> bytes:
    """Asked twice: how long the answer is, and the answer."""
    length, answer = 0, ctypes.create_string_buffer(1)
    for _time in range(2):
        answer = ctypes.create_string_buffer(max(length, 1))
        where = ctypes.addressof(answer) if length else 0
        item = ctypes.create_string_buffer(_I915_ITEM.pack(_I915_MEMORY_REGIONS, length, 0, where))
        call = bytearray(_I915_CALL.pack(1, 0, ctypes.addressof(item)))
        if not machine.control(path, _request(_I915_QUERY, len(call)), call):
            return b""
        length = _I915_ITEM.unpack_from(item.raw)[1]
        if not 0 < length <= _LARGEST_ANSWER:
            return b""
    return answer.raw


def _asked_xe(machine: Machine, path: str) -> bytes:
    length, answer = 0, ctypes.create_string_buffer(1)
    for _time in range(2):
        answer = ctypes.create_string_buffer(max(length, 1))
        where = ctypes.addressof(answer) if length else 0
        call = bytearray(_XE_CALL.pack(0, _XE_MEMORY_REGIONS, length, where, 0, 0))
        if not machine.control(path, _request(_XE_QUERY, len(call)), call):
            return b""
        length = _XE_CALL.unpack_from(bytes(call))[2]
        if not 0 < length <= _LARGEST_ANSWER:
            return b""
    return answer.raw
