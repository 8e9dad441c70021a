# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a candidate fits a site, and the first limit that it breaks."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import MEASURED, gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    target_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    cache_of,
    count_of,
    parse,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import (
    CONTEXT_RANKS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_context_ranks,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fleet import (
    WAYS,
    Fleet,
    Place,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Host,
    Slot,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.replica_places import (
    capacity,
    roomiest,
    spread,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import SGLANG
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import (
    EVIDENCE,
    Fit,
    Shortage,
    solve,
    with_cache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import (
    COEFFICIENTS,
    Speed,
    Traffic,
    estimate,
)


@dataclass(frozen=True)
class Site:
    """The hosts of one GPUStack server, and what its instances hold."""

    name: str
    hosts: t.Tuple[Host, ...]
    claims: Claims

    @functools.cached_property
    def fleet(self) -> Fleet:
        return Fleet(self.hosts, self.claims)

    @functools.cached_property
    def slots(self) -> t.Dict[t.Tuple[t.Any, ...], t.Tuple[Slot, ...]]:
        """The slots of replicas by the places that these may take: many candidates fit on the same ones."""
        return {}


@dataclass(frozen=True)
class Choice:
    """A candidate with the slots that its replicas take and the fit on the tightest of them."""

    candidate: Candidate
    slots: t.Tuple[Slot, ...]
    fit: Fit

    def speed(self, traffic: Traffic) -> t.Optional[Speed]:
        """What a roofline expects of one replica; None where the card is not known by name, or the engine."""
        served, by = self.candidate.served, COEFFICIENTS.get(self.candidate.engine.name)
        if served is None or by is None:
            return None
        known, asked = self.candidate.speeds, (self.crosses_islands, traffic)
        if asked not in known:
            there = replace(served, joined=False) if self.crosses_islands else served
            known[asked] = estimate(there, traffic, by)
        return known[asked]

    def attest(self, recorder: Recorder) -> None:
        """Say of each number of the account where it comes from."""
        recorder.attest(self.candidate.kind.evidence)
        recorder.attest({"credited_bytes": MEASURED})
        recorder.attest(self.candidate.described.evidence)
        recorder.attest(EVIDENCE)
        recorder.attest({each.term: MEASURED for each in self.candidate.settings.corrections})

    @functools.cached_property
    def crosses_islands(self) -> bool:
        """Whether some replica has GPUs that reach each other over slow links only."""
        return any(slot.crosses_islands for slot in self.slots)


def ways(site: Site, each: Candidate, policy: Policy) -> t.List[t.Union[Choice, Rejection]]:
    """A candidate with places for all its replicas on ``site`` in each way worth comparing, or the first limit.

    Groups of GPUs within islands of fast links, or the emptiest; replicas spread, or where the tightest
    of them has the most. The usual way first.
    """
    rule = each.broken_rule or _context_limit(each, policy) or _scheduler_limit(each, policy)
    if rule is not None:
        return [rejection(each, site, rule)]
    layout, known = each.layout, t.cast("t.List[t.List[t.Tuple[t.Any, ...]]]", [])
    if not capacity(site.fleet.places(layout.gpus_per_host, each.kind), layout.hosts):
        return [replace(rejection(each, site, _no_place(site, each)), places=0)]
    answers: t.List[t.Union[Choice, Rejection]] = []
    for way in WAYS:
        places = site.fleet.places(layout.gpus_per_host, each.kind, way)
        slots = [(id(place.shape), place.slot) for place in places]
        if slots and slots not in known:
            known.append(slots)
            answers += _placed(site, each, policy, places)
    fitting = [answer for answer in answers if isinstance(answer, Choice)]
    return t.cast("t.List[t.Union[Choice, Rejection]]", fitting) or answers[-1:]


def _placed(
    site: Site, each: Candidate, policy: Policy, places: t.Sequence[Place]
) -> t.List[t.Union[Choice, Rejection]]:
    """The replicas on these places, spread; and where the tightest has the most, if that is more."""
    load, target = each.load, target_of(policy, each.layout, each.described)
    answers = {
        room: solve(load, room, each.budget(room, policy.headroom), target)
        for room in {place.room for place in places}
    }
    fitting = [place for place in places if isinstance(answers[place.room], Fit)]
    fits = capacity(fitting, each.layout.hosts)
    if fits < policy.replicas:
        short = [answer for answer in answers.values() if isinstance(answer, Shortage)]
        return [_too_few(each, site, policy, fits, short)]
    several = policy.replicas * each.layout.hosts > 1
    emptiest = roomiest(fitting, policy.replicas, each.layout.hosts) if several else fitting
    found: t.List[t.Union[Choice, Rejection]] = []
    for own in (fitting, emptiest)[: 1 if len(emptiest) == len(fitting) else 2]:
        chosen = _spread(site, own, policy.replicas, each.layout.hosts)
        tightest = min(dict.fromkeys(slot.room for slot in chosen), key=lambda room: room.usable_bytes)
        fit, fixed = t.cast(Fit, answers[tightest]), cache_of(parse(policy.backend_parameters))
        fit = fit if fixed is None else with_cache(fit, load.cache, fixed)
        found.append(Choice(each, chosen, fit))
    return found


def _spread(site: Site, places: t.Sequence[Place], replicas: int, hosts: int) -> t.Tuple[Slot, ...]:
    # The fleet keeps its places, so that an id stands for one.
    asked = (tuple(map(id, places)), replicas, hosts)
    if asked not in site.slots:
        site.slots[asked] = tuple(spread(places, replicas, hosts))
    return site.slots[asked]


def _context_limit(each: Candidate, policy: Policy) -> t.Optional[str]:
    ranks = count_of(parse(policy.backend_parameters), CONTEXT_RANKS)
    if ranks is None:
        return None
    return broken_context_ranks(each.described.architecture, each.layout.tensor, ranks)


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
        reason = "%d of %d replicas have a place" % (fits, policy.replicas)
        return replace(rejection(each, site, reason), places=fits)
    best = max(short, key=lambda shortage: shortage.has_bytes)
    words = (
        "the fraction in backend_parameters takes %s of each GPU, of which %s are free"
        if best.of_fraction
        else "needs %s per GPU, has %s"
    )
    reason = words % (gib(best.needs_bytes), gib(best.has_bytes))
    if fits:
        reason = "%d of %d replicas have a place; the next %s" % (fits, policy.replicas, reason)
    return replace(rejection(each, site, reason, best), places=fits)


def rejection(each: Candidate, site: Site, reason: str, short: t.Optional[Shortage] = None) -> Rejection:
    """Why ``each`` is not taken, with the bytes of one GPU where they are short."""
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
