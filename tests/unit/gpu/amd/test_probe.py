# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AMD cards by sysfs and by both tools. The outputs are in the shape of AMD's manuals and of the field."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import amd_smi, rocm_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import sysfs as amd_sysfs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine, pci_card

AMD = Wishes(vendors=["amd"])
NODE = "sys/class/kfd/kfd/topology/nodes/%d/"
MI300X = {
    "mem_info_vram_total": str(196592 * MIB),
    "mem_info_vram_used": str(300 * MIB),
    "mem_info_gtt_total": str(64000 * MIB),
    "unique_id": "f3ff74a10000beef",
    "product_name": "AMD Instinct MI300X",
    "current_compute_partition": "SPX",
    "current_memory_partition": "NPS1",
    "hwmon/hwmon3/power1_cap": "750000000",
    "ras/umc_err_count": "ue: 0\nce: 4",
}
STATIC = {
    "gpu": 0,
    "asic": {
        "market_name": "AMD Instinct MI300X",
        "device_id": "0x74a1",
        "asic_serial": "0x636DE84A0FA9FE94",
        "target_graphics_version": "gfx942",
    },
    "bus": {"bdf": "0000:05:00.0"},
    "vram": {"type": "HBM", "size": {"value": 196592, "unit": "MB"}},
    "driver": {"name": "amdgpu", "version": "6.12.12"},
    "limit": {"max_power": {"value": 750, "unit": "W"}},
    "numa": {"node": 1},
}
HELD = {"vram_mem": {"value": 500 * MIB, "unit": "B"}}
METRIC = {"gpu": 0, "mem_usage": {"used_vram": {"value": 592, "unit": "MB"}}}


def card(root: Path, number: int, files: t.Mapping[str, str], ids: str = "1002:74a1") -> str:
    address = "0000:%02x:00.0" % (5 + number)
    pci_card(root, address, ids=ids, driver="amdgpu", device_class="0x120000")
    for name, content in files.items():
        write(root, "sys/bus/pci/devices/%s/%s" % (address, name), content)
    return address


def node(root: Path, number: int, target: int, bus: int, links: t.Sequence[int] = ()) -> None:
    properties = "simd_count 1216\ngfx_target_version %d\nlocation_id %d\ndomain 0\n" % (target, bus << 8)
    write(root, NODE % number + "properties", properties)
    write(root, NODE % number + "gpu_id", str(1000 + number))
    for place, end in enumerate(links):
        text = "type 11\nnode_from %d\nnode_to %d\nmax_bandwidth 64000\n" % (number, end)
        write(root, NODE % number + "io_links/%d/properties" % place, text)


def write(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content + "\n")


def test_sysfs_tells_all_without_a_process(tmp_path: Path) -> None:
    for number in (0, 1):
        card(tmp_path, number, MI300X)
        node(tmp_path, number + 1, 90402, 5 + number, links=[2 - number])
    write(tmp_path, NODE % 0 + "properties", "cpu_cores_count 96\nsimd_count 0")
    write(tmp_path, "sys/class/kfd/kfd/proc/77/vram_1001", str(200 * MIB))
    write(tmp_path, "proc/77/comm", "python3")
    write(tmp_path, "opt/rocm/.info/version", "6.4.1-83")
    tools = FakeTools({}, tool="rocm-smi")
    fact = facts(machine(tmp_path), tools, AMD)
    assert (tools.asked, fact["warnings"], fact["runtime"]) == ([], [], {"rocm": "6.4.1"})
    first = fact["devices"][0]
    assert (first["index"], first["uuid"], first["gfx"]) == (0, "GPU-f3ff74a10000beef", "gfx942")
    assert (first["memory_total_bytes"], first["memory_free_bytes"]) == (196592 * MIB, 196292 * MIB)
    assert (first["power_limit_w"], first["health"]["state"], first["schedulable"]) == (750.0, "ok", True)
    assert first["processes"] == [{"pid": 77, "name": "python3", "used_bytes": 200 * MIB}]
    assert first["partition"] == {"compute": "SPX", "memory": "NPS1", "devices": 1}
    assert fact["topology"]["links"] == [
        {"vendor": "amd", "a": 0, "b": 1, "kind": "xgmi", "class": "XGMI", "gbps": 128.0}
    ]


def test_partitions_are_no_whole_card(tmp_path: Path) -> None:
    card(tmp_path, 0, dict(MI300X, current_compute_partition="CPX"))
    fact = facts(machine(tmp_path), FakeTools(), AMD)
    assert (fact["devices"][0]["schedulable"], codes(fact)) == (False, ["partitioned"])


def test_a_tool_that_hides_addresses_adds_no_card_twice(tmp_path: Path) -> None:
    card(tmp_path, 0, MI300X)
    pci_card(tmp_path, "0000:26:00.0", ids="1002:74a1", driver=None, device_class="0x120000")
    block = "GPU[0]\t\t: VRAM Total Memory (B): %d\n" % (196592 * MIB)
    fact = facts(machine(tmp_path), FakeTools({"*": block}, tool="rocm-smi"), AMD)
    assert [device["state"] for device in fact["devices"]] == ["ok", "driver_not_loaded"]


def test_integrated_graphics_is_left_out_and_hides_nothing(tmp_path: Path) -> None:
    card(tmp_path, 0, MI300X)
    address = card(tmp_path, 1, {"mem_info_vram_total": str(512 * MIB)}, ids="1002:1638")
    fact = facts(machine(tmp_path), FakeTools(), AMD)
    assert [device["name"] for device in fact["devices"]] == ["AMD Instinct MI300X"]
    assert [(warning["code"], warning["device"]) for warning in fact["warnings"]] == [
        ("integrated_gpu", address)
    ]


def test_strix_halo_serves_from_the_hosts_memory(tmp_path: Path) -> None:
    files = {
        "mem_info_vram_total": str(512 * MIB),
        "mem_info_vram_used": str(100 * MIB),
        "mem_info_gtt_total": str(96000 * MIB),
        "mem_info_gtt_used": str(1000 * MIB),
    }
    card(tmp_path, 0, files, ids="1002:1586")
    node(tmp_path, 1, 110501, 5)
    (device,) = facts(machine(tmp_path), FakeTools(), AMD)["devices"]
    assert (device["unified_memory"], device["memory_free_bytes"]) == (True, 95000 * MIB)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (90402, "gfx942"),
        (90010, "gfx90a"),
        (90500, "gfx950"),
        (110001, "gfx1101"),
        (120001, "gfx1201"),
        (0, None),
    ],
)
def test_names_of_instruction_sets(version: int, name: t.Optional[str]) -> None:
    assert amd_sysfs.gfx(version) == name


@pytest.mark.parametrize("driver", [None, "vfio-pci"])
def test_a_card_without_its_driver(tmp_path: Path, driver: t.Optional[str]) -> None:
    pci_card(tmp_path, "0000:05:00.0", ids="1002:74a1", driver=driver, device_class="0x120000")
    fact = facts(machine(tmp_path), FakeTools(), AMD)
    state = "passthrough" if driver else "driver_not_loaded"
    assert (fact["devices"][0]["state"], codes(fact)) == (state, [state])


@pytest.mark.parametrize("wrapped", [False, True])
def test_amd_smi_of_old_and_new_shape(tmp_path: Path, wrapped: bool) -> None:
    static: t.Any = [STATIC]
    metric: t.Any = [METRIC]
    if wrapped:
        static, metric = {"gpu_data": static}, {"gpu_data": metric}
    text = "WARNING: User is missing a group\n" + json.dumps(static)
    asked = "static --asic --bus --vram --limit --numa --partition --driver --json"
    held = [{"gpu": 0, "process_list": [{"process_info": {"pid": 7, "name": "vllm", "memory_usage": HELD}}]}]
    tools = FakeTools(
        {
            asked: text,
            "metric --mem-usage --json": json.dumps(metric),
            "process --json": json.dumps({"process_data": held} if wrapped else held),
        },
        tool="amd-smi",
    )
    fact = facts(machine(tmp_path), tools, AMD)
    (device,) = fact["devices"]
    assert (device["source"], device["memory_free_bytes"]) == ("amd-smi", 196000 * MIB)
    assert (device["uuid"], device["gfx"], device["pci_id"]) == (
        "GPU-636de84a0fa9fe94",
        "gfx942",
        "1002:74a1",
    )
    assert (device["power_limit_w"], device["numa_node"]) == (750.0, 1)
    assert device["processes"] == [{"pid": 7, "name": "vllm", "used_bytes": 500 * MIB}]
    assert (fact["driver"], fact["warnings"]) == ({"amd": "6.12.12"}, [])


def test_amd_smi_that_refuses_an_argument_is_asked_for_everything(tmp_path: Path) -> None:
    old = {"gpu": 0, "asic": {"market_name": "MI210"}, "vram": {"vram_size_mb": "65520 MB"}, "bus": {}}
    tools = FakeTools({"static --json": json.dumps([old])}, tool="amd-smi")
    (device,) = facts(machine(tmp_path), tools, AMD)["devices"]
    assert (device["name"], device["memory_total_bytes"]) == ("MI210", 65520 * MIB)


def test_amd_smi_as_text_has_the_same_structure() -> None:
    text = "GPU: 0\n    ASIC:\n        MARKET_NAME: AMD Instinct MI300X\n    VRAM:\n        SIZE: 196592 MB\n"
    (device,) = amd_smi.parse(text).devices
    assert (device.name, device.memory_total_bytes) == ("AMD Instinct MI300X", 196592 * MIB)


def test_links_and_holders_by_amd_smi() -> None:
    row = {"gpu": 0, "bdf": "0000:05:00.0", "links": [{"gpu": 1, "bdf": "0000:26:00.0", "link_type": "XGMI"}]}
    (link,) = amd_smi.parse_links(json.dumps([row]), {"0000:05:00.0": 0, "0000:26:00.0": 1})
    assert (link.a, link.b, link.kind) == (0, 1, "xgmi")


CARD = {
    "Device ID": "0x73df",
    "Unique ID": "N/A",
    "PCI Bus": "0000:07:00.0",
    "VRAM Total Memory (B)": str(12272 * MIB),
    "VRAM Total Used Memory (B)": str(272 * MIB),
    "VIS_VRAM Total Memory (B)": str(256 * MIB),
    "Card series": "Navi 22",
    "Max Graphics Package Power (W)": "211.0",
    "(Topology) Numa Node": "-1",
}


@pytest.mark.parametrize(
    ("changed", "name", "pci_id"),
    [
        ({}, "Navi 22", "1002:73df"),
        ({"Card series": "0x1002", "Card model": "0x1002"}, None, "1002:73df"),
        ({"Card series": "N/A", "Card Model": "Radeon RX"}, "Radeon RX", "1002:73df"),
        ({"Device ID": "", "GPU ID": "0x6861"}, "Navi 22", "1002:6861"),
        ({"Device Name": "AMD Instinct MI210", "GFX Version": "gfx90a"}, "AMD Instinct MI210", "1002:73df"),
    ],
)
def test_rocm_smi_changes_its_keys(changed: t.Dict[str, str], name: t.Optional[str], pci_id: str) -> None:
    text = json.dumps({"card0": dict(CARD, **changed), "system": {"Driver version": "6.3.6"}})
    found = rocm_smi.parse("WARNING: No JSON data to report\n" + text)
    (device,) = found.devices
    assert (device.name, device.pci_id, found.driver) == (name, pci_id, "6.3.6")
    assert (device.memory_total_bytes, device.memory_free_bytes) == (12272 * MIB, 12000 * MIB)
    assert (device.uuid, device.numa_node, device.power_limit_w) == (None, None, 211.0)


@pytest.mark.parametrize(
    ("table", "pci_ids"),
    [
        (
            "0       2     0x74a1,   28851  43.0°C      139.0W    NPS1, SPX, 0  132Mhz  900Mhz  0%   auto  750.0W  0%  0%\n"
            "1       3     0x74a1,   51499  41.0°C      137.0W    NPS1, SPX, 0  132Mhz  900Mhz  0%   auto  750.0W  0%  0%\n",
            ["1002:74a1", "1002:74a1"],
        ),
        (
            "0       [0x0c34 : 0x02]       43.0°C  41.0W    800Mhz  1600Mhz  0%   auto  300.0W    0%   0%\n"
            "        0x740f\n",
            ["1002:740f"],
        ),
        ("0    43.0c  41.0W  800Mhz  1600Mhz  0%  auto  300.0W  0%  0%\n", [None]),
    ],
)
def test_rocm_smis_short_table_tells_which_card_it_is(table: str, pci_ids: t.List[t.Optional[str]]) -> None:
    assert [device.pci_id for device in rocm_smi.parse(table).devices] == pci_ids


def test_rocm_smi_where_amd_smi_fails(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "card0": CARD,
            "card1": dict(CARD, **{"PCI Bus": "N/A"}),
            "system": {"(Topology) Link type between DRM devices 0 and 1": "XGMI"},
        }
    )
    failed = Outcome(255, "", "ERROR:root:Driver not initialized (amdgpu not found in modules)")
    tools = FakeTools({"*": text}, tool="rocm-smi", others={"amd-smi": {"*": failed}})
    fact = facts(machine(tmp_path), tools, AMD)
    device = fact["devices"][0]
    assert (device["source"], device["gfx"], device["sources"]["gfx"]) == ("rocm-smi", "gfx1031", "table")
    assert [link["kind"] for link in fact["topology"]["links"]] == ["xgmi"]


@pytest.mark.parametrize(
    ("text", "totals"),
    [
        (
            "GPU[0]\t\t: VRAM Total Memory (B): 1073741824\nGPU[0]\t\t: VRAM Total Used Memory (B): 5\n",
            [1024],
        ),
        ("device,VRAM Total Memory (B),VRAM Total Used Memory (B)\ncard1,1073741824,5\n", [1024]),
        ("GPU  Temp   AvgPwr  SCLK\n0    31.0c  39.0W   300Mhz\n1    33.0c  40.0W   300Mhz\n", [None, None]),
        ("hello\n", []),
    ],
)
def test_rocm_smi_in_its_other_forms(text: str, totals: t.List[t.Optional[int]]) -> None:
    found = [device.memory_total_bytes for device in rocm_smi.parse(text).devices]
    assert [None if total is None else total // MIB for total in found] == totals


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(255, "Driver not initialized (amdgpu not found in modules)"), "driver_not_loaded"),
        (Outcome(1, "", "Permission denied: /dev/kfd"), "permission_denied"),
        (Outcome(None, timed_out=True), "timeout"),
        (Outcome(0, "hello"), "parse_error"),
    ],
)
def test_failures(tmp_path: Path, outcome: Outcome, code: str) -> None:
    pci_card(tmp_path, "0000:05:00.0", ids="1002:74a1", driver="amdgpu", device_class="0x120000")
    fact = facts(machine(tmp_path), FakeTools({"*": outcome}, tool="rocm-smi"), AMD)
    assert codes(fact) == [code]
    assert (fact["devices"][0]["state"], fact["devices"][0]["schedulable"]) == (code, False)


def test_amd_smi_as_a_table_for_people() -> None:
    table = (
        "| BDF                        GPU-Name | Mem-Uti   Temp   UEC       Power-Usage |\n"
        "| GPU  HIP-ID  OAM-ID  Partition-Mode | GFX-Uti    Fan               Mem-Usage |\n"
        "| 0000:05:00.0    AMD Instinct MI355X | 0 %      38 °C   0           137/750 W |\n"
        "|   0       0       7        SPX/NPS1 | 0 %        N/A           285/294896 MB |\n"
        "| 0000:15:00.0    AMD Instinct MI355X | 0 %      36 °C   5           135/750 W |\n"
        "|   1       1       6        CPX/NPS2 | 0 %        N/A           300/294896 MB |\n"
    )
    first, second = amd_smi.parse(table, table).devices
    assert (first.index, first.pci_bus_id, first.name) == (0, "0000:05:00.0", "AMD Instinct MI355X")
    assert (first.memory_total_bytes, first.memory_used_bytes) == (294896 * MIB, 285 * MIB)
    assert not first.health.conditions
    assert second.partition == {"compute": "CPX", "memory": "NPS2"}
    assert [each.code for each in second.health.conditions] == ["memory_errors"]
