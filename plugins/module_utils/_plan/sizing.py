# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many GPUs a load takes: the planner asked the other way round.

Everything that fits a host of a shape, or as few hosts as hold a replica, is found as for a plan. Each such replica
takes as many requests at once as its cache and its engine's step hold and its expected times allow; the load divided
by that, rounded up, is the number of replicas. What is searched depends neither on the load nor on the targets,
so that more load never takes fewer GPUs, and looser targets never more.

Weights that cost something by the order in preference.py (4 bits, and what nobody has checked) are sized apart.
"""

from __future__ import annotations

import functools
import math
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Site
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    Merit,
    loss_steps,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.selection import choose
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    traffic_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.user_overrides import (
    engines_for,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Claims, Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import nothing_servable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.rejection_lines import (
    closest,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.recorder import Recorder
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.coefficients import range_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.cost import (
    MILLION,
    SECONDS_PER_HOUR,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import Speed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import (
    Described,
    describe_all,
)

# Requests at once that replicas are laid out for: more of them take larger steps, which take memory.
LAID_OUT_FOR = (8, 64, 256, 1024)

CONTEXT, MEMORY, SEQUENCES, FIRST_TOKEN, INTER_TOKEN, UNKNOWN, FIT = (
    "context", "memory", "sequences", "first token", "inter-token", "unknown speed", "fit",
)  # fmt: skip

_WORDS = {
    FIRST_TOKEN: "time to the first token",
    INTER_TOKEN: "time between tokens",
    MEMORY: "requests at once",
}

# In a refusal's sentence; its details hold all of them.
SHOWN_SHAPES = 3

Row = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Demand:
    """``users`` requests in flight, or ``requests_per_s`` that come; one of them is None."""

    users: t.Optional[int] = None
    requests_per_s: t.Optional[float] = None


@dataclass(frozen=True)
class Offer:
    """Equal hosts that could be had, as many as one replica may take, each of GPUs of one kind.

    ``gpu_hour_usd``: what one of the GPUs costs in an hour, None where that is not known.
    """

    shape: str
    hosts: t.Tuple[Host, ...]
    gpu_hour_usd: t.Optional[float] = None


def sizes(request: Request, offers: t.Sequence[Offer], demand: Demand) -> t.List[Row]:
    """The smallest number of GPUs of each offer that serves ``demand`` within the policy's targets.

    The cheapest offer first, or the one of the fewest GPUs where some price is not known; then 4 bits where they
    take fewer GPUs or nothing else serves; last, with ``gpus`` None, what does not serve.

    :raises NotServable: none of the variants can be calculated or may run.
    :raises DoesNotFit: no offer serves; the error names what comes nearest.
    """
    described, rejected = describe_all(request.variants, request.policy, request.model.licence, request.draft)
    if not described:
        raise nothing_servable(request, rejected)
    rows = [row for offer in offers for row in _Sizing(request, tuple(described), offer, demand).rows()]
    serving, others = ([row for row in rows if bool(row["gpus"]) == served] for served in (True, False))
    if not serving:
        raise _out_of_reach(request, others)
    by = "gpus" if any(row["usd_per_hour"] is None for row in serving) else "usd_per_hour"
    return [*sorted(serving, key=lambda row: (row["lossy"], row[by], row["gpus"])), *others]


@dataclass(frozen=True)
class _Replica:
    """One replica, and what it takes within the targets where times are ``slower`` (first token, between tokens)."""

    merit: Merit
    slower: t.Tuple[float, float] = (1.0, 1.0)

    def speed(self, requests: int) -> t.Optional[Speed]:
        """What is expected with so many requests at once."""
        choice, policy = self.merit.choice, replace(self.merit.policy, concurrency=requests)
        middle = choice.speed(traffic_of(policy, choice.fit.context))
        if middle is None:
            return None
        first, between = self.slower
        return Speed(
            middle.first_token_s * first, middle.inter_token_s * between, middle.tokens_per_s / between
        )

    def misses(self, requests: int) -> t.Dict[str, float]:
        """By which factor each part of the level is missed with so many requests at once; 1 and less is none."""
        merit, policy, speed = self.merit, self.merit.policy, self.speed(requests)
        found = {
            CONTEXT: self._context,
            MEMORY: requests / max(0.01, merit.requests_held),
            SEQUENCES: requests / self._sequences,
        }
        if speed is None:
            return {**found, UNKNOWN: math.inf}
        if policy.first_token_ms is not None:
            found[FIRST_TOKEN] = speed.first_token_s * 1e3 / policy.first_token_ms
        return {**found, INTER_TOKEN: speed.inter_token_s / merit.level.inter_token_s}

    @property
    def _context(self) -> float:
        """By which factor its context is too short."""
        return self.merit.level.context / max(1, self.merit.choice.fit.context)

    @property
    def _sequences(self) -> int:
        """Requests at once in a step of the engine, of all its ranks."""
        each = self.merit.choice.candidate
        return each.settings.sequences * each.layout.data

    def miss(self, requests: int) -> t.Tuple[str, float]:
        """What is missed by the largest factor, and that."""
        return max(self.misses(requests).items(), key=lambda each: each[1])

    @functools.cached_property
    def most(self) -> int:
        """How many requests at once it takes; 0 for none."""
        room = int(min(self._sequences, self.merit.requests_held)) if self._context <= 1.0 else 0
        return _last(room, lambda requests: self.miss(requests)[1] <= 1.0)

    def requests_per_s(self, requests: int) -> float:
        """How many requests it answers in a second with so many at once."""
        speed = self.speed(requests)
        answer = traffic_of(self.merit.policy, self.merit.choice.fit.context).output_tokens
        return 0.0 if speed is None else speed.tokens_per_s / answer

    def count(self, demand: Demand) -> t.Optional[int]:
        """How many replicas serve ``demand``."""
        if not self.most:
            return None
        if demand.users is not None:
            return ceil_div(demand.users, self.most)
        return max(1, math.ceil((demand.requests_per_s or 0.0) / self.requests_per_s(self.most) - 1e-9))

    def share(self, demand: Demand, replicas: int) -> int:
        """How many requests at once one of ``replicas`` has."""
        if demand.users is not None:
            return ceil_div(demand.users, replicas)
        each = (demand.requests_per_s or 0.0) / replicas
        return min(self.most, 1 + _last(self.most, lambda requests: self.requests_per_s(requests) < each))

    @property
    def gpus(self) -> int:
        return self.merit.choice.candidate.layout.gpus

    def hosts(self, replicas: int, gpus_of_host: int) -> int:
        """Hosts that so many replicas fill."""
        layout = self.merit.choice.candidate.layout
        return layout.hosts * ceil_div(replicas, max(1, gpus_of_host // layout.gpus_per_host))


def _last(most: int, holds: t.Callable[[int], bool]) -> int:
    """The last number up to ``most`` of which ``holds`` is true, as it is of all before; 0 for none."""
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


@dataclass(frozen=True)
class _Sizing:
    request: Request
    described: t.Tuple[Described, ...]
    offer: Offer
    demand: Demand

    def rows(self) -> t.List[Row]:
        """One row, and one of what costs precision where that takes fewer GPUs."""
        policy, recorder = self.request.policy, Recorder()
        kinds = [
            tuple(each for each in self.described if (loss_steps(each, policy) > 0) == lossy)
            for lossy in (False, True)
        ]
        found = [(lossy, self._replicas(own, recorder)) for lossy, own in enumerate(kinds) if own]
        rows = [self._row(bool(lossy), replicas) for lossy, replicas in found if replicas]
        if not rows:
            reason = closest(recorder.rejected, 1)
            return [self._unserved({"limit": FIT, "reason": reason, "nearest": None})]
        serving = [row for row in rows if row["gpus"]]
        if len(serving) < 2:
            return serving or rows[:1]
        exact, lossy = serving
        worth = any(lossy[name] < exact[name] for name in ("gpus", "hosts_of_replica"))
        return serving if worth else [exact]

    def _replicas(self, described: t.Sequence[Described], recorder: Recorder) -> t.List[_Replica]:
        """All that fits in the first way in which one has the context, else in which anything fits.

        On one host before several, engine after engine.
        """
        hosts, first = self.offer.hosts, t.cast("t.List[_Replica]", [])
        engines = engines_for(self.request.policy, {gpu.vendor for gpu in hosts[0].gpus})
        for over_hosts in (False, True) if len(hosts) > 1 else (False,):
            site = Site(self.offer.shape, hosts if over_hosts else hosts[:1], Claims())
            for engine in engines:
                found: t.List[Merit] = []
                for requests in LAID_OUT_FOR:
                    policy = replace(
                        self.request.policy, concurrency=requests, first_token_ms=None, inter_token_ms=None
                    )
                    found += choose(site, described, engine, policy, (), recorder, over_hosts)
                replicas = [_Replica(replace(each, policy=self._aim(each))) for each in _joined(found)]
                if any(each.misses(1)[CONTEXT] <= 1.0 for each in replicas):
                    return replicas
                first = first or replicas
        return first

    def _aim(self, merit: Merit) -> Policy:
        """The policy that a replica was laid out by, with the targets that the user has."""
        wanted = self.request.policy
        return replace(
            merit.policy, first_token_ms=wanted.first_token_ms, inter_token_ms=wanted.inter_token_ms
        )

    def _row(self, lossy: bool, replicas: t.Sequence[_Replica]) -> Row:
        per_host = len(self.offer.hosts[0].gpus)
        counts = [(each, each.count(self.demand)) for each in replicas]
        serving = [
            (count * each.gpus, each.hosts(count, per_host), each.merit.key, count, each)
            for each, count in counts
            if count
        ]
        if not serving:
            nearest = min(replicas, key=lambda each: (each.miss(1)[1], each.merit.key))
            return self._unserved(_nearest(nearest))
        gpus, hosts, _key, count, best = min(serving, key=lambda each: each[:3])
        return {**self._told(best, count), "gpus": gpus, "hosts": hosts, "lossy": lossy}

    def _unserved(self, why: Row) -> Row:
        return {"shape": self.offer.shape, "gpus": None, "usd_per_hour": None, "lossy": False, **why}

    def _told(self, best: _Replica, count: int) -> Row:
        each, share = best.merit.choice.candidate, best.share(self.demand, count)
        speed, context = t.cast(Speed, best.speed(share)), best.merit.choice.fit.context
        traffic = traffic_of(best.merit.policy, context)
        rate = self.demand.requests_per_s
        tokens = count * speed.tokens_per_s if rate is None else rate * traffic.output_tokens
        price = self.offer.gpu_hour_usd
        hourly = None if price is None else price * best.gpus * count
        ratio, api = traffic.input_tokens / traffic.output_tokens, self.request.model.api
        per_million = None if api is None else api.output_usd + ratio * api.input_usd
        return {
            "shape": self.offer.shape,
            "gpu": each.kind.name,
            "likely_gpus": [None if n is None else n * best.gpus for n in self._likely(best)],
            "replicas": count,
            "variant": each.described.repository,
            "quantization": each.described.precision,
            "backend": each.engine.name,
            **{name: getattr(each.layout, name) for name in ("tensor", "pipeline", "data", "expert")},
            "hosts_of_replica": each.layout.hosts,
            "context_tokens": context,
            "requests_per_replica": share,
            "most_requests_per_replica": best.most,
            "limit": best.miss(best.most + 1)[0],
            "first_token_ms": round(speed.first_token_s * 1e3, 1),
            "inter_token_ms": round(speed.inter_token_s * 1e3, 1),
            "tokens_per_s": round(tokens, 1),
            "requests_per_s": round(tokens / traffic.output_tokens, 3),
            "usd_per_hour": None if hourly is None else round(hourly, 2),
            "usd_per_million_output_tokens": None if hourly is None else _per_million(hourly, tokens),
            "api_provider": None if api is None else api.provider,
            "api_usd_per_million_output_tokens": None if per_million is None else round(per_million, 2),
            "api_usd_per_hour": None
            if per_million is None
            else round(per_million * tokens * SECONDS_PER_HOUR / MILLION, 2),
        }

    def _likely(self, best: _Replica) -> t.List[t.Optional[int]]:
        """Replicas where all times are as short, and as long, as eight of ten measurements are; None for never."""
        served = best.merit.choice.candidate.served
        assert served is not None
        around = range_of(served.card)
        return [
            replace(best, slower=(first, between)).count(self.demand)
            for first, between in zip(around.first_token, around.inter_token)
        ]


def _joined(merits: t.Sequence[Merit]) -> t.Sequence[Merit]:
    """Without groups that exchange every layer over a network of which nothing is known, where others fit."""
    found = [
        each
        for each in merits
        if not each.choice.candidate.layout.cuts_over_hosts or each.choice.candidate.joins_hosts
    ]
    return found or merits


def _per_million(usd_per_hour: float, tokens_per_s: float) -> float:
    return round(usd_per_hour / (tokens_per_s * SECONDS_PER_HOUR) * MILLION, 2)


def _nearest(replica: _Replica) -> Row:
    """What a replica with one request gives, where that is not enough."""
    limit, miss = replica.miss(1)
    speed, each = replica.speed(1), replica.merit.choice.candidate
    where = "%s %s on %d GPUs" % (each.described.repository, each.described.precision, each.layout.gpus)
    if speed is None:
        return {"limit": limit, "reason": "no speed is known of it", "nearest": None}
    figures = {
        "first_token_ms": math.ceil(speed.first_token_s * 1e3),
        "inter_token_ms": math.ceil(speed.inter_token_s * 1e3),
        "context_tokens": replica.merit.choice.fit.context,
        "missed_by": round(miss, 3),
    }
    reason = "%s misses the %s; one request alone has its first token in %d ms, then one in %d ms" % (
        where, _WORDS.get(limit, limit), figures["first_token_ms"], figures["inter_token_ms"],
    )  # fmt: skip
    if limit == CONTEXT:
        reason += ", and a context of %d tokens at most" % figures["context_tokens"]
    return {"limit": limit, "reason": reason, "nearest": figures}


def _out_of_reach(request: Request, rows: t.Sequence[Row]) -> DoesNotFit:
    """The refusal where no shape serves the load, however many hosts there are."""
    near = sorted((row for row in rows if row["nearest"]), key=lambda row: row["nearest"]["missed_by"])
    told = near or list(rows)
    reasons = ["%s: %s" % (row["shape"], row["reason"]) for row in told[:SHOWN_SHAPES]]
    if len(rows) > len(reasons):
        reasons.append("and %d more, see shapes" % (len(rows) - len(reasons)))
    hint = "Name shapes with more or larger GPUs, or further variants."
    if near:
        hint = "Nearest, on %s: %s." % (near[0]["shape"], _reachable(request.policy, near[0]["nearest"]))
    return DoesNotFit(
        "%s cannot be served so by any number of these hosts: %s" % (request.model.id, "; ".join(reasons)),
        hint=hint,
        shapes=list(rows),
    )


def _reachable(policy: Policy, figures: Row) -> str:
    """The options that are reached with one request at once, as far as what is wanted is not."""
    level = policy.inter_token_ms or 1000.0 / policy.tokens_per_s
    words = []
    if policy.first_token_ms is not None and policy.first_token_ms < figures["first_token_ms"]:
        words.append("first_token_ms=%d" % figures["first_token_ms"])
    if level < figures["inter_token_ms"]:
        words.append("inter_token_ms=%d" % figures["inter_token_ms"])
    return ", ".join(words) or "useful_context_tokens=%d" % figures["context_tokens"]
