#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_report
short_description: Tell what is planned for each site, and what became of it
version_added: 0.1.0
description:
  - With O(part=plan), shows the plan of each site or why there is none, which deployments move, and how sites that serve the
    same name differ. Ends the run where a site has no plan, unless O(site_failure=skip).
  - With O(part=summary), shows for each site whether it is done, unchanged, restored, left out, not begun or not reached, the address
    for clients, and a command to try.
  - With O(part=removal), shows what is gone of each deployment, or that there is none.
  - With O(part=drift), fails where a site would be changed by a deployment, and names what has drifted. Where
    nothing has drifted, but a site could not be compared, the task counts as unreachable, so that C(ansible-playbook) ends
    with 2 for drift and with 4 for this.
  - The role P(modelscan.autoconfig.model_deployment#role) uses it. Nothing is changed.
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
options:
  part:
    description:
      - What is told.
    type: str
    choices: [plan, summary, removal, drift]
    required: true
  sites:
    description:
      - The sites, as RV(modelscan.autoconfig.rollout_sites#module:sites) has them. On the controller, what their speakers
        have registered in the role is added.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the site.
        type: str
        required: true
      url:
        description:
          - URL of its server.
        type: str
        default: ""
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
      running:
        description:
          - Result of M(modelscan.autoconfig.gpustack_deployment_info).
        type: dict
      planned:
        description:
          - Result of M(modelscan.autoconfig.model_plan).
        type: dict
      names:
        description:
          - The deployments, as RV(modelscan.autoconfig.rollout_sites#module:sites) has them.
        type: list
        elements: str
        default: []
      order:
        description:
          - The same in the order of the rollout, where nothing is planned.
        type: list
        elements: str
        default: []
      served:
        description:
          - By the name of a deployment what was done, with C(applied) of M(modelscan.autoconfig.gpustack_deployment),
            C(answer) of M(modelscan.autoconfig.inference_probe), and C(routes) and C(unregistered), each a list of results of
            M(modelscan.autoconfig.router_register), and the C(kind) of question that it answers.
        type: dict
        default: {}
      gate:
        description:
          - Result of M(modelscan.autoconfig.rollout_gate).
        type: dict
      failure:
        description:
          - What failed, with C(msg), the C(model) and C(restored).
        type: dict
  left_out:
    description:
      - Hosts of no site, as RV(modelscan.autoconfig.rollout_sites#module:left_out) has them.
    type: list
    elements: dict
    default: []
  site_failure:
    description:
      - Whether a site without a plan stops all sites, before anything is changed, or is skipped.
      - V(tell) goes on where no site has a plan, too.
    type: str
    choices: [stop, skip, tell]
    default: stop
  uniform:
    description:
      - Whether all sites are to serve the same variant with the same context. What they can agree on is RV(agreed).
    type: bool
    default: false
  kind:
    description:
      - What the deployment is asked for, in the command to try.
    type: str
    choices: [chat, completion, embedding, rerank]
    default: chat
  report:
    description:
      - File for a report of all sites, C(.html) or C(.json), with O(part=plan) of their plans and why some have none, with
        O(part=summary) also of what became of each, and of what the load of RV(modelscan.autoconfig.inference_probe#module:load)
        measured beside what was predicted. It is written in check mode as well, and is no change.
      - A page in HTML is one file that loads and runs nothing. One that would differ in its date alone stays as it is.
    type: path
  plan_file:
    description:
      - File for the plans of all sites, with wishes, revisions, files and arguments, to be reviewed and applied as it is by
        O(modelscan.autoconfig.model_plan#module:plan_file). It holds no secrets and no time, so that the same plans give
        the same file.
    type: path
notes:
  - Runs on the controller, unless the task is delegated to another host.
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Show the plans
  modelscan.autoconfig.rollout_report:
    part: plan
    sites: "{{ found.sites }}"
    left_out: "{{ found.left_out }}"
  run_once: true
"""

RETURN = r"""
lines:
  description: What was shown.
  returned: success
  type: list
  elements: str
failed_sites:
  description: Sites without a plan, each with C(site) and C(reason).
  returned: with part plan
  type: list
  elements: dict
moves:
  description: Deployments that will not stay as they run, see M(modelscan.autoconfig.model_plan).
  returned: with part plan
  type: list
  elements: dict
agreed:
  description: What all sites are to be planned with, for M(modelscan.autoconfig.model_plan). None where their plans agree.
  returned: with part plan
  type: dict
states:
  description: What became of each site, with C(site) and C(state).
  returned: with part summary
  type: list
  elements: dict
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_report import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
