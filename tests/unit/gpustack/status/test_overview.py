# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the info module shows beyond the record of a deployment."""

from __future__ import annotations

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.overview import (
    deployment_overview,
    route_overview,
    targets_of,
)

from tests.unit.gpustack.conftest import a_model, an_instance, listed
from tests.unit.wire import Wire

TARGETS, REVISIONS = listed("/v2/model-route-targets"), listed("/v2/models/7/revisions")


def test_instances_with_the_engine_that_runs_and_its_restarts(client: GpustackClient) -> None:
    running = an_instance(api_detected_backend_version="0.32.0", backend_version="0.31.0", restart_count=2)
    record = deployment_overview(client, a_model(), [running], [], [])
    shown = record["instances"][0]
    assert (shown["backend_version"], shown["restarts"], shown["state"]) == ("0.32.0", 2, "running")
    assert record["outdated_instances"] == []


def test_after_an_edit_by_others_the_revisions_say_what_is_outdated(
    wire: Wire, client: GpustackClient
) -> None:
    edited = a_model(backend_parameters=["--max-model-len=1024"])
    wire.expect(REVISIONS, status=404, body={"detail": "Not Found"})
    record = deployment_overview(client, edited, [an_instance()], [], [])
    assert record["edited_by_others"]
    assert record["outdated_instances"] == ["qwen3-8b-abcde"]


def test_a_route_with_where_it_leads() -> None:
    route = {"id": 3, "name": "chat", "ready_targets": 1, "access_policy": "authed"}
    targets = [
        {"route_id": 3, "model_id": 7, "weight": 90, "state": "active"},
        {"route_id": 3, "model_id": 8, "weight": 10, "state": "unavailable"},
        {"route_id": 4, "model_id": 7, "weight": 1, "state": "active"},
    ]
    shown = route_overview(route, targets, [a_model()])
    assert (shown["name"], shown["ready"]) == ("chat", True)
    assert [(row["deployment"], row["weight"], row["state"]) for row in shown["targets"]] == [
        ("qwen3-8b", 90, "active"),
        (None, 10, "unavailable"),
    ]


def test_a_server_without_routes(wire: Wire, client: GpustackClient) -> None:
    wire.expect(TARGETS, status=404, body={"detail": "Not Found"})
    assert targets_of(client) == []
