# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that are empty or short: nothing is done on their word where the server says otherwise elsewhere."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    PermissionDenied,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.deciding.contradictions import (
    Contradiction,
    check_absence,
    check_workers_shown,
    checked_instances,
)

from tests.unit.gpustack.conftest import Json, a_model, a_worker, an_instance, listed, page
from tests.unit.wire import Wire

NAME = "qwen3-8b"
CLUSTERS, MODELS = listed("/v2/clusters"), listed("/v2/models")
INSTANCES = listed("/v2/models/7/instances")
TARGETS, MODEL = listed("/v2/model-route-targets", route_id=3), "GET /v2/models/7"
A_CLUSTER = {"id": 1, "name": "Default Cluster"}


@pytest.fixture
def view(client: GpustackClient) -> View:
    return View(client)


@pytest.mark.parametrize("version", ["2.1", "2.3"])
def test_a_route_proves_that_its_deployment_exists(version: str, wire: Wire, view: View) -> None:
    route: Json = {"id": 3, "name": NAME}
    if version == "2.1":
        wire.expect(TARGETS, body=page({"id": 4, "model_id": 7}))
    else:
        route["created_model_id"] = 7
    wire.expect(MODEL, body=a_model())
    with pytest.raises(Contradiction, match="shows no qwen3-8b, yet the deployment with the id 7") as caught:
        check_absence(view, NAME, [route])
    assert "gpustack_organization_id" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("status", "body"), [(404, {"message": "Model not found"}), (200, a_model(name="another"))]
)
def test_a_route_that_was_left_behind_or_leads_elsewhere_proves_nothing(
    status: int, body: Json, wire: Wire, view: View
) -> None:
    routes = [
        {"id": 3, "name": NAME, "created_model_id": 7},
        {"id": 4, "name": NAME, "created_model_id": None},
    ]
    wire.expect(MODEL, status=status, body=body)
    wire.expect(CLUSTERS, body=page(A_CLUSTER))
    check_absence(view, NAME, routes)


def test_a_key_that_sees_nothing_proves_nothing(wire: Wire, view: View) -> None:
    for call in (CLUSTERS, MODELS):
        wire.expect(call, body=page())
    with pytest.raises(PermissionDenied, match="no cluster and no deployment at all") as caught:
        check_absence(view, NAME, [])
    assert "before GPUStack 2.2" in str(caught.value.hint)


def test_a_key_that_sees_other_deployments_is_believed(wire: Wire, view: View) -> None:
    wire.expect(CLUSTERS, body=page())
    wire.expect(MODELS, body=page(a_model(name="another")))
    check_absence(view, NAME, [])


def test_fewer_instances_than_are_ready_is_refused(wire: Wire, view: View) -> None:
    wire.expect(INSTANCES, body=page(an_instance()))
    with pytest.raises(Contradiction, match="counts 2 ready instances of qwen3-8b, and lists 1"):
        checked_instances(view, a_model(replicas=2, ready_replicas=2))


def test_as_many_instances_as_are_ready_are_believed(wire: Wire, view: View) -> None:
    wire.expect(INSTANCES, body=page(an_instance()))
    assert [row["id"] for row in checked_instances(view, a_model())] == [20]


def test_a_listed_deployment_without_its_id_is_a_contradiction(wire: Wire, view: View) -> None:
    wire.expect(INSTANCES, status=404, body={"message": "Model not found"})
    with pytest.raises(Contradiction, match="lists the deployment qwen3-8b, and has none with its id 7"):
        checked_instances(view, a_model())


@pytest.mark.parametrize(
    ("instance", "workers", "words"),
    [
        (an_instance(), [], r"runs on the worker w1, .* \(it is empty\)"),
        (an_instance(), [a_worker("w2", id=2)], r"none of this name \(w2\)"),
        (an_instance(), [a_worker()], None),
        (an_instance(state="pending", worker_id=None), [], None),
        (an_instance(state="unreachable"), [], None),
    ],
)
def test_what_runs_runs_on_a_worker(instance: Json, workers: t.List[Json], words: t.Optional[str]) -> None:
    if words is None:
        check_workers_shown([instance], workers)
        return
    with pytest.raises(Contradiction, match=words):
        check_workers_shown([instance], workers)


def pages(wire: Wire, *of: t.Tuple[int, int]) -> None:
    """One page for each pair of rows in it and rows in all."""
    for number, (rows, total) in enumerate(of, 1):
        body = {"items": [{"id": row, "name": "w%d" % row} for row in range(rows)]}
        pagination = {"page": number, "perPage": 100, "total": total, "totalPage": len(of)}
        wire.expect("GET /v2/workers?page=%d&perPage=100" % number, body=dict(body, pagination=pagination))


def test_rows_that_move_between_two_pages_make_it_read_again(wire: Wire, client: GpustackClient) -> None:
    """One was deleted after the first page was read: the first of the second page came too late."""
    pages(wire, (100, 201), (100, 200))
    pages(wire, (100, 200), (100, 200))
    assert len(client.workers()) == 200


def test_a_list_that_is_shorter_than_it_says_is_refused(wire: Wire, client: GpustackClient) -> None:
    for _attempt in range(3):
        pages(wire, (2, 3))
    with pytest.raises(UnexpectedReply, match="says that it has 3 rows, and sent 2") as caught:
        client.workers()
    assert isinstance(caught.value, AutoconfigError)
    assert "Nothing was changed" in str(caught.value.hint)
