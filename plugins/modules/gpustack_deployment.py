#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gpustack_deployment
short_description: Deploys a model on a GPUStack server
version_added: 0.1.0
description:
  - Creates, changes, stops and removes one deployment of a model on a GPUStack server, versions 2.0 to 2.3.
  - What is deployed comes from a plan of M(modelscan.autoconfig.model_plan), from options, or from both.
    Options override the plan.
  - An option that is not set is not managed, what the server has stays as it is.
    An empty list, dictionary or string clears.
  - A deployment that is as wanted causes no writing request.
  - GPUStack does not restart what runs when a definition is edited. This module replaces instances that
    were made from an older definition, also those that an interrupted run, or an edit in the web interface,
    left behind.
  - It marks what it creates, and refuses to touch what does not carry the mark, see O(adopt).
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
      - Shows managed fields only, and secrets as V((set\)) or V((changed\)).
  idempotent:
    support: full
options:
  name: &name
    description:
      - Name of the deployment, and of the route to it.
      - It begins with a letter, goes on with letters, digits, V(-), V(_) and V(.), and does not end in V(-) or V(_).
      - Required, unless O(plan) has a name, or O(deployments) is used.
    type: str
  state: &state
    description:
      - With V(present), the deployment exists and runs.
        If O(replicas) is not set and it is stopped, it is started with one replica.
      - An instance that has failed, or whose worker is unreachable, is replaced once by a run that finds it so. When the new one
        fails as well, the task does.
      - With V(restarted), it is as with V(present), and its instances are replaced although they are as wanted, see
        O(restart). It is not created.
      - With V(stopped), its definition is kept and nothing runs.
        If it does not exist, it is created with 0 replicas, which needs a definition.
      - With V(absent), it does not exist. Model files on the workers stay.
      - With V(cached), the model files are on the workers that the deployment may run on, which are those of the
        GPUs of O(plan) or O(gpu_ids), else those with O(worker_selector), else all that are ready in O(cluster).
        The deployment itself is not touched. A download that failed is started again.
      - With V(uncached), the model files are removed from those workers, which fails while an instance uses them.
    type: str
    default: present
    choices: [present, stopped, restarted, absent, cached, uncached]
  restart: &restart
    description:
      - Which instances O(state=restarted) replaces, all or those that have failed or are unreachable.
    type: str
    default: all
    choices: [all, failed]
  plan: &plan
    description:
      - A plan, as M(modelscan.autoconfig.model_plan) returns it.
      - Options beside it win. One that contradicts its numbers, for example a longer context than the memory has room
        for, fewer GPUs than a replica needs, or more replicas than are placed, is refused with these numbers. Where
        they say nothing, as for another repository or engine, the task warns.
      - An empty dictionary makes the deployment one without a plan.
    type: dict
  source: &source
    description:
      - Where the weights come from. Needs O(repository).
    type: str
    choices: [huggingface, model_scope, local_path]
  repository: &repository
    description:
      - Id of the repository, or with O(source=local_path) the path on the workers. Needs O(source).
    type: str
  file: &file
    description:
      - One file of the repository, or a pattern for files, where it holds several quantizations.
    type: str
  backend: &backend
    description:
      - Inference engine, for example V(vLLM) or V(SGLang).
      - When it changes, version and parameters of the former engine are cleared unless they are given.
    type: str
  backend_version: &backend_version
    description:
      - Version of the engine.
    type: str
  backend_parameters: &backend_parameters
    description:
      - Parameters of the engine, one V(--name=value) per item.
    type: list
    elements: str
  image_name: &image_name
    description:
      - Container image, for the backend V(Custom).
    type: str
  run_command: &run_command
    description:
      - Command in that image, for the backend V(Custom).
    type: str
  env: &env
    description:
      - Environment variables of the engine. Variables that are not named stay, V(null) removes one.
      - GPUStack stores them in plain text.
    type: dict
  env_secrets: &env_secrets
    description:
      - Environment variables whose values are secrets of at least 8 characters.
      - The values appear in no output. GPUStack stores them in plain text.
    type: dict
  env_mode: &env_mode
    description:
      - With V(merge), environment variables that nobody names stay as they are.
      - With V(replace), the deployment has those of O(plan), O(env), O(env_secrets), O(restore_env), O(offline) and
        O(vram_claim), and no others.
    type: str
    default: merge
    choices: [merge, replace]
  restore_env: &restore_env
    description:
      - Environment variables to take from an earlier revision of the deployment, which servers since 2.3 keep.
        They count as secrets. It is how RV(rollback) brings secrets back, whose values this collection never keeps.
      - O(env) and O(env_secrets) win over it.
    type: dict
    suboptions:
      revision:
        description:
          - Number of the revision.
        type: int
        required: true
      variables:
        description:
          - Names of the variables. Those that the revision does not have are removed.
        type: list
        elements: str
        required: true
  offline: &offline
    description:
      - With V(true), the engine is told by environment variables to call no hub and to send no telemetry.
        GPUStack's worker still downloads what is missing.
      - With V(false), those variables are removed. The names are C(HF_HUB_OFFLINE), C(TRANSFORMERS_OFFLINE),
        C(HF_HUB_DISABLE_TELEMETRY), C(DO_NOT_TRACK) and C(VLLM_NO_USAGE_STATS). O(env) overrides them.
      - The library of ModelScope knows no such variable. GPUStack gives engines the path of the downloaded files, so that
        they do not ask it.
    type: bool
  replicas: &replicas
    description:
      - How many instances run. A new deployment has one.
      - Not managed while the deployment has an enabled O(scaling_schedule); a number that differs is warned about.
    type: int
  gpu_ids: &gpu_ids
    description:
      - GPUs to use, as GPUStack names them, for example V(gpu-a:cuda:0). Overrides the plan's.
      - An empty list leaves the choice to GPUStack.
    type: list
    elements: str
  gpus_per_replica: &gpus_per_replica
    description:
      - How many of O(gpu_ids) each replica gets. If not set, GPUStack counts, by the tensor parallel size in
        O(backend_parameters), else by dividing the GPUs among the replicas. V(0) makes it count again.
      - Where it counts, and O(replicas) changes so that each would get another number, instances are replaced.
    type: int
  gpu_type_selector: &gpu_type_selector
    description:
      - A whole GPU, slice or partition of a type that GPUStack's operator offers on a Kubernetes cluster. It excludes
        O(gpu_ids). An empty dictionary clears it.
    type: dict
    suboptions:
      type:
        description:
          - Name of the instance type.
        type: str
      accelerator_sliced_memory_percentage:
        description:
          - Share of the memory of the card, in percent.
        type: int
      accelerator_sliced_cores_percentage:
        description:
          - Share of the cores of the card, in percent.
        type: int
      accelerator_partitioned_profile:
        description:
          - A MIG profile, for example V(1g.5gb), instead of shares.
        type: str
  placement: &placement
    description:
      - With V(plan), instances are pinned to the GPUs of O(plan). They are matched to GPUStack's workers by the
        UUID of the GPU, else by the name or the address of the worker.
      - GPUStack can be told the GPUs of one replica that spans several workers, not of several. It chooses them itself
        where the plan has more.
      - With V(auto), GPUStack's scheduler chooses.
    type: str
    default: plan
    choices: [plan, auto]
  placement_strategy: &placement_strategy
    description:
      - How GPUStack's scheduler distributes instances over GPUs.
    type: str
    choices: [spread, binpack]
  distributed_inference: &distributed_inference
    description:
      - Whether one instance may span several workers. If not set, it may where the plan spreads a replica over hosts;
        without such a plan GPUStack decides by the backend.
    type: bool
  worker_selector: &worker_selector
    description:
      - Labels that a worker must have.
    type: dict
  cpu_offloading: &cpu_offloading
    description:
      - Whether layers that do not fit may go to the CPU's memory, where the backend can do that.
    type: bool
  speculative_config: &speculative_config
    description:
      - Speculative decoding. Manages the whole configuration, an empty dictionary clears it.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether it is used. V(true) if anything else is given.
        type: bool
      algorithm:
        description:
          - How tokens are proposed.
        type: str
        choices: [eagle3, mtp, ngram]
      draft_model:
        description:
          - Name of a draft model in GPUStack's catalog, a path, or a repository of the same source.
        type: str
      num_draft_tokens:
        description:
          - How many tokens are proposed at once.
        type: int
      ngram_min_match_length:
        description:
          - Shortest n-gram to look for.
        type: int
      ngram_max_match_length:
        description:
          - Longest n-gram to look for.
        type: int
  extended_kv_cache: &extended_kv_cache
    description:
      - A second level of the KV cache outside of the GPU. Manages the whole configuration, an empty
        dictionary clears it.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether it is used. V(true) if anything else is given.
        type: bool
      mode:
        description:
          - V(local) uses the memory of the worker, V(shared) a cache service.
        type: str
        choices: [local, shared]
      cache_service_id:
        description:
          - Id of the cache service.
        type: int
      ram_ratio:
        description:
          - Size relative to the memory of the GPU.
        type: float
      ram_size:
        description:
          - Size in GiB, instead of a ratio.
        type: int
      chunk_size:
        description:
          - Tokens in one piece of the cache.
        type: int
  lora_list: &lora_list
    description:
      - LoRA adapters, all of them. Each gets a route of its own. An empty list removes them.
      - A running engine keeps the adapters that it was started with, so instances are replaced.
    type: list
    elements: dict
    suboptions:
      lora_name:
        description:
          - Name of the adapter, without the name of the deployment before it.
        type: str
        required: true
      lora_repo_name:
        description:
          - Repository of the adapter, or a path.
        type: str
      source:
        description:
          - Where it comes from. GPUStack takes V(huggingface) if it is not set.
        type: str
        choices: [huggingface, model_scope, local_path]
      huggingface_filename:
        description:
          - One file of a Hugging Face repository.
        type: str
      model_scope_file_path:
        description:
          - One file of a ModelScope repository.
        type: str
      local_path:
        description:
          - Path on the workers.
        type: str
  roles: &roles
    description:
      - Roles of a deployment whose instances do different work, such as prefill and decode, each with C(name) and the
        keys that GPUStack's API has for a role. An empty list clears them. They are not shown in the diff.
      - Secrets are refused in C(env) of a role.
    type: list
    elements: dict
  disaggregation: &disaggregation
    description:
      - Disaggregated prefill and decode of O(roles). An empty dictionary clears it.
    type: dict
    suboptions:
      mode:
        description:
          - The kind, as GPUStack names it.
        type: str
      vendor:
        description:
          - The vendor of the accelerators.
        type: str
      readiness:
        description:
          - When a group counts as ready.
        type: str
        choices: [any_per_role, all]
      kv_load_failure_policy:
        description:
          - What becomes of a request whose KV cache could not be handed over.
        type: str
        choices: [fail, recompute]
  gather: &gather
    description:
      - How near to each other the members of O(roles) are placed. An empty dictionary clears it.
    type: dict
    suboptions:
      strategy:
        description:
          - The strategy, as GPUStack names it.
        type: str
      layer:
        description:
          - The layer of the topology, as GPUStack names it.
        type: str
  scaling_schedule: &scaling_schedule
    description:
      - GPUStack's own schedule for the number of replicas. Manages the whole schedule, an empty dictionary clears it.
      - While it is enabled, O(replicas) is not managed, and O(state=stopped) is refused. Pause it instead.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether it is used. V(true) if anything else is given.
        type: bool
      paused:
        description:
          - Whether it rests, with no replica running.
        type: bool
      baseline_replicas:
        description:
          - Replicas outside of all windows. Required by GPUStack while the schedule is enabled.
        type: int
      rules:
        description:
          - Windows with another number of replicas. GPUStack requires one at least while the schedule is enabled.
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - A label.
            type: str
          start_cron:
            description:
              - When the window opens, as a cron expression.
            type: str
            required: true
          duration_seconds:
            description:
              - For how long it is open.
            type: int
            required: true
          replicas:
            description:
              - Replicas meanwhile.
            type: int
            required: true
  native_anthropic_api: &native_anthropic_api
    description:
      - Whether the engine speaks Anthropic's Messages API itself, so that GPUStack's gateway does not translate it.
    type: bool
  generic_proxy: &generic_proxy
    description:
      - Whether GPUStack passes on requests of any path to the engine.
    type: bool
  restart_on_error: &restart_on_error
    description:
      - Whether GPUStack starts an instance again that has failed.
    type: bool
  categories: &categories
    description:
      - Kinds of the model, for example V(llm) or V(embedding). GPUStack finds them out if not set.
    type: list
    elements: str
  description: &description
    description:
      - A text for people.
    type: str
  access_policy: &access_policy
    description:
      - Who may use the route, everyone, or only users of the server.
    type: str
    choices: [authed, public]
  cluster: &cluster
    description:
      - Name or id of the cluster. Required for a new deployment if there is more than one.
      - A deployment cannot move to another cluster.
    type: str
  vram_claim: &vram_claim
    description:
      - GPUStack estimates the memory of a model by a rule of its own, and may refuse what fits.
      - With V(plan), it is told to book the share of the GPUs that O(plan) gives to the engine, by the environment
        variable C(GPUSTACK_MODEL_VRAM_CLAIM) of the deployment.
      - With V(server), that variable is removed.
    type: str
    choices: [server, plan]
  apply: &apply
    description:
      - With V(recreate), running instances of an older definition are replaced, all at once.
      - With V(rolling), they are replaced one after the other, each when all others run. Where GPUStack's evaluation
        finds room for one more instance, a new one is started first, so that none is missing meanwhile. It ends at
        the first new instance that fails, or when somebody else changes the deployment, and what is left of the old
        ones goes on serving. Needs O(wait=true). Members of O(roles) cannot be replaced one by one.
      - With V(blue_green), a new deployment is made beside the running one. When it runs and has answered a real
        request, every route that leads to the old one is led to the new one as well, then to it alone; the old one is
        removed after O(drain_s), so that requests find a deployment at any time. Where the new one does not run or does not answer, it is
        removed and the old one goes on serving. What runs keeps its memory until then, so a task without room for both
        is refused with the numbers before anything is changed. Needs O(wait=true) and a server since 2.1.
      - After V(blue_green), the name on the server has a suffix (RV(deployment.server_name)), since engines serve under
        the name with which they were started; their answers name it as the model. Tasks, clients and this module go on
        using O(name), which is the name of the route.
      - With V(none), the definition is stored only, and RV(restart_required) says that instances are outdated.
    type: str
    default: recreate
    choices: [recreate, rolling, blue_green, none]
  adopt: &adopt
    description:
      - Take over, or remove, a deployment that this collection did not create.
    type: bool
    default: false
  prefetch: &prefetch
    description:
      - When source, repository or file change, or a deployment is new, finish the download as O(state=cached) does
        before anything is written, so that what runs goes on serving meanwhile. Needs O(wait=true).
    type: bool
    default: false
  overcommit: &overcommit
    description:
      - Deploy although GPUs of O(plan), or O(gpu_ids), have less free memory by now than the plan takes, or without a plan than
        GPUStack would book, by what the workers report of their processes.
        Without it the task fails with the numbers, before anything is changed.
      - What the deployment's own instances hold counts as free.
    type: bool
    default: false
  deployments:
    description:
      - Several deployments of one server, each with the options above. Those options cannot be given beside it.
      - The server is read once for all of them, all are checked before the first is changed, and then the failure of
        one stops no other. Several are written at a time, see O(writes_at_once). When the server does not answer any
        more, the rest is not tried. The result is in RV(results), in the order of the list.
    type: list
    elements: dict
    suboptions:
      name: *name
      state: *state
      restart: *restart
      plan: *plan
      source: *source
      repository: *repository
      file: *file
      backend: *backend
      backend_version: *backend_version
      backend_parameters: *backend_parameters
      image_name: *image_name
      run_command: *run_command
      env: *env
      env_secrets: *env_secrets
      env_mode: *env_mode
      restore_env: *restore_env
      offline: *offline
      replicas: *replicas
      gpu_ids: *gpu_ids
      gpus_per_replica: *gpus_per_replica
      gpu_type_selector: *gpu_type_selector
      placement: *placement
      placement_strategy: *placement_strategy
      distributed_inference: *distributed_inference
      worker_selector: *worker_selector
      cpu_offloading: *cpu_offloading
      speculative_config: *speculative_config
      extended_kv_cache: *extended_kv_cache
      lora_list: *lora_list
      roles: *roles
      disaggregation: *disaggregation
      gather: *gather
      scaling_schedule: *scaling_schedule
      native_anthropic_api: *native_anthropic_api
      generic_proxy: *generic_proxy
      restart_on_error: *restart_on_error
      categories: *categories
      description: *description
      access_policy: *access_policy
      cluster: *cluster
      vram_claim: *vram_claim
      apply: *apply
      adopt: *adopt
      prefetch: *prefetch
      overcommit: *overcommit
  prune:
    description:
      - Remove the deployments of the server that carry the mark of this collection and that O(deployments) does not
        name, whoever made them with it. Others stay, as do routes that lead elsewhere as well.
      - They go last, and only when everything that the list names is as wanted. They are the last in RV(results).
      - Needs O(deployments) and O(max_removals).
    type: bool
    default: false
  max_removals:
    description:
      - How many deployments O(prune) may remove at most. With more, the task fails with their names before it changes
        anything.
    type: int
  writes_at_once:
    description:
      - How many of O(deployments) are written at the same time, 64 at most. With V(1), one after the other.
      - Removals follow the others, always one after the other.
    type: int
    default: 8
  max_restarts:
    description:
      - How many running instances may be replaced at most. With more, the task fails before it changes anything.
    type: int
  probe_kind:
    description:
      - What O(apply=blue_green) asks the new deployment for, before the route is switched.
    type: str
    default: chat
    choices: [chat, completion, embedding, rerank]
  probe_api_key:
    description:
      - Key for that request, where O(gpustack_api_key) may not be used for inference.
    type: str
  probe_patience_s:
    description:
      - Seconds to go on asking while the new deployment does not answer.
    type: float
    default: 120.0
  drain_s:
    description:
      - How long O(apply=blue_green) leaves the old deployment to requests that are under way when the route has been
        switched. GPUStack counts them nowhere, so the whole time passes.
    type: float
    default: 10.0
  wait:
    description:
      - Wait until all instances of the stored definition run, or with O(state=stopped) until none is left.
      - Fails as soon as an instance has failed for good, or cannot be placed.
    type: bool
    default: true
  stall_timeout_s:
    description:
      - Waiting ends with an error when nothing has got on for so many seconds. A state, a percent of a download, or a new
        line in the log of an engine that starts is progress; a download of hours is waited for.
      - What was downloaded stays on the workers, and the same task goes on where it was.
    type: float
    default: 600.0
  wait_timeout_s:
    description:
      - Seconds to wait at most, whatever progress there is. Downloads count. No limit if not set.
      - With O(apply=rolling) and O(apply=blue_green), this is the limit of each step, for example for each instance that
        is replaced. Otherwise O(deployments) are started at the same time, and this is the limit for all of them.
    type: float
notes:
  - While it waits, one line in 30 s at most tells everybody how far downloads are, how fast, how long the rest takes, and
    the states of the instances; with C(-v) each change is told.
  - When the deployment was changed and the task fails then, the keys C(rollback), C(actions), C(diff), C(before) and
    C(deployment) are in C(error).
  - C(async) is refused, since the module runs on the controller; with O(wait=false) it does not wait, and
    M(modelscan.autoconfig.gpustack_deployment_info) tells how far the server is.
  - When an engine fails, the last lines of its log are in C(log_tail) in C(error).
  - A task that was killed is completed by the next run, at whatever point it was. Two tasks that want the same
    end in one deployment; when they want different things, the one that comes later is told.
  - Servers since 2.3 keep earlier definitions, and with them earlier values of O(env_secrets), in plain text.
  - Values of secrets are in no digest that is stored. When somebody else changes only the value of a secret, running
    instances are not known to be outdated.
seealso:
  - module: modelscan.autoconfig.model_plan
  - module: modelscan.autoconfig.gpustack_deployment_info
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Deploy what was planned
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    plan: "{{ planned.plan }}"

- name: Deploy a model without a plan, with a token for the hub
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    name: llama-3.1-8b
    source: huggingface
    repository: meta-llama/Llama-3.1-8B-Instruct
    backend: vLLM
    backend_parameters:
      - --max-model-len=32768
    env_secrets:
      HF_TOKEN: "{{ vault_hf_token }}"

- name: Change it without a gap, and restart not more than two instances
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    name: llama-3.1-8b
    backend_parameters:
      - --max-model-len=16384
    apply: rolling
    max_restarts: 2

- name: Switch to another quantization without a failed request
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    name: llama-3.1-8b
    source: huggingface
    repository: RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8
    apply: blue_green
    drain_s: 60

- name: Let the server have these deployments, and none else that this collection has made
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    deployments: "{{ gpustack_deployments }}"
    prune: true
    max_removals: 2

- name: Bring two deployments to what is wanted in one task
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    deployments:
      - name: llama-3.1-8b
        description: For the chat
      - name: qwen3-8b
        state: stopped

- name: Download the weights before they are needed
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    plan: "{{ planned.plan }}"
    state: cached

- name: Stop it and keep its definition
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    name: llama-3.1-8b
    state: stopped

- name: Remove it
  modelscan.autoconfig.gpustack_deployment:
    gpustack_url: https://gpustack.example.com
    name: llama-3.1-8b
    state: absent
"""

RETURN = r"""
deployment:
  description:
    - The deployment, V(null) when it is absent. In check mode, as it would first be.
  returned: success
  type: dict
  contains:
    name:
      description: Its name; the name of the route to it as well.
      type: str
      sample: qwen3-32b
    server_name:
      description: Its name on the server, which has a suffix since a switch with O(apply=blue_green).
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
      description: Names of instances that run a former definition, as far as the mark of this collection tells.
      type: list
      elements: str
      sample: []
    instances:
      description:
        - Its instances, each with C(name), C(id), C(state), C(state_message), C(worker), C(worker_ip) and C(gpus).
        - A GPU has C(index), C(uuid) and C(claimed_bytes), which is what GPUStack booked on it.
        - C(uuid) is V(null) where the workers were not read, which only a new or changed definition needs.
      type: list
      elements: dict
      sample:
        - name: qwen3-32b-x7rt2
          id: 12
          state: running
          state_message: null
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
before:
  description: The deployment before, in the form of RV(deployment). V(null) when there was none.
  returned: success
  type: dict
  sample: null
predicted:
  description: Whether this is a prediction of check mode.
  returned: success
  type: bool
  sample: false
actions:
  description:
    - What was done, V(created), V(adopted), V(updated), V(scaled), V(stopped), V(restarted), V(switched), V(cleared),
      V(deleted), V(cached) or V(uncached).
    - V(switched) is a new deployment that has taken over, V(cleared) the removal of one that such a switch left behind
      when it was interrupted.
  returned: success
  type: list
  elements: str
  sample: [updated, restarted]
restarts:
  description:
    - Names of the running instances that were replaced, or in check mode would be. With C(-v) they are also shown
      before that happens.
  returned: success
  type: list
  elements: str
  sample: [llama-3.1-8b-x7rt2]
restart_required:
  description: Whether instances of an older definition were left running, see O(apply).
  returned: success
  type: bool
  sample: false
rollback:
  description:
    - Options of this module that bring back what was there before, without values of secrets. Those are taken from
      the server by O(restore_env), where it is 2.3 or later and the deployment was neither removed nor replaced
      by O(apply=blue_green).
    - V(null) when nothing was changed.
  returned: success
  type: dict
  sample:
    name: llama-3.1-8b
    state: present
    backend_parameters: ["--max-model-len=16384"]
waited_s:
  description: Seconds spent waiting for the deployment.
  returned: success
  type: float
  sample: 41.5
waiting:
  description:
    - The last states that were seen while waiting, with the share, size and speed of downloads. With C(-v) they are
      shown when they are seen.
  returned: success
  type: list
  elements: str
  sample: ["llama-3.1-8b-x2k9f downloading 35 % of 15317 MiB, 112 MiB/s", "llama-3.1-8b-x2k9f starting"]
files:
  description:
    - The model files, each with C(id), C(worker), C(source), C(repository), C(file), C(state), C(state_message),
      C(progress_percent), C(size_bytes) and C(paths).
  returned: with O(state=cached) and O(state=uncached)
  type: list
  elements: dict
  sample: []
results:
  description: One dictionary for each item of O(deployments), with its C(name) and the keys above.
  returned: when O(deployments) is given
  type: list
  elements: dict
  sample: []
warnings:
  description: What should be known, for example that GPUStack did not store a field.
  returned: when there is something to say
  type: list
  elements: str
  sample: []
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.gpustack_deployment import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
