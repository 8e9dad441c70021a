# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command lines that measure accuracy, on a folder with one published config."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB

from tests.unit.plan.builders import LLAMA_8B, QWEN3_32B_FP8
from tests.unit.plan.published_models import ENTRIES

from . import answer as answers
from .questions import Library, base_name, read_case

HERE = Path(__file__).resolve().parent
FACT = {
    "kind": "log", "repo_id": "example/Llama-8B", "quantization": "bf16", "gpu": "H100 80GB",
    "gpu_mem_gib": 79.2, "gpu_count": 1, "tp": 1, "backend": "vllm", "max_model_len": 8192,
    "gpu_memory_utilization": 0.9, "kv_dtype": "auto",
}  # fmt: skip


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    for name, config in (("example__Llama-8B", LLAMA_8B), ("example__Qwen3-32B-FP8", QWEN3_32B_FP8)):
        (tmp_path / ("%s.json" % name)).write_text(json.dumps(config), encoding="utf-8")
    return tmp_path


def told(configs: Path, **changes: t.Any) -> t.Dict[str, t.Any]:
    return answers.answer({"fact": 1, **FACT, **changes}, Library([configs]))


def test_questions_on_stdin_are_answered_on_stdout(configs: Path) -> None:
    questions = "".join(json.dumps({"fact": key, **FACT}) + "\n" for key in (7, "F001"))
    done = subprocess.run(
        [sys.executable, str(HERE / "answer.py"), "--configs", str(configs)],
        input=questions, capture_output=True, text=True, check=True,
    )  # fmt: skip
    given = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["fact"] for each in given] == [7, "F001"]
    assert given[0]["weights_gib_per_gpu"] == pytest.approx(14.96, rel=0.001)
    assert given[0]["kv_bytes_per_token"] == pytest.approx(131_072)
    assert given[0]["fits"] is given[0]["allowed"] is given[0]["native"] is True


def test_a_format_of_another_repository_of_the_model_is_not_taken_over(configs: Path) -> None:
    half = told(configs, repo_id="someone/Qwen3-32B", quantization="bf16")
    eight = told(configs, repo_id="example/Qwen3-32B-FP8", quantization="fp8")
    assert half["weights_bytes"] == pytest.approx(65.5e9, rel=0.01)
    assert eight["weights_bytes"] == pytest.approx(34.3e9, rel=0.01)


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        ({"tp": 3, "gpu_count": 3}, "allowed", False),
        ({"gpu": "A100 80GB", "quantization": "fp8"}, "native", False),
        ({"gpu": "RTX 3060 12GB", "gpu_mem_gib": 11.6}, "fits", False),
        ({"gpu": "H100", "gpu_mem_gib": None}, "fits", True),
        ({"repo_id": "unheard/of", "params_total": 8e9}, "weights_bytes", 16 * 10**9),
        ({"repo_id": "unheard/of", "params_total": 80e9}, "fits", False),
    ],
)
def test_answers(configs: Path, changes: t.Dict[str, t.Any], key: str, value: t.Any) -> None:
    assert told(configs, **changes)[key] == value


def test_nothing_is_guessed_without_a_config_and_a_size(configs: Path) -> None:
    given = told(configs, repo_id="unheard/of", tp=2)
    assert set(given) == {"fact", "native"}


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("Qwen3.6-35B-A3B-NVFP4", "qwen3.6-35b-a3b"),
        ("Qwen3-30B-A3B-Instruct-FP8", "qwen3-30b-a3b"),
        ("DeepSeek-V3-0324", "deepseek-v3"),
        ("Meta-Llama-3-8B", "llama-3-8b"),
    ],
)
def test_base_names(name: str, base: str) -> None:
    assert base_name(name) == base


def test_speeds_are_compared_row_by_row(configs: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "id,backend,model_path,system,precision,isl,osl,batch_size,tp_size,attention_dp_size,moe_ep_size,"
        "silicon_ttft_ms,silicon_tpot_ms\n"
        "a,vllm,example/Llama-8B,h100_sxm,bf16,1024,256,8,1,1,1,100,10\n"
        "b,vllm,unheard/of,h100_sxm,bf16,1024,256,8,1,1,1,100,10\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(HERE / "speed.py"), str(rows), "--configs", str(configs)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[0].startswith("a ttft_ms")
    assert lines[1] == "b not predicted: no config of unheard/of"
    assert lines[-1].split()[:2] == ["all", "1"]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", 9.85),
        ("A100-SXM4-40GB MIG 3g.20gb", 19.7),
        ("MIG 1g.10gb", 9.85),
    ],
)
def test_a_slice_in_the_name_of_a_card_has_the_memory_of_the_slice(name: str, size: float) -> None:
    case = read_case({"fact": "F1", "model": "example/Llama-8B", "gpu": name}, Library([]))
    assert case.total_bytes == pytest.approx(size * GIB, rel=0.001)


def test_words_before_a_name_do_not_hide_the_model() -> None:
    question = {"fact": 1, "kind": "weights", "model": "Alibaba Qwen1.5 MoE A2.7B", "quantization": "bf16"}
    assert answers.answer(question, Library([]))["weights_bytes"] == pytest.approx(28.6e9, rel=0.01)


@pytest.mark.parametrize(
    "changes",
    [
        {"quantization": {"group_size": 64, "bits": 4}},
        {"quantization_config": {"quant_method": "example-codebooks", "nbits_per_codebook": 16}},
    ],
)
def test_a_format_that_nobody_can_size_is_not_answered(tmp_path: Path, changes: t.Dict[str, t.Any]) -> None:
    (tmp_path / "example__Packed.json").write_text(json.dumps({**LLAMA_8B, **changes}), encoding="utf-8")
    question = {"fact": 1, "kind": "weights", "repo_id": "example/Packed", "quantization": "packed"}
    assert answers.answer(question, Library([tmp_path])) == {"fact": 1}


def test_files_in_32_bits_are_twice_what_is_loaded(configs: Path) -> None:
    given = told(configs, quantization="fp32")
    assert given["weights_bytes"] == pytest.approx(2 * given["weights_gib_per_gpu"] * GIB, rel=0.001)


@pytest.mark.parametrize(
    ("gpu", "quantization", "native"),
    [
        ("MI300X", "int8", True),
        ("MI355X", "mxfp4", True),
        ("MI355X", "nvfp4", False),
        ("Ascend 910B", "int8", True),
        ("Ascend 910B", "fp8", False),
        ("Gaudi 2", "fp8", True),
        ("B200", "int8", False),
    ],
)
def test_native_formats_go_by_the_kernels_of_the_vendor(gpu: str, quantization: str, native: bool) -> None:
    question = {"fact": "F1", "model": "example/Llama-8B", "precision": quantization, "gpu": gpu}
    assert answers.answer(question, Library([]))["native"] is native


@pytest.mark.parametrize(
    "changes",
    [
        {"gpu_mem_gib": "any"},
        {"gpu_mem_gib": None, "gpu_mem_gb": []},
        {"gpu_memory_utilization": "auto"},
        {"tp": -1},
        {"tp": True, "gpu_count": float("inf")},
        {"gpu_count": 10**14, "tp": None},
        {"config": "none", "repo_id": "example/Unheard-7B"},
    ],
)
def test_a_damaged_question_does_not_stop_the_others(configs: Path, changes: t.Dict[str, t.Any]) -> None:
    assert told(configs, **changes)["weights_bytes"] > 10**10


@pytest.mark.parametrize("told_as", [44.5, "44.5", "44.5 GiB", "44.5gib"])
def test_a_size_may_have_its_unit(configs: Path, told_as: t.Any) -> None:
    assert told(configs, gpu_mem_gib=told_as) == told(configs, gpu_mem_gib=44.5)


@pytest.mark.parametrize("line", ["nonsense{", "5", "{}"])
def test_a_line_that_is_no_question_is_answered_with_nothing(line: str, configs: Path) -> None:
    command = [sys.executable, str(Path(answers.__file__)), "--configs", str(configs)]
    result = subprocess.run(command, input=line, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout) == {"fact": None}


@pytest.mark.parametrize(
    ("name", "stored"), [("bf16", 16), ("fp8", 8), ("awq-int4", 20 / 128 + 4), ("bnb-4bit", 4.127)]
)
def test_a_number_of_parameters_counts_an_embedding_and_a_head_in_16_bits(name: str, stored: float) -> None:
    question = {"fact": 1, "kind": "weights", "model": "Unheard-8B", "quantization": name}
    weights = answers.answer(question, Library([]))["weights_bytes"]
    assert weights == pytest.approx(8e9 * stored / 8 + 0.92e9 * (16 - stored) / 8, rel=0.01)


@pytest.mark.parametrize(
    ("name", "quantization", "size"),
    [
        ("example/Llama-3.3-70B-Instruct-bnb-4bit", "bnb-4bit", 39.5e9),
        ("example/Llama-3.3-70B-Instruct-quantized.w4a16", "w4a16", 39.5e9),
        ("example/Llama-3.3-70B-Instruct-FP8-dynamic", "fp8", 72.7e9),
    ],
)
def test_a_suffix_of_a_format_does_not_hide_the_model(name: str, quantization: str, size: float) -> None:
    question = {"fact": 1, "kind": "weights", "repo_id": name, "quantization": quantization}
    assert answers.answer(question, Library([]))["weights_bytes"] == pytest.approx(size, rel=0.01)


def test_a_format_that_is_not_known_is_not_taken_for_16_bits(configs: Path) -> None:
    assert told(configs, quantization="2-bit experts") == {"fact": 1}


def test_a_model_without_a_config_fits_only_by_what_it_needs_at_most(configs: Path) -> None:
    unknown = dict(repo_id="example/Unknown", config=None, params_total=8_030_261_248, max_model_len=4096)
    answered = [told(configs, gpu="", gpu_mem_gib=size, **unknown).get("fits") for size in (12, 20, 80)]
    assert answered == [False, None, True]


def test_graphs_lay_beside_the_cache_before_a_release(configs: Path) -> None:
    older, newer = (told(configs, engine_version=each)["kv_gib_per_gpu"] for each in ("0.20.2", "0.21.0"))
    assert older - newer == pytest.approx(0.6, abs=0.01)


def test_draft_layers_take_weights_and_states(configs: Path) -> None:
    config = next(each["config"] for each in ENTRIES if each["name"] == "Qwen/Qwen3.8-27B")
    (configs / "example__Qwen3.8-27B.json").write_text(json.dumps(config), encoding="utf-8")
    plain, drafting = (
        told(configs, repo_id="example/Qwen3.8-27B", max_model_len=131072, flags=flags)
        for flags in ("", "MTP n=3")
    )
    assert drafting["weights_gib_per_gpu"] > plain["weights_gib_per_gpu"]
    assert drafting["kv_bytes_per_token"] > plain["kv_bytes_per_token"]
