# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner's modules are what the data says, and the data is what others read in the same releases."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import engine_rules
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import read_release

from tests.accuracy.score import SHARED
from tests.rules.facts import ATTENTION
from tests.rules.history import DATA, facts_of, history, load, read_rows
from tests.rules.tables import ENGINES, modules

OTHERS = SHARED / "data" / "engines" / "rules.json"


@pytest.mark.parametrize("path", sorted(modules()), ids=lambda path: path.name)
def test_generated_modules_are_what_the_data_says(path: t.Any) -> None:
    assert path.read_text(encoding="utf-8") == modules()[path], "run make rules"


@pytest.mark.parametrize("engine", list(ENGINES))
def test_the_planner_reads_back_what_is_in_the_data(engine: str) -> None:
    releases, rows = load(engine)
    facts = facts_of(rows, releases)
    for kind in rows:
        table = engine_rules.table(ENGINES[engine], kind)
        for release in releases:
            there = {name: fact.value for (of, name), fact in facts[release].items() if of == kind}
            known = {
                name: table.value(name, read_release(release)) for name in table.names(read_release(release))
            }
            if kind == ATTENTION:
                assert set(there) <= set(known)
            else:
                assert known == there


@pytest.mark.parametrize("engine", list(ENGINES))
def test_data_files_hold_no_row_twice(engine: str) -> None:
    releases, rows = load(engine)
    assert history(facts_of(rows, releases)) == rows


def test_reviewed_rows_have_a_source() -> None:
    rows = read_rows(DATA / "reviewed.tsv")
    assert rows
    assert all(row.file.strip() and row.since for row in rows)


def _others() -> t.Any:
    if not OTHERS.exists():
        pytest.skip("the rules that were read by others are not here")
    return json.loads(OTHERS.read_text(encoding="utf-8"))


KINDS = {
    "architectures": "architectures", "tool_parsers": "tool_parsers", "reasoning_parsers": "reasoning_parsers",
    "kv_cache_dtypes": "cache_types",
}  # fmt: skip
# Groups of the registry that hold no models to serve.
NO_MODELS = {
    "speculative_decoding_models", "previously_supported_models", "oot_supported_models", "vllm_models",
}  # fmt: skip

# Classes that are registered for other cards than CUDA's, and hide those for CUDA in what others read.
REGISTERED_TWICE = {"quark"}
OTHER_PLATFORMS = {"Mxfp4W4A4Config", "GPTQAscendConfig", "GPTQXPUConfig", "AWQXPUConfig"}


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("kind", list(KINDS))
def test_names_are_those_that_another_reader_found(engine: str, kind: str) -> None:
    others = _others()[engine]
    if kind not in others:
        pytest.skip("not read by others")
    table = engine_rules.table(ENGINES[engine], KINDS[kind])
    for release in set(others["releases"]) & set(load(engine)[0]):
        expected = {name for name, past in others[kind].items() if _had(past, release)}
        # Where they found nothing at all, the file had another name.
        assert set(table.names(read_release(release))) == expected or not expected, release


@pytest.mark.parametrize("engine", list(ENGINES))
def test_minimum_capabilities_are_those_that_another_reader_found(engine: str) -> None:
    others = _others()[engine]
    table = engine_rules.table(ENGINES[engine], engine_rules.QUANTIZATION)
    for release in set(others["releases"]) & set(load(engine)[0]):
        for name, past in others["quantization"].items():
            told = (_at(past, release) or {}).get("min_capability")
            if (_at(past, release) or {}).get("class") in OTHER_PLATFORMS or name in REGISTERED_TWICE:
                continue
            mine = table.value(name, read_release(release))
            if isinstance(told, int) and mine not in (None, "?"):
                assert mine == str(told), (release, name)


def _at(past: t.Sequence[t.Any], release: str) -> t.Any:
    value = None
    for since, told in past:
        if read_release(since) <= read_release(release):
            value = told
    return value


def _had(past: t.Sequence[t.Any], release: str) -> bool:
    value = _at(past, release)
    return bool(value) and not (isinstance(value, list) and set(value) <= NO_MODELS)
