# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""inference_probe against scripted answers, with time that passes only by sleeping."""

from __future__ import annotations

import typing as t

import httpx
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import inference_probe

from tests.unit.inference.endpoint import KEY, Ask, Endpoint, Step, chat, refused


def test_a_chat_gives_its_answer_and_numbers(ask: Ask) -> None:
    endpoint = Endpoint([chat(" ready \n")])

    assert ask(endpoint) == {
        "changed": False,
        "predicted": False,
        "model": "r1",
        "answer": "ready",
        "latency_ms": 200.0,
        "first_token_ms": None,
        "inter_token_ms": None,
        "attempts": 1,
        "usage": {"total_tokens": 3},
        "load": None,
    }
    assert str(endpoint.requests[0].url) == "http://192.0.2.1/v1/chat/completions"
    assert endpoint.requests[0].headers["authorization"] == "Bearer " + KEY
    assert endpoint.body["messages"] == [{"role": "user", "content": "Reply with the single word ready."}]
    assert endpoint.body["max_tokens"] == 32


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_counts_as_an_answer(ask: Ask, name: str) -> None:
    assert ask(Endpoint([chat(None, **{name: "Let me think"})]))["answer"] == "Let me think"


def test_a_completion_asks_with_a_prompt(ask: Ask) -> None:
    endpoint = Endpoint([httpx.Response(200, json={"choices": [{"text": "four"}]})])

    assert ask(endpoint, kind="completion", prompt="2+2=", max_tokens=5)["answer"] == "four"
    assert endpoint.requests[0].url.path == "/v1/completions"
    assert endpoint.body == {"model": "r1", "prompt": "2+2=", "max_tokens": 5}


def test_an_embedding_tells_its_length(ask: Ask) -> None:
    endpoint = Endpoint([httpx.Response(200, json={"data": [{"embedding": [0.1] * 768}]})])

    assert ask(endpoint, kind="embedding", prompt="text")["answer"] == "768 dimensions"
    assert endpoint.body == {"model": "r1", "input": "text"}


@pytest.mark.parametrize("first", [401, 403, 404, 429, 502, 503, 504, httpx.ConnectError("refused")])
def test_what_passes_is_tried_again(ask: Ask, first: t.Union[int, Exception]) -> None:
    step: Step = refused(first) if isinstance(first, int) else first
    endpoint = Endpoint([step, step, step, chat("ready")])

    assert ask(endpoint)["attempts"] == 4
    assert endpoint.pauses == [0.5, 1.0, 2.0]


def test_who_has_no_key_is_not_asked_again_and_again(ask: Ask) -> None:
    endpoint = Endpoint([refused(401)])
    with pytest.raises(ProbeFailed, match="failed after 1 attempt in 0 s"):
        ask(endpoint, api_key=None, patience_s=300)


def test_patience_ends_with_the_last_answer_and_the_time(ask: Ask) -> None:
    endpoint = Endpoint([refused(503), refused(401)])

    with pytest.raises(ProbeFailed) as caught:
        ask(endpoint, patience_s=30)

    assert "The probe (chat) of the model r1 failed after" in caught.value.message
    assert "in 30 s; the last answer: the inference endpoint: POST" in caught.value.message
    assert "returned 401: not yet" in caught.value.message
    assert caught.value.details["status"] == 401
    assert endpoint.now == pytest.approx(30.2)
    assert max(endpoint.pauses) == 10.0
    assert KEY not in str(caught.value.as_result())


def test_without_patience_there_is_one_attempt(ask: Ask) -> None:
    endpoint = Endpoint([refused(503)])

    with pytest.raises(ProbeFailed, match="after 1 attempt in 0 s"):
        ask(endpoint, patience_s=0)
    assert endpoint.pauses == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (refused(400), "returned 400"),
        (refused(500), "returned 500"),
        (chat(""), "without any content"),
        (chat("  \n", reasoning_content=""), "without any content"),
        (httpx.Response(200, text="<html>"), "not JSON"),
        (httpx.Response(200, json={"object": "list"}), "no OpenAI shape"),
        (httpx.Response(200, json=[]), "no OpenAI shape"),
        (httpx.Response(200, json={"choices": []}), "no OpenAI shape"),
        (httpx.Response(200, json={"choices": [{"message": None}]}), "no OpenAI shape"),
    ],
)
def test_what_does_not_pass_fails_at_once(ask: Ask, step: httpx.Response, words: str) -> None:
    endpoint = Endpoint([step])

    with pytest.raises(ProbeFailed, match=words):
        ask(endpoint)
    assert len(endpoint.requests) == 1


def test_health_comes_first_and_shares_the_patience(ask: Ask) -> None:
    endpoint = Endpoint([refused(503), httpx.Response(200), refused(503), chat("ready")])

    assert ask(endpoint, health_url="http://192.0.2.9/health")["attempts"] == 4
    assert [request.url.path for request in endpoint.requests] == ["/health"] * 2 + [
        "/v1/chat/completions"
    ] * 2
    assert "authorization" not in endpoint.requests[0].headers
    assert endpoint.pauses == [0.5, 0.5]


def test_health_that_never_comes_asks_nothing(ask: Ask) -> None:
    endpoint = Endpoint([refused(503)])

    with pytest.raises(ProbeFailed, match="The health check failed after"):
        ask(endpoint, health_url="http://192.0.2.1/health", patience_s=5)
    assert {request.method for request in endpoint.requests} == {"GET"}


def test_the_key_goes_to_the_endpoint_alone(ask: Ask) -> None:
    elsewhere = httpx.Response(307, headers={"location": "http://192.0.2.99/v1/chat/completions"})
    endpoint = Endpoint([httpx.Response(200), elsewhere])

    with pytest.raises(ProbeFailed, match="redirects POST .* to http://192.0.2.99/"):
        ask(endpoint, health_url="http://192.0.2.98/health", patience_s=0)

    assert [request.url.host for request in endpoint.requests] == ["192.0.2.98", "192.0.2.1"]
    assert ["authorization" in request.headers for request in endpoint.requests] == [False, True]


def test_expect_looks_at_the_answer(ask: Ask) -> None:
    assert ask(Endpoint([chat("It is 4.")]), expect=r"\b4\b")["answer"] == "It is 4."
    with pytest.raises(ProbeFailed, match=r"answered 'It is 5.', which does not match expect"):
        ask(Endpoint([chat("It is 5.")]), expect=r"\b4\b")


def test_check_mode_sends_nothing(ask: Ask) -> None:
    endpoint = Endpoint([chat("ready")])

    predicted = ask(endpoint, check_mode=True)

    assert endpoint.requests == []
    assert predicted["predicted"]
    assert predicted.keys() == ask(endpoint).keys()


def test_the_key_comes_from_the_environment(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPUSTACK_API_KEY", "sk-from-environment")
    endpoint = Endpoint([chat("ready")])
    given = {"url": "http://192.0.2.1/v1", "model": "r1"}
    checked = ArgumentSpecValidator(inference_probe.CORE.argument_spec).validate(given)

    ask(endpoint, api_key=checked.validated_parameters["api_key"])

    assert endpoint.requests[0].headers["authorization"] == "Bearer sk-from-environment"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "192.0.2.1"}, "url is not a URL"),
        ({"health_url": "nowhere"}, "health_url is not a URL"),
        ({"expect": "("}, "not a regular expression"),
        ({"expect": "4", "kind": "embedding"}, "an answer of kind embedding has none"),
        ({"stream": True, "kind": "rerank"}, "cannot be streamed"),
        ({"load": {"requests": 0}}, "load.requests must be from 1 to 10000: 0"),
        ({"load": {"concurrency": 101}}, "load.concurrency must be from 1 to 100: 101"),
        ({"load": {"pause_s": -1}}, "load.pause_s must be 0 or more"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"patience_s": -1}, "patience_s at least 0"),
        ({"api_key": "sk-two\nlines"}, "line break or a character"),
    ],
)
def test_bad_input_sends_nothing(ask: Ask, given: dict[str, t.Any], words: str) -> None:
    endpoint = Endpoint([chat("ready")])

    with pytest.raises(InvalidInput, match=words) as caught:
        ask(endpoint, **given)
    assert endpoint.requests == []
    assert "sk-two" not in str(caught.value.as_result())


def test_a_ranking_gives_its_score(ask: Ask) -> None:
    body = {"model": "r1", "results": [{"index": 0, "relevance_score": 0.98}]}
    endpoint = Endpoint([httpx.Response(200, json=body)])

    assert ask(endpoint, kind="rerank")["answer"] == "score 0.980"
    assert endpoint.requests[0].url.path == "/v1/rerank"
    assert len(endpoint.body["documents"]) == 2


@pytest.mark.parametrize(
    "listing", [{"data": [{"id": "other"}, {"id": "r1"}]}, {"models": ["r1"]}], ids=["openai", "vllm-router"]
)
def test_the_list_of_models_is_waited_for(ask: Ask, listing: dict[str, t.Any]) -> None:
    empty = httpx.Response(200, json={"data": []})
    endpoint = Endpoint([empty, httpx.Response(200, json=listing), chat("ready")])

    assert ask(endpoint, listed=True)["attempts"] == 3
    with pytest.raises(ProbeFailed, match="lists 0 models and not r1"):
        ask(Endpoint([empty]), listed=True, patience_s=1)
