# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How families of models write tool calls and reasoning, and what they have to be started with.

Made by ``make rules`` from data/engines, where each row names its file; do not edit. See engine_rules.py.
"""

from __future__ import annotations

FAMILIES = """\
- ; -base$|-pt$ ; - ; - ; - ; - ; -
llama qwen2 qwen3 ; deepseek-r1 ; - ; deepseek_r1 ; - ; deepseek-r1 ; -
- ; ^nousresearch/.*hermes-[23] ; hermes ; - ; hermes ; - ; -
- ; ^salesforce/.*xlam ; xlam ; - ; - ; - ; -
llama ; llama-?3.*instruct ; llama3_json ; - ; llama3 ; - ; -
llama4 ; - ; llama4_pythonic ; - ; pythonic ; - ; -
qwen2 ; qwq ; hermes ; deepseek_r1 ; qwen25 ; deepseek-r1 ; -
qwen2 qwen2_moe ; qwen2.*instruct ; hermes ; - ; qwen25 ; - ; -
qwen3 qwen3_moe qwen3_next ; coder ; qwen3_coder ; - ; qwen3_coder ; - ; -
qwen3 qwen3_moe qwen3_next ; instruct ; hermes ; - ; qwen25 ; - ; -
qwen3 qwen3_moe qwen3_next ; thinking ; hermes ; deepseek_r1 ; qwen25 ; qwen3-thinking ; -
qwen3 qwen3_moe ; qwen3-\\d ; hermes ; qwen3 ; qwen25 ; qwen3 ; -
qwen3_5 qwen3_5_moe ; - ; qwen3_coder ; qwen3 ; qwen3_coder ; qwen3 ; -
qwen3_vl qwen3_vl_moe ; instruct ; hermes ; - ; qwen25 ; - ; -
qwen3_vl qwen3_vl_moe ; thinking ; hermes ; deepseek_r1 ; qwen25 ; qwen3-thinking ; -
deepseek_v3 ; deepseek-r1 ; deepseek_v3 ; deepseek_r1 ; deepseekv3 ; deepseek-r1 ; -
deepseek_v3 ; deepseek-v3\\.1 ; deepseek_v31 ; deepseek_v3 ; deepseekv31 ; deepseek-v3 ; -
deepseek_v3 ; deepseek-v3 ; deepseek_v3 ; - ; deepseekv3 ; - ; -
deepseek_v32 ; - ; deepseek_v32 ; deepseek_v3 ; deepseekv32 ; deepseek-v3 ; --tokenizer-mode=deepseek_v32
deepseek_v4 deepseek_v41 ; v4\\.1 ; deepseek_v41 ; deepseek_v41 ; deepseekv41 ; deepseek-v41 ; --tokenizer-m\
ode=deepseek_v41 --block-size=256
deepseek_v4 ; - ; deepseek_v4 ; deepseek_v4 ; deepseekv4 ; deepseek-v4 ; --tokenizer-mode=deepseek_v4 --bloc\
k-size=256
glm4v_moe glm4v_moe_text ; - ; glm45 ; glm45 ; glm45 ; glm45 ; -
glm4v glm4v_text ; thinking|glyph|glm-ga ; - ; glm45 ; - ; glm45 ; -
glm4_moe ; glm-4\\.[56] ; glm45 ; glm45 ; glm45 ; glm45 ; -
glm4_moe glm4_moe_lite glm_moe_dsa ; - ; glm47 ; glm45 ; glm47 ; glm45 ; -
gpt_oss ; - ; openai ; openai_gptoss ; gpt-oss ; gpt-oss ; -
kimi_k25 ; - ; kimi_k2 ; kimi_k2 ; kimi_k2 ; kimi_k2 ; -
kimi_k2 ; thinking ; kimi_k2 ; kimi_k2 ; kimi_k2 ; kimi_k2 ; -
kimi_k2 ; - ; kimi_k2 ; - ; kimi_k2 ; - ; -
kimi_k3 ; - ; kimi_k3 ; kimi_k3 ; kimi_k3 ; kimi_k3 ; -
minimax_m2 ; - ; minimax_m2 ; minimax_m2 ; minimax-m2 ; minimax-append-think ; -
minimax_m3 minimax_m3_vl ; - ; minimax_m3 ; minimax_m3 ; minimax-m3 ; minimax-m3 ; --block-size=128
- ; ^mistralai/.*(magistral|reasoning|small-4|medium-3\\.5) ; mistral ; mistral ; mistral ; mistral ; -
- ; ^mistralai/.*(instruct|devstral) ; mistral ; - ; mistral ; - ; -
- ; diffusiongemma.*-it ; gemma4 ; gemma4 ; gemma4 ; gemma4 ; -
gemma4 gemma4_text ; -it\\b ; gemma4 ; gemma4 ; gemma4 ; gemma4 ; -
granitemoehybrid ; granite-4 ; granite4 ; - ; - ; - ; -
granite granitemoe ; instruct ; granite ; - ; - ; - ; -
phi3 phi4mm ; phi-4-mini ; phi4_mini_json ; - ; - ; - ; -
seed_oss ; instruct ; seed_oss ; seed_oss ; - ; - ; -
step3p5 step3p7 ; - ; step3p5 ; step3p5 ; step3p5 ; step3p5 ; -
mimo_v2_flash ; mimo-v2-flash ; qwen3_xml ; qwen3 ; mimo ; mimo ; -
mimo_v2 mimo_v2_flash ; - ; mimo ; mimo ; mimo ; mimo ; -
hunyuan_v1_moe ; instruct ; hunyuan_a13b ; hunyuan_a13b ; hunyuan ; hunyuan ; -
ernie4_5_moe ; thinking ; ernie45 ; ernie45 ; - ; - ; -
nemotron_h ; nemotron-3-super|nemotron-3\\.5 ; qwen3_xml ; nemotron_v3 ; qwen3_coder ; nemotron_3 ; -
nemotron_h ; nemotron-3 ; qwen3_coder ; nemotron_v3 ; qwen3_coder ; nemotron_3 ; -
olmo3 ; think ; olmo3 ; olmo3 ; - ; - ; -
lfm2 lfm2_moe ; thinking|8b-a1b ; lfm2 ; qwen3 ; lfm2 ; qwen3 ; -
lfm2 lfm2_moe ; - ; lfm2 ; - ; lfm2 ; - ; -
mellum ; thinking ; hermes ; qwen3 ; qwen25 ; qwen3 ; -
mellum ; instruct ; hermes ; - ; qwen25 ; - ; -
hy_v3 hy_v3_vl ; - ; hy_v3 ; hy_v3 ; hunyuan ; hunyuan ; -
hy_v4 hy_v4_vl ; - ; hy_v4 ; hy_v4 ; - ; - ; -
laguna ; - ; poolside_v1 ; poolside_v1 ; poolside_v1 ; poolside_v1 ; -
muse_glimmer muse_glimmer_text ; - ; muse_glimmer ; muse_glimmer ; muse ; muse ; -
afmoe ; thinking ; qwen3_coder ; deepseek_r1 ; trinity ; deepseek-r1 ; -
- ; ^internlm/intern-s1 ; internlm ; deepseek_r1 ; interns1 ; interns1 ; -
- ; ^internlm/intern-s2 ; qwen3_coder ; qwen3 ; qwen3_coder ; qwen3 ; -
- ; ^dots-studio/dots3 ; dots ; qwen3 ; dots ; dots ; -
- ; ^inclusionai/ling-3 ; ling3 ; ling3 ; ling3 ; ling3 ; -
inkling inkling_text ; - ; inkling ; inkling ; inkling ; inkling ; --tokenizer-mode=inkling
- ; minicpm-v-4\\.6 ; qwen3_coder ; - ; qwen3_coder ; - ; -
longcat_flash ; - ; longcat ; - ; - ; - ; -
apertus ; instruct ; apertus ; - ; apertus2509 ; apertus2509 ; -
k2_horizon ; - ; k2_horizon ; k2_horizon ; k2_horizon ; k2_horizon ; -
plamo3 ; instruct|chat ; plamo3 ; plamo3 ; - ; - ; -
jamba ; jamba ; jamba ; - ; - ; - ; -
internlm2 ; chat ; internlm ; - ; - ; - ; -
step3_vl step3_text ; - ; step3 ; step3 ; step3 ; step3 ; -
minimax_m1 ; - ; minimax ; - ; - ; - ; -
gemma3_text ; functiongemma ; functiongemma ; - ; - ; - ; -
olmo3 ; instruct ; olmo3 ; - ; - ; - ; -
- ; granite-20b-functioncalling ; granite-20b-fc ; - ; - ; - ; -
qwen3_vl qwen3_vl_moe ; holo2 ; hermes ; holo2 ; - ; - ; -
- ; ^openbmb/minicpm5 ; minicpm5 ; - ; minicpm5 ; - ; -
"""
