# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a roofline leaves out, fitted by engine, family of cards and precision."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import Card


@dataclass(frozen=True)
class Coefficients:
    """Terms of an engine on data-centre cards of NVIDIA in 16 bits; times in seconds.

    ``bandwidth`` and ``arithmetic``: shares of the card's rates that kernels reach; ``experts`` and
    ``cache``: what is left of the bandwidth where reading is scattered. Of a decoding step: ``step``, for
    scheduling; ``row``, for each request; ``layer`` and ``routed``, for kernels of a layer, and of one
    with experts, that are too small to be bound by either; ``hop``, for an exchange of nothing. Of a
    prompt: ``request``, from its arrival to its first pass; ``launch`` and ``launch_routed``, for a
    layer's kernels where no graph is replayed. ``mixing``: how much of the others' prompts delays the
    steps between them. ``waiting``: prompts that go before one's own, as a multiple of the root of the
    concurrency.
    """

    bandwidth: float
    arithmetic: float
    experts: float
    cache: float
    step: float
    row: float
    layer: float
    latent: float
    routed: float
    hop: float
    request: float
    launch: float
    launch_routed: float
    stalling: float
    mixing: float
    waiting: float


@dataclass(frozen=True)
class Factors:
    """By what a family of cards, or a precision, differs: shares of the rates, and times of launches."""

    bandwidth: float = 1.0
    arithmetic: float = 1.0
    overhead: float = 1.0


DATA_CENTRE, GRAPHICS, INSTINCT, OTHER = "data centre", "graphics", "instinct", "other"

# Compute capabilities of NVIDIA's chips that are made for data centres, with HBM and NVLink.
_DATA_CENTRE_CHIPS = ((6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (10, 3))


def family_of(card: Card) -> str:
    """NVIDIA's chips for data centres, its chips with graphics, AMD's Instinct, and all others."""
    if card.capability is not None:
        return DATA_CENTRE if card.capability in _DATA_CENTRE_CHIPS else GRAPHICS
    return INSTINCT if card.architecture.startswith("gfx9") else OTHER


def on_card(by: Coefficients, card: Card, quantization: Quantization) -> Coefficients:
    """An engine's coefficients on this card, for weights in this format."""
    return scaled(by, FAMILIES[family_of(card)], PRECISIONS[quantization.format.precision])


def scaled(by: Coefficients, family: Factors, precision: Factors) -> Coefficients:
    slower = family.overhead * precision.overhead
    return replace(
        by,
        bandwidth=by.bandwidth * family.bandwidth * precision.bandwidth,
        arithmetic=by.arithmetic * family.arithmetic * precision.arithmetic,
        step=by.step * family.overhead,
        row=by.row * family.overhead,
        layer=by.layer * slower,
        latent=by.latent * slower,
        routed=by.routed * slower,
        hop=by.hop * family.overhead,
        launch=by.launch * slower,
        launch_routed=by.launch_routed * slower,
    )


@dataclass(frozen=True)
class Range:
    """What measurements are of an estimate, (low, high): of the times to the first and between tokens."""

    first_token: t.Tuple[float, float]
    inter_token: t.Tuple[float, float]

    @property
    def tokens(self) -> t.Tuple[float, float]:
        """Of tokens per second, which times between tokens make."""
        low, high = self.inter_token
        return 1.0 / high, 1.0 / low


def range_of(card: Card, engine: str = "") -> Range:
    return LLAMA_CPP_RANGE if engine == "llama.cpp" else RANGES[family_of(card)]


# Fitted by tests/accuracy/fit_speed.py, which begins from round guesses, to 1,322 published measurements of
# six sources: InferenceMAX and its successors (960 rows: models of 70 to 1,000 billion parameters, H100 to
# B300, 2025 and 2026), aiconfigurator's own runs (257: Qwen3-32B, Llama 3.1 8B), SGLang's cookbook (64: H200,
# B200, MI300X), MLPerf 5.1 (27: MI300X to MI325X, H200), users (9: RTX 3090 and 5090, one request at a time)
# and GPUStack's performance lab (5). Sources weigh as the root of their rows. Left out are 45 rows whose
# names contradict their batch and 23 that waited longer than they were answered. Values are rounded, and the
# arithmetic of GRAPHICS is set by hand. What no row tells stays a guess:
# all of OTHER, int8, and the arithmetic of GRAPHICS, of which only is known that long prompts take twice
# what 0.86 of the card's rate would.
COEFFICIENTS: t.Dict[str, Coefficients] = {
    "vLLM": Coefficients(
        bandwidth=0.89, arithmetic=0.72, experts=0.92, cache=0.85, step=0.5e-3, row=10e-6, layer=30e-6,
        latent=20e-6, routed=50e-6, hop=16e-6, request=6e-3, launch=0.18e-3, launch_routed=0.44e-3,
        stalling=0.82, mixing=0.68, waiting=0.91,
    ),
    "SGLang": Coefficients(
        bandwidth=0.89, arithmetic=0.32, experts=0.92, cache=0.67, step=0.5e-3, row=12e-6, layer=30e-6,
        latent=64e-6, routed=89e-6, hop=10e-6, request=22e-3, launch=0.19e-3, launch_routed=1.7e-3,
        stalling=0.92, mixing=0.17, waiting=1.8,
    ),
    # An assumption, not a fit. Of the bandwidth one request of Llama 7B in Q4_0 reaches 0.63 on a P40 (56.8 tokens/s of
    # 3.56 GiB, https://github.com/ggml-org/llama.cpp/pull/4766); the rest is a guess beside vLLM's, on the slow side.
    "llama.cpp": Coefficients(
        bandwidth=0.65, arithmetic=0.45, experts=0.8, cache=0.6, step=1e-3, row=0.1e-3, layer=30e-6,
        latent=60e-6, routed=60e-6, hop=20e-6, request=10e-3, launch=0.2e-3, launch_routed=0.5e-3,
        stalling=1.0, mixing=1.0, waiting=1.8,
    ),
}  # fmt: skip

FAMILIES: t.Dict[str, Factors] = {
    DATA_CENTRE: Factors(),
    GRAPHICS: Factors(1.0, 0.6, 0.58),
    INSTINCT: Factors(0.97, 0.93, 2.0),
    OTHER: Factors(0.6, 0.6, 2.0),
}

PRECISIONS: t.Dict[str, Factors] = {
    "bf16": Factors(),
    "fp8": Factors(overhead=0.87),
    "int8": Factors(),
    "fp4": Factors(1.0, 0.55, 0.54),
    "int4": Factors(1.0, 0.54, 1.05),
}

# Eight of ten measurements lie within, where the coefficients were fitted without their source: 0.56 to 2.8
# of the time to the first token, 0.53 to 1.4 of the time between tokens. Wider above between tokens, since
# models that no row is of were missed by 0.71 in the median; other families have too few rows to tell.
_TYPICAL = Range((0.55, 2.8), (0.55, 1.9))
RANGES: t.Dict[str, Range] = {
    DATA_CENTRE: _TYPICAL,
    GRAPHICS: Range((0.5, 2.8), (0.5, 2.0)),
    INSTINCT: _TYPICAL,
    OTHER: Range((0.5, 2.8), (0.5, 2.0)),
}

# Guessed, as the coefficients are, and for that reason wide: nothing was compared with measurements under load.
LLAMA_CPP_RANGE = Range((0.4, 4.0), (0.6, 3.0))
