# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Adds, replaces or removes one entry of a list in a YAML text.

The text around the entry is never written anew, so comments, order, anchors, quoting and line
breaks of everything else stay as they are. Every result is parsed again and compared with what was
there; what cannot be edited so is refused with InvalidInput.
"""

from __future__ import annotations

import json
import re
import typing as t

try:
    import yaml
except ImportError:  # the import sanity test and hosts without PyYAML
    yaml = None  # type: ignore[assignment]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Data
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_layout import (
    INDENT,
    Edit,
    applied,
    block_lines,
    flow_text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.yaml_list import (
    YamlList,
    is_null,
)

_EMPTY = re.compile(r"(\[ *\]|\{ *\}|~|null|Null|NULL)?$")


def appended(old: YamlList, data: Data) -> str:
    """The text with one more entry at the end of the list, which is made where it is missing."""
    if old.items:
        return _checked(old, _at_end(old, data), len(old.items), data)
    added_settings = len(old.place.beside) if _is_first_new(old) else 0
    return _checked(old, _in_nothing(old, data), 0, data, added_settings)


def replaced(old: YamlList, index: int, data: Data) -> str:
    """The text with other content for the entry at ``index``."""
    start, end = old.span(index)
    if old.node.flow_style:
        return _checked(old, [Edit(start, end, _in_brackets(old, data))], index, data)
    column = start - old.layout.line_start(start)
    lines = block_lines(data, column, old.place.mark)
    edit = Edit(start, end, old.layout.newline.join(lines)[column:])
    return _checked(old, [edit], index, data)


def removed(old: YamlList, index: int) -> str:
    """The text without the entry at ``index``.

    A list that is empty then is written as ``[]``, unless its key was made here: that goes as well.
    """
    start, end = old.span(index)
    if old.node.flow_style:
        bare = len(old.text[:start].rstrip(" "))
        return _checked(old, [Edit(bare, end, ""), *_spare_comma(old, start, end)], index, None)
    depth = _made_depth(old, start) if len(old.items) == 1 else None
    if depth is not None:
        edit = old.layout.removal(old.levels[depth].key.start_mark.index, end)
        return _checked(old, [edit], index, None, gone_below=depth)
    edits = [old.layout.removal(start, end)]
    if len(old.items) == 1:
        key_end = old.levels[-1].key.end_mark.index
        colon = old.layout.tokens_in(yaml.ValueToken, key_end, start)[0].end_mark.index
        edits.append(Edit(colon, colon, " []"))
    return _checked(old, edits, index, None)


def _made_depth(old: YamlList, start: int) -> t.Optional[int]:
    """Where in the path the keys begin that were made for this list and hold nothing else; None for no such."""
    text, layout = old.text, old.layout
    for depth, level in enumerate(old.levels if old.place.made else ()):
        first = layout.line_start(level.key.start_mark.index)
        if (
            not text[first : layout.line_end(level.key.end_mark.index)]
            .rstrip()
            .endswith("  # %s" % old.place.made)
        ):
            continue
        beside = len(old.place.beside) if depth == 0 and len(old.levels) > 1 else 0
        lines = len(text[first : layout.line_start(start)].splitlines())
        below = sum(1 for at, _name, _value in old.settings if at > depth)
        if lines == len(old.levels) - depth + beside and below == beside:
            return depth
    return None


def _at_end(old: YamlList, data: Data) -> t.List[Edit]:
    if old.node.flow_style:
        return [_inside(old, old.node, _in_brackets(old, data))]
    start, _end = old.span(len(old.items) - 1)
    column = start - old.layout.line_start(start)
    floor = old.levels[-1].key.start_mark.column
    return [old.layout.insertion(_after(old, old.node, floor), block_lines(data, column, old.place.mark))]


def _in_nothing(old: YamlList, data: Data) -> t.List[Edit]:
    """The list is empty, null or missing, perhaps with some of the keys that lead to it."""
    missing = old.place.keys[len(old.levels) :]
    nodes = [old.root, *(level.node for level in old.levels)]
    parent = nodes[-1]
    is_empty = len(nodes) > 1 and bool(
        _EMPTY.match(old.text[parent.start_mark.index : parent.end_mark.index])
    )
    if any(_is_flow(node) for node in nodes[:-1]) or (_is_flow(parent) and not is_empty):
        return [_in_flow(old, parent, missing, data)]
    if len(nodes) == 1:
        column = _key_column(parent) if isinstance(parent, yaml.MappingNode) else 0
        return [old.layout.insertion(old.layout.document_end(), _nest(old, missing, column, data))]
    key_column = old.levels[-1].key.start_mark.column
    if is_empty:
        start, end = parent.start_mark.index, parent.end_mark.index
        spaces = len(old.text[:start]) - len(old.text[:start].rstrip(" ")) if end > start else 0
        lines = _nest(old, missing, key_column + INDENT, data)
        return [Edit(start - spaces, end, ""), old.layout.insertion(old.layout.line_end(end), lines)]
    if not isinstance(parent, yaml.MappingNode):
        raise old.refusal(parent, "the empty value carries an anchor or a tag")
    lines = _nest(old, missing, _key_column(parent), data)
    return [old.layout.insertion(_after(old, parent, key_column), lines)]


def _is_first_new(old: YamlList) -> bool:
    """Whether the first key of the path is missing or has no content."""
    if not old.levels:
        return True
    first = old.levels[0].node
    return is_null(first) or not first.value


def _is_flow(node: t.Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _key_column(mapping: t.Any) -> int:
    return int(mapping.value[0][0].start_mark.column)


def _nest(old: YamlList, keys: t.Sequence[str], column: int, data: Data) -> t.List[str]:
    """The lines of the missing keys and of the entry below them."""
    lines: t.List[str] = []
    beside = old.place.beside if _is_first_new(old) else ()
    for key in keys:
        if key != old.place.keys[0]:
            lines += ["%s%s: %s" % (" " * column, name, value) for name, value in beside]
            beside = ()
        made = "  # %s" % old.place.made if old.place.made and key == keys[0] else ""
        lines.append("%s%s:%s" % (" " * column, key, made))
        column += INDENT
    return lines + block_lines(data, column, old.place.mark)


def _after(old: YamlList, collection: t.Any, floor: int) -> int:
    """The line behind a block collection and the comments that belong to it."""
    end = old.layout.token_before(collection.end_mark.index).end_mark.index
    return old.layout.past_comments(old.layout.line_end(end), floor)


def _in_flow(old: YamlList, parent: t.Any, missing: t.Sequence[str], data: Data) -> Edit:
    content = _in_brackets(old, data)
    for number, key in enumerate(reversed(missing)):
        shown = json.dumps(key, ensure_ascii=False) if old.place.is_json else key
        content = "%s: %s" % (shown, ("[%s]" if number == 0 else "{%s}") % content)
    if is_null(parent):
        start, end = parent.start_mark.index, parent.end_mark.index
        return Edit(start, end, " " + ("{%s}" if missing else "[%s]") % content)
    return _inside(old, parent, content)


def _inside(old: YamlList, collection: t.Any, content: str) -> Edit:
    """Put ``content`` behind the last element between the brackets."""
    before = old.layout.token_before(collection.end_mark.index - 1)
    if isinstance(before, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)):
        new = content
    elif isinstance(before, yaml.FlowEntryToken):
        new = " %s," % content
    else:
        new = ", " + content
    return Edit(before.end_mark.index, before.end_mark.index, new)


def _in_brackets(old: YamlList, data: Data) -> str:
    if old.place.mark is not None:
        raise old.refusal(
            old.levels[-1].node if old.levels else old.root,
            "this part is written in brackets, where the comment that marks a managed entry has no room",
        )
    return json.dumps(data, ensure_ascii=False) if old.place.is_json else flow_text(data)


def _spare_comma(old: YamlList, start: int, end: int) -> t.List[Edit]:
    """The comma that goes with the element from ``start`` to ``end``: the next, else the last before."""
    nested = [(item.start_mark.index, item.end_mark.index) for item in old.items]
    commas = [
        token.start_mark.index
        for token in old.layout.tokens_in(
            yaml.FlowEntryToken, old.node.start_mark.index, old.node.end_mark.index
        )
        if not any(first <= token.start_mark.index < last for first, last in nested)
    ]
    following = [comma for comma in commas if comma >= end]
    spare = following[:1] or commas[-1:]
    return [Edit(comma, comma + 1, "") for comma in spare]


def _checked(
    old: YamlList,
    edits: t.Sequence[Edit],
    index: int,
    data: t.Optional[Data],
    added_settings: int = 0,
    gone_below: t.Optional[int] = None,
) -> str:
    """The edited text, once it is proved that nothing but the entry at ``index`` differs."""
    text = applied(old.text, edits)
    try:
        new = YamlList(text, old.place, old.where)
    except InvalidInput as exc:
        raise _not_editable(old, exc.message) from exc
    kept = old.digests[:index] + old.digests[index + 1 :]
    settings = [each for each in old.settings if gone_below is None or each[0] <= gone_below]
    others = list(new.digests)
    if data is not None:
        del others[index : index + 1]
    if (
        others != kept
        or new.settings[: len(settings)] != settings
        or len(new.settings) != len(settings) + added_settings
        or (data is not None and new.entries[index].data != data)
    ):
        raise _not_editable(old, "another part of the file would change its meaning")
    return text


def _not_editable(old: YamlList, why: str) -> InvalidInput:
    return InvalidInput(
        "%s cannot be edited without touching what belongs to others: %s" % (old.where, why),
        hint="Write the list in plain block style without anchors, or give the routes a file of their own.",
    )
