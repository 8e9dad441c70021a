# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards and hosts that the lab can pretend: ``8xH100-80GB-SXM``, ``2xL40S+1xRTX4090``.

Totals are what nvidia-smi prints for the real cards (driver 570, ECC as shipped); the reserved part
is typical, and differs by some MiB from driver to driver.
"""

from __future__ import annotations

import json
import os
import re
import typing as t
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import LabError

DRIVER_VERSION = "570.124.06"
CUDA_VERSION = "12.8"
_IDENTITY = uuid.UUID("b2f3c1d4-5a66-4c1e-9a0b-3f1f6d1f0a11")
_PART = re.compile(r"(\d+)x(.+)", re.IGNORECASE)
# Where a DGX H100 has its cards; others follow in the same style.
_BUSES = (0x1B, 0x43, 0x52, 0x61, 0x9D, 0xC3, 0xD1, 0xDF, 0x04, 0x0A, 0x2A, 0x34, 0x7A, 0x86, 0xA8, 0xB4)


@dataclass(frozen=True)
class Card:
    """One model of GPU. ``nvlink`` is the number of links to each neighbour, 0 without NVLink."""

    product: str
    architecture: str
    compute_capability: str
    memory_total_mib: int
    memory_reserved_mib: int
    power_limit_w: int
    pci_device_id: str
    ecc: str = "Enabled"
    nvlink: int = 0
    brand: str = "NVIDIA"


CARDS: t.Mapping[str, Card] = {
    "B200": Card("NVIDIA B200", "Blackwell", "10.0", 183359, 728, 1000, "290110DE", nvlink=18),
    "H200": Card("NVIDIA H200", "Hopper", "9.0", 143771, 614, 700, "233510DE", nvlink=18),
    "H100-80GB-SXM": Card("NVIDIA H100 80GB HBM3", "Hopper", "9.0", 81559, 551, 700, "233010DE", nvlink=18),
    "H100-80GB-PCIe": Card("NVIDIA H100 PCIe", "Hopper", "9.0", 81559, 551, 350, "233110DE"),
    "A100-80GB-SXM": Card("NVIDIA A100-SXM4-80GB", "Ampere", "8.0", 81920, 662, 400, "20B210DE", nvlink=12),
    "A100-80GB": Card("NVIDIA A100 80GB PCIe", "Ampere", "8.0", 81920, 662, 300, "20B510DE"),
    "A100-40GB-SXM": Card("NVIDIA A100-SXM4-40GB", "Ampere", "8.0", 40960, 571, 400, "20B010DE", nvlink=12),
    "L40S": Card("NVIDIA L40S", "Ada Lovelace", "8.9", 46068, 596, 350, "26B910DE"),
    "L4": Card("NVIDIA L4", "Ada Lovelace", "8.9", 23034, 494, 72, "27B810DE"),
    "T4": Card("Tesla T4", "Turing", "7.5", 15360, 466, 70, "1EB810DE", brand="Tesla"),
    "RTX4090": Card(
        "NVIDIA GeForce RTX 4090",
        "Ada Lovelace",
        "8.9",
        24564,
        443,
        450,
        "268410DE",
        ecc="N/A",
        brand="GeForce",
    ),
    "RTX3090": Card(
        "NVIDIA GeForce RTX 3090", "Ampere", "8.6", 24576, 309, 350, "220410DE", ecc="N/A", brand="GeForce"
    ),
}


def parse_shape(shape: str) -> t.List[Card]:
    """The cards of a host, in index order.

    :raises LabError: for an unknown card or another spelling than ``COUNTxCARD[+COUNTxCARD]``.
    """
    by_name = {name.lower(): card for name, card in CARDS.items()}
    cards: t.List[Card] = []
    for part in shape.split("+"):
        found = _PART.fullmatch(part.strip())
        card = by_name.get(found[2].lower()) if found else None
        if found is None or card is None:
            raise LabError(
                f"Unknown shape {part!r}: write COUNTxCARD, with a card of {', '.join(sorted(CARDS))}."
            )
        cards += [card] * int(found[1])
    return cards


def gpus_document(host: str, shape: str) -> t.Dict[str, t.Any]:
    """The content of gpus.json: the one truth for the simulated nvidia-smi and the pretend worker.

    Memory in MiB. ``claims`` maps an instance's name to what it holds; ``foreign_used_mib`` is what
    other processes hold.
    """
    gpus = []
    for index, card in enumerate(parse_shape(shape)):
        gpus.append(
            {
                "index": index,
                "product": card.product,
                "brand": card.brand,
                "architecture": card.architecture,
                "compute_capability": card.compute_capability,
                "uuid": f"GPU-{uuid.uuid5(_IDENTITY, f'{host}/{index}')}",
                "pci_bus_id": f"00000000:{_BUSES[index % len(_BUSES)]:02X}:{index // len(_BUSES):02X}.0",
                "pci_device_id": card.pci_device_id,
                "memory_total_mib": card.memory_total_mib,
                "memory_reserved_mib": card.memory_reserved_mib,
                "foreign_used_mib": 0,
                "claims": {},
                "power_limit_w": card.power_limit_w,
                "ecc": card.ecc,
                "nvlink": card.nvlink,
            }
        )
    return {"driver_version": DRIVER_VERSION, "cuda_version": CUDA_VERSION, "broken": None, "gpus": gpus}


def used_mib(gpu: t.Mapping[str, t.Any]) -> int:
    """What nvidia-smi calls used: all holders together, never more than there is."""
    held = gpu["foreign_used_mib"] + sum(gpu["claims"].values())
    return int(min(held, gpu["memory_total_mib"] - gpu["memory_reserved_mib"]))


def write_document(path: Path, document: t.Mapping[str, t.Any]) -> None:
    """Replace gpus.json in one step: a reader sees the old or the new one, never a half."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document, indent=1), encoding="utf-8")
    os.replace(draft, path)
