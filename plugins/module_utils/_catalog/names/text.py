# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How names are taken apart. Pure functions on text."""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone
from urllib.parse import unquote, urlsplit

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.tables import (
    MOVING_ALIASES,
    MOVING_SUFFIXES,
    QUANTIZED_MARKS,
    RESELLER_SUFFIXES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    MODEL_SCOPE,
    RepositoryRef,
)

_PRECISIONS = frozenset(QUANTIZED_MARKS) | {"bf16", "fp16"}
_QUANTIZED_DETAIL = re.compile(
    r"(quantized|dynamic|block|static|kv|mlx|i1|g\d+|w\d+|a\d+|\d+bits?|int|v\d+)\Z"
)
_ACTIVE = re.compile(r"(?<![a-z0-9])a(\d+(?:\.\d+)?)b(?![a-z0-9])")
_TOTAL = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)(m|b|t)(?![a-z0-9])")
_SCALES = {"m": 1e6, "b": 1e9, "t": 1e12}
_WORD = re.compile(r"[a-z0-9]+")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z", re.ASCII)
_SCHEMES = {"hf": HUGGINGFACE, "huggingface": HUGGINGFACE, "ms": MODEL_SCOPE, "modelscope": MODEL_SCOPE}
_HOSTS = {
    "huggingface.co": HUGGINGFACE,
    "hf.co": HUGGINGFACE,
    "modelscope.cn": MODEL_SCOPE,
    "modelscope.ai": MODEL_SCOPE,
}


def is_repository_name(text: str) -> bool:
    """Whether ``text`` has the form owner/name that both hubs use."""
    return _NAME.match(text) is not None and ".." not in text


def is_path(text: str) -> bool:
    """Whether ``text`` is written as a path of this machine, and not as a name or a URL."""
    return text.startswith(("/", "~", "./", "../"))


def explicit_reference(text: str, endpoints: t.Mapping[str, str]) -> t.Optional[RepositoryRef]:
    """The repository that a hub URL, or ``hf://owner/name@revision``, names; else None.

    ``endpoints`` maps a hub's source to its base URL, so that pages of a mirror count as well.
    """
    parts = urlsplit(text)
    if parts.scheme in _SCHEMES:
        return _reference(_SCHEMES[parts.scheme], (parts.netloc + parts.path).split("/"))
    if parts.scheme not in ("http", "https"):
        return None
    host = (parts.hostname or "").lower()
    source = _HOSTS.get(host[4:] if host.startswith("www.") else host)
    for known, base in endpoints.items():
        if urlsplit(base).netloc == parts.netloc:
            source = source or known
    if source is None:
        return None
    path = parts.path.strip("/").split("/")
    return _reference(source, path[1:] if source == MODEL_SCOPE and path[0] == "models" else path)


def _reference(source: str, path: t.Sequence[str]) -> t.Optional[RepositoryRef]:
    """``owner/name``, ``owner/name@revision`` or ``owner/name/tree/revision``."""
    if len(path) < 2:
        return None
    last, _at, revision = path[1].partition("@")
    name = "%s/%s" % (path[0], last)
    if len(path) > 3 and path[2] in ("tree", "blob", "resolve"):
        revision = unquote(path[3])
    return RepositoryRef(source, name, revision or None) if is_repository_name(name) else None


def last_part(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def normal(name: str) -> str:
    """Letters and digits of the last part, in lower case: what two catalogs may agree on."""
    return "".join(_WORD.findall(last_part(name).lower()))


def bare_name(model: str) -> str:
    """The last part without what resellers add, in the hubs' spelling of version numbers.

    ``accounts/x/models/glm-5p1`` is glm-5.1, ``minimax.minimax-m2.1`` is minimax-m2.1,
    ``glm-4.7-maas`` and ``glm-4.7:free`` are glm-4.7.
    """
    name = re.sub(r"(?<=\d)p(?=\d)", ".", last_part(model).lower())
    vendor, dot, rest = name.partition(".")
    if dot and vendor.isalpha() and not rest[:1].isdigit():
        name = rest
    previous = ""
    while name != previous:
        previous, name = name, re.sub(r"[-:](%s)\Z" % "|".join(RESELLER_SUFFIXES), "", name)
    return name


def parameters_in(name: str) -> t.Tuple[t.Optional[int], t.Optional[int]]:
    """Total and active parameters that a name says: of Qwen3-30B-A3B they are 30 and 3 billion.

    ``8x7B`` counts as 56, which is more than such models have: layers in common are counted once.
    """
    text = last_part(name).lower()
    active = _ACTIVE.search(text)
    total = _TOTAL.search(text if active is None else text.replace(active.group(), "", 1))
    if total is None:
        return None, None
    count = float(total.group(2)) * int(total.group(1) or 1) * _SCALES[total.group(3)]
    return round(count), None if active is None else round(float(active.group(1)) * 1e9)


def words(text: str) -> t.List[str]:
    """Lower-case words; punctuation divides."""
    return _WORD.findall(text.lower())


def is_quantized_name(name: str) -> bool:
    """Whether a repository's name says that its weights are quantized."""
    parts = set(re.split(r"[^a-z0-9]+", last_part(name).lower()))
    return any(mark in parts for mark in QUANTIZED_MARKS)


def unquantized_name(name: str) -> str:
    """The last part without a trailing precision: of ``nvidia/X-30B-FP8`` and ``X-30B-BF16`` it is X-30B."""
    parts = last_part(name).split("-")
    while len(parts) > 1 and parts[-1].lower() in _PRECISIONS:
        parts.pop()
    return "-".join(parts)


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
