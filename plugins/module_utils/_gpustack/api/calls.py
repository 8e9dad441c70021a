# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How GPUStack's management API is spoken with, whatever is asked.

Pages and streams of rows, and repetition of writes. Objects stay the server's JSON.
"""

from __future__ import annotations

import contextlib
import threading
import typing as t
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    NotFound,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    Clock,
    HttpClient,
    tried,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_tls import NotTrusted
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import Shape, problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.refusals import check
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.row_shapes import EVENT, PAGE

Json = t.Dict[str, t.Any]

PAGE_SIZE = 100
LIST_ATTEMPTS = 3
# A list that is longer is no list of deployments: whoever sends it does not stop.
MAX_PAGES = 1000
MAX_ROWS = PAGE_SIZE * MAX_PAGES
MAX_LIST_BYTES = 256 << 20
# Of an event in a stream of rows.
_DELETED = 3
# Seconds before each repetition of a write. A server that restarts is back within their sum; one
# that answers with an error of its own gets the first ones only.
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0)
PAUSES_AFTER_ERROR = 2
_GATEWAY_ERRORS = frozenset((502, 503, 504))


class Calls:
    """Writes are repeated where no answer came, or the server failed: all of them may be.

    PUT and DELETE end in the same state, and a second POST of the same name is refused.
    ``writes`` counts those of the running thread that were carried out, or may have been. Several threads may
    write at a time.

    Whatever decides refuses an answer that is broken anywhere. Whoever only looks around sets ``left_out``
    to a list: there go the rows of lists that cannot be used, in words.
    """

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self.clock = clock
        self._own = threading.local()
        self.left_out: t.Optional[t.List[str]] = None
        self._ahead = timedelta()

    @property
    def writes(self) -> int:
        return t.cast(int, getattr(self._own, "writes", 0))

    def _count_write(self) -> None:
        self._own.writes = self.writes + 1

    def server_time(self) -> str:
        """Now, UTC in ISO 8601, by the clock of the server as far as it has told it; else by the one here."""
        return (datetime.now(timezone.utc).replace(tzinfo=None) + self._ahead).isoformat()

    @property
    def url(self) -> str:
        return self._http.base_url

    def follow(
        self, path: str, params: t.Mapping[str, t.Any], shape: Shape, quiet_s: float
    ) -> t.Iterator[t.List[Json]]:
        """The rows of a list, once more each time that the server tells of one or that it is alive.

        It says that it is alive every 15 s. Begins with the rows that there are, one by one, and
        ends when the server ends it, or when nothing came for ``quiet_s``.

        :raises AutoconfigError: there is no such stream, or it broke off.
        """
        rows: t.Dict[int, Json] = {}
        for line in self._http.lines(path, dict(params, watch="true"), quiet_s):
            event = _event(line)
            row = event.get("data") or {}
            number = event.get("id") or row.get("id") or 0
            if event.get("type") == _DELETED:
                rows.pop(number, None)
            elif row:
                self._checked(row, shape, "GET", self.url + path)
                rows[number] = row
            if len(rows) > MAX_ROWS:
                raise UnexpectedReply("GPUStack sends a stream of more than %d rows" % MAX_ROWS)
            yield list(rows.values())

    def _list(
        self, path: str, shape: Shape, params: t.Optional[t.Mapping[str, t.Any]] = None
    ) -> t.List[Json]:
        """All rows; read again where rows came or went between two pages, so that none is missed."""
        for _attempt in range(LIST_ATTEMPTS):
            items, totals = self._pages(path, params or {})
            if totals <= {len(items)}:
                return self._usable(items, shape, path)
        raise UnexpectedReply(
            "GPUStack: GET %s%s says that it has %s rows, and sent %d"
            % (self.url, path, " or ".join(str(total) for total in sorted(totals)), len(items)),
            hint="The list is incomplete or changes all the time. Nothing was changed; run again.",
        )

    def _pages(self, path: str, params: t.Mapping[str, t.Any]) -> t.Tuple[t.List[Json], t.Set[int]]:
        """The rows of all pages, and the totals that the pages claim."""
        items: t.List[Json] = []
        totals: t.Set[int] = set()
        size = 0
        for page in range(1, MAX_PAGES + 1):
            reply = self._http.request("GET", path, dict(params, page=page, perPage=PAGE_SIZE))
            body = self._decoded(reply)
            size += len(reply.body)
            if size > MAX_LIST_BYTES:
                raise UnexpectedReply(
                    "GPUStack: GET %s has more than %d MiB" % (reply.url, MAX_LIST_BYTES >> 20)
                )
            if not isinstance(body.get("items"), list):
                raise UnexpectedReply(
                    "GPUStack: GET %s answered without a list of items" % reply.url,
                    hint="Check that gpustack_url is the base URL of a GPUStack server.",
                )
            self._checked(body, PAGE, "GET", reply.url)
            rows, pagination = body["items"], body.get("pagination") or {}
            items += rows
            totals |= {pagination["total"]} if pagination.get("total") is not None else set()
            if not rows or page >= (pagination.get("totalPage") or 1):
                return items, totals
            if len(items) > MAX_ROWS:
                break
        raise UnexpectedReply(
            "GPUStack: GET %s%s does not end: %d rows on %d pages came" % (self.url, path, len(items), page),
            hint="Check that gpustack_url is the base URL of a GPUStack server. Nothing was changed.",
        )

    def _usable(self, rows: t.Sequence[Json], shape: Shape, path: str) -> t.List[Json]:
        """The rows, all of which have to be as they should; else those that are, where the others may be left out."""
        found = []
        for place, row in enumerate(rows):
            problem = problem_of(shape, row)
            if problem is None:
                found.append(row)
                continue
            said = "GPUStack: GET %s%s answered with a row that is broken: in items[%d], %s" % (
                self.url,
                path,
                place,
                problem,
            )
            if self.left_out is None:
                raise _broken(said)
            self.left_out.append("%s; it is left out." % said)
        return found

    def _checked(self, body: Json, shape: Shape, method: str, url: str) -> Json:
        problem = problem_of(shape, body)
        if problem is not None:
            raise _broken("GPUStack: %s %s answered with something broken: %s" % (method, url, problem))
        return body

    def _object(self, method: str, path: str, shape: Shape, body: t.Optional[Json] = None) -> Json:
        reply = self._http.request(method, path, json_body=body)
        return self._checked(self._decoded(reply), shape, method, reply.url)

    def _delete(self, path: str) -> None:
        with contextlib.suppress(NotFound):
            self._insist("DELETE", path)

    def _write(self, method: str, path: str, shape: Shape, body: Json) -> Json:
        reply = self._insist(method, path, body)
        return self._checked(self._decoded(reply), shape, method, reply.url)

    def _insist(self, method: str, path: str, body: t.Optional[Json] = None) -> Reply:
        """The answer to a write; the last error once patience is over."""
        tries = 0
        while True:
            try:
                reply = self._http.request(method, path, json_body=body)
                check(reply)
                self._count_write()
                return reply
            except NotTrusted:
                raise
            except Unavailable as exc:
                self._count_write()
                status = exc.details.get("status")
                answered = status is not None and status not in _GATEWAY_ERRORS
                if tries == (PAUSES_AFTER_ERROR if answered else len(PAUSES_S)):
                    raise tried(exc, tries + 1) from exc
                self.clock.sleep(PAUSES_S[tries])
                tries += 1
            except Conflict as exc:
                exc.details["repeated"] = tries > 0
                raise

    def _decoded(self, reply: Reply) -> Json:
        check(reply)
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            said = parsedate_to_datetime(reply.headers["date"]) if "date" in reply.headers else None
            if said is not None:
                self._ahead = said - datetime.now(timezone.utc)
        body = reply.json()
        if not isinstance(body, dict):
            raise UnexpectedReply(
                "GPUStack: %s %s answered with JSON that is no object" % (reply.method, reply.url),
                hint="Check that gpustack_url is the base URL of a GPUStack server.",
            )
        return body


def _event(line: str) -> Json:
    """One event of a stream; empty where the server only says that it is alive."""
    if not line.strip():
        return {}
    try:
        event = json_value(line)
    except Undecodable as exc:
        raise UnexpectedReply("GPUStack sends a stream without events: a line %s" % exc) from exc
    problem = problem_of(EVENT, event)
    if problem is not None:
        raise UnexpectedReply("GPUStack sends a stream without events: %s" % problem)
    return t.cast(Json, event)


def _broken(said: str) -> UnexpectedReply:
    return UnexpectedReply(
        said,
        hint="Check that gpustack_url is the base URL of a GPUStack server of a version that is supported.",
    )
