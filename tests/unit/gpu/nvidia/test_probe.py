# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the facts say about hosts with NVIDIA cards, healthy and not."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.runner import Outcome

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import MIB, FakeTools, codes, facts, machine, pci_card

TOPOLOGY = (
    "\t\x1b[4mGPU0\tGPU1\tNIC0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m\n"
    "GPU0\t X \tNV18\tPIX\t0-31\t0\t\tN/A\nGPU1\tNV18\t X \tSYS\t0-31\t0\t\tN/A\nNIC0\tPIX\tSYS\t X \n"
)


def healthy(*numbers: int) -> FakeTools:
    return FakeTools(
        {
            "-q -x": reports.xml(*(reports.gpu(number) for number in numbers)),
            reports.IDENTITY: reports.identity(*numbers),
            "topo -m": TOPOLOGY,
        }
    )


def answering(*gpus: str) -> FakeTools:
    """A tool whose long report is unusual and whose short one is not."""
    return FakeTools({"-q -x": reports.xml(*gpus), reports.IDENTITY: reports.identity(0, 1)})


def test_every_fact_of_a_healthy_card(tmp_path: Path) -> None:
    pci_card(tmp_path, reports.address(0))
    fact = facts(machine(tmp_path), healthy(0))
    assert fact["driver"] == {"nvidia": "570.124.06"}
    assert fact["runtime"] == {"cuda": "12.8"}
    assert fact["collected_at"] == "2026-01-01T00:00:00Z"
    assert fact["warnings"] == []
    assert fact["devices"] == [
        {
            "index": 0,
            "uuid": reports.UUID % 0,
            "pci_bus_id": "0000:17:00.0",
            "pci_id": "10de:2330",
            "vendor": "nvidia",
            "name": "NVIDIA H100 80GB HBM3",
            "architecture": "hopper",
            "compute_capability": "9.0",
            "gfx": None,
            "soc": None,
            "state": "ok",
            "schedulable": True,
            "memory_total_bytes": 81559 * MIB,
            "memory_reserved_bytes": 551 * MIB,
            "memory_used_bytes": 1008 * MIB,
            "memory_free_bytes": 80000 * MIB,
            "unified_memory": False,
            "mig": {"mode": "disabled", "instances": [], "profiles": []},
            "vgpu": None,
            "ecc": True,
            "health": {"state": "ok", "detail": None, "conditions": []},
            "processes_bytes": 1000 * MIB,
            "processes": [{"pid": 4242, "name": "python3", "used_bytes": 1000 * MIB}],
            "power_limit_w": 700.0,
            "numa_node": 1,
            "addressing_mode": None,
            "fabric_state": None,
            "recovery_action": None,
            "xids": None,
            "partition": None,
            "kernel_driver": "nvidia",
            "persistence": None,
            "compute_mode": None,
            "pcie": None,
            "nvlinks": None,
            "fabric": None,
            "memory_errors": None,
            "load": None,
            "specs": {
                "bandwidth_gbps": 3350.0,
                "bf16_tflops": 989.0,
                "fp8_tflops": 1978.0,
                "fp4_tflops": None,
                "source": "MA",
            },
            "source": "nvidia-smi",
            "sources": {"numa_node": "sysfs", "specs": "table"},
        }
    ]


def test_one_card_takes_two_processes(tmp_path: Path) -> None:
    tools = healthy(0)
    facts(machine(tmp_path), tools)
    assert tools.asked == ["-q -x", reports.IDENTITY]


def test_links_of_two_cards(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), healthy(0, 1))
    assert fact["topology"]["links"] == [
        {"vendor": "nvidia", "a": 0, "b": 1, "kind": "nvlink", "class": "NV18", "gbps": 900.0}
    ]


def test_topology_and_processes_can_be_left_out(tmp_path: Path) -> None:
    tools = healthy(0, 1)
    fact = facts(machine(tmp_path), tools, Wishes(gather=["identity"], include_processes=False))
    assert "topo -m" not in tools.asked
    assert fact["topology"]["links"] == []
    assert fact["devices"][0]["processes"] == []
    assert fact["devices"][0]["processes_bytes"] is None


def test_index_is_the_tools_and_not_the_position(tmp_path: Path) -> None:
    tools = FakeTools({"-q -x": reports.xml(reports.gpu(3)), reports.IDENTITY: reports.identity(3)})
    assert facts(machine(tmp_path), tools)["devices"][0]["index"] == 3


def test_other_vendors_can_be_left_out(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:43:00.0", ids="1002:74a1", driver="amdgpu", device_class="0x120000")
    fact = facts(machine(tmp_path), healthy(0), Wishes(vendors=["nvidia"]))
    assert [device["vendor"] for device in fact["devices"]] == ["nvidia"]


def test_a_card_of_another_vendor_is_counted_and_not_planned(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:43:00.0", ids="1d94:6210", driver="hydcu", device_class="0x120000")
    fact = facts(machine(tmp_path), healthy(0))
    assert [(device["vendor"], device["schedulable"]) for device in fact["devices"]] == [
        ("nvidia", True),
        ("hygon", False),
    ]
    assert codes(fact) == ["tool_missing"]


def test_no_gpu(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:00:02.0", ids="8086:a780", driver="i915", device_class="0x030000")
    pci_card(tmp_path, "0000:05:00.0", ids="1a03:2000", driver="ast", device_class="0x030000")
    pci_card(tmp_path, "0000:06:00.1", ids="10de:22ba", driver="snd_hda_intel", device_class="0x040300")
    fact = facts(machine(tmp_path), FakeTools())
    assert fact["devices"] == []
    assert codes(fact) == ["no_gpu"]


@pytest.mark.parametrize(
    ("driver", "state", "warnings"),
    [
        (None, "tool_missing", ["tool_missing"]),
        ("nvidia", "tool_missing", ["tool_missing"]),
        ("nouveau", "wrong_driver", ["wrong_driver"]),
        ("vfio-pci", "passthrough", ["passthrough"]),
    ],
)
def test_a_card_without_nvidias_driver(
    tmp_path: Path, driver: str | None, state: str, warnings: list[str]
) -> None:
    pci_card(tmp_path, "0000:17:00.0", driver=driver)
    fact = facts(machine(tmp_path), FakeTools())
    (device,) = fact["devices"]
    assert (device["state"], device["schedulable"], device["memory_total_bytes"]) == (state, False, None)
    assert device["pci_id"] == "10de:2330"
    assert codes(fact) == warnings


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (
            Outcome(
                9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure"
            ),
            "driver_not_loaded",
        ),
        (Outcome(18, "Failed to initialize NVML: Driver/library version mismatch"), "driver_mismatch"),
        (Outcome(0, "", "Failed to initialize NVML: Driver/library version mismatch"), "driver_mismatch"),
        (Outcome(255, "Failed to initialize NVML: Unknown Error"), "driver_error"),
        (Outcome(6, "No devices were found"), "no_devices"),
        (Outcome(0, "No devices were found"), "no_devices"),
        (Outcome(12, "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system."), "library_missing"),
        (Outcome(4, "Failed to initialize NVML: Insufficient Permissions"), "permission_denied"),
        (Outcome(15, ""), "device_lost"),
        (Outcome(None, "", "", timed_out=True), "timeout"),
        (Outcome(127, "", "sh: nvidia-smi: command not found"), "tool_missing"),
        (
            Outcome(1, "Failed to initialize NVML: GPU access blocked by the operating system"),
            "access_blocked",
        ),
        (Outcome(0, "hello"), "parse_error"),
        (Outcome(None, "", "Exec format error"), "tool_broken"),
    ],
)
def test_a_card_with_a_broken_driver(tmp_path: Path, outcome: Outcome, code: str) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    fact = facts(machine(tmp_path), FakeTools({"-q -x": outcome}))
    assert codes(fact) == [code]
    assert fact["warnings"][0]["hint"]
    (device,) = fact["devices"]
    assert (device["state"], device["schedulable"], device["source"]) == (code, False, "sysfs")


def test_the_kernel_still_names_the_card_of_a_broken_driver(tmp_path: Path) -> None:
    pci_card(tmp_path, "0000:17:00.0")
    host = machine(
        tmp_path,
        {
            "proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Wed Feb",
            "proc/driver/nvidia/gpus/0000:17:00.0/information": "Model: \t\t NVIDIA L40S\nGPU UUID: \t GPU-??????",
        },
    )
    fact = facts(host, FakeTools({"-q -x": Outcome(18, "Driver/library version mismatch")}))
    assert fact["driver"] == {"nvidia": "570.124.06"}
    assert (fact["devices"][0]["name"], fact["devices"][0]["uuid"]) == ("NVIDIA L40S", None)


def test_a_dead_card_that_hides_the_others_hides_them_no_longer(tmp_path: Path) -> None:
    for number in (0, 1):
        pci_card(tmp_path, reports.address(number))
    dead = Outcome(255, "Unable to determine the device handle for GPU0000:17:00.0: Unknown Error")
    tools = FakeTools(
        {
            "-q -x": dead,
            "-q -x -i 0000:17:00.0": dead,
            "-q -x -i 0000:18:00.0": reports.xml(reports.gpu(1)),
            reports.IDENTITY: dead,
            reports.IDENTITY + " -i 0000:18:00.0": reports.identity(1),
        }
    )
    fact = facts(machine(tmp_path), tools)
    assert [(device["pci_bus_id"], device["index"], device["state"]) for device in fact["devices"]] == [
        ("0000:17:00.0", None, "device_lost"),
        ("0000:18:00.0", 1, "ok"),
    ]
    assert codes(fact) == ["device_lost"]


def test_a_lost_card_in_the_report_keeps_its_healthy_neighbour(tmp_path: Path) -> None:
    nothing = "GPU is lost"
    lost = reports.gpu(0, product_name=nothing, uuid=nothing, fb_memory=reports.memory(*[nothing] * 4))
    fact = facts(machine(tmp_path), answering(lost, reports.gpu(1)))
    assert [(device["state"], device["schedulable"]) for device in fact["devices"]] == [
        ("device_lost", False),
        ("ok", True),
    ]
    assert codes(fact) == ["device_lost"]
    assert fact["warnings"][0]["device"] == "0000:17:00.0"


def test_a_card_on_the_bus_that_the_report_leaves_out(tmp_path: Path) -> None:
    for number in (0, 1):
        pci_card(tmp_path, reports.address(number))
    fact = facts(machine(tmp_path), healthy(0))
    assert [device["state"] for device in fact["devices"]] == ["ok", "driver_error"]
    assert codes(fact) == ["driver_error"]


def test_a_container_may_be_given_some_cards_only(tmp_path: Path) -> None:
    for number in (0, 1):
        pci_card(tmp_path, reports.address(number))
    fact = facts(machine(tmp_path, {".dockerenv": ""}), healthy(0))
    assert fact["host"]["container"] is True
    assert [device["state"] for device in fact["devices"]] == ["ok", "not_visible"]


def test_a_cut_report_gives_what_is_whole(tmp_path: Path) -> None:
    text = reports.xml(reports.gpu(0), reports.gpu(1))
    cut = {"-q -x": text[: text.rindex("<ecc_mode>")], reports.IDENTITY: reports.identity(0)}
    fact = facts(machine(tmp_path), FakeTools(cut))
    assert [(device["index"], device["state"]) for device in fact["devices"]] == [
        (0, "ok"),
        (None, "not_reported"),
    ]
    assert codes(fact) == ["parse_error", "devices_missing"]


def test_a_whole_report_of_fewer_cards_than_attached_invents_none(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"-q -x": reports.xml(reports.gpu(0), attached=4)}))
    assert len(fact["devices"]) == 1
    assert codes(fact) == ["devices_missing"]


def test_mig_children_have_their_own_memory(tmp_path: Path) -> None:
    children = "".join(
        reports.MIG_CHILD.format(index=index, gi=gi, ci=ci, mib=9984, free=9972)
        for index, gi, ci in ((0, 7, 0), (1, 7, 1))
    ) + reports.MIG_CHILD.format(index=2, gi=8, ci=0, mib=20096, free=20084)
    parent = reports.gpu(0, mig_mode="<current_mig>Enabled</current_mig>", mig_devices=children)
    tools = FakeTools(
        {
            "-q -x": reports.xml(parent),
            reports.IDENTITY: reports.identity(0),
            "-L": reports.LISTING,
        }
    )
    (device,) = facts(machine(tmp_path), tools)["devices"]
    assert (device["state"], device["schedulable"], device["mig"]["mode"]) == ("ok", False, "enabled")
    instances = device["mig"]["instances"]
    assert [row["memory_free_bytes"] for row in instances] == [9972 * MIB, 9972 * MIB, 20084 * MIB]
    assert [row["shares_memory"] for row in instances] == [True, True, False]
    assert [row["profile"] for row in instances] == ["1g.10gb", "1g.10gb", None]
    assert instances[1]["uuid"] == "MIG-00000000-0000-4000-8000-000000000001"


def test_mig_without_instances_is_no_device(tmp_path: Path) -> None:
    parent = reports.gpu(0, mig_mode="<current_mig>Enabled</current_mig>")
    fact = facts(machine(tmp_path), answering(parent))
    assert (fact["devices"][0]["state"], fact["devices"][0]["schedulable"]) == ("mig_empty", False)
    assert codes(fact) == ["mig_empty"]


def test_gb10_uses_the_hosts_memory(tmp_path: Path) -> None:
    card = reports.gpu(0, product_name="NVIDIA GB10", fb_memory=reports.memory(*["N/A"] * 4))
    (device,) = facts(machine(tmp_path), answering(card))["devices"]
    assert device["unified_memory"] is True
    assert device["schedulable"] is True
    assert device["memory_total_bytes"] == 127000000 * 1024
    assert device["memory_free_bytes"] == 118000000 * 1024
    assert device["memory_used_bytes"] is None


def test_memory_that_nobody_knows_is_null_and_said(tmp_path: Path) -> None:
    card = reports.gpu(0, fb_memory=reports.memory(*["N/A"] * 4))
    fact = facts(machine(tmp_path), answering(card))
    assert (fact["devices"][0]["memory_total_bytes"], fact["devices"][0]["schedulable"]) == (None, False)
    assert codes(fact) == ["memory_unknown"]


@pytest.mark.parametrize(
    ("changed", "state", "expected"),
    [
        (
            {"remapped_rows": "<remapped_row_failure>Yes</remapped_row_failure>"},
            "unhealthy",
            ["row_remap_failed"],
        ),
        ({"gpu_recovery_action": "Reboot"}, "unhealthy", ["recovery_action"]),
        ({"remapped_rows": "<remapped_row_pending>Yes</remapped_row_pending>"}, "ok", ["reset_pending"]),
        (
            {"gpu_virtualization_mode": "<virtualization_mode>Host VGPU</virtualization_mode>"},
            "vgpu_host",
            ["vgpu_host"],
        ),
        (
            {
                "gpu_virtualization_mode": "<virtualization_mode>VGPU</virtualization_mode>",
                "vgpu_software_licensed_product": "<license_status>Unlicensed (Restricted)</license_status>",
            },
            "ok",
            ["vgpu_unlicensed"],
        ),
        ({"gpu_virtualization_mode": "<virtualization_mode>Pass-Through</virtualization_mode>"}, "ok", []),
    ],
)
def test_health_and_virtualization(
    tmp_path: Path, changed: dict[str, str], state: str, expected: list[str]
) -> None:
    fact = facts(machine(tmp_path), answering(reports.gpu(0, **changed)))
    assert fact["devices"][0]["state"] == state
    assert fact["devices"][0]["schedulable"] is (state == "ok")
    assert codes(fact) == expected


def test_an_unreadable_report_falls_back_to_the_short_query(tmp_path: Path) -> None:
    row = "0, %s, %s, Tesla T4, 15360, 100, 14900, 470.82.01\n" % (reports.UUID % 0, reports.bus(0))
    broken = "GPU 1: this card gives no answer\n"
    tools = FakeTools({"-q -x": Outcome(1, "Segmentation fault"), reports.MINIMAL: row + broken})
    fact = facts(machine(tmp_path), tools)
    (device,) = fact["devices"]
    assert (device["name"], device["memory_free_bytes"]) == ("Tesla T4", 14900 * MIB)
    assert fact["driver"] == {"nvidia": "470.82.01"}
    assert (device["compute_capability"], device["sources"]["compute_capability"]) == ("7.5", "table")
    assert codes(fact) == ["tool_broken"]


def test_the_plain_report_is_read_like_the_xml(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"-q -x": reports.LOG}))
    (device,) = fact["devices"]
    assert (fact["driver"], fact["runtime"]) == ({"nvidia": "610.62"}, {"cuda": "13.3"})
    assert device["memory_total_bytes"] == 143771 * MIB
    assert (device["pci_id"], device["architecture"]) == ("10de:2335", "hopper")
    assert [row["shares_memory"] for row in device["mig"]["instances"]] == [True, True]


def test_the_human_table_is_better_than_nothing(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"-q -x": reports.TABLE}))
    assert (fact["driver"], fact["runtime"]) == ({"nvidia": "555.85"}, {"cuda": "12.5"})
    ada, spark = fact["devices"]
    assert (ada["name"], ada["memory_used_bytes"]) == ("NVIDIA GeForce RTX 4090", 2710 * MIB)
    assert ada["memory_free_bytes"] is None
    assert (ada["power_limit_w"], ada["ecc"]) == (450.0, None)
    assert (spark["pci_bus_id"], spark["unified_memory"]) == ("000f:01:00.0", True)


def test_the_listing_tells_cards_with_the_same_empty_uuid_apart(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"-q -x": reports.LISTING}))
    assert [device["index"] for device in fact["devices"]] == [0, 1]
    assert fact["devices"][0]["uuid"] is None


@pytest.mark.parametrize(
    ("fabric", "expected"),
    [("In Progress", ["fabric_not_ready"]), ("Completed", []), ("N/A", [])],
)
def test_the_fabric_of_nvswitch(tmp_path: Path, fabric: str, expected: list[str]) -> None:
    card = reports.gpu(0, fabric="<state>%s</state><status>Success</status>" % fabric)
    fact = facts(machine(tmp_path), answering(card))
    assert codes(fact) == expected
    assert fact["devices"][0]["schedulable"] is not bool(expected)


def test_addressing_is_told_and_is_not_unified_memory(tmp_path: Path) -> None:
    (device,) = facts(machine(tmp_path), answering(reports.gpu(0, addressing_mode="HMM")))["devices"]
    assert (device["addressing_mode"], device["unified_memory"]) == ("HMM", False)


def test_a_second_question_that_hangs_is_a_timeout_and_costs_its_answer_alone(tmp_path: Path) -> None:
    hung = Outcome(None, timed_out=True)
    tools = FakeTools(
        {
            "-q -x": reports.xml(reports.gpu(0), reports.gpu(1)),
            reports.IDENTITY: hung,
            "topo -m": hung,
        }
    )
    fact = facts(machine(tmp_path), tools)
    assert [device["memory_free_bytes"] for device in fact["devices"]] == [80000 * MIB] * 2
    assert codes(fact) == ["timeout", "timeout"]
    assert "topo -m" in fact["warnings"][1]["message"]


def test_a_new_card_under_an_old_driver_gets_its_name_from_the_table(tmp_path: Path) -> None:
    card = reports.gpu(
        0,
        product_name="NVIDIA Device 2b85",
        product_architecture="N/A",
        pci="<pci_device_id>2B8510DE</pci_device_id><pci_bus_id>%s</pci_bus_id>" % reports.bus(0),
    )
    (device,) = facts(machine(tmp_path), FakeTools({"-q -x": reports.xml(card)}))["devices"]
    assert (device["name"], device["compute_capability"]) == ("NVIDIA GeForce RTX 5090", "12.0")
    assert device["sources"] == dict.fromkeys(("name", "compute_capability", "architecture"), "table")


def test_a_licence_without_a_card_is_still_said(tmp_path: Path) -> None:
    fragment = "    vGPU Software Licensed Product\n        License Status   : Unlicensed\n"
    fact = facts(machine(tmp_path), FakeTools({"-q -x": fragment}))
    assert (fact["devices"], codes(fact)) == ([], ["vgpu_unlicensed"])


@pytest.mark.parametrize(
    ("text", "index", "mib"),
    [
        ("0, GPU-1, NVIDIA L40S, 570.86.15, 3, 512, 46068\n", 0, 46068),
        ("1, Tesla T4, 15360 MiB, 100 MiB, 14900 MiB\n", 1, 15360),
        ("2, Tesla T4, 1410, 15360, 1000, 14300\n", 2, 15360),
        ("3, Tesla T4, 1410, 5001\n", 3, None),
        ("N/A, [N/A], Orin (nvgpu)\n", 0, 127000000 // 1024),
        ("index, name, memory.total [MiB], memory.free [MiB]\n5, Tesla T4, 15360 MiB, 14900 MiB\n", 5, 15360),
    ],
)
def test_csv_that_somebody_else_asked_for(tmp_path: Path, text: str, index: int, mib: int | None) -> None:
    (device,) = facts(machine(tmp_path), FakeTools({"*": text}))["devices"]
    total = device["memory_total_bytes"]
    assert (device["index"], None if total is None else total // MIB) == (index, mib)


def test_a_complaint_is_no_card(tmp_path: Path) -> None:
    text = (
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver, and NVIDIA GPU is off."
    )
    fact = facts(machine(tmp_path), FakeTools({"*": Outcome(9, text)}))
    assert (fact["devices"], codes(fact)) == ([], ["driver_not_loaded"])


def test_a_matrix_alone_counts_the_cards(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": TOPOLOGY}))
    assert [(device["index"], device["schedulable"]) for device in fact["devices"]] == [
        (0, False),
        (1, False),
    ]
    assert fact["topology"]["links"][0]["class"] == "NV18"


def test_windows_shares_the_memory(tmp_path: Path) -> None:
    fact = facts(
        machine(tmp_path, {"proc/version": "Linux version 5.15-microsoft-standard-WSL2"}), healthy(0)
    )
    assert codes(fact) == ["wsl_shared_memory"]


def test_the_table_of_an_old_driver_and_of_a_dead_card(tmp_path: Path) -> None:
    fact = facts(machine(tmp_path), FakeTools({"*": reports.OLD_TABLE}))
    first, dead, orin = fact["devices"]
    assert (first["memory_free_bytes"], first["ecc"]) == ((11441 - 63) * MIB, True)
    assert (dead["state"], dead["name"], dead["schedulable"]) == ("device_lost", None, False)
    assert (orin["unified_memory"], orin["pci_bus_id"]) == (True, None)


def test_mig_in_the_table(tmp_path: Path) -> None:
    (device,) = facts(machine(tmp_path), FakeTools({"*": reports.MIG_TABLE}))["devices"]
    assert (device["mig"]["mode"], device["schedulable"], device["ecc"]) == ("enabled", False, True)
    instances = device["mig"]["instances"]
    assert [row["memory_total_bytes"] for row in instances] == [71424 * MIB, 71424 * MIB, 33280 * MIB]
    assert [row["shares_memory"] for row in instances] == [True, True, False]
