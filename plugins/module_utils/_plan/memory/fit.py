# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does it fit, and how long a context does it allow. Closed form."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import Budget
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import KvCache
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

    def needs(self, tokens: int, requests: int) -> int:
        """Bytes of one GPU for so many requests, where none is longer than ``tokens``."""
        asked = self.overhead.context_bytes(tokens) + requests * self.cache.request_bytes(tokens)
        return self.fixed_bytes + asked


@dataclass(frozen=True)
class Target:
    """What is wanted: ``concurrency`` requests of ``context`` tokens, or of at least ``minimum``.

    ``snug``: with no more memory than that takes.
    """

    context: t.Optional[int]
    minimum: int
    concurrency: int
    snug: bool = False

    @property
    def least(self) -> int:
        return self.minimum if self.context is None else self.context


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
    """The longest context within the comfortable budget, or the wanted one within the limit."""
    # Encoders have no cache: the context costs nothing, and there is nothing to fill with the rest.
    cacheless = not load.cache.request_bytes(load.position_limit)
    whole = cacheless and target.context is None
    least = load.position_limit if whole else min(target.least, load.position_limit)
    needed = load.needs(least, target.concurrency)
    loading = load.peak_bytes + load.overhead.runtime_bytes
    if loading > room.usable_bytes:
        return Shortage(loading, room.usable_bytes)
    if not budget.starts:
        return Shortage(budget.bytes_at(budget.limit), budget.bytes_at(budget.startable or 0), True)
    permille = max(0 if target.snug or cacheless else budget.comfortable, budget.permille_for(needed))
    if permille > budget.limit:
        return Shortage(needed, max(0, budget.bytes_at(budget.limit)))
    context = least
    if target.context is None and permille == budget.comfortable:
        context = max(least, longest(load, budget, permille, target.concurrency))
    return Fit(context, permille, account(load, room, budget, permille, context))


def longest(load: Load, budget: Budget, permille: int, concurrency: int) -> int:
    """The longest context in tokens for ``concurrency`` requests at a fraction; 0 for none."""
    for_cache = max(0, budget.bytes_at(permille) - load.fixed_bytes)
    overhead = load.overhead
    tokens = load.cache.longest(for_cache // concurrency, load.position_limit)
    if not overhead.context_bytes(tokens):
        return tokens
    # Every request pays its share of the buffer, which begins in a workspace that is there anyhow.
    share = load.cache.growing_bytes + overhead.per_context_token / concurrency
    sharing = replace(load.cache, growing_bytes=share)
    return sharing.longest((for_cache + overhead.workspace_bytes) // concurrency, load.position_limit)


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
