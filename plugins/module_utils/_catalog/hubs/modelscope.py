# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ModelScope, as far as one repository needs it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import (
    Listing,
    checked_files,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import (
    is_quantized_copy,
    iso_time,
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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader,
    Fetched,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    NotFound,
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
    MODEL_SCOPE,
    RepositoryFile,
    RepositoryRef,
    Spec,
    Standing,
)

NAME = "ModelScope"
DEFAULT_BRANCH = "master"
LISTING_LIMIT = 3000
LISTED = 100
MAX_FOLDERS = 500
MAX_ENTRIES = 100_000
LATEST = 32503680000  # the year 3000: what is later is no time in seconds
BAD_TOKEN = 10010103009
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_SPELLED = {
    "path": "Path", "size": "Size", "type": "Type", "sha256": "Sha256", "revision": "Revision",
    "committed_date": "CommittedDate", "name": "Name",
}  # fmt: skip
_ABSENT = re.compile(r"not exist|not found|no such|不存在", re.IGNORECASE)
_TOKEN = "modelscope_token (or MODELSCOPE_API_TOKEN)"


class ModelScopeClient(HttpClient):
    """Knows ModelScope's envelope, whose failures may come with any status, 200 included."""

    def __init__(self, base_url: str, token: t.Optional[str], options: HttpOptions) -> None:
        headers = {"Authorization": "Bearer %s" % token} if token else {}
        super().__init__(base_url, NAME, headers, options)

    def check(self, reply: Reply, hint: t.Optional[str] = None) -> None:
        body = _envelope(reply)
        code = body.get("Code", body.get("code"))
        if code == BAD_TOKEN:
            raise AuthenticationFailed(
                "%s refused the token for %s: %s" % (NAME, reply.url, server_words(reply)),
                hint="Check %s." % _TOKEN,
                status=reply.status,
            )
        super().check(reply, hint or self._hint(reply))
        if body.get("Success", body.get("success")) is False:
            if _ABSENT.search(server_words(reply) or ""):
                raise NotFound(
                    "%s has nothing at %s: %s" % (NAME, reply.url, server_words(reply)),
                    hint="Check the spelling and its case; a private repository needs %s." % _TOKEN,
                    status=reply.status,
                )
            raise UnexpectedReply(
                "%s: %s %s failed with code %s: %s"
                % (NAME, reply.method, reply.url, code, server_words(reply))
            )

    def _hint(self, reply: Reply) -> t.Optional[str]:
        if reply.status == 401:
            return "Check %s." % _TOKEN
        if reply.status != 403:
            return None
        match = re.match(r"/(?:open)?api/v1/models/([^/]+/[^/]+)", reply.url[len(self.base_url) :])
        page = "%s/models/%s" % (self.base_url, match.group(1) if match else "")
        return "Accept the licence at %s and set %s to a token of that account." % (page, _TOKEN)


class ModelScope:
    """Repositories of one ModelScope endpoint. Names are matched with case, as the hub does."""

    source = MODEL_SCOPE

    def __init__(self, reader: CachedReader) -> None:
        self._reader = reader
        self._status = Answers(MODEL_SCOPE)

    def listing(self, ref: RepositoryRef) -> Listing:
        with self._status.watching():
            info, fetched = self._info(ref.name)
            self._status.saw(fetched)
            entries = self._entries(ref.name, ref.revision or DEFAULT_BRANCH)
        blobs = [entry for entry in entries if entry.get("Type") != "tree"]
        return Listing(
            ref=RepositoryRef(MODEL_SCOPE, _spelled(info) or ref.name, ref.revision),
            revision=_newest_commit(blobs),
            files=checked_files(ref.name, (_file(ref.name, entry) for entry in blobs)),
            gated=info.get("gated") is True,
            licence=fields.text(info.get("license")) or fields.text(info.get("License")),
            fetched=fetched,
            standing=_standing(info),
        )

    def quantized_copies(self, listing: Listing) -> t.List[str]:
        """By name: ModelScope's search does not know which model a repository is made of."""
        name = listing.ref.name
        found = [record.id for record in self.search(last_part(name), LISTED)]
        return [copy for copy in found if is_quantized_copy(copy, name)]

    def search(self, words: str, limit: int) -> t.List[ModelRecord]:
        wanted = {"search": words, "page_number": "1", "page_size": str(limit)}
        with self._status.watching():
            data, fetched = self._data("/openapi/v1/models", wanted)
        found = fields.entries(fields.required(data, "models", list, "%s: its search" % NAME))
        self._status.saw(fetched)
        found.sort(key=lambda item: -(fields.count(item.get("downloads")) or 0))
        return [_record(item) for item in found if is_repository_name(str(item.get("id")))]

    def read(self, listing: Listing, path: str, first: int, last: int) -> bytes:
        url, params, pinned = _place(listing, path)
        with self._status.watching():
            return self._reader.get(url, params, byte_range=(first, last), immutable=pinned).body

    def read_json(self, listing: Listing, path: str) -> t.Any:
        url, params, pinned = _place(listing, path)
        with self._status.watching():
            return self._reader.get_json(url, params, immutable=pinned, is_file=True)[0]

    def status(self) -> SourceStatus:
        return self._status.summary()

    def _info(self, name: str) -> t.Tuple[t.Mapping[str, t.Any], Fetched]:
        """Facts by the documented interface, else by the older one, which mirrors may have alone."""
        try:
            return self._data("/openapi/v1/models/%s" % name, {})
        except (NotFound, UnexpectedReply):
            return self._data("/api/v1/models/%s" % name, {})

    def _entries(self, name: str, revision: str) -> t.List[t.Mapping[str, t.Any]]:
        """All entries. The recursive list is cut at 3000 without notice; then folders are walked."""
        entries = self._list(name, {"Revision": revision, "Recursive": "True"})
        if len(entries) < LISTING_LIMIT:
            return entries
        found: t.List[t.Mapping[str, t.Any]] = []
        folders, seen = [""], {""}
        while folders:
            root = folders.pop()
            level = self._list(name, {"Revision": revision, "Recursive": "False", "Root": root})
            if len(level) >= LISTING_LIMIT:
                raise UnexpectedReply(
                    "%s lists only the first %d entries of %s/%s" % (NAME, LISTING_LIMIT, name, root),
                    hint="Use the Hugging Face copy of this model.",
                )
            below = {
                fields.text(entry.get("Path")) or "" for entry in level if entry.get("Type") == "tree"
            } - seen
            # A folder that lists itself, or one that was listed, has nothing new.
            folders += sorted(below)
            seen |= below
            found += level
            if len(seen) > MAX_FOLDERS or len(found) > MAX_ENTRIES:
                raise UnexpectedReply(
                    "%s lists more than %d folders or %d files of %s"
                    % (NAME, MAX_FOLDERS, MAX_ENTRIES, name),
                    hint="Use the Hugging Face copy of this model.",
                )
        return found

    def _list(self, name: str, params: t.Mapping[str, str]) -> t.List[t.Mapping[str, t.Any]]:
        body, _fetched = self._reader.get_json("/api/v1/models/%s/repo/files" % name, params)
        envelope = fields.entry(body)
        data = envelope.get("data", envelope.get("Data"))
        if not isinstance(data, list):
            where = "%s: the files of %s" % (NAME, name)
            facts = fields.entry(data)
            data = fields.required(facts, "files" if "files" in facts else "Files", list, where)
        return [
            {_SPELLED.get(key, key): value for key, value in item.items()} for item in fields.entries(data)
        ]

    def _data(self, path: str, params: t.Mapping[str, str]) -> t.Tuple[t.Mapping[str, t.Any], Fetched]:
        body, fetched = self._reader.get_json(path, params)
        envelope = fields.entry(body)
        key = "data" if "data" in envelope else "Data"
        return fields.required(envelope, key, dict, "%s: %s" % (NAME, path)), fetched


def _place(listing: Listing, path: str) -> t.Tuple[str, t.Mapping[str, str], bool]:
    """Path and query of a file's content, and whether that is bound to a commit."""
    revision = listing.revision or listing.ref.revision or DEFAULT_BRANCH
    url = "/api/v1/models/%s/repo" % listing.ref.name
    return url, {"Revision": revision, "FilePath": path}, _COMMIT.match(revision) is not None


def _record(item: fields.Entry) -> ModelRecord:
    name = str(item["id"])
    return ModelRecord(
        id=name,
        name=last_part(name),
        source=MODEL_SCOPE,
        open_weights=True,
        total_parameters=fields.count(item.get("params")),
        licence=fields.text(item.get("license")),
        release_date=(fields.text(item.get("created_at")) or "")[:10] or None,
        last_updated=(fields.text(item.get("last_modified")) or "")[:10] or None,
        specs=(Spec(RepositoryRef(MODEL_SCOPE, name), None, None, None),),
        categories=fields.texts(item.get("tasks")),
    )


def _spelled(info: fields.Entry) -> t.Optional[str]:
    """The hub's own spelling of a name, in either interface."""
    found = str(info.get("id"))
    if not is_repository_name(found):
        found = "%s/%s" % (fields.text(info.get("Path")) or "", fields.text(info.get("Name")) or "")
    return found if is_repository_name(found) else None


def _standing(info: fields.Entry) -> Standing:
    updated = fields.count(info.get("LastUpdatedTime"))
    older = None if updated is None or updated > LATEST else iso_time(updated)
    return Standing(
        downloads=fields.count(info.get("downloads")) or fields.count(info.get("Downloads")),
        last_modified=fields.text(info.get("last_modified")) or older,
    )


def _envelope(reply: Reply) -> t.Mapping[str, t.Any]:
    if "json" not in reply.headers.get("content-type", ""):
        return {}
    try:
        return fields.entry(json_value(reply.body))
    except Undecodable:
        return {}


def _file(name: str, found: fields.Entry) -> RepositoryFile:
    where = "%s: the files of %s" % (NAME, name)
    path, size = fields.required(found, "Path", str, where), fields.required(found, "Size", int, where)
    return RepositoryFile(path, size, fields.text(found.get("Sha256")))


def _newest_commit(entries: t.Sequence[t.Mapping[str, t.Any]]) -> t.Optional[str]:
    dated = [entry for entry in entries if _COMMIT.match(str(entry.get("Revision")))]
    newest = max(dated, key=lambda entry: fields.count(entry.get("CommittedDate")) or 0, default=None)
    return None if newest is None else str(newest["Revision"])
