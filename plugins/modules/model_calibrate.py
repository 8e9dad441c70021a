#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: model_calibrate
short_description: Compare a plan's memory with what the engine logged, and keep the difference
version_added: 0.1.0
description:
  - Reads the log of a start of vLLM or SGLang and tells, term by term, what M(modelscan.autoconfig.model_plan) predicted
    and what the engine measured.
  - With O(corrections) the factors of activations, of memory beside the engine's own, and of CUDA graphs go into a small
    file, by engine, release, card and term. The option O(modelscan.autoconfig.model_plan#module:corrections) makes later
    plans count with them.
  - Of several logs the largest factor stays. Weights and the cache are compared only, since they belong to the model.
options:
  log:
    description:
      - Text of the log, from the engine's start until it serves, at its usual level.
    type: str
  log_path:
    description:
      - File with the log, where the module runs.
    type: path
  plan:
    description:
      - The plan that the engine was started by, as M(modelscan.autoconfig.model_plan) returned it.
    type: dict
    required: true
  card:
    description:
      - Kind of GPU, as the driver names it. By default the plan's.
    type: str
  version:
    description:
      - The engine's release. By default what the log says, else the plan's.
    type: str
  corrections:
    description:
      - File to keep the factors in, which ends in C(.yml), C(.yaml) or C(.json). Entries of other engines, releases and
        cards stay.
      - Without it nothing is written.
    type: path
requirements:
  - PyYAML for a file of corrections in YAML
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - The same log twice changes nothing.
notes:
  - SGLang logs neither its activations nor what lies beside its own memory, so that only its CUDA graphs are corrected.
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Plan
  modelscan.autoconfig.model_plan:
    model: qwen/qwen3-32b
  register: planned

- name: What did the engine really take?
  modelscan.autoconfig.model_calibrate:
    plan: "{{ planned.plan }}"
    log_path: logs/qwen3-32b.log
    corrections: corrections.yml
  register: calibrated

- name: Show it
  ansible.builtin.debug:
    var: calibrated.lines

- name: Plan with what was learned
  modelscan.autoconfig.model_plan:
    model: qwen/qwen3-32b
    corrections: corrections.yml
"""

RETURN = r"""
engine:
  description: Engine that wrote the log.
  type: str
  returned: success
  sample: vLLM
version:
  description: Its release, where the log, the plan or O(version) names it.
  type: str
  returned: success
  sample: 0.18.0
card:
  description: Kind of GPU.
  type: str
  returned: success
  sample: NVIDIA H100 80GB HBM3
terms:
  description: Each term of the plan's memory beside the log's, on the fullest GPU.
  type: list
  elements: dict
  returned: success
  contains:
    term:
      description:
        - V(weights_bytes), V(activation_bytes), V(runtime_bytes), V(cuda_graphs_bytes), V(kv_cache_bytes) or
          V(kv_cache_tokens).
      type: str
      returned: success
    predicted:
      description: What the plan says, in bytes or tokens.
      type: int
      returned: success
    measured:
      description: What the log says, V(null) where it does not.
      type: int
      returned: success
    error_percent:
      description: By how much the prediction is above (+) or below (-) what was measured.
      type: float
      returned: success
lines:
  description: The same for people.
  type: list
  elements: str
  returned: success
  sample:
    - "weights_bytes: predicted 15.0 GiB, measured 15.0 GiB (-0.0 %)"
corrections:
  description: Factors that this log gave, with O(corrections).
  type: list
  elements: dict
  returned: success
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_calibrate import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
