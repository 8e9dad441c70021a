# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search over known models, and the open models nearest to a closed one.

Words of names are looked up in an index that is built once; wishes are judged for each model.
"""

from __future__ import annotations

import math
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.makers import family_owners
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import (
    signature,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    is_moving_alias,
    last_part,
    words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Query,
    SearchResult,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search import traits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.filters import passing
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.index import (
    WHOLE,
    Index,
    Scores,
    Tables,
    chunks_of,
    tables_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.mending import mended
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.quantities import (
    Wish,
    Wishes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wish_words import FILLER
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wishes import read_wishes

RELEVANCE = "relevance"
COMPARED = ("tool_call", "reasoning", "structured_output")

# A set of GPUStack's catalog is worth as much as so many providers: it is newer than most lists of them.
ADVISED = 16
_CLOSED_FAMILIES = frozenset((
    "gpt", "claude", "gemini", "sonnet", "opus", "haiku", "grok", "sonar", "nova", "o", "codex", "seed", "doubao", "imagen", "veo",
))  # fmt: skip


class Searcher:
    """Searches the same models, one a row, again and again."""

    def __init__(self, records: t.Sequence[ModelRecord], tables: t.Optional[Tables] = None) -> None:
        self.records = tuple(records)
        self._index = Index(tables or tables_of(self.records))
        self._newest = max((record.release_date or "" for record in self.records), default="") or "2026-01"

    def search(self, query: Query) -> SearchResult:
        """Records that pass every filter and fulfil the text, the best first.

        Words that are mistyped are mended, and ``notes`` name those that nothing is known for. Where no
        record fulfils everything, wishes that rest on names alone are given up, with a note.
        """
        asked = (query.text or "").strip()
        exact = self._index.exact(asked)
        wishes = Wishes(words=chunks_of(asked)) if exact else self._wishes(asked)
        notes: t.List[str] = []
        scores = self._named(wishes, passing(self.records, query), exact, notes)
        found = self._fulfilling(wishes.wishes, scores, notes)
        ranked = self._ranked(found, scores, exact, wishes, query)
        models = tuple(self.records[number] for number in ranked[: query.limit])
        return SearchResult(models, len(ranked), (*notes, *_retired(models)))

    def _wishes(self, asked: str) -> Wishes:
        if not asked:
            return Wishes()
        text = mended(asked, self._index.is_known, self._index.words)
        return read_wishes(text, self._newest, _is_name)

    def _named(
        self, wishes: Wishes, numbers: t.Iterable[int], exact: t.Set[int], notes: t.List[str]
    ) -> Scores:
        """Of these records those that have the words of names, and how well they have them."""
        scores: Scores = dict.fromkeys(numbers, 0.0)
        if exact:
            sure = dict.fromkeys(exact & scores.keys(), WHOLE * len(wishes.words))
            return {**sure, **self._together(wishes.words, scores, [], True)}
        chunks, providers = self._index.parted(wishes.words)
        for provider in wishes.on + providers:
            scores = self._offered(provider, scores, notes)
        return self._together(chunks, scores, notes, wishes.asks_more or bool(providers))

    def _together(
        self, chunks: t.Sequence[str], scores: Scores, notes: t.List[str], asks_more: bool
    ) -> Scores:
        """Records that have most of the words. Without any known word and other wish, none."""
        held = {chunk: self._index.holding(chunk) for chunk in chunks}
        unknown = [chunk for chunk, holding in held.items() if not holding]
        if unknown:
            notes.append("No model and no wish is known by: %s." % ", ".join(unknown))
        if len(unknown) == len(held):
            return {} if unknown and not asks_more else scores
        counts: t.Dict[int, t.Tuple[int, float]] = {}
        for holding in held.values():
            for number, score in holding.items():
                if number in scores:
                    count, total = counts.get(number, (0, 0.0))
                    counts[number] = (count + 1, total + score)
        most = max((count for count, _total in counts.values()), default=0)
        if counts and most < len(held) - len(unknown):
            notes.append("No model has every word of the query; those that have most of them are returned.")
        return {number: total for number, (count, total) in counts.items() if count == most}

    def _offered(self, provider: str, scores: Scores, notes: t.List[str]) -> Scores:
        known = self._index.providers(provider)
        if not known:
            notes.append("No provider is known by: %s." % provider)
            return scores
        offered = {number for name in known for number in self._index.offered_by(name)}
        return {number: score for number, score in scores.items() if number in offered}

    def _fulfilling(self, wishes: t.Sequence[Wish], scores: Scores, notes: t.List[str]) -> t.List[int]:
        found = self._holding(wishes, scores)
        if found or not scores:
            return found
        soft = [wish.label for wish in wishes if wish.soft]
        found = self._holding([wish for wish in wishes if not wish.soft], scores) if soft else []
        if found:
            notes.append("No model fulfils all of it; left out: %s." % ", ".join(soft))
            return found
        for wish in wishes if len(wishes) > 1 else ():
            rest = self._holding([other for other in wishes if other is not wish], scores)
            if rest:
                notes.append("Nothing fulfils all of it; without %r there are %d." % (wish.label, len(rest)))
        return []

    def _holding(self, wishes: t.Sequence[Wish], scores: Scores) -> t.List[int]:
        found = list(scores)
        for wish in wishes:
            found = [number for number in found if wish.trait(self.records[number])]
        return found

    def _ranked(
        self, found: t.Iterable[int], scores: Scores, exact: t.Set[int], wishes: Wishes, query: Query
    ) -> t.List[int]:
        sort = query.sort if query.sort != RELEVANCE else wishes.sort or RELEVANCE
        order, said = SORTS[sort], {chunk for word in wishes.words for chunk in chunks_of(word)}
        general = bool(wishes.wishes or sort != RELEVANCE) and not any(wish.soft for wish in wishes.wishes)

        def rank(number: int) -> t.Tuple[t.Any, ...]:
            record = self.records[number]
            return (
                number in exact and (record.repository is not None or not record.open_weights),
                not record.deprecated,
                sort != "release_date" or record.repository is not None or not is_moving_alias(record.id),
                sort != "price" or not general or traits.is_llm(record),
                *order(record),
                *[trait(record) for trait in wishes.prefers],
                scores[number],
                not general or traits.is_llm(record),
                _worth(record, said),
            )

        ordered = sorted(found, key=lambda number: self.records[number].id)
        return sorted(ordered, key=rank, reverse=True)


def search(records: t.Sequence[ModelRecord], query: Query) -> SearchResult:
    """One search over records that are not searched again."""
    return Searcher(records).search(query)


def _is_name(word: str) -> bool:
    """Whether a word is one of a family, beside which small and large are words of names."""
    bare = word.strip(".,;:!?()").lower()
    if bare in FILLER or not any(letter.isalpha() for letter in bare):
        return False
    first = signature(bare).words[:1]
    return bool(first) and (bool(family_owners(first[0])) or first[0] in _CLOSED_FAMILIES)


def _retired(models: t.Sequence[ModelRecord]) -> t.List[str]:
    gone = [record.id for record in models[:3] if record.deprecated]
    return (
        ["Deprecated by its maker, or retired by all who offered it: %s." % ", ".join(gone)] if gone else []
    )


def _worth(record: ModelRecord, said: t.Collection[str]) -> float:
    """Among equal matches: how recent, popular and servable a model is, and how much of its name is meant.

    A year of age weighs as much as ten times the providers, or as two thirds of the words of the id.
    """
    own = chunks_of(last_part(record.id)) if said else []
    coverage = sum(chunk in said for chunk in own) / len(own) if own else 0.0
    offers = max(len(record.provider_ids), ADVISED if record.specs else 0)
    servable = 2.5 * (record.repository is not None) + 1.0 * bool(record.specs)
    return 2.0 * _years(record) + 0.6 * math.log2(1 + offers) + 3.0 * coverage + servable


def _years(record: ModelRecord) -> float:
    date = record.release_date or ""
    if not date[:4].isdigit():
        return 2000.0
    return int(date[:4]) + (int(date[5:7]) / 12.0 if date[5:7].isdigit() else 0.0)


def _price(record: ModelRecord) -> t.Tuple[t.Any, ...]:
    """Paid ones by their output, then by their input; free ones and those without a price come last."""
    rates = record.cheapest
    return traits.has_price(record), -(rates.output_usd or 0.0), -(rates.input_usd or 0.0)


SORTS: t.Mapping[str, t.Callable[[ModelRecord], t.Tuple[t.Any, ...]]] = {
    RELEVANCE: lambda record: (),
    "release_date": lambda record: (record.release_date or "",),
    "context": lambda record: (record.context_tokens or 0,),
    "price": _price,
    "-price": lambda record: (record.cheapest.output_usd or 0.0,),
    "parameters": lambda record: (record.total_parameters or 0,),
    "-parameters": lambda record: (-(record.total_parameters or 10**15),),
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
