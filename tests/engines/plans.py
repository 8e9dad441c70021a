# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forty plans that real parsers are asked about: models and cards of every kind, each for both engines."""

from __future__ import annotations

import typing as t

from tests.accuracy import choose
from tests.accuracy.questions import Library
from tests.unit.plan.published_models import ENTRIES

Json = t.Dict[str, t.Any]

# The newest release that the package index has without a GPU's libraries, and one of half a year before it.
RELEASES: t.Mapping[str, t.Tuple[str, str]] = {"vLLM": ("0.32.0", "0.21.0"), "SGLang": ("0.5.23", "0.5.12")}
_FP8 = {"quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}
_AWQ = {"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}


class Question(t.NamedTuple):
    """A published model on hosts of one shape; ``config`` is added to the model's own."""

    model: str
    shape: str
    options: Json = {}
    config: Json = {}
    hosts: int = 1


QUESTIONS = (
    Question("Qwen/Qwen3-8B", "1xRTX4090"),
    Question("Qwen/Qwen3-8B", "1xL4", config=_AWQ),
    Question("Qwen/Qwen3-30B-A3B", "2xL40S"),
    Question("Qwen/Qwen3-235B-A22B", "8xH100-80GB-SXM", {"mode": "throughput"}),
    Question("Qwen/Qwen3-Coder-480B-A35B-Instruct", "8xH200", config=_FP8),
    Question("Qwen/Qwen3-Next-80B-A3B-Instruct", "4xA100-80GB-SXM"),
    Question("Qwen/Qwen2.5-VL-72B-Instruct", "4xH100-80GB-SXM"),
    Question("Qwen/Qwen2.5-0.5B-Instruct", "1xT4"),
    Question("meta-llama/Llama-3.3-70B-Instruct", "4xA100-80GB-SXM", {"policy": "latency"}),
    Question("meta-llama/Llama-3.3-70B-Instruct", "8xH100-80GB-SXM", {"concurrency": 256}),
    Question("meta-llama/Llama-4-Scout-17B-16E-Instruct", "8xH100-80GB-SXM"),
    Question("mistralai/Mistral-Small-3.1-24B-Instruct-2503", "2xL40S"),
    Question("mistralai/Mixtral-8x7B-Instruct-v0.1", "2xH100-80GB-SXM"),
    Question("google/gemma-3-27b-it", "2xA100-80GB-SXM"),
    Question("openai/gpt-oss-120b", "2xH100-80GB-SXM"),
    Question("deepseek-ai/DeepSeek-V2-Lite-Chat", "1xH100-80GB-SXM"),
    Question("moonshotai/Kimi-K2-Instruct", "8xH200", config=_FP8, hosts=2),
    Question("zai-org/GLM-4.5-Air", "4xH100-80GB-SXM"),
    Question("MiniMaxAI/MiniMax-M2", "8xH200"),
    Question("nvidia/NVIDIA-Nemotron-Nano-9B-v2", "1xL40S"),
    Question("microsoft/phi-4", "1xRTX5090", {"on_load_quantization": True}),
    Question("Qwen/Qwen3-Embedding-0.6B", "1xL4"),
    Question("BAAI/bge-reranker-v2-m3", "1xT4"),
    Question("CohereLabs/c4ai-command-r7b-12-2024", "1xA10"),
    Question("ibm-granite/granite-3.3-8b-instruct", "1xMI300X"),
)  # fmt: skip


class Planned(t.NamedTuple):
    """What the planner says to an engine of a release, or why it refuses."""

    subject: str
    engine: str
    release: str
    arguments: t.List[str]
    refusal: str


def plans() -> t.Iterator[Planned]:
    """Each question for each engine; the releases take turns."""
    configs = {entry["name"]: entry["config"] for entry in ENTRIES}
    for number, question in enumerate(QUESTIONS):
        subject = "%s on %d x %s" % (question.model, question.hosts, question.shape)
        config = {**configs[question.model], **question.config}
        for turn, (engine, releases) in enumerate(RELEASES.items()):
            release = releases[(number + turn) % len(releases)]
            options = {"backend": engine, "backend_version": release, **question.options}
            hosts = [{"name": "host-%d" % each, "shape": question.shape} for each in range(question.hosts)]
            variants = [{"repo": question.model, "config": config}]
            said = choose.answer({"variants": variants, "hosts": hosts, "options": options}, Library([]))
            arguments = [] if said["refused"] else said["plans"][0]["arguments"]
            yield Planned(subject, engine, release, arguments, said["message"])
