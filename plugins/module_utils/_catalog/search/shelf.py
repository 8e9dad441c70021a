# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All known models, found by id, name or repository. Pure data."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import (
    MODEL_SCOPE_OWNERS,
    OVERRIDES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.ranking import Names
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    Spec,
)


class Shelf:
    """Records of all catalogs, with the override table applied and GPUStack's advice attached."""

    def __init__(self, records: t.Iterable[ModelRecord]) -> None:
        found = _one_set([_with_override(record) for record in records])
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
                self._known.setdefault(spec.ref.source, {}).setdefault(spec.ref.name.lower(), spec.ref.name)
        self._names: t.Dict[str, Names] = {}
        self._providers: t.Optional[t.Set[str]] = None

    def by_id(self, model: str) -> t.Optional[ModelRecord]:
        """By the exact id, else by an exact "provider/id"."""
        return self._by_id.get(model) or self._by_provider_id.get(model)

    def ignoring_case(self, model: str) -> t.Optional[ModelRecord]:
        return self._ignoring_case.get(model.lower())

    def by_repository(self, name: str) -> t.Optional[ModelRecord]:
        return self._by_repository.get(name)

    def spelled(self, source: str, name: str) -> t.Optional[str]:
        """The catalogs' spelling of a repository that they know on this hub, ignoring case."""
        return self._known.get(source, {}).get(name.lower())

    def named(self, name: str) -> t.List[ModelRecord]:
        """Records whose id ends in ``name``, ignoring case."""
        wanted = last_part(name).lower()
        return [record for record in self.records if last_part(record.id).lower() == wanted]

    def is_provider(self, name: str) -> bool:
        """Whether a provider of a catalog, or the owner of an entry, is called so."""
        if self._providers is None:
            offers = [offer for record in self.records for offer in record.provider_ids + (record.id,)]
            self._providers = {offer.partition("/")[0].lower() for offer in offers if "/" in offer}
        return name.lower() in self._providers

    def specs(self, repository: str) -> t.Tuple[Spec, ...]:
        """What catalogs in files advise for the set that holds this repository."""
        for record in self.records:
            if any(spec.ref.name == repository for spec in record.specs):
                return record.specs
        return ()

    def names(self, source: str) -> Names:
        """All names that lead to a repository of this hub."""
        if source not in self._names:
            self._names[source] = Names(self.records, source)
        return self._names[source]


def other_hub(name: str, source: str) -> t.Optional[str]:
    """How the owner of a repository on the other hub is called on ``source``, if differently."""
    owner, _slash, rest = name.partition("/")
    owners = MODEL_SCOPE_OWNERS if source == MODEL_SCOPE else _HUGGING_FACE_OWNERS
    other = owners.get(owner)
    return None if other is None else "%s/%s" % (other, rest)


_HUGGING_FACE_OWNERS = {ours: theirs for theirs, ours in MODEL_SCOPE_OWNERS.items() if ours != "gpustack"}


def _one_set(records: t.Sequence[ModelRecord]) -> t.List[ModelRecord]:
    """The editions of a GPUStack set, one a hub, as one record with the specs of all."""
    editions: t.Dict[str, t.List[ModelRecord]] = {}
    for record in records:
        if record.specs and not record.provider_ids:
            editions.setdefault("%s %s" % (record.source, record.id.lower()), []).append(record)
    found = []
    for record in records:
        same = editions.get("%s %s" % (record.source, record.id.lower()), [])
        if len(same) < 2 or not record.specs:
            found.append(record)
        elif same[0] is record:
            found.append(_joined_set(same))
    return found


def _joined_set(editions: t.Sequence[ModelRecord]) -> ModelRecord:
    specs: t.List[Spec] = []
    for edition in editions:
        specs += [spec for spec in edition.specs if spec not in specs]
    repositories = dict.fromkeys(name for edition in editions for name in edition.repositories)
    return replace(editions[0], specs=tuple(specs), repositories=tuple(repositories))


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
