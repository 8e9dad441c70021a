# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replay tool, on captures of our own and on the collected real ones where they are present."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

from tests.accuracy.replay_smi import Row, read_index, replay
from tests.unit.gpu import reports
from tests.unit.gpu.fakes import MIB

SHARED = Path(__file__).resolve().parents[4] / "shared"
INDEX = Path(os.environ.get("AUTOCONFIG_SMI_INDEX", SHARED / "data" / "smi" / "INDEX.csv"))

SECTIONED = (
    """\
################################################################################
# capabilities :: list (-L)
# $ nvidia-smi -L
################################################################################
GPU 0: NVIDIA H200 (UUID: GPU-00000000-0000-4000-8000-000000000000)
  MIG 1c.3g.71gb  Device  0: (UUID: MIG-0)

################################################################################
# idle :: query (-q)
# $ nvidia-smi -q
################################################################################
"""
    + reports.LOG
    + """
################################################################################
# idle :: query-gpu (csv)
# $ nvidia-smi --query-gpu=index,uuid,pci.bus_id,name,memory.total,compute_cap --format=csv
################################################################################
index, uuid, pci.bus_id, name, memory.total [MiB], compute_cap
0, GPU-0, 00000000:83:00.0, NVIDIA H200, 143771 MiB, 9.0
"""
)

FAILURE_CODES = {
    "fail_device_handle_unknown_error.txt": "device_lost",
    "fail_driver_library_mismatch_old.txt": "driver_mismatch",
    "fail_driver_not_loaded.txt": "driver_not_loaded",
    "fail_driver_not_loaded_wsl_shutdown.txt": "driver_not_loaded",
    "fail_no_devices_were_found_rtx5090.txt": "no_devices",
    "fail_rc9_non_nvidia_primary_windows.txt": "driver_not_loaded",
    "fail_unknown_error_container.txt": "container_device_lost",
    "dmesg_fallen_off_bus_570.txt": "device_lost",
    "dmesg_rminitadapter_failed_rtx5090.txt": "init_failed",
    "vgpu_guest_unlicensed_fragment.txt": "vgpu_unlicensed",
}


def row(tool: str, odd_case: str = "") -> Row:
    return {"file": "capture.txt", "tool": tool, "odd_case": odd_case}


def test_a_capture_of_many_commands_answers_each_question(tmp_path: Path) -> None:
    (tmp_path / "capture.txt").write_text(SECTIONED)
    line = replay(row("nvidia-smi: -L,-q,--query-gpu csv"), tmp_path)
    (device,) = line["devices"]
    assert (line["driver"], line["warnings"]) == ("610.62", [])
    assert (device["compute_capability"], device["memory_total_bytes"]) == ("9.0", 143771 * MIB)
    assert device["mig"]["instances"][0]["uuid"] == "MIG-0"


def test_a_failure_is_replayed_with_its_status(tmp_path: Path) -> None:
    (tmp_path / "capture.txt").write_text("something new\n")
    line = replay(row("failure text", "rc 18; on stdout"), tmp_path)
    assert [warning["code"] for warning in line["warnings"]] == ["driver_mismatch"]


@pytest.mark.parametrize(
    "tool",
    [
        "",
        "/proc/meminfo",
        "tt-smi -s json",
        "gpustack-runtime detect",
        "rocm-smi/vulkaninfo/WMI text",
        "lspci",
    ],
)
def test_what_cannot_be_replayed_is_skipped_with_a_reason(tmp_path: Path, tool: str) -> None:
    (tmp_path / "capture.txt").write_text("GPU id = 0\n")
    assert replay(row(tool), tmp_path)["skipped"]


@pytest.mark.parametrize(
    ("tool", "text", "count"),
    [
        ("rocm-smi/vulkaninfo/WMI text", "GPU[0]\t\t: VRAM Total Memory (B): 17163091968\n", 1),
        ("rocm-smi --showmeminfo vram", "GPU[0]\t\t: VRAM Total Memory (B): 17163091968\n", 1),
        ("hl-smi csv", "0, U, HL-325L, 1.22.1, 131072 MiB, 672 MiB, 130400 MiB\n", 1),
        ("nvidia-smi -L", "GPU 0: Tesla K80 (UUID: GPU-)\n", 1),
        ("dmesg", "NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.\n", 0),
    ],
)
def test_each_tool_gets_its_own_stand_in(tmp_path: Path, tool: str, text: str, count: int) -> None:
    (tmp_path / "capture.txt").write_text(text)
    line = replay(row(tool), tmp_path)
    assert len(line["devices"]) == count
    assert line["devices"] or line["warnings"]


DESCRIBED: t.Sequence[t.Tuple[str, t.Any, t.List[t.Tuple[str, str]]]] = (
    ("sysfs", {"pci_id": "8086:e20b", "driver": "xe", "tile0": ["gt0"]}, [("intel", "ok")]),
    ("sysfs", [{"vendor": "0x1d94", "device": "0x6210", "class": "0x0b4000"}], [("hygon", "tool_missing")]),
    (
        "sysfs",
        {"pci_id": "1002:1586", "mem_info_vram_total": 1 << 32, "mem_info_gtt_total": 1 << 36},
        [("amd", "ok")],
    ),
    (
        "layout",
        {"vfio-pci": "a remark", "gim": "another"},
        [("nvidia", "passthrough"), ("amd", "sriov_host")],
    ),
    (
        "layout",
        {"cards": "2 x 10de:2330 driver nvidia", "/run/nvidia/driver/usr/bin/nvidia-smi": True},
        [("nvidia", "ok")] * 2,
    ),
    ("layout", {"cards": ["10de:2330 driver nvidia"], "nvidia-smi": False}, [("nvidia", "tool_missing")]),
    (
        "layout",
        {"cards": ["10de:2330 driver nvidia"], "nvidia-smi": False, "container": True},
        [("nvidia", "not_visible")],
    ),
    (
        "layout",
        {"cards": ["10de:2330 driver nvidia"], "nvidia-smi": False, "container": True, "/dev/nvidia0": True},
        [("nvidia", "tool_missing")],
    ),
    ("layout", {"cards": ["19e5:d802"], "container": True}, [("ascend", "not_visible")]),
    (
        "layout",
        {"cards": ["19e5:d802"], "container": True, "/dev/davinci0": True},
        [("ascend", "tool_missing")],
    ),
    ("layout", {"cards": ["1d94:6210"], "container": True}, [("hygon", "not_visible")]),
    ("layout", {"cards": ["1e3e:0001"], "container": True}, [("iluvatar", "not_visible")]),
    ("layout", {"cards": "2 x 10de:20b0 driver nouveau"}, [("nvidia", "wrong_driver")] * 2),
    ("layout", {"/etc/nv_tegra_release": "# R36 (release), REVISION: 4.0", "pci": []}, [("nvidia", "ok")]),
    (
        "layout",
        [
            {"node": number, "location_id": 1280 + number, "simd_count": 8, "gfx_target_version": 90402}
            for number in range(8)
        ],
        [("amd", "partitioned")],
    ),
)


@pytest.mark.parametrize(("tool", "description", "found"), DESCRIBED)
def test_described_hosts(
    tmp_path: Path, tool: str, description: t.Any, found: t.List[t.Tuple[str, str]]
) -> None:
    (tmp_path / "capture.txt").write_text(json.dumps(description))
    line = replay(row(tool), tmp_path)
    assert [(device["vendor"], device["state"]) for device in line["devices"]] == found


BINDING = """
class NVMLError(Exception): pass
class NVMLError_GpuIsLost(NVMLError): pass
class Pci: busId = ""
def nvmlInit(): pass
def nvmlDeviceGetCount(): return 3
def nvmlDeviceGetHandleByIndex(index):
    if index == 1: raise NVMLError_GpuIsLost
    return index
def nvmlDeviceGetPciInfo(handle):
    info = Pci()
    info.busId, info.pciDeviceId = b"00000000:%02X:00.0" % (0x20 + 16 * handle), 0x233010DE
    return info
"""


def test_a_pretended_binding_of_nvml(tmp_path: Path) -> None:
    (tmp_path / "capture.txt").write_text(BINDING)
    line = replay(dict(row("nvml"), devices="3"), tmp_path)
    assert [(device["pci_bus_id"], device["state"]) for device in line["devices"]] == [
        ("0000:20:00.0", "ok"),
        ("0000:21:00.0", "device_lost"),
        ("0000:40:00.0", "ok"),
    ]


@pytest.mark.parametrize(
    ("odd_case", "code"), [("no container", "driver_error"), ("container lost", "container_device_lost")]
)
def test_a_named_tool_that_fails_in_or_outside_of_a_container(
    tmp_path: Path, odd_case: str, code: str
) -> None:
    (tmp_path / "capture.txt").write_text("Failed to initialize NVML: Unknown Error\n")
    line = replay(row("failure: nvidia-smi", odd_case), tmp_path)
    assert [warning["code"] for warning in line["warnings"]] == [code]


def real_rows() -> t.List[Row]:
    return read_index(INDEX) if INDEX.exists() else []


def devices_in(file: Row) -> t.Optional[int]:
    """What the index says, corrected where it counts two captures of one card, or what must be dropped."""
    if "nvidia_gpu_exporter" in file["file"]:
        return 1
    if "must be dropped" in file["odd_case"]:
        return int(file["devices"]) - 1
    return int(file["devices"]) if file["devices"] else None


@pytest.mark.skipif(not INDEX.exists(), reason="the collected captures are not here")
def test_real_captures() -> None:
    replayed = 0
    for file in real_rows():
        line = replay(file, INDEX.parent)
        if "skipped" in line:
            continue
        replayed += 1
        expected_count = devices_in(file)
        assert expected_count is None or len(line["devices"]) == expected_count, file["file"]
        if file["mem_total_mib"].isdigit() and "topo" not in file["tool"]:
            assert line["devices"][0]["memory_total_bytes"] == int(file["mem_total_mib"]) * MIB, file["file"]
        if file["driver"][:1].isdigit():
            assert line["driver"] == file["driver"], file["file"]
        expected = FAILURE_CODES.get(Path(file["file"]).name)
        if expected is not None:
            assert [warning["code"] for warning in line["warnings"]] == [expected], file["file"]
    assert replayed
