# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of the last ``make bench`` as a page: a table and a plot for each benchmark.

    python -m benchmarks.page FOLDER

Writes FOLDER/benchmarks.rst and FOLDER/benchmarks-NAME.svg.
"""

from __future__ import annotations

import json
import math
import sys
import typing as t
from html import escape
from pathlib import Path

from benchmarks.suite import RESULTS

Json = t.Dict[str, t.Any]
TITLE = "Benchmarks"
LABEL_WIDTH, PLOT_WIDTH, ROW_HEIGHT, MARGIN = 340, 380, 22, 30
# The axis is logarithmic: a half is as far from 1 as twice as much.
_TICKS = (0.001, 0.01, 0.1, 0.5, 1, 2, 10, 100, 1000)


def ratio(row: Json) -> t.Optional[float]:
    """Ours as a multiple of what is plain; None where nothing stands beside."""
    return row["ours"] / row["plain"] if row["plain"] and row["ours"] else None


def plot(result: Json) -> str:
    """Bars of the ratios as SVG, from the line at 1: to the left is less, to the right is more."""
    bars = [(row["what"], found) for row in result["rows"] for found in [ratio(row)] if found is not None]
    if not bars:
        return ""
    low = min(0.5, *(found for _what, found in bars)) / 1.1
    high = max(2.0, *(found for _what, found in bars)) * 1.1

    def x(value: float) -> float:
        return LABEL_WIDTH + PLOT_WIDTH * math.log(value / low) / math.log(high / low)

    height = MARGIN + ROW_HEIGHT * len(bars)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">'
        % (LABEL_WIDTH + PLOT_WIDTH + 70, height),
        "<title>%s</title>" % escape(result["title"]),
    ]
    for tick in _TICKS:
        if low <= tick <= high:
            parts.append(
                '<line x1="%.1f" y1="20" x2="%.1f" y2="%d" stroke="#%s"/>'
                % (x(tick), x(tick), height, "444" if tick == 1 else "ddd")
            )
            parts.append('<text x="%.1f" y="14" text-anchor="middle">%g</text>' % (x(tick), tick))
    for number, (what, found) in enumerate(bars):
        top = MARGIN + ROW_HEIGHT * number
        better = (found > 1) == result["more_is_better"]
        left, right = sorted((x(1.0), x(found)))
        parts.append(
            '<text x="%d" y="%d" text-anchor="end">%s</text>' % (LABEL_WIDTH - 8, top + 12, escape(what))
        )
        parts.append(
            '<rect x="%.1f" y="%d" width="%.1f" height="14" fill="%s"/>'
            % (left, top, max(right - left, 1.0), "#2b8a5a" if better else "#c77f2e")
        )
        parts.append('<text x="%.1f" y="%d">%s</text>' % (right + 4, top + 12, _short(found)))
    return "\n".join([*parts, "</svg>", ""])


def _short(value: t.Optional[float]) -> str:
    return "" if value is None else "%.3g" % value


def section(result: Json) -> t.List[str]:
    """Heading, what stands beside, plot and table."""
    lines = [result["title"], "-" * len(result["title"]), ""]
    lines += ["Beside %s. %s, %s." % (result["plain"], result["machine"], result["day"]), ""]
    if plot(result):
        lines += [".. image:: benchmarks-%s.svg" % result["name"], "   :alt: ratios of the table below", ""]
    lines += [".. list-table::", "   :header-rows: 1", "   :widths: 50 10 15 15 10", ""]
    lines += _cells(["", "unit", "ours", "plain", "ratio"])
    for row in result["rows"]:
        figures = [_short(row["ours"]), _short(row["plain"]), _short(ratio(row))]
        lines += _cells([row["what"], row["unit"], *figures])
    return [*lines, ""]


def _cells(cells: t.Sequence[str]) -> t.List[str]:
    return [("   * - " if number == 0 else "     - ") + cell for number, cell in enumerate(cells)]


def page(results: t.Sequence[Json]) -> str:
    lines = [TITLE, "=" * len(TITLE), ""]
    lines += [
        "``make bench`` runs all of these one after the other and makes this page. Absolute figures belong to the machine;",
        "the ratio, ours as a multiple of what is plain, is what to compare. Green is better than what is plain.",
        "",
    ]
    if not results:
        lines += ["No figures are kept in this checkout; run ``make bench`` on a quiet machine.", ""]
    for result in results:
        lines += section(result)
    return "\n".join(lines)


def write(results: t.Sequence[Json], folder: Path) -> None:
    for result in results:
        if plot(result):
            (folder / ("benchmarks-%s.svg" % result["name"])).write_text(plot(result), encoding="utf-8")
    (folder / "benchmarks.rst").write_text(page(results), encoding="utf-8")


def main(folder: str) -> int:
    write(json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else [], Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
