# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hugging Face: one repository described, and what its refusals mean."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import describe
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    AutoconfigError,
    NotFound,
    PermissionDenied,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    RepositoryFile,
    RepositoryRef,
)

from tests.unit.catalog.conftest import Open
from tests.unit.catalog.fake_hubs import COMMIT, hf_info
from tests.unit.wire import Wire

REF = RepositoryRef(HUGGINGFACE, "Acme/Rocket-8B")
INFO = "GET /api/models/Acme/Rocket-8B?blobs=true&securityStatus=true"


def test_a_listing_has_the_canonical_name_the_commit_and_sizes(wire: Wire, open_library: Open) -> None:
    wire.expect(
        INFO.replace("Acme/Rocket-8B", "acme/rocket-8b"), 200, hf_info("Acme/Rocket-8B", {"b": 2**60, "a": 1})
    )
    listing = open_library().hub(HUGGINGFACE).listing(RepositoryRef(HUGGINGFACE, "acme/rocket-8b"))
    assert (listing.ref.name, listing.revision, listing.licence) == ("Acme/Rocket-8B", COMMIT, "apache-2.0")
    assert listing.files == (RepositoryFile("a", 1, "a" * 64), RepositoryFile("b", 2**60, "a" * 64))


def test_a_revision_is_quoted_whole(wire: Wire, open_library: Open) -> None:
    wire.expect(
        "GET /api/models/Acme/Rocket-8B/revision/refs%2Fpr%2F1?blobs=true&securityStatus=true",
        200,
        hf_info("Acme/Rocket-8B", {}),
    )
    open_library().hub(HUGGINGFACE).listing(RepositoryRef(HUGGINGFACE, "Acme/Rocket-8B", "refs/pr/1"))


@pytest.mark.parametrize(
    ("token", "status", "code", "kind", "said"),
    [
        (None, 401, "RepoNotFound", NotFound, "hf_token"),
        ("t", 404, "RepoNotFound", NotFound, "spelling"),
        (None, 404, "RevisionNotFound", NotFound, "spelling"),
        (None, 401, None, NotFound, "private repository needs hf_token"),
        ("t", 401, None, AuthenticationFailed, "Check hf_token"),
        (None, 401, "GatedRepo", AuthenticationFailed, "huggingface.co/Acme/Rocket-8B and set hf_token"),
        (
            "t",
            403,
            "GatedRepo",
            PermissionDenied,
            "Accept its licence at https://huggingface.co/Acme/Rocket-8B",
        ),
        (None, 429, None, Unavailable, "Too many requests"),
        (None, 502, None, Unavailable, ""),
    ],
)
def test_each_refusal_says_what_to_do(
    wire: Wire,
    open_library: Open,
    token: t.Optional[str],
    status: int,
    code: t.Optional[str],
    kind: t.Type[AutoconfigError],
    said: str,
) -> None:
    wire.expect(INFO, status, {"error": "words"}, {} if code is None else {"x-error-code": code})
    with pytest.raises(kind) as caught:
        open_library(hf_token=token).hub(HUGGINGFACE).listing(REF)
    assert said in str(caught.value.hint or "")


@pytest.mark.parametrize(
    "info",
    [
        [],
        {"sha": COMMIT},
        hf_info("a/b", {"../etc/passwd": 1}),
        hf_info("a/b", {"/abs": 1}),
        hf_info("a/b", {"a\\b": 1}),
        {"id": "a/b", "siblings": [{"rfilename": "x"}]},
    ],
)
def test_an_answer_that_cannot_be_right_is_refused(wire: Wire, open_library: Open, info: t.Any) -> None:
    wire.expect(INFO, 200, info)
    with pytest.raises(UnexpectedReply):
        open_library().hub(HUGGINGFACE).listing(REF)


def test_the_token_goes_to_the_hub_and_not_to_its_cdn(wire: Wire, open_library: Open) -> None:
    wire.expect(INFO, 200, hf_info("Acme/Rocket-8B", {"x.bin": 4}))
    path = "/Acme/Rocket-8B/resolve/%s/x.bin" % COMMIT
    wire.expect("GET " + path, 302, b"", {"location": "https://cdn.example.net/signed?sig=1"})
    wire.expect("GET https://cdn.example.net/signed?sig=1", 206, b"ab")
    hub = open_library(hf_token="canary").hub(HUGGINGFACE)
    assert hub.read(hub.listing(REF), "x.bin", 0, 1) == b"ab"
    assert [request.headers.get("authorization") for request in wire.seen] == ["Bearer canary"] * 2 + [None]


def test_a_licence_may_be_a_tag_only(wire: Wire, open_library: Open) -> None:
    wire.expect(INFO, 200, hf_info("a/b", {}, cardData=None, tags=["license:mit"]))
    assert open_library().hub(HUGGINGFACE).listing(REF).licence == "mit"


def test_missing_parts_of_the_weights_are_an_error(wire: Wire, open_library: Open) -> None:
    files: t.Dict[str, t.Union[bytes, int]] = {
        "config.json": b"{}",
        "model-00001-of-00003.safetensors": 9,
        "model-00003-of-00003.safetensors": 9,
    }
    wire.expect("GET /api/models/Acme/Half?blobs=true&securityStatus=true", 200, hf_info("Acme/Half", files))
    hub = open_library().hub(HUGGINGFACE)
    listing = hub.listing(RepositoryRef(HUGGINGFACE, "Acme/Half"))
    with ThreadPoolExecutor(1) as pool, pytest.raises(UnexpectedReply, match="2 of the 3 parts"):
        describe(hub, listing, pool, print)


def test_a_name_in_another_case_is_one_entry_of_the_cache(wire: Wire, open_library: Open) -> None:
    wire.expect("GET /api/models/acme/X?blobs=true&securityStatus=true", 200, hf_info("Acme/X", {}))
    for name in ("acme/X", "ACME/x"):
        assert open_library().hub(HUGGINGFACE).listing(RepositoryRef(HUGGINGFACE, name)).ref.name == "Acme/X"
