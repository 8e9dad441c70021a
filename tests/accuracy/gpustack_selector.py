# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What GPUStack's own selectors of hardware say, in its process: no server, no database, no network.

Runs in the virtual environment of GPUStack 2.3 (``.venv/servers/gpustack/bin/python``) and needs nothing
else. JSON lines in: ``config``, ``weights_bytes``, ``backend``, ``parameters``, ``memory_bytes`` of one card,
``gpus``. JSON lines out, one for each: ``fits``, or ``error``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import typing as t

from gpustack.config.config import Config, set_global_config
from gpustack.policies.candidate_selectors import SGLangResourceFitSelector, VLLMResourceFitSelector
from gpustack.policies.resource_view import ResourceView
from gpustack.schemas.models import Model, ModelCreate
from gpustack.schemas.workers import SystemReserved, Worker, WorkerStatus

HOST_MEMORY_BYTES = 4 << 40
SELECTORS = {"vLLM": VLLMResourceFitSelector, "SGLang": SGLangResourceFitSelector}

Json = t.Dict[str, t.Any]


def host(case: Json) -> t.Any:
    """A worker with as many idle cards as the case has."""
    card = {
        "vendor": "nvidia",
        "type": "cuda",
        "name": "card",
        "compute_capability": "9.0",
        "memory": {"total": case["memory_bytes"], "used": 0},
    }
    devices = [dict(card, index=index, uuid="card-%d" % index) for index in range(case["gpus"])]
    status = {
        "memory": {"total": HOST_MEMORY_BYTES, "used": 0},
        "cpu": {"total": 64},
        "gpu_devices": devices,
    }
    return Worker(
        id=1,
        name="host",
        cluster_id=1,
        hostname="host",
        ip="127.0.0.1",
        ifname="lo",
        port=1,
        worker_uuid="host",
        state="ready",
        labels={},
        system_reserved=SystemReserved(ram=0, vram=0),
        status=WorkerStatus.model_validate(status),
    )


def model_in(folder: str, case: Json) -> t.Any:
    """A repository of the case's size in ``folder``; the file of weights is sparse."""
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as sink:
        json.dump(case["config"], sink)
    with open(os.path.join(folder, "model.safetensors"), "wb") as weights:
        weights.truncate(case["weights_bytes"])
    spec = ModelCreate(
        name="case",
        source="local_path",
        local_path=folder,
        backend=case["backend"],
        backend_parameters=case["parameters"],
        categories=["llm"],
        cluster_id=1,
    )
    return Model(id=1, **spec.model_dump(exclude={"enable_model_route"}))


async def ask(settings: t.Any, case: Json) -> Json:
    with tempfile.TemporaryDirectory() as folder:
        model = model_in(folder, case)
        try:
            selector = SELECTORS[case["backend"]](settings, model, [], resource_view=ResourceView([]))
            return {"fits": bool(await selector.select_candidates([host(case)]))}
        except Exception as exc:
            return {"error": "%s: %s" % (type(exc).__name__, exc)}


async def main() -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        settings = Config(
            data_dir=folder,
            server_url=None,
            gateway_mode="disabled",
            jwt_secret_key="unused",
            system_default_container_registry="registry.example",
            advertise_address="127.0.0.1",
        )
        set_global_config(settings)
        for line in sys.stdin:
            print(json.dumps(await ask(settings, json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
