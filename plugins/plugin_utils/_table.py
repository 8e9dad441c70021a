# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What filters share: their input is checked, their lines are aligned and harmless for terminals."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    check_nesting,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import Shape, problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.text import terminal_text


def table(header: t.Sequence[str], rows: t.Iterable[t.Sequence[t.Any]]) -> t.List[str]:
    """One line for the header and for each row; None shows as ``-``."""
    cells = [list(header)] + [["-" if cell is None else one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]


def one_line(value: t.Any) -> str:
    """A value as text without line breaks, which would look like a line of our own."""
    return terminal_text(str(value)).replace("\n", "\\n")


def checked(name: str, shape: Shape, value: t.Any) -> None:
    """:raises AnsibleFilterError: the filter ``name`` cannot show this; the message leads to what is broken."""
    problem = trouble_of(shape, value)
    if problem is not None:
        raise AnsibleFilterError("The filter modelscan.autoconfig.%s cannot show this: %s" % (name, problem))


def trouble_of(shape: Shape, value: t.Any) -> t.Optional[str]:
    """What is wrong with a value that comes from a variable; None where nothing is."""
    try:
        check_nesting(value)
    except Undecodable as exc:
        return "it %s" % exc
    return problem_of(shape, value)


def tokens(count: t.Optional[int]) -> t.Optional[str]:
    """Tokens in short, as models are sold: 128k, 1M."""
    if count is None or count < 1000:
        return None if count is None else str(count)
    binary = count % 1024 == 0 and count % 1000 != 0
    thousands = round(count / 1024) if binary else round(count / 1000)
    return "%gM" % round(count / 1e6, 1) if count >= 1_000_000 else "%dk" % thousands


def price(rates: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """US dollars for a million tokens, ``input`` and ``output``; None where neither is known."""
    said = [rates.get("input"), rates.get("output")]
    return None if said == [None, None] else "/".join("?" if rate is None else "%.4g" % rate for rate in said)


def short(text: str, most: int) -> str:
    """A text of at most ``most`` characters, with an ellipsis where some are missing."""
    return text if len(text) <= most else text[: most - 1] + "…"
