# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one decoder of JSON: whatever comes from a server, a file, a cache or a stream.

Always UTF-8. What it returns is harmless to everything behind it: no deeper than MAX_DEPTH, no more than
MAX_CONTAINERS lists and objects, every number one that a double or 64 bits hold, every text one that can
be written as UTF-8. A number that is none of these stays its text, so that it is no number to any reader.
"""

from __future__ import annotations

import json
import math
import re
import typing as t

MAX_BYTES = 64 << 20
MAX_DEPTH = 64
MAX_CONTAINERS = 600_000
MAX_ITEMS = 4_000_000
MAX_INTEGER = 2**64 - 1

_INTEGER_DIGITS = 20
_SHOWN_DIGITS = 24
_SURROGATE = re.compile(r"\\u[dD][89abAB-fF]")
_ESCAPE = re.compile(
    r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)

Container = t.Union[t.Dict[t.Any, t.Any], t.List[t.Any]]


class Undecodable(ValueError):
    """What came is not what it should be. The message is what it does instead: ``is not UTF-8``."""


def text_of(data: t.Union[bytes, bytearray, str], most: int = MAX_BYTES) -> str:
    """The text of UTF-8 bytes, without a byte order mark. :raises Undecodable: it is another encoding, or too long."""
    if len(data) > most:
        raise Undecodable("is larger than %s" % _size(most))
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Undecodable("is not UTF-8 (byte %d)" % exc.start) from exc


def json_value(data: t.Union[bytes, bytearray, str], most: int = MAX_BYTES) -> t.Any:
    """The value of a JSON text of at most ``most`` bytes. :raises Undecodable: it is none, or not harmless."""
    text = text_of(data, most)
    if text.count("[") + text.count("{") > MAX_CONTAINERS or text.count(",") > MAX_ITEMS:
        raise Undecodable("holds too many values")
    if _SURROGATE.search(text):
        text = _ESCAPE.sub(_without_surrogate, text)
    try:
        value = _DECODER.decode(text)
    except RecursionError as exc:
        raise Undecodable("is nested deeper than %d" % MAX_DEPTH) from exc
    except Undecodable:
        raise
    except ValueError as exc:
        raise Undecodable("is not JSON") from exc
    check_nesting(value)
    return value


def check_nesting(value: t.Any) -> None:
    """That a value is neither too deep nor too large, nor holds itself. :raises Undecodable: it is or does."""
    level: t.List[Container] = [value] if isinstance(value, (dict, list)) else []
    seen = 0
    for _depth in range(MAX_DEPTH):
        seen += len(level)
        if seen > MAX_CONTAINERS:
            raise Undecodable("holds too many values")
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise Undecodable("is nested deeper than %d" % MAX_DEPTH)


def whole_number(literal: str) -> t.Union[int, str]:
    """A number that 64 bits hold, or else its text, shortened."""
    if len(literal) <= _INTEGER_DIGITS + 1:
        value = int(literal)
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return value
    return _shown(literal)


def real_number(literal: str) -> t.Union[float, str]:
    """A finite number, or else its text, shortened."""
    value = float(literal) if len(literal) <= 400 else math.inf
    return value if math.isfinite(value) else _shown(literal)


def unique_object(pairs: t.Sequence[t.Tuple[t.Any, t.Any]]) -> t.Dict[t.Any, t.Any]:
    """Pairs as an object. :raises Undecodable: a key is there twice, of which two readers may take either."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [key for key, _value in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise Undecodable("has the key %s twice" % _shown(repr(twice)))
    return found


def without_surrogates(text: str) -> str:
    """Text that can be written as UTF-8: half a pair of surrogates is a replacement character."""
    return text.encode("utf-8", "replace").decode("utf-8") if _has_surrogates(text) else text


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _without_surrogate(escape: t.Match[str]) -> str:
    return "\\ufffd" if escape.group("lone") else escape.group()


def _shown(literal: str) -> str:
    return literal if len(literal) <= _SHOWN_DIGITS else literal[:_SHOWN_DIGITS] + "…"


def _size(most: int) -> str:
    return "%d MiB" % (most >> 20) if most >= 1 << 20 else "%d bytes" % most


_DECODER = json.JSONDecoder(
    parse_int=whole_number, parse_float=real_number, parse_constant=str, object_pairs_hook=unique_object
)
