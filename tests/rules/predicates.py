# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a short method of an engine answers for a pretended card, by running its syntax.

``return capability.major in [9, 10]`` is a rule; this calculates it for a card without importing anything.
What it does not understand is unknown, never guessed.
"""

from __future__ import annotations

import ast
import operator
import re
import typing as t
from dataclasses import dataclass

from tests.rules.syntax import Classes, last_name


class Unknown(Exception):
    """The answer depends on more than the syntax shows."""


class Capability(t.NamedTuple):
    major: int
    minor: int

    @property
    def number(self) -> int:
        return self.major * 10 + self.minor


@dataclass(frozen=True)
class World:
    """The card that a method is asked about; ``platform`` is cuda or rocm."""

    capability: Capability
    platform: str = "cuda"


class _Return(Exception):
    def __init__(self, value: t.Any) -> None:
        super().__init__()
        self.value = value


# By hand: helpers that ask installed libraries, as those of the published CUDA images answer.
# vllm/v1/attention/backends/fa_utils.py: FlashAttention 3 is built for Hopper, 4 for SM100, 2 for the rest.
# vllm/utils/flashinfer.py: TRT-LLM's kernels are downloaded for SM100 only.
_HELPERS: t.Mapping[str, t.Callable[[Capability], t.Any]] = {
    "is_flash_attn_varlen_func_available": lambda card: card.major >= 8,
    "flash_attn_supports_sinks": lambda card: card.major in (9, 10),
    "flash_attn_supports_mla": lambda card: card.major == 9,
    "flash_attn_supports_fp8": lambda card: card.major == 9,
    "supports_trtllm_attention": lambda card: card.major == 10,
    "force_use_trtllm_attention": lambda card: None,
    "is_quantized_kv_cache": lambda card: None,
    "has_flashinfer": lambda card: True,
    "is_global_force_batch_invariant_enabled": lambda card: False,
}
# Questions for the platform: ``is_npu()``, and constants of modules such as ``_is_npu``.
_PLATFORM = re.compile(r"_?is_(cuda|rocm|hip|xpu|cpu|tpu|npu|musa|out_of_tree)$")
_COMPARISONS: t.Mapping[t.Type[ast.cmpop], t.Callable[[t.Any, t.Any], t.Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda one, many: one in many, ast.NotIn: lambda one, many: one not in many,
}  # fmt: skip


class Asking:
    """Calls methods of ``classes`` in a world."""

    def __init__(self, classes: Classes, world: World) -> None:
        self._classes, self._world = classes, world

    def ask(self, owner: str, method: str, **values: t.Any) -> t.Any:
        """What ``owner.method`` returns; parameters that are not told are unknown.

        :raises Unknown: it has no such method, or its answer depends on what cannot be seen.
        """
        function = self._classes.method(owner, method)
        if function is None:
            raise Unknown(method)
        try:
            self._run(function.body, {"cls": owner, "self": owner, **values})
        except _Return as done:
            return done.value
        return None

    def _run(self, body: t.Sequence[ast.stmt], names: t.Dict[str, t.Any]) -> None:
        for node in body:
            if isinstance(node, ast.Return):
                raise _Return(None if node.value is None else self._value(node.value, names))
            if isinstance(node, ast.If):
                self._run(node.body if self._value(node.test, names) else node.orelse, names)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                try:
                    names[node.targets[0].id] = self._value(node.value, names)
                except Unknown:
                    names.pop(node.targets[0].id, None)
            elif not isinstance(node, (ast.Import, ast.ImportFrom, ast.Delete, ast.Expr, ast.Pass)):
                raise Unknown(ast.unparse(node)[:80])

    def _value(self, node: ast.expr, names: t.Mapping[str, t.Any]) -> t.Any:
        kinds: t.Mapping[t.Type[ast.expr], t.Callable[[t.Any, t.Mapping[str, t.Any]], t.Any]] = {
            ast.Name: self._name, ast.Attribute: self._attribute, ast.Call: self._call,
            ast.BoolOp: self._both, ast.Compare: self._compare, ast.IfExp: self._either,
        }  # fmt: skip
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [self._value(each, names) for each in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self._value(node.operand, names)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self._value(node.left, names) % self._value(node.right, names)
        if type(node) not in kinds:
            raise Unknown(ast.unparse(node)[:80])
        return kinds[type(node)](node, names)

    def _name(self, node: ast.Name, names: t.Mapping[str, t.Any]) -> t.Any:
        asked = _PLATFORM.match(node.id)
        if node.id in names:
            return names[node.id]
        if asked:
            return self._is(asked.group(1))
        raise Unknown(node.id)

    def _is(self, platform: str) -> bool:
        return {"hip": "rocm"}.get(platform, platform) == self._world.platform

    def _attribute(self, node: ast.Attribute, names: t.Mapping[str, t.Any]) -> t.Any:
        owner = last_name(node.value)
        if owner == "torch":
            return node.attr
        if owner == "AttentionType":
            return node.attr
        if owner in ("cls", "self"):
            if node.attr in names:
                return names[node.attr]
            value = self._classes.attribute(names["cls"], node.attr)
            if value is None:
                raise Unknown(node.attr)
            return self._value(value, names)
        found = self._value(node.value, names)
        if isinstance(found, Capability) and node.attr in ("major", "minor"):
            return getattr(found, node.attr)
        raise Unknown(ast.unparse(node))

    def _both(self, node: ast.BoolOp, names: t.Mapping[str, t.Any]) -> t.Any:
        """Also where one side is unknown and the other decides."""
        decides = isinstance(node.op, ast.Or)
        value: t.Any = not decides
        unknown: t.Optional[Unknown] = None
        for each in node.values:
            try:
                value = self._value(each, names)
            except Unknown as exc:
                unknown = exc
                continue
            if bool(value) is decides:
                return value
        if unknown is not None:
            raise unknown
        return value

    def _either(self, node: ast.IfExp, names: t.Mapping[str, t.Any]) -> t.Any:
        return self._value(node.body if self._value(node.test, names) else node.orelse, names)

    def _compare(self, node: ast.Compare, names: t.Mapping[str, t.Any]) -> bool:
        left = self._value(node.left, names)
        for sign, each in zip(node.ops, node.comparators, strict=True):
            right = self._value(each, names)
            try:
                holds = _COMPARISONS[type(sign)](left, right)
            except TypeError as exc:
                raise Unknown(ast.unparse(node)) from exc
            if not holds:
                return False
            left = right
        return True

    def _call(self, node: ast.Call, names: t.Mapping[str, t.Any]) -> t.Any:
        name, owner = last_name(node.func), ""
        if isinstance(node.func, ast.Attribute):
            owner = last_name(node.func.value)
        given = [self._value(each, names) for each in node.args] if name not in _HELPERS else []
        if name == "DeviceCapability":
            told = given or [self._value(each.value, names) for each in node.keywords]
            return Capability(*told)
        if owner in ("current_platform", "platform"):
            return self._of_platform(name, given)
        if owner in ("cls", "self") or (owner in self._classes and owner):
            return self._own(names["cls"] if owner in ("cls", "self") else owner, name, given)
        if isinstance(node.func, ast.Attribute) and name in ("startswith", "to_int"):
            found = self._value(node.func.value, names)
            if isinstance(found, Capability):
                return found.number
            return str(found).startswith(tuple(map(str, given)))
        asked = _PLATFORM.match(name)
        if asked:
            return self._is(asked.group(1))
        if name in _HELPERS and self._world.platform == "cuda":
            answer = _HELPERS[name](self._world.capability)
            if name == "is_quantized_kv_cache":
                return str(self._value(node.args[0], names)) not in ("auto", "float16", "bfloat16", "None")
            return answer
        raise Unknown(ast.unparse(node)[:80])

    def _own(self, owner: str, name: str, given: t.Sequence[t.Any]) -> t.Any:
        function = self._classes.method(owner, name)
        if function is None:
            raise Unknown(name)
        parameters = [each.arg for each in function.args.args if each.arg not in ("cls", "self")]
        return self.ask(owner, name, **dict(zip(parameters, given, strict=False)))

    def _of_platform(self, name: str, given: t.Sequence[t.Any]) -> t.Any:
        card = self._world.capability
        asked = _PLATFORM.match(name)
        if asked:
            return self._is(asked.group(1))
        if name == "is_cuda_alike":
            return self._world.platform in ("cuda", "rocm")
        if self._world.platform != "cuda":
            raise Unknown(name)
        if name == "get_device_capability":
            return card
        wanted = given[0] if given else None
        if isinstance(wanted, list):
            wanted = wanted[0] * 10 + wanted[1]
        if not isinstance(wanted, int):
            raise Unknown(name)
        if name == "is_device_capability":
            return card.number == wanted
        if name == "is_device_capability_family":
            return card.number // 10 == wanted // 10
        if name == "has_device_capability":
            return card.number >= wanted
        raise Unknown(name)
