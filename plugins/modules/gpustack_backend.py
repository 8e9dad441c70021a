#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gpustack_backend
short_description: Manages an inference backend of a GPUStack server
version_added: 0.1.0
description:
  - Creates, changes and removes a custom inference backend of a GPUStack server, with its versions and images, and changes
    one that GPUStack brings or takes from its community.
  - An option that is not set is not managed, what the server has stays as it is.
    An empty list, dictionary or string clears.
  - A backend that is as wanted causes no writing request. GPUStack has no place for a mark, so that backends are taken as theirs
    who name them.
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
      - Name of the backend. That of a new one ends in V(-custom).
    type: str
    required: true
  state:
    description:
      - Whether it exists. GPUStack refuses to remove one that a deployment uses.
    type: str
    default: present
    choices: [present, absent]
  description:
    description:
      - What it is, for people.
    type: str
  versions:
    description:
      - The versions that somebody added, all of them, by name. Those that GPUStack brings stay. A name ends in
        V(-custom) where the backend is GPUStack's own.
      - Each is a dictionary with some of C(image_name), C(run_command), C(entrypoint), C(custom_framework) such as V(cuda) or
        V(cpu), and C(env).
    type: dict
  versions_mode:
    description:
      - Whether O(versions) are all that somebody added, or whether those that are there and not named stay.
    type: str
    default: replace
    choices: [replace, add]
  default_version:
    description:
      - The version of deployments that name none.
    type: str
  default_parameters:
    description:
      - Parameters that every deployment gets.
    type: list
    elements: str
  default_run_command:
    description:
      - Command of versions that have none. GPUStack replaces C({{model_path}}), C({{port}}) and C({{model_name}}).
    type: str
  default_entrypoint:
    description:
      - Entry point of versions that have none, instead of the image's.
    type: str
  default_env:
    description:
      - Environment variables of all deployments. GPUStack stores them in plain text, and they are seen in the task's
        arguments, so that secrets belong in C(env_secrets) of M(modelscan.autoconfig.gpustack_deployment).
    type: dict
  health_check_path:
    description:
      - Path that answers once the engine is ready.
    type: str
  parameter_format:
    description:
      - Whether parameters are passed as V(--name value) or as V(--name=value).
    type: str
    choices: [space, equal]
  common_parameters:
    description:
      - Parameters that GPUStack's web interface suggests.
    type: list
    elements: str
  enabled:
    description:
      - Whether a community backend can be used.
    type: bool
seealso:
  - module: modelscan.autoconfig.gpustack_deployment
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Let GPUStack run llama.cpp
  modelscan.autoconfig.gpustack_backend:
    gpustack_url: https://gpustack.example.com
    name: llama-cpp-custom
    default_run_command: --model {{ '{{model_path}}' }} --host 0.0.0.0 --port {{ '{{port}}' }}
    health_check_path: /health
    versions:
      b4000-custom:
        image_name: ghcr.io/ggml-org/llama.cpp:server-cuda-b4000
        custom_framework: cuda
    default_version: b4000-custom

- name: Let GPUStack have what a plan of llama.cpp needs, beside the versions of other plans
  modelscan.autoconfig.gpustack_backend:
    gpustack_url: https://gpustack.example.com
    name: "{{ planned.plan.backend_definition.name }}"
    description: "{{ planned.plan.backend_definition.description }}"
    versions: "{{ planned.plan.backend_definition.versions }}"
    versions_mode: add
    default_run_command: "{{ planned.plan.backend_definition.default_run_command }}"
    health_check_path: "{{ planned.plan.backend_definition.health_check_path }}"
    parameter_format: "{{ planned.plan.backend_definition.parameter_format }}"

- name: Remove it
  modelscan.autoconfig.gpustack_backend:
    gpustack_url: https://gpustack.example.com
    name: llama-cpp-custom
    state: absent
"""

RETURN = r"""
after:
  description: The backend with its managed fields, its C(name) and C(id). V(null) when it is absent.
  returned: success
  type: dict
  sample: {"name": "llama-cpp-custom", "id": 12, "default_version": "b4000-custom"}
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
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_backend import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
