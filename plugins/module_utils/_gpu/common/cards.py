# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known cards: to plan for hardware that is not there yet, and to know what a driver leaves out.

A new card is one row of ``data/cards.csv``, whose columns ``data/README.md`` explains.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.card_table import ROWS

# The middle of what drivers keep of the nominal size.
_NOMINAL_SHARE = 0.965
# Drivers and settings move the reported size; the next size of memory is farther away.
_SIZE_TOLERANCE = 0.1
_DECORATION = re.compile(r"\((r|tm|c|nvgpu)\)| graphics$")
# Drivers until 460 leave it out, and people do.
_MAKER = re.compile(r"^(nvidia(?=[a-z])|amd(?=[a-z])|intel(?=[a-z]))")


@dataclass(frozen=True)
class Card:
    """One model of card; bandwidth and link (both directions together) in GB/s, dense TFLOPS.

    ``level`` is what code is compiled for: the compute capability of NVIDIA, gfx of AMD, soc of Ascend.
    """

    key: str
    product: str
    vendor: str
    architecture: t.Optional[str]
    level: t.Optional[str]
    memory_mib: int
    memory_is_nominal: bool
    unified_memory: bool
    bandwidth_gbps: t.Optional[float]
    bf16_tflops: t.Optional[float]
    fp8_tflops: t.Optional[float]
    fp4_tflops: t.Optional[float]
    link: t.Optional[str]
    link_gbps: t.Optional[float]
    power_w: t.Optional[float]
    pci_id: t.Optional[str]
    source: str

    @property
    def usable_mib(self) -> int:
        """MiB that a driver reports, or about that."""
        return int(self.memory_mib * _NOMINAL_SHARE) if self.memory_is_nominal else self.memory_mib

    @property
    def specs(self) -> t.Dict[str, t.Any]:
        """What the facts say of the model: GB/s, dense TFLOPS, and how sure that is."""
        return {
            "bandwidth_gbps": self.bandwidth_gbps,
            "bf16_tflops": self.bf16_tflops,
            "fp8_tflops": self.fp8_tflops,
            "fp4_tflops": self.fp4_tflops,
            "source": self.source,
        }


CARDS: t.Tuple[Card, ...] = tuple(Card(*row) for row in ROWS)

_BY_PCI_ID: t.Mapping[str, Card] = {card.pci_id: card for card in CARDS if card.pci_id}
_BY_NAME: t.Dict[str, Card] = {}
# Models of one memory size and different speed: the identity alone does not tell which.
_SHARED_IDS = frozenset(("1002:73df", "1002:7550", "1002:66a1"))


def normal(name: str) -> str:
    """Letters and digits alone, without the maker: RTX4090 and NVIDIA RTX 4090 are one."""
    return _MAKER.sub("", re.sub(r"[^a-z0-9]", "", _DECORATION.sub("", name.lower())))


for _each in reversed(CARDS):
    _BY_NAME[normal(_each.product)] = _each
for _each in CARDS:
    _BY_NAME[normal(_each.key)] = _each


def by_pci_id(pci_id: t.Optional[str]) -> t.Optional[Card]:
    return _BY_PCI_ID.get(pci_id or "")


def by_name(name: t.Optional[str]) -> t.Optional[Card]:
    """The card of exactly this key or product name, whatever its spelling."""
    return _BY_NAME.get(normal(name)) if name else None


def matching(
    vendor: str, name: t.Optional[str], pci_id: t.Optional[str], total_bytes: t.Optional[int]
) -> t.Optional[Card]:
    """The card that this certainly is. Models of one PCI identity are told apart by name and memory."""
    named, identified = by_name(name), by_pci_id(pci_id)
    if pci_id in _SHARED_IDS or vendor not in ("nvidia", "amd", "intel"):
        identified = None
    # An OEM's name may be another's; the identity is the card's own.
    candidates = (identified, named) if vendor == "nvidia" else (named, identified)
    for card in candidates:
        if card is not None and card.vendor == vendor and _is_size(card, total_bytes):
            return card
    return None


def _is_size(card: Card, total_bytes: t.Optional[int]) -> bool:
    """Whether a driver would report about this memory. An AMD processor may take what its host has."""
    if total_bytes is None or (card.unified_memory and card.vendor == "amd"):
        return total_bytes is not None
    return abs(total_bytes / 1024**2 - card.usable_mib) <= _SIZE_TOLERANCE * card.usable_mib
