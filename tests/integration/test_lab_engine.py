# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's engine is a real one, and what stands in for it on command looks the same to a client."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import typing as t
from pathlib import Path

import httpx
import pytest

from tests.integration.test_lab_servers import MODEL, ask, deploy, wait_for
from tests.lab import client, gpustack, state
from tests.lab.process import base_environment

REQUESTS = Path(__file__).with_name("openai_requests.py")
LONG = {"max_tokens": 3000, "ignore_eos": True}


@pytest.fixture
def server(clean_lab: client.Lab) -> t.Iterator[httpx.Client]:
    """GPUStack with one deployment that answers."""
    with clean_lab.server() as connection:
        deploy(connection, "running")
        ask(connection)
        yield connection


def shapes(lab: client.Lab) -> t.Dict[str, t.Any]:
    """What OpenAI's client makes of the answers of the engine that serves now."""
    python = gpustack.default_servers_folder(state.REPOSITORY) / "litellm" / "bin" / "python"
    described = lab.state["gpustack"]
    command = [str(python), str(REQUESTS), f"{described['url']}/v1", described["api_key"], MODEL]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=base_environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    return t.cast("dict[str, t.Any]", json.loads(done.stdout))


def test_openais_client_sees_no_difference(clean_lab: client.Lab, server: httpx.Client) -> None:
    real = shapes(clean_lab)
    clean_lab.control("pretend", model=MODEL)
    pretended = shapes(clean_lab)

    assert pretended == real
    assert real["models"] == [MODEL]
    assert real["names"] is True
    assert real["long stream"][:2] == ["BadRequestError", 400]
    for name in (
        "long",
        "bad schema",
    ):  # GPUStack makes a 503 of what is not streamed, around the engine's words
        assert real[name][:2] == ["InternalServerError", 503]
    for name in ("chat stream", "completion stream"):
        assert (real[name]["text"], real[name]["ends"], len(real[name]["usage"])) == (True, 1, 1)


def test_tokens_are_real(clean_lab: client.Lab, server: httpx.Client) -> None:
    before = figures(clean_lab)
    answer = ask(server, max_tokens=7).json()

    after = figures(clean_lab)
    assert answer["usage"]["completion_tokens"] == 7
    assert after["tokens_predicted_total"] - before["tokens_predicted_total"] == 7
    assert len(answer["choices"][0]["message"]["content"].split()) > 1
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    text = ask(server, max_tokens=200, response_format=wanted).json()["choices"][0]["message"]["content"]
    assert isinstance(json.loads(text)["ok"], bool)


def test_a_full_engine_makes_wait_or_refuses(clean_lab: client.Lab, server: httpx.Client) -> None:
    question = {"model": MODEL, "messages": [{"role": "user", "content": "ping"}]}
    address = httpx.URL(clean_lab.state["engine"]["url"])
    with contextlib.ExitStack() as held:
        for _request in range(24):  # of which four run and the others wait; hanging up ends them
            connection = http.client.HTTPConnection(address.host, address.port or 80)
            held.callback(connection.close)
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/v1/chat/completions", json.dumps({**question, **LONG}), headers)
        wait_for(lambda: figures(clean_lab)["requests_deferred"] > 0)
        clean_lab.control("full", model=MODEL)
        refused = server.post("/v1/chat/completions", json=question)
    clean_lab.control("pretend", model=MODEL)
    pretended = server.post("/v1/chat/completions", json=question)

    for answer in (refused, pretended):  # GPUStack wraps the engine's words in its own
        assert answer.status_code == 503
        assert "no slot available" in answer.json()["error"]["message"]


def figures(lab: client.Lab) -> t.Dict[str, float]:
    """The engine's own metrics, without their prefix."""
    text = httpx.get(f"{lab.state['engine']['url']}/metrics", trust_env=False).raise_for_status().text
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("llamacpp:"): float(number) for name, number in rows}
