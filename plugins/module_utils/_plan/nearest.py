# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what would work instead, where nothing fits."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choose import choose
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import longest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import Claims, Gpu, Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.judge import Choice, Site, target_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layouts import (
    LARGEST_GROUP,
    MOST_HOSTS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.on_load import quantized_on_load
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.overrides import engines_for
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    BF16,
    FP8,
    INT4,
    INT8,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import Policy, Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import gib

# (option, its value without a wish, words): tried one by one.
_RELAXED: t.Tuple[t.Tuple[str, t.Any, str], ...] = (
    ("backend", None, "with another backend"),
    ("backend_parameters", (), "without backend_parameters"),
    ("quantizations", (), "with another quantization"),
    ("tensor_parallel", None, "with another tensor_parallel"),
)

# A context below this serves nobody.
SHORTEST_CONTEXT_TOKENS = 512


def nearest(
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    policy: Policy,
    user: t.Sequence[Argument],
    rejected: t.Sequence[Rejection],
) -> t.List[str]:
    """Alternatives in words, each of which was found to fit: one wish less, a shorter context, more GPUs or
    hosts.
    """
    fewer = _fewer_replicas(site, described, engine, policy, user, rejected)
    if fewer:
        return fewer
    lines = _with_less(site, described, engine, policy, user)
    lines += _slower(site, described, engine, policy, user)
    lines += _shorter(site, described, engine, policy, user)
    for kind, largest in site.fleet.kinds():
        lines += _more(site, kind, largest, described, engine, policy, user)
    lines += _on_load(site, described, policy, user)
    short = any(entry.needs_bytes for entry in rejected)
    return lines + (_smaller_formats(described) if short else [])


def _best(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.Optional[Choice]:
    """What would be the plan: on one host, else on several."""
    for over_hosts in (False, True) if len(site.hosts) > 1 else (False,):
        ranked, _rejected = choose(site, described, engine, policy, user, over_hosts)
        if ranked:
            return ranked[0]
    return None


def _fewer_replicas(
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    policy: Policy,
    user: t.Sequence[Argument],
    rejected: t.Iterable[Rejection],
) -> t.List[str]:
    """As many as have a place, where one has."""
    most = max((entry.places or 0 for entry in rejected if entry.backend == engine.name), default=0)
    best = _best(site, described, engine, replace(policy, replicas=most), user) if most else None
    return [] if best is None else ["%s each with replicas: %d" % (_placed(best), most)]


def _with_less(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """What fits on the GPUs that are there without one of the wishes."""
    lines = []
    for name, value, words in _RELAXED:
        if getattr(policy, name) == value or (name == "backend" and policy.backend_parameters):
            continue
        less = replace(policy, **{name: value})
        engines = engines_for(replace(less, backend_version=None)) if name == "backend" else [engine]
        arguments = () if name == "backend_parameters" else user
        found = (_best(site, described, each, less, arguments) for each in engines)
        best = next((choice for choice in found if choice is not None), None)
        if best is not None:
            lines.append("%s %s" % (_placed(best), words))
    return lines


def _slower(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """The quickest that the GPUs give, for each target of speed that stands in the way alone."""
    lines = []
    for name in ("first_token_ms", "inter_token_ms"):
        if getattr(policy, name) is None:
            continue
        any_speed: t.Dict[str, t.Any] = {name: None}
        ranked, _rejected = choose(site, described, engine, replace(policy, **any_speed), user)
        timed = [(_milliseconds(each, name, policy), each) for each in ranked]
        if timed:
            least, choice = min(timed, key=lambda pair: pair[0])
            lines.append("%s with %s: %d" % (_placed(choice), name, least))
    return lines


def _milliseconds(choice: Choice, name: str, policy: Policy) -> int:
    """The least target that a choice keeps; any does of a card whose speed nobody knows."""
    speed = choice.speed(choice.traffic(policy.concurrency))
    if speed is None:
        return 1
    return int(1000 * (speed.first_token_s if name == "first_token_ms" else speed.inter_token_s)) + 1


def _shorter(
    site: Site, described: t.Sequence[Described], engine: Engine, policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """The longest context of all requests, and of a single one, on the GPUs that are there."""
    lines, longest_so_far = [], 0
    for requests in dict.fromkeys((policy.concurrency, 1)):
        less = replace(
            policy,
            concurrency=requests,
            context_tokens=None,
            minimum_context_tokens=SHORTEST_CONTEXT_TOKENS,
        )
        ranked, _rejected = choose(site, described, engine, less, user)
        found = [(_most_tokens(each, less), each.candidate.described) for each in ranked]
        tokens, best = max(found, key=lambda pair: pair[0], default=(0, None))
        exact = replace(less, context_tokens=tokens)
        if best is None or tokens <= longest_so_far or not _best(site, [best], engine, exact, user):
            continue
        longest_so_far = tokens
        lines.append("%s fits with concurrency %d and up to %d tokens" % (best.repository, requests, tokens))
    return lines


def _most_tokens(choice: Choice, policy: Policy) -> int:
    room = min((slot.room for slot in choice.slots), key=lambda each: each.usable_bytes)
    budget = choice.candidate.budget(room, policy.headroom)
    requests = target_of(policy, choice.candidate.layout).concurrency
    return max(choice.fit.context, longest(choice.candidate.load, budget, budget.limit, requests))


def _more(
    site: Site,
    kind: Gpu,
    largest: int,
    described: t.Sequence[Described],
    engine: Engine,
    policy: Policy,
    user: t.Sequence[Argument],
) -> t.List[str]:
    """The fewest GPUs of this kind that hold a replica, on one host or else on several like the fullest one,
    all of them as empty as the emptiest.
    """
    one = replace(policy, replicas=1)
    found, rejected = choose(_imagined(site, kind, 1, LARGEST_GROUP), described, engine, one, user)
    best = min((choice.candidate for choice in found), key=_cost, default=None)
    lines = []
    if best is not None:
        free = site.fleet.emptiest(kind).usable_bytes
        empty = ", each with %s free" % gib(free) if best.layout.gpus <= largest else ""
        lines.append("%s would fit on %s%s" % (best.described.repository, _gpus(best), empty))
    elif any(entry.needs_bytes for entry in rejected) and not (
        policy.first_token_ms or policy.inter_token_ms
    ):
        lines.append("no group of up to %d x %s holds it" % (LARGEST_GROUP, kind.name))
    if best is not None and best.layout.gpus <= largest:
        return lines
    apart, _rejected = choose(
        _imagined(site, kind, MOST_HOSTS, largest), described, engine, one, user, over_hosts=True
    )
    wide = min(
        (choice.candidate for choice in apart),
        key=lambda each: (each.layout.hosts, each.layout.gpus),
        default=None,
    )
    if wide is not None:
        words = "%s would fit on %d hosts with %d x %s each"
        layout = wide.layout
        lines.append(words % (wide.described.repository, layout.hosts, layout.gpus_per_host, kind.name))
    return lines


def _cost(each: Candidate) -> t.Tuple[bool, int]:
    """One group before stages, then fewer GPUs."""
    return each.layout.pipeline > 1, each.layout.gpus


def _imagined(site: Site, kind: Gpu, hosts: int, gpus: int) -> Site:
    """A site of equal hosts whose GPUs are as empty as the emptiest of their kind on ``site``."""
    free = site.fleet.emptiest(kind).usable_bytes
    used = kind.total_bytes - kind.reserved_bytes - free
    names = ["host-%02d" % number for number in range(hosts)]
    return Site(
        site.name,
        tuple(
            Host(
                name,
                site.name,
                tuple(
                    replace(
                        kind,
                        index=index,
                        uuid="%s/%d" % (name, index),
                        free_bytes=free,
                        used_bytes=used,
                        island=0,
                    )
                    for index in range(gpus)
                ),
            )
            for name in names
        ),
        Claims(),
    )


def _on_load(
    site: Site, described: t.Sequence[Described], policy: Policy, user: t.Sequence[Argument]
) -> t.List[str]:
    """What engines could make of 16-bit weights so that they fit: the least loss of each engine."""
    if policy.on_load_quantization:
        return []
    lines = []
    for engine in engines_for(policy):
        made = quantized_on_load(described, engine, policy.release(engine.name))
        best = _best(site, made, engine, policy, user)
        if best is not None:
            lines.append(
                "%s, if %s makes it %s while loading (on_load_quantization: true)"
                % (_placed(best), engine.name, best.candidate.described.precision)
            )
    return lines


def _placed(choice: Choice) -> str:
    return "%s fits on %s" % (choice.candidate.described.repository, _gpus(choice.candidate))


def _gpus(each: Candidate) -> str:
    """How many of which kind, and what they are to each other."""
    layout = each.layout
    parts = ["%d x %s" % (layout.gpus, each.kind.name)]
    counts = (
        ("over %d hosts", layout.hosts),
        ("in %d stages", layout.pipeline),
        ("in %d ranks", layout.data),
    )
    return " ".join(parts + [words % count for words, count in counts if count > 1])


def _smaller_formats(described: t.Sequence[Described]) -> t.List[str]:
    there = {each.precision for each in described}
    missing = [precision for precision in (FP8, INT8, INT4) if precision not in there]
    if not missing or there - {BF16, FP8, INT8}:
        return []
    return ["no %s variant was found; name one with the option variants" % " or ".join(missing)]
