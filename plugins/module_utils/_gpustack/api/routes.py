# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a model route of GPUStack (2.1 and later) leads.

All targets of a route are written in one request: the call that adds some removes the others. A target
that is new, or written differently, serves nothing until the server has looked at its deployment.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotFound
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.fields import Json
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
    OWNER,
    public_name,
)

# The gateway asks the fallback when a target answers with a server error.
FALLBACK_CODES = ["5xx"]
_KEPT = ("id", "model_id", "provider_id", "overridden_model_name")
_COPIED = ("weight", "fallback_status_codes", "max_running_requests")


def is_ours(route: Json) -> bool:
    """Whether the route carries the mark, its own or that of the deployment which made it."""
    mark = (route.get("meta") or {}).get(META_KEY)
    return isinstance(mark, dict) and mark.get("managed_by") == OWNER


def made_by_deployment(route: Json) -> bool:
    """Whether the server makes and removes the route with a deployment; 2.1 says it without an id."""
    return route.get("created_model_id") is not None or bool(route.get("created_by_model"))


def public_route(model: Json, routes: t.Sequence[Json]) -> t.Optional[Json]:
    """The route of a deployment's public name: a server says who made it only until it is led elsewhere."""
    for route in routes:
        same_owner = route.get("owner_principal_id") == model.get("owner_principal_id")
        if route["name"] == public_name(model) and same_owner:
            return route
    return None


def kept(target: Json) -> Json:
    """What the server wants of a target that stays as it is."""
    return {name: target[name] for name in _KEPT if target.get(name) is not None}


def write_targets(
    client: GpustackClient, route: Json, targets: t.Sequence[Json], takes_over: bool = True
) -> None:
    """Let the route lead to these targets and to no other; mark it, unless it is to stay whose it is."""
    body: Json = {"name": route["name"], "targets": list(targets)}
    if takes_over and not is_ours(route):
        body["meta"] = dict(route.get("meta") or {}, **{META_KEY: {"managed_by": OWNER}})
    client.update_route(route["id"], body)


def drop_target(client: GpustackClient, route: Json, targets: t.Sequence[Json], target: Json) -> None:
    """Take one target out of a route; the route goes with the last one."""
    others = [each for each in targets if each["id"] != target["id"]]
    if others:
        client.update_route(route["id"], {"name": route["name"], "targets": [kept(each) for each in others]})
    else:
        client.delete_route(route["id"])


@dataclass(frozen=True)
class Routing:
    """All routes that lead to the deployments of one public name, while one takes over from another."""

    client: GpustackClient
    known_as: str

    def lead_also_to(self, new: Json, old: Json) -> None:
        """Where a route leads to ``old``, let it lead to ``new`` with the same weight beside it.

        :raises NotFound: there is no route of the public name.
        """
        names = self._names(old)
        if self.known_as not in names:
            raise NotFound(
                "GPUStack has no route %s that leads to the deployment %s" % (self.known_as, old["name"]),
                hint="Somebody removed it or led it elsewhere; look at the routes of the server.",
            )
        for name in names:
            for route, targets in self._look(name):
                if all(each.get("model_id") != new["id"] for each in targets):
                    self._write(route, [kept(each) for each in targets] + [_like(targets, old, new)])

    def leads_to(self, new: Json, old: Json) -> bool:
        """Whether every route that leads to ``old`` sends requests to ``new`` as well by now."""
        ready = {each.get("route_name") for each in self._targets(new) if each.get("state") == "active"}
        return ready.issuperset(self._names(old))

    def lead_away_from(self, model: Json) -> None:
        """Let no route lead to ``model`` that leads to another deployment as well."""
        for name in self._names(model):
            for route, targets in self._look(name):
                others = [each for each in targets if each.get("model_id") != model["id"]]
                if others:
                    self._write(route, [kept(each) for each in others])

    def remove(self, model: Json) -> None:
        """Delete the public route if it is ours and leads nowhere else."""
        for route, targets in self._look(self.known_as):
            elsewhere = [each for each in targets if each.get("model_id") != model["id"]]
            if is_ours(route) and not elsewhere:
                self.client.delete_route(route["id"])

    def _targets(self, model: Json) -> t.List[Json]:
        rows = self.client.route_targets(model_id=model["id"])
        return [each for each in rows if each.get("model_id") == model["id"]]

    def _names(self, model: Json) -> t.List[str]:
        """The routes that lead to a deployment, but for the one that goes with it."""
        names = {str(each["route_name"]) for each in self._targets(model) if each.get("route_name")}
        return sorted(name for name in names if name == self.known_as or name != model["name"])

    def _look(self, name: str) -> t.List[t.Tuple[Json, t.List[Json]]]:
        return [(route, self.client.route_targets(route["id"])) for route in self.client.routes(name)]

    def _write(self, route: Json, targets: t.Sequence[Json]) -> None:
        write_targets(self.client, route, targets, takes_over=route["name"] == self.known_as)


def _like(targets: t.Sequence[Json], old: Json, new: Json) -> Json:
    """A target that leads to ``new`` as one of them leads to ``old``."""
    pattern = next((each for each in targets if each.get("model_id") == old["id"]), {})
    copied = {key: pattern[key] for key in _COPIED if pattern.get(key) is not None}
    return dict(copied, model_id=new["id"])
