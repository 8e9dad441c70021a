# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: which tensor-parallel sizes an engine accepts, and why not."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.layers import (
    Architecture,
    Grouped,
    Latent,
    Mixer,
    Recurrent,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    Quantization,
    Stored,
)

# Marlin's tile: vLLM's verify_marlin_supports_shape.
MARLIN_OUTPUT_TILE = 64
MARLIN_INPUT_TILE = 128

_MARLIN_FORMATS = ("gptq_int4", "gptq_int8", "awq_int4", "packed_int4", "int4_w4a8")
_BLOCK_SCALED = ("nvfp4", "mxfp4", "mxfp8")

Release = t.Tuple[int, ...]

# From here on SGLang leaves the gates of gated delta networks in 16 bits.
SGLANG_WHOLE_GATES: Release = (0, 5, 10)
_TILE = "the kernel's tile and group"


def broken_rule(
    arch: Architecture,
    quantization: Quantization,
    tensor: int,
    engine: str = "vLLM",
    whole_experts: bool = False,
    padded_vocabulary: bool = False,
    release: t.Optional[Release] = None,
) -> t.Optional[str]:
    """The first rule that a group of ``tensor`` GPUs breaks, with its numbers; None where it is legal.

    ``whole_experts``: expert parallelism, which cuts none. ``padded_vocabulary``: the engines' view,
    which pad a vocabulary; GPUStack's scheduler wants one that divides. ``release`` of the engine;
    None: legal in every release that is in use.
    """
    if tensor == 1:
        return None
    for mixer in arch.mixer_counts:
        rule = _heads(mixer, tensor)
        if rule is not None:
            return rule
    if arch.vocabulary % tensor and not padded_vocabulary:
        return "a vocabulary of %d does not divide by %d" % (arch.vocabulary, tensor)
    checks = (_widths_of(arch, quantization), _state_widths(arch, quantization, engine, release))
    for width in itertools.chain(*checks):
        rule = None if whole_experts and width.name == "expert" else _broken_width(width, tensor)
        if rule is not None:
            return rule
    return None


def legal_sizes(
    arch: Architecture, quantization: Quantization, limit: int, engine: str = "vLLM"
) -> t.List[int]:
    """The legal sizes from 1 to ``limit``, smallest first."""
    return [n for n in range(1, limit + 1) if broken_rule(arch, quantization, n, engine) is None]


def _heads(mixer: Mixer, tensor: int) -> t.Optional[str]:
    if mixer.heads % tensor:
        name = "state" if isinstance(mixer, Recurrent) else "attention"
        return "%d %s heads do not divide by %d" % (mixer.heads, name, tensor)
    if isinstance(mixer, Recurrent) and mixer.key_heads % tensor:
        return "%d key heads of the linear attention do not divide by %d" % (mixer.key_heads, tensor)
    if isinstance(mixer, Grouped) and mixer.kv_heads % tensor and tensor % mixer.kv_heads:
        return "%d key-value heads and %d GPUs do not divide each other" % (mixer.kv_heads, tensor)
    return None


class _Width(t.NamedTuple):
    """A side of a quantized layer that the group cuts: only at multiples of ``step``."""

    name: str
    size: int
    step: int
    why: str


def _widths_of(arch: Architecture, quantization: Quantization) -> t.Iterator[_Width]:
    """The cut sides of the quantized linear layers of one middle layer of each kind."""
    sizes: t.Dict[t.Tuple[str, str, int], str] = {}
    for index, layer in enumerate(arch.layers):
        prefix = "layers.%d." % index
        for mixer in layer.mixers:
            if isinstance(mixer, Grouped):
                sizes.setdefault(
                    ("attention", "output", mixer.heads * mixer.key_dim), prefix + "self_attn.q_proj"
                )
                sizes.setdefault(
                    ("attention", "input", mixer.heads * mixer.value_dim), prefix + "self_attn.o_proj"
                )
            elif isinstance(mixer, Latent):
                query = mixer.heads * (mixer.nope_dim + mixer.rope_dim)
                sizes.setdefault(("attention", "output", query), prefix + "self_attn.q_b_proj")
                sizes.setdefault(
                    ("attention", "input", mixer.heads * mixer.value_dim), prefix + "self_attn.o_proj"
                )
        if layer.mlp_width:
            sizes.setdefault(("MLP", "both", layer.mlp_width), prefix + "mlp.gate_proj")
        if layer.experts is not None:
            sizes.setdefault(("expert", "both", layer.experts.width), prefix + "mlp.experts.0.gate_proj")
    for (name, side, size), path in sizes.items():
        stored = quantization.stored(path)
        step = None if stored is None else _step(stored, name, side)
        if step is not None:
            yield _Width(name, size, *step)


def _step(stored: Stored, name: str, side: str) -> t.Optional[t.Tuple[int, str]]:
    """Where a format lets a side be cut, and what forbids other places."""
    if stored.block is not None:
        outputs, inputs = stored.block
        return {"output": outputs, "input": inputs, "both": max(stored.block)}[side], "the FP8 block"
    if stored.format.name in _MARLIN_FORMATS:
        group = stored.group or 1
        if name == "expert" or side == "output":
            return (MARLIN_OUTPUT_TILE if side == "output" else max(MARLIN_OUTPUT_TILE, group)), _TILE
        return max(MARLIN_INPUT_TILE, group), _TILE
    if stored.format.name in _BLOCK_SCALED and side != "output" and name != "expert":
        return stored.group or 1, "the group that shares a scale"
    return None


def _state_widths(
    arch: Architecture, quantization: Quantization, engine: str, release: t.Optional[Release]
) -> t.Iterator[_Width]:
    """Early SGLang quantized GDN's small gate projections too, each of a head's width and cut with the rest."""
    if engine != "SGLang" or quantization.block is None or (release or (0,)) >= SGLANG_WHOLE_GATES:
        return
    for mixer in arch.mixer_counts:
        if (
            isinstance(mixer, Recurrent)
            and mixer.kind == "gated_delta"
            and not quantization.keeps("layers.0.linear_attn.in_proj_b")
        ):
            yield _Width("linear-attention gate", mixer.heads, quantization.block[0], "the FP8 block")


def _broken_width(width: _Width, tensor: int) -> t.Optional[str]:
    if width.size % tensor == 0 and width.size // tensor % width.step == 0:
        return None
    share = "%g" % (width.size / tensor)
    return "%s width %d / %d = %s, not a multiple of %d (%s)" % (
        width.name, width.size, tensor, share, width.step, width.why,
    )  # fmt: skip
