# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: the GPUs of many hosts, equal hosts together, and places for replicas.

Hosts whose cards of a kind have the same memory free, in the same link islands, are of one shape: what
fits on one fits on all, so that a fleet costs what its shapes cost.
"""

from __future__ import annotations

import heapq
import itertools
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import (
    Claims,
    Gpu,
    Host,
    Room,
    Slot,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import GIB

Kind = t.Tuple[t.Any, ...]
Member = t.Tuple[str, t.Tuple[Gpu, ...]]
# (replicas already on the host, memory that the place leaves unused as a negative, host)
Order = t.Tuple[int, int, str]


@dataclass(frozen=True)
class Shape:
    """Hosts of one failure domain with equal cards. Their GPUs are in the order in which replicas take
    them: the emptiest first, and those that share fast links next to each other.
    """

    domain: str
    rooms: t.Tuple[Room, ...]
    members: t.List[Member]

    def starts(self, size: int) -> range:
        """Where each slot of ``size`` GPUs begins."""
        return range(0, len(self.rooms) - size + 1, size)

    def room(self, start: int, size: int) -> Room:
        """The tightest room of the slot that begins at ``start``."""
        return min(self.rooms[start : start + size], key=lambda room: room.usable_bytes)


class Place(t.NamedTuple):
    """A slot on every member of a shape. ``turn``: how many slots of a member come before it."""

    shape: Shape
    start: int
    turn: int
    room: Room


class Fleet:
    """All usable GPUs of a site by kind."""

    def __init__(self, hosts: t.Iterable[Host], claims: Claims) -> None:
        self._claims = claims
        self._rooms: t.Dict[t.Tuple[int, ...], Room] = {}
        self._shapes: t.Dict[Kind, t.Dict[t.Tuple[t.Any, ...], Shape]] = {}
        self._kinds: t.Dict[Kind, t.Tuple[Gpu, int]] = {}
        for host in sorted(hosts, key=lambda each: each.name):
            self._add(host)

    def _add(self, host: Host) -> None:
        groups: t.Dict[Kind, t.List[Gpu]] = {}
        for gpu in host.gpus:
            groups.setdefault(gpu.kind, []).append(gpu)
        for kind, gpus in groups.items():
            known = self._kinds.get(kind)
            if known is None or known[1] < len(gpus):
                self._kinds[kind] = (known[0] if known else gpus[0], len(gpus))
            ordered = sorted(((self._room(gpu), gpu) for gpu in gpus), key=_taking_order)
            rooms = tuple(room for room, _gpu in ordered)
            key = (host.domain, tuple(gpu.island for _room, gpu in ordered), *rooms)
            shapes = self._shapes.setdefault(kind, {})
            if key not in shapes:
                shapes[key] = Shape(host.domain, rooms, [])
            shapes[key].members.append((host.name, tuple(gpu for _room, gpu in ordered)))

    def _room(self, gpu: Gpu) -> Room:
        """Equal rooms are one object, so that comparing shapes is cheap."""
        own, others = self._claims.own.get(gpu.uuid, 0), self._claims.others.get(gpu.uuid, 0)
        key = (gpu.total_bytes, gpu.reserved_bytes, gpu.used_bytes, gpu.free_bytes, own, others)
        found = self._rooms.get(key)
        if found is None:
            found = self._rooms[key] = room_of(gpu, self._claims)
        return found

    def signature(self) -> t.Tuple[t.Any, ...]:
        """Equal for sites on which the same is possible, whatever their hosts are called."""
        return tuple(
            (kind, frozenset((each.domain, each.rooms, len(each.members)) for each in shapes.values()))
            for kind, shapes in sorted(self._shapes.items(), key=lambda entry: str(entry[0]))
        )

    def kinds(self) -> t.List[t.Tuple[Gpu, int]]:
        """One GPU of each kind, and how many of it the fullest host has."""
        return list(self._kinds.values())

    def emptiest(self, kind: Gpu) -> Room:
        """The room of the GPU of this kind with the most usable memory."""
        rooms = (room for shape in self._of(kind) for room in shape.rooms)
        return max(rooms, key=lambda room: room.usable_bytes)

    def places(self, size: int, kind: Gpu) -> t.List[Place]:
        """The slots of ``size`` GPUs, each once for all hosts of its shape."""
        return [
            Place(shape, start, turn, shape.room(start, size))
            for shape in self._of(kind)
            for turn, start in enumerate(shape.starts(size))
        ]

    def _of(self, kind: Gpu) -> t.Iterable[Shape]:
        return self._shapes.get(kind.kind, {}).values()


def _taking_order(pair: t.Tuple[Room, Gpu]) -> t.Tuple[int, int, int]:
    room, gpu = pair
    return (-(room.usable_bytes // GIB), gpu.island, gpu.index)


def capacity(places: t.Iterable[Place]) -> int:
    """How many replicas have a place."""
    return sum(len(place.shape.members) for place in places)


def spread(places: t.Sequence[Place], size: int, replicas: int) -> t.List[Slot]:
    """``replicas`` slots: one of each failure domain before the second of any, within a domain one of
    each host before the second of any; the emptiest first, then by name.
    """
    by_domain: t.Dict[str, t.List[Place]] = {}
    for place in places:
        by_domain.setdefault(place.shape.domain, []).append(place)
    queues = [_in_order(own, size, replicas) for own in by_domain.values()]
    rounds = itertools.zip_longest(*queues)
    ordered = itertools.chain.from_iterable(
        sorted((entry for entry in entries if entry is not None), key=lambda entry: entry[0])
        for entries in rounds
    )
    return [slot for _order, slot in itertools.islice(ordered, replicas)]


def _in_order(places: t.Sequence[Place], size: int, most: int) -> t.Iterator[t.Tuple[Order, Slot]]:
    """The slots of one domain, best first, without sorting hosts that are not needed."""
    groups: t.Dict[t.Tuple[int, int], t.List[Place]] = {}
    for place in places:
        groups.setdefault((place.turn, -place.room.usable_bytes), []).append(place)
    for turn, negative in sorted(groups):
        entries = (
            (host, place, gpus) for place in groups[turn, negative] for host, gpus in place.shape.members
        )
        for host, place, gpus in heapq.nsmallest(most, entries, key=lambda entry: entry[0]):
            taken = sorted(gpus[place.start : place.start + size], key=lambda gpu: gpu.index)
            yield (turn, negative, host), Slot(host, tuple(taken), place.room)
