# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pieces of a page that is one file: it loads nothing, runs nothing, and shows foreign text as text."""

from __future__ import annotations

import html
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.text import terminal_text

Cell = t.Union[str, int, float, None]
Columns = t.Sequence[str]

# A list that is longer begins with so many entries, and the others unfold.
MOST_SHOWN = 12
# A word of so many letters is not broken in a table.
_SHORT = 12

# Light and dark. None of the colours of memory is that of an alarm, and all differ in lightness.
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5a6675;--line:#d5dbe3;--paper:#fff;--panel:#f5f7fa;
--weights:#2f5d9b;--cache:#5aa6b5;--overhead:#8b7fb8;--others:#b39b6c;--free:#e3e8ee;--mark:#2f5d9b}
@media (prefers-color-scheme:dark){:root{--ink:#e4e9f0;--soft:#9aa7b6;--line:#37414e;--paper:#14181e;
--panel:#1c222a;--weights:#6d9bd8;--cache:#3f8b99;--overhead:#a99dd6;--others:#a48b58;--free:#2d3640;
--mark:#8db4e8}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:72rem;
margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-top:.75rem;
border-top:1px solid var(--line)}h3{font-size:1rem;margin:1.25rem 0 .4rem}p{margin:.4rem 0}
.soft,figcaption,.sizes{color:var(--soft);font-size:.85rem}
.badge{display:inline-block;border:1px solid var(--mark);color:var(--mark);border-radius:1rem;
padding:0 .6rem;margin-right:.4rem;font-size:.85rem}
dl{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.15rem .75rem;margin:.5rem 0}
dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}td,th{white-space:pre-line}td.s,th.s,th.n{overflow-wrap:normal}table+table{margin-top:1rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.gpu{margin:.6rem 0}.bar{display:flex;height:1.25rem;border-radius:.2rem;overflow:hidden;
background:var(--free);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar span{display:block;height:100%;min-width:0}
.weights{background:var(--weights)}.cache{background:var(--cache)}.overhead{background:var(--overhead)}
.others{background:var(--others)}.free{background:var(--free)}
.key span{display:inline-block;white-space:nowrap;margin-right:1rem}
.key i{display:inline-block;width:.8rem;height:.8rem;border-radius:.15rem;margin-right:.35rem;
vertical-align:-.08rem;print-color-adjust:exact;-webkit-print-color-adjust:exact}
figure{margin:.5rem 0}svg{display:block;width:100%;max-width:30rem;height:auto;font:11px system-ui,sans-serif}
svg text{fill:var(--ink)}svg .tick{fill:var(--soft)}svg .grid{stroke:var(--line);stroke-width:1}
svg circle{fill:var(--paper);stroke:var(--cache);stroke-width:2}
svg .plan circle{fill:var(--weights);stroke:var(--weights)}svg .plan text{fill:var(--paper);font-weight:700}
pre{background:var(--panel);padding:.75rem;font-size:.75rem;white-space:pre-wrap;border-radius:.3rem}
summary{cursor:pointer;color:var(--mark)}
@media (max-width:44rem){thead{display:none}tbody,tr,td{display:block}tr{padding:.4rem 0;
border-bottom:1px solid var(--line)}td,td.n{display:grid;grid-template-columns:7.5rem minmax(0,1fr);
gap:.75rem;border:0;padding:.1rem 0;text-align:left}td::before{content:attr(data-name);color:var(--soft)}
td:empty{display:none}dl{grid-template-columns:6.5rem minmax(0,1fr)}}
@media print{body{max-width:none;padding:0;font-size:10pt}.gpu,tr,figure{break-inside:avoid}
h2,h3{break-after:avoid}details::details-content{content-visibility:visible;height:auto}summary{display:none}}
"""
_HEAD = (
    "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width, initial-scale=1'>"
    "<meta name=color-scheme content='light dark'><title>%s</title><style>%s</style></head><body>"
)


def page(title: str, *parts: str) -> str:
    """A whole page; ``parts`` are markup."""
    return "\n".join((_HEAD % (text(title), _STYLE), *filter(None, parts), "</body></html>")) + "\n"


def text(value: t.Any) -> str:
    """Any value as the text of an element or of a quoted attribute."""
    return html.escape(terminal_text(str(value)))


def header(title: str, date: str, badges: t.Iterable[str]) -> str:
    """The head line; ``date`` as ``2026-11-30 22:15 UTC``."""
    marks = "".join("<span class=badge>%s</span>" % text(each) for each in badges)
    return "<header><h1>%s</h1><p>%s<time>%s</time></p></header>" % (text(title), marks, text(date))


def heading(title: str) -> str:
    return "<h2>%s</h2>" % text(title)


def facts(rows: t.Iterable[t.Tuple[str, Cell]]) -> str:
    """Names and what belongs to them; a row without a value is left out."""
    shown = "".join(
        "<dt>%s<dd>%s" % (text(name), text(value)) for name, value in rows if value not in (None, "")
    )
    return "<dl>%s</dl>" % shown if shown else ""


def table(columns: Columns, rows: t.Sequence[t.Sequence[Cell]]) -> str:
    """Rows of which each becomes a list of names and values where the screen is narrow; empty without a row.

    Columns in which all is numbers are set to the right.
    """
    if not rows:
        return ""
    classes = [_kind(name, [row[place] for row in rows]) for place, name in enumerate(columns)]
    head = "".join("<th%s>%s" % each for each in zip(classes, map(text, columns)))
    first = "".join(_row(columns, classes, row) for row in rows[:MOST_SHOWN])
    shown = _TABLE % (head, first)
    if len(rows) > MOST_SHOWN:
        rest = "".join(_row(columns, classes, row) for row in rows[MOST_SHOWN:])
        shown += unfolded("%d more" % (len(rows) - MOST_SHOWN), _TABLE % (head, rest))
    return shown


def _kind(name: str, cells: t.Sequence[Cell]) -> str:
    """Numbers go to the right; short words are not broken, so that the room is left to long ones."""
    if all(isinstance(cell, (int, float, type(None))) for cell in cells):
        return " class=n"
    words = [word for cell in (name, *cells) for word in str(cell).split()]
    return " class=s" if all(len(word) <= _SHORT for word in words) else ""


_TABLE = "<table><thead><tr>%s</thead><tbody>%s</tbody></table>"


def _row(columns: Columns, classes: t.Sequence[str], row: t.Sequence[Cell]) -> str:
    cells = zip(columns, classes, row)
    return "<tr>%s" % "".join(
        '<td%s data-name="%s">%s</td>' % (kind, text(name), "" if cell is None else text(cell))
        for name, kind, cell in cells
    )


def unfolded(title: str, inside: str) -> str:
    """Markup that opens on a click, without a script, and is open on paper."""
    return "<details><summary>%s</summary>%s</details>" % (text(title), inside)


def names(listed: t.Sequence[str]) -> str:
    """A list in words, the first of many shown and the rest counted."""
    more = len(listed) - MOST_SHOWN
    return ", ".join(listed[:MOST_SHOWN]) + (" and %d more" % more if more > 0 else "")


def in_full(lines: t.Sequence[str]) -> str:
    if not lines:
        return ""
    return heading("In full") + unfolded(
        "All lines, as they are printed", "<pre>%s</pre>" % text("\n".join(lines))
    )
