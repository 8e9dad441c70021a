# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP client: what it repeats, where credentials go, how much it reads, what it says."""

from __future__ import annotations

import logging
import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.url import (
    checked_base_url,
    public_url,
)

from tests.unit.wire import Wire

BASE = "https://hub.example.com"
SECRET = "canary-7f3a"


def client(wire: Wire, base: str = BASE, **options: t.Any) -> HttpClient:
    return HttpClient(base, "Hub", {"Authorization": "Bearer %s" % SECRET}, wire.options(**options))


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/other", True),
        ("https://hub.example.com:443/other", True),
        ("https://cdn.example.net/other", False),
        ("https://hub.example.com:8443/other", False),
    ],
)
def test_credentials_follow_a_redirect_only_within_the_origin(wire: Wire, target: str, kept: bool) -> None:
    wire.expect("GET /file", 302, headers={"location": target})
    wire.expect("GET /other", 200, b"done")
    reply = client(wire).request("GET", "/file", headers={"Range": "bytes=0-9"}, elsewhere=True)
    assert reply.body == b"done"
    assert ("authorization" in wire.seen[1].headers) is kept
    assert wire.seen[1].headers["range"] == "bytes=0-9"


def test_credentials_do_not_come_back_after_a_detour(wire: Wire) -> None:
    wire.expect("GET /file", 302, headers={"location": "https://cdn.example.net/hop"})
    wire.expect("GET /hop", 302, headers={"location": "https://hub.example.com/end"})
    wire.expect("GET /end", 200, b"")
    client(wire).request("GET", "/file", elsewhere=True)
    assert ["authorization" in request.headers for request in wire.seen] == [True, False, False]


@pytest.mark.parametrize(
    ("location", "followed"),
    [
        ("/other", True),
        ("https://www.hub.example.com/other", True),
        ("https://cdn.example.net/other", False),
        ("https://hub.example.com:8443/other", False),
        ("https://127.0.0.1/other", False),
        ("http://127.0.0.1/other", False),
    ],
)
def test_no_other_server_answers_in_the_place_of_this_one(wire: Wire, location: str, followed: bool) -> None:
    wire.expect("GET /file", 302, headers={"location": location})
    if followed:
        wire.expect("GET /other", 200, b"done")
        assert client(wire).request("GET", "/file").body == b"done"
        return
    with pytest.raises(UnexpectedReply, match="redirects https://hub.example.com/file to"):
        client(wire).request("GET", "/file")


def test_no_redirect_leaves_encryption_also_to_this_machine(wire: Wire) -> None:
    wire.expect("GET /file", 302, headers={"location": "http://127.0.0.1/file"})
    with pytest.raises(UnexpectedReply, match="unencrypted"):
        client(wire).request("GET", "/file", elsewhere=True)


def test_headers_of_any_name_stay_with_their_server(wire: Wire) -> None:
    wire.expect("GET /file", 302, headers={"location": "https://cdn.example.net/other"})
    wire.expect("GET /other", 200, b"done")
    sent = {"Ocp-Apim-Subscription-Key": SECRET, "X-Organization-Id": "1", "Range": "bytes=0-1"}
    client(wire).request("GET", "/file", headers=sent, elsewhere=True)
    assert SECRET not in str(wire.seen[1].headers.raw)
    assert "x-organization-id" not in wire.seen[1].headers
    assert wire.seen[1].headers["range"] == "bytes=0-1"


def test_the_library_tells_no_log_what_is_asked(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Ansible writes whatever is logged to the file of log_path, and a URL may hold a secret."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    wire.expect("GET /x", 200, b"")
    client(wire).request("GET", "/x")
    assert caplog.records == []


def test_cookies_are_not_kept(wire: Wire) -> None:
    wire.expect("GET /a", 200, b"", headers={"set-cookie": "m_session_id=1"})
    wire.expect("GET /b", 200, b"")
    http = client(wire)
    http.request("GET", "/a")
    http.request("GET", "/b")
    assert "cookie" not in wire.seen[1].headers


@pytest.mark.parametrize(
    "location", ["http://cdn.example.net/x", "ftp://cdn.example.net/x", "http://h:99999/"]
)
def test_a_redirect_to_something_unsafe_is_refused(wire: Wire, location: str) -> None:
    wire.expect("GET /file", 302, headers={"location": location})
    with pytest.raises(UnexpectedReply):
        client(wire).request("GET", "/file")


def test_a_redirect_loop_ends(wire: Wire) -> None:
    for _hop in range(6):
        wire.expect("GET /loop", 302, headers={"location": "/loop"})
    with pytest.raises(UnexpectedReply, match="more than 5 times"):
        client(wire).request("GET", "/loop")


def test_a_writing_request_is_not_sent_anywhere_else(wire: Wire) -> None:
    wire.expect("POST /v2/models", 307, headers={"location": "https://elsewhere.example.net/v2/models"})
    with pytest.raises(UnexpectedReply, match="elsewhere"):
        client(wire).request("POST", "/v2/models", json_body={"key": SECRET})


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 2026 00:00:09 GMT", "date": "Thu, 01 Jan 2026 00:00:05 GMT"}, 4.0),
        ({"retry-after": "soon"}, 0.25),
        ({"ratelimit": '"api";r=0;t=12'}, 13.0),
        ({}, 0.25),
    ],
)
def test_a_busy_server_is_given_the_time_it_asks_for(
    wire: Wire, headers: t.Dict[str, str], pause: float
) -> None:
    wire.expect("GET /busy", 429, b"", headers=headers)
    wire.expect("GET /busy", 200, b"ok")
    assert client(wire).request("GET", "/busy").body == b"ok"
    assert wire.clock.slept == [pause]


def test_a_pause_longer_than_the_time_out_is_not_waited_for(wire: Wire) -> None:
    wire.expect("GET /busy", 429, b"", headers={"retry-after": "3600"})
    assert client(wire).request("GET", "/busy").status == 429
    assert wire.clock.slept == []


def test_writing_requests_are_never_repeated(wire: Wire) -> None:
    wire.expect("POST /v2/models", 503, b"")
    assert client(wire).request("POST", "/v2/models").status == 503


def test_a_broken_connection_is_tried_four_times_and_then_said(wire: Wire) -> None:
    for _try in range(4):
        wire.expect("GET /x", error=httpx.ConnectError("refused"))
    with pytest.raises(Unavailable, match="cannot be reached: GET https://hub.example.com/x") as caught:
        client(wire).request("GET", "/x")
    assert caught.value.hint is not None
    assert wire.clock.slept == [0.25, 0.5, 1.0]


def test_a_time_out_names_its_seconds(wire: Wire) -> None:
    wire.expect("GET /x", error=httpx.ReadTimeout("slow"))
    with pytest.raises(Unavailable, match="within 5 s"):
        client(wire, retries=0, timeout_s=5).request("GET", "/x")


def test_a_body_over_the_limit_is_refused(wire: Wire) -> None:
    wire.expect("GET /big", 200, b"x" * 101)
    with pytest.raises(UnexpectedReply, match="sent more than"):
        client(wire, max_body_bytes=100).request("GET", "/big")


def test_a_body_of_exactly_the_limit_is_read(wire: Wire) -> None:
    wire.expect("GET /big", 200, b"x" * 100)
    assert len(client(wire, max_body_bytes=100).request("GET", "/big").body) == 100


def test_reading_can_stop_early_without_an_error(wire: Wire) -> None:
    wire.expect("GET /big", 200, b"x" * 1000)
    assert client(wire, max_body_bytes=100).request("GET", "/big", stop_after=10).body == b"x" * 10


def test_a_body_that_drips_is_given_up(wire: Wire) -> None:
    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> t.Iterator[bytes]:
            while True:
                wire.clock.sleep(50.0)
                yield b"."

    drip = httpx.MockTransport(lambda request: httpx.Response(200, stream=Drip()))
    http = HttpClient(BASE, "Hub", options=HttpOptions(10, retries=0, transport=drip, clock=wire.clock))
    with pytest.raises(Unavailable, match="did not answer"):
        http.request("GET", "/drip")
    assert wire.clock.monotonic() <= 300


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInput),
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (404, NotFound),
        (409, Conflict),
        (418, UnexpectedReply),
        (422, InvalidInput),
    ],
)
def test_each_status_has_its_error_with_the_servers_words(
    wire: Wire, status: int, kind: t.Type[AutoconfigError]
) -> None:
    wire.expect("GET /x?q=1", status, {"error": {"message": "these are the words"}})
    with pytest.raises(kind, match="GET https://hub.example.com/x returned %d: these are the words" % status):
        client(wire).get_json("/x", {"q": 1})


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_that_failed_is_asked_again(wire: Wire, status: int) -> None:
    wire.expect("GET /x", status, {"error": "for a moment"})
    wire.expect("GET /x", 200, {"ok": 1})
    assert client(wire).get_json("/x") == {"ok": 1}


def test_a_login_page_is_no_json(wire: Wire) -> None:
    wire.expect("GET /x", 200, b"<html>please log in</html>", headers={"content-type": "text/html"})
    with pytest.raises(UnexpectedReply, match="not JSON"):
        client(wire).get_json("/x")


@pytest.mark.parametrize("secret", ["line\nbreak-7f3a", "ключ-7f3a"])
def test_an_unsendable_token_is_refused_without_being_shown(wire: Wire, secret: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        HttpClient(BASE, "Hub", {"Authorization": "Bearer %s" % secret}, wire.options())
    assert "7f3a" not in str(caught.value.as_result())


@pytest.mark.parametrize(
    "url",
    ["", "hub.example.com", "ftp://hub.example.com", "https://", "https://h:port", "https://u:pw@h.example"],
)
def test_an_unusable_base_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInput, match="hf_endpoint") as caught:
        checked_base_url(url, "hf_endpoint")
    assert "pw" not in caught.value.message


def test_a_shown_url_has_neither_password_nor_query() -> None:
    assert public_url("https://u:p@h.example:8443/a?sig=1#f") == "https://h.example:8443/a"


def test_a_refusal_after_several_tries_says_how_many(wire: Wire) -> None:
    for _time in range(4):
        wire.expect("GET /x", 503, {"error": "busy"})
    with pytest.raises(Unavailable, match=r"returned 503: busy \(tried 4 times\)"):
        client(wire).get_json("/x")


def test_no_pause_leads_past_the_time_for_everything(wire: Wire) -> None:
    """20 times 1 s: of pauses of 1 s each, more than 20 tries would not be made."""
    for _time in range(21):
        wire.expect("GET /x", 429, {}, {"retry-after": "1"})
    reply = client(wire, retries=99, timeout_s=1).request("GET", "/x")
    assert (reply.status, reply.tries, sum(wire.clock.slept)) == (429, 21, 20.0)
