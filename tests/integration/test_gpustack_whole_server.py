# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All deployments and routes of a genuine GPUStack server: runs at the same time, lists, exports, and waiting."""

from __future__ import annotations

import json
import os
import re
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    DeploymentFailed,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import router_register

from tests.integration.gpustack_site import DEFINITION, NAME, Json, Site
from tests.lab import client

RULE: Json = {"start_cron": "0 8 * * *", "duration_seconds": 60, "replicas": 1}
SCHEDULE: Json = {"baseline_replicas": 0, "rules": [RULE]}
ROLES: t.Sequence[Json] = (
    {"name": "prefill", "replicas": 1, "backend_parameters": ["--max-num-seqs=8"]},
    {"name": "decode", "replicas": 2},
)
GROUP: Json = {
    "roles": list(ROLES),
    "disaggregation": {"mode": "vllm-nixl"},
    "gather": {"strategy": "PreferGather"},
    "backend_version": "0.32.0",
}
SECRET = "canary-3f9a17c2b8"
ADAPTERS: t.Sequence[Json] = ({"lora_name": "sql", "lora_repo_name": "lab/tiny"},)
# What a deployment may have, by its name. Most do not run, so that all have room.
WHOLE: t.Mapping[str, Json] = {
    "plain": {"replicas": 0, "state": "stopped"},
    "scheduled": {"scaling_schedule": SCHEDULE, "replicas": None},
    "group": dict(GROUP),
    "adapters": {"lora_list": list(ADAPTERS), "state": "stopped"},
    "public": {"access_policy": "public", "description": "text: with 'quotes'", "state": "stopped"},
    "variables": {"env": {"A": "1"}, "env_secrets": {"HF_TOKEN": SECRET}, "state": "stopped"},
    "pinned": {"gpu_ids": ["gpu-a:cuda:6", "gpu-a:cuda:7"], "gpus_per_replica": 2, "state": "stopped"},
    "tuned": {
        "placement_strategy": "binpack",
        "restart_on_error": False,
        "native_anthropic_api": True,
        "generic_proxy": True,
        "cpu_offloading": True,
        "speculative_config": {"algorithm": "ngram", "num_draft_tokens": 4},
        "extended_kv_cache": {"ram_size": 64},
        "worker_selector": {"worker-name": "gpu-a"},
        "categories": ["embedding"],
        "state": "stopped",
    },
}
LED: t.Sequence[Json] = (
    {"name": "test-chat", "model": "plain", "weight": 90},
    {"name": "test-chat", "model": "public", "weight": 10, "fallback": True},
    {"name": "test-one", "model": "tuned"},
)


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    return Site(clean_lab)


def items() -> t.List[Json]:
    named = (dict(DEFINITION, **dict(more, name=name)) for name, more in WHOLE.items())
    return [{key: value for key, value in item.items() if value is not None} for item in named]


def lead(site: Site, rows: t.Sequence[Json]) -> t.List[bool]:
    core = router_register.CORE
    given: Json = {"type": "gpustack", "probe": False}
    return [site.run(core, **given, **row)["changed"] for row in rows]


def exported(site: Site) -> Json:
    found = site.info(export=True)
    return {key: found[key] for key in ("export", "export_routes", "warnings")}


def filled(export: t.Sequence[Json]) -> t.List[Json]:
    """With the secrets where the templates say that they go."""
    text = re.sub(r"\{\{ gpustack_secrets\['[^']*'\]\['[^']*'\] \}\}", SECRET, json.dumps(list(export)))
    return t.cast("t.List[Json]", json.loads(text))


def made_again(site: Site, saved: Json) -> None:
    """An empty server has all of the export then, and says the same of it, byte by byte."""
    assert exported(site) == {"export": [], "export_routes": [], "warnings": []}
    site.task(wait=False, deployments=filled(saved["export"]))
    assert all(lead(site, saved["export_routes"]))
    assert json.dumps(exported(site)) == json.dumps(saved)
    assert not site.task(wait=False, deployments=filled(saved["export"]))["changed"]
    assert not any(lead(site, saved["export_routes"]))


def built(site: Site) -> Json:
    site.task(wait=False, deployments=items())
    lead(site, LED)
    saved = exported(site)
    assert [row["name"] for row in saved["export"]] == sorted(WHOLE)
    assert saved["export_routes"] == list(LED)
    assert (saved["warnings"], SECRET in json.dumps(saved)) == ([], False)
    return saved


def test_an_export_makes_the_same_deployments_and_routes_again(site: Site) -> None:
    saved = built(site)
    site.lab.clean()
    made_again(site, saved)


@pytest.mark.slow
def test_an_export_makes_them_on_a_server_that_never_had_them(site: Site, tmp_path: Path) -> None:
    saved = built(site)
    other = client.up(tmp_path / "other.json", ttl=900, owner_pid=os.getpid())
    try:
        made_again(Site(other), saved)
    finally:
        client.down(tmp_path / "other.json")


def test_what_nobody_manages_by_hand_is_stored_as_sent(site: Site) -> None:
    """Roles with all around them, a schedule and adapters: check, run, what the server has, and again."""
    name = NAME + "-group"
    task = dict(DEFINITION, name=name, wait_timeout_s=90, **GROUP)
    foreseen = site.task(check_mode=True, **task)
    done = site.task(**task)
    assert (foreseen["changed"], foreseen["diff"]) == (done["changed"], done["diff"])
    assert sorted(row["state"] for row in done["deployment"]["instances"]) == ["running"] * 3
    with site.lab.server() as server:
        (model,) = server.get("/v2/models", params={"search": name}).json()["items"]
    roles = [{key: value for key, value in role.items() if value is not None} for role in model["roles"]]
    assert roles == list(ROLES)
    assert model["disaggregation"]["mode"] == "vllm-nixl"
    assert model["gather"]["strategy"] == "PreferGather"
    assert not site.task(**task)["changed"]
    with pytest.raises(InvalidInput, match="not a layer of this cluster"):
        site.task(
            check_mode=True, **dict(task, name=name + "2", gather={"strategy": "MustGather", "layer": "x"})
        )


SCHEDULES: t.Mapping[str, t.Tuple[Json, bool]] = {
    "whole": (SCHEDULE, True),
    "paused": (dict(SCHEDULE, paused=True), True),
    "without rules": ({"baseline_replicas": 1, "rules": []}, False),
    "without a baseline": ({"rules": [RULE]}, False),
    "no cron": ({"baseline_replicas": 1, "rules": [dict(RULE, start_cron="every day")]}, False),
    "below zero": ({"baseline_replicas": 1, "rules": [dict(RULE, replicas=-1)]}, False),
    "no length": ({"baseline_replicas": 1, "rules": [dict(RULE, duration_seconds=0)]}, False),
}


def outcome(site: Site, check_mode: bool, task: Json) -> t.Tuple[str, t.Any]:
    try:
        return "done", site.task(check_mode, **task)["diff"]
    except AutoconfigError as exc:
        return "refused", exc.message


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize("kind", SCHEDULES)
def test_check_mode_says_of_a_schedule_what_the_run_says(kind: str, there: bool, site: Site) -> None:
    schedule, taken = SCHEDULES[kind]
    if there:
        site.deploy(state="stopped")
    task = dict(DEFINITION, scaling_schedule=schedule, wait=False)
    foreseen, done = (outcome(site, check_mode, task) for check_mode in (True, False))
    assert foreseen == done
    assert done[0] == ("done" if taken else "refused")


def both(*runs: t.Callable[[], t.Any]) -> t.List[t.Optional[AutoconfigError]]:
    """The errors of runs at the same time."""
    errors: t.List[t.Optional[AutoconfigError]] = [None] * len(runs)

    def one(place: int) -> None:
        try:
            runs[place]()
        except AutoconfigError as exc:
            errors[place] = exc

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.parametrize("round_number", [1, 2, 3])
def test_of_two_runs_that_want_different_things_the_loser_is_told(
    round_number: int, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked, found nothing that another one changed, and are about to write: then both write."""
    site.deploy()
    meeting, genuine = threading.Barrier(2, timeout=60), GpustackClient.update_model

    def at_the_same_time(own: GpustackClient, model_id: int, body: Json) -> Json:
        meeting.wait()
        return genuine(own, model_id, body)

    monkeypatch.setattr(GpustackClient, "update_model", at_the_same_time)
    wishes = ["--max-model-len=%d" % (1024 * each + round_number) for each in (1, 2)]
    errors = both(*(lambda wish=wish: site.deploy(backend_parameters=[wish]) for wish in wishes))
    monkeypatch.undo()
    with site.lab.server() as server:
        (model,) = server.get("/v2/models", params={"search": NAME}).json()["items"]
    lost = [place for place, wish in enumerate(wishes) if model["backend_parameters"] != [wish]]
    assert len(lost) == 1
    assert isinstance(errors[lost[0]], Conflict)
    assert "backend_parameters" in str(errors[lost[0]])


@pytest.mark.parametrize(("field", "ours", "theirs"), [("description", "ours", "theirs"), ("replicas", 2, 1)])
def test_a_write_that_comes_after_the_own_is_told(
    field: str, ours: t.Any, theirs: t.Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.deploy(description="before")
    genuine = GpustackClient.update_model

    def overwritten(own: GpustackClient, model_id: int, body: Json) -> Json:
        answer = genuine(own, model_id, body)
        genuine(own, model_id, dict(body, **{field: theirs}))
        return answer

    monkeypatch.setattr(GpustackClient, "update_model", overwritten)
    with pytest.raises(Conflict, match="changed by somebody else while this task ran: %s" % field):
        site.deploy(**{field: ours})


def test_what_a_list_no_longer_names_goes_within_the_budget(site: Site) -> None:
    named = [dict(DEFINITION, name="keep-%d" % number, replicas=0) for number in (1, 2)]
    gone = [dict(DEFINITION, name="gone-%d" % number, replicas=0) for number in (1, 2)]
    foreign = {"name": "foreign", "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B"}
    site.task(deployments=named + gone)
    with site.lab.server() as server:
        server.post("/v2/models", json=dict(foreign, replicas=0, cluster_id=1)).raise_for_status()
    mark = site.lab.mark()
    assert not site.task(deployments=named)["changed"]
    with pytest.raises(InvalidInput, match="remove 2 deployments, and max_removals is 1: gone-1, gone-2"):
        site.task(deployments=named, prune=True, max_removals=1)
    foreseen = site.task(check_mode=True, deployments=named, prune=True, max_removals=2)
    assert site.writes(mark) == []
    done = site.task(deployments=named, prune=True, max_removals=2)
    for result in (foreseen, done):
        shown = [(row["name"], row["actions"]) for row in result["results"]]
        assert shown == [("keep-1", []), ("keep-2", []), ("gone-1", ["deleted"]), ("gone-2", ["deleted"])]
    assert foreseen["diff"] == done["diff"]
    assert not site.task(deployments=named, prune=True, max_removals=0)["changed"]
    assert [row["name"] for row in site.info()["deployments"]] == ["foreign", "keep-1", "keep-2"]


def test_what_was_started_without_waiting_is_waited_for_later(site: Site) -> None:
    site.lab.control("slow", model=NAME, seconds=2)
    site.deploy(wait=False)
    shown = site.info(name=NAME, wait_for="running")
    assert shown["deployments"][0]["state"] == "running"
    assert shown["waited_s"] > 0
    site.task(name=NAME, state="absent", wait=False)
    assert site.info(name=NAME, wait_for="absent")["deployments"] == []
    with pytest.raises(DeploymentFailed, match="%s does not exist" % NAME):
        site.info(name=NAME, wait_for="running", wait_timeout_s=1)
