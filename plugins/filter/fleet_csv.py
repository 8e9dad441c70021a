# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import csv
import io
import typing as t

from ansible.utils.display import Display
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import anything, table
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.text import terminal_text
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fact_shape import FACTS
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import (
    checked,
    one_line,
    trouble_of,
)

DOCUMENTATION = r"""
name: fleet_csv
short_description: Write the accelerators of many hosts as CSV
version_added: 0.1.0
description:
  - Formats what M(modelscan.autoconfig.gpu_facts) found on hosts as CSV, a row for each card, for an inventory database.
  - What is not known is an empty cell. A host whose facts are broken has no row, and is named in a warning.
  - A cell that a spreadsheet would take for a formula begins with an apostrophe.
positional: _input
options:
  _input:
    description:
      - C(ansible_facts.autoconfig_gpu) by the name of the host; V(null) for a host that gave none.
    type: dict
    required: true
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Write this host's cards
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: ansible_facts['autoconfig_gpu']} | modelscan.autoconfig.fleet_csv }}"
    dest: /var/tmp/cards.csv
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text of the file, a header first.
  type: str
"""

# Column -> where it is in a device.
_COLUMNS: t.Mapping[str, t.Tuple[str, ...]] = {
    "vendor": ("vendor",),
    "index": ("index",),
    "name": ("name",),
    "uuid": ("uuid",),
    "pci_bus_id": ("pci_bus_id",),
    "pci_id": ("pci_id",),
    "architecture": ("architecture",),
    "state": ("state",),
    "schedulable": ("schedulable",),
    "health": ("health", "state"),
    "health_detail": ("health", "detail"),
    "memory_total_bytes": ("memory_total_bytes",),
    "memory_used_bytes": ("memory_used_bytes",),
    "memory_free_bytes": ("memory_free_bytes",),
    "mig_mode": ("mig", "mode"),
    "pcie_generation_max": ("pcie", "generation_max"),
    "pcie_width": ("pcie", "width"),
    "power_limit_w": ("power_limit_w",),
    "temperature_c": ("load", "temperature_c"),
    "gpu_percent": ("load", "gpu_percent"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Fact = t.Mapping[str, t.Any]

display = Display()


def fleet_csv(hosts: t.Mapping[str, t.Optional[Fact]]) -> str:
    """CSV of all cards, by host and in the order of the bus; a host without cards has no row."""
    checked("fleet_csv", table(anything), hosts)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["host", "machine_id", "driver", *_COLUMNS, "collected_at"])
    for name in sorted(hosts):
        fact = hosts[name] or {}
        problem = trouble_of(FACTS, fact)
        if problem is not None:
            display.warning(
                "fleet_csv: %s is left out, because its GPU facts are broken: %s" % (one_line(name), problem)
            )
            continue
        for device in fact.get("devices") or ():
            driver = (fact.get("driver") or {}).get(device.get("vendor"))
            cells = [name, (fact.get("host") or {}).get("machine_id"), driver]
            cells += [_at(device, path) for path in _COLUMNS.values()]
            writer.writerow([_cell(each) for each in [*cells, fact.get("collected_at")]])
    return text.getvalue()


def _at(device: Fact, path: t.Sequence[str]) -> t.Any:
    value: t.Any = device
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _cell(value: t.Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = terminal_text(str(value)) if isinstance(value, (str, int, float)) else ""
    return "'" + text if isinstance(value, str) and text.startswith(_FORMULA) else text


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"fleet_csv": fleet_csv}
