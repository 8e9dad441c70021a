# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell people about single NVIDIA cards."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device, Notice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.kernel_log import LogEntry

_LOG_CODES: t.Mapping[str, str] = {"xid": "xid", "off_bus": "device_lost", "init_failed": "init_failed"}

SHARED_WITH_WINDOWS = Notice(
    "wsl_shared_memory",
    "nvidia",
    "Under WSL the card's memory is shared with Windows, whose programs cannot be seen from here",
    "Leave some memory free, and close what uses the card in Windows.",
)


def of_device(device: Device) -> t.Iterator[Notice]:
    """What a person should know about a card that the driver serves."""
    found = list(_of_values(device)) + list(_of_health(device)) + list(_of_mode(device))
    card = who(device)
    for code, message, hint in found:
        yield Notice(code, device.vendor, "%s: %s" % (card or device.name, message), hint, card)
    if device.vgpu is not None and device.vgpu["licence"]:
        yield from of_licence(str(device.vgpu["licence"]), card)


def _of_values(device: Device) -> t.Iterator[t.Tuple[str, str, str]]:
    if device.state == "device_lost":
        yield "device_lost", "the card does not answer", "Reset the card or reboot; see the kernel's log."
    elif device.memory_total_bytes is None:
        yield "memory_unknown", "its memory is not known", "The card is left out of plans."
    elif device.compute_capability is None:
        hint = "Drivers before 510 do not tell it: update the driver."
        yield "compute_capability_unknown", "its compute capability is not known", hint


def _of_health(device: Device) -> t.Iterator[t.Tuple[str, str, str]]:
    if device.health.state == "unhealthy":
        yield "unhealthy", str(device.health.detail), "Reset the card, or replace it."
    elif device.health.detail is not None:
        yield "reset_pending", device.health.detail, "Reset the card or reboot at the next occasion."
    if device.fabric_state not in (None, "completed", "not_supported"):
        message = "NVSwitch's fabric is %s: programs end with CUDA error 802" % device.fabric_state
        yield (
            "fabric_not_ready",
            message,
            "Start nvidia-fabricmanager in the driver's version, and see its log.",
        )


def _of_mode(device: Device) -> t.Iterator[t.Tuple[str, str, str]]:
    if device.state == "mig_empty":
        yield "mig_empty", "MIG is on without any instance", "Create instances, or turn MIG off."
    if device.state == "vgpu_host":
        yield "vgpu_host", "its memory belongs to virtual machines", "Plan inside the virtual machines."


def of_licence(status: str, device: t.Optional[str]) -> t.Iterator[Notice]:
    """``status`` as the driver words it, such as Unlicensed (Restricted)."""
    if status.startswith("Unlicensed"):
        text = "%s: the vGPU has no licence and is throttled after minutes" % (device or "vGPU")
        yield Notice("vgpu_unlicensed", "nvidia", text, "Configure the licence of the vGPU.", device)


def of_log(entries: t.Sequence[LogEntry]) -> t.List[Notice]:
    """Complaints of the kernel's module since boot."""
    return [
        Notice(
            _LOG_CODES[entry.kind],
            "nvidia",
            "%s: the kernel's log has: %s" % (entry.address, entry.text),
            "Reset the card or reboot; where it comes again, the card or its slot needs service.",
            entry.address,
        )
        for entry in entries
    ]


def who(device: Device) -> t.Optional[str]:
    return device.pci_bus_id or device.uuid


def of_unseen(device: Device) -> Notice:
    """Why a card of the bus is not served."""
    hints = {
        "passthrough": "It belongs to a virtual machine: plan there.",
        "wrong_driver": "Install NVIDIA's driver in place of nouveau.",
        "not_visible": "This container was not given the card.",
    }
    hint = hints.get(device.state, "See NVRM lines of the kernel's log.")
    text = "%s: on the PCI bus, but not served by NVIDIA's driver" % device.pci_bus_id
    return Notice(device.state, device.vendor, text, hint, device.pci_bus_id)
