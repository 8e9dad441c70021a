# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of searches that were mistyped. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.likeness import edits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.maker_table import (
    CHINESE as NAMES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.maker_table import (
    MAKERS,
    VENDORS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.makers import (
    families,
    family_owners,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import words
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wish_words import (
    CHINESE,
    FILLER,
    GPUS,
    LANGUAGES,
    LICENCES,
    PHRASES,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wishes import plain

IsKnown = t.Callable[[str], bool]
"""Whether names of models or providers have a word."""


def mended(text: str, is_known: IsKnown, held: t.Mapping[str, t.Collection[int]]) -> str:
    """``text`` in plain English, words that nobody knows replaced by the known ones that they are near to.

    ``held`` are words of names with the models that have them.
    """
    if not text.isascii():
        for word, meaning in NAMES.items():
            if meaning.strip() and word not in CHINESE:
                text = text.replace(word, meaning)
    return " ".join(_mended_word(word, is_known, held) for word in plain(text).split())


def _mended_word(word: str, is_known: IsKnown, held: t.Mapping[str, t.Collection[int]]) -> str:
    letters = word.strip(".,;:!?()")
    if (
        not re.fullmatch(r"[a-z]{4,}", letters)
        or letters in _VOCABULARY
        or _is_maker(letters)
        or is_known(letters)
    ):
        return word
    most = 1 if len(letters) < 7 else 2
    for known in _TARGETS:
        if len(known) > 3 and edits(letters, known, most) is not None:
            return known
    near = [each for each in held if len(each) > 4 and edits(letters, each, 1) is not None]
    return max(near, key=lambda each: (len(held[each]), each), default=word)


def _is_maker(word: str) -> bool:
    return bool(family_owners(word)) or word in VENDORS or word in MAKERS


_TARGETS = tuple(sorted(families())) + (
    "vision", "language", "calling", "function", "reasoning", "embedding", "embeddings", "reranker", "coding", "coder", "code",
    "translation", "speech", "recognition", "image", "images", "generation", "multimodal", "context", "cheapest", "cheap", "latest", "newest",
    "small", "smallest", "largest", "biggest", "license", "apache", "quantized", "uncensored", "structured", "output", "thinking", "moderation",
    "transcription", "synthesis", "video", "audio", "medical", "models", "model", "permissive", "commercial", "parameters", "multilingual",
    "chinese", "english", "proprietary", "weights", "moonshot", "alibaba", "openai", "anthropic", "google", "nvidia", "microsoft", "bedrock",
    "claude", "gemini", "sonnet", "instruct", "safety", "editing", "translate", "programming", "math", "agent", "vram", "memory",
)  # fmt: skip

_OTHER = frozenset((
    "cheaper", "under", "over", "least", "most", "than", "between", "about", "around", "since", "before", "after", "recent",
    "last", "past", "month", "months", "year", "years", "longest", "tiny", "micro", "nano", "smaller", "mini", "light",
    "lightweight", "compact", "medium", "large", "huge", "giant", "massive", "free", "gratis", "affordable", "inexpensive",
    "closed", "open", "source", "january", "february", "march", "april", "june", "july", "august", "september", "october",
    "november", "december", "hosted", "through", "billion", "trillion", "thousand", "tokens", "active", "expensive",
    "priciest", "cents", "dollars", "with", "without", "from", "excluding", "except",
))  # fmt: skip
_VOCABULARY: t.FrozenSet[str] = (
    frozenset(
        word
        for text in [pattern for pattern, _wish in PHRASES + LICENCES] + list(CHINESE.values())
        for word in words(text)
    )
    | FILLER
    | frozenset(GPUS)
    | frozenset(LANGUAGES)
    | frozenset(_TARGETS)
    | _OTHER
)
