# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    maybe,
    table,
    text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fact_shape import FACTS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.fleet_page import fleet_page
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import checked, trouble_of

DOCUMENTATION = r"""
name: fleet_html
short_description: Show the accelerators of many hosts as a page
version_added: 0.1.0
description:
  - Formats what M(modelscan.autoconfig.gpu_facts) found on hosts as a page in HTML, by shape and site, with a bar for the
    memory of each card, those that are alike as one.
  - It is one file that loads and runs nothing, for narrow and wide screens, dark ones, and paper. Its date is that of
    the newest facts.
positional: _input
options:
  _input:
    description:
      - C(ansible_facts.autoconfig_gpu) by the name of the host; V(null) for a host that gave none.
    type: dict
    required: true
  sites:
    description:
      - The site of each host, by its name, for example the URL of its GPUStack server.
    type: dict
    default: {}
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Write a page of this host's cards
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: ansible_facts['autoconfig_gpu']} | modelscan.autoconfig.fleet_html }}"
    dest: /var/tmp/cards.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text of the page.
  type: str
"""

Fact = t.Mapping[str, t.Any]


def fleet_html(
    hosts: t.Mapping[str, t.Optional[Fact]], sites: t.Optional[t.Mapping[str, t.Optional[str]]] = None
) -> str:
    """The page of all hosts; one whose facts are broken is among the problems, with what is wrong with them."""
    checked("fleet_html", table(anything), hosts)
    checked("fleet_html", table(maybe(text())), sites or {})
    broken = {name: trouble_of(FACTS, fact) for name, fact in hosts.items() if fact}
    sound = {name: None if broken.get(name) else fact for name, fact in hosts.items()}
    named = {name: site for name, site in (sites or {}).items() if site}
    return fleet_page(sound, named, {name: problem for name, problem in broken.items() if problem})


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"fleet_html": fleet_html}
