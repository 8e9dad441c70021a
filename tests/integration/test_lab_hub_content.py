# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repositories of the stand-in are as large, and shaped, as the published ones."""

from __future__ import annotations

import json
import struct
import typing as t

import pytest

from tests.lab import models_dev
from tests.lab.hub_files import Repository, load_repositories

REPOSITORIES = {repository.id: repository for repository in load_repositories()}
# total_size of the published model.safetensors.index.json, or the size of the one file.
PUBLISHED_BYTES = {
    "Qwen/Qwen3-0.6B": 1_503_300_328,
    "Qwen/Qwen3-8B": 16_381_470_720,
    "Qwen/Qwen3-32B": 65_524_246_528,
    "Qwen/Qwen3-30B-A3B": 61_064_245_248,
    "Qwen/Qwen2.5-7B-Instruct": 15_231_233_024,
    "deepseek-ai/DeepSeek-R1": 688_586_727_753,
    "deepseek-ai/DeepSeek-V2-Lite": 31_412_968_448,
    "mistralai/Mistral-7B-Instruct-v0.1": 14_483_464_192,
    "openai/gpt-oss-20b": 13_761_264_768,
    "meta-llama/Llama-3.1-8B-Instruct": 16_060_522_496,
    "meta-llama/Llama-3.1-70B-Instruct": 141_107_412_992,
}


def weight_files(repository: Repository) -> list[t.Any]:
    return [f for f in repository.files.values() if f.path.endswith(".safetensors") and "/" not in f.path]


@pytest.mark.parametrize("name", PUBLISHED_BYTES)
def test_weights_are_as_large_as_published(name: str) -> None:
    stored = sum(file.size for file in weight_files(REPOSITORIES[name]))
    assert stored == pytest.approx(PUBLISHED_BYTES[name], rel=0.001)


@pytest.mark.parametrize("name", ["Qwen/Qwen3-8B-AWQ", "Qwen/Qwen3-30B-A3B", "deepseek-ai/DeepSeek-V2-Lite"])
def test_every_file_is_valid_safetensors(name: str) -> None:
    repository = REPOSITORIES[name]
    places = json.loads(repository.files["model.safetensors.index.json"].head)["weight_map"]
    found = {}
    for file in weight_files(repository):
        length = struct.unpack("<Q", file.read(0, 8))[0]
        header = json.loads(file.read(8, 8 + length))
        del header["__metadata__"]
        offsets = [tensor["data_offsets"] for tensor in header.values()]
        assert offsets[0][0] == 0
        assert all(before[1] == after[0] for before, after in zip(offsets, offsets[1:], strict=False))
        assert offsets[-1][1] == file.size - 8 - length
        found.update(dict.fromkeys(header, file.path))
    assert found == places


def test_a_range_is_the_same_as_a_part_of_the_whole() -> None:
    file = REPOSITORIES["lab/tiny"].files["model.safetensors"]
    whole = file.read(0, file.size)
    edge = len(file.head)
    assert len(whole) == file.size
    for start, end in ((0, 8), (edge - 3, edge + 3), (edge + 10, edge + 20), (file.size - 1, file.size)):
        assert file.read(start, end) == whole[start:end]


@pytest.mark.parametrize(
    ("name", "dtypes"),
    [
        ("Qwen/Qwen3-32B-FP8", {"BF16", "F8_E4M3"}),
        ("Qwen/Qwen3-32B-AWQ", {"F16", "I32"}),
        ("Qwen/Qwen3-30B-A3B-GPTQ-Int4", {"F16", "I32"}),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", {"BF16", "I8"}),
        ("deepseek-ai/DeepSeek-R1", {"BF16", "F32", "F8_E4M3"}),
        ("openai/gpt-oss-20b", {"BF16", "U8"}),
    ],
)
def test_quantized_variants_store_their_dtypes(name: str, dtypes: set[str]) -> None:
    assert set(REPOSITORIES[name].parameters) == dtypes


def test_models_dev_has_open_and_closed_models() -> None:
    documents = models_dev.documents()
    canonical = documents["/models.json"]
    assert canonical["deepseek/deepseek-r1"]["weights"][0]["url"].endswith("/deepseek-ai/DeepSeek-R1")
    assert canonical["openai/gpt-4o"]["open_weights"] is False
    assert "weights" not in canonical["openai/gpt-4o"]
    assert documents["/catalog.json"] == {"models": canonical, "providers": documents["/api.json"]}
    for provider in documents["/api.json"].values():
        assert not [model["id"] for model in provider["models"].values() if "weights" in model]
