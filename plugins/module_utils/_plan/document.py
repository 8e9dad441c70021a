# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: a choice as the plan that modules pass on, and its warnings."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choose import Choice, Site
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.cost import cost_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import BY_MODE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.filters import admits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kernels import (
    WEIGHT_ONLY,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.performance import (
    RANGE_FACTOR,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    FP4,
    FP8,
    ON_LOAD,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import (
    PLANNER_SCHEMA,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.spelling import (
    FLAGS,
    overridden,
    planned_arguments,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import (
    ASSUMED,
    DERIVED,
    ESTIMATED,
    MEASURED,
)

# Advice of a catalog that changes no memory and may be taken as it is.
HARMLESS_ADVICE = frozenset(
    ("--enable-auto-tool-choice", "--tool-call-parser", "--reasoning-parser", "--chat-template")
)

# Weights above this share of a card may not load: repacking holds some of them twice for a while.
LOAD_PEAK_SHARE = 0.85

_BFLOAT16_CAPABILITY = (8, 0)


def document(request: Request, site: Site, plan_id: str, choice: Choice) -> t.Dict[str, t.Any]:
    """The plan as JSON-ready values; only ``memory`` and ``evidence`` depend on the moment."""
    each, policy = choice.candidate, request.policy
    repository = each.described.variant.repository
    return {
        "schema": PLANNER_SCHEMA,
        "plan_id": plan_id,
        "site": site.name,
        "hosts": sorted(host.name for host in site.hosts),
        "name": request.name,
        "model": {"id": request.model.id, "name": request.model.name, "rule": request.model.rule},
        "variant": {
            "source": repository.ref.source,
            "repository": repository.ref.name,
            "revision": repository.revision,
            "quantization": each.described.precision,
            "format": each.described.quantization.format.name,
            "on_load": each.described.quantization.on_load,
            "weights_bytes": each.described.weights.total_bytes,
            "licence": repository.licence,
            "found_by": each.described.variant.found_by,
        },
        "backend": each.engine.name,
        "backend_version": None,
        "parallelism": {
            "tensor": each.layout.tensor,
            "pipeline": each.layout.pipeline,
            "data": 1,
            "expert": each.layout.expert,
        },
        "context_tokens": choice.fit.context,
        "concurrency": policy.concurrency,
        "utilization": choice.fit.permille / 1000,
        "replicas": policy.replicas,
        "placement": [
            {
                "host": slot.host,
                "gpus": [
                    {"index": gpu.index, "uuid": gpu.uuid, "pci_bus_id": gpu.pci_bus_id} for gpu in slot.gpus
                ],
            }
            for slot in choice.slots
        ],
        "backend_parameters": _parameters(request, choice),
        "env": {},
        "categories": ["llm"],
        "performance": _performance(choice, policy.concurrency),
        "cost": _cost(request, choice),
        "memory": asdict(choice.fit.memory),
        "evidence": _evidence(choice),
    }


def _performance(choice: Choice, concurrency: int) -> t.Optional[t.Dict[str, t.Any]]:
    """Ranges for one replica under a plain chat load; None where nothing can be said."""
    traffic = choice.traffic(concurrency)
    speed = choice.speed(traffic)
    if speed is None:
        return None
    return {
        "input_tokens": traffic.input_tokens,
        "output_tokens": traffic.output_tokens,
        "concurrency": concurrency,
        "first_token_ms": _range(speed.first_token_s * 1e3),
        "inter_token_ms": _range(speed.inter_token_s * 1e3),
        "tokens_per_s": _range(speed.tokens_per_s),
    }


def _cost(request: Request, choice: Choice) -> t.Optional[t.Dict[str, t.Any]]:
    """What all replicas cost while all of them are busy; None without a price or an expected speed."""
    policy, traffic = request.policy, choice.traffic(request.policy.concurrency)
    speed = choice.speed(traffic)
    if policy.gpu_hour_usd is None or speed is None:
        return None
    low, high = _range(speed.tokens_per_s * policy.replicas)
    gpus = choice.candidate.layout.gpus * policy.replicas
    ratio = traffic.input_tokens / traffic.output_tokens
    found = asdict(cost_of(gpus, policy.gpu_hour_usd, (low, high), ratio, request.model.api))
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def _range(middle: float) -> t.List[float]:
    return [round(middle / RANGE_FACTOR, 1), round(middle * RANGE_FACTOR, 1)]


def _parameters(request: Request, choice: Choice) -> t.List[str]:
    each, policy = choice.candidate, request.policy
    flags = FLAGS[each.engine.name]
    planned = planned_arguments(
        each.engine, choice.fit.context, each.layout, choice.fit.permille, each.settings
    )
    if _runs_bfloat16_as_float16(choice):
        planned.append(arguments.Argument(flags.dtype[0], "half"))
    if each.described.quantization.on_load:
        method = ON_LOAD[each.described.quantization.format.name]
        planned.append(arguments.Argument(flags.quantization, method))
    if each.described.architecture.remote_code:
        planned.append(arguments.Argument("--trust-remote-code"))
    advice = [
        argument
        for variant in request.variants
        if variant.repository.ref == each.described.variant.repository.ref
        and variant.backend == each.engine.name
        and admits([variant.gpu_filters] if variant.gpu_filters else [], each.kind)
        for argument in arguments.parse(variant.parameters)
        if argument.flag in HARMLESS_ADVICE
    ]
    return arguments.merge(planned, advice, arguments.parse(policy.backend_parameters))


def _runs_bfloat16_as_float16(choice: Choice) -> bool:
    each = choice.candidate
    old = each.kind.capability is not None and each.kind.capability < _BFLOAT16_CAPABILITY
    return old and "bfloat16" in each.described.architecture.dtype


def _evidence(choice: Choice) -> t.Dict[str, str]:
    described = choice.candidate.described
    cache = DERIVED if described.architecture.confident else ASSUMED
    return {
        "total_bytes": MEASURED,
        "free_bytes": MEASURED,
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
    }


def warnings_of(request: Request, choice: Choice) -> t.Iterator[str]:
    """What a user should know before taking this choice."""
    each, memory = choice.candidate, choice.fit.memory
    described, arch = each.described, each.described.architecture
    if not arch.confident:
        yield (
            "%s: the architecture %s is not known here; cache sizes are an upper bound"
            % (described.repository, arch.family)
        )
    if arch.multimodal:
        yield "%s: memory for images and sound is not part of the plan" % described.repository
    if each.support == WEIGHT_ONLY and described.precision in (FP8, FP4):
        yield (
            "%s on %s is weight-only: it saves memory and no time"
            % (described.quantization.format.name, each.kind.name)
        )
    if described.quantization.on_load:
        yield (
            "%s is quantized to %s while it loads: nobody has checked its answers in that precision"
            % (described.repository, described.precision)
        )
    if each.layout.gpus > 1 and any(len({gpu.island for gpu in slot.gpus}) > 1 for slot in choice.slots):
        yield "the GPUs of a replica are not joined by NVLink: tokens will come slower than estimated"
    if memory.weights_bytes > LOAD_PEAK_SHARE * memory.total_bytes:
        yield "weights take more than %d %% of the card; loading may need more" % (LOAD_PEAK_SHARE * 100)
    if _runs_bfloat16_as_float16(choice):
        yield "%s has no bfloat16; the model runs in float16, which some models do not bear" % each.kind.name
    if not request.policy.backend and each.engine is not BY_MODE[request.policy.mode]:
        preferred = BY_MODE[request.policy.mode].name
        yield "mode %s prefers %s, which fits nowhere here; the plan uses %s" % (
            request.policy.mode, preferred, each.engine.name,
        )  # fmt: skip
    for argument in overridden(each.engine, arguments.parse(request.policy.backend_parameters)):
        yield "backend_parameters sets %s; the plan was calculated with it" % argument
