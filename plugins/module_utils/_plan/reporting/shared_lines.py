# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several models on the same hosts share, and what all of them leave idle."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host

Plan = t.Mapping[str, t.Any]
_Card = t.Tuple[str, t.Any]

# Of the cards with one reason, so many are named.
NAMED_CARDS = 4


def shared_lines(plans: t.Sequence[Plan], why: str) -> t.List[str]:
    """One line for each set of models that share cards: which, how much each takes of one, and ``why``."""
    users: t.Dict[_Card, t.List[Plan]] = {}
    for plan in plans:
        for card in _cards(plan):
            users.setdefault(card, []).append(plan)
    groups: t.Dict[t.Tuple[str, ...], t.List[_Card]] = {}
    for card, own in users.items():
        if len(own) > 1:
            groups.setdefault(tuple(str(plan["name"]) for plan in own), []).append(card)
    by_name = {str(plan["name"]): plan for plan in plans}
    return [
        "  shared      %s: %s; %s"
        % (_named(cards), " and ".join(_share(by_name[name]) for name in names), why)
        for names, cards in groups.items()
    ]


def left_lines(plans: t.Sequence[Plan], hosts: t.Sequence[Host], missed: bool) -> t.List[str]:
    """What none of the models takes, by kind of card; ``missed``: whether one of them misses its level."""
    taken = {card for plan in plans for card in _cards(plan)}
    counts: t.Dict[str, int] = {}
    for name in (gpu.name for host in hosts for gpu in host.gpus if (host.name, gpu.index) not in taken):
        counts[name] = counts.get(name, 0) + 1
    reason = (
        "no model was found to come nearer to its level with them"
        if missed
        else "all models reach their levels without them; more replicas would use them"
    )
    return ["  idle        %d x %s: %s" % (count, name, reason) for name, count in sorted(counts.items())]


def _cards(plan: Plan) -> t.Iterator[_Card]:
    for place in plan["placement"]:
        for gpu in place["gpus"]:
            yield place["host"], gpu["index"]


def _share(plan: Plan) -> str:
    memory = plan["memory"] or {}
    if "left_bytes" not in memory:
        return str(plan["name"])
    parts = ("weights_bytes", "activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes")
    taken = sum(memory[part] for part in parts)
    return "%s with %.1f of %.1f GiB" % (plan["name"], taken / GIB, memory["total_bytes"] / GIB)


def _named(cards: t.Sequence[_Card]) -> str:
    text = ", ".join("%s GPU %s" % card for card in cards[:NAMED_CARDS])
    more = len(cards) - NAMED_CARDS
    return "%s and %d more" % (text, more) if more > 0 else text
