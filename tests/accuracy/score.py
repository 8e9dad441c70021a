# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers the questions of a scorer of memory planners through the real planner.

``answer`` is the callable to name: it takes a question (facts about a model, a card and a layout)
and returns what the planner computes. Configs are looked up in a folder of ``owner__name.json``.
"""

from __future__ import annotations

import functools
import json
import os
import re
import typing as t
from pathlib import Path

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan import arguments
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import (
    Architecture,
    read_architecture,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import SGLANG, VLLM, Budget
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.fit import Load, account
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware import Room
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.kv_cache import (
    ELEMENT_BYTES,
    kv_cache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.parallelism import broken_rule
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    FORMATS,
    Quantization,
    detect,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import ASSUMED, GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.weights import Weights, from_config

Answer = t.Dict[str, t.Any]

SHARED = Path(__file__).resolve().parents[3] / "shared"
CONFIGS = Path(os.environ.get("AUTOCONFIG_ACCURACY_CONFIGS", SHARED / "data" / "configs"))

# What a question calls a format, where no config declares one.
FORMAT_NAMES = {
    "bf16": "bf16", "fp16": "fp16", "fp8": "fp8", "int8": "int8_w8a8", "nvfp4": "nvfp4",
    "mxfp4": "mxfp4", "gptq-int4": "gptq_int4", "awq-int4": "awq_int4", "int4-ct": "packed_int4",
    "bnb-4bit": "bnb_4bit",
}  # fmt: skip
BLOCK_FP8_PUBLISHERS = ("Qwen", "deepseek-ai", "zai-org", "MiniMaxAI")

# vLLM's own defaults for max_num_seqs: on cards below 70 GiB, and from there on.
ENGINE_SEQUENCES = (256, 1024)

GROUPS = {"nvfp4": 16, "mxfp4": 32, "packed_int4": 32, "gptq_int4": 128, "awq_int4": 128, "bnb_4bit": 64}


def answer(question: Answer) -> t.Optional[Answer]:
    """What the planner says; fields that it cannot compute are absent, never guessed."""
    config = _config(question)
    if config is None:
        return None
    try:
        arch = read_architecture(config)
        quantization = _quantization(question, config)
    except AutoconfigError:
        return None
    given: Answer = {"fact": question["fact"]}
    weights = from_config(arch, quantization)
    if not arch.multimodal:
        given["weights_bytes"] = question.get("weights_bytes") or weights.total_bytes
    if question.get("tp"):
        tensor = int(question["tp"])
        rule = broken_rule(arch, quantization, tensor)
        given["allowed"] = rule is None
        total = question.get("gpu_mem_gib") or question.get("gpu_mem_gb")
        if total and not arch.multimodal and not _spreads_experts(question):
            load = Memory(question, arch, quantization, weights)
            given.update(load.answer(tensor, float(total)))
            given["fits"] = given["fits"] and rule is None
    return given


class Memory(t.NamedTuple):
    """One model as an engine with its own defaults would run it, which a plan would not use."""

    question: Answer
    arch: Architecture
    quantization: Quantization
    weights: Weights

    def answer(self, tensor: int, total_gib: float) -> Answer:
        question, arch = self.question, self.arch
        engine = SGLANG if "sglang" in str(question.get("backend")) else VLLM
        total = int(total_gib * GIB)
        settings = engine.settings(total, ENGINE_SEQUENCES[total >= 70 * GIB], self._flags(), self._cache())
        per_gpu = self.weights.per_gpu_bytes(tensor, arch, self.quantization)
        if question.get("weights_bytes"):
            per_gpu = per_gpu * int(question["weights_bytes"]) // self.weights.total_bytes
        load = Load(
            weights_bytes=per_gpu,
            overhead=engine.overhead(arch, tensor, settings),
            cache=kv_cache(arch, tensor, settings.kv_dtype, engine.in_flight_tokens(settings)),
            position_limit=arch.position_limit,
        )
        room = Room(total, total, 0, total)
        budget = engine.budget(room, tensor, settings, load.overhead, 0.0)
        permille = round(1000 * (question.get("gpu_memory_utilization") or 0.0)) or budget.comfortable
        context = int(question.get("max_model_len") or question.get("context_tokens") or arch.position_limit)
        return _told(load, room, budget, permille, context)

    def _flags(self) -> t.List[arguments.Argument]:
        """Engine flags of the question; facts also write them as "max_num_seqs 1"."""
        text = str(self.question.get("flags") or "")
        pairs = re.findall(r"(?:--)?(m[a-z]+[_-][a-z_-]+) ([\d.]+)", text)
        return [arguments.Argument("--" + name.replace("_", "-"), value) for name, value in pairs]

    def _cache(self) -> str:
        name = str(self.question.get("kv_dtype") or "auto")
        if name == "fp8_ds_mla":
            return "fp8"
        return name if name in ELEMENT_BYTES else "auto"


def _spreads_experts(question: Answer) -> bool:
    """Data- and expert-parallel layouts are beyond the planner for now."""
    return int(question.get("dp") or 1) > 1 or int(question.get("ep") or 1) > 1


def _told(load: Load, room: Room, budget: Budget, permille: int, context: int) -> Answer:
    left = budget.bytes_at(permille) - load.fixed_bytes
    return {
        "weights_gib_per_gpu": load.weights_bytes / GIB,
        "kv_bytes_per_token": load.cache.bytes_per_token(context),
        "kv_gib_per_gpu": left / GIB,
        "fits": left >= load.cache.request_bytes(context)
        and account(load, room, budget, permille, context).left_bytes >= 0,
    }


def _quantization(question: Answer, config: Answer) -> Quantization:
    declared = detect(config, _quant_config(question), None)
    asked = FORMAT_NAMES.get(str(question.get("quantization") or question.get("precision")).lower())
    if asked is None or FORMATS[asked].precision == declared.format.precision:
        return declared
    owner = str(question.get("repo_id") or question.get("model")).split("/", maxsplit=1)[0]
    if asked == "fp8" and owner in BLOCK_FP8_PUBLISHERS:
        return Quantization(FORMATS["fp8_block"], ASSUMED, block=(128, 128))
    return Quantization(FORMATS[asked], ASSUMED, group=GROUPS.get(asked))


def _config(question: Answer) -> t.Optional[Answer]:
    """The full config where there is one, for the repository or what its facts refer to."""
    for name in (question.get("repo_id"), question.get("model"), question.get("config_ref")):
        found = _file(str(name))
        if found is not None:
            return found
    return question.get("config")


def _quant_config(question: Answer) -> t.Optional[Answer]:
    return _file("%s.hf_quant" % question.get("repo_id"))


@functools.cache
def _file(name: str) -> t.Optional[Answer]:
    path = CONFIGS / ("%s.json" % name.replace("/", "__"))
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
