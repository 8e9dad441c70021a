# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpustack_deployment when the network, a proxy or the server misbehave, and beside others.

Where each kind of fault is tested, here unless another module is named:

==========================================  ==========================================================
wrong types, unknown or impossible values   test_gpustack_bad_input, test_gpustack_preflight
name or route taken                         test_gpustack_deployment, test_gpustack_preflight
wrong, weak or expired key                  test_gpustack_access, test_a_key_that_expires
401 to 502, slow, reset, truncated          the tests of a fault in the middle of a write, of one that
                                            lasts, while reading, and of a write that never succeeds
empty or short lists                        test_an_empty_or_short_list_is_not_believed
outage, restart of the server               test_an_outage_while_waiting, test_gpustack_waiting
worker lost, crash loop, full disk          test_gpustack_waiting
others who write at the same time           the tests of two playbooks and of two who want
==========================================  ==========================================================
"""

from __future__ import annotations

import concurrent.futures
import re
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    Conflict,
    DeploymentFailed,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
    UnexpectedReply,
)

from tests.integration.gpustack_site import CHANGED, DEFINITION, NAME, Json, Site, instance_ids
from tests.lab import client
from tests.lab.faults import Fault, FaultProxy

CREATE, CHANGE = "POST /v2/models", r"PUT /v2/models/\d+"
RESTART, REMOVE = r"POST /v2/models/\d+/restart", r"DELETE /v2/models/\d+"
LIST = "GET /v2/models"
LEAD, REPLACE = r"PUT /v2/model-routes/\d+", r"DELETE /v2/model-instances/\d+"
DOWNLOAD = "POST /v2/model-files"


@pytest.fixture
def proxy(clean_lab: client.Lab) -> t.Iterator[FaultProxy]:
    front = FaultProxy(clean_lab.state["gpustack"]["url"])
    yield front
    front.stop()


@pytest.fixture
def site(clean_lab: client.Lab, proxy: FaultProxy) -> Site:
    return Site(clean_lab, proxy.url)


def deployments(site: Site) -> t.List[Json]:
    with site.lab.server() as server:
        return t.cast("list[Json]", server.get("/v2/models").json()["items"])


def too(kind: str) -> t.Any:
    """A kind of fault that a whole rollout gets over in the same way as the first of its list."""
    return pytest.param(kind, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    "kind", ["reset_after", "429", "502", too("reset_before"), too("truncated"), too("500")]
)
def test_a_fault_in_the_middle_of_each_write(kind: str, site: Site, proxy: FaultProxy) -> None:
    """The same run goes on: each step is done once, and nothing is left to do."""
    proxy.faults.append(Fault(CREATE, kind))
    created = site.deploy()
    assert created["actions"] == ["created"]
    proxy.faults += [Fault(CHANGE, kind), Fault(RESTART, kind)]
    changed = site.deploy(**CHANGED)
    assert changed["actions"] == ["updated", "restarted"]
    assert not set(instance_ids(changed)) & set(instance_ids(created))
    assert [row["name"] for row in deployments(site)] == [NAME]
    assert not site.deploy(**CHANGED)["changed"]
    proxy.faults.append(Fault(REMOVE, kind))
    assert site.deploy(state="absent")["actions"] == ["deleted"]
    assert deployments(site) == []
    assert proxy.faults == []


LOST: t.Sequence[t.Any] = ("reset_after", "502", too("reset_before"), too("truncated"))


@pytest.mark.parametrize("kind", LOST)
def test_a_fault_in_the_middle_of_a_switch(kind: str, site: Site, proxy: FaultProxy) -> None:
    site.deploy()
    proxy.faults += [Fault(CREATE, kind), Fault(LEAD, kind), Fault(REMOVE, kind)]
    switched = site.deploy(apply="blue_green", drain_s=0, **CHANGED)
    assert switched["actions"] == ["updated", "switched"]
    assert [row["name"] for row in deployments(site)] == [switched["deployment"]["server_name"]]
    assert proxy.faults == []
    assert not site.deploy(**CHANGED)["changed"]


@pytest.mark.parametrize("kind", LOST)
def test_a_fault_in_the_middle_of_a_rolling_restart(kind: str, site: Site, proxy: FaultProxy) -> None:
    before = site.deploy(replicas=2)
    proxy.faults += [Fault(CHANGE, kind), Fault(REPLACE, kind)]
    after = site.deploy(replicas=2, apply="rolling", **CHANGED)
    assert after["actions"] == ["updated", "restarted"]
    assert len(set(instance_ids(after)) - set(instance_ids(before))) == len(instance_ids(after)) == 2
    assert proxy.faults == []
    assert not site.deploy(replicas=2, **CHANGED)["changed"]


@pytest.mark.parametrize("kind", LOST)
def test_a_fault_in_the_middle_of_a_download(kind: str, site: Site, proxy: FaultProxy) -> None:
    files: Json = {"name": NAME, "source": "huggingface", "repository": "Qwen/Qwen3-0.6B"}
    files["worker_selector"] = {"worker-name": "gpu-c"}
    site.task(state="uncached", **files)
    proxy.faults.append(Fault(DOWNLOAD, kind))
    assert [row["worker"] for row in site.task(state="cached", **files)["files"]] == ["gpu-c"]
    assert proxy.faults == []
    assert not site.task(state="cached", **files)["changed"]


@pytest.mark.parametrize("kind", ["reset_before", "truncated", "502", "429"])
def test_a_fault_while_reading_is_got_over(kind: str, site: Site, proxy: FaultProxy) -> None:
    site.deploy()
    proxy.faults.append(Fault(LIST, kind, times=2))
    assert not site.deploy()["changed"]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault(LIST, "500", times=9), Unavailable, "returned 500"),
        (Fault(LIST, "502", times=9), Unavailable, "returned 502"),
        (Fault(LIST, "404", times=9), UnexpectedReply, "has no /v2/models"),
        (Fault(LIST, "slow", times=9, seconds=1.5), Unavailable, "did not answer GET"),
        (Fault(CREATE, "401", times=9), AuthenticationFailed, "returned 401"),
    ],
)
def test_a_fault_that_lasts_is_named(
    fault: Fault, kind: t.Type[AutoconfigError], words: str, site: Site, proxy: FaultProxy
) -> None:
    proxy.faults.append(fault)
    with pytest.raises(kind, match=words) as caught:
        site.deploy(timeout_s=1 if fault.kind == "slow" else 30)
    assert not caught.value.changed
    assert deployments(site) == []


@pytest.mark.parametrize(
    ("kind", "error", "maybe_done"),
    [
        ("401", AuthenticationFailed, False),
        ("403", PermissionDenied, False),
        ("404", NotFound, False),
        ("409", Conflict, False),
        ("422", InvalidInput, False),
        ("429", Unavailable, True),
        ("500", Unavailable, True),
        ("502", Unavailable, True),
        ("slow", Unavailable, True),
        ("reset_before", Unavailable, True),
    ],
)
def test_a_write_that_never_succeeds_is_named_with_what_may_have_been_done(
    kind: str, error: t.Type[AutoconfigError], maybe_done: bool, site: Site, proxy: FaultProxy
) -> None:
    site.deploy(wait=False, replicas=0)
    proxy.faults.append(Fault(CHANGE, kind, times=99, seconds=2.5))
    with pytest.raises(error, match="PUT .*/v2/models/") as caught:
        site.deploy(wait=False, replicas=0, description="new", timeout_s=2)
    assert caught.value.changed is maybe_done
    assert ("rollback" in caught.value.details) is maybe_done
    proxy.faults.clear()
    site.deploy(wait=False, replicas=0, description="new")
    assert [row["description"] for row in deployments(site)] == ["new"]


def test_an_outage_while_waiting_is_waited_out(site: Site, proxy: FaultProxy) -> None:
    site.lab.control("slow", model=NAME, seconds=6)
    timer = threading.Timer(3, proxy.outage, args=(4,))
    timer.start()
    assert site.deploy()["deployment"]["state"] == "running"
    timer.join()


def test_a_key_that_expires_while_waiting(site: Site) -> None:
    site.lab.control("slow", model=NAME, seconds=30)
    with site.lab.server() as server:
        wish = {"name": "short-lived-%s" % id(site), "scope": ["management"], "expires_in": 6}
        key = server.post("/v2/api-keys", json=wish).raise_for_status().json()["value"]
    with pytest.raises(AuthenticationFailed, match="returned 401") as caught:
        site.deploy(gpustack_api_key=key, wait_timeout_s=40)
    assert caught.value.changed
    assert caught.value.details["rollback"] == {"name": NAME, "state": "absent"}
    assert key not in str(caught.value.as_result())


def test_a_list_goes_on_after_a_failure(site: Site, proxy: FaultProxy) -> None:
    items = [dict(DEFINITION, name="%s-%d" % (NAME, number), replicas=0) for number in range(3)]
    site.task(deployments=items)
    proxy.faults.append(Fault(CHANGE, "403"))
    changed = [dict(item, description="new") for item in items]
    with pytest.raises(DeploymentFailed, match=r"1 of 3 deployments failed. %s-\d: .*403" % NAME) as caught:
        site.task(deployments=changed)
    assert caught.value.changed
    # Several are written at once: the fault meets whichever comes first.
    assert sorted(each["changed"] for each in caught.value.details["results"]) == [False, True, True]


def test_two_playbooks_at_once_make_one_deployment(site: Site, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for options in ({}, CHANGED):
            runs = list(pool.map(lambda folder: site.playbook(folder, **options), folders))  # noqa: B023
            assert [done.returncode for done in runs] == [0, 0], runs[0].stdout + runs[1].stdout
            assert [row["name"] for row in deployments(site)] == [NAME]
            assert not site.deploy(**options)["changed"]


class Interfering(FaultProxy):
    """Somebody else writes between the look and the write, once."""

    def __init__(self, upstream: str, meanwhile: t.Callable[[], t.Any]) -> None:
        super().__init__(upstream)
        self._meanwhile: t.Optional[t.Callable[[], t.Any]] = meanwhile

    def fault_for(self, request: str) -> t.Optional[Fault]:
        if re.fullmatch(r"GET /v2/models/\d+", request) and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        return None


def test_two_who_want_different_things_are_told(site: Site) -> None:
    site.deploy()
    theirs: Json = {"backend_parameters": ["--max-model-len=2048"]}
    others = Site(site.lab)
    front = Interfering(site.lab.state["gpustack"]["url"], lambda: others.deploy(**theirs))
    try:
        with pytest.raises(Conflict, match="by somebody else .*: backend_parameters"):
            Site(site.lab, front.url).deploy(**CHANGED)
    finally:
        front.stop()
    assert not others.deploy(**theirs)["changed"]


def test_what_somebody_takes_over_meanwhile_is_not_removed(site: Site) -> None:
    result = site.deploy(replicas=0)

    def take_over() -> None:
        model = {"name": NAME, "source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "meta": {}}
        with site.lab.server() as server:
            server.put("/v2/models/%d" % result["deployment"]["id"], json=model).raise_for_status()

    front = Interfering(site.lab.state["gpustack"]["url"], take_over)
    try:
        with pytest.raises(Conflict, match="not made by this collection"):
            Site(site.lab, front.url).deploy(state="absent")
    finally:
        front.stop()
    assert [row["name"] for row in deployments(site)] == [NAME]


WORKERS, ROUTES, CLUSTERS = "GET /v2/workers", "GET /v2/model-routes", "GET /v2/clusters"
INSTANCES = r"GET /v2/models/\d+/instances"
ALL: t.Sequence[str] = (LIST, WORKERS, ROUTES, CLUSTERS, INSTANCES)


@pytest.mark.parametrize(
    ("lists", "kind", "options", "error", "words"),
    [
        ([LIST], "emptied", {"state": "absent"}, Conflict, "list of deployments shows no"),
        ([LIST], "emptied", CHANGED, Conflict, "list of deployments shows no"),
        ([LIST], "shortened", {"state": "stopped"}, Conflict, "list of deployments shows no"),
        (ALL, "emptied", {"state": "absent"}, PermissionDenied, "no cluster and no deployment at all"),
        ([INSTANCES], "emptied", CHANGED, Conflict, "counts 2 ready instances of .*, and lists 0"),
        ([INSTANCES], "shortened", CHANGED, Conflict, "counts 2 ready instances of .*, and lists 1"),
        ([INSTANCES], "shortened", {}, Conflict, "counts 2 ready instances"),
        ([WORKERS], "emptied", CHANGED, AutoconfigError, "it shows none at all"),
    ],
)
def test_an_empty_or_short_list_is_not_believed(
    lists: t.Sequence[str],
    kind: str,
    options: Json,
    error: t.Type[AutoconfigError],
    words: str,
    site: Site,
    proxy: FaultProxy,
) -> None:
    if site.version.startswith("2.0.") and lists == [LIST]:
        pytest.skip("2.0 has no routes, which prove it elsewhere")
    before = site.deploy(replicas=2)
    proxy.faults += [Fault(each, kind, times=99) for each in lists]
    mark = site.lab.mark()
    with pytest.raises(error, match=words) as caught:
        site.deploy(**options)
    assert not caught.value.changed
    assert site.writes(mark) == []
    proxy.faults.clear()
    assert instance_ids(site.deploy()) == instance_ids(before)
