# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Hugging Face and ModelScope have in common.

A hub lists a repository at one commit, and hands out files of that commit. Everything that a
repository says about its model is read here, the same way for both.
"""

from __future__ import annotations

import itertools
import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs import gguf, safetensors
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    Repository,
    RepositoryFile,
    RepositoryRef,
    Standing,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import weight_files
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model import mistral_params

Warn = t.Callable[[str], None]

_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.safetensors\Z")


@dataclass(frozen=True)
class Listing:
    """A repository at one commit, before any of its files was read."""

    ref: RepositoryRef
    revision: t.Optional[str]
    files: t.Tuple[RepositoryFile, ...]
    gated: bool
    licence: t.Optional[str]
    fetched: Fetched
    standing: Standing = Standing()

    def has(self, path: str) -> bool:
        return any(item.path == path for item in self.files)


class Hub(t.Protocol):
    """One hub. What asks it raises NotFound, AuthenticationFailed, PermissionDenied or Unavailable."""

    source: str

    def listing(self, ref: RepositoryRef) -> Listing:
        """The repository in its canonical spelling. The commit is that of ``ref.revision``."""

    def read(self, listing: Listing, path: str, first: int, last: int) -> bytes:
        """The bytes from ``first`` to ``last``, both included, of a file at the listing's commit."""

    def read_json(self, listing: Listing, path: str) -> t.Any:
        """A JSON file at the listing's commit. UnexpectedReply when it is none."""

    def quantized_copies(self, listing: Listing) -> t.List[str]:
        """Names of repositories that hold the same model quantized, the most downloaded first.

        The hub's word, which every publisher writes for his own repositories.
        """

    def search(self, words: str, limit: int) -> t.List[ModelRecord]:
        """What the hub's own search finds, the most downloaded first."""

    def status(self) -> SourceStatus:
        """How the hub has answered so far."""


def unread(listing: Listing) -> Repository:
    """What the list of a repository says alone: names and sizes, which a gated one shows to everybody."""
    return Repository(
        ref=listing.ref,
        revision=listing.revision,
        config=None,
        files=listing.files,
        gated=listing.gated,
        licence=listing.licence,
        state=listing.fetched.state,
        as_of=listing.fetched.as_of,
        standing=listing.standing,
        gguf=tuple(map(gguf.unread, gguf.models(listing.files))),
    )


def describe(hub: Hub, listing: Listing, pool: ThreadPoolExecutor, warn: Warn) -> Repository:
    """All facts of one repository. Unreadable headers leave ``tensors`` None, with a warning.

    :raises UnexpectedReply: parts of its weights are not there.
    """
    _check_whole(listing)
    return Repository(
        ref=listing.ref,
        revision=listing.revision,
        config=_config(hub, listing),
        files=listing.files,
        quant_config=_json_file(hub, listing, "hf_quant_config.json"),
        tensors=_tensors(hub, listing, pool, warn),
        gated=listing.gated,
        licence=listing.licence,
        state=listing.fetched.state,
        as_of=listing.fetched.as_of,
        standing=listing.standing,
        gguf=_gguf(hub, listing, pool, warn),
        adapter=_json_file(hub, listing, "adapter_config.json"),
    )


def _check_whole(listing: Listing) -> None:
    """Whether all of the numbered parts of the weights are there."""
    parts: t.Dict[str, t.Set[int]] = {}
    for item in weight_files(listing.files):
        match = _PART.match(item.path)
        if match:
            parts.setdefault("%s of %d" % (match.group(1), int(match.group(3))), set()).add(
                int(match.group(2))
            )
    for name, found in parts.items():
        count = int(name.rpartition(" of ")[2])
        if len(found) < count:
            raise UnexpectedReply(
                "%s has %d of the %d parts of its weights" % (listing.ref.name, len(found), count),
                hint="Its upload or download is not complete; take another revision or repository.",
            )


def checked_files(name: str, files: t.Iterable[RepositoryFile]) -> t.Tuple[RepositoryFile, ...]:
    """``files`` sorted by path; UnexpectedReply for a path that leaves the repository."""
    found = tuple(sorted(files, key=lambda item: item.path))
    for item in found:
        if item.path.startswith("/") or "\\" in item.path or ".." in item.path.split("/"):
            raise UnexpectedReply("%s lists a file with an unsafe path: %r" % (name, item.path))
    return found


def _config(hub: Hub, listing: Listing) -> t.Optional[t.Mapping[str, t.Any]]:
    """config.json, or what Mistral writes in its place."""
    if listing.has("config.json") or not listing.has("params.json"):
        return _json_file(hub, listing, "config.json")
    params = _json_file(hub, listing, "params.json")
    return None if params is None else mistral_params.config_of(params)


def _json_file(hub: Hub, listing: Listing, path: str) -> t.Optional[t.Mapping[str, t.Any]]:
    if not listing.has(path):
        return None
    value = hub.read_json(listing, path)
    if not isinstance(value, dict):
        raise UnexpectedReply("%s of %s is not a JSON object" % (path, listing.ref.name))
    return value


def _tensors(
    hub: Hub, listing: Listing, pool: ThreadPoolExecutor, warn: Warn
) -> t.Optional[t.Tuple[Tensor, ...]]:
    files = weight_files(listing.files)
    if not files:
        return None
    if len(files) > safetensors.MAX_SHARDS:
        warn("%s has %d safetensors files; sizes of files are used." % (listing.ref.name, len(files)))
        return None

    def fetch(path: str, first: int, last: int) -> bytes:
        return hub.read(listing, path, first, last)

    found: t.List[Tensor] = []
    try:
        for header in pool.map(lambda shard: safetensors.read_header(fetch, shard), files):
            found += header
            if len(found) > safetensors.MAX_TENSORS:
                raise UnexpectedReply("it has more than %d tensors" % safetensors.MAX_TENSORS)
    except UnexpectedReply as exc:
        warn("%s: %s. Sizes of files are used." % (listing.ref.name, exc.message))
        return None
    return tuple(found)


def _gguf(hub: Hub, listing: Listing, pool: ThreadPoolExecutor, warn: Warn) -> t.Tuple[GgufModel, ...]:
    """The models of a repository that has GGUF files and no safetensors, which would be loaded instead."""
    models = [] if weight_files(listing.files) else gguf.models(listing.files)

    def fetch(path: str, first: int, last: int) -> bytes:
        return hub.read(listing, path, first, last)

    def read(parts: t.Sequence[RepositoryFile]) -> GgufModel:
        try:
            return gguf.describe(fetch, parts)
        except UnexpectedReply as exc:
            warn("%s: %s. Sizes of files are used." % (listing.ref.name, exc.message))
            return gguf.unread(parts)

    last = list(itertools.accumulate(map(len, models)))
    few = [parts for parts, count in zip(models, last) if count <= gguf.MAX_FILES]
    if len(few) < len(models):
        counts = (listing.ref.name, last[-1], sum(map(len, few)))
        warn("%s has %d GGUF files; the headers of the first %d are read." % counts)
    return (*pool.map(read, few), *map(gguf.unread, models[len(few) :]))
