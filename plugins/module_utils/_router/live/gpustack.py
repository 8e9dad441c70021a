# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model routes of GPUStack (2.1 and later) and their targets.

A route belongs to us as a whole, by a mark in its ``meta``; targets have no room for one. All
targets are written in one request, since the call that adds some removes the others.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    Json,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.routes import (
    FALLBACK_CODES,
    drop_target,
    is_ours,
    kept,
    made_by_deployment,
    write_targets,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
    public_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MANAGED_BY,
    Fields,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.reconcile import (
    BACKEND,
    UNKNOWN,
    Found,
    PlainRouter,
)


@dataclass(frozen=True)
class _Target:
    """One target with its route and all targets of that route."""

    route: Json
    targets: t.Sequence[Json]
    target: Json


class GpustackRoutes(PlainRouter):
    """Routes of one GPUStack server; a backend is one of its deployments."""

    name = "GPUStack"
    fields: t.Tuple[FieldSpec, ...] = (
        FieldSpec("managed_by"),
        FieldSpec("name"),
        FieldSpec("model"),
        FieldSpec("weight"),
        FieldSpec("fallback"),
    )

    def __init__(self, client: GpustackClient, adopt: bool) -> None:
        self._client, self._adopt = client, adopt

    def wanted(self, route: Route) -> Fields:
        fields = {
            "managed_by": MANAGED_BY,
            "name": route.name,
            "model": route.model,
            "weight": route.weight,
            "fallback": route.fallback,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def find(self, route: Route) -> t.List[Found]:
        row = self._route(route.name)
        if row is None:
            return []
        targets = self._client.route_targets(row["id"])
        names = {model["id"]: public_name(model) for model in self._client.models()} if targets else {}
        all_of_route = [_found(row, targets, target, names.get(target.get("model_id"))) for target in targets]
        return [each for each in all_of_route if route.model in (None, each.fields["model"])]

    def check_new(self, route: Route, is_predicted: bool) -> None:
        row = self._route(route.name)
        if row is not None and not self._adopt and not is_ours(row):
            raise Conflict(
                "GPUStack: the route %s was not made by this collection" % route.name,
                hint="Set adopt to true to add a target to it, or choose another name.",
            )
        if not is_predicted:
            self._model(route)

    def create(self, route: Route) -> None:
        model = self._model(route)
        new: Json = {"model_id": model["id"]}
        if route.weight is not None:
            new["weight"] = route.weight
        if route.fallback:
            new["fallback_status_codes"] = FALLBACK_CODES
        row = self._route(route.name)
        if row is None:
            self._client.create_route(
                {
                    "name": route.name,
                    "categories": model.get("categories") or [],
                    "meta": {META_KEY: {"managed_by": MANAGED_BY}},
                    "targets": [new],
                }
            )
            return
        targets = self._client.route_targets(row["id"])
        write_targets(self._client, row, [kept(each) for each in targets] + [new])

    def update(self, found: Found, route: Route, changed: Fields) -> None:
        at: _Target = found.raw
        new: Json = {}
        if "weight" in changed:
            new["weight"] = changed["weight"] or 0
        if "fallback" in changed:
            new["fallback_status_codes"] = FALLBACK_CODES if changed["fallback"] else None
        # A route has one fallback: the former one gives way.
        other: Json = {"fallback_status_codes": None} if changed.get("fallback") else {}
        targets = [dict(kept(each), **(new if each is at.target else other)) for each in at.targets]
        write_targets(self._client, at.route, targets)

    def delete(self, found: Found) -> None:
        at: _Target = found.raw
        drop_target(self._client, at.route, at.targets, at.target)

    def in_flight(self, found: Found) -> t.Optional[int]:
        return None

    def reached(self, found: Found, route: Route, answer: Answer, tally: t.Optional[int]) -> str:
        """The server puts the name of the deployment into the answer."""
        return BACKEND if answer.model is not None and answer.model == route.model else UNKNOWN

    def _model(self, route: Route) -> Json:
        family = View(self._client).family(str(route.model))
        if family is None:
            raise NotFound(
                "GPUStack has no deployment called %s" % route.model,
                hint="Deploy it first, or give the name of the deployment as model.",
            )
        return family.serving

    def _route(self, name: str) -> t.Optional[Json]:
        rows = self._client.routes(name)
        if len(rows) > 1:
            raise Conflict(
                "%d routes of GPUStack are called %s" % (len(rows), name),
                hint="Set gpustack_organization_id to the organization that is meant.",
            )
        if rows and made_by_deployment(rows[0]):
            raise Conflict(
                "GPUStack: %s is the name of a deployment, which has its own route" % name,
                hint="Choose another public name: GPUStack makes and removes that route with the deployment.",
            )
        return rows[0] if rows else None


def _found(row: Json, targets: t.Sequence[Json], target: Json, model: t.Optional[str]) -> Found:
    fields = {
        "managed_by": MANAGED_BY if is_ours(row) else None,
        "name": row["name"],
        "model": model,
        "weight": target.get("weight") or None,
        "fallback": bool(target.get("fallback_status_codes")),
    }
    described = {
        "id": "%s/%s" % (row["id"], target["id"]),
        "name": row["name"],
        "model": model,
        "endpoint": None,
        "weight": fields["weight"],
    }
    return Found(fields, described, is_ours(row), _Target(row, targets, target))
