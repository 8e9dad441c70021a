# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each condition of an NVIDIA card: what the report says, and what follows for health and plans."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device, Health
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import (
    csv_reports,
    query_report,
    tables,
)

from tests.unit.gpu import reports
from tests.unit.gpu.fakes import FakeTools, codes, facts, machine

NOTHING = "GPU requires reset"


def fabric(state: str, status: str = "Success", health: str = "") -> t.Dict[str, str]:
    return {"fabric": "<state>%s</state><status>%s</status><health>%s</health>" % (state, status, health)}


def ecc(volatile: str = "", aggregate: str = "", more: str = "") -> t.Dict[str, str]:
    return {"ecc_errors": "<volatile>%s</volatile><aggregate>%s</aggregate>%s" % (volatile, aggregate, more)}


def reset(required: str, recommended: str) -> t.Dict[str, str]:
    return {
        "gpu_recovery_action": "N/A",
        "gpu_reset_status": "<reset_required>%s</reset_required>"
        "<drain_and_reset_recommended>%s</drain_and_reset_recommended>" % (required, recommended),
    }


# What the report has -> the code of the condition.
REPORTED: t.Sequence[t.Tuple[t.Dict[str, str], str]] = (
    ({"product_name": "GPU is lost"}, "device_lost"),
    ({"uuid": "[Unknown Error]"}, "device_lost"),
    ({"product_name": NOTHING, "uuid": "[GPU requires reset]"}, "reset_required"),
    ({"temperature": "<gpu_temp>GPU requires reset</gpu_temp>"}, "reset_required"),
    (reset("Yes", "No"), "reset_required"),
    (reset("No", "Yes"), "reset_recommended"),
    ({"gpu_recovery_action": "Drain and Reset"}, "recovery_action"),
    ({"remapped_rows": "<remapped_row_failure>Yes</remapped_row_failure>"}, "row_remap_failed"),
    (ecc(aggregate="<sram_threshold_exceeded>Yes</sram_threshold_exceeded>"), "sram_threshold"),
    (ecc(volatile="<dram_uncorrectable>1</dram_uncorrectable>"), "uncorrected_errors"),
    (ecc(volatile="<sram_uncorrectable_secded>2</sram_uncorrectable_secded>"), "uncorrected_errors"),
    (ecc(volatile="<double_bit><total>3</total></double_bit>"), "uncorrected_errors"),
    (ecc(more="<unrepairable_memory>Yes</unrepairable_memory>"), "memory_unrepairable"),
    (
        {
            "retired_pages": "<multiple_single_bit_retirement><retired_count>60</retired_count>"
            "</multiple_single_bit_retirement><double_bit_retirement><retired_count>4</retired_count>"
            "</double_bit_retirement>"
        },
        "retired_pages",
    ),
    (fabric("Completed", "Insufficient Resources"), "fabric_failed"),
    (fabric("Completed", health="<route_unhealthy>True</route_unhealthy>"), "fabric_failed"),
    (fabric("Completed", health="<summary>Unhealthy</summary>"), "fabric_failed"),
    (
        fabric("Completed", health="<incorrect_configuration>No Partition</incorrect_configuration>"),
        "fabric_failed",
    ),
    (fabric("In Progress"), "fabric_not_ready"),
    (fabric("Not Started"), "fabric_not_ready"),
    (
        fabric("Completed", health="<route_recovery_in_progress>True</route_recovery_in_progress>"),
        "fabric_not_ready",
    ),
    (fabric("Completed", health="<bandwidth>Degraded</bandwidth>"), "fabric_degraded"),
    ({"compute_mode": "Prohibited"}, "compute_prohibited"),
    ({"compute_mode": "Exclusive_Process"}, "exclusive_process"),
    ({"mig_mode": "<current_mig>Enabled</current_mig>"}, "mig_empty"),
    ({"gpu_virtualization_mode": "<virtualization_mode>Host VGPU</virtualization_mode>"}, "vgpu_host"),
    ({"remapped_rows": "<remapped_row_pending>Yes</remapped_row_pending>"}, "reset_pending"),
    ({"retired_pages": "<pending_retirement>Yes</pending_retirement>"}, "reset_pending"),
    (ecc(more="<channel_repair_pending>Yes</channel_repair_pending>"), "reset_pending"),
    (ecc(more="<tpc_repair_pending>Yes</tpc_repair_pending>"), "reset_pending"),
    (
        {
            "clocks_event_reasons": "<clocks_event_reason_hw_power_brake_slowdown>Active"
            "</clocks_event_reason_hw_power_brake_slowdown>"
        },
        "throttled",
    ),
    (
        {
            "clocks_throttle_reasons": "<clocks_throttle_reason_hw_slowdown>Active"
            "</clocks_throttle_reason_hw_slowdown>"
        },
        "throttled",
    ),
    ({"persistence_mode": "Disabled"}, "persistence_off"),
)


def link(width: str) -> t.Dict[str, str]:
    return {
        "pci": "<pci_device_id>233010DE</pci_device_id><pci_bus_id>%s</pci_bus_id><pci_gpu_link_info>"
        "<pcie_gen><max_link_gen>5</max_link_gen><current_link_gen>1</current_link_gen></pcie_gen>"
        "<link_widths><max_link_width>16x</max_link_width><current_link_width>%s</current_link_width>"
        "</link_widths></pci_gpu_link_info>" % (reports.bus(0), width)
    }


@pytest.mark.parametrize(
    ("changed", "code"), REPORTED, ids=["%d-%s" % (i, c[1]) for i, c in enumerate(REPORTED)]
)
def test_a_condition_and_its_verdict(tmp_path: Path, changed: t.Dict[str, str], code: str) -> None:
    tools = FakeTools(
        {"-q -x": reports.xml(reports.gpu(0, **changed)), reports.IDENTITY: reports.identity(0)}
    )
    fact = facts(machine(tmp_path), tools)
    (device,) = fact["devices"]
    row = conditions.TABLE[code]
    assert [each["code"] for each in device["health"]["conditions"]] == [code]
    assert (device["health"]["state"], device["schedulable"]) == (row.health, row.schedulable)
    assert device["state"] == ("ok" if row.schedulable else device["state"])
    assert (device["state"] == "ok") is row.schedulable
    (warning,) = (each for each in fact["warnings"] if each["code"] == code)
    assert (warning["severity"], warning["hint"]) == (row.severity, row.hint)


@pytest.mark.parametrize(("width", "code"), [("4x", "pcie_narrowed"), ("8x", "pcie_half"), ("16x", None)])
def test_lanes_that_are_missing(tmp_path: Path, width: str, code: t.Optional[str]) -> None:
    tools = FakeTools(
        {"-q -x": reports.xml(reports.gpu(0, **link(width))), reports.IDENTITY: reports.identity(0)}
    )
    fact = facts(machine(tmp_path), tools)
    assert codes(fact) == ([code] if code else [])
    assert fact["devices"][0]["schedulable"] is True
    assert fact["devices"][0]["pcie"]["generation_max"] == 5


def test_every_condition_has_a_source_a_hint_and_one_meaning() -> None:
    for code, row in conditions.TABLE.items():
        assert row.source, code
        assert row.hint.endswith("."), code
        assert row.health in ("ok", "unhealthy"), code
        assert row.health == "ok" or not row.schedulable, code


def test_the_documentation_has_every_row() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs/docsite/rst/gpu_facts.rst").read_text(
        encoding="utf-8"
    )
    for code, row in conditions.TABLE.items():
        cells = (row.health, "yes" if row.schedulable else "no", row.severity, row.source)
        assert "   * - ``%s``\n     - %s\n" % (code, "\n     - ".join(cells)) in page, code


def test_a_healthy_fabric_says_nothing(tmp_path: Path) -> None:
    health = (
        "<bandwidth>Full</bandwidth><route_recovery_in_progress>False</route_recovery_in_progress>"
        "<incorrect_configuration>None</incorrect_configuration><summary>Healthy</summary>"
        "<partition_assigned>True</partition_assigned>"
    )
    card = reports.gpu(0, **fabric("Completed", health=health))
    fact = facts(
        machine(tmp_path), FakeTools({"-q -x": reports.xml(card), reports.IDENTITY: reports.identity(0)})
    )
    assert (codes(fact), fact["devices"][0]["health"]["state"]) == ([], "ok")


def test_a_corrupted_inforom_is_said_below_the_report(tmp_path: Path) -> None:
    text = reports.xml(reports.gpu(0), reports.gpu(1))
    text += "WARNING: infoROM is corrupted at gpu %s\n" % reports.bus(1)
    fact = facts(machine(tmp_path), FakeTools({"-q -x": text, reports.IDENTITY: reports.identity(0, 1)}))
    assert [device["health"]["state"] for device in fact["devices"]] == ["ok", "unhealthy"]
    assert codes(fact) == ["inforom_corrupted"]


def test_health_without_any_counter_is_unknown() -> None:
    card = reports.gpu(0, gpu_recovery_action="N/A")
    (device,) = query_report.parse(reports.xml(card)).devices
    assert (device.health.state, device.health.conditions) == ("unknown", ())


def test_the_plain_report_has_the_same_conditions() -> None:
    text = (
        "Attached GPUs : 1\nGPU 00000008:01:00.0\n    Product Name : NVIDIA GB200\n    ECC Errors\n"
        "        Volatile\n            SRAM Uncorrectable SEC-DED : 12\n            DRAM Uncorrectable : 32\n"
        "        Aggregate\n            SRAM Threshold Exceeded : Yes\n    Clocks Event Reasons\n"
        "        HW Slowdown : Active\n            HW Thermal Slowdown : Active\n"
        "    GPU Reset Status\n        Reset Required : Yes\n"
    )
    (device,) = query_report.parse(text).devices
    assert [each.code for each in device.health.conditions] == [
        "sram_threshold",
        "uncorrected_errors",
        "reset_required",
        "throttled",
    ]
    assert "44 memory errors" in str(device.health.detail)


def test_load_is_given_on_request(tmp_path: Path) -> None:
    from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.collect import Wishes

    card = reports.gpu(
        0,
        temperature="<gpu_temp>61 C</gpu_temp>",
        utilization="<gpu_util>37 %</gpu_util><memory_util>5 %</memory_util>",
        clocks="<sm_clock>1980 MHz</sm_clock>",
        gpu_power_readings="<instant_power_draw>310.50 W</instant_power_draw>"
        "<current_power_limit>700.00 W</current_power_limit>",
    )
    tools = FakeTools({"-q -x": reports.xml(card), reports.IDENTITY: reports.identity(0)})
    load = facts(machine(tmp_path), tools, Wishes(gather=["load"]))["devices"][0]["load"]
    assert (load["temperature_c"], load["gpu_percent"], load["memory_percent"]) == (61.0, 37.0, 5.0)
    assert (load["sm_clock_mhz"], load["power_draw_w"], load["reasons"]) == (1980, 310.5, [])
    assert facts(machine(tmp_path), tools)["devices"][0]["load"] is None


@pytest.mark.parametrize("code", sorted(conditions.TABLE))
def test_what_follows_from_every_row(code: str) -> None:
    row = conditions.TABLE[code]
    verdict = conditions.health([(code, "detail")], True)
    blocked = conditions.obstacle(verdict)
    assert verdict.state == row.health
    assert (blocked is None) is row.schedulable
    device = Device(vendor="nvidia", source="test", pci_bus_id="0000:17:00.0", health=verdict)
    (notice,) = conditions.notices(device, "the card")
    assert (notice.code, notice.severity, notice.hint) == (code, row.severity, row.hint)
    assert conditions.with_more(Health("unknown"), [(code, "detail")]).state == (
        "unhealthy" if row.health == "unhealthy" else "unknown"
    )


@pytest.mark.parametrize("code", sorted(conditions.TABLE))
def test_something_sets_every_row(code: str) -> None:
    folder = Path(conditions.__file__).parents[1]
    sources = [path for path in folder.rglob("*.py") if path.name != "conditions.py"]
    assert any('"%s"' % code in path.read_text(encoding="utf-8") for path in sources)


# A field that somebody asked nvidia-smi for, its cell, and what that says.
CELLS: t.Sequence[t.Tuple[str, str, str]] = (
    ("ecc.errors.uncorrected.volatile.total", "3", "uncorrected_errors"),
    ("ecc.errors.uncorrected.volatile.dram", "1", "uncorrected_errors"),
    ("ecc.errors.uncorrected.aggregate.sram.thresholdExceeded", "Yes", "sram_threshold"),
    ("remapped_rows.failure", "Yes", "row_remap_failed"),
    ("remapped_rows.pending", "Yes", "reset_pending"),
    ("retired_pages.pending", "Yes", "reset_pending"),
    ("retired_pages.double_bit.count", "64", "retired_pages"),
    ("gpu_recovery_action", "Reset", "recovery_action"),
    ("reset_status.reset_required", "Yes", "reset_required"),
    ("reset_status.drain_and_reset_recommended", "Yes", "reset_recommended"),
    ("fabric.state", "In Progress", "fabric_not_ready"),
    ("fabric.status", "Insufficient Resources", "fabric_failed"),
    ("compute_mode", "Prohibited", "compute_prohibited"),
    ("persistence_mode", "Disabled", "persistence_off"),
    ("clocks_throttle_reasons.hw_thermal_slowdown", "Active", "throttled"),
    ("temperature.gpu", "[GPU requires reset]", "reset_required"),
)


@pytest.mark.parametrize(("field", "cell", "code"), CELLS)
def test_cells_of_a_wrappers_question(field: str, cell: str, code: str) -> None:
    text = "name, memory.total [MiB], %s\nNVIDIA H100 80GB HBM3, 81559 MiB, %s\n" % (field, cell)
    (device,) = csv_reports.parse_any(text).devices
    assert [each.code for each in device.health.conditions] == [code]


def test_errors_are_not_counted_twice() -> None:
    text = (
        "name, memory.total [MiB], ecc.errors.uncorrected.volatile.total, ecc.errors.uncorrected.volatile.dram\n"
        "NVIDIA L40S, 46068 MiB, 2, 2\n"
    )
    (device,) = csv_reports.parse_any(text).devices
    assert (device.health.detail or "").startswith("2 memory errors")


@pytest.mark.parametrize(
    ("errors", "mode", "mig", "code"),
    [
        ("0", "Default", "Disabled", None),
        ("7", "Default", "Disabled", "uncorrected_errors"),
        ("Off", "Prohibited", "Disabled", "compute_prohibited"),
        ("N/A", "E. Process", "N/A", "exclusive_process"),
        ("GPU requires reset", "Default", "N/A", "reset_required"),
    ],
)
def test_a_tables_cells(errors: str, mode: str, mig: str, code: t.Optional[str]) -> None:
    text = (
        "|   0  NVIDIA H100 80GB HBM3          On  |   00000000:17:00.0 Off |   %18s |\n"
        "| N/A   31C    P0              69W / 700W |    1MiB /  81559MiB    |      0%% %12s |\n"
        "|                                         |                        | %20s |\n" % (errors, mode, mig)
    )
    (device,) = tables.parse_table(text).devices
    assert [each.code for each in device.health.conditions] == ([code] if code else [])


def test_a_star_is_no_other_mode() -> None:
    text = (
        "|   0  NVIDIA H100 80GB HBM3          On  |   00000000:17:00.0 Off |                   On |\n"
        "| N/A   31C    P0              69W / 700W |    1MiB /  81559MiB    |      0%      Default |\n"
        "|                                         |                        |             Enabled* |\n"
    )
    (device,) = tables.parse_table(text).devices
    assert device.mig.mode == "enabled"


@pytest.mark.parametrize(
    "line",
    [
        "Unable to determine the device handle for GPU0000:C3:00.0: Unknown Error",
        "Unable to determine the device handle for GPU2: 0000:C3:00.0: Unknown Error",
        "Unable to determine the device handle for gpu 0000:c3:00.0: GPU is lost.",
    ],
)
def test_a_card_named_in_a_complaint_is_a_device(tmp_path: Path, line: str) -> None:
    tools = FakeTools({"-q -x": reports.xml(reports.gpu(0)) + line, reports.IDENTITY: reports.identity(0)})
    found = facts(machine(tmp_path), tools)["devices"]
    assert [(each["pci_bus_id"], each["state"]) for each in found] == [
        (reports.bus(0).lower()[4:], "ok"),
        ("0000:c3:00.0", "device_lost"),
    ]
