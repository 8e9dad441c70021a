# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which repositories somebody may mean, ranked. Nothing here is ever picked without being asked for.

The catalogs know names of repositories, and other names of the models in them; a hub's search finds what
no catalog has. Both are measured by what the names say, so that a weak guess hides no better one.
"""

from __future__ import annotations

import itertools
import typing as t
from collections import defaultdict
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.likeness import (
    FAR,
    NEUTRAL,
    VARIANTS,
    distance,
    edits,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.makers import (
    families,
    family_owners,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import (
    Signature,
    signature,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.size_table import (
    DEFAULT_SIZES,
    SIZES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.typed import (
    BASE,
    BASE_WORDS,
    Typed,
    without_tags,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    Candidate,
    ModelRecord,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import HUGGINGFACE

MAX_CANDIDATES = 8
SURE = 0.01
FOUND = 50
_INSTRUCTED = frozenset(("instruct", "it", "chat", "inst"))

Find = t.Callable[[str, int], t.Sequence[str]]
"""Asks the hub's search for words: names of repositories, at most so many."""


@dataclass(frozen=True)
class Label:
    """A name of a model, and the repository that it leads to. ``linked``: a catalog vouches for it."""

    text: str
    repository: str
    linked: bool
    record: t.Optional[ModelRecord] = None


class Names:
    """All names that the catalogs have of repositories, found by the words in them."""

    def __init__(self, records: t.Iterable[ModelRecord], source: str) -> None:
        self._by_word: t.Dict[str, t.List[Label]] = defaultdict(list)
        seen: t.Set[t.Tuple[str, str]] = set()
        records = tuple(records)
        by_id = {record.id: record for record in records}
        for record in records:
            bases = [by_id[name] for name in record.related if name in by_id and not record.repositories]
            for label in itertools.chain(_labels(record, source), _made_of(record, bases, source)):
                key = (label.text.lower(), label.repository.lower())
                if key not in seen:
                    seen.add(key)
                    for word in set(signature(last_part(label.text)).words):
                        self._by_word[word].append(label)

    def like(self, words: t.Sequence[str]) -> t.List[Label]:
        """Labels that have one of the words, perhaps mistyped."""
        found: t.Dict[int, Label] = {}
        for word in words:
            for held, labels in self._by_word.items():
                if held == word or _alike(word, held):
                    found.update((id(label), label) for label in labels)
        return list(found.values())


def _alike(word: str, held: str) -> bool:
    if len(word) < 4 or len(held) < 3:
        return False
    return (
        held.startswith(word)
        or word.startswith(held)
        or edits(word, held, 1 if len(word) < 7 else 2) is not None
    )


def _labels(record: ModelRecord, source: str) -> t.Iterator[Label]:
    repositories = [spec.ref.name for spec in record.specs if spec.ref.source == source]
    if source == HUGGINGFACE:
        repositories = list(record.repositories) + repositories
    for name in dict.fromkeys(repositories):
        yield Label(name, name, True, record)
    for name in repositories[:1]:
        if record.repositories[:1] == (name,) or len(set(repositories)) == 1:
            yield Label(last_part(record.id), name, True, record)
    if record.open_weights and source == HUGGINGFACE:
        for name in record.spellings:
            yield Label(name, name, False, record)


def _made_of(record: ModelRecord, bases: t.Iterable[ModelRecord], source: str) -> t.Iterator[Label]:
    """What a provider says its model is made of."""
    for base in bases:
        for name in base.repositories[:1] if source == HUGGINGFACE else ():
            yield Label(last_part(record.id), name, True, base)


class Ranking:
    """Ranks for one typed name."""

    def __init__(self, typed: Typed, names: Names, find: Find) -> None:
        self._typed = typed
        self._names = names
        self._find = find
        said = signature(typed.name)
        bare = signature(without_tags(typed.name))
        self._said = [said] if said == bare else [said, bare]
        self._sizes_meant = self._default_size(bare)

    def candidates(self) -> t.Tuple[Candidate, ...]:
        """The likeliest first. The hub is asked where no catalog has just this name."""
        if not self._typed.name:
            return ()
        core = _core(self._said[-1].words)
        labels = self._names.like(core)
        ranked = self._ranked(labels)
        if not ranked or ranked[0][0] > SURE or not ranked[0][1].linked:
            known = {label.repository.lower() for label in labels if label.linked}
            found = [name for name in self._asked(core) if name.lower() not in known]
            ranked = self._ranked(labels + [Label(name, name, True) for name in found])
        unique: t.Dict[str, Candidate] = {}
        for far, label in ranked:
            rule = (
                "hub_search"
                if label.record is None
                else "catalog_name"
                if label.linked
                else "spelled_by_provider"
            )
            confidence = round(max(0.05, min(0.97, 0.97 - far)) / (1 if label.linked else 2), 2)
            unique.setdefault(label.repository.lower(), Candidate(label.repository, rule, confidence))
        return tuple(unique.values())[: 2 * MAX_CANDIDATES]

    def _ranked(self, labels: t.Sequence[Label]) -> t.List[t.Tuple[float, Label]]:
        found = []
        for label in labels:
            far = self._far(label)
            if far is not None and far <= FAR:
                found.append((round(far, 4), label))
        found.sort(key=lambda item: (item[0] + _unfit(item[1]), _newest_first(item[1]), item[1].repository))
        return found if self._typed.edition is None else _editions(found, self._typed.edition)

    def _far(self, label: Label) -> t.Optional[float]:
        own, repository = signature(last_part(label.text)), signature(last_part(label.repository))
        sizes = _known_sizes(label, repository)
        found = []
        for said in self._said:
            far = distance(said, self._typed.owner, own, label.repository, sizes)
            if far is not None:
                found.append(far)
        if not found:
            return None
        far = min(found)
        if own.precisions != repository.precisions:
            far += 0.1
        if self._sizes_meant and self._said[-1].total is None:
            far -= 0.06 if repository.total == self._sizes_meant else 0.0
        return far

    def _default_size(self, said: Signature) -> t.Optional[float]:
        """The size that a family's name means where it stands alone."""
        for family, size in DEFAULT_SIZES.items():
            known = signature(family)
            if (
                known.words == tuple(word for word in said.words if word not in NEUTRAL)
                and known.versions == said.versions
            ):
                return size
        return None

    def _asked(self, core: t.Sequence[str]) -> t.List[str]:
        """What the hub's search finds, from the whole name to its family alone."""
        found: t.Dict[str, None] = {}
        for words in _queries(self._typed, self._said[-1], core):
            found.update(dict.fromkeys(self._find(words, FOUND)))
            if any(
                (far or 0.0) <= SURE
                for far, _label in self._ranked([Label(name, name, True) for name in found])
            ):
                break
        return list(found)


def _editions(ranked: t.List[t.Tuple[float, Label]], wanted: str) -> t.List[t.Tuple[float, Label]]:
    """Of repositories that differ in nothing but their edition, the wanted one in the first place of theirs."""
    places: t.Dict[t.Tuple[t.Any, ...], t.List[int]] = defaultdict(list)
    for place, (_far, label) in enumerate(ranked):
        said = signature(last_part(label.repository))
        plain = tuple(word for word in said.words if word not in _INSTRUCTED | BASE_WORDS)
        owner = label.repository.partition("/")[0]
        places[(owner, plain, replace(said, words=()))].append(place)
    found = list(ranked)
    for same in places.values():
        best = sorted((ranked[place][1] for place in same), key=lambda label: _edition_rank(label, wanted))
        for place, label in zip(same, best):
            found[place] = (ranked[place][0], label)
    return found


def _newest_first(label: Label) -> t.List[t.List[int]]:
    """Of Mistral-7B-Instruct-v0.1 to v0.3 the last is meant where no version was typed."""
    versions = signature(last_part(label.repository)).versions
    return [[-int(part) for part in version.split(".")] for version in versions]


def _edition_rank(label: Label, wanted: str) -> int:
    words = set(signature(last_part(label.repository)).words)
    rank = 0 if words & _INSTRUCTED else 2 if words & BASE_WORDS else 1
    return 2 - rank if wanted == BASE else rank


def _queries(typed: Typed, said: Signature, core: t.Sequence[str]) -> t.List[str]:
    """Searches in the order of what they leave out."""
    size = (
        "" if said.total is None else ("%gm" % (said.total * 1e3) if said.total < 0.1 else "%gb" % said.total)
    )
    core = [_mended(word) for word in core]
    family = " ".join(core[:2])
    version = " ".join(said.versions[:1])
    variants = " ".join(word for word in said.words if word in VARIANTS)
    wanted = [
        without_tags(typed.name).replace(":", " "),
        " ".join((family, version, size, variants)),
        " ".join((family, version, size)),
        " ".join((family, size)),
        " ".join((family, version)),
        family,
        " ".join(core[:1]),
    ]
    return list(dict.fromkeys(" ".join(words.split()) for words in wanted if words.strip()))


def _mended(word: str) -> str:
    """A family's word that was mistyped, as its maker writes it: a hub's search forgives nothing."""
    if family_owners(word) or len(word) < 5:
        return word
    return next((family for family in families() if edits(word, family, 1) is not None), word)


def _core(words: t.Sequence[str]) -> t.List[str]:
    found = [word for word in words if word not in NEUTRAL and word not in VARIANTS and len(word) > 1]
    named = [word for word in found if family_owners(word)]
    return named + [word for word in found if word not in named] or list(words)


def _known_sizes(label: Label, repository: Signature) -> t.List[float]:
    found = (
        [SIZES[last_part(label.repository).lower()]] if last_part(label.repository).lower() in SIZES else []
    )
    if repository.total is not None:
        found.append(repository.total)
    record = label.record
    if record is not None and record.total_parameters and label.repository in record.repositories[:1]:
        found.append(record.total_parameters / 1e9)
    return found


def _unfit(label: Label) -> float:
    """Of equal names those of newer and more offered models come first, and those that are vouched for."""
    record = label.record
    unlinked = 0.0 if label.linked else 0.15
    if record is None:
        return unlinked + 0.03
    date = record.release_date or "2023-01"
    years = int(date[:4]) + int(date[5:7] or 1) / 12.0 if date[:4].isdigit() else 2023.0
    return unlinked - 0.02 * min(max(years - 2023.0, 0.0), 4.0) - 0.002 * min(len(record.provider_ids), 10)
