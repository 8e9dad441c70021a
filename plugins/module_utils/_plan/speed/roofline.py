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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import Speculation

TERA, GIGA = 1e12, 1e9

# A measured speed lies within this factor of the estimate for two of three of the published points.
RANGE_FACTOR = 1.35


@dataclass(frozen=True)
class Coefficients:
    """What a roofline leaves out, by term of an engine; times in seconds.

    ``bandwidth`` and ``arithmetic``: shares of the card's rates that kernels reach when decoding and
    when reading a prompt. ``layer``: kernels of one layer that are too small to be bound by either;
    ``routed``: those that send tokens to experts, on top. ``hop``: one exchange of nothing within the
    group. ``step``: scheduling and sampling. ``request``: from its arrival to its first step.
    ``mixing``: how much of a prompt delays the decoding steps that it shares the card with.
    ``waiting``: prompts that go before one's own, as a multiple of the root of the concurrency.
    """

    bandwidth: float
    arithmetic: float
    layer: float
    routed: float
    hop: float
    step: float
    request: float
    mixing: float
    waiting: float


@dataclass(frozen=True)
class Work:
    """What one GPU does in a pass: bytes read, operations in the weights' and in 16-bit precision over
    their rates (seconds at full rate), layers, routed layers, exchanges, and seconds on the links.
    """

    read_s: float
    linear_s: float
    attention_s: float
    layers: int
    routed: int
    exchanges: int
    links_s: float

    def fixed_seconds(self, by: Coefficients) -> float:
        small = self.layers * by.layer + self.routed * by.routed + self.exchanges * by.hop
        return by.step + small + self.links_s


@dataclass(frozen=True)
class Traffic:
    """``concurrency`` requests at once, of so many tokens in and out."""

    input_tokens: int
    output_tokens: int
    concurrency: int


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
    """The middle of what to expect of all copies together."""
    length, copies = traffic.input_tokens + traffic.output_tokens // 2, served.copies
    own = replace(traffic, concurrency=ceil_div(traffic.concurrency, copies))
    prompt = prompt_seconds(prompt_work(served, own.input_tokens), by)
    step = step_seconds(step_work(served, own.concurrency, length), by)
    if served.speculation is not None:
        step = (step + _proposing_seconds(served, by)) / served.speculation.tokens_per_step
    found = speed_of(own, prompt, step, by)
    return replace(found, tokens_per_s=found.tokens_per_s * traffic.concurrency / own.concurrency)


def speed_of(traffic: Traffic, prompt: float, step: float, by: Coefficients) -> Speed:
    """Speeds of a full server from the seconds of one prompt and of one decoding step."""
    answers = traffic.concurrency / max(1, traffic.output_tokens)
    between = step + by.mixing * answers * prompt
    first = by.request + step + prompt * (1.0 + by.waiting * (math.sqrt(traffic.concurrency) - 1.0))
    return Speed(first, between, traffic.concurrency / (between + first / max(1, traffic.output_tokens)))


def step_seconds(work: Work, by: Coefficients) -> float:
    """A decoding step: bound by reading or by multiplying, and what cannot overlap with either."""
    bound = max(work.read_s / by.bandwidth, work.linear_s / by.arithmetic)
    return bound + work.fixed_seconds(by)


def prompt_seconds(work: Work, by: Coefficients) -> float:
    """Reading a prompt: bound by arithmetic, or by the weights where it is short."""
    computing = (work.linear_s + work.attention_s) / by.arithmetic
    return max(work.read_s / by.bandwidth, computing) + work.fixed_seconds(by)


def step_work(served: Served, batch: int, length: int) -> Work:
    """One decoding step of ``batch`` requests that are ``length`` tokens long, proposed tokens included.

    Stages work at a time on a share of the requests each, so that a token waits for all of them.
    """
    stages = served.layout.pipeline
    share = ceil_div(batch, stages)
    rows = share * (1 + (served.speculation.tokens if served.speculation else 0))
    cached = stages * _attending(served, share) * served.cache.request_bytes(length)
    return _work(served, rows, _touched_bytes(served, rows) + cached, 0.0)


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
    return _work(served, tokens, _touched_bytes(served, tokens), _attention_work(served.arch, tokens))


def _work(served: Served, tokens: int, read_bytes: float, attention: float) -> Work:
    arch, card, gpus = served.arch, served.card, served.layout.expert_ranks
    together = 2 * len(arch.layers) if gpus > 1 else 0
    network = served.layout.hosts - 1 if not served.layout.cuts_over_hosts else together
    return Work(
        read_s=read_bytes / (card.bandwidth_gbps * GIGA),
        linear_s=2.0 * served.active_parameters * tokens / gpus / _rate(served),
        attention_s=attention / gpus / (card.bf16_tflops * TERA),
        layers=len(arch.layers),
        routed=arch.routed_layers,
        exchanges=together + served.layout.pipeline - 1,
        links_s=_exchange_seconds(served, tokens) + network * NETWORK_HOP_S,
    )


def _attending(served: Served, batch: int) -> float:
    """Requests whose cache one GPU reads: a share of them where attention is data-parallel."""
    return batch / served.layout.attention_ranks


def _touched_bytes(served: Served, batch: int) -> float:
    """Weights that one GPU reads in a step: of routed experts only those that some token visits."""
    sizes, layout = served.weights.by_role, served.layout
    ranks = layout.expert_ranks
    rest = sum(size for role, size in sizes.items() if role not in (EXPERTS, EMBEDDING, DRAFT, VISION))
    if served.arch.tied_embeddings:
        rest += sizes.get(EMBEDDING, 0)
    touched = rest / layout.tensor
    experts = served.arch.experts
    if experts is not None:
        missed = (1.0 - experts.per_token / experts.count) ** batch
        touched += sizes.get(EXPERTS, 0) * (1.0 - missed) / ranks
    return touched


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

# Fitted by engine over 1,283 published measurements (tests/accuracy/fit_speed.py on aiconfigurator's silicon
# samples: dense, latent and hybrid models of 8 to 1,000 billion parameters, H100 to GB200, releases of 2025
# and 2026). Fitted without a model, they miss its tokens by 28 to 33 % in the mean, its first token by 45 to 49 %;
# models of 8 billion parameters are missed by more, since what is left out here weighs most for them.
COEFFICIENTS = {
    "vLLM": Coefficients(
        bandwidth=0.90, arithmetic=0.86, layer=32e-6, routed=27e-6, hop=20e-6, step=0.2e-3,
        request=0.022, mixing=0.98, waiting=1.19,
    ),
    "SGLang": Coefficients(
        bandwidth=0.90, arithmetic=0.33, layer=28e-6, routed=60e-6, hop=18e-6, step=1.2e-3,
        request=0.150, mixing=0.28, waiting=1.25,
    ),
}  # fmt: skip
