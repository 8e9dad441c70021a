# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small HTTP server that the recorder, the workers, the hub and the control endpoint share."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Headers = t.Mapping[str, str]

# What belongs to one connection, not to what goes over it.
HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "proxy-authorization",
    )
)


class Handler(BaseHTTPRequestHandler):
    """Replies with a length, over connections that stay open, and prints nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet per reply instead of one per header line

    def respond(self) -> None:
        """Serve one request, whatever its method."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> t.Any:
        """http.server looks for do_GET, do_PUT and so on: all of them are respond()."""
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def log_message(self, format: str, *args: t.Any) -> None:
        """Silent: the parts that keep a log write their own."""

    def read_body(self) -> bytes:
        """The request's body; clients here always send its length."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def read_json(self) -> t.Dict[str, t.Any]:
        """The request's body as a JSON object; empty when there is none."""
        body = self.read_body()
        return t.cast("dict[str, t.Any]", json.loads(body)) if body else {}

    def reply(
        self,
        status: int,
        body: t.Any = b"",
        content_type: str = "application/json",
        headers: t.Optional[Headers] = None,
    ) -> None:
        """Send ``body``: bytes and text as they are, anything else as JSON."""
        self.start_reply(status, content_type, headers)
        data = (
            body
            if isinstance(body, bytes)
            else body.encode()
            if isinstance(body, str)
            else json.dumps(body).encode()
        )
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def start_reply(self, status: int, content_type: str, headers: t.Optional[Headers] = None) -> None:
        """Status and headers; the caller adds the length and ends the headers."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)

    def start_stream(self, status: int, content_type: str, headers: t.Optional[Headers] = None) -> None:
        """A reply of unknown length; follow with chunk() and end_stream()."""
        self.start_reply(status, content_type, headers)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """One part of a streamed reply, sent at once."""
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def end_stream(self) -> None:
        """The end of a streamed reply."""
        self.wfile.write(b"0\r\n\r\n")


class Relay(Handler):
    """In front of another server at ``address``, host and port."""

    address: t.ClassVar[str]

    def ask(self, body: bytes, timeout_s: float) -> http.client.HTTPResponse:
        """The other server's answer to this request; closing it ends its connection."""
        upstream = http.client.HTTPConnection(self.address, timeout=timeout_s)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        # The answer holds the socket then, and closes it.
        headers["Connection"] = "close"
        upstream.request(self.command, self.path, body or None, headers)
        return upstream.getresponse()

    def pass_on(self, answer: http.client.HTTPResponse) -> None:
        """The answer as it comes: piece by piece where nobody knows its length before."""
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if answer.getheader("Content-Length") is not None or self.command == "HEAD":
            self.end_headers()
            self.wfile.write(answer.read())
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while data := answer.read1(65536):
                self.chunk(data)
        except http.client.HTTPException:  # the server broke off: without an end, the caller sees it
            self.close_connection = True
            return
        self.end_stream()


class Server(ThreadingHTTPServer):
    """A loopback server on a port of the kernel's choice, running in a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[Handler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Clients may hang up at any time; everything else is a defect and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Close the socket; requests under way are not waited for."""
        self.shutdown()
        self.server_close()
