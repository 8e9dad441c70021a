# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of Hygon's DCUs. Their toolkit has hy-smi, and rocm-smi under AMD's name."""

from __future__ import annotations

import posixpath

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.amd import rocm_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Scene
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Findings

VENDOR = rocm_smi.HYGON
TOOLS = ("hy-smi", "rocm-smi")


def probe(scene: Scene) -> Findings:
    """Every Hygon card."""
    paths = [path for path in map(scene.tools.find, TOOLS) if path is not None]
    if not paths:
        failure, notices = bus.missing_tool(scene, VENDOR, TOOLS[0])
        return bus.with_cards(Findings(notices=notices), scene, failure, "driver_not_loaded")
    outcome = scene.tools.run([paths[0], *rocm_smi.QUESTION])
    found = rocm_smi.parse(outcome.stdout)
    devices = tuple(device for device in found.devices if device.vendor == VENDOR)
    if devices:
        known = Findings(devices=devices, driver=found.driver)
        return bus.with_cards(known, scene, None, "driver_not_loaded")
    if found.devices and not scene.cards:
        return Findings()
    failed, notice = bus.tool_failure(VENDOR, posixpath.basename(paths[0]), outcome)
    return bus.with_cards(Findings(notices=(notice,)), scene, failed, "driver_not_loaded")
