# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: a variant on an engine over GPUs of one kind, and what rules it out."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.cards import card_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import (
    Budget,
    Engine,
    Settings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.filters import admits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import Load
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import Gpu, Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kernels import (
    NO,
    least_cuda,
    support,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.overhead import Overhead
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.parallelism import broken_rule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.performance import Served
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.spelling import settings_of


@dataclass(frozen=True)
class Candidate:
    """A variant on an engine in a layout of GPUs of one kind."""

    described: Described
    engine: Engine
    layout: Layout
    kind: Gpu
    settings: Settings

    @functools.cached_property
    def load(self) -> Load:
        described, engine = self.described, self.engine
        arch = described.architecture
        return Load(
            weights_bytes=engine.weights_bytes(described.weights, arch, described.quantization, self.layout),
            overhead=self.overhead,
            cache=engine.cache(arch, self.layout, self.settings),
            position_limit=arch.position_limit,
            peak_bytes=self._load_peak(),
        )

    def _load_peak(self) -> int:
        """Weights on one GPU while they load: engines quantize 16-bit files only once all are there."""
        described = self.described
        if described.source_weights is None:
            return 0
        return self.engine.weights_bytes(
            described.source_weights, described.architecture, described.quantization, self.layout
        )

    def budget(self, room: Room, headroom: float) -> Budget:
        return self.engine.budget(room, self.described.architecture, self.layout, self.settings, headroom)

    @functools.cached_property
    def overhead(self) -> Overhead:
        return self.engine.overhead(self.described.architecture, self.layout, self.settings)

    @functools.cached_property
    def served(self) -> t.Optional[Served]:
        """What a speed is estimated from; None where the card is not known by name."""
        described, card = self.described, card_of(self.kind.name)
        if card is None or not described.architecture.generates:
            return None
        return Served(
            arch=described.architecture,
            quantization=described.quantization,
            weights=described.weights,
            layout=self.layout,
            card=card,
            cache=self.load.cache,
        )

    @property
    def support(self) -> str:
        fmt = self.described.quantization.format
        return support(fmt, self.kind.capability, self.engine.name)

    @property
    def broken_rule(self) -> t.Optional[str]:
        """The first rule of parallelism that the layout breaks."""
        described, layout = self.described, self.layout
        if layout.pipeline > len(described.architecture.layers):
            return "%d stages for %d layers" % (layout.pipeline, len(described.architecture.layers))
        return broken_rule(
            described.architecture,
            described.quantization,
            layout.tensor,
            self.engine.name,
            whole_experts=layout.expert,
        )

    def obstacle(self, policy: Policy) -> t.Optional[str]:
        """What rules the variant out on this kind of GPU however many there are."""
        arch, precision, allowed = self.described.architecture, self.described.precision, policy.quantizations
        if allowed and precision not in allowed:
            return "%s is not among the allowed quantizations (%s)" % (precision, ", ".join(allowed))
        if not admits(self.described.filters, self.kind):
            return "the catalog offers it for %s, not for %s" % (_wanted(self.described), self.kind.name)
        if self.support == NO:
            return "%s does not run on %s (compute capability %s) with %s" % (
                self.described.quantization.format.name, self.kind.name, _shown(self.kind.capability),
                self.engine.name,
            )  # fmt: skip
        needed = least_cuda(self.described.quantization.format, self.kind.capability)
        if needed is not None and self.kind.cuda is not None and self.kind.cuda < needed:
            return "%s on %s needs CUDA %s, its driver has %s" % (
                self.described.quantization.format.name, self.kind.name, _shown(needed), _shown(self.kind.cuda),
            )  # fmt: skip
        if policy.context_tokens is not None and policy.context_tokens > arch.position_limit:
            return "context %d is more than the model's %d" % (policy.context_tokens, arch.position_limit)
        return None


def candidate(
    described: Described,
    engine: Engine,
    layout: Layout,
    kind: Gpu,
    policy: Policy,
    user: t.Sequence[Argument],
) -> Candidate:
    total = kind.total_bytes - kind.reserved_bytes
    default_kv = described.quantization.kv_cache or "auto"
    settings = settings_of(engine, total, policy.concurrency, user, default_kv)
    return Candidate(described, engine, layout, kind, settings)


def layouts(described: Described, engine: Engine, policy: Policy, largest: int) -> t.List[Layout]:
    """Layouts worth a word on up to ``largest`` GPUs, at least one for each number of GPUs that has one.

    Tensor parallelism where it is legal; with whole experts where only their width forbids it; else
    pipelines of legal groups. Illegal powers of two stay in, for people expect them to work.
    """
    if policy.tensor_parallel is not None:
        return [Layout(policy.tensor_parallel)]
    legal = {n for n in range(1, largest + 1) if _breaks(described, engine, Layout(n)) is None}
    found: t.List[Layout] = []
    for gpus in range(1, largest + 1):
        whole = Layout(gpus, expert=True)
        if gpus in legal:
            found.append(Layout(gpus))
        elif described.architecture.experts and _breaks(described, engine, whole) is None:
            found.append(whole)
        else:
            stages = next((n for n in range(2, gpus + 1) if gpus % n == 0 and gpus // n in legal), 0)
            if gpus & (gpus - 1) == 0:
                found.append(Layout(gpus))
            if stages:
                found.append(Layout(gpus // stages, stages))
    return found


def _breaks(described: Described, engine: Engine, layout: Layout) -> t.Optional[str]:
    return broken_rule(
        described.architecture,
        described.quantization,
        layout.tensor,
        engine.name,
        whole_experts=layout.expert,
    )


def _shown(version: t.Optional[t.Tuple[int, int]]) -> str:
    return "%d.%d" % version if version else "unknown"


def _wanted(described: Described) -> str:
    return " or ".join(
        ", ".join("%s %s" % (key.replace("_", " "), value) for key, value in sorted(each.items()))
        for each in described.filters
    )
