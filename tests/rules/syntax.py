# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small questions to a syntax tree."""

from __future__ import annotations

import ast
import re
import typing as t

from tests.rules.sources import Source


def strings(node: ast.AST) -> t.List[str]:
    """Every text below a node, in order."""
    return [
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def words(node: t.Optional[ast.AST]) -> t.List[str]:
    """The texts of a list, of a sum of lists, or of a dictionary's keys; names stand for themselves."""
    if isinstance(node, ast.BinOp):
        return words(node.left) + words(node.right)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [word for each in node.elts for word in words(each)]
    if isinstance(node, ast.Dict):
        return [word for key in node.keys for word in words(key)]
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return []


def assigned(node: ast.AST) -> t.Tuple[t.List[ast.expr], t.Optional[ast.expr]]:
    """(targets, value) of an assignment; nothing for any other node."""
    if isinstance(node, ast.Assign):
        return node.targets, node.value
    if isinstance(node, ast.AnnAssign):
        return [node.target], node.value
    return [], None


def assignments(tree: ast.AST, name: str) -> t.Iterator[t.Tuple[str, ast.expr]]:
    """Names that match ``name`` as a whole, with what is assigned to them, wherever they stand."""
    for node in ast.walk(tree):
        targets, value = assigned(node)
        for target in targets if value is not None else ():
            found = last_name(target)
            if found and value is not None and re.fullmatch(name, found):
                yield found, value


def pairs(table: ast.expr) -> t.Dict[str, str]:
    """The texts of a dictionary's keys, with the last names of its values."""
    if not isinstance(table, ast.Dict):
        return {}
    return {
        key.value: last_name(value)
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def keys(table: ast.expr) -> t.List[str]:
    """The texts of a dictionary's keys; of anything else, its words."""
    if not isinstance(table, ast.Dict):
        return words(table)
    return [word for key in table.keys if key is not None for word in words(key)]


def literal(node: t.Optional[ast.AST]) -> t.List[str]:
    """The words of ``Literal["a", "b"]``; empty for anything else."""
    if isinstance(node, ast.Subscript) and last_name(node.value) == "Literal":
        return strings(node.slice)
    return []


def last_name(node: ast.AST) -> str:
    """``c`` of ``a.b.c``, and of ``c``; empty where there is none."""
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def calls(tree: ast.AST, name: str) -> t.Iterator[ast.Call]:
    """Calls of a function or method of this name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) == name:
            yield node


def keyword(call: ast.Call, name: str) -> t.Optional[ast.expr]:
    return next((each.value for each in call.keywords if each.arg == name), None)


class Classes:
    """Classes of some files by name, with what they inherit of each other."""

    def __init__(self, source: Source, paths: t.Iterable[str], marker: str) -> None:
        """Of the files among ``paths`` whose text has ``marker``, a regular expression."""
        self._known: t.Dict[str, t.Tuple[ast.ClassDef, str]] = {}
        for path in paths:
            if re.search(marker, source.text(path)):
                for node in source.tree(path).body:
                    if isinstance(node, ast.ClassDef):
                        self._known.setdefault(node.name, (node, path))

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._known)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def path(self, name: str) -> str:
        return self._known[name][1]

    def method(self, name: str, method: str) -> t.Optional[ast.FunctionDef]:
        """A method of a class, its own or of the nearest class above it."""
        for known in self._line(name):
            for node in known.body:
                if isinstance(node, ast.FunctionDef) and node.name == method:
                    return node
        return None

    def attribute(self, name: str, attribute: str) -> t.Optional[ast.expr]:
        """What a class, or the nearest above it, assigns to an attribute."""
        for known in self._line(name):
            for node in known.body:
                targets, value = assigned(node)
                if value is not None and attribute in map(last_name, targets):
                    return value
        return None

    def fields(self, name: str) -> t.Dict[str, ast.AnnAssign]:
        """Annotated attributes of a class and of those above it."""
        found: t.Dict[str, ast.AnnAssign] = {}
        for known in self._line(name):
            for node in known.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    found.setdefault(node.target.id, node)
        return found

    def _line(self, name: str, seen: t.FrozenSet[str] = frozenset()) -> t.Iterator[ast.ClassDef]:
        if name not in self._known or name in seen:
            return
        node = self._known[name][0]
        yield node
        for base in node.bases:
            yield from self._line(last_name(base), seen | {name})
