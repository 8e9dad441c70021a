# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headers of GGUF files, in pieces, broken, split, and as the official reader understands them."""

from __future__ import annotations

import struct
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs import gguf
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryFile,
    Tensor,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.hub_files import load_repositories

SCALARS = {"B": 0, "b": 1, "H": 2, "h": 3, "I": 4, "i": 5, "f": 6, "?": 7, "Q": 10, "q": 11, "d": 12}
LAB = next(repository for repository in load_repositories() if repository.gguf)


class Files:
    """Contents by path, and which ranges of them were asked for."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = {"%s.gguf" % name: content for name, content in contents.items()}
        self.asked: t.List[t.Tuple[str, int, int]] = []

    def fetch(self, path: str, first: int, last: int) -> bytes:
        self.asked.append((path, first, last))
        return self.contents[path][first : last + 1]

    def listed(self) -> t.List[RepositoryFile]:
        return [RepositoryFile(path, len(content)) for path, content in self.contents.items()]

    def header(self) -> t.Tuple[gguf.Metadata, t.List[Tensor]]:
        return gguf.read_header(self.fetch, self.listed()[0])


def text(value: str, order: str = "<") -> bytes:
    return struct.pack(order + "Q", len(value)) + value.encode()


def built(
    pairs: t.Sequence[bytes] = (),
    rows: t.Sequence[bytes] = (),
    data: int = 0,
    version: int = 3,
    order: str = "<",
    alignment: int = 32,
) -> bytes:
    head = b"GGUF" + struct.pack(order + "IQQ", version, len(rows), len(pairs)) + b"".join([*pairs, *rows])
    return head + bytes(-len(head) % alignment + data)


def pair(name: str, kind: str, value: t.Any, order: str = "<") -> bytes:
    return text(name, order) + struct.pack(order + "I" + kind, SCALARS[kind], value)


def row(name: str, shape: t.Sequence[int], kind: int, offset: int, order: str = "<") -> bytes:
    lengths = struct.pack("%sI%dQ" % (order, len(shape)), len(shape), *reversed(shape))
    return text(name, order) + lengths + struct.pack(order + "IQ", kind, offset)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("order", ["<", ">"])
def test_values_of_every_kind(version: int, order: str) -> None:
    pairs = [pair("k%s" % kind, kind, 1, order) for kind in SCALARS]
    pairs.append(text("name", order) + struct.pack(order + "I", 8) + text("Rocket", order))
    rows = [row("x", (2, 32), 2, 0, order), row("y", (3,), 0, 64, order)]
    metadata, tensors = Files(a=built(pairs, rows, 96, version, order)).header()
    assert metadata == {**{"k%s" % kind: 1 for kind in SCALARS}, "name": "Rocket"}
    assert tensors == [Tensor("x", "Q4_0", (2, 32), 36), Tensor("y", "F32", (3,), 12)]


def test_of_texts_and_nested_arrays_the_length_is_kept() -> None:
    words = struct.pack("<IQ", 8, 2) + text("a") + text("bc")
    nested = struct.pack("<IQ", 9, 2) + 2 * (struct.pack("<IQ", 0, 3) + b"123")
    numbers = struct.pack("<IQ", 6, 2) + bytes(8)
    pairs = [
        text(name) + struct.pack("<I", 9) + value
        for name, value in (("words", words), ("nested", nested), ("numbers", numbers))
    ]
    assert Files(a=built(pairs)).header()[0] == {"words": 2, "nested": 2, "numbers": (0.0, 0.0)}


def test_a_long_header_is_read_in_few_growing_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf, "FIRST_READ_BYTES", 64)
    pairs = [text("k%d" % number) + struct.pack("<I", 8) + text("x" * 50) for number in range(9)]
    files = Files(a=built(pairs, [row("x", (8,), 24, 0)], 5000))
    metadata, tensors = files.header()
    assert (len(metadata), tensors[0].size_bytes) == (9, 8)
    assert files.asked == [("a.gguf", 0, 63), ("a.gguf", 64, 255), ("a.gguf", 256, 1023)]


def test_a_type_that_is_not_known_is_measured_up_to_the_next_tensor() -> None:
    rows = [row("x", (4,), 77, 0), row("y", (8,), 24, 64), row("z", (4,), 78, 96)]
    tensors = Files(a=built((), rows, 100)).header()[1]
    assert [(each.dtype, each.size_bytes) for each in tensors] == [("type 77", 64), ("I8", 8), ("type 78", 4)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "does not end within 0 bytes"),
        (b"GGUF", "does not end within 4 bytes"),
        (b"PK\3\4" + bytes(40), "does not begin with GGUF"),
        (built(version=1), "version 1"),
        (built(version=4), "version 4"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 0), "1099511627776 entries"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 40), "1099511627776 entries"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 62), "a text of"),
        (built([text("k") + struct.pack("<I", 55)]), "not as the format says"),
        (built([text("k") + struct.pack("<IIQ", 9, 0, 1 << 62)]), "an array of"),
        (built([pair("general.alignment", "I", 0)]), "alignment 0"),
        (built((), [row("x", (1 << 40,), 0, 0)], 64), "larger than the file"),
        (built((), [row("x", (1,), 0, 1 << 40)], 64), "larger than the file"),
        (built((), [row("x", (1,) * 5, 0, 0)], 64), "5 dimensions"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, problem: str) -> None:
    with pytest.raises(UnexpectedReply, match=problem) as caught:
        Files(a=content).header()
    assert caught.value.message.startswith("a.gguf is no usable GGUF file")


def test_a_header_has_a_longest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf, "MAX_HEADER_BYTES", 100)
    with pytest.raises(UnexpectedReply, match="does not end within 100 bytes"):
        Files(a=built([text("k" * 90) + struct.pack("<I", 8) + text("x")])).header()


def test_a_server_that_sends_less_is_an_error() -> None:
    with pytest.raises(UnexpectedReply, match="only 9 bytes of its header came"):
        gguf.read_header(lambda _path, _first, _last: b"GGUF\3\0\0\0x", RepositoryFile("a.gguf", 500))


@given(st.binary(max_size=200), st.integers(0, 400))
def test_damage_is_found_or_harmless(noise: bytes, place: int) -> None:
    rows = [row("x", (2, 32), 2, 0), row("y", (3,), 0, 64)]
    whole = built([pair("k", "I", 1), text("n") + struct.pack("<IIQ", 9, 8, 1) + text("a")], rows, 96)
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    try:
        tensors = Files(a=damaged).header()[1]
    except UnexpectedReply:
        return
    assert all(0 <= each.size_bytes <= len(damaged) for each in tensors)


def test_parts_of_one_model_belong_together() -> None:
    names = ("q/M-Q4-00002-of-00002.gguf", "M-Q8.gguf", "q/M-Q4-00001-of-00002.gguf", "config.json")
    found = gguf.models([RepositoryFile(name, 1) for name in names])
    assert [[part.path for part in parts] for parts in found] == [
        ["M-Q8.gguf"],
        ["q/M-Q4-00001-of-00002.gguf", "q/M-Q4-00002-of-00002.gguf"],
    ]


def test_a_missing_part_and_missing_tensors_are_errors() -> None:
    files = Files(**{"m-00001-of-00002": built([pair("split.tensors.count", "i", 3)])})
    with pytest.raises(UnexpectedReply, match="1 of its 00002 parts are there"):
        gguf.describe(files.fetch, files.listed())
    files.contents["m-00002-of-00002.gguf"] = built((), [row("x", (1,), 24, 0)], 1)
    with pytest.raises(UnexpectedReply, match="its parts hold 1 of 3 tensors"):
        gguf.describe(files.fetch, files.listed())


def lab_models() -> t.Dict[str, t.Tuple[t.List[RepositoryFile], t.Any]]:
    files = LAB.files

    def fetch(path: str, first: int, last: int) -> bytes:
        return files[path].read(first, last + 1)

    listed = [RepositoryFile(path, file.size) for path, file in files.items()]
    return {parts[0].path: (parts, gguf.describe(fetch, parts)) for parts in gguf.models(listed)}


def test_split_and_whole_files_hold_the_same_tensors() -> None:
    names = [[each.name for each in model.tensors] for _parts, model in lab_models().values()]
    assert len(names) == 2
    assert names[0] == names[1] == [each.name for each in LAB.tensors]


@pytest.mark.parametrize("first", sorted(lab_models()))
def test_the_official_reader_says_the_same(tmp_path: Path, first: str) -> None:
    reader = pytest.importorskip("gguf", reason="the official reader is not installed").GGUFReader
    parts, model = lab_models()[first]
    said = []
    for part in parts:
        path = tmp_path / part.path
        path.write_bytes(LAB.files[part.path].read(0, part.size_bytes))
        for each in reader(path).tensors:
            shape = tuple(int(length) for length in reversed(each.shape))
            said.append(Tensor(each.name, each.tensor_type.name, shape, int(each.n_bytes)))
    assert tuple(said) == model.tensors


def test_the_table_of_types_is_the_official_one() -> None:
    constants = pytest.importorskip("gguf.constants", reason="the official reader is not installed")
    official = {int(kind): (kind.name, *size) for kind, size in constants.GGML_QUANT_SIZES.items()}
    assert {kind: official[kind] for kind in gguf.TYPES} == dict(gguf.TYPES)


def test_the_lab_has_a_repository_in_gguf() -> None:
    assert sorted(path for path in LAB.files if path.endswith(".gguf")) == [
        "tiny-Q4_0-00001-of-00002.gguf",
        "tiny-Q4_0-00002-of-00002.gguf",
        "tiny-Q8_0.gguf",
    ]
