# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several models on the same GPUs, without overlap.

The largest model is placed first, as bins are packed; each takes away what its plan claims. Every model
gets all that an engine likes to have, unless they do not all fit so: then each gets only what its
requests need, and they may share cards.
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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import (
    describe_all,
)


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
    try:
        return _packed(together)
    except DoesNotFit:
        return _packed([replace(each, policy=replace(each.policy, snug=True)) for each in together])


def _packed(requests: t.Sequence[Request]) -> Outcome:
    reserved: t.Dict[str, int] = {}
    outcomes: t.Dict[str, Outcome] = {}
    for request in sorted(requests, key=_heaviest_first):
        outcome = make_plan(replace(request, reserved=dict(reserved)))
        outcomes[request.name] = outcome
        for plan in outcome.plans:
            _reserve(plan, reserved)
    return _joined([outcomes[request.name] for request in requests])


def _heaviest_first(request: Request) -> t.Tuple[int, str]:
    """The order of packing: by the least that a model weighs with all its replicas, heaviest first."""
    described, _rejected = describe_all(
        request.variants, request.policy, request.model.licence, request.draft
    )
    least = min((each.weights.total_bytes for each in described), default=0)
    return -least * request.policy.replicas, request.name


def _reserve(plan: t.Mapping[str, t.Any], reserved: t.Dict[str, int]) -> None:
    memory = plan["memory"]
    parts = ("weights_bytes", "activation_bytes", "runtime_bytes", "cuda_graphs_bytes", "kv_cache_bytes")
    claimed = sum((memory or {}).get(part, 0) for part in parts)
    for place in plan["placement"]:
        for gpu in place["gpus"]:
            uuid = gpu["uuid"] or own_uuid(place["host"], gpu["index"])
            reserved[uuid] = reserved.get(uuid, 0) + claimed


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
