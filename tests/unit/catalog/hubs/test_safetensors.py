# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headers of safetensors files: exact sizes in few requests, and nothing from broken files."""

from __future__ import annotations

import json
import struct
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.safetensors import (
    FIRST_READ_BYTES,
    MAX_HEADER_BYTES,
    read_header,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
    Tensor,
)

from tests.unit.catalog.fake_hubs import safetensors


class Disk:
    """One file, and the ranges that were read of it."""

    def __init__(self, content: bytes, size_bytes: t.Optional[int] = None) -> None:
        self.content = content
        self.file = RepositoryFile("model.safetensors", len(content) if size_bytes is None else size_bytes)
        self.ranges: t.List[t.Tuple[int, int]] = []

    def fetch(self, _path: str, first: int, last: int) -> bytes:
        self.ranges.append((first, last))
        return self.content[first : last + 1]

    def tensors(self) -> t.List[Tensor]:
        return read_header(self.fetch, self.file)


def with_header(header: t.Any, data: int = 0) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"\0" * data


def entry(begin: int, end: int, shape: t.Sequence[int] = (1,)) -> t.Dict[str, t.Any]:
    return {"dtype": "BF16", "shape": list(shape), "data_offsets": [begin, end]}


def test_a_small_header_takes_one_request() -> None:
    disk = Disk(safetensors({"a": ("BF16", [2, 3], 12), "b": ("F8_E4M3", [5], 5)}))
    assert disk.tensors() == [Tensor("a", "BF16", (2, 3), 12), Tensor("b", "F8_E4M3", (5,), 5)]
    assert disk.ranges == [(0, len(disk.content) - 1)]


@pytest.mark.parametrize("over", [-8, -7, 0, 1, 5000])
def test_a_large_header_takes_the_rest_in_one_more(over: int) -> None:
    plain = len(safetensors({"a": ("BF16", [1], 2)})) - 2 - 8
    disk = Disk(safetensors({"a": ("BF16", [1], 2)}, pad=FIRST_READ_BYTES + over - plain))
    assert disk.tensors() == [Tensor("a", "BF16", (1,), 2)]
    end = 8 + FIRST_READ_BYTES + over
    assert disk.ranges[1:] == ([(FIRST_READ_BYTES, end - 1)] if end > FIRST_READ_BYTES else [])


def test_sums_beyond_64_bits_of_a_double_stay_exact() -> None:
    huge = 2**53 + 1
    header = with_header({"a": entry(0, huge), "b": entry(huge, 2 * huge)})
    tensors = Disk(header, size_bytes=len(header) + 2 * huge).tensors()
    assert sum(tensor.size_bytes for tensor in tensors) == 2**54 + 2


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"", 0),
        (b"1234", 4),
        (struct.pack("<Q", MAX_HEADER_BYTES + 1) + b"{}", MAX_HEADER_BYTES * 2),
        (struct.pack("<Q", 2**63), 2**62),
        (struct.pack("<Q", 100) + b"{}", None),
        (struct.pack("<Q", 100) + b"{}", 1000),
        (with_header(b"not json"), None),
        (with_header(b"\xff\xfe"), None),
        (with_header([1]), None),
        (with_header({"a": {}}), None),
        (with_header({"a": entry(4, 2)}, 10), None),
        (with_header({"a": entry(-4, 2)}, 10), None),
        (with_header({"a": entry(0, 2, (-1,))}, 10), None),
        (with_header({"a": entry(0, 11)}, 10), None),
        (with_header({"a": {"dtype": "BF16", "shape": 3, "data_offsets": [0]}}, 10), None),
    ],
)
def test_a_broken_file_gives_no_numbers(content: bytes, size: t.Optional[int]) -> None:
    with pytest.raises(UnexpectedReply, match="model.safetensors is no usable safetensors file"):
        Disk(content, size).tensors()
