# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes that names do not say, as reviewed data."""

from __future__ import annotations

import re
import typing as t

SIZES: t.Mapping[str, float] = {
    "deepseek-r1": 671, "deepseek-r1-0528": 671, "deepseek-r1-zero": 671, "deepseek-v3": 671, "deepseek-v3-0324": 671,
    "deepseek-v3-base": 671, "deepseek-v3.1": 671, "deepseek-v3.1-terminus": 671, "deepseek-v3.2": 671,
    "deepseek-v3.2-exp": 671, "deepseek-v3.2-speciale": 671, "deepseek-v2": 236, "deepseek-v2.5": 236,
    "deepseek-v2-lite": 16, "deepseek-coder-v2-instruct": 236, "deepseek-coder-v2-lite-instruct": 16,
    "kimi-k2-instruct": 1000, "kimi-k2-instruct-0905": 1000, "kimi-k2-thinking": 1000, "kimi-k2.5": 1000,
    "kimi-k2.6": 1000, "glm-4.5": 355, "glm-4.5-air": 106, "glm-4.6": 357, "glm-4.7": 358, "glm-4.7-flash": 30,
    "glm-4.5v": 106, "glm-4.6v": 106, "minimax-m2": 230, "minimax-m2.1": 230, "minimax-m2.5": 230,
    "llama-4-scout-17b-16e-instruct": 109, "llama-4-maverick-17b-128e-instruct": 400,
    "llama-4-scout-17b-16e": 109, "llama-4-maverick-17b-128e": 400,
    "mistral-large-instruct-2411": 123, "mistral-large-instruct-2407": 123, "mistral-nemo-instruct-2407": 12,
    "mixtral-8x7b-instruct-v0.1": 46.7, "mixtral-8x22b-instruct-v0.1": 141, "pixtral-large-instruct-2411": 124,
    "devstral-small-2507": 24, "devstral-small-2505": 24, "magistral-small-2506": 24, "phi-4": 14,
    "phi-4-mini-instruct": 3.8, "phi-4-reasoning": 14, "phi-3-mini-4k-instruct": 3.8,
    "phi-3-medium-128k-instruct": 14, "phi-3.5-mini-instruct": 3.8, "c4ai-command-r-plus": 104,
    "c4ai-command-r-plus-08-2024": 104, "c4ai-command-r-08-2024": 32, "c4ai-command-r-v01": 35,
    "c4ai-command-a-03-2025": 111, "qwen3-coder-next": 80, "mimo-v2-flash": 309, "step-3.5-flash": 196,
    "gemma-3n-e4b-it": 8, "gemma-3n-e2b-it": 5, "gemma-4-e4b-it": 8, "gemma-4-e2b-it": 5, "nomic-embed-text-v1.5": 0.137,
    "bge-m3": 0.567, "whisper-large-v3": 1.55, "whisper-large-v3-turbo": 0.809, "chatglm3-6b": 6,
}  # fmt: skip
"""Last part of a repository's name in lower case -> billions of parameters in all, as its maker says."""

DEFAULT_SIZES: t.Mapping[str, float] = {
    "llama3": 8, "llama3.1": 8, "llama3.2": 3, "llama3.3": 70, "llama2": 7, "codellama": 7, "mistral": 7, "mixtral": 56,
    "qwen": 4, "qwen2": 7, "qwen2.5": 7, "qwen2.5-coder": 7, "qwen3": 8, "qwen3-coder": 30, "qwen3-vl": 8,
    "qwen3-embedding": 8, "qwen3.5": 9, "qwq": 32, "gemma": 7, "gemma2": 9, "gemma3": 4, "gemma4": 4, "phi3": 3.8, "phi4": 14,
    "gpt-oss": 20, "deepseek-coder": 6.7, "starcoder2": 3, "falcon": 7, "falcon3": 7, "yi": 6, "vicuna": 7, "llava": 7,
    "granite3.3": 8, "granite-code": 3, "smollm2": 1.7, "olmo2": 7, "exaone3.5": 7.8, "hermes3": 8, "orca-mini": 3,
    "command-r": 32, "solar": 10.7, "wizardlm2": 7, "zephyr": 7, "dolphin-mistral": 7, "internlm2": 7, "glm4": 9,
    "nous-hermes2": 10.7, "openchat": 7, "minicpm-v": 8, "cogito": 8, "codegemma": 7, "aya": 8, "tinyllama": 1.1,
}  # fmt: skip
"""Family -> the size in billions that ollama's library serves for the name alone."""

_WHOLE: t.Tuple[t.Tuple[str, float, t.Optional[float]], ...] = (
    (r"llama-?4-scout|(?<![a-z])scout-17b", 109, 17), (r"llama-?4-maverick|(?<![a-z])maverick-17b", 400, 17),
    (r"deepseek-(r1|v3|v3\.[12]|chat|reasoner)(?!.*(distill|qwen|llama|lite))", 671, 37), (r"deepseek-v4-pro", 1600, 49),
    (r"deepseek-v2(\.5)?(?!.*lite)", 236, 21), (r"deepseek-v2-lite", 16, 2.4), (r"kimi-k2", 1000, 32), (r"kimi-k3", 2800, 104),
    (r"glm-4\.[56]v(?!-flash)", 106, 12), (r"glm-4\.5-air", 106, 12), (r"glm-4\.7-flash", 30, 3), (r"glm-4\.[567](?!-air|-flash|v|-x)", 355, 32),
    (r"glm-5(\.\d)?(?!v|-turbo|-flash)", 744, 40), (r"minimax-m2(\.\d)?(?!-her)", 230, 10), (r"minimax-(m1|text-01|01)", 456, 46),
    (r"mistral-large-(3|2512|latest)", 675, 41), (r"mistral-large-(2|24)", 123, None), (r"mistral-small-(4|2603|latest)", 119, 6.5),
    (r"mistral-small-(3|2501|2503|2506)", 24, None), (r"mistral-nemo", 12, None), (r"mixtral-8x7b", 46.7, 12.9),
    (r"mixtral-8x22b", 141, 39), (r"devstral-(2|medium)(?!5)", 123, None), (r"devstral-small", 24, None), (r"magistral-small", 24, None),
    (r"codestral-22b", 22, None), (r"pixtral-large", 124, None), (r"command-r-plus", 104, None), (r"command-r-?7b", 7, None), (r"command-a", 111, None),
    (r"command-r(-08|-03|-v01)", 32, None), (r"phi-4-mini", 3.8, None), (r"phi-4-multimodal", 5.6, None), (r"phi-4", 14, None),
    (r"phi-3(\.5)?-mini", 3.8, None), (r"phi-3-medium", 14, None), (r"phi-3(\.5)?-moe", 42, 6.6), (r"phi-3-small", 7, None),
    (r"gpt-oss-120b", 117, 5.1), (r"gpt-oss-20b", 21, 3.6), (r"qwen3-coder-next", 80, 3), (r"qwen3-next", 80, 3),
    (r"mimo-v2-flash", 309, 15), (r"step-3\.5-flash", 196, 11), (r"step-3(?![.\d])", 321, 38), (r"grok-1", 314, 86), (r"dbrx", 132, 36),
    (r"jamba-(1\.[5-7]-)?large", 398, 94), (r"jamba-(1\.[5-7]-)?mini", 52, 12), (r"gemma-?3n-e4b|gemma-4-e4b", 8, 4), (r"gemma-?3n-e2b|gemma-4-e2b", 5, 2),
    (r"longcat-flash", 560, 27), (r"ling-1t|ring-1t|ling-2\.6-1t|ring-2\.6-1t", 1000, 50), (r"hunyuan-a13b", 80, 13), (r"intellect-3", 106, 12),
    (r"whisper-large-v3-turbo", 0.809, None), (r"whisper-large", 1.55, None), (r"bge-m3", 0.568, None), (r"bge-(large|reranker-large)", 0.335, None),
    (r"bge-reranker-v2-m3", 0.568, None), (r"bge-base|bge-reranker-base", 0.11, None), (r"bge-small", 0.033, None), (r"nomic-embed-text", 0.137, None),
)  # fmt: skip
_WHOLE_NAMES = tuple((re.compile(pattern), total, active) for pattern, total, active in _WHOLE)


def known_size(name: str) -> t.Tuple[t.Optional[float], t.Optional[float]]:
    """Billions of parameters in all and active for a token, of a model whose name says neither or misleads."""
    text = name.lower()
    for pattern, total, active in _WHOLE_NAMES:
        if pattern.search(text):
            return total, active
    return None, None
