# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: every legal candidate of one site, ranked by one documented preference.

1. Precision: 16 bits where there is room, then FP8, INT8, FP4, INT4, then 16 bits without room; or
   the user's own order. Room: the cache holds ``concurrency`` requests of the wanted context and
   is at least a fifth of the card, so that a server with real traffic does not evict at once.
2. A format that the card computes in, before one that it only unpacks.
3. One host before several and fewer hosts before more, tensor parallelism before data-parallel attention
   and that before a pipeline, fewer GPUs for each replica, and those that fast links join.
4. The longer context, then the order in which variants were offered.

``quality`` takes 16 bits also without room; ``latency`` and ``throughput`` look at the expected time
between tokens, or at tokens per second of each GPU, before all of this.
"""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import SGLANG, Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import (
    Fit,
    Shortage,
    Target,
    solve,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fleet import Fleet
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import (
    Claims,
    Host,
    Slot,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kernels import (
    NATIVE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layouts import Layouts
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.parallel_flags import wish_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.performance import (
    COEFFICIENTS,
    Speed,
    Traffic,
    estimate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    BF16,
    CLASSES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import (
    LATENCY,
    QUALITY,
    THROUGHPUT,
    Policy,
    Rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.spread import capacity, spread
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import ceil_div, gib

ROOM_SHARE = 0.20

# Of one replica. More is a cluster that needs more than this plan to run.
MOST_HOSTS = 16

# A question with some history, and an answer.
CHAT_INPUT_TOKENS = 1024
CHAT_OUTPUT_TOKENS = 256


@dataclass(frozen=True)
class Site:
    """The hosts of one GPUStack server, and what its instances hold."""

    name: str
    hosts: t.Tuple[Host, ...]
    claims: Claims

    @functools.cached_property
    def fleet(self) -> Fleet:
        return Fleet(self.hosts, self.claims)


@dataclass(frozen=True)
class Choice:
    """A candidate with the slots that its replicas take and the fit on the tightest of them."""

    candidate: Candidate
    slots: t.Tuple[Slot, ...]
    fit: Fit

    def traffic(self, concurrency: int) -> Traffic:
        """The load that speeds are told for: chat, as far as the context bears it."""
        output = min(CHAT_OUTPUT_TOKENS, self.fit.context // 2)
        return Traffic(min(CHAT_INPUT_TOKENS, self.fit.context - output), output, concurrency)

    def speed(self, traffic: Traffic) -> t.Optional[Speed]:
        """What a roofline expects of one replica; None where the card is not known by name, or the engine."""
        served, by = self.candidate.served, COEFFICIENTS.get(self.candidate.engine.name)
        return None if served is None or by is None else estimate(served, traffic, by)

    @property
    def roomy(self) -> bool:
        memory = self.fit.memory
        return memory.kv_cache_bytes >= ROOM_SHARE * memory.total_bytes


def choose(
    site: Site,
    described: t.Sequence[Described],
    engine: Engine,
    policy: Policy,
    user: t.Sequence[Argument],
    over_hosts: bool = False,
) -> t.Tuple[t.List[Choice], t.List[Rejection]]:
    """The candidates that fit, the preferred one first, and why the others do not.

    Each replica on one host, or ``over_hosts`` on as few of several as hold it.
    """
    found: t.List[Choice] = []
    rejected: t.List[Rejection] = []
    wish = wish_of(engine.name, policy.tensor_parallel, user)
    for each in described:
        for kind, largest in site.fleet.kinds():
            single = candidate(each, engine, Layout(1), kind, policy, user)
            obstacle = single.obstacle(policy)
            if obstacle is not None:
                rejected.append(replace(_rejection(single, site, obstacle), tensor=None))
                continue
            ways = Layouts(each, engine, wish)
            answers = (
                _over_hosts(site, single, ways, largest, policy)
                if over_hosts
                else [judge(site, replace(single, layout=way), policy) for way in ways.on_one_host(largest)]
            )
            found += [answer for answer in answers if isinstance(answer, Choice)]
            rejected += [answer for answer in answers if isinstance(answer, Rejection)]
    quick, slow = _within_targets(found, policy, site)
    rejected.extend(slow)
    ranked = sorted(quick, key=lambda choice: _rank(choice, policy))
    best = ranked[0] if ranked else None
    rejected.extend(_without_room(quick, best, policy, site))
    if best is not None and best.candidate.layout.pipeline == 1:
        rejected = [entry for entry in rejected if entry.pipeline == 1]
    if best is not None and best.candidate.layout.data == 1:
        rejected = [entry for entry in rejected if entry.data == 1]
    return ranked, rejected


def _over_hosts(
    site: Site, single: Candidate, ways: Layouts, largest: int, policy: Policy
) -> t.List[t.Union[Choice, Rejection]]:
    """Answers for the smallest number of hosts that holds a replica, or for the largest one possible."""
    answers: t.List[t.Union[Choice, Rejection]] = []
    weights, room = single.described.weights.total_bytes, site.fleet.emptiest(single.kind)
    least = ceil_div(weights, max(1, largest * room.usable_bytes))
    most = min(MOST_HOSTS, site.fleet.hosts_with(1, single.kind))
    for hosts in range(max(2, min(least, most)), most + 1):
        layouts = ways.over_hosts(hosts, largest)
        answers = [judge(site, replace(single, layout=way), policy) for way in layouts]
        if any(isinstance(answer, Choice) for answer in answers):
            break
    return answers


def target_of(policy: Policy, layout: Layout) -> Target:
    """What the cache of one GPU has to hold: that of its own data-parallel rank."""
    requests = ceil_div(policy.concurrency, layout.data)
    return Target(policy.context_tokens, policy.minimum_context_tokens, requests, policy.snug)


def judge(site: Site, each: Candidate, policy: Policy) -> t.Union[Choice, Rejection]:
    """A candidate with places for all its replicas on ``site``, or the first limit that it breaks."""
    layout, rule = each.layout, each.broken_rule or _scheduler_limit(each, policy)
    if rule is not None:
        return _rejection(each, site, rule)
    places = site.fleet.places(layout.gpus_per_host, each.kind)
    if not capacity(places, layout.hosts):
        return _rejection(each, site, _no_place(site, each))
    load, target = each.load, target_of(policy, layout)
    answers = {
        room: solve(load, room, each.budget(room, policy.headroom), target)
        for room in {place.room for place in places}
    }
    fitting = [place for place in places if isinstance(answers[place.room], Fit)]
    fits = capacity(fitting, layout.hosts)
    if fits < policy.replicas:
        short = [answer for answer in answers.values() if isinstance(answer, Shortage)]
        return _too_few(each, site, policy, fits, short)
    chosen = spread(fitting, policy.replicas, layout.hosts)
    tightest = answers[min((slot.room for slot in chosen), key=lambda room: room.usable_bytes)]
    return Choice(each, tuple(chosen), t.cast(Fit, tightest))


def _scheduler_limit(each: Candidate, policy: Policy) -> t.Optional[str]:
    """GPUStack 2.3 pins the GPUs of one distributed replica only, and by itself it spreads none of SGLang's."""
    if each.layout.hosts > 1 and policy.replicas > 1 and each.engine is SGLANG:
        return "GPUStack places one SGLang replica over hosts, not %d; give each a name of its own" % (
            policy.replicas
        )
    return None


def _no_place(site: Site, each: Candidate) -> str:
    gpus, hosts = each.layout.gpus_per_host, each.layout.hosts
    if hosts == 1:
        return "no host has %d free GPUs of this kind" % gpus
    having = site.fleet.hosts_with(gpus, each.kind)
    return "%d hosts have %d free GPUs of this kind, and %d are needed" % (having, gpus, hosts)


def _too_few(
    each: Candidate, site: Site, policy: Policy, fits: int, short: t.Sequence[Shortage]
) -> Rejection:
    if not short:
        return _rejection(each, site, "%d of %d replicas have a place" % (fits, policy.replicas))
    best = max(short, key=lambda shortage: shortage.has_bytes)
    words = (
        "the fraction in backend_parameters takes %s of each GPU, of which %s are free"
        if best.of_fraction
        else "needs %s per GPU, has %s"
    )
    reason = words % (gib(best.needs_bytes), gib(best.has_bytes))
    if fits:
        reason = "%d of %d replicas have a place; the next %s" % (fits, policy.replicas, reason)
    return _rejection(each, site, reason, best)


def _rejection(each: Candidate, site: Site, reason: str, short: t.Optional[Shortage] = None) -> Rejection:
    return Rejection(
        variant=each.described.repository,
        quantization=each.described.precision,
        backend=each.engine.name,
        tensor=each.layout.tensor,
        pipeline=each.layout.pipeline,
        site=site.name,
        reason=reason,
        needs_bytes=short.needs_bytes if short else None,
        has_bytes=short.has_bytes if short else None,
        gpu=each.kind.name,
        data=each.layout.data,
        hosts=each.layout.hosts,
        speculative=each.described.speculation.algorithm if each.described.speculation else None,
    )


def _within_targets(
    found: t.Sequence[Choice], policy: Policy, site: Site
) -> t.Tuple[t.List[Choice], t.List[Rejection]]:
    """The choices that are expected to be quick enough; of a card that is not known nothing is expected."""
    quick: t.List[Choice] = []
    slow: t.List[Rejection] = []
    for choice in found:
        reason = _too_slow(choice, policy)
        if reason is None:
            quick.append(choice)
        else:
            slow.append(_rejection(choice.candidate, site, reason))
    return quick, slow


def _too_slow(choice: Choice, policy: Policy) -> t.Optional[str]:
    if policy.first_token_ms is None and policy.inter_token_ms is None:
        return None
    speed = choice.speed(choice.traffic(policy.concurrency))
    if speed is None:
        return None
    for what, seconds, most in (
        ("first token", speed.first_token_s, policy.first_token_ms),
        ("inter-token", speed.inter_token_s, policy.inter_token_ms),
    ):
        if most is not None and seconds * 1000 > most:
            return "%s time of about %.0f ms is more than %d ms" % (what, seconds * 1000, most)
    return None


def _rank(choice: Choice, policy: Policy) -> t.Tuple[t.Any, ...]:
    """Smaller is better; see the module's text for the order of the balanced goal."""
    each = choice.candidate
    precision = each.described.precision
    if policy.quantizations:
        preference = policy.quantizations.index(precision)
    elif precision == BF16 and not choice.roomy and policy.goal != QUALITY:
        preference = len(CLASSES)
    else:
        preference = CLASSES.index(precision)
    layout = each.layout
    return (
        # GPUStack cannot be told to take a slice of a card.
        bool(each.kind.profile),
        each.described.quantization.on_load,
        _merit(choice, policy),
        preference,
        each.support != NATIVE,
        layout.cuts_over_hosts,
        layout.hosts,
        layout.pipeline > 1,
        # Over hosts: stages that fill a host before many narrow ones.
        layout.pipeline if layout.hosts > 1 else 0,
        layout.data > 1,
        layout.gpus,
        any(slot.crosses_islands for slot in choice.slots),
        layout.expert,
        -choice.fit.context,
        each.described.order,
        each.kind.name,
    )


def _merit(choice: Choice, policy: Policy) -> float:
    """What the goals of speed look at first: time between tokens, or tokens per second of each GPU."""
    speed = choice.speed(choice.traffic(policy.concurrency)) if policy.goal in (LATENCY, THROUGHPUT) else None
    if speed is None:
        return 0.0
    if policy.goal == LATENCY:
        return speed.inter_token_s
    return -speed.tokens_per_s / choice.candidate.layout.gpus


def _without_room(
    found: t.Sequence[Choice], best: t.Optional[Choice], policy: Policy, site: Site
) -> t.List[Rejection]:
    """16-bit candidates that fit and lost only because their cache would be small."""
    if best is None or policy.quantizations or best.candidate.described.precision == BF16:
        return []
    return [
        _rejection(
            choice.candidate,
            site,
            "fits without room: %s of %s are left for the cache, less than %d %%"
            % (gib(choice.fit.memory.kv_cache_bytes), gib(choice.fit.memory.total_bytes), ROOM_SHARE * 100),
        )
        for choice in found
        if choice.candidate.described.precision == BF16
    ]
