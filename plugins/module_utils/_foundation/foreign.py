# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values out of foreign structure, whose types may be anything.

The one set of accessors for what comes from a host, a server, a file or a cache. What is optional and
of another type, out of range or too long counts as absent; what is required raises with its name. Whole
structures are checked with the shapes of ``shape``.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply

Entry = t.Mapping[str, t.Any]
V = t.TypeVar("V")

MAX_COUNT = 2**63 - 1
MAX_NUMBER = 1e18
MAX_TEXT = 1 << 16
MAX_LIST = 100_000


def text(value: t.Any, most: int = MAX_TEXT) -> t.Optional[str]:
    """A text that is not empty, of at most ``most`` characters."""
    return value if isinstance(value, str) and 0 < len(value) <= most else None


def texts(value: t.Any) -> t.Tuple[str, ...]:
    """The texts in a list; a single text is a list of one."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value[:MAX_LIST] if isinstance(item, str) and len(item) <= MAX_TEXT)


def flag(value: t.Any) -> t.Optional[bool]:
    return value if isinstance(value, bool) else None


def is_number(value: t.Any) -> bool:
    """Whether it is a number that takes part in sums: neither infinite nor beyond all that is counted here."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return -MAX_NUMBER <= value <= MAX_NUMBER


def is_whole(value: t.Any) -> bool:
    """Whether it is a whole number that 64 bits hold."""
    return isinstance(value, int) and not isinstance(value, bool) and -MAX_COUNT <= value <= MAX_COUNT


def number(value: t.Any) -> t.Optional[float]:
    return float(value) if is_number(value) else None


def whole(value: t.Any, least: int = 0) -> t.Optional[int]:
    """A whole number of at least ``least``."""
    return value if is_whole(value) and value >= least else None


def count(value: t.Any) -> t.Optional[int]:
    """A whole number above zero."""
    return whole(value, 1)


def entry(value: t.Any) -> Entry:
    return value if isinstance(value, dict) else {}


def entries(value: t.Any) -> t.List[Entry]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def named_entries(value: t.Any) -> t.Dict[str, Entry]:
    return {str(key): item for key, item in entry(value).items() if isinstance(item, dict)}


def digits(literal: str) -> t.Optional[int]:
    """The number that ASCII digits say: other scripts have digits too, and superscripts count as such."""
    return int(literal) if literal.isascii() and literal.isdigit() and len(literal) <= 18 else None


def required(found: Entry, name: str, kind: t.Type[V], where: str) -> V:
    """:raises UnexpectedReply: the field is absent or of another type; the message names it."""
    value = found.get(name)
    if not isinstance(value, kind) or isinstance(value, bool) or (kind is int and not is_whole(value)):
        raise UnexpectedReply(
            "%s: the field %s is %s where %s belongs" % (where, name, type(value).__name__, kind.__name__),
            hint="The answer has changed, or the endpoint is something else; check its URL.",
            field=name,
        )
    return value
