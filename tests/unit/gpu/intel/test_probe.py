# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intel's discrete cards and Gaudi. The JSON is in the shape of Intel's manual."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine, pci_card

INTEL = Wishes(vendors=["intel"])
GAUDI = Wishes(vendors=["gaudi"])
LISTED = {
    "device_list": [
        {
            "device_id": 0,
            "device_name": "Intel(R) Arc(TM) Pro B60 Graphics",
            "pci_bdf_address": "0000:17:00.0",
            "pci_device_id": "0xe211",
            "uuid": "00000000-0000-0017-0000-0000e2118086",
        },
        {"device_id": 1, "device_name": "UHD Graphics", "pci_bdf_address": "0000:00:02.0"},
    ]
}
ONE = dict(LISTED["device_list"][0], memory_physical_size_byte=str(24480 * MIB), driver_version="I915_25.1.2")
DUMP = "Timestamp, DeviceId, GPU Memory Used (MiB)\n06:14:46.000,    0, 480.25\n"
TABLE = """\
+-----------+--------------------------------------------------+
| Device ID | Device Information                               |
+-----------+--------------------------------------------------+
| 0         | Device Name: Intel(R) Arc(TM) A770 Graphics      |
|           | PCI BDF Address: 0000:17:00.0                    |
|           | Memory Physical Size: 16288.00 MiB               |
|           | Driver Version: 1.2.3                            |
+-----------+--------------------------------------------------+
| 1         | Device Name: Intel(R) Arc(TM) A770 Graphics      |
"""


def test_every_fact_of_xpu_smi(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0", ids="8086:e211", driver="xe", device_class="0x038000")
    tools = FakeTools(
        {
            "discovery -j": json.dumps(LISTED),
            "discovery -d 0 -j": json.dumps(ONE),
            "dump -d -1 -m 18 -n 1": DUMP,
        },
        tool="xpu-smi",
    )
    fact = facts(machine(tmp_path), tools, INTEL)
    (device,) = fact["devices"]
    assert (device["uuid"], device["pci_id"]) == ("00000000-0000-0017-0000-0000e2118086", "8086:e211")
    assert (device["memory_total_bytes"], device["memory_used_bytes"]) == (24480 * MIB, 480.25 * MIB)
    assert (device["schedulable"], device["architecture"], device["numa_node"]) == (True, "xe2", 1)
    assert (fact["driver"], fact["warnings"], len(tools.asked)) == ({"intel": "I915_25.1.2"}, [], 3)


def test_the_table_of_xpu_smi(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": TABLE}, tool="xpu-smi"), INTEL)
    assert [device["memory_total_bytes"] for device in fact["devices"]] == [16288 * MIB, None]
    assert [device["schedulable"] for device in fact["devices"]] == [True, False]
    assert fact["driver"] == {"intel": "1.2.3"}


def test_sysfs_knows_the_size_where_there_is_no_tool(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0", ids="8086:56a0", driver="i915", device_class="0x030000")
    folder = tmp_path / "sys/bus/pci/devices/0000:17:00.0/drm/card1"
    folder.mkdir(parents=True)
    (folder / "lmem_total_bytes").write_text(str(16288 * MIB))
    (folder / "lmem_avail_bytes").write_text(str(16000 * MIB))
    fact = facts(machine(tmp_path), FakeTools(), INTEL)
    (device,) = fact["devices"]
    assert (device["memory_free_bytes"], device["memory_used_bytes"]) == (16000 * MIB, 288 * MIB)
    assert (device["schedulable"], fact["warnings"]) == (True, [])


def test_a_card_without_tool_and_size(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0", ids="8086:56a0", driver="xe", device_class="0x030000")
    fact = facts(machine(tmp_path), FakeTools(), INTEL)
    device = fact["devices"][0]
    assert (device["state"], device["schedulable"], codes(fact)) == ("ok", False, ["memory_unknown"])
    assert (device["name"], device["sources"]["name"]) == ("Intel Arc A770", "table")


HABANA_TABLE = """\
| HL-SMI Version:                              hl-1.22.1-fw-61.4.2.1          |
| Driver Version:                                     1.22.1-97ec1a4          |
|   0  HL-325L             N/A  | 0000:19:00.0     N/A |                   0  |
| N/A   36C   N/A   226W / 850W |    672MiB / 131072MiB |     0%           N/A |
"""


@pytest.mark.parametrize(
    ("text", "bus", "power"),
    [
        ("0, 01P4, HL-325L, 1.22.1-97ec1a4, 131072 MiB, 672 MiB, 130400 MiB, 0000:19:00.0\n", True, None),
        (
            "0, 01P4, HL-325L, 1.22.1-97ec1a4, 131072 MiB, 672 MiB, 130400 MiB, 226 W, 850 W, 36 C\n",
            False,
            850,
        ),
        (
            "index, name, driver_version, memory.total [MiB]\n0, HL-325L, 1.22.1-97ec1a4, 131072\n",
            False,
            None,
        ),
        (HABANA_TABLE, True, None),
    ],
)
def test_hl_smi(tmp_path: Path, text: str, bus: bool, power: float | None) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": text}, tool="hl-smi"), GAUDI)
    (device,) = fact["devices"]
    assert (device["index"], device["name"], device["architecture"]) == (0, "HL-325L", "gaudi3")
    assert device["memory_total_bytes"] == 131072 * MIB
    assert (device["pci_bus_id"], device["power_limit_w"]) == ("0000:19:00.0" if bus else None, power)
    assert (fact["driver"], fact["warnings"]) == ({"gaudi": "1.22.1-97ec1a4"}, [])


def test_a_dead_line_keeps_its_neighbour(tmp_path: Path) -> None:
    text = "0, ERROR reading device\n1, U, HL-225, 1.2, 98304 MiB, 768 MiB, 97536 MiB\n"
    (device,) = facts(machine(tmp_path), FakeTools({"*": text}, tool="hl-smi"), GAUDI)["devices"]
    assert (device["index"], device["architecture"]) == (1, "gaudi2")


def test_a_card_that_hides_its_address_is_counted_once(tmp_path: Path) -> None:
    for number in (0x19, 0x1A):
        pci_card(
            tmp_path, "0000:%x:00.0" % number, ids="1da3:1060", driver="habanalabs", device_class="0x120000"
        )
    text = "0, U, HL-325L, 1.2, 131072 MiB, 672 MiB, 130400 MiB\n"
    fact = facts(machine(tmp_path), FakeTools({"*": text}, tool="hl-smi"), GAUDI)
    assert sorted(device["state"] for device in fact["devices"]) == ["driver_error", "ok"]


def test_failures_of_hl_smi(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:19:00.0", ids="1da3:1060", driver=None, device_class="0x120000")
    fact = facts(machine(tmp_path), FakeTools(), GAUDI)
    assert codes(fact) == ["tool_missing"]
    broken = Outcome(1, "", "Failed to initialize HLML")
    fact = facts(machine(tmp_path), FakeTools({"*": broken}, tool="hl-smi"), GAUDI)
    assert (fact["devices"][0]["state"], codes(fact)) == ("driver_not_loaded", ["driver_not_loaded"])
