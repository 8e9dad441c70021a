# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several vendors in one host: each gets its share of the time, and none hides another."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import collect as collecting
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes, collect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Scene
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import (
    Deadline,
    Outcome,
    Runner,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Findings

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import FakeTools, codes, facts, machine, pci_card

GAUDI_ROW = "0, U, HL-225, 1.2, 98304 MiB, 768 MiB, 97536 MiB, 0000:43:00.0\n"


def test_a_broken_driver_hides_no_other_vendors_card(tmp_path: Path) -> None:
    pci_card(tmp_path, reports.address(0))
    pci_card(tmp_path, "0000:43:00.0", ids="1da3:1020", driver="habanalabs", device_class="0x120000")
    broken = {"-q -x": Outcome(18, "Driver/library version mismatch")}
    fact = facts(machine(tmp_path), FakeTools(broken, others={"hl-smi": {"*": GAUDI_ROW}}))
    assert [(device["vendor"], device["schedulable"]) for device in fact["devices"]] == [
        ("nvidia", False),
        ("gaudi", True),
    ]
    assert codes(fact) == ["driver_mismatch"]


def test_a_tool_without_a_card_falls_through(tmp_path: Path) -> None:
    failed = Outcome(9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")
    memory = "GPU[0]\t\t: VRAM Total Memory (B): 17163091968\n"
    fact = facts(machine(tmp_path), FakeTools({"*": failed}, others={"rocm-smi": {"*": memory}}))
    assert [device["vendor"] for device in fact["devices"]] == ["amd"]
    assert codes(fact) == ["driver_not_loaded"]


def test_time_is_shared_among_those_that_need_any(tmp_path: Path) -> None:
    tools = FakeTools({"*": ""}, others={"hl-smi": {"*": GAUDI_ROW}, "npu-smi": {"*": ""}})
    facts(machine(tmp_path), tools, Wishes(vendors=["nvidia", "hygon", "gaudi", "ascend"]))
    assert tools.shares == [3, 2, 1]


def test_a_hung_vendor_leaves_time_for_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in (("nvidia-smi", "exec /bin/sleep 30"), ("hl-smi", "echo '%s'" % GAUDI_ROW.strip())):
        (folder / name).write_text("#!/bin/sh\n%s\n" % body)
        (folder / name).chmod(0o755)
    tools = Runner(Deadline(3), {"PATH": str(folder)}, directories=[])
    started = time.monotonic()
    fact = collect(machine(tmp_path), tools, Wishes(vendors=["nvidia", "gaudi"]))
    assert time.monotonic() - started < 3
    assert [device["vendor"] for device in fact["devices"]] == ["gaudi"]
    assert "timeout" in codes(fact)


def test_a_defect_of_one_probe_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def surprise(_scene: Scene) -> Findings:
        raise ZeroDivisionError

    vendor = collecting.PROBES["gaudi"]._replace(load=lambda: surprise)
    monkeypatch.setattr(collecting, "PROBES", dict(collecting.PROBES, gaudi=vendor))
    pci_card(tmp_path, "0000:43:00.0", ids="1da3:1020", driver="habanalabs", device_class="0x120000")
    fact = facts(machine(tmp_path), FakeTools({"-q -x": reports.xml(reports.gpu(0))}))
    assert [device["state"] for device in fact["devices"]] == ["ok", "probe_failed"]
    assert codes(fact) == ["probe_failed"]


def test_every_vendor_that_can_be_asked_for_is_probed_or_counted(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools(), Wishes(vendors=collecting.VENDORS))
    assert codes(fact) == ["no_gpu"]
    assert set(collecting.PROBES) < set(collecting.VENDORS)


@pytest.mark.parametrize(("errors", "state"), [("0", "ok"), ("4", "unhealthy"), ("N/A", "ok")])
def test_the_errors_of_gaudis_table(tmp_path: Path, errors: str, state: str) -> None:
    table = (
        "|   0  HL-225              N/A  | 0000:33:00.0     N/A |  %18s  |\n"
        "| N/A   25C   N/A    86W / 600W |    768MiB / 98304MiB |     0%%           N/A |\n" % errors
    )
    (device,) = facts(machine(tmp_path), FakeTools({"*": table}, tool="hl-smi"))["devices"]
    assert (device["state"], device["schedulable"]) == (state, state == "ok")


@pytest.mark.parametrize(
    ("tool", "said", "code"),
    [
        ("nvidia-smi", "Segmentation fault (core dumped)", "tool_broken"),
        ("nvidia-smi", "nvidia-smi: cannot execute binary file: Exec format error", "tool_broken"),
        ("nvidia-smi", "Failed to initialize NVML: Memory Error", "driver_error"),
        ("nvidia-smi", "Failed to initialize NVML: ERROR_LIBRARY_NOT_FOUND", "library_missing"),
        ("amd-smi", "AMDSMI_STATUS_NOT_INIT - Not initialized", "driver_not_loaded"),
        ("amd-smi", "WARNING: User is missing the following required groups: render", "permission_denied"),
        ("npu-smi", "Failed to query the npu device count.", "no_devices"),
        ("xpu-smi", "Error: XPUM Service Status Error", "driver_not_loaded"),
    ],
)
def test_words_of_a_tool_that_fails(tmp_path: Path, tool: str, said: str, code: str) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": Outcome(255, said)}, tool=tool))
    assert codes(fact) == [code]
