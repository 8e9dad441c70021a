# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes in a plain text file, one line each, such as a map of HAProxy."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import (
    hidden_in_text,
    is_secret_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MANAGED_BY,
    Fields,
    PlainForm,
    Route,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import (
    Data,
    Document,
    Entry,
)

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COMMENT = "#"
_BYTE_ORDER = "\ufeff"
# The comment names the route, so that it marks nothing else when the line below it is taken away.
_MARK = "# the next line is managed by %s: %s"
# The field of the diff that says which line is made or removed.
_ROUTE = "(route)"
_HIDDEN = "(hidden)"
# A line that opens a block in braces, with or without a comment behind it.
_OPENS = re.compile(r"[^#]*\{\s*(#.*)?$")
_WORD = re.compile(r"[A-Za-z][\w.-]*")


@dataclass(frozen=True)
class Block:
    """Where in a text the lines are: between two lines, and new ones before another. None: anywhere."""

    begin: t.Optional[t.Pattern[str]] = None
    end: t.Optional[t.Pattern[str]] = None
    before: t.Optional[t.Pattern[str]] = None


class TextLines(PlainForm):
    """Lines in which ``name_of``, a regular expression with one group, finds the public name.

    A comment above a line marks it as ours. Raises InvalidInput for another expression.
    """

    needs_restart = True

    def __init__(self, name_of: str, line: t.Optional[str], block: t.Optional[Block] = None) -> None:
        self._block = block or Block()
        try:
            self._name_of = re.compile(name_of)
        except re.error as exc:
            raise InvalidInput(
                "line_name is not a regular expression: %s" % exc,
                hint="Write it as Python's re module takes it, for example ^(\\S+) for the first word.",
            ) from exc
        if self._name_of.groups != 1:
            raise InvalidInput(
                "line_name has to have one group and has %d: %r" % (self._name_of.groups, name_of),
                hint="Put brackets around the name, for example ^(\\S+) for the first word.",
            )
        is_secret = line is not None and _hides(line)
        self.fields: t.Tuple[FieldSpec, ...] = (
            FieldSpec("managed_by"),
            FieldSpec(_ROUTE),
            FieldSpec("line", secret=is_secret),
        )

    def opened(self, text: str, where: str) -> Document:
        return _Text(text, self.name_in, self._block, where)

    def problem(self, entries: t.Sequence[Entry]) -> t.Optional[str]:
        """None: what the lines of others mean is not known here."""
        return None

    def is_route(self, entry: Entry, route: Route) -> bool:
        return bool(entry.data["name"] == route.name)

    def is_ours(self, entry: Entry) -> bool:
        return entry.marked

    def wanted(self, route: Route, entry: t.Optional[Entry] = None) -> Fields:
        line = route.line or ""
        if not line.replace("\t", " ").isprintable() or line.lstrip().startswith(_COMMENT):
            raise InvalidInput("line has to be one line of text, and no comment")
        if self.name_in(line) != route.name:
            raise InvalidInput(
                "line_name finds %r in line and name is %r" % (self.name_in(line), route.name),
                hint="Let the line carry the name at that place.",
            )
        return {"managed_by": MANAGED_BY, _ROUTE: route.name, "line": line}

    def found(self, entry: Entry, route: Route) -> Fields:
        line = entry.data["line"]
        hides = line != route.line and _hides(line)
        return {
            "managed_by": MANAGED_BY if entry.marked else None,
            _ROUTE: entry.data["name"],
            "line": _HIDDEN if hides else line,
        }

    def merged(self, entry: t.Optional[Entry], wanted: Fields) -> Fields:
        return {"name": wanted[_ROUTE], "line": wanted["line"]}

    def described(self, entry: Entry) -> Fields:
        name = entry.data["name"]
        return {"id": name, "name": name, "model": None, "endpoint": None, "weight": None}

    def name_in(self, line: str) -> t.Optional[str]:
        """The public name in a line, None in a comment and in a line of another form."""
        found = None if line.lstrip().startswith(_COMMENT) else self._name_of.search(line)
        return found.group(1) if found else None


class _Text:
    """The lines of a text, each with its line break; the last one may have none."""

    def __init__(
        self, text: str, name_in: t.Callable[[str], t.Optional[str]], block: Block, where: str
    ) -> None:
        self._block, self._where = block, where
        self._byte_order = text[: len(text) - len(text.lstrip(_BYTE_ORDER))]
        self._lines: t.List[str] = _LINE.findall(text[len(self._byte_order) :])
        self._newline = "\r\n" if self._lines and self._lines[0].endswith("\r\n") else "\n"
        self._first, self._last = self._bounds() if self._lines else (0, 0)
        self.entries = [
            Entry({"name": name, "line": _bare(line)}, place + 1, self._is_marked(place, name))
            for place, line in enumerate(self._lines)
            if self._first <= place < self._last
            for name in [name_in(_bare(line))]
            if name is not None
        ]

    def setting(self, *keys: str) -> t.Any:
        return None

    def appended(self, data: Data) -> str:
        place = self._new_place()
        return self._spliced(place, place, data)

    def replaced(self, index: int, data: Data) -> str:
        return self._spliced(*self._span(index), data)

    def removed(self, index: int) -> str:
        return self._spliced(*self._span(index), None)

    def _bounds(self) -> t.Tuple[int, int]:
        """The lines between those that begin and end the block; all lines where no block is named."""
        if self._block.begin is None or self._block.end is None:
            return 0, len(self._lines)
        begins = [place for place, line in enumerate(self._lines) if self._block.begin.search(_bare(line))]
        if len(begins) != 1:
            raise InvalidInput(
                "%s: block_begin finds %d lines and has to find one; nothing was written"
                % (self._where, len(begins)),
                hint="Write block_begin so that it finds the first line of the block alone.",
            )
        for place in range(begins[0] + 1, len(self._lines)):
            if self._block.end.search(_bare(self._lines[place])):
                return begins[0] + 1, place
        raise InvalidInput(
            "%s: block_end finds no line behind line %d; nothing was written" % (self._where, begins[0] + 1),
            hint="Write block_end so that it finds the line behind the block.",
        )

    def _new_place(self) -> int:
        """Where a new line goes: before the line that insertbefore finds, else at the end of the block."""
        before = self._block.before
        if before is not None:
            found = [n for n in range(self._first, self._last) if before.search(_bare(self._lines[n]))]
            if not found:
                raise InvalidInput(
                    "%s: insertbefore finds no line; nothing was written" % self._where,
                    hint="Write it so that it finds a line of the file, inside of the block where one is named.",
                )
            return found[0] - int(found[0] - 1 in self._marks())
        if self._block.begin is None and any(map(_OPENS.match, self._lines)):
            raise InvalidInput(
                "%s holds blocks in braces, and a line at its end would be outside of all; nothing was written"
                % self._where,
                hint="Name the block with block_begin and block_end, or a place with insertbefore.",
            )
        return self._last

    def _marks(self) -> t.Set[int]:
        return {entry.line - 2 for entry in self.entries if entry.marked}

    def _span(self, index: int) -> t.Tuple[int, int]:
        """The first line of the entry, its mark where it has one, and the line behind it."""
        entry = self.entries[index]
        return entry.line - 1 - int(entry.marked), entry.line

    def _is_marked(self, place: int, name: str) -> bool:
        return place > 0 and _bare(self._lines[place - 1]).strip() == _MARK % (MANAGED_BY, name)

    def _spliced(self, start: int, end: int, data: t.Optional[Data]) -> str:
        """The text with an entry in place of these lines. It ends with a line break if it did before."""
        new: t.List[str] = []
        if data is not None:
            indent = data["line"][: len(data["line"]) - len(data["line"].lstrip())]
            new = [indent + _MARK % (MANAGED_BY, data["name"]), data["line"]]
        lines = [*self._lines[:start], *new, *self._lines[end:]]
        lines = [line if line.endswith("\n") else line + self._newline for line in lines]
        if lines and self._lines and not self._lines[-1].endswith("\n"):
            lines[-1] = _bare(lines[-1])
        return self._byte_order + "".join(lines)


def _hides(line: str) -> bool:
    """Whether a line of somebody's file may hold a secret: what stands behind such a word is hidden with it."""
    return hidden_in_text(line) != line or any(is_secret_name(word) for word in _WORD.findall(line))


def _bare(line: str) -> str:
    """A line without its line break."""
    return re.sub(r"\r?\n\Z", "", line)
