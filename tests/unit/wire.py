# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wire without a network: expected requests, each answered once, none may be left."""

from __future__ import annotations

import json
import threading
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions

Answer = t.Union[httpx.Response, Exception]


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.slept: t.List[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Wire:
    """Answers by "METHOD path?query", the oldest expectation first; any order between different ones."""

    clock: FakeClock = field(default_factory=FakeClock)
    seen: t.List[httpx.Request] = field(default_factory=list)
    _expected: t.List[t.Tuple[str, Answer]] = field(default_factory=list)
    _absent: t.List[str] = field(default_factory=list)
    _standing: t.Dict[str, t.Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expect(
        self,
        call: str,
        status: int = 200,
        body: t.Any = None,
        headers: t.Optional[t.Mapping[str, str]] = None,
        error: t.Optional[Exception] = None,
    ) -> None:
        """``body`` is bytes, an iterator of bytes that are sent as they are asked for, or becomes JSON."""
        said = dict(headers or {})
        raw = isinstance(body, (bytes, Iterator))
        content = body if raw else json.dumps(body).encode()
        if not raw:
            said.setdefault("content-type", "application/json")
        self._expected.append((call, error or httpx.Response(status, headers=said, content=content)))

    def lacks(self, part: str) -> None:
        """Calls with ``part`` in them that are not expected get 404, and are not seen, however many come."""
        self._absent.append(part)

    def stands(self, call: str, body: t.Any) -> None:
        """Calls that are not expected otherwise get ``body``, and are not seen, however many come."""
        self._standing[call] = body

    def options(self, **changes: t.Any) -> HttpOptions:
        return HttpOptions(
            transport=httpx.MockTransport(lambda request: self.answer(request)), clock=self.clock, **changes
        )

    def calls(self) -> t.List[str]:
        return [_call(request) for request in self.seen]

    def left(self) -> t.List[str]:
        return [call for call, _answer in self._expected]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the server answers. Tests put something else in its place to hold an answer back."""
        names = (_call(request), "%s %s" % (request.method, request.url))
        with self._lock:
            if self._is_absent(names):
                return httpx.Response(404, json={"detail": "Not Found"})
            if names[0] in self._standing and not self._is_expected(names):
                return httpx.Response(200, json=self._standing[names[0]])
            self.seen.append(request)
            answer = self._take(*names)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _is_absent(self, names: t.Sequence[str]) -> bool:
        return not self._is_expected(names) and any(part in names[0] for part in self._absent)

    def _is_expected(self, names: t.Sequence[str]) -> bool:
        return any(call in names for call, _answer in self._expected)

    def _take(self, *names: str) -> Answer:
        for place, (call, answer) in enumerate(self._expected):
            if call in names:
                del self._expected[place]
                return answer
        raise AssertionError("unexpected request %s" % names[-1])


def _call(request: httpx.Request) -> str:
    parts = urlsplit(str(request.url))
    query = "?%s" % parts.query if parts.query else ""
    return "%s %s%s" % (request.method, parts.path, query)
