# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import summary
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import table

DOCUMENTATION = r"""
name: fleet_table
short_description: Show the accelerators of many hosts to people
version_added: 0.1.0
description:
  - Formats what M(modelscan.autoconfig.gpu_facts) found on hosts as aligned lines, hosts with problems first.
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
- name: Show this host's cards
  ansible.builtin.debug:
    msg: "{{ {inventory_hostname: ansible_facts['autoconfig_gpu']} | modelscan.autoconfig.fleet_table }}"
"""

RETURN = r"""
_value:
  description: A line for each host, then one for each error and warning.
  type: list
  elements: str
"""

HEADER = ("HOST", "CARDS", "USABLE", "FREE GIB", "TOTAL GIB", "DRIVER", "PROBLEMS")

Fact = t.Mapping[str, t.Any]


def fleet_table(hosts: t.Mapping[str, t.Optional[Fact]]) -> t.List[str]:
    """Lines for people; raises nothing for absent fields. Memory is that of the usable cards."""
    if not hosts:
        return ["There is no host."]
    names = sorted(hosts, key=lambda name: (not _problems(hosts[name]), name))
    lines = table(HEADER, [_row(name, hosts[name]) for name in names])
    details = ["%s: %s" % (name, line) for name in names for line in (summary.raised(hosts[name] or {}))]
    return lines + ([""] + details if details else [])


def _row(name: str, fact: t.Optional[Fact]) -> t.List[t.Any]:
    if not fact:
        return [name, None, None, None, None, None, "no facts"]
    devices = fact.get("devices") or ()
    usable = [device for device in devices if device.get("schedulable")]
    drivers = ["%s %s" % each for each in (fact.get("driver") or {}).items()]
    return [
        name,
        summary.count_by_name(devices) or None,
        "%d of %d" % (len(usable), len(devices)) if devices else None,
        summary.gib(summary.total(usable, "memory_free_bytes")) if devices else None,
        summary.gib(summary.total(usable, "memory_total_bytes")) if devices else None,
        ", ".join(drivers) or None,
        ", ".join(_problems(fact)) or None,
    ]


def _problems(fact: t.Optional[Fact]) -> t.List[str]:
    """Codes of what is wrong, each once with how often, the worst first."""
    if not fact:
        return ["no facts"]
    counts: t.Dict[str, int] = {}
    for warning in fact.get("warnings") or ():
        if warning.get("severity") != "note":
            counts[warning["code"]] = counts.get(warning["code"], 0) + 1
    none = [] if fact.get("devices") else ["no cards"]
    return none + [code if count == 1 else "%d x %s" % (count, code) for code, count in counts.items()]


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"fleet_table": fleet_table}
