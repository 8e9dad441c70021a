# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: from a model id to one repository, by rules in order of certainty.

What is not certain is never picked: it becomes a ranked list of candidates in the error.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search import nearest_open
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.shelf import Shelf
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.tables import (
    MODEL_SCOPE_OWNERS,
    OVERRIDES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.text import (
    is_repository_name,
    last_part,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import (
    Candidate,
    ModelRecord,
    Resolution,
    Spec,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AutoconfigError,
    InvalidInput,
    NotFound,
    NotServable,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import (
    MODEL_SCOPE,
    RepositoryRef,
)

EXPLICIT = "explicit_repository"
OVERRIDE = "override_table"
EXISTING = "existing_repository"
WEIGHTS = "canonical_weights"
GPUSTACK = "gpustack_catalog"
IGNORING_CASE = "ignoring_case"

Confirm = t.Callable[[RepositoryRef], RepositoryRef]
"""Asks the hub: the canonical spelling. Raises NotFound or Unavailable."""

SpecsOf = t.Callable[[str], t.Sequence[Spec]]
"""GPUStack's advice for the set of exactly this name; empty where there is none."""


@dataclass(frozen=True)
class Guess:
    """A repository that a rule gives. ``vouched`` by a catalog: good also without the hub's yes."""

    rule: str
    ref: RepositoryRef
    vouched: bool


class Resolver:
    """One model at a time; ``source`` is the hub that the weights shall come from."""

    def __init__(self, shelf: Shelf, source: str, confirm: Confirm, specs_of: SpecsOf) -> None:
        self._shelf = shelf
        self._source = source
        self._confirm = confirm
        self._specs_of = specs_of

    def explicit(self, ref: RepositoryRef) -> Resolution:
        """A repository that the user named as such. It has to exist."""
        try:
            confirmed = self._confirm(ref)
        except NotFound as exc:
            raise _with_candidates(exc, self._shelf.candidates(ref.name)) from exc
        return Resolution(self._model_of(confirmed), confirmed, EXPLICIT, True)

    def resolve(self, model: str) -> Resolution:
        """The first rule that gives an existing repository. NotServable, NotFound or Unavailable else."""
        if not model.strip():
            raise InvalidInput("The model's name is empty")
        problem: t.Optional[Unavailable] = None
        for guess in self._guesses(model):
            try:
                confirmed = self._confirm(guess.ref)
            except NotFound:
                continue
            except Unavailable as exc:
                problem = exc
                if guess.vouched:
                    return self._answer(model, guess.rule, guess.ref, False)
                continue
            return self._answer(model, guess.rule, confirmed, True)
        raise self._failure(model, problem)

    def _guesses(self, model: str) -> t.Iterator[Guess]:
        override = OVERRIDES.get(model.lower())
        if override is not None:
            yield from self._on_source(OVERRIDE, override, True)
        if is_repository_name(model):
            yield from self._as_typed(model)
        record = self._shelf.by_id(model)
        if record is not None:
            for name in record.repositories[:1]:
                yield from self._on_source(WEIGHTS, name, True)
        for spec in self._specs_of(model):
            if spec.ref.source == self._source:
                yield Guess(GPUSTACK, spec.ref, True)
        yield from self._ignoring_case(model)

    def _as_typed(self, model: str) -> t.Iterator[Guess]:
        known = self._shelf.by_repository(model) is not None
        renamed = self._renamed(model)
        yield Guess(EXISTING, RepositoryRef(self._source, model), known and renamed is None)
        if renamed is not None:
            yield Guess(EXISTING, RepositoryRef(self._source, renamed), known)

    def _ignoring_case(self, model: str) -> t.Iterator[Guess]:
        linked = self._shelf.repository_ignoring_case(model)
        if linked is not None:
            yield from self._on_source(IGNORING_CASE, linked, True)
        record = self._shelf.ignoring_case(model)
        if record is None:
            return
        for name in record.repositories[:1]:
            yield from self._on_source(IGNORING_CASE, name, True)
        for name in record.spellings if record.open_weights else ():
            if name != model:
                yield from self._on_source(IGNORING_CASE, name, False)

    def _on_source(self, rule: str, name: str, vouched: bool) -> t.Iterator[Guess]:
        """The name itself and, where the other hub calls its owner differently, that name first."""
        renamed = self._renamed(name)
        if renamed is not None:
            yield Guess(rule, RepositoryRef(self._source, renamed), vouched)
        yield Guess(rule, RepositoryRef(self._source, name), vouched and renamed is None)

    def _renamed(self, name: str) -> t.Optional[str]:
        owner, _slash, rest = name.partition("/")
        other = MODEL_SCOPE_OWNERS.get(owner) if self._source == MODEL_SCOPE else None
        return None if other is None else "%s/%s" % (other, rest)

    def _answer(self, model: str, rule: str, ref: RepositoryRef, confirmed: bool) -> Resolution:
        record = self._shelf.by_id(model) or self._shelf.ignoring_case(model) or self._model_of(ref)
        others = tuple(Candidate(name, WEIGHTS, 1.0) for name in record.repositories if name != ref.name)
        return Resolution(record, ref, rule, confirmed, others)

    def _model_of(self, ref: RepositoryRef) -> ModelRecord:
        known = self._shelf.by_repository(ref.name)
        if known is not None:
            return known
        return ModelRecord(
            id=ref.name,
            name=last_part(ref.name),
            source=ref.source,
            open_weights=True,
            repositories=(ref.name,),
        )

    def _failure(self, model: str, problem: t.Optional[Unavailable]) -> AutoconfigError:
        record = self._shelf.by_id(model) or self._shelf.ignoring_case(model)
        meant = [record] if record is not None else self._shelf.named(model) if "/" not in model else []
        if meant and not any(item.open_weights for item in meant):
            return _closed(max(meant, key=lambda item: len(item.provider_ids)), self._shelf)
        candidates = self._shelf.candidates(model)
        known = "" if record is None else " although the catalogs know the model"
        error: AutoconfigError
        if problem is not None:
            error = Unavailable(
                "No repository with the weights of %s was found%s, and the hub could not be asked: %s"
                % (model, known, problem.message)
            )
        else:
            error = NotFound("No repository with the weights of %s was found%s" % (model, known))
        return _with_candidates(error, candidates)


def _closed(record: ModelRecord, shelf: Shelf) -> NotServable:
    near = nearest_open(record, shelf.records)
    names = [item.repositories[0] for item in near]
    hint = "Open models that do most of what it does: %s." % ", ".join(names) if names else None
    return NotServable(
        "%s has closed weights: nobody can serve it on own GPUs" % record.id,
        hint=hint,
        model=record.id,
        nearest=names,
    )


def _with_candidates(error: AutoconfigError, candidates: t.Sequence[Candidate]) -> AutoconfigError:
    names = [item.repository for item in candidates]
    hint = "Name the repository itself, as owner/name or by its URL."
    if names:
        hint += " Perhaps one of these is meant: %s." % ", ".join(names[:5])
    listed = [
        {"repository": item.repository, "rule": item.rule, "confidence": item.confidence}
        for item in candidates
    ]
    return type(error)(error.message, hint=hint, candidates=listed)
