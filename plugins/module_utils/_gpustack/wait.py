# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: polling until a deployment is as wanted."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    DeploymentFailed,
    NotFound,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.messages import hint_for
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.state import (
    Goal,
    Json,
    Sight,
    Verdict,
    judge,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import Clock

FIRST_PAUSE_S = 0.5
LOG_LINES = 30
LONGEST_PAUSE_S = 5.0


@dataclass
class Waiter:
    """Looks at one model again and again. Times in seconds."""

    client: GpustackClient
    clock: Clock
    limit_s: float
    progress: t.Callable[[str], None]
    _since: t.Dict[t.Tuple[int, str], float] = field(default_factory=dict)

    def wait(self, model_id: int, goal: Goal) -> t.Tuple[Sight, float]:
        """The first sight that fulfils the goal, and the seconds that it took.

        :raises DeploymentFailed: an instance failed for good, the time is over, or the model is gone.
        """
        sights: t.List[Sight] = []

        def look() -> t.Tuple[bool, str]:
            sight, verdict = self._look(model_id, goal)
            sights[:] = [sight]
            if verdict.problem:
                raise self._failed(verdict.problem, verdict.culprit)
            return verdict.done, verdict.states

        seconds = self.until(look, "The deployment was")
        return sights[0], seconds

    def _failed(self, problem: str, culprit: t.Optional[int]) -> DeploymentFailed:
        log = [] if culprit is None else self.client.log_tail(culprit, LOG_LINES)
        # GPUStack's message often says only that the engine ended; its log says why.
        hint = hint_for("\n".join([problem, *log]))
        said = "The deployment failed: %s" % problem
        return DeploymentFailed(said, hint=hint, log_tail=log) if log else DeploymentFailed(said, hint=hint)

    def until(self, look: t.Callable[[], t.Tuple[bool, str]], subject: str) -> float:
        """Seconds until ``look`` says that it is done; new words of it are passed to ``progress``.

        :raises DeploymentFailed: the time is over, with the last words.
        """
        begin, pause, shown = self.clock.monotonic(), FIRST_PAUSE_S, ""
        while True:
            try:
                done, words = look()
            except Unavailable as exc:
                # A server that restarts meanwhile is no failure of what it runs.
                done, words = False, exc.message
            if done:
                return round(self.clock.monotonic() - begin, 1)
            if self.clock.monotonic() - begin >= self.limit_s:
                raise DeploymentFailed(
                    "%s not ready after %g s; last state: %s" % (subject, self.limit_s, words),
                    hint="Raise wait_timeout_s if it still makes progress. %s" % hint_for(words),
                )
            if words != shown:
                shown = words
                self.progress(shown)
            self.clock.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)

    def _look(self, model_id: int, goal: Goal) -> t.Tuple[Sight, Verdict]:
        try:
            model, instances = self.client.model(model_id), self.client.instances(model_id)
        except NotFound as exc:
            raise DeploymentFailed(
                "The deployment was deleted while this run waited for it",
                hint="Somebody else manages it as well; agree on one.",
            ) from exc
        sight = Sight(model, instances, self._held(instances))
        return sight, judge(sight, goal)

    def _held(self, instances: t.Sequence[Json]) -> t.Dict[int, float]:
        now = self.clock.monotonic()
        return {
            instance["id"]: now - self._since.setdefault((instance["id"], instance["state"]), now)
            for instance in instances
        }
