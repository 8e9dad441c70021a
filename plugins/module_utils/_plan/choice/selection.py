# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every legal candidate of one site, ranked by one documented preference.

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

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div, gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import (
    Candidate,
    candidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    ROOM_SHARE,
    Choice,
    Site,
    judge,
    rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.layout_search import (
    MOST_HOSTS,
    Layouts,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import wish_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import NATIVE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    CLASSES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    LATENCY,
    QUALITY,
    THROUGHPUT,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described


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
                rejected.append(replace(rejection(single, site, obstacle), tensor=None))
                continue
            ways = Layouts(each, engine, wish, single.settings.release)
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
            slow.append(rejection(choice.candidate, site, reason))
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
        choice.crosses_islands,
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
        rejection(
            choice.candidate,
            site,
            "fits without room: %s of %s are left for the cache, less than %d %%"
            % (gib(choice.fit.memory.kv_cache_bytes), gib(choice.fit.memory.total_bytes), ROOM_SHARE * 100),
        )
        for choice in found
        if choice.candidate.described.precision == BF16
    ]
