# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jetsons: one GPU inside the processor, which neither the PCI bus nor, before JetPack 6, a tool shows."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Device

SIGNS = ("/etc/nv_tegra_release", "/sys/module/nvgpu", "/sys/devices/platform/gpu.0/load")

_MODEL = "/proc/device-tree/model"
_SOC = "/proc/device-tree/compatible"
# The chip, by the device tree's model or its compatible chip: CUDA's capability and the family.
_CHIPS: t.Sequence[t.Tuple[t.Pattern[str], str, str, str]] = (
    (re.compile(r"thor|tegra264", re.IGNORECASE), "Thor", "11.0", "blackwell"),
    (re.compile(r"orin|tegra234", re.IGNORECASE), "Orin", "8.7", "ampere"),
    (re.compile(r"xavier|tegra194", re.IGNORECASE), "Xavier", "7.2", "volta"),
    (re.compile(r"tx2|tegra186", re.IGNORECASE), "TX2", "6.2", "pascal"),
    (re.compile(r"nano|tx1|tegra210", re.IGNORECASE), "Nano", "5.3", "maxwell"),
)
_RELEASE = re.compile(r"R(\d{1,3}) \(release\), REVISION: (\d{1,3}(?:\.\d{1,3}){0,2})")


def device(machine: Machine) -> t.Optional[Device]:
    """The Jetson's GPU without its memory, which is the host's; None on other hosts."""
    if not any(machine.exists(sign) for sign in SIGNS):
        return None
    model = (machine.read(_MODEL) or "").replace("\0", " ").strip()
    about = model + " " + (machine.read(_SOC) or "").replace("\0", " ")
    chip = next((row for row in _CHIPS if row[0].search(about)), None)
    return Device(
        vendor="nvidia",
        source="device tree",
        index=0,
        name="%s (nvgpu)" % (model or (chip[1] if chip else "Jetson")),
        compute_capability=chip[2] if chip else None,
        architecture=chip[3] if chip else None,
    )


def release(machine: Machine) -> t.Optional[str]:
    """NVIDIA's release of Linux for it, ``35.5.0``."""
    found = _RELEASE.search(machine.read("/etc/nv_tegra_release") or "")
    return "%s.%s" % found.groups() if found else None
