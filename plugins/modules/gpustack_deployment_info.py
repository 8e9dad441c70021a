#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gpustack_deployment_info
short_description: Shows deployments, routes and workers of a GPUStack server
version_added: 0.1.0
description:
  - Returns one deployment of a GPUStack server or all, with their instances, the routes that lead to them, and the
    workers with their GPUs.
  - It only reads. Environment variables of deployments, which may hold secrets, are not returned.
  - Runs on the controller, unless the task is delegated to another host.
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
  - modelscan.autoconfig.gpustack
  - modelscan.autoconfig.http_options
attributes:
  check_mode:
    support: full
    details:
      - It changes nothing.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
options:
  name:
    description:
      - Name of one deployment. All are returned if it is not set.
    type: str
  model_files:
    description:
      - Return the model files on the workers as well, in RV(files).
    type: bool
    default: false
  managed:
    description:
      - Only deployments that carry the mark of this collection, or with V(false) only the others.
    type: bool
  states:
    description:
      - Only deployments in one of these states.
    type: list
    elements: str
  export:
    description:
      - Return in RV(export) and RV(export_routes) what makes the same deployments and routes again, on this server or
        another one.
    type: bool
    default: false
  wait_for:
    description:
      - Wait until all deployments that O(name) and O(managed) select are in this state, and return them then.
      - With V(running), every replica of the present definition runs; deployments with 0 replicas are left out.
        O(name) is waited for until it exists and is started.
      - With V(stopped), nothing of them runs and nothing is to run. With V(absent), none of them is left.
    type: str
    choices: [running, stopped, absent]
  wait_timeout_s:
    description:
      - Seconds to wait at most with O(wait_for).
    type: float
    default: 600.0
  stall_timeout_s:
    description:
      - Seconds after which O(wait_for) fails where nothing gets on meanwhile.
    type: float
    default: 600.0
seealso:
  - module: modelscan.autoconfig.gpustack_deployment
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Look at all deployments
  modelscan.autoconfig.gpustack_deployment_info:
    gpustack_url: https://gpustack.example.com
  register: gpustack

- name: Show what is in trouble
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.state_message }}"
  loop: "{{ gpustack.deployments | selectattr('state', 'eq', 'error') }}"
  loop_control:
    label: "{{ item.name }}"

- name: Wait until a deployment runs that an earlier task has started without waiting
  modelscan.autoconfig.gpustack_deployment_info:
    gpustack_url: https://gpustack.example.com
    name: qwen3-32b
    wait_for: running
    wait_timeout_s: 3600

- name: Read all deployments and routes as they can be made again
  modelscan.autoconfig.gpustack_deployment_info:
    gpustack_url: https://gpustack.example.com
    export: true
  register: saved

- name: Save them as a file of variables
  ansible.builtin.copy:
    content: "{{ {'gpustack_deployments': saved.export, 'gpustack_routes': saved.export_routes} | to_nice_yaml }}"
    dest: gpustack.yml
    mode: "0600"

- name: Make the deployments of that file on another server
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://other.example.com
    deployments: "{{ gpustack_deployments }}"

- name: And the routes
  modelscan.autoconfig.router_register:
    type: gpustack
    gpustack_url: https://other.example.com
    name: "{{ item.name }}"
    model: "{{ item.model }}"
    weight: "{{ item.weight | default(omit) }}"
    fallback: "{{ item.fallback | default(omit) }}"
  loop: "{{ gpustack_routes }}"
"""

RETURN = r"""
export:
  description:
    - The deployments as O(modelscan.autoconfig.gpustack_deployment#module:deployments) takes them, without plans and
      without what the server chose itself. Their own routes come with them.
    - Values of secrets are templates that read the variable C(gpustack_secrets), by deployment and name.
  returned: with O(export=true)
  type: list
  elements: dict
  sample:
    - name: qwen3-32b
      state: present
      source: huggingface
      repository: Qwen/Qwen3-32B-FP8
      backend: vLLM
      env_secrets:
        HF_TOKEN: "{{ gpustack_secrets['qwen3-32b']['HF_TOKEN'] }}"
export_routes:
  description:
    - The targets of all other routes, each with O(modelscan.autoconfig.router_register#module:name),
      O(modelscan.autoconfig.router_register#module:model), O(modelscan.autoconfig.router_register#module:weight) and
      O(modelscan.autoconfig.router_register#module:fallback) of M(modelscan.autoconfig.router_register).
    - What these options cannot say of a route, for example that everyone may use it, is in the warnings.
  returned: with O(export=true)
  type: list
  elements: dict
  sample:
    - name: chat
      model: qwen3-32b
      weight: 90
waited_s:
  description: Seconds spent waiting, with O(wait_for).
  returned: success
  type: float
  sample: 0.0
deployments:
  description:
    - The deployments, sorted by name. Empty if O(name) does not exist, or is not visible with this key.
    - There are two of one name, with different C(server_name), while one takes over from the other, and after such a
      switch was interrupted, until the next run of M(modelscan.autoconfig.gpustack_deployment).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name; the name of the route to it as well.
      type: str
      sample: qwen3-32b
    server_name:
      description: Its name on the server, which has a suffix since a switch with C(apply=blue_green).
      type: str
      sample: qwen3-32b
    id:
      description: Its id on the server; V(null) where it is not created yet.
      type: int
      sample: 7
    state:
      description:
        - V(running), V(pending), V(partial) or V(error) as GPUStack says, or V(stopped) with 0 replicas.
      type: str
      sample: running
    state_message:
      description: What GPUStack says about the state.
      type: str
      sample: null
    managed:
      description: Whether it carries the mark of this collection.
      type: bool
      sample: true
    plan_id:
      description: Id of the plan that it was deployed from; V(null) without one.
      type: str
      sample: 8c1f0a6be55d27c9
    choice:
      description: That plan without the numbers of the moment; V(null) without one.
      type: dict
      sample: null
    replicas:
      description: How many instances are wanted.
      type: int
      sample: 1
    ready_replicas:
      description: How many are ready.
      type: int
      sample: 1
    source:
      description: Where the weights come from.
      type: str
      sample: huggingface
    repository:
      description: Repository or path of the weights.
      type: str
      sample: Qwen/Qwen3-32B-FP8
    backend:
      description: The inference engine.
      type: str
      sample: vLLM
    backend_version:
      description: Its version; V(null) is the server's default.
      type: str
      sample: null
    backend_parameters:
      description: Its parameters.
      type: list
      elements: str
      sample: ["--max-model-len=32768"]
    cluster_id:
      description: Id of its cluster.
      type: int
      sample: 1
    edited_by_others:
      description: Whether its definition was changed since this collection stored it, by somebody else.
      type: bool
      sample: false
    outdated_instances:
      description:
        - Names of instances that run a former definition, as far as the mark of this collection tells.
          Where somebody else has edited, the revisions of GPUStack 2.3 are read as well.
      type: list
      elements: str
      sample: []
    instances:
      description:
        - Its instances, each with C(name), C(id), C(state), C(state_message), C(worker), C(worker_ip) and C(gpus).
        - A GPU has C(index), C(uuid) and C(claimed_bytes), which is what GPUStack booked on it.
        - And C(backend_version), which is that of the engine that runs, C(restarts), C(download_percent) and
          C(created_at).
      type: list
      elements: dict
      sample:
        - name: qwen3-32b-x7rt2
          id: 12
          state: running
          state_message: null
          backend_version: 0.32.0
          restarts: 0
          download_percent: 100.0
          created_at: "2026-01-31T12:00:00.000000Z"
          worker: gpu-a
          worker_ip: 192.0.2.10
          gpus:
            - index: 0
              uuid: GPU-2a1f9f0c-0000-0000-0000-000000000000
              claimed_bytes: 76968728985
    route:
      description: C(name) of its route on the GPUStack server, and whether it is C(ready).
      type: dict
      sample:
        name: qwen3-32b
        ready: true
routes:
  description:
    - The routes, sorted by name, with O(name) those that lead to this deployment. Each has C(name), C(id),
      C(access_policy), C(ready) and C(targets).
    - A target has C(deployment), C(model_id), C(weight) and C(state). C(deployment) is V(null) where the route
      leads to something that is not visible with this key, or to another server.
  returned: success
  type: list
  elements: dict
  sample:
    - name: chat
      id: 4
      access_policy: authed
      ready: true
      targets:
        - deployment: qwen3-32b
          model_id: 7
          weight: 90
          state: active
        - deployment: qwen3-32b-fp8
          model_id: 9
          weight: 10
          state: active
server:
  description: The server.
  returned: success
  type: dict
  contains:
    url:
      description: Its URL.
      type: str
      sample: https://gpustack.example.com
    version:
      description: Its version.
      type: str
      sample: 2.3.0
workers:
  description:
    - The workers, each with C(name), C(hostname), C(ip), C(state), C(state_message), C(version), C(labels),
      C(cluster_id) and C(gpus).
    - Of a GPU, C(used_bytes) counts all processes, C(allocated_bytes) is what GPUStack has booked.
      C(runtime_version) is the newest version of CUDA, or its like, that the driver can serve.
  returned: success
  type: list
  elements: dict
  sample:
    - name: gpu-a
      hostname: gpu-a
      ip: 192.0.2.10
      state: ready
      state_message: null
      version: v2.3.0
      labels:
        os: linux
      cluster_id: 1
      gpus:
        - gpu_id: gpu-a:cuda:0
          index: 0
          uuid: GPU-2a1f9f0c-0000-0000-0000-000000000000
          name: NVIDIA H100 80GB HBM3
          total_bytes: 85520809984
          used_bytes: 0
          allocated_bytes: 0
          driver_version: 570.124.06
          runtime_version: "12.8"
files:
  description:
    - The model files, each with C(id), C(worker), C(source), C(repository), C(file), C(state), C(state_message),
      C(progress_percent), C(size_bytes) and C(paths).
  returned: with O(model_files=true)
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment_info import (
    CORE,
)


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
