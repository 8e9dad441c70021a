# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The headers of safetensors files, read without the tensors.

Format: https://huggingface.co/docs/safetensors - eight bytes with the little-endian length of a
JSON header, the header, the data.
"""

from __future__ import annotations

import json
import struct
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
    Tensor,
)

FIRST_READ_BYTES = 128 << 10
MAX_HEADER_BYTES = 100_000_000
MAX_SHARDS = 256
LENGTH_BYTES = 8

Fetch = t.Callable[[str, int, int], bytes]
"""(path, first byte, last byte) -> those bytes, fewer at the end of the file."""


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
        entries = json.loads(header.decode("utf-8"))
        found = [_tensor(name, entry) for name, entry in entries.items() if name != "__metadata__"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as exc:
        raise _broken(shard, "its header is not as the format says (%s)" % exc) from exc
    data_bytes = shard.size_bytes - LENGTH_BYTES - len(header)
    if sum(tensor.size_bytes for tensor in found) > data_bytes:
        raise _broken(shard, "its tensors are larger than the file")
    return found


def _tensor(name: str, entry: t.Mapping[str, t.Any]) -> Tensor:
    begin, end = (int(offset) for offset in entry["data_offsets"])
    shape = tuple(int(length) for length in entry["shape"])
    if not 0 <= begin <= end or any(length < 0 for length in shape):
        raise ValueError("tensor %s" % name)
    return Tensor(name, str(entry["dtype"]), shape, end - begin)


def _broken(shard: RepositoryFile, problem: str) -> UnexpectedReply:
    return UnexpectedReply("%s is no usable safetensors file: %s" % (shard.path, problem))
