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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choose import choose
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import Fit, longest, solve
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import Gpu, Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.judge import (
    Choice,
    Site,
    target_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kernels import (
    NO,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layouts import MOST_HOSTS, Layouts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.on_load import quantized_on_load
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.overrides import engines_for
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.parallel_flags import Wish
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

# (option, its value without a wish, words): tried one by one.
_RELAXED: t.Tuple[t.Tuple[str, t.Any, str], ...] = (
    ("backend_parameters", (), "without backend_parameters"),
    ("quantizations", (), "with another quantization"),
    ("tensor_parallel", None, "with another tensor_parallel"),
    ("replicas", 1, "with one replica"),
    ("first_token_ms", None, "with a later first token"),
    ("inter_token_ms", None, "with slower tokens"),
)

# A context below this serves nobody.
SHORTEST_CONTEXT_TOKENS = 512


def nearest(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """Alternatives in words: one wish less, a shorter context, more GPUs or hosts, a smaller format."""
    lines = _with_less(site, described, engine, policy, user)
    for kind, largest in site.fleet.kinds():
        room = site.fleet.emptiest(kind)
        options = [candidate(each, engine, Layout(1), kind, policy, user) for each in described]
        able = [each for each in options if each.support != NO and each.budget(room, policy.headroom).starts]
        lines += [line for each in able for line in _shorter(each, room, largest, policy)]
        if able:
            lines += _more_gpus(able, room, kind, policy) + _more_hosts(able, room, largest, policy)
    return lines + _on_load(site, described, policy, user) + _smaller_formats(described)


def _with_less(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """What fits on the GPUs that are there without one of the wishes."""
    lines = []
    for name, value, words in _RELAXED:
        if getattr(policy, name) == value:
            continue
        arguments = () if name == "backend_parameters" else user
        ranked, _rejected = choose(site, described, engine, replace(policy, **{name: value}), arguments)
        if ranked:
            lines.append("%s %s" % (_placed(ranked[0]), words))
    return lines


def _on_load(
    site: Site, described: t.Sequence[Described], policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """What engines could make of 16-bit weights so that they fit: the least loss of each engine."""
    if policy.on_load_quantization:
        return []
    lines = []
    for engine in engines_for(policy):
        made = quantized_on_load(described, engine, policy.release(engine.name))
        ranked, _rejected = choose(site, made, engine, policy, user)
        if ranked:
            lines.append(
                "%s, if %s makes it %s while loading (on_load_quantization: true)"
                % (_placed(ranked[0]), engine.name, ranked[0].candidate.described.precision)
            )
    return lines


def _placed(choice: Choice) -> str:
    each = choice.candidate
    return "%s fits on %d x %s" % (each.described.repository, each.layout.gpus, each.kind.name)


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
            if _holds(replace(each, layout=Layout(tensor)), room, policy):
                entry = (tensor, "%s would fit on %d x %s" % (each.described.repository, tensor, kind.name))
                best = entry if best is None else min(best, entry)
                break
    if best is None:
        return ["no group of up to %d x %s holds it" % (LARGEST_GROUP, kind.name)]
    return [best[1]]


def _more_hosts(able: t.Sequence[Candidate], room: Room, largest: int, policy: Policy) -> t.List[str]:
    """The fewest hosts like the fullest one that would hold a replica together."""
    for hosts in range(2, MOST_HOSTS + 1):
        for each in able:
            ways = Layouts(each.described, each.engine, Wish()).over_hosts(hosts, largest)
            fitting = [way.gpus_per_host for way in ways if _holds(replace(each, layout=way), room, policy)]
            if fitting and not each.kind.profile:
                words = "%s would fit on %d hosts with %d x %s each"
                return [words % (each.described.repository, hosts, min(fitting), each.kind.name)]
    return []


def _holds(each: Candidate, room: Room, policy: Policy) -> bool:
    budget = each.budget(room, policy.headroom)
    return isinstance(solve(each.load, room, budget, target_of(policy, each.layout)), Fit)


def _smaller_formats(described: t.Sequence[Described]) -> t.List[str]:
    there = {each.precision for each in described}
    missing = [precision for precision in (FP8, INT8, INT4) if precision not in there]
    if not missing or there - {BF16, FP8, INT8}:
        return []
    return ["no %s variant was found; name one with the option variants" % " or ".join(missing)]
