# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the core of inference_probe."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible.module_utils.basic import env_fallback
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import checked_base_url, excerpt
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import (
    PATHS,
    InferenceClient,
    Question,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.probe import Patience, probe
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import (
    Core,
    Params,
    Result,
    Task,
)


def run(task: Task) -> Result:
    """Ask one real question. In check mode nothing is sent: tokens cost, and nothing may serve yet."""
    params = task.params
    url = checked_base_url(params["url"], "url")
    question = _question(params)
    expect = _pattern(params)
    health_url = params["health_url"]
    if health_url is not None:
        health_url = checked_base_url(health_url, "health_url")
    result: Result = {
        "changed": False,
        "predicted": task.check_mode,
        "model": question.model,
        "answer": None,
        "latency_ms": None,
        "attempts": 0,
        "usage": None,
    }
    if task.check_mode:
        return result
    # The patience counts every attempt, so none may be repeated below it.
    http = replace(options.http_options(params), retries=0)
    patience = Patience(params["patience_s"], http.clock, task.progress)
    with InferenceClient(url, params["api_key"], http) as client:
        answer = probe(client, question, patience, health_url, expect)
    result.update(
        model=answer.model or question.model,
        answer=excerpt(answer.text),
        latency_ms=answer.latency_ms,
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


def _pattern(params: Params) -> t.Optional[t.Pattern[str]]:
    if params["expect"] is None:
        return None
    if params["kind"] == "embedding":
        raise InvalidInput("expect looks at a text, and an embedding has none")
    try:
        return re.compile(params["expect"])
    except re.error as exc:
        raise InvalidInput(
            "expect is not a regular expression: %s" % exc, hint="Write it as Python's re module takes it."
        ) from exc


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
        **options.HTTP,
    },
)
