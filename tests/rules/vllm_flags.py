# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vLLM's command line: flags with the type of their value, or the choices."""

from __future__ import annotations

import ast
import typing as t

from tests.rules.facts import FLAGS, Fact, Facts
from tests.rules.sources import Source
from tests.rules.syntax import Classes, assignments, calls, keyword, last_name, literal, words

ENGINE = "engine/arg_utils.py"
# Commands of their own, whose flags the server does not take.
_OTHER_COMMANDS = ("benchmark", "bench", "run_batch", "collect_env", "openai.py", "main.py")
_PLAIN = {"int": "int", "float": "float", "str": "str", "bool": "bool"}


def flags(source: Source) -> Facts:
    """Every long and short flag of ``vllm serve``."""
    found: Facts = {}
    choices = _aliases(source)
    classes = Classes(source, [ENGINE, *source.below("entrypoints")], r"class (\w*FrontendArgs|EngineArgs)\b")
    fields = {
        name: node for owner in ("EngineArgs", "FrontendArgs") for name, node in _fields(classes, owner)
    }
    for name, node in _fields(classes, "FrontendArgs"):
        value = _kind(node.annotation, choices)
        found[FLAGS, _flag(name)] = Fact(value, classes.path("FrontendArgs"))
    for path in [ENGINE, *source.below("entrypoints")]:
        if "add_argument(" not in source.text(path) or any(word in path for word in _OTHER_COMMANDS):
            continue
        for call in calls(source.tree(path), "add_argument"):
            names = [each for each in map(_constant, call.args) if each.startswith("-")]
            field = fields.get(_field_of(call, names))
            value = _said(call) or (_kind(field.annotation, choices) if field else "")
            for name in names:
                found.setdefault((FLAGS, name), Fact(value, path))
    return found


def _fields(classes: Classes, owner: str) -> t.List[t.Tuple[str, ast.AnnAssign]]:
    return list(classes.fields(owner).items()) if owner in classes else []


def _flag(name: str) -> str:
    return "--" + name.strip("_").replace("_", "-")


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _field_of(call: ast.Call, names: t.Sequence[str]) -> str:
    """The field that a flag fills: of its keyword arguments (``**model_kwargs["dtype"]``), else its name."""
    for each in call.keywords:
        if each.arg is None and isinstance(each.value, ast.Subscript):
            return _constant(each.value.slice)
    longest = max(names, key=len, default="")
    return longest.lstrip("-").replace("-", "_")


def _said(call: ast.Call) -> str:
    """What the call itself says of the value; empty where it says nothing."""
    chosen = keyword(call, "choices")
    if isinstance(chosen, (ast.List, ast.Tuple)) and all(map(_constant, chosen.elts)):
        return "|".join(words(chosen))
    action, kind = keyword(call, "action"), keyword(call, "type")
    if _constant(action or ast.Constant(None)) in ("store_true", "store_false") or last_name(
        action or ast.Constant(None)
    ) in ("StoreBoolean", "BooleanOptionalAction"):
        return "bool"
    return _PLAIN.get(last_name(kind), "") if kind is not None else ""


def _aliases(source: Source) -> t.Dict[str, t.List[str]]:
    """The names of ``Literal`` types, with those that are made of each other."""
    found: t.Dict[str, t.List[str]] = {}
    paths = [*source.below("config"), "config.py", ENGINE, "model_executor/layers/quantization/__init__.py"]
    nodes = [pair for path in paths for pair in assignments(source.tree(path), r"[A-Z]\w+")]
    for _round in range(2):
        for name, value in nodes:
            if literal(value):
                found[name] = _members(value, found)
    return found


def _members(node: ast.expr, known: t.Mapping[str, t.Sequence[str]]) -> t.List[str]:
    inner = node.slice if isinstance(node, ast.Subscript) else node
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    members: t.List[str] = []
    for part in parts:
        members += [_constant(part)] if _constant(part) else list(known.get(last_name(part), ()))
    return members


def _kind(node: ast.expr, choices: t.Mapping[str, t.Sequence[str]]) -> str:
    """The type of an annotation as argparse sees it; empty for what takes any text."""
    parts = [part for part in _union(node) if not (isinstance(part, ast.Constant) and part.value is None)]
    names = [last_name(part) for part in parts]
    if "bool" in names:
        return "bool"
    listed = [part for part in parts if literal(part) or last_name(part) in choices]
    if listed and "str" not in names:
        return "|".join(
            each
            for part in listed
            for each in (_members(part, choices) if literal(part) else choices[last_name(part)])
        )
    if len(names) == 1 and names[0] in _PLAIN:
        return _PLAIN[names[0]]
    return ""


def _union(node: ast.expr) -> t.List[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union(node.left) + _union(node.right)
    if isinstance(node, ast.Subscript) and last_name(node.value) in ("Optional", "Union"):
        inner = node.slice
        return [
            each
            for part in (inner.elts if isinstance(inner, ast.Tuple) else [inner])
            for each in _union(part)
        ]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _union(ast.parse(node.value, mode="eval").body)
    return [node]
