# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who makes which models, and under which weights they are open, as reviewed data.

Owners are those of the makers' own repositories on Hugging Face; families are the words that names of
their models have in common.
"""

from __future__ import annotations

import re
import typing as t

MAKERS: t.Mapping[str, t.Tuple[str, ...]] = {
    "qwen": ("qwen", "qwq", "qvq", "tongyi", "gte"),
    "deepseek-ai": ("deepseek", "janus"),
    "meta-llama": ("llama", "codellama"),
    "codellama": ("codellama",),
    "mistralai": (
        "mistral", "mixtral", "codestral", "devstral", "magistral", "ministral", "pixtral", "voxtral", "mathstral",
    ),
    "google": ("gemma", "medgemma", "codegemma", "shieldgemma", "paligemma", "diffusiongemma", "embeddinggemma",
               "t5gemma", "t5", "siglip"),
    "google-bert": ("bert",),
    "openai": ("gpt", "whisper", "clip"),
    "moonshotai": ("kimi", "moonlight"),
    "zai-org": ("glm", "chatglm", "cogvlm", "cogvideox", "cogview", "autoglm"),
    "minimaxai": ("minimax",),
    "baai": ("bge",),
    "microsoft": ("phi", "florence", "wizardlm", "vibevoice", "mai"),
    "nvidia": ("nemotron", "parakeet", "canary", "cosmos", "nvlm"),
    "ibm-granite": ("granite",),
    "cohereforai": ("command", "aya", "c4ai"),
    "coherelabs": ("command", "aya", "c4ai", "north"),
    "nousresearch": ("hermes", "deephermes"),
    "tiiuae": ("falcon",),
    "01-ai": ("yi",),
    "internlm": ("internlm", "intern"),
    "opengvlab": ("internvl",),
    "openbmb": ("minicpm", "minicpmv", "voxcpm"),
    "lgai-exaone": ("exaone",),
    "upstage": ("solar",),
    "jinaai": ("jina",),
    "nomic-ai": ("nomic",),
    "intfloat": ("e5",),
    "mixedbread-ai": ("mxbai",),
    "snowflake": ("arctic", "snowflake"),
    "sentence-transformers": ("minilm", "mpnet", "labse"),
    "stabilityai": ("stable", "stablelm", "sdxl", "sd"),
    "black-forest-labs": ("flux",),
    "tongyi-mai": ("z-image", "zimage"),
    "baidu": ("ernie", "qianfan"),
    "tencent": ("hunyuan", "hy", "songgeneration"),
    "stepfun-ai": ("step", "nextstep"),
    "xiaomimimo": ("mimo",),
    "inclusionai": ("ling", "ring", "bailing"),
    "bytedance-seed": ("seed", "bagel", "ui-tars"),
    "allenai": ("olmo", "tulu", "molmo", "olmoe", "olmocr"),
    "huggingfacetb": ("smollm", "smolvlm", "zephyr"),
    "huggingfaceh4": ("zephyr",),
    "xai-org": ("grok",),
    "ai21labs": ("jamba",),
    "databricks": ("dbrx", "dolly"),
    "bigcode": ("starcoder", "santacoder"),
    "bigscience": ("bloom", "bloomz"),
    "eleutherai": ("pythia",),
    "liquidai": ("lfm", "liquid"),
    "lmsys": ("vicuna",),
    "liuhaotian": ("llava",),
    "llava-hf": ("llava",),
    "funasr": ("paraformer", "funasr"),
    "funaudiollm": ("sensevoice", "cosyvoice", "fun"),
    "paddlepaddle": ("paddleocr", "paddle"),
    "hexgrad": ("kokoro",),
    "nari-labs": ("dia",),
    "arcee-ai": ("trinity", "arcee", "virtuoso", "coder-large"),
    "primeintellect": ("intellect",),
    "deepcogito": ("cogito",),
    "jetbrains": ("mellum",),
    "nanbeige": ("nanbeige",),
    "deepreinforce-ai": ("ornith",),
    "baichuan-inc": ("baichuan",),
    "kwaipilot": ("kat", "keye"),
    "meituan-longcat": ("longcat",),
    "rednote-hilab": ("dots",),
    "swiss-ai": ("apertus",),
    "utter-project": ("eurollm",),
    "sarvamai": ("sarvam",),
    "lightonai": ("lightonocr",),
    "cognitivecomputations": ("dolphin",),
    "open-r1": ("openr1",),
    "simplescaling": ("s1",),
    "openchat": ("openchat",),
    "teknium": ("openhermes",),
    "wan-ai": ("wan",),
    "lightricks": ("ltx",),
    "facebook": ("opt", "nllb", "bart", "seamless", "musicgen", "wav2vec", "esmfold", "esm"),
}  # fmt: skip
"""Owner in lower case -> family words of the models that it makes."""

VENDORS: t.Mapping[str, t.Tuple[str, ...]] = {
    "alibaba": ("qwen", "tongyi-mai", "wan-ai"),
    "dashscope": ("qwen",),
    "alibaba-cn": ("qwen",),
    "aliyun": ("qwen",),
    "qwenlm": ("qwen",),
    "deepseek": ("deepseek-ai",),
    "meta": ("meta-llama", "facebook", "meta-models"),
    "metaai": ("meta-llama",),
    "facebook": ("meta-llama", "facebook"),
    "facebookresearch": ("meta-llama", "facebook"),
    "llama": ("meta-llama",),
    "mistral": ("mistralai",),
    "moonshot": ("moonshotai",),
    "moonshotai-cn": ("moonshotai",),
    "zhipu": ("zai-org",),
    "zhipuai": ("zai-org",),
    "thudm": ("zai-org",),
    "zai": ("zai-org",),
    "z-ai": ("zai-org",),
    "z.ai": ("zai-org",),
    "minimax": ("minimaxai",),
    "minimax-cn": ("minimaxai",),
    "ibm": ("ibm-granite",),
    "cohere": ("coherelabs", "cohereforai"),
    "cohereforai": ("coherelabs",),
    "nous": ("nousresearch",),
    "xai": ("xai-org",),
    "x-ai": ("xai-org",),
    "ai21": ("ai21labs",),
    "openai-mirror": ("openai",),
    "stepfun": ("stepfun-ai",),
    "xiaomi": ("xiaomimimo",),
    "bytedance": ("bytedance-seed",),
    "baichuan": ("baichuan-inc",),
    "stability": ("stabilityai",),
    "bfl": ("black-forest-labs",),
    "jina": ("jinaai",),
    "nomic": ("nomic-ai",),
    "microsoft": ("microsoft",),
    "google": ("google", "google-bert"),
    "deepmind": ("google",),
    "neuralmagic": ("redhatai",),
    "nm-testing": ("redhatai",),
    "tencent-hunyuan": ("tencent",),
    "arcee": ("arcee-ai",),
    "liquid": ("liquidai",),
    "inclusion": ("inclusionai",),
    "snowflake": ("snowflake",),
    "intel": ("intel",),
    "amd": ("amd",),
    "allen": ("allenai",),
    "ai2": ("allenai",),
    "unsloth": ("unsloth",),
    "deepcogito": ("deepcogito",),
}
"""What people and providers call a maker -> owners of its repositories on Hugging Face, in lower case."""

CHINESE: t.Mapping[str, str] = {
    "通义千问": " qwen ", "通义": " qwen ", "千问": " qwen ", "深度求索": " deepseek ", "智谱清言": " glm ",
    "智谱": " zhipu ", "月之暗面": " moonshot ", "书生": " internlm ", "百川": " baichuan ", "零一万物": " yi ",
    "混元": " hunyuan ", "文心一言": " ernie ", "文心": " ernie ", "阶跃星辰": " step ", "阶跃": " step ",
    "豆包": " doubao ", "面壁": " minicpm ", "小米": " xiaomi ", "腾讯": " tencent ", "百度": " baidu ",
    "阿里": " alibaba ", "谷歌": " google ", "微软": " microsoft ", "清华": " thudm ", "零一": " yi ",
    "天工": " skywork ", "羊驼": " llama ", "华为": " huawei ", "盘古": " pangu ", "讯飞": " iflytek ",
    "星火": " spark ", "字节跳动": " bytedance ", "字节": " bytedance ", "英伟达": " nvidia ", "克劳德": " claude ",
    "双子座": " gemini ", "大模型": " ", "模型": " ", "开源": " ", "版本": " ", "版": " ", "的": " ",
    "嵌入": " embedding ", "向量": " embedding ", "重排序": " reranker ", "重排": " reranker ", "代码": " coder ",
    "视觉": " vl ", "多模态": " vl ", "数学": " math ", "思考": " thinking ", "推理": " thinking ",
    "对话": " chat ", "聊天": " chat ", "指令": " instruct ", "微调": " ", "量化": " ", "蒸馏": " distill ",
    "十亿": "b", "满血": " ", "基础": " base ", "基座": " base ", "语音": " audio ", "图像": " image ",
    "最新": " latest ",
}  # fmt: skip
"""Chinese words of names -> what the names of repositories have instead, the longer ones first."""


def family_owners(word: str) -> t.Tuple[str, ...]:
    """Owners, in lower case, whose own models are called so; empty where nobody is known to."""
    return _OWNERS.get(word, ())


def families() -> t.Iterable[str]:
    """All words of families."""
    return _OWNERS


def owners_of(vendor: str) -> t.Tuple[str, ...]:
    """Owners in lower case that a maker's, provider's or owner's name stands for; itself among them."""
    name = vendor.lower()
    return (name,) + VENDORS.get(name, ())


def is_maker(owner: str) -> bool:
    """Whether an owner makes models of its own, and does not only repack those of others."""
    return owner.lower() in MAKERS


def in_latin(text: str) -> str:
    """``text`` with Chinese words replaced; what is not known stays."""
    if text.isascii():
        return text
    for word, meaning in CHINESE.items():
        text = text.replace(word, meaning)
    return re.sub(r" +", " ", text).strip()


def _by_family() -> t.Dict[str, t.Tuple[str, ...]]:
    found: t.Dict[str, t.List[str]] = {}
    for owner, families in MAKERS.items():
        for family in families:
            found.setdefault(family, []).append(owner)
    return {family: tuple(owners) for family, owners in found.items()}


_OWNERS = _by_family()
