# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probes of vendors whose tools print one table: identity and memory."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import bus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.probe import Probe, Scene
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.types import Findings
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.others import table

_NEURON = "neuron-ls"
_ARGUMENTS: t.Mapping[str, t.Tuple[str, ...]] = {_NEURON: ("--json-output",)}


def probe_of(vendor: str, tools: t.Sequence[str]) -> Probe:
    """The probe of a vendor whose table the first of ``tools`` prints."""
    return functools.partial(_probe, vendor, tools)


def _probe(vendor: str, tools: t.Sequence[str], scene: Scene) -> Findings:
    path = next((path for path in map(scene.tools.find, tools) if path is not None), None)
    if path is None:
        failure, notices = bus.missing_tool(scene, vendor, tools[0])
        return bus.with_cards(Findings(notices=notices), scene, failure, "driver_not_loaded")
    tool = path.rpartition("/")[2]
    outcome = scene.tools.run([path, *_ARGUMENTS.get(tool, ())])
    said = outcome.stdout
    found = table.parse_neuron(said) if tool == _NEURON else table.parse(said, vendor, tool)
    if found.devices:
        return bus.with_cards(found, scene, None, "driver_not_loaded")
    failed, notice = bus.tool_failure(vendor, tool, outcome)
    return bus.with_cards(Findings(notices=(notice,)), scene, failed, "driver_not_loaded")
