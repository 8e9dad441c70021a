# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an engine understands a family's tool calls and reasoning.

Without its parser a server hands tool calls and thoughts out as plain text. GPUStack's catalog knows
its own models best; for the rest there is a table by ``model_type`` and name (vLLM's pages on tool
calling and reasoning outputs, SGLang's on tool and reasoning parsers, the publishers' model cards).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import Argument
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.parser_names import (
    PARSERS,
    REASONING,
    TOOLS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    Release,
    shown,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    VLLM,
    Engine,
)

AUTO_TOOLS = "--enable-auto-tool-choice"


class Family(t.NamedTuple):
    """Models of some types whose name fits, and their parsers: vLLM's and SGLang's; empty for none."""

    types: str
    name: str
    vllm_tools: str = ""
    vllm_reasoning: str = ""
    sglang_tools: str = ""
    sglang_reasoning: str = ""


# The first that fits counts. Bases speak no format; where only some models of a type reason, their
# names say so.
FAMILIES = (
    Family("", r"-base$|-pt$"),
    Family("llama qwen2 qwen3", r"deepseek-r1", "", "deepseek_r1", "", "deepseek-r1"),
    Family("llama", r"llama-?3.*instruct", "llama3_json", "", "llama3", ""),
    Family("llama4", "", "llama4_pythonic", "", "pythonic", ""),
    Family("qwen2", r"qwq", "hermes", "deepseek_r1", "qwen25", "deepseek-r1"),
    Family("qwen2 qwen2_moe", r"qwen2.*instruct", "hermes", "", "qwen25", ""),
    Family("qwen3 qwen3_moe qwen3_next", r"coder", "qwen3_coder", "", "qwen3_coder", ""),
    Family("qwen3 qwen3_moe qwen3_next", r"instruct", "hermes", "", "qwen25", ""),
    Family("qwen3 qwen3_moe qwen3_next", r"thinking", "hermes", "deepseek_r1", "qwen25", "qwen3-thinking"),
    Family("qwen3 qwen3_moe", r"qwen3-\d", "hermes", "qwen3", "qwen25", "qwen3"),
    Family("qwen3_5 qwen3_5_moe", "", "qwen3_coder", "qwen3", "qwen3_coder", "qwen3"),
    Family("qwen3_vl qwen3_vl_moe", r"instruct", "hermes", "", "qwen25", ""),
    Family("qwen3_vl qwen3_vl_moe", r"thinking", "hermes", "deepseek_r1", "qwen25", "qwen3-thinking"),
    Family("deepseek_v3", r"deepseek-r1", "deepseek_v3", "deepseek_r1", "deepseekv3", "deepseek-r1"),
    Family("deepseek_v3", r"deepseek-v3\.1", "deepseek_v31", "deepseek_v3", "deepseekv31", "deepseek-v3"),
    Family("deepseek_v3", r"deepseek-v3", "deepseek_v3", "", "deepseekv3", ""),
    Family("deepseek_v32", "", "deepseek_v32", "deepseek_v3", "deepseekv32", "deepseek-v3"),
    Family("deepseek_v4", r"v4\.1", "deepseek_v41", "deepseek_v41", "deepseekv41", "deepseek-v41"),
    Family("deepseek_v4", "", "deepseek_v4", "deepseek_v4", "deepseekv4", "deepseek-v4"),
    Family("glm4_moe", r"glm-4\.[56]", "glm45", "glm45", "glm45", "glm45"),
    Family("glm4_moe glm4_moe_lite glm_moe_dsa", "", "glm47", "glm45", "glm47", "glm45"),
    Family("gpt_oss", "", "openai", "openai_gptoss", "gpt-oss", "gpt-oss"),
    Family("kimi_k2", r"thinking", "kimi_k2", "kimi_k2", "kimi_k2", "kimi_k2"),
    Family("kimi_k2", "", "kimi_k2", "", "kimi_k2", ""),
    Family("kimi_k25", "", "kimi_k2", "kimi_k2", "kimi_k2", "kimi_k2"),
    Family("kimi_k3", "", "kimi_k3", "kimi_k3", "kimi_k3", "kimi_k3"),
    Family("minimax_m2", "", "minimax_m2", "minimax_m2_append_think", "minimax-m2", "minimax-append-think"),
    Family("minimax_m3 minimax_m3_vl", "", "minimax_m3", "minimax_m3", "minimax-m3", "minimax-m3"),
    Family("mistral mistral3 mixtral", r"^mistralai/.*instruct", "mistral", "", "mistral", ""),
    Family("gemma4 gemma4_text", r"-it\b", "gemma4", "gemma4", "gemma4", "gemma4"),
    Family("granitemoehybrid", r"granite-4", "granite4", "", "", ""),
    Family("granite granitemoe", r"instruct", "granite", "", "", ""),
    Family("phi3 phi4mm", r"phi-4-mini", "phi4_mini_json", "", "", ""),
    Family("seed_oss", r"instruct", "seed_oss", "seed_oss", "", ""),
    Family("step3p5", "", "step3p5", "step3p5", "step3p5", "step3p5"),
    Family("mimo_v2 mimo_v2_flash", "", "mimo", "mimo", "mimo", "mimo"),
    Family("hunyuan_v1_moe", r"instruct", "hunyuan_a13b", "hunyuan_a13b", "hunyuan", "hunyuan"),
    Family("ernie4_5_moe", r"thinking", "ernie45", "ernie45", "", ""),
    Family("nemotron_h", r"nemotron-3", "qwen3_coder", "nemotron_v3", "qwen3_coder", "nemotron_3"),
    Family("olmo3", r"think", "olmo3", "olmo3", "", ""),
    Family("lfm2 lfm2_moe", "", "lfm2", "", "lfm2", ""),
)


def family_parsers(engine: Engine, model_types: t.Collection[str], repository: str) -> t.Dict[str, str]:
    """The parsers that the table has for a model, by flag; empty where it has none."""
    name = repository.lower()
    for family in FAMILIES:
        types = family.types.split()
        if (not types or any(each in types for each in model_types)) and re.search(family.name, name):
            tools, reasoning = (
                (family.vllm_tools, family.vllm_reasoning)
                if engine is VLLM
                else (family.sglang_tools, family.sglang_reasoning)
            )
            found = {TOOLS: tools, REASONING: reasoning}
            return {flag: value for flag, value in found.items() if value}
    return {}


class Parsing(t.NamedTuple):
    """Arguments that make an engine understand a model, and what could not be had."""

    arguments: t.List[Argument]
    complaints: t.List[str]


def parsing(
    engine: Engine, release: Release, advised: t.Sequence[Argument], known: t.Mapping[str, str]
) -> Parsing:
    """The catalog's parsers where the engine has them, else the family's.

    ``known`` are those of the family. A catalog may spell a parser as another engine calls it.
    """
    said = {argument.flag: argument.value or "" for argument in advised}
    found: t.List[Argument] = []
    complaints: t.List[str] = []
    for flag in (TOOLS, REASONING):
        names = PARSERS[(engine.name, flag)]
        value = known.get(flag) if _is_foreign(engine, flag, said.get(flag)) else said[flag]
        if value is None:
            continue
        if release < names.get(value, ()):
            complaints.append(
                "%s has %s=%s since %s only: left out" % (engine.name, flag, value, shown(names[value]))
            )
            continue
        if flag == TOOLS and engine is VLLM:
            found.append(Argument(AUTO_TOOLS))
        found.append(Argument(flag, value))
    return Parsing(found, complaints)


def _is_foreign(engine: Engine, flag: str, value: t.Optional[str]) -> bool:
    """Whether another engine has this parser and ``engine`` has not; one that nobody has may be new."""
    elsewhere = any(value in names for (_engine, of), names in PARSERS.items() if of == flag)
    return value is None or (value not in PARSERS[(engine.name, flag)] and elsewhere)
