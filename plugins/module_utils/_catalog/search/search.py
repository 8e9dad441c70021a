# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search over known models, and the open models nearest to a closed one.

An index of words is built once; a search reads the words of its text in it and scans no record.
"""

from __future__ import annotations

import math
import typing as t
from collections import defaultdict
from difflib import get_close_matches

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import (
    FILLER_WORDS,
    SYNONYMS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    last_part,
    normal,
    words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Query,
    SearchResult,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.filters import passes

EXACT, PREFIX, INSIDE = 3.0, 2.0, 1.0
CLOSE = 0.75
RELEVANCE = "relevance"
COMPARED = ("tool_call", "reasoning", "structured_output")

Score = t.Dict[int, float]


class Index:
    """Words of all records: of ids, names, families and repositories, and of what they can do."""

    def __init__(self, records: t.Sequence[ModelRecord]) -> None:
        self.records = tuple(records)
        self._holders: t.Dict[str, t.List[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            for word in _words_of(record):
                self._holders[word].append(number)

    def search(self, query: Query) -> SearchResult:
        """Records that pass every filter and hold the words of the text, the best first.

        A word that occurs nowhere is taken for the most similar one that does. Where no record holds
        every word, those that hold most of them are found.
        """
        wanted = _meant(query.text or "")
        scores = self._scores(wanted)
        passing = [number for number in scores if passes(self.records[number], query)]
        most = max((scores[number][0] for number in passing), default=0)
        found = [number for number in passing if scores[number][0] == most]
        order, spelled = SORTS[query.sort], normal(query.text or "")
        meant = {meaning for word in wanted for meaning in SYNONYMS.get(word, (word,))}

        def rank(number: int) -> t.Tuple[t.Any, ...]:
            record = self.records[number]
            exact = bool(wanted) and spelled in (normal(record.id), normal(record.name))
            return order(record) + (exact, scores[number][1], _worth(record, meant))

        found.sort(key=lambda number: self.records[number].id)
        found.sort(key=rank, reverse=True)
        models = tuple(self.records[number] for number in found[: query.limit])
        return SearchResult(models, len(found), not found or most == len(wanted))

    def _scores(self, wanted: t.Sequence[str]) -> t.Dict[int, t.Tuple[int, float]]:
        """Record -> how many of the words it holds, and how well."""
        if not wanted:
            return {number: (0, 0.0) for number in range(len(self.records))}
        total: t.Dict[int, t.Tuple[int, float]] = {}
        for word in wanted:
            for number, score in self._holding(word).items():
                count, before = total.get(number, (0, 0.0))
                total[number] = (count + 1, before + score)
        return total

    def _holding(self, word: str) -> Score:
        found = self._matching(word)
        if not found:
            for close in get_close_matches(word, list(self._holders), 1, CLOSE):
                found = self._matching(close)
        return found

    def _matching(self, word: str) -> Score:
        """Records with the word or a synonym, by their best match."""
        found: Score = {}
        meanings = SYNONYMS.get(word, (word,))
        for held, numbers in self._holders.items():
            if held in meanings:
                score = EXACT
            elif held.startswith(word):
                score = PREFIX
            elif len(word) > 1 and word in held:
                score = INSIDE
            else:
                continue
            for number in numbers:
                if found.get(number, 0.0) < score:
                    found[number] = score
        return found


def search(records: t.Sequence[ModelRecord], query: Query) -> SearchResult:
    """One search over records that are not searched again."""
    return Index(records).search(query)


def _meant(text: str) -> t.List[str]:
    """The words of a text without those that say nothing about a model, unless it has no other."""
    found = list(dict.fromkeys(words(text)))
    return [word for word in found if word not in FILLER_WORDS] or found


def _words_of(record: ModelRecord) -> t.Set[str]:
    text = " ".join(
        (record.id, record.name, record.family or "", record.licence or "")
        + record.repositories
        + record.spellings
        + record.categories
    )
    found = set(words(text))
    for name, has in record.capabilities.items():
        if has:
            found.update(name.split("_"))
    found.update("%s_input" % kind for kind in record.input_modalities if kind != "text")
    found.update("%s_output" % kind for kind in record.output_modalities if kind != "text")
    if record.total_parameters:
        found.add("%gb" % round(record.total_parameters / 1e9, 1))
    if record.open_weights:
        found.add("open")
    return found


def _worth(record: ModelRecord, meant: t.Collection[str]) -> float:
    """Among equal matches: how recent, popular and servable a model is, and how much of its id is meant.

    A year of age weighs as much as half of the providers, or as a third of the words of the id.
    """
    own = words(last_part(record.id)) if meant else []
    coverage = sum(word in meant for word in own) / len(own) if own else 0.0
    servable = float(bool(record.repositories))
    return _years(record) + math.log2(1 + len(record.provider_ids)) + 3.0 * coverage + servable


def _years(record: ModelRecord) -> float:
    date = record.release_date or ""
    if not date[:4].isdigit():
        return 2000.0
    return int(date[:4]) + (int(date[5:7]) / 12.0 if date[5:7].isdigit() else 0.0)


def _cheapest(record: ModelRecord) -> float:
    prices = [price.rates.output_usd for price in record.prices if price.rates.output_usd is not None]
    return -min(prices) if prices else -math.inf


SORTS: t.Mapping[str, t.Callable[[ModelRecord], t.Tuple[t.Any, ...]]] = {
    RELEVANCE: lambda record: (),
    "release_date": lambda record: (record.release_date or "",),
    "context": lambda record: (record.context_tokens or 0,),
    "price": lambda record: (_cheapest(record),),
    "parameters": lambda record: (record.total_parameters or 0,),
    "popularity": lambda record: (len(record.provider_ids),),
}


def nearest_open(
    closed: ModelRecord, records: t.Sequence[ModelRecord], limit: int = 5
) -> t.Tuple[ModelRecord, ...]:
    """Open models with a known repository that do most of what ``closed`` does.

    Ranked by modalities, then by capabilities that both have or both lack, then by a family name
    in common, then by release date. Sizes are unknown to catalogs and play no part.
    """
    usable = [record for record in records if record.open_weights and record.repositories]
    usable.sort(key=lambda record: record.id)
    usable.sort(key=lambda record: _likeness(closed, record), reverse=True)
    unique: t.Dict[str, ModelRecord] = {}
    for record in usable:
        unique.setdefault(record.repositories[0], record)
    return tuple(unique.values())[:limit]


def _likeness(closed: ModelRecord, other: ModelRecord) -> t.Tuple[int, int, int, int, str]:
    shared = sum(closed.capabilities.get(word) == other.capabilities.get(word) for word in COMPARED)
    return (
        int(closed.output_modalities == other.output_modalities),
        len(set(closed.input_modalities) & set(other.input_modalities)),
        shared,
        len(set(words(closed.family or "")) & set(words(other.family or ""))),
        other.release_date or "",
    )
