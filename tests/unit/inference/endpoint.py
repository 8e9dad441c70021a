# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted endpoint, with time that passes only by sleeping, and the answers that it gives."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

import httpx

KEY = "sk-canary-0123456789"
Step = t.Union[httpx.Response, Exception]


def chat(content: t.Optional[str], **message: t.Any) -> httpx.Response:
    body = {
        "model": "r1",
        "choices": [{"message": {"role": "assistant", "content": content, **message}}],
        "usage": {"total_tokens": 3},
    }
    return httpx.Response(200, json=body)


def refused(status: int) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": "not yet"}})


@dataclass
class Endpoint:
    """Answers in the order given and keeps what it was sent; its clock moves 0.2 s with each request."""

    steps: list[Step]
    requests: list[httpx.Request] = field(default_factory=list)
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.now += 0.2
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step.status_code, content=step.content, headers=step.headers)

    @property
    def body(self) -> t.Any:
        return json.loads(self.requests[-1].content)


class Ask(t.Protocol):
    def __call__(self, endpoint: Endpoint, check_mode: bool = False, **given: t.Any) -> dict[str, t.Any]: ...


def events(*parts: t.Any) -> httpx.Response:
    """A streamed answer: texts become tokens, anything else is sent as it is."""
    made = [
        {"model": "r1", "choices": [{"delta": {"content": part}}]} if isinstance(part, str) else part
        for part in parts
    ]
    lines = "".join("data: %s\n\n" % json.dumps(each) for each in made)
    return httpx.Response(200, text=lines + "data: [DONE]\n\n", headers={"content-type": "text/event-stream"})


def broken_off(*parts: str) -> httpx.Response:
    """A stream that ends in the middle, as a proxy ends it whose engine has died."""
    return httpx.Response(200, content=events(*parts).content.replace(b"data: [DONE]\n\n", b""))


USAGE = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}
