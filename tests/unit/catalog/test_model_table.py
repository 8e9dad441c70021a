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
    lines = model_table({"models": [MODEL], "model": described, "sources": [source]})
    assert lines[1].split() == ["a/rocket-8b", "8.03B", "32768", "yes", "-", "2026-01-01", "A/Rocket-8B"]
    assert lines[4].split()[:7] == ["who/Rocket-8B-FP8", "fp8", "8.0", "pickle", "7", "2026-01-02", "mit"]
    assert lines[4].endswith("pickle, unsafe, gated, other publisher, not what its name says")
    assert lines[-1] == "models.dev: cached, 3 entries, as of 2026-01-01T00:00:00Z"


def test_nothing_found_is_said() -> None:
    assert model_table({"models": [], "sources": []})[0] == "No model matches."
