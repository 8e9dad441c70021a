# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The headers of GGUF files, read without the tensors.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3 - the magic,
version and counts, then key-value pairs, then the table of tensors, then the data.
"""

from __future__ import annotations

import re
import struct
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.safetensors import Fetch
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    RepositoryFile,
    Tensor,
)

# Tokenizers are in the header, so that most are a few MB long.
FIRST_READ_BYTES = 1 << 20
MAX_HEADER_BYTES = 64 << 20
GROWTH = 4
MAX_ENTRIES = 1_000_000
MAX_DIMENSIONS = 4
# Values of an array that are kept, one for each layer of a model; and of all arrays of a header together.
MAX_KEPT, MAX_KEPT_TOGETHER = 1024, 65_536
DEFAULT_ALIGNMENT = 32

# Of a repository so many are read; the others are known by name and size.
MAX_FILES = 16

_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf\Z", re.IGNORECASE)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

# ggml_type -> its name, weights in a block, bytes of a block (ggml's table of type traits).
TYPES: t.Mapping[int, t.Tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 40), 10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8),
    28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36),
}  # fmt: skip

Metadata = t.Dict[str, t.Any]


class _TooShort(Exception):
    """The header goes on behind what was read."""


def models(files: t.Iterable[RepositoryFile]) -> t.List[t.List[RepositoryFile]]:
    """GGUF files by model: one file, or all parts of a split one in their order."""
    found: t.Dict[str, t.List[RepositoryFile]] = {}
    for item in sorted(files, key=lambda each: each.path):
        if item.path.lower().endswith(".gguf"):
            found.setdefault(_PART.sub("", item.path), []).append(item)
    return list(found.values())


def describe(fetch: Fetch, parts: t.Sequence[RepositoryFile]) -> GgufModel:
    """One model from the headers of its files. :raises UnexpectedReply: they are not usable."""
    last = _PART.search(parts[-1].path)
    if last is not None and len(parts) != int(last.group(2)):
        raise _broken(parts[0], "%d of its %s parts are there" % (len(parts), last.group(2)))
    headers = [read_header(fetch, part) for part in parts]
    tensors = tuple(tensor for _metadata, found in headers for tensor in found)
    expected = headers[0][0].get("split.tensors.count")
    if expected is not None and expected != len(tensors):
        raise _broken(parts[0], "its parts hold %d of %s tensors" % (len(tensors), expected))
    return unread(parts, headers[0][0], tensors)


def unread(
    parts: t.Sequence[RepositoryFile],
    metadata: t.Optional[Metadata] = None,
    tensors: t.Optional[t.Tuple[Tensor, ...]] = None,
) -> GgufModel:
    """A model by names and sizes of its files, with what else is known of it."""
    size = sum(part.size_bytes for part in parts)
    return GgufModel(tuple(part.path for part in parts), size, metadata or {}, tensors)


def read_header(fetch: Fetch, file: RepositoryFile) -> t.Tuple[Metadata, t.List[Tensor]]:
    """Metadata and tensors of one file; of texts and of long arrays the length is kept only.

    Reads more and more of the file until the header is whole: nothing in it says how long it is.
    """
    limit = min(file.size_bytes, MAX_HEADER_BYTES)
    data, wanted = b"", min(FIRST_READ_BYTES, limit)
    while True:
        if wanted > len(data):
            more = fetch(file.path, len(data), wanted - 1)
            if len(more) != wanted - len(data):
                raise _broken(file, "only %d bytes of its header came" % (len(data) + len(more)))
            data += more
        try:
            return _parse(file, data)
        except _TooShort as exc:
            if wanted == limit:
                raise _broken(file, "its header does not end within %d bytes" % limit) from exc
            wanted = min(GROWTH * wanted, limit)
        except (ValueError, LookupError, TypeError, RecursionError) as exc:
            raise _broken(file, "its header is not as the format says (%s)" % exc) from exc


def _parse(file: RepositoryFile, data: bytes) -> t.Tuple[Metadata, t.List[Tensor]]:
    if len(data) < 8:
        raise _TooShort
    if data[:4] != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    little = struct.unpack("<I", data[4:8])[0]
    reader = _Reader(data, "<" if little & 0xFFFF else ">")
    reader.skip(4)
    version = reader.scalar("I")
    if version not in (2, 3):
        raise ValueError("version %d" % version)
    tensors, pairs = reader.count(), reader.count()
    metadata = {reader.text(): reader.value(reader.scalar("I")) for _pair in range(pairs)}
    rows = [reader.tensor() for _tensor in range(tensors)]
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if not isinstance(alignment, int) or alignment < 1:
        raise ValueError("alignment %r" % alignment)
    start = -(-reader.place // alignment) * alignment
    return metadata, list(_sized(rows, file.size_bytes - start))


class _Reader:
    """Values of a header, one after another."""

    def __init__(self, data: bytes, order: str) -> None:
        self._data = data
        self._formats = {kind: struct.Struct(order + kind) for kind in _SCALARS.values()}
        self.place = 0
        self._kept = 0

    def skip(self, size: int) -> int:
        """Where the skipped bytes began."""
        start, self.place = self.place, self.place + size
        if self.place > len(self._data):
            raise _TooShort
        return start

    def scalar(self, kind: str) -> t.Any:
        form = self._formats[kind]
        return form.unpack_from(self._data, self.skip(form.size))[0]

    def count(self) -> int:
        found = int(self.scalar("Q"))
        if found > MAX_ENTRIES:
            raise ValueError("%d entries" % found)
        return found

    def text(self) -> str:
        length = self.scalar("Q")
        if length > MAX_HEADER_BYTES:
            raise ValueError("a text of %d bytes" % length)
        start = self.skip(length)
        return self._data[start : self.place].decode("utf-8", "replace")

    def value(self, kind: int) -> t.Any:
        if kind == _STRING:
            return self.text()
        return self.array() if kind == _ARRAY else self.scalar(_SCALARS[kind])

    def array(self) -> t.Union[int, t.Tuple[t.Any, ...]]:
        """Numbers of a short array; of any other its length, whose values are passed over."""
        kind, length = self.scalar("I"), self.scalar("Q")
        if length > MAX_HEADER_BYTES:
            raise ValueError("an array of %d values" % length)
        if kind in _SCALARS:
            keeps = length <= MAX_KEPT and self._kept + length <= MAX_KEPT_TOGETHER
            if keeps:
                self._kept += length
                return tuple(self.scalar(_SCALARS[kind]) for _item in range(length))
            self.skip(length * self._formats[_SCALARS[kind]].size)
            return int(length)
        for _item in range(length):
            if kind == _STRING:
                self.skip(self.scalar("Q"))
            else:
                self.value(kind)
        return int(length)

    def tensor(self) -> t.Tuple[str, t.Tuple[int, ...], int, int]:
        name, dimensions = self.text(), self.scalar("I")
        if dimensions > MAX_DIMENSIONS:
            raise ValueError("tensor %s has %d dimensions" % (name, dimensions))
        lengths = tuple(self.scalar("Q") for _dimension in range(dimensions))
        return name, lengths[::-1], self.scalar("I"), self.scalar("Q")


def _sized(
    rows: t.Sequence[t.Tuple[str, t.Tuple[int, ...], int, int]], data_bytes: int
) -> t.Iterator[Tensor]:
    """Tensors with their sizes: by the table of types, else up to the next tensor."""
    ends = sorted({offset for _name, _shape, _kind, offset in rows} | {data_bytes})
    following = dict(zip(ends, ends[1:]))
    for name, shape, kind, offset in rows:
        known = TYPES.get(kind)
        elements = 1
        for length in shape:
            elements *= length
        size = following.get(offset, data_bytes) - offset
        if known is not None:
            size = -(-elements // known[1]) * known[2]
        if size < 0 or offset + size > data_bytes:
            raise ValueError("tensor %s is larger than the file" % name)
        yield Tensor(name, "type %d" % kind if known is None else known[0], shape, size)


def _broken(file: RepositoryFile, problem: str) -> UnexpectedReply:
    return UnexpectedReply("%s is no usable GGUF file: %s" % (file.path, problem))
