# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Families whose weights nobody can have, as reviewed data.

Catalogs are wrong about this in both directions: resellers forget that weights are open, and call a
model closed that they serve from a public repository. The makers' own words, written down here, go
before them; a repository that is known goes before this table.
"""

from __future__ import annotations

import re
import typing as t

_SEPARATED = re.compile(r"[\s_:/]+")

CLOSED: t.Mapping[str, t.Tuple[str, ...]] = {
    "anthropic": (
        r"((anthropic|databricks|duo-chat)-+)?(claude(?![a-z]).*|(opus|sonnet|haiku|fable)(-?\d.*)?)",
    ),
    "openai": (
        r"chatgpt(-.*)?", r"((openai|databricks|duo-chat|azure)-+)?gpt-?(3(\.5)?|4|5|6)(?!\d)([.-]?.*)?",
        r"gpt4all-api", r"gpt-(image|audio|realtime|latest|mini|chat|codex)(-.*)?",
        r"o[1345](-(mini|pro|preview|high|low|medium|deep|20\d\d).*)?", r"codex(-(mini|max))?(-.*)?",
        r"computer-use-preview", r"text-(embedding|moderation|davinci)-.*", r"ada-?002", r"davinci.*",
        r"babbage.*", r"dall-?e.*", r"sora.*", r"tts-1.*", r"whisper-1", r"omni-moderation.*",
    ),
    "google": (
        r"gemini(-.*)?", r"nano-banana.*", r"imagen.*", r"veo.*", r"lyria.*", r"palm-?2?.*", r"bard",
        r"text-bison.*", r"chat-bison.*", r"learnlm.*", r"text-(multilingual-)?embedding-00\d",
    ),
    "xai": (
        r"grok(-(3|4|5|code|build|imagine|voice|tts|stt|latest|beta|vision|fast|mini).*)?",
    ),
    "perplexity": (
        r"sonar(-.*)?", r"pplx-.*", r"r1-1776-online",
    ),
    "alibaba": (
        r"qwen(\d(\.\d+)?)?-?(vl-|coder-|math-|omni-|audio-|mt-|long-|doc-)?(max|plus|turbo|flash|long)"
        r"(-(preview|latest|character|thinking|instruct|20\d\d|\d\d-\d\d|us|cn|realtime).*|-\d{4}.*)?",
        r"q[wv]q-(plus|max)(-.*)?", r"qwen3?-?(omni|asr|tts|livetranslate)-flash.*",
        r"qwen\d(\.\d+)?-(vl|omni)-(plus|flash).*", r"wan-?(v?2\.[5-9]|3).*",
        r"qwen-image-(max|plus|2\.0).*",
    ),
    "amazon": (
        r"nova-.*", r"titan-.*", r"amazon-(nova|titan).*",
    ),
    "bytedance": (
        r"doubao.*", r"seed-?(1\.[5-9]|2).*", r"seedance.*", r"seedream.*", r"skylark.*",
    ),
    "baidu": (
        r"ernie-(bot|speed|lite|tiny|char|novel|[34]\.0|x1|5).*", r"ernie-4\.5-(turbo|8k).*", r"wenxin.*",
    ),
    "tencent": (
        r"hunyuan-(turbo|turbos|t1|lite|standard|pro|vision|large|2\.0).*",
    ),
    "zhipuai": (
        r"glm-(4-(plus|air|airx|long|flash|flashx|0520|alltools)|zero|3-turbo|4\.5-(x|airx|flash)|5v?-turbo|z1-airx?)(-.*)?",
        r"charglm.*", r"cogview-3-plus", r"glm-4\.1v-thinking-flashx?",
    ),
    "minimax": (
        r"abab.*", r"minimax-m2-her", r"speech-0\d.*", r"hailuo.*", r"minimax-speech.*",
    ),
    "moonshotai": (
        r"moonshot-v1.*", r"kimi-thinking-preview",
    ),
    "stepfun": (
        r"step-[12](v|o|x)?-.*", r"step-tts-.*", r"step-asr.*",
    ),
    "mistral": (
        r"mistral-(embed|moderation|ocr|saba|medium-(3(\.1)?(-.*)?|23.*|25.*)|medium-3-instruct|code-.*|tiny|small-240[29]|large-2402)(-.*)?",
        r"magistral-medium.*", r"devstral-medium-2507", r"codestral-(25|embed|mamba-latest).*",
    ),
    "cohere": (
        r"embed-(english|multilingual|v).*", r"rerank-(english|multilingual|v).*",
        r"command-(light|nightly|text).*", r"classify.*",
    ),
    "voyage": (
        r"voyage-.*", r"rerank-(2|lite).*",
    ),
    "groq": (
        r"compound(-.*)?",
    ),
    "writer": (
        r"palmyra-?(x|med|fin|creative|vision)?.*",
    ),
    "ai21": (
        r"j2-.*", r"jurassic.*",
    ),
    "others": (
        r"(kling|runway|gen-[34]|midjourney|ideogram|recraft|luma|ray-?\d|dream-machine|pika|suno|udio|elevenlabs|eleven|aura|hume|firefly)[-_ .]?.*",
        r"mercury(-.*)?", r"morph-v?\d.*", r"v0-.*", r"reka-(core|edge|flash-(2|api)).*", r"luminous-.*",
        r"aleph-alpha.*", r"yi-(large|lightning|medium|spark).*", r"baichuan[34](-.*)?",
        r"spark-(max|pro|lite|ultra).*", r"sensechat.*", r"sensenova.*", r"pangu-api.*",
        r"solar-(pro-?[23]|mini).*", r"fugu(-.*)?", r"phind-.*", r"universal-[12].*", r"relace-.*",
        r"asi1.*",
    ),
    "black-forest-labs": (
        r"flux[-.]?([12](\.\d)?-?)?(kontext-)?(pro|max|ultra|flex)(-.*)?", r"flux-pro.*",
    ),
    "stability": (
        r"stable-image-(ultra|core).*", r"sd3-ultra", r"stable-diffusion-ultra",
    ),
    "inflection": (
        r"inflection-.*", r"pi",
    ),
}  # fmt: skip
"""Maker -> its closed models, as expressions over a whole name in lower case with dashes for spaces."""

_CLOSED = tuple((maker, re.compile(r"(?:%s)\Z" % "|".join(patterns))) for maker, patterns in CLOSED.items())


def maker_of_closed(name: str) -> t.Optional[str]:
    """Who keeps the weights of a model to itself; None where that is not known of the name.

    ``name`` is without provider, owner and what resellers add.
    """
    text = _SEPARATED.sub("-", name.strip().lower()).strip("-")
    return next((maker for maker, pattern in _CLOSED if pattern.match(text)), None)
