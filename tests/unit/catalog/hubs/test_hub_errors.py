# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both hubs fail alike: the same classes, and what to do; never a traceback for an odd answer."""

from __future__ import annotations

import copy
import functools
import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.hub import Hub
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.huggingface import (
    HuggingFace,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs.modelscope import ModelScope
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import gpustack_sets
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import Fetched
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
    MODEL_SCOPE,
    RepositoryRef,
)

from tests.unit.catalog.conftest import Open
from tests.unit.catalog.fake_hubs import CATALOG, COMMIT, hf_info
from tests.unit.wire import Wire

CALLS = {
    HUGGINGFACE: "GET /api/models/Acme/Rocket?blobs=true&securityStatus=true",
    MODEL_SCOPE: "GET /openapi/v1/models/Acme/Rocket",
}
OLDER = "GET /api/v1/models/Acme/Rocket"
VARIABLES = {HUGGINGFACE: "HF_TOKEN", MODEL_SCOPE: "MODELSCOPE_API_TOKEN"}
GATED = {"x-error-code": "GatedRepo"}
ODD: t.Tuple[t.Any, ...] = (None, 7, -1.5, True, "x", [], ["x"], [None], {}, {"x": 1}, 2**70)


def listed(open_library: Open, source: str, **params: t.Any) -> None:
    open_library(**params).hub(source).listing(RepositoryRef(source, "Acme/Rocket"))


@pytest.mark.parametrize("source", list(CALLS))
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (429, Unavailable),
        (500, Unavailable),
    ],
)
def test_a_status_is_the_same_error_on_both_hubs(
    wire: Wire, open_library: Open, source: str, status: int, kind: t.Type[AutoconfigError]
) -> None:
    wire.expect(CALLS[source], status, {"message": "words"})
    if source == MODEL_SCOPE and kind is NotFound:
        wire.expect(OLDER, status, {"message": "words"})
    with pytest.raises(kind, match="Acme/Rocket.*words"):
        listed(open_library, source, hf_token="t", modelscope_token="t")


@pytest.mark.parametrize("source", list(CALLS))
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_its_variable(wire: Wire, open_library: Open, source: str, status: int) -> None:
    said = GATED if source == HUGGINGFACE else {}
    wire.expect(CALLS[source], status, {"message": "words"}, said)
    with pytest.raises((AuthenticationFailed, PermissionDenied)) as caught:
        listed(open_library, source)
    assert VARIABLES[source] in str(caught.value.hint) or "hf_token" in str(caught.value)
    if status == 403:
        assert "Acme/Rocket" in str(caught.value.hint)
        assert "Accept its licence at" in str(caught.value.hint).replace("the licence", "its licence")


@pytest.mark.parametrize("source", list(CALLS))
@pytest.mark.parametrize(
    ("error", "said"),
    [(OSError("no route"), "cannot be reached"), (httpx.ReadTimeout("x"), "did not answer .* within 30 s")],
)
def test_no_answer_is_unavailable_on_both_hubs(
    wire: Wire, open_library: Open, source: str, error: Exception, said: str
) -> None:
    wire.expect(CALLS[source], error=error)
    with pytest.raises(Unavailable, match=said):
        listed(open_library, source)


@pytest.mark.parametrize("source", list(CALLS))
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "not JSON"),
        ({"nothing": 1}, "the field (id|Data) is NoneType"),
        ([], "the field (id|Data)"),
    ],
)
def test_a_broken_answer_says_what_is_wrong(
    wire: Wire, open_library: Open, source: str, body: t.Any, said: str
) -> None:
    wire.expect(CALLS[source], 200, body)
    if source == MODEL_SCOPE:
        wire.expect(OLDER, 200, body)
    with pytest.raises(UnexpectedReply, match=said):
        listed(open_library, source)


def damaged(value: t.Any) -> t.Iterator[t.Any]:
    """Copies of a document, each with one value anywhere in it replaced by something odd."""
    for path in _paths(value):
        for odd in ODD:
            other = copy.deepcopy(value)
            place = other
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = odd
            yield other


def _paths(value: t.Any) -> t.Iterator[t.Tuple[t.Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (step,)
        for path in _paths(inner):
            yield (step, *path)


class Static:
    """A reader whose answers the test sets."""

    def __init__(self, answers: t.Mapping[str, t.Any]) -> None:
        self.answers = answers

    def get_json(self, path: str, _params: t.Any = None, immutable: bool = False) -> t.Tuple[t.Any, t.Any]:
        return self.answers[path], Fetched(b"", "live", float(immutable))


def tolerated(action: t.Callable[[], t.Any]) -> bool:
    """Whether it worked; an AutoconfigError is a proper refusal, anything else fails the test."""
    try:
        action()
    except AutoconfigError:
        return False
    return True


HF = hf_info(
    "Acme/Rocket", {"config.json": 2}, downloads=3, lastModified="2026-01-01", gguf={"total": 1},
    securityRepoStatus={"scansDone": True, "filesWithIssues": [{"path": "x", "level": "unsafe"}]},
    tags=["license:mit"],
)  # fmt: skip
MS_INFO = {
    "Code": 200,
    "Success": True,
    "Data": {"Name": "Rocket", "Path": "Acme", "License": "mit", "Downloads": 1, "LastUpdatedTime": 1},
}
MS_OPEN = {
    "success": True,
    "data": {"id": "Acme/Rocket", "license": "mit", "downloads": 1, "last_modified": "x", "gated": False},
}
MS_FILES = {"Code": 200, "Success": True, "Data": {"Files": [
    {"Path": "a", "Type": "blob", "Size": 1, "Sha256": "b" * 64, "Revision": COMMIT, "CommittedDate": 1}]}}  # fmt: skip
MS_FOUND = {"success": True, "data": {"models": [{"id": "a/b", "downloads": 1}]}}


def test_no_damage_to_hugging_faces_answers_escapes() -> None:
    ref = RepositoryRef(HUGGINGFACE, "Acme/Rocket")
    outcomes = [tolerated(functools.partial(_hugging_face(info).listing, ref)) for info in damaged(HF)]
    assert {True, False} == set(outcomes)
    for found in damaged([[{"id": "a/b"}]]):
        tolerated(functools.partial(_hugging_face(found[0]).search, "x", 5))


def _hugging_face(answer: t.Any) -> Hub:
    return HuggingFace(t.cast(t.Any, Static({"/api/models/Acme/Rocket": answer, "/api/models": answer})))


@pytest.mark.parametrize("part", ["open", "info", "files", "found"])
def test_no_damage_to_modelscopes_answers_escapes(part: str) -> None:
    whole = {"open": MS_OPEN, "info": MS_INFO, "files": MS_FILES, "found": MS_FOUND}
    ref = RepositoryRef(MODEL_SCOPE, "Acme/Rocket")

    def ask(answers: t.Mapping[str, t.Any]) -> t.Any:
        base = "/api/v1/models/Acme/Rocket"
        paths = {
            "/openapi/v1/models/Acme/Rocket": None if part == "info" else answers["open"],
            base: answers["info"],
            base + "/repo/files": answers["files"],
            "/openapi/v1/models": answers["found"],
        }
        hub = ModelScope(t.cast(t.Any, Static(paths)))
        return hub.search("x", 5) if part == "found" else hub.listing(ref)

    outcomes = [tolerated(functools.partial(ask, {**whole, part: other})) for other in damaged(whole[part])]
    assert set(outcomes) == ({True} if part == "open" else {True, False})


def test_no_damage_to_catalogs_escapes() -> None:
    sets = {"model_sets": [{
        "name": "x", "size": 1, "size_unit": "B", "categories": ["llm"], "capabilities": ["context/128K"],
        "licenses": ["mit"], "release_date": "2026-01-01", "specs": [{
            "source": "huggingface", "huggingface_repo_id": "a/b", "mode": "standard", "backend_version": "1",
            "gpu_filters": {"vendor": "nvidia"}, "backend_parameters": ["--x"]}]}]}  # fmt: skip
    assert all(
        [tolerated(functools.partial(gpustack_sets.parse, other)) for other in damaged(sets)][len(ODD) :]
    )
    outcomes = [tolerated(functools.partial(models_dev_records.parse, other)) for other in damaged(CATALOG)]
    assert sum(outcomes) > len(outcomes) * 0.9
