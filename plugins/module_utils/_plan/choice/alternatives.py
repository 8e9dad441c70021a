# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other choices that fit too, best first."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request

# More are no help to somebody who chooses.
MOST_OPTIONS = 4

Option = t.Dict[str, t.Any]


def options(request: Request, site: str, ranked: t.Sequence[Choice]) -> t.List[Option]:
    """All but the first of ``ranked`` in numbers, in their order. Pipelines only where it is one itself."""
    most = ranked[0].candidate.layout.pipeline
    others = [choice for choice in ranked[1:] if choice.candidate.layout.pipeline <= most]
    return [_option(request, site, choice) for choice in others[:MOST_OPTIONS]]


def option_lines(found: t.Sequence[Option]) -> t.List[str]:
    rows = [(_subject(each), _numbers(each)) for each in found]
    width = max((len(subject) for subject, _numbers in rows), default=0)
    lines = ["    %-*s  %s" % (width, subject, numbers) for subject, numbers in rows]
    return ["  would fit, too, in this order", *lines] if lines else []


def _option(request: Request, site: str, choice: Choice) -> Option:
    each = choice.candidate
    described, layout = each.described, each.layout
    speed = choice.speed(choice.traffic(request.policy.concurrency))
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
