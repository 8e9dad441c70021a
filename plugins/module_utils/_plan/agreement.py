# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several sites can all serve, and how their plans differ. Pure: no IO."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import (
    Agreed,
    Request,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

Plan = t.Mapping[str, t.Any]
Held = t.Dict[str, t.Any]


def held_variants(ranked: t.Iterable[Choice]) -> t.Tuple[Held, ...]:
    """Each variant that fits, in the order of preference, with the longest context that it gets anywhere."""
    found: t.Dict[t.Tuple[str, str], int] = {}
    for choice in ranked:
        described = choice.candidate.described
        key = (described.repository, described.precision)
        found[key] = max(found.get(key, 0), choice.fit.context)
    return tuple(
        {"variant": variant, "quantization": quantization, "context_tokens": context}
        for (variant, quantization), context in found.items()
    )


def restricted(request: Request, described: t.Sequence[Described]) -> t.Tuple[Request, t.List[Described]]:
    """The request and its variants, narrowed to what the sites have agreed on."""
    agreed = request.agreed
    if agreed is None:
        return request, list(described)
    wanted = (agreed.repository, agreed.quantization)
    same = [each for each in described if (each.repository, each.precision) == wanted]
    policy = replace(request.policy, context_tokens=agreed.context_tokens)
    return replace(request, policy=policy, wished=request.policy), same


def common(holds: t.Sequence[t.Sequence[Plan]]) -> t.Optional[Agreed]:
    """The variant that all sites hold and that the site which likes it least likes best, with the shortest
    of their contexts; None where there is none.
    """
    ranks = [
        {
            (each["variant"], each["quantization"]): (place, each["context_tokens"])
            for place, each in enumerate(site)
        }
        for site in holds
    ]
    shared = set.intersection(*(set(site) for site in ranks)) if ranks else set()
    if not shared:
        return None
    best = min(shared, key=lambda key: (max(site[key][0] for site in ranks), key))
    return Agreed(*best, min(site[best][1] for site in ranks))


def differences(plans: t.Sequence[Plan]) -> t.List[str]:
    """Where plans of one name on several sites differ in what clients notice, a line each."""
    lines = []
    for name in sorted({plan["name"] for plan in plans}):
        same_name = [plan for plan in plans if plan["name"] == name]
        served: t.Dict[t.Tuple[str, str, int], t.List[str]] = {}
        for plan in same_name:
            variant = plan["variant"]
            key = (variant["repository"], variant["quantization"], plan["context_tokens"])
            served.setdefault(key, []).append(plan["site"])
        if len(served) > 1:
            words = ["%s in %s with %d tokens on %s" % (*key, ", ".join(at)) for key, at in served.items()]
            lines.append(
                "%s is not the same everywhere: %s; uniform: true plans the best that all can hold"
                % (name, "; ".join(words))
            )
    return lines
