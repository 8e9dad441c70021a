# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layouts of a variant on an engine that are worth a word."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_flags import (
    PARALLEL,
    Wish,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_rule,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
    known,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# Of one replica. More is a cluster that needs more than this plan to run.
MOST_HOSTS = 16

# GPUs of the largest tensor-parallel group worth proposing: two full hosts.
LARGEST_GROUP = 16


class Layouts:
    """Of one variant on one engine, as far as a user's wish leaves a choice."""

    def __init__(self, described: Described, engine: Engine, wish: Wish, release: Release = NEWEST) -> None:
        self._release = known(release)
        self._described = described
        self._engine = engine
        self._wish = wish
        self._routed = described.architecture.experts is not None

    def on_one_host(self, largest: int) -> t.List[Layout]:
        """On up to ``largest`` GPUs, at least one for each number of GPUs that has a legal one.

        Tensor parallelism where it is legal; with whole experts where only their width forbids it; else
        pipelines of legal groups. Illegal powers of two stay in, for people expect them to work. Models
        with routed experts also with data-parallel attention, which holds no cache twice.
        """
        if self._wish != Wish():
            return self._wished(largest)
        legal = self._legal_sizes(largest)
        found = [each for gpus in range(1, largest + 1) for each in self._of(gpus, legal)]
        return found + [each for gpus in range(2, largest + 1) for each in self._data_parallel(gpus)]

    def over_hosts(self, hosts: int, largest: int) -> t.List[Layout]:
        """On ``hosts`` hosts with the same number of GPUs of each, up to ``largest``, the most first.

        Stages follow each other over the network, and each is a group within a host. Last the groups
        that exchange every layer over the network.
        """
        legal, inside, across = self._legal_sizes(largest), [], []
        for gpus in range(largest, 0, -1):
            if self._wish != Wish():
                inside += self._wished_over(hosts, gpus)
                continue
            own = [each for each in self._of(gpus, legal) if self.broken_rule(each) is None]
            inside += [replace(each, pipeline=each.pipeline * hosts, hosts=hosts) for each in own]
            if gpus * hosts > largest:
                across += [replace(each, hosts=hosts) for each in self._group(gpus * hosts)]
        return inside + across

    def _of(self, gpus: int, legal: t.Container[int]) -> t.List[Layout]:
        if gpus in legal:
            return [Layout(gpus)]
        whole = Layout(gpus, expert=True)
        if self._routed and self.broken_rule(whole) is None:
            return [whole]
        stages = next((n for n in range(2, gpus + 1) if gpus % n == 0 and gpus // n in legal), 0)
        found = [Layout(gpus)] if gpus & (gpus - 1) == 0 else []
        return found + ([Layout(gpus // stages, stages)] if stages else [])

    def _group(self, gpus: int) -> t.List[Layout]:
        """One tensor-parallel group, with cut experts or else with whole ones."""
        ways = [Layout(gpus, expert=whole) for whole in ((False, True) if self._routed else (False,))]
        return [way for way in ways if self.broken_rule(way) is None][:1]

    def _data_parallel(self, gpus: int) -> t.List[Layout]:
        """Data-parallel attention over whole experts, as many on each GPU, by rising number of ranks."""
        experts = self._described.architecture.experts
        if experts is None or experts.count % gpus:
            return []
        ways = [
            Layout(gpus // ranks, data=ranks, attention_data=True, expert=True)
            for ranks in range(2, gpus + 1)
            if gpus % ranks == 0
        ]
        return [way for way in ways if self.broken_rule(way) is None]

    def _wished(self, largest: int) -> t.List[Layout]:
        """What the user asks for; the sizes that were left open, as they are legal."""
        wish, data, stages = self._wish, self._wish.data or 1, self._wish.pipeline or 1
        if wish.tensor is not None:
            return self._with_experts(Layout(self._attention_size(wish.tensor), stages, data))
        sizes = range(1, max(1, largest // (data * stages)) + 1)
        ways = [way for size in sizes for way in self._with_experts(Layout(size, stages, data))]
        return [way for way in ways if self.broken_rule(way) is None] or ways[:1]

    def _wished_over(self, hosts: int, gpus: int) -> t.List[Layout]:
        wish, data, total = self._wish, self._wish.data or 1, hosts * gpus
        sizes = range(1, total + 1) if wish.tensor is None else (self._attention_size(wish.tensor),)
        found = []
        for size in sorted(sizes, key=lambda each: (each > gpus, -each)):
            stages = wish.pipeline or max(1, total // (size * data))
            ways = self._with_experts(Layout(size, stages, data, hosts=hosts))
            found += [way for way in ways if way.gpus == total and self._spreads(way)]
        legal = [way for way in found if self.broken_rule(way) is None]
        return (legal or found)[:1]

    def _spreads(self, layout: Layout) -> bool:
        """Whether ranks or stages end where hosts end. Copies over hosts are more than SGLang does."""
        together = layout.attention_data and PARALLEL[self._engine.name].attention_data
        if layout.data > 1 and not together and PARALLEL[self._engine.name].attention_data:
            return False
        unit = layout.gpus if together else layout.tensor * layout.pipeline
        return unit % layout.gpus_per_host == 0 or layout.gpus_per_host % unit == 0

    def _attention_size(self, tensor: int) -> int:
        return tensor // (self._wish.data or 1) if self._wish.attention_data else tensor

    def _with_experts(self, layout: Layout) -> t.List[Layout]:
        """``layout`` with whole experts where that is asked for, or where they cannot be cut."""
        wish, flags = self._wish, PARALLEL[self._engine.name]
        inside = layout.data > 1 and (wish.attention_data or (self._routed and not flags.attention_data))
        layout = replace(layout, attention_data=inside, expert=bool(wish.expert))
        whole = replace(layout, expert=True)
        if wish.expert is None and self._routed and self.broken_rule(layout) and not self.broken_rule(whole):
            return [whole]
        return [layout]

    def _legal_sizes(self, largest: int) -> t.Set[int]:
        return {n for n in range(1, largest + 1) if self.broken_rule(Layout(n)) is None}

    def broken_rule(self, layout: Layout) -> t.Optional[str]:
        """The first rule that a layout breaks, with its numbers."""
        described = self._described
        return broken_rule(
            described.architecture,
            described.quantization,
            layout,
            self._engine.name,
            release=self._release,
        )
