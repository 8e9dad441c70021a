# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Huawei Ascend probe. npu-smi, versions from the installed files."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.ascend import npu_smi
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.failures import Failure
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Scene
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import (
    Device,
    Findings,
)

VENDOR = npu_smi.VENDOR
TOOL = "npu-smi"

_DRIVER_FILE = "/usr/local/Ascend/driver/version.info"
_CANN_FILES = (
    "/usr/local/Ascend/ascend-toolkit/latest/version.cfg",
    "/usr/local/Ascend/ascend-toolkit/latest/compiler/version.info",
    "/usr/local/Ascend/nnrt/latest/version.cfg",
)
_VERSION = re.compile(
    r"version[^=\n]{0,40}=\W{0,3}(?:\w+:)?v?(\d{1,4}(?:\.[0-9A-Za-z]{1,8}){1,3})", re.IGNORECASE
)


def probe(scene: Scene) -> Findings:
    """Every Ascend chip."""
    path = scene.tools.find(TOOL)
    failure: t.Optional[Failure] = None
    if path is None:
        failure, notices = bus.missing_tool(scene, VENDOR, TOOL)
        found = Findings(notices=notices)
    else:
        outcome = scene.tools.run([path, "info"])
        found = npu_smi.parse(outcome.stdout)
        if not found.devices:
            failure, notice = bus.tool_failure(VENDOR, "npu-smi info", outcome)
            found = found._replace(notices=(notice,))
    devices = tuple(_as_wished(device, scene) for device in found.devices)
    cann = _version(scene.machine, _CANN_FILES)
    found = found._replace(
        devices=devices,
        driver=found.driver or _version(scene.machine, (_DRIVER_FILE,)),
        runtime={"cann": cann} if cann else {},
    )
    return bus.with_cards(found, scene, failure, "driver_not_loaded")


def _as_wished(device: Device, scene: Scene) -> Device:
    return device if scene.include_processes else device._replace(processes=(), processes_bytes=None)


def _version(machine: Machine, paths: t.Sequence[str]) -> t.Optional[str]:
    found = (_VERSION.search(machine.read(path) or "") for path in paths)
    return next((match.group(1) for match in found if match), None)
