# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPUStack's management API (2.0 to 2.3), typed and without decisions.

Objects stay the server's JSON; ``spec`` and ``state`` know what their fields mean.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import anything
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import checked_base_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api import row_shapes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.calls import Calls
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.refusals import check

Json = t.Dict[str, t.Any]

LOG_BYTES = 1 << 20
SUPPORTED = "2.0 to 2.3"


def connect(
    url: t.Optional[str],
    api_key: t.Optional[str],
    organization_id: t.Optional[int],
    options: HttpOptions,
) -> GpustackClient:
    """A client from the shared options; InvalidInput names the one that is missing."""
    for option, value in (("gpustack_url", url), ("gpustack_api_key", api_key)):
        if not value:
            raise InvalidInput(
                "%s is not set" % option,
                hint="Give it as an option or set the environment variable %s." % option.upper(),
            )
    headers = {"Authorization": "Bearer %s" % api_key}
    if organization_id is not None:
        headers["X-Organization-Id"] = str(organization_id)
    base = checked_base_url(str(url), "gpustack_url")
    return GpustackClient(HttpClient(base, "GPUStack", headers, options), options.clock)


class GpustackClient(Calls):
    """One method per call of the API. Everything it raises names the call and the server's words."""

    def __enter__(self) -> GpustackClient:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._http.close()

    def version(self) -> str:
        """For example ``2.3.0``. Needs no key."""
        return str(self._object("GET", "/version", row_shapes.VERSION).get("version") or "").lstrip("v")

    def models(self, search: t.Optional[str] = None) -> t.List[Json]:
        """All visible models, or those whose name contains ``search``."""
        try:
            return self._list("/v2/models", row_shapes.MODEL, {"search": search} if search else {})
        except NotFound as exc:
            raise self._not_supported() from exc

    def find_model(self, name: str) -> t.Optional[Json]:
        """The model of exactly this name; Conflict when several organizations have one."""
        return self.only_one(name, self.models(name))

    @staticmethod
    def only_one(name: str, models: t.Sequence[Json]) -> t.Optional[Json]:
        """The one of exactly this name; Conflict when several organizations have one."""
        found = [model for model in models if model.get("name") == name]
        if len(found) > 1:
            owners = sorted(str(model.get("owner_principal_id")) for model in found)
            raise Conflict(
                "%d models are called %s, in the organizations %s" % (len(found), name, ", ".join(owners)),
                hint="Set gpustack_organization_id to one of them.",
            )
        return found[0] if found else None

    def model(self, model_id: int) -> Json:
        return self._object("GET", "/v2/models/%d" % model_id, row_shapes.MODEL)

    def create_model(self, body: Json) -> Json:
        """:raises Conflict: the name is taken; ``repeated`` in its details when it may be by this call."""
        return self._write("POST", "/v2/models", row_shapes.MODEL, body)

    def update_model(self, model_id: int, body: Json) -> Json:
        return self._write("PUT", "/v2/models/%d" % model_id, row_shapes.MODEL, body)

    def delete_model(self, model_id: int) -> None:
        self._delete("/v2/models/%d" % model_id)

    def restart_model(self, model_id: int) -> bool:
        """Replace all instances at once, which 2.3 does even for those that only work together.

        False where the server cannot, or is still at an earlier restart: then nothing was done.
        """
        try:
            self._insist("POST", "/v2/models/%d/restart" % model_id, {})
        except NotFound:
            return False
        except Conflict as exc:
            # Of two, the first was carried out and only its answer was lost.
            return bool(exc.details.get("repeated"))
        return True

    def instances(self, model_id: t.Optional[int] = None) -> t.List[Json]:
        """The instances of one model, or all."""
        if model_id is None:
            return self._list("/v2/model-instances", row_shapes.INSTANCE)
        return self._list("/v2/models/%d/instances" % model_id, row_shapes.INSTANCE)

    def log_tail(self, instance_id: int, lines: int) -> t.List[str]:
        """The end of an engine's log; empty where the worker has none to give."""
        path = "/v2/model-instances/%d/logs" % instance_id
        try:
            reply = self._http.request("GET", path, {"tail": lines}, stop_after=LOG_BYTES)
            check(reply)
        except AutoconfigError:
            return []
        return [line for line in reply.text.splitlines() if line.strip()][-lines:]

    def delete_instance(self, instance_id: int) -> None:
        """Remove an instance; the server makes a new one on the model's present definition."""
        self._delete("/v2/model-instances/%d" % instance_id)

    def revisions(self, model_id: int) -> t.Optional[t.List[Json]]:
        """Stored definitions, newest first; None where the server keeps none (before 2.3)."""
        try:
            rows = self._list("/v2/models/%d/revisions" % model_id, row_shapes.REVISION)
        except NotFound:
            return None
        return sorted(rows, key=lambda row: row["revision"], reverse=True)

    def revision_spec(self, model_id: int, revision: int) -> Json:
        path = "/v2/models/%d/revisions/%d" % (model_id, revision)
        found = self._object("GET", path, row_shapes.STORED_REVISION)
        return t.cast(Json, found["spec"])

    def workers(self) -> t.List[Json]:
        return self._list("/v2/workers", row_shapes.WORKER)

    def model_files(self) -> t.List[Json]:
        """What is on the disks of the workers, or on its way there."""
        return self._list("/v2/model-files", row_shapes.MODEL_FILE)

    def create_model_file(self, body: Json) -> Json:
        """Let a worker download something; the record that is there when it is downloaded already."""
        try:
            return self._write("POST", "/v2/model-files", row_shapes.MODEL_FILE, body)
        except Conflict:
            for row in self.model_files():
                if all((row.get(key) or None) == value for key, value in body.items()):
                    return row
            raise

    def reset_model_file(self, file_id: int) -> Json:
        """Download again what failed."""
        return self._write("POST", "/v2/model-files/%d/reset" % file_id, anything, {})

    def delete_model_file(self, file_id: int) -> None:
        """Remove the record and the files; Conflict while an instance uses them."""
        self._delete("/v2/model-files/%d?cleanup=true" % file_id)

    def clusters(self) -> t.List[Json]:
        return self._list("/v2/clusters", row_shapes.CLUSTER)

    def routes(self, name: t.Optional[str] = None) -> t.List[Json]:
        """All routes, or the one of exactly this name; empty on 2.0, which has none."""
        try:
            return self._list("/v2/model-routes", row_shapes.ROUTE, {"name": name} if name else {})
        except NotFound:
            return []

    def route_targets(
        self, route_id: t.Optional[int] = None, model_id: t.Optional[int] = None
    ) -> t.List[Json]:
        """Where a route leads, with weights, or which targets lead to a model."""
        given = {"route_id": route_id, "model_id": model_id}
        params = {name: value for name, value in given.items() if value is not None}
        return self._list("/v2/model-route-targets", row_shapes.TARGET, params)

    def create_route(self, body: Json) -> Json:
        return self._object("POST", "/v2/model-routes", anything, body)

    def update_route(self, route_id: int, body: Json) -> Json:
        """Merges; ``targets`` replaces all, where those that stay carry their id."""
        return self._write("PUT", "/v2/model-routes/%d" % route_id, anything, body)

    def set_route_access(self, route_id: int, policy: str) -> None:
        """Who may use a route; the server looks at it, and not at the deployment, once the route exists."""
        self._insist("POST", "/v2/model-routes/%d/access" % route_id, {"access_policy": policy})

    def delete_route(self, route_id: int) -> None:
        self._delete("/v2/model-routes/%d" % route_id)

    def backends(self, cluster_id: int) -> t.List[Json]:
        """The engines with their versions for the workers of a cluster; empty where the server does not tell."""
        try:
            reply = self._http.request("GET", "/v2/inference-backends/list", {"cluster_id": cluster_id})
            rows = self._decoded(reply).get("items")
            return self._usable(
                rows if isinstance(rows, list) else [], row_shapes.BACKEND, "/v2/inference-backends/list"
            )
        except (NotFound, PermissionDenied, Unavailable, UnexpectedReply):
            return []

    def backend_row(self, name: str) -> t.Optional[Json]:
        """The inference backend of this name as it is stored; that of the organization before that of all."""
        rows = self._list("/v2/inference-backends", row_shapes.BACKEND_ROW, {"search": name})
        named = [row for row in rows if row["backend_name"] == name]
        named.sort(key=lambda row: row.get("owner_principal_id") is None)
        if not named:
            return None
        return self._object("GET", "/v2/inference-backends/%d" % named[0]["id"], row_shapes.BACKEND_ROW)

    def write_backend(self, backend_id: t.Optional[int], body: Json) -> Json:
        """Create one, or replace all of it."""
        if backend_id is None:
            return self._write("POST", "/v2/inference-backends", row_shapes.BACKEND_ROW, body)
        return self._write("PUT", "/v2/inference-backends/%d" % backend_id, row_shapes.BACKEND_ROW, body)

    def delete_backend(self, backend_id: int) -> None:
        self._delete("/v2/inference-backends/%d" % backend_id)

    def write_worker(self, worker_id: int, body: Json) -> Json:
        """Labels and maintenance, both replaced."""
        return self._write("PUT", "/v2/workers/%d" % worker_id, row_shapes.WORKER, body)

    def rehearse_creation(self, new: t.Sequence[Json], cluster_id: int) -> t.List[t.List[str]]:
        """What the server has against each of new deployments. Changes nothing; nothing before 2.3, which cannot.

        :raises PermissionDenied: this key may not create anything.
        """
        # The documents are YAML, of which JSON is a part.
        content = "\n---\n".join(json.dumps(fields) for fields in new)
        body = {"content": content, "dry_run": True, "cluster_id": cluster_id}
        errors: t.List[t.List[str]] = [[] for _fields in new]
        try:
            found = self._object("POST", "/v2/models/import", row_shapes.REHEARSALS, body)
        except (NotFound, Unavailable, UnexpectedReply):
            return errors
        for place, entry in enumerate(found.get("entries") or ()):
            index = place if entry.get("index") is None else entry["index"]
            if index < len(errors):
                errors[index] += entry.get("errors") or []
        return errors

    def evaluate(self, cluster_id: int, spec: Json) -> Json:
        """GPUStack's own opinion on whether a definition can be placed. Changes nothing."""
        body = {"cluster_id": cluster_id, "model_specs": [spec]}
        results = self._object("POST", "/v2/model-evaluations", row_shapes.EVALUATIONS, body)["results"]
        if not results:
            raise UnexpectedReply("GPUStack: POST %s/v2/model-evaluations answered with no result" % self.url)
        return t.cast(Json, results[0])

    def _not_supported(self) -> UnexpectedReply:
        try:
            version = self.version()
        except (NotFound, UnexpectedReply):
            version = ""
        said = "is version %s" % version if version else "does not say that it is a GPUStack server"
        return UnexpectedReply(
            "%s has no /v2/models and %s" % (self.url, said),
            hint="Check gpustack_url; this collection speaks with GPUStack %s." % SUPPORTED,
        )
