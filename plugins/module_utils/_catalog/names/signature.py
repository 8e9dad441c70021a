# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a model's name says, whoever wrote it: family, version, sizes, variant, precision. Pure.

``qwen3:30b-a3b-instruct-q4_K_M``, ``Qwen 3 30B A3B`` and ``Qwen3-30B-A3B-Instruct`` are different texts
of nearly the same facts. Names are compared by these and not by their letters.
"""

from __future__ import annotations

import functools
import re
import typing as t
import unicodedata
from dataclasses import dataclass

_PRECISION = re.compile(
    r"(?<![a-z0-9])(?:ud[-_])?("
    r"i?q\d(?:[_-](?:[0-9]|k|s|m|l|xs|xl|xxs|nl))*(?![a-z0-9])"
    r"|w\d+a\d+(?:c\d+)?|(?:nv|mx)?fp\d+|bf16|f16|f32|u?int\d+|nf4|\d-?bits?|awq|gptq|gguf|ggml|exl[23]|bnb|mlx|hqq"
    r"|aqlm|eetq|qat|onnx|autoround|quark|quantized|dynamic|ct2|ctranslate2|openvino|torchao|imatrix|i1"
    r")(?![a-z0-9])"
)
_BETWEEN = re.compile(r"(?<=\d)p(?=\d)|(?<=\d)_(?=\d)(?!\d+(?:\.\d+)?[bmtx])")
_PART_OF = re.compile(r"-\d{5}-of-\d{5}\Z")
_MOE = re.compile(r"(\d+)x(\d+(?:\.\d+)?)b\Z")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([mbt])\Z")
_ACTIVE = re.compile(r"a(\d+(?:\.\d+)?)b\Z")
_EFFECTIVE = re.compile(r"e\d+b\Z")
_EXPERTS = re.compile(r"(\d+)e\Z")
_DATE = re.compile(r"(?:20\d\d)?(?:\d{4}|\d\d)\Z")
_NUMBER = re.compile(r"v?(\d+(?:\.\d+)*)\Z")
_MIXED = re.compile(r"([a-z]+)(\d+(?:\.\d+)*)([a-z]*)\Z")
_TAILED = re.compile(r"v?(\d+(?:\.\d+)*)([a-z])\Z")
_SCALE = {"m": 1e-3, "b": 1.0, "t": 1e3}


@dataclass(frozen=True)
class Signature:
    """The facts of a name. Sizes are in billions of parameters; ``moe`` is 8x7 of Mixtral-8x7B.

    ``words`` are the words of family and variant in their order, ``versions`` numbers such as 3.1,
    ``dates`` numbers such as 2507 or 20241022, ``precisions`` words such as fp8, q4_k_m and gguf.
    """

    words: t.Tuple[str, ...] = ()
    versions: t.Tuple[str, ...] = ()
    total: t.Optional[float] = None
    active: t.Optional[float] = None
    experts: t.Optional[int] = None
    moe: t.Optional[str] = None
    dates: t.Tuple[str, ...] = ()
    precisions: t.FrozenSet[str] = frozenset()


@functools.lru_cache(maxsize=16384)
def signature(name: str) -> Signature:
    """The facts of a name without its owner."""
    text = unicodedata.normalize("NFKC", name).lower()
    text = re.sub(r"\.(gguf|safetensors|bin|pt|onnx)\Z", r"", text)
    text = _PART_OF.sub("", text)
    text = _BETWEEN.sub(".", re.sub(r"(q\d)[_-](?=[0-9klmsx])", r"\1~", text))
    text = re.sub(r"(?<!\d)(0[1-9]|1[0-2])-(20\d\d)(?!\d)", r"\2\1", text.replace("~", "_"))
    text = re.sub(r"(?<=[a-z])\.(?=\d)", "-", text)
    precisions = frozenset(found.replace("-", "_") for found in _PRECISION.findall(text))
    text = _PRECISION.sub(" ", text)
    found = _Facts()
    for chunk in _joined(re.findall(r"[^\W_]+(?:\.\d+)*[^\W_]*|[-_ ]", text)):
        found.take(chunk)
    return Signature(
        tuple(found.words), tuple(found.versions), found.total, found.active, found.experts, found.moe,
        tuple(found.dates), precisions,
    )  # fmt: skip


def _joined(pieces: t.Sequence[str]) -> t.Iterator[str]:
    """Chunks of a name; of ``llama3-1-70b`` the 3 and the 1 are one version."""
    kept: t.List[str] = []
    for place, piece in enumerate(pieces):
        if piece in "-_ ":
            continue
        apart = place > 1 and pieces[place - 1] in "-_" and kept and pieces[place - 2] == kept[-1]
        if apart and re.match(r"\d\Z", piece) and re.search(r"(?<![\d.])(?:[a-z]*|v)\d\Z", kept[-1]):
            kept[-1] += ".%s" % piece
        else:
            kept.append(piece)
    return iter(kept)


class _Facts:
    """Collects what the chunks of a name say, each by its form."""

    def __init__(self) -> None:
        self.words: t.List[str] = []
        self.versions: t.List[str] = []
        self.dates: t.List[str] = []
        self.total: t.Optional[float] = None
        self.active: t.Optional[float] = None
        self.experts: t.Optional[int] = None
        self.moe: t.Optional[str] = None

    def take(self, chunk: str) -> None:
        """One chunk."""
        if not (self._size(chunk) or self._number(chunk)):
            self._word(chunk)

    def _size(self, chunk: str) -> bool:
        moe, size, active = _MOE.match(chunk), _SIZE.match(chunk), _ACTIVE.match(chunk)
        if moe:
            self.moe = "%sx%s" % moe.groups()
            self.total = int(moe.group(1)) * float(moe.group(2))
        elif size:
            self.total = self.total or float(size.group(1)) * _SCALE[size.group(2)]
        elif active:
            self.active = float(active.group(1))
        elif _EXPERTS.match(chunk):
            self.experts = int(chunk[:-1])
        elif _EFFECTIVE.match(chunk):
            self.words.append(chunk)
        else:
            return False
        return True

    def _number(self, chunk: str) -> bool:
        number = _NUMBER.match(chunk)
        if number is None:
            return False
        digits = number.group(1)
        if "." not in digits and (len(digits) > 3 or (digits.startswith("0") and self.dates)):
            self.dates.append(digits)
        elif "." not in digits and len(digits) == 2 and digits.startswith("0"):
            self._leading_zero(chunk, digits)
        else:
            self.versions.append(_version(digits))
        return True

    def _leading_zero(self, chunk: str, digits: str) -> None:
        """``v03`` is version 0.3, and 08 of ``command-r-08-2024`` a month."""
        if chunk.startswith("v"):
            self.versions.append("0.%s" % digits[1])
        else:
            self.dates.append(digits)

    def _word(self, chunk: str) -> None:
        tailed, mixed = _TAILED.match(chunk), _MIXED.match(chunk)
        if tailed:
            self.versions.append(_version(tailed.group(1)))
            self.words.append(tailed.group(2))
        elif mixed and (len(mixed.group(1)) > 2 or len(mixed.group(3)) < 2):
            self._mixed(*mixed.groups())
        else:
            self.words.append(chunk)

    def _mixed(self, word: str, digits: str, tail: str) -> None:
        self.words += [word] if word != "v" else []
        if len(digits) > 3 and "." not in digits:
            self.dates.append(digits)
        else:
            self.versions.append(_version(digits))
        self.words += [tail] if tail else []


def _version(digits: str) -> str:
    """``3.0`` is 3."""
    return re.sub(r"(?<=\d)(\.0)+\Z", "", digits)
