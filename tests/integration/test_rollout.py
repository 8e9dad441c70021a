# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollouts as a user runs them where things are not as they should be: what works is not moved by surprise."""

from __future__ import annotations

import contextlib
import json
import sys
import typing as t
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.integration.test_gpustack_fields import SCHEDULE
from tests.integration.test_main_job import NAME, User
from tests.lab import client
from tests.lab.web import Relay, Server


@pytest.fixture
def user(clean_lab: client.Lab, tmp_path: Path) -> User:
    return User(clean_lab, tmp_path)


OTHER_ENGINE, OTHER_VERSION = "0.19.0", "2.2.9"


Json = t.Dict[str, t.Any]


def of_nothing(content: Json) -> None:
    content.update(items=[], pagination={**content["pagination"], "total": 0, "totalPage": 1})


def of_another_version(content: Json) -> None:
    content["version"] = OTHER_VERSION


def of_another_engine(content: Json) -> None:
    for each in content["items"]:
        each["default_version"] = OTHER_ENGINE


def of_somebody_else(content: Json) -> None:
    """Without the mark of this collection."""
    for each in content["items"]:
        each["meta"] = {}


# The same workers, but another version and engine, and no deployment: none in any list, and no route to one.
ANOTHER = {
    "/version": of_another_version,
    "/v2/inference-backends": of_another_engine,
    "/v2/models": of_nothing,
    "/v2/model-routes": of_nothing,
    "/v2/model-instances": of_nothing,
}
FOREIGN = {"/v2/models": of_somebody_else}


class _OtherServer(Relay):
    """The same server, seen otherwise: ``views`` change what some paths answer."""

    views: t.ClassVar[t.Mapping[str, t.Callable[[Json], None]]]

    def respond(self) -> None:
        view = self.views.get(urlsplit(self.path).path)
        with self.ask(self.read_body(), 60.0) as answer:
            said = answer.read()
            if answer.status != 200 or view is None:
                self.reply(answer.status, said, answer.getheader("Content-Type") or "application/json")
                return
        content = json.loads(said)
        view(content)
        self.reply(200, content)


@contextlib.contextmanager
def other_server(url: str, views: t.Mapping[str, t.Callable[[Json], None]]) -> t.Iterator[str]:
    server = Server(type("Other", (_OtherServer,), {"address": urlsplit(url).netloc, "views": views}))
    try:
        yield server.url
    finally:
        server.stop()


def place_of(user: User) -> str:
    """The host on which the deployment is pinned."""
    (gpu_id,) = user.models()[0]["gpu_selector"]["gpu_ids"]
    return str(gpu_id).partition(":")[0]


def test_what_runs_stays_whatever_facts_there_are(user: User) -> None:
    assert user.play("deploy").status == 0
    at, model = place_of(user), user.models()[0]
    user.lab.control("set_broken", host=at, mode="driver_not_loaded")
    try:
        broken = user.play("deploy")
    finally:
        user.lab.control("set_broken", host=at, mode=None)
    assert (broken.status, broken.changed, broken.writes) == (0, 0, []), broken.output
    assert f"{NAME} stays as it runs: the GPUs of {at} cannot be planned with today" in broken.output

    limited = user.play("deploy", "--limit", f"all:!{at}")
    assert (limited.status, limited.changed, limited.writes) == (0, 0, []), limited.output

    url = user.environment.pop("GPUSTACK_URL")
    named = user.play("deploy", model_deployment_gpustack_url=url)
    assert (named.status, named.changed, named.writes) == (0, 0, []), named.output
    user.environment["GPUSTACK_URL"] = url
    assert user.models() == [model]

    moved = user.play("plan", "--limit", f"all:!{at}", model_deployment_replan="always")
    assert f"  ! {NAME}: moves from {at} (GPU 0) to gpu-" in moved.output
    assert "because replan is always" in moved.output


UNREACHABLE = {"ansible_host": "127.0.0.1", "ansible_connection": "ssh", "ansible_ssh_timeout": 3}


def test_drift_is_an_exit_status(user: User) -> None:
    assert user.play("deploy").status == 0
    more = user.router.with_name("more.yml")
    more.write_text(yaml.safe_dump({"all": {"hosts": {"gone": {"ansible_port": 9, **UNREACHABLE}}}}))
    same = user.play("drift", "-i", str(more))
    assert (same.status, same.writes) == (0, []), same.output
    assert "as asked for" in same.output
    other = user.play("drift", model_deployment_context_tokens=8192)
    assert (other.status, other.writes) == (2, []), other.output
    assert any("context_tokens was not set and is 8192" in error for error in other.errors), other.output
    user.environment["GPUSTACK_URL"] = "http://127.0.0.1:9"
    unknown = user.play("drift")
    assert unknown.status == 4, unknown.output
    assert "Could not be compared: http://127.0.0.1:9: GPUStack cannot be reached" in unknown.output


def test_a_router_and_a_dead_server_hide_no_plan(user: User) -> None:
    url = user.lab.state["gpustack"]["url"]
    hosts: t.Dict[str, t.Dict[str, t.Any]] = {
        "gpu-a": {"model_deployment_gpustack_url": url},
        "gpu-c": {"model_deployment_gpustack_url": url},
        "gpu-b": {"model_deployment_gpustack_url": "http://127.0.0.1:9"},
        "a-router": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
    }
    extra = user.router.with_name("sites.yml")
    extra.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    stopped = user.play("deploy", "-i", str(extra))
    assert stopped.status != 0
    assert f"{NAME} (site {url}" in stopped.output
    assert "left out: a-router" in stopped.output
    (error,) = stopped.errors
    assert (
        "1 of 2 sites cannot be planned, and nothing was changed: http://127.0.0.1:9: GPUStack cannot be"
        in error
    )
    assert "model_deployment_site_failure: skip" in error
    assert stopped.writes == []

    skipped = user.play("deploy", "-i", str(extra), model_deployment_site_failure="skip")
    assert skipped.status == 0, skipped.output
    assert f"{url}: done (created)" in skipped.output
    assert "http://127.0.0.1:9: left out (GPUStack cannot be" in skipped.output
    assert f"address     {url}/v1, model {NAME}" in skipped.output


def test_a_worker_in_maintenance_is_not_planned_with(user: User) -> None:
    chosen = user.play("plan")
    at = next(line.split()[1].rstrip(":") for line in chosen.output.splitlines() if "  place " in line)
    with user.lab.server() as server:
        workers = {each["name"]: each for each in server.get("/v2/workers").json()["items"]}
        body = {**workers[at], "maintenance": {"enabled": True, "message": "new fans"}}
        server.put(f"/v2/workers/{workers[at]['id']}", json=body).raise_for_status()
        try:
            deployed = user.play("deploy")
        finally:
            body["maintenance"] = {"enabled": False}
            server.put(f"/v2/workers/{workers[at]['id']}", json=body).raise_for_status()
    assert deployed.status == 0, deployed.output
    assert f"{at}: its GPUStack worker is in maintenance" in deployed.output
    assert place_of(user) != at


def two_sites(user: User, hosts: t.Mapping[str, str]) -> t.Tuple[str, str]:
    """Arguments for an inventory in which these hosts belong to these servers."""
    rows = {name: {"model_deployment_gpustack_url": url} for name, url in hosts.items()}
    extra = user.router.with_name("sites.yml")
    extra.write_text(yaml.safe_dump({"all": {"hosts": rows}}), encoding="utf-8")
    return "-i", str(extra)


@pytest.mark.parametrize("reason", ["schedule", "foreign on another server"])
def test_nothing_goes_before_all_is_allowed(reason: str, user: User) -> None:
    """The route stays where the deployment may not go, be it the server's schedule or somebody else's deployment."""
    assert user.play("deploy").status == 0
    routes, url = user.router.read_bytes(), user.lab.state["gpustack"]["url"]
    if reason == "schedule":
        with user.lab.server() as server:
            model = server.get("/v2/models").json()["items"][0]
            body = {**model, "scaling_schedule": {**SCHEDULE, "enabled": True}}
            server.put(f"/v2/models/{model['id']}", json=body).raise_for_status()
        playbooks, words = ["stop"], "has a scaling schedule of the server, which would start it again"
    else:
        playbooks, words = ["stop", "remove"], "was not made by this collection"
    with other_server(user.lab.state["gpustack"]["direct_url"], FOREIGN) as other:
        sites = two_sites(user, {"gpu-a": url, "gpu-b": url if reason == "schedule" else other})
        for playbook in playbooks:
            refused = user.play(playbook, *sites, model_deployment_name=NAME, model_deployment_hosts="all")
            assert refused.status != 0
            assert any(words in error for error in refused.errors), refused.output
            assert refused.writes == []
            assert user.router.read_bytes() == routes


def test_a_route_that_cannot_be_written_is_found_before_anything_is_deployed(user: User) -> None:
    user.router.write_text("routing: [", encoding="utf-8")
    refused = user.play("deploy")
    assert refused.status != 0
    assert f"{user.router}, line 2, column 1 is not usable YAML" in refused.output
    assert (refused.writes, user.models()) == ([], [])


def test_each_server_is_planned_with_its_own(user: User) -> None:
    """Beside the lab's server there is one of another version, with another engine."""
    assert user.play("deploy", "--limit", "gpu-a").status == 0
    url = user.lab.state["gpustack"]["url"]
    with other_server(user.lab.state["gpustack"]["direct_url"], ANOTHER) as other:
        sites_of = two_sites(user, {"gpu-a": url, "gpu-b": other, "gpu-c": other})
        file = user.router.with_name("plan.json")
        planned = user.play("plan", *sites_of, model_deployment_plan_file=str(file))
        assert planned.status == 0, planned.output
        sites = json.loads(file.read_text(encoding="utf-8"))["sites"]
        own = {name: site["sources"]["engine_versions"]["vLLM"] for name, site in sites.items()}
        assert own[other] == OTHER_ENGINE != own[url]
        assert sites[other]["server"]["version"] == OTHER_VERSION != sites[url]["server"]["version"]

        everywhere = {"model_deployment_name": NAME, "model_deployment_hosts": "all"}
        stopped = user.play("stop", *sites_of, **everywhere)
        assert stopped.status == 0, stopped.output
        assert f"{url}: deployment {NAME} on gpu-a: " in stopped.output
        assert f"{other}: no deployment is called {NAME}; there are: none" in stopped.output
    assert user.models()[0]["replicas"] == 0
    assert user.providers() == []


def test_what_was_reviewed_is_what_is_applied(user: User) -> None:
    file = user.router.with_name("plan.json")
    reviewed = {"model_deployment_plan_file": str(file)}
    first = user.play("plan", **reviewed)
    assert (first.status, first.changed, first.writes) == (0, 1, []), first.output
    assert user.environment["GPUSTACK_API_KEY"] not in file.read_text(encoding="utf-8")
    plan = json.loads(file.read_text(encoding="utf-8"))["sites"][user.lab.state["gpustack"]["url"]]["plans"][
        0
    ]

    offline = {**reviewed, "model_deployment_model": ""}
    user.environment.update(HF_ENDPOINT="http://127.0.0.1:9", MODELS_DEV_URL="http://127.0.0.1:9")
    preview = user.play("deploy", "--check", "--diff", **offline)
    assert (preview.status, preview.changed, preview.writes) == (0, 2, []), preview.output
    applied = user.play("deploy", "--diff", **offline)
    assert (applied.status, applied.changed) == (0, 2), applied.output
    assert applied.diff_of("Apply the deployment") == preview.diff_of("Apply the deployment") != ""
    assert user.models()[0]["backend_parameters"] == plan["backend_parameters"]
    assert user.play("deploy", **offline).changed == 0

    beside = user.play("deploy", **offline, model_deployment_concurrency=3)
    assert beside.status != 0
    assert any("concurrency is 3 beside it" in error for error in beside.errors), beside.output
    shown = user.play("plan_show", model_deployment_plan_file=file.name)
    assert plan["plan_id"] in shown.output


def test_a_misspelt_variable_is_refused_before_anything_is_read(user: User) -> None:
    refused = user.play("deploy", "-e", "model_deployment_context=16384")
    assert refused.status != 0
    (error,) = refused.errors
    assert "Did you mean model_deployment_context_tokens" in error
    assert refused.writes == []


@pytest.mark.slow
def test_a_download_of_a_minute_is_watched(user: User) -> None:
    user.lab.control("download", repository="Qwen/Qwen3-8B", seconds=70, steps=70, size=16 << 30)
    run = user.play("deploy", model_deployment_wait_timeout_s=0)
    assert run.status == 0, run.output
    lines = [line for line in run.output.splitlines() if " downloading " in line]
    assert 2 <= len(lines) <= 4, run.output
    assert all("% of 16384 MiB" in line and "MiB/s" in line and " left" in line for line in lines)
