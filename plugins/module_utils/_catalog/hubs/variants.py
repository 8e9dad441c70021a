# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All repositories that hold one model, each described by its hub."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import (
    Hub,
    Listing,
    Warn,
    describe,
    unread,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.repository_contents import (
    contradiction,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import (
    GGUF_NAMES,
    QUANTIZED_NAMES,
    TRUSTED_PUBLISHERS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    is_quantized_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import Resolution
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    LOCAL_PATH,
    MODEL_SCOPE,
    RepositoryRef,
    Spec,
    Variant,
)

RESOLVED = "resolved"
LINKED = "catalog_weights"
ADVISED = "gpustack_catalog"
RELATION = "base_model_relation"
NAMING = "publisher_naming"
USER = "user"
REQUIRED = frozenset((RESOLVED, USER))


# Of publishers that nobody vouches for, so many copies are described.
MOST_OTHERS = 8
# Of repositories with the model in GGUF so many: each holds it in many sizes.
MOST_GGUF = 2


@dataclass(frozen=True)
class Lead:
    """A repository to look at, and the reason."""

    ref: RepositoryRef
    found_by: str


@dataclass(frozen=True)
class Sought:
    """What variants are wanted of a model.

    ``extra`` are repositories that the user names. ``everybody`` also takes quantized copies by
    publishers other than the model's own and the trusted ones.
    """

    resolution: Resolution
    specs: t.Tuple[Spec, ...] = ()
    extra: t.Tuple[str, ...] = ()
    everybody: bool = False

    @property
    def stays_alone(self) -> bool:
        """A model that was named by a quantized repository or a path is that and nothing else."""
        ref = self.resolution.ref
        return ref.source == LOCAL_PATH or is_quantized_name(ref.name)


def is_trusted(copy: RepositoryRef, base: t.Optional[RepositoryRef]) -> bool:
    """Whether the publisher of a copy is that of ``base`` or one whose copies are planned unnamed."""
    owner = copy.name.partition("/")[0]
    own = "" if base is None else base.name.partition("/")[0]
    return owner.lower() == own.lower() or owner in TRUSTED_PUBLISHERS


def leads(sought: Sought, copies: t.Sequence[str]) -> t.List[Lead]:
    """Repositories to ask the hub for, each name once, the surest reason first.

    ``copies`` are those that the hub relates to the model, the most downloaded first.
    """
    resolution = sought.resolution
    base = resolution.ref
    found = [Lead(base, RESOLVED)]
    found += [Lead(_named_by_user(base.source, name), USER) for name in sought.extra]
    if not sought.stays_alone:
        if base.source != MODEL_SCOPE:
            names = [item.repository for item in resolution.candidates]
            found += [Lead(RepositoryRef(base.source, name), LINKED) for name in names]
        found += [Lead(spec.ref, ADVISED) for spec in sought.specs if spec.ref.source == base.source]
        related = [RepositoryRef(base.source, name) for name in copies]
        found += [Lead(ref, RELATION) for ref in related if is_trusted(ref, base)]
        owner, _slash, name = base.name.partition("/")
        patterns = [pattern.format(owner=owner, name=name) for pattern in QUANTIZED_NAMES]
        found += [Lead(RepositoryRef(base.source, pattern), NAMING) for pattern in patterns]
        if sought.everybody:
            others = [ref for ref in related if not is_trusted(ref, base)]
            found += [Lead(ref, RELATION) for ref in others[:MOST_OTHERS]]
    unique: t.Dict[str, Lead] = {}
    for lead in found:
        unique.setdefault(lead.ref.name.lower(), lead)
    return list(unique.values())


def gguf_leads(resolution: Resolution) -> t.List[Lead]:
    """Repositories that may hold the model in GGUF, its maker's first."""
    owner, _slash, name = resolution.ref.name.partition("/")
    names = (pattern.format(owner=owner, name=name) for pattern in GGUF_NAMES)
    return [Lead(RepositoryRef(resolution.ref.source, each), NAMING) for each in names]


def _named_by_user(source: str, name: str) -> RepositoryRef:
    if not is_repository_name(name):
        raise InvalidInput("%r is no repository name" % name, hint="Write it as owner/name.")
    return RepositoryRef(source, name)


class VariantReader:
    """Asks one hub for all leads in parallel, then reads what exists."""

    def __init__(self, hub: Hub, pool: ThreadPoolExecutor, warn: Warn) -> None:
        self._hub = hub
        self._pool = pool
        self._warn = warn

    def read(self, sought: Sought) -> t.List[Variant]:
        advice: t.Dict[str, t.List[Spec]] = {}
        for spec in sought.specs:
            advice.setdefault(spec.ref.name.lower(), []).append(spec)
        found = []
        base = self._hub.listing(sought.resolution.ref)
        wanted = leads(sought, [] if sought.stays_alone else self._copies(base, sought.everybody))
        for lead, answer in zip(wanted, self._pool.map(self._listing, wanted)):
            variant = self._variant(lead, answer, advice.get(lead.ref.name.lower(), ()), sought.everybody)
            if variant is not None:
                found.append(variant)
        return found

    def read_gguf(self, resolution: Resolution) -> t.List[Variant]:
        """The first repositories that hold the model in GGUF; none where no hub has one."""
        wanted, found = gguf_leads(resolution), t.cast("t.List[Variant]", [])
        for lead, answer in zip(wanted, self._pool.map(self._listing, wanted)):
            variant = self._variant(lead, answer, (), False) if len(found) < MOST_GGUF else None
            if variant is not None and variant.repository.gguf:
                found.append(variant)
        return found

    def _copies(self, base: Listing, everybody: bool) -> t.List[str]:
        """What the hub relates to the model. The planner cannot use GGUF, so only everybody gets it."""
        try:
            copies = self._hub.quantized_copies(base)
        except AutoconfigError as exc:
            if not isinstance(exc, NotFound):
                self._warn("Quantized copies were looked for by their names only: %s." % exc.message)
            return []
        return copies if everybody else [name for name in copies if "gguf" not in name.lower()]

    def _listing(self, lead: Lead) -> t.Union[Listing, AutoconfigError]:
        try:
            return self._hub.listing(lead.ref)
        except AutoconfigError as exc:
            return exc

    def _variant(
        self,
        lead: Lead,
        answer: t.Union[Listing, AutoconfigError],
        advice: t.Sequence[Spec],
        also_gated: bool,
    ) -> t.Optional[Variant]:
        """``also_gated`` takes a repository whose files may not be read by its list alone."""
        try:
            if isinstance(answer, AutoconfigError):
                raise answer
            try:
                repository = describe(self._hub, answer, self._pool, self._warn)
            except (AuthenticationFailed, PermissionDenied) as exc:
                if not also_gated:
                    raise
                self._warn(
                    "%s. Only names and sizes of its files are known. %s" % (exc.message, exc.hint or "")
                )
                repository = unread(answer)
        except AutoconfigError as exc:
            if lead.found_by in REQUIRED:
                raise
            self._note(lead, exc)
            return None
        wrong = contradiction(repository)
        if wrong is not None:
            self._warn("%s." % wrong)
        return Variant(repository, lead.found_by, tuple(advice))

    def _note(self, lead: Lead, problem: AutoconfigError) -> None:
        """Says what was left out; that a guessed name does not exist is no news."""
        guessed = lead.found_by == NAMING
        if guessed and isinstance(problem, Unavailable):
            self._warn("Quantized copies could not all be looked for: the hub did not answer.")
        elif not (guessed and isinstance(problem, NotFound)):
            self._warn("%s was left out: %s." % (lead.ref.name, problem.message))
