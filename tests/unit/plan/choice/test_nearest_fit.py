# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every alternative that is offered where nothing fits does fit, once it is taken."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DoesNotFit
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import MIB, deepseek_r1, host, qwen3_32b, request

BF16, FP8 = qwen3_32b()[:1], qwen3_32b()[1:2]

# What a line offers, as the policy that it means.
WISHES: t.Mapping[str, t.Callable[..., t.Mapping[str, t.Any]]] = {
    r"with up to (\d+) tokens": lambda tokens: {"context_tokens": int(tokens)},
    r"with replicas: (\d+)": lambda n: {"replicas": int(n)},
    r"without backend_parameters": lambda: {"backend_parameters": ()},
    r"with another quantization": lambda: {"quantizations": ()},
    r"with another tensor_parallel": lambda: {"tensor_parallel": None},
    r"with another backend": lambda: {"backend": None},
    r"with (first_token_ms|inter_token_ms): (\d+)": lambda name, n: {name: int(n)},
    r"on_load_quantization: true": lambda: {"on_load_quantization": True},
}


def alternatives(variants: t.Sequence[Variant], hosts: t.Sequence[Host], policy: Policy) -> t.List[str]:
    with pytest.raises(DoesNotFit) as caught:
        make_plan(request(variants, hosts, policy))
    found: t.List[str] = caught.value.details["alternatives"]
    return found


@pytest.mark.parametrize(
    ("variants", "hosts", "policy", "words"),
    [
        (FP8, [host("L40S", used=4 * 1024 * MIB)], {"context_tokens": 40_960}, ["with up to ", "on 2 x", "on 2 hosts with 1 x"]),
        (BF16, [host("H100", 4, used=60 * 1024 * MIB)], {"context_tokens": 40_960}, ["with up to ", "on 8 x"]),
        ([deepseek_r1()], [host("4090", 8)], {"trust_remote_code": True}, ["on 4 hosts with 8 x"]),
        (BF16, [host("H100", 4)], {"replicas": 9}, ["with replicas: 4"]),
        (BF16, [host("A100", 8)], {"inter_token_ms": 2}, ["with inter_token_ms: "]),
        (BF16, [host("A100", 8)], {"first_token_ms": 5}, ["with first_token_ms: "]),
        (BF16, [host("H100", 2)], {"context_tokens": 200_000}, ["with up to 40960 tokens"]),
        (BF16, [host("A100", 8)], {"quantizations": ("int4",)}, ["another quantization", "while loading"]),
        (BF16, [host("A100", 8)], {"backend": "MindIE"}, ["with another backend"]),
        (BF16, [host("L40S", 4)], {"tensor_parallel": 1}, ["with another tensor_parallel"]),
        (BF16, [host("H100")], {"backend_parameters": ("--gpu-memory-utilization=0.5",)}, ["without", "on 2 x"]),
        (BF16, [host("H100", 8)], {"backend_parameters": ("-dp 9",)}, ["without backend_parameters", "on 9 x"]),
    ],
)  # fmt: skip
def test_what_is_offered_fits(
    variants: t.Sequence[Variant],
    hosts: t.Sequence[Host],
    policy: t.Mapping[str, t.Any],
    words: t.Sequence[str],
) -> None:
    asked = Policy(**policy)
    offered = alternatives(variants, hosts, asked)
    assert all(any(each in line for line in offered) for each in words), offered
    for line in offered:
        if not line.startswith("no "):
            assert make_plan(_taken(line, variants, hosts, asked)).plans, line


def test_more_gpus_are_no_help_against_a_rule() -> None:
    ranks = ("-tp 8", "--decode-context-parallel-size=4")
    offered = alternatives(BF16, [host("H100", 8)], Policy(backend_parameters=ranks))
    assert offered == ["Qwen/Qwen3-32B fits on 8 x NVIDIA H100 80GB HBM3 without backend_parameters"]


def _taken(line: str, variants: t.Sequence[Variant], hosts: t.Sequence[Host], policy: Policy) -> t.Any:
    """The request that somebody makes who follows the line."""
    there = list(hosts)
    more = re.search(r"would fit on (?:(\d+) hosts with )?(\d+) x", line)
    if more:
        first = hosts[0]
        many = range(int(more.group(1) or 1))
        gpus = [
            tuple(
                replace(first.gpus[0], uuid="%d-%d" % (number, index), index=index, island=0)
                for index in range(int(more.group(2)))
            )
            for number in many
        ]
        there = [replace(first, name="gpu-%d" % number, gpus=gpus[number]) for number in many]
    for pattern, wish in WISHES.items():
        found = re.search(pattern, line)
        if found:
            policy = replace(policy, **wish(*found.groups()))
    return request(variants, there, policy)
