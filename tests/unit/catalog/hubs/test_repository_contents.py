# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What files are, whatever a name says."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.hubs import repository_contents
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    Repository,
    RepositoryFile,
    RepositoryRef,
    Tensor,
)

FP8_CONFIG = {"quantization_config": {"quant_method": "fp8"}}
AWQ_CONFIG = {"quantization_config": {"quant_method": "awq", "bits": 4}}
PLAIN = {"torch_dtype": "bfloat16"}


def repository(
    *paths: str,
    name: str = "a/b",
    config: t.Optional[t.Dict[str, t.Any]] = None,
    dtypes: t.Optional[t.Sequence[str]] = None,
) -> Repository:
    tensors = None if dtypes is None else tuple(Tensor(str(n), d, (1,), 1) for n, d in enumerate(dtypes))
    files = tuple(RepositoryFile(path, 1) for path in paths)
    return Repository(RepositoryRef(HUGGINGFACE, name), None, config, files, tensors=tensors)


@pytest.mark.parametrize(
    ("paths", "formats", "code"),
    [
        (["model.safetensors", "config.json"], ("safetensors",), ()),
        (["pytorch_model.bin", "training_args.bin"], ("pickle",), ("pickle",)),
        (["pytorch_model.bin", "model.safetensors"], ("pickle", "safetensors"), ()),
        (["original/consolidated.00.pth"], ("pickle",), ("pickle",)),
        (["X-Q4_K_M.GGUF", "x.bin"], ("gguf", "pickle"), ()),
        (["onnx/model.onnx", "README", "training_args.bin"], ("onnx",), ()),
    ],
)
def test_formats_come_from_files(paths: t.List[str], formats: t.Sequence[str], code: t.Sequence[str]) -> None:
    found = repository(*paths)
    assert repository_contents.formats(found) == formats
    assert repository_contents.code_execution(found) == code


def test_own_classes_in_the_config_are_remote_code() -> None:
    found = repository("model.safetensors", config={"auto_map": {"AutoConfig": "c.C"}})
    assert repository_contents.code_execution(found) == ("remote_code",)


def test_gguf_files_name_their_quantizations() -> None:
    names = (
        "q-Q4_K_M.gguf",
        "q-IQ2_XXS-00001-of-00002.gguf",
        "BF16/q-BF16-00001-of-00002.gguf",
        "q.Q8_0.gguf",
    )
    assert repository_contents.gguf_kinds(repository(*names)) == ("BF16", "IQ2_XXS", "Q4_K_M", "Q8_0")


@pytest.mark.parametrize(
    ("name", "config", "dtypes", "said"),
    [
        ("a/X-FP8", FP8_CONFIG, ["F8_E4M3", "BF16"], None),
        ("a/X-FP8", PLAIN, ["BF16"], "is named fp8 and holds bf16 weights"),
        ("a/X-FP8", FP8_CONFIG, ["BF16"], "says fp8, and its files hold BF16"),
        ("a/X-AWQ", AWQ_CONFIG, ["I32", "F16"], None),
        ("a/X-AWQ", AWQ_CONFIG, ["F16"], "says int4, and its files hold F16"),
        ("a/X", AWQ_CONFIG, ["I32"], None),
        ("a/X-BF16", FP8_CONFIG, None, "is named bf16 and holds fp8 weights"),
        ("a/X-FP8", None, None, None),
        ("a/X-FP8", {"quantization_config": {"quant_method": "unheard-of"}}, None, None),
    ],
)
def test_names_and_configs_are_checked_against_the_files(
    name: str, config: t.Any, dtypes: t.Optional[t.Sequence[str]], said: t.Optional[str]
) -> None:
    found = repository_contents.contradiction(repository(name=name, config=config, dtypes=dtypes))
    assert (found is None) == (said is None)
    assert said is None or said in str(found)


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        (["model.safetensors", "config.json"], "transformers"),
        (["adapter_model.safetensors", "adapter_config.json"], "adapter"),
        (["model_index.json", "unet/model.safetensors"], "diffusers"),
        (["model.bin", "config.json", "vocabulary.json"], "ctranslate2"),
        (["x-Q4_K_M.gguf"], "gguf"),
        (["onnx/model.onnx"], "onnx"),
        (["pytorch_model.bin", "config.json"], "pickle"),
        (["README.md"], "empty"),
    ],
)
def test_a_repository_is_what_its_files_are(paths: t.List[str], kind: str) -> None:
    assert repository_contents.kind(repository(*paths)) == kind


def test_weights_for_mlx_are_no_weights_of_the_engines() -> None:
    config = {"quantization": {"bits": 4, "group_size": 64}}
    found = repository("model.safetensors", "config.json", name="mlx-community/X-4bit", config=config)
    assert repository_contents.kind(found) == "mlx"


def test_an_adapter_says_what_it_changes() -> None:
    found = replace(repository("adapter_config.json"), adapter={"base_model_name_or_path": "a/b", "r": 16})
    assert repository_contents.adapter_of(found) == {"base_model": "a/b", "rank": 16}
    assert repository_contents.adapter_of(repository("model.safetensors")) is None
