# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parsers of SGLang by release, from 0.4.6 to 0.5.23.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FIRST = "0.4.6"
LAST = "0.5.23"
TOOL_PARSERS = """\
@0.4.6 deepseekv3 llama3 mistral qwen25 @0.4.6.post5 pythonic @0.4.9.post6 glm45 kimi_k2 qwen3_coder @0.4.10
step3 @0.5.1 gpt-oss @0.5.1.post3 deepseekv31 @0.5.3.post3 glm qwen @0.5.4.post3 minimax-m2 @0.5.6
deepseekv32 @0.5.7 glm47 interns1 mimo @0.5.8 trinity @0.5.9 gigachat3 hermes lfm2 step3p5 @0.5.11 gemma4
hunyuan @0.5.12 deepseekv4 poolside_v1 @0.5.13 apertus2509 cohere_command4 minicpm5 @0.5.16 inkling
minimax-m3 @0.5.17 kimi_k3 @0.5.18 muse @0.5.19 dots ling3 spark25 @0.5.20 k2_horizon nanbeige @0.5.21
deepseekv41 gigachat35 iquest_q1 @0.5.23 beam response_template
"""
REASONING_PARSERS = """\
@0.4.6 deepseek-r1 @0.4.6.post5 qwen3 @0.4.9 kimi @0.4.9.post6 glm45 qwen3-thinking @0.4.10 step3 @0.5.1
deepseek-v3 gpt-oss @0.5.4.post3 minimax minimax-append-think @0.5.5 kimi_k2 @0.5.7-0.5.10 nano_v3 @0.5.7
interns1 @0.5.9 step3p5 @0.5.10 mimo mistral nemotron_3 @0.5.11 gemma4 hunyuan @0.5.12 deepseek-v4
poolside_v1 @0.5.13 apertus2509 cohere_command4 @0.5.16 inkling minimax-m3 @0.5.17 kimi_k3 @0.5.18 muse
@0.5.19 dots ling3 @0.5.20 granite_thinking_parser k2_horizon nanbeige @0.5.21 deepseek-v41 gigachat35
iquest_q1 @0.5.23 beam response_template
"""
