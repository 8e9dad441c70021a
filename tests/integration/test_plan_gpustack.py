# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans that lean on a genuine GPUStack server: its catalog's versions and drafts, and what it stores of them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import (
    ARGUMENT_SPEC,
    run,
)

from tests.integration.gpustack_site import NAME, Site
from tests.integration.test_plan_hub import host
from tests.lab import client

Plan = t.Callable[..., Result]


@pytest.fixture
def plan(clean_lab: client.Lab, tmp_path: Path) -> Plan:
    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    servers = {
        "hf_endpoint": clean_lab.state["huggingface"]["url"],
        "models_dev_url": clean_lab.state["models_dev"]["url"],
        "gpustack_url": clean_lab.state["gpustack"]["url"],
        "gpustack_api_key": clean_lab.state["gpustack"]["api_key"],
        "cache_dir": str(tmp_path),
        "name": NAME,
        "model": "Qwen/Qwen3-8B",
        "hosts": [host("H200", 1)],
    }
    return lambda **more: run(Task({**defaults, **servers, **more}))


def test_the_catalog_says_how_the_model_reasons(plan: Plan) -> None:
    parameters = plan()["plan"]["backend_parameters"]
    assert "--reasoning-parser=deepseek_r1" in parameters
    assert "--tool-call-parser=hermes" in parameters
    assert "--max-model-len=32768" not in parameters


def test_its_draft_of_a_model_is_looked_for_where_latency_is_the_goal(plan: Plan) -> None:
    assert plan()["warnings"] == []
    (line,) = plan(policy="latency")["warnings"]
    assert line.startswith("The draft Qwen3-8B-EAGLE3 was left out:")


def test_speculation_and_version_reach_the_server_and_leave_it_again(
    plan: Plan, clean_lab: client.Lab
) -> None:
    site = Site(clean_lab)
    for way, stored in (
        ("ngram", {"enabled": True, "algorithm": "ngram", "num_draft_tokens": 4}),
        ("off", {}),
    ):
        made = plan(speculative=way, backend="vLLM", backend_version="0.22.1")["plan"]
        first = site.task(plan=made, placement="auto", state="present", wait=False)
        again = site.task(plan=made, placement="auto", state="present", wait=False)
        assert (first["changed"], again["changed"]) == (True, False)
        with clean_lab.server() as server:
            model = next(item for item in server.get("/v2/models").json()["items"] if item["name"] == NAME)
        config = {key: value for key, value in (model["speculative_config"] or {}).items() if value}
        assert config == stored
        assert model["backend_version"] == "0.22.1"
        assert model["backend_parameters"] == made["backend_parameters"]
