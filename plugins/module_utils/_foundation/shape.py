# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What foreign structure has to look like, checked whole where it comes in.

A shape is a function that takes a value and raises Broken where it is not as it has to be; the path says
where. Nothing is converted: what passes is used as it came. Fields that no shape names may be anything.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import foreign

Shape = t.Callable[[t.Any], None]
Key = t.Union[str, int]

_SHOWN = 40


class Broken(Exception):
    """A value that is not as it has to be. ``path`` leads to it."""

    def __init__(self, problem: str, path: t.Tuple[Key, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def __str__(self) -> str:
        """``devices[0].index is the text 'x' where a whole number belongs``."""
        return "%s %s" % (_written(self.path) or "it", self.problem)

    def below(self, key: Key) -> Broken:
        return Broken(self.problem, (key, *self.path))


def problem_of(shape: Shape, value: t.Any) -> t.Optional[str]:
    """What is wrong with a value, with its path; None where nothing is."""
    try:
        shape(value)
    except Broken as exc:
        return str(exc)
    return None


def whole(least: int = 0, most: int = foreign.MAX_COUNT) -> Shape:
    """A whole number from ``least`` to ``most``."""

    def check(value: t.Any) -> None:
        if not foreign.is_whole(value) or not least <= value <= most:
            raise _not(value, "a whole number from %d to %d" % (least, most))

    return check


def number(least: float = 0.0, most: float = foreign.MAX_NUMBER) -> Shape:
    """A number from ``least`` to ``most``."""

    def check(value: t.Any) -> None:
        if not foreign.is_number(value) or not least <= value <= most:
            raise _not(value, "a number from %g to %g" % (least, most))

    return check


def text(most: int = foreign.MAX_TEXT, empty: bool = True) -> Shape:
    """A text of at most ``most`` characters that can be written as UTF-8."""

    def check(value: t.Any) -> None:
        if not isinstance(value, str) or not (value or empty):
            raise _not(value, "a text")
        if len(value) > most:
            raise Broken("is a text of %d characters where at most %d belong" % (len(value), most))
        if "\0" in value or not (value.isascii() or _is_unicode(value)):
            raise Broken("is a text with characters that are none")

    return check


def flag(value: t.Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise _not(value, "true or false")


def anything(_value: t.Any) -> None:
    """Whatever there is."""


def maybe(shape: Shape) -> Shape:
    """This, or null."""

    def check(value: t.Any) -> None:
        if value is not None:
            shape(value)

    return check


def items(shape: Shape, most: int = foreign.MAX_LIST) -> Shape:
    """A list of at most ``most`` of these."""

    def check(value: t.Any) -> None:
        if not isinstance(value, (list, tuple)):
            raise _not(value, "a list")
        if len(value) > most:
            raise Broken("has %d items where at most %d belong" % (len(value), most))
        for place, item in enumerate(value):
            _inside(place, shape, item)

    return check


def some(shape: Shape, most: int = foreign.MAX_LIST) -> Shape:
    """As ``items``, and at least one of them."""
    every = items(shape, most)

    def check(value: t.Any) -> None:
        every(value)
        if not value:
            raise Broken("is an empty list")

    return check


def table(shape: Shape, most: int = foreign.MAX_LIST) -> Shape:
    """An object whose fields all have this shape, whatever they are called."""

    def check(value: t.Any) -> None:
        fields = _fields(value)
        if len(fields) > most:
            raise Broken("has %d fields where at most %d belong" % (len(fields), most))
        for name, item in fields.items():
            _inside(name, shape, item)

    return check


def record(required: t.Mapping[str, Shape], optional: t.Optional[t.Mapping[str, Shape]] = None) -> Shape:
    """An object with these fields. An optional one may be absent or null."""
    others = optional or {}

    def check(value: t.Any) -> None:
        fields = _fields(value)
        for name, shape in required.items():
            if name not in fields:
                raise Broken("is absent", (name,))
            _inside(name, shape, fields[name])
        for name, shape in others.items():
            if fields.get(name) is not None:
                _inside(name, shape, fields[name])

    return check


def _inside(key: Key, shape: Shape, value: t.Any) -> None:
    try:
        shape(value)
    except Broken as exc:
        raise exc.below(key) from None


def _fields(value: t.Any) -> t.Mapping[str, t.Any]:
    if not isinstance(value, t.Mapping):
        raise _not(value, "an object")
    if not all(isinstance(name, str) for name in value):
        raise Broken("has a field whose name is no text")
    return value


def _not(value: t.Any, wanted: str) -> Broken:
    return Broken("is %s where %s belongs" % (described(value), wanted))


def described(value: t.Any) -> str:
    """A foreign value in a few words."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, t.Mapping):
        return "an object"
    if isinstance(value, int) and not foreign.is_whole(value):
        return "a number of %d bits" % value.bit_length()
    if isinstance(value, (int, float)):
        return "%r" % value
    # A text may be a secret in the wrong place.
    return "a text of %d characters" % len(value) if isinstance(value, str) else type(value).__name__


def _written(path: t.Sequence[Key]) -> str:
    words = ""
    for key in path:
        if isinstance(key, int):
            words += "[%d]" % key
        else:
            shown = key if key.isascii() and key.isprintable() else ascii(key)[1:-1]
            words += ("." if words else "") + (shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…")
    return words


def _is_unicode(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)
