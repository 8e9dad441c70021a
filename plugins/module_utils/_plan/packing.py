# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several models on the same GPUs, without overlap.

The largest model is placed first, as bins are packed; each takes away what its plan claims. Every model
gets all that an engine likes to have, unless they do not all fit so or one of them misses its service level:
then it is tried to give each only what its level takes, or a share of that, so that they may share cards, and
the packing that comes nearest to all levels is taken. What was lowered in it is raised again one by one, as
far as the memory that is left goes. A model that finds no place is placed before all others, which may then
take fewer cards or a smaller format.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import own_uuid
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.shared_lines import (
    left_lines,
    shared_lines,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import (
    describe_all,
)

# Shares of the service level that each model gets memory for; 0: each as if it were alone on its cards.
SHARES = (0.0, 1.0, 0.5, 0.25)
# Orders of packing that are tried with each share.
MOST_ORDERS = 4


def make_plans(requests: t.Sequence[Request]) -> Outcome:
    """Plans of all requests, in their order, for the hosts that they share.

    :raises InvalidInput: two requests have the same name, or one contradicts the hardware.
    :raises NotServable: none of a model's variants can be calculated or may run.
    :raises DoesNotFit: they do not all fit; the error is about the first that has no place.
    """
    if len(requests) == 1:
        return make_plan(requests[0])
    names = tuple(request.name for request in requests)
    if len(set(names)) < len(names):
        raise InvalidInput(
            "Two of the models have the same name: %s" % ", ".join(sorted(names)),
            hint="Give each deployment a name of its own with the option name.",
        )
    together = [replace(request, companions=names) for request in requests]
    found: t.List[t.Dict[str, Outcome]] = []
    problem: t.Optional[DoesNotFit] = None
    alone = False
    for share in SHARES:
        asked = [replace(each, policy=replace(each.policy, snug=share)) for each in together]
        try:
            packed = _packed(asked)
        except DoesNotFit as exc:
            problem = exc
            continue
        alone = alone or not share
        found.append(_raised(asked, packed) if share else packed)
        if _distance(found[-1]) == 0:
            break
    if problem is not None and not found:
        raise problem
    best = min(found, key=_distance)
    joined = _joined([best[name] for name in names])
    # A host of one inventory stands in all requests alike.
    left = left_lines(joined.plans, requests[0].hosts, _distance(best) > 0)
    return replace(
        joined, lines=(*joined.lines, *shared_lines(joined.plans, _why(best is found[0], alone)), *left)
    )


def _why(first: bool, alone: bool) -> str:
    """Why models share cards: of the first packing that holds all, and whether that gave each all it likes."""
    if not alone:
        return "they do not all fit on cards of their own"
    if first:
        return "there is room for both"
    return "on cards of their own one of them comes less near to its level"


def _distance(outcomes: t.Mapping[str, Outcome]) -> int:
    return sum(outcome.distance for outcome in outcomes.values())


def _packed(requests: t.Sequence[Request]) -> t.Dict[str, Outcome]:
    """Outcomes by the names of their deployments.

    :raises DoesNotFit: about the first that has no place in the usual order.
    """
    order, problems = sorted(requests, key=_heaviest_first), []
    for _try in range(min(len(order), MOST_ORDERS)):
        outcomes: t.Dict[str, Outcome] = {}
        try:
            for request in order:
                outcomes[request.name] = make_plan(replace(request, reserved=_reserved(outcomes.values())))
            return outcomes
        except DoesNotFit as exc:
            problems.append(exc)
        if not outcomes:
            break
        order.insert(0, order.pop(len(outcomes)))
    raise problems[0]


def _raised(requests: t.Sequence[Request], packed: t.Mapping[str, Outcome]) -> t.Dict[str, Outcome]:
    """``packed`` with each that misses its level planned anew beside all others."""
    outcomes = dict(packed)
    for request in sorted(requests, key=_heaviest_first):
        if not outcomes[request.name].distance:
            continue
        others = [outcome for name, outcome in outcomes.items() if name != request.name]
        whole = replace(request, policy=replace(request.policy, snug=1.0), reserved=_reserved(others))
        better = make_plan(whole)
        if better.distance < outcomes[request.name].distance:
            outcomes[request.name] = better
    return outcomes


def _heaviest_first(request: Request) -> t.Tuple[int, str]:
    """The order of packing: by the least that a model weighs with all its replicas, heaviest first."""
    described, _rejected = describe_all(
        request.variants, request.policy, request.model.licence, request.draft
    )
    least = min((each.weights.total_bytes for each in described), default=0)
    return -least * request.policy.replicas, request.name


def _reserved(outcomes: t.Iterable[Outcome]) -> t.Dict[str, int]:
    """Bytes that plans claim on each GPU."""
    parts = ("weights_bytes", "activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes")
    reserved: t.Dict[str, int] = {}
    for plan in (plan for outcome in outcomes for plan in outcome.plans):
        claimed = sum((plan["memory"] or {}).get(part, 0) for part in parts)
        for place in plan["placement"]:
            for gpu in place["gpus"]:
                uuid = gpu["uuid"] or own_uuid(place["host"], gpu["index"])
                reserved[uuid] = reserved.get(uuid, 0) + claimed
    return reserved


def _joined(outcomes: t.Sequence[Outcome]) -> Outcome:
    return Outcome(
        plans=tuple(plan for each in outcomes for plan in each.plans),
        lines=tuple(line for each in outcomes for line in each.lines),
        rejected=tuple(entry for each in outcomes for entry in each.rejected),
        warnings=tuple(dict.fromkeys(text for each in outcomes for text in each.warnings)),
        kept=all(each.kept for each in outcomes),
        options=tuple(option for each in outcomes for option in each.options),
        moves=tuple(move for each in outcomes for move in each.moves),
        holds=tuple(entry for each in outcomes for entry in each.holds),
    )
