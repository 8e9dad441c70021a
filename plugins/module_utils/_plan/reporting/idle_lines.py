# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why the GPUs that a plan does not take stay idle, card by card where the reasons differ."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Site
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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Gpu,
    Host,
    room_of,
)

# Of the cards with one reason, so many are named.
NAMED_CARDS = 4

_BEHIND = {
    WHOLE: "takes slices or a slow network",
    NEARER: "is further from the level",
    GOAL: "serves the policy less",
    SIMPLER: "is the less simple layout",
    FEWER_GPUS: "takes more GPUs",
    FEWER_HOSTS: "takes more hosts",
    PRECISION: "has a lower precision",
    FASTER: "is slower",
    LONGER: "has a shorter context",
}


def idle_lines(site: Site, merits: t.Sequence[Merit]) -> t.List[str]:
    """What stays idle on the site beside the first of ``merits``, by kind of card and reason."""
    taken = {gpu.uuid for slot in merits[0].choice.slots for gpu in slot.gpus}
    idle, groups = _Idle(site, merits), t.cast("t.Dict[t.Tuple[str, str], t.List[str]]", {})
    for host in sorted(site.hosts, key=lambda each: each.name):
        free = sorted((gpu for gpu in host.gpus if gpu.uuid not in taken), key=lambda gpu: gpu.index)
        for gpu, reason in zip(free, idle.reasons(host, free)):
            groups.setdefault((gpu.name, reason), []).append("%s/%s" % (host.name, gpu.index))
    names = [name for name, _reason in groups]
    return [
        "  idle        %d x %s%s: %s"
        % (len(places), name, _named(places) if names.count(name) > 1 else "", reason)
        for (name, reason), places in sorted(groups.items())
    ]


def _named(places: t.Sequence[str]) -> str:
    more = len(places) - NAMED_CARDS
    return " (%s%s)" % (", ".join(places[:NAMED_CARDS]), " and %d more" % more if more > 0 else "")


@dataclass(frozen=True)
class _Idle:
    site: Site
    merits: t.Sequence[Merit]

    def reasons(self, host: Host, free: t.Sequence[Gpu]) -> t.Iterator[str]:
        """Of each of the cards that are left on a host."""
        short = [self._short(gpu) for gpu in free]
        roomy = sum(gpu.kind == self._kind and not needs for gpu, needs in zip(free, short))
        for gpu, needs in zip(free, short):
            yield self._of_other_kind(gpu.kind) if gpu.kind != self._kind else needs or self._spare(roomy)

    @property
    def _kind(self) -> t.Any:
        return self.merits[0].choice.candidate.kind.kind

    @functools.cached_property
    def _fixed_bytes(self) -> int:
        memory = self.merits[0].choice.fit.memory
        parts = (
            memory.weights_bytes,
            memory.activation_bytes,
            memory.runtime_bytes,
            memory.cuda_graphs_bytes,
        )
        return sum(parts)

    def _short(self, gpu: Gpu) -> str:
        """What a card of the plan's kind lacks to take part in a replica; empty where it has room."""
        claims, needed = self.site.claims, self._fixed_bytes
        known = claims.others or claims.planned
        if gpu.kind != self._kind or (gpu.free_bytes >= needed and not known):
            return ""
        usable = room_of(gpu, claims).usable_bytes
        if usable >= needed:
            return ""
        return "%s of it are usable, and a GPU of this plan needs %s without its cache" % (
            gib(usable), gib(needed),
        )  # fmt: skip

    def _spare(self, roomy: int) -> str:
        """Of a card that could take part, one of ``roomy`` on its host."""
        layout = self.merits[0].choice.candidate.layout
        if not self.merits[0].reaches:
            return "no layout that takes more of them comes nearer to the level"
        if layout.hosts == 1 and roomy < layout.gpus:
            return "the level is reached without them, and they are too few for another replica on their host"
        return "the level is reached without them; more replicas would use them"

    def _of_other_kind(self, kind: t.Any) -> str:
        if kind not in self._by_kind:
            self._by_kind[kind] = self._behind(kind)
        return self._by_kind[kind]

    @functools.cached_property
    def _by_kind(self) -> t.Dict[t.Any, str]:
        return {}

    def _behind(self, kind: t.Any) -> str:
        best = next((each for each in self.merits if each.choice.candidate.kind.kind == kind), None)
        if best is None:
            return "a replica takes cards of one kind, and nothing fits on these that was worth trying"
        reason = _BEHIND.get(deciding(self.merits[0], best), "comes later in the order above")
        return "a replica takes cards of one kind, and the best plan on these %s" % reason
