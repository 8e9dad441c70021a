# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sound input for each reader, from which broken input is made."""

from __future__ import annotations

import functools
import hashlib
import json
import struct
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import TERMS

from tests.fuzz import servers
from tests.unit.gpustack.conftest import a_model, a_plan, a_worker, an_instance, page

URL = "http://127.0.0.1:43247"
SHAPES = ("2xH100-80GB-SXM+1xL40S+1xMI300X", "1xRTX4090")

_MODELS_DEV = {
    "models": {
        "acme/rocket-7b": {
            "id": "acme/rocket-7b",
            "name": "Rocket 7B",
            "family": "rocket",
            "tool_call": True,
            "reasoning": False,
            "open_weights": True,
            "release_date": "2026-01-02",
            "modalities": {"input": ["text"], "output": ["text"]},
            "limit": {"context": 131072, "output": 8192},
            "weights": [
                {
                    "label": "Hugging Face",
                    "url": "https://huggingface.co/Acme/Rocket-7B",
                    "quantization": None,
                }
            ],
        }
    },
    "providers": {
        "acme": {
            "id": "acme",
            "models": {
                "rocket-7b": {
                    "id": "rocket-7b",
                    "base_model": "acme/rocket-7b",
                    "cost": {
                        "input": 0.1,
                        "output": 0.4,
                        "tiers": [{"tier": {"type": "context", "size": 200000}, "input": 0.2}],
                        "context_over_200k": {"input": 0.2, "output": 0.8},
                    },
                }
            },
        }
    },
}
_SETS = """\
.anchor: &base
  backend: vLLM
  backend_parameters: [--max-model-len=8192, --tool-call-parser=hermes]
model_sets:
  - name: Rocket 7B
    description: A model of 2026-01-02.
    size: 7.6
    size_unit: B
    activated_size: 3
    release_date: 2026-01-02
    licenses: [apache-2.0]
    categories: [llm]
    capabilities: [context/128K, tools, vision]
    specs:
      - <<: *base
        mode: standard
        quantization: BF16
        source: huggingface
        huggingface_repo_id: Acme/Rocket-7B
        gpu_filters: {vendor: nvidia, compute_capability: ">=8.0"}
        speculative_config: {enabled: true, num_draft_tokens: 3}
"""
_TOML = """\
name = "Rocket 7B"
release_date = 2026-01-02
open_weights = true
base_model = "acme/rocket-7b"
[cost]
input = 0.1
output = 4e-1
[limit]
context = 131_072
[[weights]]
label = "Hugging Face"
url = "https://huggingface.co/Acme/Rocket-7B"
"""
_LOG = """\
INFO 02-13 08:00:00 api_server.py:840] vLLM API server version 0.11.0
INFO 02-13 08:00:30 model_runner.py:1115] Loading model weights took 14.9888 GB
INFO 02-13 08:00:40 worker.py:267] model weights take 14.99GiB; \
non_torch_memory takes 1.79GiB; PyTorch activation peak memory takes 1.26GiB; the rest of the memory reserved for KV Cache is 53.29GiB.
INFO 02-13 08:00:41 executor_base.py:116] Maximum concurrency for 8,192 tokens per request: 53.29x
INFO GPU KV cache size: 307,200 tokens
INFO 02-13 08:00:59 model_runner.py:1562] Graph capturing finished in 18 secs, took 0.23 GiB
[2026-02-13] server_args=ServerArgs(context_len=8192)
[2026-02-13] Load weight end. type=LlamaForCausalLM, mem usage=14.98 GB.
[2026-02-13] KV Cache is allocated. #tokens: 300000, K size: 18.31 GB, V size: 18.31 GB
[2026-02-13] Capture cuda graph end. Time elapsed: 5.0 s. mem usage=0.50 GB. avail mem=9.00 GB.
max_total_num_tokens=300000, context_len=8192
"""
_SGLANG = _LOG.partition("[2026")[1] + _LOG.partition("[2026")[2]


def _facts() -> t.List[bytes]:
    return [json.dumps(simulated(Machine(), shape)).encode() for shape in SHAPES]


def _busy_facts() -> bytes:
    """Facts with what a simulated host lacks: processes, slices, conditions, warnings, links."""
    found = simulated(Machine(), SHAPES[0])
    card, sliced = found["devices"][:2]
    card["processes"] = [{"pid": 5, "name": "/usr/bin/python", "used_bytes": 1 << 30}]
    card["health"] = {"state": "ok", "detail": None, "conditions": [{"code": "hot", "detail": "90 C"}]}
    slices = {"uuid": "MIG-1", "index": 0, "profile": "1g.10gb", "gpu_instance_id": 7, "shares_memory": False}
    slices.update(memory_total_bytes=10 << 30, memory_used_bytes=0, memory_free_bytes=10 << 30)
    sliced["mig"] = {"mode": "enabled", "instances": [slices]}
    found["warnings"] = [
        {
            "code": "hot",
            "severity": "warning",
            "message": "0000:17:00.0: hot",
            "hint": "Cool it",
            "device": "x",
        }
    ]
    found["driver"] = {"nvidia": "580.1"}
    return json.dumps(found).encode()


def _filed_plan() -> t.Dict[str, t.Any]:
    """A plan with all that a plan file tells of it."""
    plan = a_plan(
        site="https://gpustack",
        model={"id": "qwen/qwen3-8b"},
        parallelism={"tensor": 1, "pipeline": 1, "data": 1},
        context_tokens=8192,
        concurrency=4,
        gpu="NVIDIA L4",
        wishes={"concurrency": 4},
    )
    account = dict.fromkeys((*_AMOUNTS, "left_bytes"), 1 << 30)
    plan["memory"] = {**account, "gpus": [{"host": "gpu-a", "index": 0, "usable_bytes": 20 << 30}]}
    return plan


_AMOUNTS = ("weights_bytes", "activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes")
_LAYOUT = dict.fromkeys(("variant", "quantization", "backend", "gpu"), "x")
_LAYOUT_SIZE = {"tensor": 1, "pipeline": 1, "data": 1}


def _planned() -> t.Dict[str, t.Any]:
    """A result of model_plan."""
    layout: t.Dict[str, t.Any] = {**_LAYOUT, **_LAYOUT_SIZE}
    figures = {"context_tokens": 8192, "kv_cache_tokens": 9000, "inter_token_ms": 9.5, "tokens_per_s": None}
    return {
        "plans": [_filed_plan()],
        "plan_lines": ["qwen3-8b on gpu-a"],
        "rejected": [dict(layout, site="https://gpustack", reason="too large")],
        "options": [dict(layout, **figures)],
        "warnings": ["a warning"],
        "moves": [{"line": "it moves"}],
        "holds": [{"variant": "Qwen/Qwen3-8B", "quantization": "bf16", "context_tokens": 8192}],
        "sources": {
            "files": {"Qwen/Qwen3-8B": [{"path": "config.json", "size_bytes": 700, "sha256": "0" * 64}]},
            "revisions": {"Qwen/Qwen3-8B": "0" * 40},
        },
    }


def _filed() -> bytes:
    running = {"plan_id": "f" * 16, "id": 7, "repository": "o/r", "backend_parameters": ["-x"]}
    site = dict(_planned(), server={"version": "2.3.0"}, running={"qwen3-8b": None, "other": running})
    return json.dumps(
        {"kind": "modelscan.autoconfig plan", "schema": 1, "sites": {"https://gpustack": site}}
    ).encode()


def _registered() -> bytes:
    deployment = {
        "name": "qwen3-8b",
        "state": "running",
        "ready_replicas": 1,
        "replicas": 1,
        "backend": "vLLM",
        "repository": "Qwen/Qwen3-8B",
        "managed": True,
        "instances": [{"worker": "gpu-a", "gpus": [{"index": 0}]}],
    }
    applied = {"changed": True, "actions": ["created"], "deployment": deployment, "before": deployment}
    route = {"changed": True, "route": {"name": "chat", "endpoint": "http://x"}, "path": "/etc/router.yml"}
    done = {
        "applied": applied,
        "answer": {"latency_ms": 5, "answer": "ready"},
        "routes": [route],
        "unregistered": [route],
    }
    site = {
        "running": {"deployments": [deployment], "server": {"version": "2.3.0"}},
        "planned": _planned(),
        "names": ["chat"],
        "order": ["chat"],
        "served": {"chat": done},
    }
    return json.dumps(site).encode()


_MODEL: t.Dict[str, t.Any] = {
    "id": "acme/rocket-7b",
    "parameters": {"total": 7000000000, "active": 3000000000},
    "limits": {"context_tokens": 131072, "output_tokens": 8192},
    "cheapest_usd": {"input": 0.1, "output": 0.4},
    "licence": "apache-2.0",
    "release_date": "2026-01-02",
    "capabilities": {"tool_call": True},
    "repositories": ["Acme/Rocket-7B"],
    "fit": {"judged_by": "planner", "quantization": "fp8", "host": "gpu-a", "tensor_parallel": 1},
}
_SEARCHED: t.Dict[str, t.Any] = {
    "models": [_MODEL],
    "total": 5,
    "model": {
        **_MODEL,
        "variants": [
            {
                "repository": "Acme/Rocket-7B",
                "weights_bytes": 14000000000,
                "formats": ["safetensors"],
                "last_modified": "2026-01-02",
                "security": {"status": "unsafe"},
                "adapter": {"base_model": "x", "rank": 8},
                "code_execution": ["x"],
                "files": [{"path": "config.json", "size_bytes": 7, "sha256": "0" * 64}],
            }
        ],
        "prices_per_million_tokens": [
            {"provider": "acme", "input_usd": 0.1, "tiers": [{"input_usd": 0.2, "above_tokens": 200000}]}
        ],
        "specs": [{"repository": "x", "mode": "standard", "gpu_filters": {"vendor": "nvidia"}}],
    },
    "sources": [{"name": "models.dev", "state": "live", "count": 1, "as_of": "2026-01-02"}],
}


def _safetensors() -> t.List[bytes]:
    header: t.Dict[str, t.Any] = {"__metadata__": {"format": "pt"}}
    for layer in range(8):
        offsets = [layer * 512, (layer + 1) * 512]
        header["model.layers.%d.w" % layer] = {"dtype": "BF16", "shape": [16, 16], "data_offsets": offsets}
    # A header that is the whole file, so that mutations of its text keep its length right as a rule.
    text = json.dumps(header).encode()
    return [struct.pack("<Q", len(text)) + text]


def _text(data: bytes) -> bytes:
    return struct.pack("<Q", len(data)) + data


def _gguf() -> t.List[bytes]:
    pairs = [
        _text(b"general.architecture") + struct.pack("<I", 8) + _text(b"llama"),
        _text(b"llama.context_length") + struct.pack("<II", 4, 8192),
        _text(b"tokens") + struct.pack("<IIQ", 9, 8, 2) + _text(b"a") + _text(b"b"),
        _text(b"nested") + struct.pack("<IIQ", 9, 9, 1) + struct.pack("<IQ", 4, 2) + struct.pack("<II", 1, 2),
        _text(b"general.alignment") + struct.pack("<II", 4, 32),
    ]
    tensors = [
        _text(b"blk.0.attn_q.weight") + struct.pack("<IQQIQ", 2, 256, 64, 12, 0),
        _text(b"output.weight") + struct.pack("<IQQIQ", 2, 256, 64, 1, 9216),
    ]
    return [b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join(pairs + tensors)]


def _answers(*pairs: t.Tuple[str, t.Any]) -> t.List[bytes]:
    return [json.dumps([URL + path, body]).encode() for path, body in pairs]


def _first_page(path: str, *rows: t.Any, query: str = "") -> t.Tuple[str, t.Any]:
    return "%s?%spage=1&perPage=100" % (path, query), page(*rows)


_MODELS = _first_page("/v2/models", a_model())
_WORKERS = _first_page("/v2/workers", a_worker(), a_worker("w2", id=2))
_ROUTES = _first_page("/v2/model-routes", servers.ROUTE)
_EVALUATION = (
    "/v2/model-evaluations",
    {
        "results": [
            {
                "compatible": False,
                "error": False,
                "error_message": None,
                "compatibility_messages": ["Unable to find a schedulable worker"],
                "scheduling_messages": ["- needs 3 GiB"],
                "resource_claim": {"ram": 0, "vram": 1},
            }
        ]
    },
)

_KEY = hashlib.sha256(b"key").hexdigest().encode()
_SCOPE = "https://modelscope.cn"
_ROUTER = "http://127.0.0.1:43248"
_HUB_SEARCH = "https://huggingface.co/api/models?search=rocket&sort=downloads&direction=-1&limit=20"
_CORRECTIONS = """\
corrections:
  - engine: vLLM
    version: 0.11.0
    card: NVIDIA L4
    term: runtime_bytes
    factor: 1.5
    measured_bytes: 1000000
"""
_STREAM = """\
: hello
data: {"model": "rocket", "choices": [{"delta": {"content": "rea"}, "finish_reason": null}]}

data: {"model": "rocket", "choices": [{"delta": {"reasoning": "dy"}, "finish_reason": "stop"}]}

data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}

data: [DONE]
"""
_LITELLM = """\
# proxy
model_list:
  - model_name: chat
    litellm_params:
      model: openai/rocket
      api_base: http://127.0.0.1:8000/v1
      api_key: os.environ/KEY
      weight: 2
      order: 1
    model_info:
      id: autoconfig-chat-0123456789
      managed_by: modelscan.autoconfig
  - {model_name: other, litellm_params: {model: openai/x}}
general_settings: &g
  master_key: os.environ/MASTER
"""
_MODELSCAN = """\
routing:
  mode: direct
  direct:
    providers:
      - name: other
        type: local
        base_url: http://127.0.0.1:1
        model: m
      - name: chat # managed by modelscan.autoconfig
        type: local
        base_url: http://127.0.0.1:2
        model: m
"""
_LIST = """\
providers:
  - model: other
    base_url: http://127.0.0.1:1
    when: 2026-01-02
  - model: chat # managed by modelscan.autoconfig
    base_url: http://127.0.0.1:2
"""


def _hub_answers(base: str) -> t.List[bytes]:
    repository = servers.REPOSITORY
    file = "%s/%s/resolve/%s/" % (base, repository, servers.COMMIT)
    pairs = [
        ("%s/api/models/%s?blobs=true&securityStatus=true" % (base, repository), servers.LISTING),
        (file + "config.json", servers.CONFIG),
        ("https://models.dev/catalog.json", servers.MODELS_DEV),
        (
            URL + "/v2/inference-backends?page=1&perPage=100",
            {"items": [{"backend_name": "vLLM", "default_version": "1"}]},
        ),
    ]
    found = [json.dumps([url, body]).encode() for url, body in pairs]
    return [*found, b'["%s", %s]' % ((file + "model.safetensors").encode(), servers.SHARD)]


def _deployed() -> t.List[t.Any]:
    return [
        {
            "name": "rocket-7b",
            "site": "default",
            "state": "running",
            "managed": True,
            "plan_id": "0123456789abcdef",
            "choice": dict(a_plan(), context_tokens=8192),
            "instances": [{"gpus": [{"uuid": "GPU-w1-0", "claimed_bytes": 1 << 30}]}],
        }
    ]


MAKERS: t.Mapping[str, t.Callable[[], t.List[bytes]]] = {
    "facts_read_host": lambda: [*_facts(), _busy_facts()],
    "models_dev": lambda: [json.dumps(_MODELS_DEV).encode()],
    "model_sets": lambda: [_SETS.encode()],
    "toml": lambda: [_TOML.encode()],
    "safetensors": _safetensors,
    "gguf": _gguf,
    "startup": lambda: [_LOG.encode(), _SGLANG.encode()],
    "cache": lambda: [b'{"key": "%s", "size": 2, "as_of": 1760000000.5, "etag": "abc"}\n{}' % _KEY],
    "info": lambda: _answers(
        _MODELS,
        _WORKERS,
        _ROUTES,
        _first_page("/v2/model-instances", an_instance()),
        _first_page("/v2/model-route-targets", servers.TARGET),
        _first_page("/v2/model-files", servers.FILE),
        ("/version", {"version": "v2.3.0"}),
        _first_page("/v2/models/7/revisions", *servers.REVISIONS),
    ),
    "deploy_check": lambda: _answers(
        _first_page("/v2/models", query="search=fuzz-x&"),
        _first_page("/v2/model-routes", query="name=fuzz-x&"),
        _WORKERS,
        _first_page("/v2/clusters", {"id": 1, "name": "Default Cluster"}),
        _EVALUATION,
        ("/v2/models/import", {"entries": [{"index": 0, "errors": ["unknown field(s): x"]}]}),
        ("/v2/inference-backends/list?cluster_id=1", page(*servers.BACKENDS)),
    ),
    "deploy_update": lambda: _answers(
        _first_page("/v2/models", a_model(), query="search=qwen3-8b&"),
        _first_page("/v2/models/7/instances", an_instance()),
        _first_page("/v2/model-routes", servers.ROUTE, query="name=qwen3-8b&"),
        _first_page("/v2/models/7/revisions", *servers.REVISIONS),
        ("/v2/models/7/revisions/2", {"spec": a_model()}),
        _WORKERS,
        _EVALUATION,
    ),
    "route_gp": lambda: _answers(
        _first_page(
            "/v2/model-routes",
            dict(servers.ROUTE, name="chat-x", created_model_id=None),
            query="name=chat-x&",
        ),
        _first_page("/v2/model-route-targets", servers.TARGET, query="route_id=3&"),
        _MODELS,
        _first_page("/v2/models", a_model(), query="search=qwen3-8b&"),
    ),
    "hf": lambda: _hub_answers("https://huggingface.co"),
    "modelscope": lambda: [
        json.dumps([_SCOPE + path, body]).encode()
        for path, body in (
            ("/openapi/v1/models/" + servers.REPOSITORY, servers.MODELSCOPE_INFO),
            (
                "/api/v1/models/%s/repo/files?Revision=master&Recursive=True" % servers.REPOSITORY,
                servers.MODELSCOPE_FILES,
            ),
            (
                "/openapi/v1/models?search=Rocket-7B&page_number=1&page_size=100",
                servers.MODELSCOPE_SEARCH,
            ),
        )
    ],
    "search": lambda: [
        json.dumps(["https://models.dev/catalog.json", servers.MODELS_DEV]).encode(),
        json.dumps([_HUB_SEARCH, servers.HUB_SEARCH]).encode(),
        json.dumps(
            [URL + "/v2/model-sets?page=1&perPage=100", {"items": [{"id": 1, "name": "Rocket 7B"}]}]
        ).encode(),
    ],
    "plan": lambda: _hub_answers("https://huggingface.co"),
    "plan_file": lambda: [_filed()],
    "plan_table": lambda: [_filed()],
    "rollout": lambda: [_registered()],
    "deployment_table": lambda: [
        json.dumps([json.loads(_registered())["served"]["chat"]["applied"]["deployment"]]).encode()
    ],
    "compare_table": lambda: [json.dumps(_filed_plan()).encode()],
    "model_table": lambda: [json.dumps(_SEARCHED).encode()],
    "fleet_table": lambda: [*_facts(), _busy_facts()],
    "fleet_html": lambda: [*_facts(), _busy_facts()],
    "fleet_csv": lambda: [*_facts(), _busy_facts()],
    "deployed": lambda: [json.dumps(each).encode() for each in _deployed()],
    "deploy_plan": lambda: [json.dumps(a_plan()).encode()],
    "calibrate": lambda: [json.dumps(dict(a_plan(), memory=dict.fromkeys(TERMS, 1 << 30))).encode()],
    "corrections": lambda: [_CORRECTIONS.encode()],
    "config": lambda: [json.dumps(servers.CONFIG).encode()],
    "mistral": lambda: [json.dumps(servers.MISTRAL).encode()],
    "probe": lambda: [
        json.dumps([servers.STREAM_URL, servers.ANSWER]).encode(),
    ],
    "stream": lambda: [_STREAM.encode()],
    "watch": lambda: [
        b"\n".join(
            json.dumps({"type": 2, "id": 20, "data": an_instance(id=20 + n)}).encode() for n in range(3)
        )
        + b"\n"
    ],
    "litellm": lambda: [_LITELLM.encode()],
    "modelscan": lambda: [_MODELSCAN.encode()],
    "openai_list": lambda: [_LIST.encode()],
    "openai_json": lambda: [json.dumps({"providers": [{"model": "other", "base_url": "http://x"}]}).encode()],
    "text_lines": lambda: [b"# map\nother http://127.0.0.1:1\n"],
    "sglang_router": lambda: [json.dumps([_ROUTER + "/workers", servers.WORKERS]).encode()],
    "vllm_router": lambda: [json.dumps([_ROUTER + "/workers", servers.WORKERS]).encode()],
    "litellm_api": lambda: [json.dumps([_ROUTER + "/model/info", servers.LITELLM]).encode()],
    "metrics": lambda: [b"# HELP\nvllm:num_requests_running{x} 1.0\nvllm:num_requests_waiting{x} 2.0\n"],
    "saved_facts": _facts,
    "refusal": lambda: [
        json.dumps({"error": {"message": "no such model", "code": 404}}).encode(),
        json.dumps({"detail": [{"loc": ["body", "name"], "msg": "x"}]}).encode(),
    ],
}
NAMES = frozenset(MAKERS)


@functools.cache
def of(name: str) -> t.Tuple[bytes, ...]:
    """The seeds of one reader."""
    return tuple(MAKERS[name]())
