# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's core: what it refuses before it asks anybody, and that its documentation is true."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.action.catalog_search import ActionModule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Price,
    Query,
    Rates,
    Tier,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    MissingLibrary,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    Repository,
    RepositoryFile,
    RepositoryRef,
    Tensor,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import catalog_search
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result, Task
from ansible_collections.modelscan.autoconfig.plugins.modules.catalog_search import RETURN

from tests.unit.catalog.conftest import Open
from tests.unit.wire import Wire

DOCUMENTED = yaml.safe_load(RETURN)


def run(**params: t.Any) -> Result:
    defaults = {name: spec.get("default") for name, spec in catalog_search.ARGUMENT_SPEC.items()}
    return catalog_search.run(Task({**defaults, "offline": True, **params}))


def repository(**facts: t.Any) -> Repository:
    values = {"ref": RepositoryRef(HUGGINGFACE, "a/b"), "revision": None, "config": None, "files": ()}
    return Repository(**{**values, **facts})


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInput, match="limit is %d" % limit):
        run(limit=limit)


def test_a_broken_expression_is_refused_before_the_search() -> None:
    with pytest.raises(InvalidInput, match="select is no JMESPath expression"):
        run(select="models[", cache_dir="/nonexistent")


def test_an_expression_that_does_not_fit_the_result_is_refused(tmp_path: t.Any) -> None:
    with pytest.raises(InvalidInput, match="select cannot be applied"):
        run(select="length(total)", cache_dir=str(tmp_path), limit=1)


def test_select_without_jmespath_names_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_search, "jmespath", None)
    with pytest.raises(MissingLibrary, match="jmespath"):
        run(select="models")


def test_results_have_the_documented_keys(tmp_path: t.Any) -> None:
    result = run(query="qwen3", limit=1, select="total", cache_dir=str(tmp_path))
    assert set(result) - {"changed", "warnings"} == set(DOCUMENTED)
    assert set(result["models"][0]) == set(DOCUMENTED["models"]["contains"])
    assert result["selected"] == result["total"]


def test_variants_have_the_documented_keys() -> None:
    documented = DOCUMENTED["model"]["contains"]["variants"]["contains"]
    assert set(catalog_search.variant_dict(Variant(repository(), "resolved"))) == set(documented)


def test_prices_are_by_provider_and_million_tokens() -> None:
    record = ModelRecord("a/b", "b", "models.dev", prices=(Price("p", Rates(0.5), (Tier(9, Rates(2.0)),)),))
    shown = catalog_search.record_dict(record)["prices_per_million_tokens"][0]
    assert (shown["provider"], shown["input_usd"], shown["output_usd"]) == ("p", 0.5, None)
    assert [(tier["above_tokens"], tier["input_usd"]) for tier in shown["tiers"]] == [(9, 2.0)]


@pytest.mark.parametrize(
    ("facts", "size", "origin"),
    [
        (
            {"tensors": (Tensor("x", "BF16", (1,), 2**53), Tensor("y", "BF16", (1,), 1))},
            2**53 + 1,
            "safetensors_headers",
        ),
        (
            {"files": (RepositoryFile("model.safetensors", 7), RepositoryFile("README.md", 9))},
            7,
            "file_sizes",
        ),
        ({}, None, "file_sizes"),
    ],
)
def test_the_size_of_weights_says_where_it_is_from(
    facts: t.Dict[str, t.Any], size: t.Optional[int], origin: str
) -> None:
    shown = catalog_search.variant_dict(Variant(repository(**facts), "resolved"))
    assert (shown["weights_bytes"], shown["weights_from"]) == (size, origin)


@pytest.mark.parametrize(
    ("config", "precision"),
    [
        ({"torch_dtype": "bfloat16"}, "bf16"),
        ({"quantization_config": {"quant_method": "fp8"}}, "fp8"),
        ({"quantization_config": {"quant_method": "unheard-of"}}, None),
        (None, None),
    ],
)
def test_an_unknown_format_has_no_precision(config: t.Any, precision: t.Optional[str]) -> None:
    assert (
        catalog_search.variant_dict(Variant(repository(config=config), "resolved"))["quantization"]
        == precision
    )


def facts(*free_gib: int) -> t.Dict[str, t.Any]:
    """A host with cards of 80 GiB, of which so much is free."""
    devices = [
        {
            "index": index, "uuid": "GPU-%d" % index, "vendor": "nvidia", "name": "H100", "state": "ok",
            "schedulable": True, "memory_total_bytes": 80 << 30, "memory_reserved_bytes": 0,
            "memory_used_bytes": (80 - free) << 30, "memory_free_bytes": free << 30,
        }
        for index, free in enumerate(free_gib)
    ]  # fmt: skip
    return {"devices": devices}


def test_fits_keeps_what_the_largest_group_of_gpus_holds(tmp_path: t.Any) -> None:
    hosts = [{"name": "a", "facts": facts(40)}, {"name": "b", "facts": facts(70, 80)}]
    result = run(fits=True, hosts=hosts, limit=9999, cache_dir=str(tmp_path))
    sizes = [item["parameters"]["total"] for item in result["models"]]
    assert max(sizes) * 2 <= 0.9 * (150 << 30) < 2 * 10**11
    assert all(item["open_weights"] for item in result["models"])
    assert any(size * 2 > 0.9 * (80 << 30) for size in sizes)


@pytest.mark.parametrize("hosts", [None, [], [{"name": "a", "facts": None}], [{"name": "a", "facts": {}}]])
def test_fits_needs_gpus(hosts: t.Any) -> None:
    with pytest.raises(InvalidInput, match="fits needs hosts with usable GPUs") as caught:
        run(fits=True, hosts=hosts)
    assert "gpu_facts" in str(caught.value.hint)


def test_a_query_that_nothing_holds_whole_is_said(tmp_path: t.Any) -> None:
    result = run(query="qwen3 claude", cache_dir=str(tmp_path))
    assert result["total"] > 0
    assert any("every word" in line for line in result["warnings"])


def test_filters_reach_the_search(tmp_path: t.Any) -> None:
    found = run(
        query="vision",
        open_weights=True,
        input_modalities=["image"],
        minimum_context_tokens=100_000,
        maximum_output_usd=1.0,
        maximum_parameters_b=40,
        sort="release_date",
        cache_dir=str(tmp_path),
    )["models"]
    assert found
    dates = [item["release_date"] for item in found]
    assert dates == sorted(dates, reverse=True)
    for item in found:
        assert item["open_weights"]
        assert "image" in item["modalities"]["input"]
        assert item["limits"]["context_tokens"] >= 100_000
        assert item["parameters"]["total"] <= 40e9
        assert (
            min(p["output_usd"] for p in item["prices_per_million_tokens"] if p["output_usd"] is not None)
            <= 1
        )


@pytest.mark.usefixtures("catalog")
def test_the_hubs_own_search_adds_what_no_catalog_knows(wire: Wire, open_library: Open) -> None:
    facts = {
        "createdAt": "2026-01-02T03:04:05.000Z",
        "pipeline_tag": "text-generation",
        "tags": ["license:mit"],
    }
    found = [{"id": "Acme/Rocket-8B"}, {"id": "who/rocket", **facts}, {"id": "../x"}]
    wire.expect("GET /api/models?search=rocket&sort=downloads&direction=-1&limit=20", 200, found)
    library = open_library()
    further = library.search_hub(Query("rocket"))
    assert [(item.id, item.source, item.licence) for item in further] == [
        ("who/rocket", "huggingface", "mit")
    ]
    assert (further[0].release_date, further[0].categories) == ("2026-01-02", ("text-generation",))


def test_a_hub_that_cannot_be_searched_is_a_warning(wire: Wire, open_library: Open) -> None:
    wire.expect("GET /openapi/v1/models?search=rocket&page_number=1&page_size=20", 500, {"message": "busy"})
    library = open_library()
    assert library.search_hub(Query("rocket", hub="model_scope")) == []
    assert any("model_scope was not searched" in line for line in library.warnings)


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ({"fits": True}, [{"name": "a", "facts": {"devices": []}}]),
        ({"fits": True, "hosts": [{"name": "own"}]}, [{"name": "own"}]),
        ({"query": "x"}, None),
    ],
)
def test_on_the_controller_the_hosts_of_the_play_are_at_hand(given: t.Dict[str, t.Any], hosts: t.Any) -> None:
    known = {"a": {"ansible_facts": {"autoconfig_gpu": {"devices": []}}}, "b": {"ansible_facts": {}}}
    variables = {"ansible_play_hosts_all": ["a", "b"], "hostvars": known}
    ActionModule.add_arguments(ActionModule.__new__(ActionModule), given, variables)
    assert given.get("hosts") == hosts
