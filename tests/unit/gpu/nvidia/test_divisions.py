# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVLinks and MIG profiles, as nvidia-smi's tables have them."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import (
    GATHER,
    GATHER_DEFAULT,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import divisions

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import FakeTools, facts, machine

LINKS = """GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0)
\t Link 0: 26.562 GB/s
\t Link 1: <inactive>
\t Link 2: 26.562 GB/s
GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-1)
NVML: Unable to retrieve NVLink information as all links are inActive
"""
PROFILES = """+-------------------------------------------------------------------------------+
| GPU instance profiles:                                                        |
| GPU   Name               ID    Instances   Memory     P2P    SM    DEC   ENC  |
|                                Free/Total   GiB              CE    JPEG  OFA  |
|===============================================================================|
|   0  MIG 1g.10gb         19     5/7        9.75       No     16     1     0   |
|                                                               1     1     0   |
+-------------------------------------------------------------------------------+
|   0  MIG 1g.10gb+me      20     0/1        9.75       No     16     1     0   |
+-------------------------------------------------------------------------------+
"""


def test_links_that_work_and_links_that_do_not() -> None:
    assert divisions.parse_links(LINKS) == {0: {"active": [0, 2], "inactive": [1], "gbps_each": 26.562}}
    assert divisions.parse_links(reports.TABLE) == {}


def test_profiles_with_their_free_instances() -> None:
    first, second = divisions.parse_profiles(PROFILES)[0]
    assert first == {"name": "1g.10gb", "id": 19, "free": 5, "total": 7, "memory_bytes": int(9.75 * 1024**3)}
    assert (second["name"], second["free"]) == ("1g.10gb+me", 0)
    assert divisions.parse_profiles("No MIG-enabled devices found.") == {}


def test_details_are_asked_for_by_those_who_want_them(tmp_path: Path) -> None:
    child = reports.MIG_CHILD.format(index=0, gi=1, ci=0, mib=9984, free=9972)
    cut = reports.gpu(0, mig_mode="<current_mig>Enabled</current_mig>", mig_devices=child)
    answers = {
        "-q -x": reports.xml(cut),
        reports.IDENTITY: reports.identity(0),
        "nvlink -s": LINKS,
        "mig -lgip": PROFILES,
    }
    tools = FakeTools(answers)
    (device,) = facts(machine(tmp_path), tools, Wishes(gather=GATHER))["devices"]
    assert [each["name"] for each in device["mig"]["profiles"]] == ["1g.10gb", "1g.10gb+me"]
    assert device["nvlinks"]["inactive"] == [1]

    tools = FakeTools(answers)
    (device,) = facts(machine(tmp_path), tools, Wishes(gather=GATHER_DEFAULT))["devices"]
    assert (device["mig"]["profiles"], device["nvlinks"]) == ([], None)
    assert not {"nvlink -s", "mig -lgip"} & set(tools.asked)
