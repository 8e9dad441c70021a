# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What releases cannot do is refused by name, and nothing else is."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.flag_rules import refused
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.quantization_methods import (
    kernels_of,
    names_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.release_limits import (
    Asked,
    limit,
    unsure,
    usable_images,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import (
    NEWEST,
    read_release,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    NVIDIA,
    Chip,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Compressed,
    Grouped,
    Indexer,
    Latent,
    Layer,
)

PLAIN = Grouped(32, 8, 128, 128)
DENSE = Latent(128, 1536, 512, 128, 64, 128)
SPARSE = replace(DENSE, indexer=Indexer(64, 128))
V4 = Compressed(64, 512, 1024, 1024, 8, 4, 128)


def arch(mixer: t.Any, family: str = "llama") -> Architecture:
    return Architecture(family, 4096, 128000, (Layer((mixer,), 0, None),), False, "bfloat16", 131072)


def nvidia(capability: t.Tuple[int, int]) -> Chip:
    return Chip(NVIDIA, capability)


def asked(mixer: t.Any = PLAIN, capability: t.Tuple[int, int] = (9, 0), **facts: t.Any) -> Asked:
    usual = Asked(
        engine="vLLM", card="a card", chip=nvidia(capability), cuda=None, arch=arch(mixer),
        names=("LlamaForCausalLM",), families=("llama",), method="", fmt="bf16", dtype="bfloat16",
    )  # fmt: skip
    return replace(usual, **facts)


def why(question: Asked, release: str) -> str:
    return limit(question, read_release(release) if release else NEWEST) or ""


@pytest.mark.parametrize(
    ("name", "release", "words"),
    [
        ("GptOssForCausalLM", "0.9.2", "needs vLLM 0.10.1 or newer; this is vLLM 0.9.2"),
        ("Llama4ForConditionalGeneration", "0.7.3", "needs vLLM 0.8.3 or newer"),
        ("QWenLMHeadModel", "0.32.0", "is gone since vLLM 0.24.0"),
        ("GptOssForCausalLM", "0.10.1.1", ""),
        ("LlamaForCausalLM", "0.6.6", ""),
        ("NobodyKnowsForCausalLM", "0.9.2", ""),
        ("MiniMaxM3ForCausalLM", "0.16.0", "called alike, needs vLLM 0.24.0 or newer; this is vLLM 0.16.0"),
        ("MiniMaxM3ForCausalLM", "0.24.0", ""),
        ("LlamaForSomethingNew", "0.9.2", ""),
        ("LlamaForSequenceClassification", "0.11.0", ""),
    ],
)
def test_models_that_a_release_does_not_register(name: str, release: str, words: str) -> None:
    found = why(asked(names=(name,)), release)
    assert words in found if words else not found


@pytest.mark.parametrize(
    ("mixer", "capability", "release", "runs"),
    [
        (SPARSE, (8, 0), "", False), (SPARSE, (8, 9), "0.32.0", False), (SPARSE, (9, 0), "0.11.0", True),
        (SPARSE, (8, 0), "0.11.0", False), (SPARSE, (12, 0), "0.23.0", False), (SPARSE, (12, 0), "0.24.0", True),
        (DENSE, (8, 0), "", True), (DENSE, (7, 5), "0.24.0", True), (PLAIN, (8, 6), "0.12.0", True),
        (V4, (8, 0), "", False), (V4, (9, 0), "0.20.0", True), (V4, (12, 0), "0.22.0", False),
        (V4, (12, 0), "0.24.0", True), (V4, (8, 9), "0.21.0", False),
    ],
)  # fmt: skip
def test_attention_by_card_and_release(
    mixer: t.Any, capability: t.Tuple[int, int], release: str, runs: bool
) -> None:
    found = why(asked(mixer, capability), release)
    assert runs is not ("no backend" in found and "a card" in found)
    assert runs or "compute capability %d.%d" % capability in found


def test_sinks_run_on_ampere() -> None:
    assert not why(asked(capability=(8, 0), arch=arch(Grouped(64, 8, 64, 64), "gpt_oss")), "0.12.0")


def test_sglang_has_sparse_attention_from_hopper_on() -> None:
    for mixer in (SPARSE, V4):
        assert "no backend" in why(asked(mixer, (8, 0), engine="SGLang"), "")
        assert not why(asked(mixer, (9, 0), engine="SGLang"), "")


@pytest.mark.parametrize(
    ("target", "release", "runs", "sure"),
    [
        ("gfx942", "0.23.0", False, True), ("gfx942", "0.24.0", True, True), ("gfx950", "0.22.0", True, True),
        ("gfx1100", "0.32.0", False, True), ("gfx90a", "0.32.0", False, True),
    ],
)  # fmt: skip
def test_status_on_rocm_is_that_of_a_release(target: str, release: str, runs: bool, sure: bool) -> None:
    question = asked(V4, chip=Chip(AMD, None, target))
    assert bool(why(question, release)) is not runs
    assert bool(unsure(question, read_release(release))) is not sure


def test_what_should_work_is_said() -> None:
    question = asked(SPARSE, chip=Chip(ASCEND, None, "Ascend910B3"))
    assert ["should work" in text for text in unsure(question, (0, 30, 0))] == [True]


def test_a_model_of_no_known_release_is_a_doubt() -> None:
    assert "low confidence" in unsure(asked(names=("NobodyKnowsForCausalLM",)), NEWEST)[0]


@pytest.mark.parametrize(
    ("capability", "release", "runs"),
    [
        ((12, 0), "0.8.5", False), ((10, 0), "0.8.5", False), ((12, 0), "0.9.0", True), ((7, 0), "0.28.0", False),
        ((7, 0), "0.8.5", True), ((7, 5), "0.28.0", True),
    ],
)  # fmt: skip
def test_cards_that_a_build_has_no_code_for(capability: t.Tuple[int, int], release: str, runs: bool) -> None:
    assert ("is built for" not in why(asked(capability=capability), release)) is runs


@pytest.mark.parametrize(
    ("method", "fmt", "release", "runs"),
    [
        ("compressed-tensors", "packed_int4", "0.11.2", False), ("compressed-tensors", "packed_int4", "0.12.0", True),
        ("fp8", "fp8_block", "0.13.0", False), ("fp8", "fp8_block", "0.14.0", True), ("awq", "awq_int4", "0.9.2", True),
        ("modelopt", "nvfp4", "0.13.0", False), ("modelopt", "nvfp4", "0.14.0", True),
    ],
)  # fmt: skip
def test_formats_on_turing_by_release(method: str, fmt: str, release: str, runs: bool) -> None:
    found = why(asked(capability=(7, 5), method=method, fmt=fmt, dtype="float16"), release)
    assert ("needs compute capability" not in found) is runs


def test_modelopt_fp8_on_ampere_and_a_format_that_is_gone() -> None:
    question = asked(capability=(8, 0), method="modelopt", fmt="fp8")
    assert "8.9 in vLLM 0.26.0" in why(question, "0.26.0")
    assert not why(question, "0.27.0")
    assert "8.9 in SGLang" in why(replace(question, engine="SGLang"), "")
    assert "is gone since vLLM 0.28.0" in why(asked(method="bitsandbytes", fmt="bnb_4bit"), "0.30.0")


def test_families_that_bear_no_float16() -> None:
    question = asked(capability=(7, 5), families=("gemma3",), dtype="float16")
    assert "refuses float16 for gemma3" in why(question, "")
    assert not why(replace(question, dtype="float32"), "")
    assert not why(replace(question, families=("qwen2",)), "")


def test_drivers_that_are_too_old_for_the_images() -> None:
    old = asked(cuda=(12, 4))
    assert "install driver R580 or newer" in why(old, "0.30.0")
    assert not why(old, "0.32.0")
    assert {image.runtime[0] for image in usable_images("SGLang", nvidia((9, 0)), (12, 4))} == {12}
    assert not why(asked(cuda=(13, 0)), "0.30.0")


def test_images_of_ascend_are_made_for_chips() -> None:
    chip = Chip(ASCEND, None, "Ascend310P3")
    assert "no image" in why(asked(chip=chip), "0.12.0")
    assert usable_images("vLLM", chip, None)[0].release == "0.30.0"


def test_methods_are_known_by_the_names_that_releases_list() -> None:
    assert names_of("compressed-tensors", "fp8") == (
        "compressed-tensors/W8A8Fp8",
        "compressed-tensors/W8A16Fp8",
    )
    assert names_of("", "bf16") == ()
    assert "awq_marlin" in kernels_of("awq")
    assert "awq" not in kernels_of("fp8")


@pytest.mark.parametrize(
    ("text", "release", "words"),
    [
        ("--max-model-length=1", "0.32.0", "is no argument of vLLM"),
        ("--max-model-len=8192", "0.32.0", ""),
        ("--no-enable-prefix-caching", "0.32.0", ""),
        ("--compilation-config.mode=3", "0.32.0", ""),
        ("-O3", "0.11.0", ""),
        ("--kv-cache-dtype=fp9", "0.32.0", "has none of the values"),
        ("--kv-cache-dtype=nvfp4", "0.19.0", "has none of the values"),
        ("--kv-cache-dtype=nvfp4", "0.20.0", ""),
        ("--tool-call-parser=qwen9", "0.32.0", "names a parser that vLLM does not have"),
        ("--tool-call-parser=kimi_k3", "0.20.0", "names a parser that needs vLLM 0.27.0 or newer"),
        ("--reasoning-parser=qwen3", "0.32.0", ""),
        ("--task=embed", "0.32.0", "is gone since vLLM 0.13"),
    ],
)
def test_arguments_by_release(text: str, release: str, words: str) -> None:
    argument = parse([text])[0]
    found = refused("vLLM", argument, read_release(release), [argument])
    assert (found is None) is not bool(words)
    assert found is None or words in found.why


def test_the_nearest_name_is_offered() -> None:
    for text, instead in (
        ("--max-model-length=1", "--max-model-len"),
        ("--tool-call-parser=hermez", "hermes"),
    ):
        argument = parse([text])[0]
        found = refused("vLLM", argument, NEWEST, [argument])
        assert found is not None
        assert found.sure
        assert instead in found.instead


def test_parsers_of_a_plugin_are_its_business() -> None:
    user = parse(["--tool-parser-plugin=x.py", "--tool-call-parser=own"])
    assert refused("vLLM", user[1], NEWEST, user) is None
