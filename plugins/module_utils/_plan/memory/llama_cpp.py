# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""llama.cpp's buffers: weights, caches, states and the compute buffer, for each of the cards that share a model.

Formulas are those of llama-model.cpp (which layer is where), llama-kv-cache*.cpp, llama-memory-recurrent.cpp and
llama-graph.cpp; tests/accuracy/llama_cpp holds what llama.cpp itself says of 30 models.
"""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div, round_up
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.llama_cpp import Options
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import (
    RUNTIME_BYTES_ALONE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.gguf_layers import (
    Block,
    GgufShape,
)

# Caches are padded to so many tokens.
CELLS = 256

# Without flash attention: the scores of all heads, their mask in 32 bits, and hidden-sized buffers around them.
_MASK_BYTES, _WIDE_MASK_BYTES, _SCORE_BYTES, _PLAIN_BUFFERS = 2, 4, 4, 7
_STATE_COPIES = 2
# Cards that work one behind the other keep the inputs of so many steps (GGML_SCHED_MAX_COPIES).
_COPIES = 4
# An assumption, meant to be more than an encoder needs: what it computes in grows with the patches of an image, and its
# file does not say it (https://github.com/ggml-org/llama.cpp/pull/21489 adds both: 2,448 MiB for Qwen2.5-Omni 3B).
ENCODER_COMPUTE_BYTES = 1280 << 20


@dataclass(frozen=True)
class Sized:
    """A model with the options of its server: bytes as a function of ``pool``, the tokens of all caches."""

    shape: GgufShape
    options: Options
    vision_bytes: int = 0

    @functools.cached_property
    def _first_on_cards(self) -> int:
        """The first layer that lies on a card; the output counts as one behind the last."""
        layers = self.options.layers
        return 0 if layers is None else max(0, len(self.shape.blocks) + 1 - layers)

    @property
    def output_on_card(self) -> bool:
        return self._first_on_cards <= len(self.shape.blocks)

    @property
    def on_cards(self) -> t.Sequence[Block]:
        return self.shape.blocks[self._first_on_cards :]

    def weights_bytes(self, first: int, last: int) -> int:
        """Of the layers from ``first`` up to, not including, ``last`` of those on cards."""
        start = self._first_on_cards
        return sum(
            block.weights_bytes - (block.expert_bytes if self.options.experts_on_host(start + place) else 0)
            for place, block in enumerate(self.on_cards[first:last], first)
        )

    @property
    def host_bytes(self) -> int:
        """What stays in the memory of the host: the input table, and what the user keeps there."""
        card = self.weights_bytes(0, len(self.on_cards)) + (
            self.shape.output_bytes if self.output_on_card else 0
        )
        every = sum(block.weights_bytes for block in self.shape.blocks) + self.shape.output_bytes
        return self.shape.host_bytes + every - card

    def sequence_cells(self, pool: int) -> int:
        """Tokens of one stream of the cache."""
        if self.options.unified:
            return round_up(pool, CELLS)
        return round_up(ceil_div(pool, self.options.slots), CELLS)

    def window_cells(self, pool: int) -> int:
        """Tokens of one stream that layers with a window keep."""
        own, options = self.sequence_cells(pool), self.options
        if options.whole_windows or not self.shape.window:
            return own
        windows = self.shape.window * (options.slots if options.unified else 1)
        return min(own, round_up(windows + options.step, CELLS))

    def cache_bytes(self, block: Block, pool: int) -> int:
        """Caches and states of one layer."""
        keys, values = self.options.element_bytes()
        cells = self.window_cells(pool) if block.windowed else self.sequence_cells(pool)
        streams = 1 if self.options.unified else self.options.slots
        cell = block.keys * keys + block.values * values
        return int(streams * cells * cell) + 4 * self.options.slots * block.state_elements

    def caches_bytes(self, first: int, last: int, pool: int) -> int:
        return sum(self.cache_bytes(block, pool) for block in self.on_cards[first:last])

    def compute_bytes(self, pool: int, cards: int = 1) -> int:
        """The compute buffer of one card."""
        options, blocks = self.options, self.shape.blocks
        cells = self.sequence_cells(pool)
        attends = any(block.keys for block in blocks)
        states = 4 * _STATE_COPIES * (options.slots - 1) * max(block.state_elements for block in blocks)
        scanned = 4 * options.step * max(block.scan_elements for block in blocks)
        wide = max(4 * options.step * max(block.forward_elements for block in blocks), scanned + states)
        masks = (cells if attends else 0) + (self.window_cells(pool) if self.shape.window else 0)
        copies = _COPIES if cards > 1 else 1
        with_flash = wide + copies * masks * options.step * _MASK_BYTES
        if options.flash or not attends:
            return with_flash
        hidden = self.shape.architecture.hidden
        around = wide if self.shape.latent else 4 * options.step * _PLAIN_BUFFERS * hidden
        scores = options.step * cells * self.shape.heads * _SCORE_BYTES
        return max(wide, scores + around) + copies * masks * options.step * _WIDE_MASK_BYTES

    def runtime_bytes(self) -> int:
        return RUNTIME_BYTES_ALONE

    def fixed_bytes(self, pool: int, cards: int) -> int:
        """What each card holds whatever layers it has."""
        return self.compute_bytes(pool, cards) + self.runtime_bytes()


class Share(t.NamedTuple):
    """What one card holds: layers of those on cards, in bytes, with the output on the last card."""

    layers: int
    weights_bytes: int
    cache_bytes: int


def shares(sized: Sized, rooms: t.Sequence[int], pool: int) -> t.Optional[t.List[Share]]:
    """Layers for cards with so many usable bytes, as evenly filled as they can be; None where they do not fit.

    The user's own split is kept.
    """
    fixed = sized.fixed_bytes(pool, len(rooms))
    free = [room - fixed - (sized.vision_bytes if place == 0 else 0) for place, room in enumerate(rooms)]
    costs = [sized.weights_bytes(place, place + 1) + sized.caches_bytes(place, place + 1, pool)
             for place in range(len(sized.on_cards))]  # fmt: skip
    output = sized.shape.output_bytes if sized.output_on_card else 0
    if sized.options.split:
        counts: t.Optional[t.List[int]] = _by_shares(len(costs), sized.options.split, len(rooms))
    else:
        counts = _filled(costs, output, free, 1.0)
        counts = counts and _evenest(costs, output, free, counts)
    if counts is None:
        return None
    found, start = [], 0
    for place, count in enumerate(counts):
        weights = sized.weights_bytes(start, start + count) + (output if place == len(counts) - 1 else 0)
        weights += sized.vision_bytes if place == 0 else 0
        found.append(Share(count, weights, sized.caches_bytes(start, start + count, pool)))
        start += count
    fits = all(fixed + each.weights_bytes + each.cache_bytes <= room for each, room in zip(found, rooms))
    return found if fits else None


def _filled(
    costs: t.Sequence[int], output: int, free: t.Sequence[int], share: float
) -> t.Optional[t.List[int]]:
    """Layers of each card where no one is filled beyond ``share`` of what it has free; None where some are left."""
    counts, place = [], 0
    for card, room in enumerate(free):
        left, count = room * share, 0
        last = card == len(free) - 1
        left -= output if last else 0
        while place < len(costs) and costs[place] <= left:
            left -= costs[place]
            place, count = place + 1, count + 1
        if last and left < 0:
            return None
        counts.append(count)
    return counts if place == len(costs) else None


def _evenest(costs: t.Sequence[int], output: int, free: t.Sequence[int], counts: t.List[int]) -> t.List[int]:
    """The split that leaves the fullest card the most room."""
    if len(free) == 1:
        return counts
    low, high = 0.0, 1.0
    for _step in range(12):
        middle = (low + high) / 2
        found = _filled(costs, output, free, middle)
        if found is None:
            low = middle
        else:
            high, counts = middle, found
    return counts


def _by_shares(layers: int, split: t.Sequence[float], cards: int) -> t.List[int]:
    """Layers by the user's shares, as llama.cpp assigns them: a layer belongs to the card whose part it begins in."""
    shares_of = [*split, *[0.0] * cards][:cards]
    total, bounds, so_far = sum(shares_of) or 1.0, [], 0.0
    for each in shares_of:
        so_far += each
        bounds.append(so_far / total)
    counts = [0] * cards
    for layer in range(layers):
        counts[
            next((card for card, bound in enumerate(bounds) if layer / (layers + 1) < bound), cards - 1)
        ] += 1
    return counts
