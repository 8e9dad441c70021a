# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Families whose weights nobody can have.

Made by ``make data`` from ``data/closed_models.csv``, where each row has its source. Edit that file.
"""

from __future__ import annotations

import typing as t

# fmt: off
CLOSED: t.Mapping[str, t.Tuple[str, ...]] = {
    "anthropic": (
    "((anthropic|databricks|duo-chat)-+)?(claude(?![a-z]).*|(opus|sonnet|haiku|fable)(-?\\d.*)?)",
    ),
    "openai": (
    "chatgpt(-.*)?", "((openai|databricks|duo-chat|azure)-+)?gpt-?(3(\\.5)?|4|5|6)(?!\\d)([.-]?.*)?",
    "gpt4all-api", "gpt-(image|audio|realtime|latest|mini|chat|codex)(-.*)?",
    "o[1345](-(mini|pro|preview|high|low|medium|deep|20\\d\\d).*)?", "codex(-(mini|max))?(-.*)?",
    "computer-use-preview", "text-(embedding|moderation|davinci)-.*", "ada-?002", "davinci.*", "babbage.*",
    "dall-?e.*", "sora.*", "tts-1.*", "whisper-1", "omni-moderation.*",
    ),
    "google": (
    "gemini(-.*)?", "nano-banana.*", "imagen.*", "veo.*", "lyria.*", "palm-?2?.*", "bard", "text-bison.*",
    "chat-bison.*", "learnlm.*", "text-(multilingual-)?embedding-00\\d",
    ),
    "xai": ("grok(-(3|4|5|code|build|imagine|voice|tts|stt|latest|beta|vision|fast|mini).*)?",),
    "perplexity": ("sonar(-.*)?", "pplx-.*", "r1-1776-online"),
    "alibaba": (
    ("qwen(\\d(\\.\\d+)?)?-?(vl-|coder-|math-|omni-|audio-|mt-|long-|doc-)?(max|plus|turbo|flash|long)(-("
        "preview|latest|character|thinking|instruct|20\\d\\d|\\d\\d-\\d\\d|us|cn|realtime).*|-\\d{4}.*)?"),
    "q[wv]q-(plus|max)(-.*)?", "qwen3?-?(omni|asr|tts|livetranslate)-flash.*",
    "qwen\\d(\\.\\d+)?-(vl|omni)-(plus|flash).*", "wan-?(v?2\\.[5-9]|3).*", "qwen-image-(max|plus|2\\.0).*",
    ),
    "amazon": ("nova-.*", "titan-.*", "amazon-(nova|titan).*"),
    "bytedance": ("doubao.*", "seed-?(1\\.[5-9]|2).*", "seedance.*", "seedream.*", "skylark.*"),
    "baidu": (
    "ernie-(bot|speed|lite|tiny|char|novel|[34]\\.0|x1|5).*", "ernie-4\\.5-(turbo|8k).*", "wenxin.*",
    ),
    "tencent": ("hunyuan-(turbo|turbos|t1|lite|standard|pro|vision|large|2\\.0).*",),
    "zhipuai": (
    ("glm-(4-(plus|air|airx|long|flash|flashx|0520|alltools)|zero|3-turbo|4\\.5-(x|airx|flash)|5v?-turb"
        "o|z1-airx?)(-.*)?"),
    "charglm.*", "cogview-3-plus", "glm-4\\.1v-thinking-flashx?",
    ),
    "minimax": ("abab.*", "minimax-m2-her", "speech-0\\d.*", "hailuo.*", "minimax-speech.*"),
    "moonshotai": ("moonshot-v1.*", "kimi-thinking-preview"),
    "stepfun": ("step-[12](v|o|x)?-.*", "step-tts-.*", "step-asr.*"),
    "mistral": (
    ("mistral-(embed|moderation|ocr|saba|medium-(3(\\.1)?(-.*)?|23.*|25.*)|medium-3-instruct|code-.*|ti"
        "ny|small-240[29]|large-2402)(-.*)?"),
    "magistral-medium.*", "devstral-medium-2507", "codestral-(25|embed|mamba-latest).*",
    ),
    "cohere": (
    "embed-(english|multilingual|v).*", "rerank-(english|multilingual|v).*", "command-(light|nightly|text).*",
    "classify.*",
    ),
    "voyage": ("voyage-.*", "rerank-(2|lite).*"),
    "groq": ("compound(-.*)?",),
    "writer": ("palmyra-?(x|med|fin|creative|vision)?.*",),
    "ai21": ("j2-.*", "jurassic.*"),
    "others": (
    ("(kling|runway|gen-[34]|midjourney|ideogram|recraft|luma|ray-?\\d|dream-machine|pika|suno|udio|ele"
        "venlabs|eleven|aura|hume|firefly)[-_ .]?.*"),
    "mercury(-.*)?", "morph-v?\\d.*", "v0-.*", "reka-(core|edge|flash-(2|api)).*", "luminous-.*",
    "aleph-alpha.*", "yi-(large|lightning|medium|spark).*", "baichuan[34](-.*)?",
    "spark-(max|pro|lite|ultra).*", "sensechat.*", "sensenova.*", "pangu-api.*", "solar-(pro-?[23]|mini).*",
    "fugu(-.*)?", "phind-.*", "universal-[12].*", "relace-.*", "asi1.*",
    ),
    "black-forest-labs": ("flux[-.]?([12](\\.\\d)?-?)?(kontext-)?(pro|max|ultra|flex)(-.*)?", "flux-pro.*"),
    "stability": ("stable-image-(ultra|core).*", "sd3-ultra", "stable-diffusion-ultra"),
    "inflection": ("inflection-.*", "pi"),
}
"""Maker -> its closed models, as expressions over a whole name in lower case with dashes for spaces."""
