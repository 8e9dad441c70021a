# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A model in a folder of this machine, read as if a hub had it."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import Listing
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    MAX_BYTES,
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotFound,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    LOCAL_PATH,
    RepositoryFile,
    RepositoryRef,
)

MAX_FILES = 10_000
_MODEL_FILES = frozenset(
    ("config.json", "params.json", "model_index.json", "adapter_config.json", "configuration.json")
)
_WEIGHTS = (".safetensors", ".gguf", ".bin", ".onnx", ".pt", ".pth")


class LocalFiles:
    """Folders by their absolute path. There are no commits, and checksums are not computed."""

    source = LOCAL_PATH

    def __init__(self, on_workers: t.Callable[[str], t.Sequence[str]] = lambda _path: ()) -> None:
        """``on_workers`` tells what GPUStack knows of a path on its workers."""
        self._count = 0
        self._on_workers = on_workers

    def listing(self, ref: RepositoryRef) -> Listing:
        if not os.path.isdir(ref.name):
            told = self._on_workers(ref.name)
            if told:
                raise NotFound(
                    "There is no folder %s on this machine; GPUStack has it: %s. It does not tell the files in it, "
                    "so that architecture and precision are unknown" % (ref.name, "; ".join(told)),
                    hint="Delegate the task to a worker that is named, or name the repository of the weights.",
                    model_files=list(told),
                )
            raise NotFound(
                "There is no folder %s on this machine" % ref.name,
                hint="A path is read where this task runs; delegate it to the host that has the model.",
            )
        if not _holds_model(ref.name):
            raise InvalidInput(
                "The folder %s holds no model: neither config.json nor weights lie in it" % ref.name,
                hint="Name the folder that has them, or the repository as owner/name.",
            )
        self._count += 1
        return Listing(
            ref=ref,
            revision=None,
            files=tuple(_files(ref.name)),
            gated=False,
            licence=None,
            fetched=Fetched(b"", "live", time.time()),
        )

    def read(self, listing: Listing, path: str, first: int, last: int) -> bytes:
        try:
            with open(os.path.join(listing.ref.name, path), "rb") as handle:
                handle.seek(first)
                return handle.read(last - first + 1)
        except OSError as exc:
            raise InvalidInput("%s/%s cannot be read: %s" % (listing.ref.name, path, exc.strerror)) from exc

    def read_json(self, listing: Listing, path: str) -> t.Any:
        size = next(item.size_bytes for item in listing.files if item.path == path)
        try:
            return json_value(self.read(listing, path, 0, min(size, MAX_BYTES)))
        except Undecodable as exc:
            raise UnexpectedReply("%s/%s cannot be used: it %s" % (listing.ref.name, path, exc)) from exc

    def quantized_copies(self, listing: Listing) -> t.List[str]:
        return []

    def search(self, words: str, limit: int) -> t.List[ModelRecord]:
        return []

    def status(self) -> SourceStatus:
        return SourceStatus(LOCAL_PATH, "live", time.time(), self._count)


def _holds_model(folder: str) -> bool:
    """Whether something that belongs to a model lies in the folder itself."""
    try:
        names = os.listdir(folder)
    except OSError as exc:
        raise InvalidInput("%s cannot be read: %s" % (folder, exc.strerror)) from exc
    return any(name in _MODEL_FILES or name.lower().endswith(_WEIGHTS) for name in names)


def _files(top: str) -> t.Iterator[RepositoryFile]:
    """Files below ``top`` but those that begin with a dot, by path."""
    count = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.startswith(".") or not os.path.isfile(path):
                continue
            count += 1
            if count > MAX_FILES:
                raise InvalidInput("%s holds more than %d files" % (top, MAX_FILES))
            yield RepositoryFile(os.path.relpath(path, top).replace(os.sep, "/"), os.path.getsize(path))
