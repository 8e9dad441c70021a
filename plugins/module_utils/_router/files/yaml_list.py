# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One list inside a user's YAML text, with the place of each entry."""

from __future__ import annotations

import hashlib
import json
import typing as t
from dataclasses import dataclass

try:
    import yaml
except ImportError:  # the import sanity test and hosts without PyYAML
    yaml = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    check_nesting,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    MissingLibrary,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_layout import (
    Layout,
    loader_for,
)

# Of a value that does not fit its tag the library lets whatever Python says come through.
_UNUSABLE: t.Tuple[t.Type[Exception], ...] = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
if yaml is not None:
    _UNUSABLE = (yaml.YAMLError, *_UNUSABLE)

# Settings are read to this depth.
_DEEPEST = 4
NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class Place:
    """Where the list is. ``keys`` lead to it from the root.

    ``beside`` are settings written next to the second key where the first key is new. ``mark`` is a
    comment that tells our entries from others where the entry itself has no room for a mark, ``made`` one
    that tells keys that were made for the list, so that they go with its last entry. JSON is
    read as the YAML that it is, and stays JSON.
    """

    keys: t.Tuple[str, ...]
    beside: t.Tuple[t.Tuple[str, str], ...] = ()
    mark: t.Optional[str] = None
    made: t.Optional[str] = None
    is_json: bool = False


class Level(t.NamedTuple):
    """One key of the path that exists, as parser nodes; ``node`` is its value and may be null."""

    key: t.Any
    node: t.Any


class YamlList:
    """The list at ``place`` in ``text``; ``where`` is the file's name in messages.

    ``settings`` and ``digests`` stand for everything around the list and for each entry of it: equal
    digests mean equal content. Raises InvalidInput with line and column when the text is no YAML or
    holds something else at ``place``.
    """

    def __init__(self, text: str, place: Place, where: str) -> None:
        if yaml is None:
            raise MissingLibrary("PyYAML", "the host that holds the router's file")
        self.text, self.place, self.where = text, place, where
        if place.is_json:
            self._check_json()
        try:
            self._read()
        except InvalidInput:
            raise
        except _UNUSABLE as exc:
            raise self._broken(exc) from exc

    def _read(self) -> None:
        self.layout = Layout(self.text)
        self.root = yaml.compose(self.text, loader_for(self.text))
        self.levels = self._walked()
        self.items = self._elements()
        # Digests come first: constructing data resolves merge keys inside the nodes.
        digest = _Digest()
        self.digests = [digest.of(node) for node in self.items]
        self.settings = self._settings_around(digest)
        self._dashes = self._dashes_of_list()
        self.entries = [self._entry(index) for index in range(len(self.items))]

    @property
    def node(self) -> t.Any:
        """The list itself, where ``items`` is not empty."""
        return self.levels[-1].node

    def setting(self, *keys: str) -> t.Any:
        """The text of a scalar setting, None where there is none."""
        node = self.root
        for key in keys:
            node = dict(_pairs(node, key)).get(key)
        return node.value if isinstance(node, yaml.ScalarNode) else None

    def plain(self, *keys: str) -> t.Any:
        """What stands there, as mappings, lists and texts; None where nothing does."""
        node = self.root
        for key in keys:
            node = dict(_pairs(node, key)).get(key)
        return None if node is None else _plain(node, _DEEPEST, {})

    @property
    def keys(self) -> t.List[str]:
        """The keys at the top."""
        pairs = self.root.value if isinstance(self.root, yaml.MappingNode) else []
        return [str(name.value) for name, _value in pairs if _is_text(name)]

    def span(self, index: int) -> t.Tuple[int, int]:
        """From the entry's dash (in brackets: its first character) to the end of its content."""
        if self.node.flow_style:
            item = self.items[index]
            if not self.node.start_mark.index < item.start_mark.index < self.node.end_mark.index:
                raise self.refusal(self.node, "entry %d of the list is an alias" % (index + 1))
            return item.start_mark.index, item.end_mark.index
        following = self._dashes[index + 1 : index + 2]
        after = following[0] if following else self.node.end_mark.index
        start = self._dashes[index]
        if self.text[self.layout.line_start(start) : start].strip(" "):
            raise self.refusal(self.node, "the list starts in the middle of a line")
        return start, self.layout.content_end(after)

    def refusal(self, node: t.Any, problem: str) -> InvalidInput:
        """The error for a part that cannot be used or edited."""
        mark = node.start_mark
        return InvalidInput(
            "%s, line %d, column %d: %s; nothing was written"
            % (self.where, mark.line + 1, mark.column + 1, problem),
            hint="Correct that part by hand, or give the routes a file of their own.",
            line=mark.line + 1,
            column=mark.column + 1,
        )

    def _walked(self) -> t.List[Level]:
        levels: t.List[Level] = []
        node = self.root
        for key in self.place.keys:
            if node is None or is_null(node):
                break
            self._expect(node, yaml.MappingNode, "a mapping", levels)
            found = _pairs(node, key)
            if not found:
                for name in (name for name, _value in node.value if name.value == "<<"):
                    raise self.refusal(name, "%s may come from a merge key" % key)
                break
            if len(found) > 1:
                raise self.refusal(self._key_node(node, key), "%s occurs more than once" % key)
            name, value = self._key_node(node, key), found[0][1]
            if value.start_mark.index < name.end_mark.index:
                raise self.refusal(name, "%s is an alias" % key)
            levels.append(Level(name, value))
            node = value
        return levels

    @staticmethod
    def _key_node(node: t.Any, key: str) -> t.Any:
        return [name for name, _value in node.value if name.value == key][-1]

    def _elements(self) -> t.List[t.Any]:
        if len(self.levels) < len(self.place.keys) or is_null(self.node):
            return []
        self._expect(self.node, yaml.SequenceNode, "a list", self.levels)
        for item in self.node.value:
            self._expect(item, yaml.MappingNode, "a mapping in the list", self.levels)
        return list(self.node.value)

    def _expect(self, node: t.Any, kind: t.Any, words: str, levels: t.Sequence[Level]) -> None:
        if isinstance(node, kind):
            return
        name = ".".join(level.key.value for level in levels) or "the document"
        raise self.refusal(node, "%s should be %s and is a %s" % (name, words, node.id))

    def _settings_around(self, digest: _Digest) -> t.List[t.Tuple[int, str, str]]:
        nodes = [self.root, *(level.node for level in self.levels[: len(self.place.keys) - 1])]
        return [
            (depth, digest.of(name), digest.of(value))
            for depth, node in enumerate(nodes)
            if isinstance(node, yaml.MappingNode)
            for name, value in node.value
            if name.value != self.place.keys[depth]
        ]

    def _entry(self, index: int) -> Entry:
        node = self.items[index]
        try:
            data = yaml.constructor.SafeConstructor().construct_document(node)
        except _UNUSABLE as exc:
            raise self._broken(exc, node) from exc
        if not isinstance(data, dict):
            raise self.refusal(node, "an entry should be a plain mapping and is tagged %s" % node.tag)
        try:
            check_nesting(data)
        except Undecodable as exc:
            raise self.refusal(node, "an entry %s" % exc) from exc
        return Entry(data, node.start_mark.line + 1, self._has_mark(index))

    def _has_mark(self, index: int) -> bool:
        if self.place.mark is None or self.node.flow_style:
            return False
        start, _end = self.span(index)
        return self.text[start : self.layout.line_end(start + 1)].rstrip().endswith(" # " + self.place.mark)

    def _dashes_of_list(self) -> t.List[int]:
        """Where the entries of a block list begin; empty for any other."""
        if not self.items or self.node.flow_style:
            return []
        tokens = self.layout.tokens_in(
            yaml.BlockEntryToken, self.node.start_mark.index, self.node.end_mark.index
        )
        column = tokens[0].start_mark.column
        return [token.start_mark.index for token in tokens if token.start_mark.column == column]

    def _check_json(self) -> None:
        try:
            json.loads(self.text.lstrip("\ufeff"))
        except (ValueError, RecursionError) as exc:
            line, column = getattr(exc, "lineno", 1), getattr(exc, "colno", 1)
            raise InvalidInput(
                "%s, line %d, column %d is not JSON: %s; nothing was written"
                % (self.where, line, column, getattr(exc, "msg", "it cannot be parsed")),
                hint="Correct the file, then run again; a new file has to hold at least {}.",
            ) from exc

    def _broken(self, exc: Exception, node: t.Any = None) -> InvalidInput:
        # The parser's own text quotes the file, which may hold secrets.
        mark = getattr(exc, "problem_mark", None) or getattr(node, "start_mark", None)
        problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "it cannot be parsed"
        spot = ", line %d, column %d" % (mark.line + 1, mark.column + 1) if mark else ""
        return InvalidInput(
            "%s%s is not usable YAML: %s; nothing was written" % (self.where, spot, problem),
            hint="Correct the file, then run again.",
        )


def is_null(node: t.Any) -> bool:
    return bool(node.tag == NULL)


def _plain(node: t.Any, depth: int, known: t.Dict[t.Tuple[int, int], t.Any]) -> t.Any:
    if isinstance(node, yaml.ScalarNode):
        return None if is_null(node) else node.value
    if depth == 0:
        return None
    # An alias is read once, however often it occurs.
    at = (id(node), depth)
    if at not in known:
        if isinstance(node, yaml.SequenceNode):
            known[at] = [_plain(item, depth - 1, known) for item in node.value]
        else:
            known[at] = {
                name.value: _plain(value, depth - 1, known) for name, value in node.value if _is_text(name)
            }
    return known[at]


def _is_text(node: t.Any) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _pairs(node: t.Any, key: str) -> t.List[t.Tuple[str, t.Any]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(key, value) for name, value in node.value if name.value == key]


class _Digest:
    """Content digests of parser nodes, in linear time also where aliases multiply or make a ring."""

    def __init__(self) -> None:
        self._known: t.Dict[int, str] = {}

    def of(self, node: t.Any) -> str:
        known = self._known.get(id(node))
        if known is not None:
            return known
        self._known[id(node)] = "ring"
        if isinstance(node, yaml.ScalarNode):
            content = node.value
        elif isinstance(node, yaml.SequenceNode):
            content = [self.of(item) for item in node.value]
        else:
            content = [(self.of(name), self.of(value)) for name, value in node.value]
        shown = repr((node.tag, content)).encode("utf-8", "backslashreplace")
        self._known[id(node)] = hashlib.sha256(shown).hexdigest()
        return self._known[id(node)]
