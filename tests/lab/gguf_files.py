# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GGUF files of the hub stand-in: true headers, version 3, for data that is never stored."""

from __future__ import annotations

import struct
import typing as t

from tests.lab.architectures import Config, Tensor

_ALIGNMENT = 32
_UINT32, _UINT16, _INT32, _STRING, _ARRAY = 4, 2, 5, 8, 9
# ggml_type -> its number, weights in a block, bytes of a block.
_TYPES = {"F32": (0, 1, 4), "Q4_0": (2, 32, 18), "Q8_0": (8, 32, 34)}


def gguf_bytes(
    config: Config, content: t.Sequence[Tensor], kind: str, parts: int
) -> t.Iterator[t.Tuple[bytes, int]]:
    """Header and size of each part. Vectors stay F32, as converters leave them."""
    share = -(-len(content) // parts)
    for number in range(parts):
        own = content[number * share : (number + 1) * share]
        pairs = _split(number, parts, len(content)) if parts > 1 else []
        pairs = [*(_model(config) if number == 0 else []), *pairs]
        table, data_size = _table(own, kind)
        head = b"GGUF" + struct.pack("<IQQ", 3, len(own), len(pairs)) + b"".join(pairs) + table
        head += bytes(-len(head) % _ALIGNMENT)
        yield head, len(head) + data_size


def _model(config: Config) -> t.List[bytes]:
    architecture = str(config["model_type"])
    words = b"".join(map(_text, ("<s>", "</s>", "the")))
    return [
        _pair("general.architecture", _STRING, _text(architecture)),
        _pair(
            f"{architecture}.context_length", _UINT32, struct.pack("<I", config["max_position_embeddings"])
        ),
        _pair("tokenizer.ggml.tokens", _ARRAY, struct.pack("<IQ", _STRING, 3) + words),
    ]


def _split(number: int, parts: int, tensors: int) -> t.List[bytes]:
    return [
        _pair("split.no", _UINT16, struct.pack("<H", number)),
        _pair("split.count", _UINT16, struct.pack("<H", parts)),
        _pair("split.tensors.count", _INT32, struct.pack("<i", tensors)),
    ]


def _table(content: t.Iterable[Tensor], kind: str) -> t.Tuple[bytes, int]:
    rows, offset = b"", 0
    for tensor in content:
        number, block, size = _TYPES["F32" if len(tensor.shape) == 1 else kind]
        lengths = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *reversed(tensor.shape))
        rows += _text(tensor.name) + lengths + struct.pack("<IQ", number, offset)
        offset += -(-(tensor.elements // block * size) // _ALIGNMENT) * _ALIGNMENT
    return rows, offset


def _pair(key: str, kind: int, value: bytes) -> bytes:
    return _text(key) + struct.pack("<I", kind) + value


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data
