# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan should give its users, in numbers: the service level.

A context is a cap for one request, not a reservation for all: the cache holds one request of the whole
context, or the usual number of requests of a usual length. Defaults are a chat's; a model that reasons may
write as much before it answers as others read, so that its useful context is twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ceil_div
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.fit import Target
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import Traffic
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

# A long document with its answer; of models that reason, as many tokens of thoughts on top.
USEFUL_CONTEXT_TOKENS = 32_768
REASONING_FACTOR = 2

# A conversation of some turns, halfway through its answer.
REQUEST_TOKENS = 4096

# What is new in a turn of a chat, and its answer.
PROMPT_TOKENS = 1024
ANSWER_TOKENS = 256


@dataclass(frozen=True)
class Level:
    """``context`` tokens of one request; ``requests`` of ``request`` tokens at once; seconds between tokens.

    ``prompt`` are the tokens of a usual request that have to be read first.
    """

    context: int
    requests: int
    request: int
    prompt: int
    inter_token_s: float


def level_of(policy: Policy, described: Described) -> Level:
    """The level for one variant: what the user says, else the defaults, within the model's own limit."""
    factor = REASONING_FACTOR if described.reasons else 1
    limit = described.architecture.position_limit
    context = policy.context_tokens or policy.useful_context_tokens or factor * USEFUL_CONTEXT_TOKENS
    prompt, answer = policy.prompt_tokens or PROMPT_TOKENS, policy.answer_tokens or ANSWER_TOKENS
    usual = policy.request_tokens or max(REQUEST_TOKENS, prompt + answer)
    least = policy.minimum_context_tokens if policy.useful_context_tokens else usual
    context = min(limit, max(context, policy.context_tokens or max(least, policy.minimum_context_tokens)))
    between = policy.inter_token_ms / 1000 if policy.inter_token_ms else 1.0 / policy.tokens_per_s
    return Level(context, policy.concurrency, min(usual, context), prompt, between)


def target_of(policy: Policy, layout: Layout, described: Described) -> Target:
    """What the cache of one GPU has to hold: that of its own data-parallel rank."""
    level, share = level_of(policy, described), policy.snug or 1.0
    return Target(
        policy.context_tokens,
        policy.minimum_context_tokens,
        ceil_div(policy.concurrency, layout.data),
        usual=int(level.request * share),
        useful=int(level.context * share),
        snug=policy.snug > 0,
    )


def traffic_of(policy: Policy, context: int) -> Traffic:
    """The load that speeds are told for: usual prompts and short answers, as far as ``context`` bears them."""
    prompt = policy.prompt_tokens or PROMPT_TOKENS
    output = min(policy.answer_tokens or ANSWER_TOKENS, context - min(prompt, context // 2))
    return Traffic(min(prompt, context - output), output, policy.concurrency)
