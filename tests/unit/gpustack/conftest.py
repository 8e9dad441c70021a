# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A GPUStack that consists of expected requests, and objects in its shapes."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    connect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.ownership import (
    META_KEY,
    OWNER,
    Mark,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import (
    DEPLOYMENT,
)

from tests.unit.wire import Wire

URL = "http://gpustack.example.com"
KEY = "gpustack_0123456789abcdef"
Json = t.Dict[str, t.Any]


def listed(path: str, **params: t.Any) -> str:
    """The call that lists the first page of ``path``."""
    query = "&".join("%s=%s" % pair for pair in dict(params, page=1, perPage=100).items())
    return "GET %s?%s" % (path, query)


def page(*items: Json) -> Json:
    return {
        "items": list(items),
        "pagination": {"page": 1, "perPage": 100, "total": len(items), "totalPage": 1},
    }


def a_model(**changes: t.Any) -> Json:
    """A running deployment of ours, as GET /v2/models/{id} shows it."""
    model = {
        "id": 7,
        "name": "qwen3-8b",
        "source": "huggingface",
        "huggingface_repo_id": "Qwen/Qwen3-8B",
        "huggingface_filename": None,
        "model_scope_model_id": None,
        "model_scope_file_path": None,
        "local_path": None,
        "description": None,
        "meta": {},
        "replicas": 1,
        "ready_replicas": 1,
        "categories": ["llm"],
        "placement_strategy": "spread",
        "worker_selector": {},
        "gpu_selector": None,
        "backend": "vLLM",
        "backend_version": None,
        "backend_parameters": ["--max-model-len=8192"],
        "env": None,
        "restart_on_error": True,
        "scaling_schedule": None,
        "cluster_id": 1,
        "state": "running",
        "state_message": None,
    }
    mark = Mark(OWNER, filled=["backend_version"])
    model["meta"] = {META_KEY: replace(mark, engine=mark.digest_of(model)).as_meta()}
    return dict(model, **changes)


def marked(model: Json, **changes: t.Any) -> Json:
    """The model with another mark."""
    mark = dict(model["meta"][META_KEY], **changes)
    return dict(model, meta={META_KEY: mark})


def stored(filled: t.Sequence[str] = ("backend_version",), **changes: t.Any) -> Json:
    """The model with these fields, as this collection has written it."""
    model = a_model(**changes)
    mark = Mark(OWNER, filled=list(filled), known_as="qwen3-8b")
    return dict(model, meta={META_KEY: replace(mark, engine=mark.digest_of(model)).as_meta()})


def an_instance(**changes: t.Any) -> Json:
    instance = {
        "id": 20,
        "name": "qwen3-8b-abcde",
        "model_id": 7,
        "state": "running",
        "state_message": "",
        "restart_count": 0,
        "worker_id": 1,
        "worker_name": "w1",
        "worker_ip": "192.0.2.10",
        "gpu_indexes": [0],
        "computed_resource_claim": {"ram": None, "vram": {"0": 21737609625}},
        "distributed_servers": {"subordinate_workers": None},
        "created_at": "2026-01-01T10:00:00.500000Z",
    }
    return dict(instance, **changes)


def a_worker(name: str = "w1", gpus: int = 2, **changes: t.Any) -> Json:
    devices = [
        {
            "type": "cuda",
            "index": index,
            "uuid": "GPU-%s-%d" % (name, index),
            "name": "NVIDIA L4",
            "memory": {"total": 24152899584, "used": 0, "allocated": 0},
        }
        for index in range(gpus)
    ]
    worker = {
        "id": 1,
        "name": name,
        "hostname": name,
        "ip": "192.0.2.10",
        "advertise_address": "192.0.2.10",
        "state": "ready",
        "cluster_id": 1,
        "status": {"gpu_devices": devices},
    }
    return dict(worker, **changes)


def a_plan(**changes: t.Any) -> Json:
    plan = {
        "schema": 1,
        "plan_id": "0123456789abcdef",
        "name": "qwen3-8b",
        "variant": {"source": "huggingface", "repository": "Qwen/Qwen3-8B", "quantization": "bf16"},
        "backend": "vLLM",
        "backend_version": None,
        "backend_parameters": ["--max-model-len=8192"],
        "utilization": 0.9,
        "replicas": 1,
        "env": {},
        "categories": ["llm"],
        "placement": [
            {"host": "gpu-a", "gpus": [{"index": 0, "uuid": "GPU-w1-0", "pci_bus_id": "0000:17:00.0"}]}
        ],
        "memory": {"total_bytes": 24152899584, "weights_bytes": 16 << 30, "kv_cache_bytes": 2 << 30},
        "evidence": {"weights_bytes": "measured"},
    }
    return dict(plan, **changes)


PARAMETERS: Json = {name: row.get("default") for name, row in DEPLOYMENT.items()}


def parameters(**changes: t.Any) -> Json:
    return dict(PARAMETERS, **changes)


@pytest.fixture
def wire() -> t.Iterator[Wire]:
    """Expected requests; none may be left when the test ends.

    What not every version of the server has is there for tests about it only.
    """
    expected = Wire()
    for part in ("watch=true", "/v2/inference-backends", "/v2/models/import"):
        expected.lacks(part)
    # A deployment that is not found by its name is looked for among all: somebody may have renamed it.
    expected.stands(listed("/v2/models"), page())
    yield expected
    assert expected.left() == []


@pytest.fixture
def client(wire: Wire) -> t.Iterator[GpustackClient]:
    with connect(URL, KEY, None, wire.options()) as connected:
        yield connected
