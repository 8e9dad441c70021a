# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the choices that fit is preferred, by one documented order.

How far a choice is from the service level is one number: the factor by which its worst part misses it (the
context of one request, the requests at once, the time between tokens), in steps of a quarter, plus what its
precision costs. 16 and 8 bits count alike; 4 bits cost three steps, which is missing the level by half. So 4
bits are taken where they reach the level and 8 bits do not come within half of it. A replica over several hosts,
which one more machine can stop, costs three steps too, but one step where their maker joins the hosts. Stages within
a host cost two. Weights that fill a card so far that loading them has no room to spare cost one step, and so does
an engine that is not the preferred one. What an engine quantizes while loading, which nobody has checked, costs three.

The order of the balanced goal, in which the first difference decides:

1. whole cards before slices, which GPUStack cannot be told to take; groups within a host, or over hosts that their
   maker joins, before those that exchange every layer over a network of which nothing is known;
2. the distance to the level, and of equally distant ones by how much context and requests miss it;
3. one tensor-parallel group a host before data-parallel ranks, and these before stages within a host, which are
   for what fits no group; then the fewest GPUs, and the fewest hosts;
4. where the level is reached, the highest precision, or the user's own order; elsewhere the exact factor;
5. the shorter time between tokens, in steps of 15 %, which is less than an estimate is sure of;
6. kernels that compute in the format before those that only unpack it; fewer stages, GPUs that fast links join,
   cut experts;
7. the longer context, then the order in which variants were offered.

A goal puts something between 2 and 3 and keeps the level: ``quality`` the precision, of which 8 bits then
cost three steps, and 4 bits six; ``latency`` the time between tokens in steps
of 5 %; ``throughput`` the tokens per second of each GPU in steps of 15 %.
"""

from __future__ import annotations

import functools
import math
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.service_level import (
    Level,
    level_of,
    traffic_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import NATIVE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    CLASSES,
    FP8,
    INT8,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    LATENCY,
    QUALITY,
    THROUGHPUT,
    Policy,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import Speed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# Distances within one step count alike; so do speeds within theirs.
DISTANCE_STEP = 1.25
SPEED_STEP = 1.15
LATENCY_STEP = 1.05

# What four bits, and for the best quality eight, cost.
LOSS_STEPS = 3

# What it costs that a replica takes several hosts, and where fast links join these.
APART_STEPS, JOINED_STEPS = 3, 1

# What stages within a host cost, where most GPUs wait for the others of a request.
STAGES_STEPS = 2

# Weights above this share of a card may not load: repacking holds some of them twice for a while.
LOAD_PEAK_SHARE = 0.85

# What decides, in words for people; see Merit.key.
WHOLE, NEARER, GOAL, FEWER_GPUS, FEWER_HOSTS, PRECISION, FASTER, SIMPLER, LONGER, FIRST = (
    "whole cards and fast links", "nearer to the level", "the goal", "fewer GPUs", "fewer hosts", "the precision",
    "faster", "the simpler layout", "the longer context", "the order of the variants",
)  # fmt: skip


@dataclass(frozen=True)
class Merit:
    """How one choice stands to the service level under a policy.

    ``turn``: how many engines are preferred to its own.
    """

    choice: Choice
    policy: Policy
    turn: int = 0

    @functools.cached_property
    def level(self) -> Level:
        return level_of(self.policy, self.choice.candidate.described)

    @functools.cached_property
    def speed(self) -> t.Optional[Speed]:
        """What is expected of one replica under the usual load; None of a card that is not known."""
        return self.choice.speed(traffic_of(self.policy, self.choice.fit.context))

    @functools.cached_property
    def requests_held(self) -> float:
        """Requests of the usual length that the caches of all ranks hold at once."""
        each = self.choice.candidate
        pool, cache = self.choice.fit.memory.kv_cache_bytes, each.load.cache
        return each.layout.data * cache.requests_in(pool, self.level.request)

    @functools.cached_property
    def _room(self) -> t.Dict[str, float]:
        """By which factors the cache misses the level."""
        context = self.level.context / max(1, self.choice.fit.context)
        load = self.level.requests / max(0.01, self.requests_held)
        return {"the context": context, "the requests at once": load}

    @functools.cached_property
    def misses(self) -> t.Dict[str, float]:
        """By which factor each part of the level is missed; 1 and less is none."""
        between = 0.0 if self.speed is None else self.speed.inter_token_s / self.level.inter_token_s
        return {**self._room, "the time between tokens": between}

    @property
    def room_suffices(self) -> bool:
        """Whether more memory for the cache would bring nothing nearer."""
        return max(self._room.values()) <= 1.0

    @functools.cached_property
    def miss(self) -> float:
        """By which factor the worst part misses the level; 1 where it is reached, in whatever precision."""
        return max(1.0, *self.misses.values())

    @property
    def reaches(self) -> bool:
        """Whether the level is reached, in whatever precision."""
        return self.miss <= 1.0

    @property
    def steps(self) -> int:
        """The distance to the level."""
        return (
            _missed_steps(self.miss)
            + loss_steps(self.choice.candidate.described, self.policy)
            + self._apart()
            + self.tight
            + self.turn
        )

    def _apart(self) -> int:
        """What it costs that the GPUs of a replica are on several hosts, or work one after the other."""
        each, layout = self.choice.candidate, self.choice.candidate.layout
        steps = STAGES_STEPS if layout.pipeline > layout.hosts else 0
        if layout.hosts == 1:
            return steps
        return steps + (JOINED_STEPS if each.joins_hosts else APART_STEPS)

    @property
    def tight(self) -> bool:
        """Whether the weights fill the card so far that loading them may fail."""
        memory = self.choice.fit.memory
        if self.choice.candidate.described.gguf is not None:
            return False
        return memory.weights_bytes > LOAD_PEAK_SHARE * memory.total_bytes

    @functools.cached_property
    def parts(self) -> t.Tuple[t.Tuple[str, t.Any], ...]:
        """What decides, in its order; smaller is better."""
        each, layout = self.choice.candidate, self.choice.candidate.layout
        between = self.speed.inter_token_s if self.speed else 0.0
        shape = (
            each.support != NATIVE,
            layout.pipeline,
            self.choice.crosses_islands,
            layout.expert,
        )
        return (
            (WHOLE, (bool(each.kind.profile), layout.cuts_over_hosts and not each.joins_hosts)),
            (NEARER, (self.steps, _missed_steps(max(self._room.values())))),
            (GOAL, self._goal()),
            (SIMPLER, (layout.pipeline > layout.hosts, layout.data > 1)),
            (FEWER_GPUS, layout.gpus),
            (FEWER_HOSTS, layout.hosts),
            (PRECISION, self._precision() if self.reaches or self._ordered() else (self.miss, 0.0)),
            (FASTER, _bucket(between, SPEED_STEP)),
            (SIMPLER, shape),
            (LONGER, (-self.choice.fit.context, between)),
            (FIRST, (each.described.order, each.kind.name, each.settings.batched_tokens)),
        )

    @functools.cached_property
    def key(self) -> t.Tuple[t.Any, ...]:
        return tuple(value for _name, value in self.parts)

    def _ordered(self) -> bool:
        return bool(self.policy.quantizations)

    def _precision(self) -> t.Tuple[int, float]:
        """The class, then the bits of a model in GGUF."""
        described = self.choice.candidate.described
        order = self.policy.quantizations if self._ordered() else CLASSES
        return order.index(described.precision), -described.gguf.quant.bits if described.gguf else 0.0

    def _goal(self) -> t.Any:
        """What the goal puts before the hardware."""
        goal, speed = self.policy.goal, self.speed
        own = self._precision() if self._ordered() or goal == QUALITY else (0, 0.0)
        if speed is None or goal not in (LATENCY, THROUGHPUT):
            return own, 0
        if goal == LATENCY:
            return own, _bucket(speed.inter_token_s, LATENCY_STEP)
        return own, -_bucket(speed.tokens_per_s / self.choice.candidate.layout.gpus, SPEED_STEP)


def loss_steps(described: Described, policy: Policy) -> int:
    """What the precision costs, which is nothing in the user's own order, and that nobody has checked its answers."""
    if described.gguf is not None:
        times = 0 if policy.quantizations else 2 if policy.goal == QUALITY else 1
        return times * described.gguf.quant.steps
    unchecked = LOSS_STEPS if described.quantization.on_load else 0
    if policy.quantizations or described.precision == BF16:
        return unchecked
    lowered = 0 if described.precision in (FP8, INT8) else 1
    return unchecked + LOSS_STEPS * (lowered + (policy.goal == QUALITY))


def _missed_steps(factor: float) -> int:
    return 0 if factor <= 1.0 else math.ceil(math.log(factor, DISTANCE_STEP) - 1e-9)


def _bucket(value: float, step: float) -> int:
    """The step of a geometric scale that ``value`` lies on."""
    return math.floor(math.log(value, step)) if value > 0 else 0


def deciding(one: Merit, other: Merit) -> str:
    """The first part of the order in which they differ."""
    return next((name for (name, own), (_same, its) in zip(one.parts, other.parts) if own != its), FIRST)


def ranked(choices: t.Iterable[Choice], policy: Policy, turn: int = 0) -> t.List[Merit]:
    """The preferred one first."""
    return sorted((Merit(choice, policy, turn) for choice in choices), key=lambda each: each.key)
