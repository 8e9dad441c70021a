# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release of vLLM can do."""

from __future__ import annotations

import ast
import typing as t

from tests.rules.backends import attention, cache_types
from tests.rules.facts import (
    ARCHITECTURES,
    CACHE_TYPES,
    FLOAT16_REFUSED,
    QUANTIZATION,
    REASONING,
    TOOLS,
    UNSEEN,
    Fact,
    Facts,
)
from tests.rules.predicates import Asking, Capability, Unknown, World
from tests.rules.sources import Source
from tests.rules.syntax import Classes, assignments, calls, keys, literal, pairs, strings, words
from tests.rules.vllm_flags import flags

_REGISTRY = "model_executor/models/registry.py"
_FORMATS = "model_executor/layers/quantization"
# Tables of the registry that are no models to serve: those of drafts, of what is gone, and sums.
_NO_MODELS = (
    "_VLLM_MODELS",
    "_OOT_SUPPORTED_MODELS",
    "_PREVIOUSLY_SUPPORTED_MODELS",
    "_SPECULATIVE_DECODING_MODELS",
)
_WORLD = World(Capability(9, 0))


def read(source: Source) -> Facts:
    """All that is read from one release."""
    found: Facts = {}
    for part in (_architectures, _quantization, attention, _parsers, flags, _cache_types, _float16):
        found.update(part(source))
    return found


def _architectures(source: Source) -> Facts:
    found: Facts = {}
    for table, value in assignments(source.tree(_REGISTRY), r"_[A-Z_]*MODELS"):
        if table not in _NO_MODELS:
            kind = "transformers" if "TRANSFORMERS" in table else ""
            for name in keys(value) if isinstance(value, ast.Dict) else ():
                found.setdefault((ARCHITECTURES, name), Fact(kind, _REGISTRY))
    return found


def _quantization(source: Source) -> Facts:
    init = _FORMATS + "/__init__.py"
    names: t.List[str] = []
    for _name, value in assignments(source.tree(init), "QuantizationMethods|QUANTIZATION_METHODS"):
        names = names or literal(value) or words(value)
    owners: t.Dict[str, str] = {}
    for _name, value in assignments(source.tree(init), "method_to_config"):
        owners.update(pairs(value))
    classes = Classes(source, source.below(_FORMATS, "models"), "get_min_capability")
    found: Facts = {}
    for name in sorted({*names, *owners}):
        owner = owners.get(name, "")
        path = classes.path(owner) if owner in classes else init
        found[QUANTIZATION, name] = Fact(_least(classes, owner), path)
    for name in classes:
        if "/schemes/" in classes.path(name) and name.startswith("CompressedTensors"):
            short = "compressed-tensors/" + name[len("CompressedTensors") :]
            found[QUANTIZATION, short] = Fact(_least(classes, name), classes.path(name))
    return found


def _least(classes: Classes, owner: str) -> str:
    """The lowest compute capability, times ten; unseen where it depends on more than the syntax shows."""
    try:
        return str(int(Asking(classes, _WORLD).ask(owner, "get_min_capability")))
    except (Unknown, TypeError, ValueError):
        return UNSEEN


def _parsers(source: Source) -> Facts:
    found: Facts = {}
    for kind, folders, table in (
        (TOOLS, ("tool_parsers", "entrypoints/openai/tool_parsers"), "_TOOL_PARSERS_TO_REGISTER"),
        (REASONING, ("reasoning",), "_REASONING_PARSERS_TO_REGISTER"),
    ):
        for path in [path for folder in folders for path in source.within(folder)]:
            for name in _registered(source, path, table):
                found.setdefault((kind, name), Fact("", path))
    return found


def _registered(source: Source, path: str, table: str) -> t.List[str]:
    if table not in source.text(path) and "register_module" not in source.text(path):
        return []
    tree = source.tree(path)
    found = [name for _table, value in assignments(tree, table) for name in keys(value)]
    for call in calls(tree, "register_module"):
        named = [*call.args, *(each.value for each in call.keywords if each.arg == "name")]
        found += [word for each in named for word in strings(each)]
    return found


def _cache_types(source: Source) -> Facts:
    names, path = cache_types(source)
    return {(CACHE_TYPES, name): Fact("", path) for name in names}


def _float16(source: Source) -> Facts:
    """The families that refuse float16, by model_type."""
    found: Facts = {}
    for path in ("config/model.py", "config/__init__.py", "config.py"):
        for _name, value in assignments(source.tree(path), "_FLOAT16_NOT_SUPPORTED_MODELS"):
            found.update({(FLOAT16_REFUSED, name): Fact("", path) for name in keys(value)})
    return found
