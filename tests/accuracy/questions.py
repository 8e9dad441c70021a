# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a question of the scorer says: the model's config, its format, the card, and the layout."""

from __future__ import annotations

import functools
import json
import re
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.text import parameters_in
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.declared_format import detect
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    FORMATS,
    HALF_BITS,
    Quantization,
    assumed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.cards import (
    Card,
    card_of,
    card_of_slice,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    EXPERT_COUNTS,
    text_config,
)

from tests.unit.plan.published_models import ENTRIES

Question = t.Mapping[str, t.Any]

# What questions call a format, where no config declares one. Published bitsandbytes releases scale their scales.
FORMAT_NAMES = {
    "bf16": "bf16", "fp16": "fp16", "fp8": "fp8", "int8": "int8_w8a8", "nvfp4": "nvfp4", "fp4": "nvfp4",
    "mxfp4": "mxfp4", "gptq-int4": "gptq_int4", "awq-int4": "awq_int4", "int4-ct": "packed_int4",
    "bnb-4bit": "bnb_4bit_double", "awq": "awq_int4", "int4": "awq_int4", "w4a8": "int4_w4a8",
    "fp4+fp8": "mxfp4", "fp32": "bf16", "float32": "bf16", "gptq": "gptq_int4", "gptq-int8": "gptq_int8",
    "int4-autoround": "gptq_int4", "w4a16": "gptq_int4", "w8a8": "int8_w8a8", "mxfp8": "mxfp8", "bnb-8bit": "bnb_int8",
    "q4_k_m": "awq_int4", "q8_0": "int8_w8a16",
}  # fmt: skip
# What a question has where it names no format.
UNTOLD = ("", "none", "null", "default")
# FP8 releases of these are in blocks of 128 x 128; Meta's leave attention in 16 bits.
BLOCK_FP8_PUBLISHERS = ("Qwen", "deepseek-ai", "zai-org", "MiniMaxAI", "XiaomiMiMo", "moonshotai")
ATTENTION_IN_16_BITS = ("meta-llama",)

# Words at the end of a repository's name that say how it is stored, not what it is.
_STORAGE = re.compile(
    r"[-.](unsloth-bnb|bnb|nf4|quantized|autoround|mxfp8|w4a16|w8a16|fp8|nvfp4|fp4|mxfp4|bf16|awq|gptq|int4"
    r"|int8|w8a8|4bit|8bit|gguf|static|pertensor|q4_k_m|q8_0|mlx)\b.*$"
)
_COMMON_FIELDS = ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "hidden_size")


class Library:
    """Folders of ``owner__name.json`` configs and ``owner__name.hf_quant.json`` files.

    Models that no folder has are looked up among the published ones that the unit tests know.
    """

    def __init__(self, folders: t.Sequence[Path]) -> None:
        self._paths = {
            path.name[: -len(".json")]: path for folder in reversed(folders) for path in folder.glob("*.json")
        }

    @functools.cached_property
    def _by_base(self) -> t.Dict[str, t.List[str]]:
        names: t.Dict[str, t.List[str]] = {}
        for name in sorted(self._paths) + sorted(set(published()) - set(self._paths)):
            if not name.endswith(".hf_quant"):
                names.setdefault(base_name(name.split("__")[-1]), []).append(name)
        return names

    def config(self, repository: str) -> t.Optional[t.Dict[str, t.Any]]:
        return self._read(repository.replace("/", "__"))

    def quant_config(self, repository: str) -> t.Optional[t.Dict[str, t.Any]]:
        return self._read(repository.replace("/", "__") + ".hf_quant")

    def siblings(self, repository: str) -> t.Iterator[t.Dict[str, t.Any]]:
        """Configs of the same model tuned otherwise, or stored otherwise: then without their format.

        People write a publisher before a name; the longest end of it that is known is meant.
        """
        words = repository.split("/")[-1].split()
        ends = (base_name("-".join(words[start:])) for start in range(len(words)))
        for name in next((self._by_base[end] for end in ends if end in self._by_base), ()):
            found = self._read(name)
            if found is not None:
                yield found if storage_of(name) == storage_of(repository) else without_format(found)

    def _read(self, name: str) -> t.Optional[t.Dict[str, t.Any]]:
        path = self._paths.get(name)
        return published().get(name) if path is None else json.loads(path.read_text(encoding="utf-8"))


@functools.cache
def published() -> t.Mapping[str, t.Dict[str, t.Any]]:
    """Configs of published models by ``owner__name``."""
    return {entry["name"].replace("/", "__"): entry["config"] for entry in ENTRIES}


def base_name(name: str) -> str:
    """``Qwen3.6-35B-A3B`` of ``Qwen3.6-35B-A3B-NVFP4``, ``gpt-oss-20b`` of ``gpt-oss:20b``."""
    whole = joined(name).removeprefix("meta-")
    short = re.sub(r"-(instruct|it|base|chat|thinking|exp|hf)(?=-|$)", "", whole)
    return re.sub(r"-(v?\d{4}|latest)$", "", _STORAGE.sub("", short))


def joined(name: str) -> str:
    """A name in one word of small letters; without a publisher that people write before it."""
    words = name.lower().split()
    while len(words) > 1 and parameters_in(words[0])[0] is None:
        words.pop(0)
    return "-".join(words).replace(":", "-")


def storage_of(name: str) -> str:
    """``nvfp4`` of ``Qwen3.6-35B-A3B-NVFP4``; empty where the name says nothing."""
    found = _STORAGE.search(joined(name))
    return found.group(1) if found else ""


# No model has more layers to put into stages.
MOST_STAGES = 1024

# Up to fifteen digits before the point: more is no size of anything here.
_NUMBER = re.compile(r"\s*\+?(\d{1,15}(?:\.\d*)?(?:e\+?\d)?)\s*(?:GiB|GB)?\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Case:
    """One question, with what could be found out about its model."""

    question: Question
    config: t.Optional[t.Dict[str, t.Any]]
    quantization: Quantization
    card: t.Optional[Card]
    slice_bytes: int = 0

    @property
    def total_bytes(self) -> t.Optional[int]:
        """Memory of one card as programs see it; from its name where the question has no number."""
        size = self.decimal("gpu_mem_gib") or self.decimal("gpu_mem_gb_nominal")
        if size:
            return int(size * GIB)
        if self.slice_bytes:
            return self.slice_bytes
        named = self.decimal("gpu_mem_gb")
        if self.card is not None:
            # A variant of the card with another size of memory goes by the size in the question.
            other = named and abs(named - self.card.memory_gib) > 0.15 * self.card.memory_gib
            return int((named * NOMINAL_SHARE if other else self.card.memory_gib) * GIB)
        match = re.search(r"(\d+) ?GB", str(self.question.get("gpu")))
        return int((named or float(match.group(1) if match else 0)) * NOMINAL_SHARE * GIB) or None

    @property
    def gpus(self) -> int:
        return self.number("gpu_count") or self.number("tp") or 1

    def number(self, field: str) -> int:
        """A field as a whole number; 0 where it is absent or no number above 0."""
        return int(self.decimal(field))

    def decimal(self, field: str) -> float:
        """A field as a number, its unit left out; 0 where it is absent or no number above 0."""
        told = self.question.get(field)
        found = _NUMBER.fullmatch(str(told))
        return float(found.group(1)) if found is not None and not isinstance(told, bool) else 0.0


# What is left of a card's nominal gigabytes when programs ask for gibibytes.
NOMINAL_SHARE = 0.985


def read_case(question: Question, library: Library) -> Case:
    config = _config(question, library)
    name = str(question.get("gpu"))
    size, profile = slice_of(name)
    card = (card_of_slice(name, profile, size) if profile else None) or card_of(name)
    return Case(question, config, _quantization(question, config, library), card, size)


def slice_of(name: str) -> t.Tuple[int, str]:
    """Bytes and profile of the slice (MIG) that a card's name ends with; (0, "") where it is a whole card."""
    found = re.search(r"\b(?:\d+c\.)?\d+g\.(\d+)gb\b", name.lower())
    return (int(int(found.group(1)) * NOMINAL_SHARE * GIB), found.group()) if found else (0, "")


def _config(question: Question, library: Library) -> t.Optional[t.Dict[str, t.Any]]:
    """The repository's own config, a sibling's, or the one that the question refers to.

    What the question itself says of the text model goes before a file about another repository.
    """
    names = [str(question.get(key)) for key in ("repo_id", "model") if question.get(key)]
    config = question.get("config")
    told = (
        {key: value for key, value in config.items() if value is not None} if isinstance(config, dict) else {}
    )
    own = next((found for name in names for found in [library.config(name)] if found), None)
    if own is not None:
        return own
    reference = str(question.get("config_ref"))
    alike = any(storage_of(name) == storage_of(reference) for name in names)
    if library.config(reference) is not None and alike:
        return _told_over(t.cast(t.Dict[str, t.Any], library.config(reference)), told)
    for found in (each for name in names for each in library.siblings(name)):
        if all(text_config(found).get(key, told[key]) == told[key] for key in _COMMON_FIELDS if key in told):
            return found
    referred = library.config(reference)
    if referred is not None:
        return _told_over(without_format(referred), told)
    return told if told.get("model_type") else None


def without_format(config: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    """A sibling's layers, not the format in which it is stored."""
    text = {key: value for key, value in text_config(config).items() if key != "quantization_config"}
    outer = {key: value for key, value in config.items() if key != "quantization_config"}
    holder = next((key for key, value in config.items() if value is text_config(config)), None)
    return {**outer, holder: text} if holder else outer


def _told_over(config: t.Dict[str, t.Any], told: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    if text_config(config).get("model_type") != told.get("model_type"):
        return config
    holder = next((key for key, value in config.items() if value is text_config(config)), None)
    if holder is None:
        return {**config, **told}
    return {**config, holder: {**config[holder], **told}}


def _quantization(
    question: Question, config: t.Optional[t.Dict[str, t.Any]], library: Library
) -> Quantization:
    """What the repository declares, unless the question names a format of another precision.

    :raises NotServable: the question names a format that is not known here, and no repository declares one.
    """
    repository = str(question.get("repo_id") or question.get("model"))
    name = str(question.get("quantization") or question.get("precision")).lower()
    asked = FORMAT_NAMES.get(name) or FORMAT_NAMES.get(storage_of(repository))
    if asked is None and runs_gguf(question):
        asked = "awq_int4"
    try:
        declared = detect(config or {}, library.quant_config(repository), None)
    except NotServable:
        if asked is None:
            raise
        declared = assumed(asked, routed=_is_routed(config))
    if asked is None and name not in UNTOLD and declared.format.bits == HALF_BITS:
        raise NotServable("A question names the format %s, which is not known" % name, format=name)
    if asked is None or FORMATS[asked].precision == declared.format.precision:
        return declared
    owner = repository.split("/", maxsplit=1)[0]
    if asked == "fp8" and declared.format.bits == 4 and declared.listed_only:
        return declared
    if asked == "fp8" and owner in BLOCK_FP8_PUBLISHERS:
        return assumed("fp8_block")
    found = assumed(asked, routed=_is_routed(config))
    return replace(found, kept=("self_attn",)) if asked == "fp8" and owner in ATTENTION_IN_16_BITS else found


def runs_gguf(question: Question) -> bool:
    """Engines that the planner does not plan; they take four bits by default and may use host memory."""
    return str(question.get("backend")) in ("ollama", "llamacpp")


def _is_routed(config: t.Optional[t.Dict[str, t.Any]]) -> bool:
    text = text_config(config or {})
    return any(text.get(key) for key in EXPERT_COUNTS)


def layouts(case: Case) -> t.List[Layout]:
    """The layout that a question fixes, or those that its number of GPUs allows."""
    tensor, data = case.number("tp"), max(1, case.number("dp"))
    pipeline = max(1, case.number("pp"))
    expert = case.number("ep") > 1 or "expert-parallel" in str(case.question.get("flags"))
    inside = "enable-dp-attention" in str(case.question.get("flags")) or (expert and data > 1)
    if tensor and str(case.question.get("fact")).startswith("F"):
        # Rows of measured layouts do not say how experts and attention lay; "dp" is that of attention.
        ways = [Layout(tensor, pipeline, data, data > 1, spread) for spread in (False, True)]
        return [*ways, Layout(1, pipeline, tensor * data, attention_data=True, expert=True)]
    if tensor:
        return [Layout(tensor, pipeline, data, attention_data=inside, expert=expert)]
    return [
        Layout(case.gpus // stages, stages, expert=spread)
        for stages in range(1, min(case.gpus, MOST_STAGES) + 1)
        if case.gpus % stages == 0
        for spread in (False, True)
    ]
