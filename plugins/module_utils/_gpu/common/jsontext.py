# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON that vendors' tools print, between warnings and of changing shape."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common import values

Json = t.Mapping[str, t.Any]

# Deeper nesting is no tool's output and would exhaust the interpreter's stack.
_DEEPEST = 50
_BRACKET = re.compile(r"[\[\]{}]")


def first(text: str) -> t.Any:
    """The first object or list in ``text``; None where there is none that is whole."""
    decoder = json.JSONDecoder()
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    for start in sorted(starts):
        if _is_too_deep(text, start):
            return None
        try:
            return decoder.raw_decode(text, start)[0]
        except ValueError:
            continue
    return None


def text(row: Json, *paths: str) -> t.Optional[str]:
    """The first known value at ``a/b`` paths; ``{"value": 1, "unit": "W"}`` becomes ``1 W``."""
    for path in paths:
        value: t.Any = row
        for name in path.split("/"):
            value = value.get(name) if isinstance(value, dict) else None
        word = values.text(_written(value))
        if word is not None:
            return word
    return None


def child(row: Json, name: str) -> Json:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def children(row: Json, name: str) -> t.List[Json]:
    value = row.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _written(value: t.Any) -> t.Optional[str]:
    if isinstance(value, dict):
        amount = value.get("value")
        return None if amount is None else "%s %s" % (amount, value.get("unit") or "")
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def _is_too_deep(text: str, start: int) -> bool:
    depth = 0
    for found in _BRACKET.finditer(text, start):
        depth += 1 if found.group(0) in "[{" else -1
        if depth > _DEEPEST:
            return True
    return False
