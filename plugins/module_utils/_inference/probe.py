# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks until an endpoint really answers, for a limited time."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    ProbeFailed,
    Unavailable,
    excerpt,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_tls import NotTrusted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import (
    Answer,
    InferenceClient,
    Question,
)

# Key caches, routes and engines answer so for some time after a deployment.
PASSING = frozenset((401, 403, 404, 429, 502, 503, 504))
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0

Got = t.TypeVar("Got")


@dataclass
class Patience:
    """Repeats what fails in a passing way until ``seconds`` have gone since the first attempt.

    Who is ``keyless`` is not let in later either.
    """

    seconds: float
    clock: Clock
    progress: t.Callable[[str], None]
    keyless: bool = False
    attempts: int = 0

    def __post_init__(self) -> None:
        self._started = self.clock.monotonic()

    def until_done(self, action: t.Callable[[], Got], what: str) -> Got:
        """What ``action`` gives at last; raises ProbeFailed with the last answer and the time tried."""
        pause = FIRST_PAUSE_S
        while True:
            self.attempts += 1
            try:
                return action()
            except AutoconfigError as exc:
                left = self.seconds - self._waited_s()
                refused = self.keyless and exc.details.get("status") == 401
                if left <= 0 or refused or not _is_passing(exc):
                    raise self._failed(exc, what) from exc
                self.progress("attempt %d: %s" % (self.attempts, exc.message))
            self.clock.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _waited_s(self) -> float:
        return self.clock.monotonic() - self._started

    def _failed(self, exc: AutoconfigError, what: str) -> ProbeFailed:
        return ProbeFailed(
            "%s failed after %d attempt%s in %.0f s; the last answer: %s"
            % (what, self.attempts, "" if self.attempts == 1 else "s", self._waited_s(), exc.message),
            hint=exc.hint
            or "Look at the state and the log of what serves the model, or be patient for longer.",
            cause=exc.code,
            status=exc.details.get("status"),
            attempts=self.attempts,
        )


def _is_passing(exc: AutoconfigError) -> bool:
    status = exc.details.get("status")
    if isinstance(exc, NotTrusted):
        return False
    return isinstance(exc, Unavailable) if status is None else status in PASSING


@dataclass(frozen=True)
class Checks:
    """What a probe looks at beside the answer itself."""

    health_url: t.Optional[str] = None
    listed: bool = False
    streamed: bool = False
    expect: t.Optional[t.Pattern[str]] = None


def probe(
    client: InferenceClient, question: Question, patience: Patience, checks: t.Optional[Checks] = None
) -> Answer:
    """The first real answer, after the checks that are wanted; all share the patience."""
    checks = checks or Checks()
    health_url = checks.health_url
    if health_url is not None:
        patience.until_done(lambda: client.check_health(health_url), "The health check")
    if checks.listed:
        patience.until_done(lambda: _check_listed(client, question.model), "The look at the list of models")
    ask = client.ask_streamed if checks.streamed else client.ask
    answer = patience.until_done(
        lambda: ask(question), "The probe (%s) of the model %s" % (question.kind, question.model)
    )
    expect = checks.expect
    if expect is not None and not expect.search(answer.text):
        raise ProbeFailed(
            "The model %s answered %r, which does not match expect (%s)"
            % (question.model, excerpt(answer.text), expect.pattern),
            hint="Check that the right model is served, or write expect or prompt otherwise.",
        )
    return answer


def _check_listed(client: InferenceClient, model: str) -> None:
    """Raise Unavailable, which passes, while the endpoint does not list the model."""
    names = client.models()
    if model not in names:
        raise Unavailable(
            "the endpoint lists %d models and not %s" % (len(names), model),
            hint="Check the model's name and state, and that this key may use it.",
        )
