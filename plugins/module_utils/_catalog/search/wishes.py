# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a search asks for, out of its words: quantities, tasks, licences, providers, openness. Pure.

Every reader takes the words that it understands out of the text; what remains are words of names.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search import (
    quantities,
    traits,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.quantities import (
    Text,
    Wishes,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.traits import Trait
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wish_words import (
    CHINESE,
    FILLER,
    LANGUAGES,
    LICENCES,
    NEGATED,
    PHRASES,
)

SMALL_B, TINY_B, LARGE_B = 15.0, 4.0, 70.0

_CLOSED = r"proprietary|closed(?:[- ](?:weights?|source|models?))?|api[- ]only|commercial api"
_OPEN = (
    r"open(?:ly)?[- ]?(?:weights?|source[ds]?|models?|licensed)(?: only)?|self[- ]host(?:ed|able|ing)?|downloadable"
    r"|on[- ]prem(?:ises)?|run locally|local(?:ly)?"
)
_PROVIDER = (
    r"(?:on|via|at|through|hosted (?:by|on)|served (?:by|on)|offered by|available (?:on|at|from)) "
    r"([a-z][\w.-]*(?: (?:bedrock|vertex|ai|cloud|workers|foundry))?)"
)
_PRECISION = (
    r"(fp8|fp4|nvfp4|mxfp[48]|awq|gptq|gguf|int[48]|w\d+a\d+|[48][- ]?bits?|bf16|fp16|mlx|exl2|bnb)"
    r"(?:[- ](?:quant(?:i[sz]ed|i[sz]ation)?s?))?"
)
_NAME = r"([\w.-]+(?: (?:\d[\w.]*|sonnet|opus|haiku|pro|mini|nano|flash|max|plus|turbo|large|small|medium))*)"

IsName = t.Callable[[str], bool]
"""Whether a word is one of families and models."""


def read_wishes(text: str, newest: str, is_name: IsName) -> Wishes:
    """The wishes of a text in plain English. ``newest`` is the date that "the last months" are counted from.

    Beside words of names, small and mini are words of a name as well.
    """
    rest, found = Text(text), Wishes()
    _read_alternatives(rest, found, is_name)
    for pattern, licence in LICENCES:
        match = rest.take(pattern)
        if match:
            found.add(match.group(), traits.licensed(licence))
    quantities.read_prices(rest, found)
    quantities.read_memory(rest, found)
    quantities.read_context(rest, found)
    quantities.read_sizes(rest, found)
    quantities.read_dates(rest, found, newest)
    _read_openness(rest, found)
    _read_phrases(rest, found)
    _read_precisions(rest, found)
    _read_adjectives(rest, found, is_name)
    _read_languages(rest, found)
    words = [word.strip(".,;:!?()[]'\"") for word in rest.rest.split() if re.search(r"\w", word)]
    telling = [word for word in words if word not in FILLER]
    found.words = telling if telling or found.asks_more else words
    return found


def plain(text: str) -> str:
    """Lower case, one form of every letter, and English for the Chinese words that are known."""
    text = unicodedata.normalize("NFKC", text).lower()
    if not text.isascii():
        text = re.sub(
            r"(\d+(?:\.\d+)?)\s*亿(参数)?", lambda found: " %gb " % (float(found.group(1)) / 10), text
        )
        text = re.sub(r"(\d{4})\s*年", r" \1 ", text)
        for word, meaning in CHINESE.items():
            text = text.replace(word, " %s " % meaning)
        text = re.sub(r"(\S+)\s+or less", r"at most \1", text)
    return re.sub(r"\s+", " ", text).strip()


def _read_alternatives(text: Text, found: Wishes, is_name: IsName) -> None:
    """What is named to be no answer: an alternative to GPT-4 is not GPT-4; not Qwen."""
    other = r"(?:an? )?(?:alternatives?|replacements?|comparable|similar) (?:to|for) (?:the )?" + _NAME
    match = text.take(other) or text.take(
        r"([\w.-]+) (?:alternatives?|replacements?|equivalents?|competitors?)"
    )
    if match:
        _exclude(match.group(1), found)
        found.prefers.append(traits.is_llm)
    for name in re.findall(r"(?<![\w-])%s([a-z][\w.-]*)" % NEGATED, text.rest):
        if is_name(name):
            text.take(NEGATED + re.escape(name))
            _exclude(name, found)


def _exclude(name: str, found: Wishes) -> None:
    letters = r"[-_ .]?".join(map(re.escape, re.split(r"[-_ ]", name)))
    found.add("not %s" % name, _unlike(r"(?<![a-z])%s" % letters))


def _read_openness(text: Text, found: Wishes) -> None:
    if text.take(r"(?:non|not)[- ](?:%s)" % _OPEN) or text.take(_CLOSED):
        found.add("closed weights", lambda record: not record.open_weights)
    elif text.take(_OPEN):
        found.add("open weights", lambda record: record.open_weights)
    provider = text.take(_PROVIDER)
    if provider:
        found.on.append(provider.group(1))


def _read_phrases(text: Text, found: Wishes) -> None:
    for pattern, wish in PHRASES:
        negated = text.take("%s(?:%s)" % (NEGATED, pattern)) if wish != "text_only" else None
        if negated:
            found.add(negated.group(), _lacking(wish))
        else:
            match = text.take(pattern)
            if match:
                _wish(match.group(), wish, found)


def _lacking(wish: str) -> Trait:
    """The contrary of a wish."""
    if wish == "reasoning":
        return traits.every(traits.can(wish, False), _unlike(r"(?<!non-)(thinking|reasoning)|(^|/|-)r1"))
    if wish in _CAPABILITIES:
        return traits.can(wish, False)
    trait = _MEANINGS.get(wish) or traits.named_for(wish)
    return lambda record: not trait(record)


def _wish(said: str, wish: str, found: Wishes) -> None:
    embeds = any(each.label in _EMBEDDING for each in found.wishes)
    if wish in _CAPABILITIES:
        found.add(said, traits.can(wish))
        found.prefers.append(traits.is_llm)
    elif wish in _ALONE and embeds:
        found.add(said, traits.takes(_ALONE[wish]))
    elif wish in _MEANINGS:
        found.add(wish if wish in _EMBEDDING else said, _MEANINGS[wish])
        found.prefers += _PREFERRED.get(wish, [])
    elif wish in _WRITTEN:
        found.add(said, traits.every(traits.named_for(wish), _writes), soft=True)
    else:
        found.add(said, traits.named_for(wish), soft=True)


def _read_precisions(text: Text, found: Wishes) -> None:
    for match in iter(lambda: text.take(_PRECISION), None):
        word = re.sub(r"[- ]|s\Z", "", match.group(1))
        found.add(match.group(), traits.precise(word))
        found.prefers.append(traits.matches(re.escape(word)))


def _read_adjectives(text: Text, found: Wishes, is_name: IsName) -> None:
    """Adjectives of size, unless they stand in a name, such as Mistral Small."""
    if text.take(r"(?:the )?(?:biggest|largest|most parameters|most powerful)"):
        found.order("parameters")
    if text.take(r"(?:the )?(?:smallest|tiniest|fewest parameters|most compact)"):
        found.order("-parameters")
    if any(is_name(word) for word in text.rest.split()):
        return
    for pattern, label, least, most in _ADJECTIVES:
        if text.take(pattern):
            found.add(label, traits.sized(least, most))


_ADJECTIVES = (
    (r"tiny|micro|nano|edge|on[- ]device|ultra[- ]?light", "tiny", 0.0, TINY_B),
    (r"small(?:er)?|mini|light[- ]?weight|compact", "small", 0.0, SMALL_B),
    (r"medium(?:[- ]sized?)?|mid[- ]?sized?", "medium", SMALL_B - 1, LARGE_B),
    (r"large|big|huge|giant|massive", "large", LARGE_B, float("inf")),
)


def _read_languages(text: Text, found: Wishes) -> None:
    for language, (wanted, unwanted) in LANGUAGES.items():
        if text.take(language):
            found.add(language, _unlike(unwanted))
            found.prefers.insert(0, traits.matches(wanted))
    if text.take(r"llms?|language models?|chat ?bots?|chat models?|assistants?|text generation"):
        found.add("language model", traits.is_llm)


def _unlike(pattern: str) -> Trait:
    like = traits.matches(pattern)
    return lambda record: not like(record)


def _writes(record: ModelRecord) -> bool:
    return not record.output_modalities or "text" in record.output_modalities


_WRITTEN = frozenset(
    ("code", "math", "medical", "roleplay", "sql", "finance", "legal", "uncensored", "deep research")
)
_EMBEDDING = ("embedding", "reranker")
_CAPABILITIES = ("reasoning", "tool_call", "structured_output")
_HEARS = traits.every(traits.takes("audio"), traits.gives("text"), traits.lacks("audio"))
_PAINTS = traits.gives("image")
_ALONE = {"image_input": "image", "image": "image", "audio": "audio", "video": "video"}


def _either_way(kind: str) -> Trait:
    return traits.either(traits.takes(kind), traits.gives(kind))


_MEANINGS: t.Mapping[str, Trait] = {
    "speech_to_text": _HEARS,
    "text_to_speech": traits.every(traits.gives("audio"), traits.lacks("text")),
    "speech_to_speech": traits.every(traits.takes("audio"), traits.gives("audio")),
    "image_editing": _PAINTS,
    "image_generation": _PAINTS,
    "video_generation": traits.gives("video"),
    "music": traits.every(traits.gives("audio"), traits.named_for("music")),
    "video_input": traits.every(traits.takes("video"), traits.gives("text")),
    "audio_input": traits.takes("audio"),
    "audio_output": traits.gives("audio"),
    "text_only": traits.is_text_only,
    "pdf_input": traits.takes("pdf"),
    "image_input": traits.every(traits.takes("image"), traits.gives("text"), traits.lacks("image")),
    "omni": traits.every(traits.takes("audio", "image"), traits.gives("text")),
    "embedding": traits.is_embedding,
    "reranker": traits.is_reranker,
    "image": _either_way("image"),
    "audio": _either_way("audio"),
    "video": _either_way("video"),
    "moe": traits.is_moe,
    "dense": traits.is_dense,
}
_PREFERRED: t.Mapping[str, t.List[Trait]] = {
    "speech_to_text": [
        traits.either(traits.has_category("speech_to_text"), traits.named_for("speech_to_text"))
    ],
    "image_editing": [traits.named_for("edit")],
    "image_generation": [traits.lacks("text")],
    "moe": [traits.is_llm],
    "embedding": [lambda record: "image" not in record.input_modalities],
    "reranker": [lambda record: "image" not in record.input_modalities],
}
