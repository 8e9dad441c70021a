# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""inference_probe with answers that stream, and under load."""

from __future__ import annotations

import json

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import ProbeFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.events import EventStream

from tests.unit.inference.endpoint import USAGE, Ask, Endpoint, broken_off, chat, events, refused


def test_a_stream_gives_its_text_and_times(ask: Ask) -> None:
    endpoint = Endpoint([events("rea", "dy", USAGE)])

    result = ask(endpoint, stream=True, expect="^ready$")

    assert result["answer"] == "ready"
    assert result["usage"] == USAGE["usage"]
    assert result["first_token_ms"] == result["latency_ms"] == 200.0
    assert result["inter_token_ms"] == 0.0
    assert endpoint.body["stream"] is True


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (events(), "in no OpenAI shape"),
        (events(USAGE), "without any content"),
        (events("a", {"error": {"message": "out of memory"}}), "with an error: .*out of memory"),
        (httpx.Response(200, text="data: {broken\n\n"), "in no OpenAI shape"),
        (httpx.Response(200, text=": still there\n\n"), "in no OpenAI shape"),
        (httpx.Response(200, html="<p>Sign in</p>"), "in no OpenAI shape: <p>Sign in"),
        (chat("ready"), "in no OpenAI shape"),
        (events({"choices": [{"delta": {"content": "a"}}, "x"]}), "in no OpenAI shape"),
        (events("a", ["error"]), "in no OpenAI shape"),
        (broken_off("rea"), "before the answer was complete, after 1 events"),
    ],
)
def test_a_stream_that_is_no_answer_fails(ask: Ask, answer: httpx.Response, words: str) -> None:
    with pytest.raises(ProbeFailed, match=words):
        ask(Endpoint([answer]), stream=True, patience_s=0)


@pytest.mark.parametrize("name", ["content", "reasoning_content", "reasoning"])
def test_a_stream_may_hold_comments_empty_choices_and_reasoning_alone(ask: Ask, name: str) -> None:
    parts = [
        ": keep alive",
        "event: message",
        'data: {"choices": [], "error": null}',
        'data: {"choices": [{"delta": {"role": "assistant", "%s": null}}]}' % name,
        'data: {"choices": [{"delta": {"%s": "thinking"}, "finish_reason": "length"}]}' % name,
    ]

    assert (
        ask(Endpoint([httpx.Response(200, text="\n\n".join(parts) + "\n\n")]), stream=True)["answer"]
        == "thinking"
    )


def test_a_stream_that_breaks_off_is_asked_for_again(ask: Ask) -> None:
    assert ask(Endpoint([broken_off("rea"), events("ready")]), stream=True)["attempts"] == 2


def test_events_may_be_cut_anywhere() -> None:
    whole = events("é", "ü", USAGE).content
    for size in (1, 2, 3, 7, len(whole)):
        stream = EventStream(Endpoint([refused(500)]))
        for start in range(0, len(whole), size):
            stream.take(whole[start : start + size])
        assert (stream.text, stream.usage, stream.problem) == ("éü", USAGE["usage"], None)


def test_a_load_is_bounded_and_measured(ask: Ask) -> None:
    endpoint = Endpoint([chat("ready"), events("a", "b", USAGE), refused(500), events("a", "b", USAGE)])

    load = ask(endpoint, load={"concurrency": 1, "requests": 4, "input_tokens": 3, "max_errors": 1})["load"]

    assert (load["requests"], load["errors"], load["output_tokens"], load["input_tokens"]) == (4, 1, 6, 15)
    assert load["seconds"] == 0.8
    assert load["output_tokens_per_s"] == 7.5
    assert load["first_token_ms"] == {"mean": 200.0, "p50": 200.0, "p95": 200.0, "p99": 200.0}
    prompts = [json.loads(request.content)["messages"][0]["content"] for request in endpoint.requests[1:]]
    assert len(set(prompts)) == 4
    assert {len(prompt.split()) for prompt in prompts} == {3}
    assert all(json.loads(request.content)["max_tokens"] == 64 for request in endpoint.requests[1:])


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"max_first_token_ms": 100}, "first_token_ms p95 200.0, allowed 100"),
        ({"max_inter_token_ms": -1}, "inter_token_ms p95 0.0, allowed -1"),
        ({"min_tokens_per_s": 1000}, "wanted 1000"),
    ],
)
def test_a_load_that_breaks_a_limit_fails_with_its_figures(
    ask: Ask, limits: dict[str, float], words: str
) -> None:
    endpoint = Endpoint([chat("ready"), events("a", "b", USAGE)])

    with pytest.raises(ProbeFailed) as caught:
        ask(endpoint, load={"concurrency": 1, "requests": 3, **limits})

    assert words in caught.value.message
    assert caught.value.as_result()["error"]["load"]["requests"] == 3


def test_errors_fail_a_load_and_are_shown_once(ask: Ask) -> None:
    endpoint = Endpoint([chat("ready"), refused(503)])

    with pytest.raises(ProbeFailed, match="2 errors, allowed 0 .*returned 503") as caught:
        ask(endpoint, load={"concurrency": 1, "requests": 2})

    assert len(caught.value.details["load"]["error_samples"]) == 1
    assert caught.value.details["load"]["first_token_ms"]["p95"] is None


def test_no_request_starts_after_the_time_is_over(ask: Ask) -> None:
    endpoint = Endpoint([chat("ready"), events("a", USAGE)])

    load = ask(endpoint, load={"concurrency": 1, "requests": 100, "duration_s": 1})["load"]

    assert load["requests"] == 5


def test_a_service_is_watched_with_pauses_until_an_error_too_many(ask: Ask) -> None:
    watch = {"concurrency": 1, "requests": 100, "duration_s": 60, "pause_s": 10}
    assert ask(Endpoint([chat("ready"), events("a", USAGE)]), load=watch)["load"]["requests"] == 6
    broken = Endpoint([chat("ready"), events("a", USAGE), refused(503)])
    with pytest.raises(ProbeFailed, match="2 errors, allowed 1") as caught:
        ask(broken, load={**watch, "max_errors": 1})
    assert caught.value.details["load"]["requests"] == 3


def test_the_time_to_an_answer_may_be_limited_for_every_kind(ask: Ask) -> None:
    vector = {"data": [{"embedding": [0.5]}], "model": "r1"}
    endpoint = Endpoint([httpx.Response(200, json=vector)])
    few = {"concurrency": 1, "requests": 2}
    assert ask(endpoint, kind="embedding", load=few)["load"]["errors"] == 0
    with pytest.raises(ProbeFailed, match="latency_ms p95"):
        ask(endpoint, kind="embedding", load={**few, "max_latency_ms": 0.001})
