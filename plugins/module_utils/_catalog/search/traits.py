# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a model is and can do, as far as records and names say. Pure."""

from __future__ import annotations

import fnmatch
import functools
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import (
    signature,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import last_part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import ModelRecord
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wish_words import (
    CLASSES,
    TASKS,
)

Trait = t.Callable[[ModelRecord], bool]

# Weights in four bits with their scales, and a little room: gigabytes for a billion parameters.
GB_A_BILLION = 0.6
_REMEMBERED = 10_000


def named_for(task: str) -> Trait:
    """Whether a model is called as models for a task are."""
    pattern = re.compile(TASKS[task], re.MULTILINE)
    return lambda record: pattern.search(record.name_text) is not None


def takes(*kinds: str) -> Trait:
    return lambda record: set(kinds) <= set(record.input_modalities)


def gives(*kinds: str) -> Trait:
    return lambda record: set(kinds) <= set(record.output_modalities)


def lacks(*kinds: str) -> Trait:
    """Gives none of these."""
    return lambda record: bool(record.output_modalities) and not set(kinds) & set(record.output_modalities)


def every(*traits: Trait) -> Trait:
    return lambda record: all(trait(record) for trait in traits)


def either(*traits: Trait) -> Trait:
    return lambda record: any(trait(record) for trait in traits)


def has_category(name: str) -> Trait:
    return lambda record: name in record.categories


def can(capability: str, wanted: bool = True) -> Trait:
    """``wanted`` False also takes models of which nobody says that they can."""
    if wanted:
        return lambda record: record.capabilities.get(capability) is True
    return lambda record: record.capabilities.get(capability) is not True


_EMBEDS, _RERANKS = named_for("embedding"), named_for("reranker")
_RECOGNIZES, _GUARDS, _READS = named_for("speech_to_text"), named_for("guard"), named_for("ocr")
_CLASSIFIES = named_for("classifier")


def is_reranker(record: ModelRecord) -> bool:
    return "reranker" in record.categories or _RERANKS(record)


def is_embedding(record: ModelRecord) -> bool:
    return not is_reranker(record) and ("embedding" in record.categories or _EMBEDS(record))


def _once(trait: Trait) -> Trait:
    """``trait``, judged once for each record: most searches rank by the same few."""
    judged: t.MutableMapping[int, t.Tuple[ModelRecord, bool]] = {}

    @functools.wraps(trait)
    def remembered(record: ModelRecord) -> bool:
        known = judged.get(id(record))
        if known is None or known[0] is not record:
            if len(judged) > _REMEMBERED:
                judged.clear()
            judged[id(record)] = known = (record, trait(record))
        return known[1]

    return remembered


@_once
def is_llm(record: ModelRecord) -> bool:
    """Whether it writes text, and is for no one task besides."""
    if tuple(record.output_modalities) != ("text",) or "text" not in record.input_modalities:
        return False
    return not (
        is_reranker(record)
        or is_embedding(record)
        or _RECOGNIZES(record)
        or _GUARDS(record)
        or _CLASSIFIES(record)
        or _READS(record)
    )


def is_text_only(record: ModelRecord) -> bool:
    return tuple(record.input_modalities) == ("text",) and tuple(record.output_modalities) == ("text",)


_EXPERTS = re.compile(
    r"(?<![a-z])moe|mixtral|\dx\d+b|[-_]a\d+(\.\d+)?b|maverick|scout|kimi-k[23]|deepseek-(v[234]|r1(?!-distill|-0528-qwen))"
    r"|glm-(4\.[5-9]|5)(?!v-flash)|minimax-m|gpt-oss|qwen3-(next|coder-next)|mimo-v2|dbrx|jamba|grok-1|longcat|intellect-3"
)


def is_moe(record: ModelRecord) -> bool:
    """Mixture of experts: only a part of the parameters is active for a token."""
    total, active = record.total_parameters, record.active_parameters
    if total and active:
        return active < 0.9 * total
    return _EXPERTS.search(record.name_text) is not None


def is_dense(record: ModelRecord) -> bool:
    return bool(record.total_parameters) and not is_moe(record)


def sized(least: float, most: float) -> Trait:
    """Billions of parameters in all, both included; unknown sizes are none."""
    return lambda record: (
        record.total_parameters is not None and least <= record.total_parameters / 1e9 <= most
    )


def active(least: float, most: float) -> Trait:
    return lambda record: (
        record.active_parameters is not None and least <= record.active_parameters / 1e9 <= most
    )


def fits_gigabytes(gigabytes: float) -> Trait:
    """Whether the weights fit, in four bits for each."""
    return sized(0.0, gigabytes / GB_A_BILLION)


def costs_at_most(usd: float, output_only: bool, input_only: bool) -> Trait:
    def passes(record: ModelRecord) -> bool:
        rates = record.cheapest
        if not has_price(record):
            return False
        within = (output_only or (rates.input_usd or 0.0) <= usd) and (
            input_only or (rates.output_usd or 0.0) <= usd
        )
        return within and (rates.output_usd is not None if output_only else True)

    return passes


def has_price(record: ModelRecord) -> bool:
    """Whether somebody takes something for its tokens."""
    rates = record.cheapest
    return (rates.output_usd or 0.0) > 0 or (rates.input_usd or 0.0) > 0


def is_free(record: ModelRecord) -> bool:
    return record.is_free


def holds_context(least: float, most: float = float("inf")) -> Trait:
    return lambda record: record.context_tokens is not None and least <= record.context_tokens <= most


def released(first: str, last: str = "9") -> Trait:
    """Between two ISO dates, which may be only a year or a month."""
    return lambda record: bool(record.release_date) and first <= str(record.release_date) <= last + "~"


def licensed(wanted: str) -> Trait:
    """A licence, a class of licences, or a pattern with asterisks."""
    patterns = [pattern.lower() for pattern in CLASSES.get(wanted.lower(), (wanted,))]
    return lambda record: (
        bool(record.licence) and any(_is_like(str(record.licence).lower(), pattern) for pattern in patterns)
    )


def _is_like(licence: str, pattern: str) -> bool:
    return licence == pattern or ("*" in pattern and fnmatch.fnmatchcase(licence, pattern))


def precise(word: str) -> Trait:
    """Whether the model, or a copy of it that a catalog knows, is stored in this precision."""
    wanted = _SAME.get(word, (word,))

    def holds(record: ModelRecord) -> bool:
        known = {str(spec.quantization).lower() for spec in record.specs} | _precisions(record)
        return any(each in known for each in wanted)

    return holds


_SAME: t.Mapping[str, t.Tuple[str, ...]] = {
    "4bit": ("4bit", "int4", "fp4", "nvfp4", "mxfp4", "w4a16", "awq", "gptq"), "8bit": ("8bit", "int8", "fp8", "w8a8", "mxfp8"),
    "int4": ("int4", "w4a16"), "int8": ("int8", "w8a8"),
}  # fmt: skip


def _precisions(record: ModelRecord) -> t.Set[str]:
    names = {last_part(record.id)} | {last_part(name) for name in record.repositories}
    names |= {last_part(spec.ref.name) for spec in record.specs}
    return {word for name in names for word in signature(name).precisions}


@functools.lru_cache(maxsize=64)
def _compiled(pattern: str) -> t.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def matches(pattern: str) -> Trait:
    """Whether a name of the model matches."""
    return lambda record: _compiled(pattern).search(record.name_text) is not None
