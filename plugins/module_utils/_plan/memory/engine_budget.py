# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How vLLM and SGLang budget memory.

vLLM (gpu_worker.py): ``gpu_memory_utilization`` is a share of the card's total and covers weights,
activations and cache; it refuses to start where less is free. SGLang (model_runner.py):
``mem_fraction_static`` is a share of what is free at start and covers weights and cache only.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB, ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import Card
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Capability,
    Room,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.cache_types import (
    CACHE_TYPES,
    WIDE,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import (
    Correction,
    corrected,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import (
    SGLANG_STATE_SHARE,
    KvCache,
    cell_bytes,
    kv_cache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import (
    LATENT_PAST_TOKENS,
    SGLANG_SAMPLER_BYTES,
    VLLM_SAMPLER_BYTES,
    Overhead,
    SglangLayout,
    Step,
    peak_overhead,
    sglang_reserve_bytes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import (
    MARLIN_TILES,
    Weights,
    mxfp4_tiles,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Compressed,
    Layer,
    Recurrent,
)

# vLLM's own fraction (config/cache.py); more only where a wanted context needs it.
COMFORTABLE_PERMILLE = 920
FORMER_PERMILLE, FORMER_UNTIL = 900, (0, 20, 0)

# From here on vLLM takes CUDA graphs out of its share of the card before the cache (gpu_worker.py); before, they
# came out of what the share leaves, and plans for those releases keep both.
GRAPHS_WITHIN_SHARE: Release = (0, 21)

# Cards that vLLM gives small steps whatever their memory (arg_utils.py).
_SMALL_STEP_CARDS = ("A100", "A100 PCIe", "A100 40GB", "A800", "GB10")

# Sequences of one step by memory of the card: the sampler's copies of the logits are dear on small ones.
_SEQUENCES = ((20 * GIB, 256), (0, 64))


@dataclass(frozen=True)
class Settings:
    """What bounds the overhead: tokens and sequences of one step. ``permille``: fixed by the user.

    ``version`` of the engine as GPUStack calls it; None: that server's default. ``release`` is what it is
    planned as. ``draft_tokens`` are
    proposed for each sequence of a step. ``corrections``: what was measured of it on this kind of card.
    """

    batched_tokens: int
    sequences: int
    kv_dtype: str
    eager: bool = False
    permille: t.Optional[int] = None
    version: t.Optional[str] = None
    release: Release = NEWEST
    draft_tokens: int = 0
    corrections: t.Tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Budget:
    """An engine's memory as a function of its fraction, in thousandths.

    ``bytes_at(f) = base * f / 1000 + outside``; ``comfortable`` is taken where it suffices, more up
    to ``limit`` only for a context that needs it. ``startable``: the largest that the engine starts with,
    where the user fixed it.
    """

    base_bytes: int
    outside_bytes: int
    comfortable: int
    limit: int
    startable: t.Optional[int] = None

    @property
    def starts(self) -> bool:
        """Whether the engine gets as far as to look at its weights."""
        return self.startable is None or self.limit <= self.startable

    def bytes_at(self, permille: int) -> int:
        return self.base_bytes * permille // 1000 + self.outside_bytes

    def permille_for(self, size_bytes: int) -> int:
        """The smallest fraction that covers ``size_bytes``."""
        return max(1, ceil_div((size_bytes - self.outside_bytes) * 1000, self.base_bytes))


@dataclass(frozen=True)
class Engine:
    """One inference engine by GPUStack's name.

    ``of_total``: its fraction is a share of the card's total and covers everything; otherwise of
    what is free at start, and overhead comes on top. ``batched_tokens`` are its serving defaults by
    memory of the card. ``windows``: window layers take no more cache than their window, and recurrent
    states lie in pages of the cache. ``sampler_bytes`` for each logit. ``past_tokens`` as in Step.
    ``prefills_whole``: a prompt is read in one step, however long it is.
    """

    name: str
    of_total: bool
    windows: bool
    sampler_bytes: int
    batched_tokens: t.Tuple[t.Tuple[int, int], ...]
    prefills_whole: bool = False
    past_tokens: int = 0

    def defaults(self, total_bytes: int, concurrency: int, kv_dtype: str) -> Settings:
        """Step sizes for a card of this size, where the user sets none."""
        return Settings(
            batched_tokens=_by_size(self.batched_tokens, total_bytes),
            sequences=max(concurrency, _by_size(_SEQUENCES, total_bytes)),
            kv_dtype=kv_dtype,
        )

    def overhead(self, arch: Architecture, layout: Layout, settings: Settings) -> Overhead:
        # A step samples each proposed token, too.
        step = Step(
            settings.batched_tokens,
            settings.sequences * (1 + settings.draft_tokens),
            self.sampler_bytes,
            settings.eager,
            past_tokens=self.past_tokens,
            packed_cache=CACHE_TYPES[settings.kv_dtype].packed,
        )
        peak = peak_overhead(arch, layout.tensor, step, layout.gpus)
        if settings.kv_dtype == WIDE:
            peak = replace(peak, activation_bytes=2 * peak.activation_bytes)
        return corrected(peak, settings.corrections)

    def weights_bytes(
        self,
        weights: Weights,
        arch: Architecture,
        quantization: Quantization,
        layout: Layout,
        release: Release = NEWEST,
        capability: t.Optional[Capability] = None,
    ) -> int:
        """Bytes of weights on one GPU of ``layout``, by ``capability`` of NVIDIA's.

        SGLang holds layers of compressed attention whole on every rank, as it holds their one cache:
        a start-up log of DeepSeek V4 Pro on eight GPUs has 125.65 GiB on each, which is an eighth of
        its routed experts and all of the rest (125.8). With data-parallel attention it still cuts all
        but attention and embeddings over the whole group (communicator.py, logits_processor.py); a data
        rank of vLLM is an engine of its own and cuts only the routed experts.
        """
        ranks = layout.expert_ranks if layout.expert or layout.attention_data else None
        group, attention = layout.tensor, None
        if not self.of_total:
            group, attention = layout.expert_ranks, layout.tensor
        whole = not self.of_total and any(isinstance(mixer, Compressed) for mixer in arch.mixer_counts)
        tiles = mxfp4_tiles(release, capability) if self.of_total else MARLIN_TILES
        return weights.per_gpu_bytes(
            group, arch, quantization, ranks, layout.pipeline, whole, attention=attention, tiles=tiles
        )

    def cache(self, arch: Architecture, layout: Layout, settings: Settings) -> KvCache:
        """The cache of one request on one GPU of ``layout``; of the fullest of pipeline stages."""
        if layout.pipeline > 1:
            arch = replace(arch, layers=fullest_stage(arch.layers, layout.pipeline))
        tensor = layout.tensor
        in_flight = self.in_flight_tokens(settings)
        cache = kv_cache(
            arch,
            tensor,
            settings.kv_dtype,
            in_flight,
            self.windows,
            settings.draft_tokens,
            settings.release,
        )
        if cache.capped:
            cache = replace(cache, in_flight_tokens=in_flight or 0)
        if self.windows or not any(isinstance(mixer, Recurrent) for mixer in arch.mixer_counts):
            return cache
        # Where states have a pool of their own, cells get what the ratio of both leaves them.
        return replace(cache, growing_bytes=cache.growing_bytes * (1 + SGLANG_STATE_SHARE))

    def budget(
        self, room: Room, arch: Architecture, layout: Layout, settings: Settings, headroom: float
    ) -> Budget:
        """The fractions that this engine may take of ``room``, ``headroom`` of the total kept free."""
        spare = room.usable_bytes - int(headroom * room.total_bytes)
        if self.of_total:
            base, outside, comfortable = room.total_bytes, 0, default_permille(settings.release)
        else:
            overhead = self.overhead(arch, layout, settings)
            base, outside = max(1, room.usable_bytes - overhead.runtime_bytes), overhead.total_bytes
            shape = SglangLayout(
                layout.tensor,
                layout.pipeline,
                layout.attention_ranks,
                settings.batched_tokens,
                settings.release,
            )
            reserve = sglang_reserve_bytes(arch, room.total_bytes, shape)
            comfortable = max(0, (room.usable_bytes - reserve) * 1000 // base)
        if settings.permille is not None:
            startable = max(0, (room.usable_bytes - outside) * 1000 // base)
            return Budget(base, outside, settings.permille, settings.permille, startable)
        limit = max(0, (spare - outside) * 1000 // base)
        return Budget(base, outside, min(comfortable, limit), limit)

    def graphs_beside(self, overhead: Overhead, settings: Settings) -> int:
        """Bytes of CUDA graphs that lie outside the share in which the cache is."""
        return overhead.graphs_bytes if self.of_total and settings.release < GRAPHS_WITHIN_SHARE else 0

    def in_flight_tokens(self, settings: Settings) -> t.Optional[int]:
        """Prefill tokens that a window layer holds beside its window; None: windows are not capped."""
        return settings.batched_tokens if self.windows else None


VLLM = Engine(
    name="vLLM",
    of_total=True,
    windows=True,
    sampler_bytes=VLLM_SAMPLER_BYTES,
    batched_tokens=((160 * GIB, 16384), (70 * GIB, 8192), (0, 2048)),
    past_tokens=LATENT_PAST_TOKENS,
)

# SGLang sizes its window pool as a share of the full one, so that windows are counted in full here.
SGLANG = Engine(
    name="SGLang",
    of_total=False,
    windows=False,
    sampler_bytes=SGLANG_SAMPLER_BYTES,
    batched_tokens=((160 * GIB, 16384), (60 * GIB, 8192), (20 * GIB, 4096), (0, 2048)),
)

# Ascend's own engine. Its fraction is taken for vLLM's, which was never measured; windows count in full.
MINDIE = Engine(
    name="MindIE",
    of_total=True,
    windows=False,
    sampler_bytes=VLLM_SAMPLER_BYTES,
    batched_tokens=((0, 32768),),
    prefills_whole=True,
)

# Models in GGUF only. What it takes is in llama_cpp.py: a server of it has no fraction.
LLAMA_CPP = Engine(
    name="llama.cpp",
    of_total=True,
    windows=True,
    sampler_bytes=0,
    batched_tokens=((0, 512),),
)

ENGINES = {engine.name: engine for engine in (VLLM, SGLANG, MINDIE, LLAMA_CPP)}
BY_MODE = {"standard": VLLM, "throughput": SGLANG}


def default_permille(release: Release) -> int:
    """The share of a card that vLLM takes where no argument says so, in thousandths."""
    return FORMER_PERMILLE if release < FORMER_UNTIL else COMFORTABLE_PERMILLE


def fullest_stage(layers: t.Tuple[Layer, ...], pipeline: int) -> t.Tuple[Layer, ...]:
    """The stage whose layers hold the most cache; stages take turns at the layers left over."""
    size = ceil_div(len(layers), pipeline)
    stages = [layers[start : start + size] for start in range(0, len(layers), size)]
    return max(
        stages,
        key=lambda stage: sum(cell_bytes(m, 1, CACHE_TYPES["auto"]) for each in stage for m in each.mixers),
    )


def vllm_default_step(total_bytes: int, card: t.Optional[Card]) -> t.Tuple[int, int]:
    """(batched tokens, sequences) that vLLM's server takes where no argument says so.

    A card that is not known by name is not taken for one of the newer ones.
    """
    if total_bytes >= 160 * GIB:
        return 16384, 1024
    if total_bytes >= 70 * GIB and card is not None and card.name not in _SMALL_STEP_CARDS:
        return 8192, 1024
    return 2048, 256


def _by_size(table: t.Sequence[t.Tuple[int, int]], total_bytes: int) -> int:
    return next(value for least, value in table if total_bytes >= least)
