# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release of SGLang can do.

Its attention backends are names in a registry; for which cards they are is decided by code all over the
server's arguments, so that those rules are written by hand (data/engines/reviewed.tsv).
"""

from __future__ import annotations

import ast
import re
import typing as t

from tests.rules.facts import (
    ARCHITECTURES,
    ATTENTION,
    CACHE_TYPES,
    FLAGS,
    QUANTIZATION,
    REASONING,
    TOOLS,
    UNSEEN,
    Fact,
    Facts,
)
from tests.rules.predicates import Asking, Capability, Unknown, World
from tests.rules.sources import Source
from tests.rules.syntax import Classes, assignments, calls, keys, keyword, last_name, pairs, strings, words

_ARGUMENTS = "srt/server_args.py"
_FORMATS = "srt/layers/quantization"
_WORLD = World(Capability(9, 0))
_PLAIN = {"int": "int", "float": "float", "str": "", "bool": "bool"}


def read(source: Source) -> Facts:
    """All that is read from one release."""
    found: Facts = {}
    for part in (_architectures, _quantization, _attention, _parsers, _flags):
        found.update(part(source))
    for kind, flag in ((CACHE_TYPES, "--kv-cache-dtype"), (ATTENTION, "--attention-backend")):
        told = found.get((FLAGS, flag), Fact("", ""))
        for name in told.value.split("|") if told.value else ():
            found.setdefault((kind, name), told._replace(value=""))
    return found


def _architectures(source: Source) -> Facts:
    found: Facts = {}
    for path in source.below("srt/models"):
        if "EntryClass" in source.text(path):
            for _name, value in assignments(source.tree(path), "EntryClass"):
                found.update({(ARCHITECTURES, name): Fact("", path) for name in words(value)})
    return found


def _quantization(source: Source) -> Facts:
    """Methods with the class that CUDA takes: registrations for other platforms stand under a condition."""
    init = _FORMATS + "/__init__.py"
    owners: t.Dict[str, str] = {}
    for node in source.tree(init).body:
        if isinstance(node, ast.If) and "is_cuda" not in ast.unparse(node.test):
            continue
        tables = [value for _name, value in assignments(node, r"\w*QUANTIZATION_METHODS")]
        tables += [each for call in calls(node, "update") for each in call.args]
        for table in tables:
            owners = {**pairs(table), **owners}
    classes = Classes(source, source.below(_FORMATS), "get_min_capability")
    return {
        (QUANTIZATION, name): Fact(
            _least(classes, owner, name == "mxfp8"), classes.path(owner) if owner in classes else init
        )
        for name, owner in owners.items()
    }


def _least(classes: Classes, owner: str, mxfp8: bool) -> str:
    """The lowest compute capability, times ten; unseen where it depends on more than the syntax shows."""
    asking = Asking(classes, _WORLD)
    try:
        return str(int(asking.ask(owner, "get_min_capability", use_mxfp8=mxfp8)))
    except (Unknown, TypeError, ValueError):
        return UNSEEN


def _attention(source: Source) -> Facts:
    path = "srt/layers/attention/attention_registry.py"
    names = {
        word: path
        for call in calls(source.tree(path), "register_attention_backend")
        for each in call.args
        for word in strings(each)
    }
    for where in _argument_files(source):
        for _name, value in assignments(source.tree(where), "ATTENTION_BACKEND_CHOICES"):
            names.update({word: where for word in words(value)})
    return {(ATTENTION, name): Fact("", where) for name, where in names.items()}


def _parsers(source: Source) -> Facts:
    found: Facts = {}
    reasoning = ["srt/reasoning_parser.py", *source.within("srt/parser")]
    for kind, paths, table in (
        (
            TOOLS,
            ["srt/function_call_parser.py", *source.within("srt/function_call")],
            "ToolCallParserEnum|TOOL_CALL_PARSER_NAMES",
        ),
        (REASONING, reasoning, "DetectorMap|REASONING_PARSER_NAMES"),
    ):
        for path in paths:
            if re.search(table, source.text(path)):
                for _name, value in assignments(source.tree(path), table):
                    found.update({(kind, name): Fact("", path) for name in keys(value)})
    return found


def _argument_files(source: Source) -> t.List[str]:
    return [_ARGUMENTS, *source.below("srt/arg_groups")]


def _flags(source: Source) -> Facts:
    """Flags that are added by hand, and those that are made of annotated fields."""
    found: Facts = {}
    lists = {
        name: words(value)
        for path in [*_argument_files(source), *source.below("srt/configs")]
        if "CHOICES" in source.text(path)
        for name, value in assignments(source.tree(path), r"[A-Z_]+_CHOICES")
    }
    for path in _argument_files(source):
        tree = source.tree(path)
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and (node.name == "ServerArgs" or "/fields/" in path):
                for field in node.body:
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                        for name, value in _of_field(field, lists):
                            found.setdefault((FLAGS, name), Fact(value, path))
        for call in calls(tree, "add_argument"):
            for each in call.args:
                if isinstance(each, ast.Constant) and str(each.value).startswith("-"):
                    found[FLAGS, str(each.value)] = Fact(_of_call(call, lists), path)
    return found


def _of_field(field: ast.AnnAssign, lists: t.Mapping[str, t.Sequence[str]]) -> t.Iterator[t.Tuple[str, str]]:
    """(flag, kind) of ``name: A[type, "help" or Arg(...)]``, and of a plain field."""
    own = "--" + t.cast(ast.Name, field.target).id.replace("_", "-")
    if own.startswith("---"):
        return
    annotation = field.annotation
    inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
    parts = inner.elts if isinstance(inner, ast.Tuple) and last_name(annotation) in ("A", "Annotated") else []
    told = next(
        (part for part in parts if isinstance(part, ast.Call) and last_name(part.func) == "Arg"), None
    )
    kind = _kind(parts[0] if parts else annotation)
    if told is None:
        yield own, kind
        return
    if getattr(keyword(told, "no_cli"), "value", False):
        return
    chosen = _chosen(keyword(told, "choices"), lists)
    named = strings(keyword(told, "cli_name") or ast.List([]))
    aliases = strings(keyword(told, "aliases") or ast.List([]))
    for name in [*(named or [own]), *aliases]:
        yield (name if name.startswith("-") else "--" + name), chosen or kind


def _of_call(call: ast.Call, lists: t.Mapping[str, t.Sequence[str]]) -> str:
    chosen = _chosen(keyword(call, "choices"), lists)
    action = strings(keyword(call, "action") or ast.List([]))
    if "store_true" in action or "store_false" in action:
        return "bool"
    kind = keyword(call, "type")
    return chosen or (_PLAIN.get(last_name(kind), "") if kind is not None else "")


def _chosen(node: t.Optional[ast.expr], lists: t.Mapping[str, t.Sequence[str]]) -> str:
    """Choices that are written out or named; empty where some are calculated."""
    if isinstance(node, ast.Name):
        return "|".join(lists.get(node.id, ()))
    if isinstance(node, (ast.List, ast.Tuple)) and all(isinstance(each, ast.Constant) for each in node.elts):
        return "|".join(words(node))
    return ""


def _kind(node: ast.expr) -> str:
    """The type of an annotation; empty for what takes any text."""
    if isinstance(node, ast.Subscript) and last_name(node.value) == "Optional":
        return _kind(node.slice)
    return _PLAIN.get(last_name(node), "")
