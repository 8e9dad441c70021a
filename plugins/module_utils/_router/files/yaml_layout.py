# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things stand in a YAML text.

Built on the parser's tokens, whose marks are exact for every style; the marks of composed nodes are
not, for aliases and for block collections. Offsets count characters.
"""

from __future__ import annotations

import re
import typing as t
from bisect import bisect_right

try:
    import yaml
except ImportError:  # the import sanity test and hosts without PyYAML
    yaml = None  # type: ignore[assignment]

LINE_BREAKS = "\r\n\x85\u2028\u2029"
_LINE_END = re.compile("\r\n|[%s]" % LINE_BREAKS)
_COMMENT_LINE = re.compile(r"( *)#[^%s]*" % LINE_BREAKS)
INDENT = 2


class Edit(t.NamedTuple):
    """Put ``new`` where the characters from ``start`` to ``end`` stand."""

    start: int
    end: int
    new: str


def applied(text: str, edits: t.Sequence[Edit]) -> str:
    """The text after all edits, which must not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def loader_for(text: str) -> t.Any:
    """libyaml's parser where PyYAML has it, which is ten times as fast as PyYAML's own.

    Both put tokens at the same places, except that libyaml does not count a byte order mark.
    """
    return yaml.SafeLoader if text.startswith("\ufeff") else getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Layout:
    """Positions in one text that parses."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = _LINE_END.search(text)
        self.newline = "\r\n" if found and found.group() == "\r\n" else "\n"
        self._tokens = [token for token in yaml.scan(text, loader_for(text)) if _is_visible(token)]
        self._ends = [token.end_mark.index for token in self._tokens]

    def token_before(self, index: int) -> t.Any:
        """The last visible token that ends at ``index`` or earlier."""
        return self._tokens[bisect_right(self._ends, index) - 1]

    def content_end(self, index: int) -> int:
        """Where the content before ``index`` ends, without the blank lines of a block scalar."""
        end: int = self.token_before(index).end_mark.index
        return len(self.text[:end].rstrip(" " + LINE_BREAKS)) if self._starts_line(end) else end

    def tokens_in(self, kind: t.Any, start: int, end: int) -> t.List[t.Any]:
        """The tokens of one class that start in this range."""
        return [k for k in self._tokens if isinstance(k, kind) and start <= k.start_mark.index < end]

    def document_end(self) -> int:
        """Where more keys of the root may follow: the end, or before an explicit ``...``."""
        ends = self.tokens_in(yaml.DocumentEndToken, 0, len(self.text))
        return ends[0].start_mark.index if ends else len(self.text)

    def line_start(self, index: int) -> int:
        while not self._starts_line(index):
            index -= 1
        return index

    def line_end(self, index: int) -> int:
        """The start of the next line; ``index`` itself where it starts a line."""
        if self._starts_line(index):
            return index
        found = _LINE_END.search(self.text, index)
        return found.end() if found else len(self.text)

    def past_comments(self, index: int, floor: int) -> int:
        """Behind the comment lines that follow directly and are indented deeper than ``floor``."""
        while True:
            found = _COMMENT_LINE.match(self.text, index)
            if found is None or len(found.group(1)) <= floor:
                return index
            index = self.line_end(found.end())

    def insertion(self, index: int, lines: t.Sequence[str]) -> Edit:
        """Whole lines at the start of a line, or at the end of a text without a final line break."""
        block = "".join(line + self.newline for line in lines)
        if self._starts_line(index):
            return Edit(index, index, block)
        # The text ends without a line break, and goes on to do so.
        return Edit(index, index, self.newline + block[: -len(self.newline)])

    def removal(self, start: int, end: int) -> Edit:
        """The whole lines from ``start`` to ``end`` taken away; a text that ended without a line break does so again."""
        first, last = self.line_start(start), self.line_end(end)
        if last == len(self.text) and not self._starts_line(last):
            first = len(self.text[:first].rstrip(LINE_BREAKS)) if self.text[:first].strip(LINE_BREAKS) else 0
        return Edit(first, last, "")

    def _starts_line(self, index: int) -> bool:
        return index == 0 or self.text[index - 1] in LINE_BREAKS or (index == 1 and self.text[0] == "\ufeff")


def _is_visible(token: t.Any) -> bool:
    return bool(token.end_mark.index > token.start_mark.index)


def block_lines(data: t.Mapping[str, t.Any], column: int, mark: t.Optional[str]) -> t.List[str]:
    """``data`` as an entry of a block sequence whose dash stands at ``column``."""
    shown = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=float("inf"))
    lines = shown.rstrip("\n").split("\n")
    if mark is not None:
        lines[0] += "  # " + mark
    first, rest = " " * column + "- ", " " * (column + INDENT)
    return [(rest if number else first) + line for number, line in enumerate(lines)]


def flow_text(data: t.Any) -> str:
    """``data`` on one line, usable inside brackets."""
    shown: str = yaml.safe_dump(
        data, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=True
    )
    return shown.rstrip("\n")
