# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: all known models, found by id, name or repository. Pure data."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import replace
from difflib import get_close_matches

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.tables import OVERRIDES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.text import last_part, normal
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import (
    Candidate,
    ModelRecord,
)

SIMILAR = 0.7
MAX_CANDIDATES = 8


class Shelf:
    """Records of all catalogs, with the override table applied."""

    def __init__(self, records: t.Iterable[ModelRecord]) -> None:
        self.records = tuple(_with_override(record) for record in records)
        self._by_id = {record.id: record for record in self.records}
        self._by_provider_id = {offer: record for record in self.records for offer in record.provider_ids}
        self._ignoring_case = {key.lower(): record for key, record in self._by_provider_id.items()}
        self._ignoring_case.update((key.lower(), record) for key, record in self._by_id.items())
        self._by_repository: t.Dict[str, ModelRecord] = {}
        self._spelled: t.Dict[str, str] = {}
        for record in self.records:
            for name in record.repositories:
                self._by_repository.setdefault(name, record)
                self._spelled.setdefault(name.lower(), name)

    def by_id(self, model: str) -> t.Optional[ModelRecord]:
        """By the exact id, else by an exact "provider/id"."""
        return self._by_id.get(model) or self._by_provider_id.get(model)

    def ignoring_case(self, model: str) -> t.Optional[ModelRecord]:
        return self._ignoring_case.get(model.lower())

    def by_repository(self, name: str) -> t.Optional[ModelRecord]:
        return self._by_repository.get(name)

    def repository_ignoring_case(self, name: str) -> t.Optional[str]:
        """The catalogs' spelling of a repository that they link."""
        return self._spelled.get(name.lower())

    def named(self, name: str) -> t.List[ModelRecord]:
        """Records whose id ends in ``name``, ignoring case."""
        wanted = last_part(name).lower()
        return [record for record in self.records if last_part(record.id).lower() == wanted]

    def candidates(self, model: str) -> t.Tuple[Candidate, ...]:
        """Repositories that may be meant, the likeliest first. Never certain.

        Confidence: measured precision of each rule against models.dev's own links, where 0.97 is
        the equal last part and 0.66 the equal name without punctuation; less for similar names.
        """
        exact: t.Dict[str, t.List[str]] = defaultdict(list)
        loose: t.Dict[str, t.List[str]] = defaultdict(list)
        for name in self._candidate_names():
            exact[last_part(name).lower()].append(name)
            loose[normal(name)].append(name)
        found = [Candidate(name, "last_part", 0.97) for name in exact[last_part(model).lower()]]
        found += [Candidate(name, "normalised", 0.66) for name in loose[normal(model)]]
        for close in get_close_matches(normal(model), list(loose), MAX_CANDIDATES, SIMILAR):
            found += [Candidate(name, "similar", 0.3) for name in loose[close]]
        unique: t.Dict[str, Candidate] = {}
        for candidate in found:
            unique.setdefault(candidate.repository.lower(), candidate)
        return tuple(unique.values())[:MAX_CANDIDATES]

    def _candidate_names(self) -> t.Iterator[str]:
        """Linked repositories, then mixed-case names that providers of open weights use."""
        yield from self._spelled.values()
        for record in self.records:
            if record.open_weights:
                for name in record.spellings:
                    if name != name.lower():
                        yield name


def _with_override(record: ModelRecord) -> ModelRecord:
    name = OVERRIDES.get(record.id.lower())
    if name is None or name in record.repositories:
        return record
    return replace(record, repositories=(name,) + record.repositories)
