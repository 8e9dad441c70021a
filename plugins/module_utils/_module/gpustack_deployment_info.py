# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of gpustack_deployment_info."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    Json,
    connect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import (
    is_ours,
    public_route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import members_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.arrival import (
    ABSENT,
    RUNNING,
    STOPPED,
    Arrival,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.model_files import (
    file_record,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    OWNER,
    Mark,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.export import (
    exported,
    exported_routes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.overview import (
    deployment_overview,
    route_overview,
    targets_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import model_state
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import (
    worker_result,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task


def run(task: Task) -> Result:
    """Read one deployment or all, and the workers. What is broken is left out, and named. Raises AutoconfigError."""
    params = task.params
    http = options.http_options(params)
    with connect(
        params["gpustack_url"], params["gpustack_api_key"], params["gpustack_organization_id"], http
    ) as client:
        waited_s = _wait(task, client, http) if params["wait_for"] else 0.0
        client.left_out = []
        models, instances = _selected(client, params["name"])
        models = [model for model in models if _is_asked_for(model, params)]
        workers = client.workers()
        routes, targets = client.routes(), targets_of(client)
        result = {
            "changed": False,
            "deployments": [
                deployment_overview(client, model, instances.get(model["id"], []), workers, routes)
                for model in sorted(models, key=lambda row: str(row["name"]))
            ],
            "routes": [
                route_overview(route, targets, models)
                for route in sorted(routes, key=lambda row: str(row["name"]))
                if params["name"] is None or _concerns(route, targets, models)
            ],
            "server": {"url": client.url, "version": client.version()},
            "workers": [worker_result(worker) for worker in workers],
            "waited_s": waited_s,
            "warnings": client.left_out,
        }
        if params["export"]:
            marked = [route for route in routes if params["managed"] in (None, is_ours(route))]
            led = [route for route in marked if params["name"] is None or _concerns(route, targets, models)]
            result["export"] = _exported(client, models, routes)
            result["export_routes"], lost = exported_routes(led, targets, models)
            result["warnings"] = [*client.left_out, *lost]
        if params["model_files"]:
            result["files"] = [file_record(row, workers) for row in client.model_files()]
        return result


def _wait(task: Task, client: GpustackClient, http: HttpOptions) -> float:
    params = task.params

    def selected() -> t.Tuple[t.List[Json], t.Dict[int, t.List[Json]]]:
        models, instances = _selected(client, params["name"])
        return [model for model in models if _is_owned_as_asked(model, params)], instances

    waiter = Waiter(
        client,
        http.clock,
        params["wait_timeout_s"],
        task.progress,
        params["stall_timeout_s"],
        task.announce,
    )
    return Arrival(waiter, selected, params["name"]).wait(params["wait_for"])


def _selected(
    client: GpustackClient, name: t.Optional[str]
) -> t.Tuple[t.List[Json], t.Dict[int, t.List[Json]]]:
    """The models and their instances by model id, in as few requests as there are kinds."""
    if name is not None:
        members = members_of(name, client.models(name))
        return members, {model["id"]: client.instances(model["id"]) for model in members}
    models = client.models()
    by_model: t.Dict[int, t.List[Json]] = {}
    for instance in client.instances() if models else []:
        by_model.setdefault(instance["model_id"], []).append(instance)
    return models, by_model


def _is_asked_for(model: Json, params: t.Mapping[str, t.Any]) -> bool:
    return _is_owned_as_asked(model, params) and (
        not params["states"] or model_state(model) in params["states"]
    )


def _is_owned_as_asked(model: Json, params: t.Mapping[str, t.Any]) -> bool:
    return params["managed"] in (None, Mark.of(model).managed_by == OWNER)


def _exported(client: GpustackClient, models: t.Sequence[Json], routes: t.Sequence[Json]) -> t.List[Json]:
    clusters = {row["id"]: str(row["name"]) for row in client.clusters()}
    several = len(clusters) > 1
    return [
        exported(
            model,
            public_route(model, routes),
            clusters.get(model.get("cluster_id") or 0) if several else None,
        )
        for model in sorted(models, key=lambda row: str(row["name"]))
    ]


def _concerns(route: Json, targets: t.Sequence[Json], models: t.Sequence[Json]) -> bool:
    """Whether a route leads to one of these models."""
    ids = {model["id"] for model in models}
    return any(target.get("route_id") == route["id"] and target.get("model_id") in ids for target in targets)


CORE = Core(
    run=run,
    argument_spec=dict(
        {
            "name": {"type": "str"},
            "model_files": {"type": "bool", "default": False},
            "managed": {"type": "bool"},
            "states": {"type": "list", "elements": "str"},
            "export": {"type": "bool", "default": False},
            "wait_for": {"type": "str", "choices": [RUNNING, STOPPED, ABSENT]},
            "wait_timeout_s": {"type": "float", "default": 600.0},
            "stall_timeout_s": {"type": "float", "default": 600.0},
        },
        **options.GPUSTACK,
        **options.HTTP,
    ),
)
