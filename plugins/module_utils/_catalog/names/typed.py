# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people and programs write around a model's name, taken off it. Pure.

The forms are those of ollama (``name:8b-instruct-q4_K_M``), LM Studio (``owner/name@q4_k_m``), LiteLLM
(``hosted_vllm/owner/name``), OpenRouter (``owner/name:free``), Amazon Bedrock (``us.meta.llama3-1-8b-instruct-v1:0``),
Vertex AI (``publishers/meta/models/llama``), files in GGUF, and commands that name a model.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.maker_table import (
    MAKERS,
    VENDORS,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.makers import in_latin
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.reference import (
    is_repository_name,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.signature import signature
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.size_table import (
    DEFAULT_SIZES,
)

ROUTES: t.FrozenSet[str] = frozenset((
    "ai", "aiml", "aiml_api", "anyscale", "api_base", "azure", "azure_ai", "azure_text", "azure_openai",
    "baseten", "bedrock", "bedrock_converse", "bedrock_mantle", "cerebras", "chat", "chutes", "clarifai",
    "cloudflare", "cohere_chat", "cometapi", "completion", "converse", "custom", "custom_openai",
    "dashscope", "databricks", "datarobot", "deepinfra", "default", "docker", "docker.io", "featherless",
    "featherless_ai", "fireworks", "fireworks_ai", "fireworks_ai_embed", "friendli", "friendliai",
    "galadriel", "gateway", "gemini", "github", "github_copilot", "github_models", "gitlab",
    "google_vertex", "gradient_ai", "groq", "heroku", "hf", "hosted_vllm", "huggingface", "hyperbolic",
    "infinity", "inference", "inference_net", "io_net", "kilo", "kluster_ai", "lambda", "lambda_ai",
    "lemonade", "library", "litellm", "litellm_proxy", "llama.cpp", "llamacpp", "llamafile", "lm_studio",
    "lmstudio", "local", "localai", "meta_llama", "mlx", "models", "model", "nano_gpt", "nebius",
    "nlp_cloud", "novita", "novita_ai", "nscale", "nvidia_nim", "oci", "ollama", "ollama_chat",
    "ollama_cloud", "oobabooga", "openai_compatible", "openai_like", "openrouter", "opencode", "ovhcloud",
    "parasail", "petals", "poe", "predibase", "publishers", "replicate", "requesty", "route", "sagemaker",
    "sagemaker_chat", "sambanova", "scaleway", "sglang", "siliconflow", "siliconflow_cn",
    "snowflake_cortex", "targon", "tensorrt_llm", "text_completion_openai", "text_completion_codestral",
    "tgi", "togethercomputer_api", "together", "together_ai", "togetherai", "triton", "v0", "venice",
    "vercel", "vercel_ai_gateway", "vertex", "vertex_ai", "vertex_ai_beta", "vllm", "volcengine", "voyage",
    "wandb", "watsonx", "watsonx_text", "workers_ai", "xinference", "zenmux", "accounts", "@cf", "@hf",
    "endpoints", "serverless", "deployments",
))  # fmt: skip
"""First parts of a name that say who serves it, or where it stands in an interface: never its owner."""

TAGS: t.FrozenSet[str] = frozenset((
    "free", "nitro", "floor", "online", "extended", "exacto", "beta", "latest", "cloud", "maas", "tee",
    "turbo", "fast", "instant", "versatile", "lightning", "fastest", "cheapest", "preferred", "highspeed",
    "ultraspeed", "cs", "fw", "web", "flex", "short", "cheaper", "default", "original", "paid", "batch",
    "priority", "standard", "preview", "hf", "lora", "prod",
))  # fmt: skip
"""What providers add to a name behind a dash or colon and no repository is named by alone."""

INSTRUCTED, BASE = "instruct", "base"
BASE_WORDS = frozenset(("base", "text", "pretrained", "pt"))
"""How tags call weights that no instructions were trained into."""

_MODES = frozenset(("thinking", "low", "medium", "high", "max", "reasoning"))

_WRAPPED = "\"'`\u201c\u201d\u2018\u2019«»「」『』<>[]()*，。；;,!?！？"
_COMMAND = re.compile(
    r"\A\s*(?:[$>#]\s*)?(?:ollama\s+(?:run|pull|show)|docker\s+model\s+(?:run|pull)|lms\s+(?:get|load)|vllm\s+serve"
    r"|hf\s+download|huggingface-cli\s+download|modelscope\s+download(?:\s+--model)?|git\s+(?:lfs\s+)?clone"
    r"|llama-(?:cli|server)\s+-hf|python3?\s+-m\s+\S+\s+--model(?:-path)?)[\s=]+",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\A(?:model(?:[ _-]?(?:id|name))?|repo(?:[ _-]?id)?|模型)\s*[:=：]\s*", re.IGNORECASE)
_REGION = re.compile(r"\A(?:us|eu|apac|ap|global|au|jp|ca|us-gov)\.(?=[a-z0-9]+\.)", re.IGNORECASE)
_BEDROCK = re.compile(r"(?:-v?\d+)?:\d+(?::[a-z0-9]+)?\Z", re.IGNORECASE)
_VENDOR_DOT = re.compile(r"\A([a-z][a-z0-9]*)\.(?=[a-z])", re.IGNORECASE)
_FILE = re.compile(r"\.(?:gguf|safetensors|bin|onnx|ckpt|pth)\Z", re.IGNORECASE)
_MAKERS_OF_CLOSED = frozenset(("anthropic", "amazon", "writer", "twelvelabs", "luma", "stability", "cohere"))
_ABBREVIATIONS = (
    (re.compile(r"(?<![A-Za-z0-9])sd[- ]?(?=[1-9](?:\.\d)?(?![\d.]))", re.IGNORECASE), "stable-diffusion-"),
    (re.compile(r"(?<![A-Za-z0-9])ds[- ]?(?=[rv]\d)", re.IGNORECASE), "deepseek-"),
    (re.compile(r"\Aoss[- ](?=\d)", re.IGNORECASE), "gpt-oss-"),
    (re.compile(r"\A(?=r1(?:\W|\Z))", re.IGNORECASE), "deepseek-"),
)
_NO_NAMES = frozenset(
    (
        "auto",
        "free",
        "default",
        "latest",
        "best",
        "model",
        "none",
        "router",
        "custom",
        "null",
        "n/a",
        "fusion",
        "all",
    )
)


@dataclass(frozen=True)
class Typed:
    """A name as it was meant. ``name`` is without owner, route and tags; empty where nothing is left.

    ``owner`` is what stands before it. ``repository`` is owner/name where the text has that form: a
    repository to ask for. ``tag`` says that a provider's or program's tag was taken off, ``served`` that
    a program's or provider's prefix was. ``revision`` is behind an @. ``edition`` is what the form of the
    name means where its words do not say it: ollama's ``name:8b`` is the instructed edition.
    """

    text: str
    name: str
    owner: t.Optional[str] = None
    repository: t.Optional[str] = None
    tag: t.Optional[str] = None
    served: bool = False
    revision: t.Optional[str] = None
    edition: t.Optional[str] = None


def cleaned(text: str) -> str:
    """``text`` without quotes, commands, labels and Chinese words around the name."""
    found = unicodedata.normalize("NFKC", text).strip().strip(_WRAPPED).strip()
    command = _COMMAND.match(found)
    if command:
        found = found[command.end() :].strip().split(" ")[0]
    found = _LABEL.sub("", found).strip().strip(_WRAPPED)
    if "://" in found:
        return found
    for pattern, meaning in _ABBREVIATIONS:
        found = pattern.sub(meaning, found)
    return re.sub(r"\s*/\s*", "/", found)


def typed(text: str) -> Typed:
    """Takes a name apart that is neither a path nor the address of a hub."""
    found = in_latin(cleaned(text))
    parts, served = _unrouted([part for part in found.split("/") if part])
    if len(parts) > 2 and _FILE.search(parts[-1]) and is_repository_name("/".join(parts[-3:-1])):
        parts = parts[-3:-1]
    parts = parts[-2:]
    owner = parts[0] if len(parts) > 1 and not _is_route(parts[0]) else None
    name, tag, revision = _untagged(parts[-1] if parts else "")
    vendor = _VENDOR_DOT.match(name)
    if vendor and (vendor.group(1).lower() in _known_vendors()) and not owner:
        owner, name = vendor.group(1), name[vendor.end() :]
    repository = _repository(owner, name)
    name = _FILE.sub("", name)
    if name.lower() in _NO_NAMES or not re.search(r"[^\W\d_]", name):
        name, repository = "", None
    edition = _edition(parts[-1]) if parts and repository is None else None
    return Typed(text, name.strip(" -_"), owner, repository, tag, served, revision, edition)


def _edition(part: str) -> t.Optional[str]:
    """What ollama serves under a name of its form, instructed weights unless the tag says base."""
    name, colon, tag = part.lower().partition(":")
    if not colon:
        return INSTRUCTED if name in DEFAULT_SIZES else None
    said = signature(tag)
    if set(said.words) & BASE_WORDS:
        return BASE
    sized = said.total is not None or any(re.fullmatch(r"e\d+b", word) for word in said.words)
    return INSTRUCTED if sized or tag in ("", "latest") else None


def _repository(owner: t.Optional[str], name: str) -> t.Optional[str]:
    """The repository to ask for; a tag that only names a precision stands for files in it."""
    if owner is None:
        return _joined_owner(name)
    bare, _colon, tag = name.partition(":")
    said = signature(tag)
    if said.words or said.total is not None or said.versions or said.dates:
        return None
    spelled = "%s/%s" % (owner, bare.strip())
    return spelled if is_repository_name(spelled) else None


def untagged_names(name: str) -> t.List[str]:
    """``name``, then without one provider's tag after the other: x-turbo-latest, x-turbo, x."""
    found = [name]
    while without_tags(found[-1]) != found[-1]:
        found.append(found[-1].rpartition("-")[0])
    return found


def without_tags(name: str) -> str:
    """``name`` without what providers add to it, such as -turbo or -maas."""
    previous = ""
    while name != previous:
        previous = name
        head, dash, last = name.rpartition("-")
        if dash and last.lower() in TAGS:
            name = head
    return name


def _unrouted(parts: t.Sequence[str]) -> t.Tuple[t.List[str], bool]:
    """The parts without those that lead to a provider or program; an owner and a name stay."""
    kept = list(parts)
    while len(kept) > 1 and _is_route(kept[0]):
        kept = kept[1:]
        if kept[1:2] and kept[0].lower() in ("fireworks", "meta", "google") and kept[1].lower() == "models":
            kept = [kept[0]] + kept[2:]
    if len(kept) == 3 and not _FILE.search(kept[-1]) and kept[1].lower() in ("models", "model"):
        kept = [kept[0], kept[2]]
    return kept, len(kept) < len(parts)


def _is_route(part: str) -> bool:
    name = part.lower()
    return name in ROUTES or (name not in MAKERS and name.replace("-", "_") in ROUTES)


def _untagged(name: str) -> t.Tuple[str, t.Optional[str], t.Optional[str]]:
    """The name with size and variant of its tag, the tag, and what stands behind an @."""
    name = _REGION.sub("", name)
    if _BEDROCK.search(name):
        return _BEDROCK.sub("", name), "bedrock", None
    name, _at, revision = name.partition("@")
    if signature(revision).precisions and not re.fullmatch(r"[0-9a-f]{7,40}", revision):
        name, revision = "%s-%s" % (name, revision), ""
    name, colon, tag = name.partition(":")
    if not colon:
        return name, None, revision or None
    words = [word for word in re.split(r"[:\-]", tag) if word]
    if all(word.lower() in TAGS | _MODES or _is_route(word) or word.isdigit() for word in words):
        return name, tag.lower(), revision or None
    return "%s:%s" % (name, tag), tag.lower(), revision or None


def _joined_owner(name: str) -> t.Optional[str]:
    """``Qwen--Qwen3-8B`` and ``Qwen__Qwen3-8B`` are how programs write owner/name in a file's name."""
    parts = re.split(r"--|__", name)
    spelled = "/".join(parts)
    return spelled if len(parts) == 2 and is_repository_name(spelled) else None


def _known_vendors() -> t.AbstractSet[str]:
    return VENDORS.keys() | MAKERS.keys() | _MAKERS_OF_CLOSED
