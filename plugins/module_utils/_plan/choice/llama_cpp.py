# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Candidates of llama.cpp: models in GGUF on one card, or split by layer over unlike cards of a host."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.candidates import Candidate
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import (
    Choice,
    Site,
    rejection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import target_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.llama_cpp import (
    Options,
    obstacle,
    options_of,
    version_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import NATIVE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    CPU,
    Gpu,
    Host,
    Room,
    Slot,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    LLAMA_CPP,
    Budget,
    Settings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import (
    Fit,
    Load,
    Memory,
    Shortage,
    Target,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.llama_cpp import (
    ENCODER_COMPUTE_BYTES,
    Share,
    Sized,
    shares,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.llama_cpp_cache import (
    PoolCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import Overhead
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.gguf_models import GgufFile

# Contexts are told in such steps.
_STEP_TOKENS = 1024
MOST_CARDS = 16


@dataclass(frozen=True)
class LlamaCandidate(Candidate):
    """``pool``: tokens of all caches. ``first`` to ``last``: layers of the tightest card; ``ends``: it has the output.

    ``counts``: layers of each card.
    """

    options: Options = Options(1)
    pool: int = 0
    counts: t.Tuple[int, ...] = ()
    first: int = 0
    last: int = 0
    ends: bool = True

    @property
    def file(self) -> GgufFile:
        return t.cast(GgufFile, self.described.gguf)

    @functools.cached_property
    def sized(self) -> Sized:
        encoder = self.file.mmproj_bytes + ENCODER_COMPUTE_BYTES if self.options.images else 0
        return Sized(self.file.shape, self.options, encoder)

    @functools.cached_property
    def overhead(self) -> Overhead:
        compute = self.sized.compute_bytes(self.pool, self.layout.gpus)
        return Overhead(compute, self.sized.runtime_bytes(), 0)

    @functools.cached_property
    def load(self) -> Load:
        sized, last = self.sized, self.last or len(self.sized.on_cards)
        output = sized.shape.output_bytes if self.ends and sized.output_on_card else 0
        return Load(
            weights_bytes=sized.weights_bytes(self.first, last)
            + output
            + (0 if self.first else sized.vision_bytes),
            overhead=self.overhead,
            cache=PoolCache.of(sized, self.first, last),
            position_limit=self.described.architecture.position_limit,
        )

    def budget(self, room: Room, headroom: float) -> Budget:
        limit = max(
            0, (room.usable_bytes - int(headroom * room.total_bytes)) * 1000 // max(1, room.total_bytes)
        )
        return Budget(room.total_bytes, 0, 0, limit)

    @property
    def support(self) -> str:
        return NATIVE

    @functools.cached_property
    def broken_rule(self) -> t.Optional[str]:
        return None

    @property
    def doubts(self) -> t.List[str]:
        return []

    def obstacle(self, policy: Policy) -> t.Optional[str]:
        precision, allowed = self.described.precision, policy.quantizations
        if allowed and precision not in allowed:
            return "%s is not among the allowed quantizations (%s)" % (precision, ", ".join(allowed))
        limit = self.described.architecture.position_limit
        if policy.context_tokens is not None and policy.context_tokens > limit:
            return "context %d is more than the model's %d" % (policy.context_tokens, limit)
        return obstacle(self.kind)


def llama_candidate(
    described: Described, kind: Gpu, layout: Layout, policy: Policy, user: t.Sequence[Argument]
) -> LlamaCandidate:
    """:raises InvalidInput: an argument of the user makes no sense."""
    options = options_of(user, policy.concurrency)
    settings = Settings(
        batched_tokens=options.step,
        sequences=options.slots,
        kv_dtype="auto",
        version=policy.backend_version or version_of(kind),
    )
    return LlamaCandidate(described, LLAMA_CPP, layout, kind, settings, options=options)


def llama_answers(
    site: Site, each: Described, policy: Policy, user: t.Sequence[Argument]
) -> t.List[t.Union[Choice, Rejection]]:
    """For each number of cards of a host the best that fits, or why nothing does."""
    largest = max((len(_usable(host)) for host in site.hosts), default=0)
    found: t.List[t.Union[Choice, Rejection]] = []
    for cards in range(1, min(MOST_CARDS, largest) + 1):
        answer = _on_cards(site, each, cards, policy, user)
        found.append(answer)
        if isinstance(answer, Choice) and _is_enough(answer, policy):
            break
        if isinstance(answer, Rejection) and answer.needs_bytes is None:
            break
    return found


def _is_enough(choice: Choice, policy: Policy) -> bool:
    """Whether more cards would bring no longer context."""
    target = target_of(policy, choice.candidate.layout, choice.candidate.described)
    return choice.fit.context >= min(target.aim, choice.candidate.described.architecture.position_limit)


def _usable(host: Host) -> t.List[Gpu]:
    return [gpu for gpu in host.gpus if not gpu.profile] or list(host.gpus[:1])


class _Placed(t.NamedTuple):
    """A replica on cards of one host. ``pool``: tokens of its caches."""

    host: Host
    gpus: t.Tuple[Gpu, ...]
    rooms: t.Tuple[Room, ...]
    pool: int
    held: t.Tuple[Share, ...]


def _on_cards(
    site: Site, each: Described, cards: int, policy: Policy, user: t.Sequence[Argument]
) -> t.Union[Choice, Rejection]:
    groups = [group for host in site.hosts for group in _groups(site, host, cards)]
    groups.sort(key=lambda group: (-min(room.usable_bytes for room in group[2]), group[0].name))
    kind = min((gpu for group in groups[:1] for gpu in group[1]), key=_pace)
    single = llama_candidate(each, kind, Layout(1, cards), policy, user)
    reason = single.obstacle(policy)
    if reason is not None:
        return rejection(single, site, reason)
    target = target_of(policy, single.layout, each)
    placed: t.List[_Placed] = []
    shorts: t.List[Shortage] = []
    for host, gpus, rooms in groups:
        answer = _fitted(single, target, policy, host, gpus, rooms)
        if isinstance(answer, Shortage):
            shorts.append(answer)
        else:
            placed.append(answer)
    chosen = _spread(placed, policy.replicas)
    if len(chosen) < policy.replicas:
        return _too_few(single, site, policy, len(chosen), shorts)
    return _choice(single, chosen, policy)


def _pace(gpu: Gpu) -> float:
    card = card_of(gpu.name)
    return card.bandwidth_gbps if card is not None else 0.0


def _groups(
    site: Site, host: Host, cards: int
) -> t.List[t.Tuple[Host, t.Tuple[Gpu, ...], t.Tuple[Room, ...]]]:
    """Groups of ``cards`` of one vendor of a host, the emptiest first, each card in one group only."""
    found = []
    for vendor in sorted({gpu.vendor for gpu in _usable(host)}):
        own = [(gpu, room_of(gpu, site.claims)) for gpu in _usable(host) if gpu.vendor == vendor]
        own.sort(key=lambda pair: (-(pair[1].usable_bytes // GIB), pair[0].name, pair[0].index))
        for start in range(0, len(own) - cards + 1, cards):
            group = sorted(own[start : start + cards], key=lambda pair: pair[0].index)
            found.append((host, tuple(gpu for gpu, _room in group), tuple(room for _gpu, room in group)))
    return found


def _fitted(
    single: LlamaCandidate,
    target: Target,
    policy: Policy,
    host: Host,
    gpus: t.Tuple[Gpu, ...],
    rooms: t.Tuple[Room, ...],
) -> t.Union[_Placed, Shortage]:
    """The most tokens up to the aim that the caches may hold on these cards."""
    sized, limit = single.sized, single.described.architecture.position_limit
    usable = [room.usable_bytes - int(policy.headroom * room.total_bytes) for room in rooms]
    least = _pool(single.options, 1, min(target.least, limit), 0)
    if not single.described.architecture.generates:
        least = limit
    usual = target.usual or min(target.least, target.minimum)
    most = max(least, _pool(single.options, target.concurrency, min(target.aim, limit), usual))
    if single.options.pool is not None:
        least = most = single.options.pool
    held = shares(sized, usable, least)
    if held is None or (
        host.memory_bytes and sized.host_bytes > host.memory_bytes and single.options.uses_host
    ):
        return _short(sized, usable, least)
    pool = least
    best = shares(sized, usable, most)
    if best is not None:
        pool, held = most, best
    else:
        low, high = least, most
        while high - low > _STEP_TOKENS:
            middle = (low + high) // 2
            tried = shares(sized, usable, middle)
            if tried is None:
                high = middle
            else:
                low, held, pool = middle, tried, middle
    return _Placed(host, gpus, rooms, pool, tuple(held))


def _pool(options: Options, requests: int, context: int, usual: int) -> int:
    """Tokens of all caches: one context or all usual requests of a common pool, or a context for each slot."""
    if not options.unified:
        return options.slots * context
    return max(context, requests * min(usual, context))


def _short(sized: Sized, usable: t.Sequence[int], pool: int) -> Shortage:
    cards = len(usable)
    weights = sized.weights_bytes(0, len(sized.on_cards)) + sized.shape.output_bytes + sized.vision_bytes
    whole = weights + sized.caches_bytes(0, len(sized.on_cards), pool)
    return Shortage(whole // cards + sized.fixed_bytes(pool, cards), max(0, sum(usable) // cards))


def _spread(placed: t.Sequence[_Placed], replicas: int) -> t.List[_Placed]:
    """One replica of each failure domain and host before the second of any."""
    rounds: t.Dict[str, int] = {}
    order = []
    for place, each in enumerate(placed):
        turn = rounds.get(each.host.name, 0)
        rounds[each.host.name] = turn + 1
        order.append((turn, place, each))
    domains: t.Dict[str, int] = {}
    ranked = []
    for turn, place, each in sorted(order, key=lambda entry: entry[:2]):
        domains[each.host.domain] = domains.get(each.host.domain, 0) + 1
        ranked.append((turn, domains[each.host.domain] if each.host.domain else 0, place, each))
    return [entry[3] for entry in sorted(ranked, key=lambda entry: entry[:3])][:replicas]


def _too_few(
    single: LlamaCandidate, site: Site, policy: Policy, fits: int, short: t.Sequence[Shortage]
) -> Rejection:
    if not short:
        return replace(
            rejection(single, site, "%d of %d replicas have a place" % (fits, policy.replicas)),
            places=fits or None,
        )
    best = max(short, key=lambda shortage: shortage.has_bytes)
    reason = "needs %s per GPU, has %s" % (gib(best.needs_bytes), gib(best.has_bytes))
    return replace(rejection(single, site, reason, best), places=fits or None)


def _choice(single: LlamaCandidate, chosen: t.Sequence[_Placed], policy: Policy) -> Choice:
    """The replicas as a choice: the shortest pool of all, and the account of the tightest card."""
    pool = min(each.pool for each in chosen)
    sized = single.sized
    tight, place = chosen[0], 0
    left = None
    for each in chosen:
        for card, (share, room) in enumerate(zip(each.held, each.rooms)):
            own = room.usable_bytes - share.weights_bytes - share.cache_bytes
            if left is None or own < left:
                left, tight, place = own, each, card
    single = _queued(single, pool, policy)
    counts = tuple(share.layers for share in tight.held)
    first = sum(counts[:place])
    candidate = replace(
        single, pool=pool, counts=counts, first=first, last=first + counts[place], ends=place == len(counts) - 1,
        kind=min(tight.gpus, key=_pace),
    )  # fmt: skip
    slots = tuple(
        Slot(each.host.name, each.gpus, each.rooms[place if each is tight else 0], number)
        for number, each in enumerate(chosen)
    )
    return Choice(
        candidate, slots, _fit(candidate, sized, tight.rooms[place], tight.held[place], pool, policy)
    )


def _queued(single: LlamaCandidate, pool: int, policy: Policy) -> LlamaCandidate:
    """With no more slots than the common pool has room for: the others wait, where llama.cpp would fail them."""
    options, usual = single.options, target_of(policy, single.layout, single.described).usual
    room = max(1, pool // max(1, usual)) if options.unified and not options.pool else options.slots
    return replace(single, options=replace(options, slots=min(options.slots, room)))


def _fit(each: LlamaCandidate, sized: Sized, room: Room, share: Share, pool: int, policy: Policy) -> Fit:
    limit = each.described.architecture.position_limit
    own = pool if sized.options.unified else pool // sized.options.slots
    context = min(policy.context_tokens or own, own, limit)
    cache = sized.caches_bytes(each.first, each.last, pool)
    used = share.weights_bytes + cache + each.overhead.total_bytes
    return Fit(
        context,
        min(1000, -(-used * 1000 // room.total_bytes)),
        Memory(
            total_bytes=room.total_bytes,
            free_bytes=room.free_bytes,
            credited_bytes=room.credited_bytes,
            weights_bytes=share.weights_bytes,
            activation_bytes=each.overhead.activation_bytes,
            runtime_bytes=each.overhead.runtime_bytes,
            cuda_graphs_bytes=0,
            kv_cache_bytes=cache,
            left_bytes=room.usable_bytes - used,
            kv_bytes_per_token=cache // max(1, pool),
            kv_cache_tokens=pool,
        ),
    )


def is_on_cpu(choice: Choice) -> bool:
    return choice.candidate.kind.vendor == CPU


def llama_details(choice: Choice) -> t.Dict[str, t.Any]:
    """What a plan keeps of the choice, so that it can be rebuilt: layers of each card, tokens of all caches."""
    each = t.cast(LlamaCandidate, choice.candidate)
    return {"layers": list(each.counts), "pool_tokens": each.pool, "host_bytes": each.sized.host_bytes}
