# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that fit a terminal."""

from __future__ import annotations

import re
import textwrap
import typing as t

WIDTH = 100

# "  context     32768 tokens": what follows a label begins in this column.
_LABELLED = re.compile(r"  \S.{0,10} {2,}(?=\S)|  \S{11} (?=\S)")
_VALUE_COLUMN = 14


def wrapped(lines: t.Iterable[str]) -> t.List[str]:
    """``lines`` of at most WIDTH characters; what is cut goes on below its beginning."""
    return [part for line in lines for part in _parts(line)]


def _parts(line: str) -> t.List[str]:
    if len(line) <= WIDTH:
        return [line]
    own = len(line) - len(line.lstrip())
    label = _LABELLED.match(line)
    column = _VALUE_COLUMN if label and label.end() == _VALUE_COLUMN else own + 2
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=" " * column,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
    )
