# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a model id to one repository, by rules in order of certainty.

What is not certain is never picked: it becomes a ranked list of candidates in the error.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.closed import (
    maker_of_closed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.maker_table import (
    MAKERS,
    VENDORS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import OVERRIDES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    is_moving_alias,
    last_part,
    normal,
    parameters_in,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.typed import (
    Typed,
    typed,
    untagged_names,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    Candidate,
    ModelRecord,
    Resolution,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.ranking import (
    MAX_CANDIDATES,
    Find,
    Ranking,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.search import nearest_open
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.shelf import (
    Shelf,
    other_hub,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.gpustack_sets import (
    NAME as SETS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.gpustack_sets import (
    base_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    NotFound,
    NotServable,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    LOCAL_PATH,
    MODEL_SCOPE,
    RepositoryRef,
    Spec,
)

EXPLICIT = "explicit_repository"
OVERRIDE = "override_table"
EXISTING = "existing_repository"
WEIGHTS = "canonical_weights"
GPUSTACK = "gpustack_catalog"
IGNORING_CASE = "ignoring_case"
USER_CATALOG = "user_catalog"
SPELLED = "spelled_by_provider"
SURELY = 0.9
_OTHER = {HUGGINGFACE: MODEL_SCOPE, MODEL_SCOPE: HUGGINGFACE}

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

    def __init__(
        self,
        shelf: Shelf,
        source: str,
        confirm: Confirm,
        specs_of: SpecsOf,
        find: Find = lambda _words, _limit: (),
    ) -> None:
        self._shelf = shelf
        self._source = source
        self._confirm = confirm
        self._specs_of = specs_of
        self._find = find

    def explicit(self, ref: RepositoryRef) -> Resolution:
        """A repository that the user named as such. It has to exist, as far as the hub can be asked."""
        try:
            confirmed = self._confirm(ref)
        except Unavailable:
            return Resolution(self._model_of(ref), ref, EXPLICIT, False)
        except NotFound as exc:
            raise _with_candidates(exc, self._candidates(typed(ref.name))) from exc
        return Resolution(self._model_of(confirmed), confirmed, EXPLICIT, True)

    def resolve(self, model: str) -> Resolution:
        """The first rule that gives an existing repository. NotServable, NotFound or Unavailable else."""
        if not model.strip():
            raise InvalidInput("The model's name is empty")
        problem: t.Optional[Unavailable] = None
        missing: t.Set[RepositoryRef] = set()
        said = typed(model)
        for guess in self._guesses(model, said):
            if guess.ref in missing:
                continue
            try:
                confirmed = self._confirm(guess.ref)
            except NotFound:
                missing.add(guess.ref)
                continue
            except Unavailable as exc:
                problem = exc
                if guess.vouched:
                    return self._answer(model, guess.rule, guess.ref, False)
                continue
            return self._answer(model, guess.rule, confirmed, True)
        raise self._failure(said, problem)

    def _guesses(self, model: str, said: Typed) -> t.Iterator[Guess]:
        record = self._shelf.by_id(model)
        if record is not None and record.source == USER_CATALOG:
            yield from self._linked(USER_CATALOG, record)
        override = OVERRIDES.get(model.lower())
        if override is not None:
            yield from self._on_source(OVERRIDE, override)
        if record is not None and record.canonical and record.id == model:
            yield from self._linked(WEIGHTS, record)
        yield from self._existing(model, said)
        if is_moving_alias(model):
            return  # what a reseller's alias points at need not be what the maker's does
        if record is not None:
            yield from self._linked(WEIGHTS, record)
            yield from self._known(EXISTING, record.id)
        base = base_of(model, self._specs_of(model), self._source)
        if base is not None:
            yield Guess(GPUSTACK, base, True)
        yield from self._ignoring_case(model)
        yield from self._set(said)

    def _set(self, said: Typed) -> t.Iterator[Guess]:
        """A set of GPUStack's catalog whose name was typed with what programs put around names."""
        if said.owner is None and said.tag is None:
            named = self._shelf.ignoring_case(said.name.replace(" ", "-"))
            if named is not None and named.source == SETS:
                yield from self._linked(GPUSTACK, named)

    def _linked(self, rule: str, record: ModelRecord) -> t.Iterator[Guess]:
        if record.source == SETS:
            base = base_of(record.name, record.specs, self._source)
            if base is not None:
                yield Guess(GPUSTACK, base, True)
            return
        if rule == USER_CATALOG:
            for spec in record.specs[:1] if not record.repositories else ():
                yield Guess(rule, spec.ref, True)
        for name in record.repositories[:1]:
            yield from self._on_source(rule, name)

    def _existing(self, model: str, said: Typed) -> t.Iterator[Guess]:
        """Repositories that are called just as it was typed, or as it is without a program's prefix."""
        if is_repository_name(model) and (not said.served or model.partition("/")[0].lower() in MAKERS):
            yield from self._as_typed(model)
        if said.repository is not None and said.repository != model:
            yield from self._as_typed(said.repository, said.revision)

    def _as_typed(self, model: str, revision: t.Optional[str] = None) -> t.Iterator[Guess]:
        known = self._shelf.spelled(self._source, model) == model
        yield Guess(EXISTING, RepositoryRef(self._source, model, revision), known)
        renamed = other_hub(model, self._source)
        if renamed is not None:
            known = self._shelf.spelled(self._source, renamed) == renamed
            yield Guess(EXISTING, RepositoryRef(self._source, renamed), known)

    def _known(self, rule: str, name: str) -> t.Iterator[Guess]:
        """``name`` in the spelling of the catalogs, where they know such a repository."""
        linked = self._shelf.spelled(HUGGINGFACE, name)
        if linked is not None:
            yield from self._on_source(rule, linked)

    def _ignoring_case(self, model: str) -> t.Iterator[Guess]:
        own = self._shelf.spelled(self._source, model)
        if own is not None:
            yield Guess(IGNORING_CASE, RepositoryRef(self._source, own), True)
        yield from self._known(IGNORING_CASE, model)
        record = self._shelf.ignoring_case(model)
        if record is None:
            return
        yield from self._linked(IGNORING_CASE, record)
        yield from self._known(IGNORING_CASE, record.id)
        for name in record.spellings if record.open_weights else ():
            if name != model:
                yield Guess(IGNORING_CASE, RepositoryRef(self._source, name), False)

    def _on_source(self, rule: str, name: str) -> t.Iterator[Guess]:
        """A Hugging Face repository as the wanted hub calls it, most certain first.

        On ModelScope that is the catalogs' own entry. The name with the owner translated, and the same
        name, are right in most cases only: there the hub has to say that they exist.
        """
        if self._source == HUGGINGFACE:
            yield Guess(rule, RepositoryRef(HUGGINGFACE, name), True)
            return
        names = [wanted for wanted in (other_hub(name, self._source), name) if wanted is not None]
        for wanted in names:
            spelled = self._shelf.spelled(self._source, wanted)
            if spelled is not None:
                yield Guess(rule, RepositoryRef(self._source, spelled), True)
        for wanted in names:
            yield Guess(rule, RepositoryRef(self._source, wanted), False)

    def _answer(self, model: str, rule: str, ref: RepositoryRef, confirmed: bool) -> Resolution:
        record = self._shelf.by_id(model) or self._shelf.ignoring_case(model) or self._model_of(ref)
        others = tuple(Candidate(name, WEIGHTS, 1.0) for name in record.repositories if name != ref.name)
        return Resolution(record, ref, rule, confirmed, others)

    def _model_of(self, ref: RepositoryRef) -> ModelRecord:
        known = self._shelf.by_repository(ref.name)
        if known is not None:
            return known
        total, active = parameters_in(ref.name)
        return ModelRecord(
            id=ref.name,
            name=last_part(ref.name),
            source=ref.source,
            open_weights=True,
            total_parameters=total,
            active_parameters=active,
            repositories=(ref.name,) if ref.source == HUGGINGFACE else (),
        )

    def _candidates(self, said: Typed) -> t.Tuple[Candidate, ...]:
        """What may be meant; names that no catalog vouches for exist, as far as the hub can be asked."""
        if self._source == LOCAL_PATH:
            return ()
        ranked = Ranking(said, self._shelf.names(self._source), self._find).candidates()
        found: t.List[Candidate] = []
        asks = True
        for candidate in ranked:
            if candidate.rule == SPELLED and asks:
                try:
                    name = self._confirm(RepositoryRef(self._source, candidate.repository)).name
                except NotFound:
                    continue
                except AutoconfigError:
                    asks = False
                else:
                    candidate = Candidate(name, candidate.rule, candidate.confidence)
            if candidate.repository not in [item.repository for item in found]:
                found.append(candidate)
            if len(found) == MAX_CANDIDATES:
                break
        return tuple(found)

    def _failure(self, said: Typed, problem: t.Optional[Unavailable]) -> AutoconfigError:
        candidates = self._candidates(said)
        closed = self._closed_record(said, candidates)
        if closed is not None:
            return _closed(closed, self._shelf)
        record = self._shelf.by_id(said.text) or self._shelf.ignoring_case(said.text)
        known = "" if record is None else " although the catalogs know the model"
        error: AutoconfigError
        if problem is not None:
            error = Unavailable(
                "No repository with the weights of %s was found%s, and the hub could not be asked: %s"
                % (said.text, known, problem.message),
                hint=problem.hint,
            )
        else:
            error = NotFound("No repository with the weights of %s was found%s" % (said.text, known))
        return _with_candidates(error, candidates)

    def _closed_record(self, said: Typed, candidates: t.Sequence[Candidate]) -> t.Optional[ModelRecord]:
        """The model that is meant, where its maker keeps the weights; None where it may be open.

        A known repository of just that name goes before everything; what the maker is known to keep,
        and what its own entry in a catalog says, go before a reseller's word.
        """
        surest = [item for item in candidates if item.confidence >= SURELY and item.rule != SPELLED]
        if any(normal(item.repository) == normal(said.name) for item in candidates):
            return None
        for name in untagged_names(said.name):
            meant = self._shelf.named(name)
            if self._is_opened(meant):
                return None
            if self._owner_is_known(said) and maker_of_closed(name):
                return max(meant, key=_offers, default=_unknown(said, name))
            neutral = [record for record in meant if record.canonical]
            if neutral and not any(record.open_weights for record in meant):
                return max(neutral, key=_offers)
            if surest:
                return None
        return None

    def _is_opened(self, meant: t.Sequence[ModelRecord]) -> bool:
        return any(record.repositories or (record.canonical and record.open_weights) for record in meant)

    def _owner_is_known(self, said: Typed) -> bool:
        owner = (said.owner or "").lower()
        return not owner or owner in VENDORS or owner in MAKERS or self._shelf.is_provider(owner)


def _offers(record: ModelRecord) -> int:
    return len(record.provider_ids)


def _unknown(said: Typed, name: str) -> ModelRecord:
    return ModelRecord(said.text, name, "names", input_modalities=("text",), output_modalities=("text",))


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
    hint = error.hint or "Name the repository itself, as owner/name or by its URL."
    if names:
        hint += " Perhaps one of these is meant: %s." % ", ".join(names[:5])
    listed = [
        {"repository": item.repository, "rule": item.rule, "confidence": item.confidence}
        for item in candidates
    ]
    return type(error)(error.message, hint=hint, candidates=listed)
