# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What models in GGUF would take, and that they are refused with it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    Repository,
    RepositoryRef,
    Tensor,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.gguf_weights import (
    cache_bytes_per_token,
    gguf_weights,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import role_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import describe

HEADER = {"general.architecture": "llama", "llama.block_count": 2, "llama.attention.head_count": 32}


def tensor(name: str, rows: int, columns: int, size: int) -> Tensor:
    return Tensor(name, "Q4_K", (rows, columns), size)


def model(tensors: t.Optional[t.Sequence[Tensor]], **header: int) -> GgufModel:
    metadata = {**HEADER, **{"llama.%s" % key.replace("__", "."): value for key, value in header.items()}}
    return GgufModel(("m-Q4_K_M.gguf",), 3 << 30, metadata, None if tensors is None else tuple(tensors))


LAYER = (
    tensor("blk.0.attn_q.weight", 4096, 4096, 1 << 30),
    tensor("blk.0.attn_k.weight", 1024, 4096, 10),
    tensor("blk.0.attn_v.weight", 1024, 4096, 20),
    tensor("blk.1.ssm_in.weight", 8192, 4096, 40),
    tensor("token_embd.weight", 32000, 4096, 80),
)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("token_embd.weight", "embedding"),
        ("output.weight", "head"),
        ("output_norm.weight", "other"),
        ("blk.3.attn_q.weight", "attention"),
        ("blk.3.attn_k.weight", "key_value"),
        ("blk.3.attn_kv_a_mqa.weight", "attention"),
        ("blk.3.ffn_down.weight", "dense"),
        ("blk.3.ffn_gate_inp.weight", "router"),
        ("blk.3.ffn_up_exps.weight", "experts"),
        ("blk.3.ffn_up_shexp.weight", "shared"),
        ("blk.3.ssm_in.weight", "attention"),
    ],
)
def test_roles(name: str, role: str) -> None:
    assert role_of(name) == role


def test_weights_are_those_of_the_table() -> None:
    found = gguf_weights(model([*LAYER, tensor("blk.2.nextn.eh_proj.weight", 1, 1, 160)]))
    assert found is not None
    assert found.by_role == {
        "attention": (1 << 30) + 40, "key_value": 30, "embedding": 80, "draft": 160,
    }  # fmt: skip
    assert gguf_weights(model(None)) is None


def test_each_layer_keeps_what_its_own_projections_give() -> None:
    assert cache_bytes_per_token(model(LAYER)) == 2 * (1024 + 1024)
    latent = tensor("blk.0.attn_kv_a_mqa.weight", 576, 2048, 1)
    assert cache_bytes_per_token(model([latent])) == 2 * 576
    fused = tensor("blk.0.attn_qkv.weight", (32 + 2 * 8) * 128, 4096, 1)
    assert cache_bytes_per_token(model([fused], attention__head_count_kv=8)) == 2 * 2 * 8 * 128
    assert cache_bytes_per_token(model([])) is None


def test_a_repository_of_gguf_is_refused_with_its_numbers() -> None:
    models = (model(LAYER), *[model(None)] * 4)
    repository = Repository(RepositoryRef("huggingface", "example/Model-GGUF"), None, None, (), gguf=models)
    with pytest.raises(NotServable) as caught:
        describe(Variant(repository, "user"), 0)
    assert "m-Q4_K_M.gguf: 1.0 GiB of weights and 0.0 GiB for 8192 tokens" in caught.value.message
    assert "; and 2 more)" in caught.value.message
    assert "safetensors" in (caught.value.hint or "")
