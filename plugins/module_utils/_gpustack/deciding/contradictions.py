# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that cannot be true beside what else the server shows.

A key without rights, one from before GPUStack 2.2, or a confused proxy turns what exists into an empty
or shortened list. Nothing may be created, replaced or called absent on its word alone.

Two lists are two readings: what somebody else creates or removes between them looks like such a
contradiction. Whoever calls reads both again before the server is accused.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    NotFound,
    PermissionDenied,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json

_HINT = (
    "The answer is incomplete: check gpustack_organization_id, the rights of gpustack_api_key and what is "
    "between here and the server, then run again. Nothing was changed."
)


class Contradiction(Conflict):
    """Two readings of one server that cannot both be true at one time."""


def check_absence(view: View, name: str, routes: t.Sequence[Json]) -> None:
    """That no deployment of this name exists, after a list has shown none; ``routes`` have the name too.

    :raises Contradiction: a route proves that there is one.
    :raises PermissionDenied: with this key nothing at all is visible, so that it proves nothing.
    """
    for route in routes:
        for model_id in _models_behind(view.client, route):
            if _name_of(view.client, model_id) == name:
                raise Contradiction(
                    "GPUStack's list of deployments shows no %s, yet the deployment with the id %d has this name"
                    % (name, model_id),
                    hint=_HINT,
                )
    if not view.clusters() and not view.client.models():
        raise PermissionDenied(
            "With this gpustack_api_key GPUStack shows no cluster and no deployment at all, "
            "which does not prove that there is no %s" % name,
            hint="Use a key that may see the cluster; one that was made before GPUStack 2.2 has to be made anew. "
            "On a new server, create a cluster first.",
        )


def checked_instances(view: View, model: Json) -> t.List[Json]:
    """The instances of a deployment, where they are as many as the server counts ready ones.

    :raises Contradiction: they are fewer, or the deployment that a list showed has gone.
    """
    try:
        instances = view.instances(model)
    except NotFound as exc:
        raise Contradiction(
            "GPUStack lists the deployment %s, and has none with its id %d" % (model["name"], model["id"]),
            hint=_HINT,
        ) from exc
    ready = model.get("ready_replicas") or 0
    if len(instances) < ready:
        raise Contradiction(
            "GPUStack counts %d ready instances of %s, and lists %d" % (ready, model["name"], len(instances)),
            hint=_HINT,
        )
    return instances


def check_workers_shown(instances: t.Iterable[Json], workers: t.Sequence[Json]) -> None:
    """Contradiction when something runs on a worker that the list of workers does not show."""
    shown = {worker["id"] for worker in workers}
    for instance in instances:
        if instance["state"] == "running" and instance.get("worker_id") not in shown:
            raise Contradiction(
                "GPUStack says that %s runs on the worker %s, and its list of workers shows none of this name (%s)"
                % (
                    instance["name"],
                    instance.get("worker_name"),
                    ", ".join(sorted(worker["name"] for worker in workers)) or "it is empty",
                ),
                hint=_HINT,
            )


def _models_behind(client: GpustackClient, route: Json) -> t.List[int]:
    """The deployment that a route was made with, before 2.2 all that it leads to."""
    if "created_model_id" in route:
        return [route["created_model_id"]] if route["created_model_id"] else []
    return [row["model_id"] for row in client.route_targets(route["id"]) if row.get("model_id")]


def _name_of(client: GpustackClient, model_id: int) -> t.Optional[str]:
    try:
        return t.cast("t.Optional[str]", client.model(model_id).get("name"))
    except NotFound:
        return None
