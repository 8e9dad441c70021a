# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the places that fit the replicas take."""

from __future__ import annotations

import heapq
import itertools
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fleet import Place
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Slot

# (slots that come before it on the host, usable memory as a negative, host)
Order = t.Tuple[int, int, str]
Ranked = t.Tuple[Order, t.Tuple[Slot, ...]]


def capacity(places: t.Iterable[Place], hosts: int = 1) -> int:
    """How many replicas have a place, each on ``hosts`` hosts.

    GPUStack runs one distributed instance on a worker, so that a host counts once where there are several.
    """
    return sum(_counting(place, hosts) for place in places) // hosts


def _counting(place: Place, hosts: int) -> int:
    """How many slots a place has for a part of a replica on ``hosts`` hosts."""
    return len(place.shape.members) if hosts == 1 or not place.turn else 0


def roomiest(places: t.Sequence[Place], replicas: int, hosts: int = 1) -> t.List[Place]:
    """The emptiest of the places, down to the size of room at which ``replicas`` of ``hosts`` hosts each fit."""
    held, least = 0, 0
    for place in sorted(places, key=lambda each: -each.room.usable_bytes):
        if held >= replicas * hosts and place.room.usable_bytes < least:
            break
        held += _counting(place, hosts)
        least = place.room.usable_bytes
    return [place for place in places if place.room.usable_bytes >= least]


def spread(places: t.Sequence[Place], replicas: int, hosts: int = 1) -> t.List[Slot]:
    """The slots of ``replicas``, each of one slot on each of ``hosts`` hosts.

    One replica of each failure domain before the second of any, within a domain one of each host before
    the second of any; the emptiest first, then by name. The hosts of a replica are of one domain, which
    stands for one rack and its switch, unless only some of several domains are left.
    """
    by_domain: t.Dict[str, t.List[Place]] = {}
    for place in places:
        if hosts == 1 or not place.turn:
            by_domain.setdefault(place.shape.domain, []).append(place)
    queues, left = [], t.cast("t.List[Ranked]", [])
    for own in by_domain.values():
        ordered = itertools.islice(_in_order(own, replicas * hosts), replicas * hosts)
        groups, rest = _grouped(list(ordered), hosts)
        queues.append(groups)
        left += rest
    rounds = (sorted(filter(None, each), key=_order) for each in itertools.zip_longest(*queues))
    mixed, _rest = _grouped(sorted(left, key=_order), hosts)
    chosen = itertools.islice(itertools.chain(*rounds, mixed), replicas)
    return [
        Slot(slot.host, slot.gpus, slot.room, number)
        for number, (_first, slots) in enumerate(chosen)
        for slot in slots
    ]


def _order(entry: Ranked) -> Order:
    return entry[0]


def _grouped(entries: t.Sequence[Ranked], hosts: int) -> t.Tuple[t.List[Ranked], t.List[Ranked]]:
    """Entries of one host each, joined by as many as a replica takes, and those that are left over."""
    whole = len(entries) - len(entries) % hosts
    groups = [entries[start : start + hosts] for start in range(0, whole, hosts)]
    joined = [(each[-1][0], tuple(slot for _first, own in each for slot in own)) for each in groups]
    return joined, list(entries[whole:])


def _in_order(places: t.Sequence[Place], most: int) -> t.Iterator[Ranked]:
    """The slots of one domain, best first, without sorting hosts that are not needed."""
    groups: t.Dict[t.Tuple[int, int], t.List[Place]] = {}
    for place in places:
        groups.setdefault((place.turn, -place.room.usable_bytes), []).append(place)
    for turn, negative in sorted(groups):
        hosts = heapq.merge(*map(_slots, groups[turn, negative]), key=_host)
        for slot in itertools.islice(hosts, most):
            yield (turn, negative, slot.host), (slot,)


def _slots(place: Place) -> t.Iterator[Slot]:
    """One of each host, in the order of the hosts."""
    for host, gpus in place.shape.members:
        taken = sorted((gpus[each] for each in place.slot), key=lambda gpu: (gpu.index, gpu.uuid))
        yield Slot(host, tuple(taken), place.room)


def _host(slot: Slot) -> str:
    return slot.host
