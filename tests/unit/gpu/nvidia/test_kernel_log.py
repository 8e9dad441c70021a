# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's log adds to the facts of NVIDIA cards."""

from __future__ import annotations

import errno
import os
import typing as t
from pathlib import Path

import pytest
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


def test_a_log_that_may_not_be_read_is_unknown_and_not_empty(tmp_path: Path) -> None:
    (tmp_path / "dev/kmsg").mkdir(parents=True)
    assert nvidia_log.read(machine(tmp_path)) is None
    tools = FakeTools({"-q -x": reports.xml(reports.gpu(0)), reports.IDENTITY: reports.identity(0)})
    assert facts(machine(tmp_path), tools)["devices"][0]["xids"] is None


def test_mig_and_switches_and_newer_kinds() -> None:
    text = (
        "4,1,1000000,-;NVRM: Xid (PCI:0000:b5:00 GPU-I:05): 94, pid=7194, Contained: CE User Channel\n"
        "4,2,2000000,-;NVRM: Xid (PCI:0000:b5:00 GPU-I:05 GPU-CI:00): 95, pid=7062, Uncontained: LTC TAG\n"
        "4,3,3000000,-;NVRM: Xid (PCI:0019:01:00): 149, NETIR Fatal XC0 i0 Link -1 (0x000fe406)\n"
        "4,4,4000000,-;NVRM: Xid (0008:01:00): 109, pid=1797828, name=x, errorString CTX SWITCH TIMEOUT\n"
        "6,5,5000000,-;nvidia-nvswitch3: SXid (PCI:0000:87:00.0): 20034, Fatal, Link 30 LTSSM Fault Up\n"
        "6,6,6000000,-;nvidia-nvswitch3: SXid (PCI:0000:87:00.0): 12028, Non-fatal, Link 30 egress\n"
    )
    assert [(entry.address, entry.kind, entry.xid, entry.last_s) for entry in nvidia_log.parse(text)] == [
        ("0000:b5:00.0", "xid", 94, 1.0),
        ("0000:b5:00.0", "xid", 95, 2.0),
        ("0019:01:00.0", "xid", 149, 3.0),
        ("0008:01:00.0", "xid", 109, 4.0),
        ("0000:87:00.0", "sxid", 20034, 5.0),
    ]


@pytest.mark.parametrize("number", [46, 109, 110, 136, *range(145, 151), *range(155, 159)])
def test_kinds_of_newer_drivers(number: int) -> None:
    (entry,) = nvidia_log.parse("[ 12.5] NVRM: Xid (PCI:0000:17:00): %d, some words\n" % number)
    assert (entry.xid, entry.last_s) == (number, 12.5)


def test_what_the_driver_asks_for() -> None:
    (entry,) = nvidia_log.parse(
        "NVRM: Xid (PCI:0000:17:00): 154, GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)"
    )
    assert entry.text.endswith("the driver asks for recovery: Node Reboot Required")


def test_how_often_and_how_long_ago(tmp_path: Path) -> None:
    line = "4,1,%d000000,-;NVRM: Xid (PCI:0000:17:00): 95, pid=1, Uncontained ECC error\n"
    files = {"dev/kmsg": line % 100 + line % 400, "proc/uptime": "11200.5 90000.1"}
    tools = FakeTools({"-q -x": reports.xml(reports.gpu(0)), reports.IDENTITY: reports.identity(0)})
    (warning,) = facts(machine(tmp_path, files), tools)["warnings"]
    assert warning["message"].endswith("(2 times, last 3 hours ago)")


class Log:
    """A kernel log that overwrites records while they are read."""

    def __init__(self, answers: t.Sequence[t.Union[bytes, int]]) -> None:
        self._answers = list(answers)

    def read(self, _file: int, _size: int) -> bytes:
        answer = self._answers.pop(0)
        if isinstance(answer, int):
            raise OSError(answer, os.strerror(answer))
        return answer


def test_records_that_were_overwritten_do_not_end_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = machine(tmp_path, {"dev/kmsg": ""})
    fault = b"4,9,1,-;NVRM: Xid (PCI:0000:17:00): 79, pid=1, GPU has fallen off the bus.\n"
    noise = [b"6,1,1,-;usb 1-1: new device\n"] * 30000
    log = Log([*noise, errno.EPIPE, fault, errno.EPIPE, fault, errno.EAGAIN])
    monkeypatch.setattr(os, "read", log.read)
    entries = nvidia_log.read(host)
    assert entries is not None
    (entry,) = entries
    assert (entry.xid, entry.count) == (79, 2)


def test_a_recovery_that_is_over_is_no_fault() -> None:
    text = (
        "NVRM: Xid (PCI:0000:17:00): 154, GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)\n"
        "NVRM: Xid (PCI:0000:18:00): 154, GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)\n"
    )
    (entry,) = nvidia_log.parse(text)
    assert entry.address == "0000:18:00.0"
    assert entry.text.endswith("Node Reboot Required")


def test_a_card_named_before_is_not_the_one_that_fell_off() -> None:
    text = (
        "4,1,1,-;NVRM: GPU at PCI:0000:65:00: GPU-1\n"
        "4,1,2,-;NVRM: GPU Board Serial Number: 1\n"
        "4,1,3,-;NVRM: Xid (PCI:0000:c1:00): 79, pid=12, GPU has fallen off the bus.\n"
        "4,1,4,-;NVRM: GPU 0000:c1:00.0: GPU has fallen off the bus.\n"
    )
    assert {entry.address for entry in nvidia_log.parse(text)} == {"0000:c1:00.0"}


@pytest.mark.parametrize("number", [161, 167, 168, 169, 171, 172, 173])
def test_newer_faults_of_the_card(number: int) -> None:
    (entry,) = nvidia_log.parse("NVRM: Xid (PCI:0008:01:00): %d, pid=1, name=x, words\n" % number)
    assert (entry.address, entry.xid) == ("0008:01:00.0", number)
