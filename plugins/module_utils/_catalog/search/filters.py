# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which models pass the filters of a search. Pure functions."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import (
    signature,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Query,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.traits import (
    has_price,
    licensed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import HUGGINGFACE

# Bits of a stored weight with its scales, by the quantization that GPUStack's catalog names.
_BITS = {
    "FP32": 32.0, "BF16": 16.0, "FP16": 16.0, "FP8": 8.0, "INT8": 8.0, "W8A8": 8.0,
    "INT4": 4.5, "FP4": 4.5, "MXFP4": 4.5, "NVFP4": 4.5, "W4A8": 4.5,
}  # fmt: skip


def passing(records: t.Sequence[ModelRecord], query: Query) -> t.Iterable[int]:
    """Places of the records that pass every filter of a query."""
    if query == Query(
        text=query.text, sort=query.sort, limit=query.limit, capabilities=query.capabilities
    ) and not any(wanted is not None for wanted in query.capabilities.values()):
        return range(len(records))
    return [number for number, record in enumerate(records) if passes(record, query)]


def passes(record: ModelRecord, query: Query) -> bool:
    """Whether a model is known to fulfil every filter; what a catalog does not say is not fulfilled."""
    return (
        (query.open_weights is None or record.open_weights == query.open_weights)
        and all(
            wanted is None or record.capabilities.get(name) == wanted
            for name, wanted in query.capabilities.items()
        )
        and (query.family is None or is_of_family(record, query.family.lower()))
        and _can(record, query)
        and _is_sized(record, query)
        and _is_offered(record, query)
    )


def is_of_family(record: ModelRecord, family: str) -> bool:
    """The family as a catalog names it, or as people do: kimi is also kimi-k2 and what is called so."""
    said = (record.family or "").lower()
    if said == family or said.startswith(family + "-"):
        return True
    named = {word for name in (record.id, record.name) for word in signature(last_part(name)).words}
    return set(signature(family).words) <= named and not signature(family).versions


def _can(record: ModelRecord, query: Query) -> bool:
    return (
        set(query.modalities) <= set(record.input_modalities)
        and set(query.output_modalities) <= set(record.output_modalities)
        and (record.context_tokens or 0) >= (query.minimum_context_tokens or 0)
    )


def _is_sized(record: ModelRecord, query: Query) -> bool:
    total = record.total_parameters
    if query.minimum_parameters is not None and (total is None or total < query.minimum_parameters):
        return False
    return query.maximum_parameters is None or (total is not None and total <= query.maximum_parameters)


def _is_offered(record: ModelRecord, query: Query) -> bool:
    return (
        (not query.licences or any(licensed(name)(record) for name in query.licences))
        and (query.released_after is None or (record.release_date or "") >= query.released_after)
        and (query.hub is None or _is_on(record, query.hub))
        and _is_cheap(record, query)
    )


def _is_on(record: ModelRecord, hub: str) -> bool:
    linked = hub == HUGGINGFACE and bool(record.repositories)
    return linked or any(spec.ref.source == hub for spec in record.specs)


def _is_cheap(record: ModelRecord, query: Query) -> bool:
    """Whether one provider keeps both limits. Free tiers count where nobody takes anything, subscriptions never."""
    limits = (query.maximum_input_usd, query.maximum_output_usd)
    if limits == (None, None):
        return True
    return any(
        all(
            limit is None or (rate is not None and rate <= limit)
            for limit, rate in zip(limits, (price.rates.input_usd, price.rates.output_usd))
        )
        for price in record.prices
        if not price.is_plan
        and (has_price(record) is False or price.rates.input_usd or price.rates.output_usd)
    )


def weights_bytes(record: ModelRecord) -> t.Optional[int]:
    """The least that the weights take in a form that a catalog knows, else in 16 bits.

    An estimate from the number of parameters; None where that is unknown.
    """
    if record.total_parameters is None:
        return None
    known = [_BITS[spec.quantization] for spec in record.specs if spec.quantization in _BITS]
    return int(record.total_parameters * min(known or [16.0]) / 8)
