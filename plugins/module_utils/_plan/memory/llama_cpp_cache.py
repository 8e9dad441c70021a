# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""llama.cpp's cache as the planner asks for it: one pool of tokens, which requests share or slots divide."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import KvCache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.llama_cpp import CELLS, Sized


@dataclass(frozen=True)
class PoolCache(KvCache):
    """``slots``: caches of their own, of which the longest request fills one; 1: all requests share one pool."""

    slots: int = 1

    @classmethod
    def of(cls, sized: Sized, first: int, last: int) -> PoolCache:
        """Of the layers from ``first`` up to ``last`` on one card."""
        options, blocks = sized.options, sized.on_cards[first:last]
        keys, values = options.element_bytes()
        growing = sum(each.keys * keys + each.values * values for each in blocks if not each.windowed)
        capped = sum(each.keys * keys + each.values * values for each in blocks if each.windowed)
        states = 4 * options.slots * sum(each.state_elements for each in blocks)
        slots = 1 if options.unified else options.slots
        cap = sized.window_cells(10**9)
        caps: t.Tuple[t.Tuple[int, int], ...] = ((int(slots * capped), cap),) if capped else ()
        return cls(slots * growing, caps, states, CELLS, 0, slots)

    def requests_bytes(self, requests: int, tokens: int) -> int:
        """Requests of a common pool take what they hold; in slots each has its own."""
        return self.request_bytes(tokens if self.slots > 1 else requests * tokens)

    def requests_in(self, pool_bytes: int, tokens: int) -> float:
        if not self.growing_bytes and not self.capped:
            return math.inf if not self.fixed_bytes else float(self.slots)
        longest = self.longest(pool_bytes, 1 << 40)
        return float(self.slots if longest >= tokens else 0) if self.slots > 1 else longest / max(1, tokens)
