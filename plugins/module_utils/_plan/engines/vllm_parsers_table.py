# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsers of vLLM by release, from 0.7.3 to 0.33.0.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FIRST = "0.7.3"
LAST = "0.33.0"
TOOL_PARSERS = """\
@0.7.3 granite granite-20b-fc hermes internlm jamba llama3_json mistral pythonic @0.8.3 phi4_mini_json
@0.8.5 llama4_json @0.9.0 deepseek_v3 llama4_pythonic @0.9.2-0.24.0 minimax @0.9.2 xlam @0.10.0-0.10.1
glm4_moe @0.10.0 hunyuan_a13b kimi_k2 qwen3_coder @0.10.1 glm45 step3 @0.10.2 deepseek_v31 openai seed_oss
@0.11.0 longcat qwen3_xml @0.11.1 ernie45 minimax_m2 olmo3 @0.13.0 deepseek_v32 gigachat3 @0.14.0
functiongemma glm47 @0.15.1 step3p5 @0.18.0 granite4 @0.19.0 gemma4 @0.20.0 deepseek_v4 hy_v3 mimo @0.21.0
cohere_command3 cohere_command4 lfm2 poolside_v1 @0.22.0 apertus @0.23.0 minicpm5 @0.24.0 minimax_m3 @0.26.0
inkling @0.27.0 kimi_k3 @0.28.0 dots ling3 muse_glimmer @0.29.0 hy_v4 @0.30.0 deepseek_v41 k2_horizon
@0.32.0 hf plamo3 qwen3_json @0.33.0 beam muse musespark1x step5
"""
REASONING_PARSERS = """\
@0.8.3 deepseek_r1 granite @0.9.0 qwen3 @0.10.0-0.10.1 glm4_moe @0.10.0 hunyuan_a13b mistral @0.10.1-0.10.2
GptOss @0.10.1 glm45 step3 @0.10.2 openai_gptoss @0.11.0 seed_oss @0.11.1 deepseek_v3 ernie45 kimi_k2
minimax_m2 minimax_m2_append_think olmo3 @0.13.0 holo2 @0.15.1 step3p5 @0.17.1 nemotron_v3 @0.19.0 gemma4
@0.20.0 deepseek_v4 hy_v3 mimo @0.21.0 cohere_command3 cohere_command4 poolside_v1 @0.24.0 glm47 minimax_m3
@0.26.0 inkling @0.27.0 kimi_k3 @0.28.0 ling3 muse_glimmer @0.29.0 hy_v4 @0.30.0 deepseek_v41 k2_horizon
@0.31.0 granite_thinking_parser @0.32.0 hf minicpmv plamo3 @0.33.0 beam muse musespark1x step5
"""
