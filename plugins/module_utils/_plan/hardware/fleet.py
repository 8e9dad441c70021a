# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The GPUs of many hosts, equal hosts together, and the places on them.

Hosts whose cards of a kind have the same memory free, in the same link islands, are of one shape: what
fits on one fits on all, so that a fleet costs what its shapes cost.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Gpu,
    Host,
    Room,
    room_of,
)

Kind = t.Tuple[t.Any, ...]
Member = t.Tuple[str, t.Tuple[Gpu, ...]]

# Which GPUs of a host make a group: of one island of fast links alone, these first, or the emptiest of all.
WAYS = JOINED_ONLY, JOINED_FIRST, BY_MEMORY = 0, 1, 2

# Free memory that differs by less is the same.
STEP_BYTES = GIB // 16


@dataclass(frozen=True)
class Shape:
    """Hosts of one failure domain with equal cards. Their GPUs are in the order in which replicas take
    them: the emptiest first, and those that share fast links next to each other. ``members`` are in the
    order of their names.
    """

    domain: str
    rooms: t.Tuple[Room, ...]
    islands: t.Tuple[int, ...]
    members: t.List[Member]

    def slots(self, size: int, way: int) -> t.List[t.Tuple[int, ...]]:
        """Places of the GPUs of each slot in one of WAYS, the emptiest slot first.

        Each slot has the most memory that the slots of its rank could have, so that memory which becomes free
        makes none of them smaller.
        """
        if way == BY_MEMORY:
            return _chunks(self._emptiest(range(len(self.rooms))), size)
        joined: t.List[t.Tuple[int, ...]] = []
        rest: t.List[int] = []
        for island in dict.fromkeys(self.islands):
            own = self._emptiest(place for place, each in enumerate(self.islands) if each == island)
            joined += _chunks(own, size)
            rest += own[len(own) - len(own) % size :]
        crossing = _chunks(self._emptiest(rest), size) if way == JOINED_FIRST else []
        return sorted(joined + crossing, key=lambda slot: -self.room(slot).usable_bytes)

    def _emptiest(self, places: t.Iterable[int]) -> t.List[int]:
        """The emptiest first; by their places where the difference is nothing."""
        return sorted(places, key=lambda place: (-(self.rooms[place].usable_bytes // STEP_BYTES), place))

    def room(self, slot: t.Iterable[int]) -> Room:
        """The tightest room of a slot."""
        return min((self.rooms[place] for place in slot), key=lambda room: room.usable_bytes)


class Place(t.NamedTuple):
    """A slot on every member of a shape. ``turn``: how many slots of a member come before it."""

    shape: Shape
    slot: t.Tuple[int, ...]
    turn: int
    room: Room


class Fleet:
    """All usable GPUs of a site by kind."""

    def __init__(self, hosts: t.Iterable[Host], claims: Claims) -> None:
        self._claims = claims
        self._rooms: t.Dict[t.Tuple[int, ...], Room] = {}
        self._shapes: t.Dict[Kind, t.Dict[t.Tuple[t.Any, ...], Shape]] = {}
        self._kinds: t.Dict[Kind, t.Tuple[Gpu, int]] = {}
        self._places: t.Dict[t.Tuple[Kind, int, int], t.List[Place]] = {}
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
            islands = tuple(gpu.island for _room, gpu in ordered)
            key = (host.domain, islands, *rooms)
            shapes = self._shapes.setdefault(kind, {})
            if key not in shapes:
                shapes[key] = Shape(host.domain, rooms, islands, [])
            shapes[key].members.append((host.name, tuple(gpu for _room, gpu in ordered)))

    def _room(self, gpu: Gpu) -> Room:
        """Equal rooms are one object, so that comparing shapes is cheap."""
        held = (
            each.get(gpu.uuid, 0) for each in (self._claims.own, self._claims.others, self._claims.planned)
        )
        key = (gpu.total_bytes, gpu.reserved_bytes, gpu.used_bytes, gpu.free_bytes, gpu.unified, *held)
        found = self._rooms.get(key)
        if found is None:
            found = self._rooms[key] = room_of(gpu, self._claims)
        return found

    def signature(self) -> t.Tuple[t.Any, ...]:
        """Equal for sites on which the same is possible, whatever their hosts are called."""
        return tuple(
            (
                kind,
                frozenset(
                    (each.domain, each.rooms, each.islands, len(each.members)) for each in shapes.values()
                ),
            )
            for kind, shapes in sorted(self._shapes.items(), key=lambda entry: str(entry[0]))
        )

    def kinds(self) -> t.List[t.Tuple[Gpu, int]]:
        """One GPU of each kind, and how many of it the fullest host has; of slices of a card 1."""
        return [(gpu, 1 if gpu.profile else count) for gpu, count in self._kinds.values()]

    def emptiest(self, kind: Gpu) -> Room:
        """The room of the GPU of this kind with the most usable memory."""
        rooms = (room for shape in self._of(kind) for room in shape.rooms)
        return max(rooms, key=lambda room: room.usable_bytes)

    def hosts_with(self, size: int, kind: Gpu) -> int:
        """How many hosts have at least ``size`` GPUs of this kind."""
        return sum(len(shape.members) for shape in self._of(kind) if len(shape.rooms) >= size)

    def places(self, size: int, kind: Gpu, way: int = JOINED_FIRST) -> t.List[Place]:
        """The slots of ``size`` GPUs in one of WAYS, each once for all hosts of its shape."""
        key = (kind.kind, size, way)
        if key not in self._places:
            self._places[key] = [
                Place(shape, slot, turn, shape.room(slot))
                for shape in self._of(kind)
                for turn, slot in enumerate(shape.slots(size, way))
            ]
        return self._places[key]

    def _of(self, kind: Gpu) -> t.Iterable[Shape]:
        return self._shapes.get(kind.kind, {}).values()


def _taking_order(pair: t.Tuple[Room, Gpu]) -> t.Tuple[int, int, int, str]:
    room, gpu = pair
    return (-(room.usable_bytes // GIB), gpu.island, gpu.index, gpu.uuid)


def _chunks(places: t.Sequence[int], size: int) -> t.List[t.Tuple[int, ...]]:
    """Whole groups of ``size``; what is left over makes none."""
    whole = len(places) - len(places) % size
    return [tuple(places[start : start + size]) for start in range(0, whole, size)]
