# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a deployment is as wanted."""

from __future__ import annotations

import typing as t
from collections import deque
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DeploymentFailed,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api import row_shapes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.watch import QUIET_S, Watch
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.observation import (
    Observer,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.failure_messages import (
    hint_for,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    Json,
    Snapshot,
    Verdict,
    judge,
)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
# GPUStack writes a model's own state a moment after that of its last instance.
AFTER_NEWS_S = 0.2
# A look in spite of the stream, which may have lost something.
LOOK_EVERY_S = 60.0
LOG_LINES = 30
TOLD = 20

Listen = t.Callable[[t.Callable[[], bool]], bool]


def _hear_nothing(_enough: t.Callable[[], bool]) -> bool:
    """Where the server has nothing to tell by itself."""
    return False


@dataclass
class Waiter:
    """Looks at something until it is as wanted, and listens to the server in between. Times in seconds.

    The limit is that of one step. It counts from ``since`` where that is given, a moment of ``clock``:
    what the server does by itself goes on while others are waited for.
    """

    client: GpustackClient
    clock: Clock
    limit_s: float
    progress: t.Callable[[str], None]
    # The last of what was told, for the result.
    told: t.Deque[str] = field(default_factory=lambda: deque(maxlen=TOLD))

    def __post_init__(self) -> None:
        self._observer = Observer(self.client, self.clock)

    def wait(self, model_id: int, goal: Goal, since: t.Optional[float] = None) -> t.Tuple[Snapshot, float]:
        """The first snapshot of a model that fulfils the goal, and the seconds that it took.

        :raises DeploymentFailed: an instance failed for good, the time is over, or the model is gone.
        """
        snapshots: t.List[Snapshot] = []

        def look() -> t.Tuple[bool, str]:
            snapshot, verdict = self._look(model_id, goal)
            snapshots[:] = [snapshot]
            if verdict.problem:
                raise self._failed(verdict.problem, verdict.culprit)
            return verdict.done, verdict.states

        def matters(instances: t.Sequence[Json]) -> bool:
            snapshot = self._observer.snapshot(snapshots[0].model, instances)
            self.tell(judge(snapshot, goal).states)
            return _may_be_over(snapshot, goal)

        watch = Watch(
            self.client, "/v2/model-instances", {"model_id": model_id}, row_shapes.INSTANCE, matters
        )

        def listen(enough: t.Callable[[], bool]) -> bool:
            return bool(snapshots) and not _may_be_over(snapshots[0], goal) and watch.wait(enough)

        seconds = self.until(look, "The deployment was", listen, since)
        return snapshots[0], seconds

    def until(
        self,
        look: t.Callable[[], t.Tuple[bool, str]],
        subject: str,
        listen: Listen = _hear_nothing,
        since: t.Optional[float] = None,
    ) -> float:
        """Seconds until ``look`` says that it is done; new words of it are passed to ``progress``.

        ``listen`` returns whether it heard something, at the latest when what it is given says so.

        :raises DeploymentFailed: the time is over, with the last words.
        """
        begin, pause = self.clock.monotonic(), FIRST_PAUSE_S
        end = (begin if since is None else since) + self.limit_s
        while True:
            looked = self.clock.monotonic()
            try:
                done, words = look()
            except Unavailable as exc:
                # A server that restarts meanwhile is no failure of what it runs.
                done, words = False, exc.message
            if done:
                return round(self.clock.monotonic() - begin, 1)
            if not self._before(end):
                raise DeploymentFailed(
                    "%s not ready after %g s; last state: %s" % (subject, self.limit_s, words),
                    hint="Raise wait_timeout_s if it still makes progress. %s" % hint_for(words),
                )
            self.tell(words)
            # Shortly before the end only looking keeps to the limit.
            enough_at = min(end - QUIET_S, looked + LOOK_EVERY_S)
            if self._before(enough_at) and listen(lambda: not self._before(enough_at)):  # noqa: B023
                pause = AFTER_NEWS_S
            self.clock.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)

    def tell(self, words: str) -> None:
        """Pass on what was not the last that was told."""
        if not self.told or words != self.told[-1]:
            self.told.append(words)
            self.progress(words)

    def _before(self, moment: float) -> bool:
        return self.clock.monotonic() < moment

    def _failed(self, problem: str, culprit: t.Optional[int]) -> DeploymentFailed:
        log = [] if culprit is None else self.client.log_tail(culprit, LOG_LINES)
        # GPUStack's message often says only that the engine ended; its log says why.
        hint = hint_for(problem, log)
        said = "The deployment failed: %s" % problem
        return DeploymentFailed(said, hint=hint, log_tail=log) if log else DeploymentFailed(said, hint=hint)

    def _look(self, model_id: int, goal: Goal) -> t.Tuple[Snapshot, Verdict]:
        try:
            model, instances = self.client.model(model_id), self.client.instances(model_id)
        except NotFound as exc:
            raise DeploymentFailed(
                "The deployment was deleted while this run waited for it",
                hint="Somebody else manages it as well; agree on one.",
            ) from exc
        snapshot = self._observer.snapshot(model, instances)
        verdict = judge(snapshot, goal)
        return snapshot, replace(verdict, states=verdict.states + self._observer.lost_workers(snapshot))


def _may_be_over(snapshot: Snapshot, goal: Goal) -> bool:
    """Whether a closer look may end the waiting: but for the model's own state, or for a grace period."""
    expected = snapshot.model.get("replicas")
    verdict = judge(
        replace(snapshot, model=dict(snapshot.model, state="running", ready_replicas=expected)), goal
    )
    graces = any(
        each["state"] == "error" or (each["state"] == "pending" and each.get("state_message"))
        for each in snapshot.instances
    )
    return verdict.done or bool(verdict.problem) or graces
