# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catalogs in files: a checkout of models.dev, its generated files, GPUStack's YAML, the user's own."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import Query
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import documents
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    NotFound,
    Unavailable,
    UnexpectedReply,
)

from tests.unit.catalog.conftest import Open
from tests.unit.catalog.fake_hubs import CATALOG
from tests.unit.wire import Wire

TREE = {
    "models/acme/rocket-8b.toml": """
name = "Rocket 8B"
open_weights = true
tool_call = true
release_date = "2026-01-01"
[limit]
context = 1000
[[weights]]
label = "Hugging Face"
url = "https://huggingface.co/Acme/Rocket-8B"
""",
    "providers/shop/provider.toml": 'name = "Shop"',
    "providers/shop/models/acme/rocket-8b.toml": """
base_model = "acme/rocket-8b"
[limit]
context = 500
[cost]
input = 0.1
""",
    "providers/shop/models/fast-rocket.toml": 'base_model = "acme/rocket-8b"\nname = "Fast"',
}
SETS = """
.base: &base {mode: standard, source: huggingface, huggingface_repo_id: Acme/Rocket-8B}
model_sets:
  - name: Rocket-8B
    size: 8
    licenses: [mit]
    specs:
      - <<: *base
        quantization: FP8
        backend: vLLM
        gpu_filters: {compute_capability: ">=9.0,<10.0"}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        path = tmp_path / "models.dev" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "models.dev"


def test_a_checkout_is_read_with_what_entries_inherit(checkout: Path) -> None:
    found = {
        record.id: record
        for record in models_dev_records.parse(documents.read_models_dev(str(checkout)).value)
    }
    rocket, fast = found["acme/rocket-8b"], found["shop/fast-rocket"]
    assert rocket.repositories == ("Acme/Rocket-8B",)
    assert rocket.prices[0].rates.input_usd == 0.1
    assert (fast.name, fast.open_weights, fast.capabilities["tool_call"]) == ("Fast", True, True)
    assert (fast.repositories, fast.related) == ((), ("acme/rocket-8b",))


def test_an_entry_that_cannot_be_read_does_not_spoil_the_rest(checkout: Path, open_library: Open) -> None:
    (checkout / "models/acme/broken.toml").write_text('name = "half')
    library = open_library(models_dev_url=str(checkout), offline=True)
    assert library.resolve("acme/rocket-8b").ref.name == "Acme/Rocket-8B"
    (warning,) = [each for each in library.warnings if "1 of its entries were left out" in each]
    assert "broken.toml" in warning


def test_a_checkout_of_which_nothing_can_be_read_is_an_error(tmp_path: Path, open_library: Open) -> None:
    path = tmp_path / "models.dev/models/acme/broken.toml"
    path.parent.mkdir(parents=True)
    (tmp_path / "models.dev/providers").mkdir()
    path.write_text('name = "half')
    library = open_library(models_dev_url=str(tmp_path / "models.dev"), offline=True)
    with pytest.raises(UnexpectedReply, match="broken.toml"):
        library.resolve("acme/rocket-8b")


def test_a_model_made_of_another_is_a_candidate_only(checkout: Path, open_library: Open, wire: Wire) -> None:
    library = open_library(models_dev_url=str(checkout), offline=True)
    assert library.resolve("acme/rocket-8b").ref.name == "Acme/Rocket-8B"
    with pytest.raises(Unavailable) as caught:
        library.resolve("shop/fast-rocket")
    best = caught.value.details["candidates"][0]
    assert (best["repository"], best["rule"]) == ("Acme/Rocket-8B", "catalog_name")
    assert library.sources()[0]["state"] == "live"
    assert wire.seen == []


@pytest.mark.parametrize(
    "parts",
    [
        {"catalog.json": CATALOG},
        {"models.json": CATALOG["models"], "api.json": CATALOG["providers"]},
        {"models.dev-models.json": CATALOG["models"], "models.dev-api.json": CATALOG["providers"]},
    ],
)
def test_generated_files_are_read(tmp_path: Path, parts: t.Dict[str, t.Any]) -> None:
    for name, part in parts.items():
        (tmp_path / name).write_text(json.dumps(part))
    assert models_dev_records.parse(
        documents.read_models_dev(str(tmp_path)).value
    ) == models_dev_records.parse(CATALOG)


def test_a_folder_with_something_else_is_refused(tmp_path: Path, open_library: Open) -> None:
    with pytest.raises(NotFound, match="neither"):
        open_library(models_dev_url=str(tmp_path)).search(Query("x"))


def test_gpustacks_file_adds_advice_and_facts(tmp_path: Path, checkout: Path, open_library: Open) -> None:
    path = tmp_path / "model-catalog.yaml"
    path.write_text(SETS)
    library = open_library(models_dev_url=str(checkout), catalogs=[str(path)], offline=True)
    record = next(item for item in library.search(Query("rocket")).models if item.id == "acme/rocket-8b")
    assert (record.licence, record.total_parameters) == ("mit", 8 * 10**9)
    spec = record.specs[0]
    assert (spec.quantization, spec.gpu_filters) == ("FP8", {"compute_capability": ">=9.0,<10.0"})
    assert library.resolve("Rocket-8B").rule == "gpustack_catalog"
    assert [item["state"] for item in library.sources()[:2]] == ["live", "live"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("own.json", '{"models": {"acme/rocket-8b": {"repository": "Own/Rocket", "open_weights": true}}}'),
        ("own.yaml", "models: {acme/rocket-8b: {repository: Own/Rocket, open_weights: true}}"),
        ("own.toml", '[models."acme/rocket-8b"]\nrepository = "Own/Rocket"\nopen_weights = true'),
    ],
)
def test_an_own_catalog_goes_before_all_others(
    tmp_path: Path, checkout: Path, open_library: Open, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    library = open_library(models_dev_url=str(checkout), catalogs=[str(tmp_path / name)], offline=True)
    found = library.resolve("acme/rocket-8b")
    assert (found.rule, found.ref.name) == ("user_catalog", "Own/Rocket")


def test_a_catalog_by_url_is_read_through_the_cache(wire: Wire, checkout: Path, open_library: Open) -> None:
    wire.expect("GET https://files.example.com/gpustack/model-catalog.yaml", 200, SETS.encode())
    params = {
        "models_dev_url": str(checkout),
        "catalogs": ["https://files.example.com/gpustack/model-catalog.yaml"],
    }
    for state in ("live", "cached"):
        library = open_library(**params)
        library.search(Query("rocket"))
        assert {item["name"]: item["state"] for item in library.sources()}["model-catalog.yaml"] == state


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("broken.json", "{", "cannot be read"),
        ("broken.yaml", "a: [", "cannot be read"),
        ("broken.toml", "a = ", "cannot be read"),
        ("list.yaml", "- a", "where an object belongs"),
        ("empty.json", "{}", "has no models"),
        ("sets.yaml", "model_sets: 7", "no list model_sets"),
    ],
)
def test_a_bad_catalog_is_a_failed_source_and_no_failed_search(
    tmp_path: Path, checkout: Path, open_library: Open, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    library = open_library(models_dev_url=str(checkout), catalogs=[str(tmp_path / name)])
    assert library.search(Query("rocket")).total > 0
    status = {item["name"]: item for item in library.sources()}[name]
    assert status["state"] == "failed"
    assert said in status["error"]
    assert any(name in line for line in library.warnings)


def test_files_that_are_absent_or_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        documents.read_file(str(tmp_path / "absent.json"))
    with pytest.raises(InvalidInput):
        documents.read_file(str(tmp_path))
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe")
    with pytest.raises(UnexpectedReply):
        documents.read_file(str(tmp_path / "binary.json"))
