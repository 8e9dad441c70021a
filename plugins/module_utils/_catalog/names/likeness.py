# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a repository's name is from a name that somebody typed. Pure.

What a name says about family, version, size and date decides; letters only mend typing errors. A size or
date of another model excludes it, whatever else is alike: ``deepseek-r1:7b`` is no DeepSeek-R1.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.makers import (
    family_owners,
    is_maker,
    owners_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import Signature
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.typed import TAGS

NEUTRAL: t.FrozenSet[str] = frozenset((
    "instruct", "it", "chat", "hf", "ai", "model", "llm", "v", "text", "awq", "release", "weights", "inst",
    "b", "open", "databricks", "hosted", "official",
))  # fmt: skip
"""Words that repositories have and people leave out, or the other way round."""

VARIANTS: t.FrozenSet[str] = frozenset((
    "coder", "code", "math", "vl", "vision", "omni", "audio", "thinking", "reasoning", "think", "distill",
    "embedding", "embed", "reranker", "rerank", "guard", "safeguard", "ocr", "asr", "tts", "mini", "nano",
    "micro", "small", "medium", "large", "big", "pro", "flash", "air", "lite", "max", "plus", "next",
    "super", "ultra", "base", "speciale", "scout", "maverick", "edit", "image", "video", "speech",
    "realtime", "customvoice", "voicedesign", "prover", "exp", "terminus", "zero", "turbo", "nemo", "tiny",
    "draft", "eagle3", "eagle", "dflash", "mtp", "uncensored", "abliterated", "heretic", "lora", "adapter",
    "preview", "safety", "content",
))  # fmt: skip
"""Words of another edition of a family: what is not asked for is not meant."""

_ABBREVIATED = {
    "vision": "vl", "visual": "vl", "coding": "coder", "code": "coder", "think": "thinking",
    "reasoning": "thinking", "embed": "embedding", "embeddings": "embedding", "rerank": "reranker",
    "reranking": "reranker", "chat": "instruct", "it": "instruct", "inst": "instruct", "distil": "distill",
    "distilled": "distill", "moderation": "guard",
}  # fmt: skip

FAR = 0.55
_SIZE_TOLERANCE = 0.05
_GGUF = frozenset(("gguf", "ggml", "mlx", "onnx", "exl2", "exl3", "ct2", "ctranslate2", "openvino"))
_FULL = frozenset(("bf16", "f16", "fp16", "f32", "fp32"))
_SAME_PRECISION = ({"4bit", "int4", "w4a16", "awq", "gptq"}, {"8bit", "int8", "w8a8"}, {"fp8", "fp8_dynamic"})


def distance(
    typed: Signature,
    owner: t.Optional[str],
    known: Signature,
    repository: str,
    sizes: t.Sequence[float] = (),
) -> t.Optional[float]:
    """0 for the same facts, larger for others; None where another model is meant.

    ``known`` is the signature of ``repository``, or of another name of its model; ``sizes`` are sizes in
    billions that the name does not say; ``owner`` is what was typed before the name.
    """
    repacker = repository.partition("/")[0].lower()
    parts = (
        _words(typed, known, repacker),
        _versions(typed, known),
        _sizes(typed, known, sizes),
        _dates(typed, known),
    )
    if any(part is None for part in parts):
        return None
    told = sum(part for part in parts if part is not None)
    return told + _precisions(typed, known) + _owner(owner, known, repacker)


def _words(typed: Signature, known: Signature, owner: str) -> t.Optional[float]:
    cost, left, named = 0.0, list(known.words), False
    for word in typed.words:
        found = _taken(word, left)
        if found is None:
            joined = _joins(word, typed.words, known.words)
            named = named or joined
            cost += 0.0 if joined else _unmatched(word, owner)
        else:
            named = named or _names(word, typed)
            cost += found
    said = "".join(typed.words)
    return cost + sum(_unsaid(word, said) for word in left) if named else None


def _names(word: str, typed: Signature) -> bool:
    """Whether a word is one that models are told apart by; a variant is, where a size stands beside it alone."""
    alone = typed.total is not None and all(each in NEUTRAL or each in VARIANTS for each in typed.words)
    return word not in NEUTRAL and (word not in VARIANTS or alone)


def _unmatched(word: str, owner: str) -> float:
    """What it costs that a repository has not a word that was typed."""
    if word == "base":
        return 0.2
    free = word in NEUTRAL or word in TAGS or (len(word) > 2 and (word in owner or owner in word))
    if free or owner in owners_of(word) or owner in family_owners(word):
        return 0.03
    return 0.3 if word in VARIANTS or len(word) < 3 else 0.6


def _unsaid(word: str, said: str) -> float:
    """What it costs that a repository has a word that was not typed."""
    if word in NEUTRAL or _abbreviated(word) == "instruct":
        return 0.01
    if word in said and len(word) > 2:
        return 0.0
    if word == "base":
        return 0.05
    return 0.13 if word in VARIANTS or len(word) < 3 else 0.1


def _taken(word: str, left: t.List[str]) -> t.Optional[float]:
    """What it costs that ``word`` is one of ``left``, which then loses it; None where it is none."""
    if word in left:
        left.remove(word)
        return 0.0
    meaning = _abbreviated(word)
    for other in left:
        if _abbreviated(other) == meaning:
            left.remove(other)
            return 0.02
    if len(word) > 3:
        for other in left:
            if len(other) > 3 and edits(word, other, 1 if len(word) < 7 else 2) is not None:
                left.remove(other)
                return 0.1
    return None


def _joins(word: str, typed: t.Sequence[str], known: t.Sequence[str]) -> bool:
    """Whether the words are the same letters divided otherwise, as gptoss and gpt oss."""
    return (
        word in "".join(known)
        and "".join(known) in "".join(typed)
        or any(word == first + second for first, second in zip(known, known[1:]))
    )


def _abbreviated(word: str) -> str:
    return _ABBREVIATED.get(word, word)


def _versions(typed: Signature, known: Signature) -> t.Optional[float]:
    cost, left = 0.0, list(known.versions)
    for version in typed.versions:
        if version in left:
            left.remove(version)
            continue
        squeezed = [other for other in left if other.replace(".", "") == version.replace(".", "")]
        part = [other for other in left if other.startswith(version + ".") or version.startswith(other + ".")]
        if squeezed:
            left.remove(squeezed[0])
            cost += 0.05
        elif part:
            left.remove(part[0])
            cost += 0.14
        elif left:
            cost += 0.5
        else:
            cost += 0.25
    return cost + 0.04 * len(left)


def _sizes(typed: Signature, known: Signature, sizes: t.Sequence[float]) -> t.Optional[float]:
    total = _total(typed, known, sizes)
    if total is None or not set(_effective(typed)) <= set(known.words):
        return None
    for said, other in ((typed.active, known.active), (typed.experts, known.experts)):
        if said is not None and other is not None and not _near(float(said), float(other)):
            return None
        total += 0.12 if said is not None and other is None else 0.0
    return total


def _total(typed: Signature, known: Signature, sizes: t.Sequence[float]) -> t.Optional[float]:
    if typed.total is None:
        return 0.0 if known.total is None else 0.01
    if typed.moe and known.moe:
        return 0.0 if typed.moe == known.moe else None
    own = ([known.total] if known.total is not None else []) + list(sizes)
    if not own:
        return 0.25
    return 0.0 if any(_near(typed.total, size) for size in own) else None


def _effective(said: Signature) -> t.List[str]:
    """Sizes such as the e4b of Gemma's."""
    return [word for word in said.words if word[0] == "e" and word[1:-1].isdigit()]


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _SIZE_TOLERANCE * max(one, other)


def _dates(typed: Signature, known: Signature) -> t.Optional[float]:
    if not typed.dates:
        return 0.02 * len(known.dates)
    if not known.dates:
        return 0.2 * len(typed.dates)
    for date in typed.dates:
        if not any(date.endswith(other[-4:]) or other.endswith(date[-4:]) for other in known.dates):
            return 0.5
    return 0.0


def _precisions(typed: Signature, known: Signature) -> float:
    """Quantized copies stand behind the plain weights, unless their precision is asked for."""
    wanted, held = typed.precisions - _FULL, known.precisions - _FULL
    if not wanted:
        return 0.0 if not held else 0.16 + (0.06 if held & _GGUF else 0.0)
    asked_gguf = any(word.startswith(("q", "iq")) or word in _GGUF for word in wanted)
    if not held:
        return 0.06 if asked_gguf else 0.15
    if wanted <= held or held <= wanted:
        return 0.0
    if any(wanted & same and held & same for same in _SAME_PRECISION):
        return 0.02
    return 0.05 if asked_gguf and held & _GGUF else 0.25


def _owner(owner: t.Optional[str], known: Signature, repacker: str) -> float:
    """Nothing for the owner that was typed, or the family's maker; more for others."""
    if owner is not None:
        meant = owners_of(owner)
        if repacker in meant:
            return 0.0
        if edits(owner.lower(), repacker, 2) is not None:
            return 0.05
        if is_maker(meant[-1]):
            return 0.25 + _stranger(known, repacker)
    return _stranger(known, repacker)


def _stranger(known: Signature, repacker: str) -> float:
    owners = [owner for word in known.words for owner in family_owners(word)]
    if not owners:
        return 0.04
    return 0.0 if repacker in owners else 0.12


def edits(one: str, other: str, most: int) -> t.Optional[int]:
    """Letters to insert, drop, change or swap with their neighbour; None for more than ``most``."""
    if abs(len(one) - len(other)) > most:
        return None
    before: t.List[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i]
        for j, against in enumerate(other, 1):
            cost = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        before, row = row, now
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None
