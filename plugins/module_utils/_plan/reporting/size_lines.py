# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many GPUs a load takes, as one table for people, the recommended row first."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import wrapped

Row = t.Mapping[str, t.Any]

# Columns with words; the others hold numbers.
_WORDS = ("shape", "replicas", "type", "limit")


def size_lines(rows: t.Sequence[Row], load: str, targets: str) -> t.List[str]:
    """Lines of at most ``wrapping.WIDTH`` columns. ``load`` and ``targets`` say what was asked for."""
    serving = [row for row in rows if row["gpus"]]
    lines = ["load     %s" % load, "targets  %s" % targets, "", *_table([_cells(row) for row in serving])]
    lines += ["", "* %s" % _recommended(serving), *_formats(serving), *_prices(serving)]
    lines += ["%s does not serve: %s" % (row["shape"], row["reason"]) for row in rows if not row["gpus"]]
    priced = any(row["usd_per_hour"] is not None for row in serving)
    return wrapped([*lines, *(_LEGEND if priced else _LEGEND[:-1])])


# Columns that tell of what limits, and what is no column.
_LIMITS = {"first token": "first", "inter-token": "next", "sequences": "engine"}

_LEGEND = (
    "likely: GPUs if times are as short, and as long, as eight of ten measurements were; ?: not at all",
    "at once: requests of a replica, and the most that it takes; limit: what more would miss",
    "first, next: expected ms to the first token and between tokens; 2h: over 2 hosts",
    "USD/M: for a million tokens out with their prompts",
)


def _table(cells: t.Sequence[t.Mapping[str, str]]) -> t.List[str]:
    """The first row marked, without columns of which nothing is known."""
    names = [name for name in cells[0] if any(row[name] != "?" for row in cells)]
    widths = {name: max(len(name), *(len(row[name]) for row in cells)) for name in names}
    lines = []
    for number, row in enumerate([{name: name for name in names}, *cells]):
        parts = (
            row[name].ljust(widths[name]) if name in _WORDS else row[name].rjust(widths[name])
            for name in names
        )
        lines.append(("%s %s" % ("*" if number == 1 else " ", " ".join(parts))).rstrip())
    return lines


def _cells(row: Row) -> t.Dict[str, str]:
    return {
        "shape": row["shape"],
        "GPUs": str(row["gpus"]),
        "likely": "-".join("?" if each is None else str(each) for each in row["likely_gpus"]),
        "hosts": str(row["hosts"]),
        "replicas": "%dx %s" % (row["replicas"], layout_words(row)),
        "type": row["quantization"],
        "at once": "%d/%d" % (row["requests_per_replica"], row["most_requests_per_replica"]),
        "first": "%.0f" % row["first_token_ms"],
        "next": "%.0f" % row["inter_token_ms"],
        "limit": _LIMITS.get(row["limit"], row["limit"]),
        "USD/h": _usd(row["usd_per_hour"]),
        "USD/M": _usd(row["usd_per_million_output_tokens"]),
    }


def _usd(amount: t.Optional[float]) -> str:
    return "?" if amount is None else "%.*f" % (2 if amount < 1000 else 0, amount)


def layout_words(row: Row) -> str:
    """TP4, TP2/DP4, TP8/PP2/2h: the sizes that are more than one, and the hosts."""
    names = (("tensor", "TP"), ("pipeline", "PP"), ("data", "DP"))
    words = ["%s%d" % (short, row[name]) for name, short in names if row[name] > 1]
    words += ["%dh" % row["hosts_of_replica"]] if row["hosts_of_replica"] > 1 else []
    return "/".join(words) or "TP1"


def _recommended(serving: t.Sequence[Row]) -> str:
    best = serving[0]
    cheapest = all(row["usd_per_hour"] is not None for row in serving)
    words = "cheapest" if cheapest else "fewest GPUs"
    if any(row["lossy"] for row in serving) and not best["lossy"]:
        words += " in 8 or 16 bits"
    text = "recommended, %s: %d x %s on %d host(s) of %s" % (
        words, best["gpus"], best["gpu"], best["hosts"], best["shape"],
    )  # fmt: skip
    if best["hosts_of_replica"] > 1:
        text += ", each replica over %d of them" % best["hosts_of_replica"]
    return text + (", in 4 bits: nothing of more bits serves" if best["lossy"] else "")


def _formats(serving: t.Sequence[Row]) -> t.List[str]:
    """Which repositories the formats are, and the engines."""
    found = {(row["quantization"], row["variant"], row["backend"]): None for row in serving}
    return ["%s is %s on %s" % each for each in found]


def _prices(serving: t.Sequence[Row]) -> t.List[str]:
    """What is not known of costs, and what an API takes."""
    unknown = sorted({row["shape"] for row in serving if row["usd_per_hour"] is None})
    lines = []
    if unknown:
        lines.append(
            "no price is known of a GPU of %s; give it with gpu_prices to compare costs" % ", ".join(unknown)
        )
    best = serving[0]
    if best["api_provider"] is None:
        return [*lines, "no API's price of this model is known"]
    return [
        *lines,
        "API: %s takes %.2f USD for a million tokens out with their prompts, %.2f USD/h for the first row's load"
        % (best["api_provider"], best["api_usd_per_million_output_tokens"], best["api_usd_per_hour"]),
    ]
