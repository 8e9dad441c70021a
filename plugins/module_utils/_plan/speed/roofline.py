# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast a layout answers, from a roofline with named coefficients.

A ranking aid: the answer is a range, its evidence ``estimated``. A decoding step reads the weights that
its tokens touch and the cache of every request, multiplies, and waits for the group at each layer; a
prompt is bound by arithmetic. In a full server prompts of new requests take turns with decoding steps.
"""

from __future__ import annotations

import functools
import math
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import Card
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import KvCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import Weights
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Grouped,
    Latent,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.parameter_count import (
    DRAFT,
    EMBEDDING,
    EXPERTS,
    HEAD,
    VISION,
    model_modules,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.coefficients import (
    COEFFICIENTS,
    Coefficients,
    on_card,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import Speculation

__all__ = ["COEFFICIENTS", "Coefficients", "Prompt", "Served", "Speed", "Traffic", "Work", "estimate"]

TERA, GIGA = 1e12, 1e9


@dataclass(frozen=True)
class Work:
    """What one GPU does in a pass, in seconds at its full rates: reading weights that every token needs,
    experts and caches; operations in the weights' precision and of attention; exchanges over its links.
    And how many rows, layers, routed layers and exchanges there are.
    """

    weights_s: float
    experts_s: float
    cache_s: float
    linear_s: float
    attention_s: float
    rows: float
    layers: int
    latent: int
    routed: int
    exchanges: int
    links_s: float

    @property
    def read_s(self) -> float:
        return self.weights_s + self.experts_s + self.cache_s

    def reading_seconds(self, by: Coefficients) -> float:
        scattered = self.experts_s / by.experts + self.cache_s / by.cache
        return (self.weights_s + scattered) / by.bandwidth


@dataclass(frozen=True)
class Traffic:
    """``concurrency`` requests in flight, of so many tokens in and out.

    Each comes when another is answered, or all ``at_once`` and none after.
    """

    input_tokens: int
    output_tokens: int
    concurrency: int
    at_once: bool = False


class Prompt(t.NamedTuple):
    """Seconds to read one prompt: to launch its kernels, once for all that are read in one pass, and to compute."""

    launching: float
    computing: float


@dataclass(frozen=True)
class Speed:
    """Seconds to the first token and between tokens, and tokens per second of all requests."""

    first_token_s: float
    inter_token_s: float
    tokens_per_s: float


@dataclass(frozen=True)
class Served:
    """A model in a layout on a card, what one request keeps in its cache on each GPU, and its draft.

    ``joined``: the GPUs of a host reach each other over the card's own links, not only over PCIe.
    """

    arch: Architecture
    quantization: Quantization
    weights: Weights
    layout: Layout
    card: Card
    cache: KvCache
    speculation: t.Optional[Speculation] = None
    joined: bool = True

    @property
    def copies(self) -> int:
        """Data-parallel ranks that share nothing."""
        return self.layout.data // self.layout.attention_ranks

    @property
    def link_gbps(self) -> float:
        """GB/s in both directions of the slowest link within a group that cuts layers."""
        if self.layout.cuts_over_hosts:
            return NETWORK_GBPS
        return (self.card.link_gbps if self.joined else 0.0) or PCIE_GBPS

    @functools.cached_property
    def active_parameters(self) -> float:
        """Parameters that one token is multiplied with."""
        experts, active = self.arch.experts, 0.0
        for module in model_modules(self.arch):
            if module.role not in (EMBEDDING, DRAFT, VISION):
                share = experts.per_token / experts.count if experts and module.role == EXPERTS else 1.0
                active += module.parameters * share
        return active


def estimate(served: Served, traffic: Traffic, by: Coefficients) -> Speed:
    """The middle of what to expect of all copies together; ``by``: the engine's coefficients."""
    here = on_card(by, served.card, served.quantization)
    length, copies = traffic.input_tokens + traffic.output_tokens // 2, served.copies
    own = replace(traffic, concurrency=ceil_div(traffic.concurrency, copies))
    prompt = prompt_seconds(prompt_work(served, own.input_tokens), here)
    step = step_seconds(step_work(served, own.concurrency, length), here)
    if served.speculation is not None:
        step = (step + _proposing_seconds(served, here)) / served.speculation.tokens_per_step
    found = speed_of(own, prompt, step, here)
    return replace(found, tokens_per_s=found.tokens_per_s * traffic.concurrency / own.concurrency)


def speed_of(traffic: Traffic, prompt: Prompt, step: float, by: Coefficients) -> Speed:
    """Speeds of a full server from the seconds of one prompt and of one decoding step.

    A step meets the prompts of the other requests only, and reads those that have come in one pass.
    """
    others, answer = traffic.concurrency - 1, max(1, traffic.output_tokens)
    if traffic.at_once:
        return _burst(traffic, prompt, step, by)
    met = others / answer
    between = step + by.stalling * min(1.0, met) * prompt.launching + by.mixing * met * prompt.computing
    queue = by.waiting * (math.sqrt(traffic.concurrency) - 1.0)
    first = by.request + prompt.launching + prompt.computing + queue * prompt.computing
    first += min(1.0, queue) * (step + prompt.launching)
    return Speed(first, between, traffic.concurrency / (between + first / answer))


def _burst(traffic: Traffic, prompt: Prompt, step: float, by: Coefficients) -> Speed:
    """All requests come at once: a prompt waits for half of the others, and so do the first answers."""
    answer, half = max(1, traffic.output_tokens), (traffic.concurrency - 1) / 2.0
    first = by.request + prompt.launching + prompt.computing * (1.0 + half)
    between = step + by.mixing * half * prompt.computing / answer
    return Speed(first, between, traffic.concurrency / (between + first / answer))


def step_seconds(work: Work, by: Coefficients) -> float:
    """A decoding step: bound by reading or by multiplying, and what cannot overlap with either."""
    bound = work.reading_seconds(by) + work.linear_s / by.arithmetic
    small = work.layers * by.layer + work.latent * by.latent + work.routed * by.routed
    small += work.exchanges * by.hop
    return bound + small + by.step + work.rows * by.row + work.links_s


def prompt_seconds(work: Work, by: Coefficients) -> Prompt:
    """Reading a prompt: bound by arithmetic, or by the weights where it is short; launched anew."""
    computing = (work.linear_s + work.attention_s) / by.arithmetic
    launching = work.layers * by.launch + work.routed * by.launch_routed + work.exchanges * by.hop
    return Prompt(launching, max(work.reading_seconds(by), computing) + work.links_s)


def step_work(served: Served, batch: int, length: int) -> Work:
    """One decoding step of ``batch`` requests that are ``length`` tokens long, proposed tokens included.

    Stages work at a time on a share of the requests each, so that a token waits for all of them.
    """
    stages = served.layout.pipeline
    share = ceil_div(batch, stages)
    rows = share * (1 + (served.speculation.tokens if served.speculation else 0))
    cached = stages * _attending(served, share) * served.cache.request_bytes(length)
    return _work(served, rows, cached, 0.0)


def _proposing_seconds(served: Served, by: Coefficients) -> float:
    """A draft's own passes before a step: one layer and the head for each token; n-grams are looked up."""
    draft = served.speculation
    if draft is None or not draft.layers:
        return 0.0
    read = (draft.weights_bytes + served.weights.by_role.get(HEAD, 0)) / served.layout.tensor
    hops = 2 * by.hop if served.layout.gpus > 1 else 0.0
    reading = read / (served.card.bandwidth_gbps * GIGA * by.bandwidth)
    return draft.tokens * (reading + by.layer + hops)


def prompt_work(served: Served, tokens: int) -> Work:
    return _work(served, tokens, 0.0, _attention_work(served.arch, tokens))


def _work(served: Served, tokens: int, cached_bytes: float, attention: float) -> Work:
    arch, card, gpus = served.arch, served.card, served.layout.expert_ranks
    together = 2 * len(arch.layers) if gpus > 1 else 0
    network = served.layout.hosts - 1 if not served.layout.cuts_over_hosts else together
    always, experts = _touched_bytes(served, tokens)
    per_s = card.bandwidth_gbps * GIGA
    return Work(
        weights_s=always / per_s,
        experts_s=experts / per_s,
        cache_s=cached_bytes / per_s,
        linear_s=2.0 * served.active_parameters * tokens / gpus / _rate(served),
        attention_s=attention / gpus / (card.bf16_tflops * TERA),
        rows=_attending(served, tokens),
        layers=len(arch.layers),
        latent=sum(n for mixer, n in arch.mixer_counts.items() if isinstance(mixer, Latent)),
        routed=arch.routed_layers,
        exchanges=together + served.layout.pipeline - 1,
        links_s=_exchange_seconds(served, tokens) + network * NETWORK_HOP_S,
    )


def _attending(served: Served, batch: int) -> float:
    """Requests whose cache one GPU reads: a share of them where attention is data-parallel."""
    return batch / served.layout.attention_ranks


def _touched_bytes(served: Served, batch: int) -> t.Tuple[float, float]:
    """Weights that one GPU reads in a step, and routed experts: only those that some token visits."""
    sizes, layout = served.weights.by_role, served.layout
    ranks = layout.expert_ranks
    rest = sum(size for role, size in sizes.items() if role not in (EXPERTS, EMBEDDING, DRAFT, VISION))
    if served.arch.tied_embeddings:
        rest += sizes.get(EMBEDDING, 0)
    experts = served.arch.experts
    if experts is None:
        return rest / layout.tensor, 0.0
    missed = (1.0 - experts.per_token / experts.count) ** batch
    return rest / layout.tensor, sizes.get(EXPERTS, 0) * (1.0 - missed) / ranks


def _rate(served: Served) -> float:
    """Operations per second of one GPU in the format, in 16 bits where it only unpacks it."""
    card, precision = served.card, served.quantization.format.precision
    native = card.computes_in(precision)
    rates = {"fp8": card.fp8_tflops, "fp4": card.fp4_tflops, "int8": 2 * card.bf16_tflops}
    return ((rates.get(precision) if native else None) or card.bf16_tflops) * TERA


def _attention_work(arch: Architecture, tokens: int) -> float:
    """Floating-point operations of causal attention over a prompt."""
    work = 0.0
    for mixer, layers in arch.mixer_counts.items():
        if isinstance(mixer, Grouped):
            seen = min(tokens, mixer.window or tokens)
            work += layers * 2.0 * mixer.heads * (mixer.key_dim + mixer.value_dim) * tokens * seen / 2
        elif isinstance(mixer, Latent):
            width = mixer.nope_dim + mixer.rope_dim + mixer.value_dim
            work += layers * 2.0 * mixer.heads * width * tokens * tokens / 2
    return work


def _exchange_seconds(served: Served, tokens: int) -> float:
    """Two all-reduces for each layer over a ring, and what stages hand on, in one direction of the links."""
    layout, size = served.layout, 2.0 * tokens * served.arch.hidden
    ranks, handed = layout.expert_ranks, (layout.pipeline - 1) * size
    reduced = 2 * len(served.arch.layers) * size * 2 * (ranks - 1) / ranks
    slow = NETWORK_GBPS if layout.hosts > 1 else served.link_gbps
    return reduced / (served.link_gbps / 2 * GIGA) + handed / (slow / 2 * GIGA)


# Both directions of 16 lanes of PCIe 4.
PCIE_GBPS = 64.0

# Between hosts: both directions of 100 Gbit/s, and one exchange of nothing over it. Assumed: facts do
# not tell a host's network.
NETWORK_GBPS = 25.0
NETWORK_HOP_S = 50e-6
