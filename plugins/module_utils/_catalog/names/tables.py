# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no catalog says, as data.

Counts and precision of the rules were taken over models.dev's open models; see the documentation
of catalog_search for what each table decides.
"""

from __future__ import annotations

import typing as t

OVERRIDES: t.Mapping[str, str] = {
    "deepseek/deepseek-r1": "deepseek-ai/DeepSeek-R1",
    "deepseek/deepseek-r1-0528": "deepseek-ai/DeepSeek-R1-0528",
    "meta/llama-3.3-70b-instruct": "meta-llama/Llama-3.3-70B-Instruct",
    "alibaba/qwen3-32b": "Qwen/Qwen3-32B",
    "alibaba/qwen3-235b-a22b": "Qwen/Qwen3-235B-A22B",
    "gpt-oss:20b": "openai/gpt-oss-20b",
    "gpt-oss:120b": "openai/gpt-oss-120b",
    "ollama-cloud/gpt-oss:20b": "openai/gpt-oss-20b",
    "ollama-cloud/gpt-oss:120b": "openai/gpt-oss-120b",
}
"""Lower-case model id -> Hugging Face repository, for ids that a catalog may leave without weights.

Of Ollama's names only those are here whose weights are the repository's own; most are quantized copies.
"""

MODEL_SCOPE_OWNERS: t.Mapping[str, str] = {
    "zai-org": "ZhipuAI",
    "moonshotai": "MoonshotAI",
    "MiniMaxAI": "MiniMax",
    "openai": "openai-mirror",
    "tencent": "Tencent-Hunyuan",
    "openbmb": "OpenBMB",
    "baidu": "PaddlePaddle",
    "Nanbeige": "nanbeige",
    "FunAudioLLM": "iic",
    "Systran": "gpustack",
}
"""Owner on Hugging Face -> owner of the same weights on ModelScope, where the two differ.

From the paired entries of the two catalogs that GPUStack 2.3.0 ships.
"""

MOVING_ALIASES: t.FrozenSet[str] = frozenset(("deepseek-chat", "deepseek-reasoner"))
"""Names that a provider points at other weights from time to time."""

MOVING_SUFFIXES: t.Tuple[str, ...] = ("-latest", "-highspeed", ":latest")

QUANTIZED_NAMES: t.Tuple[str, ...] = (
    "{owner}/{name}-FP8",
    "{owner}/{name}-AWQ",
    "{owner}/{name}-GPTQ-Int4",
    "{owner}/{name}-GPTQ-Int8",
    "RedHatAI/{name}-FP8",
    "RedHatAI/{name}-FP8-dynamic",
    "RedHatAI/{name}-quantized.w8a8",
    "RedHatAI/{name}-quantized.w4a16",
    "neuralmagic/{name}-FP8",
    "neuralmagic/{name}-FP8-dynamic",
    "neuralmagic/{name}-quantized.w8a8",
    "neuralmagic/{name}-quantized.w4a16",
    "nvidia/{name}-FP8",
)
"""How the model's own publisher and trusted ones name quantized copies."""

TRUSTED_PUBLISHERS: t.FrozenSet[str] = frozenset(("RedHatAI", "neuralmagic", "nvidia", "amd", "Intel"))
"""Owners, beside a model's own, whose quantized copies may be planned without being named."""

GGUF_NAMES: t.Tuple[str, ...] = (
    "{owner}/{name}-GGUF",
    "ggml-org/{name}-GGUF",
    "unsloth/{name}-GGUF",
    "bartowski/{owner}_{name}-GGUF",
    "bartowski/{name}-GGUF",
    "lmstudio-community/{name}-GGUF",
)
"""Repositories that hold a model in GGUF, by owner and name of its own; those of its maker first."""

QUANTIZED_MARKS: t.Tuple[str, ...] = (
    "fp8",
    "fp4",
    "nvfp4",
    "mxfp4",
    "awq",
    "gptq",
    "gguf",
    "exl2",
    "autoround",
    "4bit",
    "8bit",
    "int4",
    "int8",
    "w8a8",
    "w8a16",
    "w4a16",
    "w4a8",
    "bnb",
)
"""Parts of a repository's name which say that it is quantized already."""

FILLER_WORDS: t.FrozenSet[str] = frozenset(
    [
        "a",
        "an",
        "and",
        "best",
        "can",
        "chat",
        "etc",
        "for",
        "generation",
        "good",
        "in",
        "llm",
        "large",
        "language",
        "model",
        "models",
        "of",
        "on",
        "or",
        "that",
        "the",
        "to",
        "use",
        "used",
        "which",
        "with",
        "writing",
    ]
)
"""Words of a question that say nothing about a model."""

SYNONYMS: t.Mapping[str, t.Tuple[str, ...]] = {
    **dict.fromkeys(
        ("code", "coding", "coder", "programming"),
        ("code", "coder", "coding", "codestral", "devstral", "codex", "starcoder", "programming"),
    ),
    **dict.fromkeys(("vision", "visual", "multimodal", "vl"), ("vision", "vl", "image_input", "multimodal")),
    **dict.fromkeys(
        ("tools", "tool", "function", "functions", "agent", "agentic"), ("tool", "tools", "agent")
    ),
    **dict.fromkeys(("thinking", "reasoning", "reasoner"), ("thinking", "reasoning", "reasoner")),
    **dict.fromkeys(("embedding", "embeddings", "embed"), ("embedding", "embed", "embeddings")),
    **dict.fromkeys(("rerank", "reranker", "reranking"), ("rerank", "reranker")),
    **dict.fromkeys(
        ("speech", "audio", "voice"), ("speech", "audio", "audio_input", "audio_output", "voice")
    ),
    "image": ("image", "image_input", "image_output"),
    "video": ("video", "video_input", "video_output"),
}
"""A word of a question -> words of records that answer it."""
