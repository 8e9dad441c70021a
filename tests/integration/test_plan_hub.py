# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner on metadata that comes over real sockets, from the hub stand-in."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.model_plan import (
    ARGUMENT_SPEC,
    run,
)

from tests.lab.hub import Hub

Plan = t.Callable[..., Result]

CARDS = {
    "H200": ("NVIDIA H200", "9.0", 143771, 611),
    "RTX4090": ("NVIDIA GeForce RTX 4090", "8.9", 24564, 375),
    "T4": ("Tesla T4", "7.5", 15360, 255),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Hub]:
    running = Hub(tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


@pytest.fixture
def plan(hub: Hub, tmp_path: Path) -> Plan:
    """model_plan with its defaults against the stand-in."""
    given = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    given.update(
        hf_endpoint=hub.url("huggingface"),
        modelscope_endpoint=hub.url("modelscope"),
        models_dev_url=hub.url("models_dev"),
        cache_dir=str(tmp_path / "cache"),
        hf_token=hub.description()["huggingface"]["token"],
        modelscope_token=hub.description()["modelscope"]["token"],
    )
    return lambda **more: run(Task({**given, **more}))


def host(card: str, count: int) -> t.Dict[str, t.Any]:
    """A host with idle cards, as gpu_facts describes it."""
    name, capability, total_mib, reserved_mib = CARDS[card]
    devices = [
        {
            "index": index, "uuid": f"GPU-{index}", "pci_bus_id": f"0000:{index:02x}:00.0", "vendor": "nvidia",
            "name": name, "compute_capability": capability, "state": "ok", "schedulable": True,
            "memory_total_bytes": total_mib << 20, "memory_reserved_bytes": reserved_mib << 20,
            "memory_used_bytes": 0, "memory_free_bytes": (total_mib - reserved_mib) << 20,
        }
        for index in range(count)
    ]  # fmt: skip
    return {"name": "gpu-a", "site": "default", "facts": {"devices": devices, "warnings": []}}


@pytest.mark.parametrize(
    ("model", "card", "count", "precision", "tensor"),
    [
        ("deepseek/deepseek-r1", "H200", 8, "fp8", 8),
        ("Qwen/Qwen3-32B", "H200", 8, "bf16", 1),
        ("Qwen/Qwen3-8B", "T4", 1, "fp8", 1),
        ("Qwen/Qwen3-30B-A3B", "RTX4090", 1, "int4", 1),
        ("openai/gpt-oss-20b", "RTX4090", 1, "fp4", 1),
        ("meta-llama/Llama-3.1-70B-Instruct", "H200", 4, "bf16", 2),
    ],
)
def test_plans(plan: Plan, model: str, card: str, count: int, precision: str, tensor: int) -> None:
    result = plan(model=model, hosts=[host(card, count)])
    made = result["plan"]
    assert (made["variant"]["quantization"], made["parallelism"]["tensor"]) == (precision, tensor)
    assert made["evidence"]["weights_bytes"] == "measured"
    assert made["memory"]["left_bytes"] >= 0
    assert len(made["placement"][0]["gpus"]) == tensor


def test_the_same_inputs_give_the_same_plan_from_the_cache(plan: Plan) -> None:
    first, second = (plan(model="Qwen/Qwen3-32B", hosts=[host("H200", 2)], offline=n) for n in (False, True))
    assert first["plan"] == second["plan"]


def test_only_the_gpus_that_are_chosen(plan: Plan) -> None:
    made = plan(model="Qwen/Qwen3-32B", hosts=[{**host("H200", 4), "gpus": [2, 3]}])["plan"]
    assert [gpu["index"] for gpu in made["placement"][0]["gpus"]] == [2]


def test_refusal_in_one_message(plan: Plan) -> None:
    with pytest.raises(AutoconfigError) as caught:
        plan(model="deepseek/deepseek-r1", hosts=[host("RTX4090", 1)])
    assert caught.value.code == "does_not_fit"
    assert "GiB per GPU, has 22.9 GiB" in caught.value.message


def test_every_field_can_be_overridden_and_is_checked(plan: Plan) -> None:
    """INT4 on SGLang from ModelScope with these parameters."""
    asked = {
        "model": "Qwen/Qwen3-32B",
        "source": "model_scope",
        "quantizations": ["int4"],
        "backend": "SGLang",
        "backend_version": "0.5.12.post1",
        "speculative": "ngram",
        "hosts": [host("RTX4090", 4)],
    }
    parameters = [
        "--tp-size=4", "--context-length=8192", "--kv-cache-dtype=fp8_e4m3", "--mem-fraction-static=0.8",
        "--max-running-requests=16", "--chunked-prefill-size=2048", "--disable-cuda-graph",
    ]  # fmt: skip
    result = plan(**asked, backend_parameters=parameters)
    made = result["plan"]
    assert (made["variant"]["source"], made["variant"]["repository"]) == ("model_scope", "Qwen/Qwen3-32B-AWQ")
    assert (made["variant"]["quantization"], made["backend"]) == ("int4", "SGLang")
    assert (made["backend_version"], made["parallelism"]["tensor"]) == ("0.5.12.post1", 4)
    assert (made["context_tokens"], made["utilization"]) == (8192, 0.8)
    assert set(parameters) <= {each.replace("0.800", "0.8") for each in made["backend_parameters"]}
    assert made["speculative_config"]["algorithm"] == "ngram"
    assert made["memory"]["cuda_graphs_bytes"] == 0
    # 64 layers, 2 of 8 KV heads on each of four GPUs, keys and values of 128 one-byte elements.
    assert made["memory"]["kv_bytes_per_token"] == 64 * 2 * 2 * 128
    said = " ".join(result["warnings"])
    assert all(flag.partition("=")[0] in said for flag in parameters[2:])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"backend_parameters": ["--tp-size=3"]}, "do not divide by 3"),
        (
            {"backend_parameters": ["--context-length=100000"]},
            "context 100000 is more than the model's 40960",
        ),
        ({"backend_parameters": ["--mem-fraction-static=1.0"]}, "of each GPU, of which"),
        ({"backend_parameters": ["--kv-cache-dtype=int2"]}, "a cache type that cannot be sized"),
        ({"backend_parameters": ["--enable-ep-moe"]}, "gone since SGLang 0.5.5"),
        ({"backend_parameters": ["--pp-size=99"]}, "99 stages for 64 layers"),
        ({"quantizations": ["int8"]}, "int4 is not among the allowed quantizations"),
        ({"publishers": ["somebody"]}, "its publisher (Qwen) is not among the allowed ones (somebody)"),
        ({"licences": ["mit"]}, "its licence"),
        ({"backends": ["vLLM"]}, "backend is SGLang, and backends allows vLLM"),
        ({"speculative": "mtp"}, "it has no MTP layers"),
    ],
)
def test_a_wrong_override_is_refused_with_the_rule_that_it_breaks(
    plan: Plan, wrong: t.Dict[str, t.Any], words: str
) -> None:
    usual = {
        "model": "Qwen/Qwen3-32B-AWQ",
        "source": "model_scope",
        "backend": "SGLang",
        "backend_version": "0.5.12.post1",
        "hosts": [host("RTX4090", 4)],
    }
    with pytest.raises(AutoconfigError) as caught:
        plan(**{**usual, **wrong})
    assert words in "%s; %s" % (caught.value.message, caught.value.hint)
