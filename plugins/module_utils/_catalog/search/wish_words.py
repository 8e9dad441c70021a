# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of wishes in searches: what people call tasks, hardware, licences and languages.

Made by ``make data`` from ``data/search_words.csv``, where each row has its source. Edit that file.
"""

from __future__ import annotations

import typing as t

# fmt: off
CHINESE: t.Mapping[str, str] = {
    "语音识别": "speech recognition", "语音转文字": "speech recognition", "语音转文本": "speech recognition",
    "听写": "speech recognition", "语音合成": "text to speech", "文字转语音": "text to speech",
    "文本转语音": "text to speech", "配音": "text to speech", "语音克隆": "text to speech", "语音": "speech",
    "音频": "audio input", "文生图": "image generation", "图像生成": "image generation", "图片生成": "image generation",
    "生成图片": "image generation", "画图": "image generation", "绘画": "image generation", "生图": "image generation",
    "文生视频": "video generation", "视频生成": "video generation", "图生视频": "video generation",
    "图像编辑": "image editing", "图片编辑": "image editing", "修图": "image editing", "图像理解": "vision",
    "视频理解": "video understanding", "看图": "vision", "视觉": "vision", "多模态": "multimodal", "图片": "vision",
    "图像": "vision", "嵌入": "embedding", "向量": "embedding", "重排序": "reranker", "重排": "reranker", "代码": "code",
    "编程": "code", "写代码": "code", "翻译": "translation", "数学": "math", "医疗": "medical", "医学": "medical",
    "审核": "moderation", "安全": "safety", "文字识别": "ocr", "文档解析": "ocr", "光学字符识别": "ocr", "工具调用": "tool calling",
    "函数调用": "function calling", "智能体": "agent", "非推理": "non reasoning", "推理": "reasoning", "思考": "reasoning",
    "结构化输出": "structured output", "混合专家": "moe", "稠密": "dense", "长上下文": "long context", "长文本": "long context",
    "上下文": "context", "最新": "latest", "最便宜": "cheapest", "便宜": "cheap", "免费": "free", "低价": "cheap",
    "开源": "open source", "开放权重": "open weights", "闭源": "closed", "商用": "commercial use", "宽松": "permissive",
    "许可证": "license", "许可": "license", "协议": "license", "小模型": "small model", "大模型": "llm", "轻量": "small",
    "最大": "biggest", "最小": "smallest", "小型": "small", "大型": "large", "显存": "vram", "内存": "ram", "显卡": "gpu",
    "单卡": "single", "笔记本": "laptop", "手机": "phone", "量化": "quantized", "中文": "chinese", "英文": "english",
    "英语": "english", "日语": "japanese", "多语言": "multilingual", "不超过": "at most", "低于": "under", "小于": "under",
    "少于": "under", "以下": "or less", "以内": "or less", "大于": "more than", "超过": "more than", "至少": "at least",
    "以上": "or more", "亿参数": "yi", "参数": "parameters", "美元": "usd", "聊天": "chat", "对话": "chat", "模型": "model",
    "适合": "for", "支持": "with", "可以": "can", "能": "can", "的": " ", "在": " ", "上": " ", "运行": "run", "跑": "run",
    "一张": "one", "两张": "2x", "和": "and", "或": "or", "用于": "for", "纯文本": "text only", "去审查": "uncensored",
    "无审查": "uncensored", "角色扮演": "roleplay", "最好": "best", "推荐": "best",
}
"""Chinese words -> what an English search would say; longer ones first."""

GPUS: t.Mapping[str, float] = {
    "b300": 288.0, "b200": 180.0, "gb300": 288.0, "gb200": 186.0, "h200": 141.0, "gh200": 96.0, "h100": 80.0,
    "h800": 80.0, "h20": 96.0, "a100": 80.0, "a800": 80.0, "l40s": 48.0, "l40": 48.0, "l4": 24.0, "l20": 48.0,
    "a40": 48.0, "a30": 24.0, "a10": 24.0, "a10g": 24.0, "a2": 16.0, "t4": 16.0, "v100": 32.0, "p40": 24.0,
    "p100": 16.0, "a6000": 48.0, "a5000": 24.0, "a4000": 16.0, "6000": 48.0, "5090": 32.0, "5080": 16.0,
    "5070": 12.0, "5060": 8.0, "4090": 24.0, "4080": 16.0, "4070": 12.0, "4060": 8.0, "3090": 24.0,
    "3080": 10.0, "3070": 8.0, "3060": 12.0, "2080": 11.0, "1080": 8.0, "mi355x": 288.0, "mi350x": 288.0,
    "mi325x": 256.0, "mi300x": 192.0, "mi300a": 128.0, "mi250x": 128.0, "mi250": 128.0, "mi210": 64.0,
    "mi100": 32.0, "7900": 24.0, "w7900": 48.0, "910b": 64.0, "910c": 128.0, "310p": 24.0, "gaudi2": 96.0,
    "gaudi3": 128.0, "a770": 16.0, "gb10": 128.0, "spark": 128.0, "orin": 64.0, "laptop": 8.0,
    "notebook": 8.0, "phone": 4.0, "smartphone": 4.0, "raspberry": 4.0, "cpu": 16.0, "macbook": 16.0,
}
"""A card or machine -> gigabytes for models on it."""

TASKS: t.Mapping[str, str] = {
    "code": ("(?<!open)cod(e|er|ing|ex|estral)(?![a-z])|codestral|devstral|mellum|starcoder|codegemma|codellam"
        "a"),
    "math": "math|mathstral|prover|numina",
    "translation": "translat|hunyuan-mt|(^|[/-])mt(-|$)|nllb|m2m100|madlad|seamless|tower|towerinstruct|indictrans",
    "guard": "guard|safety|shield|moderation",
    "classifier": ("classif|sentiment|(distil|ro|de|al|modern)?bert(a|-|$)|toxicity|detect(or|ion)|reward|(^|[/-])(m"
        "odel|auto)-?router"),
    "uncensored": "uncensored|dolphin|abliterat|unshackled|heretic|derestricted", "ocr": "ocr",
    "medical": "med(gemma|ical)|baichuan-m\\d|meditron|biomistral|huatuo|clinical|health",
    "roleplay": ("roleplay|rp(?![a-z])|stheno|euryale|mythomax|lumimaid|noromaid|cydonia|rocinante|magnum|hanami|u"
        "nslop"),
    "legal": "legal|law|saul", "finance": "financ|fin(gpt|bert|-r1)",
    "embedding": ("embed|(^|/)bge-(?!rerank)|gte-(?!.*rerank)|(^|/|-)e5-|voyage-\\d|voyage-|nomic|gritlm|minilm|mpne"
        "t|arctic-embed"),
    "reranker": "re-?rank",
    "speech_to_text": ("whisper|asr|transcri|voxtral(?!.*tts)|granite-speech|sensevoice|(^|[/-])stt|parakeet|canary|spee"
        "ch-to-text|scribe|paraformer|nova-3"),
    "music": "music|lyria|suno|songgen|audio-?gen", "edit": "edit|kontext|inpaint|fill",
    "deep research": "research", "sql": "sql", "protein": "esmfold|protein|esm\\d",
}
"""A task that catalogs have no field for -> how models for it are called."""

PHRASES: t.Tuple[t.Tuple[str, str], ...] = (
    (("speech[- ]?(to|2)[- ]?text|speech recognition|transcri(be|bing|ption|ptions)|dictation|subtitles"
        "?|asr|stt|voice recognition"), "speech_to_text"),
    (("text[- ]?(to|2)[- ]?speech|speech (synthesis|generation)|voice (cloning|clone|synthesis|generati"
        "on|over)|read aloud|tts"), "text_to_speech"),
    ("speech[- ]?(to|2)[- ]?speech|voice (chat|assistant)|realtime voice", "speech_to_speech"),
    (("(image|photo|picture)s? (edit(ing|or)?|manipulation|inpainting)|edit(ing)? (images?|photos?|pict"
        "ures?)|inpaint(ing)?"), "image_editing"),
    (("(image|picture|photo|art|logo)s? (generation|generator|generating|creation|synthesis)|text[- ]?("
        "to|2)[- ]?image|t2i|generat(e|es|ing) (images?|pictures?|art)|(draw|create|make)s? (images?|pict"
        "ures?)|drawing|image output|diffusion"), "image_generation"),
    (("video (generation|generator|creation|synthesis)|(text|image)[- ]?(to|2)[- ]?video|generat(e|es|i"
        "ng) videos?|t2v|i2v|video output"), "video_generation"),
    ("music (generation|creation)|generat(e|ing) music|songs?|music", "music"),
    (("video (understanding|input|analysis|qa|captioning)|(understand|watch|analy[sz]e)s?(ing)? videos?"
        "|video (chat|language)"), "video_input"),
    (("audio (input|understanding|analysis|language)|audio multimodal|understands? audio|listens?|audio"
        " in"), "audio_input"),
    ("audio output|audio generation", "audio_output"),
    ("(no|without) (vision|images?)|text[- ]only|only text|language only|non[- ]vision", "text_only"),
    (("(pdf|document)s? (input|understanding|reading|parsing|analysis|qa)|(reads?|reading) (pdfs?|docum"
        "ents?)|pdfs?"), "pdf_input"),
    ("re-?rank(er|ers|ing)?|cross[- ]?encoders?", "reranker"),
    (("embeddings?|embed|embedders?|vector(s| search| database)?|semantic search|sentence similarity|te"
        "xt similarity"), "embedding"),
    ("ocr|optical character recognition|text recognition|handwriting recognition", "ocr"),
    (("image (understanding|input|analysis|chat|qa|recognition|captioning|description)|image[- ]?(to|2)"
        "[- ]?text|visual question answering|vqa|vision[- ]language|vision|visual|vlms?|multi-?modal|sees"
        "? images|(understand|analy[sz]e|describe)(s|ing)? (images?|pictures?|photos?)|image in"), "image_input"),
    (("(code|software|program) (generation|completion|assistant|writing)|software engineering|cod(e|ing"
        "|er)|programming|programmer|developers?|autocomplete"), "code"),
    ("math(s|ematics|ematical)?", "math"),
    ("translat(e|es|ion|ions|ing|or)|machine translation", "translation"),
    (("(content )?(guard(rails?)?|safety|moderation|moderate|content filter(ing)?|jailbreak detection|t"
        "oxicity)( model)?"), "guard"),
    ("uncensored|unfiltered|abliterated|nsfw|decensored|no refusals?", "uncensored"),
    ("medic(al|ine)|health(care)?|clinical|biomedical", "medical"), ("role-?play(ing)?", "roleplay"),
    ("deep research", "deep research"), ("text[- ]?to[- ]?sql|sql", "sql"), ("protein( folding)?", "protein"),
    ("(legal|law)( documents?)?", "legal"), ("financ(e|ial)", "finance"),
    (("tool[- ]?(calling|calls?|use|using|usage)?s?|function[- ]?(calling|calls?)s?|functions|agents?|a"
        "gentic|mcp"), "tool_call"),
    ("reasoning|reasoners?|thinking|chain[- ]of[- ]thought|cot", "reasoning"),
    ("structured[- ]outputs?|json( (schema|mode|output|outputs))?|schema|constrained decoding", "structured_output"),
    ("mixture[- ]of[- ]experts|moes?|sparse", "moe"), ("dense", "dense"), ("omni|any[- ]to[- ]any", "omni"),
    ("images?|pictures?|photos?", "image"), ("audio|voices?|speech|sounds?", "audio"), ("videos?", "video"),
)
"""What people write -> the wish, tried in this order over the text."""

NEGATED: str = "(?:non|no|not|without|w/o|except|excluding|exclude|but not|disable|minus)[- ]"
"""What stands before a wish that is not wanted."""

CLASSES: t.Mapping[str, t.Tuple[str, ...]] = {
    "permissive": (
    "apache-2.0", "mit", "bsd-3-clause", "bsd-2-clause", "bsd", "isc", "unlicense", "cc0-1.0", "cc-by-4.0",
    "0bsd",
    ),
    "non-commercial": ("*-nc-*", "*non-commercial*", "*research*", "*noncommercial*"),
}
"""A class of licences -> its members; * stands for any letters."""

LICENCES: t.Tuple[t.Tuple[str, str], ...] = (
    ("non[- ]?commercial( (use|licen[cs]e[ds]?))?|research[- ]only", "non-commercial"),
    (("permissive(ly)?( licen[cs]e[ds]?)?|commercial(ly)?( (use|usable|licen[cs]e[ds]?))?|business use|"
        "free for commercial use"), "permissive"),
    ("apache([- ]?(2(\\.0)?|v2))?( licen[cs]e[ds]?)?", "apache-2.0"),
    ("modified[- ]mit( licen[cs]e[ds]?)?", "modified-mit"), ("mit( licen[cs]e[ds]?)?(?![a-z])", "mit"),
    ("bsd([- ]?[23]([- ]clause)?)?( licen[cs]e)?", "bsd*"), ("cc[- ]by[- ]nc(-(4\\.0|sa|nd))*", "cc-by-nc*"),
    ("cc[- ]by([- ]4(\\.0)?)?", "cc-by-4.0"), ("gpl(v3|-3\\.0)?", "*gpl*"),
    ("nvidia open( model)?( licen[cs]e)?", "nvidia-open-model-license"), ("llama licen[cs]e", "llama*"),
    ("gemma licen[cs]e", "gemma"), ("openrail(\\+\\+)?", "*openrail*"),
)
"""What people write -> a licence, a class of them, or a pattern."""

LANGUAGES: t.Mapping[str, t.Tuple[str, ...]] = {
    "chinese": (
    ("-zh(-|$)|m3|qwen|glm|ernie|hunyuan|hy3|minicpm|baichuan|internlm|deepseek|kimi|paraformer|sensev"
        "oice|cosyvoice|multilingual"),
    "-en(-|$)|english|japan|arabic",
    ),
    "english": ("-en(-|$)|english", "-zh(-|$)|arabic|japan"),
    "japanese": ("japan|-ja(-|$)|shisa|plamo|elyza|swallow|rinna", "-(en|zh)(-|$)|arabic"),
    "arabic": ("arabic|jais|falcon|allam|aya", "-(en|zh)(-|$)"),
    "german": ("german|-de(-|$)|teuken|occiglot|eurollm", "-(en|zh)(-|$)"),
    "hindi": ("indic|sarvam|hindi", "-(en|zh)(-|$)"),
    "korean": ("korea|-ko(-|$)|exaone|solar|hyperclova|kanana|ax-", "-(en|zh)(-|$)"),
    "multilingual": ("multilingual|m3|qwen|aya|command|eurollm|gemma|e5", "-(en|zh)(-|$)|english"),
}
"""A language -> names of models for it, and of such that are not."""

FILLER: t.FrozenSet[str] = frozenset((
    "a", "about", "active", "ada", "after", "ai", "all", "also", "alternative", "alternatives", "an", "and",
    "any", "api", "apple", "are", "as", "at", "available", "base's", "be", "below", "best", "budget", "but",
    "buy", "by", "can", "capable", "card", "cards", "chat", "chatbot", "cheap", "context", "cost", "costs",
    "could", "dgx", "do", "does", "dollar", "dollars", "each", "equivalent", "etc", "family", "fast",
    "fastest", "find", "fit", "fits", "fitting", "for", "from", "geforce", "generation", "generator", "get",
    "gib", "give", "good", "gpu", "gpus", "graphics", "great", "has", "have", "having", "hgx", "high", "host",
    "hosted", "hosting", "how", "i", "in", "inference", "input", "instinct", "instruct", "into", "is", "it",
    "jetson", "language", "least", "licence", "license", "licensed", "like", "list", "llm", "llms", "local",
    "locally", "mac", "machine", "made", "make", "maker", "me", "memory", "million", "model", "models",
    "more", "most", "mtok", "my", "need", "no", "nvidia's", "of", "on", "one", "only", "open", "or", "output",
    "over", "parameter", "parameters", "params", "per", "pi", "please", "powerful", "price", "pricing",
    "pro's", "provider", "providers", "quality", "quantization", "quantized", "radeon", "ram", "recent",
    "recommend", "recommended", "release", "released", "replacement", "rtx", "run", "running", "runs", "self",
    "series", "serve", "server", "show", "similar", "since", "single", "smart", "some", "something", "strong",
    "suitable", "super's", "support", "supporting", "supports", "task", "tasks", "tesla", "text", "than",
    "that", "the", "there", "these", "this", "ti", "to", "token", "tokens", "top", "total", "under",
    "understanding", "up", "us", "usable", "usage", "usd", "use", "used", "using", "version", "versions",
    "via", "vram", "want", "weight", "weights", "what", "which", "window", "with", "work", "works", "write",
    "writing", "year", "you", "your",
))
"""Words that say nothing about a model by themselves."""
