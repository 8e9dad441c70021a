# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One record a model, out of those of providers, editions and aliases. Pure.

Two records are the same model if they lead to the same repository, or if their names are equal without
provider, maker and what providers add.
"""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    last_part,
    parameters_in,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.prices import Prices
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord

_ADDED = re.compile(
    r"(:thinking(:\w+)?|[-:@](free|maas|fast|highspeed|ultraspeed|latest|tee|cs|fw|web|flex|short|cheaper|default|exacto"
    r"|nitro|extended|beta|preview|original|floor|online)|(?<=-instruct)-turbo|(?<=\db)-(versatile|instant))\Z"
)
_OFFER = re.compile(r"-v\d+:\d+\Z")
_SIGNS = re.compile(r"[^a-z0-9]+")
_USER, _HUB, _SETS = "user_catalog", "huggingface", "gpustack"


def plain_name(name: str) -> str:
    """Letters and digits of a name without provider, maker and what providers add to it."""
    text = re.sub(r"(?<=\d)p(?=\d)", ".", last_part(name).lower())
    # Amazon's names have a region and a maker before, and a version of the offer behind.
    maker, dot, rest = text.partition(".")
    while dot and maker.isalpha() and not rest[:1].isdigit():
        text = _OFFER.sub("", rest)
        maker, dot, rest = text.partition(".")
    before = ""
    while before != text:
        before, text = text, _ADDED.sub("", text)
    return _SIGNS.sub("", text)


Groups = t.Sequence[t.Sequence[int]]


def one_a_model(
    records: t.Sequence[ModelRecord], groups: t.Optional[Groups] = None
) -> t.Tuple[ModelRecord, ...]:
    """The records, those of one model as one, in the order of the first of each.

    ``groups`` are what :func:`groups_of` gives for these records, where that is known.
    """
    found = groups_of(records) if groups is None else groups
    return tuple(
        records[group[0]] if len(group) == 1 else _merged([records[number] for number in group])
        for group in found
    )


def groups_of(records: t.Sequence[ModelRecord]) -> t.List[t.List[int]]:
    """Places of the records of each model."""
    parents = list(range(len(records)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    first: t.Dict[str, int] = {}
    for number, record in enumerate(records):
        for key in _keys(record):
            other = first.setdefault(key, number)
            if other != number:
                one, two = sorted((root(other), root(number)))
                parents[two] = one
    with_weights = {root(number) for number, record in enumerate(records) if record.repository is not None}
    for number, record in enumerate(records):
        # Providers sell the instructed model, and leave the word out where there is no other.
        instructed = first.get(plain_name(record.id) + "instruct")
        if instructed is not None and root(number) not in with_weights:
            one, two = sorted((root(instructed), root(number)))
            parents[two] = one
    groups: t.Dict[int, t.List[int]] = defaultdict(list)
    for number in range(len(records)):
        groups[root(number)].append(number)
    return list(groups.values())


def _keys(record: ModelRecord) -> t.Iterator[str]:
    yield plain_name(record.id)
    repository = record.repository
    if repository is not None:
        yield repository.lower()
        yield plain_name(repository)


def _merged(group: t.Sequence[ModelRecord]) -> ModelRecord:
    ranked = sorted(group, key=_trust)
    main = ranked[0]
    specs = [spec for record in ranked for spec in record.specs]
    total, active = _parameters(ranked)
    return replace(
        main,
        open_weights=_is_open(ranked),
        provider_ids=_all(ranked, "provider_ids"),
        repositories=_all(ranked, "repositories"),
        spellings=_all(ranked, "spellings"),
        related=_all(ranked, "related"),
        categories=_all(ranked, "categories"),
        specs=tuple(spec for place, spec in enumerate(specs) if spec not in specs[:place]),
        capabilities=_capabilities(ranked),
        prices=_prices(ranked),
        family=_first(ranked, "family"),
        licence=_first(ranked, "licence"),
        release_date=_first(ranked, "release_date"),
        last_updated=_first(ranked, "last_updated"),
        description=_first(ranked, "description"),
        context_tokens=_first(ranked, "context_tokens"),
        input_tokens=_first(ranked, "input_tokens"),
        output_tokens=_first(ranked, "output_tokens"),
        total_parameters=total,
        active_parameters=active,
        deprecated=main.deprecated or all(record.deprecated for record in ranked),
    )


def _trust(record: ModelRecord) -> t.Tuple[bool, bool, bool, bool, bool, int, str]:
    """The user's word first, then neutral entries called like their weights, then linked, then sold most."""
    repository = record.repository
    namesake = repository is not None and plain_name(repository) == plain_name(record.id)
    return (
        record.source != _USER,
        not (record.canonical and namesake),
        not namesake,
        not record.canonical,
        repository is None,
        -len(record.provider_ids),
        record.id,
    )


def _is_open(ranked: t.Sequence[ModelRecord]) -> bool:
    """A known repository decides, then a neutral entry, then what most who offer the model say."""
    if any(record.repository is not None and record.open_weights for record in ranked):
        return True
    neutral = [record.open_weights for record in ranked if record.canonical or record.source == _USER]
    if neutral:
        return any(neutral)
    said = [(len(record.provider_ids) or 1) * (1 if record.open_weights else -1) for record in ranked]
    return sum(said) >= 0


def _parameters(ranked: t.Sequence[ModelRecord]) -> t.Tuple[t.Optional[int], t.Optional[int]]:
    """GPUStack's figures and those in the names of repositories are exact; those of ids are people's."""
    sets = [record for record in ranked if record.source == _SETS and record.total_parameters]
    for record in sets + list(ranked):
        if record.total_parameters:
            active = record.active_parameters or _first(ranked, "active_parameters")
            return record.total_parameters, active
    repository = next((record.repository for record in ranked if record.repository), None)
    return parameters_in(repository) if repository else (None, None)


def _capabilities(ranked: t.Sequence[ModelRecord]) -> t.Dict[str, t.Optional[bool]]:
    """The first word on each capability."""
    found: t.Dict[str, t.Optional[bool]] = {}
    for record in ranked:
        for name, has in record.capabilities.items():
            if found.get(name) is None:
                found[name] = has
    return found


def _prices(ranked: t.Sequence[ModelRecord]) -> Prices:
    costs: t.Dict[str, t.Any] = {}
    for record in ranked:
        if isinstance(record.prices, Prices):
            for cost in record.prices.costs:
                costs.setdefault(cost[0], cost)
    return Prices(list(costs.values()))


def _all(ranked: t.Sequence[ModelRecord], name: str) -> t.Tuple[str, ...]:
    return tuple(dict.fromkeys(item for record in ranked for item in getattr(record, name)))


def _first(ranked: t.Sequence[ModelRecord], name: str) -> t.Any:
    return next((value for value in (getattr(record, name) for record in ranked) if value), None)
