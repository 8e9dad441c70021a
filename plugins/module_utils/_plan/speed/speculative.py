# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Speculative decoding, what it takes and what it is likely to give.

A draft proposes the next tokens cheaply, and one step of the model checks all of them. It costs
memory and, in a busy server, arithmetic; it gives nothing where proposals are rejected.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    DraftModel,
    Spec,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    Release,
    shown,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import Weights
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Layer,
    Recurrent,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.parameter_count import DRAFT
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import (
    AUTO,
    LATENCY,
    OFF,
    Policy,
)

MTP, EAGLE3, NGRAM = "mtp", "eagle3", "ngram"
ALGORITHMS = (MTP, EAGLE3, NGRAM)

# Tokens proposed for each step where no catalog says how many: MTP modules are trained for the next
# one, chains of EAGLE3 drafts lose their aim after three, n-grams cost nothing.
_TOKENS = {MTP: 1, EAGLE3: 3, NGRAM: 4}

# Chance that a proposed token is accepted, where those before it were. MTP: DeepSeek-V3's report has
# 85 to 90 % for the second token; EAGLE3: chains of three give 2.3 to 2.8 tokens a step in published
# serving benchmarks, which is 0.65 to 0.75; n-grams: chat repeats little of its prompt.
ACCEPTANCE = {MTP: 0.80, EAGLE3: 0.70, NGRAM: 0.20}

# The first releases that take the algorithm as GPUStack spells it.
_SINCE: t.Mapping[t.Tuple[str, str], Release] = {
    ("vLLM", MTP): (0, 11, 0),
    ("vLLM", EAGLE3): (0, 8, 5),
    ("vLLM", NGRAM): (0, 8, 5),
    ("SGLang", NGRAM): (0, 5, 3),
}

# From here on SGLang loads a draft before it sizes the cache; it reserved 4 GiB for one until then.
_SGLANG_COUNTS_DRAFTS: Release = (0, 5, 14)


@dataclass(frozen=True)
class Speculation:
    """One way to speculate with a variant.

    ``tokens`` are proposed for each step. ``weights_bytes`` are the draft's, of all GPUs together, and
    ``layers`` those whose cache it keeps beside the model's. ``draft`` is the catalog's name of a draft
    model.
    """

    algorithm: str
    tokens: int
    weights_bytes: int = 0
    layers: t.Tuple[Layer, ...] = ()
    draft: t.Optional[str] = None

    @property
    def tokens_per_step(self) -> float:
        """Expected tokens of one step: the accepted ones and the model's own."""
        chance = ACCEPTANCE[self.algorithm]
        return (1.0 - chance ** (self.tokens + 1)) / (1.0 - chance)

    def config(self, engine: str) -> t.Dict[str, t.Any]:
        """GPUStack's ``speculative_config``. SGLang counts the model's own token among a draft's."""
        own = 1 if engine == "SGLang" and self.layers else 0
        found = {
            "enabled": True,
            "algorithm": self.algorithm,
            "num_draft_tokens": self.tokens + own,
            "draft_model": self.draft,
        }
        return {key: value for key, value in found.items() if value is not None}

    def arguments(self, engine: str) -> t.List[Argument]:
        """What keeps GPUStack from giving SGLang a wider tree of drafts than the plan counts."""
        if engine != "SGLang" or not self.layers:
            return []
        return [
            Argument("--speculative-num-steps", str(self.tokens)),
            Argument("--speculative-eagle-topk", "1"),
        ]


def unable(engine: str, draft: Speculation, release: Release) -> t.Optional[str]:
    """Why a release cannot speculate so, or not as it is planned; None where it can."""
    since = _SINCE.get((engine, draft.algorithm), ())
    if release < since:
        return "%s has %s since %s only" % (engine, draft.algorithm, shown(since))
    if engine == "SGLang" and draft.layers and release < _SGLANG_COUNTS_DRAFTS:
        return "before %s SGLang loads drafts beside its memory fraction, which no plan counts" % shown(
            _SGLANG_COUNTS_DRAFTS
        )
    return None


def known(
    arch: Architecture, weights: Weights, advice: t.Sequence[Spec], draft: t.Optional[DraftModel]
) -> t.Dict[str, Speculation]:
    """What can propose tokens for a variant, the surest first: what its catalog advises, then MTP."""
    layer = _attention(arch)
    found = {NGRAM: Speculation(NGRAM, _TOKENS[NGRAM])}
    if layer is not None and arch.draft_layers:
        found[MTP] = Speculation(MTP, _TOKENS[MTP], weights.by_role.get(DRAFT, 0), (layer,))
    if layer is not None and draft is not None and draft.algorithm == EAGLE3:
        found[EAGLE3] = Speculation(EAGLE3, _TOKENS[EAGLE3], draft.weights_bytes, (layer,), draft=draft.name)
    return {name: _advised(found[name], advice) for name in ALGORITHMS if name in found}


def may_use_draft(policy: Policy) -> bool:
    """Whether a draft model is of any use to this policy."""
    return policy.speculative == EAGLE3 or (policy.speculative == AUTO and policy.goal == LATENCY)


def wanted(
    policy: Policy, ways: t.Mapping[str, Speculation]
) -> t.Tuple[t.List[t.Optional[Speculation]], t.Optional[str]]:
    """The ways to decode that are worth planning, None for without a draft; or why there is none."""
    if policy.speculative == OFF:
        return [None], None
    if policy.speculative != AUTO:
        way = ways.get(policy.speculative)
        return ([], _absent(policy.speculative)) if way is None else ([way], None)
    best = suggested(ways)
    return ([None, best] if policy.goal == LATENCY and best else [None]), None


def suggested(ways: t.Mapping[str, Speculation]) -> t.Optional[Speculation]:
    """What ``auto`` uses where latency is the goal; never n-grams, which help some uses only."""
    return ways.get(MTP) or ways.get(EAGLE3)


def told(way: t.Optional[Speculation], ways: t.Mapping[str, Speculation]) -> str:
    """What a plan says about speculation: what it counts on, or what it could turn on. Empty for neither."""
    if way is not None:
        cost = "; its %s lie in the weights" % gib(way.weights_bytes) if way.weights_bytes else ""
        return "%s, %d ahead, each taken with a chance of %d %% (assumed)%s" % (
            way.algorithm, way.tokens, round(100 * ACCEPTANCE[way.algorithm]), cost,
        )  # fmt: skip
    could = suggested(ways)
    if could is None:
        return ""
    cost = " for %s in all" % gib(could.weights_bytes) if could.weights_bytes else ""
    return "no; speculative: %s would%s, which pays for few requests at once" % (could.algorithm, cost)


def _absent(algorithm: str) -> str:
    reasons = {
        MTP: "speculative is mtp, and it has no MTP layers",
        EAGLE3: "speculative is eagle3, and GPUStack's catalog names no draft for it",
    }
    return reasons[algorithm]


def _advised(way: Speculation, advice: t.Sequence[Spec]) -> Speculation:
    """With as many tokens as a catalog's entry says."""
    for spec in advice:
        said = spec.speculative
        tokens = said.get("num_draft_tokens")
        if spec.backend == "vLLM" and said.get("algorithm") == way.algorithm and tokens:
            return replace(way, tokens=int(tokens))
    return way


def _attention(arch: Architecture) -> t.Optional[Layer]:
    """The model's last layer with attention, which a draft's layer is like."""
    plain = [layer for layer in arch.layers if not any(isinstance(m, Recurrent) for m in layer.mixers)]
    return plain[-1] if plain and arch.generates else None
