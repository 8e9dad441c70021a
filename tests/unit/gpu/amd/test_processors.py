# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Graphics of AMD's processors: left out, or served on from the host's memory, and never by carve-out."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes

from tests.unit.gpu.amd.test_probe import AMD, MI300X, NODE, card, node, write
from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine

GIB = 1024**3


def carved(total: int, gtt: int = 0, gtt_used: int = 0) -> t.Dict[str, str]:
    return {
        "mem_info_vram_total": str(total),
        "mem_info_vram_used": "0",
        "mem_info_gtt_total": str(gtt),
        "mem_info_gtt_used": str(gtt_used),
    }


@pytest.mark.parametrize(
    ("ids", "target", "own", "kept", "unified"),
    [
        ("1002:6613", 0, 2 * GIB, True, False),  # a small card is a card
        ("1002:15bf", 110003, 4 * GIB, True, True),  # a processor with a large carve-out
        ("1002:164e", 100306, 8 * GIB, False, False),
        ("1002:1638", 90012, 512 * MIB, False, False),
        ("1002:9999", 110501, GIB, True, True),  # known by its instruction set alone
        ("1002:1586", 0, 512 * MIB, True, True),  # known by its identity alone
        ("1002:74a1", 90402, 192 * GIB, True, False),
        ("1002:74a0", 90402, 128 * GIB, True, True),
    ],
)
def test_processors_and_cards(
    tmp_path: Path, ids: str, target: int, own: int, kept: bool, unified: bool
) -> None:
    card(tmp_path, 0, carved(own, 30 * GIB), ids=ids)
    if target:
        node(tmp_path, 1, target, 5)
    fact = facts(machine(tmp_path), FakeTools(), AMD)
    assert [device["unified_memory"] for device in fact["devices"]] == ([unified] if kept else [])
    assert codes(fact) == ([] if kept else ["integrated_gpu"])


def test_memory_banks_of_the_kernel_tell_a_processor_that_nobody_knows(tmp_path: Path) -> None:
    card(tmp_path, 0, carved(4 * GIB), ids="1002:ffff")
    node(tmp_path, 1, 130000, 5)
    bank = "heap_type 1\nsize_in_bytes %d\n" % (31 * GIB)
    write(tmp_path, NODE % 1 + "mem_banks/0/properties", bank)
    (device,) = facts(machine(tmp_path), FakeTools(), AMD)["devices"]
    assert (device["unified_memory"], device["memory_total_bytes"]) == (True, 31 * GIB)


def test_what_is_free_is_at_most_what_the_host_has(tmp_path: Path) -> None:
    files = {"proc/meminfo": "MemTotal: 131072000 kB\nMemAvailable: 62914560 kB\n"}
    card(tmp_path, 0, carved(4 * GIB, 96 * GIB, 150_000_000), ids="1002:1586")
    (device,) = facts(machine(tmp_path, files), FakeTools(), AMD)["devices"]
    assert device["memory_free_bytes"] == 62914560 * 1024


def test_a_large_carve_out_is_the_processors_own(tmp_path: Path) -> None:
    files = {"proc/meminfo": "MemTotal: 32768000 kB\nMemAvailable: 20000000 kB\n"}
    card(tmp_path, 0, carved(96 * GIB, 16 * GIB), ids="1002:1586")
    (device,) = facts(machine(tmp_path, files), FakeTools(), AMD)["devices"]
    assert (device["memory_total_bytes"], device["memory_free_bytes"]) == (96 * GIB, 96 * GIB)


def test_strix_halo_by_a_tool_alone(tmp_path: Path) -> None:
    row = {
        "Device ID": "0x1586",
        "GFX Version": "gfx1151",
        "VRAM Total Memory (B)": str(512 * MIB),
        "VRAM Total Used Memory (B)": "0",
        "GTT Total Memory (B)": str(60 * GIB),
        "GTT Total Used Memory (B)": str(GIB),
    }
    tools = FakeTools({"*": json.dumps({"card0": row})}, tool="rocm-smi")
    (device,) = facts(machine(tmp_path), tools, AMD)["devices"]
    assert (device["unified_memory"], device["memory_total_bytes"]) == (True, 60 * GIB)
    assert device["memory_free_bytes"] == 59 * GIB


def test_strix_halo_by_amd_smi(tmp_path: Path) -> None:
    static = [
        {"gpu": 0, "asic": {"target_graphics_version": "gfx1151"}, "vram": {"size": "512 MB"}, "bus": {}}
    ]
    usage = {"total_vram": "512 MB", "used_vram": "100 MB", "total_gtt": "61440 MB", "used_gtt": "1024 MB"}
    answers = {"metric --mem-usage --json": json.dumps([{"gpu": 0, "mem_usage": usage}])}
    tools = FakeTools({"*": json.dumps(static), **answers}, tool="amd-smi")
    (device,) = facts(machine(tmp_path), tools, AMD)["devices"]
    assert (device["unified_memory"], device["memory_total_bytes"]) == (True, 60 * GIB)
    assert device["memory_free_bytes"] == 59 * GIB


def test_the_topology_tells_memory_that_the_driver_does_not(tmp_path: Path) -> None:
    card(tmp_path, 0, {}, ids="1002:74a1")
    node(tmp_path, 1, 90402, 5)
    bank = "heap_type 1\nsize_in_bytes %d\n" % (192 * GIB)
    write(tmp_path, NODE % 1 + "mem_banks/0/properties", bank)
    (device,) = facts(machine(tmp_path), FakeTools(), AMD)["devices"]
    assert (device["unified_memory"], device["memory_total_bytes"]) == (False, 192 * GIB)
    assert (device["memory_free_bytes"], device["schedulable"]) == (None, True)


def test_links_of_partitioned_cards_join_cards_alone(tmp_path: Path) -> None:
    for number in (0, 1):
        card(tmp_path, number, dict(MI300X, current_compute_partition="CPX"))
    numbers = range(1, 17)
    for number in numbers:
        bus, function = (5, number - 1) if number <= 8 else (6, number - 9)
        node(tmp_path, number, 90402, bus, links=[other for other in numbers if other != number])
        properties = tmp_path / (NODE % number) / "properties"
        properties.write_text(
            properties.read_text().replace(
                "location_id %d" % (bus << 8), "location_id %d" % (bus << 8 | function)
            )
        )
    fact = facts(machine(tmp_path), FakeTools(), AMD)
    assert [device["index"] for device in fact["devices"]] == [0, 8]
    assert [(link["a"], link["b"]) for link in fact["topology"]["links"]] == [(0, 8)]
    assert [device["partition"]["devices"] for device in fact["devices"]] == [8, 8]
    assert [(device["state"], device["schedulable"]) for device in fact["devices"]] == [
        ("partitioned", False)
    ] * 2


def test_errors_and_bad_pages(tmp_path: Path) -> None:
    pages = "".join("0x%08x : 0x00001000 : R\n" % page for page in range(300))
    card(tmp_path, 0, dict(MI300X, **{"ras/umc_err_count": "ue: 2\nce: 9", "ras/gpu_vram_bad_pages": pages}))
    fact = facts(machine(tmp_path), FakeTools(), AMD)
    (device,) = fact["devices"]
    assert (device["state"], codes(fact)) == ("unhealthy", ["bad_pages", "memory_errors"])
    assert device["memory_errors"] == {"uncorrected_volatile": 2, "corrected_volatile": 9, "bad_pages": 300}


HYGON = {
    "Device ID": "0x6210",
    "Card Series": "K100_AI",
    "Card Vendor": "Chengdu C-3000 IC Design Co., Ltd.",
    "HCU use (%)": "0.0",
    "vram Total Memory (MiB)": "65520",
    "vram Total Used Memory (MiB)": "2",
}


@pytest.mark.parametrize("tool", ["rocm-smi", "hy-smi"])
@pytest.mark.parametrize("vendors", [["amd", "hygon"], ["hygon"], ["amd"]])
def test_hygons_tool_of_amds_name_shows_hygons_cards(tmp_path: Path, tool: str, vendors: t.List[str]) -> None:
    tools = FakeTools({"*": json.dumps({"card0": HYGON, "card1": HYGON})}, tool=tool)
    found = facts(machine(tmp_path), tools, Wishes(vendors=vendors))["devices"]
    expected = [("hygon", "K100_AI", "1d94:6210", 65520 * MIB)] * (2 if "hygon" in vendors else 0)
    assert [
        (device["vendor"], device["name"], device["pci_id"], device["memory_total_bytes"]) for device in found
    ] == expected
