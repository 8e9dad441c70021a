#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_sites
short_description: Group the hosts of a play by their GPUStack server
version_added: 0.1.0
description:
  - Hosts with the same server are a site, for which one of them speaks. Hosts without a server or without a GPU are left
    out and listed with the reason.
  - Refuses variables of a role that nothing reads, with the name that was probably meant, and values of another kind than the
    role documents. On the controller each value is looked at once, however many hosts have it.
  - The role P(modelscan.autoconfig.model_deployment#role) uses it. Nothing is read from servers, and nothing is changed.
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
  hosts:
    description:
      - The hosts. On the controller, those of the play if not set.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name in the inventory.
        type: str
        required: true
      url:
        description:
          - URL of the host's server. Different spellings of one URL are one site.
        type: str
        default: ""
      has_gpu:
        description:
          - Whether the host has a GPU. Not set where nobody knows.
        type: bool
      reached:
        description:
          - Whether the host can speak for its site.
        type: bool
        default: true
      models:
        description:
          - What the host's server is to serve, as O(models).
        type: list
        elements: dict
        suboptions: &models
          model:
            description:
              - The model.
            type: str
          name:
            description:
              - Name of its deployment. If not set, it is made from the model.
            type: str
          after:
            description:
              - Names of others that have to serve first.
            type: list
            elements: str
  models:
    description:
      - What is to be served, where the host that speaks for a server has nothing of its own.
    type: list
    elements: dict
    default: []
    suboptions: *models
  url:
    description:
      - Server of all hosts, where none of them has one of its own.
    type: str
    default: ""
  url_variable:
    description:
      - Host variable with the URL of the server, where O(hosts) is not set.
    type: str
    default: model_deployment_gpustack_url
  canary:
    description:
      - Site that comes before all others and alone, by its URL or by one of its hosts. It has to be there.
    type: str
    default: ""
  serial:
    description:
      - How many sites are rolled out at a time, as C(serial) of a play.
    type: raw
    default: 1
  order:
    description:
      - Sites that come first, in this order, each by its URL or by one of its hosts. The others follow by name.
    type: list
    elements: str
    default: []
  prefix:
    description:
      - Variables whose names begin so are checked against O(inputs).
    type: str
    default: model_deployment_
  inputs:
    description:
      - The variables that there are, with C(type), C(elements), C(choices), C(options) and C(no_log), as a role's argument
        specs have them. Nothing is checked where there are none.
    type: dict
    default: {}
  variables:
    description:
      - The names of the variables that are set. On the controller, those of all hosts of the play if not set.
    type: list
    elements: str
  problems:
    description:
      - What is wrong with the values of the variables. On the controller, it is found among all hosts of the play if not set.
    type: list
    elements: str
    default: []
  wanted_hosts:
    description:
      - The only hosts that the play may run on. Any may be among them where the list is empty.
    type: list
    elements: str
    default: []
notes:
  - Runs on the controller, unless the task is delegated to another host.
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Group the hosts by GPUStack server
  modelscan.autoconfig.rollout_sites:
    order:
      - https://canary.example.com
  register: found
  run_once: true
"""

RETURN = r"""
sites:
  description:
    - The sites in their order, each with C(name), C(url), the C(speaker) and all its C(hosts), the C(names) of its deployments
      and the C(order) in which they are rolled out.
  returned: success
  type: list
  elements: dict
batches:
  description: What O(serial) says, with the O(canary) alone before.
  returned: success
  type: list
  elements: raw
speakers:
  description: The hosts that speak for the sites, in the order of the sites.
  returned: success
  type: list
  elements: str
left_out:
  description: Hosts of no site, each with C(host) and C(reason).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_sites import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
