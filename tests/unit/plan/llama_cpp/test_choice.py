# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models in GGUF: what is chosen on which card, and what the plan says."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
    NotServable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    RepositoryFile,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import host, llama_8b, request
from tests.unit.plan.llama_cpp.repositories import gguf_model, gguf_variant, unread

Plan = t.Dict[str, t.Any]
ALL = ("Q8_0", "Q6_K", "Q4_K_M", "Q3_K_M", "Q2_K")
GIB = 2**30


def small(kind: str, gib: float, count: int = 1, capability: t.Tuple[int, int] = (8, 6)) -> Host:
    """Cards of another size, all of it free."""
    found = host("T4", count)
    size = int(gib * GIB)
    cards = tuple(
        replace(
            gpu,
            name=kind,
            capability=capability,
            total_bytes=size,
            reserved_bytes=0,
            used_bytes=0,
            free_bytes=size,
        )
        for gpu in found.gpus
    )
    return replace(found, gpus=cards)


def planned(
    model: str, hosts: t.Sequence[Host], policy: t.Optional[Policy] = None, quants: t.Sequence[str] = ALL
) -> Plan:
    return make_plan(request([gguf_variant(model, quants)], hosts, policy)).plans[0]


def flags(plan: Plan) -> t.Dict[str, str]:
    return dict((*word.split("=", 1), "")[:2] for word in plan["backend_parameters"])


@pytest.mark.parametrize(
    ("model", "gib", "quant"),
    [
        ("Qwen3 8B", 24, "Q8_0"),
        ("Qwen3 8B", 12, "Q6_K"),
        ("Qwen3 8B", 8, "Q4_K_M"),
        ("Qwen3 0.6B", 8, "Q8_0"),
        ("Gemma 3 12B", 16, "Q6_K"),
        ("gpt-oss 20B", 16, "Q4_K_M"),
    ],
)
def test_the_least_loss_that_reaches_the_level(model: str, gib: float, quant: str) -> None:
    plan = planned(model, [small("NVIDIA GeForce RTX 3090", gib)])
    assert plan["variant"]["gguf"]["quantization"] == quant
    assert plan["memory"]["left_bytes"] >= 0


def test_a_plan_holds_all_that_gpustack_needs() -> None:
    plan = planned("Qwen3 8B", [small("Tesla P40", 24, capability=(6, 1))])
    assert plan["backend"] == "llama.cpp"
    definition = plan["backend_definition"]
    assert definition["name"] == "llama-cpp-custom"
    assert definition["versions"][plan["backend_version"]]["image_name"].startswith(
        "ghcr.io/ggml-org/llama.cpp:server-cuda-b"
    )
    assert "{{model_path}}" in definition["default_run_command"]
    assert "{{port}}" in definition["default_run_command"]
    assert definition["health_check_path"] == "/health"
    assert plan["variant"]["gguf"]["file"] == "Model-Q6_K.gguf"
    assert int(flags(plan)["--ctx-size"]) >= plan["context_tokens"]
    assert flags(plan)["--parallel"] == "8"
    json.dumps(plan)


@pytest.mark.parametrize(
    ("vendor", "target", "image"),
    [
        ("amd", "gfx1100", "server-rocm-b"),
        ("amd", "gfx1036", "server-vulkan-b"),
        ("nvidia", "", "server-cuda-b"),
    ],
)
def test_the_image_is_the_cards(vendor: str, target: str, image: str) -> None:
    there = small("AMD Radeon RX 7900 XTX", 24)
    cards = tuple(replace(gpu, vendor=vendor, target=target) for gpu in there.gpus)
    plan = planned("Qwen3 8B", [replace(there, gpus=cards)])
    (version,) = plan["backend_definition"]["versions"].values()
    assert image in version["image_name"]


def test_safetensors_on_vllm_come_first_where_they_fit() -> None:
    offered = [llama_8b(), gguf_variant("Llama 3.1 8B", ALL)]
    assert make_plan(request(offered, [host("L40S")])).plans[0]["backend"] == "vLLM"
    assert (
        make_plan(request(offered, [small("Tesla P40", 24, capability=(6, 1))])).plans[0]["backend"]
        == "llama.cpp"
    )


def test_layers_are_split_over_unlike_cards_by_their_memory() -> None:
    large, little = small("NVIDIA GeForce RTX 3090", 24), small("NVIDIA GeForce RTX 3060", 12)
    cards = (*large.gpus, *(replace(gpu, index=1, uuid="GPU-b") for gpu in little.gpus))
    plan = planned("Qwen3 32B", [replace(large, gpus=cards)], Policy(concurrency=1), ("Q6_K",))
    layers = plan["llama_cpp"]["layers"]
    assert sum(layers) == 64
    assert layers[0] > 1.5 * layers[1] > 0
    assert flags(plan)["--tensor-split"] == "%d,%d" % (layers[0], layers[1] + 1)
    assert len(plan["placement"][0]["gpus"]) == 2


def test_replicas_take_cards_of_their_own() -> None:
    plan = planned("Qwen3 8B", [small("NVIDIA GeForce RTX 3060", 12, 2)], Policy(replicas=2))
    assert [[gpu["index"] for gpu in place["gpus"]] for place in plan["placement"]] == [[0], [1]]
    with pytest.raises(DoesNotFit):
        planned("Qwen3 8B", [small("NVIDIA GeForce RTX 3060", 12)], Policy(replicas=2))


def test_the_named_quantization_and_nothing_else() -> None:
    policy = Policy(quant="q3_k_m")
    plan = planned("Qwen3 8B", [host("L40S")], policy)
    assert plan["variant"]["gguf"]["quantization"] == "Q3_K_M"
    assert plan["variant"]["gguf"]["loss"] == "a clear loss"
    with pytest.raises(InvalidInput, match="has no Q5_K_M; it has Q2_K, Q3_K_M"):
        planned("Qwen3 8B", [host("L40S")], Policy(quant="Q5_K_M"))


@pytest.mark.parametrize(("quant", "warned"), [("", True), ("Q3_K_M", False)])
def test_that_another_engine_is_preferred_is_news_where_nobody_named_a_file(quant: str, warned: bool) -> None:
    offered = request([gguf_variant("Qwen3 8B", ALL)], [host("L40S")], Policy(quant=quant or None))
    told = [line for line in make_plan(offered).warnings if "prefers vLLM, which fits nowhere here" in line]
    assert bool(told) is warned


def test_a_missing_part_is_refused() -> None:
    parts = gguf_model("Qwen3 8B", "q/M-Q8_0-00001-of-00003.gguf")
    with pytest.raises(NotServable, match="part 2 of 3 is not there, and 2 in all"):
        make_plan(request([gguf_variant("Qwen3 8B", (), more=[parts])], [host("L40S")]))


def test_what_was_not_read_is_sized_like_what_was() -> None:
    other = replace(unread(gguf_model("Qwen3 8B", "Model-Q4_K_M.gguf", 4.85)), size_bytes=5_000_000_000)
    offered = gguf_variant("Qwen3 8B", ("Q8_0",), more=[other])
    plan = make_plan(request([offered], [host("L40S")], Policy(quant="Q4_K_M"))).plans[0]
    assert plan["variant"]["weights_bytes"] == pytest.approx(5_000_000_000, rel=0.01)
    assert plan["evidence"]["weights_bytes"] == "estimated"


def test_an_encoder_of_images_and_an_imatrix_are_no_models() -> None:
    beside = [GgufModel(("mmproj-F16.gguf",), 10**9), GgufModel(("imatrix_unsloth.gguf",), 10**7)]
    outcome = make_plan(request([gguf_variant("Gemma 3 4B", ("Q8_0",), more=beside)], [host("L40S")]))
    assert outcome.plans[0]["variant"]["gguf"]["mmproj"] == "mmproj-F16.gguf"
    assert any("images need mmproj-F16.gguf" in line for line in outcome.warnings)


def test_the_encoder_of_images_is_counted_where_it_is_loaded() -> None:
    encoder = GgufModel(("mmproj-F16.gguf",), 10**9)
    offered = gguf_variant("Gemma 3 4B", ("Q8_0",), more=[encoder])
    asked = Policy(backend="llama.cpp", backend_parameters=("--mmproj=/cache/mmproj-F16.gguf",))
    without = make_plan(request([offered], [host("L40S")], Policy(backend="llama.cpp"))).plans[0]
    outcome = make_plan(request([offered], [host("L40S")], asked))
    more = outcome.plans[0]["memory"]["weights_bytes"] - without["memory"]["weights_bytes"]
    assert more == 10**9 + (1280 << 20)
    assert any("for images 2.2 GiB are set aside" in line for line in outcome.warnings)


@pytest.mark.parametrize(("encoder", "served"), [("mmproj-F16.gguf", True), ("A/mmproj-F16.gguf", False)])
def test_gpustack_would_start_an_encoder_that_is_first_by_name(encoder: str, served: bool) -> None:
    offered = gguf_variant("Gemma 3 4B", ("Q8_0",), more=[GgufModel((encoder,), 10**9)])
    files = (RepositoryFile(encoder, 10**9), RepositoryFile("Model-Q8_0.gguf", 10**9))
    there = replace(offered, repository=replace(offered.repository, files=files))
    if served:
        assert make_plan(request([there], [host("L40S")])).plans
        return
    with pytest.raises(NotServable, match="starts the first by name, which is no model"):
        make_plan(request([there], [host("L40S")]))


@pytest.mark.parametrize(
    ("version", "image"),
    [
        ("b9000-custom", "ghcr.io/ggml-org/llama.cpp:server-cuda-b9000"),
        ("b9000", "ghcr.io/ggml-org/llama.cpp:server-cuda-b9000"),
        ("our-build-custom", None),
    ],
)
def test_the_users_version_is_that_of_the_backend(version: str, image: t.Optional[str]) -> None:
    plan = planned("Qwen3 8B", [host("L40S")], Policy(backend="llama.cpp", backend_version=version))
    assert plan["backend_version"] == version
    versions = plan["backend_definition"]["versions"]
    assert {name: each["image_name"] for name, each in versions.items()} == (
        {version: image} if image else {}
    )


def test_experts_stay_on_the_host_when_asked_only() -> None:
    there = [small("NVIDIA GeForce RTX 3060", 12)]
    with pytest.raises(DoesNotFit):
        planned("Qwen3 30B A3B", there, quants=("Q4_K_M",))
    asked = Policy(backend="llama.cpp", backend_parameters=("--cpu-moe",), concurrency=1)
    outcome = make_plan(request([gguf_variant("Qwen3 30B A3B", ("Q4_K_M",))], there, asked))
    assert outcome.plans[0]["llama_cpp"]["host_bytes"] > 15 * 10**9
    assert any("stay in the host's memory" in line for line in outcome.warnings)


def test_a_host_without_cards_computes_itself() -> None:
    bare = Host("box", "default", (), "", 30 * GIB, 32 * GIB)
    outcome = make_plan(request([gguf_variant("Qwen3 8B", ALL)], [bare]))
    plan = outcome.plans[0]
    assert plan["placement"] == [{"replica": 0, "host": "box", "gpus": []}]
    assert plan["cpu_offloading"] is True
    assert flags(plan)["--n-gpu-layers"] == "0"
    assert any("there is no GPU" in line for line in outcome.warnings)
    with pytest.raises(InvalidInput, match="No usable GPU"):
        make_plan(request([llama_8b()], [bare]))


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--cache-type-k=q9", "does not have"),
        ("--split-mode=row", "cannot be planned"),
        ("--port=1", "GPUStack sets itself"),
        ("--host=0.0.0.0", "command of the backend"),
        ("--tensor-split=a,b", "no list of shares"),
        ("--override-tensor=(=CPU", "makes no sense"),
    ],
)
def test_arguments_that_cannot_be_planned(argument: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        planned("Qwen3 8B", [host("L40S")], Policy(backend="llama.cpp", backend_parameters=(argument,)))


def test_the_users_arguments_win_and_count() -> None:
    asked = ("-c", "16384", "--parallel=2", "--cache-type-k=q8_0", "--cache-type-v=q8_0", "--no-kv-unified")
    plan = planned(
        "Qwen3 8B", [host("L40S")], Policy(backend="llama.cpp", backend_parameters=asked), ("Q8_0",)
    )
    assert plan["context_tokens"] == 8192
    assert plan["memory"]["kv_cache_bytes"] == 36 * 2 * 1024 * 16384 * 34 // 32
    assert "-c=16384" in plan["backend_parameters"]
    assert "--ctx-size" not in flags(plan)
    assert "--kv-unified" not in flags(plan)


def test_a_plan_is_kept_while_its_file_is_there() -> None:
    offered, there = [gguf_variant("Qwen3 8B", ALL)], [small("NVIDIA GeForce RTX 3060", 12)]
    first = make_plan(request(offered, there)).plans[0]
    record = {
        "name": first["name"], "managed": True, "plan_id": first["plan_id"], "site": "default", "state": "running",
        "replicas": 1, "choice": first, "instances": [],
    }  # fmt: skip
    again = make_plan(request(offered, there, deployed=(record,)))
    assert again.kept
    assert again.plans[0]["plan_id"] == first["plan_id"]
