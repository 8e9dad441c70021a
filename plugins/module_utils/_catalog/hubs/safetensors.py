# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The headers of safetensors files, read without the tensors.

Format: https://huggingface.co/docs/safetensors - eight bytes with the little-endian length of a
JSON header, the header, the data.
"""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    Broken,
    anything,
    items,
    problem_of,
    record,
    table,
    text,
    whole,
)

FIRST_READ_BYTES = 128 << 10
# The format allows 100 MB; the header of no model comes near it.
MAX_HEADER_BYTES = 32_000_000
MAX_SHARDS = 256
# Of a file, and of a repository.
MAX_TENSORS = 500_000
LENGTH_BYTES = 8

Fetch = t.Callable[[str, int, int], bytes]
"""(path, first byte, last byte) -> those bytes, fewer at the end of the file."""


_METADATA = "__metadata__"
_TENSOR = record(
    {"dtype": text(20, empty=False), "shape": items(whole(), 16), "data_offsets": items(whole(), 2)}
)


def read_header(fetch: Fetch, shard: RepositoryFile) -> t.List[Tensor]:
    """The tensors of one file, in one request where the header is small."""
    if shard.size_bytes < LENGTH_BYTES:
        raise _broken(shard, "it has %d bytes" % shard.size_bytes)
    start = fetch(shard.path, 0, min(FIRST_READ_BYTES, shard.size_bytes) - 1)
    if len(start) < LENGTH_BYTES:
        raise _broken(shard, "only %d bytes of it came" % len(start))
    length = struct.unpack("<Q", start[:LENGTH_BYTES])[0]
    if length > MAX_HEADER_BYTES or LENGTH_BYTES + length > shard.size_bytes:
        raise _broken(shard, "it claims a header of %d bytes" % length)
    end = LENGTH_BYTES + length
    header = start[LENGTH_BYTES:end]
    if len(start) < end:
        header += fetch(shard.path, len(start), end - 1)
    if len(header) != length:
        raise _broken(shard, "%d of %d bytes of its header came" % (len(header), length))
    return _tensors(shard, header)


def _tensors(shard: RepositoryFile, header: bytes) -> t.List[Tensor]:
    try:
        entries = json_value(header, MAX_HEADER_BYTES)
    except Undecodable as exc:
        raise _broken(shard, "its header is not as the format says: it %s" % exc) from exc
    problem = problem_of(_is_header, entries)
    if problem is not None:
        raise _broken(shard, "its header is not as the format says: %s" % problem)
    found = [_tensor(name, entry) for name, entry in entries.items() if name != _METADATA]
    data_bytes = shard.size_bytes - LENGTH_BYTES - len(header)
    if sum(tensor.size_bytes for tensor in found) > data_bytes:
        raise _broken(shard, "its tensors are larger than the file")
    return found


def _tensor(name: str, entry: t.Mapping[str, t.Any]) -> Tensor:
    begin, end = entry["data_offsets"]
    return Tensor(name, entry["dtype"], tuple(entry["shape"]), end - begin)


def _is_tensor(value: t.Any) -> None:
    _TENSOR(value)
    offsets = value["data_offsets"]
    if len(offsets) != 2 or offsets[0] > offsets[1]:
        raise Broken("is no pair of places in a file", ("data_offsets",))


def _is_header(value: t.Any) -> None:
    """Tensors by their names, and one entry about the file."""
    table(anything, MAX_TENSORS)(value)
    table(_is_tensor, MAX_TENSORS)({name: each for name, each in value.items() if name != _METADATA})


def _broken(shard: RepositoryFile, problem: str) -> UnexpectedReply:
    return UnexpectedReply("%s is no usable safetensors file: %s" % (shard.path, problem))
