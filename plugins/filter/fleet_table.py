# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import anything
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import table as names
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu import summary
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fact_shape import FACTS
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import (
    checked,
    one_line,
    table,
    trouble_of,
)

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
    checked("fleet_table", names(anything), hosts)
    if not hosts:
        return ["There is no host."]
    broken = {name: trouble_of(FACTS, fact) for name, fact in hosts.items() if fact}
    sound = {name: None if broken.get(name) else fact for name, fact in hosts.items()}
    order = sorted(sound, key=lambda name: (not _problems(sound[name]), name))
    lines = table(HEADER, [_row(name, sound[name], bool(broken.get(name))) for name in order])
    details = []
    for name in order:
        told = ["its GPU facts are broken: %s" % broken[name]] if broken.get(name) else []
        told += summary.raised(sound[name] or {})
        details += ["%s: %s" % (one_line(name), one_line(each)) for each in told]
    return lines + ([""] + details if details else [])


def _row(name: str, fact: t.Optional[Fact], is_broken: bool) -> t.List[t.Any]:
    if not fact:
        return [name, None, None, None, None, None, "broken facts" if is_broken else "no facts"]
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
            code = str(warning.get("code"))
            counts[code] = counts.get(code, 0) + 1
    none = [] if fact.get("devices") else ["no cards"]
    return none + [code if count == 1 else "%d x %s" % (count, code) for code, count in counts.items()]


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"fleet_table": fleet_table}
