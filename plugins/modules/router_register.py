#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: router_register
short_description: Register a served model with a router, proved before and after
version_added: 0.1.0
description:
  - Lets exactly one backend of a router serve a public model name, or takes it away. The router is a configuration file
    or a running server.
  - With O(probe=true) nothing is written before the backend has answered a real completion. After the write a running
    router has to answer one too, else the write is taken back.
  - In a file only the route's own entry is edited. Other entries, their order, comments, anchors, quoting, indentation and
    line breaks stay byte for byte as they are. A file in which that is impossible is refused before anything is written.
    The file is replaced in one step, under a lock that parallel runs respect, and is read back afterwards. It keeps its
    mode, owner and attributes, and a symbolic link stays one.
  - What this collection did not make is neither changed nor removed unless O(adopt=true).
options:
  type:
    description:
      - What kind of router it is.
      - V(gpustack) is a model route of GPUStack 2.1 or later, an alias whose targets are deployments of that server. The
        mark of ownership is in the route's C(meta). O(model) is the deployment.
      - V(litellm) with O(path) is the C(model_list) of LiteLLM's file, with O(router_url) the management API of a proxy that
        has a database. A route is one backend of one public name, so that several backends may share a name; its
        C(model_info.id) is made from O(name), O(model) and the host and port of O(base_url), and
        C(model_info.managed_by) marks it as written by this collection. Do not manage one route both ways.
      - V(modelscan) is C(routing.direct.providers) in the format of ModelScan's published design. The released ModelScan
        server accepts this block and ignores it, and routes no completion at all. Its administration API cannot take a
        backend either. It keeps keys of the providers that it knows, and answers 503 for models, clients and aliases. So
        the file is a record for other programs and proves nothing. The provider's name is its identity, and a comment on
        the first line of the entry marks it as written by this collection.
      - V(openai_list) is any list of mappings in a YAML or JSON file, for routers that have no type of their own. The
        caller gives O(list_path), O(entry) and O(entry_name). A comment marks entries in YAML. JSON has no room for a mark,
        so there an existing entry is changed or removed only with O(adopt=true). With O(line_name) instead of O(list_path)
        it is any plain text with one route in each line, such as a map of HAProxy. A comment above a line marks it.
      - V(sglang_router), also for its successor smg, and V(vllm_router) are these routers started with C(--enable-igw). A worker is known by its URL and
        marked by a label. They keep workers in memory, so the task has to run again after a restart of the router.
        Without that option they ignore the model's name, which the probe through the router does not notice.
    type: str
    required: true
    choices: [gpustack, litellm, modelscan, openai_list, sglang_router, vllm_router]
  path:
    description:
      - The router's file, on the host that the task runs on. YAML, JSON where the name ends in C(.json), or plain
        text with O(line_name).
      - Required with O(type=modelscan) and O(type=openai_list). For O(type=litellm) either this or O(router_url).
    type: path
  router_url:
    description:
      - Base URL of the running router, without C(/v1).
      - Required with O(type=sglang_router) and O(type=vllm_router). O(type=gpustack) takes O(gpustack_url) instead.
    type: str
  router_api_key:
    description:
      - Key for the router's management API, the master key for LiteLLM, a control-plane key for sglang-router.
      - It also keys the fingerprints of O(api_key), so after another key is used each of them is written once more.
    type: str
  router_inference_key:
    description:
      - Key with which the router is asked for a completion after the write. O(router_api_key) when omitted, for
        O(type=gpustack) the key of the first probe.
    type: str
  allow_unauthenticated:
    description:
      - Whether O(type=vllm_router) may be at another than a loopback address. It asks nobody for a key.
    type: bool
    default: false
  name:
    description:
      - Name of the model that clients ask for.
      - sglang-router and vllm-router pass it on, so there the engine has to serve the model under this name.
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
      - Required with O(state=present), except for O(type=gpustack), and O(type=openai_list) with O(probe=false).
    type: str
  model:
    description:
      - Name under which the backend serves the model. With O(type=gpustack) the name of the deployment.
      - With O(state=present) it is O(name) when omitted.
    type: str
  api_key:
    description:
      - The backend's API key, for the router to keep. What the router has is kept when omitted.
      - A running router never returns a key. A digest beside the route, keyed with O(router_api_key), tells when the key
        has changed. Without O(router_api_key) it is not keyed, so that those who see it can try guesses of a weak key.
      - Only with O(type=litellm), O(type=sglang_router) and O(type=vllm_router). A file that is to hold it must have mode
        0600. vllm-router passes the header of its own clients on to the engine instead.
    type: str
  api_key_env:
    description:
      - Name of the environment variable in which the router finds the backend's API key. Never the key itself.
      - Only with O(type=litellm), where it is preferred to O(api_key). What the router has is kept when omitted.
    type: str
  weight:
    description:
      - Share of the requests that this backend gets among all of the same O(name).
      - Only with O(type=litellm) and O(type=gpustack). What the router has is kept when omitted.
      - In GPUStack all targets of a route have a weight above 0, or none has one. In LiteLLM a backend without a weight gets
        no request while another one has a weight, see O(group_weights).
    type: int
  group_weights:
    description:
      - What to do where the requests would be shared otherwise than the weights say, since only some backends of O(name)
        have one, or all have V(0). RV(shares) tells what each of them gets.
      - V(refuse) writes nothing and says so.
      - V(fill) gives each backend without a weight an equal part of what the weights leave up to 100, whoever made it. What
        had no weight keeps the new one when the route is removed later. In a running proxy the others come first, one
        after another.
      - Only with O(type=litellm).
    type: str
    default: refuse
    choices: [refuse, fill]
  fallback:
    description:
      - Whether the backend is asked only when the others of the same O(name) fail.
      - Only with O(type=litellm), where all backends of the name should say it, and O(type=gpustack), where a route has one
        fallback and its gateway must be enabled.
    type: bool
  fallback_order:
    description:
      - Place among the fallbacks of the same O(name), from 1. A backend is asked when all before it have failed. It makes
        the backend a fallback, and O(fallback=true) alone is the place 1. What the router has is kept when omitted.
      - Only with O(type=litellm).
    type: int
  model_info:
    description:
      - Further keys for C(model_info), which LiteLLM passes on to clients, such as C(max_input_tokens). Other keys that the
        router has are kept. Prices have options of their own.
      - Only with O(type=litellm). The keys C(id) and C(managed_by) are taken.
    type: dict
  input_usd_per_million_tokens:
    description:
      - Price in US dollars of a million tokens of input, in the unit of models.dev. LiteLLM accounts for requests with it and
        tells it to clients, as C(input_cost_per_token). What the router has is kept when omitted.
      - Only with O(type=litellm).
    type: float
  output_usd_per_million_tokens:
    description:
      - As O(input_usd_per_million_tokens), for the tokens of the answer.
    type: float
  cache_read_usd_per_million_tokens:
    description:
      - As O(input_usd_per_million_tokens), for tokens that the backend finds in its prefix cache.
    type: float
  cache_write_usd_per_million_tokens:
    description:
      - As O(input_usd_per_million_tokens), for tokens that are written to the cache.
    type: float
  price_tiers:
    description:
      - Prices of requests whose context is longer, in the form in which M(modelscan.autoconfig.catalog_search) returns
        C(tiers) of a price. They replace the tiers that the router has, which are kept when omitted.
      - Only with O(type=litellm), which knows them as C(input_cost_per_token_above_200k_tokens) and the like.
    type: list
    elements: dict
    suboptions:
      above_tokens:
        description: Number of tokens above which the prices hold, in whole thousands.
        type: int
        required: true
      input_usd:
        description: As O(input_usd_per_million_tokens).
        type: float
      output_usd:
        description: As O(output_usd_per_million_tokens).
        type: float
      cache_read_usd:
        description: As O(cache_read_usd_per_million_tokens).
        type: float
      cache_write_usd:
        description: As O(cache_write_usd_per_million_tokens).
        type: float
      reasoning_usd:
        description: Taken so that what a search returns can be given as it is; LiteLLM has no tier for it.
        type: float
  list_path:
    description:
      - Where the list is in the file, as names joined by dots. This is the part of JMESPath in which a missing list can be
        made.
      - Either this or O(line_name) is required with O(type=openai_list).
    type: str
  entry_name:
    description:
      - JMESPath expression that finds the public name inside one entry. The name is the identity of an entry.
      - Only for O(type=openai_list).
    type: str
    default: model
  entry:
    description:
      - The entry, in the form that the router reads. Keys of the existing entry that are not given here are kept.
      - An API key in it stands in the file as it is given here. Let it be a reference to the environment where the router
        knows one, else give the file mode 0600.
      - Required with O(list_path) and O(state=present).
    type: dict
  line_name:
    description:
      - Regular expression with one group that finds the public name inside one line of a plain text file. The name is the
        identity of a line. Lines that begin with C(#) are comments.
      - The file keeps its line breaks, and ends without one if it did before.
      - Only for O(type=openai_list), instead of O(list_path).
    type: str
  line:
    description:
      - The whole line, in the form that the router reads.
      - Required with O(line_name) and O(state=present).
    type: str
  block_begin:
    description:
      - Regular expression for the first line of the block that holds the lines, for example C(^upstream models \{).
        Lines elsewhere are left alone. It has to find one line.
      - Only with O(line_name), and with O(block_end).
    type: str
  block_end:
    description:
      - Regular expression for the line behind the block, looked for after O(block_begin), for example C(^\}).
    type: str
  insertbefore:
    description:
      - Regular expression for the line before which a new line is put. Otherwise it comes last in the block, without one
        last in the file. A file with blocks in braces needs one of both.
      - Only with O(line_name).
    type: str
  validate:
    description:
      - Command that looks at the new content before it takes its place, in a file beside O(path) whose name is put in the
        place of C(%s). When it fails, nothing is written. It runs without a shell, where the task runs, and not in check
        mode.
      - Only with O(path).
    type: str
  probe:
    description:
      - Whether the backend, and afterwards a running router, must answer a completion. Nothing is sent in check mode, and
        nothing when the route is already as wanted.
    type: bool
    default: true
  probe_kind:
    description:
      - Which call to make, see O(modelscan.autoconfig.inference_probe#module:kind).
    type: str
    default: chat
    choices: [chat, completion, embedding, rerank]
  probe_api_key:
    description:
      - Key with which the backend is asked. When omitted O(api_key), else the value that O(api_key_env) has where the task
        runs, for O(type=gpustack) else O(gpustack_api_key).
    type: str
  probe_patience_s:
    description:
      - Seconds during which passing failures are tried again, such as 401, 403 and 503 while keys and engines get ready.
    type: float
    default: 120.0
  drain_s:
    description:
      - How long to wait after a removal from a running router, until requests under way have ended. New requests stop
        at once.
      - The wait ends early when the metrics of a vLLM or SGLang engine beside O(base_url) show none, twice in a row.
    type: float
    default: 10.0
  create:
    description:
      - Whether a missing file is made with O(state=present). Its folder must exist. A JSON file is never made.
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
  - PyYAML for a file
  - jmespath for O(type=openai_list)
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
      - Shows the managed fields of the route's own entry. A key or a reference to one is shown as C((set)) or
        C((changed)).
  idempotent:
    support: full
    details:
      - An unchanged route is not written and not probed.
notes:
  - LiteLLM reads its file only when it starts, and a hangup signal ends it. Notify a handler that restarts it, as
    RV(restart_required) says. Requests that come in meanwhile fail. Where none may, use O(router_url), or restart two
    proxies one after the other behind a load balancer.
  - A play that fails before its handlers ran leaves the router with its former list, and the next run finds the file as
    wanted. Set C(force_handlers) to V(true) in the play.
  - With O(type=litellm) another O(model), or another host or port in O(base_url), is another backend beside the former one.
    Remove the former one where it should not go on.
  - Comments inside the route's own entry are not kept when the entry changes.
  - A comment marks keys and files that were made for a route. They go with its last one, unless something else came in.
    A JSON file has no room for the comment, so there an empty list stays.
  - With O(type=openai_list) what a router does with a changed file is not known, so RV(restart_required) is V(true).
  - Where several backends have one name, any of them may answer the completion through the router, as RV(reached) says.
    The backend itself has answered before.
  - An addition whose answer was lost, or that somebody else was faster with, is looked for and then proved as any other.
  - A worker of sglang-router or vllm-router is changed by removing it, waiting until it is gone and adding it again, since
    one that is written twice gets twice the requests. Without a second worker of the name requests fail meanwhile. The
    router forgets the key with it, so give O(api_key) each time where the engine wants one.
  - A route in a file is proved before the write only, since the router has to be restarted first. Ask it afterwards with
    M(modelscan.autoconfig.inference_probe).
  - A file on another host is edited by a module there, which needs the libraries above. Everything else runs on the
    controller without a module process, unless it is delegated.
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

- name: Give a deployment a public name, live and without a restart
  modelscan.autoconfig.router_register:
    type: gpustack
    gpustack_url: https://gpustack.example.com
    name: chat-large
    model: deepseek-r1
    weight: 95

- name: Lead more and more requests to its successor
  modelscan.autoconfig.router_register:
    type: gpustack
    gpustack_url: https://gpustack.example.com
    name: chat-large
    model: "{{ item.model }}"
    weight: "{{ item.weight }}"
  loop:
    - {model: deepseek-r1-next, weight: 5}
    - {model: deepseek-r1-next, weight: 25}
    - {model: deepseek-r1, weight: 75}
  loop_control:
    pause: 300

- name: Send all requests there
  modelscan.autoconfig.router_register:
    type: gpustack
    gpustack_url: https://gpustack.example.com
    name: chat-large
    model: deepseek-r1
    state: absent

- name: Register in a running LiteLLM proxy, with limits and prices for its clients
  modelscan.autoconfig.router_register:
    type: litellm
    router_url: https://litellm.example.com
    router_api_key: "{{ litellm_master_key }}"
    name: deepseek-r1
    base_url: https://gpustack.example.com/v1
    api_key: "{{ gpustack_inference_key }}"
    model_info:
      max_input_tokens: 32768
    input_usd_per_million_tokens: 0.55
    output_usd_per_million_tokens: 2.19

- name: Add a worker to sglang-router
  modelscan.autoconfig.router_register:
    type: sglang_router
    router_url: http://router.example.com:30000
    router_api_key: "{{ control_plane_key }}"
    router_inference_key: "{{ inference_key }}"
    name: qwen3-8b
    base_url: http://192.0.2.10:8000/v1

- name: Write an entry of Plano
  modelscan.autoconfig.router_register:
    type: openai_list
    path: /etc/plano/config.yaml
    list_path: model_providers
    name: gpustack/deepseek-r1
    base_url: https://gpustack.example.com/v1
    model: deepseek-r1
    probe_api_key: "{{ gpustack_inference_key }}"
    entry:
      model: gpustack/deepseek-r1
      provider_interface: openai
      base_url: https://gpustack.example.com/v1
      access_key: $GPUSTACK_API_KEY

- name: Lead a name of HAProxy's map to one of its backends
  modelscan.autoconfig.router_register:
    type: openai_list
    path: /etc/haproxy/models.map
    line_name: ^(\S+)
    line: deepseek-r1 gpustack
    name: deepseek-r1
    base_url: https://gpustack.example.com/v1
    probe_api_key: "{{ gpustack_inference_key }}"
  delegate_to: router.example.com
  notify: Reload HAProxy

- name: Add a server to an upstream of nginx
  modelscan.autoconfig.router_register:
    type: openai_list
    path: /etc/nginx/nginx.conf
    line_name: ^\s*server\s+(\S+);
    block_begin: ^\s*upstream models \{
    block_end: ^\s*\}
    line: "        server 192.0.2.10:8000;"
    validate: nginx -t -c %s
    name: 192.0.2.10:8000
    base_url: http://192.0.2.10:8000/v1
    model: deepseek-r1
  delegate_to: router.example.com
  notify: Reload nginx

- name: Give a second backend of the same name a tenth of the requests
  modelscan.autoconfig.router_register:
    type: litellm
    path: /etc/litellm/config.yaml
    name: deepseek-r1
    model: deepseek-r1-canary
    base_url: https://gpustack.example.com/v1
    api_key_env: GPUSTACK_API_KEY
    weight: 10
    group_weights: fill
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
        - Identity of the entry in the router, for GPUStack the ids of route and target. V(null) where there was nothing to
          remove, or where the router has yet to give one.
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
      description: Share of the requests, V(null) where the router has none.
      type: int
      returned: always
    state:
      description: V(present) or V(absent).
      type: str
      returned: always
      sample: present
verified:
  description:
    - V(completion) where the router answered a completion for the name, V(api) where it was asked what it has, V(file)
      where the content of the file was read back and parsed, V(null) where check mode wrote nothing.
  type: str
  returned: success
  sample: file
reached:
  description:
    - Who answered the completion through a running router. V(backend) is the route's own backend, V(other) another one of
      the same name, V(unknown) where nobody tells, V(null) where the router was not asked.
    - LiteLLM tells the id of the entry, and one of another name makes the task fail. GPUStack tells the deployment. Of a
      vLLM or SGLang engine behind a worker router its own counter tells, where no other request came in between.
  type: str
  returned: success
  sample: backend
shares:
  description:
    - What each backend of O(name) gets, where the router tells, which is with O(type=litellm). In check mode a running
      router tells how it is now.
  type: list
  elements: dict
  returned: success
  contains:
    model:
      description: Name under which the backend serves the model.
      type: str
      returned: always
    endpoint:
      description: Where the backend's OpenAI API begins.
      type: str
      returned: always
    weight:
      description: Its weight, V(null) where it has none.
      type: float
      returned: always
    share:
      description: Part of the requests, from 0 to 1, V(null) where the routing strategy looks at something else.
      type: float
      returned: always
      sample: 0.05
path:
  description: The file, V(null) for a running router.
  type: str
  returned: success
  sample: /etc/litellm/config.yaml
backup_file:
  description: The copy made before the change, V(null) where none was made.
  type: str
  returned: success
rollback:
  description:
    - The options that take the change back, C(state) among them, V(null) where nothing changed or where what was there cannot be
      given back. Keys that were replaced are secrets and are not in it.
  type: dict
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
