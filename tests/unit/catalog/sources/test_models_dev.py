# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading models.dev: its three shapes, the fall-backs, and odd data."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records import models_dev_records
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Price,
    Rates,
    Tier,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources import models_dev
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.sources.parsed_cache import (
    RecordKeeper,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import (
    CachedReader,
    CachePolicy,
    DiskCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    MissingLibrary,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpClient

from tests.unit.catalog.fake_hubs import CATALOG, model, provider, weights
from tests.unit.wire import Wire

BASE = "https://models.dev"


@pytest.fixture
def reader(wire: Wire, tmp_path: Path) -> CachedReader:
    client = HttpClient(BASE, "models.dev", options=wire.options(retries=0))
    return CachedReader(client, DiskCache(str(tmp_path)), CachePolicy(str(tmp_path)))


@pytest.fixture
def keeper(tmp_path: Path) -> RecordKeeper:
    return RecordKeeper(DiskCache(str(tmp_path)))


def by_id(document: t.Any) -> t.Dict[str, ModelRecord]:
    return {record.id: record for record in models_dev_records.parse(document)}


def test_offers_of_one_model_become_one_record() -> None:
    record = by_id(CATALOG)["acme/rocket-8b"]
    assert record.provider_ids == ("shop/acme/rocket-8b",)
    assert record.prices == (Price("shop", Rates(0.1, 0.4)),)
    assert (record.licence, record.repositories) == ("MIT", ("Acme/Rocket-8B",))
    assert (record.context_tokens, record.output_tokens) == (32768, 8192)


def test_prices_are_found_under_the_name_of_the_repository_as_well() -> None:
    document = {
        "models": {
            name: model(name, weights=weights("Maker-AI/Rocket"))
            for name in ("maker/rocket", "maker/rocket-fast")
        },
        "providers": {
            "hub": provider("hub", model("Maker-AI/Rocket", cost={"input": 1, "output": 2})),
            "shop": provider("shop", model("maker/rocket", cost={"input": 3, "output": 4})),
            "both": provider(
                "both",
                model("maker/rocket", cost={"input": 5, "output": 6}),
                model("maker-ai/rocket", cost={"input": 7, "output": 8}),
                model("maker/rocket-fast", cost={"input": 9, "output": 9}),
            ),
        },
    }
    found = by_id(document)

    prices = {price.provider: price.rates for price in found["maker/rocket"].prices}
    assert prices == {"both": Rates(5, 6), "shop": Rates(3, 4), "hub": Rates(1, 2)}
    assert found["maker/rocket"].provider_ids == ("both/maker/rocket", "shop/maker/rocket")
    prices = {price.provider: price.rates for price in found["maker-ai/rocket"].prices}
    assert prices == {"both": Rates(7, 8), "hub": Rates(1, 2), "shop": Rates(3, 4)}
    assert [price.rates for price in found["maker/rocket-fast"].prices] == [Rates(9, 9)]


def test_a_bare_id_belongs_to_its_provider_and_is_the_canonical_one() -> None:
    record = by_id(CATALOG)["openai/gpt-4o"]
    assert record.provider_ids == ("openai/gpt-4o",)
    assert not record.open_weights


def test_ids_of_the_hubs_own_provider_are_repositories() -> None:
    assert by_id(CATALOG)["Acme/Rocket-8B-Instruct"].repositories == ("Acme/Rocket-8B-Instruct",)


def test_a_reseller_does_not_close_weights_but_the_maker_does() -> None:
    document = {
        "shop": provider("shop", model("maker/open", open_weights=False), model("maker/closed")),
        "other": provider("other", model("maker/open", open_weights=True)),
        "maker": provider("maker", model("closed", open_weights=False)),
    }
    records = by_id(document)
    assert records["maker/open"].open_weights
    assert not records["maker/closed"].open_weights


def test_plain_weights_come_before_quantized_ones() -> None:
    links = [dict(weights("a/Big-FP8")[0], quantization="fp8"), *weights("a/Big")]
    document = {"models": {"a/big": model("a/big", weights=links)}, "providers": {}}
    assert by_id(document)["a/big"].repositories == ("a/Big", "a/Big-FP8")


@pytest.mark.parametrize(
    "odd",
    [
        {"cost": "free"},
        {"cost": {"input": "1", "output": True}},
        {"limit": None},
        {"limit": {"context": 0, "output": 1.5}},
        {"modalities": ["text"]},
        {"weights": [{"url": "https://huggingface.co/only-owner"}, "x", {"url": None}]},
        {"weights": [{"url": "https://huggingface.co.evil.example/a/b"}]},
        {"family": 7, "interleaved": {"field": "x"}, "new_field": []},
    ],
)
def test_odd_fields_are_read_as_absent(odd: t.Dict[str, t.Any]) -> None:
    document = {
        "models": {"a/b": model("a/b", **odd)},
        "providers": {"p": provider("p", model("a/b", **odd))},
    }
    record = by_id(document)["a/b"]
    assert record.repositories == ()
    assert {price.rates for price in record.prices} <= {Rates()}


@pytest.mark.parametrize("document", [[], {}, {"models": {}, "providers": {}}, "text", None])
def test_a_document_without_models_is_refused(document: t.Any) -> None:
    with pytest.raises(UnexpectedReply):
        models_dev_records.parse(document)


@pytest.mark.parametrize(("status", "linked"), [(404, ()), (200, ("Acme/Rocket-8B",))])
def test_a_mirror_without_catalog_json_is_read_by_its_parts(
    wire: Wire, reader: CachedReader, keeper: RecordKeeper, status: int, linked: t.Tuple[str, ...]
) -> None:
    wire.expect("GET /catalog.json", 404, b"")
    wire.expect("GET /api.json", 200, CATALOG["providers"])
    wire.expect("GET /models.json", status, CATALOG["models"])
    found, answered = models_dev.load(reader, keeper)
    assert (answered.state, answered.count) == ("live", len(found))
    assert {record.id: record.repositories for record in found}["acme/rocket-8b"] == linked


@pytest.mark.parametrize(
    "cost",
    [
        {"tiers": [{"input": 6, "tier": {"type": "context", "size": 200000}}]},
        {"context_over_200k": {"input": 6}},
        {
            "context_over_200k": {"input": 7},
            "tiers": [{"input": 6, "tier": {"type": "context", "size": 200000}}],
        },
    ],
)
def test_long_contexts_have_rates_of_their_own(cost: t.Dict[str, t.Any]) -> None:
    offer = model("a/b", cost={"input": 3, "cache_read": 0.3, "reasoning": 9, "cache_write": 4, **cost})
    price = by_id({"p": provider("p", offer)})["a/b"].prices[0]
    assert price.rates == Rates(3, None, 9, 0.3, 4)
    assert price.tiers == (Tier(200_000, Rates(6)),)


def test_a_tier_of_another_kind_is_skipped() -> None:
    offer = model(
        "a/b", cost={"input": 3, "tiers": ["x", {"input": 1, "tier": {"type": "batch", "size": 5}}]}
    )
    assert by_id({"p": provider("p", offer)})["a/b"].prices[0].tiers == ()


def test_the_bundled_copy_answers_when_models_dev_does_not(
    wire: Wire, reader: CachedReader, keeper: RecordKeeper
) -> None:
    wire.expect("GET /catalog.json", error=OSError("no route"))
    records, status = models_dev.load(reader, keeper)
    assert status.state == "bundled"
    assert status.as_of is not None
    assert "no route" in str(status.error)
    assert not next(record for record in records if record.id == "openai/gpt-4o").open_weights


def test_without_the_package_both_problems_are_said(
    wire: Wire, reader: CachedReader, keeper: RecordKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.expect("GET /catalog.json", error=OSError("no route"))

    def absent(_name: str) -> t.NoReturn:
        raise ImportError("models_dev")

    monkeypatch.setattr(models_dev, "resource_files", absent)
    records, status = models_dev.load(reader, keeper)
    assert (records, status.state) == ((), "failed")
    assert "no route" in str(status.error)
    assert "models-dev is not installed" in str(status.error)
    with pytest.raises(MissingLibrary):
        models_dev.bundled()
