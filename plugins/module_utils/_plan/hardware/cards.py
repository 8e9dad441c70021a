# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known about GPUs by name.

A card of the table of gpu_facts (``data/cards.csv``) is known by its name; ``data/card_families.csv``
tells what names have in common that are in no table. Memory in GiB, bandwidth in GB/s, dense TFLOPS
in BF16 (FP16 on cards without), FP8 and FP4, links in GB/s, both directions of all links, 0 for PCIe
only. The facts of a host go before both.
"""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, MIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.cards import by_name
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.card_family_table import (
    ROWS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import FAST_LINKS, Gpu

_BLACKWELL_WITHOUT_INT8 = 10
# A card that can be cut has seven slices of its units, but for the A30.
COMPUTE_SLICES = 7
_COMPUTE_SLICES = {"A30": 4}
_NOISE = frozenset(("nvidia", "geforce", "tesla", "amd", "intel", "quadro", "instinct", "radeon", "graphics",
                    "generation", "sxm", "hbm3", "hbm3e", "oam", "huawei"))  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One GPU model. Rates in TFLOPS, None where the card has no units of that precision.

    ``power_w``: what it may draw, in watts.
    """

    name: str
    architecture: str
    memory_gib: float
    bandwidth_gbps: float
    bf16_tflops: float
    fp8_tflops: t.Optional[float]
    fp4_tflops: t.Optional[float]
    link_gbps: float
    power_w: t.Optional[float] = None

    @property
    def capability(self) -> t.Optional[t.Tuple[int, int]]:
        """CUDA compute capability; None where the card is not NVIDIA's."""
        major, _dot, minor = self.architecture.partition(".")
        return (int(major), int(minor)) if minor.isdigit() else None

    def slice(self, share: float, compute: float) -> Card:
        """A slice (MIG) with these shares of the memory, which has the same share of the bandwidth, and of the units."""
        rates = [None if rate is None else rate * compute for rate in (self.fp8_tflops, self.fp4_tflops)]
        return replace(
            self,
            memory_gib=self.memory_gib * share,
            bandwidth_gbps=self.bandwidth_gbps * share,
            bf16_tflops=self.bf16_tflops * compute,
            fp8_tflops=rates[0],
            fp4_tflops=rates[1],
            link_gbps=0.0,
        )

    def computes_in(self, precision: str) -> bool:
        """Whether there are matrix units of ``precision`` (bf16, fp8, fp4, int8, int4)."""
        if precision == "bf16":
            return self.capability is None or self.capability >= (8, 0)
        if precision == "int8":
            return self.capability is not None and (7, 5) <= self.capability < (_BLACKWELL_WITHOUT_INT8, 0)
        rates = {"fp8": self.fp8_tflops, "fp4": self.fp4_tflops}
        return rates.get(precision) is not None


@functools.lru_cache(maxsize=256)
def card_of(name: str) -> t.Optional[Card]:
    """The card that a driver's or a vendor's name means: the longest known name whose words are in it.

    Where the table of gpu_facts has exactly this name, its numbers go before those of a family of cards.
    """
    words, row = _words(name), by_name(name)
    found = next((card for wanted, card in _by_length() if _contains(words, wanted)), None)
    if row is None or row.bandwidth_gbps is None or row.bf16_tflops is None:
        return found
    if found is None:
        found = Card(
            row.product,
            row.level or row.architecture or "",
            row.usable_mib / GIB * MIB,
            row.bandwidth_gbps,
            row.bf16_tflops,
            row.fp8_tflops,
            row.fp4_tflops,
            (row.link_gbps or 0.0) if row.link in FAST_LINKS else 0.0,
        )
    return replace(
        found,
        bandwidth_gbps=row.bandwidth_gbps,
        bf16_tflops=row.bf16_tflops,
        fp8_tflops=row.fp8_tflops,
        fp4_tflops=row.fp4_tflops,
        power_w=row.power_w,
    )


def card_of_slice(name: str, profile: str, total_bytes: int) -> t.Optional[Card]:
    """The slice ``profile`` (3g.40gb) of the card in ``name``; None where the profile cannot be read."""
    whole, units = card_of(name), re.match(r"(?:\d+c\.)?(\d+)g\.", profile)
    if whole is None or units is None:
        return None
    of = _COMPUTE_SLICES.get(whole.name, COMPUTE_SLICES)
    return whole.slice(total_bytes / GIB / whole.memory_gib, int(units.group(1)) / of)


def watts_of(gpu: Gpu) -> t.Optional[float]:
    """What a card may draw: its limit on the host, else what its vendor says."""
    card = card_of(gpu.name)
    return gpu.power_w if gpu.power_w is not None or card is None else card.power_w


def _words(name: str) -> t.Tuple[str, ...]:
    text = re.sub(r"\bsxm\d\b|\(.*?\)", " ", re.sub(r"[_/]", " ", name.lower()))
    return tuple(word for word in re.split(r"[\s]+|-(?!3e)", text) if word and word not in _NOISE)


def _contains(words: t.Tuple[str, ...], wanted: t.Tuple[str, ...]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))


@functools.lru_cache(maxsize=1)
def _by_length() -> t.Tuple[t.Tuple[t.Tuple[str, ...], Card], ...]:
    cards = [Card(*row) for row in ROWS]
    return tuple(sorted(((_words(card.name), card) for card in cards), key=lambda pair: -len(pair[0])))
