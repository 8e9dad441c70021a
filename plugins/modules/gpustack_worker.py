#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gpustack_worker
short_description: Manages labels and maintenance of a GPUStack worker
version_added: 0.1.0
description:
  - Sets labels of a worker, by which deployments select it, and takes it into maintenance or out of it.
  - An option that is not set is not managed. A worker that is as wanted causes no writing request.
  - It does not create or remove workers, which register themselves.
  - Runs on the controller, unless the task is delegated to another host.
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
  - modelscan.autoconfig.gpustack
  - modelscan.autoconfig.http_options
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Values of variables whose names sound like secrets are shown as V((set\)).
  idempotent:
    support: full
options:
  name:
    description:
      - Name of the worker.
    type: str
    required: true
  labels:
    description:
      - Labels to set. Labels that are not named stay, V(null) removes one.
    type: dict
  maintenance:
    description:
      - Whether it is in maintenance. GPUStack places nothing new on such a worker.
    type: bool
  maintenance_message:
    description:
      - The reason, for people who look at it in GPUStack. Needs O(maintenance).
    type: str
seealso:
  - module: modelscan.autoconfig.gpustack_deployment
  - module: modelscan.autoconfig.gpustack_deployment_info
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Place nothing new on a host that is to be repaired
  modelscan.autoconfig.gpustack_worker:
    gpustack_url: https://gpustack.example.com
    name: gpu-a
    maintenance: true
    maintenance_message: New power supply on Tuesday

- name: Label it
  modelscan.autoconfig.gpustack_worker:
    gpustack_url: https://gpustack.example.com
    name: gpu-a
    labels:
      zone: a
      old-label: null
"""

RETURN = r"""
after:
  description: The worker with its managed fields, its C(name) and C(id). V(null) when it is absent.
  returned: success
  type: dict
  sample: {"name": "gpu-a", "id": 1, "labels": {"zone": "a"}, "maintenance": null}
before:
  description: The same before. V(null) when there was none.
  returned: success
  type: dict
  sample: null
actions:
  description: What was done, V(created), V(updated) or V(deleted).
  returned: success
  type: list
  elements: str
  sample: [updated]
predicted:
  description: Whether this is a prediction of check mode.
  returned: success
  type: bool
  sample: false
warnings:
  description: What should be known, for example that GPUStack changed another field as well.
  returned: when there is something to say
  type: list
  elements: str
  sample: []
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_worker import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
