# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How rows of key and value become literals of Python, on lines of a bounded width. Pure."""

from __future__ import annotations

import json
import typing as t

WIDTH = 110
PIECE = 96
INDENT = "    "
Pairs = t.Sequence[t.Tuple[str, str]]


def quoted(text: str, indent: str = INDENT) -> str:
    """A literal of several strings where one would be too long for a line that is indented so."""
    pieces = [text[place : place + PIECE] for place in range(0, len(text), PIECE)] or [""]
    literals = [json.dumps(piece, ensure_ascii=False) for piece in pieces]
    if len(literals) == 1:
        return literals[0]
    return "(\n%s\n%s)" % ("\n".join(indent + INDENT + literal for literal in literals), indent)


def tuple_of(items: t.Iterable[str]) -> str:
    cells = list(items)
    return "(%s%s)" % (", ".join(cells), "," if len(cells) == 1 else "")


def packed(items: t.Iterable[str], indent: str = INDENT) -> str:
    """Items on as few lines as hold them; one of several lines has its lines alone."""
    lines = [""]
    for item in items:
        alone = "\n" in item or "\n" in lines[-1]
        if lines[-1] and (alone or len(lines[-1]) + len(item) + 2 > WIDTH):
            lines.append("")
        lines[-1] += "%s%s," % (" " if lines[-1] else indent, item)
    return "\n".join(lines)


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
        line = "    %s: %s," % (quoted(key), tuple_of(map(quoted, values)))
        if len(line) > WIDTH or "\n" in line:
            cells = (quoted(value, INDENT * 2) for value in values)
            line = "    %s: (\n%s\n    )," % (quoted(key), packed(cells, INDENT * 2))
        lines.append(line)
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
