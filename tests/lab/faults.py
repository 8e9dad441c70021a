# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy that does to requests what networks, proxies and tired servers do."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import struct
import threading
import time
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.lab.web import HOP_BY_HOP, Relay, Server

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Fault:
    """What happens to requests whose "METHOD path" matches ``pattern``, the first ``times`` of them.

    ``kind``: an HTTP status as text (the request is not passed on), ``reset_before`` or ``reset_after``
    it was passed on, ``truncated`` (half of the answer's body), ``slow`` (``seconds`` later), ``emptied``
    or ``shortened`` (a list without its rows, or without its last one).
    """

    pattern: str
    kind: str
    times: int = 1
    seconds: float = 0.0


@dataclass
class FaultProxy:
    """Serves ``upstream`` at ``url`` until ``stop``; requests seen are in ``seen``.

    ``buffers``: it passes on whole answers only, so that no stream ever comes.
    """

    upstream: str
    faults: t.List[Fault] = field(default_factory=list)
    buffers: bool = False
    seen: t.List[str] = field(default_factory=list)
    _down_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        members = {"proxy": self, "address": urlsplit(self.upstream).netloc}
        self._server = Server(type("FaultHandler", (_FaultHandler,), members))
        self.url = self._server.url

    def stop(self) -> None:
        self._server.stop()

    def outage(self, seconds: float) -> None:
        """Reset every connection for so long, as when the server restarts."""
        self._down_until = time.monotonic() + seconds

    def fault_for(self, request: str) -> t.Optional[Fault]:
        """The fault of this request, used up by asking."""
        with self._lock:
            self.seen.append(request)
            if time.monotonic() < self._down_until:
                return Fault("", "reset_before")
            for place, fault in enumerate(self.faults):
                if re.fullmatch(fault.pattern, request):
                    self.faults[place : place + 1] = (
                        [Fault(fault.pattern, fault.kind, fault.times - 1, fault.seconds)]
                        if fault.times > 1
                        else []
                    )
                    return fault
        return None


class _FaultHandler(Relay):
    proxy: t.ClassVar[FaultProxy]

    def respond(self) -> None:
        """Pass one request on, unless something happens to it."""
        body = self.read_body()
        fault = self.proxy.fault_for("%s %s" % (self.command, urlsplit(self.path).path))
        kind = fault.kind if fault else ""
        if kind.isdigit():
            self.reply(int(kind), {"message": "a fault of the lab"})
            return
        if fault and kind == "slow":
            time.sleep(fault.seconds)
        if kind == "reset_before":
            self._reset()
            return
        try:
            with self.ask(body, PATIENCE_S) as answer:
                self._answer(kind, answer)
        except (OSError, http.client.HTTPException):  # one of both broke off
            self._reset()

    def _answer(self, kind: str, answer: http.client.HTTPResponse) -> None:
        if kind in ("", "slow") and not self.proxy.buffers:
            self.pass_on(answer)
            return
        data = answer.read()
        if kind == "reset_after":
            self._reset()
            return
        if kind in ("emptied", "shortened"):
            data = _with_fewer_rows(data, all_of_them=kind == "emptied")
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if kind == "truncated":
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            self._reset()
            return
        self.wfile.write(data)

    def _reset(self) -> None:
        """Close with RST instead of FIN, so that the caller sees a connection reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()


def _with_fewer_rows(answer: bytes, all_of_them: bool) -> bytes:
    """A list as somebody sees it who may not see all of it."""
    body = json.loads(answer)
    body["items"] = [] if all_of_them else body["items"][:-1]
    body["pagination"]["total"] = len(body["items"])
    return json.dumps(body).encode()
