# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fits the roofline's coefficients to measured speeds, and tells how far they carry to unseen sources.

    python tests/accuracy/fit_speed.py ROWS.csv [ROWS.csv ...] --configs DIR [--configs DIR ...]

Prints the coefficients fitted to all rows, then the errors of each source by the coefficients in use, by
those fitted to all rows, and by those fitted without this source, with the quantiles of what is left: the
ranges that plans print.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import statistics
import sys
import typing as t
from dataclasses import asdict, replace
from pathlib import Path

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.coefficients import (
    COEFFICIENTS,
    DATA_CENTRE,
    FAMILIES,
    GRAPHICS,
    INSTINCT,
    OTHER,
    PRECISIONS,
    Coefficients,
    Factors,
    family_of,
    scaled,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import (
    Traffic,
    Work,
    prompt_seconds,
    prompt_work,
    speed_of,
    step_seconds,
    step_work,
)

from tests.accuracy.questions import Library
from tests.accuracy.speed import Predictor, Row, closed_rows

# A row that is off by more than this factor was queueing, or was measured otherwise; it weighs no more.
LARGEST_FACTOR = 3.0
# Steps of the search, as factors on one coefficient at a time.
STEPS = (2.0, 1.4, 1.15, 1.05)
# Shares of what a card can do: the least that kernels were ever seen to reach of it,
# and the most that a kernel was.
MOST = {"bandwidth": 0.92, "arithmetic": 0.75, "experts": 0.95, "cache": 0.95, "stalling": 1.0, "mixing": 1.0}
LEAST_SHARE = 0.15
# A family of cards, or a precision, reaches no more of its rates; its launches may take some times longer.
FACTORS_MOST = {"bandwidth": 1.0, "arithmetic": 1.0, "overhead": 4.0}

# Where every fit begins, before any row is seen.
ENGINE = Coefficients(
    bandwidth=0.85, arithmetic=0.6, experts=0.8, cache=0.7, step=0.5e-3, row=10e-6, layer=30e-6, latent=20e-6,
    routed=40e-6, hop=10e-6, request=15e-3, launch=0.2e-3, launch_routed=0.5e-3, stalling=0.8, mixing=0.6,
    waiting=1.5,
)  # fmt: skip
BEGIN = {
    **{name: ENGINE for name in COEFFICIENTS}, **{name: Factors() for name in PRECISIONS},
    DATA_CENTRE: Factors(), GRAPHICS: Factors(0.95, 0.6, 0.8), INSTINCT: Factors(0.8, 0.7, 2.0),
    OTHER: Factors(0.6, 0.6, 2.0), "fp4": Factors(1.0, 0.7, 1.0), "int4": Factors(0.95, 0.6, 1.0),
}  # fmt: skip
# What a coefficient costs that goes a factor of e away from where it began, in units of the loss: what no row tells stays.
HOLD = 0.001
# What the first token weighs beside the time between tokens, which plans are chosen by.
FIRST_WEIGHT = 0.5
# Of the largest source, every so many rows are fitted to; all are judged.
STRIDE, MANY = 4, 200
# On each side of the range that plans print.
OUTSIDE = 0.10

Weighed = t.Tuple[float, float, float]
Table = t.Dict[t.Tuple[str, str], float]


class Measured(t.NamedTuple):
    """One row with all that the coefficients do not change. Seconds; no first token where it was not measured."""

    source: str
    engine: str
    family: str
    precision: str
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


def source_of(row: Row) -> str:
    """Who measured: the first word of a row's id; the published tables of one benchmark are one source."""
    known = {
        "sglcook": "SGLang cookbook", "gpustack": "GPUStack lab", "localmaxxing": "users, one request",
        "mlperf51": "MLPerf 5.1", "qwen": "aiconfigurator lab", "meta": "aiconfigurator lab",
        "nvidia": "aiconfigurator lab",
    }  # fmt: skip
    return known.get(row["id"].split("_")[0], "InferenceMAX")


def measured(row: Row, predictor: Predictor) -> t.Optional[Measured]:
    served, traffic = predictor.served(row), predictor.traffic(row)
    if served is None or contradicts_itself(row) or waited(row):
        return None
    length = traffic.input_tokens + traffic.output_tokens // 2
    return Measured(
        source_of(row),
        predictor.engine(row),
        family_of(served.card),
        served.quantization.format.precision,
        traffic,
        prompt_work(served, traffic.input_tokens),
        step_work(served, traffic.concurrency, length),
        float(row["silicon_ttft_ms"]) / 1e3,
        float(row["silicon_tpot_ms"]) / 1e3,
    )


def contradicts_itself(row: Row) -> bool:
    """Whether a row's id has another concurrency than its column: tables of both count ranks otherwise."""
    said = re.search(r"_c(\d+)_", row["id"])
    return said is not None and int(said.group(1)) != int(float(row["batch_size"]))


def waited(row: Row) -> bool:
    """Whether requests waited for room longer than they were answered: fewer were in flight than the row says."""
    return float(row["silicon_ttft_ms"]) > float(row["osl"]) * float(row["silicon_tpot_ms"])


def table_of(*kinds: t.Mapping[str, t.Any]) -> Table:
    """Every coefficient by (what it is of, its name)."""
    found: Table = {}
    for kind in kinds:
        for name, terms in kind.items():
            found.update({(name, key): value for key, value in asdict(terms).items()})
    return found


def tables_of(table: Table) -> t.Tuple[t.Dict[str, t.Any], ...]:
    """The three tables of the planner with the values of ``table``."""

    def filled(kind: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
        return {
            name: replace(terms, **{key: table[name, key] for key in asdict(terms)})
            for name, terms in kind.items()
        }

    return filled(COEFFICIENTS), filled(FAMILIES), filled(PRECISIONS)


def ratios(rows: t.Sequence[Measured], table: Table) -> t.List[t.Tuple[float, float]]:
    engines, families, precisions = tables_of(table)
    made: t.Dict[t.Tuple[str, str, str], Coefficients] = {}
    found = []
    for row in rows:
        key = (row.engine, row.family, row.precision)
        if key not in made:
            made[key] = scaled(engines[key[0]], families[key[1]], precisions[key[2]])
        found.append(row.ratios(made[key]))
    return found


class Loss:
    """Mean distance of the logarithms, every row capped and every source weighed by the root of its rows."""

    def __init__(self, rows: t.Sequence[Measured], start: Table) -> None:
        counts = {row.source: sum(each.source == row.source for each in rows) for row in rows}
        self.rows, self.start = rows, start
        self.weights = [1.0 / math.sqrt(counts[row.source]) for row in rows]
        self.whole = sum(self.weights) * (1.0 + FIRST_WEIGHT)

    def __call__(self, table: Table) -> float:
        most, lost = math.log(LARGEST_FACTOR), 0.0
        for weight, pair in zip(self.weights, ratios(self.rows, table), strict=True):
            first, between = (min(most, abs(math.log(ratio))) for ratio in pair)
            lost += weight * (FIRST_WEIGHT * first + between)
        held = sum(abs(math.log(value / self.start[key])) for key, value in table.items())
        return lost / self.whole + HOLD * held


def fit(rows: t.Sequence[Measured], start: Table) -> Table:
    """One coefficient after the other, in ever smaller steps, as long as that helps."""
    loss, best = Loss(rows, start), dict(start)
    least = loss(best)
    moved = [key for key in start if key[0] not in (DATA_CENTRE, OTHER, "bf16")]
    for step in STEPS:
        better = True
        while better:
            better = False
            for key in moved:
                tried = _better(loss, best, least, key, step)
                if tried is not None:
                    (best, least), better = tried, True
    return best


def _better(
    loss: Loss, best: Table, least: float, key: t.Tuple[str, str], step: float
) -> t.Optional[t.Tuple[Table, float]]:
    for factor in (step, 1 / step):
        value = best[key] * factor
        most = (MOST if key[0] in COEFFICIENTS else FACTORS_MOST).get(key[1])
        if most is not None and not LEAST_SHARE <= value <= most:
            continue
        tried = {**best, key: value}
        found = loss(tried)
        if found < least - 1e-5:
            return tried, found
    return None


def errors(pairs: t.Sequence[t.Sequence[float]]) -> t.Tuple[float, float, float, float]:
    """Mean absolute errors in per cent and median ratios: to the first token, and between tokens."""
    first, between = ([pair[side] for pair in pairs] for side in (0, 1))
    means = [100 * statistics.fmean(abs(ratio - 1) for ratio in side) for side in (first, between)]
    return means[0], means[1], statistics.median(first), statistics.median(between)


def read(paths: t.Sequence[Path], predictor: Predictor) -> t.List[Measured]:
    rows: t.Dict[str, Row] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            rows.update({row["id"]: row for row in closed_rows(csv.DictReader(handle))})
    found = (measured(row, predictor) for row in rows.values())
    return [row for row in found if row is not None]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path, nargs="+", help="CSV files of measured speeds")
    parser.add_argument("--configs", action="append", type=Path, default=[])
    parser.add_argument("--judge", action="store_true", help="judge the coefficients in use, fit nothing")
    options = parser.parse_args()
    rows = read(options.rows, Predictor(Library(options.configs)))
    in_use, start = table_of(COEFFICIENTS, FAMILIES, PRECISIONS), table_of(BEGIN)
    if options.judge:
        _report("in use", rows, lambda _source: in_use)
        return 0
    fitted = fit(thinned(rows), start)
    _told(fitted)
    _report("in use", rows, lambda _source: in_use)
    _report("fitted to all", rows, lambda _source: fitted)
    _report(
        "each source left out",
        rows,
        lambda source: fit(thinned([row for row in rows if row.source != source]), start),
    )
    return 0


def thinned(rows: t.Sequence[Measured]) -> t.List[Measured]:
    found: t.List[Measured] = []
    for source in sorted({row.source for row in rows}):
        there = [row for row in rows if row.source == source]
        found += there[:: STRIDE if len(there) > MANY else 1]
    return found


def _told(table: Table) -> None:
    for kind in (COEFFICIENTS, FAMILIES, PRECISIONS):
        for name, terms in kind.items():
            print("%s: %s" % (name, ", ".join("%s=%.3g" % (key, table[name, key]) for key in asdict(terms))))


def _report(title: str, rows: t.Sequence[Measured], table_for: t.Callable[[str], Table]) -> None:
    print("\n%-28s %5s %8s %8s %12s %12s" % (title, "rows", "TTFT %", "ITL %", "TTFT median", "ITL median"))
    every: t.List[Weighed] = []
    for source in sorted({row.source for row in rows}):
        there = [row for row in rows if row.source == source]
        pairs = ratios(there, table_for(source))
        every += [(*pair, 1.0 / math.sqrt(len(there))) for pair in pairs]
        print(_line(source, len(there), pairs))
    print(_line("all", len(every), every))
    _quantiles(every)


def _line(name: str, count: int, pairs: t.Sequence[t.Sequence[float]]) -> str:
    return "%-28s %5d" % (name, count) + " %8.1f %8.1f %12.2f %12.2f" % errors(pairs)


def _quantiles(rows: t.Sequence[Weighed]) -> None:
    """What lies outside of the range that plans print, where sources weigh as in the fit."""
    for side, name in enumerate(("first token", "between tokens")):
        below, whole, found = 0.0, sum(row[2] for row in rows), []
        for over, weight in sorted((1 / row[side], row[2]) for row in rows):
            if below <= OUTSIDE * whole < below + weight or below <= (1 - OUTSIDE) * whole < below + weight:
                found.append(over)
            below += weight
        print("measured / predicted, %s: 10 %% below %.2f, 10 %% above %.2f" % (name, found[0], found[-1]))


if __name__ == "__main__":
    sys.exit(main())
