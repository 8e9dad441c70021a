# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""inference_probe against scripted answers, with time that passes only by sleeping."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

import httpx
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import InvalidInput, ProbeFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.events import EventStream
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import inference_probe, options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task

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


@pytest.fixture(name="ask")
def _ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.delenv("GPUSTACK_API_KEY", raising=False)

    def ask(endpoint: Endpoint, check_mode: bool = False, **given: t.Any) -> dict[str, t.Any]:
        def scripted(_params: t.Any) -> HttpOptions:
            return HttpOptions(transport=httpx.MockTransport(endpoint.answer), clock=endpoint)

        monkeypatch.setattr(options, "http_options", scripted)
        given = {"url": "http://192.0.2.1/v1/", "model": "r1", "api_key": KEY, **given}
        checked = ArgumentSpecValidator(inference_probe.CORE.argument_spec).validate(given)
        assert not checked.error_messages
        return inference_probe.run(Task(checked.validated_parameters, check_mode))

    return ask


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
        ({"load": {}, "kind": "embedding"}, "a load needs kind chat or completion"),
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
        'data: {"choices": []}',
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
