# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a hub says about one repository.

The shared words of the catalogs, which read these values, and of the planner, which uses them.
Pure data: no IO.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

HUGGINGFACE = "huggingface"
MODEL_SCOPE = "model_scope"
LOCAL_PATH = "local_path"


@dataclass(frozen=True)
class RepositoryRef:
    """Where weights lie. ``source`` is huggingface, model_scope or local_path, as GPUStack says."""

    source: str
    name: str
    revision: t.Optional[str] = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class RepositoryFile:
    """One file: path inside the repository, size in bytes, sha256 where the hub gives one."""

    path: str
    size_bytes: int
    sha256: t.Optional[str] = None


@dataclass(frozen=True)
class Tensor:
    """One entry of a safetensors header. ``size_bytes`` is end minus begin of its data."""

    name: str
    dtype: str
    shape: t.Tuple[int, ...]
    size_bytes: int


@dataclass(frozen=True)
class GgufModel:
    """One model in GGUF; a repository often has several, quantized differently.

    ``paths`` is its file, or the parts of a split one, of ``size_bytes`` together. ``metadata`` are
    the key-value pairs of the first part, of long arrays and those of texts their length. ``tensors`` is None where no header
    was read; their ``dtype`` is the name of ggml's type and their shape (output, input).
    """

    paths: t.Tuple[str, ...]
    size_bytes: int
    metadata: t.Mapping[str, t.Any] = field(default_factory=dict)
    tensors: t.Optional[t.Tuple[Tensor, ...]] = None


SAFE, UNSAFE, SUSPICIOUS, UNSCANNED = "safe", "unsafe", "suspicious", "unscanned"


@dataclass(frozen=True)
class Standing:
    """What a hub says about a repository beside its files; None and empty where it says nothing.

    ``downloads`` are those of the last month on Hugging Face, all of them on ModelScope.
    ``last_modified`` is ISO text. ``base_models`` are the repositories that it says it is made of.
    ``security`` is the verdict of the hub's scans: safe, suspicious, unsafe or unscanned; ``issues``
    are paths of files with findings. ``gguf`` has ``total`` parameters, ``architecture`` and
    ``context_length`` of GGUF files.
    """

    downloads: t.Optional[int] = None
    last_modified: t.Optional[str] = None
    base_models: t.Tuple[str, ...] = ()
    security: t.Optional[str] = None
    issues: t.Tuple[str, ...] = ()
    gguf: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Repository:
    """Facts of one repository at one commit.

    ``revision`` is the commit (ModelScope: the newest commit of its files). ``tensors`` is None
    where no safetensors headers were read; ``gguf`` has the models of a repository without any.
    ``adapter`` is adapter_config.json of a repository that only changes another model.
    ``state`` is live or cached, ``as_of`` the time in seconds since the epoch at which the hub said
    which commit it is.
    """

    ref: RepositoryRef
    revision: t.Optional[str]
    config: t.Optional[t.Mapping[str, t.Any]]
    files: t.Tuple[RepositoryFile, ...]
    quant_config: t.Optional[t.Mapping[str, t.Any]] = None
    tensors: t.Optional[t.Tuple[Tensor, ...]] = None
    gated: bool = False
    licence: t.Optional[str] = None
    state: str = "live"
    as_of: float = 0.0
    standing: Standing = Standing()
    gguf: t.Tuple[GgufModel, ...] = ()
    adapter: t.Optional[t.Mapping[str, t.Any]] = None


@dataclass(frozen=True)
class Spec:
    """GPUStack's advice on how to serve one repository.

    ``gpu_filters`` hold ``vendor``, ``vendor_variant`` and ``compute_capability``, a version
    specifier such as ``>=9.0,<10.0``; empty means no condition. ``speculative`` is GPUStack's
    ``speculative_config``.
    """

    ref: RepositoryRef
    mode: t.Optional[str]
    quantization: t.Optional[str]
    backend: t.Optional[str]
    parameters: t.Tuple[str, ...] = ()
    gpu_filters: t.Mapping[str, t.Any] = field(default_factory=dict)
    backend_version: t.Optional[str] = None
    speculative: t.Mapping[str, t.Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DraftModel:
    """A small model that proposes tokens to another one: GPUStack's name of it, and what it weighs."""

    name: str
    algorithm: str
    weights_bytes: int


@dataclass(frozen=True)
class Variant:
    """One way to serve a model: a repository, how it was found, and what catalogs advise for it.

    ``found_by`` is a rule such as ``gpustack_catalog``, ``publisher_naming``, ``user``. The advice
    for mode ``standard`` comes first.
    """

    repository: Repository
    found_by: str
    advice: t.Tuple[Spec, ...] = ()
