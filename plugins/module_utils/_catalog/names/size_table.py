# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes that names do not say, in billions of parameters.

Made by ``make data`` from ``data/model_sizes.csv``, where each row has its source. Edit that file.
"""

from __future__ import annotations

import typing as t

# fmt: off
SIZES: t.Mapping[str, float] = {
    "deepseek-r1": 671.0, "deepseek-r1-0528": 671.0, "deepseek-r1-zero": 671.0, "deepseek-v3": 671.0,
    "deepseek-v3-0324": 671.0, "deepseek-v3-base": 671.0, "deepseek-v3.1": 671.0,
    "deepseek-v3.1-terminus": 671.0, "deepseek-v3.2": 671.0, "deepseek-v3.2-exp": 671.0,
    "deepseek-v3.2-speciale": 671.0, "deepseek-v2": 236.0, "deepseek-v2.5": 236.0, "deepseek-v2-lite": 16.0,
    "deepseek-coder-v2-instruct": 236.0, "deepseek-coder-v2-lite-instruct": 16.0, "kimi-k2-instruct": 1000.0,
    "kimi-k2-instruct-0905": 1000.0, "kimi-k2-thinking": 1000.0, "kimi-k2.5": 1000.0, "kimi-k2.6": 1000.0,
    "glm-4.5": 355.0, "glm-4.5-air": 106.0, "glm-4.6": 357.0, "glm-4.7": 358.0, "glm-4.7-flash": 30.0,
    "glm-4.5v": 106.0, "glm-4.6v": 106.0, "minimax-m2": 230.0, "minimax-m2.1": 230.0, "minimax-m2.5": 230.0,
    "llama-4-scout-17b-16e-instruct": 109.0, "llama-4-maverick-17b-128e-instruct": 400.0,
    "llama-4-scout-17b-16e": 109.0, "llama-4-maverick-17b-128e": 400.0, "mistral-large-instruct-2411": 123.0,
    "mistral-large-instruct-2407": 123.0, "mistral-nemo-instruct-2407": 12.0,
    "mixtral-8x7b-instruct-v0.1": 46.7, "mixtral-8x22b-instruct-v0.1": 141.0,
    "pixtral-large-instruct-2411": 124.0, "devstral-small-2507": 24.0, "devstral-small-2505": 24.0,
    "magistral-small-2506": 24.0, "phi-4": 14.0, "phi-4-mini-instruct": 3.8, "phi-4-reasoning": 14.0,
    "phi-3-mini-4k-instruct": 3.8, "phi-3-medium-128k-instruct": 14.0, "phi-3.5-mini-instruct": 3.8,
    "c4ai-command-r-plus": 104.0, "c4ai-command-r-plus-08-2024": 104.0, "c4ai-command-r-08-2024": 32.0,
    "c4ai-command-r-v01": 35.0, "c4ai-command-a-03-2025": 111.0, "qwen3-coder-next": 80.0,
    "mimo-v2-flash": 309.0, "step-3.5-flash": 196.0, "gemma-3n-e4b-it": 8.0, "gemma-3n-e2b-it": 5.0,
    "gemma-4-e4b-it": 8.0, "gemma-4-e2b-it": 5.0, "nomic-embed-text-v1.5": 0.137, "bge-m3": 0.567,
    "whisper-large-v3": 1.55, "whisper-large-v3-turbo": 0.809, "chatglm3-6b": 6.0,
}
"""Last part of a repository's name in lower case -> parameters in all."""

DEFAULT_SIZES: t.Mapping[str, float] = {
    "llama3": 8.0, "llama3.1": 8.0, "llama3.2": 3.0, "llama3.3": 70.0, "llama2": 7.0, "codellama": 7.0,
    "mistral": 7.0, "mixtral": 56.0, "qwen": 4.0, "qwen2": 7.0, "qwen2.5": 7.0, "qwen2.5-coder": 7.0,
    "qwen3": 8.0, "qwen3-coder": 30.0, "qwen3-vl": 8.0, "qwen3-embedding": 8.0, "qwen3.5": 9.0, "qwq": 32.0,
    "gemma": 7.0, "gemma2": 9.0, "gemma3": 4.0, "gemma4": 4.0, "phi3": 3.8, "phi4": 14.0, "gpt-oss": 20.0,
    "deepseek-coder": 6.7, "starcoder2": 3.0, "falcon": 7.0, "falcon3": 7.0, "yi": 6.0, "vicuna": 7.0,
    "llava": 7.0, "granite3.3": 8.0, "granite-code": 3.0, "smollm2": 1.7, "olmo2": 7.0, "exaone3.5": 7.8,
    "hermes3": 8.0, "orca-mini": 3.0, "command-r": 32.0, "solar": 10.7, "wizardlm2": 7.0, "zephyr": 7.0,
    "dolphin-mistral": 7.0, "internlm2": 7.0, "glm4": 9.0, "nous-hermes2": 10.7, "openchat": 7.0,
    "minicpm-v": 8.0, "cogito": 8.0, "codegemma": 7.0, "aya": 8.0, "tinyllama": 1.1,
}
"""Family -> the size that ollama serves for the name alone."""

WHOLE: t.Tuple[t.Tuple[str, float, t.Optional[float]], ...] = (
    ("llama-?4-scout|(?<![a-z])scout-17b", 109.0, 17.0),
    ("llama-?4-maverick|(?<![a-z])maverick-17b", 400.0, 17.0),
    ("deepseek-(r1|v3|v3\\.[12]|chat|reasoner)(?!.*(distill|qwen|llama|lite))", 671.0, 37.0),
    ("deepseek-v4-pro", 1600.0, 49.0), ("deepseek-v2(\\.5)?(?!.*lite)", 236.0, 21.0),
    ("deepseek-v2-lite", 16.0, 2.4), ("kimi-k2", 1000.0, 32.0), ("kimi-k3", 2800.0, 104.0),
    ("glm-4\\.[56]v(?!-flash)", 106.0, 12.0), ("glm-4\\.5-air", 106.0, 12.0), ("glm-4\\.7-flash", 30.0, 3.0),
    ("glm-4\\.[567](?!-air|-flash|v|-x)", 355.0, 32.0), ("glm-5(\\.\\d)?(?!v|-turbo|-flash)", 744.0, 40.0),
    ("minimax-m2(\\.\\d)?(?!-her)", 230.0, 10.0), ("minimax-(m1|text-01|01)", 456.0, 46.0),
    ("mistral-large-(3|2512|latest)", 675.0, 41.0), ("mistral-large-(2|24)", 123.0, None),
    ("mistral-small-(4|2603|latest)", 119.0, 6.5), ("mistral-small-(3|2501|2503|2506)", 24.0, None),
    ("mistral-nemo", 12.0, None), ("mixtral-8x7b", 46.7, 12.9), ("mixtral-8x22b", 141.0, 39.0),
    ("devstral-(2|medium)(?!5)", 123.0, None), ("devstral-small", 24.0, None),
    ("magistral-small", 24.0, None), ("codestral-22b", 22.0, None), ("pixtral-large", 124.0, None),
    ("command-r-plus", 104.0, None), ("command-r-?7b", 7.0, None), ("command-a", 111.0, None),
    ("command-r(-08|-03|-v01)", 32.0, None), ("phi-4-mini", 3.8, None), ("phi-4-multimodal", 5.6, None),
    ("phi-4", 14.0, None), ("phi-3(\\.5)?-mini", 3.8, None), ("phi-3-medium", 14.0, None),
    ("phi-3(\\.5)?-moe", 42.0, 6.6), ("phi-3-small", 7.0, None), ("gpt-oss-120b", 117.0, 5.1),
    ("gpt-oss-20b", 21.0, 3.6), ("qwen3-coder-next", 80.0, 3.0), ("qwen3-next", 80.0, 3.0),
    ("mimo-v2-flash", 309.0, 15.0), ("step-3\\.5-flash", 196.0, 11.0), ("step-3(?![.\\d])", 321.0, 38.0),
    ("grok-1", 314.0, 86.0), ("dbrx", 132.0, 36.0), ("jamba-(1\\.[5-7]-)?large", 398.0, 94.0),
    ("jamba-(1\\.[5-7]-)?mini", 52.0, 12.0), ("gemma-?3n-e4b|gemma-4-e4b", 8.0, 4.0),
    ("gemma-?3n-e2b|gemma-4-e2b", 5.0, 2.0), ("longcat-flash", 560.0, 27.0),
    ("ling-1t|ring-1t|ling-2\\.6-1t|ring-2\\.6-1t", 1000.0, 50.0), ("hunyuan-a13b", 80.0, 13.0),
    ("intellect-3", 106.0, 12.0), ("whisper-large-v3-turbo", 0.809, None), ("whisper-large", 1.55, None),
    ("bge-m3", 0.568, None), ("bge-(large|reranker-large)", 0.335, None), ("bge-reranker-v2-m3", 0.568, None),
    ("bge-base|bge-reranker-base", 0.11, None), ("bge-small", 0.033, None), ("nomic-embed-text", 0.137, None),
)
"""Pattern of a name -> parameters in all and for one token."""
