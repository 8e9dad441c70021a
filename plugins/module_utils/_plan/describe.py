# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: from a repository's metadata to what the planner calculates with."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import Spec, Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import read_architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.gguf_model import gguf_refusal
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layers import Architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    BF16,
    FORMATS,
    FP8,
    ON_LOAD,
    Quantization,
    assumed,
    detect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.weights import (
    Weights,
    requantized,
    weigh,
)


@dataclass(frozen=True)
class Described:
    """A variant that can be calculated. ``order`` is its place among those offered.

    ``advice``: what catalogs say about this repository, one for each of their entries.
    ``source_weights``: what lies in the files, where the engine quantizes it while loading.
    """

    variant: Variant
    architecture: Architecture
    quantization: Quantization
    weights: Weights
    order: int
    advice: t.Tuple[Spec, ...] = ()
    source_weights: t.Optional[Weights] = None

    @property
    def repository(self) -> str:
        return self.variant.repository.ref.name

    @property
    def filters(self) -> t.Tuple[t.Mapping[str, t.Any], ...]:
        """The hardware that catalogs mean it for, one for each entry; empty: any.

        An entry without a filter admits every card.
        """
        found = tuple(spec.gpu_filters for spec in self.advice)
        return found if all(found) else ()

    @property
    def precision(self) -> str:
        return self.quantization.format.precision


def describe(variant: Variant, order: int) -> Described:
    """:raises NotServable: its architecture, format or files are not ones that are known here."""
    repository = variant.repository
    if repository.gguf:
        raise gguf_refusal(repository)
    if repository.config is None:
        raise NotServable(
            "%s has no config.json" % repository.ref,
            hint="Name a repository in the Transformers layout.",
            repository=repository.ref.name,
        )
    architecture = read_architecture(repository.config)
    quantization = detect(repository.config, repository.quant_config, repository.tensors)
    weights = weigh(repository, architecture, quantization)
    return Described(variant, architecture, quantization, weights, order)


def describe_all(
    variants: t.Sequence[Variant], trust_remote_code: bool
) -> t.Tuple[t.List[Described], t.List[Rejection]]:
    """Each repository once; those that cannot be calculated or may not run come back as rejections."""
    described: t.List[Described] = []
    rejected: t.List[Rejection] = []
    unique: t.Dict[t.Tuple[str, str], Variant] = {}
    entries: t.Dict[t.Tuple[str, str], t.List[Variant]] = {}
    for variant in variants:
        key = (variant.repository.ref.source, variant.repository.ref.name)
        unique.setdefault(key, variant)
        entries.setdefault(key, []).append(variant)
    for order, (key, variant) in enumerate(unique.items()):
        try:
            each = replace(describe(variant, order), advice=_advice(entries[key]))
        except NotServable as exc:
            rejected.append(Rejection(variant.repository.ref.name, None, None, None, "all", exc.message))
            continue
        if each.architecture.remote_code and not trust_remote_code:
            reason = "it needs code from its repository (auto_map); allow it with trust_remote_code: true"
            rejected.append(Rejection(each.repository, each.precision, None, None, "all", reason))
        else:
            described.append(each)
    return described, rejected


def _advice(entries: t.Sequence[Variant]) -> t.Tuple[Spec, ...]:
    return tuple(spec for entry in entries for spec in entry.advice)


def quantized_on_load(described: t.Sequence[Described]) -> t.List[Described]:
    """16-bit variants as engines can quantize them: to FP8, or to four bits with bitsandbytes.

    Only to a precision of which no checked variant is there.
    """
    there = {each.precision for each in described}
    found = []
    for each in described:
        if each.precision == BF16:
            for name in ON_LOAD:
                if FORMATS[name].precision not in there:
                    found.append(_quantized(each, name))
    return found


def _quantized(each: Described, name: str) -> Described:
    quantization = replace(assumed(name), on_load=True)
    weights = requantized(each.weights, quantization)
    # bitsandbytes packs each tensor as it comes; FP8 keeps all in 16 bits until the last one is there.
    source = each.weights if FORMATS[name].precision == FP8 else None
    return replace(each, quantization=quantization, weights=weights, source_weights=source)
