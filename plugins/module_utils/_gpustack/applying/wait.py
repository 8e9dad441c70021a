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
    DOWNLOADING,
    Observer,
    sign_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.failure_messages import (
    hint_for,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    Goal,
    Json,
    Snapshot,
    Verdict,
    expected_instances,
    judge,
)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
# GPUStack writes a model's own state a moment after that of its last instance.
AFTER_NEWS_S = 0.2
# A look in spite of the stream, which may have lost something.
LOOK_EVERY_S = 60.0
LOG_LINES = 30
SIGN_LINES = 3
TOLD = 20
# Without a sign of progress for so long, waiting ends.
STALL_S = 600.0
# Lines that everybody sees: the first soon, and then not more often than that.
FIRST_LINE_S = 10.0
LINE_EVERY_S = 30.0
# So long nothing has to be new until an engine's log is asked, now and then, whether it still gets on.
QUIET_LOG_S = 120.0
LOG_EVERY_S = 60.0
_RESUME = (
    "What is downloaded stays on the workers, and a download that was not finished goes on there: run the same again "
    "to wait for it."
)

Listen = t.Callable[[t.Callable[[], bool]], bool]
Sign = t.Callable[[float], t.Hashable]


def _hear_nothing(_enough: t.Callable[[], bool]) -> bool:
    """Where the server has nothing to tell by itself."""
    return False


def _to_nobody(_line: str) -> None:
    """Where nobody watches."""


@dataclass
class Waiter:
    """Looks at something until it is as wanted, and listens to the server in between. Times in seconds.

    Waiting ends when nothing has got on for ``stall_s``, and after ``limit_s`` where that is set. The
    limit is that of one step. It counts from ``since`` where that is given, a moment of ``clock``:
    what the server does by itself goes on while others are waited for. ``progress`` is told each
    change, ``announce`` now and then how it stands.
    """

    client: GpustackClient
    clock: Clock
    limit_s: t.Optional[float]
    progress: t.Callable[[str], None]
    stall_s: float = STALL_S
    announce: t.Callable[[str], None] = _to_nobody
    # The last of what was told, for the result.
    told: t.Deque[str] = field(default_factory=lambda: deque(maxlen=TOLD))

    def __post_init__(self) -> None:
        self._observer = Observer(self.client, self.clock)
        self._announced: t.Optional[float] = None
        self._log: t.Tuple[str, ...] = ()
        self._log_read: t.Optional[float] = None

    def wait(self, model_id: int, goal: Goal, since: t.Optional[float] = None) -> t.Tuple[Snapshot, float]:
        """The first snapshot of a model that fulfils the goal, and the seconds that it took.

        :raises DeploymentFailed: an instance failed for good, the time is over, or the model is gone.
        """
        snapshots: t.List[Snapshot] = []

        def look() -> t.Tuple[bool, str]:
            snapshot, verdict = self._look(model_id, goal)
            snapshots[:] = [snapshot]
            if verdict.problem:
                raise self._failed(verdict.problem, verdict.culprit, snapshot)
            return verdict.done, verdict.states

        def matters(instances: t.Sequence[Json]) -> bool:
            snapshot = self._observer.snapshot(snapshots[0].model, instances)
            self.tell(judge(snapshot, goal).states)
            return _may_be_over(snapshot, goal)

        def sign(still_s: float) -> t.Hashable:
            if snapshots and still_s >= min(QUIET_LOG_S, self.stall_s / 2):
                self._read_log(snapshots[0])
            return (sign_of(snapshots[0]) if snapshots else None, self._log)

        watch = Watch(
            self.client, "/v2/model-instances", {"model_id": model_id}, row_shapes.INSTANCE, matters
        )

        def listen(enough: t.Callable[[], bool]) -> bool:
            return bool(snapshots) and not _may_be_over(snapshots[0], goal) and watch.wait(enough)

        seconds = self.until(look, "The deployment was", listen, since, sign)
        return snapshots[0], seconds

    def until(
        self,
        look: t.Callable[[], t.Tuple[bool, str]],
        subject: str,
        listen: Listen = _hear_nothing,
        since: t.Optional[float] = None,
        sign: t.Optional[Sign] = None,
        goal: str = "ready",
    ) -> float:
        """Seconds until ``look`` says that it is done; new words of it are passed to ``progress``.

        ``listen`` returns whether it heard something, at the latest when what it is given says so. ``sign``
        is another value where something has got on, asked with the seconds since it last was; without it,
        the words of ``look`` are. ``goal`` is what it has become then, in a word.

        :raises DeploymentFailed: the time is over, or nothing got on, with the last words.
        """
        begin, pause = self.clock.monotonic(), FIRST_PAUSE_S
        limit = _Limit(self.clock, self.limit_s, self.stall_s, begin if since is None else since)
        while True:
            looked = self.clock.monotonic()
            try:
                done, words = look()
            except Unavailable as exc:
                # A server that restarts meanwhile is no failure of what it runs.
                done, words = False, exc.message
            if done:
                return round(self.clock.monotonic() - begin, 1)
            limit.sees(sign(limit.still_s) if sign else words)
            over = limit.over()
            if over:
                hint = "%s %s" % (over[1], _RESUME if DOWNLOADING in words else hint_for(words))
                said = "%s not %s%s; last state: %s" % (subject, goal, over[0], words)
                raise DeploymentFailed(said, hint=hint)
            self.tell(words)
            # Shortly before the end only looking keeps to the limit.
            enough_at = min(limit.end - QUIET_S, looked + LOOK_EVERY_S)
            if self._before(enough_at) and listen(lambda: not self._before(enough_at)):  # noqa: B023
                pause = AFTER_NEWS_S
            self.clock.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)

    def tell(self, words: str) -> None:
        """Pass on what was not the last that was told."""
        if not self.told or words != self.told[-1]:
            self.told.append(words)
            self.progress(words)
        now_s = self.clock.monotonic()
        if self._announced is None:
            self._announced = now_s - LINE_EVERY_S + FIRST_LINE_S
        if now_s - self._announced >= LINE_EVERY_S:
            self._announced = now_s
            self.announce(words)

    def _read_log(self, snapshot: Snapshot) -> None:
        """The last lines of engines that are starting: they get on although their state stays."""
        now_s = self.clock.monotonic()
        if self._log_read is not None and now_s - self._log_read < min(LOG_EVERY_S, self.stall_s / 4):
            return
        lines: t.List[str] = []
        for each in snapshot.instances:
            if each["state"] in ("starting", "initializing") and each.get("worker_id"):
                lines += self.client.log_tail(each["id"], SIGN_LINES)
        self._log, self._log_read = tuple(lines), now_s

    def _before(self, moment: float) -> bool:
        return self.clock.monotonic() < moment

    def _failed(self, problem: str, culprit: t.Optional[int], snapshot: Snapshot) -> DeploymentFailed:
        log = [] if culprit is None else self.client.log_tail(culprit, LOG_LINES)
        # GPUStack's message often says only that the engine ended; its log says why.
        hint = hint_for(problem, log)
        if any(each["state"] == DOWNLOADING for each in snapshot.instances):
            hint = "%s %s" % (hint, _RESUME)
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


class _Limit:
    """When waiting ends, by ``clock``: in total, where ``total_s`` is set, and without a new sign."""

    def __init__(self, clock: Clock, total_s: t.Optional[float], stall_s: float, since: float) -> None:
        self._clock, self._total_s, self._stall_s = clock, total_s, stall_s
        self._total_end = float("inf") if total_s is None else since + total_s
        self._last: t.Hashable = None
        self._moved = clock.monotonic()

    @property
    def still_s(self) -> float:
        """Seconds since something got on."""
        return self._clock.monotonic() - self._moved

    @property
    def end(self) -> float:
        """The moment at which waiting ends if nothing gets on."""
        return min(self._total_end, self._moved + self._stall_s)

    def sees(self, sign: t.Hashable) -> None:
        """One look."""
        if sign != self._last:
            self._last, self._moved = sign, self._clock.monotonic()

    def over(self) -> t.Optional[t.Tuple[str, str]]:
        """(what is over, what to set), or None."""
        if self._clock.monotonic() < self.end:
            return None
        if self._total_end <= self._moved + self._stall_s:
            return " after %g s" % (self._total_s or 0), "Raise wait_timeout_s, or leave it out."
        return (
            ", and nothing got on for %g s" % self._stall_s,
            "Raise stall_timeout_s if it needs longer without a sign.",
        )


def _may_be_over(snapshot: Snapshot, goal: Goal) -> bool:
    """Whether a closer look may end the waiting: but for the model's own state, or for a grace period."""
    expected = expected_instances(snapshot.model)
    verdict = judge(
        replace(snapshot, model=dict(snapshot.model, state="running", ready_replicas=expected)), goal
    )
    graces = any(
        each["state"] == "error" or (each["state"] == "pending" and each.get("state_message"))
        for each in snapshot.instances
    )
    return verdict.done or bool(verdict.problem) or graces
