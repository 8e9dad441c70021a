# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that answer every request with something sound, but for one answer that is given.

A case for a client is the JSON text ``[URL, BODY]``: whatever is asked for at that path and query is
answered with BODY.
"""

from __future__ import annotations

import json
import re
import struct
import typing as t
from urllib.parse import parse_qsl, urlsplit

import httpx
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated

from tests.unit.gpustack.conftest import a_model, a_worker, an_instance, page
from tests.unit.wire import FakeClock

Json = t.Any
_CASE = re.compile(rb'\s*\["([^"]*)"\s*,\s*(.*)\]\s*\Z', re.DOTALL)
Answers = t.Callable[[str, t.Mapping[str, str]], Json]

ROUTE = {
    "id": 3,
    "name": "qwen3-8b",
    "created_model_id": 7,
    "targets": 1,
    "ready_targets": 1,
    "access_policy": "authed",
    "owner_principal_id": 1,
    "meta": {"modelscan_autoconfig": {"managed_by": "modelscan.autoconfig"}},
}
TARGET = {
    "id": 4,
    "route_id": 3,
    "route_name": "qwen3-8b",
    "model_id": 7,
    "weight": 100,
    "state": "active",
    "fallback_status_codes": None,
}
REVISIONS = [
    {"revision": 2, "created_at": "2026-01-01T09:00:00Z"},
    {"revision": 1, "created_at": "2025-12-31T09:00:00Z"},
]
FILE = {
    "id": 5,
    "worker_id": 1,
    "source": "huggingface",
    "huggingface_repo_id": "Qwen/Qwen3-8B",
    "state": "ready",
    "size": 16 << 30,
    "resolved_paths": ["/models/Qwen/Qwen3-8B"],
}
BACKENDS = [
    {
        "backend_name": "vLLM",
        "enabled": True,
        "is_built_in": True,
        "versions": [{"version": "0.11.0", "is_deprecated": False}],
    }
]


def override(case: bytes) -> t.Tuple[str, bytes]:
    """URL and body of a case; the body may be no JSON."""
    found = _CASE.match(case)
    return ("", case) if found is None else (found.group(1).decode("utf-8", "replace"), found.group(2))


def options(
    answers: Answers, url: str = "", body: bytes = b"", content_type: str = "application/json"
) -> HttpOptions:
    """HTTP options whose network is ``answers``, but for the answer to ``url``."""
    given = urlsplit(url)

    def answer(request: httpx.Request) -> httpx.Response:
        asked = urlsplit(str(request.url))
        if (
            url
            and asked.path == given.path
            and sorted(parse_qsl(asked.query)) == sorted(parse_qsl(given.query))
        ):
            return httpx.Response(200, content=body, headers={"content-type": content_type})
        found = answers(asked.path, dict(parse_qsl(asked.query)))
        if found is None:
            return httpx.Response(404, json={"detail": "Not Found"})
        if isinstance(found, bytes):
            return httpx.Response(200, content=found)
        return httpx.Response(200, json=found)

    # Certificates, which no case reaches, would cost most of the time.
    transport = httpx.MockTransport(answer)
    return HttpOptions(transport=transport, clock=FakeClock(), retries=0, validate_certs=False)


def gpustack(path: str, query: t.Mapping[str, str]) -> Json:
    """A GPUStack with one deployment, one worker and one route."""
    if query.get("watch"):
        return None
    if path == "/v2/models":
        return page(*([a_model()] if query.get("search", "qwen3-8b") in "qwen3-8b" else []))
    if path == "/v2/model-routes":
        return page(*([ROUTE] if query.get("name", "qwen3-8b") == "qwen3-8b" else []))
    listed: t.Mapping[str, t.Sequence[Json]] = {
        "/v2/model-instances": [an_instance()],
        "/v2/models/7/instances": [an_instance()],
        "/v2/workers": [a_worker()],
        "/v2/clusters": [{"id": 1, "name": "Default Cluster"}],
        "/v2/model-route-targets": [TARGET],
        "/v2/model-files": [FILE],
        "/v2/models/7/revisions": REVISIONS,
        "/v2/inference-backends/list": BACKENDS,
    }
    single: t.Mapping[str, Json] = {
        "/version": {"version": "v2.3.0"},
        "/v2/models/7": a_model(),
        "/v2/models/7/revisions/2": {"spec": a_model()},
        "/v2/model-evaluations": {"results": [{"compatible": True}]},
        "/v2/models/import": {"dry_run": True, "valid": True, "entries": []},
    }
    return page(*listed[path]) if path in listed else single.get(path)


REPOSITORY = "Acme/Rocket-7B"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FACTS = simulated(Machine(), "2xL40S")
CONFIG: Json = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 1024,
    "num_hidden_layers": 4,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 3072,
    "vocab_size": 32000,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
}
MISTRAL: Json = {
    "dim": 1024,
    "n_layers": 4,
    "head_dim": 128,
    "hidden_dim": 3072,
    "n_heads": 16,
    "n_kv_heads": 8,
    "vocab_size": 32000,
    "max_seq_len": 40960,
    "moe": {"num_experts": 8, "num_experts_per_tok": 2},
    "yarn": {"factor": 4, "original_max_position_embeddings": 8192},
    "vision_encoder": {"hidden_size": 512, "num_hidden_layers": 2, "intermediate_size": 1024},
    "quantization": {"qformat_weight": "fp8_e4m3"},
}


def _shard() -> bytes:
    header: Json = {"__metadata__": {"format": "pt"}}
    for layer in range(4):
        header["model.layers.%d.mlp.up_proj.weight" % layer] = {
            "dtype": "BF16",
            "shape": [3072, 1024],
            "data_offsets": [layer * 6291456, (layer + 1) * 6291456],
        }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


SHARD = _shard()
LISTING: Json = {
    "id": REPOSITORY,
    "sha": COMMIT,
    "gated": False,
    "downloads": 1000,
    "lastModified": "2026-01-02T00:00:00.000Z",
    "tags": ["license:apache-2.0"],
    "cardData": {"license": "apache-2.0", "base_model": ["acme/base"]},
    "securityRepoStatus": {"scansDone": True, "filesWithIssues": [{"path": "x.bin", "level": "suspicious"}]},
    "gguf": {"total": 7000000000, "architecture": "llama", "context_length": 8192},
    "siblings": [
        {"rfilename": "config.json", "size": 700},
        {
            "rfilename": "model.safetensors",
            "size": len(SHARD) + 4 * 6291456,
            "lfs": {"size": 1, "sha256": "0" * 64},
        },
    ],
}
MODELS_DEV: Json = {
    "models": {
        "acme/rocket-7b": {"id": "acme/rocket-7b", "name": "Rocket 7B", "open_weights": True, "weights": []}
    },
    "providers": {},
}
MODELSCOPE_INFO: Json = {"success": True, "data": {"id": REPOSITORY, "license": "apache-2.0", "downloads": 5}}
MODELSCOPE_FILES: Json = {
    "Code": 200,
    "Data": {
        "Files": [
            {
                "Path": "config.json",
                "Size": 700,
                "Type": "blob",
                "Revision": COMMIT,
                "CommittedDate": 5,
                "Sha256": "0",
            },
            {
                "Path": "model.safetensors",
                "Size": len(SHARD) + 4 * 6291456,
                "Type": "blob",
                "Revision": COMMIT,
                "CommittedDate": 5,
            },
        ]
    },
    "Success": True,
}
HUB_SEARCH: Json = [
    {
        "id": "Acme/Rocket-7B",
        "createdAt": "2026-01-02",
        "lastModified": "2026-01-02",
        "tags": [],
        "pipeline_tag": "x",
    }
]
MODELSCOPE_SEARCH: Json = {
    "success": True,
    "data": {"models": [{"id": "Acme/Rocket-7B", "params": 7, "downloads": 3, "tasks": ["x"]}]},
}


def hubs(path: str, query: t.Mapping[str, str]) -> Json:
    """Hugging Face, ModelScope, models.dev and a GPUStack catalog with one small model."""
    exact: t.Mapping[str, Json] = {
        "/catalog.json": MODELS_DEV,
        "/api/models/" + REPOSITORY: LISTING,
        "/api/models": HUB_SEARCH,
        "/openapi/v1/models/" + REPOSITORY: MODELSCOPE_INFO,
        "/openapi/v1/models": MODELSCOPE_SEARCH,
        "/api/v1/models/%s/repo/files" % REPOSITORY: MODELSCOPE_FILES,
        "/v2/model-sets": {"items": []},
        "/v2/draft-models": {"items": []},
        "/v2/inference-backends": {"items": [{"backend_name": "vLLM", "default_version": "0.11.0"}]},
    }
    if path in exact:
        return exact[path]
    if path.endswith("/config.json") or query.get("FilePath") == "config.json":
        return CONFIG
    if path.endswith(".safetensors") or query.get("FilePath") == "model.safetensors":
        return SHARD
    return None


QUESTION: Json = {"url": "http://127.0.0.1:8000/v1", "model": "rocket", "patience_s": 0.0}
STREAM_URL = "http://127.0.0.1:8000/v1/chat/completions"
WATCH_URL = "http://127.0.0.1:43247/v2/model-instances?watch=true"
ANSWER: Json = {
    "model": "rocket",
    "choices": [{"message": {"content": "ready", "reasoning_content": None}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 1},
}


def inference(path: str, query: t.Mapping[str, str]) -> Json:
    """An engine that serves one model."""
    exact: t.Mapping[str, Json] = {
        "/v1/models": {"data": [{"id": "rocket"}]},
        "/v1/chat/completions": ANSWER,
        "/metrics": b"vllm:num_requests_running{x} 0\n",
    }
    return exact.get(path)


WORKERS: Json = {
    "workers": [
        {
            "id": "w-1",
            "url": "http://127.0.0.1:8000",
            "model_id": "rocket",
            "metadata": {"managed_by": "modelscan.autoconfig", "key_fingerprint": "0123456789abcdef"},
        }
    ]
}
WORKERS_SEEN: Json = [{"name": "gpu-a", "state": "ready", "gpus": [{"uuid": "GPU-w1-0", "index": 0}]}]
LITELLM: Json = {
    "data": [
        {
            "model_name": "rocket",
            "litellm_params": {
                "model": "openai/rocket",
                "api_base": "http://127.0.0.1:8000/v1",
                "weight": 1,
                "order": 1,
            },
            "model_info": {"id": "x-1", "managed_by": "modelscan.autoconfig", "db_model": True},
        }
    ]
}


def routers(path: str, query: t.Mapping[str, str]) -> Json:
    """The management APIs of running routers."""
    exact: t.Mapping[str, Json] = {"/workers": WORKERS, "/model/info": LITELLM}
    return exact.get(path)
