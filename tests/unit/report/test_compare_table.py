# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models side by side: what people see of several plans and what catalogs know."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.modelscan.autoconfig.plugins.filter.compare_table import compare_table

Json = t.Dict[str, t.Any]
PLAN: Json = {
    "site": "https://a.example.com",
    "variant": {"repository": "A/Rocket-8B-FP8", "quantization": "fp8", "licence": "mit"},
    "backend": "vLLM",
    "gpu": "NVIDIA L40S",
    "placement": [{"gpus": [{"index": 0}, {"index": 1}]}, {"gpus": [{"index": 2}, {"index": 3}]}],
    "context_tokens": 32768,
    "concurrency": 16,
    "performance": {
        "first_token_ms": [120.2, 300.9], "inter_token_ms": [8.44, 18.2], "tokens_per_s": [800.0, 1900.0],
    },
    "level": {"missed": []},
}  # fmt: skip
KNOWN: Json = {
    "limits": {"context_tokens": 128_000},
    "cheapest_usd": {"input": 0.1, "output": 0.45},
    "capabilities": {"tool_call": True, "reasoning": False, "attachment": None},
    "licence": "other",
}


def test_a_model_is_told_with_its_hardware_speed_price_licence_and_skills() -> None:
    lines = compare_table([{"item": "a/rocket", "plans": [PLAN]}], [{"item": "a/rocket", "model": KNOWN}])
    assert lines[0].split() == [
        "MODEL", "WEIGHTS", "GPUS", "CONTEXT", "REQUESTS", "MS/TOKEN", "TOKENS/S", "USD", "IN/OUT", "LICENCE",
    ]  # fmt: skip
    assert lines[1].split() == [
        "a/rocket", "fp8", "4", "32k", "16", "8.4-18", "800-1900", "0.1/0.45", "mit",
    ]  # fmt: skip
    assert " ".join(line.strip() for line in lines[2:]) == (
        "A/Rocket-8B-FP8 with vLLM on NVIDIA L40S; first token in 120-301 ms; context of APIs 128k; can do: tool call"
    )


def test_what_does_not_fit_says_why_and_hides_nothing() -> None:
    why = "A/Huge needs 800 GiB and the hosts have 96 GiB. " * 5
    lines = compare_table(
        [{"item": "a/huge", "msg": why}, {"item": "a/rocket", "plans": [PLAN]}],
        [{"item": "a/huge", "models": [KNOWN], "model": None}, {"item": "a/rocket", "msg": "no answer"}],
    )
    assert lines[1].split() == ["a/huge", "-", "-", "-", "-", "-", "-", "0.1/0.45", "other"]
    assert "".join(why.split()) in "".join("".join(lines).split())
    assert next(line for line in lines if line.startswith("a/rocket")).split()[-2:] == ["-", "mit"]


def test_sites_levels_and_unknown_speeds_are_told() -> None:
    plans = [PLAN, dict(PLAN, site="https://b.example.com", performance=None, level={"missed": ["context"]})]
    text = " ".join(" ".join(compare_table([{"item": "a/rocket", "plans": plans}])).split())
    assert "at https://a.example.com; first token" in text
    assert "at https://b.example.com; speed unknown; misses context" in text


def test_lines_have_a_hundred_columns_at_most() -> None:
    variant = {"repository": "o/" + "r" * 150, "quantization": "q" * 20, "licence": "l" * 50}
    performance = dict.fromkeys(PLAN["performance"], [10000.0, 200000.0])
    wide = dict(PLAN, variant=variant, performance=performance, context_tokens=1_048_576, concurrency=4096)
    prices = {"input": 123.4567, "output": 1234.5678}
    lines = compare_table(
        [{"item": "m" * 90, "plans": [wide]}], [{"item": "m" * 90, "model": dict(KNOWN, cheapest_usd=prices)}]
    )
    assert max(map(len, lines)) <= 100


def test_other_things_are_refused_by_name() -> None:
    with pytest.raises(AnsibleFilterError, match="compare_table cannot show this"):
        compare_table([{"item": "a/rocket", "plans": [{"variant": 7}]}])
