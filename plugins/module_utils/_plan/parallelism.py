# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: which tensor-parallel sizes an engine accepts, and why not."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import Architecture
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import Quantization

# Marlin's tile: vLLM's verify_marlin_supports_shape.
MARLIN_OUTPUT_TILE = 64
MARLIN_INPUT_TILE = 128

_MARLIN_FORMATS = ("gptq_int4", "gptq_int8", "awq_int4", "packed_int4")


def broken_rule(arch: Architecture, quantization: Quantization, tensor: int) -> t.Optional[str]:
    """The first rule that a group of ``tensor`` GPUs breaks, with its numbers; None where it is legal."""
    if tensor == 1:
        return None
    checks = (
        _heads(arch, tensor),
        _block_fp8(arch, quantization, tensor),
        _groups(arch, quantization, tensor),
    )
    return next((rule for rule in checks if rule is not None), None)


def legal_sizes(arch: Architecture, quantization: Quantization, limit: int) -> t.List[int]:
    """The legal sizes from 1 to ``limit``, smallest first."""
    return [size for size in range(1, limit + 1) if broken_rule(arch, quantization, size) is None]


def _heads(arch: Architecture, tensor: int) -> t.Optional[str]:
    if arch.heads % tensor:
        return "%d attention heads do not divide by %d" % (arch.heads, tensor)
    if arch.mla is None and arch.kv_heads % tensor and tensor % arch.kv_heads:
        return "%d key-value heads and %d GPUs do not divide each other" % (arch.kv_heads, tensor)
    if arch.vocabulary % tensor:
        return "a vocabulary of %d does not divide by %d" % (arch.vocabulary, tensor)
    return None


def _widths(arch: Architecture, quantization: Quantization) -> t.Iterator[t.Tuple[str, str, int]]:
    """(name, side that is split, width) of the quantized linear layers of one middle layer."""
    prefix = "model.layers.%d." % (len(arch.layers) // 2)
    query = arch.heads * (arch.mla.nope_dim + arch.mla.rope_dim if arch.mla else arch.head_dim)
    if not quantization.keeps(prefix + "self_attn.q_proj"):
        yield "attention", "output", query
        yield "attention", "input", arch.heads * (arch.mla.value_dim if arch.mla else arch.head_dim)
    if arch.dense_layers and not quantization.keeps(prefix + "mlp.gate_proj"):
        yield "MLP", "both", arch.mlp_width
    if arch.experts is not None and not quantization.keeps(prefix + "mlp.experts.0.gate_proj"):
        yield "expert", "both", arch.experts.width


def _block_fp8(arch: Architecture, quantization: Quantization, tensor: int) -> t.Optional[str]:
    """Scales of block FP8 belong to whole blocks, which no GPU boundary may cut (vLLM fp8.py)."""
    if quantization.block is None:
        return None
    outputs, inputs = quantization.block
    for name, side, width in _widths(arch, quantization):
        step = {"output": outputs, "input": inputs, "both": max(outputs, inputs)}[side]
        if width % tensor or width // tensor % step:
            return _not_a_multiple(name, width, tensor, step, "the FP8 block")
    return None


def _groups(arch: Architecture, quantization: Quantization, tensor: int) -> t.Optional[str]:
    if quantization.format.name not in _MARLIN_FORMATS:
        return None
    group = quantization.group or 1
    for name, side, width in _widths(arch, quantization):
        if name == "expert":
            step = max(MARLIN_OUTPUT_TILE, group)
        else:
            step = MARLIN_OUTPUT_TILE if side == "output" else max(MARLIN_INPUT_TILE, group)
        if width % tensor or width // tensor % step:
            return _not_a_multiple(name, width, tensor, step, "the kernel's tile and group")
    return None


def _not_a_multiple(name: str, width: int, tensor: int, step: int, what: str) -> str:
    share = "%g" % (width / tensor)
    return "%s width %d / %d = %s, not a multiple of %d (%s)" % (name, width, tensor, share, step, what)
