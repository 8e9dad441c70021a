# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache on disk for what public catalogs and hubs say.

Entries are written atomically, so parallel runs may share a folder. Credentials are no part of
an entry; the folder is readable by its owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files, foreign
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotFound,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply

DAY_S = 86400.0
ABSENT_S = 600.0
NOT_MODIFIED = 304
MAX_HEAD_BYTES = 1 << 16
MAX_ENTRY_BYTES = (64 << 20) + MAX_HEAD_BYTES
MAX_ETAG = 1024


@dataclass(frozen=True)
class Fetched:
    """A body and where it comes from: ``live``, or ``cached`` with the time it was read.

    ``problem`` says why an old entry had to do. ``etag`` is what the server called this version.
    """

    body: bytes
    state: str
    as_of: float
    problem: t.Optional[str] = None
    etag: t.Optional[str] = None

    def json(self) -> t.Any:
        """:raises Undecodable: the body is no JSON."""
        return json_value(self.body)


@dataclass(frozen=True)
class CachePolicy:
    """``max_age_s``: younger entries are used without asking. ``offline``: never a packet."""

    directory: str
    max_age_s: float = DAY_S
    offline: bool = False
    refresh: bool = False


class DiskCache:
    """Bodies by key in one folder; a broken or unreadable entry counts as absent.

    A folder that is full or cannot be written costs the next runs their cache and this one a ``problem``.

    :raises InvalidInput: others can write to the folder, and so say what the catalogs say.
    """

    def __init__(self, directory: str, now: t.Callable[[], float] = time.time) -> None:
        self._directory = os.path.expanduser(directory)
        self._now = now
        self._swept = False
        self._held: t.Dict[str, Fetched] = {}
        self.problem: t.Optional[str] = None
        self._check_private()

    def read(self, key: str) -> t.Optional[Fetched]:
        if key in self._held:
            return self._held[key]
        try:
            data = files.read(self._path(key), MAX_ENTRY_BYTES)
        except OSError:
            return None
        line, _break, body = (data or b"").partition(b"\n")
        try:
            head = foreign.entry(json_value(line, MAX_HEAD_BYTES))
        except Undecodable:
            return None
        as_of = foreign.number(head.get("as_of"))
        if as_of is None or as_of > self._now() + DAY_S:
            return None
        if head.get("key") != _digest(key) or head.get("size") != len(body):
            return None
        return Fetched(body, "cached", as_of, etag=_etag(head.get("etag")))

    def write(self, key: str, body: bytes, etag: t.Optional[str] = None) -> Fetched:
        entry = Fetched(body, "live", self._now(), etag=_etag(etag))
        facts = {"key": _digest(key), "size": len(body), "as_of": entry.as_of, "etag": entry.etag}
        head = json.dumps(facts).encode("utf-8")
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            self._sweep()
            files.replace(self._path(key), head + b"\n" + body, 0o600, durable=False)
        except (OSError, ValueError) as exc:
            self.problem = "cache_dir %s cannot be written: %s" % (
                self._directory,
                getattr(exc, "strerror", None) or exc,
            )
            self._held[key] = replace(entry, state="cached")
        return entry

    def _check_private(self) -> None:
        try:
            facts = os.stat(self._directory)
        except (OSError, ValueError):
            return  # it will be made, or said when it is written
        if facts.st_mode & 0o022 or facts.st_uid not in (0, os.geteuid()):
            raise InvalidInput(
                "cache_dir %s belongs to another user, or others may write to it (mode %04o)"
                % (self._directory, facts.st_mode & 0o7777),
                hint="Whoever writes there says what the catalogs say. Give a folder of your own, or chmod 700 it.",
            )

    def _sweep(self) -> None:
        """Once: remove what runs that were killed have left half written."""
        if not self._swept:
            self._swept = True
            files.clear_away(self._directory)

    def age_s(self, entry: Fetched) -> float:
        return max(0.0, self._now() - entry.as_of)

    def _path(self, key: str) -> str:
        return os.path.join(self._directory, _digest(key))


class CachedReader:
    """GET through a cache: a fresh entry, else the server, else a stale entry.

    A server that named the version of a stale entry is asked only whether there is a newer one.

    The same reader asks nothing twice, and a server that could not be reached not again.
    """

    def __init__(self, client: HttpClient, cache: DiskCache, policy: CachePolicy) -> None:
        self.client = client
        self._cache = cache
        self._policy = policy
        self._unreachable: t.Optional[Unavailable] = None
        self._read_live: t.Set[str] = set()

    def get(
        self,
        path: str,
        params: t.Optional[t.Mapping[str, t.Any]] = None,
        byte_range: t.Optional[t.Tuple[int, int]] = None,
        immutable: bool = False,
    ) -> Fetched:
        """The body of a 2xx answer: the bytes of a file, wherever they lie.

        ``byte_range`` is (first, last), both included. ``immutable`` entries (a file at a commit)
        are never asked for again. Raises what the client raises; Unavailable falls back to a stale entry.
        """
        return self._get(path, params, byte_range, immutable, _no_page, elsewhere=True)

    def get_json(
        self,
        path: str,
        params: t.Optional[t.Mapping[str, t.Any]] = None,
        immutable: bool = False,
        is_file: bool = False,
    ) -> t.Tuple[t.Any, Fetched]:
        """As ``get``, decoded. A body that is not JSON raises UnexpectedReply and is not kept.

        Where it is no file, no other server may answer in the place of this one.
        """
        fetched = self._get(path, params, None, immutable, Reply.json, elsewhere=is_file)
        try:
            return fetched.json(), fetched
        except Undecodable as exc:
            raise UnexpectedReply(
                "%s: what the cache has for %s %s" % (self.client.name, path.partition("?")[0], exc),
                hint="Remove it from cache_dir, or run with refresh.",
            ) from exc

    def get_json_text(
        self,
        path: str,
        params: t.Optional[t.Mapping[str, t.Any]] = None,
        immutable: bool = False,
    ) -> Fetched:
        """As ``get_json``, for whom knows what a text that was seen before says."""
        return self._get(path, params, None, immutable, Reply.json, elsewhere=False)

    def _get(
        self,
        path: str,
        params: t.Optional[t.Mapping[str, t.Any]],
        byte_range: t.Optional[t.Tuple[int, int]],
        immutable: bool,
        verify: t.Callable[[Reply], t.Any],
        elsewhere: bool,
    ) -> Fetched:
        key = json.dumps(
            [self.client.base_url, self.client.same_path(path), sorted((params or {}).items()), byte_range]
        )
        known = self._cache.read(key)
        if known is not None and key in self._read_live:
            return replace(known, state="live")
        if known is not None and self._is_fresh(known, immutable):
            return known
        if self._policy.offline:
            raise self._not_cached(path)
        absent = self._absence(key)
        if absent is not None:
            raise absent
        try:
            reply = self._ask(path, params, byte_range, None if known is None else known.etag, elsewhere)
        except NotFound as exc:
            said = json.dumps([exc.message, exc.hint]).encode("utf-8")
            self._cache.write(self._absent_key(key), said)
            raise
        except Unavailable as exc:
            if "status" not in exc.details:
                self._unreachable = exc
            if known is None:
                raise
            return replace(known, problem=exc.message)
        self._read_live.add(key)
        if known is not None and reply.status == NOT_MODIFIED:
            return self._cache.write(key, known.body, known.etag)
        verify(reply)
        return self._cache.write(key, _part(reply, byte_range), reply.headers.get("etag"))

    def _absent_key(self, key: str) -> str:
        """What is not there for one account may be there for another; of a key its checksum is kept only."""
        return "absent %s %s" % (self.client.credential, key)

    def _absence(self, key: str) -> t.Optional[NotFound]:
        """That the server did not have it lately."""
        known = self._cache.read(self._absent_key(key))
        if (
            known is None
            or self._policy.refresh
            or self._cache.age_s(known) > min(ABSENT_S, self._policy.max_age_s)
        ):
            return None
        message, hint = known.json()
        return NotFound(message, hint=hint)

    def _ask(
        self,
        path: str,
        params: t.Optional[t.Mapping[str, t.Any]],
        byte_range: t.Optional[t.Tuple[int, int]],
        etag: t.Optional[str],
        elsewhere: bool,
    ) -> Reply:
        """The answer to a GET; 304 only where ``etag`` is what is known already."""
        if self._unreachable is not None:
            raise self._unreachable
        if byte_range is None:
            condition = {"If-None-Match": etag} if etag else None
            reply = self.client.request("GET", path, params=params, headers=condition, elsewhere=elsewhere)
            if etag and reply.status == NOT_MODIFIED:
                return reply
        else:
            headers = {"Range": "bytes=%d-%d" % byte_range}
            reply = self.client.request(
                "GET",
                path,
                params=params,
                headers=headers,
                stop_after=byte_range[1] + 1,
                elsewhere=elsewhere,
            )
        self.client.check(reply)
        return reply

    def _is_fresh(self, entry: Fetched, immutable: bool) -> bool:
        if immutable or self._policy.offline:
            return True
        return not self._policy.refresh and self._cache.age_s(entry) <= self._policy.max_age_s

    def _not_cached(self, path: str) -> Unavailable:
        return Unavailable(
            "%s: nothing is cached for %s and offline is set" % (self.client.name, path.partition("?")[0]),
            hint="Run once without offline, or give a folder with the cache of an earlier run.",
        )


def _no_page(reply: Reply) -> None:
    """Refuse what a login page or proxy sends instead of a file."""
    if reply.headers.get("content-type", "").startswith("text/html"):
        raise UnexpectedReply(
            "%s %s answered with a web page instead of a file" % (reply.method, reply.url),
            hint="Check the proxy and the endpoint's URL.",
        )


def _part(reply: Reply, byte_range: t.Optional[t.Tuple[int, int]]) -> bytes:
    """The wanted bytes, also from a server that ignores Range and sends the file from its start."""
    if byte_range is None or reply.status == 206:
        return reply.body
    return reply.body[byte_range[0] : byte_range[1] + 1]


def _digest(key: str) -> str:
    """A key may be a URL with a secret in it: nothing of it is kept."""
    return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()


def _etag(value: t.Any) -> t.Optional[str]:
    """A version that can be sent back in a header."""
    found = foreign.text(value, MAX_ETAG)
    return found if found is not None and found.isascii() and found.isprintable() else None
