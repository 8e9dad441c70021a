# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Predicted against measured speeds, row by row, and the mean error by model and card.

    python tests/accuracy/speed.py PERF.csv --configs DIR [--configs DIR ...] [--quiet]

The columns of PERF.csv: model_path, precision, system, isl, osl, batch_size, tp_size, attention_dp_size,
moe_ep_size, and the measured silicon_ttft_ms and silicon_tpot_ms. A row whose model has no config is
listed as not predicted.
"""

from __future__ import annotations

import argparse
import csv
import functools
import statistics
import sys
import typing as t
from pathlib import Path

if __package__ in (None, ""):
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.kv_cache import kv_cache
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import from_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.architecture import (
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.speed.roofline import (
    COEFFICIENTS,
    Served,
    Speed,
    Traffic,
    estimate,
)

from tests.accuracy.questions import Library, read_case

Row = t.Dict[str, str]

# Prompts of MLPerf's Llama 2 70B, tokens in the mean; it is served by a copy on each GPU.
MLPERF_PROMPT = 294
NO_MEASUREMENT = ("image", "ITL 0", "TPOT under", "No successful")


def closed_rows(rows: t.Iterable[Row]) -> t.Iterator[Row]:
    """Rows in the columns above; of a longer table those of closed loops and of steady loads."""
    for row in rows:
        found = row if "silicon_tpot_ms" in row else _closed(row)
        if found is not None and float(found["silicon_ttft_ms"] or 0) > 0:
            yield found


def _closed(row: Row) -> t.Optional[Row]:
    """One of a longer table; None for a burst, a guess, and what decodes ahead."""
    told = row["speculative"] == "yes" or any(word in row["caveat"] for word in NO_MEASUREMENT)
    if told or row["engine"] not in (SGLANG.name, VLLM.name) or not row["ttft_mean_ms"]:
        return None
    mlperf = "llama2-70b" in row["workload"]
    prompt, answer = (row[key + "_mean_actual"] or row[key] for key in ("isl", "osl"))
    flight = row["concurrency_mean"] or row["concurrency_limit"]
    if mlperf:
        each = float(row["ttft_mean_ms"]) + float(answer) * float(row["tpot_mean_ms"])
        prompt, flight = (
            str(MLPERF_PROMPT),
            str(float(row["request_rate"]) * each / 1e3 / int(row["gpu_count"])),
        )
    if (
        "B60" in row["gpu"]
        or not (prompt and answer and flight)
        or (row["requests"] and float(row["requests"]) <= float(flight))
    ):
        return None
    between = row["tpot_mean_ms"] or str(1e3 * float(flight) / float(row["out_tok_s"]))
    return {
        "id": row["id"], "backend": row["engine"].lower(), "model_path": row["model"], "system": row["gpu"],
        "precision": row["precision"].replace("UNSET", "fp8"), "isl": prompt, "osl": answer, "batch_size": flight,
        "tp_size": "1" if mlperf else row["tp"], "attention_dp_size": row["dp"], "moe_ep_size": row["ep"] if row["ep"].isdigit() else "1",
        "silicon_ttft_ms": row["ttft_mean_ms"], "silicon_tpot_ms": between,
    }  # fmt: skip


class Predictor:
    """Predicts rows; models are read once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._served = functools.cache(self._read)

    def predict(self, row: Row) -> t.Optional[Speed]:
        served = self.served(row)
        return None if served is None else estimate(served, self.traffic(row), COEFFICIENTS[self.engine(row)])

    def served(self, row: Row) -> t.Optional[Served]:
        """The model of a row in its layout; None where nothing is known of either."""
        layout = tuple(_number(row, key, 1) for key in ("tp_size", "attention_dp_size", "moe_ep_size"))
        return self._served(row["model_path"], row["precision"], row["system"], row["backend"], layout)

    @staticmethod
    def traffic(row: Row) -> Traffic:
        return Traffic(_number(row, "isl", 1), _number(row, "osl", 1), _number(row, "batch_size", 1))

    @staticmethod
    def engine(row: Row) -> str:
        return SGLANG.name if row["backend"] == "sglang" else VLLM.name

    def _read(
        self, model: str, precision: str, system: str, backend: str, layout: t.Tuple[int, ...]
    ) -> t.Optional[Served]:
        tensor, data, expert = layout
        case = read_case(
            {"fact": 0, "model": model, "precision": precision, "gpu": system, "backend": backend},
            self._library,
        )
        if case.config is None or case.card is None:
            return None
        try:
            arch = read_architecture(case.config)
        except AutoconfigError:
            return None
        cache = kv_cache(arch, tensor, case.quantization.kv_cache or "auto", 0, paged_states=False)
        weights = from_config(arch, case.quantization)
        shape = Layout(tensor, 1, data, attention_data=data > 1, expert=expert > 1)
        if any(mixer.heads % tensor for mixer in arch.mixer_counts):
            # Attention cannot be cut so: what the table calls tensor parallel is of the experts.
            shape = Layout(1, 1, tensor, attention_data=True, expert=True)
            cache = kv_cache(arch, 1, case.quantization.kv_cache or "auto", 0, paged_states=False)
        return Served(arch, case.quantization, weights, shape, case.card, cache)


def _number(row: Row, key: str, least: int) -> int:
    return max(least, int(float(row.get(key) or 0)))


Errors = t.Dict[t.Tuple[str, str], t.List[t.Tuple[float, float]]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=Path, help="the CSV file of measured speeds")
    parser.add_argument(
        "--configs", action="append", type=Path, default=[], help="folder of owner__name.json"
    )
    parser.add_argument("--quiet", action="store_true", help="print the tables only")
    options = parser.parse_args()
    predictor, errors = Predictor(Library(options.configs)), t.cast(Errors, {})
    with options.rows.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            _compare(row, predictor.predict(row), errors, options.quiet)
    _tables(errors)
    return 0


def _compare(row: Row, speed: t.Optional[Speed], errors: Errors, quiet: bool) -> None:
    measured = (float(row["silicon_ttft_ms"]), float(row["silicon_tpot_ms"]))
    if speed is None:
        told = "%s not predicted: no config of %s" % (row["id"], row["model_path"])
        errors.setdefault((row["model_path"], "-"), [])
    else:
        found = (speed.first_token_s * 1e3, speed.inter_token_s * 1e3)
        told = "%s ttft_ms %.1f measured %.1f itl_ms %.2f measured %.2f" % (
            row["id"], found[0], measured[0], found[1], measured[1],
        )  # fmt: skip
        relative = tuple(abs(mine / true - 1.0) * 100 for mine, true in zip(found, measured, strict=True))
        errors.setdefault((row["model_path"], row["system"]), []).append((relative[0], relative[1]))
    if not quiet:
        print(told)


def _tables(errors: Errors) -> None:
    print("%-40s %-10s %6s %12s %12s" % ("model", "card", "rows", "TTFT MAPE %", "ITL MAPE %"))
    for (model, card), pairs in sorted(errors.items()):
        print("%-40s %-10s %6d %s" % (model, card, len(pairs), _mean(pairs)))
    every = [pair for pairs in errors.values() for pair in pairs]
    print("%-40s %-10s %6d %s" % ("all", "", len(every), _mean(every)))


def _mean(pairs: t.Sequence[t.Tuple[float, float]]) -> str:
    if not pairs:
        return "not predicted"
    return "%12.1f %12.1f" % tuple(statistics.mean(pair[side] for pair in pairs) for side in (0, 1))


if __name__ == "__main__":
    sys.exit(main())
