# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same requests through the client that OpenAI publishes; prints what came back, as shapes.

    python openai_requests.py URL KEY MODEL

Runs in a virtual environment that has the client. A shape has the declared fields of an answer with the types of
their values. What an engine adds of its own is left out, and so are fields without a value.
"""

from __future__ import annotations

import json
import sys
import typing as t

import openai

ASKED: t.Any = [{"role": "user", "content": "Are you there?"}]
SCHEMA = {"type": "object", "properties": {"there": {"type": "boolean"}}, "required": ["there"]}


def main(url: str, key: str, model: str) -> None:
    client = openai.OpenAI(base_url=url, api_key=key, max_retries=0, timeout=60)
    chat = client.chat.completions.create
    found = {
        "models": sorted(each.id for each in client.models.list()),
        "chat": shape(chat(model=model, messages=ASKED, max_tokens=8)),
        "completion": shape(client.completions.create(model=model, prompt="hello", max_tokens=8)),
        "schema": shape(chat(model=model, messages=ASKED, response_format=as_json(SCHEMA))),
        "chat stream": streamed(chat(model=model, messages=ASKED, max_tokens=8, **STREAM)),
        "completion stream": streamed(
            client.completions.create(model=model, prompt="hello", max_tokens=8, **STREAM)
        ),
        "names": chat(model=model, messages=ASKED, max_tokens=1).model == model,
        "long": refused(lambda: chat(model=model, messages=[{**ASKED[0], "content": "word " * 5000}])),
        "long stream": refused(
            lambda: chat(model=model, messages=[{**ASKED[0], "content": "word " * 5000}], stream=True)
        ),
        "bad schema": refused(
            lambda: chat(model=model, messages=ASKED, response_format=as_json({"type": "nonsense"}))
        ),
        "no messages": refused(lambda: chat(model=model, messages=t.cast(t.Any, 7))),
        "unknown model": refused(lambda: chat(model="nobody", messages=ASKED)),
    }
    print(json.dumps(found))


STREAM: t.Any = {"stream": True, "stream_options": {"include_usage": True}}


def as_json(schema: t.Any) -> t.Any:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def shape(answer: t.Any) -> t.Any:
    """Declared fields with the shapes of their values; a list has that of its first item."""
    if isinstance(answer, openai.BaseModel):
        fields = {name: getattr(answer, name) for name in type(answer).model_fields}
        return {name: shape(value) for name, value in sorted(fields.items()) if value is not None}
    if isinstance(answer, list):
        return [shape(each) for each in answer[:1]]
    return type(answer).__name__


def streamed(events: t.Iterable[t.Any]) -> t.Any:
    """What somebody has at the end who reads a stream event by event."""
    text, ends, usage, fields = "", [], [], set[str]()
    for event in events:
        fields |= set(shape(event))
        usage += [shape(event.usage)] if event.usage else []
        for choice in event.choices:
            ends += [choice.finish_reason] if choice.finish_reason else []
            text += (choice.delta.content if hasattr(choice, "delta") else choice.text) or ""
    return {"text": bool(text), "ends": len(ends), "usage": usage, "fields": sorted(fields)}


def refused(ask: t.Callable[[], t.Any]) -> t.Any:
    """The class of the error that the client raises, its status, and the fields of the body."""
    try:
        ask()
    except openai.APIStatusError as problem:
        return [type(problem).__name__, problem.status_code, sorted(t.cast("dict[str, t.Any]", problem.body))]
    return "answered"


if __name__ == "__main__":
    main(*sys.argv[1:])
