#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_gate
short_description: Say whether a server may be changed now
version_added: 0.1.0
description:
  - A rollout asks before each server. It may not be changed where the run has changed enough, outside its maintenance window,
    and while the rollout is paused. A server that the rollout does not change may always be looked at.
  - The role P(modelscan.autoconfig.model_deployment#role) uses it. Nothing is changed, and nothing fails; a rollout that ended
    early goes on where it stopped when it is run again.
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
attributes:
  check_mode:
    support: full
    details: In check mode every server may be looked at.
  diff_mode:
    support: N/A
  idempotent:
    support: full
options:
  site:
    description:
      - Name of the site that is next.
    type: str
    required: true
  sites:
    description:
      - All sites in the order of the rollout, as RV(modelscan.autoconfig.rollout_sites#module:sites) has them. On the
        controller it is added what the role's rehearsal has found.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the site.
        type: str
        required: true
      speaker:
        description:
          - The host that speaks for it.
        type: str
      hosts:
        description:
          - All its hosts.
        type: list
        elements: str
        default: []
      changes:
        description:
          - Whether the rollout changes something there.
        type: bool
        default: true
  canary:
    description:
      - The site that is rolled out first and watched, by its URL or by one of its hosts. Without one, each that is changed is
        watched.
    type: str
    default: ""
  budget:
    description:
      - How many sites one run may change, those first that come first. V(0) for any number.
    type: int
    default: 0
  windows:
    description:
      - When the site may be changed, for example V(Mon-Fri 22:00-05:00), V(Sat,Sun 00:00-24:00) or V(22:00-05:00). At any time
        where there are none. What has begun is brought to its end.
    type: list
    elements: str
    default: []
  timezone:
    description:
      - Time zone of the windows, for example V(Europe/Berlin).
    type: str
    default: UTC
  pause_file:
    description:
      - File on the controller. While it is there, no further site is changed.
    type: path
notes:
  - Runs on the controller, unless the task is delegated to another host.
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Ask before the next server
  modelscan.autoconfig.rollout_gate:
    site: https://gpustack.example.com
    sites: "{{ found.sites }}"
    windows:
      - Sat,Sun 00:00-24:00
    timezone: Europe/Berlin
  register: gate
"""

RETURN = r"""
go:
  description: Whether the site may be changed now.
  returned: success
  type: bool
reason:
  description: Why it may not, V(null) where it may.
  returned: success
  type: str
  sample: its maintenance window opens Sat 2026-03-07 00:00 CET
watched:
  description: Whether the site is watched after its change, before the next one is begun.
  returned: success
  type: bool
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_gate import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
