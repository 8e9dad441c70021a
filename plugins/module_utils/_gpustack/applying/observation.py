# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one look at a deployment means beside the looks before it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import (
    SOURCE_KEYS,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.download_progress import (
    Progress,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import Snapshot

DOWNLOADING = "downloading"
# So often it is asked for the size of a file, which its worker reports some time after the start.
SIZE_QUESTIONS = 5
# GPUStack leaves an instance as it is for minutes when its worker is lost.
STUCK_S = 30.0


@dataclass
class Observer:
    """Remembers by instance id. Times in seconds, sizes in bytes."""

    client: GpustackClient
    clock: Clock
    _since: t.Dict[t.Tuple[int, str], float] = field(default_factory=dict)
    _sizes: t.Dict[int, int] = field(default_factory=dict)
    _asked: t.Dict[int, int] = field(default_factory=dict)
    _progress: Progress = field(default_factory=Progress)

    def snapshot(self, model: Json, instances: t.Sequence[Json]) -> Snapshot:
        """The deployment with how long each instance is in its state, and how far each download is."""
        now_s = self.clock.monotonic()
        loading = [each for each in instances if each["state"] == DOWNLOADING]
        self._learn_sizes(loading)
        held_s = {
            each["id"]: now_s - self._since.setdefault((each["id"], each["state"]), now_s)
            for each in instances
        }
        downloads = {
            each["id"]: self._progress.words(
                each["id"], each.get("download_progress"), self._sizes.get(each["id"]), now_s
            )
            for each in loading
        }
        return Snapshot(model, instances, held_s, downloads)

    def lost_workers(self, snapshot: Snapshot) -> str:
        """In words, the workers that are not ready of instances that do not get on."""
        stuck = {
            each["worker_id"]: each.get("worker_name")
            for each in snapshot.instances
            if each["state"] != "running" and each.get("worker_id")
            if snapshot.held_s[each["id"]] >= STUCK_S
        }
        if not stuck:
            return ""
        try:
            states = {worker["id"]: worker.get("state") for worker in self.client.workers()}
        except AutoconfigError:
            return ""
        return "".join(
            "; the worker %s is %s" % (name, states.get(number, "gone"))
            for number, name in stuck.items()
            if states.get(number) != "ready"
        )

    def _learn_sizes(self, loading: t.Sequence[Json]) -> None:
        """An instance knows the share of its download only; the record of the file has the size."""
        new = [
            each
            for each in loading
            if each["id"] not in self._sizes and self._asked.get(each["id"], 0) < SIZE_QUESTIONS
        ]
        if not new:
            return
        try:
            files = self.client.model_files()
        except AutoconfigError:
            files = []
        for each in new:
            self._asked[each["id"]] = self._asked.get(each["id"], 0) + 1
            sizes = [row["size"] for row in files if _is_of(row, each) and row.get("size")]
            if sizes:
                self._sizes[each["id"]] = sizes[0]


def sign_of(snapshot: Snapshot) -> t.Hashable:
    """Another value where a deployment has got on since: what words add, such as a speed, does not count."""
    rows = (
        (
            each["id"],
            each["state"],
            each.get("state_message") or "",
            each.get("download_progress") or 0.0,
            each.get("restart_count") or 0,
        )
        for each in snapshot.instances
    )
    return (snapshot.model.get("ready_replicas") or 0, *rows)


def _is_of(file: Json, instance: Json) -> bool:
    """Whether a model file is what an instance waits for."""
    keys = ("worker_id", "source", *(key for pair in SOURCE_KEYS.values() for key in pair if key))
    return all((file.get(key) or None) == (instance.get(key) or None) for key in keys)
