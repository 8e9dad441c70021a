# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does it fit, and how long a context does it allow. Closed form."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ESTIMATED,
    round_down,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import Budget
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import (
    CONTEXT_STEP_TOKENS,
    KvCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import Overhead


@dataclass(frozen=True)
class Load:
    """What one GPU must hold, whatever the context. ``position_limit`` in tokens.

    ``peak_bytes``: weights while they load, where those are more than afterwards.
    """

    weights_bytes: int
    overhead: Overhead
    cache: KvCache
    position_limit: int
    peak_bytes: int = 0

    @property
    def fixed_bytes(self) -> int:
        return self.weights_bytes + self.overhead.total_bytes

    def needs(self, longest: int, requests: int, usual: int) -> int:
        """Bytes of one GPU whose cache holds one request of ``longest`` tokens, or ``requests`` usual ones."""
        together = self.cache.requests_bytes(requests, min(usual, longest))
        pool = max(self.cache.request_bytes(longest), together)
        return self.fixed_bytes + self.overhead.context_bytes(longest) + pool


@dataclass(frozen=True)
class Target:
    """What one GPU's cache has to hold, and what it should.

    One request of ``context`` tokens, or of ``minimum`` where that is left open, has to have its room.
    ``concurrency`` requests of ``usual`` tokens and a longest one of ``useful`` are aimed at: what misses them
    fits still, for engines let requests wait. ``snug``: with no more memory than the aim takes.
    """

    context: t.Optional[int]
    minimum: int
    concurrency: int
    usual: int = 0
    useful: int = 0
    snug: bool = False

    @property
    def least(self) -> int:
        return self.minimum if self.context is None else self.context

    @property
    def aim(self) -> int:
        return max(self.least, self.useful if self.context is None else 0)


@dataclass(frozen=True)
class Memory:
    """Where the bytes of the tightest GPU go. The parts and ``left_bytes`` sum up to what is usable."""

    total_bytes: int
    free_bytes: int
    credited_bytes: int
    weights_bytes: int
    activation_bytes: int
    runtime_bytes: int
    cuda_graphs_bytes: int
    kv_cache_bytes: int
    left_bytes: int
    kv_bytes_per_token: int
    kv_cache_tokens: int


# Where the parts of an account come from that are calculated here.
EVIDENCE: t.Mapping[str, str] = dict.fromkeys(
    ("activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes", "left_bytes"), ESTIMATED
)


@dataclass(frozen=True)
class Fit:
    """It fits: the longest context in tokens, and the engine's fraction in thousandths."""

    context: int
    permille: int
    memory: Memory


@dataclass(frozen=True)
class Shortage:
    """It does not fit: what one GPU needs for the least that is wanted, and what it has.

    ``of_fraction``: it is the user's own fraction that takes more than there is.
    """

    needs_bytes: int
    has_bytes: int
    of_fraction: bool = False


def solve(load: Load, room: Room, budget: Budget, target: Target) -> t.Union[Fit, Shortage]:
    """The fraction that the aim takes, at least the comfortable one, and the longest context that it allows.

    Where the aim is out of reach: all that the limit gives.
    """
    # Encoders have no cache: the context costs nothing, and there is nothing to fill with the rest.
    cacheless = not load.cache.request_bytes(load.position_limit)
    whole = cacheless and target.context is None
    least = load.position_limit if whole else min(target.least, load.position_limit)
    needed = load.needs(least, 1, least)
    loading = load.peak_bytes + load.overhead.runtime_bytes
    if loading > room.usable_bytes:
        return Shortage(loading, room.usable_bytes)
    if not budget.starts:
        return Shortage(budget.bytes_at(budget.limit), budget.bytes_at(budget.startable or 0), True)
    if budget.permille_for(needed) > budget.limit:
        return Shortage(needed, max(0, budget.bytes_at(budget.limit)))
    usual = target.usual or min(target.least, target.minimum)
    aimed = max(needed, load.needs(min(target.aim, load.position_limit), target.concurrency, usual))
    comfortable = 0 if target.snug or cacheless else budget.comfortable
    wished = max(comfortable, budget.permille_for(aimed))
    permille = max(budget.permille_for(needed), min(wished, budget.limit))
    context = least
    if target.context is None and not cacheless:
        # What rounding up the fraction to thousandths gives is no longer context: more memory would take it away.
        size = min(budget.bytes_at(permille), max(aimed, budget.bytes_at(comfortable)))
        context = max(least, longest(load, size, target.concurrency, usual))
    return Fit(context, permille, account(load, room, budget, permille, context))


def longest(load: Load, size_bytes: int, concurrency: int, usual: int) -> int:
    """The longest context in tokens within ``size_bytes`` of one GPU; 0 for none.

    A buffer for the longest context leaves ``concurrency`` requests of ``usual`` tokens their room, where
    they have it without.
    """
    for_cache = max(0, size_bytes - load.fixed_bytes)
    overhead = load.overhead
    tokens = load.cache.longest(for_cache, load.position_limit)
    if not overhead.context_bytes(tokens):
        return tokens
    # The buffer begins in a workspace that is there anyhow.
    growing = replace(load.cache, growing_bytes=load.cache.growing_bytes + overhead.per_context_token)
    tokens = growing.longest(for_cache + overhead.workspace_bytes, load.position_limit)
    left = for_cache - load.cache.requests_bytes(concurrency, min(usual, load.position_limit))
    if left < 0:
        return tokens
    allowed = (left + overhead.workspace_bytes) // overhead.per_context_token
    return tokens if tokens <= allowed else round_down(allowed, CONTEXT_STEP_TOKENS)


def account(load: Load, room: Room, budget: Budget, permille: int, context: int) -> Memory:
    """Where the memory goes at a fraction, and how many tokens the pool holds at ``context``."""
    taken = min(budget.bytes_at(permille), room.usable_bytes)
    buffers = load.overhead.context_bytes(context)
    pool = max(0, taken - load.fixed_bytes - buffers)
    request = load.cache.request_bytes(context)
    return Memory(
        total_bytes=room.total_bytes,
        free_bytes=room.free_bytes,
        credited_bytes=room.credited_bytes,
        weights_bytes=load.weights_bytes,
        activation_bytes=load.overhead.activation_bytes + buffers,
        runtime_bytes=load.overhead.runtime_bytes,
        cuda_graphs_bytes=load.overhead.graphs_bytes,
        kv_cache_bytes=pool,
        left_bytes=room.usable_bytes - load.fixed_bytes - buffers - pool,
        kv_bytes_per_token=int(round(load.cache.bytes_per_token(context))),
        kv_cache_tokens=pool * context // request if request else 0,
    )


def with_cache(fit: Fit, cache: KvCache, pool: int) -> Fit:
    """``fit`` with a pool of ``pool`` bytes, which the user fixed; ``left_bytes`` is below 0 where it has no room."""
    memory, request = fit.memory, cache.request_bytes(fit.context)
    return replace(
        fit,
        memory=replace(
            memory,
            kv_cache_bytes=pool,
            left_bytes=memory.left_bytes + memory.kv_cache_bytes - pool,
            kv_cache_tokens=pool * fit.context // request if request else 0,
        ),
    )
