# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A model in GGUF by the name that ollama's people type: engine, deployment, real tokens, routes, nothing left."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.test_main_job import User
from tests.lab import client

MODEL = "hf.co/lab/random-words-GGUF:F32"
NAME = "random-words-gguf-f32"


def _backends(lab: client.Lab) -> t.List[t.Dict[str, t.Any]]:
    with lab.server() as server:
        items = (
            server.get("/v2/inference-backends", params={"perPage": 100}).raise_for_status().json()["items"]
        )
    return [each for each in items if each["backend_name"] == "llama-cpp-custom"]


@pytest.fixture
def without_backend(clean_lab: client.Lab) -> t.Iterator[client.Lab]:
    """The engine goes with the test: the lab's other tests start without it."""
    assert _backends(clean_lab) == []
    yield clean_lab
    clean_lab.clean()
    with clean_lab.server() as server:
        for each in _backends(clean_lab):
            server.delete(f"/v2/inference-backends/{each['id']}").raise_for_status()


@pytest.mark.slow
def test_a_gguf_is_planned_deployed_asked_and_removed(without_backend: client.Lab, tmp_path: Path) -> None:
    user = User(without_backend, tmp_path)
    litellm = tmp_path / "litellm.yaml"
    routes = [{"type": "litellm", "path": str(litellm), "api_key_env": "GPUSTACK_API_KEY"}]
    given = {"model_deployment_model": MODEL, "model_deployment_routers": routes}

    predicted = user.play("deploy", "--check", **given)
    assert predicted.status == 0, predicted.output
    assert (predicted.writes, litellm.exists()) == ([], False)

    first = user.play("deploy", **given)
    assert first.status == 0, first.output
    assert first.changed == predicted.changed == 3
    assert "POST /v2/inference-backends" in first.writes
    assert len(_backends(without_backend)) == 1
    model = user.models()[0]
    assert (model["name"], model["huggingface_filename"]) == (NAME, "random-words-F32.gguf")
    with without_backend.server() as server:
        question = {"model": NAME, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
        answer = server.post("/v1/chat/completions", json=question).raise_for_status().json()
    assert answer["choices"][0]["message"]["content"].strip()
    assert 0 < answer["usage"]["completion_tokens"] <= 8
    assert [each["model_name"] for each in yaml.safe_load(litellm.read_text())["model_list"]] == [NAME]

    second = user.play("deploy", **given)
    assert second.status == 0, second.output
    assert (second.changed, second.writes) == (0, [])

    removed = user.play("remove", model_deployment_name=NAME, **given)
    assert removed.status == 0, removed.output
    assert user.models() == []
    assert not litellm.exists() or not (yaml.safe_load(litellm.read_text()) or {}).get("model_list")
