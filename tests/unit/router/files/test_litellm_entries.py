# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of LiteLLM's file: what router_register writes there and what it refuses."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

from tests.unit.router.router_files import URL, models, register


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "router.yaml"


def test_a_price_for_a_million_tokens_becomes_that_of_one(path: Path) -> None:
    options: dict[str, t.Any] = {"input_usd_per_million_tokens": 0.55, "output_usd_per_million_tokens": 2.19}
    register(path, **options)
    entry = models(path)[0]["litellm_params"]

    assert (entry["input_cost_per_token"], entry["output_cost_per_token"]) == (5.5e-07, 2.19e-06)
    assert not register(path, **options)["changed"]
    assert not register(path)["changed"]
    assert register(path, input_usd_per_million_tokens=0)["diff"]["after"]
    entry = models(path)[0]["litellm_params"]
    assert (entry["input_cost_per_token"], entry["output_cost_per_token"]) == (0, 2.19e-06)


def test_no_further_keys_are_no_difference(path: Path) -> None:
    register(path, model_info={"max_input_tokens": 4096})

    assert not register(path, model_info={})["changed"]


def test_a_new_file_holds_the_route_in_the_form_that_litellm_reads(path: Path) -> None:
    result = register(path, model="r1-fp8", api_key_env="KEY", weight=3, model_info={"mode": "chat"})

    identity = result["route"]["id"]
    assert yaml.safe_load(path.read_text()) == {
        "model_list": [
            {
                "model_name": "r1",
                "litellm_params": {
                    "model": "openai/r1-fp8",
                    "api_base": URL,
                    "api_key": "os.environ/KEY",
                    "weight": 3,
                },
                "model_info": {"mode": "chat", "id": identity, "managed_by": "modelscan.autoconfig"},
            }
        ]
    }
    assert result["changed"]
    assert result["restart_required"]
    assert result["verified"] == "file"
    assert result["route"] == {
        "id": identity,
        "name": "r1",
        "model": "r1-fp8",
        "endpoint": URL,
        "weight": 3,
        "state": "present",
    }


def test_the_identity_is_the_same_on_every_machine(path: Path) -> None:
    assert register(path)["route"]["id"] == "autoconfig-r1-c5a0152c9c"


def test_the_identity_is_short_and_plain_for_any_name(path: Path) -> None:
    identity = register(path, name="Org/Model 模型 " + "x" * 200)["route"]["id"]

    assert len(identity) <= 64
    assert set(identity) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_fallback_has_the_higher_order(path: Path) -> None:
    register(path, model="blue", fallback=False)
    register(path, model="green", fallback=True)

    assert [entry["litellm_params"]["order"] for entry in models(path)] == [1, 2]
    assert not register(path, model="green", fallback_order=1)["changed"]
    register(path, model="green", fallback_order=3)
    assert [entry["litellm_params"]["order"] for entry in models(path)] == [1, 4]
    assert not register(path, model="green", fallback=True)["changed"]
    assert register(path, model="green", fallback=False)["diff"]["before"] == {"fallback": True}
    assert [entry["litellm_params"]["order"] for entry in models(path)] == [1, 1]


@pytest.mark.parametrize("options", [{"fallback_order": 0}, {"fallback_order": 1, "fallback": False}])
def test_an_order_without_sense_is_refused(path: Path, options: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidInput, match="fallback_order must be 1 or more"):
        register(path, **options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model_list: [\n", "line 2"),
        ("model_list: {}\nx: [}", "line 2"),
        ("model_list: 3\n", "line 1, column 13: model_list should be a list"),
        ("model_list:\n  - model_name: a\n", "line 2: an entry has no model_name or no litellm_params.model"),
        (
            "model_list:\n"
            "  - {model_name: a, litellm_params: {model: m}, model_info: {id: 7}}\n"
            "  - {model_name: b, litellm_params: {model: m}, model_info: {id: 7}}\n",
            "model_info.id 7 occurs more than once",
        ),
    ],
)
def test_a_file_that_litellm_would_not_take_stays_as_it_is(path: Path, text: str, words: str) -> None:
    path.write_text(text)

    with pytest.raises(InvalidInput, match="nothing was written") as caught:
        register(path)

    assert words in caught.value.message
    assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]
