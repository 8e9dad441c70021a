# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a plan won, and what a little more or less would buy."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.preference import (
    FASTER,
    FEWER_GPUS,
    FEWER_HOSTS,
    GOAL,
    LONGER,
    NEARER,
    PRECISION,
    SIMPLER,
    WHOLE,
    Merit,
    deciding,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import CLASSES

_REASONS = {
    WHOLE: "it takes no slices and no slow network",
    NEARER: "nothing comes nearer to the level",
    GOAL: "it serves the policy best",
    SIMPLER: "it is the simplest layout",
    FEWER_GPUS: "nothing does so on fewer GPUs",
    FEWER_HOSTS: "nothing does so on fewer hosts",
    PRECISION: "nothing does so in a higher precision",
    FASTER: "nothing does so faster",
    LONGER: "nothing does so with a longer context",
}


def why_lines(merits: t.Sequence[Merit]) -> t.List[str]:
    """One line on what decided, then what one more step of hardware and the next smaller format would buy."""
    first = merits[0]
    decided = next((deciding(first, other) for other in merits[1:] if _is_other(first, other)), None)
    head = "it reaches the level" if first.reaches else "it comes nearest to the level"
    reason = _REASONS.get(decided or "", decided or "nothing else fits")
    if decided == NEARER and first.reaches:
        reason = "the others miss it, or take 4 bits, stages or several hosts for it"
    elif decided == NEARER:
        reason = "4 bits, stages and several hosts count as if they missed it"
    lines = ["  why         %s; %s" % (head, reason)]
    larger = _best(merits, lambda each: each.choice.candidate.layout.gpus > _gpus(first))
    smaller = _best(merits, lambda each: _precision(each) > _precision(first) and _gpus(each) <= _gpus(first))
    return lines + _bought(first, larger, "more GPUs") + _bought(first, smaller, "fewer bits")


def _is_other(one: Merit, other: Merit) -> bool:
    own, its = one.choice.candidate, other.choice.candidate
    return (own.described.repository, own.layout, own.kind.name) != (
        its.described.repository,
        its.layout,
        its.kind.name,
    )


def _best(merits: t.Sequence[Merit], of: t.Callable[[Merit], bool]) -> t.Optional[Merit]:
    return next((each for each in merits[1:] if of(each)), None)


def _gpus(merit: Merit) -> int:
    return merit.choice.candidate.layout.gpus


def _precision(merit: Merit) -> int:
    return CLASSES.index(merit.choice.candidate.described.precision)


def _bought(first: Merit, other: t.Optional[Merit], words: str) -> t.List[str]:
    """What another choice gives that the first does not, in numbers; nothing where that is nothing.

    ``words``: a label of up to eleven letters.
    """
    if other is None:
        return []
    each, gains = other.choice.candidate, []
    if other.speed and first.speed and other.speed.inter_token_s < 0.9 * first.speed.inter_token_s:
        pair = (other.speed.inter_token_s * 1e3, first.speed.inter_token_s * 1e3)
        gains.append("a token in %.0f ms instead of %.0f" % pair)
    if other.requests_held > 1.1 * first.requests_held:
        gains.append("room for %.0f requests instead of %.0f" % (other.requests_held, first.requests_held))
    if other.choice.fit.context > first.choice.fit.context:
        gains.append("a context of %d" % other.choice.fit.context)
    if _gpus(other) < _gpus(first):
        gains.append("%d of the %d GPUs" % (_gpus(other), _gpus(first)))
    if not gains:
        return []
    subject = "%s on %d x %s" % (each.described.precision, _gpus(other), each.kind.name)
    return ["  %-11s %s: %s" % (words, subject, ", ".join(gains))]
