# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Graphics of AMD's processors, which use the host's memory. The size of their carve-out says nothing.

An instruction set belongs to processors or to cards, but for gfx942, which is MI300A or MI300X.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import cards

UNIFIED = "unified"
INTEGRATED = "integrated"

# Processors whose graphics models are served on: ROCm or Vulkan runs there, from the host's memory.
_SERVING_GFX = frozenset(("gfx1103", "gfx1150", "gfx1151", "gfx1152", "gfx1153"))
_SERVING_IDS = {
    "1002:74a0": "gfx942",
    "1002:1586": "gfx1151",
    "1002:150e": "gfx1150",
    "1002:1114": "gfx1152",
    "1002:15bf": "gfx1103",
    "1002:15c8": "gfx1103",
    "1002:1900": "gfx1103",
    "1002:1901": "gfx1103",
}
_OTHER_GFX = frozenset(
    ("gfx801", "gfx810", "gfx902", "gfx909", "gfx90c", "gfx1013", "gfx1033", "gfx1035", "gfx1036", "gfx1037")
)
# Kaveri and Carrizo to Raphael and Granite Ridge.
_OTHER_IDS = frozenset(
    (
        *("1002:130f", "1002:1309", "1002:130a", "1002:130c", "1002:1313", "1002:1315", "1002:9874"),
        *("1002:98e4", "1002:15d8", "1002:15dd", "1002:15e7", "1002:1636", "1002:1638", "1002:164c"),
        *("1002:163f", "1002:1435", "1002:1681", "1002:164d", "1002:164e", "1002:1506", "1002:13c0"),
        *("1002:13fe", "1002:143f"),
    )
)


def kind(pci_id: t.Optional[str], gfx: t.Optional[str], shares: bool = False) -> t.Optional[str]:
    """``unified`` for processors that models are served on, ``integrated`` for others, None for cards.

    ``shares`` says that the kernel counts the host's memory as the card's.
    """
    if pci_id in _SERVING_IDS or gfx in _SERVING_GFX:
        return UNIFIED
    if pci_id in _OTHER_IDS or gfx in _OTHER_GFX:
        return INTEGRATED
    known = cards.by_pci_id(pci_id)
    if known is not None and not known.unified_memory:
        return None
    return UNIFIED if shares else None


def gfx_of(pci_id: t.Optional[str]) -> t.Optional[str]:
    """The instruction set of a processor that models are served on."""
    return _SERVING_IDS.get(pci_id or "")
