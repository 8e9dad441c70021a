# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small budget of mutations for each reader, and every input that once was a defect."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.fuzz import seeds
from tests.fuzz.readers import REFUSED, VALUE, outcome_of, reader_of
from tests.fuzz.run import fuzz

BUDGET = 100
CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").glob("*") if path.is_file())


@pytest.mark.parametrize("name", sorted(seeds.NAMES))
def test_no_mutation_is_a_defect(name: str) -> None:
    outcomes, defects = fuzz(name, 1_000_000, BUDGET)
    assert [each.what for each in defects] == []
    assert sum(outcomes.values()) == BUDGET


@pytest.mark.parametrize("name", sorted(seeds.NAMES))
def test_sound_input_is_read(name: str) -> None:
    reader = reader_of(name)[1]
    assert reader is not None
    assert {outcome_of(reader, seed)[0] for seed in seeds.of(name)} <= {VALUE, *_REFUSALS.get(name, ())}


# GPUStack's own evaluation refuses in one of the seeds.
_REFUSALS: t.Mapping[str, t.Tuple[str, ...]] = {"deploy_check": (REFUSED,)}


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_once_was_a_defect_is_none(path: Path) -> None:
    reader = reader_of(path.name)[1]
    assert reader is not None
    outcome_of(reader, path.read_bytes())
