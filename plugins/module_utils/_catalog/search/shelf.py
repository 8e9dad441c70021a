# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All known models, found by id, name or repository. Pure data."""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from dataclasses import replace
from difflib import SequenceMatcher

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import (
    MODEL_SCOPE_OWNERS,
    OVERRIDES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    bare_name,
    is_quantized_name,
    last_part,
    normal,
    unquantized_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    Candidate,
    ModelRecord,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    Spec,
)

SIMILAR = 0.7
MAX_CANDIDATES = 8


class Shelf:
    """Records of all catalogs, with the override table applied and GPUStack's advice attached."""

    def __init__(self, records: t.Iterable[ModelRecord]) -> None:
        found = [_with_override(record) for record in records]
        advice = _advice(found)
        self.records = tuple(_advised(record, advice) for record in found)
        self._by_id = {record.id: record for record in reversed(self.records)}
        self._by_provider_id = {offer: record for record in self.records for offer in record.provider_ids}
        self._ignoring_case = {key.lower(): record for key, record in self._by_provider_id.items()}
        self._ignoring_case.update((key.lower(), record) for key, record in self._by_id.items())
        self._by_repository: t.Dict[str, ModelRecord] = {}
        self._known: t.Dict[str, t.Dict[str, str]] = {HUGGINGFACE: {}, MODEL_SCOPE: {}}
        for record in self.records:
            for name in record.repositories:
                self._by_repository.setdefault(name, record)
                self._known[HUGGINGFACE].setdefault(name.lower(), name)
            for spec in record.specs:
                self._known[spec.ref.source].setdefault(spec.ref.name.lower(), spec.ref.name)
        self._by_last: t.Dict[str, t.List[str]] = defaultdict(list)
        self._by_normal: t.Dict[str, t.List[str]] = defaultdict(list)
        for name in self._candidate_names():
            self._by_last[last_part(name).lower()].append(name)
            self._by_normal[normal(unquantized_name(name))].append(name)

    def by_id(self, model: str) -> t.Optional[ModelRecord]:
        """By the exact id, else by an exact "provider/id"."""
        return self._by_id.get(model) or self._by_provider_id.get(model)

    def ignoring_case(self, model: str) -> t.Optional[ModelRecord]:
        return self._ignoring_case.get(model.lower())

    def by_repository(self, name: str) -> t.Optional[ModelRecord]:
        return self._by_repository.get(name)

    def spelled(self, source: str, name: str) -> t.Optional[str]:
        """The catalogs' spelling of a repository that they know on this hub, ignoring case."""
        return self._known[source].get(name.lower())

    def named(self, name: str) -> t.List[ModelRecord]:
        """Records whose id ends in ``name``, ignoring case."""
        wanted = last_part(name).lower()
        return [record for record in self.records if last_part(record.id).lower() == wanted]

    def specs(self, repository: str) -> t.Tuple[Spec, ...]:
        """What catalogs in files advise for the set that holds this repository."""
        for record in self.records:
            if any(spec.ref.name == repository for spec in record.specs):
                return record.specs
        return ()

    def candidates(self, model: str) -> t.Tuple[Candidate, ...]:
        """Repositories that may be meant, the likeliest first. Never certain.

        Confidence: measured precision of each rule against models.dev's own links, where 0.97 is
        the equal last part and 0.66 the equal name without punctuation; less for similar names and
        for names that are only spelled like a repository's. Of equally likely ones those of the same
        owner come first, then plain weights.
        """
        record = self.by_id(model) or self.ignoring_case(model)
        found = [Candidate(name, "catalog_link", 0.95) for name in self._links(record)]
        found += self._ranked(model, self._by_last[last_part(model).lower()], "last_part", 0.97)
        name = normal(unquantized_name(bare_name(model)))
        found += self._ranked(model, self._by_normal[name], "normalised", 0.66)
        if not found:
            for close in self._similar(name):
                found += self._ranked(model, self._by_normal[close], "similar", 0.3)
        unique: t.Dict[str, Candidate] = {}
        for candidate in sorted(found, key=lambda item: -item.confidence):
            unique.setdefault(candidate.repository.lower(), candidate)
        return tuple(unique.values())[:MAX_CANDIDATES]

    def _links(self, record: t.Optional[ModelRecord]) -> t.Iterator[str]:
        """What the catalogs link to a model, or to the one that a provider says it is made of."""
        related = () if record is None else record.related
        for found in [record] + [self._by_id.get(name) for name in related]:
            if found is not None:
                yield from found.repositories[:1]

    def _ranked(self, model: str, names: t.Iterable[str], rule: str, confidence: float) -> t.List[Candidate]:
        owner = re.sub(r"[^a-z0-9/]", "", model.lower()).rpartition("/")[0]

        def distance(name: str) -> t.Tuple[bool, bool]:
            own = re.sub(r"[^a-z0-9]", "", name.lower().partition("/")[0])
            related = bool(owner) and (own in owner or owner.rpartition("/")[2] in own)
            return not related, is_quantized_name(name) and not is_quantized_name(model)

        return [
            Candidate(name, rule, confidence)
            if self.spelled(HUGGINGFACE, name)
            else Candidate(name, "spelled_by_provider", confidence / 2)
            for name in sorted(names, key=distance)
        ]

    def _similar(self, wanted: str) -> t.List[str]:
        """Known names that differ by few letters, the nearest first; numbers count double.

        ``llama-3.1`` and ``llama-3.3`` are near in letters and far apart in meaning.
        """
        matcher = SequenceMatcher(b=wanted)
        digits = re.findall(r"\d+", wanted)
        scored = []
        for name in self._by_normal:
            matcher.set_seq1(name)
            if matcher.real_quick_ratio() < SIMILAR or matcher.quick_ratio() < SIMILAR:
                continue
            ratio = matcher.ratio()
            if ratio >= SIMILAR:
                scored.append((re.findall(r"\d+", name) != digits, -ratio, name))
        return [name for _differs, _ratio, name in sorted(scored)[:MAX_CANDIDATES]]

    def _candidate_names(self) -> t.Iterator[str]:
        """Known repositories, then mixed-case names that providers of open weights use."""
        yield from self._known[HUGGINGFACE].values()
        for record in self.records:
            if record.open_weights:
                for name in record.spellings:
                    if name != name.lower():
                        yield name


def other_hub(name: str, source: str) -> t.Optional[str]:
    """How the owner of a repository on the other hub is called on ``source``, if differently."""
    owner, _slash, rest = name.partition("/")
    owners = MODEL_SCOPE_OWNERS if source == MODEL_SCOPE else _HUGGING_FACE_OWNERS
    other = owners.get(owner)
    return None if other is None else "%s/%s" % (other, rest)


_HUGGING_FACE_OWNERS = {ours: theirs for theirs, ours in MODEL_SCOPE_OWNERS.items() if ours != "gpustack"}


def _with_override(record: ModelRecord) -> ModelRecord:
    name = OVERRIDES.get(record.id.lower())
    if name is None or name in record.repositories:
        return record
    return replace(record, repositories=(name,) + record.repositories)


def _advice(records: t.Iterable[ModelRecord]) -> t.Dict[str, ModelRecord]:
    """Sets with specs by their base repository, in lower case."""
    return {
        record.repositories[0].lower(): record for record in records if record.specs and record.repositories
    }


def _advised(record: ModelRecord, advice: t.Mapping[str, ModelRecord]) -> ModelRecord:
    """``record`` with what a GPUStack set of the same weights adds."""
    if record.specs:
        return record
    for name in record.repositories:
        known = advice.get(name.lower())
        if known is not None:
            return replace(
                record,
                specs=known.specs,
                categories=known.categories,
                licence=record.licence or known.licence,
                total_parameters=known.total_parameters or record.total_parameters,
                active_parameters=known.active_parameters or record.active_parameters,
            )
    return record
