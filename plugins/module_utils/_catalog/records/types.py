# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of the catalogs. Pure data: no IO."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    RepositoryRef,
    Spec,
)

_PLANS = ("token-plan", "coding-plan", "for-coding", "copilot")


@dataclass(frozen=True)
class Rates:
    """USD per million tokens; None where the provider says nothing."""

    input_usd: t.Optional[float] = None
    output_usd: t.Optional[float] = None
    reasoning_usd: t.Optional[float] = None
    cache_read_usd: t.Optional[float] = None
    cache_write_usd: t.Optional[float] = None


@dataclass(frozen=True)
class Tier:
    """Rates of requests whose context is longer than ``above_tokens``."""

    above_tokens: int
    rates: Rates


@dataclass(frozen=True)
class Price:
    """What one provider takes. ``tiers`` are for long contexts, the shortest first."""

    provider: str
    rates: Rates
    tiers: t.Tuple[Tier, ...] = ()

    @property
    def is_plan(self) -> bool:
        """Whether the tokens belong to a subscription, so that their price says nothing."""
        return any(word in self.provider for word in _PLANS)


@dataclass(frozen=True)
class ModelRecord:
    """One model as a catalog knows it.

    ``provider_ids`` are "provider/model id" of everybody who offers it. ``capabilities`` hold
    None where the catalog says nothing. ``repositories`` are Hugging Face names that the catalog
    links or that a hub's own provider uses; ``spellings`` only look like such names, and
    ``related`` are ids of models that a provider says its own is made of. ``specs`` advise on
    serving it. ``deprecated`` says that its maker, or everybody who offers it, has retired it.
    ``canonical`` entries are a catalog's neutral description of the model, not an
    offer. Dates are ISO texts as the catalog has them (a day, or a month). Parameters are counts.
    """

    id: str
    name: str
    source: str
    family: t.Optional[str] = None
    open_weights: bool = False
    provider_ids: t.Tuple[str, ...] = ()
    capabilities: t.Mapping[str, t.Optional[bool]] = field(default_factory=dict)
    input_modalities: t.Tuple[str, ...] = ()
    output_modalities: t.Tuple[str, ...] = ()
    context_tokens: t.Optional[int] = None
    input_tokens: t.Optional[int] = None
    output_tokens: t.Optional[int] = None
    total_parameters: t.Optional[int] = None
    active_parameters: t.Optional[int] = None
    prices: t.Sequence[Price] = ()
    licence: t.Optional[str] = None
    release_date: t.Optional[str] = None
    last_updated: t.Optional[str] = None
    repositories: t.Tuple[str, ...] = ()
    spellings: t.Tuple[str, ...] = ()
    related: t.Tuple[str, ...] = ()
    specs: t.Tuple[Spec, ...] = ()
    categories: t.Tuple[str, ...] = ()
    description: t.Optional[str] = None
    canonical: bool = False
    deprecated: bool = False

    @functools.cached_property
    def repository(self) -> t.Optional[str]:
        """The repository to deploy: what a catalog links, else what GPUStack advises; None where nobody says."""
        return next(iter(self.repositories + tuple(spec.ref.name for spec in self.specs)), None)

    @functools.cached_property
    def cheapest(self) -> Rates:
        """The rates of the provider with the cheapest output that is not free; zeros where all are free.

        Subscriptions take nothing for tokens and are no price. Unknown rates where nobody says one.
        """
        offers = [price.rates for price in self.prices if not price.is_plan]
        known = [rates for rates in offers if rates.output_usd is not None]
        known = known or [rates for rates in offers if rates.input_usd is not None]
        paid = [rates for rates in known if (rates.output_usd or 0.0) > 0 or (rates.input_usd or 0.0) > 0]
        return min(paid or known, key=_cost, default=Rates())

    @functools.cached_property
    def name_text(self) -> str:
        """Its names in lower case, one a line."""
        return "\n".join((self.id, self.repository or "", self.name)).lower()

    @property
    def is_free(self) -> bool:
        """Whether a provider takes nothing for tokens, outside a subscription."""
        return any(
            price.rates.input_usd == 0 == price.rates.output_usd for price in self.prices if not price.is_plan
        )


def _cost(rates: Rates) -> t.Tuple[float, float]:
    return rates.output_usd or 0.0, rates.input_usd or 0.0


@dataclass(frozen=True)
class SourceStatus:
    """How one source answered: ``state`` is live, cached, bundled or failed.

    ``as_of`` is in seconds since the epoch; ``count`` is the number of entries it has.
    """

    name: str
    state: str
    as_of: t.Optional[float] = None
    count: t.Optional[int] = None
    error: t.Optional[str] = None


@dataclass(frozen=True)
class Candidate:
    """A repository that may be meant. ``confidence`` is between 0 and 1."""

    repository: str
    rule: str
    confidence: float


@dataclass(frozen=True)
class Resolution:
    """What a model id means, and how sure that is.

    ``confirmed_on_hub`` is False only where the hub could not be asked. ``candidates`` are
    repositories of further weights which the catalog links to the same model.
    """

    model: ModelRecord
    ref: RepositoryRef
    rule: str
    confirmed_on_hub: bool
    candidates: t.Tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Query:
    """A search. None and empty mean: do not filter by it.

    ``capabilities`` maps names to what is wanted. ``modalities`` have all to be accepted as input,
    ``output_modalities`` all to be given. Prices are those of the cheapest provider, in USD per
    million tokens. ``hub`` is where the catalogs know a repository of the model. Dates are ISO texts.
    """

    text: t.Optional[str] = None
    open_weights: t.Optional[bool] = None
    capabilities: t.Mapping[str, t.Optional[bool]] = field(default_factory=dict)
    family: t.Optional[str] = None
    modalities: t.Tuple[str, ...] = ()
    output_modalities: t.Tuple[str, ...] = ()
    minimum_context_tokens: t.Optional[int] = None
    maximum_input_usd: t.Optional[float] = None
    maximum_output_usd: t.Optional[float] = None
    minimum_parameters: t.Optional[int] = None
    maximum_parameters: t.Optional[int] = None
    licences: t.Tuple[str, ...] = ()
    released_after: t.Optional[str] = None
    hub: t.Optional[str] = None
    sort: str = "relevance"
    limit: int = 20


@dataclass(frozen=True)
class SearchResult:
    """The best matches first; ``total`` counts them before the limit.

    ``notes`` say what of the text was not understood, or could not be fulfilled.
    """

    models: t.Tuple[ModelRecord, ...]
    total: int
    notes: t.Tuple[str, ...] = ()
