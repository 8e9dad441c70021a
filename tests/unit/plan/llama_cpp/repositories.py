# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories in GGUF: shapes of released models in several quantizations."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    GgufModel,
    Repository,
    RepositoryRef,
    Tensor,
    Variant,
)

from tests.accuracy.llama_cpp.files import Row, size_of
from tests.accuracy.llama_cpp.shapes import MAKERS

# Bits per weight of matrices; vectors stay in 32 bits.
BITS = {"Q8_0": 8.5, "Q6_K": 6.5625, "Q4_K_M": 4.85, "Q3_K_M": 3.9, "Q2_K": 3.0, "F16": 16.0}


def gguf_model(name: str, path: str, bits: t.Optional[float] = None) -> GgufModel:
    """A released model as a header says it; ``bits`` of its matrices, else as its maker's file would have them."""
    metadata, rows = MAKERS[name]()
    known = {key: tuple(value) if isinstance(value, list) else value for key, value in metadata.items()}
    tensors = tuple(_tensor(row, bits) for row in rows)
    return GgufModel((path,), sum(tensor.size_bytes for tensor in tensors), known, tensors)


def _tensor(row: Row, bits: t.Optional[float]) -> Tensor:
    name, shape, kind = row
    size = size_of(shape, kind)
    if bits is not None and kind != "F32":
        size = int(size_of(shape, "F16") * bits / 16)
    return Tensor(name, kind, shape, size)


def gguf_variant(
    name: str,
    quants: t.Sequence[str],
    repository: str = "unsloth/Model-GGUF",
    more: t.Sequence[GgufModel] = (),
) -> Variant:
    models = tuple(gguf_model(name, "Model-%s.gguf" % quant, BITS[quant]) for quant in quants)
    return Variant(
        Repository(RepositoryRef(HUGGINGFACE, repository), "abc", None, (), gguf=models + tuple(more)), "user"
    )


def unread(model: GgufModel) -> GgufModel:
    return replace(model, metadata={}, tensors=None)
