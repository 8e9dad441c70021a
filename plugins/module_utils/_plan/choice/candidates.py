# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A variant on an engine over GPUs of one kind, and what rules it out."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    last_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout_rules import (
    broken_rule,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.quantization_methods import (
    declared,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.release_limits import (
    Asked,
    limit,
    unsure,
    usable_images,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
    known,
    read_release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.card_support import (
    NO,
    lacks_bf16,
    least_cuda,
    needs_own_format,
    support,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import (
    card_of,
    card_of_slice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.gpu_filters import (
    admits,
    vendors_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    ASCEND,
    Gpu,
    Room,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.engine_options import (
    FLAGS,
    settings_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.calibration import relevant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    Budget,
    Engine,
    Settings,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import Load
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.overhead import Overhead
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import Weights
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    text_config,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import (
    Served,
    Speed,
    Traffic,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import unable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.catalog_advice import (
    version_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# Cards whose hosts their maker joins: ConnectX-7 at 200 Gbit/s (DGX Spark), NVLink over a rack (NVL72).
JOINED_HOSTS = ("GB10", "GB200", "GB300")

# Of weights that --dtype=float32 widens.
WHOLE_BITS = 16

# The smallest step of an engine that still reads prompts at a good rate, and the sequences of a small server.
LEAN_STEP_TOKENS = 2048
LEAN_SEQUENCES = 32


@dataclass(frozen=True)
class Candidate:
    """A variant on an engine in a layout of GPUs of one kind.

    ``pinned``: why an older release was taken than the server would. ``single``: the user wants float32.
    """

    described: Described
    engine: Engine
    layout: Layout
    kind: Gpu
    settings: Settings
    pinned: t.Optional[str] = None
    single: bool = False

    @functools.cached_property
    def load(self) -> Load:
        described, engine = self.described, self.engine
        arch, draft = described.architecture, described.speculation
        weights = self._weights_bytes(described.weights)
        cached = replace(arch, layers=arch.layers + draft.layers) if draft else arch
        return Load(
            weights_bytes=weights + (ceil_div(draft.weights_bytes, self.layout.tensor) if draft else 0),
            overhead=self.overhead,
            cache=engine.cache(cached, self.layout, self.settings),
            position_limit=self._longest_context(),
            peak_bytes=self._load_peak(),
        )

    def _longest_context(self) -> int:
        """As far as positions go, and the step of an engine that reads a prompt in one."""
        limit = self.described.architecture.position_limit
        return min(limit, self.settings.batched_tokens) if self.engine.prefills_whole else limit

    def _load_peak(self) -> int:
        """Weights on one GPU while they load: engines quantize 16-bit files only once all are there."""
        described = self.described
        if described.source_weights is None:
            return 0
        return self._weights_bytes(described.source_weights)

    def _weights_bytes(self, weights: Weights) -> int:
        described = self.described
        size = self.engine.weights_bytes(
            weights,
            described.architecture,
            described.quantization,
            self.layout,
            self.settings.release,
            self.kind.chip.capability,
        )
        return size * 2 if self.single else size

    def budget(self, room: Room, headroom: float) -> Budget:
        return self.engine.budget(room, self.described.architecture, self.layout, self.settings, headroom)

    @functools.cached_property
    def overhead(self) -> Overhead:
        return self.engine.overhead(self.described.architecture, self.layout, self.settings)

    @functools.cached_property
    def served(self) -> t.Optional[Served]:
        """What a speed is estimated from; None where the card is not known by name."""
        described, kind = self.described, self.kind
        sliced = kind.profile != ""
        card = card_of_slice(kind.name, kind.profile, kind.total_bytes) if sliced else card_of(kind.name)
        if card is None or not described.architecture.generates:
            return None
        return Served(
            arch=described.architecture,
            quantization=described.quantization,
            weights=described.weights,
            layout=self.layout,
            card=card,
            cache=self.load.cache,
            speculation=described.speculation,
        )

    @functools.cached_property
    def speeds(self) -> t.Dict[t.Tuple[bool, Traffic], Speed]:
        """What was estimated already, over slow links (or not) and by load: equal sites share a candidate."""
        return {}

    @property
    def joins_hosts(self) -> bool:
        """Whether hosts of this kind come with a network that is made for groups over several of them."""
        card = card_of(self.kind.name)
        return card is not None and card.name in JOINED_HOSTS

    @property
    def support(self) -> str:
        fmt = self.described.quantization.format
        return support(fmt, self.kind.chip, self.engine.name)

    @functools.cached_property
    def broken_rule(self) -> t.Optional[str]:
        """The first rule of parallelism that the layout breaks."""
        described = self.described
        if self.kind.profile and self.layout.gpus > 1:
            return "slices of cards (MIG) have no links to each other, so that each serves alone"
        if self.described.speculation is not None and self.layout.pipeline > 1:
            return "%s speculates in one stage only" % self.engine.name
        return broken_rule(
            described.architecture,
            described.quantization,
            self.layout,
            self.engine.name,
            release=known(self.settings.release),
        )

    @property
    def _asked(self) -> Asked:
        return asked_of(self.described, self.engine, self.kind, self.settings.kv_dtype, self.single)

    @functools.cached_property
    def doubts(self) -> t.List[str]:
        """What of its engine's release was not seen to work with the model on the card."""
        return unsure(self._asked, self.settings.release)

    def _made_for_it(self) -> bool:
        """Whether a catalog offers the repository for cards of this vendor by name."""
        return any(self.kind.vendor in vendors_of(each) for each in self.described.filters)

    def obstacle(self, policy: Policy) -> t.Optional[str]:
        """What rules the variant out on this kind of GPU however many there are."""
        arch, precision, allowed = self.described.architecture, self.described.precision, policy.quantizations
        if allowed and precision not in allowed:
            return "%s is not among the allowed quantizations (%s)" % (precision, ", ".join(allowed))
        if not admits(self.described.filters, self.kind):
            return "the catalog offers it for %s, not for %s" % (_wanted(self.described), self.kind.name)
        broken = limit(self._asked, self.settings.release)
        if broken is not None:
            return broken
        draft = self.described.speculation
        reason = unable(self.engine.name, draft, self.settings.release) if draft else None
        if reason is not None:
            return reason
        if self.support == NO:
            return "%s does not run on %s (%s) with %s" % (
                self.described.quantization.format.name, self.kind.name, self.kind.chip, self.engine.name,
            )  # fmt: skip
        if (
            needs_own_format(self.described.quantization.format, self.kind.chip, self.engine.name)
            and not self._made_for_it()
        ):
            return "%s of this repository is not known to be made for %s; take one that GPUStack's catalog offers" % (
                self.described.quantization.format.name, self.kind.name,
            )  # fmt: skip
        needed = least_cuda(self.described.quantization.format, self.kind.chip)
        if needed is not None and self.kind.cuda is not None and self.kind.cuda < needed:
            return "%s on %s needs CUDA %s, its driver has %s" % (
                self.described.quantization.format.name, self.kind.name, _shown(needed), _shown(self.kind.cuda),
            )  # fmt: skip
        if policy.context_tokens is not None and policy.context_tokens > arch.position_limit:
            return "context %d is more than the model's %d" % (policy.context_tokens, arch.position_limit)
        return None


def candidate(
    described: Described,
    engine: Engine,
    layout: Layout,
    kind: Gpu,
    policy: Policy,
    user: t.Sequence[Argument],
) -> Candidate:
    total = kind.total_bytes - kind.reserved_bytes
    default_kv = described.quantization.kv_cache or "auto"
    dtype = last_of(user, FLAGS[engine.name].dtype)
    whole = described.quantization.format.bits == WHOLE_BITS
    single = whole and dtype is not None and dtype.value in ("float", "float32")
    version, release, pinned = _release(described, engine, kind, policy, default_kv, single)
    settings = settings_of(engine, total, policy.concurrency, user, default_kv, version, release)
    if single and settings.kv_dtype == "auto":
        settings = replace(settings, kv_dtype="float32")
    if engine.prefills_whole:
        settings = replace(settings, batched_tokens=policy.context_tokens or settings.batched_tokens)
    elif not described.architecture.generates:
        longest = policy.context_tokens or described.architecture.position_limit
        settings = replace(settings, batched_tokens=max(settings.batched_tokens, longest))
    if described.speculation is not None:
        settings = replace(settings, draft_tokens=described.speculation.tokens)
    learned = relevant(policy.corrections, engine.name, kind.name, version)
    return Candidate(described, engine, layout, kind, replace(settings, corrections=learned), pinned, single)


def asked_of(described: Described, engine: Engine, kind: Gpu, cache: str, single: bool = False) -> Asked:
    """What the rules of releases are asked about a variant on a kind of card; ``single``: in float32."""
    repository = described.variant.repository
    config = repository.config or {}
    text = text_config(config)
    families = (str(each.get("model_type")) for each in (config, text) if each.get("model_type"))
    half = lacks_bf16(kind.chip) and "float32" not in described.architecture.dtype
    return Asked(
        engine=engine.name,
        card=kind.name,
        chip=kind.chip,
        cuda=kind.cuda,
        arch=described.architecture,
        names=tuple(str(each) for each in config.get("architectures") or ()),
        families=tuple(dict.fromkeys(families)),
        method="" if described.quantization.on_load else declared(config, text, repository.quant_config),
        fmt=described.quantization.format.name,
        dtype="float32" if single else "float16" if half else "bfloat16",
        cache="auto" if single else cache,
    )


def _release(
    described: Described, engine: Engine, kind: Gpu, policy: Policy, cache: str, single: bool
) -> t.Tuple[t.Optional[str], Release, t.Optional[str]]:
    """(version, release, why it is pinned): the user's, else the default, else the newest image that works.

    On Ascend an image is made for some chips only, so that the newest of all may not be there.
    """
    version = version_of(described, engine, kind, policy)
    release = policy.release(engine.name, version)
    if policy.backend_version is not None:
        return version, release, None
    asked = asked_of(described, engine, kind, cache, single)
    offered = usable_images(engine.name, kind.chip, kind.cuda)
    if release == NEWEST and kind.vendor == ASCEND and offered:
        release = read_release(offered[0].release)
    reason = limit(asked, release)
    if reason is not None:
        for image in offered:
            if limit(asked, read_release(image.release)) is None:
                return image.release, read_release(image.release), reason
    return version, release, None


def lean(each: Candidate, concurrency: int, user: t.Sequence[Argument]) -> t.Optional[Candidate]:
    """The same in smaller steps, which leave memory to the cache; None where there are none to take.

    What the user sets stays.
    """
    flags, now = FLAGS[each.engine.name], each.settings
    if each.engine.prefills_whole or not each.described.architecture.generates:
        return None
    tokens, sequences = now.batched_tokens, now.sequences
    if last_of(user, flags.batched_tokens) is None:
        tokens = min(tokens, LEAN_STEP_TOKENS)
    if last_of(user, flags.sequences) is None:
        sequences = min(sequences, max(LEAN_SEQUENCES, 2 * concurrency))
    if (tokens, sequences) == (now.batched_tokens, now.sequences):
        return None
    return replace(each, settings=replace(now, batched_tokens=max(tokens, sequences), sequences=sequences))


def _shown(version: t.Optional[t.Tuple[int, int]]) -> str:
    return "%d.%d" % version if version else "unknown"


def _wanted(described: Described) -> str:
    return " or ".join(
        ", ".join("%s %s" % (key.replace("_", " "), value) for key, value in sorted(each.items()))
        for each in described.filters
    )
