# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What providers take, read from models.dev's form when it is asked for.

Most searches look at no price, and reading all of them would be a quarter of parsing a catalog.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import fields
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.fields import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    Price,
    Rates,
    Tier,
)


class Prices(t.Sequence[Price]):
    """Prices of (provider, ``cost`` as models.dev has it); equal to a sequence of the same prices."""

    def __init__(self, costs: t.Sequence[t.Sequence[t.Any]]) -> None:
        self.costs = costs
        self._read: t.Optional[t.Tuple[Price, ...]] = None

    @t.overload
    def __getitem__(self, place: int) -> Price: ...

    @t.overload
    def __getitem__(self, place: slice) -> t.Tuple[Price, ...]: ...

    def __getitem__(self, place: t.Union[int, slice]) -> t.Union[Price, t.Tuple[Price, ...]]:
        return self._all()[place]

    def __len__(self) -> int:
        return len(self.costs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, t.Sequence) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> t.Tuple[Price, ...]:
        if self._read is None:
            self._read = tuple(_price(provider, fields.entry(cost)) for provider, cost in self.costs)
        return self._read


def _price(provider: str, cost: Entry) -> Price:
    tiers = [
        Tier(size, _rates(item))
        for item, size in map(_tier, fields.entries(cost.get("tiers")))
        if size is not None
    ]
    older = fields.entry(cost.get("context_over_200k"))
    if older and not tiers:
        tiers = [Tier(200_000, _rates(older))]
    tiers.sort(key=lambda tier: tier.above_tokens)
    return Price(provider, _rates(cost), tuple(tiers))


def _tier(item: Entry) -> t.Tuple[Entry, t.Optional[int]]:
    condition = fields.entry(item.get("tier"))
    return item, fields.count(condition.get("size")) if condition.get("type") == "context" else None


def _rates(cost: Entry) -> Rates:
    return Rates(
        fields.number(cost.get("input")),
        fields.number(cost.get("output")),
        fields.number(cost.get("reasoning")),
        fields.number(cost.get("cache_read")),
        fields.number(cost.get("cache_write")),
    )
