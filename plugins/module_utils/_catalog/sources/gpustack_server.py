# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model catalog of a GPUStack server.

It says how a model is served well: repository, backend and parameters for the GPUs that the
server has. Sets carry no repository; their specs do.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import normal
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.source_states import (
    Answers,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.gpustack_sets import (
    NAME,
    record_of,
    spec_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import CachedReader
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Spec

PAGE = 100
MAX_PAGES = 50

Entry = t.Mapping[str, t.Any]


class GpustackCatalog:
    """The sets are read once; specs of a set when they are asked for."""

    def __init__(self, reader: CachedReader) -> None:
        self._reader = reader
        self._answers = Answers(NAME)
        self._sets: t.Optional[t.List[Entry]] = None
        self._failure: t.Optional[str] = None

    def records(self) -> t.Tuple[ModelRecord, ...]:
        """The sets as models; empty where the server does not answer, see ``status``."""
        return tuple(record_of(item) for item in self._all())

    def specs(self, model_name: str) -> t.Tuple[Spec, ...]:
        """What the set of this name advises for the server's GPUs; names differ in punctuation only.

        The server filters by its GPUs. ``standard`` comes first.
        """
        wanted = normal(model_name)
        matching = [item for item in self._all() if normal(str(item.get("name"))) == wanted]
        found: t.List[Spec] = []
        for item in matching:
            try:
                answer, _fetched = self._reader.get_json("/v2/model-sets/%s/specs" % item.get("id"))
                found += [spec for spec in map(spec_of, _items(answer)) if spec is not None]
            except AutoconfigError as exc:
                self._failure = exc.message
        return tuple(sorted(found, key=lambda spec: spec.mode != "standard"))

    def drafts(self) -> t.List[Entry]:
        """Draft models for speculative decoding; empty where the server has no such list."""
        try:
            answer, _fetched = self._reader.get_json("/v2/draft-models", {"page": 1, "perPage": PAGE})
            return _items(answer)
        except AutoconfigError:
            return []

    def engine_versions(self) -> t.Dict[str, str]:
        """The version of each engine that the server takes where a deployment names none."""
        try:
            answer, _fetched = self._reader.get_json("/v2/inference-backends", {"page": 1, "perPage": PAGE})
            found = [(item.get("backend_name"), item.get("default_version")) for item in _items(answer)]
        except AutoconfigError:
            return {}
        return {str(name): str(version) for name, version in found if name and version}

    def model_files(self, path: str) -> t.List[str]:
        """What the server knows of the files at a path on its workers, a sentence each; empty without any."""
        try:
            rows = self._listed("/v2/model-files")
            found = [
                row for row in rows if path in (row.get("local_path"), *(row.get("resolved_paths") or ()))
            ]
            names = {row.get("id"): row.get("name") for row in self._listed("/v2/workers")} if found else {}
        except AutoconfigError:
            return []
        return [_file_line(row, names) for row in found]

    def _listed(self, path: str) -> t.List[Entry]:
        return _items(self._reader.get_json(path, {"page": 1, "perPage": PAGE})[0])

    def status(self) -> SourceStatus:
        if self._sets is None or self._failure is not None:
            return SourceStatus(NAME, "failed", error=self._failure)
        answered = self._answers.summary()
        return SourceStatus(NAME, answered.state, answered.as_of, len(self._sets), answered.error)

    def _all(self) -> t.List[Entry]:
        if self._sets is None and self._failure is None:
            try:
                self._sets = self._pages()
            except AutoconfigError as exc:
                self._failure = exc.message
        return self._sets or []

    def _pages(self) -> t.List[Entry]:
        found: t.List[Entry] = []
        for page in range(1, MAX_PAGES + 1):
            answer, fetched = self._reader.get_json("/v2/model-sets", {"page": page, "perPage": PAGE})
            self._answers.saw(fetched)
            items = _items(answer)
            found += items
            if len(items) < PAGE:
                break
        return found


def _file_line(row: Entry, workers: t.Mapping[t.Any, t.Any]) -> str:
    """Worker, state and size of one model file."""
    size = row.get("size")
    told = "%.1f GiB" % (size / 2**30) if isinstance(size, int) and size > 0 else "of unknown size"
    return "%s on worker %s, %s" % (
        row.get("state") or "in an unknown state", workers.get(row.get("worker_id")) or row.get("worker_id"), told,
    )  # fmt: skip


def _items(answer: t.Any) -> t.List[Entry]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise UnexpectedReply(
            "GPUStack's catalog answered without a list of items", hint="Check gpustack_url."
        )
    return [item for item in items if isinstance(item, dict)]
