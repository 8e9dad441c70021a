# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of wishes in searches, as reviewed data: what people call tasks, hardware, licences and languages."""

from __future__ import annotations

import typing as t

CHINESE: t.Mapping[str, str] = {
    "语音识别": "speech recognition", "语音转文字": "speech recognition", "语音转文本": "speech recognition",
    "听写": "speech recognition", "语音合成": "text to speech", "文字转语音": "text to speech",
    "文本转语音": "text to speech", "配音": "text to speech", "语音克隆": "text to speech", "语音": "speech",
    "音频": "audio input", "文生图": "image generation", "图像生成": "image generation",
    "图片生成": "image generation", "生成图片": "image generation", "画图": "image generation",
    "绘画": "image generation", "生图": "image generation", "文生视频": "video generation",
    "视频生成": "video generation", "图生视频": "video generation", "图像编辑": "image editing",
    "图片编辑": "image editing", "修图": "image editing", "图像理解": "vision",
    "视频理解": "video understanding", "看图": "vision", "视觉": "vision", "多模态": "multimodal",
    "图片": "vision", "图像": "vision", "嵌入": "embedding", "向量": "embedding", "重排序": "reranker",
    "重排": "reranker", "代码": "code", "编程": "code", "写代码": "code", "翻译": "translation",
    "数学": "math", "医疗": "medical", "医学": "medical", "审核": "moderation", "安全": "safety",
    "文字识别": "ocr", "文档解析": "ocr", "光学字符识别": "ocr", "工具调用": "tool calling",
    "函数调用": "function calling", "智能体": "agent", "非推理": "non reasoning", "推理": "reasoning",
    "思考": "reasoning", "结构化输出": "structured output", "混合专家": "moe", "稠密": "dense",
    "长上下文": "long context", "长文本": "long context", "上下文": "context", "最新": "latest",
    "最便宜": "cheapest", "便宜": "cheap", "免费": "free", "低价": "cheap", "开源": "open source",
    "开放权重": "open weights", "闭源": "closed", "商用": "commercial use", "宽松": "permissive",
    "许可证": "license", "许可": "license", "协议": "license", "小模型": "small model", "大模型": "llm",
    "轻量": "small", "最大": "biggest", "最小": "smallest", "小型": "small", "大型": "large", "显存": "vram",
    "内存": "ram", "显卡": "gpu", "单卡": "single", "笔记本": "laptop", "手机": "phone", "量化": "quantized",
    "中文": "chinese", "英文": "english", "英语": "english", "日语": "japanese", "多语言": "multilingual",
    "不超过": "at most", "低于": "under", "小于": "under", "少于": "under", "以下": "or less",
    "以内": "or less", "大于": "more than", "超过": "more than", "至少": "at least", "以上": "or more",
    "亿参数": "yi", "参数": "parameters", "美元": "usd", "聊天": "chat", "对话": "chat", "模型": "model",
    "适合": "for", "支持": "with", "可以": "can", "能": "can", "的": " ", "在": " ", "上": " ", "运行": "run",
    "跑": "run", "一张": "one", "两张": "2x", "和": "and", "或": "or", "用于": "for", "纯文本": "text only",
    "去审查": "uncensored", "无审查": "uncensored", "角色扮演": "roleplay", "最好": "best", "推荐": "best",
}  # fmt: skip
"""Chinese words -> what an English search would say; longer words first where they begin alike."""

GPUS: t.Mapping[str, float] = {
    "b300": 288, "b200": 180, "gb300": 288, "gb200": 186, "h200": 141, "gh200": 96, "h100": 80, "h800": 80,
    "h20": 96, "a100": 80, "a800": 80, "l40s": 48, "l40": 48, "l4": 24, "l20": 48, "a40": 48, "a30": 24,
    "a10": 24, "a10g": 24, "a2": 16, "t4": 16, "v100": 32, "p40": 24, "p100": 16, "a6000": 48, "a5000": 24,
    "a4000": 16, "6000": 48, "5090": 32, "5080": 16, "5070": 12, "5060": 8, "4090": 24, "4080": 16,
    "4070": 12, "4060": 8, "3090": 24, "3080": 10, "3070": 8, "3060": 12, "2080": 11, "1080": 8,
    "mi355x": 288, "mi350x": 288, "mi325x": 256, "mi300x": 192, "mi300a": 128, "mi250x": 128, "mi250": 128,
    "mi210": 64, "mi100": 32, "7900": 24, "w7900": 48, "910b": 64, "910c": 128, "310p": 24, "gaudi2": 96,
    "gaudi3": 128, "a770": 16, "gb10": 128, "spark": 128, "orin": 64, "laptop": 8, "notebook": 8, "phone": 4,
    "smartphone": 4, "raspberry": 4, "cpu": 16, "macbook": 16,
}  # fmt: skip
"""A card or machine -> gigabytes that models can use on it."""

TASKS: t.Mapping[str, str] = {
    "code": (
        r"(?<!open)cod(e|er|ing|ex|estral)(?![a-z])|codestral|devstral|mellum|starcoder|codegemma|codellama"
    ),
    "math": r"math|mathstral|prover|numina",
    "translation": (
        r"translat|hunyuan-mt|(^|[/-])mt(-|$)|nllb|m2m100|madlad|seamless|tower|towerinstruct|indictrans"
    ),
    "guard": r"guard|safety|shield|moderation",
    "uncensored": r"uncensored|dolphin|abliterat|unshackled|heretic|derestricted",
    "ocr": r"ocr",
    "medical": r"med(gemma|ical)|baichuan-m\d|meditron|biomistral|huatuo|clinical|health",
    "roleplay": (
        r"roleplay|rp(?![a-z])|stheno|euryale|mythomax|lumimaid|noromaid|cydonia|rocinante|magnum|hanami"
        r"|unslop"
    ),
    "legal": r"legal|law|saul", "finance": r"financ|fin(gpt|bert|-r1)",
    "embedding": (
        r"embed|(^|/)bge-(?!rerank)|gte-(?!.*rerank)|(^|/|-)e5-|voyage-\d|voyage-|nomic|gritlm|minilm"
        r"|mpnet|arctic-embed"
    ),
    "reranker": r"re-?rank",
    "speech_to_text": (
        r"whisper|asr|transcri|voxtral(?!.*tts)|granite-speech|sensevoice|(^|[/-])stt|parakeet|canary"
        r"|speech-to-text|scribe|paraformer|nova-3"
    ),
    "music": r"music|lyria|suno|songgen|audio-?gen",
    "edit": r"edit|kontext|inpaint|fill",
    "deep research": r"research",
    "sql": r"sql", "protein": r"esmfold|protein|esm\d",
}  # fmt: skip
"""A task that catalogs have no field for -> how models for it are called."""

PHRASES: t.Tuple[t.Tuple[str, str], ...] = (
    (
        r"speech[- ]?(to|2)[- ]?text|speech recognition|transcri(be|bing|ption|ptions)|dictation|subtitles?"
        r"|asr|stt|voice recognition",
        "speech_to_text",
    ),
    (
        r"text[- ]?(to|2)[- ]?speech|speech (synthesis|generation)|voice (cloning|clone|synthesis|generation"
        r"|over)|read aloud|tts",
        "text_to_speech",
    ),
    (r"speech[- ]?(to|2)[- ]?speech|voice (chat|assistant)|realtime voice", "speech_to_speech"),
    (
        r"(image|photo|picture)s? (edit(ing|or)?|manipulation|inpainting)|edit(ing)? (images?|photos?|pictures?)"
        r"|inpaint(ing)?",
        "image_editing",
    ),
    (
        r"(image|picture|photo|art|logo)s? (generation|generator|generating|creation|synthesis)|text[- ]?(to"
        r"|2)[- ]?image|t2i|generat(e|es|ing) (images?|pictures?|art)|(draw|create|make)s? (images?|pictures?)"
        r"|drawing|image output|diffusion",
        "image_generation",
    ),
    (
        r"video (generation|generator|creation|synthesis)|(text|image)[- ]?(to|2)[- ]?video|generat(e|es"
        r"|ing) videos?|t2v|i2v|video output",
        "video_generation",
    ),
    (r"music (generation|creation)|generat(e|ing) music|songs?|music", "music"),
    (
        r"video (understanding|input|analysis|qa|captioning)|(understand|watch|analy[sz]e)s?(ing)? videos?"
        r"|video (chat|language)",
        "video_input",
    ),
    (
        r"audio (input|understanding|analysis|language)|audio multimodal|understands? audio|listens?|audio in",
        "audio_input",
    ),
    (r"audio output|audio generation", "audio_output"),
    (r"(no|without) (vision|images?)|text[- ]only|only text|language only|non[- ]vision", "text_only"),
    (
        r"(pdf|document)s? (input|understanding|reading|parsing|analysis|qa)|(reads?|reading) (pdfs?|documents?)"
        r"|pdfs?",
        "pdf_input",
    ),
    (r"re-?rank(er|ers|ing)?|cross[- ]?encoders?", "reranker"),
    (
        r"embeddings?|embed|embedders?|vector(s| search| database)?|semantic search|sentence similarity"
        r"|text similarity",
        "embedding",
    ),
    (r"ocr|optical character recognition|text recognition|handwriting recognition", "ocr"),
    (
        r"image (understanding|input|analysis|chat|qa|recognition|captioning|description)|image[- ]?(to"
        r"|2)[- ]?text|visual question answering|vqa|vision[- ]language|vision|visual|vlms?|multi-?modal"
        r"|sees? images|(understand|analy[sz]e|describe)(s|ing)? (images?|pictures?|photos?)|image in",
        "image_input",
    ),
    (
        r"(code|software|program) (generation|completion|assistant|writing)|software engineering|cod(e"
        r"|ing|er)|programming|programmer|developers?|autocomplete",
        "code",
    ),
    (r"math(s|ematics|ematical)?", "math"),
    (r"translat(e|es|ion|ions|ing|or)|machine translation", "translation"),
    (
        r"(content )?(guard(rails?)?|safety|moderation|moderate|content filter(ing)?|jailbreak detection"
        r"|toxicity)( model)?",
        "guard",
    ),
    (r"uncensored|unfiltered|abliterated|nsfw|decensored|no refusals?", "uncensored"),
    (r"medic(al|ine)|health(care)?|clinical|biomedical", "medical"), (r"role-?play(ing)?", "roleplay"),
    (r"deep research", "deep research"),
    (r"text[- ]?to[- ]?sql|sql", "sql"),
    (r"protein( folding)?", "protein"),
    (r"(legal|law)( documents?)?", "legal"), (r"financ(e|ial)", "finance"),
    (
        r"tool[- ]?(calling|calls?|use|using|usage)?s?|function[- ]?(calling|calls?)s?|functions|agents?"
        r"|agentic|mcp",
        "tool_call",
    ),
    (r"reasoning|reasoners?|thinking|chain[- ]of[- ]thought|cot", "reasoning"),
    (
        r"structured[- ]outputs?|json( (schema|mode|output|outputs))?|schema|constrained decoding",
        "structured_output",
    ),
    (r"mixture[- ]of[- ]experts|moes?|sparse", "moe"), (r"dense", "dense"), (r"omni|any[- ]to[- ]any", "omni"),
    (r"images?|pictures?|photos?", "image"), (r"audio|voices?|speech|sounds?", "audio"), (r"videos?", "video"),
)  # fmt: skip
"""What people write -> the wish, tried in this order over the whole text."""

NEGATED = r"(?:non|no|not|without|w/o|except|excluding|exclude|but not|disable|minus)[- ]"

CLASSES: t.Mapping[str, t.Tuple[str, ...]] = {
    "permissive": (
        "apache-2.0",
        "mit",
        "bsd-3-clause",
        "bsd-2-clause",
        "bsd",
        "isc",
        "unlicense",
        "cc0-1.0",
        "cc-by-4.0",
        "0bsd",
    ),
    "non-commercial": ("*-nc-*", "*non-commercial*", "*research*", "*noncommercial*"),
}  # fmt: skip
"""A class of licences -> its members; an asterisk stands for any letters."""

LICENCES: t.Tuple[t.Tuple[str, str], ...] = (
    (r"non[- ]?commercial( (use|licen[cs]e[ds]?))?|research[- ]only", "non-commercial"),
    (
        r"permissive(ly)?( licen[cs]e[ds]?)?|commercial(ly)?( (use|usable|licen[cs]e[ds]?))?|business use"
        r"|free for commercial use",
        "permissive",
    ),
    (r"apache([- ]?(2(\.0)?|v2))?( licen[cs]e[ds]?)?", "apache-2.0"),
    (r"modified[- ]mit( licen[cs]e[ds]?)?", "modified-mit"),
    (r"mit( licen[cs]e[ds]?)?(?![a-z])", "mit"), (r"bsd([- ]?[23]([- ]clause)?)?( licen[cs]e)?", "bsd*"),
    (r"cc[- ]by[- ]nc(-(4\.0|sa|nd))*", "cc-by-nc*"),
    (r"cc[- ]by([- ]4(\.0)?)?", "cc-by-4.0"),
    (r"gpl(v3|-3\.0)?", "*gpl*"),
    (r"nvidia open( model)?( licen[cs]e)?", "nvidia-open-model-license"),
    (r"llama licen[cs]e", "llama*"),
    (r"gemma licen[cs]e", "gemma"),
    (r"openrail(\+\+)?", "*openrail*"),
)  # fmt: skip
"""What people write -> a licence, a class of them, or a pattern."""

LANGUAGES: t.Mapping[str, t.Tuple[str, str]] = {
    "chinese": (
        r"-zh(-|$)|m3|qwen|glm|ernie|hunyuan|hy3|minicpm|baichuan|internlm|deepseek|kimi|paraformer|sensevoice"
        r"|cosyvoice|multilingual",
        r"-en(-|$)|english|japan|arabic",
    ),
    "english": (r"-en(-|$)|english", r"-zh(-|$)|arabic|japan"),
    "japanese": (r"japan|-ja(-|$)|shisa|plamo|elyza|swallow|rinna", r"-(en|zh)(-|$)|arabic"),
    "arabic": (r"arabic|jais|falcon|allam|aya", r"-(en|zh)(-|$)"),
    "german": (r"german|-de(-|$)|teuken|occiglot|eurollm", r"-(en|zh)(-|$)"),
    "hindi": (r"indic|sarvam|hindi", r"-(en|zh)(-|$)"),
    "korean": (r"korea|-ko(-|$)|exaone|solar|hyperclova|kanana|ax-", r"-(en|zh)(-|$)"),
    "multilingual": (r"multilingual|m3|qwen|aya|command|eurollm|gemma|e5", r"-(en|zh)(-|$)|english"),
}  # fmt: skip
"""A language -> names of models that are for it, and of such that are not."""

FILLER: t.FrozenSet[str] = frozenset((
    "ai", "a", "about", "all", "also", "an", "and", "any", "are", "as", "at", "available", "be", "best",
    "but", "buy", "by", "can", "card", "cards", "chat", "chatbot", "could", "capable", "do", "does", "each",
    "etc", "fast", "fastest", "find", "fit", "fits", "fitting", "for", "from", "generation", "generator",
    "get", "gib", "give", "good", "gpu", "gpus", "great", "has", "have", "having", "high", "host", "hosted",
    "hosting", "how", "i", "in", "instruct", "inference", "into", "is", "it", "language", "list", "llm",
    "llms", "local", "locally", "machine", "made", "make", "maker", "me", "memory", "model", "models", "more",
    "most", "my", "need", "no", "nvidia's", "of", "on", "one", "only", "open", "or", "over", "parameter",
    "parameters", "params", "per", "please", "powerful", "quality", "quantization", "quantized", "ram",
    "recent", "recommend", "recommended", "released", "release", "run", "running", "runs", "self", "server",
    "serve", "show", "single", "smart", "some", "something", "strong", "suitable", "support", "supporting",
    "supports", "task", "tasks", "text", "that", "the", "there", "these", "this", "to", "token", "tokens",
    "top", "understanding", "up", "us", "usable", "usage", "use", "used", "using", "via", "version",
    "versions", "vram", "want", "weights", "weight", "what", "which", "with", "work", "works", "write",
    "writing", "you", "your", "context", "window", "price", "pricing", "cost", "costs", "million", "mtok",
    "usd", "dollar", "dollars", "license", "licence", "licensed", "year", "since", "after", "under", "below",
    "least", "output", "input", "family", "series", "provider", "providers", "api", "geforce", "rtx", "tesla",
    "nvidia's", "radeon", "instinct", "graphics", "dgx", "hgx", "apple", "mac", "pi", "jetson", "ada",
    "pro's", "ti", "super's", "alternative", "alternatives", "like", "similar", "replacement", "equivalent",
    "base's", "cheap", "budget", "active", "total", "than",
))  # fmt: skip
"""Words of a question that say nothing about a model by themselves."""
