# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ModelScope: its envelopes, its cut lists, and commits as revisions."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.modelscope import (
    LISTING_LIMIT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    NotFound,
    PermissionDenied,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    MODEL_SCOPE,
    RepositoryRef,
)

from tests.unit.catalog.conftest import Open
from tests.unit.wire import Wire

REF = RepositoryRef(MODEL_SCOPE, "Qwen/Qwen3-8B")
INFO = "GET /api/v1/models/Qwen/Qwen3-8B"
OPEN = "GET /openapi/v1/models/Qwen/Qwen3-8B"
OLD, NEW = "1" * 40, "2" * 40
OLD_FACTS = {
    "Name": "Qwen3-8B", "Path": "Qwen", "License": "apache-2.0", "Downloads": 7, "LastUpdatedTime": 86400,
}  # fmt: skip
FACTS = {
    "id": "Qwen/Qwen3-8B", "license": "apache-2.0", "downloads": 7, "last_modified": "1970-01-02T00:00:00Z",
}  # fmt: skip


def old_envelope(data: t.Any) -> t.Dict[str, t.Any]:
    return {"Code": 200, "Data": data, "Message": "success", "Success": True}


def new_envelope(data: t.Any) -> t.Dict[str, t.Any]:
    return {"success": True, "data": data, "code": "ok", "request_id": "1"}


def files(recursive: bool = True, root: t.Optional[str] = None) -> str:
    query = "Revision=master&Recursive=%s" % recursive
    return INFO + "/repo/files?" + query + ("" if root is None else "&Root=%s" % root)


def blob(path: str, commit: str = OLD, date: int = 1) -> t.Dict[str, t.Any]:
    return {
        "Name": path.rsplit("/", 1)[-1], "Path": path, "Type": "blob", "Size": 3, "Sha256": "b" * 64,
        "Revision": commit, "CommittedDate": date,
    }  # fmt: skip


def tree(path: str) -> t.Dict[str, t.Any]:
    return {"Path": path, "Name": path, "Type": "tree", "Size": 0}


def expect_info(wire: Wire) -> None:
    wire.expect(OPEN, 200, new_envelope(FACTS))


def expect_old_info(wire: Wire) -> None:
    """As a mirror that knows the older interface only."""
    wire.expect(OPEN, 404, {"success": False, "message": "no such page"})
    wire.expect(INFO, 200, old_envelope(OLD_FACTS))


@pytest.mark.parametrize("envelope", [old_envelope, new_envelope])
@pytest.mark.parametrize("expect", [expect_info, expect_old_info])
def test_both_interfaces_say_the_same_and_the_newest_commit_is_the_revision(
    wire: Wire,
    open_library: Open,
    expect: t.Callable[[Wire], None],
    envelope: t.Callable[[t.Any], t.Any],
) -> None:
    expect(wire)
    entries = [blob("b", NEW, 9), tree("sub"), blob("a", OLD, 5)]
    wire.expect(files(), 200, envelope({"Files": entries}))
    listing = open_library().hub(MODEL_SCOPE).listing(REF)
    assert (listing.ref.name, listing.revision, listing.licence) == ("Qwen/Qwen3-8B", NEW, "apache-2.0")
    assert (listing.standing.downloads, listing.standing.last_modified) == (7, "1970-01-02T00:00:00Z")
    assert not listing.gated
    assert [(item.path, item.size_bytes, item.sha256) for item in listing.files] == [
        ("a", 3, "b" * 64),
        ("b", 3, "b" * 64),
    ]


@pytest.mark.parametrize("body", [b"<html>", {"success": True, "data": None}, {"models": []}, []])
def test_an_answer_that_is_none_is_asked_for_in_the_older_way(
    wire: Wire, open_library: Open, body: t.Any
) -> None:
    wire.expect(OPEN, 200, body)
    wire.expect(INFO, 200, old_envelope(OLD_FACTS))
    wire.expect(files(), 200, old_envelope({"Files": []}))
    assert open_library().hub(MODEL_SCOPE).listing(REF).licence == "apache-2.0"


def test_a_gated_repository_says_so(wire: Wire, open_library: Open) -> None:
    wire.expect(OPEN, 200, new_envelope(dict(FACTS, gated=True)))
    wire.expect(files(), 200, old_envelope({"Files": []}))
    assert open_library().hub(MODEL_SCOPE).listing(REF).gated


def test_files_are_read_at_the_commit(wire: Wire, open_library: Open) -> None:
    expect_info(wire)
    wire.expect(files(), 200, old_envelope({"Files": [blob("config.json", NEW)]}))
    wire.expect(INFO + "/repo?Revision=%s&FilePath=config.json" % NEW, 200, b"{}")
    hub = open_library(modelscope_token="canary").hub(MODEL_SCOPE)
    assert hub.read_json(hub.listing(REF), "config.json") == {}
    assert {request.headers["authorization"] for request in wire.seen} == {"Bearer canary"}
    assert not any("cookie" in request.headers for request in wire.seen)


def test_a_list_that_may_be_cut_is_walked_by_folders(wire: Wire, open_library: Open) -> None:
    expect_info(wire)
    cut = [blob("f%d" % number) for number in range(LISTING_LIMIT)]
    wire.expect(files(), 200, old_envelope({"Files": cut}))
    wire.expect(files(False, ""), 200, old_envelope({"Files": [tree("sub"), blob("top")]}))
    wire.expect(files(False, "sub"), 200, old_envelope({"Files": [blob("sub/deep")]}))
    listing = open_library().hub(MODEL_SCOPE).listing(REF)
    assert [item.path for item in listing.files] == ["sub/deep", "top"]


def test_a_folder_that_lists_itself_is_walked_once(wire: Wire, open_library: Open) -> None:
    expect_info(wire)
    cut = [blob("f%d" % number) for number in range(LISTING_LIMIT)]
    wire.expect(files(), 200, old_envelope({"Files": cut}))
    wire.expect(files(False, ""), 200, old_envelope({"Files": [tree("sub"), tree("sub")]}))
    wire.expect(files(False, "sub"), 200, old_envelope({"Files": [tree("sub"), tree(""), blob("sub/deep")]}))
    listing = open_library().hub(MODEL_SCOPE).listing(REF)
    assert [item.path for item in listing.files] == ["sub/deep"]


def test_a_single_folder_that_is_cut_is_an_error(wire: Wire, open_library: Open) -> None:
    expect_info(wire)
    cut = [blob("f%d" % number) for number in range(LISTING_LIMIT)]
    for call in (files(), files(False, "")):
        wire.expect(call, 200, old_envelope({"Files": cut}))
    with pytest.raises(UnexpectedReply, match="first 3000 entries"):
        open_library().hub(MODEL_SCOPE).listing(REF)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"Code": 10010205001, "Message": "record not found", "Success": False}, NotFound),
        (404, {"success": False, "code": "ResourceNotFound", "message": "model not found"}, NotFound),
        (200, {"Code": 10010205001, "Message": "the model does not exist", "Success": False}, NotFound),
        (400, {"Code": 10010103009, "Message": "bad token", "Success": False}, AuthenticationFailed),
        (403, {"Code": 10990101003, "Message": "no permission", "Success": False}, PermissionDenied),
        (200, {"Code": 500, "Message": "try later", "Data": None, "Success": False}, UnexpectedReply),
        (200, {"success": True, "data": None}, UnexpectedReply),
        (200, [], UnexpectedReply),
    ],
)
def test_failures_are_seen_in_any_status(
    wire: Wire, open_library: Open, status: int, body: t.Any, kind: t.Type[AutoconfigError]
) -> None:
    wire.expect(OPEN, status, body)
    if kind in (NotFound, UnexpectedReply):
        wire.expect(INFO, status, body)
    with pytest.raises(kind):
        open_library(modelscope_token="t").hub(MODEL_SCOPE).listing(REF)


def test_a_failure_with_status_200_is_not_kept(wire: Wire, open_library: Open) -> None:
    for call in (OPEN, INFO):
        wire.expect(call, 200, {"Code": 500, "Message": "try later", "Success": False})
    with pytest.raises(UnexpectedReply, match="try later"):
        open_library().hub(MODEL_SCOPE).listing(REF)
    expect_info(wire)
    wire.expect(files(), 200, old_envelope({"Files": []}))
    assert open_library().hub(MODEL_SCOPE).listing(REF).files == ()


def test_a_bare_host_is_an_endpoint(wire: Wire, open_library: Open) -> None:
    for interface in ("openapi", "api"):
        call = "GET https://ms.example.com/%s/v1/models/Qwen/Qwen3-8B" % interface
        wire.expect(call, 404, {"Success": False})
    with pytest.raises(NotFound):
        open_library(modelscope_endpoint="ms.example.com").hub(MODEL_SCOPE).listing(REF)


@pytest.mark.parametrize("wrap", [lambda files: files, lambda files: {"files": files}])
def test_lists_and_fields_in_lower_case_are_read(
    wire: Wire, open_library: Open, wrap: t.Callable[[t.Any], t.Any]
) -> None:
    expect_info(wire)
    entry = {key.lower(): value for key, value in blob("a", OLD, 5).items()}
    wire.expect(files(), 200, {"success": True, "data": wrap([entry])})
    listing = open_library().hub(MODEL_SCOPE).listing(REF)
    assert [(item.path, item.size_bytes, item.sha256) for item in listing.files] == [("a", 3, "b" * 64)]
