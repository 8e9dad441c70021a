# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: search over known models, and the open models nearest to a closed one."""

from __future__ import annotations

import typing as t
from difflib import get_close_matches

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.text import last_part, words
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import (
    ModelRecord,
    Query,
    SearchResult,
)

EXACT, PREFIX, INSIDE = 3.0, 2.0, 1.0
CLOSE = 0.75
COMPARED = ("tool_call", "reasoning", "structured_output")


def search(records: t.Sequence[ModelRecord], query: Query) -> SearchResult:
    """Records that pass every filter and hold every word of the text, the best first.

    A word that occurs nowhere is taken for the most similar one that does. Among equal matches the
    id with the fewest further words comes first, then the model that most providers offer.
    """
    passing = [record for record in records if _passes(record, query)]
    texts = {id(record): " ".join(_fields(record)).lower() for record in passing}
    wanted = _corrected(words(query.text or ""), texts.values())
    scored = [(_score(wanted, texts[id(record)]), record) for record in passing]
    hits = [(score, record) for score, record in scored if score is not None]
    hits.sort(key=lambda hit: hit[1].id)
    hits.sort(key=lambda hit: _rank(wanted, *hit), reverse=True)
    return SearchResult(tuple(record for _score, record in hits[: query.limit]), len(hits))


def _rank(wanted: t.Sequence[str], score: float, record: ModelRecord) -> t.Tuple[float, float, int, str]:
    own = set(words(last_part(record.id)))
    coverage = len(own & set(wanted)) / len(own) if own else 0.0
    return score, coverage, len(record.provider_ids), record.release_date or ""


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


def _passes(record: ModelRecord, query: Query) -> bool:
    wanted = (
        (query.open_weights, record.open_weights),
        (query.tool_call, record.capabilities.get("tool_call")),
        (query.reasoning, record.capabilities.get("reasoning")),
        (query.family and query.family.lower(), (record.family or "").lower()),
    )
    return all(want is None or want == found for want, found in wanted)


def _fields(record: ModelRecord) -> t.Iterator[str]:
    yield record.id
    yield record.name
    yield record.family or ""
    yield from record.repositories + record.spellings + record.provider_ids


def _corrected(wanted: t.Sequence[str], texts: t.Iterable[str]) -> t.List[str]:
    whole = " ".join(texts)
    if all(word in whole for word in wanted):
        return list(wanted)
    vocabulary = sorted(set(words(whole)))
    return [
        word if word in whole else (get_close_matches(word, vocabulary, 1, CLOSE) or [word])[0]
        for word in wanted
    ]


def _score(wanted: t.Sequence[str], text: str) -> t.Optional[float]:
    """None when a word is missing."""
    known = set(words(text))
    total = 0.0
    for word in wanted:
        if word in known:
            total += EXACT
        elif any(other.startswith(word) for other in known):
            total += PREFIX
        elif word in text:
            total += INSIDE
        else:
            return None
    return total


def _likeness(closed: ModelRecord, other: ModelRecord) -> t.Tuple[int, int, int, int, str]:
    shared = sum(closed.capabilities.get(word) == other.capabilities.get(word) for word in COMPARED)
    return (
        int(closed.output_modalities == other.output_modalities),
        len(set(closed.input_modalities) & set(other.input_modalities)),
        shared,
        len(set(words(closed.family or "")) & set(words(other.family or ""))),
        other.release_date or "",
    )
