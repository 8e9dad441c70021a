# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several models in one run, and a canary that fails, as a user runs them."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment_info import (
    CORE as INFO,
)

from tests.integration.routers import call
from tests.integration.test_main_job import MODEL, NAME, User
from tests.integration.test_rollout import ANOTHER, other_server
from tests.lab import client


@pytest.fixture
def user(clean_lab: client.Lab, tmp_path: Path) -> User:
    return User(clean_lab, tmp_path)


def exported(user: User) -> str:
    """What makes the same deployments again, as text."""
    gpustack = user.lab.state["gpustack"]
    found = call(INFO, gpustack_url=gpustack["url"], gpustack_api_key=gpustack["api_key"], export=True)
    return json.dumps(found["export"], sort_keys=True)


def inventory(user: User, sites: t.Mapping[str, str]) -> str:
    path = user.router.with_name("sites.yml")
    rows = {host: {"model_deployment_gpustack_url": url} for host, url in sites.items()}
    path.write_text(yaml.safe_dump({"all": {"hosts": rows}}), encoding="utf-8")
    return str(path)


def names_of(user: User) -> t.List[str]:
    return sorted(model["name"] for model in user.models())


APP, EMBED = "app", "embed"


def test_several_models_come_in_their_order_and_go_back_together(user: User) -> None:
    route = {"type": "modelscan", "path": str(user.router)}
    models: t.List[t.Dict[str, t.Any]] = [
        {"model": MODEL, "name": APP, "after": [EMBED], "routers": [route]},
        {"model": "Qwen/Qwen3-0.6B", "name": EMBED, "verify_kind": "embedding", "context_tokens": 8192},
    ]
    asked = {"model_deployment_model": "", "model_deployment_routers": [], "model_deployment_models": models}
    planned = user.play("plan", "--tags", "plan", **asked)
    assert (planned.status, planned.changed, planned.writes) == (0, 0, []), planned.output

    first = user.play("deploy", "--diff", **asked)
    assert first.status == 0, first.output
    assert names_of(user) == [APP, EMBED]
    told = [line.split()[1] for line in first.output.splitlines() if line.strip().startswith("deployment  ")]
    assert told == [EMBED + ",", APP + ","]
    assert [each["name"] for each in user.providers()] == [APP]
    taken = [gpu for model in user.models() for gpu in model["gpu_selector"]["gpu_ids"]]
    assert len(set(taken)) == len(taken)
    again = user.play("deploy", **asked)
    assert (again.status, again.changed, again.writes) == (0, 0, []), again.output
    for entry_point in ("drift", "plan"):
        same = user.play(entry_point, **asked)
        assert (same.status, same.writes) == (0, []), same.output

    before, file = exported(user), user.router.read_bytes()
    changed = [{**models[0], "context_tokens": 4096}, {**models[1], "context_tokens": 4096}]
    user.lab.control("fail_next", model=APP, message="engine exited with code 1")
    failed = user.play("deploy", **{**asked, "model_deployment_models": changed})
    assert failed.status != 0
    assert f"restored ({APP}: " in failed.output
    assert (exported(user), user.router.read_bytes()) == (before, file)

    removed = user.play("remove", **asked)
    assert removed.status == 0, removed.output
    assert (names_of(user), user.providers()) == ([], [])


def test_a_failed_canary_leaves_everything_as_it_was(user: User) -> None:
    url = user.lab.state["gpustack"]["url"]
    assert user.play("deploy", "--limit", "gpu-b").status == 0
    before, file = exported(user), user.router.read_bytes()
    with other_server(user.lab.state["gpustack"]["direct_url"], ANOTHER) as other:
        sites = inventory(user, {"gpu-a": other, "gpu-b": url, "gpu-c": other})
        wanted = {"model_deployment_context_tokens": 8192, "model_deployment_canary_site": "gpu-b"}
        paused = user.play("deploy", "-i", sites, **wanted, model_deployment_pause_file=str(user.router))
        assert paused.status != 0
        assert (paused.writes, exported(user)) == ([], before), paused.output
        assert any("Nothing was changed" in error for error in paused.errors), paused.output

        user.lab.control("stream_slowly", seconds=0.05)
        watch = {"model_deployment_soak_s": 3, "model_deployment_soak_pause_s": 0.5}
        failed = user.play("deploy", "-i", sites, **wanted, **watch, model_deployment_soak_inter_token_ms=1)
    assert failed.status != 0
    assert f"{url}: restored (The load does not keep its limits: inter_token_ms p95" in failed.output
    assert f"{other}: not reached" in failed.output
    assert "PUT /v2/models" in " ".join(failed.writes)
    assert (exported(user), user.router.read_bytes()) == (before, file)
    assert names_of(user) == [NAME]
    assert user.ask().status_code == 200
