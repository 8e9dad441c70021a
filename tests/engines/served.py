# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tiny model with random weights in the real vLLM on CPU: it answers, and model_calibrate reads its start-up log."""

from __future__ import annotations

import json
import resource
import tempfile
import time
import typing as t
from pathlib import Path

import httpx
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library as Catalogs
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    Repository,
    RepositoryRef,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import model_calibrate, model_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result, Task

from tests.accuracy.choose import Shelf
from tests.engines.environment import VLLM, environment, python
from tests.lab.process import Child, free_port

NAME = "check/tiny"
_WORDS = ["<unk>", "</s>", "are", "you", "there", "yes", "no"]
# 0.12 GiB of weights.
CONFIG: t.Dict[str, t.Any] = {
    "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_size": 512, "intermediate_size": 2048,
    "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64,
    "vocab_size": 32000, "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
    "hidden_act": "silu", "attention_bias": False, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
    "bos_token_id": 1, "eos_token_id": 1,
}  # fmt: skip
CACHE_GIB, _SECONDS = 1, 900


def check() -> int:
    """Serve, ask, read; 1 where the engine has room for other tokens than the plan says."""
    plan = planned()
    print("plan: %s %s" % (plan["backend"], " ".join(plan["backend_parameters"])))
    with tempfile.TemporaryDirectory(prefix="autoconfig-vllm-") as name:
        log = served(plan, Path(name))
    found = calibrated(plan, log)
    print("model_calibrate reads of %s %s:" % (found["engine"], found["version"]))
    print("\n".join("  %s" % line for line in [*found["lines"], *found["warnings"]]))
    tokens = next(term["measured"] for term in found["terms"] if term["term"] == "kv_cache_tokens")
    per_token = plan["memory"]["kv_bytes_per_token"]
    expected = CACHE_GIB * (1 << 30) // per_token
    print("%d GiB of cache at the plan's %d bytes a token: %d tokens" % (CACHE_GIB, per_token, expected))
    return 0 if tokens == expected else 1


def planned() -> t.Dict[str, t.Any]:
    """What model_plan says to the tiny model on a card, for requests of up to 1024 tokens."""
    host = {"name": "host", "site": "default", "domain": "", "facts": simulated(Machine(), "1xL4")}
    options = {
        "model": NAME, "hosts": [host], "backend": "vLLM", "backend_version": VLLM, "context_tokens": 1024,
        "minimum_context_tokens": 1024, "request_tokens": 512, "concurrency": 2,
    }  # fmt: skip
    checked = ArgumentSpecValidator(dict(model_plan.ARGUMENT_SPEC)).validate(options)
    shelf = Shelf(
        {NAME: [Variant(Repository(RepositoryRef(HUGGINGFACE, NAME), "0" * 40, CONFIG, ()), "resolved")]}
    )
    result = model_plan.planned(Task(checked.validated_parameters), t.cast(Catalogs, shelf))
    return t.cast("dict[str, t.Any]", result["plans"][0])


def served(plan: t.Mapping[str, t.Any], folder: Path) -> str:
    """The engine's log from its start until it has answered; prints the answer and what it took."""
    _write_model(folder / "model")
    port, log = free_port(), folder / "vllm.log"
    command = [str(python().with_name("vllm")), "serve", str(folder / "model"), "--served-model-name", NAME]
    command += ["--load-format", "dummy", "--enforce-eager", "--host", "127.0.0.1", "--port", str(port)]
    variables = environment(
        VLLM_CPU_KVCACHE_SPACE=str(CACHE_GIB),
        VLLM_CPU_OMP_THREADS_BIND="nobind",
        OMP_NUM_THREADS="2",
        HOME=str(folder),
    )
    started = time.monotonic()
    child = Child.start("vLLM", [*command, *plan["backend_parameters"]], log, variables)
    try:
        child.wait_until(lambda: _answers("http://127.0.0.1:%d/health" % port), _SECONDS)
        question = {
            "model": NAME,
            "messages": [{"role": "user", "content": "are you there"}],
            "max_tokens": 8,
        }
        answer = httpx.post(
            "http://127.0.0.1:%d/v1/chat/completions" % port, json=question, timeout=120, trust_env=False
        )
        print("it answered %d after %.0f s: %s" % (
            answer.status_code, time.monotonic() - started, json.dumps(answer.json()["choices"][0]["message"])
        ))  # fmt: skip
        print("usage: %s" % json.dumps(answer.raise_for_status().json()["usage"]))
    finally:
        child.stop(30)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        "%.0f CPU-s, largest process %.1f GiB" % (used.ru_utime + used.ru_stime, used.ru_maxrss / (1 << 20))
    )
    return log.read_text(encoding="utf-8", errors="replace")


def calibrated(plan: t.Mapping[str, t.Any], log: str) -> Result:
    """model_calibrate's result for a plan and a log."""
    core = model_calibrate.CORE
    checked = ArgumentSpecValidator(dict(core.argument_spec), **dict(core.rules)).validate(
        {"plan": plan, "log": log}
    )
    return core.run(Task(checked.validated_parameters))


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _write_model(folder: Path) -> None:
    """A config and a tokenizer of seven words; vLLM makes up the weights."""
    special = [
        {"id": number, "content": _WORDS[number], "special": True, "single_word": False, "lstrip": False,
         "rstrip": False, "normalized": False}
        for number in (0, 1)
    ]  # fmt: skip
    vocabulary = {word: number for number, word in enumerate(_WORDS)}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }  # fmt: skip
    about = {
        "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "eos_token": "</s>",
        "chat_template": "{% for message in messages %}{{ message.content }} {% endfor %}",
    }  # fmt: skip
    folder.mkdir()
    for name, content in (
        ("config.json", CONFIG), ("tokenizer.json", tokenizer), ("tokenizer_config.json", about),
    ):  # fmt: skip
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
