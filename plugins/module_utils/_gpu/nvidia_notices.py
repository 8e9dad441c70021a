# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what to tell people about single NVIDIA cards."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.types import Device, Notice


def of_device(device: Device) -> t.Iterator[Notice]:
    """What a person should know about a card that the driver serves."""

    def notice(code: str, message: str, hint: str) -> Notice:
        who = device.pci_bus_id or device.uuid
        return Notice(code, device.vendor, "%s: %s" % (who or device.name, message), hint, who)

    if device.state == "device_lost":
        yield notice(
            "device_lost", "the card does not answer", "Reset the card or reboot; see the kernel's log."
        )
    elif device.memory_total_bytes is None:
        yield notice("memory_unknown", "its memory is not known", "The card is left out of plans.")
    elif device.compute_capability is None:
        hint = "Drivers before 510 do not tell it: update the driver."
        yield notice("compute_capability_unknown", "its compute capability is not known", hint)
    if device.health.state == "unhealthy":
        yield notice("unhealthy", str(device.health.detail), "Reset the card, or replace it.")
    elif device.health.detail is not None:
        yield notice("reset_pending", device.health.detail, "Reset the card or reboot at the next occasion.")
    if device.state == "mig_empty":
        yield notice("mig_empty", "MIG is on without any instance", "Create instances, or turn MIG off.")
    if device.state == "vgpu_host":
        yield notice(
            "vgpu_host", "its memory belongs to virtual machines", "Plan inside the virtual machines."
        )
    if device.vgpu is not None and str(device.vgpu["licence"]).startswith("Unlicensed"):
        yield notice("vgpu_unlicensed", "the vGPU has no licence and is throttled", "Configure the licence.")


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
