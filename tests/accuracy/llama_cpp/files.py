# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GGUF files with true headers and holes for data: a model of 400 GB takes some kilobytes of a disk."""

from __future__ import annotations

import struct
import typing as t

ALIGNMENT = 32
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
# ggml's number of a type, weights in a block, bytes of a block.
TYPES = {
    "F32": (0, 1, 4), "F16": (1, 1, 2), "Q8_0": (8, 32, 34), "Q4_K": (12, 256, 144),
    "Q6_K": (14, 256, 210), "MXFP4": (39, 32, 17),
}  # fmt: skip

Metadata = t.Mapping[str, t.Any]
Row = t.Tuple[str, t.Tuple[int, ...], str]
"""Name, shape (output, input) and type of a tensor."""


def header(metadata: Metadata, tensors: t.Sequence[Row]) -> t.Tuple[bytes, int]:
    """The head of a file, and how long the whole file is."""
    pairs = b"".join(_text(key) + _value(value) for key, value in metadata.items())
    table, offset = b"", 0
    for name, shape, kind in tensors:
        lengths = struct.pack("<I%dQ" % len(shape), len(shape), *reversed(shape))
        table += _text(name) + lengths + struct.pack("<IQ", TYPES[kind][0], offset)
        offset += -(-size_of(shape, kind) // ALIGNMENT) * ALIGNMENT
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)) + pairs + table
    head += bytes(-len(head) % ALIGNMENT)
    return head, len(head) + offset


def size_of(shape: t.Sequence[int], kind: str) -> int:
    """Bytes of a tensor."""
    elements = 1
    for length in shape:
        elements *= length
    _number, block, size = TYPES[kind]
    return elements // block * size


def write(path: str, metadata: Metadata, tensors: t.Sequence[Row]) -> None:
    head, size = header(metadata, tensors)
    with open(path, "wb") as handle:
        handle.write(head)
        handle.truncate(size)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: t.Any) -> bytes:
    if isinstance(value, (list, tuple)):
        kind, items = _item_kind(value[0]), b"".join(_plain(item) for item in value)
        return struct.pack("<IIQ", _ARRAY, kind, len(value)) + items
    return struct.pack("<I", _item_kind(value)) + _plain(value)


def _item_kind(value: t.Any) -> int:
    if isinstance(value, bool):
        return _BOOL
    return {int: _INT32 if value.__class__ is int and value < 0 else _UINT32, float: _FLOAT32, str: _STRING}[
        value.__class__
    ]


def _plain(value: t.Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<?", value)
    if isinstance(value, int):
        return struct.pack("<i" if value < 0 else "<I", value)
    return struct.pack("<f", value) if isinstance(value, float) else _text(value)
