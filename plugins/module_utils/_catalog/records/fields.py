# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values out of foreign JSON, YAML and TOML, whose types may be anything.

What is optional and of another type counts as absent; what is required raises with its name.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import UnexpectedReply

Entry = t.Mapping[str, t.Any]
V = t.TypeVar("V")


def text(value: t.Any) -> t.Optional[str]:
    return value if isinstance(value, str) and value else None


def texts(value: t.Any) -> t.Tuple[str, ...]:
    """The texts in a list; a single text is a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def flag(value: t.Any) -> t.Optional[bool]:
    return value if isinstance(value, bool) else None


def number(value: t.Any) -> t.Optional[float]:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def count(value: t.Any) -> t.Optional[int]:
    """A whole number above zero."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def entry(value: t.Any) -> Entry:
    return value if isinstance(value, dict) else {}


def entries(value: t.Any) -> t.List[Entry]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def named_entries(value: t.Any) -> t.Dict[str, Entry]:
    return {str(key): item for key, item in entry(value).items() if isinstance(item, dict)}


def required(found: Entry, name: str, kind: t.Type[V], where: str) -> V:
    """:raises UnexpectedReply: the field is absent or of another type; the message names it."""
    value = found.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise UnexpectedReply(
            "%s: the field %s is %s where %s belongs" % (where, name, type(value).__name__, kind.__name__),
            hint="The answer has changed, or the endpoint is something else; check its URL.",
            field=name,
        )
    return value
