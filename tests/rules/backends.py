# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vLLM's attention backends: on which cards each serves which kind of attention."""

from __future__ import annotations

import ast
import re
import typing as t

from tests.rules.facts import ATTENTION, Fact, Facts
from tests.rules.predicates import Asking, Capability, Unknown, World
from tests.rules.sources import Source
from tests.rules.syntax import Classes, assignments, literal, strings, words

CARDS = tuple(
    Capability(*divmod(number, 10)) for number in (70, 75, 80, 86, 87, 89, 90, 100, 103, 110, 120, 121)
)
HEADS = (32, 40, 64, 72, 80, 96, 112, 120, 128, 160, 192, 224, 256, 288, 320, 384, 512, 576)
DTYPES = ("float16", "bfloat16", "float32")
_REGISTRIES = ("v1/attention/backends/registry.py", "attention/backends/registry.py")
_BACKEND = r"class \w*Backend\b"
# A backend is for a card if it is with one of these; "auto" becomes what a model's layers ask for.
_TYPES_TRIED = ("auto", "bfloat16", "fp8", "fp8_ds_mla")
_HOPPER = World(Capability(9, 0))


def attention(source: Source) -> Facts:
    """A row for each backend of the registry that vLLM takes on CUDA or ROCm; none before there was one."""
    registry = next((path for path in _REGISTRIES if source.has(path)), None)
    if registry is None:
        return {}
    paths = source.below("v1/attention", "attention", "models", "model_executor/layers")
    paths = [path for path in paths if re.search(_BACKEND, source.text(path))]
    every = cache_types(source)[0]
    found: Facts = {}
    for name, target in _members(source.tree(registry)):
        module, _dot, owner = target.partition("vllm.")[2].rpartition(".")
        # Models may have backends of the same names.
        classes = Classes(source, [module.replace(".", "/") + ".py", *paths], _BACKEND)
        platforms = _platforms(source, name, target)
        if platforms and owner in classes:
            value = " ".join([*platforms, *_answers(classes, owner, every)])
            found[ATTENTION, name] = Fact(value, classes.path(owner))
    return found


def _members(tree: ast.Module) -> t.Iterator[t.Tuple[str, str]]:
    """(name, class path) of the registry's enumeration."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in ("AttentionBackendEnum", "_Backend"):
            for name, value in assignments(node, r"[A-Z][A-Z0-9_]+"):
                yield name, "".join(strings(value))


def _platforms(source: Source, name: str, target: str) -> t.List[str]:
    """Where the platforms' own code names a backend, or its path says for whom it is."""
    words_of = {each: source.text("platforms/%s.py" % each) for each in ("cuda", "rocm")}
    found = [each for each, text in words_of.items() if re.search(r"\b%s\b" % name, text)]
    if found or ".models." not in target:
        return found
    return ["rocm"] if ".amd." in target else ["cuda"]


def _answers(classes: Classes, owner: str, cache_types: t.Sequence[str]) -> t.List[str]:
    hopper = Asking(classes, _HOPPER)
    kind = [
        word for word, method in (("mla", "is_mla"), ("sparse", "is_sparse")) if _yes(hopper, owner, method)
    ]
    cards = [card for card in CARDS if _on_card(classes, owner, card, False)]
    sinks = [card for card in cards if _on_card(classes, owner, card, True)]
    return kind + [
        "cards=" + _listed(cards, CARDS),
        "sinks=" + _listed(sinks, CARDS),
        "heads=" + _listed([each for each in HEADS if _holds(hopper, owner, "supports_head_size", each)], HEADS),
        "dtypes=" + _listed([each for each in DTYPES if _holds(hopper, owner, "supports_dtype", each)], DTYPES),
        "cache=" + ",".join(
            each for each in cache_types if _holds(hopper, owner, "supports_kv_cache_dtype", each)
        ),
    ]  # fmt: skip


def _on_card(classes: Classes, owner: str, card: Capability, sinks: bool) -> bool:
    """Whether a backend takes a card, with attention sinks or without; what cannot be seen refuses nothing."""
    asking = Asking(classes, World(card))
    try:
        if not asking.ask(owner, "supports_compute_capability", capability=card):
            return False
    except Unknown:
        pass
    if sinks and not _yes(asking, owner, "supports_sink"):
        return False
    return any(_combines(asking, owner, card, sinks, each) for each in _TYPES_TRIED)


def _combines(asking: Asking, owner: str, card: Capability, sinks: bool, cache_type: str) -> bool:
    try:
        complaint = asking.ask(
            owner, "supports_combination", has_sink=sinks, device_capability=card, kv_cache_dtype=cache_type,
            use_mm_prefix=False, head_size=128, dtype="bfloat16", block_size=None,
        )  # fmt: skip
    except Unknown:
        return True
    return complaint is None


def _yes(asking: Asking, owner: str, method: str) -> bool:
    try:
        return bool(asking.ask(owner, method))
    except Unknown:
        return False


def _holds(asking: Asking, owner: str, method: str, value: t.Any) -> bool:
    """What cannot be seen refuses nothing."""
    names = {"supports_head_size": "head_size", "supports_dtype": "dtype"}
    try:
        return bool(asking.ask(owner, method, **{names.get(method, "kv_cache_dtype"): value}))
    except Unknown:
        return True


def _listed(found: t.Sequence[t.Any], every: t.Sequence[t.Any]) -> str:
    if len(found) == len(every):
        return "*"
    return ",".join("%d.%d" % each if isinstance(each, Capability) else str(each) for each in found)


def cache_types(source: Source) -> t.Tuple[t.List[str], str]:
    """The types that a release's cache can have, and the file that lists them."""
    for path in ("config/cache.py", "config.py", "config/__init__.py"):
        for _name, value in assignments(source.tree(path), "CacheDType"):
            found = literal(value) or words(value)
            if found:
                return found, path
    return [], ""
