# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A completion that comes as server-sent events, and when its tokens came."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_limits import Lines
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    problem_of,
    record,
    table,
    text,
)

# Engines with a reasoning parser put the first tokens there; the name differs between versions.
CONTENT = ("content", "reasoning_content", "reasoning")

_CHOICE = record({}, {"delta": table(anything), "text": text()})
_EVENT = record({}, {"choices": items(_CHOICE)})


class EventStream:
    """Takes the bytes of one streamed answer as they arrive.

    A token is an event with content: engines send one event per token, or more under load.
    ``is_whole`` tells whether the engine said that it was done: a connection that ends early looks like any end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._lines = Lines()
        self.events = 0
        self.is_whole = False
        self._texts: t.List[str] = []
        self.token_times: t.List[float] = []
        self.model: t.Optional[str] = None
        self.usage: t.Optional[t.Mapping[str, t.Any]] = None
        self.problem: t.Optional[str] = None
        self.error: t.Optional[str] = None

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def take(self, part: bytes) -> None:
        """Parse the lines that are complete now."""
        for line in self._lines.of(part):
            name, _colon, value = line.strip().partition(b":")
            if name == b"data" and value.strip() == b"[DONE]":
                self.is_whole = True
            elif name == b"data":
                self._event(value)

    def ms_until(self, moment: float) -> float:
        """Milliseconds from the request to this moment of the clock."""
        return round((moment - self._started) * 1000, 1)

    @property
    def inter_token_ms(self) -> t.Optional[float]:
        """The mean gap between two tokens in milliseconds, None below two tokens."""
        gaps = len(self.token_times) - 1
        if gaps < 1:
            return None
        return round((self.token_times[-1] - self.token_times[0]) * 1000 / gaps, 2)

    def _event(self, value: bytes) -> None:
        try:
            event = json_value(value)
        except Undecodable as exc:
            self.problem = "an event %s" % exc
            return
        self.problem = problem_of(_EVENT, event)
        if self.problem is not None:
            return
        if event.get("error"):
            self.error = json.dumps(event["error"])
            return
        text, is_last = _content(event), _is_last(event)
        self.events += 1
        self.is_whole = self.is_whole or is_last
        if text:
            self.token_times.append(self._clock.monotonic())
            self._texts.append(text)
        if isinstance(event.get("model"), str):
            self.model = event["model"]
        if isinstance(event.get("usage"), dict):
            self.usage = event["usage"]


def _is_last(event: t.Mapping[str, t.Any]) -> bool:
    return any(choice.get("finish_reason") for choice in event.get("choices") or [])


def _content(event: t.Mapping[str, t.Any]) -> str:
    if not event.get("choices"):
        return ""
    choice = event["choices"][0]
    delta = choice.get("delta") or {"content": choice.get("text")}
    return next(
        (part for part in (delta.get(name) for name in CONTENT) if isinstance(part, str) and part), ""
    )
