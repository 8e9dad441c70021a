# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a whole server shows, for people and playbooks that only look."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotFound
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    Mark,
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.stale_instances import (
    origins_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import (
    deployment_record,
)

Rows = t.Sequence[Json]


def deployment_overview(
    client: GpustackClient, model: Json, instances: Rows, workers: Rows, routes: Rows
) -> Json:
    """One deployment, with what only somebody who looks around wants to know of its instances."""
    record = deployment_record(model, instances, workers, routes)
    if record["edited_by_others"]:
        now, origins = Mark.of(model).digest_of(model), origins_of(client, model, instances)
        record["outdated_instances"] = [each["name"] for each in instances if origins[each["id"]] != now]
    record["instances"] = [
        dict(shown, **_details(instance)) for shown, instance in zip(record["instances"], instances)
    ]
    return record


def _details(instance: Json) -> Json:
    return {
        "backend_version": instance.get("api_detected_backend_version") or instance.get("backend_version"),
        "restarts": instance.get("restart_count") or 0,
        "download_percent": instance.get("download_progress"),
        "created_at": instance.get("created_at"),
    }


def targets_of(client: GpustackClient) -> t.List[Json]:
    """Where all routes lead; empty on 2.0, which has none."""
    try:
        return client.route_targets()
    except NotFound:
        return []


def route_overview(route: Json, targets: Rows, models: Rows) -> Json:
    """One route with where it leads. ``deployment`` is None for a target that is not visible, or elsewhere."""
    names = {model["id"]: public_name(model) for model in models}
    return {
        "name": route["name"],
        "id": route["id"],
        "access_policy": route.get("access_policy"),
        "ready": bool(route.get("ready_targets")),
        "targets": [
            {
                "deployment": names.get(target.get("model_id")),
                "model_id": target.get("model_id"),
                "weight": target.get("weight"),
                "state": target.get("state"),
            }
            for target in targets
            if target.get("route_id") == route["id"]
        ],
    }
