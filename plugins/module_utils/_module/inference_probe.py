# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of inference_probe."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible.module_utils.basic import env_fallback
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    excerpt,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import checked_base_url
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import (
    PATHS,
    STREAMED,
    InferenceClient,
    Question,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.load import (
    Limits,
    LoadPlan,
    check_limits,
    run_load,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.probe import (
    Checks,
    Patience,
    probe,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)


def run(task: Task) -> Result:
    """Ask one real question, then the load where one is wanted.

    In check mode nothing is sent: tokens cost, and nothing may serve yet.
    """
    params = task.params
    url = checked_base_url(params["url"], "url")
    question, checks = _question(params), _checks(params)
    load = _load(params, question)
    result: Result = {
        "changed": False,
        "predicted": task.check_mode,
        "model": question.model,
        "answer": None,
        "latency_ms": None,
        "first_token_ms": None,
        "inter_token_ms": None,
        "attempts": 0,
        "usage": None,
        "load": None,
    }
    if task.check_mode:
        return result
    # The patience counts every attempt, so none may be repeated below it.
    http = replace(options.http_options(params), retries=0)
    patience = Patience(params["patience_s"], http.clock, task.progress, keyless=not params["api_key"])
    with InferenceClient(url, params["api_key"], http) as client:
        answer = probe(client, question, patience, checks)
        if load is not None:
            plan, limits = load
            result["load"] = run_load(client, plan, http.clock)
            check_limits(result["load"], limits)
    result.update(
        model=answer.model or question.model,
        answer=excerpt(answer.text),
        latency_ms=answer.latency_ms,
        first_token_ms=answer.first_token_ms,
        inter_token_ms=answer.inter_token_ms,
        attempts=patience.attempts,
        usage=answer.usage,
    )
    return result


def _question(params: Params) -> Question:
    if params["max_tokens"] < 1 or params["patience_s"] < 0:
        raise InvalidInput(
            "max_tokens must be at least 1 and patience_s at least 0: %d and %g"
            % (params["max_tokens"], params["patience_s"])
        )
    return Question(params["kind"], params["model"], params["prompt"], params["max_tokens"])


def _checks(params: Params) -> Checks:
    health_url = params["health_url"]
    if params["stream"] and params["kind"] not in STREAMED:
        raise InvalidInput("an answer of kind %s cannot be streamed" % params["kind"])
    return Checks(
        health_url=None if health_url is None else checked_base_url(health_url, "health_url"),
        listed=params["listed"],
        streamed=params["stream"],
        expect=_pattern(params),
    )


def _load(params: Params, question: Question) -> t.Optional[t.Tuple[LoadPlan, Limits]]:
    given = params["load"]
    if given is None:
        return None
    plan = LoadPlan(
        kind=question.kind,
        model=question.model,
        concurrency=given["concurrency"],
        requests=given["requests"],
        input_tokens=given["input_tokens"],
        output_tokens=given["output_tokens"],
        duration_s=given["duration_s"],
        pause_s=given["pause_s"],
        give_up_after=given["max_errors"] + 1 if given["pause_s"] else None,
    )
    limits = Limits(
        max_errors=given["max_errors"],
        max_latency_ms=given["max_latency_ms"],
        max_first_token_ms=given["max_first_token_ms"],
        max_inter_token_ms=given["max_inter_token_ms"],
        min_tokens_per_s=given["min_tokens_per_s"],
    )
    return plan, limits


def _pattern(params: Params) -> t.Optional[t.Pattern[str]]:
    if params["expect"] is None:
        return None
    if params["kind"] not in STREAMED:
        raise InvalidInput("expect looks at a text, and an answer of kind %s has none" % params["kind"])
    try:
        return re.compile(params["expect"])
    except re.error as exc:
        raise InvalidInput(
            "expect is not a regular expression: %s" % exc, hint="Write it as Python's re module takes it."
        ) from exc


_LOAD = {
    "concurrency": {"type": "int", "default": 4},
    "requests": {"type": "int", "default": 16},
    "input_tokens": {"type": "int", "default": 128, "no_log": False},
    "output_tokens": {"type": "int", "default": 64, "no_log": False},
    "duration_s": {"type": "float", "default": 120.0},
    "pause_s": {"type": "float", "default": 0.0},
    "max_errors": {"type": "int", "default": 0},
    "max_latency_ms": {"type": "float"},
    "max_first_token_ms": {"type": "float", "no_log": False},
    "max_inter_token_ms": {"type": "float", "no_log": False},
    "min_tokens_per_s": {"type": "float", "no_log": False},
}

CORE = Core(
    run=run,
    argument_spec={
        "url": {"type": "str", "required": True},
        "api_key": {
            "type": "str",
            "no_log": True,
            "fallback": (env_fallback, ["GPUSTACK_API_KEY"]),
        },
        "model": {"type": "str", "required": True},
        "kind": {"type": "str", "default": "chat", "choices": list(PATHS)},
        "prompt": {"type": "str", "default": "Reply with the single word ready."},
        "max_tokens": {"type": "int", "default": 32, "no_log": False},
        "patience_s": {"type": "float", "default": 120.0},
        "expect": {"type": "str"},
        "health_url": {"type": "str"},
        "listed": {"type": "bool", "default": False},
        "stream": {"type": "bool", "default": False},
        "load": {"type": "dict", "options": _LOAD},
        **options.HTTP,
    },
)
