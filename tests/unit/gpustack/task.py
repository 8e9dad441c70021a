# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task of gpustack_deployment on a wire."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.deploy import Deployment
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import (
    Json,
    a_worker,
    listed,
    page,
    parameters,
)
from tests.unit.wire import Wire

SAME = {
    "name": "qwen3-8b",
    "source": "huggingface",
    "repository": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "backend_parameters": ["--max-model-len=8192"],
}


FIND = listed("/v2/models", search="qwen3-8b")


INSTANCES = listed("/v2/models/7/instances")


REVISIONS = listed("/v2/models/7/revisions")


WORKERS = listed("/v2/workers")


FILES = listed("/v2/model-files")


CLUSTERS = listed("/v2/clusters")


ROUTES = listed("/v2/model-routes", name="qwen3-8b")


MODEL = "GET /v2/models/7"


RESTART = "POST /v2/models/7/restart"


LOG = "GET /v2/model-instances/20/logs?tail=30"


EVALUATE = "POST /v2/model-evaluations"


COMPATIBLE = {"results": [{"compatible": True}]}


class Run:
    """One task on a wire."""

    def __init__(self, wire: Wire, client: GpustackClient) -> None:
        self._wire, self._client = wire, client
        self.lines: t.List[str] = []

    def __call__(
        self,
        check_mode: bool = False,
        wait: bool = True,
        max_restarts: t.Optional[int] = None,
        **options: t.Any,
    ) -> Json:
        waiter = Waiter(self._client, self._wire.clock, 60.0, self.lines.append) if wait else None
        wanted = wanted_of(parameters(**dict(SAME, **options)))
        return Deployment(View(self._client), wanted, check_mode, waiter).run(max_restarts)

    def finds(self, model: t.Optional[Json] = None, *instances: Json, revisions: t.Any = None) -> None:
        """What the server has when the task begins."""
        self._wire.expect(FIND, body=page(*([model] if model else [])))
        self._wire.expect(ROUTES, body=page())
        if model is None:
            self._wire.expect(CLUSTERS, body=page({"id": 1, "name": "Default Cluster"}))
            return
        self._wire.expect(INSTANCES, body=page(*instances))
        if revisions is not None:
            self._wire.expect(REVISIONS, body=page(*revisions))

    def may_change(self, evaluation: Json) -> None:
        """What is read before engine fields are written."""
        self._wire.expect(WORKERS, body=page(a_worker()))
        self._wire.expect(EVALUATE, body=evaluation)

    def then_is(self, model: Json, *instances: Json) -> None:
        """One look of the waiter."""
        self._wire.expect(MODEL, body=model)
        self._wire.expect(INSTANCES, body=page(*instances))


def written(wire: Wire) -> t.List[str]:
    return [call for call in wire.calls() if not call.startswith("GET") and call != EVALUATE]


SHORTER: Json = {"backend_parameters": ["--max-model-len=4096"]}
