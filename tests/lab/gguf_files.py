# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GGUF files of the hub stand-in: true headers, version 3, for data that is never stored."""

from __future__ import annotations

import struct
import typing as t

from tests.lab.architectures import Config, Tensor

_ALIGNMENT = 32
UINT32, UINT16, INT32, FLOAT32, STRING, ARRAY = 4, 2, 5, 6, 8, 9
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
        yield assembled(pairs, own, kind)


def assembled(pairs: t.Sequence[bytes], content: t.Sequence[Tensor], kind: str) -> t.Tuple[bytes, int]:
    """The header of a file, up to where its data begins, and the size of the whole file."""
    table, data_size = _table(content, kind)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(content), len(pairs)) + b"".join(pairs) + table
    head += bytes(-len(head) % _ALIGNMENT)
    return head, len(head) + data_size


def _model(config: Config) -> t.List[bytes]:
    architecture = str(config["model_type"])
    words = b"".join(map(text, ("<s>", "</s>", "the")))
    return [
        pair("general.architecture", STRING, text(architecture)),
        pair(f"{architecture}.context_length", UINT32, struct.pack("<I", config["max_position_embeddings"])),
        pair("tokenizer.ggml.tokens", ARRAY, struct.pack("<IQ", STRING, 3) + words),
    ]


def _split(number: int, parts: int, tensors: int) -> t.List[bytes]:
    return [
        pair("split.no", UINT16, struct.pack("<H", number)),
        pair("split.count", UINT16, struct.pack("<H", parts)),
        pair("split.tensors.count", INT32, struct.pack("<i", tensors)),
    ]


def _table(content: t.Iterable[Tensor], kind: str) -> t.Tuple[bytes, int]:
    rows, offset = b"", 0
    for tensor in content:
        number, block, size = _TYPES["F32" if len(tensor.shape) == 1 else kind]
        lengths = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *reversed(tensor.shape))
        rows += text(tensor.name) + lengths + struct.pack("<IQ", number, offset)
        offset += -(-(tensor.elements // block * size) // _ALIGNMENT) * _ALIGNMENT
    return rows, offset


def pair(key: str, kind: int, value: bytes) -> bytes:
    """One entry of a header's metadata; ``kind`` is the number of its type."""
    return text(key) + struct.pack("<I", kind) + value


def text(words: str) -> bytes:
    """A string with its length before it."""
    data = words.encode()
    return struct.pack("<Q", len(data)) + data
