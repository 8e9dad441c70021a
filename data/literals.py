# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How rows of key and value become literals of Python, on lines of a bounded width. Pure."""

from __future__ import annotations

import json
import typing as t

WIDTH = 110
PIECE = 96
Pairs = t.Sequence[t.Tuple[str, str]]


def quoted(text: str) -> str:
    """A literal of several strings where one would be too long for a line."""
    pieces = [text[place : place + PIECE] for place in range(0, len(text), PIECE)] or [""]
    literals = [json.dumps(piece, ensure_ascii=False) for piece in pieces]
    return literals[0] if len(literals) == 1 else "(%s)" % "\n        ".join(literals)


def tuple_of(items: t.Iterable[str]) -> str:
    cells = list(items)
    return "(%s%s)" % (", ".join(cells), "," if len(cells) == 1 else "")


def packed(items: t.Iterable[str]) -> str:
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) + 2 > WIDTH or "\n" in item:
            lines.append("")
        lines[-1] += ("%s%s," % (" " if lines[-1] else "    ", item)) if item else ""
    return "\n".join(line for line in lines if line)


def texts(pairs: Pairs) -> str:
    return "{\n%s\n}" % packed("%s: %s" % (quoted(key), quoted(value)) for key, value in pairs)


def numbers(pairs: Pairs) -> str:
    return "{\n%s\n}" % packed("%s: %s" % (quoted(key), float(value)) for key, value in pairs)


def several(pairs: Pairs) -> str:
    """All values of a key, in their order."""
    found: t.Dict[str, t.List[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    lines = []
    for key, values in found.items():
        cells = [quoted(value) for value in values]
        line = "    %s: %s," % (quoted(key), tuple_of(cells))
        short = len(line) <= WIDTH and "\n" not in line
        lines.append(line if short else "    %s: (\n%s\n    )," % (quoted(key), packed(cells)))
    return "{\n%s\n}" % "\n".join(lines)


def pairs_of(pairs: Pairs) -> str:
    return "(\n%s\n)" % packed(tuple_of(map(quoted, pair)) for pair in pairs)


def words(pairs: Pairs) -> str:
    return "frozenset((\n%s\n))" % packed(quoted(key) for key, _value in pairs)


def word(pairs: Pairs) -> str:
    return quoted(pairs[0][1])


def sizes(pairs: Pairs) -> str:
    """Of ``109 17`` the whole and the active size; the latter is None where one number stands alone."""
    rows = []
    for key, value in pairs:
        whole, _blank, active = value.partition(" ")
        rows.append(tuple_of((quoted(key), str(float(whole)), str(float(active)) if active else "None")))
    return "(\n%s\n)" % packed(rows)
