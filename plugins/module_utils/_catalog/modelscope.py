# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: ModelScope, as far as one repository needs it."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._cache import CachedReader, Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.answers import Answers
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hub import Listing, checked_files
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.text import (
    is_quantized_copy,
    iso_time,
    last_part,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import SourceStatus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import (
    AuthenticationFailed,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import (
    HttpClient,
    HttpOptions,
    Reply,
    server_words,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import (
    MODEL_SCOPE,
    RepositoryFile,
    RepositoryRef,
    Standing,
)

NAME = "ModelScope"
DEFAULT_BRANCH = "master"
LISTING_LIMIT = 3000
LISTED = 100
BAD_TOKEN = 10010103009
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_HINTS = {
    401: "Check modelscope_token.",
    403: "Accept the licence on the model's page and set modelscope_token to a token of that account.",
}


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
                hint=_HINTS[401],
                status=reply.status,
            )
        super().check(reply, hint or _HINTS.get(reply.status))
        if body.get("Success", body.get("success")) is False:
            raise UnexpectedReply(
                "%s: %s %s failed with code %s: %s"
                % (NAME, reply.method, reply.url, code, server_words(reply))
            )


class ModelScope:
    """Repositories of one ModelScope endpoint. Names are matched with case, as the hub does."""

    source = MODEL_SCOPE

    def __init__(self, reader: CachedReader) -> None:
        self._reader = reader
        self._status = Answers(MODEL_SCOPE)

    def listing(self, ref: RepositoryRef) -> Listing:
        with self._status.watching():
            info, fetched = self._data("/api/v1/models/%s" % ref.name, {})
            self._status.saw(fetched)
            entries = self._entries(ref.name, ref.revision or DEFAULT_BRANCH)
        blobs = [entry for entry in entries if entry.get("Type") != "tree"]
        owner, name = info.get("Path"), info.get("Name")
        spelled = "%s/%s" % (owner, name) if owner and name else ref.name
        licence = info.get("License")
        return Listing(
            ref=RepositoryRef(MODEL_SCOPE, spelled, ref.revision),
            revision=_newest_commit(blobs),
            files=checked_files(ref.name, (_file(ref.name, entry) for entry in blobs)),
            gated=False,
            licence=licence if isinstance(licence, str) and licence else None,
            fetched=fetched,
            standing=_standing(info),
        )

    def quantized_copies(self, listing: Listing) -> t.List[str]:
        """By name: ModelScope's search does not know which model a repository is made of."""
        wanted = {"search": last_part(listing.ref.name), "page_number": "1", "page_size": str(LISTED)}
        with self._status.watching():
            data, _fetched = self._data("/openapi/v1/models", wanted)
        found = data.get("models")
        if not isinstance(found, list):
            raise UnexpectedReply("%s: the answer of its search has no models" % NAME)
        copies = [
            item
            for item in found
            if isinstance(item, dict) and is_quantized_copy(str(item.get("id")), listing.ref.name)
        ]
        copies.sort(key=lambda item: -int(item.get("downloads") or 0))
        return [str(item["id"]) for item in copies]

    def read(self, listing: Listing, path: str, first: int, last: int) -> bytes:
        url, params, pinned = _place(listing, path)
        with self._status.watching():
            return self._reader.get(url, params, byte_range=(first, last), immutable=pinned).body

    def read_json(self, listing: Listing, path: str) -> t.Any:
        url, params, pinned = _place(listing, path)
        with self._status.watching():
            return self._reader.get_json(url, params, immutable=pinned)[0]

    def status(self) -> SourceStatus:
        return self._status.summary()

    def _entries(self, name: str, revision: str) -> t.List[t.Mapping[str, t.Any]]:
        """All entries. The recursive list is cut at 3000 without notice; then folders are walked."""
        entries = self._list(name, {"Revision": revision, "Recursive": "True"})
        if len(entries) < LISTING_LIMIT:
            return entries
        found: t.List[t.Mapping[str, t.Any]] = []
        folders = [""]
        while folders:
            root = folders.pop()
            level = self._list(name, {"Revision": revision, "Recursive": "False", "Root": root})
            if len(level) >= LISTING_LIMIT:
                raise UnexpectedReply(
                    "%s lists only the first %d entries of %s/%s" % (NAME, LISTING_LIMIT, name, root),
                    hint="Use the Hugging Face copy of this model.",
                )
            folders += [str(entry["Path"]) for entry in level if entry.get("Type") == "tree"]
            found += level
        return found

    def _list(self, name: str, params: t.Mapping[str, str]) -> t.List[t.Mapping[str, t.Any]]:
        data, _fetched = self._data("/api/v1/models/%s/repo/files" % name, params)
        files = data.get("Files", data.get("files"))
        if not isinstance(files, list) or not all(isinstance(entry, dict) for entry in files):
            raise UnexpectedReply("%s: the answer for the files of %s has no list" % (NAME, name))
        return files

    def _data(self, path: str, params: t.Mapping[str, str]) -> t.Tuple[t.Mapping[str, t.Any], Fetched]:
        body, fetched = self._reader.get_json(path, params)
        data = body.get("Data", body.get("data")) if isinstance(body, dict) else None
        if not isinstance(data, dict):
            raise UnexpectedReply("%s: the answer for %s has no data" % (NAME, path))
        return data, fetched


def _place(listing: Listing, path: str) -> t.Tuple[str, t.Mapping[str, str], bool]:
    """Path and query of a file's content, and whether that is bound to a commit."""
    revision = listing.revision or listing.ref.revision or DEFAULT_BRANCH
    url = "/api/v1/models/%s/repo" % listing.ref.name
    return url, {"Revision": revision, "FilePath": path}, _COMMIT.match(revision) is not None


def _standing(info: t.Mapping[str, t.Any]) -> Standing:
    downloads, updated = info.get("Downloads"), info.get("LastUpdatedTime")
    return Standing(
        downloads=downloads if isinstance(downloads, int) else None,
        last_modified=iso_time(updated) if isinstance(updated, (int, float)) and updated > 0 else None,
    )


def _envelope(reply: Reply) -> t.Mapping[str, t.Any]:
    if "json" not in reply.headers.get("content-type", ""):
        return {}
    try:
        body = json.loads(reply.body.decode("utf-8"))
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _file(name: str, entry: t.Mapping[str, t.Any]) -> RepositoryFile:
    path, size = entry.get("Path"), entry.get("Size")
    if not isinstance(path, str) or not isinstance(size, int):
        raise UnexpectedReply("%s lists a file of %s without path or size" % (NAME, name))
    return RepositoryFile(path, size, entry.get("Sha256") or None)


def _newest_commit(entries: t.Sequence[t.Mapping[str, t.Any]]) -> t.Optional[str]:
    dated = [entry for entry in entries if _COMMIT.match(str(entry.get("Revision")))]
    newest = max(dated, key=lambda entry: int(entry.get("CommittedDate") or 0), default=None)
    return None if newest is None else str(newest["Revision"])
