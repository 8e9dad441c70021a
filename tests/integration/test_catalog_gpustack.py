# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog of a genuine GPUStack server: what it advises, and what its refusals mean."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import (
    ARGUMENT_SPEC,
    run,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result, Task

from tests.lab import client

Search = t.Callable[..., Result]


@pytest.fixture
def search(lab: client.Lab, tmp_path: Path) -> Search:
    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    servers = {
        "hf_endpoint": lab.state["huggingface"]["url"],
        "models_dev_url": lab.state["models_dev"]["url"],
        "gpustack_url": lab.state["gpustack"]["url"],
        "gpustack_api_key": lab.state["gpustack"]["api_key"],
        "cache_dir": str(tmp_path),
    }
    return lambda **more: run(Task({**defaults, **servers, **more}))


def source(result: Result, name: str) -> t.Dict[str, t.Any]:
    return next(item for item in result["sources"] if item["name"] == name)


def test_its_sets_are_searched_with_models_dev(search: Search) -> None:
    result = search(query="qwen3", limit=200)
    assert {record["source"] for record in result["models"]} == {"models.dev", "gpustack"}
    assert (source(result, "gpustack")["state"], source(result, "gpustack")["error"]) == ("live", None)
    assert source(result, "gpustack")["count"] > 100


def test_its_advice_comes_with_the_variant(search: Search, lab: client.Lab) -> None:
    mark = lab.mark()
    result = search(model="Qwen/Qwen3-8B")
    advised = {item["repository"]: item for item in result["model"]["variants"] if item["mode"]}
    assert advised["Qwen/Qwen3-8B"]["backend"] == "vLLM"
    assert "--max-model-len=32768" in advised["Qwen/Qwen3-8B"]["backend_parameters"]
    assert lab.writes_since(mark) == []


def test_a_set_is_a_model_by_its_name(search: Search) -> None:
    resolved = search(model="Qwen3-8B")["model"]["resolved"]
    assert resolved["rule"] == "gpustack_catalog"
    assert resolved["repository"].startswith("Qwen/Qwen3-8B")


def test_a_wrong_key_fails_this_source_only(search: Search) -> None:
    result = search(query="deepseek", gpustack_api_key="wrong")
    assert result["total"] > 0
    assert source(result, "gpustack")["state"] == "failed"
    assert "401" in source(result, "gpustack")["error"]
