# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of gpustack_worker."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    Json,
    connect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.resource import Resource
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.resources import (
    WORKER,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task


class _Workers:
    """Workers come by themselves: they are changed only."""

    def __init__(self, client: GpustackClient) -> None:
        self._client = client

    def find(self, name: str) -> Json:
        """:raises NotFound: there is none. :raises Conflict: several clusters have one of this name."""
        workers = self._client.workers()
        found = [row for row in workers if row["name"] == name]
        if not found:
            raise NotFound(
                "GPUStack has no worker %s; it has: %s"
                % (name, ", ".join(sorted(row["name"] for row in workers)) or "none"),
                hint="Correct the name, or start the worker.",
            )
        if len(found) > 1:
            raise Conflict(
                "%d workers are called %s" % (len(found), name),
                hint="Rename all but one, or set gpustack_organization_id.",
            )
        return found[0]

    def write(self, row_id: t.Optional[int], body: Json) -> Json:
        return self._client.write_worker(t.cast(int, row_id), body)


def run(task: Task) -> Result:
    """Set labels and maintenance of one worker. Raises AutoconfigError."""
    params = task.params
    http = options.http_options(params)
    with connect(
        params["gpustack_url"], params["gpustack_api_key"], params["gpustack_organization_id"], http
    ) as client:
        store = _Workers(client)
        found = store.find(params["name"])
        return Resource(WORKER, store, params["name"], _wanted(params, found), task.check_mode).bring(found)


def _wanted(params: t.Mapping[str, t.Any], found: Json) -> Json:
    """Labels that nobody names stay: the worker itself sets some."""
    wanted: Json = {}
    if params["labels"] is not None:
        labels = dict(found.get("labels") or {}, **params["labels"])
        wanted["labels"] = {key: str(value) for key, value in labels.items() if value is not None}
    if params["maintenance"] is not None:
        message = params["maintenance_message"] if params["maintenance"] else None
        wanted["maintenance"] = {"enabled": params["maintenance"], "message": message}
    return wanted


CORE = Core(
    run=run,
    argument_spec=dict(
        {
            "name": {"type": "str", "required": True},
            "labels": {"type": "dict"},
            "maintenance": {"type": "bool"},
            "maintenance_message": {"type": "str"},
        },
        **options.GPUSTACK,
        **options.HTTP,
    ),
    rules={"required_by": {"maintenance_message": ["maintenance"]}},
)
