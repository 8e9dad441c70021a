# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Hugging Face Hub, as far as one repository needs it."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import (
    Listing,
    checked_files,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    last_part,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import fields
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.source_states import (
    Answers,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    SourceStatus,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import CachedReader
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    NotFound,
    PermissionDenied,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import (
    Reply,
    server_words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    SAFE,
    SUSPICIOUS,
    UNSAFE,
    UNSCANNED,
    RepositoryFile,
    RepositoryRef,
    Standing,
)

NAME = "Hugging Face"
LISTED = 100
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_MISSING = frozenset(("RepoNotFound", "RevisionNotFound", "EntryNotFound"))


class HuggingFaceClient(HttpClient):
    """Knows that the hub hides missing repositories behind 401, and what gated means."""

    def __init__(self, base_url: str, token: t.Optional[str], options: HttpOptions) -> None:
        headers = {"Authorization": "Bearer %s" % token} if token else {}
        super().__init__(base_url, NAME, headers, options)
        self._anonymous = not token

    def check(self, reply: Reply, hint: t.Optional[str] = None) -> None:
        code = reply.headers.get("x-error-code")
        hidden = reply.status == 401 and code is None and self._anonymous
        if code in _MISSING or hidden:
            raise NotFound(
                "%s has nothing at %s: %s" % (NAME, reply.url, server_words(reply) or code),
                hint="Check the spelling; a private repository needs hf_token.",
                status=reply.status,
            )
        if code == "GatedRepo":
            raise self._gated(reply)
        super().check(reply, hint or ("Check hf_token (or HF_TOKEN)." if reply.status == 401 else None))

    def same_path(self, path: str) -> str:
        """The hub finds a repository whatever the case of its name."""
        return re.sub(r"\A(/api/models)?/[^/?]+/[^/?]+", lambda found: found.group().lower(), path)

    def _gated(self, reply: Reply) -> t.Union[AuthenticationFailed, PermissionDenied]:
        match = re.match(r"/(?:api/models/)?([^/]+/[^/]+)", reply.url[len(self.base_url) :])
        name = match.group(1) if match else ""
        page = "%s/%s" % (self.base_url, name)
        if self._anonymous:
            return AuthenticationFailed(
                "%s on %s is gated and no token was given" % (name, NAME),
                hint="Accept its licence at %s and set hf_token (or HF_TOKEN)." % page,
                status=reply.status,
            )
        return PermissionDenied(
            "%s on %s is gated and the account of hf_token has no access" % (name, NAME),
            hint="Accept its licence at %s with that account." % page,
            status=reply.status,
        )


class HuggingFace:
    """Repositories of one Hugging Face endpoint."""

    source = HUGGINGFACE

    def __init__(self, reader: CachedReader) -> None:
        self._reader = reader
        self._status = Answers(HUGGINGFACE)

    def listing(self, ref: RepositoryRef) -> Listing:
        path = "/api/models/%s" % ref.name
        if ref.revision:
            path += "/revision/%s" % quote(ref.revision, safe="")
        pinned = _COMMIT.match(ref.revision or "") is not None
        with self._status.watching():
            info, fetched = self._reader.get_json(
                path, {"blobs": "true", "securityStatus": "true"}, immutable=pinned
            )
        self._status.saw(fetched)
        where = "%s: %s" % (NAME, ref.name)
        info = fields.entry(info)
        name = _checked_id(info, where)
        return Listing(
            ref=RepositoryRef(HUGGINGFACE, name, ref.revision),
            revision=_checked_commit(info, where),
            files=checked_files(ref.name, _files(info, where)),
            gated=bool(info.get("gated")),
            licence=_licence(info),
            fetched=fetched,
            standing=_standing(info),
        )

    def quantized_copies(self, listing: Listing) -> t.List[str]:
        found = self._list("filter", "base_model:quantized:%s" % listing.ref.name, LISTED)
        return [record.id for record in found]

    def search(self, words: str, limit: int) -> t.List[ModelRecord]:
        return self._list("search", words, limit)

    def _list(self, key: str, value: str, limit: int) -> t.List[ModelRecord]:
        params = {key: value, "sort": "downloads", "direction": "-1", "limit": str(limit)}
        with self._status.watching():
            found, fetched = self._reader.get_json("/api/models", params)
        if not isinstance(found, list):
            raise UnexpectedReply("%s: the answer of /api/models is no list" % NAME)
        self._status.saw(fetched)
        return [_record(item) for item in fields.entries(found) if is_repository_name(str(item.get("id")))]

    def read(self, listing: Listing, path: str, first: int, last: int) -> bytes:
        url, pinned = _place(listing, path)
        with self._status.watching():
            return self._reader.get(url, byte_range=(first, last), immutable=pinned).body

    def read_json(self, listing: Listing, path: str) -> t.Any:
        url, pinned = _place(listing, path)
        with self._status.watching():
            return self._reader.get_json(url, immutable=pinned, is_file=True)[0]

    def status(self) -> SourceStatus:
        return self._status.summary()


def _place(listing: Listing, path: str) -> t.Tuple[str, bool]:
    """The path of a file's content, and whether that is bound to a commit."""
    revision = listing.revision or listing.ref.revision or "main"
    url = "/%s/resolve/%s/%s" % (listing.ref.name, quote(revision, safe=""), quote(path))
    return url, _COMMIT.match(revision) is not None


def _checked_id(info: fields.Entry, where: str) -> str:
    """The hub's spelling of a name, which becomes part of URLs and of what a server is told to download."""
    name = fields.required(info, "id", str, where)
    if not is_repository_name(name):
        raise UnexpectedReply("%s: the hub calls it something that is no name of a repository" % where)
    return name


def _checked_commit(info: fields.Entry, where: str) -> t.Optional[str]:
    commit = fields.text(info.get("sha"))
    if commit is not None and not _COMMIT.match(commit):
        raise UnexpectedReply("%s: the hub names a commit that is none" % where)
    return commit


def _files(info: fields.Entry, where: str) -> t.Iterator[RepositoryFile]:
    for item in fields.required(info, "siblings", list, where):
        path = fields.required(fields.entry(item), "rfilename", str, where)
        large = fields.entry(item.get("lfs"))
        size = item.get("size", large.get("size"))
        if not isinstance(size, int):
            raise UnexpectedReply(
                "%s: %s is listed without its size" % (where, path),
                hint="Use an endpoint that supports ?blobs=true.",
            )
        yield RepositoryFile(path, size, fields.text(large.get("sha256")))


def _record(item: fields.Entry) -> ModelRecord:
    name = str(item["id"])
    return ModelRecord(
        id=name,
        name=last_part(name),
        source=HUGGINGFACE,
        open_weights=True,
        licence=_licence(item),
        release_date=(fields.text(item.get("createdAt")) or "")[:10] or None,
        last_updated=(fields.text(item.get("lastModified")) or "")[:10] or None,
        repositories=(name,),
        categories=fields.texts(item.get("pipeline_tag")),
    )


def _standing(info: fields.Entry) -> Standing:
    security, issues = _security(info.get("securityRepoStatus"))
    return Standing(
        downloads=fields.count(info.get("downloads")),
        last_modified=fields.text(info.get("lastModified")),
        base_models=fields.texts(fields.entry(info.get("cardData")).get("base_model")),
        security=security,
        issues=issues,
        gguf=fields.entry(info.get("gguf")),
    )


def _security(status: t.Any) -> t.Tuple[t.Optional[str], t.Tuple[str, ...]]:
    """The verdict over all files. Anything found that is not harmless counts."""
    if not isinstance(status, dict):
        return None, ()
    found = fields.entries(status.get("filesWithIssues"))
    levels = {str(item.get("level")) for item in found}
    issues = tuple(sorted(str(item.get("path")) for item in found))
    if "unsafe" in levels:
        return UNSAFE, issues
    if found:
        return SUSPICIOUS, issues
    return SAFE if status.get("scansDone") else UNSCANNED, ()


def _licence(info: fields.Entry) -> t.Optional[str]:
    named = fields.text(fields.entry(info.get("cardData")).get("license"))
    tags = fields.texts(info.get("tags"))
    return named or next((tag.partition(":")[2] for tag in tags if tag.startswith("license:")), None)
