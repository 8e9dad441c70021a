# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to tell people about single NVIDIA cards."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus, conditions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device, Notice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.nvidia.kernel_log import LogEntry

_LOG_CODES: t.Mapping[str, str] = {
    "xid": "xid",
    "sxid": "sxid",
    "off_bus": "device_lost",
    "init_failed": "init_failed",
}

SHARED_WITH_WINDOWS = Notice(
    "wsl_shared_memory",
    "nvidia",
    "Under WSL the card's memory is shared with Windows, whose programs cannot be seen from here",
    "Leave some memory free, and close what uses the card in Windows.",
)


def of_device(device: Device) -> t.Iterator[Notice]:
    """What a person should know about a card that the driver serves."""
    yield from conditions.notices(device, bus.who(device))
    card = device.pci_bus_id or device.uuid
    for code, message, hint in () if conditions.obstacle(device.health) else _of_values(device):
        yield Notice(code, device.vendor, "%s: %s" % (bus.who(device), message), hint, card)
    if device.vgpu is not None and device.vgpu["licence"]:
        yield from of_licence(str(device.vgpu["licence"]), card)


def _of_values(device: Device) -> t.Iterator[t.Tuple[str, str, str]]:
    if device.memory_total_bytes is None:
        yield "memory_unknown", "its memory is not known", "The card is left out of plans."
    elif device.compute_capability is None:
        hint = "Drivers before 510 do not tell it: update the driver."
        yield "compute_capability_unknown", "its compute capability is not known", hint


def of_licence(status: str, device: t.Optional[str]) -> t.Iterator[Notice]:
    """``status`` as the driver words it, such as Unlicensed (Restricted)."""
    if status.startswith("Unlicensed"):
        text = "%s: the vGPU has no licence and is throttled after minutes" % (device or "vGPU")
        yield Notice("vgpu_unlicensed", "nvidia", text, "Configure the licence of the vGPU.", device)


def of_log(entries: t.Sequence[LogEntry], uptime_s: t.Optional[float]) -> t.List[Notice]:
    """Complaints of the kernel's module since boot."""
    return [
        Notice(
            _LOG_CODES[entry.kind],
            "nvidia",
            "%s: the kernel's log has: %s%s" % (entry.address, entry.text, _when(entry, uptime_s)),
            "Reset the card or reboot; where it comes again, the card or its slot needs service.",
            entry.address,
        )
        for entry in entries
    ]


def _when(entry: LogEntry, uptime_s: t.Optional[float]) -> str:
    words = ["%d times" % entry.count] if entry.count > 1 else []
    if entry.last_s is not None and uptime_s is not None and uptime_s >= entry.last_s:
        words.append("%s ago" % _age(uptime_s - entry.last_s))
    return " (%s)" % ", last ".join(words) if words else ""


def _age(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return "%d %s" % (seconds // length, unit)
    return "%d seconds" % seconds
