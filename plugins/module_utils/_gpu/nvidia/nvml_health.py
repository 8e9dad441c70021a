# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What NVML says about a card's health, slot, fabric and load."""

from __future__ import annotations

import typing as t
import uuid

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import conditions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Fact, Health
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia import report_health
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.nvml_binding import Card

_FABRIC_STATES: t.Mapping[int, str] = {1: "not_started", 2: "in_progress", 3: "completed"}
_RECOVERY_ACTIONS: t.Mapping[int, str] = {
    1: "reset",
    2: "reboot",
    3: "drain_p2p",
    4: "drain_and_reset",
    5: "recover_imex_domain",
    6: "bus_reset",
    7: "system_reboot",
}
_COMPUTE_MODES: t.Mapping[int, str] = {
    0: "default",
    1: "exclusive_thread",
    2: "prohibited",
    3: "exclusive_process",
}
# nvmlClocksEventReasons, in the words of the report.
_REASONS: t.Mapping[int, str] = {
    0x1: "gpuidle",
    0x4: "swpowercap",
    0x8: "hwslowdown",
    0x10: "syncboost",
    0x20: "swthermalslowdown",
    0x40: "hwthermalslowdown",
    0x80: "hwpowerbrakeslowdown",
}
# Two bits each of the fabric's health mask, 1 is yes: the report's name of the fault.
_FABRIC_FAULTS: t.Mapping[int, str] = {
    0: "bandwidth: degraded",
    2: "routerecovery: in progress",
    4: "routeunhealthy: true",
    6: "accesstimeoutrecovery: true",
}
# Four bits of the mask after these; 1 is none.
_FABRIC_CONFIGURATIONS: t.Mapping[int, str] = {
    2: "Incorrect SystemGUID",
    3: "Incorrect Chassis Serial Number",
    4: "No Partition",
    5: "Insufficient Nvlinks",
    6: "Incompatible GPU Firmware",
    7: "Invalid Location",
    8: "GPU State Invalid",
}
_UNCORRECTED, _VOLATILE, _AGGREGATE = 1, 0, 1


def health(card: Card, fabric: t.Optional[Fact]) -> Health:
    """The card's conditions, asked for one by one."""
    if card.handle is None:
        return conditions.health([_refused(card)], "permission_denied" not in card.complaints)
    rows = card.ask("nvmlDeviceGetRemappedRows")
    errors = card.ask("nvmlDeviceGetTotalEccErrors", _UNCORRECTED, _VOLATILE)
    found = list(_of_memory(card, rows, errors)) + list(_of_recovery(card))
    found += [] if fabric is None else list(report_health.fabric_conditions(fabric))
    mode, persistence = compute_mode(card), persistence_mode(card)
    found += report_health.mode_conditions(mode, reasons(card), persistence)
    found += _of_complaints(card)
    known = rows is not None or errors is not None or recovery_field(card) is not None
    return conditions.health(found, known)


def _refused(card: Card) -> t.Tuple[str, str]:
    """Why there is no handle: a card that NVML counts and does not open is lost, whatever its words."""
    if "reset_required" in card.complaints:
        return "reset_required", "the driver says that the card requires a reset"
    if "insufficient_power" in card.complaints:
        return "unhealthy", "its external power is not connected (%s)" % card.refusal
    if "permission_denied" in card.complaints:
        return "permission_denied", "this user may not open it (%s)" % card.refusal
    return "device_lost", "the card does not answer (%s)" % card.refusal


def _of_memory(card: Card, rows: t.Any, errors: t.Optional[int]) -> report_health.Found:
    if rows is not None and rows[3]:
        yield "row_remap_failed", "a memory row could not be remapped: the card needs service"
    sram = card.structure("nvmlDeviceGetSramEccErrorStatus", "c_nvmlEccSramErrorStatus_v1_t")
    if sram is not None and sram.bThresholdExceeded:
        yield "sram_threshold", "the threshold of SRAM errors is exceeded: the card needs service"
    if errors:
        text = "%d memory errors that could not be corrected since the driver was loaded" % errors
        yield "uncorrected_errors", text
    if card.ask("nvmlDeviceGetUnrepairableMemoryFlag_v1"):
        yield "memory_unrepairable", "a part of its memory cannot be repaired: the card needs service"
    # Cards that remap rows retire no pages.
    retired = [] if rows is not None else [card.ask("nvmlDeviceGetRetiredPages", cause) for cause in (0, 1)]
    pages = sum(len(each) for each in retired if each is not None)
    if pages >= report_health.MOST_RETIRED_PAGES:
        yield "retired_pages", "%d memory pages are retired: the card needs service" % pages
    if (rows is not None and rows[2]) or card.ask("nvmlDeviceGetRetiredPagesPendingStatus"):
        yield "reset_pending", "memory repairs take effect at the next reset of the card"
    card.ask("nvmlDeviceValidateInforom")


def _of_recovery(card: Card) -> report_health.Found:
    action = recovery_action(card)
    if action is not None:
        yield "recovery_action", "the driver asks for recovery: %s" % action
        return
    # Drivers before 570 know these two instead.
    if recovery_field(card) is None and card.field("NVML_FI_DEV_RESET_STATUS") == 1:
        yield "reset_required", "the driver says that a reset is required"
    if recovery_field(card) is None and card.field("NVML_FI_DEV_DRAIN_AND_RESET_STATUS") == 1:
        yield "reset_recommended", "the driver recommends to drain and reset the card"


def _of_complaints(card: Card) -> report_health.Found:
    said = card.complaints
    if "reset_required" in said:
        yield "reset_required", "the driver says that the card requires a reset"
    elif "device_lost" in said:
        yield "device_lost", "the card does not answer (%s)" % said["device_lost"]
    if "inforom_corrupted" in said:
        yield "inforom_corrupted", "its infoROM is corrupted"


def recovery_field(card: Card) -> t.Optional[int]:
    return card.field("NVML_FI_DEV_GET_GPU_RECOVERY_ACTION")


def recovery_action(card: Card) -> t.Optional[str]:
    number = recovery_field(card)
    return _RECOVERY_ACTIONS.get(number, "action %d" % number) if number else None


def compute_mode(card: Card) -> t.Optional[str]:
    return _COMPUTE_MODES.get(card.ask("nvmlDeviceGetComputeMode"))


def persistence_mode(card: Card) -> t.Optional[bool]:
    mode = card.ask("nvmlDeviceGetPersistenceMode")
    return None if mode is None else bool(mode)


def reasons(card: Card) -> t.List[str]:
    """Active reasons for the clocks, in the report's plain words."""
    mask = card.ask("nvmlDeviceGetCurrentClocksEventReasons")
    if mask is None:
        mask = card.ask("nvmlDeviceGetCurrentClocksThrottleReasons")
    return sorted(name for bit, name in _REASONS.items() if mask and mask & bit)


def fabric(card: Card) -> t.Optional[Fact]:
    """The card's place in NVSwitch's fabric; None where it has none."""
    info = card.structure("nvmlDeviceGetGpuFabricInfoV", "c_nvmlGpuFabricInfo_v2_t")
    if info is None:
        info = card.structure("nvmlDeviceGetGpuFabricInfo", "c_nvmlGpuFabricInfo_t")
    state = _FABRIC_STATES.get(info.state) if info is not None else None
    if state is None:
        return None
    mask = getattr(info, "healthMask", 0)
    code = getattr(info, "status", 0)
    identity = bytes(bytearray(getattr(info, "clusterUuid", None) or bytes(16)))
    return {
        "state": state,
        "status": "success" if code == 0 else "nvml_error_%d" % code if state == "completed" else None,
        "cluster_uuid": str(uuid.UUID(bytes=identity)) if any(identity) else None,
        "clique_id": getattr(info, "cliqueId", None),
        "faults": faults(mask),
    }


def faults(mask: int) -> t.List[str]:
    """The report's names of the faults in the fabric's health mask."""
    found = [text for shift, text in _FABRIC_FAULTS.items() if mask >> shift & 3 == 1]
    wrong = _FABRIC_CONFIGURATIONS.get(mask >> 8 & 0xF)
    return found + (["incorrectconfiguration: %s" % wrong] if wrong else [])


def pcie(card: Card) -> t.Optional[Fact]:
    """Generation and lanes, now and at most."""
    found = {
        "generation": card.ask("nvmlDeviceGetCurrPcieLinkGeneration"),
        "generation_max": card.ask("nvmlDeviceGetMaxPcieLinkGeneration"),
        "width": card.ask("nvmlDeviceGetCurrPcieLinkWidth"),
        "width_max": card.ask("nvmlDeviceGetMaxPcieLinkWidth"),
    }
    return found if any(found.values()) else None


def memory_errors(card: Card) -> t.Optional[Fact]:
    """Counts of what error correction met and of what it repaired."""
    rows = card.ask("nvmlDeviceGetRemappedRows") or (None, None)
    found = {
        "uncorrected_volatile": card.ask("nvmlDeviceGetTotalEccErrors", _UNCORRECTED, _VOLATILE),
        "uncorrected_aggregate": card.ask("nvmlDeviceGetTotalEccErrors", _UNCORRECTED, _AGGREGATE),
        "remapped_corrected": rows[0],
        "remapped_uncorrected": rows[1],
    }
    return found if any(count is not None for count in found.values()) else None


def load(card: Card) -> Fact:
    """What the card does at this moment."""
    power = card.ask("nvmlDeviceGetPowerUsage")
    use = card.ask("nvmlDeviceGetUtilizationRates")
    return {
        "temperature_c": card.ask("nvmlDeviceGetTemperature", 0),
        "power_draw_w": None if power is None else power / 1000.0,
        "gpu_percent": getattr(use, "gpu", None),
        "memory_percent": getattr(use, "memory", None),
        "sm_clock_mhz": card.ask("nvmlDeviceGetClockInfo", 1),
        "sm_clock_max_mhz": card.ask("nvmlDeviceGetMaxClockInfo", 1),
        "memory_clock_mhz": card.ask("nvmlDeviceGetClockInfo", 2),
        "reasons": [report_health.readable(name) for name in reasons(card)],
    }
