# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpustack_deployment with apply=blue_green against a genuine GPUStack server."""

from __future__ import annotations

import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DeploymentFailed,
    DoesNotFit,
    InvalidInput,
    ProbeFailed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import connect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import (
    gpustack_deployment,
    router_register,
)

from tests.integration.gpustack_site import CHANGED, DEFINITION, NAME, Json, Site, instance_ids
from tests.integration.routers import PER_SECOND, Stream, call
from tests.lab import client

SWITCH: Json = {"apply": "blue_green", "drain_s": 0.5}
ALIAS = "public-alias"


@pytest.fixture
def site(clean_lab: client.Lab) -> Site:
    site = Site(clean_lab)
    if site.version.startswith("2.0."):
        pytest.skip("2.0 has no routes")
    return site


def rows(site: Site, path: str) -> t.List[Json]:
    with site.lab.server() as server:
        return t.cast("list[Json]", server.get(path).raise_for_status().json()["items"])


def names(site: Site, path: str) -> t.List[str]:
    return sorted(row["name"] for row in rows(site, path))


def alias(site: Site) -> None:
    """A second route to the deployment, as router_register makes it."""
    gpustack = site.lab.state["gpustack"]
    connection = {"gpustack_url": gpustack["url"], "gpustack_api_key": gpustack["api_key"]}
    call(router_register.CORE, type="gpustack", name=ALIAS, model=NAME, **connection)


def test_no_request_fails_while_a_deployment_takes_over_and_another_one_after_it(site: Site) -> None:
    before = site.deploy()
    alias(site)
    gpustack = site.lab.state["gpustack"]
    with (
        Stream(gpustack["direct_url"], gpustack["api_key"], NAME, PER_SECOND) as own,
        Stream(gpustack["direct_url"], gpustack["api_key"], ALIAS, PER_SECOND / 5) as other,
    ):
        own.run_for(2)
        first = site.deploy(**SWITCH, **CHANGED)
        own.run_for(2)
        second = site.deploy(**SWITCH)
        own.run_for(2)
    print(own.report(), other.report())
    assert own.failures == other.failures == []
    assert first["actions"] == ["updated", "switched"]
    servers = [result["deployment"]["server_name"] for result in (before, first, second)]
    assert servers[0] == NAME
    assert len(set(servers)) == 3
    assert names(site, "/v2/models") == [servers[2]]
    assert names(site, "/v2/model-routes") == sorted([NAME, ALIAS, servers[2]])
    assert second["deployment"]["name"] == NAME
    assert second["deployment"]["route"] == {"name": NAME, "ready": True}
    assert not set(instance_ids(before)) & set(instance_ids(second))


def test_the_life_after_a_switch(site: Site) -> None:
    """It is found by its name, unchanged, edited, scaled, adopted by info, and removed with its route."""
    site.deploy()
    switched = site.deploy(**SWITCH, **CHANGED)
    mark = site.lab.mark()
    again = site.deploy(**SWITCH, **CHANGED)
    assert (again["changed"], again["deployment"]["server_name"]) == (
        False,
        switched["deployment"]["server_name"],
    )
    assert len(site.lab.requests_since(mark)) <= 3
    shown = site.info(name=NAME)["deployments"]
    assert [row["server_name"] for row in shown] == [switched["deployment"]["server_name"]]
    assert shown == [row for row in site.info()["deployments"] if row["name"] == NAME]
    assert site.deploy(description="text", **CHANGED)["actions"] == ["updated"]
    assert site.deploy(apply="rolling")["actions"] == ["updated", "restarted"]
    assert site.deploy(state="stopped")["actions"] == ["stopped"]
    assert site.deploy(**SWITCH)["actions"] == ["scaled"]
    assert site.deploy(state="absent")["actions"] == ["deleted"]
    assert (rows(site, "/v2/models"), rows(site, "/v2/model-routes")) == ([], [])
    assert site.deploy()["deployment"]["server_name"] == NAME


def test_a_new_deployment_that_fails_leaves_the_old_one_serving(site: Site) -> None:
    before = site.deploy()
    new = site.deploy(check_mode=True, **SWITCH, **CHANGED)["deployment"]["server_name"]
    for _restart in range(5):
        site.lab.control("fail_next", model=new, message="torch.OutOfMemoryError: CUDA out of memory")
    with pytest.raises(DeploymentFailed, match="CUDA out of memory") as caught:
        site.deploy(**SWITCH, **CHANGED)
    assert not caught.value.changed
    assert "former deployment goes on serving" in str(caught.value.hint)
    assert names(site, "/v2/models") == names(site, "/v2/model-routes") == [NAME]
    again = site.deploy()
    assert (again["changed"], instance_ids(again)) == (False, instance_ids(before))


def test_a_new_deployment_that_does_not_answer_leaves_the_old_one_serving(site: Site) -> None:
    site.deploy()
    inference: Json = {"probe_api_key": "gpustack_0123456789abcdef_00000000000000000000000000000000"}
    with pytest.raises(ProbeFailed):
        site.deploy(**SWITCH, **CHANGED, **inference, probe_patience_s=2)
    assert names(site, "/v2/models") == names(site, "/v2/model-routes") == [NAME]


def test_what_does_not_fit_beside_the_old_one_is_refused_with_numbers(site: Site) -> None:
    pinned: Json = {"gpu_ids": ["gpu-a:cuda:0"]}
    site.deploy(**pinned, overcommit=True)  # a worker's report may still tell of a former test's engine
    mark = site.lab.mark()
    with pytest.raises(DoesNotFit, match="GiB") as caught:
        site.deploy(**SWITCH, **CHANGED, **pinned)
    assert "beside_running: true" in str(caught.value.hint)
    with pytest.raises(DoesNotFit, match=r"no room for 8 more replicas .* 8 GPUs have 56\d\.\d\d GiB free"):
        site.deploy(**SWITCH, **CHANGED, replicas=8, worker_selector={"worker-name": "gpu-a"}, gpu_ids=[])
    with pytest.raises(InvalidInput, match="without waiting"):
        site.deploy(**SWITCH, **CHANGED, **pinned, wait=False)
    assert site.writes(mark) == []


class _PowerCut(BaseException):
    """The end of the controller: nothing of the collection may catch it."""


class _DiesAtWrite(httpx.HTTPTransport):
    """Sends ``left`` writing requests; at the next one the controller is gone."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self._left = left

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET" and "/v2/model-evaluations" not in request.url.path:
            if not self._left:
                raise _PowerCut
            self._left -= 1
        return super().handle_request(request)


def cut_off(site: Site, writes: int) -> None:
    """A switch to CHANGED that is killed before its next write after ``writes``."""
    params = site.parameters(gpustack_deployment.CORE, **dict(DEFINITION, **SWITCH, **CHANGED))
    options = HttpOptions(transport=_DiesAtWrite(writes))
    connection = connect(params["gpustack_url"], params["gpustack_api_key"], None, options)
    waiter = Waiter(connection, options.clock, 60.0, print)
    deployment = Deployment(View(connection), wanted_of(params), False, waiter)
    with connection, pytest.raises(_PowerCut):
        deployment.run()


WRITES = 4  # the POST, the route to both, the route to the new one, the DELETE of the old one


@pytest.mark.slow
@pytest.mark.parametrize("writes", range(WRITES))
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_switch_that_was_killed_ends_in_one_deployment(site: Site, writes: int, goes_on: bool) -> None:
    """Whether the next run wants the same, or what was there before, by the simplest way."""
    before = site.deploy()
    cut_off(site, writes)
    wish: Json = dict(SWITCH, **CHANGED) if goes_on else {"drain_s": 0.5}
    predicted = site.deploy(check_mode=True, **wish)
    real = site.deploy(**wish)
    assert (predicted["changed"], predicted["actions"]) == (real["changed"], real["actions"])
    server_name = real["deployment"]["server_name"]
    assert names(site, "/v2/models") == [server_name]
    assert names(site, "/v2/model-routes") == sorted({NAME, server_name})
    assert not site.deploy(**wish)["changed"]
    if not goes_on and writes < WRITES - 1:  # the old one still served
        assert instance_ids(real) == instance_ids(before)


def test_what_an_interrupted_switch_left_is_removed_with_the_deployment(site: Site) -> None:
    site.deploy()
    cut_off(site, 2)
    assert len(names(site, "/v2/models")) == 2
    assert site.deploy(state="absent", drain_s=0)["actions"] == ["deleted"]
    assert (rows(site, "/v2/models"), rows(site, "/v2/model-routes")) == ([], [])
