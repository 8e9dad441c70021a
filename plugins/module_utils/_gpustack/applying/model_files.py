# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model files on workers, downloaded before anything needs them.

GPUStack keeps one record for each source and worker, and instances use what is there.
"""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import (
    Difference,
    FieldSpec,
    diff_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.downloads import (
    Download,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding import preflight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    SOURCE_KEYS,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    CACHED,
    Wanted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import (
    match_placement,
)

FILES = FieldSpec("files")


def file_record(row: Json, workers: t.Sequence[Json]) -> Json:
    """One model file as both modules return it. Sizes in bytes."""
    repository_key, file_key = SOURCE_KEYS.get(row.get("source") or "", ("local_path", None))
    names = [worker["name"] for worker in workers if worker["id"] == row.get("worker_id")]
    return {
        "id": row["id"],
        "worker": names[0] if names else None,
        "source": row.get("source"),
        "repository": row.get(repository_key),
        "file": row.get(file_key) if file_key else None,
        "state": row.get("state"),
        "state_message": row.get("state_message") or None,
        "progress_percent": row.get("download_progress"),
        "size_bytes": row.get("size"),
        "paths": row.get("resolved_paths") or [],
    }


@dataclass
class FileCache:
    """Brings the files of one source onto workers, or removes them, in the steps of a Deployment."""

    view: View
    wanted: Wanted
    check_mode: bool
    waiter: t.Optional[Waiter]
    warnings: t.List[str] = field(default_factory=list)
    restarts: t.Sequence[Json] = ()
    touched: bool = False
    removes: bool = False
    waited_s: float = 0.0
    _workers: t.Sequence[Json] = ()
    _found: t.Sequence[Json] = ()
    _source: Json = field(default_factory=dict)
    _ids: t.List[int] = field(default_factory=list)
    _asked_at: float = 0.0

    def run(self, _max_restarts: t.Optional[int] = None) -> Json:
        """The whole way of a single one; nothing of it restarts anything."""
        self.prepare()
        self.write()
        self.settle()
        return self.result()

    def prepare(self) -> None:
        """Look at the server and choose the workers."""
        self._source = _source_of(self.wanted)
        self._workers = chosen_workers(self.view, self.wanted)
        here = {worker["id"] for worker in self._workers}
        self._found = [
            row
            for row in self.view.files()
            if row.get("worker_id") in here
            if all((row.get(key) or None) == value for key, value in self._source.items())
        ]

    @property
    def changes(self) -> t.Dict[str, str]:
        """What has to be done, by the name of the worker."""
        by_worker = {row["worker_id"]: row for row in self._found}
        changes = {}
        for worker in self._workers:
            row = by_worker.get(worker["id"])
            if self.wanted.state != CACHED:
                action = "remove" if row else None
            elif row is None:
                action = "download"
            else:
                action = "download again" if row.get("state") == "error" else None
            if action:
                changes[worker["name"]] = action
        return changes

    def write(self) -> None:
        """Ask the server for what is missing, or to remove what is there."""
        if self.check_mode:
            return
        client, changes = self.view.client, self.changes
        by_worker = {row["worker_id"]: row for row in self._found}
        with self._telling_what_was_done():
            for worker in self._workers:
                action, row = changes.get(worker["name"]), by_worker.get(worker["id"])
                if action == "remove" and row:
                    client.delete_model_file(row["id"])
                elif action == "download":
                    row = client.create_model_file(dict(self._source, worker_id=worker["id"]))
                elif action and row:
                    client.reset_model_file(row["id"])
                self.touched = self.touched or action is not None
                if row and self.wanted.state == CACHED:
                    self._ids.append(row["id"])
        self._asked_at = client.clock.monotonic()

    def settle(self) -> None:
        """Wait until everything is on the disks."""
        if self.check_mode or self.waiter is None or not self._ids:
            return
        if not self.touched and all(row.get("state") == "ready" for row in self._found):
            return
        with self._telling_what_was_done():
            self.waited_s = Download(self.view, self.waiter, self._ids).wait(self._asked_at)

    @contextlib.contextmanager
    def _telling_what_was_done(self) -> t.Iterator[None]:
        before = self.view.client.writes
        try:
            yield
        except AutoconfigError as exc:
            exc.changed = self.touched = self.touched or self.view.client.writes > before
            raise

    def result(self) -> Json:
        """What the module returns."""
        changes = self.changes
        with self._telling_what_was_done():
            files = self._after()
        rows = []
        if changes:
            was = {name: None if action == "download" else "there" for name, action in changes.items()}
            rows = [Difference(FILES, changes, was)]
        return {
            "changed": bool(changes),
            "predicted": self.check_mode,
            "deployment": None,
            "before": None,
            "actions": [self.action] if changes else [],
            "restarts": [],
            "restart_required": False,
            "rollback": None,
            "waited_s": self.waited_s,
            "waiting": list(self.waiter.told) if self.waiter else [],
            "warnings": self.warnings,
            "diff": diff_of(rows, "model files %s" % self.wanted.fields.get("repository")),
            "files": files,
        }

    @property
    def action(self) -> str:
        return "cached" if self.wanted.state == CACHED else "uncached"

    def _after(self) -> t.List[Json]:
        rows = self._foreseen() if self.check_mode else self._found
        if self.touched:
            rows = [row for row in self.view.client.model_files() if row["id"] in self._ids]
        return [file_record(row, self._workers) for row in rows]

    def _foreseen(self) -> t.List[Json]:
        """The files as check mode knows them: new ones have no id, state and size yet."""
        if self.wanted.state != CACHED:
            return []
        there = {row["worker_id"] for row in self._found}
        new = [worker["id"] for worker in self._workers if worker["id"] not in there]
        return [*self._found, *(dict(self._source, id=None, worker_id=number) for number in new)]


def chosen_workers(view: View, wanted: Wanted) -> t.List[Json]:
    """The workers that the deployment may run on: of its GPUs, else with its labels, else all.

    :raises NotFound: there is none.
    """
    workers = view.workers()
    if wanted.pins is not None:
        ids = {gpu.worker["id"] for gpu in match_placement(wanted.pins, workers)}
        return [worker for worker in workers if worker["id"] in ids]
    chosen = [worker for worker in workers if worker.get("state") == "ready"]
    if wanted.cluster is not None:
        cluster = preflight.cluster_id(view.clusters(), wanted.cluster)
        chosen = [worker for worker in chosen if worker.get("cluster_id") == cluster]
    labels = (wanted.fields.get("worker_selector") or {}).items()
    chosen = [worker for worker in chosen if labels <= (worker.get("labels") or {}).items()]
    if wanted.fields.get("gpu_ids"):
        names = {gpu_id.split(":")[0] for gpu_id in wanted.fields["gpu_ids"]}
        chosen = [worker for worker in chosen if worker["name"] in names]
    if not chosen:
        raise NotFound(
            "No ready worker fits the options; workers: %s"
            % (", ".join(sorted("%s (%s)" % (row["name"], row.get("state")) for row in workers)) or "none"),
            hint="Check worker_selector, gpu_ids and cluster.",
        )
    return chosen


def _source_of(wanted: Wanted) -> Json:
    fields = wanted.fields
    if not fields.get("repository") or fields["source"] == "local_path":
        raise InvalidInput(
            "There is nothing to download: state: %s needs a source that is a hub" % wanted.state,
            hint="Give a plan, or source and repository.",
        )
    repository_key, file_key = SOURCE_KEYS[fields["source"]]
    source = {"source": fields["source"], repository_key: fields["repository"]}
    if file_key:
        source[file_key] = fields.get("file") or None
    return source
