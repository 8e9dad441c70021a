# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model files on their way to workers."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DeploymentFailed,
    excerpt,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api import row_shapes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.watch import Watch
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.download_progress import (
    Progress,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.failure_messages import (
    hint_for,
)

MESSAGE_LENGTH = 700


@dataclass
class Download:
    """Watches model files until all are ready. Times in seconds."""

    view: View
    waiter: Waiter
    ids: t.Sequence[int]
    _progress: Progress = field(default_factory=Progress)
    _sign: t.Hashable = None

    def wait(self, since: float) -> float:
        """The seconds that it took; ``since`` is when the server was told.

        :raises DeploymentFailed: a download failed, vanished, or the time is over.
        """
        watch = Watch(self.waiter.client, "/v2/model-files", {}, row_shapes.MODEL_FILE, self._matters)
        return self.waiter.until(
            self._look, "The model files were", watch.wait, since, lambda _still_s: self._sign
        )

    def _look(self) -> t.Tuple[bool, str]:
        rows = self._ours(self.view.client.model_files())
        for row in rows:
            if row.get("state") == "error":
                said = excerpt(row.get("state_message") or "no message", MESSAGE_LENGTH)
                raise DeploymentFailed(
                    "The download on %s failed: %s" % (self._worker(row), said), hint=hint_for(said)
                )
        if len(rows) < len(self.ids):
            raise DeploymentFailed(
                "Model files were removed while this run waited for them",
                hint="Somebody else manages them as well; agree on one.",
            )
        self._sign = tuple((row["id"], row.get("state"), row.get("download_progress")) for row in rows)
        return all(row.get("state") == "ready" for row in rows), self._words(rows)

    def _matters(self, told: t.List[Json]) -> bool:
        rows = self._ours(told)
        if len(rows) < len(self.ids):
            # The stream begins with the rows that there are, one by one.
            return False
        self.waiter.tell(self._words(rows))
        return all(row.get("state") != "downloading" for row in rows)

    def _ours(self, rows: t.Sequence[Json]) -> t.List[Json]:
        return [row for row in rows if row["id"] in self.ids]

    def _words(self, rows: t.Sequence[Json]) -> str:
        now_s = self.waiter.clock.monotonic()
        lines = []
        for row in rows:
            said = ""
            if row.get("state") == "downloading":
                said = self._progress.words(row["id"], row.get("download_progress"), row.get("size"), now_s)
            lines.append("%s %s%s" % (self._worker(row), row.get("state"), said))
        return ", ".join(lines)

    def _worker(self, row: Json) -> str:
        names = [worker["name"] for worker in self.view.workers() if worker["id"] == row.get("worker_id")]
        return names[0] if names else "a worker"
