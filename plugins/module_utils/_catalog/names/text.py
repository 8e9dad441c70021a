# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How names are taken apart. Pure functions on text."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.sizes import known_size
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import (
    MOVING_ALIASES,
    MOVING_SUFFIXES,
    QUANTIZED_MARKS,
)

_QUANTIZED_DETAIL = re.compile(
    r"(quantized|dynamic|block|static|kv|mlx|i1|g\d+|w\d+|a\d+|\d+bits?|int|v\d+)\Z"
)
_ACTIVE = re.compile(r"(?<![a-z0-9])a(\d+(?:\.\d+)?)b(?![a-z0-9])")
_TOTAL = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)(m|b|t)(?![a-z0-9])")
_MISLEADING = re.compile(r"\d+e(?![a-z0-9])|scout|maverick|\dx\d+b")
_SCALES = {"m": 1e6, "b": 1e9, "t": 1e12}
_WORD = re.compile(r"[a-z0-9]+")


def last_part(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def normal(name: str) -> str:
    """Letters and digits of the last part, in lower case: what two catalogs may agree on."""
    return "".join(_WORD.findall(last_part(name).lower()))


def parameters_in(name: str) -> t.Tuple[t.Optional[int], t.Optional[int]]:
    """Total and active parameters that a name says: of Qwen3-30B-A3B they are 30 and 3 billion.

    The 17B of Llama-4-Scout-17B-16E are those of one token; what names do not say is known of some.
    """
    text = re.sub(r"(?<=\d)[p_](?=\d)", ".", last_part(name).lower())
    known = known_size(text) if _MISLEADING.search(text) else (None, None)
    active, total = _ACTIVE.search(text), None
    if known[0] is None:
        total = _TOTAL.search(text if active is None else text.replace(active.group(), "", 1))
    if total is None:
        whole, part = known if known[0] is not None else known_size(text)
        return _count(whole), _count(part)
    count = float(total.group(2)) * int(total.group(1) or 1) * _SCALES[total.group(3)]
    part = float(active.group(1)) if active else None
    return round(count), _count(part)


def _count(billions: t.Optional[float]) -> t.Optional[int]:
    return None if billions is None else round(billions * 1e9)


def words(text: str) -> t.List[str]:
    """Lower-case words; punctuation divides."""
    return _WORD.findall(text.lower())


def is_quantized_name(name: str) -> bool:
    """Whether a repository's name says that its weights are quantized."""
    parts = set(re.split(r"[^a-z0-9]+", last_part(name).lower()))
    return any(mark in parts for mark in QUANTIZED_MARKS)


def is_quantized_copy(name: str, base: str) -> bool:
    """Whether a repository is named as ``base`` with nothing but words about its quantization added."""
    head, tail = last_part(base).lower(), last_part(name).lower()
    if not is_repository_name(name) or not tail.startswith(head + "-"):
        return False
    added = [word for word in re.split(r"[^a-z0-9]+", tail[len(head) :]) if word]
    return is_quantized_name(tail[len(head) :]) and all(
        word in QUANTIZED_MARKS or _QUANTIZED_DETAIL.match(word) for word in added
    )


def is_moving_alias(model: str) -> bool:
    name = last_part(model).lower()
    return name in MOVING_ALIASES or name.endswith(MOVING_SUFFIXES)


def iso_time(seconds: float) -> str:
    """Seconds since the epoch as UTC text."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
