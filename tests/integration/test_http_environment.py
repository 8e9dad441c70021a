# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxies of the environment and own certificate authorities, over real sockets."""

from __future__ import annotations

import ssl
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)

from tests.lab import web


class Echo(web.Handler):
    """Answers with the request line's target, which a proxy gets whole."""

    def respond(self) -> None:
        self.reply(200, self.path, "text/plain")


@pytest.fixture
def server() -> t.Iterator[web.Server]:
    running = web.Server(Echo)
    yield running
    running.stop()


@pytest.fixture
def authority(tmp_path: Path, server: web.Server) -> Path:
    """Makes the server speak TLS with a certificate that only this file vouches for."""
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return certificate


def test_a_proxy_of_the_environment_is_used_but_for_excepted_hosts(
    server: web.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = server.url
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", place)
    monkeypatch.setenv("http_proxy", place)
    with HttpClient("http://hub.example.com", "Hub") as client:
        assert client.request("GET", "/x").text == "http://hub.example.com/x"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with HttpClient(place, "Hub") as client:
        assert client.request("GET", "/x").text == "/x"


def test_only_the_named_authority_is_believed(server: web.Server, authority: Path) -> None:
    place = "https://127.0.0.1:%d" % server.server_address[1]
    with HttpClient(place, "Hub", options=HttpOptions(ca_path=str(authority), retries=0)) as client:
        assert client.request("GET", "/x").text == "/x"
    with HttpClient(place, "Hub", options=HttpOptions(validate_certs=False, retries=0)) as client:
        assert client.request("GET", "/x").status == 200
    with (
        HttpClient(place, "Hub", options=HttpOptions(retries=0)) as client,
        pytest.raises(Unavailable, match="is not trusted: .*self-signed certificate"),
    ):
        client.request("GET", "/x")
    with pytest.raises(InvalidInput, match="ca_path"):
        HttpClient(place, "Hub", options=HttpOptions(ca_path="/nonexistent"))
