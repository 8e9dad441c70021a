# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Foreign text as a terminal may show it."""

from __future__ import annotations

import math
import re
import typing as t

# C0 but for tab and line feed, DEL, C1, marks that turn the direction of text, line separators, half
# surrogates, and the byte order mark.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def terminal_text(text: str) -> str:
    """The text with what would steer a terminal, or hide what it says, as escapes: ``\\x1b``."""
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def terminal_value(value: t.Any) -> t.Any:
    """A value with all its texts, names of fields among them, as ``terminal_text`` shows them.

    A number that is none (infinite, not a number) becomes text: JSON has no word for it.
    """
    if isinstance(value, str):
        return terminal_text(value)
    if isinstance(value, t.Mapping):
        return {
            terminal_text(name) if isinstance(name, str) else name: terminal_value(item)
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [terminal_value(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _escaped(found: t.Match[str]) -> str:
    code = ord(found.group())
    return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code
