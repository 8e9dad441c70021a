# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts whose NVIDIA cards are hard to find: Jetsons, operators' hosts, wrappers, containers."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import FakeTools, codes, facts, machine, pci_card

JETSON = {
    "etc/nv_tegra_release": "# R35 (release), REVISION: 5.0, GCID: 1, BOARD: t186ref",
    "sys/module/nvgpu/version": "",
    "proc/device-tree/model": "NVIDIA Orin NX Developer Kit\0",
}


@pytest.mark.parametrize(
    ("model", "compatible", "capability"),
    [
        ("NVIDIA Orin NX Developer Kit", "", "8.7"),
        ("NVIDIA Jetson AGX Xavier", "", "7.2"),
        ("NVIDIA Jetson AGX Thor Developer Kit", "", "11.0"),
        ("A carrier board of somebody", "nvidia,tegra234", "8.7"),
        ("A carrier board of somebody", "", None),
    ],
)
def test_a_jetson_without_a_tool(
    tmp_path: Path, model: str, compatible: str, capability: t.Optional[str]
) -> None:
    files = {"proc/device-tree/model": model + "\0", "proc/device-tree/compatible": compatible}
    fact = facts(machine(tmp_path, dict(JETSON, **files)), FakeTools())
    (device,) = fact["devices"]
    assert (device["compute_capability"], device["unified_memory"], device["index"]) == (capability, True, 0)
    assert device["memory_total_bytes"] == 127000000 * 1024
    assert device["schedulable"] is True
    assert fact["driver_details"]["nvidia"]["l4t"] == "35.5.0"


def test_a_jetson_whose_tool_answers_is_that_one_device(tmp_path: Path) -> None:
    tools = FakeTools({"*": "N/A, [N/A], Orin (nvgpu)\n"})
    (device,) = facts(machine(tmp_path, JETSON), tools)["devices"]
    assert device["source"] == "nvidia-smi"


def test_a_wrapper_that_answers_the_listing_alone_doubles_no_card(tmp_path: Path) -> None:
    for number in range(8):
        pci_card(tmp_path, reports.address(number))
    listing = "".join(
        "GPU %d: NVIDIA H100 80GB HBM3 (UUID: %s)\n" % (number, reports.UUID % number) for number in range(8)
    )
    fact = facts(machine(tmp_path), FakeTools({"*": listing}))
    assert [device["pci_bus_id"] for device in fact["devices"]] == [
        reports.address(number) for number in range(8)
    ]
    assert [device["index"] for device in fact["devices"]] == list(range(8))


def test_a_lost_card_beside_a_listing_or_a_table_is_shown(tmp_path: Path) -> None:
    listing = (
        "GPU 0: NVIDIA H100 80GB HBM3 (UUID: %s)\n"
        "Unable to determine the device handle for gpu 0000:50:00.0: GPU is lost.  Reboot the system\n"
        "GPU 2: NVIDIA H100 80GB HBM3 (UUID: %s)\n" % (reports.UUID % 0, reports.UUID % 2)
    )
    fact = facts(machine(tmp_path), FakeTools({"*": listing}))
    states = {device["index"]: (device["state"], device["pci_bus_id"]) for device in fact["devices"]}
    assert states == {0: ("ok", None), 2: ("ok", None), None: ("device_lost", "0000:50:00.0")}
    assert "device_lost" in codes(fact)


@pytest.mark.parametrize(
    ("words", "state"), [("[GPU requires reset]", "unhealthy"), ("GPU is lost", "device_lost")]
)
def test_a_row_without_a_card_s_values_is_a_card(tmp_path: Path, words: str, state: str) -> None:
    rows = "0, NVIDIA L40S, 46068 MiB, 45000 MiB\n1, %s, %s, %s\n" % (words, words, words)
    fact = facts(machine(tmp_path), FakeTools({"*": rows}))
    assert [(device["name"], device["state"], device["index"]) for device in fact["devices"]] == [
        ("NVIDIA L40S", "ok", 0),
        (None, state, 1),
    ]


def test_the_kernels_module_tells_which_card_a_listed_one_is(tmp_path: Path) -> None:
    for number in (0, 1):
        pci_card(tmp_path, reports.address(number))
    known = "Model: NVIDIA H100 80GB HBM3\nGPU UUID: %s\n" % (reports.UUID % 5)
    host = machine(tmp_path, {"proc/driver/nvidia/gpus/%s/information" % reports.address(1): known})
    listing = "GPU 0: NVIDIA H100 80GB HBM3 (UUID: %s)\n" % (reports.UUID % 5)
    fact = facts(host, FakeTools({"*": listing}))
    assert [(device["pci_bus_id"], device["index"]) for device in fact["devices"]] == [
        (reports.address(0), None),
        (reports.address(1), 0),
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"run/systemd/container": "lxc"},
        {"run/systemd/container": "systemd-nspawn"},
        {".singularity.d/env": ""},
        {"proc/1/cgroup": "0::/kubepods.slice/kubepods-burstable.slice"},
        {
            "proc/self/mountinfo": "600 500 0:60 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A"
        },
    ],
)
def test_cards_that_a_container_was_not_given(tmp_path: Path, files: t.Dict[str, str]) -> None:
    for number in (0, 1):
        pci_card(tmp_path, reports.address(number))
    tools = FakeTools({"-q -x": reports.xml(reports.gpu(0)), reports.IDENTITY: reports.identity(0)})
    fact = facts(machine(tmp_path, files), tools)
    assert fact["host"]["container"] is True
    assert [device["state"] for device in fact["devices"]] == ["ok", "not_visible"]
    assert [warning["severity"] for warning in fact["warnings"]] == ["note"]


@pytest.mark.parametrize(("place", "inside"), [("/proc/meminfo", True), ("/var/lib/lxcfs", False)])
def test_lxc_lays_files_over_those_of_proc(tmp_path: Path, place: str, inside: bool) -> None:
    mounts = {"proc/self/mountinfo": "9 1 0:9 / %s rw,nosuid - fuse.lxcfs lxcfs rw,user_id=0" % place}
    assert facts(machine(tmp_path, mounts), FakeTools())["host"]["container"] is inside


def test_an_overlay_of_a_live_system_is_no_container(tmp_path: Path) -> None:
    live = {
        "proc/self/mountinfo": "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/run/rootfsbase,upperdir=/rw"
    }
    assert facts(machine(tmp_path, live), FakeTools())["host"]["container"] is False


@pytest.mark.parametrize(("container", "code"), [(True, "container_device_lost"), (False, "driver_error")])
def test_an_unknown_error_in_and_outside_of_a_container(tmp_path: Path, container: bool, code: str) -> None:
    pci_card(tmp_path, reports.address(0))
    host = machine(tmp_path, {".dockerenv": ""} if container else {})
    fact = facts(host, FakeTools({"*": Outcome(255, "Failed to initialize NVML: Unknown Error")}))
    assert (codes(fact), fact["devices"][0]["state"]) == ([code], code)


def test_the_line_with_the_reason_is_quoted(tmp_path: Path) -> None:
    pci_card(tmp_path, reports.address(0))
    said = "NVIDIA-SMI starts\nFailed to initialize NVML: Driver/library version mismatch\nNVML library 570"
    (warning,) = facts(machine(tmp_path), FakeTools({"*": Outcome(18, said)}))["warnings"]
    assert (
        "said: Failed to initialize NVML: Driver/library version mismatch; NVIDIA-SMI" in warning["message"]
    )


def test_an_operators_host_without_its_driver_container(tmp_path: Path) -> None:
    pci_card(tmp_path, reports.address(0))
    (tmp_path / "run/nvidia/driver").mkdir(parents=True)
    (warning,) = facts(machine(tmp_path), FakeTools())["warnings"]
    assert warning["code"] == "tool_missing"
    assert "/run/nvidia/driver" in warning["hint"]


def test_a_card_without_links_among_its_peers_is_said(tmp_path: Path) -> None:
    cards = range(4)
    rows = ["\tGPU0\tGPU1\tGPU2\tGPU3"]
    for a in cards:
        rows.append(
            "GPU%d\t%s" % (a, "\t".join("X" if a == b else "SYS" if 3 in (a, b) else "NV18" for b in cards))
        )
    tools = FakeTools(
        {
            "-q -x": reports.xml(*(reports.gpu(number) for number in cards)),
            reports.IDENTITY: reports.identity(*cards),
            "topo -m": "\n".join(rows) + "\n",
        }
    )
    fact = facts(machine(tmp_path), tools)
    assert [(warning["code"], warning["device"]) for warning in fact["warnings"]] == [
        ("nvlink_missing", reports.address(3))
    ]
    assert fact["devices"][3]["schedulable"] is True
