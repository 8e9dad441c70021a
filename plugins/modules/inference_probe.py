#!/usr/bin/python
# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: inference_probe
short_description: Prove that an OpenAI-compatible endpoint really answers
version_added: 0.1.0
description:
  - Sends one real request for a model and returns what it answered. A state such as C(running) or a list of models proves
    less.
  - Right after a deployment, key caches, routes and engines answer 401, 403, 404, 429, 502, 503 or 504, or refuse
    connections. Such answers are tried again for O(patience_s), with growing pauses. Any other answer fails at once.
  - An answer without any content is a failure. Reasoning counts as content.
options:
  url:
    description:
      - Where the OpenAI API begins, for example C(https://gpustack.example.com/v1).
    type: str
    required: true
  api_key:
    description:
      - Key that is sent as a bearer token. Without one, nothing is sent.
      - Falls back to the environment variable E(GPUSTACK_API_KEY).
    type: str
  model:
    description:
      - Name of the model to ask.
    type: str
    required: true
  kind:
    description:
      - Which call to make.
    type: str
    default: chat
    choices: [chat, completion, embedding]
  prompt:
    description:
      - What is asked, or embedded.
    type: str
    default: Reply with the single word ready.
  max_tokens:
    description:
      - Longest answer in tokens. Not sent with O(kind=embedding).
    type: int
    default: 32
  patience_s:
    description:
      - Seconds after the first attempt during which a passing failure is tried again. With V(0) there is one attempt.
      - An attempt that has begun may take O(timeout_s) beyond that.
      - A wrong key looks like a key that is not known yet, so it is reported only when the patience ends.
    type: float
    default: 120.0
  expect:
    description:
      - Regular expression that must be found in the answer. Not with O(kind=embedding).
    type: str
  health_url:
    description:
      - URL that must answer 2xx before anything is asked, within the same O(patience_s).
      - The key is sent there only if it has the scheme, host and port of O(url).
    type: str
extends_documentation_fragment:
  - modelscan.autoconfig.attributes
  - modelscan.autoconfig.http_options
attributes:
  check_mode:
    support: full
    details:
      - Nothing is sent, since a completion costs tokens and nothing may be serving yet. RV(predicted) is V(true) then.
  diff_mode:
    support: N/A
    details:
      - There is no change to show.
  idempotent:
    support: full
    details:
      - Nothing is ever changed.
seealso:
  - module: modelscan.autoconfig.gpustack_deployment
  - module: modelscan.autoconfig.router_register
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Prove that the model answers
  modelscan.autoconfig.inference_probe:
    url: https://gpustack.example.com/v1
    model: deepseek-r1
    patience_s: 300

- name: Prove that the right model answers through the router
  modelscan.autoconfig.inference_probe:
    url: https://router.example.com/v1
    health_url: https://router.example.com/health/readiness
    api_key: "{{ router_api_key }}"
    model: deepseek-r1
    prompt: What is two plus two? Answer with one digit.
    expect: '4'

- name: Prove that an embedding model answers
  modelscan.autoconfig.inference_probe:
    url: https://gpustack.example.com/v1
    model: qwen3-embedding
    kind: embedding
"""

RETURN = r"""
answer:
  description:
    - The beginning of the answer, or of its reasoning where there is nothing else. For embeddings their length.
    - V(null) in check mode.
  type: str
  returned: success
  sample: ready
model:
  description: Name of the model as the endpoint gives it, else as it was asked for.
  type: str
  returned: success
  sample: deepseek-r1
latency_ms:
  description: Time of the successful request in milliseconds, V(null) in check mode.
  type: float
  returned: success
  sample: 412.7
attempts:
  description: Requests made, health checks among them.
  type: int
  returned: success
  sample: 1
usage:
  description: Tokens as the endpoint counted them, V(null) where it did not say.
  type: dict
  returned: success
  sample: {prompt_tokens: 9, completion_tokens: 2, total_tokens: 11}
predicted:
  description: Whether this is check mode, and nothing was asked.
  type: bool
  returned: success
"""

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import run_module
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.inference_probe import CORE


def main() -> None:
    run_module(CORE)


if __name__ == "__main__":
    main()
