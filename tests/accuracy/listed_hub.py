# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hubs that are a list of names: what exists, what was renamed, and a search over both."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import Hub, Listing
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotFound
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
)


class ListedHub:
    """One hub. Hugging Face finds names whatever their case, ModelScope as they are written only."""

    def __init__(self, source: str, names: t.Mapping[str, str]) -> None:
        self.source = source
        self._names = {self._key(name): current for name, current in names.items()}

    def listing(self, ref: RepositoryRef) -> Listing:
        name = self._names.get(self._key(ref.name))
        if name is None:
            raise NotFound("%s has no repository %s" % (self.source, ref.name))
        found = RepositoryRef(self.source, name, ref.revision)
        return Listing(found, None, (), False, None, Fetched(b"", "live", time.time()))

    def search(self, words: str, limit: int) -> t.List[ModelRecord]:
        """Names that contain every word, as the hubs' own searches do."""
        wanted = words.lower().split()
        found = [name for name in dict.fromkeys(self._names.values()) if _has(name, wanted)]
        return [_record(self.source, name) for name in found[:limit]]

    def read(self, listing: Listing, path: str, first: int, last: int) -> bytes:
        raise NotFound("%s has no file %s" % (listing.ref.name, path))

    def read_json(self, listing: Listing, path: str) -> t.Any:
        raise NotFound("%s has no file %s" % (listing.ref.name, path))

    def quantized_copies(self, listing: Listing) -> t.List[str]:
        return []

    def status(self) -> SourceStatus:
        return SourceStatus(self.source, "live", time.time(), len(self._names))

    def _key(self, name: str) -> str:
        return name.lower() if self.source == HUGGINGFACE else name


def read_hubs(path: Path) -> t.Dict[str, Hub]:
    """Hubs from lines of {"source", "repo", "renamed_to"?}; what is on no line does not exist."""
    names: t.Dict[str, t.Dict[str, str]] = {HUGGINGFACE: {}, MODEL_SCOPE: {}}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            entry = json.loads(line)
            names[entry["source"]][entry["repo"]] = entry.get("renamed_to") or entry["repo"]
    return {source: ListedHub(source, known) for source, known in names.items()}


def _has(name: str, wanted: t.Sequence[str]) -> bool:
    return bool(wanted) and all(word in name.lower() for word in wanted)


def _record(source: str, name: str) -> ModelRecord:
    repositories = (name,) if source == HUGGINGFACE else ()
    return ModelRecord(name, name.partition("/")[2], source, open_weights=True, repositories=repositories)
