# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what would work instead, where nothing fits."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import Fit, longest, solve
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import Gpu, Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.judge import Site, target_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kernels import (
    NO,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.parallelism import legal_sizes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    BF16,
    FP8,
    INT4,
    INT8,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import Policy

# The largest tensor-parallel group worth proposing: two full hosts.
LARGEST_GROUP = 16

# A context below this serves nobody.
SHORTEST_CONTEXT_TOKENS = 512


def nearest(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """Alternatives in words: a shorter context, more GPUs of the same kind, a smaller format."""
    lines: t.List[str] = []
    for kind, largest in site.fleet.kinds():
        room = site.fleet.emptiest(kind)
        options = [candidate(each, engine, Layout(1), kind, policy, user) for each in described]
        able = [each for each in options if each.support != NO]
        lines += [line for each in able for line in _shorter(each, room, largest, policy)]
        lines += _more_gpus(able, room, kind, policy)
    return lines + _smaller_formats(described)


def _shorter(each: Candidate, room: Room, largest: int, policy: Policy) -> t.List[str]:
    """The longest context of one request on the GPUs that are there, if one is usable."""
    best = 0
    for tensor in legal_sizes(each.described.architecture, each.described.quantization, largest):
        wider = replace(each, layout=Layout(tensor))
        budget = wider.budget(room, policy.headroom)
        best = max(best, longest(wider.load, budget, budget.limit, 1))
    if best < SHORTEST_CONTEXT_TOKENS:
        return []
    return ["%s fits with concurrency 1 and up to %d tokens" % (each.described.repository, best)]


def _more_gpus(able: t.Sequence[Candidate], room: Room, kind: Gpu, policy: Policy) -> t.List[str]:
    best: t.Optional[t.Tuple[int, str]] = None
    for each in able:
        for tensor in legal_sizes(each.described.architecture, each.described.quantization, LARGEST_GROUP):
            wider = replace(each, layout=Layout(tensor))
            budget = wider.budget(room, policy.headroom)
            if isinstance(solve(wider.load, room, budget, target_of(policy, wider.layout)), Fit):
                entry = (tensor, "%s would fit on %d x %s" % (each.described.repository, tensor, kind.name))
                best = entry if best is None else min(best, entry)
                break
    if best is None:
        return ["no group of up to %d x %s holds it" % (LARGEST_GROUP, kind.name)]
    return [best[1]]


def _smaller_formats(described: t.Sequence[Described]) -> t.List[str]:
    there = {each.precision for each in described}
    missing = [precision for precision in (FP8, INT8, INT4) if precision not in there]
    if not missing or there - {BF16, FP8, INT8}:
        return []
    told = ["no %s variant was found; name one with the option variants" % " or ".join(missing)]
    if BF16 in there:
        told.append("on_load_quantization: true would let the engine quantize the 16-bit weights")
    return told
