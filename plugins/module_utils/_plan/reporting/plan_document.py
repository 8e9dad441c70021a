# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A choice as the plan that modules pass on."""

from __future__ import annotations

import math
import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.expectation import (
    cost,
    performance,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    LlamaCandidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    Merit,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    CPU,
    Gpu,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.llama_cpp_plan import (
    gguf_part,
    llama_cpp_part,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    PLANNER_SCHEMA,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.wishes import wishes_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# Those of GPUStack that planned models can have; hubs have words of their own.
_CATEGORIES = frozenset(("llm", "embedding", "reranker"))


def document(
    request: Request, site: Site, choice: Choice, parameters: t.Sequence[str], recorder: Recorder
) -> t.Dict[str, t.Any]:
    """The plan as JSON-ready values, without its id; only ``memory`` and ``evidence`` depend on the moment.

    ``recorder`` has the evidence of the account, and hears that of speed and cost.
    """
    each, policy = choice.candidate, request.policy
    draft = each.described.speculation
    own = llama_cpp_part(choice) if isinstance(each, LlamaCandidate) else {}
    return {
        "schema": PLANNER_SCHEMA,
        "plan_id": "",
        "site": site.name,
        "hosts": sorted(host.name for host in site.hosts),
        "name": request.name,
        "model": {"id": request.model.id, "name": request.model.name, "rule": request.model.rule},
        "wishes": wishes_of(request),
        "variant": _variant(each.described),
        "backend": each.engine.name,
        "backend_version": each.settings.version,
        "gpu": each.kind.name,
        "parallelism": asdict(each.layout),
        "context_tokens": choice.fit.context,
        "concurrency": policy.concurrency,
        "level": _level(choice, policy),
        "utilization": choice.fit.permille / 1000,
        "replicas": policy.replicas,
        "placement": [
            {
                "replica": slot.replica,
                "host": slot.host,
                "gpus": [_gpu(gpu) for gpu in slot.gpus if gpu.vendor != CPU],
            }
            for slot in choice.slots
        ],
        "backend_parameters": list(parameters),
        "speculative_config": draft.config(each.engine.name) if draft else None,
        "env": {},
        "categories": _categories(request, each.described),
        "performance": performance(choice, policy, recorder),
        "cost": cost(request, choice, recorder),
        "memory": {**asdict(choice.fit.memory), "gpus": _gpus(site, choice)},
        "evidence": recorder.evidence,
        **own,
    }


def _level(choice: Choice, policy: Policy) -> t.Dict[str, t.Any]:
    """What the plan aims at, and how many requests of the usual length its caches hold."""
    merit = Merit(choice, policy)
    level, held = merit.level, merit.requests_held
    return {
        "context_tokens": level.context,
        "request_tokens": level.request,
        "prompt_tokens": level.prompt,
        "inter_token_ms": round(level.inter_token_s * 1e3, 1),
        "requests_held": None if math.isinf(held) else round(held, 1),
        "reached": merit.reaches,
        "missed": [name for name, factor in merit.misses.items() if factor > 1.0],
    }


def _variant(described: Described) -> t.Dict[str, t.Any]:
    repository, gguf = described.variant.repository, described.gguf
    return {
        "source": repository.ref.source,
        "repository": repository.ref.name,
        "revision": repository.revision,
        "quantization": described.precision,
        "format": described.quantization.format.name,
        "on_load": described.quantization.on_load,
        "weights_bytes": described.weights.total_bytes,
        "licence": repository.licence,
        "found_by": described.variant.found_by,
        **({"gguf": gguf_part(gguf)} if gguf is not None else {}),
    }


def _categories(request: Request, described: Described) -> t.List[str]:
    """GPUStack's words for what a model does: of its catalog, else by what the model is made for."""
    said = [word for word in request.model.categories if word in _CATEGORIES]
    if said or described.architecture.generates:
        return said or ["llm"]
    names = (described.variant.repository.config or {}).get("architectures") or ()
    ranks = any("SequenceClassification" in str(name) for name in names)
    return ["reranker" if ranks else "embedding"]


def _gpu(gpu: Gpu) -> t.Dict[str, t.Any]:
    return {
        "index": gpu.index,
        "uuid": None if gpu.nameless else gpu.uuid,
        "pci_bus_id": gpu.pci_bus_id,
        **({"profile": gpu.profile} if gpu.profile else {}),
    }


def _gpus(site: Site, choice: Choice) -> t.List[t.Dict[str, t.Any]]:
    """What each GPU of the placement has, and has for the engine; the account is of the tightest."""
    found = (
        (slot.host, gpu.index, room_of(gpu, site.claims))
        for slot in choice.slots
        for gpu in slot.gpus
        if gpu.vendor != CPU
    )
    return [
        {"host": host, "index": index, "total_bytes": room.total_bytes, "usable_bytes": room.usable_bytes}
        for host, index, room in found
    ]
