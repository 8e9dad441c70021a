# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with a card, and what follows from it: health, use by plans, urgency.

One row a condition, with the source of the verdict. A verdict of ``unhealthy`` is never schedulable; a
healthy card may still be out of use, as in a mode that lets no program in.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Condition,
    Device,
    Health,
    Notice,
)

ERROR, WARNING, NOTE = "error", "warning", "note"


class Row(t.NamedTuple):
    """``health`` is unhealthy or ok; ``source`` is where the verdict comes from."""

    health: str
    schedulable: bool
    severity: str
    hint: str
    source: str


_RESET = "Drain the card and reset it (nvidia-smi -r -i), or reboot the host."
_SERVICE = "Take the card out of use and have it replaced."
_AT_RESET = "Reset the card or reboot at the next occasion."

TABLE: t.Mapping[str, Row] = {
    "device_lost": Row(
        "unhealthy",
        False,
        ERROR,
        "Reset the card or reboot; see the kernel's log. If it comes back, reseat or replace it.",
        "NVML_ERROR_GPU_IS_LOST; NVIDIA's Xid 79",
    ),
    "reset_required": Row("unhealthy", False, ERROR, _RESET, "NVML_ERROR_RESET_REQUIRED; GPU Reset Status"),
    "reset_recommended": Row("unhealthy", False, ERROR, _RESET, "GPU Reset Status of drivers 525 to 565"),
    "recovery_action": Row("unhealthy", False, ERROR, _RESET, "nvmlDeviceGpuRecoveryAction_t, driver 570"),
    "row_remap_failed": Row("unhealthy", False, ERROR, _SERVICE, "NVIDIA's GPU memory error management"),
    "sram_threshold": Row("unhealthy", False, ERROR, _SERVICE, "NVIDIA's GPU debug guidelines; Xid 48"),
    "memory_unrepairable": Row(
        "unhealthy", False, ERROR, _SERVICE, "nvmlDeviceGetUnrepairableMemoryFlag, driver 580"
    ),
    "retired_pages": Row(
        "unhealthy", False, ERROR, _SERVICE, "NVIDIA's dynamic page retirement: 64 pages at most"
    ),
    "uncorrected_errors": Row(
        "unhealthy", False, ERROR, _RESET, "DCGM's memory health watch: any volatile double-bit error"
    ),
    "inforom_corrupted": Row("unhealthy", False, ERROR, _SERVICE, "DCGM's inforom health watch"),
    "fabric_failed": Row(
        "unhealthy",
        False,
        ERROR,
        "See the logs of nvidia-fabricmanager or nvlsm; reset all cards of the host together.",
        "nvmlGpuFabricInfo status and health",
    ),
    "unhealthy": Row(
        "unhealthy", False, ERROR, "See the vendor's tool for the card.", "the vendor's verdict"
    ),
    "bad_pages": Row("unhealthy", False, ERROR, _SERVICE, "amdgpu's bad page threshold"),
    "init_failed": Row(
        "unhealthy", False, ERROR, "Reset the card or reboot; see NVRM lines of the kernel's log.", "NVRM"
    ),
    "fabric_not_ready": Row(
        "ok",
        False,
        WARNING,
        "Start nvidia-fabricmanager in the driver's version, and see its log.",
        "CUDA error 802 until the state is Completed",
    ),
    "compute_prohibited": Row(
        "ok", False, WARNING, "Let programs in with nvidia-smi -c DEFAULT.", "NVML_COMPUTEMODE_PROHIBITED"
    ),
    "mig_empty": Row("ok", False, WARNING, "Create instances, or turn MIG off.", "NVIDIA's MIG user guide"),
    "vgpu_host": Row("ok", False, WARNING, "Plan inside the virtual machines.", "NVIDIA's vGPU user guide"),
    "confidential_not_ready": Row(
        "ok",
        False,
        WARNING,
        "Attest the card, then set the ready state: nvidia-smi conf-compute -srs 1.",
        "nvmlSystemGetConfComputeGpusReadyState",
    ),
    "permission_denied": Row(
        "ok",
        False,
        ERROR,
        "Give this user, or this container, the card's device node.",
        "NVML_ERROR_NO_PERMISSION",
    ),
    "partitioned": Row(
        "ok", False, WARNING, "Plans take whole cards: set the partition to SPX.", "AMD's partition guide"
    ),
    "exclusive_process": Row(
        "ok",
        True,
        NOTE,
        "One program alone can use the card; others fail with busy or unavailable.",
        "NVML_COMPUTEMODE_EXCLUSIVE_PROCESS",
    ),
    "reset_pending": Row("ok", True, WARNING, _AT_RESET, "NVIDIA's GPU memory error management"),
    "fabric_degraded": Row(
        "ok", True, WARNING, "Links between cards are slower than they should be.", "nvmlGpuFabricInfo health"
    ),
    "throttled": Row(
        "ok",
        True,
        WARNING,
        "Look at cooling and power supply: the hardware has slowed itself down.",
        "nvmlClocksEventReason HwSlowdown, HwThermalSlowdown, HwPowerBrakeSlowdown",
    ),
    "pcie_narrowed": Row(
        "ok", True, WARNING, "Reseat the card or its riser; see the slot's setting.", "PCIe link status"
    ),
    "pcie_half": Row(
        "ok",
        True,
        NOTE,
        "Usual in clouds and for second slots; transfers to it are slower.",
        "PCIe link status",
    ),
    "nvlink_missing": Row(
        "ok",
        True,
        WARNING,
        "See nvidia-smi nvlink -s; reset all cards of the host together, then the fabric's service.",
        "the links of its peers",
    ),
    "persistence_off": Row(
        "ok",
        True,
        NOTE,
        "Start nvidia-persistenced: else each first use waits for the card.",
        "NVIDIA's docs",
    ),
    "memory_errors": Row(
        "ok", True, WARNING, "Watch the count; where it grows, replace the card.", "amdgpu's RAS counters"
    ),
    "health_warning": Row("ok", True, WARNING, "See the vendor's tool for the card.", "the vendor's verdict"),
}


def health(found: t.Iterable[t.Tuple[str, str]], known: bool) -> Health:
    """The verdict of conditions ``(code, detail)``; without any, ok where health is ``known``."""
    conditions = tuple(Condition(code, detail) for code, detail in dict(found).items())
    sick = any(TABLE[each.code].health == "unhealthy" for each in conditions)
    details = [each.detail for each in conditions if TABLE[each.code].severity != NOTE]
    return Health(
        "unhealthy" if sick else "ok" if known else "unknown", "; ".join(details) or None, conditions
    )


def with_more(known: Health, found: t.Iterable[t.Tuple[str, str]]) -> Health:
    """``known`` with further conditions."""
    more = list(found)
    if not more:
        return known
    before = [(each.code, each.detail) for each in known.conditions]
    return health(before + more, known.state == "ok")


def obstacle(verdict: Health) -> t.Optional[str]:
    """The state of a card that must not be used; None where nothing speaks against it."""
    for each in verdict.conditions:
        row = TABLE[each.code]
        if not row.schedulable:
            return "unhealthy" if row.health == "unhealthy" and each.code != "device_lost" else each.code
    return None


def notices(device: Device, who: str) -> t.Iterator[Notice]:
    """One for each condition of ``device``, which people are told is ``who``."""
    card = device.pci_bus_id or device.uuid
    for each in device.health.conditions:
        row = TABLE[each.code]
        yield Notice(each.code, device.vendor, "%s: %s" % (who, each.detail), row.hint, card, row.severity)
