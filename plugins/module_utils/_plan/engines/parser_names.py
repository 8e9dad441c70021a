# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which parsers of tool calls and of reasoning an engine has, since when.

Read in the engines' registries (vllm/tool_parsers, vllm/reasoning, sglang/srt/function_call,
sglang/srt/parser) of every minor release up to vLLM 0.33 and SGLang 0.5.23.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import Release

TOOLS, REASONING = "--tool-call-parser", "--reasoning-parser"

_VLLM_TOOLS: t.Mapping[Release, str] = {
    (): "granite granite-20b-fc hermes internlm jamba llama3_json mistral pythonic",
    (0, 8, 5): "llama4_json phi4_mini_json",
    (0, 9, 0): "deepseek_v3 llama4_pythonic",
    (0, 9, 2): "xlam",
    (0, 10, 0): "hunyuan_a13b kimi_k2 qwen3_coder",
    (0, 10, 1): "glm45 step3",
    (0, 10, 2): "deepseek_v31 openai seed_oss",
    (0, 11, 0): "longcat qwen3_xml",
    (0, 11, 1): "ernie45 minimax_m2 olmo3",
    (0, 13, 0): "deepseek_v32 gigachat3",
    (0, 14, 0): "functiongemma glm47",
    (0, 16, 0): "step3p5",
    (0, 18, 0): "granite4",
    (0, 19, 0): "gemma4",
    (0, 20, 0): "deepseek_v4 hy_v3 mimo",
    (0, 21, 0): "cohere_command3 cohere_command4 lfm2 poolside_v1",
    (0, 22, 0): "apertus",
    (0, 23, 0): "minicpm5",
    (0, 24, 0): "minimax_m3",
    (0, 26, 0): "inkling",
    (0, 27, 0): "kimi_k3",
    (0, 28, 0): "dots ling3 muse_glimmer",
    (0, 29, 0): "hy_v4",
    (0, 30, 0): "deepseek_v41 k2_horizon",
    (0, 32, 0): "hf plamo3 qwen3_json",
    (0, 33, 0): "beam muse musespark1x step5",
}
_VLLM_REASONING: t.Mapping[Release, str] = {
    (): "deepseek_r1 granite",
    (0, 9, 0): "qwen3",
    (0, 10, 0): "hunyuan_a13b mistral",
    (0, 10, 1): "glm45 step3",
    (0, 10, 2): "openai_gptoss",
    (0, 11, 0): "seed_oss",
    (0, 11, 1): "deepseek_v3 ernie45 kimi_k2 minimax_m2 minimax_m2_append_think olmo3",
    (0, 13, 0): "holo2",
    (0, 16, 0): "step3p5",
    (0, 18, 0): "nemotron_v3",
    (0, 19, 0): "gemma4",
    (0, 20, 0): "deepseek_v4 hy_v3 mimo",
    (0, 21, 0): "cohere_command3 cohere_command4 poolside_v1",
    (0, 24, 0): "glm47 minimax_m3",
    (0, 26, 0): "inkling",
    (0, 27, 0): "kimi_k3",
    (0, 28, 0): "ling3 muse_glimmer",
    (0, 29, 0): "hy_v4",
    (0, 30, 0): "deepseek_v41 k2_horizon",
    (0, 31, 0): "granite_thinking_parser",
    (0, 32, 0): "hf minicpmv plamo3",
    (0, 33, 0): "beam muse musespark1x step5",
}
_SGLANG_TOOLS: t.Mapping[Release, str] = {
    (): "deepseekv3 llama3 mistral pythonic qwen25",
    (0, 4, 10): "glm45 kimi_k2 qwen3_coder step3",
    (0, 5, 1): "gpt-oss",
    (0, 5, 2): "deepseekv31",
    (0, 5, 4): "glm qwen",
    (0, 5, 5): "minimax-m2",
    (0, 5, 6): "deepseekv32",
    (0, 5, 7): "glm47 interns1 mimo",
    (0, 5, 8): "trinity",
    (0, 5, 9): "gigachat3 hermes lfm2 step3p5",
    (0, 5, 11): "gemma4 hunyuan",
    (0, 5, 12): "deepseekv4 poolside_v1",
    (0, 5, 13): "apertus2509 cohere_command4 minicpm5",
    (0, 5, 16): "inkling minimax-m3",
    (0, 5, 17): "kimi_k3",
    (0, 5, 18): "muse",
    (0, 5, 19): "dots ling3 spark25",
    (0, 5, 20): "k2_horizon nanbeige",
    (0, 5, 21): "deepseekv41 gigachat35 iquest_q1",
    (0, 5, 23): "beam response_template",
}
_SGLANG_REASONING: t.Mapping[Release, str] = {
    (): "deepseek-r1 qwen3",
    (0, 4, 9): "kimi",
    (0, 4, 10): "glm45 qwen3-thinking step3",
    (0, 5, 1): "deepseek-v3 gpt-oss",
    (0, 5, 5): "kimi_k2 minimax minimax-append-think",
    (0, 5, 7): "interns1",
    (0, 5, 9): "step3p5",
    (0, 5, 10): "mimo mistral nemotron_3",
    (0, 5, 11): "gemma4 hunyuan",
    (0, 5, 12): "deepseek-v4 poolside_v1",
    (0, 5, 13): "apertus2509 cohere_command4",
    (0, 5, 16): "inkling minimax-m3",
    (0, 5, 17): "kimi_k3",
    (0, 5, 18): "muse",
    (0, 5, 19): "dots ling3",
    (0, 5, 20): "granite_thinking_parser k2_horizon nanbeige",
    (0, 5, 21): "deepseek-v41 gigachat35 iquest_q1",
    (0, 5, 23): "beam response_template",
}


def _since(names: t.Mapping[Release, str]) -> t.Dict[str, Release]:
    return {name: release for release, line in names.items() for name in line.split()}


# (engine, flag): each parser's name, and the first release that has it; () is before all that is read.
PARSERS: t.Mapping[t.Tuple[str, str], t.Mapping[str, Release]] = {
    ("vLLM", TOOLS): _since(_VLLM_TOOLS),
    ("vLLM", REASONING): _since(_VLLM_REASONING),
    ("SGLang", TOOLS): _since(_SGLANG_TOOLS),
    ("SGLang", REASONING): _since(_SGLANG_REASONING),
}
