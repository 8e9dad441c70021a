# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huawei Ascend by npu-smi's tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.ascend import npu_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine, pci_card

ASCEND = Wishes(vendors=["ascend"])
HEAD = """\
| npu-smi 25.2.0                   Version: 25.2.0                                               |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
"""
TWO = (
    HEAD
    + """\
| 0     910B4-1             | OK            | 91.3        33                0    / 0             |
| 0                         | 0000:C1:00.0  | 0           0    / 0          3197/ 65536          |
+===========================+===============+====================================================+
| 5     910B4-1             | Alarm         | 88.1        32                0    / 0             |
| 0                         | 0000:C2:00.0  | 0           0    / 0          3197 / 65536         |
+===========================+===============+====================================================+
| NPU     Chip              | Process id    | Process name             | Process memory(MB)      |
| 0       0                 | 4242          | python                   | 3000                    |
"""
)
DUO = """\
| 2     310P3               | OK            | NA          45                0    / 0             |
| 0     4                   | 0000:01:00.0  | 0           1851 / 44280                           |
| 2     310P3               | OK            | NA          45                0    / 0             |
| 1     5                   | 0000:01:00.0  | 0           1507 / 43693                           |
| 2     Mcu                 | OK            | NA          45                0    / 0             |
| 2                         | NA            | NA          NA                                     |
"""


def test_every_fact_of_a_910b(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:c1:00.0", ids="19e5:d802", driver="devdrv", device_class="0x120000")
    host = machine(
        tmp_path,
        {"usr/local/Ascend/ascend-toolkit/latest/version.cfg": "[x]\nrunning_version=[7.6.0.1.220:8.0.RC2]"},
    )
    fact = facts(host, FakeTools({"info": TWO}, tool="npu-smi"), ASCEND)
    first, second = fact["devices"]
    assert (first["index"], first["name"], first["soc"]) == (0, "910B4-1", "Ascend910B4-1")
    assert (first["memory_total_bytes"], first["memory_used_bytes"]) == (65536 * MIB, 3197 * MIB)
    assert first["processes"] == [{"pid": 4242, "name": "python", "used_bytes": 3000 * MIB}]
    assert (first["pci_id"], first["schedulable"]) == ("19e5:d802", True)
    assert (second["index"], second["state"], second["schedulable"]) == (5, "unhealthy", False)
    assert (fact["driver"], codes(fact)) == ({"ascend": "25.2.0"}, ["unhealthy"])
    assert fact["runtime"]["cann"].startswith("7.6.0")


def test_two_chips_of_one_card_are_two_devices() -> None:
    devices = npu_smi.parse(DUO).devices
    assert [(device.index, device.memory_total_bytes) for device in devices] == [
        (4, 44280 * MIB),
        (5, 43693 * MIB),
    ]


def test_a_table_that_is_cut_gives_what_is_whole() -> None:
    assert len(npu_smi.parse(TWO[: TWO.index("0000:C2")]).devices) == 1
    assert npu_smi.parse("").devices == ()


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(255, "dcmi module initialize failed. ret is -8005"), "driver_error"),
        (
            Outcome(
                0, "LogLevel failed.\ndcmi model initialized failed, because the device is used. ret is -8020"
            ),
            "device_in_use",
        ),
        (Outcome(1, "", "npu-smi: Permission denied"), "permission_denied"),
        (Outcome(None, timed_out=True), "timeout"),
    ],
)
def test_failures(tmp_path: Path, outcome: Outcome, code: str) -> None:
    pci_card(tmp_path, "0000:c1:00.0", ids="19e5:d802", driver="devdrv", device_class="0x120000")
    fact = facts(machine(tmp_path), FakeTools({"*": outcome}, tool="npu-smi"), ASCEND)
    assert (fact["devices"][0]["state"], codes(fact)) == (code, [code])
