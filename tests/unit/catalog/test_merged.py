# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One record a model: what is the same, and whose word counts."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.merged import (
    one_a_model,
    plain_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.prices import Prices
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord


def record(name: str, **facts: t.Any) -> ModelRecord:
    return ModelRecord(**{"id": name, "name": name, "source": "models.dev", **facts})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("shop/acme/rocket-8b:free", "Acme/Rocket-8B"),
        ("x/accounts/y/models/glm-4p7", "glm-4.7"),
        ("bedrock/minimax.minimax-m2.1", "MiniMax-M2.1"),
        ("a/big-turbo-latest", "b/big-turbo"),
        ("amazon-bedrock/us.meta.llama4-scout-17b-instruct-v1:0", "meta/llama-4-scout-17b-instruct"),
        ("amazon-bedrock/meta.llama4-scout-17b-instruct-v1:0", "meta/llama-4-scout-17b-instruct"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a/x-8b", "a/x-8b-fp8"), ("a/x-1", "a/x-1.1"), ("a/o3", "a/o3-mini")]
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert plain_name(one) != plain_name(other)


def test_offers_aliases_and_sets_are_one_row_with_all_that_each_knows() -> None:
    neutral = record("acme/rocket", canonical=True, open_weights=True, repositories=("Acme/Rocket",))
    offered = record(
        "shop/rocket:free", provider_ids=("shop/rocket:free",), prices=Prices([("shop", {"input": 1, "output": 2})]),
        context_tokens=1000, capabilities={"tool_call": True},
    )  # fmt: skip
    alias = record("acme/fast", repositories=("Acme/Rocket",), open_weights=True)
    listed = record("Rocket", source="gpustack", licence="mit", total_parameters=8, open_weights=True)
    found = one_a_model((offered, alias, neutral, listed, record("acme/other")))
    assert [item.id for item in found] == ["acme/rocket", "acme/other"]
    merged = found[0]
    assert (merged.repository, merged.licence, merged.total_parameters) == ("Acme/Rocket", "mit", 8)
    assert (merged.context_tokens, merged.capabilities) == (1000, {"tool_call": True})
    assert [price.provider for price in merged.prices] == ["shop"]


def test_a_known_repository_goes_before_a_resellers_word() -> None:
    resold = [record("p%d/rocket" % place, provider_ids=("p%d/rocket" % place,)) for place in range(9)]
    linked = record("acme/rocket", open_weights=True, repositories=("Acme/Rocket",))
    assert one_a_model([*resold, linked])[0].open_weights
    assert not one_a_model(resold)[0].open_weights


def test_subscriptions_are_no_price_and_free_tiers_not_the_cheapest() -> None:
    prices = [
        ("x-coding-plan", {"input": 0, "output": 0}),
        ("gratis", {"input": 0, "output": 0}),
        ("dear", {"input": 3, "output": 9}),
        ("fair", {"input": 1, "output": 2}),
    ]
    rates = record("a/x", prices=Prices(prices)).cheapest
    assert (rates.input_usd, rates.output_usd) == (1.0, 2.0)
    assert record("a/x", prices=Prices(prices)).is_free
    assert not record("a/x", prices=Prices(prices[:1])).is_free
    assert record("a/x", prices=Prices(prices[:1])).cheapest.output_usd is None
    assert record("a/x", prices=Prices(prices[1:2])).cheapest.output_usd == 0.0


def test_a_reseller_leaves_out_that_a_model_is_instructed() -> None:
    linked = record("acme/rocket-70b-instruct", repositories=("Acme/Rocket-70B-Instruct",))
    sold = [record("shop/rocket-70b"), record("fast/rocket-70b-versatile")]
    turbo = record("mill/Rocket-70B-Instruct-Turbo")
    assert len(one_a_model([linked, *sold, turbo])) == 1
    base = record("acme/rocket-70b", repositories=("Acme/Rocket-70B",))
    assert len(one_a_model([linked, base])) == 2
