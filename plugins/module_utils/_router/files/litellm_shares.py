# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How LiteLLM shares the requests for one name among its backends.

Only its default strategy, simple-shuffle, looks at weights. Of the backends with the lowest order it takes one by
chance, in proportion to the first of weight, rpm and tpm that anybody has above 0; a backend without it counts 0.
Where nobody has one, all get the same.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Conflict
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import is_number

Data = t.Mapping[str, t.Any]

DEFAULT_STRATEGY = "simple-shuffle"
_METRICS = ("weight", "rpm", "tpm")
_ALL = 100
_MAY_NOT_FILL = (
    "Set group_weights to fill to give the others a weight, give each of them one first, or leave weight out."
)
_CANNOT_FILL = "Give this route and each other backend of the name a weight; fill needs a sum below 100."


def order_of(row: Data) -> t.Optional[int]:
    """The place among fallbacks; None where the backend has none."""
    found = _parameters(row).get("order")
    if found is None:
        found = (row.get("model_info") or {}).get("order")
    return found if isinstance(found, int) else None


def weight_of(row: Data) -> t.Optional[float]:
    """The weight of a backend; None where it has none that is a number."""
    found = _parameters(row).get("weight")
    return found if is_number(found) else None


def shares(rows: t.Sequence[Data]) -> t.List[float]:
    """The part of the requests, from 0 to 1, that each backend of one name gets while all are healthy."""
    orders = [order_of(row) for row in rows]
    first = min((order for order in orders if order is not None), default=None)
    values = [0.0] * len(rows)
    asked = [place for place, order in enumerate(orders) if order == first]
    for metric in _METRICS:
        found = [_parameters(rows[place]).get(metric) for place in asked]
        numbers = [float(t.cast(float, value)) if is_number(value) else 0.0 for value in found]
        if max(numbers, default=0.0) > 0:
            break
    else:
        numbers = [1.0] * len(asked)
    total = sum(numbers)
    for place, number in zip(asked, numbers):
        values[place] = number / total
    return values


def objection(rows: t.Sequence[Data], place: int) -> t.Optional[str]:
    """Why the weights of one name do not say what they seem to, from the backend at ``place``; None if they do."""
    weights = [weight_of(rows[each]) for each in _tier(rows, place)]
    without = weights.count(None)
    if len(weights) == 1 or without == len(weights):
        return None
    if without and any(weights):
        return "%d of %d backends have no weight, and those get no request while another has one" % (
            without,
            len(weights),
        )
    if not any(weights):
        return "no backend has a weight above 0, so that each gets the same share, also one of weight 0"
    return None


def filled(rows: t.Sequence[Data], place: int) -> t.Optional[t.Dict[int, int]]:
    """Weights for the others that have none: equal parts of what is left up to 100; None where nothing is."""
    tier = _tier(rows, place)
    without = [each for each in tier if each != place and weight_of(rows[each]) is None]
    left = _ALL - sum(weight_of(rows[each]) or 0 for each in tier)
    if weight_of(rows[place]) is None or (without and left < len(without)):
        return None
    return {each: round(left / len(without)) for each in without}


def settled(
    rows: t.Sequence[Data], place: int, fills: bool, fillable: t.Callable[[int], bool], name: str
) -> t.Dict[int, int]:
    """The weights that others need, by their place, so that each gets the share that its weight says.

    Raises Conflict where that cannot be or, without ``fills``, may not be.
    """
    problem = objection(rows, place)
    if problem is None:
        return {}
    weights = (filled(rows, place) if fills else None) or {}
    after = [_weighted(row, weights[each]) if each in weights else row for each, row in enumerate(rows)]
    if not weights or not all(map(fillable, weights)) or objection(after, place) is not None:
        raise Conflict(
            "the backends of %s would not share the requests as their weights say: %s" % (name, problem),
            hint=_CANNOT_FILL if fills else _MAY_NOT_FILL,
        )
    return weights


def _weighted(row: Data, weight: int) -> Data:
    return dict(row, litellm_params=dict(_parameters(row), weight=weight))


def remarks(rows: t.Sequence[Data], strategy: t.Optional[str], name: str) -> t.List[str]:
    """What is to be said of the weights of one name; of an unknown strategy (None) nothing."""
    if strategy is None or all(weight_of(row) is None for row in rows):
        return []
    if strategy != DEFAULT_STRATEGY:
        return ["the routing strategy %s ignores weights; only simple-shuffle uses them" % strategy]
    if len(rows) == 1 and weight_of(rows[0]) == 0:
        return ["the only backend of %s gets all requests in spite of its weight of 0" % name]
    problems = {objection(rows, place) for place in range(len(rows))}
    return sorted(problem for problem in problems if problem is not None)


def strategy_of(settings: t.Any, name: str) -> str:
    """The strategy that chooses a backend of this name, from LiteLLM's router_settings."""
    settings = settings if isinstance(settings, dict) else {}
    groups = settings.get("routing_groups")
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict) and name in (group.get("models") or ()):
            return str(group.get("routing_strategy") or DEFAULT_STRATEGY)
    return str(settings.get("routing_strategy") or DEFAULT_STRATEGY)


def alias_of(settings: t.Any, name: str) -> t.Optional[str]:
    """The other name to which LiteLLM sends all requests for this one; None where it does not."""
    aliases = settings.get("model_group_alias") if isinstance(settings, dict) else None
    target = aliases.get(name) if isinstance(aliases, dict) else None
    target = target.get("model") if isinstance(target, dict) else target
    return target if isinstance(target, str) and target != name else None


def _tier(rows: t.Sequence[Data], place: int) -> t.List[int]:
    """The places of the backends that are asked at the same time as this one."""
    return [each for each, row in enumerate(rows) if order_of(row) == order_of(rows[place])]


def _parameters(row: Data) -> Data:
    found = row.get("litellm_params")
    return found if isinstance(found, dict) else {}
