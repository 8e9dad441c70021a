# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people see of a search."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.filter.model_table import model_table

MODEL = {
    "id": "a/rocket-8b",
    "parameters": {"total": 8_030_000_000, "active": None},
    "limits": {"context_tokens": 32768},
    "capabilities": {"tool_call": True, "reasoning": None},
    "release_date": "2026-01-01",
    "repositories": ["A/Rocket-8B"],
}
VARIANT: t.Dict[str, t.Any] = {
    "repository": "who/Rocket-8B-FP8", "quantization_format": "fp8", "weights_bytes": 8 << 30,
    "formats": ["pickle"], "downloads": 7, "last_modified": "2026-01-02T03:04:05.000Z", "licence": "mit",
    "found_by": "base_model_relation", "code_execution": ["pickle"], "security": {"status": "unsafe"},
    "gated": True, "trusted": False, "contradiction": "x",
}  # fmt: skip


def test_models_variants_and_sources_have_lines() -> None:
    source = {"name": "models.dev", "state": "cached", "count": 3, "as_of": "2026-01-01T00:00:00Z"}
    described = dict(MODEL, variants=[VARIANT])
    lines = model_table({"models": [MODEL], "model": described, "sources": [source], "total": 7})
    assert lines[1].split() == ["a/rocket-8b", "8.03B", "32k", "-", "-", "2026-01"]
    assert lines[2] == "    A/Rocket-8B; tool call"
    assert "1 of 7 models." in lines
    variant = next(place for place, line in enumerate(lines) if line.startswith("who/Rocket"))
    assert lines[variant].split() == ["who/Rocket-8B-FP8", "fp8", "8.0", "pickle", "7", "2026-01-02", "mit"]
    assert lines[variant + 1].endswith("pickle, unsafe, gated, other publisher, not what its name says")
    assert lines[-1] == "models.dev: cached, 3 entries, as of 2026-01-01T00:00:00Z"


def test_one_model_is_shown_whole_in_a_hundred_columns() -> None:
    whole = dict(
        MODEL, id="a/" + "long-name-" * 20, licence="x" * 50, deprecated=True, open_weights=False,
        cheapest_usd={"input": 0.1, "output": 0.45},
        prices_per_million_tokens=[
            {"provider": "p", "input_usd": 0.1, "output_usd": 0.45, "cache_read_usd": 0.01,
             "tiers": [{"above_tokens": 200000, "input_usd": 0.2}]}
        ],
        specs=[{"repository": "A/Rocket-8B", "mode": "standard", "quantization": "BF16", "backend": "vLLM"}],
        variants=[dict(VARIANT, files=[{"path": "model.safetensors", "size_bytes": 1, "sha256": "ab" * 32}])],
    )  # fmt: skip
    lines = model_table({"models": [whole], "model": whole, "sources": []})
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    for said in (
        "0.1/0.45",
        "closed weights; deprecated",
        "0.2 above 200k",
        "vLLM",
        "abababab",
        "context 32k",
    ):
        assert said in text


def test_nothing_found_is_said() -> None:
    assert model_table({"models": [], "sources": []})[0] == "No model matches."


def test_a_limit_of_input_is_shown_where_it_is_below_the_context() -> None:
    limits = {"context_tokens": 400_000, "input_tokens": 272_000}
    assert "input up to 272k" in model_table({"models": [dict(MODEL, limits=limits)]})[2]
    assert "input" not in model_table({"models": [dict(MODEL, limits=dict(limits, input_tokens=400_000))]})[2]
