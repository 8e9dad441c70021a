# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API client: pages, exact names, and what each kind of refusal becomes."""

from __future__ import annotations

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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api import calls
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import (
    GpustackClient,
    connect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.refusals import check

from tests.unit.gpustack.conftest import KEY, URL, a_model, listed, page
from tests.unit.wire import Wire


def test_all_pages_are_read(wire: Wire, client: GpustackClient) -> None:
    for number, size in ((1, 100), (2, 1)):
        items = [{"id": 100 * number + row, "name": "m", "cluster_id": 1} for row in range(size)]
        body = {"items": items, "pagination": {"page": number, "perPage": 100, "total": 101, "totalPage": 2}}
        wire.expect("GET /v2/models?page=%d&perPage=100" % number, body=body)
    assert len(client.models()) == 101


@pytest.mark.parametrize(
    ("rows", "padding", "words"),
    [(1, 0, "does not end"), (100, 0, "does not end"), (1, 1 << 18, "more than 1 MiB")],
)
def test_a_list_without_an_end_is_given_up(
    rows: int, padding: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MAX_PAGES", 50)
    monkeypatch.setattr(calls, "MAX_LIST_BYTES", 1 << 20)
    asked: t.List[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        items = [{"id": len(asked) * 1000 + row, "name": "m" + "x" * padding} for row in range(rows)]
        body = {"items": items, "pagination": {"page": 1, "perPage": 100, "total": 10**9, "totalPage": 10**9}}
        return httpx.Response(200, json=body)

    options = HttpOptions(transport=httpx.MockTransport(answer), retries=0)
    with connect(URL, KEY, None, options) as client, pytest.raises(UnexpectedReply, match=words):
        client.clusters()
    assert len(asked) <= 50


def test_a_name_that_only_contains_the_wanted_one_is_no_match(wire: Wire, client: GpustackClient) -> None:
    rows = [a_model(name="qwen3-8b-fp8", id=1), a_model(name="qwen3-8b", id=2)]
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(*rows))
    found = client.find_model("qwen3-8b")
    assert found is not None
    assert found["id"] == 2


def test_one_name_in_two_organizations_is_refused(wire: Wire, client: GpustackClient) -> None:
    rows = [a_model(id=1, owner_principal_id=1), a_model(id=2, owner_principal_id=5)]
    wire.expect(listed("/v2/models", search="qwen3-8b"), body=page(*rows))
    with pytest.raises(Conflict, match="organizations 1, 5") as caught:
        client.find_model("qwen3-8b")
    assert "gpustack_organization_id" in str(caught.value.hint)


def test_organization_and_key_are_sent(wire: Wire) -> None:
    wire.expect(listed("/v2/clusters"), body=page())
    with connect(URL, KEY, 3, wire.options()) as connected:
        connected.clusters()
    assert wire.seen[0].headers["x-organization-id"] == "3"
    assert wire.seen[0].headers["authorization"] == "Bearer %s" % KEY


@pytest.mark.parametrize(
    ("url", "key", "option"), [(None, KEY, "gpustack_url"), (URL, "", "gpustack_api_key")]
)
def test_a_missing_connection_option_is_named(
    url: t.Optional[str], key: str, option: str, wire: Wire
) -> None:
    with pytest.raises(InvalidInput, match=option):
        connect(url, key, None, wire.options())


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            401,
            {"code": 401, "message": "Invalid authentication credentials"},
            AuthenticationFailed,
            "Invalid auth",
        ),
        (403, {"code": 403, "message": "Insufficient role"}, PermissionDenied, "Insufficient role"),
        (404, {"error": {"message": "Model not found", "code": 404}}, NotFound, "Model not found"),
        (405, {"detail": "Method Not Allowed"}, UnexpectedReply, "Method Not Allowed"),
        (409, {"code": 409, "message": "already exists"}, Conflict, "already exists"),
    ],
)
def test_the_servers_words_in_all_its_shapes(
    status: int, body: t.Any, kind: t.Type[AutoconfigError], words: str, wire: Wire, client: GpustackClient
) -> None:
    wire.expect("GET /v2/models/7", status=status, body=body)
    with pytest.raises(kind, match=words):
        client.model(7)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (401, "gpustack_api_key"),
        (403, "scope management"),
        (404, "removed it meanwhile"),
        (409, "has this name, or uses it"),
        (422, "Correct these fields"),
        (429, "lower the number of parallel runs"),
        (500, "log of the server"),
        (502, "run again"),
    ],
)
def test_each_refusal_says_what_to_do(status: int, word: str) -> None:
    with pytest.raises(AutoconfigError) as caught:
        check(Reply(status, {}, b'{"message": "no"}', "PUT", URL))
    assert word in str(caught.value.hint)


def test_the_text_of_422_is_withheld(wire: Wire, client: GpustackClient) -> None:
    text = (
        "2 validation errors:\n"
        "  {'type': 'value_error', 'loc': ('body',), 'msg': 'no', 'input': {'env': {'HF_TOKEN': 'canary-secret'}}}\n"
        "  {'type': 'missing', 'loc': ('body', 'source'), 'msg': 'Field required', "
        "'input': {'env': {'HF_TOKEN': 'canary-secret'}}}"
    )
    wire.expect("PUT /v2/models/7", status=422, body={"code": 422, "message": text})
    with pytest.raises(InvalidInput) as caught:
        client.update_model(7, {})
    assert "refused fields: body (value_error), body.source (missing)" in caught.value.message
    assert "canary" not in str(caught.value.as_result())


def test_the_text_of_a_failed_write_is_withheld(wire: Wire, client: GpustackClient) -> None:
    said = {"message": "Unexpected error occurred: INSERT INTO models ('canary-secret')"}
    for _try in range(3):
        wire.expect("POST /v2/models", status=500, body=said)
    with pytest.raises(Unavailable) as caught:
        client.create_model({})
    assert "canary" not in str(caught.value.as_result())


@pytest.mark.parametrize(
    ("status", "version", "words"),
    [(200, {"version": "v0.7.1"}, "version 0.7.1"), (404, {"detail": "Not Found"}, "not say that it is")],
)
def test_an_unsupported_server_is_refused(
    status: int, version: t.Any, words: str, wire: Wire, client: GpustackClient
) -> None:
    wire.expect(listed("/v2/models"), status=404, body={"detail": "Not Found"})
    wire.expect("GET /version", status=status, body=version)
    with pytest.raises(UnexpectedReply, match=words):
        client.models()


def test_an_unknown_organization_is_not_taken_for_an_unsupported_server(
    wire: Wire, client: GpustackClient
) -> None:
    gone = {"code": 404, "reason": "NotFound", "message": "Organization 99 not found"}
    for call in (client.models, client.routes):
        path = "/v2/models" if call == client.models else "/v2/model-routes"
        wire.expect(listed(path), status=404, body=gone)
        with pytest.raises(InvalidInput, match="Organization 99 not found") as caught:
            call()
        assert "gpustack_organization_id" in str(caught.value.hint)


def test_an_answer_that_is_no_list_is_refused(wire: Wire, client: GpustackClient) -> None:
    wire.expect(listed("/v2/workers"), body={"hello": "world"})
    with pytest.raises(UnexpectedReply, match="without a list of items"):
        client.workers()


def test_deleting_what_is_gone_is_fine(wire: Wire, client: GpustackClient) -> None:
    wire.expect("DELETE /v2/models/7", status=404, body={"message": "Model not found"})
    client.delete_model(7)
    assert wire.calls() == ["DELETE /v2/models/7"]


def test_old_servers_have_no_revisions_and_no_routes(wire: Wire, client: GpustackClient) -> None:
    for path in ("/v2/models/7/revisions", "/v2/model-routes"):
        wire.expect(listed(path), status=404, body={"detail": "Not Found"})
    assert client.revisions(7) is None
    assert client.routes() == []
