# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured beside what was predicted."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._report import markup

Record = t.Mapping[str, t.Any]

# (name, key of a plan's performance, where a load has it)
_FIGURES = (
    ("first token, ms", "first_token_ms", ("first_token_ms", "p50")),
    ("between tokens, ms", "inter_token_ms", ("inter_token_ms", "p50")),
    ("tokens/s", "tokens_per_s", ("output_tokens_per_s",)),
)


def benchmark(plan: Record, answers: t.Sequence[Record]) -> str:
    """A table of measured figures; empty without a load or without a prediction.

    ``answers`` are (``site``, ``load`` as inference_probe returns it).
    """
    predicted = plan.get("performance") or {}
    rows = [
        (
            each["site"],
            name,
            "%.1f to %.1f" % tuple(predicted[key]),
            "%.1f" % value,
            _verdict(value, predicted[key]),
        )
        for each in answers
        for name, key, path in _FIGURES
        for value in [_at(each["load"], path)]
        if value is not None and predicted.get(key)
    ]
    if not rows:
        return ""
    said = (
        "Predicted for %s requests at once, %s tokens in and %s out; the load may have been another."
        % tuple(predicted.get(key) for key in ("concurrency", "input_tokens", "output_tokens"))
    )
    columns = ("site", "figure", "predicted", "measured", "result")
    return "<h3>Measured</h3><p class=soft>%s</p>%s" % (markup.text(said), markup.table(columns, rows))


def _at(load: t.Any, path: t.Sequence[str]) -> t.Optional[float]:
    for key in path:
        load = load.get(key) if isinstance(load, t.Mapping) else None
    return float(load) if isinstance(load, (int, float)) and not isinstance(load, bool) else None


def _verdict(value: float, expected: t.Sequence[float]) -> str:
    low, high = expected
    return "below the range" if value < low else "above the range" if value > high else "within the range"
