# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the planner is from measured facts, where the scorer and its data are at hand."""

from __future__ import annotations

import csv
import importlib.util
import statistics
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB

from . import score
from .questions import Library
from .speed import Predictor

SCORER = score.SHARED / "tools" / "score_planner.py"

pytestmark = pytest.mark.skipif(
    not SCORER.is_file(), reason="the measured facts are not part of this repository"
)

Scored = t.List[t.Tuple[t.Dict[str, t.Any], t.Dict[str, t.Any]]]


@pytest.fixture(scope="module")
def scored() -> Scored:
    """(fact, answer) of every fact that is not distrusted."""
    spec = importlib.util.spec_from_file_location("score_planner", SCORER)
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    truth = scorer.load_truth(SCORER.parent.parent / "data" / "truth.yaml", set(scorer.DEFAULT_EXCLUDED))
    return [(fact, score.answer(scorer.question(key, fact)) or {}) for key, fact in truth.items()]


def errors(scored: Scored, kind: str, answer: str, truth: t.Callable[[t.Any], t.Any]) -> t.List[float]:
    return [
        abs(100 * (given[answer] / truth(fact) - 1))
        for fact, given in scored
        if fact["kind"] == kind and given.get(answer) is not None and truth(fact)
    ]


def test_weights_from_config(scored: Scored) -> None:
    found = errors(scored, "weights", "weights_bytes", lambda fact: fact["weights_bytes"])
    assert len(found) >= 0.9 * sum(fact["kind"] == "weights" for fact, _given in scored)
    assert statistics.median(found) <= 0.1
    assert max(found) <= 10.0


def test_loaded_weights(scored: Scored) -> None:
    found = errors(scored, "log", "weights_gib_per_gpu", lambda fact: fact.get("weights_gib_per_gpu"))
    assert len(found) >= 10
    assert statistics.median(found) <= 1.0


def test_cache_per_token(scored: Scored) -> None:
    def measured(fact: t.Any) -> t.Optional[float]:
        if not fact.get("kv_tokens") or not fact.get("kv_gib_per_gpu"):
            return None
        return float(fact["kv_gib_per_gpu"] * GIB / fact["kv_tokens"])

    found = errors(scored, "log", "kv_bytes_per_token", measured)
    assert statistics.median(found) <= 0.2


def test_cache_budget(scored: Scored) -> None:
    found = [
        abs(given["kv_gib_per_gpu"] - fact["kv_gib_per_gpu"])
        for fact, given in scored
        if fact.get("kv_gib_per_gpu") and given.get("kv_gib_per_gpu") is not None
    ]
    assert len(found) >= 9
    assert statistics.median(found) <= 1.0


def test_at_most_one_false_fit(scored: Scored) -> None:
    judged = [
        (fact["fits"], given.get("fits"))
        for fact, given in scored
        if fact.get("fits") is not None and fact["kind"] != "constraint"
    ]
    fits = [given for truth, given in judged if truth]
    assert [given for truth, given in judged if not truth].count(True) <= 1
    assert fits.count(True) / len(fits) >= 0.9


def test_no_layout_that_started_is_refused_and_no_illegal_one_allowed(scored: Scored) -> None:
    refused = [f["repo_id"] for f, given in scored if f.get("fits") is True and given.get("allowed") is False]
    allowed = [
        fact["repo_id"]
        for fact, given in scored
        if fact["kind"] == "constraint" and "OOM" not in fact["rule"] and given.get("allowed") is True
    ]
    assert (refused, allowed) == ([], [])


def test_speeds() -> None:
    predictor, found = Predictor(Library([score.CONFIGS])), []
    with (SCORER.parent.parent / "data" / "perf.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            speed = predictor.predict(row)
            if speed is not None:
                found.append((speed, float(row["silicon_ttft_ms"]), float(row["silicon_tpot_ms"])))
    first = [abs(1e3 * speed.first_token_s / true - 1) for speed, true, _between in found]
    between = [abs(1e3 * speed.inter_token_s / true - 1) for speed, _first, true in found]
    assert statistics.mean(first) <= 0.5
    assert statistics.mean(between) <= 0.35
