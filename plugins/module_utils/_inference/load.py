# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A timed, bounded load on one endpoint; answers of texts are streamed."""

from __future__ import annotations

import math
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import (
    STREAMED,
    Answer,
    InferenceClient,
    Question,
)

MOST_CONCURRENT = 100
MOST_REQUESTS = 10000
_PERCENTILES = (50, 95, 99)
_SHOWN_ERRORS = 3
_WORDS = ("alpha", "bravo", "delta", "echo", "golf", "hotel", "india", "lima", "oscar", "tango")


@dataclass(frozen=True)
class LoadPlan:
    """How much is asked. Prompts are about ``input_tokens`` long, one word each, and all different.

    No request starts after ``duration_s``. Each thread waits ``pause_s`` behind each answer, so that a service can be
    watched for long. With ``give_up_after`` errors the load ends. Raises InvalidInput outside the bounds.
    """

    kind: str
    model: str
    concurrency: int
    requests: int
    input_tokens: int
    output_tokens: int
    duration_s: float
    pause_s: float = 0.0
    give_up_after: t.Optional[int] = None

    def __post_init__(self) -> None:
        if self.pause_s < 0:
            raise InvalidInput("load.pause_s must be 0 or more: %g" % self.pause_s)
        for name, value, most in (
            ("concurrency", self.concurrency, MOST_CONCURRENT),
            ("requests", self.requests, MOST_REQUESTS),
            ("input_tokens", self.input_tokens, 1 << 20),
            ("output_tokens", self.output_tokens, 1 << 20),
            ("duration_s", self.duration_s, 86400),
        ):
            if not 1 <= value <= most:
                raise InvalidInput("load.%s must be from 1 to %d: %g" % (name, most, value))

    def question(self, number: int) -> Question:
        """The request of this number. Its first words are its own: no answer comes from a prefix cache."""
        words = ["%d" % number]
        words += [_WORDS[(number + place) % len(_WORDS)] for place in range(self.input_tokens - 1)]
        return Question(self.kind, self.model, " ".join(words), self.output_tokens)


@dataclass(frozen=True)
class Limits:
    """What fails the load; None is unlimited. Milliseconds are 95th percentiles."""

    max_errors: int = 0
    max_latency_ms: t.Optional[float] = None
    max_first_token_ms: t.Optional[float] = None
    max_inter_token_ms: t.Optional[float] = None
    min_tokens_per_s: t.Optional[float] = None

    def broken(self, figures: t.Mapping[str, t.Any]) -> t.List[str]:
        """One phrase per limit that these figures of ``run_load`` do not keep."""
        found = []
        if figures["errors"] > self.max_errors:
            found.append("%d errors, allowed %d" % (figures["errors"], self.max_errors))
        for name, most in (
            ("latency_ms", self.max_latency_ms),
            ("first_token_ms", self.max_first_token_ms),
            ("inter_token_ms", self.max_inter_token_ms),
        ):
            value = figures[name]["p95"]
            if most is not None and (value is None or value > most):
                found.append("%s p95 %s, allowed %g" % (name, value, most))
        least = self.min_tokens_per_s
        if least is not None and figures["output_tokens_per_s"] < least:
            found.append("output_tokens_per_s %s, wanted %g" % (figures["output_tokens_per_s"], least))
        return found


class _Tally:
    """Collects answers and errors of all threads, and hands out request numbers."""

    def __init__(self, plan: LoadPlan, clock: Clock) -> None:
        self._plan, self._clock = plan, clock
        self._started = clock.monotonic()
        self._lock = threading.Lock()
        self._next = 0
        self.answers: t.List[Answer] = []
        self.errors: t.List[str] = []

    @property
    def seconds(self) -> float:
        return self._clock.monotonic() - self._started

    def number(self) -> t.Optional[int]:
        """The next request's number, None when enough was asked or the time is over."""
        with self._lock:
            enough = self._next >= self._plan.requests or self.seconds >= self._plan.duration_s
            worst = self._plan.give_up_after
            if enough or (worst is not None and len(self.errors) >= worst):
                return None
            self._next += 1
            return self._next

    def add(self, answer: t.Optional[Answer], error: t.Optional[str]) -> None:
        with self._lock:
            if answer is not None:
                self.answers.append(answer)
            if error is not None:
                self.errors.append(error)


def run_load(client: InferenceClient, plan: LoadPlan, clock: Clock) -> t.Dict[str, t.Any]:
    """Ask everything and return the figures; errors are counted and not raised."""
    tally = _Tally(plan, clock)
    ask = client.ask_streamed if plan.kind in STREAMED else client.ask

    def worker() -> None:
        number = tally.number()
        while number is not None:
            try:
                tally.add(ask(plan.question(number)), None)
            except AutoconfigError as exc:
                tally.add(None, exc.message)
            if plan.pause_s:
                clock.sleep(max(0.0, min(plan.pause_s, plan.duration_s - tally.seconds)))
            number = tally.number()

    with ThreadPoolExecutor(max_workers=plan.concurrency) as pool:
        for done in [pool.submit(worker) for _thread in range(plan.concurrency)]:
            done.result()
    return _figures(tally, tally.seconds)


def check_limits(figures: t.Mapping[str, t.Any], limits: Limits) -> None:
    """Raise ProbeFailed, with the figures, unless all limits are kept."""
    broken = limits.broken(figures)
    if broken:
        seen = "; ".join(figures["error_samples"])
        raise ProbeFailed(
            "The load does not keep its limits: %s%s" % ("; ".join(broken), seen and " (%s)" % seen),
            hint="Lower the concurrency, raise the limits, or look at the engine's metrics.",
            load=dict(figures),
        )


def _figures(tally: _Tally, seconds: float) -> t.Dict[str, t.Any]:
    answers = tally.answers
    output = sum(_tokens(answer, "completion_tokens", answer.tokens) for answer in answers)
    spread: t.Dict[str, t.List[t.Optional[float]]] = {
        "first_token_ms": [answer.first_token_ms for answer in answers],
        "inter_token_ms": [answer.inter_token_ms for answer in answers],
        "latency_ms": [answer.latency_ms for answer in answers],
    }
    figures: t.Dict[str, t.Any] = {
        "requests": len(answers) + len(tally.errors),
        "errors": len(tally.errors),
        "error_samples": sorted(set(tally.errors))[:_SHOWN_ERRORS],
        "seconds": round(seconds, 3),
        "requests_per_s": _rate(len(answers), seconds),
        "input_tokens": sum(_tokens(answer, "prompt_tokens", 0) for answer in answers),
        "output_tokens": output,
        "output_tokens_per_s": _rate(output, seconds),
    }
    for name, values in spread.items():
        figures[name] = percentiles([value for value in values if value is not None])
    return figures


def percentiles(values: t.Sequence[float]) -> t.Dict[str, t.Optional[float]]:
    """Mean and nearest-rank percentiles, all None without values."""
    if not values:
        return dict({"mean": None}, **{"p%d" % rank: None for rank in _PERCENTILES})
    ordered = sorted(values)
    found = {"p%d" % rank: ordered[math.ceil(rank / 100 * len(ordered)) - 1] for rank in _PERCENTILES}
    return dict({"mean": round(sum(ordered) / len(ordered), 2)}, **found)


def _tokens(answer: Answer, name: str, otherwise: int) -> int:
    counted = foreign.whole((answer.usage or {}).get(name))
    return otherwise if counted is None else counted


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 2) if seconds > 0 else 0.0
