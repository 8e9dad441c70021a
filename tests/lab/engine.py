# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pretended engine answers: OpenAI's shapes, the same words each time.

It serves where tests wish what a real engine cannot do on command: to be slow, to fail, to be counted. It
refuses what the real one refuses (test_lab_engine.py compares them).
"""

from __future__ import annotations

import json
import time
import typing as t

from tests.lab.llama_model import CONTEXT

Json = t.Dict[str, t.Any]
_TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}


def answer(path: str, asked: Json, worker: str) -> Json:
    """The reply to one request; ``path`` ends in the OpenAI endpoint's name."""
    if path.endswith("/embeddings"):
        return _embeddings(asked)
    if path.endswith("/rerank"):
        return _ranking(asked)
    text = _text(worker)
    chat = path.endswith("/chat/completions")
    choice: Json = {"index": 0, "finish_reason": "stop"}
    choice.update({"message": {"role": "assistant", "content": text}} if chat else {"text": text})
    kind = "chat.completion" if chat else "text_completion"
    return {**_head(asked, kind), "choices": [choice], "usage": _usage(asked, text)}


def events(path: str, asked: Json, worker: str) -> t.Iterator[bytes]:
    """The same answer as server-sent events, one word each."""
    chat = path.endswith("/chat/completions")
    head = _head(asked, "chat.completion.chunk" if chat else "text_completion")
    words = _text(worker).split(" ")
    for number, word in enumerate(words):
        text = word if number == 0 else " " + word
        last = number == len(words) - 1
        choice: Json = {"index": 0, "finish_reason": "stop" if last else None}
        choice.update({"delta": {"role": "assistant", "content": text}} if chat else {"text": text})
        yield _event({**head, "choices": [choice]})
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield _event({**head, "choices": [], "usage": _usage(asked, " ".join(words))})
    yield b"data: [DONE]\n\n"


def refusal(path: str, asked: Json, full: bool = False) -> t.Optional[Json]:
    """What a server of chats and completions refuses, None where it answers."""
    if not path.endswith("completions"):
        return None
    if path.endswith("/chat/completions") and not isinstance(asked.get("messages"), list):
        return _error(400, "invalid_request_error", "'messages' must be an array")
    schema = ((asked.get("response_format") or {}).get("json_schema") or {}).get("schema") or {}
    if schema.get("type", "object") not in _TYPES:
        return _error(400, "invalid_request_error", f"JSON schema error: unrecognized type {schema['type']}")
    tokens = _prompt_tokens(asked)
    if tokens > CONTEXT:
        words = f"request ({tokens} tokens) exceeds the available context size ({CONTEXT} tokens)"
        refused = _error(400, "exceed_context_size_error", words)
        refused["error"].update({"n_prompt_tokens": tokens, "n_ctx": CONTEXT})
        return refused
    return _error(503, "unavailable_error", "no slot available") if full else None


def _error(code: int, kind: str, message: str) -> Json:
    return {"error": {"code": code, "message": message, "type": kind}}


def models(names: t.Iterable[str]) -> Json:
    """The reply of /v1/models."""
    rows = [{"id": name, "object": "model", "created": 0, "owned_by": "lab"} for name in sorted(names)]
    return {"object": "list", "data": rows}


def _text(worker: str) -> str:
    return f"pong from {worker}"


def _head(asked: Json, kind: str) -> Json:
    return {
        "id": "lab-1",
        "object": kind,
        "created": int(time.time()),
        "model": asked.get("model"),
        "system_fingerprint": "lab",
    }


def _usage(asked: Json, text: str) -> Json:
    prompt, completion = _prompt_tokens(asked), len(text.split())
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**counts, "prompt_tokens_details": {"cached_tokens": 0}}


def _prompt_tokens(asked: Json) -> int:
    given = asked.get("prompt") or [message.get("content") for message in asked.get("messages", [])]
    return len(str(given).split())


def _embeddings(asked: Json) -> Json:
    given = asked.get("input") or ""
    inputs = given if isinstance(given, list) else [given]
    rows = [{"object": "embedding", "index": index, "embedding": [0.0] * 8} for index in range(len(inputs))]
    tokens = len(str(given).split())
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "model": asked.get("model"), "data": rows, "usage": usage}


def _ranking(asked: Json) -> Json:
    """In vLLM's shape: the best document first, here the one that shares most words with the query."""
    query, documents = set(str(asked.get("query")).lower().split()), asked.get("documents") or []
    scores = [len(query & set(str(text).lower().split())) / (len(query) or 1) for text in documents]
    best_first = sorted(range(len(documents)), key=lambda index: -scores[index])
    rows = [
        {"index": index, "document": {"text": documents[index]}, "relevance_score": scores[index]}
        for index in best_first
    ]
    tokens = sum(len(str(text).split()) for text in documents)
    return {"id": "lab-1", "model": asked.get("model"), "results": rows, "usage": {"total_tokens": tokens}}


def _event(body: Json) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"
