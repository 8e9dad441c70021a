# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A choice as the plan that modules pass on, and its warnings."""

from __future__ import annotations

import math
import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ASSUMED,
    DERIVED,
    ESTIMATED,
    MEASURED,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.launch_arguments import (
    runs_bfloat16_as_float16,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    LlamaCandidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    LOAD_PEAK_SHARE,
    Merit,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    traffic_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.user_conflicts import (
    conflicts,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    WEIGHT_ONLY,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import FP4, FP8
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    CPU,
    HOST_SHARE,
    Gpu,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    BY_MODE,
    LLAMA_CPP,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.llama_cpp_plan import (
    gguf_part,
    llama_cpp_part,
    llama_cpp_warnings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    PLANNER_SCHEMA,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.wishes import wishes_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.coefficients import range_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.cost import cost_of, power_usd
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# Those of GPUStack that planned models can have; hubs have words of their own.
_CATEGORIES = frozenset(("llm", "embedding", "reranker"))


def document(
    request: Request, site: Site, plan_id: str, choice: Choice, parameters: t.Sequence[str]
) -> t.Dict[str, t.Any]:
    """The plan as JSON-ready values; only ``memory`` and ``evidence`` depend on the moment."""
    each, policy = choice.candidate, request.policy
    draft = each.described.speculation
    own = llama_cpp_part(choice) if isinstance(each, LlamaCandidate) else {}
    return {
        "schema": PLANNER_SCHEMA,
        "plan_id": plan_id,
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
        "performance": _performance(choice, policy),
        "cost": _cost(request, choice),
        "memory": {**asdict(choice.fit.memory), "gpus": _gpus(site, choice)},
        "evidence": _evidence(choice),
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
    """What each GPU of the placement has for the engine; the account is of the tightest."""
    return [
        {"host": slot.host, "index": gpu.index, "usable_bytes": room_of(gpu, site.claims).usable_bytes}
        for slot in choice.slots
        for gpu in slot.gpus
        if gpu.vendor != CPU
    ]


def _performance(choice: Choice, policy: Policy) -> t.Optional[t.Dict[str, t.Any]]:
    """Ranges for one replica under the usual load; None where nothing can be said."""
    traffic = traffic_of(policy, choice.fit.context)
    speed, served = choice.speed(traffic), choice.candidate.served
    if speed is None or served is None:
        return None
    around = range_of(served.card, choice.candidate.engine.name)
    return {
        "input_tokens": traffic.input_tokens,
        "output_tokens": traffic.output_tokens,
        "concurrency": policy.concurrency,
        "first_token_ms": _range(speed.first_token_s * 1e3, around.first_token),
        "inter_token_ms": _range(speed.inter_token_s * 1e3, around.inter_token),
        "tokens_per_s": _range(speed.tokens_per_s, around.tokens),
    }


def _cost(request: Request, choice: Choice) -> t.Optional[t.Dict[str, t.Any]]:
    """What all replicas cost while all of them are busy; None without a price or an expected speed."""
    policy, traffic = request.policy, traffic_of(request.policy, choice.fit.context)
    per_gpu = _usd_per_hour(policy, choice.candidate.kind)
    speed, served = None if per_gpu is None else choice.speed(traffic), choice.candidate.served
    if per_gpu is None or speed is None or served is None:
        return None
    low, high = _range(
        speed.tokens_per_s * policy.replicas, range_of(served.card, choice.candidate.engine.name).tokens
    )
    hire, power = (each * choice.candidate.layout.gpus * policy.replicas for each in per_gpu)
    ratio = traffic.input_tokens / traffic.output_tokens
    found = asdict(cost_of(hire, power, (low, high), ratio, request.model.api))
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def _usd_per_hour(policy: Policy, kind: Gpu) -> t.Optional[t.Tuple[float, float]]:
    """(hire, power) of one GPU at its power limit; None where nothing is known of either."""
    watts = _watts(kind)
    if policy.gpu_hour_usd is None and (policy.power_usd_per_kwh is None or watts is None):
        return None
    power = power_usd(watts or 0.0, policy.power_usd_per_kwh or 0.0)
    return policy.gpu_hour_usd or 0.0, power


def _watts(kind: Gpu) -> t.Optional[float]:
    """What the card may draw: its limit on the host, else what its vendor says."""
    card = card_of(kind.name)
    return kind.power_w if kind.power_w is not None or card is None else card.power_w


def _range(middle: float, around: t.Tuple[float, float]) -> t.List[float]:
    return [round(middle * factor, 1) for factor in around]


def _evidence(choice: Choice) -> t.Dict[str, str]:
    described = choice.candidate.described
    cache = DERIVED if described.architecture.confident else ASSUMED
    learned = {each.term: MEASURED for each in choice.candidate.settings.corrections}
    seen = ASSUMED if choice.candidate.kind.simulated else MEASURED
    return {
        "total_bytes": seen,
        "free_bytes": seen,
        "credited_bytes": MEASURED,
        "weights_bytes": described.weights.evidence,
        "quantization": described.quantization.evidence,
        "activation_bytes": ESTIMATED,
        "runtime_bytes": ESTIMATED,
        "cuda_graphs_bytes": ESTIMATED,
        "kv_bytes_per_token": cache,
        "kv_cache_bytes": ESTIMATED,
        "left_bytes": ESTIMATED,
        "performance": ESTIMATED,
        "cost": ESTIMATED,
        **learned,
    }


def _distance_warnings(choice: Choice) -> t.Iterator[str]:
    layout = choice.candidate.layout
    if layout.hosts > 1 and choice.slots[-1].replica:
        yield "GPUStack pairs the hosts of distributed replicas itself; the placement shows that there is room"
    if layout.hosts > 1:
        yield (
            "each replica is distributed over %d hosts: it needs all of them and a fast network between them"
            % layout.hosts
        )
    if layout.cuts_over_hosts:
        yield (
            "%d GPUs on %d hosts exchange every layer over the network, which is the last choice: expect few "
            "tokens per second without RDMA" % (layout.expert_ranks, layout.hosts)
        )
    yield from _hardware_warnings(choice.candidate)
    for host in sorted({slot.host for slot in choice.slots if slot.crosses_islands}):
        yield "%s: the GPUs of a replica are not joined by NVLink or the like: tokens will come slower" % host


def _hardware_warnings(each: Candidate) -> t.Iterator[str]:
    """What is less sure, or has to be done by hand, on this kind of card."""
    kind = each.kind
    if kind.profile:
        yield (
            "GPUStack cannot be told to take the slice %s of a card (MIG): gpustack_deployment will refuse this "
            "placement" % kind.profile
        )
    if kind.simulated:
        yield "%s: these cards are simulated, nothing was read from a host" % kind.name
    if kind.unified:
        yield (
            "%s shares its memory with the host: %d %% of it stay with the system, which may need more"
            % (kind.name, HOST_SHARE * 100)
        )
    if kind.vendor == ASCEND:
        yield (
            "%s: low confidence, memory and speed of %s on Ascend are calculated like on CUDA and were never measured"
            % (kind.name, each.engine.name)
        )
    if kind.vendor == AMD and each.engine is not LLAMA_CPP:
        yield "%s: its speed is estimated by what was measured on NVIDIA's cards" % kind.name


def _release_warnings(each: Candidate) -> t.Iterator[str]:
    if each.pinned is not None:
        yield "%s %s is taken instead of the default: %s" % (
            each.engine.name, each.settings.version, each.pinned,
        )  # fmt: skip
    yield from each.doubts


def _cost_warnings(policy: Policy, kind: Gpu) -> t.Iterator[str]:
    if policy.power_usd_per_kwh is not None and _watts(kind) is None:
        yield "the power of %s is unknown, and not part of the cost" % kind.name


def warnings_of(request: Request, choice: Choice) -> t.Iterator[str]:
    """What a user should know before taking this choice."""
    each, memory = choice.candidate, choice.fit.memory
    described, arch = each.described, each.described.architecture
    if not arch.confident:
        yield (
            "%s: the architecture %s is not known here; cache sizes are an upper bound"
            % (described.repository, arch.family)
        )
    if isinstance(each, LlamaCandidate):
        yield from llama_cpp_warnings(each)
    elif arch.multimodal:
        yield "%s: memory for images and sound is not part of the plan" % described.repository
    if each.support == WEIGHT_ONLY and described.precision in (FP8, FP4):
        yield (
            "%s on %s is weight-only: it saves memory and no time"
            % (described.quantization.format.name, each.kind.name)
        )
    if described.variant.repository.gated:
        yield (
            "%s is gated: downloading needs the token of somebody who has accepted its terms"
            % described.repository
        )
    if described.quantization.on_load:
        yield (
            "%s is quantized to %s while it loads: nobody has checked its answers in that precision"
            % (described.repository, described.precision)
        )
    yield from _release_warnings(each)
    yield from _distance_warnings(choice)
    yield from _cost_warnings(request.policy, each.kind)
    if described.gguf is None and memory.weights_bytes > LOAD_PEAK_SHARE * memory.total_bytes:
        yield "weights take more than %d %% of the card; loading may need more" % (LOAD_PEAK_SHARE * 100)
    if described.gguf is None and runs_bfloat16_as_float16(each):
        yield "%s has no bfloat16; the model runs in float16, which some models do not bear" % each.kind.name
    if not request.policy.backend and each.engine is not BY_MODE[request.policy.mode]:
        preferred = BY_MODE[request.policy.mode].name
        yield "mode %s prefers %s, which fits nowhere here; the plan uses %s" % (
            request.policy.mode, preferred, each.engine.name,
        )  # fmt: skip
    yield from conflicts(choice, request.policy, arguments.parse(request.policy.backend_parameters))
