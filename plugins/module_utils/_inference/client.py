# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request to an OpenAI-compatible endpoint, and what it answered."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    ProbeFailed,
    Unavailable,
    UnexpectedReply,
    excerpt,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    Clock,
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.events import (
    CONTENT,
    EventStream,
)

PATHS = {
    "chat": "/chat/completions",
    "completion": "/completions",
    "embedding": "/embeddings",
    "rerank": "/rerank",
}
STREAMED = frozenset(("chat", "completion"))


_DEPLOYMENT = "x-litellm-model-id"


@dataclass(frozen=True)
class Question:
    """What is asked. ``kind`` is one of PATHS; ``max_tokens`` bounds the answer of a text."""

    kind: str
    model: str
    prompt: str
    max_tokens: int

    def body(self) -> t.Dict[str, t.Any]:
        if self.kind == "embedding":
            return {"model": self.model, "input": self.prompt}
        if self.kind == "rerank":
            return {"model": self.model, "query": self.prompt, "documents": [self.prompt, "Something else."]}
        body: t.Dict[str, t.Any] = {"model": self.model, "max_tokens": self.max_tokens}
        if self.kind == "completion":
            body["prompt"] = self.prompt
        else:
            body["messages"] = [{"role": "user", "content": self.prompt}]
        return body


@dataclass(frozen=True)
class Answer:
    """``text`` of the model (for embeddings: their length), ``model`` as the endpoint names it.

    ``first_token_ms`` and ``inter_token_ms`` (the mean gap) are known of streamed answers;
    ``tokens`` counts the parts with content where the endpoint gives no usage. ``deployment`` is what
    a LiteLLM proxy says of who answered: the id of the entry.
    """

    text: str
    model: t.Optional[str]
    usage: t.Optional[t.Mapping[str, t.Any]]
    latency_ms: float
    first_token_ms: t.Optional[float] = None
    inter_token_ms: t.Optional[float] = None
    tokens: int = 0
    deployment: t.Optional[str] = None


class InferenceClient:
    """Talks to the endpoint below ``base_url``, which ends in /v1 as a rule. Messages call it ``name``."""

    def __init__(
        self,
        base_url: str,
        api_key: t.Optional[str],
        options: HttpOptions,
        name: str = "the inference endpoint",
    ) -> None:
        headers = {"Authorization": "Bearer " + api_key} if api_key else {}
        self._http = HttpClient(base_url, name, headers, options)
        self._clock: Clock = options.clock

    def __enter__(self) -> InferenceClient:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._http.close()

    def check_health(self, url: str) -> None:
        """One GET; raises unless the status is 2xx."""
        self._http.check(self._http.request("GET", url))

    def models(self) -> t.List[str]:
        """The names that the endpoint lists; vllm-router has a shape of its own."""
        reply = self._http.request("GET", "/models")
        self._http.check(reply)
        body = reply.json()
        try:
            rows = body["data"] if "data" in body else body["models"]
            return [row if isinstance(row, str) else row["id"] for row in rows]
        except (KeyError, TypeError) as exc:
            raise _unknown(reply) from exc

    def ask_streamed(self, question: Question) -> Answer:
        """One request whose answer comes in parts; raises as ``ask``. Only for the kinds in STREAMED."""
        stream = EventStream(self._clock)
        body = dict(question.body(), stream=True, stream_options={"include_usage": True})
        reply = self._http.request("POST", PATHS[question.kind], json_body=body, on_part=stream.take)
        self._http.check(reply)
        _refuse_broken(stream, question, reply)
        _refuse_empty(stream.text, question, reply)
        return Answer(
            text=stream.text.strip(),
            model=stream.model,
            usage=stream.usage,
            latency_ms=stream.ms_until(self._clock.monotonic()),
            first_token_ms=stream.ms_until(stream.token_times[0]),
            inter_token_ms=stream.inter_token_ms,
            tokens=len(stream.token_times),
        )

    def ask(self, question: Question) -> Answer:
        """One real request; raises ProbeFailed for an answer without any content."""
        started = self._clock.monotonic()
        reply = self._http.request("POST", PATHS[question.kind], json_body=question.body())
        latency_ms = (self._clock.monotonic() - started) * 1000
        self._http.check(reply)
        body = reply.json()
        if not isinstance(body, dict):
            raise _unknown(reply)
        text = _READERS.get(question.kind, _text)(body, reply)
        _refuse_empty(text, question, reply)
        usage, model = body.get("usage"), body.get("model")
        return Answer(
            text=text.strip(),
            model=model if isinstance(model, str) else None,
            usage=usage if isinstance(usage, dict) else None,
            latency_ms=round(latency_ms, 1),
            deployment=reply.headers.get(_DEPLOYMENT),
        )


def _refuse_broken(stream: EventStream, question: Question, reply: Reply) -> None:
    what = "%s ended the stream of a %s for the model %s" % (reply.url, question.kind, question.model)
    if stream.error is not None:
        raise ProbeFailed(
            "%s with an error: %s" % (what, excerpt(stream.error)), hint="Look at the engine's log."
        )
    if stream.problem is not None or not stream.events:
        raise _unknown(reply)
    if not stream.is_whole:
        raise Unavailable(
            "%s before the answer was complete, after %d events" % (what, stream.events),
            hint="Look at the log of the engine, and of every proxy between: one of them broke off.",
        )


def _refuse_empty(text: str, question: Question, reply: Reply) -> None:
    if not text.strip():
        raise ProbeFailed(
            "%s answered a %s for the model %s without any content: %s"
            % (reply.url, question.kind, question.model, excerpt(reply.text)),
            hint="Look at the engine's log; a larger max_tokens helps where the answer was cut off.",
        )


def _text(body: t.Mapping[str, t.Any], reply: Reply) -> str:
    try:
        choice = body["choices"][0]
        message = choice["message"] if "message" in choice else {"content": choice["text"]}
        parts = [message.get(name) for name in CONTENT]
    except (AttributeError, IndexError, KeyError, TypeError) as exc:
        raise _unknown(reply) from exc
    return next((part for part in parts if isinstance(part, str) and part.strip()), "")


def _embedding(body: t.Mapping[str, t.Any], reply: Reply) -> str:
    try:
        length = len(body["data"][0]["embedding"])
    except (IndexError, KeyError, TypeError) as exc:
        raise _unknown(reply) from exc
    return "%d dimensions" % length if length else ""


def _score(body: t.Mapping[str, t.Any], reply: Reply) -> str:
    try:
        return "score %.3f" % body["results"][0]["relevance_score"]
    except (IndexError, KeyError, TypeError) as exc:
        raise _unknown(reply) from exc


_READERS = {"embedding": _embedding, "rerank": _score}


def _unknown(reply: Reply) -> UnexpectedReply:
    return UnexpectedReply(
        "%s %s answered %d in no OpenAI shape: %s"
        % (reply.method, reply.url, reply.status, excerpt(reply.text)),
        hint="Check that url ends where the OpenAI API begins, for example in /v1, and that kind fits the model.",
    )
