#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: router_register
short_description: Register a served model in the file of a router
version_added: 0.1.0
description:
  - Lets exactly one entry in a router's configuration file send requests for a model name to an endpoint, or removes it.
  - Only the route's own entry is edited. Other entries, their order, comments, anchors, quoting, indentation and line
    breaks stay byte for byte as they are. A file in which that is impossible is refused before anything is written.
  - The file is replaced in one step, under a lock that parallel runs respect, and is read back afterwards. It keeps its
    mode, owner and attributes, and a symbolic link stays one.
  - An entry that this collection did not write is neither changed nor removed unless O(adopt=true).
options:
  type:
    description:
      - What kind of router reads the file.
      - V(litellm) is the C(model_list) of LiteLLM's proxy. A route is one backend of one public name, so that several
        backends may share a name; its C(model_info.id) is made from O(name), O(model) and the host and port of
        O(base_url), and C(model_info.managed_by) marks it as written by this collection.
      - V(modelscan) is C(routing.direct.providers) in the format of ModelScan's published design. No released ModelScan
        reads this block, so the file is a record for other programs and proves nothing. The provider's name is its
        identity, and a comment on the first line of the entry marks it as written by this collection.
    type: str
    required: true
    choices: [litellm, modelscan]
  path:
    description:
      - The router's YAML file, on the host that the task runs on.
    type: path
    required: true
  name:
    description:
      - Name of the model that clients ask for.
    type: str
    required: true
  state:
    description:
      - Whether the route should exist.
      - With V(absent), O(base_url) and O(model) narrow down which of several backends is meant.
    type: str
    default: present
    choices: [present, absent]
  base_url:
    description:
      - Where the OpenAI API of the backend begins, for example C(https://gpustack.example.com/v1).
      - Required with O(state=present).
    type: str
  model:
    description:
      - Name under which the backend serves the model.
      - With O(state=present) it is O(name) when omitted.
    type: str
  api_key_env:
    description:
      - Name of the environment variable in which the router finds the backend's API key. Never the key itself.
      - Only with O(type=litellm). What the file has is kept when omitted.
    type: str
  weight:
    description:
      - Share of the requests that this backend gets among all of the same O(name).
      - Only with O(type=litellm). What the file has is kept when omitted.
    type: int
  model_info:
    description:
      - Further keys for C(model_info), which LiteLLM passes on to clients. Other keys that the file has are kept.
      - Only with O(type=litellm). The keys C(id) and C(managed_by) are taken.
    type: dict
  create:
    description:
      - Whether a missing file is made with O(state=present). Its folder must exist.
    type: bool
    default: true
  adopt:
    description:
      - Whether an entry for the same route that somebody else wrote is taken over or removed.
    type: bool
    default: false
  backup:
    description:
      - Whether the file is copied beside itself before it is changed.
    type: bool
    default: false
  mode:
    description:
      - Mode of a file that is made, in quotes. An existing file keeps its own.
    type: raw
    default: '0600'
requirements:
  - PyYAML
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the managed fields of the route's own entry. A key or a reference to one is shown as C((set)) or
        C((changed)).
  idempotent:
    support: full
    details:
      - An unchanged file is not written.
notes:
  - LiteLLM reads its file only when it starts, and a hangup signal ends it. Notify a handler that restarts it, as
    RV(restart_required) says.
  - With O(type=litellm) another O(model), or another host or port in O(base_url), is another backend beside the former one.
    Remove the former one where it should not go on.
  - Comments inside the route's own entry are not kept when the entry changes.
  - Prove that the backend answers with M(modelscan.autoconfig.inference_probe) before it is registered.
  - Runs on the controller without a module process where the task's connection is local, else as a module on the host.
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Send deepseek-r1 to GPUStack
  modelscan.autoconfig.router_register:
    type: litellm
    path: /etc/litellm/config.yaml
    name: deepseek-r1
    base_url: https://gpustack.example.com/v1
    api_key_env: GPUSTACK_API_KEY
  delegate_to: router.example.com
  notify: Restart LiteLLM

- name: Give a second backend of the same name a tenth of the requests
  modelscan.autoconfig.router_register:
    type: litellm
    path: /etc/litellm/config.yaml
    name: deepseek-r1
    model: deepseek-r1-canary
    base_url: https://gpustack.example.com/v1
    api_key_env: GPUSTACK_API_KEY
    weight: 10
  delegate_to: router.example.com
  notify: Restart LiteLLM

- name: Record a model in the block of ModelScan's design
  modelscan.autoconfig.router_register:
    type: modelscan
    path: "{{ playbook_dir }}/modelscan.yaml"
    name: deepseek-coder
    model: deepseek/deepseek-coder
    base_url: http://192.0.2.10:8080

- name: Take the canary away
  modelscan.autoconfig.router_register:
    type: litellm
    path: /etc/litellm/config.yaml
    name: deepseek-r1
    model: deepseek-r1-canary
    state: absent
  delegate_to: router.example.com
  notify: Restart LiteLLM
"""

RETURN = r"""
route:
  description: The route, or what was removed.
  type: dict
  returned: success
  contains:
    id:
      description:
        - Identity of the entry in the router. V(null) where there was nothing to remove.
      type: str
      returned: always
      sample: autoconfig-deepseek-r1-3f1c0a9b2d
    name:
      description: Name that clients ask for.
      type: str
      returned: always
      sample: deepseek-r1
    model:
      description: Name under which the backend serves it.
      type: str
      returned: always
      sample: deepseek-r1
    endpoint:
      description: Where the backend's OpenAI API begins.
      type: str
      returned: always
      sample: https://gpustack.example.com/v1
    weight:
      description: Share of the requests, V(null) where the file gives none.
      type: int
      returned: always
    state:
      description: V(present) or V(absent).
      type: str
      returned: always
      sample: present
verified:
  description:
    - V(file) where the content of the file was read back and parsed, V(null) where check mode wrote nothing.
  type: str
  returned: success
  sample: file
path:
  description: The file.
  type: str
  returned: success
  sample: /etc/litellm/config.yaml
backup_file:
  description: The copy made before the change, V(null) where none was made.
  type: str
  returned: success
restart_required:
  description: Whether the router must be restarted before it knows the change.
  type: bool
  returned: success
predicted:
  description: Whether this is what check mode expects, and nothing was written.
  type: bool
  returned: success
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
