# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories of the hub stand-in: true headers over data that is never stored.

A weight file is its safetensors header followed by zeros that are made while they are sent. Its
sha256 is true up to 16 MiB; above it is that of its name, since nobody downloads those here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
import typing as t
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from tests.lab import llama_model
from tests.lab.architectures import Config, Tensor, tensors
from tests.lab.gguf_files import gguf_bytes

_MODELS = Path(__file__).with_name("models.yaml")
_SHARD_BYTES = 5_000_000_000
_HASHED_BYTES = 16 << 20


@dataclass(frozen=True)
class File:
    """One file: ``head`` and then zeros up to ``size`` bytes."""

    path: str
    head: bytes
    size: int

    def read(self, start: int, end: int) -> bytes:
        """The bytes of a range within the file."""
        known = self.head[start:end]
        return known + bytes(min(end, self.size) - start - len(known))

    @property
    def is_large(self) -> bool:
        """Whether the hubs keep it in large-file storage, behind a redirect."""
        return self.path.endswith((".safetensors", ".bin", ".gguf"))

    @cached_property
    def _identity(self) -> bytes:
        return self.read(0, self.size) if self.size <= _HASHED_BYTES else f"{self.path} {self.size}".encode()

    @cached_property
    def sha256(self) -> str:
        """See the module's docstring for files above 16 MiB."""
        return hashlib.sha256(self._identity).hexdigest()

    @cached_property
    def git_oid(self) -> str:
        """The id that git gives to a small file."""
        return hashlib.sha1(b"blob %d\0" % self.size + self._identity).hexdigest()


@dataclass(frozen=True)
class Repository:
    """One model as models.yaml describes it."""

    id: str
    config: Config
    license: str = "apache-2.0"
    modelscope: str = ""
    gated: bool = False
    base_model: str = ""
    stored_head: bool = False
    original_copy: bool = False
    gguf: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    is_engine_model: bool = False

    @property
    def owner(self) -> str:
        """The part before the slash on Hugging Face."""
        return self.id.split("/")[0]

    @property
    def modelscope_id(self) -> str:
        """Its id on ModelScope."""
        return self.modelscope or self.id

    @cached_property
    def commit(self) -> str:
        """The commit of its only branch."""
        return hashlib.sha1(self.id.encode()).hexdigest()

    def listing(self, root: str, recursive: bool) -> t.Iterator[t.Union[str, File]]:
        """Paths of the folders below ``root`` and its files; ``recursive`` adds the files of the folders."""
        below = f"{root.strip('/')}/" if root.strip("/") else ""
        folders = set()
        for path, file in self.files.items():
            if not path.startswith(below):
                continue
            folder, nested, _rest = path[len(below) :].partition("/")
            if nested and folder not in folders:
                folders.add(folder)
                yield below + folder
            if recursive or not nested:
                yield file

    @cached_property
    def tensors(self) -> t.List[Tensor]:
        """What the root's weight files hold."""
        return list(tensors(self.config, self.stored_head))

    @cached_property
    def parameters(self) -> t.Dict[str, int]:
        """Stored elements by dtype."""
        counts: t.Dict[str, int] = {}
        for tensor in self.tensors:
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.elements
        return counts

    @cached_property
    def files(self) -> t.Dict[str, File]:
        """All files by path. ``gguf`` maps ggml types to the number of parts that each of them has."""
        if self.gguf:
            return {file.path: file for file in self._gguf_files()}
        card = f"---\nlicense: {self.license}\n---\n# {self.id}\n"
        texts = {
            "README.md": card,
            "config.json": json.dumps(self.config, indent=2),
            "generation_config.json": json.dumps({"do_sample": True}),
            "tokenizer_config.json": json.dumps({"model_max_length": self.config["max_position_embeddings"]}),
        }
        texts.update(_remote_code(self.config))
        files = [_text(path, text) for path, text in texts.items()]
        files += _weight_files(self.tensors)
        if self.original_copy:
            files += [
                _text("original/config.json", "{}"),
                _safetensors("original/model.safetensors", self.tensors),
            ]
        return {file.path: file for file in sorted(files, key=lambda file: file.path)}

    def _gguf_files(self) -> t.Iterator[File]:
        name = self.id.split("/")[1].replace("-GGUF", "")
        if self.is_engine_model:
            whole = llama_model.model_bytes()
            yield File(f"{name}-F32.gguf", whole, len(whole))
            return
        for kind, parts in self.gguf.items():
            yield from gguf_files(f"{name}-{kind}", self.config, self.tensors, kind, parts)
        yield _text("README.md", f"---\nlicense: {self.license}\n---\n# {self.id}\n")


def load_repositories() -> t.List[Repository]:
    """The repositories of models.yaml."""
    document = yaml.safe_load(_MODELS.read_text(encoding="utf-8"))
    return [Repository(**entry) for entry in document["repositories"]]


def _remote_code(config: Config) -> t.Dict[str, str]:
    """The configuration class that ``auto_map`` names: GPUStack loads it where a repository says so."""
    reference = (config.get("auto_map") or {}).get("AutoConfig")
    if reference is None:
        return {}
    module, name = reference.split(".")
    defaults = {key: value for key, value in config.items() if isinstance(value, (str, int, float))}
    lines = ["from transformers.configuration_utils import PretrainedConfig", "", ""]
    lines += [
        f"class {name}(PretrainedConfig):",
        *(f"    {key} = {value!r}" for key, value in defaults.items()),
    ]
    return {f"{module}.py": "\n".join(lines) + "\n"}


def gguf_files(
    name: str, config: Config, content: t.Sequence[Tensor], kind: str, parts: int
) -> t.Iterator[File]:
    """One model in GGUF, in as many files as wanted."""
    for number, (head, size) in enumerate(gguf_bytes(config, content, kind, parts), 1):
        split = f"-{number:05d}-of-{parts:05d}" if parts > 1 else ""
        yield File(f"{name}{split}.gguf", head, size)


def _text(path: str, text: str) -> File:
    data = text.encode()
    return File(path, data, len(data))


def _safetensors(path: str, content: t.Iterable[Tensor]) -> File:
    """A file in the safetensors format: length (8 bytes, little-endian), JSON header, data."""
    header: t.Dict[str, t.Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for tensor in content:
        end = offset + tensor.size
        header[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    head = struct.pack("<Q", len(text)) + text
    return File(path, head, len(head) + offset)


def _weight_files(content: t.Sequence[Tensor]) -> t.List[File]:
    shards = list(_shards(content))
    if len(shards) == 1:
        return [_safetensors("model.safetensors", shards[0])]
    names = [f"model-{number:05d}-of-{len(shards):05d}.safetensors" for number in range(1, len(shards) + 1)]
    places = {tensor.name: name for name, shard in zip(names, shards, strict=True) for tensor in shard}
    total = sum(tensor.size for tensor in content)
    index = json.dumps({"metadata": {"total_size": total}, "weight_map": places}, indent=1)
    files = [_safetensors(name, shard) for name, shard in zip(names, shards, strict=True)]
    return [*files, _text("model.safetensors.index.json", index)]


def _shards(content: t.Sequence[Tensor]) -> t.Iterator[t.List[Tensor]]:
    """Tensors in order, cut where a shard would pass 5 GB."""
    shard: t.List[Tensor] = []
    size = 0
    for tensor in content:
        if shard and size + tensor.size > _SHARD_BYTES:
            yield shard
            shard, size = [], 0
        shard.append(tensor)
        size += tensor.size
    yield shard
