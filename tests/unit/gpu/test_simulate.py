# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cards that are not there: the table, shapes and saved facts."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import bare
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import cards
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts import read
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpu_facts_told import check, told

from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine


def test_the_table_is_large_and_plausible() -> None:
    assert len(cards.CARDS) >= 80
    keys = [cards.normal(card.key) for card in cards.CARDS]
    assert len(set(keys)) == len(keys)
    for card in cards.CARDS:
        assert 7500 <= card.usable_mib <= 300000, card.key
        assert card.usable_mib <= card.memory_mib
        assert card.source.strip("MACFK?") == ""
        assert card.bf16_tflops is None or (card.fp8_tflops or card.bf16_tflops) >= card.bf16_tflops
        assert (card.link is None) == (card.link_gbps is None)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("RTX4090", "RTX4090"),
        ("NVIDIA GeForce RTX 4090", "RTX4090"),
        ("rtx-4090-d", "RTX4090D"),
        ("L4", "L4"),
        ("l40s", "L40S"),
        ("TITAN Xp", "TITAN-Xp"),
        ("AMD Instinct MI300X", "MI300X"),
    ],
)
def test_a_name_is_one_card_and_never_a_longer_one(name: str, key: str) -> None:
    card = cards.by_name(name)
    assert card is not None
    assert card.key == key


@pytest.mark.parametrize(
    ("vendor", "name", "pci_id", "mib", "key"),
    [
        ("nvidia", None, "10de:2330", 81559, "H100-80GB-SXM"),
        ("nvidia", "NVIDIA H100 80GB HBM3", None, 81559, "H100-80GB-SXM"),
        ("nvidia", "NVIDIA GeForce RTX 5060 Ti", "10de:2d04", 8151, None),
        ("amd", "AMD Radeon RX 9070", "1002:7550", 16304, None),
        ("amd", "AMD Radeon RX 9070 XT", "1002:7550", 16304, "RX9070XT"),
        ("nvidia", None, None, 81559, None),
    ],
)
def test_a_card_is_matched_with_certainty_or_not_at_all(
    vendor: str, name: t.Optional[str], pci_id: t.Optional[str], mib: int, key: t.Optional[str]
) -> None:
    card = cards.matching(vendor, name, pci_id, mib * MIB)
    assert (card.key if card else None) == key


def test_a_shape(tmp_path: Path) -> None:
    fact = simulated(machine(tmp_path), "8xH100-80GB-SXM")
    assert len(fact["devices"]) == 8
    device = fact["devices"][7]
    assert (device["name"], device["compute_capability"]) == ("NVIDIA H100 80GB HBM3", "9.0")
    assert (device["memory_free_bytes"], device["schedulable"]) == (81559 * MIB, True)
    assert device["source"] == "simulated"
    assert (device["specs"]["bf16_tflops"], device["specs"]["source"]) == (989.0, "MA")
    assert len(fact["topology"]["links"]) == 28
    assert {(link["class"], link["gbps"]) for link in fact["topology"]["links"]} == {("NV18", 900.0)}
    assert codes(fact) == ["simulated"]
    assert simulated(machine(tmp_path), "8xH100-80GB-SXM") == fact


def test_a_mixed_shape(tmp_path: Path) -> None:
    fact = simulated(machine(tmp_path), "2xL40S+1xRTX4090 + 1xMI300X")
    assert [device["name"] for device in fact["devices"]][1:3] == ["NVIDIA L40S", "NVIDIA GeForce RTX 4090"]
    assert fact["devices"][3]["gfx"] == "gfx942"
    assert [(link["a"], link["b"], link["kind"]) for link in fact["topology"]["links"]] == [
        (0, 1, "pcie"),
        (0, 2, "pcie"),
        (1, 2, "pcie"),
    ]


def test_a_simulated_fact_has_the_keys_of_a_real_one(tmp_path: Path) -> None:
    fact = simulated(machine(tmp_path), "1xT4")
    assert set(fact) == set(facts(machine(tmp_path), FakeTools()))


def test_a_nominal_size_is_not_promised(tmp_path: Path) -> None:
    (device,) = simulated(machine(tmp_path), "1xMI325X")["devices"]
    assert device["memory_total_bytes"] < 256 * 1024 * MIB
    assert device["sources"] == {"memory_total_bytes": "nominal size", "specs": "table"}


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("8xH100", "H100-NVL"),
        ("4xV100", "V100-32GB-SXM"),
        ("H100-80GB-SXM", "COUNTxCARD"),
        ("0xT4", "0 cards"),
        ("99xT4", "99 cards"),
        ("", "Cannot read"),
    ],
)
def test_a_shape_that_cannot_be_read_says_what_can(tmp_path: Path, shape: str, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        simulated(machine(tmp_path), shape)
    assert message in error.value.as_result()["msg"]


@pytest.mark.parametrize(
    "wrap", [lambda fact: fact, lambda fact: {"ansible_facts": {"autoconfig_gpu": fact}}]
)
def test_saved_facts(tmp_path: Path, wrap: t.Callable[[t.Any], t.Any]) -> None:
    fact = simulated(machine(tmp_path), "1xT4")
    host = machine(tmp_path, {"saved.json": json.dumps(wrap(fact))})
    assert simulated(host, "/saved.json") == fact


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"schema": 2, "devices": []}', '{"schema": 1}'])
def test_a_file_without_facts(tmp_path: Path, content: t.Optional[str]) -> None:
    host = machine(tmp_path, {} if content is None else {"saved.json": content})
    with pytest.raises(InvalidInput):
        simulated(host, "saved.json")


def test_hosts_that_are_simulated_on_one_machine_have_other_cards(tmp_path: Path) -> None:
    params = {"simulate": "1xT4"}
    answer = {
        "ansible_facts": {"discovered_interpreter_python": "x", "autoconfig_gpu": bare(machine(tmp_path))}
    }
    results = [told(answer, params, name)["ansible_facts"] for name in ("gpu-a", "gpu-b")]
    assert len({found["autoconfig_gpu"]["devices"][0]["uuid"] for found in results}) == 2
    assert results[0]["discovered_interpreter_python"] == "x"


def test_a_saved_file_is_read_on_the_host_and_judged_on_the_controller(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(simulated(machine(tmp_path), "2xT4")))
    params = {"simulate": str(path)}
    fact = told(read(params), params, "gpu-a")["ansible_facts"]["autoconfig_gpu"]
    assert [device["name"] for device in fact["devices"]] == ["Tesla T4"] * 2


@pytest.mark.parametrize("wish", ["4xB2000", "T4"])
def test_a_shape_is_refused_before_the_host_is_asked(wish: str) -> None:
    with pytest.raises(InvalidInput):
        check({"simulate": wish, "timeout_s": 10.0})
