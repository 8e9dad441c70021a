# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's log adds to the facts of NVIDIA cards."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import kernel_log as nvidia_log

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import FakeTools, codes, facts, machine, pci_card

OFF_BUS = (
    "[ 1843.3] NVRM: The NVIDIA GPU 0000:17:00.0\n"
    "               NVRM: (PCI ID: 10de:26b5) installed in this system has\n"
    "               NVRM: fallen off the bus and is not responding to commands.\n"
)


def test_faults_of_the_card_and_not_of_programs() -> None:
    text = (
        "4,1,2,-;NVRM: Xid (PCI:0000:17:00): 79, pid='<unknown>', GPU has fallen off the bus.\n"
        "4,1,3,-;NVRM: Xid (PCI:0000:17:00): 79, pid='<unknown>', GPU has fallen off the bus.\n"
        "4,1,4,-;NVRM: Xid (PCI:0000:18:00): 31, pid=77, name=python, MMU Fault\n"
    )
    (entry,) = nvidia_log.parse(text)
    assert (entry.address, entry.kind, entry.xid) == ("0000:17:00.0", "xid", 79)


def test_a_card_off_the_bus_is_lost_and_says_so(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    fact = facts(
        machine(tmp_path, {"dev/kmsg": OFF_BUS}), FakeTools({"-q -x": Outcome(6, "No devices were found")})
    )
    assert codes(fact) == ["no_devices", "device_lost"]
    (device,) = fact["devices"]
    assert (device["state"], device["health"]["state"]) == ("device_lost", "unhealthy")


def test_a_card_that_did_not_start(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    log = "Jul 01 gpu kernel: NVRM: GPU 0000:17:00.0: RmInitAdapter failed! (0x22:0x56:884)\n"
    fact = facts(
        machine(tmp_path, {"dev/kmsg": log}), FakeTools({"-q -x": Outcome(6, "No devices were found")})
    )
    assert codes(fact) == ["no_devices", "init_failed"]
    assert "0x22:0x56:884" in fact["devices"][0]["health"]["detail"]


def test_a_card_that_works_again_is_believed(tmp_path: Path) -> None:
    log = "4,1,2,-;NVRM: Xid (PCI:0000:17:00): 95, pid=1, Uncontained ECC error\n"
    tools = FakeTools({"-q -x": reports.xml(reports.gpu(0)), reports.IDENTITY: reports.identity(0)})
    fact = facts(machine(tmp_path, {"dev/kmsg": log}), tools)
    (device,) = fact["devices"]
    assert (device["state"], device["schedulable"], device["xids"]) == ("ok", True, [95])
    assert device["sources"]["xids"] == "kernel log"
    assert codes(fact) == ["xid"]


def test_a_log_that_may_not_be_read_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "dev/kmsg").mkdir(parents=True)
    assert nvidia_log.read(machine(tmp_path)) == []
