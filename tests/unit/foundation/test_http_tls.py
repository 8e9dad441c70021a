# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates: whose are trusted, when they are read, and what is said of others."""

from __future__ import annotations

import ssl

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http_tls import (
    NotTrusted,
    verification,
)

from tests.unit.wire import Wire


def untrusted() -> httpx.ConnectError:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = cause
    return error


def test_a_certificate_that_is_not_trusted_is_said_at_once_with_the_option(wire: Wire) -> None:
    wire.expect("GET /x", error=untrusted())
    client = HttpClient("https://gpustack.example.com", "GPUStack", options=wire.options())
    with client, pytest.raises(NotTrusted, match="not trusted: .*self-signed certificate") as caught:
        client.get_json("/x")
    assert caught.value.code == "not_trusted"
    assert "ca_path" in str(caught.value.hint)
    assert wire.clock.slept == []


def test_a_server_without_tls_is_said(wire: Wire) -> None:
    error = httpx.ConnectError("wrong version number")
    cause = ssl.SSLError(1, "wrong version number")
    cause.reason = "WRONG_VERSION_NUMBER"
    error.__cause__ = cause
    wire.expect("GET /x", error=error)
    client = HttpClient("https://gpustack.example.com", "GPUStack", options=wire.options())
    with client, pytest.raises(NotTrusted, match="does not speak TLS"):
        client.get_json("/x")


def test_no_certificates_are_read_for_what_is_not_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_unused: object, **_named: object) -> None:
        raise AssertionError

    monkeypatch.setattr(ssl, "create_default_context", refuse)
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", refuse)
    HttpClient("http://gpustack.example.com", "GPUStack").close()


def test_the_systems_certificates_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda: made)
    monkeypatch.setattr(ssl.SSLContext, "cert_store_stats", lambda _self: {"x509_ca": 140})
    assert verification("https://gpustack.example.com", True, None) is made
    assert verification("https://gpustack.example.com", False, None) is False
