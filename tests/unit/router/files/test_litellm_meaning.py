# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry of LiteLLM's file means together with the others, and with the settings beside them."""

from __future__ import annotations

import json
import random
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files import litellm_shares

from tests.unit.router.router_files import URL, models, register

OTHER = "http://192.0.2.20/v1"


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "router.yaml"


def entry(name: str = "r1", url: t.Any = OTHER, model: str = "openai/r1", **more: t.Any) -> dict[str, t.Any]:
    return {"model_name": name, "litellm_params": {"model": model, "api_base": url, **more}}


def write(path: Path, *entries: dict[str, t.Any], **settings: t.Any) -> str:
    path.write_text(yaml.safe_dump({"model_list": list(entries), **settings}, sort_keys=False))
    return path.read_text()


@pytest.mark.parametrize("weight", [5, 0])
def test_a_weight_beside_backends_without_one_is_refused(path: Path, weight: int) -> None:
    text = write(path, entry())

    with pytest.raises(Conflict, match="would not share the requests as their weights say"):
        register(path, weight=weight)
    with pytest.raises(Conflict, match="would not share"):
        register(path, weight=weight, check_mode=True)

    assert path.read_text() == text


@pytest.mark.parametrize(("weight", "others", "filled"), [(5, 1, 95), (0, 1, 100), (10, 3, 30), (40, 2, 30)])
def test_filling_gives_the_others_what_is_left(path: Path, weight: int, others: int, filled: int) -> None:
    write(path, *(entry(url="http://192.0.2.%d/v1" % number) for number in range(30, 30 + others)))

    result = register(path, weight=weight, group_weights="fill")

    assert [each["litellm_params"]["weight"] for each in models(path)] == [filled] * others + [weight]
    assert [each["share"] for each in result["shares"]] == [filled / 100] * others + [weight / 100]
    assert not register(path, weight=weight, group_weights="fill")["changed"]


@pytest.mark.parametrize("weight", [100, 250])
def test_where_nothing_is_left_to_fill_with_it_is_refused(path: Path, weight: int) -> None:
    text = write(path, entry())

    with pytest.raises(Conflict) as caught:
        register(path, weight=weight, group_weights="fill")

    assert "below 100" in (caught.value.hint or "")
    assert path.read_text() == text


def test_a_backend_without_a_weight_beside_weighted_ones_is_refused(path: Path) -> None:
    write(path, entry(weight=3))

    with pytest.raises(Conflict, match="1 of 2 backends have no weight"):
        register(path)


def test_backends_of_another_order_have_no_say(path: Path) -> None:
    write(path, entry(order=2))

    result = register(path, weight=5, fallback=False)

    assert [each["share"] for each in result["shares"]] == [0, 1]


def test_a_weight_that_the_strategy_ignores_is_told(path: Path) -> None:
    write(path, entry(weight=95), router_settings={"routing_strategy": "latency-based-routing"})

    result = register(path, weight=5)

    assert "latency-based-routing ignores weights" in result["warnings"][0]
    assert [each["share"] for each in result["shares"]] == [None, None]


def test_the_only_backend_gets_everything_whatever_its_weight(path: Path) -> None:
    result = register(path, weight=0)

    assert result["shares"][0]["share"] == 1
    assert "gets all requests in spite of its weight of 0" in result["warnings"][0]


ROWS = [
    [entry(weight=95), entry(weight=5)],
    [entry(), entry(weight=5)],
    [entry(weight=0), entry()],
    [entry(rpm=30), entry(rpm=10)],
    [entry(order=1), entry(order=2), entry()],
    [entry(weight=1, order=1), entry(order=1), entry(weight=9, order=2)],
]


@pytest.mark.parametrize("rows", ROWS)
def test_the_shares_are_those_of_the_choice_that_litellm_makes(rows: list[dict[str, t.Any]]) -> None:
    chance = random.Random(7)
    counts = [0] * len(rows)
    for _number in range(4000):
        counts[_chosen(rows, chance)] += 1

    for count, share in zip(counts, litellm_shares.shares(rows), strict=True):
        assert abs(count / 4000 - share) < 0.03


def _chosen(rows: list[dict[str, t.Any]], chance: random.Random) -> int:
    """What simple-shuffle does, written anew from its description."""
    orders = [row["litellm_params"].get("order") for row in rows]
    known = [order for order in orders if order is not None]
    able = [place for place, order in enumerate(orders) if not known or order == min(known)]
    for metric in ("weight", "rpm", "tpm"):
        weights = [rows[place]["litellm_params"].get(metric) or 0 for place in able]
        if any(weights):
            return chance.choices(able, weights)[0]
    return chance.choice(able)


def test_an_alias_that_takes_the_requests_is_refused(path: Path) -> None:
    text = write(path, entry("big"), router_settings={"model_group_alias": {"r1": "big"}})

    with pytest.raises(Conflict, match="sends every request for r1 to big"):
        register(path)

    assert path.read_text() == text


@pytest.mark.parametrize("stores", [True, "os.environ/STORE"])
def test_an_entry_that_a_running_proxy_would_drop_is_not_adopted(path: Path, stores: t.Any) -> None:
    text = write(path, entry(url=URL), general_settings={"store_model_in_db": stores})

    with pytest.raises(Conflict, match="drops an entry whose id changes"):
        register(path, adopt=True)

    assert path.read_text() == text


def test_an_adopted_entry_keeps_its_id(path: Path) -> None:
    mine = {**entry(url=URL), "model_info": {"id": "theirs"}}
    write(path, mine, general_settings={"store_model_in_db": True})

    result = register(path, adopt=True, weight=3)

    assert result["route"]["id"] == models(path)[0]["model_info"]["id"] == "theirs"
    assert not register(path, weight=3)["changed"]


@pytest.mark.parametrize(
    "spelled",
    [
        entry(url=URL, model="hosted_vllm/r1"),
        entry(url=URL, model="r1", custom_llm_provider="openai"),
        entry(url="os.environ/VLLM_URL"),
        {"model_name": "r1", "litellm_params": {"model": "os.environ/VLLM_MODEL", "base_url": URL + "/"}},
    ],
)
def test_the_same_backend_in_another_spelling_is_the_same_route(
    path: Path, spelled: dict[str, t.Any]
) -> None:
    environment = {"VLLM_URL": URL, "VLLM_MODEL": "hosted_vllm/r1"}
    write(path, spelled, environment_variables=environment)

    assert not register(path)["changed"]
    register(path, adopt=True, weight=2)

    assert [each["litellm_params"] for each in models(path)] == [{**spelled["litellm_params"], "weight": 2}]


def test_what_only_the_routers_environment_tells_is_said(path: Path) -> None:
    write(path, entry(url="os.environ/VLLM_URL"))

    result = register(path)

    assert len(models(path)) == 2
    assert "only the router's environment tells where os.environ/VLLM_URL leads" in result["warnings"][0]


@pytest.mark.parametrize("options", [{}, {"state": "absent"}])
def test_a_route_in_an_included_file_is_no_second_one(path: Path, options: dict[str, t.Any]) -> None:
    (path.parent / "more").mkdir()
    write(path.parent / "more" / "models.yaml", entry(url=URL))
    (path.parent / "between.yaml").write_text("include: [more/models.yaml]\n")
    path.write_text("include: [between.yaml]\nlitellm_settings: {num_retries: 3}\n")

    with pytest.raises(Conflict, match="more/models.yaml, line 2, which this file includes"):
        register(path, **options)


def test_weights_in_an_included_file_count_and_are_not_written(path: Path) -> None:
    other = path.parent / "models.yaml"
    text = write(other, entry())
    path.write_text("include: [models.yaml, models.yaml, missing.yaml, router.yaml]\n")

    with pytest.raises(Conflict, match="1 of 2 backends have no weight"):
        register(path, weight=5, group_weights="fill")
    result = register(path)

    assert other.read_text() == text
    assert [each["share"] for each in result["shares"]] == [0.5, 0.5]
    assert "missing.yaml, which is included, does not exist" in result["warnings"][0]


def test_a_json_file_stays_json(path: Path) -> None:
    path = path.with_suffix(".json")
    path.write_text(json.dumps({"model_list": [entry("a")]}))

    assert register(path)["changed"]
    assert [each["model_name"] for each in json.loads(path.read_text())["model_list"]] == ["a", "r1"]
    assert register(path, state="absent")["changed"]
    assert json.loads(path.read_text()) == {"model_list": [entry("a")]}


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  litellm:\n    image: x\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  config.yaml: |\n    model_list: []\n",
        "on: push\njobs: {}\n",
        "routing:\n  mode: direct\n",
    ],
)
def test_a_file_that_is_no_routers_stays_as_it_is(path: Path, text: str) -> None:
    path.write_text(text)

    with pytest.raises(InvalidInput, match="is no file of LiteLLM's proxy"):
        register(path)

    assert path.read_text() == text
