# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that wants to hold a task up, or to fill its memory, does not."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import typing as t
import zlib

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_limits import (
    Lines,
    Unbearable,
)

HEAD = b"HTTP/1.1 200 OK\r\n"
# Each read may take this long, and everything together twenty times as long.
QUICK = HttpOptions(timeout_s=0.05, retries=0)
PATIENT = HttpOptions(timeout_s=30.0, retries=0, max_body_bytes=1 << 20)
Script = t.Iterator[bytes]


@contextlib.contextmanager
def serving(script: t.Callable[[], Script]) -> t.Iterator[str]:
    """The URL of a server that sends a script to each connection, whatever it asks for."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5.0)

        def serve() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as connection:
                connection.recv(1 << 16)
                for part in script():
                    connection.sendall(part)
                    if over.wait(0.01 if len(part) == 1 else 0):
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield "http://127.0.0.1:%d" % listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def get(script: t.Callable[[], Script], options: HttpOptions = PATIENT) -> bytes:
    with serving(script) as url, HttpClient(url, "the server", options=options) as client:
        return client.request("GET", "/x").body


def a_dripped_header() -> Script:
    yield HEAD + b"X-Slow: "
    while True:
        yield b"a"


def a_dripped_body() -> Script:
    yield HEAD + b"Content-Length: 100000\r\n\r\n"
    while True:
        yield b"a"


@pytest.mark.parametrize("script", [a_dripped_header, a_dripped_body])
def test_an_answer_that_drips_ends_with_the_time(script: t.Callable[[], Script]) -> None:
    with pytest.raises(Unavailable, match="did not answer GET"):
        get(script, QUICK)


def endless_interim_replies() -> Script:
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100


def endless_headers() -> Script:
    yield HEAD
    while True:
        yield b"X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 1000


@pytest.mark.parametrize("script", [endless_interim_replies, endless_headers])
def test_headers_have_a_size(script: t.Callable[[], Script]) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        get(script)


def encoded(body: bytes, encoding: str) -> t.Callable[[], Script]:
    head = "Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body))
    return lambda: iter([HEAD + head.encode() + body])


BOMB = gzip.compress(bytes(40 << 20))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_counts_as_what_it_becomes(encoding: str) -> None:
    with pytest.raises(UnexpectedReply, match="sent more than 1 MiB"):
        get(encoded(BOMB if encoding == "gzip" else zlib.compress(bytes(40 << 20)), encoding))


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "gzip, deflate, gzip", "x" * 5000])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(UnexpectedReply, match="which nobody asked for"):
        get(encoded(gzip.compress(BOMB), encoding))


def test_a_compressed_body_is_read_and_a_broken_one_refused() -> None:
    assert get(encoded(gzip.compress(b"hello" * 9000), "gzip")) == b"hello" * 9000
    with pytest.raises(UnexpectedReply, match="is broken"):
        get(encoded(b"\x1f\x8b\x08 nonsense", "gzip"))


def lines_of(script: t.Callable[[], Script]) -> t.List[str]:
    with serving(script) as url, HttpClient(url, "the server", options=PATIENT) as client:
        return list(client.lines("/x", {}, 30.0))


def test_a_line_of_a_stream_has_a_length() -> None:
    def endless_line() -> Script:
        yield HEAD + b"\r\n"
        while True:
            yield b"a" * 65536

    with pytest.raises(UnexpectedReply, match="sent a line of more than 1024 KiB"):
        lines_of(endless_line)


def test_a_compressed_line_counts_as_what_it_becomes() -> None:
    with pytest.raises(UnexpectedReply, match="sent a line of more than 1024 KiB"):
        lines_of(encoded(BOMB, "gzip"))


def test_the_lines_of_a_stream() -> None:
    assert lines_of(lambda: iter([HEAD + b"\r\na\r\n\r", b"\nb\xff\nc"])) == ["a", "", "b\ufffd", "c"]


def test_a_stream_may_become_longer_than_headers_may() -> None:
    part = b"a" * 65535 + b"\n"
    assert lines_of(lambda: iter([HEAD + b"\r\n", *[part] * 48])) == ["a" * 65535] * 48


def test_lines_are_cut_in_linear_time() -> None:
    """A line in a million parts is joined once, and not at every part."""
    lines = Lines()
    for _part in range(1000):
        assert list(lines.of(b"a")) == []
    assert list(lines.of(b"\n")) == [b"a" * 1000]
    with pytest.raises(Unbearable):
        list(lines.of(b"a" * (2 << 20)))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://127.0.0.1:1", "http://[::bad"])
def test_a_proxy_that_cannot_be_used_is_said(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(InvalidInput, match="The proxy that the environment names cannot be used"):
        HttpClient("https://hub.example.com", "Hub", options=HttpOptions())
