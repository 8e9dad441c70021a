# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner on metadata that comes over real sockets, from the hub stand-in."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import AutoconfigError
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


def test_refusal_in_one_message(plan: Plan) -> None:
    with pytest.raises(AutoconfigError) as caught:
        plan(model="deepseek/deepseek-r1", hosts=[host("RTX4090", 1)])
    assert caught.value.code == "does_not_fit"
    assert "GiB per GPU, has 22.9 GiB" in caught.value.message
