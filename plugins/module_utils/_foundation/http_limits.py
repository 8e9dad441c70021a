# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits on answers: how long they take, how long their headers are, and what their bodies become.

The HTTP library limits the wait for the next bytes only: a server that sends one byte after another, or
interim replies without end, would be waited for forever.
"""

from __future__ import annotations

import threading
import typing as t
import zlib

try:
    import httpx
except ImportError:  # the import sanity test and hosts without httpx
    httpx = None  # type: ignore[assignment]

try:
    import httpcore
except ImportError:  # it comes with httpx
    httpcore = None  # type: ignore[assignment]

MAX_HEADER_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 20
PART_BYTES = 1 << 16
ACCEPTED = "gzip"

_CONNECTED = ("connection.connect_tcp.complete", "connection.connect_unix_socket.complete")
_ENCRYPTED = ("connection.start_tls.complete", "proxy_stream.start_tls.complete")
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Unbearable(Exception):
    """An answer that goes beyond a limit; the message says beyond which: ``sent more than 64 MiB``."""


class Watch:
    """Sees every read of one client's connections, and ends those that are over time.

    A call runs in one thread from its first byte to its last: each has a deadline of its own, in seconds of
    ``now``. None is none.
    """

    def __init__(self, now: t.Callable[[], float]) -> None:
        self._now = now
        self._call = threading.local()

    def begin(self, deadline: float) -> t.Dict[str, t.Any]:
        """The extensions of a request that is watched from now on."""
        self._call.deadline, self._call.header_bytes = deadline, 0
        return {"trace": self._trace}

    def let_last(self) -> None:
        """The answer whose headers have come may go on for as long as it does."""
        self._call.deadline = None

    def _trace(self, event: str, facts: t.Mapping[str, t.Any]) -> None:
        if event in _CONNECTED or event in _ENCRYPTED:
            self._guard(facts["return_value"])
        elif event.endswith("receive_response_headers.complete"):
            self._call.header_bytes = None

    def _guard(self, stream: t.Any) -> None:
        """Let a connection, which later calls use as well, ask here before it waits."""
        read, write = stream.read, stream.write

        def watched_read(max_bytes: int, timeout: t.Optional[float] = None) -> bytes:
            data: bytes = read(max_bytes, self._left(timeout, httpcore.ReadTimeout))
            self._count(len(data))
            return data

        def watched_write(buffer: bytes, timeout: t.Optional[float] = None) -> None:
            write(buffer, self._left(timeout, httpcore.WriteTimeout))

        stream.read, stream.write = watched_read, watched_write

    def _left(self, timeout: t.Optional[float], over: t.Any) -> t.Optional[float]:
        deadline: t.Optional[float] = getattr(self._call, "deadline", None)
        if deadline is None:
            return timeout
        left = deadline - self._now()
        if left <= 0:
            raise over("the time for the whole answer is over")
        return left if timeout is None else min(timeout, left)

    def _count(self, size: int) -> None:
        """Bytes before the end of the headers; interim replies count."""
        seen: t.Optional[int] = getattr(self._call, "header_bytes", None)
        if seen is not None:
            self._call.header_bytes = seen + size
            if seen + size > MAX_HEADER_BYTES:
                raise httpcore.RemoteProtocolError("more than %d KiB of headers" % (MAX_HEADER_BYTES >> 10))


def body_parts(answer: t.Any) -> t.Iterator[bytes]:
    """The body of an answer, decompressed, in parts that are small whatever comes.

    :raises Unbearable: it is encoded in another way than was asked for, or several times.
    """
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    try:
        raw = answer.iter_raw()
        first = next(raw, b"")
    except httpx.StreamConsumed:
        # It was made with its body, as tests do.
        yield from answer.iter_bytes(PART_BYTES)
        return
    if encoding in ("", "identity"):
        yield first
        yield from raw
    elif encoding in ("gzip", "x-gzip", "deflate"):
        yield from _inflated(first, raw)
    else:
        raise Unbearable("sent a body encoded as %s, which nobody asked for," % encoding[:40])


def _inflated(first: bytes, rest: t.Iterator[bytes]) -> t.Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    part: t.Optional[bytes] = first
    while part is not None:
        try:
            while part and not inflater.eof:
                yield inflater.decompress(part, PART_BYTES)
                part = inflater.unconsumed_tail
        except zlib.error as exc:
            raise Unbearable("sent a compressed body that is broken") from exc
        part = next(rest, None)


class Lines:
    """Lines of text out of parts, in linear time. Line breaks are those of HTTP streams: LF, or CR LF."""

    def __init__(self) -> None:
        self._rest: t.List[bytes] = []
        self._size = 0

    def of(self, part: bytes) -> t.Iterator[bytes]:
        """The lines that are complete with this part. :raises Unbearable: one is too long."""
        *complete, last = part.split(b"\n")
        for line in complete:
            yield b"".join([*self._rest, line]).rstrip(b"\r")
            self._rest, self._size = [], 0
        if last:
            self._rest.append(last)
            self._size += len(last)
        if self._size > MAX_LINE_BYTES:
            raise Unbearable("sent a line of more than %d KiB" % (MAX_LINE_BYTES >> 10))

    def rest(self) -> t.List[bytes]:
        """What came behind the last line break, if anything."""
        return [b"".join(self._rest).rstrip(b"\r")] if self._rest else []
