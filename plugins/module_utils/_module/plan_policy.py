# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What options of model_plan ask of a plan, checked."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import secrets_in
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.corrections import read_corrections
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

Params = t.Mapping[str, t.Any]

_COUNTS = (
    "context_tokens", "minimum_context_tokens", "concurrency", "tensor_parallel", "replicas", "first_token_ms",
    "inter_token_ms", "useful_context_tokens", "request_tokens", "prompt_tokens", "answer_tokens",
    "tokens_per_s",
)  # fmt: skip


def policy_of(params: Params) -> Policy:
    """:raises InvalidInput: an option makes no sense, whatever the model is."""
    for option in _COUNTS:
        if params[option] is not None and params[option] < 1:
            raise InvalidInput("%s is %d and has to be at least 1" % (option, params[option]))
    for price in ("gpu_hour_usd", "power_usd_per_kwh"):
        if params[price] is not None and not 0 <= params[price] < float("inf"):
            raise InvalidInput("%s is %s and has to be at least 0" % (price, params[price]))
    if secrets_in(params["backend_parameters"]):
        raise InvalidInput(
            "backend_parameters holds a secret, and plans are shown and stored",
            hint="Leave it out, and give it to the deployment: env_secrets with HF_TOKEN, or VLLM_API_KEY.",
        )
    if not 0.0 <= params["headroom"] < 1.0:
        raise InvalidInput(
            "headroom is %s; it is a share of each card's memory" % params["headroom"],
            hint="Give a number from 0 up to, not including, 1, for example 0.03.",
        )
    return Policy(
        mode=params["mode"],
        context_tokens=params["context_tokens"],
        minimum_context_tokens=params["minimum_context_tokens"],
        useful_context_tokens=params["useful_context_tokens"],
        concurrency=params["concurrency"],
        request_tokens=params["request_tokens"],
        prompt_tokens=params["prompt_tokens"],
        answer_tokens=params["answer_tokens"],
        tokens_per_s=params["tokens_per_s"],
        quantizations=tuple(params["quantizations"] or ()),
        publishers=tuple(params["publishers"] or ()),
        licences=tuple(params["licences"] or ()),
        backends=tuple(params["backends"] or ()),
        backend=params["backend"],
        backend_version=params["backend_version"],
        tensor_parallel=params["tensor_parallel"],
        replicas=params["replicas"],
        backend_parameters=tuple(params["backend_parameters"]),
        headroom=params["headroom"],
        trust_remote_code=params["trust_remote_code"],
        on_load_quantization=params["on_load_quantization"],
        goal=params["policy"],
        gpu_hour_usd=params["gpu_hour_usd"],
        power_usd_per_kwh=params["power_usd_per_kwh"],
        first_token_ms=params["first_token_ms"],
        inter_token_ms=params["inter_token_ms"],
        speculative=params["speculative"],
        parsers=params["parsers"],
        corrections=tuple(read_corrections(params["corrections"])) if params["corrections"] else (),
    )
