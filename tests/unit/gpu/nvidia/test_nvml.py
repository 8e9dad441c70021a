# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVML answers through a stand-in for its Python binding: there is no card here."""

from __future__ import annotations

import ctypes
import os
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes, collect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import (
    Deadline,
    Runner,
    TimedOut,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    nvml_binding,
    nvml_health,
)

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import MIB, FakeTools, codes, machine, pci_card

# What a host with a loaded driver has, also where its bus is hidden.
DRIVER = {"dev/nvidiactl": ""}
MEMORY = SimpleNamespace(total=81559 * MIB, reserved=551 * MIB, used=1008 * MIB, free=80000 * MIB)


class NVMLError(Exception):
    pass


def refuse(*_arguments: t.Any) -> t.Any:
    raise NVMLError


def binding(**changed: t.Any) -> SimpleNamespace:
    """Two linked H100; a handle is the card's number."""
    functions: t.Dict[str, t.Any] = {
        "NVMLError": NVMLError,
        "nvmlMemory_v2": 2,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: "card %d" % index,
        "nvmlSystemGetDriverVersion": lambda: b"570.124.06",
        "nvmlSystemGetCudaDriverVersion_v2": lambda: 12080,
        "nvmlDeviceGetUUID": lambda handle: "GPU-" + handle[-1],
        "nvmlDeviceGetName": lambda handle: "NVIDIA H100 80GB HBM3",
        "nvmlDeviceGetPciInfo": lambda handle: SimpleNamespace(
            busId="00000000:1%s:00.0" % handle[-1], pciDeviceId=0x233010DE
        ),
        "nvmlDeviceGetArchitecture": lambda handle: 9,
        "nvmlDeviceGetCudaComputeCapability": lambda handle: (9, 0),
        "nvmlDeviceGetMemoryInfo": lambda handle, version=None: MEMORY,
        "nvmlDeviceGetMigMode": lambda handle: [0, 0],
        "nvmlDeviceGetEccMode": lambda handle: [1, 1],
        "nvmlDeviceGetEnforcedPowerLimit": lambda handle: 700000,
        "nvmlDeviceGetRemappedRows": lambda handle: (0, 0, 0, 0),
        "nvmlDeviceGetComputeRunningProcesses": lambda handle: [
            SimpleNamespace(pid=7, usedGpuMemory=5 * MIB)
        ],
        "nvmlDeviceGetGraphicsRunningProcesses": lambda handle: [],
        "nvmlSystemGetProcessName": lambda pid: "python3",
        "nvmlDeviceGetNvLinkState": lambda handle, link: int(link < 18),
        "nvmlDeviceGetNvLinkRemoteDeviceType": lambda handle, link: 2,
        "nvmlDeviceGetNvLinkRemotePciInfo": refuse,
        "nvmlDeviceGetTopologyCommonAncestor": lambda first, second: 50,
    }
    return SimpleNamespace(**dict(functions, **changed))


def gather(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: t.Any) -> t.Dict[str, t.Any]:
    monkeypatch.setattr(nvml_binding, "pynvml", fake)
    tools = Runner(Deadline(5), {"PATH": str(tmp_path)}, directories=[])
    return collect(machine(tmp_path, DRIVER), tools, Wishes())


def test_nvml_gives_the_same_facts_without_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fact = gather(tmp_path, monkeypatch, binding())
    assert fact["warnings"] == []
    assert (fact["driver"], fact["runtime"]) == ({"nvidia": "570.124.06"}, {"cuda": "12.8"})
    first = fact["devices"][0]
    assert first["source"] == "nvml"
    assert (first["pci_bus_id"], first["pci_id"]) == ("0000:10:00.0", "10de:2330")
    assert (first["architecture"], first["compute_capability"]) == ("hopper", "9.0")
    assert (first["memory_free_bytes"], first["memory_reserved_bytes"]) == (80000 * MIB, 551 * MIB)
    assert first["processes"] == [{"pid": 7, "name": "python3", "used_bytes": 5 * MIB}]
    assert first["power_limit_w"] == 700.0
    assert fact["topology"]["links"] == [
        {"vendor": "nvidia", "a": 0, "b": 1, "kind": "nvlink", "class": "NV18", "gbps": 900.0}
    ]


def test_links_without_a_switch_are_counted_by_what_they_lead_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = binding(
        nvmlDeviceGetNvLinkState=lambda handle, link: int(link < 4),
        nvmlDeviceGetNvLinkRemoteDeviceType=lambda handle, link: 0,
        nvmlDeviceGetNvLinkRemotePciInfo=lambda handle, link: SimpleNamespace(
            busId="00000000:1%d:00.0" % (1 - int(handle[-1]))
        ),
    )
    assert gather(tmp_path, monkeypatch, bridge)["topology"]["links"][0]["class"] == "NV4"
    plain = binding(nvmlDeviceGetNvLinkState=refuse)
    assert gather(tmp_path, monkeypatch, plain)["topology"]["links"][0]["class"] == "SYS"


def test_a_card_that_answers_nothing_is_reported_and_hides_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle_of(index: int) -> str:
        return refuse() if index == 0 else "card 1"

    fact = gather(tmp_path, monkeypatch, binding(nvmlDeviceGetHandleByIndex=handle_of))
    assert sorted(device["state"] for device in fact["devices"]) == ["device_lost", "ok"]
    assert codes(fact) == ["device_lost"]


def test_mig_through_nvml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = binding(
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetMigMode=lambda handle: [1, 1],
        nvmlDeviceGetMaxMigDeviceCount=lambda handle: 7,
        nvmlDeviceGetMigDeviceHandleByIndex=lambda handle, slot: "mig %d" % slot if slot < 2 else refuse(),
        nvmlDeviceGetGpuInstanceId=lambda handle: 3,
        nvmlDeviceGetComputeInstanceId=lambda handle: int(handle[-1]),
        nvmlDeviceGetName=lambda handle: (
            "NVIDIA H100 80GB HBM3" + " MIG 1c.3g.40gb" * handle.startswith("mig")
        ),
    )
    (device,) = gather(tmp_path, monkeypatch, fake)["devices"]
    assert device["schedulable"] is False
    assert [row["profile"] for row in device["mig"]["instances"]] == ["1c.3g.40gb"] * 2
    assert [row["shares_memory"] for row in device["mig"]["instances"]] == [True, True]


class FabricInfo(ctypes.Structure):
    _fields_ = [("state", ctypes.c_uint)]


def test_fabric_recovery_and_addressing_through_nvml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fabric(_handle: str, pointer: t.Any) -> int:
        pointer._obj.state = 2
        return 0

    def fields(handle: str, _fields: t.List[int]) -> t.List[t.Any]:
        return [SimpleNamespace(nvmlReturn=0, value=SimpleNamespace(uiVal=2 if handle == "card 1" else 0))]

    fake = binding(
        c_nvmlGpuFabricInfo_t=FabricInfo,
        nvmlDeviceGetGpuFabricInfo=fabric,
        NVML_FI_DEV_GET_GPU_RECOVERY_ACTION=230,
        nvmlDeviceGetFieldValues=fields,
        nvmlDeviceGetAddressingMode=lambda handle: 2,
    )
    fact = gather(tmp_path, monkeypatch, fake)
    first, second = fact["devices"]
    assert (first["fabric_state"], first["addressing_mode"], first["recovery_action"]) == (
        "in_progress",
        "ATS",
        None,
    )
    assert (second["state"], second["recovery_action"]) == ("unhealthy", "reboot")
    assert codes(fact) == ["recovery_action", "fabric_not_ready", "fabric_not_ready"]


def test_the_licence_of_a_vgpu_comes_from_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class WithTool(FakeTools):
        def call(self, function: t.Callable[[], t.Any]) -> t.Any:
            return function()

    guest = reports.gpu(
        0,
        pci="<pci_bus_id>00000000:10:00.0</pci_bus_id>",
        gpu_virtualization_mode="<virtualization_mode>VGPU</virtualization_mode>",
        vgpu_software_licensed_product="<license_status>Unlicensed (Unrestricted)</license_status>",
    )
    fake = binding(nvmlDeviceGetCount=lambda: 1, nvmlDeviceGetVirtualizationMode=lambda handle: 2)
    monkeypatch.setattr(nvml_binding, "pynvml", fake)
    fact = collect(machine(tmp_path), WithTool({"-q -x": reports.xml(guest)}), Wishes())
    assert fact["devices"][0]["vgpu"] == {"mode": "vgpu", "licence": "Unlicensed (Unrestricted)"}
    assert codes(fact) == ["vgpu_unlicensed"]


def test_a_binding_that_knows_nothing_but_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = binding()
    names = {"NVMLError", "nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex", "nvmlDeviceGetName"}
    poor = SimpleNamespace(**{name: getattr(full, name) for name in names})
    fact = gather(tmp_path, monkeypatch, poor)
    assert [device["name"] for device in fact["devices"]] == ["NVIDIA H100 80GB HBM3"] * 2
    assert [device["schedulable"] for device in fact["devices"]] == [False, False]
    assert codes(fact) == ["memory_unknown", "memory_unknown"]


def test_a_driver_that_nvml_cannot_reach_is_left_to_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    assert codes(gather(tmp_path, monkeypatch, binding(nvmlInit=refuse))) == ["tool_missing"]
    assert codes(gather(tmp_path, monkeypatch, binding(nvmlInit=lambda: os._exit(139)))) == ["tool_missing"]


def errors_of_the_binding() -> t.List[t.Tuple[str, str, str]]:
    """nvidia-ml-py's own exceptions, and what a card is of which they are raised."""
    return [
        ("NVMLError_GpuIsLost", "device_lost", "device_lost"),
        ("NVMLError_ResetRequired", "unhealthy", "reset_required"),
        ("NVMLError_Unknown", "device_lost", "device_lost"),
        ("NVMLError_InsufficientPower", "unhealthy", "unhealthy"),
        ("NVMLError_NoPermission", "permission_denied", "permission_denied"),
    ]


@pytest.mark.parametrize(("name", "state", "code"), errors_of_the_binding())
def test_the_bindings_own_errors_for_a_card_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, state: str, code: str
) -> None:
    pynvml = pytest.importorskip("pynvml")

    def handle_of(index: int) -> str:
        if index == 1:
            raise getattr(pynvml, name)
        return "card %d" % index

    for number in (0, 1):
        pci_card(tmp_path, "0000:1%d:00.0" % number)
    fake = binding(nvmlDeviceGetHandleByIndex=handle_of, NVMLError=pynvml.NVMLError)
    fact = gather(tmp_path, monkeypatch, fake)
    assert [(device["pci_bus_id"], device["state"]) for device in fact["devices"]] == [
        ("0000:10:00.0", "ok"),
        ("0000:11:00.0", state),
    ]
    assert [(warning["code"], warning["device"]) for warning in fact["warnings"]] == [(code, "0000:11:00.0")]


@pytest.mark.parametrize("number", [15, 16])
def test_one_refused_answer_tells_of_a_lost_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    pynvml = pytest.importorskip("pynvml")

    def memory(handle: str, version: t.Optional[int] = None) -> t.Any:
        if handle == "card 1":
            raise pynvml.NVMLError(number)
        return MEMORY

    fact = gather(tmp_path, monkeypatch, binding(nvmlDeviceGetMemoryInfo=memory, NVMLError=pynvml.NVMLError))
    assert [device["schedulable"] for device in fact["devices"]] == [True, False]
    assert codes(fact) == [{15: "device_lost", 16: "reset_required"}[number]]


def test_every_question_is_one_that_the_binding_knows() -> None:
    """The stand-in answers what nvidia-ml-py asks, under its names."""
    pynvml = pytest.importorskip("pynvml")
    assert [name for name in vars(binding()) if not hasattr(pynvml, name)] == []


def test_conditions_through_nvml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pynvml = pytest.importorskip("pynvml")

    def fabric(_handle: str, pointer: t.Any) -> int:
        pointer._obj.state, pointer._obj.status, pointer._obj.healthMask = 3, 23, 1
        return 0

    def sram(_handle: str, pointer: t.Any) -> int:
        pointer._obj.bThresholdExceeded = 1
        return 0

    def inforom(_handle: str) -> None:
        raise pynvml.NVMLError_CorruptedInforom

    fake = binding(
        nvmlDeviceGetCount=lambda: 1,
        NVMLError=pynvml.NVMLError,
        c_nvmlGpuFabricInfo_v2_t=pynvml.c_nvmlGpuFabricInfo_v2_t,
        nvmlDeviceGetGpuFabricInfoV=fabric,
        c_nvmlEccSramErrorStatus_v1_t=pynvml.c_nvmlEccSramErrorStatus_v1_t,
        nvmlDeviceGetSramEccErrorStatus=sram,
        nvmlDeviceValidateInforom=inforom,
        nvmlDeviceGetTotalEccErrors=lambda handle, kind, period: 3,
        nvmlDeviceGetRemappedRows=lambda handle: (0, 1, 1, 1),
        nvmlDeviceGetComputeMode=lambda handle: 2,
        nvmlDeviceGetPersistenceMode=lambda handle: 0,
        nvmlDeviceGetCurrentClocksEventReasons=lambda handle: 0x48,
        nvmlDeviceGetCurrPcieLinkWidth=lambda handle: 4,
        nvmlDeviceGetMaxPcieLinkWidth=lambda handle: 16,
    )
    fact = gather(tmp_path, monkeypatch, fake)
    assert set(codes(fact)) == {
        "row_remap_failed",
        "sram_threshold",
        "uncorrected_errors",
        "reset_pending",
        "inforom_corrupted",
        "fabric_failed",
        "fabric_degraded",
        "compute_prohibited",
        "throttled",
        "persistence_off",
        "pcie_narrowed",
    }
    assert (fact["devices"][0]["state"], fact["devices"][0]["fabric"]["status"]) == (
        "unhealthy",
        "nvml_error_23",
    )


def test_nvml_that_counts_no_card_leaves_it_to_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    for fake in (binding(nvmlDeviceGetCount=refuse), binding(nvmlDeviceGetCount=lambda: 0)):
        (warning,) = gather(tmp_path, monkeypatch, fake)["warnings"]
        assert warning["code"] == "tool_missing"
        assert "NVML: " in warning["message"]


def test_nvml_that_hangs_is_a_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(FakeTools):
        def call(self, function: t.Callable[[], t.Any]) -> t.Any:
            raise TimedOut

    pci_card(tmp_path, "0000:17:00.0")
    monkeypatch.setattr(nvml_binding, "pynvml", binding())
    fact = collect(machine(tmp_path), Hanging(), Wishes())
    assert codes(fact) == ["timeout"]
    assert fact["devices"][0]["state"] == "timeout"


@pytest.mark.parametrize(
    ("feature", "ready", "state"), [(1, 0, "confidential_not_ready"), (1, 1, "ok"), (0, 0, "ok")]
)
def test_confidential_computing_waits_for_its_ready_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, feature: int, ready: int, state: str
) -> None:
    fake = binding(
        nvmlSystemGetConfComputeState=lambda: SimpleNamespace(ccFeature=feature),
        nvmlSystemGetConfComputeGpusReadyState=lambda: ready,
    )
    found = gather(tmp_path, monkeypatch, fake)["devices"]
    assert {(each["state"], each["schedulable"]) for each in found} == {(state, state == "ok")}


def test_memory_that_nothing_repairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = binding(
        nvmlDeviceGetUnrepairableMemoryFlag_v1=lambda handle: int(handle == "card 1"),
        nvmlDeviceGetRemappedRows=refuse,
        nvmlDeviceGetRetiredPages=lambda handle, cause: range(40 if handle == "card 0" else 2),
    )
    found = gather(tmp_path, monkeypatch, fake)["devices"]
    codes_of = [[each["code"] for each in device["health"]["conditions"]] for device in found]
    assert codes_of == [["retired_pages"], ["memory_unrepairable"]]


@pytest.mark.parametrize(("mask", "faults"), [(0x1AA, []), (0x4AA, ["incorrectconfiguration: No Partition"])])
def test_the_fabrics_mask_tells_a_wrong_configuration(mask: int, faults: t.List[str]) -> None:
    assert nvml_health.faults(mask) == faults
