# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vendors whose tool prints one table for people."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine, pci_card

METAX = """\
| MX-SMI 2.2.3                        Kernel Mode Driver Version: 2.9.8           |
| GPU         NAME                   | Bus-id              | GPU-Util             |
| Temp        Pwr:Usage/Cap          | Memory-Usage        |                      |
| 0           MetaX C500             | 0000:0e:00.0        | 0%                   |
| 35C         56W / 350W             | 858/65536 MiB       |                      |
| 1           MetaX C500             | 0000:0f:00.0        | 0%                   |
| 35C         57W / 350W             | 858/65536 MiB       |                      |
"""
MTHREADS = """\
    mthreads-gmi:1.14.0          Driver Version:2.7.0-rc3
ID   Name           |PCIe                |%GPU  Mem
0    MTT S4000      |00000000:01:00.0    |0%    121MiB(49152MiB)
     Physical       |16x(16x)            |38C   YES
"""
CAMBRICON = """\
| CNMON v5.10.22                                               Driver v5.10.22 |
| Card  VF  Name       Firmware |               Bus-Id | Util        Ecc-Error |
| 0     /   MLU370-X8    v1.1.4 |         0000:69:00.0 | 0%                  0 |
|  0%   31C        56 W/ 250 W |     0 MiB/ 42396 MiB | FULL          Default |
"""
ILUVATAR = """\
|  IX-SMI 4.1.0  Driver Version: 4.1.0  CUDA Version: 10.2   |
| 0    Iluvatar BI-V150S        | 00000000:8A:00.0     | 0%    |
| N/A  42C   P0   55W / 350W    | 64MiB / 32768MiB     | Default |
"""


@pytest.mark.parametrize(
    ("tool", "text", "vendor", "count", "name", "address", "mib", "used", "driver"),
    [
        ("mx-smi", METAX, "metax", 2, "MetaX C500", "0000:0e:00.0", 65536, 858, "2.9.8"),
        ("mthreads-gmi", MTHREADS, "mthreads", 1, "MTT S4000", "0000:01:00.0", 49152, 121, "2.7.0-rc3"),
        ("cnmon", CAMBRICON, "cambricon", 1, "MLU370-X8", "0000:69:00.0", 42396, 0, "5.10.22"),
        ("ixsmi", ILUVATAR, "iluvatar", 1, "Iluvatar BI-V150S", "0000:8a:00.0", 32768, 64, "4.1.0"),
    ],
)
def test_a_table(
    tmp_path: Path,
    tool: str,
    text: str,
    vendor: str,
    count: int,
    name: str,
    address: str,
    mib: int,
    used: int,
    driver: str,
) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": text}, tool=tool))
    first = fact["devices"][0]
    assert (len(fact["devices"]), first["vendor"], first["name"]) == (count, vendor, name)
    assert (first["pci_bus_id"], first["memory_total_bytes"]) == (address, mib * MIB)
    assert (first["memory_used_bytes"], first["schedulable"]) == (used * MIB, True)
    assert (fact["driver"], fact["warnings"]) == ({vendor: driver}, [])


def test_a_card_that_the_table_leaves_out(tmp_path: Path) -> None:
    for address in ("0000:0e:00.0", "0000:0f:00.0", "0000:10:00.0"):
        pci_card(tmp_path, address, ids="9999:4001", driver="metax", device_class="0x038000")
    fact = facts(machine(tmp_path), FakeTools({"*": METAX}, tool="mx-smi"))
    assert [device["state"] for device in fact["devices"]] == ["ok", "ok", "driver_error"]
    failed = FakeTools({"*": Outcome(1, "", "driver not loaded")}, tool="mx-smi")
    assert codes(facts(machine(tmp_path), failed)) == ["driver_not_loaded"]


def test_trainium_tells_bytes(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:10:1c.0", ids="1d0f:7164", driver="neuron", device_class="0x088000")
    rows = [{"neuron_device": 0, "bdf": "10:1c.0", "nc_count": 2, "memory_size": 34359738368}]
    fact = facts(machine(tmp_path), FakeTools({"--json-output": json.dumps(rows)}, tool="neuron-ls"))
    (device,) = fact["devices"]
    assert (device["vendor"], device["name"], device["memory_total_bytes"]) == (
        "aws",
        "AWS Trainium",
        32 * 1024**3,
    )


@pytest.mark.parametrize("text", ["", "hello", "| 0 | 0000:", "[]", "[1]", '{"neuron_device": 0}'])
@pytest.mark.parametrize("tool", ["mx-smi", "neuron-ls"])
def test_what_is_no_table_is_a_failure(tmp_path: Path, tool: str, text: str) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": text}, tool=tool))
    assert (fact["devices"], codes(fact)) == ([], ["parse_error"])


@pytest.mark.parametrize(
    ("ids", "tool", "asked"),
    [("1d22:3684", "xpu-smi", "kunlun"), ("8086:e20b", "xpu-smi", "intel"), ("1002:74a1", "rocm-smi", "amd")],
)
def test_a_tool_of_two_vendors_belongs_to_the_one_on_the_bus(
    tmp_path: Path, ids: str, tool: str, asked: str
) -> None:
    pci_card(tmp_path, "0000:17:00.0", ids=ids, driver=None, device_class="0x038000")
    fact = facts(machine(tmp_path), FakeTools({"*": "hello"}, tool=tool))
    warnings: t.List[t.Dict[str, t.Any]] = fact["warnings"]
    assert {warning["vendor"] for warning in warnings} == {asked}
