# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollout has registered of a site, as far as it is told to people.

It comes out of variables, and so out of whatever put them there.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    Broken,
    Shape,
    anything,
    items,
    maybe,
    number,
    problem_of,
    record,
    table,
    text,
    whole,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.plan_shape import filed_plan

_AMOUNT = whole(-(2**60), 2**60)
_PARTS = ("weights_bytes", "activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes")
_ACCOUNT = record(
    {
        **dict.fromkeys((*_PARTS, "left_bytes"), _AMOUNT),
        "gpus": items(
            record(
                {"host": text(), "index": whole(), "usable_bytes": _AMOUNT},
                {"total_bytes": _AMOUNT, "held": items(record({"by": text(), "bytes": _AMOUNT}))},
            )
        ),
    }
)
_LAYOUT = {
    **dict.fromkeys(("variant", "quantization", "backend", "gpu"), maybe(text())),
    **dict.fromkeys(("tensor", "pipeline", "data"), maybe(whole())),
}
_FIGURES = dict.fromkeys(
    ("context_tokens", "kv_cache_tokens", "inter_token_ms", "tokens_per_s"), maybe(number())
)
_INSTANCES = {"instances": items(record({}, {"worker": text()}))}
_HOLDS = record({"variant": text(), "quantization": maybe(text()), "context_tokens": whole()})
_ROUTE = record({}, {"route": record({})})

_REJECTED = record({**_LAYOUT, "reason": text()})
_RESULT = record(
    {},
    {
        "error": record({}, {"code": text(), "lines": items(text()), "rejected": items(_REJECTED)}),
        "msg": anything,
    },
)


def _both(first: Shape, second: Shape) -> Shape:
    """What has both shapes."""

    def check(value: t.Any) -> None:
        first(value)
        second(value)

    return check


def _pair(value: t.Any) -> None:
    """From and to."""
    items(number())(value)
    if len(value) != 2:
        raise Broken("has %d entries where two belong" % len(value))


_SPEED = record(dict.fromkeys(("first_token_ms", "inter_token_ms", "tokens_per_s"), _pair))
_COST = record(
    {
        **dict.fromkeys(("usd_per_hour", "power_usd_per_hour"), number()),
        "usd_per_million_output_tokens": _pair,
        "api_provider": maybe(text()),
        "break_even_output_tokens_per_hour": maybe(whole(0, 2**60)),
        "reachable": anything,
    }
)
_TOLD = record(
    {},
    {
        "performance": _SPEED,
        "cost": _COST,
        "level": record({}, {"missed": items(text())}),
        "evidence": record({}, {"total_bytes": text()}),
        "variant": record({}, {"licence": text()}),
    },
)


def _plan(value: t.Any) -> None:
    filed_plan(value)
    _TOLD(value)
    memory = value.get("memory") or {}
    if "left_bytes" in memory:
        try:
            _ACCOUNT(memory)
        except Broken as exc:
            raise exc.below("memory") from None


_NAMED = record({}, {"name": text()})
_PLANNED = record(
    {},
    {
        "plans": items(_NAMED),
        "plan": _NAMED,
        "order": items(text()),
        "moves": items(record({"line": text()})),
        "holds": items(_HOLDS),
    },
)
_WHOLE = record(
    {},
    {
        "plans": items(_plan),
        "plan_lines": items(text()),
        "options": items(record({**_LAYOUT, **_FIGURES})),
        "rejected": items(_REJECTED),
        "warnings": items(text()),
    },
)
_RUNNING = record({}, {"deployments": items(record({}, {"name": text()})), "server": record({})})
_APPLIED = record(
    {}, {"actions": items(text()), "deployment": record({}, _INSTANCES), "before": record({}, _INSTANCES)}
)
_DONE = record(
    {},
    {
        "applied": _both(_RESULT, _APPLIED),
        "answer": record({}, {"load": table(anything)}),
        "kind": text(),
        "routes": items(_ROUTE),
        "unregistered": items(_ROUTE),
    },
)
_SITES = items(
    record(
        {},
        {
            "running": _both(_RESULT, _RUNNING),
            "planned": _both(_RESULT, _PLANNED),
            "served": table(_DONE),
            "gate": record({}, {"reason": text()}),
            "failure": record({}, {"error": record({}, {"code": text()}), "msg": anything, "model": text()}),
        },
    )
)
_PLANS = items(record({}, {"planned": _WHOLE}))


def check_sites(sites: t.Any, with_plans: bool) -> None:
    """``with_plans``: they are told whole, and written to files.

    :raises InvalidInput: something of them is not what the modules of a rollout return.
    """
    problem = problem_of(_SITES, sites) or (problem_of(_PLANS, sites) if with_plans else None)
    if problem is not None:
        raise InvalidInput(
            "sites%s" % problem, hint="Give the results as the modules have returned them, whole."
        )
