# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a repository's metadata to what the planner calculates with."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    DraftModel,
    Spec,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ASSUMED, DERIVED
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    Quantization,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.config_overrides import (
    position_overrides,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.launch.parsers import (
    REASONING,
    family_parsers,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import ENGINES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import Weights, weigh
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    text_config,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.speculative import (
    Speculation,
    known,
    wanted,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.gguf_models import (
    GgufFile,
    read_models,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.usage_terms import refusal


@dataclass(frozen=True)
class Described:
    """A variant that can be calculated. ``order`` is its place among those offered.

    ``advice``: what catalogs say about this repository, one for each of their entries.
    ``speculation``: how a draft helps it decode, of the ``ways`` that it has. ``source_weights``: what lies on the GPUs first, where
    the engine quantizes it once all is there; ``loading`` are the arguments that tell it to. ``reasons``:
    the model thinks in writing before it answers. ``gguf``: the file of a repository that llama.cpp would serve.
    """

    variant: Variant
    architecture: Architecture
    quantization: Quantization
    weights: Weights
    order: int
    advice: t.Tuple[Spec, ...] = ()
    source_weights: t.Optional[Weights] = None
    speculation: t.Optional[Speculation] = None
    ways: t.Mapping[str, Speculation] = field(default_factory=dict)
    loading: t.Tuple[str, ...] = ()
    reasons: bool = False
    gguf: t.Optional[GgufFile] = None

    @property
    def repository(self) -> str:
        """Its name, of a model in GGUF with the quantization, by which it is one of several."""
        name = self.variant.repository.ref.name
        return name if self.gguf is None else "%s:%s" % (name, self.gguf.quant_name)

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

    @property
    def evidence(self) -> t.Dict[str, str]:
        """Where the sizes come from that the variant itself decides."""
        return {
            "weights_bytes": self.weights.evidence,
            "quantization": self.quantization.evidence,
            "kv_bytes_per_token": DERIVED if self.architecture.confident else ASSUMED,
        }


def describe(variant: Variant, order: int) -> Described:
    """:raises NotServable: its architecture, format or files are not ones that are known here."""
    repository = variant.repository
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


def describe_each(variant: Variant, order: int, quant: t.Optional[str] = None) -> t.List[Described]:
    """What a repository offers: one variant, or each of its models in GGUF.

    :raises InvalidInput: there is no model in GGUF of the name ``quant``.
    :raises NotServable: there is nothing that can be calculated.
    """
    if not variant.repository.gguf:
        return [describe(variant, order)]
    return [
        Described(
            variant, each.file.shape.architecture, each.quantization, each.weights, order, gguf=each.file
        )
        for each in read_models(variant.repository, quant)
    ]


def describe_all(
    variants: t.Sequence[Variant],
    policy: Policy,
    licence: t.Optional[str] = None,
    draft: t.Optional[DraftModel] = None,
) -> t.Tuple[t.List[Described], t.List[Rejection]]:
    """Each repository once; those that cannot be calculated or may not run come back as rejections.

    A variant that is worth planning with and without a draft comes back twice. ``licence`` is the
    model's where a repository has none of its own.
    """
    described: t.List[Described] = []
    rejected: t.List[Rejection] = []
    unique: t.Dict[t.Tuple[str, str], Variant] = {}
    entries: t.Dict[t.Tuple[str, str], t.List[Variant]] = {}
    for variant in variants:
        key = (variant.repository.ref.source, variant.repository.ref.name)
        unique.setdefault(key, variant)
        entries.setdefault(key, []).append(variant)
    for order, (key, variant) in enumerate(unique.items()):
        refused = refusal(variant.repository, licence, policy)
        if refused is not None:
            rejected.append(Rejection(variant.repository.ref.name, None, None, None, "all", refused))
            continue
        try:
            stretched = _with_positions(variant, policy)
            found = describe_each(stretched, order, policy.quant)
        except NotServable as exc:
            rejected.append(Rejection(variant.repository.ref.name, None, None, None, "all", exc.message))
            continue
        described_one, rejected_one = _allowed(found, _advice(entries[key]), policy, draft)
        described += described_one
        rejected += rejected_one
    # What one repository of a model says holds for all of them.
    reasons = any(_reasons(each) for each in described)
    return [replace(each, reasons=reasons) for each in described], rejected


def _allowed(
    found: t.Sequence[Described], advice: t.Tuple[Spec, ...], policy: Policy, draft: t.Optional[DraftModel]
) -> t.Tuple[t.List[Described], t.List[Rejection]]:
    """The ways to speculate of each, and those that may not run."""
    described: t.List[Described] = []
    rejected: t.List[Rejection] = []
    for each in found:
        each = replace(each, advice=advice)
        if each.gguf is None:
            each = replace(each, ways=known(each.architecture, each.weights, advice, draft))
        ways, absent = wanted(policy, each.ways)
        reason: t.Optional[str] = absent
        if each.architecture.remote_code and not policy.trust_remote_code:
            reason = "it needs code from its repository (auto_map); allow it with trust_remote_code: true"
        if reason is not None:
            rejected.append(Rejection(each.repository, each.precision, None, None, "all", reason))
        else:
            described += [replace(each, speculation=way) for way in ways]
    return described, rejected


def _reasons(each: Described) -> bool:
    """Whether some engine has to be told how the model writes its reasoning."""
    said = (argument.flag for spec in each.advice for argument in parse(spec.parameters))
    config = each.variant.repository.config or {}
    types = {str(holder.get("model_type")) for holder in (config, text_config(config))}
    known_ones = (family_parsers(engine, types, each.repository) for engine in ENGINES.values())
    return REASONING in said or any(REASONING in flags for flags in known_ones)


def _advice(entries: t.Sequence[Variant]) -> t.Tuple[Spec, ...]:
    return tuple(spec for entry in entries for spec in entry.advice)


def _with_positions(variant: Variant, policy: Policy) -> Variant:
    """``variant`` with what the user's arguments say of positions in its config."""
    config = variant.repository.config
    told = position_overrides(parse(policy.backend_parameters))
    if config is None or not told:
        return variant
    text = text_config(config)
    changed = {**config, **told}
    for name, holder in config.items():
        if holder is text:
            changed = {**config, name: {**text, **told}}
    return replace(variant, repository=replace(variant.repository, config=changed))
