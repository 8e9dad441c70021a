# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What would have fitted as well and is better than the plan in something: the Pareto front."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    SPEED_STEP,
    Merit,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import CLASSES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request

# More are no help to somebody who chooses.
MOST_OPTIONS = 4

# A cache that is larger by less than this share buys nothing that anybody notices.
CACHE_STEP = 1.1

Option = t.Dict[str, t.Any]


def options(request: Request, site: str, merits: t.Sequence[Merit]) -> t.List[Option]:
    """Those of ``merits`` that the first of them does not beat in everything, nor another one, in order.

    What counts: GPUs, hosts, precision, time between tokens and size of the cache. Stages within a host only
    where the first has some.
    """
    front: t.List[Merit] = [merits[0]]
    staged = _stages(merits[0])
    for each in (each for each in merits[1:] if _stages(each) <= staged):
        if not any(_beats(other, each) for other in front):
            front.append(each)
    # One that comes later may beat one that came before it.
    kept = [
        each for each in front[1:] if not any(_beats(other, each) for other in front if other is not each)
    ]
    return [_option(request, site, each) for each in kept[:MOST_OPTIONS]]


def _stages(merit: Merit) -> bool:
    return merit.choice.candidate.layout.pipeline > merit.choice.candidate.layout.hosts


def _beats(one: Merit, other: Merit) -> bool:
    """Whether ``one`` is as good in everything, differences that nobody would notice left out."""
    own, layout = one.choice.candidate, other.choice.candidate.layout
    if own.layout.gpus > layout.gpus or own.layout.hosts > layout.hosts:
        return False
    if CLASSES.index(own.described.precision) > CLASSES.index(other.choice.candidate.described.precision):
        return False
    if one.speed and other.speed and one.speed.inter_token_s > SPEED_STEP * other.speed.inter_token_s:
        return False
    return CACHE_STEP * one.requests_held >= other.requests_held


def option_lines(found: t.Sequence[Option]) -> t.List[str]:
    rows = [(_subject(each), _numbers(each)) for each in found]
    lines = [line for subject, numbers in rows for line in ("    " + subject, "      " + numbers)]
    return ["  would fit, too, in this order", *lines] if lines else []


def _option(request: Request, site: str, merit: Merit) -> Option:
    choice, speed = merit.choice, merit.speed
    each = choice.candidate
    described, layout = each.described, each.layout
    return {
        "name": request.name,
        "site": site,
        "variant": described.repository,
        "quantization": described.precision,
        "on_load": described.quantization.on_load,
        "backend": each.engine.name,
        "gpu": each.kind.name,
        "tensor": layout.tensor,
        "pipeline": layout.pipeline,
        "data": layout.data,
        "expert": layout.expert,
        "hosts": layout.hosts,
        "speculative": described.speculation.algorithm if described.speculation else None,
        "context_tokens": choice.fit.context,
        "utilization": choice.fit.permille / 1000,
        "kv_cache_tokens": choice.fit.memory.kv_cache_tokens,
        "left_bytes": choice.fit.memory.left_bytes,
        "inter_token_ms": None if speed is None else round(speed.inter_token_s * 1e3, 1),
        "tokens_per_s": None if speed is None else round(speed.tokens_per_s, 1),
    }


def _subject(each: Option) -> str:
    words = [each["variant"], each["quantization"], "made while loading" if each["on_load"] else ""]
    words += [each["backend"], "with %s" % each["speculative"] if each["speculative"] else ""]
    words.append("on %d x %s" % (each["tensor"] * each["pipeline"] * each["data"], each["gpu"]))
    hosts = "%d hosts" % each["hosts"]
    parts = (hosts, "%d stages" % each["pipeline"], "%d ranks" % each["data"], "whole experts")
    shown = (each["hosts"] > 1, each["pipeline"] > 1, each["data"] > 1, each["expert"])
    layout = ", ".join(part for part, show in zip(parts, shown) if show)
    return " ".join([*filter(None, words), "(%s)" % layout if layout else ""]).rstrip()


def _numbers(each: Option) -> str:
    speed = "" if each["inter_token_ms"] is None else "; %.0f ms a token, %.0f tokens/s" % (
        each["inter_token_ms"], each["tokens_per_s"],
    )  # fmt: skip
    return "context %d, cache %d tokens, %s left%s" % (
        each["context_tokens"], each["kv_cache_tokens"], gib(each["left_bytes"]), speed,
    )  # fmt: skip
