# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fits the roofline's coefficients to measured speeds, and tells how far they carry to unseen models.

    python tests/accuracy/fit_speed.py PERF.csv --configs DIR [--configs DIR ...]

For each engine: the coefficients fitted to all of its rows, and the mean errors of each model by
coefficients that were fitted without it.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import sys
import typing as t
from dataclasses import asdict, replace
from pathlib import Path

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import (
    COEFFICIENTS,
    Coefficients,
    Traffic,
    Work,
    prompt_seconds,
    prompt_work,
    speed_of,
    step_seconds,
    step_work,
)

from tests.accuracy.questions import Library
from tests.accuracy.speed import Predictor, Row

# A row that is off by more than this factor was queueing, or was measured otherwise; it weighs no more.
LARGEST_FACTOR = 3.0
# Steps of the search, as factors on one coefficient at a time.
STEPS = (2.0, 1.3, 1.1, 1.03)
SHARES = ("bandwidth", "arithmetic", "mixing")
# What lies further from the coefficients in use makes up for something else.
LEEWAY = 2.5


class Measured(t.NamedTuple):
    """One row with all that the coefficients do not change. Seconds."""

    model: str
    traffic: Traffic
    prompt: Work
    step: Work
    first_token_s: float
    inter_token_s: float

    def ratios(self, by: Coefficients) -> t.Tuple[float, float]:
        """Predicted over measured: to the first token, and between tokens."""
        prompt, step = prompt_seconds(self.prompt, by), step_seconds(self.step, by)
        speed = speed_of(self.traffic, prompt, step, by)
        return speed.first_token_s / self.first_token_s, speed.inter_token_s / self.inter_token_s


def measured(row: Row, predictor: Predictor) -> t.Optional[Measured]:
    served, traffic = predictor.served(row), predictor.traffic(row)
    if served is None:
        return None
    length = traffic.input_tokens + traffic.output_tokens // 2
    return Measured(
        row["model_path"],
        traffic,
        prompt_work(served, traffic.input_tokens),
        step_work(served, traffic.concurrency, length),
        float(row["silicon_ttft_ms"]) / 1e3,
        float(row["silicon_tpot_ms"]) / 1e3,
    )


def loss(rows: t.Sequence[Measured], by: Coefficients) -> float:
    """Mean distance of the logarithms, every row capped."""
    most = math.log(LARGEST_FACTOR)
    return statistics.fmean(min(most, abs(math.log(ratio))) for row in rows for ratio in row.ratios(by))


def fit(rows: t.Sequence[Measured], start: Coefficients) -> Coefficients:
    """One coefficient after the other, in ever smaller steps, as long as that helps."""
    best, least = start, loss(rows, start)
    for step in STEPS:
        better = True
        while better:
            better = False
            for name in asdict(best):
                for factor in (step, 1 / step):
                    value = getattr(best, name) * factor
                    moved = max(value / getattr(start, name), getattr(start, name) / value)
                    if moved > LEEWAY or (name in SHARES and value > 1.0):
                        continue
                    tried = replace(best, **{name: value})
                    found = loss(rows, tried)
                    if found < least - 1e-6:
                        best, least, better = tried, found, True
    return best


def errors(rows: t.Sequence[Measured], by: Coefficients) -> t.Tuple[float, float]:
    """Mean absolute errors in per cent: to the first token, and between tokens."""
    pairs = [row.ratios(by) for row in rows]
    first, between = (100 * statistics.fmean(abs(pair[side] - 1) for pair in pairs) for side in (0, 1))
    return first, between


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path, help="the CSV file of measured speeds")
    parser.add_argument("--configs", action="append", type=Path, default=[])
    options = parser.parse_args()
    predictor = Predictor(Library(options.configs))
    by_engine: t.Dict[str, t.List[Measured]] = {}
    with options.rows.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found = measured(row, predictor)
            if found is not None:
                by_engine.setdefault(predictor.engine(row), []).append(found)
    for engine, rows in sorted(by_engine.items()):
        _report(engine, rows)
    return 0


def _report(engine: str, rows: t.Sequence[Measured]) -> None:
    own = COEFFICIENTS[engine]
    fitted = fit(rows, own)
    print(
        "%s, %d rows: %s"
        % (engine, len(rows), ", ".join("%s=%.3g" % pair for pair in asdict(fitted).items()))
    )
    line = "  %-36s %5d rows   TTFT %5.1f %%   between tokens %5.1f %%"
    print(line % (("in use, all models", len(rows)) + errors(rows, own)))
    print(line % (("fitted, all models", len(rows)) + errors(rows, fitted)))
    unseen: t.List[t.Tuple[int, t.Tuple[float, float]]] = []
    for model in sorted({row.model for row in rows}):
        there = [row for row in rows if row.model == model]
        found = errors(there, fit([row for row in rows if row.model != model], own))
        unseen.append((len(there), found))
        print(line % ((model, len(there)) + found))
    mean = tuple(sum(count * found[side] for count, found in unseen) / len(rows) for side in (0, 1))
    print(line % (("each model left out in turn", len(rows)) + mean))


if __name__ == "__main__":
    sys.exit(main())
