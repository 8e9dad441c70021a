# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release of an engine cannot do with a model on a card, by the rules that were read from it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.attention_rules import (
    SHOULD,
    WORDS,
    needs_of,
    no_attention,
    state_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    ARCHITECTURES,
    FLOAT16_REFUSED,
    Image,
    images,
    last,
    reviewed,
    table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.quantization_methods import (
    least_capability,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    Release,
    read_release,
    shown,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    NVIDIA,
    Chip,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Architecture

_RUNTIMES = {NVIDIA: "cuda", AMD: "rocm", ASCEND: "cann"}
_RUNTIME_WORDS = {"cuda": "CUDA", "rocm": "ROCm", "cann": "CANN"}
# The driver that brings a major version of CUDA (NVIDIA's CUDA compatibility guide).
_DRIVERS = {12: "R525", 13: "R580"}
# What begins the name of Ascend's chips, by the variant in the name of an image.
_ASCEND_CHIPS = {"910b": "Ascend910B", "a3": "Ascend910_93", "310p": "Ascend310P", "950": "Ascend950"}
# Volta: PyTorch's builds for CUDA 12.9 and newer begin with Turing.
_TURING, _LAST_WITH_VOLTA = (7, 5), (12, 8)

# Shorter beginnings of the names of classes say nothing.
_SHORTEST_STEM = 5

# Suffixes that vLLM takes off for pooling: what is left has an entry as a language model.
_POOLING = ("ForSequenceClassification", "ForRewardModel", "RewardModel", "EmbeddingModel", "Model")


@dataclass(frozen=True)
class Asked:
    """A model as an engine meets it on a card.

    ``names`` are the classes of its config, ``families`` its model types. ``method`` is the quantizer that the
    repository names, ``fmt`` our name of the format. ``cuda``: the newest that the driver runs.
    """

    engine: str
    card: str
    chip: Chip
    cuda: t.Optional[t.Tuple[int, int]]
    arch: Architecture
    names: t.Tuple[str, ...]
    families: t.Tuple[str, ...]
    method: str
    fmt: str
    dtype: str
    cache: str = "auto"


def limit(asked: Asked, release: Release) -> t.Optional[str]:
    """The first rule that a release breaks, with its name, the card and the rule; None: it may start."""
    checks = (_architecture, _build, _image, _attention, _format, _dtype)
    found = (check(asked, release) for check in checks)
    return next((each for each in found if each is not None), None)


def usable_images(engine: str, chip: Chip, cuda: t.Optional[t.Tuple[int, int]]) -> t.List[Image]:
    """GPUStack's images that a chip and its driver run, those of the newest release first."""
    runtime = _RUNTIMES.get(chip.vendor, "")
    return [
        image
        for image in images(engine, runtime)
        if not image.deprecated and _is_for(image, chip) and _runs(image, chip, cuda)
    ]


def unsure(asked: Asked, release: Release) -> t.List[str]:
    """What should work there and was not seen to."""
    topics = {need.kind: WORDS[need.kind] for need in needs_of(asked.arch)}
    topics[asked.fmt] = asked.fmt
    said = [
        "%s should work on %s with %s; it was not seen verified" % (words, asked.card, _label(asked, release))
        for topic, words in topics.items()
        if state_of(asked.engine, release, topic, asked.chip) == SHOULD
    ]
    rows = table(asked.engine, ARCHITECTURES)
    if asked.names and not any(name in rows for name in _tried(asked)) and rows.names(release):
        said.append(
            "%s is in no release of %s that is known here: it may not start (low confidence)"
            % (", ".join(asked.names), asked.engine)
        )
    return said


def _label(asked: Asked, release: Release) -> str:
    newest = last(asked.engine)
    if release != NEWEST or not newest:
        return "%s %s" % (asked.engine, shown(release)) if release != NEWEST else asked.engine
    return "%s %s, the newest that is known" % (asked.engine, newest)


def _tried(asked: Asked) -> t.List[str]:
    """Names under which an engine may know the model, also where it serves it for pooling."""
    bare = [
        name[: -len(end)] + "ForCausalLM" for name in asked.names for end in _POOLING if name.endswith(end)
    ]
    return [*asked.names, *bare]


def _architecture(asked: Asked, release: Release) -> t.Optional[str]:
    rows = table(asked.engine, ARCHITECTURES)
    if any(rows.value(name, release) is not None for name in _tried(asked)):
        return None
    for name in _tried(asked):
        reason = rows.complaint(asked.engine, name, release)
        if reason is not None:
            return "%s (%s) %s; this is %s" % (name, asked.arch.family, reason, _label(asked, release))
    return _kin(asked, release)


def _kin(asked: Asked, release: Release) -> t.Optional[str]:
    """Of a class that nobody registers: whether the release is older than all that are called alike.

    ``MiniMaxM3ForCausalLM`` is not there, ``MiniMaxM3SparseForCausalLM`` is: what has none of them has no
    code for the family.
    """
    rows = table(asked.engine, ARCHITECTURES)
    if any(name in rows for name in _tried(asked)):
        return None
    for name in asked.names:
        stem = name.partition("For")[0]
        alike = rows.begun(stem) if "For" in name and len(stem) >= _SHORTEST_STEM else []
        reasons = {each: rows.complaint(asked.engine, each, release) for each in alike}
        if alike and all(reasons.values()):
            return "%s (%s): %s, which is called alike, %s; this is %s" % (
                name, asked.arch.family, alike[0], reasons[alike[0]], _label(asked, release),
            )  # fmt: skip
    return None


def _build(asked: Asked, release: Release) -> t.Optional[str]:
    """Whether the release has code for the card at all."""
    told, have = reviewed(asked.engine, "cards", release), asked.chip.capability
    if told is None or asked.chip.vendor != NVIDIA or have is None:
        return None
    lowest, _dash, highest = told.partition("-")
    if _pair(lowest) <= have <= _pair(highest):
        return None
    return "%s is built for compute capability %s to %s; %s has %d.%d" % (
        _label(asked, release), lowest, highest, asked.card, have[0], have[1],
    )  # fmt: skip


def _pair(text: str) -> t.Tuple[int, int]:
    major, _dot, minor = text.partition(".")
    return int(major), int(minor)


def _image(asked: Asked, release: Release) -> t.Optional[str]:
    """Whether the driver runs what the release's images are made with. Others than GPUStack's are not known."""
    runtime = _RUNTIMES.get(asked.chip.vendor, "")
    every = images(asked.engine, runtime)
    own = [image for image in every if release in (NEWEST, read_release(image.release))]
    if not own:
        return None
    for_chip = [image for image in own if _is_for(image, asked.chip)]
    if not for_chip:
        return "GPUStack has no image of %s for %s" % (_label(asked, release), asked.chip)
    if any(_runs(image, asked.chip, asked.cuda) for image in for_chip):
        return None
    least = min(image.runtime for image in for_chip)
    return "the images of %s need %s %s, and the driver of %s runs up to %s: install driver %s or newer" % (
        _label(asked, release), _RUNTIME_WORDS[runtime], shown(least), asked.card,
        shown(asked.cuda or ()), _DRIVERS.get(least[0], "for CUDA %s" % shown(least)),
    )  # fmt: skip


def _is_for(image: Image, chip: Chip) -> bool:
    return not image.chip or chip.target.startswith(_ASCEND_CHIPS.get(image.chip, image.chip))


def _runs(image: Image, chip: Chip, cuda: t.Optional[t.Tuple[int, int]]) -> bool:
    """A driver runs all of its major version of CUDA (minor version compatibility)."""
    if chip.vendor != NVIDIA:
        return True
    if chip.capability is not None and chip.capability < _TURING and image.runtime > _LAST_WITH_VOLTA:
        return False
    return cuda is None or image.runtime[0] <= cuda[0]


def _attention(asked: Asked, release: Release) -> t.Optional[str]:
    reason = no_attention(asked.engine, release, asked.chip, asked.arch, asked.dtype, asked.cache)
    if reason is None:
        return None
    return "%s has on %s (%s) %s" % (_label(asked, release), asked.card, asked.chip, reason)


def _format(asked: Asked, release: Release) -> t.Optional[str]:
    have = asked.chip.capability
    least = least_capability(asked.engine, release, asked.method, asked.fmt)
    if least.missing is not None:
        return "%s %s; this is %s" % (_stored(asked), least.missing, _label(asked, release))
    if asked.chip.vendor != NVIDIA or have is None or least.capability is None:
        return None
    if have[0] * 10 + have[1] >= least.capability:
        return None
    return "%s needs compute capability %d.%d in %s; %s has %d.%d" % (
        _stored(asked), least.capability // 10, least.capability % 10, _label(asked, release), asked.card,
        have[0], have[1],
    )  # fmt: skip


def _stored(asked: Asked) -> str:
    return asked.fmt if asked.method in ("", asked.fmt) else "%s by %s" % (asked.fmt, asked.method)


def _dtype(asked: Asked, release: Release) -> t.Optional[str]:
    rows = table(asked.engine, FLOAT16_REFUSED)
    if asked.dtype != "float16":
        return None
    for family in asked.families:
        if rows.value(family, release) is not None:
            return "%s refuses float16 for %s, and %s has no bfloat16: float32 would take twice the memory" % (
                _label(asked, release), family, asked.card,
            )  # fmt: skip
    return None
