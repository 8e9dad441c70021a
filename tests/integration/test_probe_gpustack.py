# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""inference_probe against the genuine GPUStack server."""

from __future__ import annotations

import json
import subprocess
import time
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import ProbeFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.inference_probe import CORE

from tests.lab import client, gpustack, state
from tests.lab.process import base_environment

MODEL = "probe-qwen3-8b"
SPEC = {
    "name": MODEL,
    "source": "huggingface",
    "huggingface_repo_id": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "cluster_id": 1,
    "replicas": 1,
    "enable_model_route": True,
}


def ask(lab: client.Lab, **options: t.Any) -> dict[str, t.Any]:
    described = lab.state["gpustack"]
    given = {"url": described["url"] + "/v1", "api_key": described["api_key"], "model": MODEL, **options}
    checked = ArgumentSpecValidator(CORE.argument_spec).validate(given)
    assert not checked.error_messages
    return CORE.run(Task(checked.validated_parameters))


def test_a_fresh_deployment_is_waited_for(clean_lab: client.Lab) -> None:
    with clean_lab.server() as server:
        server.post("/v2/models", json=SPEC).raise_for_status()

    answer = ask(clean_lab, patience_s=60)

    assert answer["model"] == MODEL
    assert answer["answer"]
    assert answer["usage"]["total_tokens"] > 0
    assert ask(clean_lab, kind="completion", patience_s=10)["answer"]


def test_streams_lists_and_a_load_are_measured(clean_lab: client.Lab) -> None:
    with clean_lab.server() as server:
        server.post("/v2/models", json=SPEC).raise_for_status()

    clean_lab.control("pretend", model=MODEL)  # which counts words
    load = {"concurrency": 4, "requests": 20, "input_tokens": 32, "output_tokens": 8, "min_tokens_per_s": 0.1}
    result = ask(clean_lab, listed=True, stream=True, load=load, patience_s=60)

    assert result["answer"].startswith("pong from")
    assert result["first_token_ms"] <= result["latency_ms"]
    figures = result["load"]
    assert (figures["requests"], figures["errors"]) == (20, 0)
    assert figures["output_tokens"] == 20 * 3  # the engine's answer has three words
    assert figures["input_tokens"] == 20 * 32
    assert figures["first_token_ms"]["p50"] <= figures["latency_ms"]["p95"]


@pytest.mark.parametrize(
    ("kind", "category", "answer"),
    [("embedding", "embedding", "8 dimensions"), ("rerank", "reranker", "score 1.000")],
)
def test_models_that_write_no_text_answer_through_the_server(
    clean_lab: client.Lab, kind: str, category: str, answer: str
) -> None:
    with clean_lab.server() as server:
        server.post("/v2/models", json={**SPEC, "categories": [category]}).raise_for_status()

    result = ask(clean_lab, kind=kind, listed=True, patience_s=60)

    assert result["answer"] == answer
    assert result["model"] == MODEL
    assert result["usage"]["total_tokens"] > 0


CLIENT = """
import concurrent.futures, json, sys, time
import openai
url, key, model, requests, concurrency = *sys.argv[1:4], *map(int, sys.argv[4:])
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)

def one(number):
    started, first, usage = time.monotonic(), None, None
    stream = client.completions.create(
        model=model, prompt="%d" % number, max_tokens=8, stream=True, stream_options={"include_usage": True})
    for part in stream:
        if part.choices and part.choices[0].text and first is None:
            first = (time.monotonic() - started) * 1000
        usage = part.usage or usage
    return first, (time.monotonic() - started) * 1000, usage.completion_tokens

with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
    print(json.dumps(list(pool.map(one, range(requests)))))
"""


def test_the_load_counts_what_openais_client_counts(clean_lab: client.Lab) -> None:
    python = gpustack.default_servers_folder(state.REPOSITORY) / "litellm" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {python} with OpenAI's client")
    with clean_lab.server() as server:
        server.post("/v2/models", json=SPEC).raise_for_status()
    described = clean_lab.state["gpustack"]
    load = {"concurrency": 4, "requests": 40, "input_tokens": 1, "output_tokens": 8}
    ours = ask(clean_lab, kind="completion", stream=True, load=load, patience_s=60)["load"]

    command = [str(python), "-c", CLIENT, f"{described['url']}/v1", described["api_key"], MODEL, "40", "4"]
    environment = base_environment()
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    theirs = json.loads(said)

    assert ours["errors"] == 0
    assert ours["requests"] == len(theirs)
    assert ours["output_tokens"] == sum(tokens for _first, _whole, tokens in theirs)
    assert all(first <= whole for first, whole, _tokens in theirs)
    for rank in ("p50", "p95", "p99"):
        assert 0 < ours["first_token_ms"][rank] <= ours["latency_ms"][rank]
    median = [sorted(column)[20] for column in zip(*theirs, strict=True)]
    print(
        "first token and whole answer, median ms, ours:",
        ours["first_token_ms"]["p50"],
        ours["latency_ms"]["p50"],
    )
    print("OpenAI's client:", *(round(value, 2) for value in median[:2]))


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"model": "nothing-of-this-name"}, 404),
        ({"api_key": "gpustack_0123456789abcdef_0123456789abcdef0123456789abcdef"}, 401),
    ],
)
def test_what_never_comes_is_said_when_the_patience_ends(
    clean_lab: client.Lab, options: dict[str, str], status: int
) -> None:
    started = time.monotonic()

    with pytest.raises(ProbeFailed) as caught:
        ask(clean_lab, **options, patience_s=2)

    assert caught.value.details["status"] == status
    assert caught.value.details["attempts"] > 1
    assert "the last answer: the inference endpoint: POST" in caught.value.message
    assert options.get("api_key", "no key") not in str(caught.value.as_result())
    assert 2 <= time.monotonic() - started < 10


def test_a_server_that_is_down_is_said_with_its_address(clean_lab: client.Lab) -> None:
    with pytest.raises(
        ProbeFailed, match=r"cannot be reached: POST http://127\.0\.0\.1:9/v1/chat/completions"
    ):
        ask(clean_lab, url="http://127.0.0.1:9/v1", patience_s=1)
