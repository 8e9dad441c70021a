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
  - With O(load) a bounded number of streamed requests follows, and times and rates are measured. Limits make it a gate.
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
    choices: [chat, completion, embedding, rerank]
  prompt:
    description:
      - What is asked, embedded, or ranked against itself and another text.
    type: str
    default: Reply with the single word ready.
  max_tokens:
    description:
      - Longest answer in tokens. Not sent with O(kind=embedding) and O(kind=rerank).
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
      - Regular expression that must be found in the answer. Not with O(kind=embedding) and O(kind=rerank).
    type: str
  health_url:
    description:
      - URL that must answer 2xx before anything is asked, within the same O(patience_s).
      - The key is sent there only if it has the scheme, host and port of O(url).
    type: str
  listed:
    description:
      - Whether the list of models below O(url) must name O(model) before it is asked, within the same O(patience_s).
    type: bool
    default: false
  stream:
    description:
      - Whether the answer has to come as a stream, which measures the time to the first token. A stream that ends before
        the engine said that it was done is no answer.
      - Only with O(kind=chat) and O(kind=completion).
    type: bool
    default: false
  load:
    description:
      - Streamed requests that follow a successful probe, to O(url) alone. Only with O(kind=chat) and O(kind=completion).
      - Errors are counted and not tried again.
    type: dict
    suboptions:
      concurrency:
        description:
          - Requests under way at a time, at most 100.
        type: int
        default: 4
      requests:
        description:
          - Requests in all, at most 10000.
        type: int
        default: 16
      input_tokens:
        description:
          - About how long each prompt is. Prompts consist of so many short words, and begin differently so that no prefix
            cache answers.
        type: int
        default: 128
      output_tokens:
        description:
          - Longest answer of each request. An engine may stop earlier.
        type: int
        default: 64
      duration_s:
        description:
          - Seconds after which no further request starts, at most 86400.
        type: float
        default: 120.0
      pause_s:
        description:
          - Seconds that each of the concurrent clients waits behind an answer, to watch a service for long. The load then ends
            with the first error too many.
        type: float
        default: 0.0
      max_latency_ms:
        description:
          - Fail when the 95th percentile of the time to the end of the answer is longer. For every O(kind).
        type: float
      max_errors:
        description:
          - Fail when more requests than this failed.
        type: int
        default: 0
      max_first_token_ms:
        description:
          - Fail when the 95th percentile of the time to the first token is longer.
        type: float
      max_inter_token_ms:
        description:
          - Fail when the 95th percentile of the mean gap between tokens is longer.
        type: float
      min_tokens_per_s:
        description:
          - Fail when all requests together got fewer output tokens per second.
        type: float
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

- name: Let only what is fast enough go on to the router
  modelscan.autoconfig.inference_probe:
    url: https://gpustack.example.com/v1
    model: deepseek-r1
    listed: true
    load:
      concurrency: 16
      requests: 64
      input_tokens: 1024
      output_tokens: 256
      max_first_token_ms: 2000
      min_tokens_per_s: 400
"""

RETURN = r"""
answer:
  description:
    - The beginning of the answer, or of its reasoning where there is nothing else. For embeddings their length,
      for a ranking the score of the best text.
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
first_token_ms:
  description: Time to the first token of a streamed answer in milliseconds, else V(null).
  type: float
  returned: success
inter_token_ms:
  description: Mean gap between the tokens of a streamed answer in milliseconds, else V(null).
  type: float
  returned: success
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
load:
  description:
    - Figures of the load, V(null) without one. A load that fails its limits has them in C(error.load).
    - Times in milliseconds have the keys C(mean), C(p50), C(p95) and C(p99), over the requests that were answered.
  type: dict
  returned: success
  contains:
    requests:
      description: Requests made.
      type: int
      returned: with load
    errors:
      description: Those of them that failed.
      type: int
      returned: with load
    error_samples:
      description: Up to three different messages.
      type: list
      elements: str
      returned: with load
    seconds:
      description: Duration of the whole.
      type: float
      returned: with load
    requests_per_s:
      description: Answered requests per second.
      type: float
      returned: with load
    input_tokens:
      description: Prompt tokens as the endpoint counted them.
      type: int
      returned: with load
    output_tokens:
      description: Output tokens as the endpoint counted them, else the parts of the streams.
      type: int
      returned: with load
    output_tokens_per_s:
      description: Output tokens of all requests per second.
      type: float
      returned: with load
    first_token_ms:
      description: Time to the first token.
      type: dict
      returned: with load
    inter_token_ms:
      description: Mean gap between the tokens of one answer.
      type: dict
      returned: with load
    latency_ms:
      description: Time to the end of an answer.
      type: dict
      returned: with load
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
