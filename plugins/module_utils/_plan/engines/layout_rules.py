# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which layouts an engine accepts, and why not."""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    Quantization,
    Stored,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Compressed,
    Grouped,
    Latent,
    Mixer,
    Recurrent,
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

SGLANG, MINDIE = "SGLang", "MindIE"


def broken_rule(
    arch: Architecture,
    quantization: Quantization,
    layout: Layout,
    engine: str = "vLLM",
    engines_view: bool = False,
    release: t.Optional[Release] = None,
) -> t.Optional[str]:
    """The first rule that ``layout`` breaks, with its numbers; None where it is legal.

    ``engines_view``: what engines can be brought to, which pad a vocabulary; GPUStack's scheduler wants
    vocabulary and heads that the size divides. ``release`` of the engine; None: legal in every release
    that is in use.
    """
    rule = _broken_experts(arch, layout, engine) or (_mindie_rule(layout) if engine == MINDIE else None)
    if rule is not None or layout.gpus == 1:
        return rule
    rule = _broken_stages(arch, layout.pipeline)
    if rule is not None:
        return rule
    for mixer in arch.mixer_counts:
        rule = _heads(mixer, layout.tensor)
        if rule is not None:
            return rule
    dense = layout.tensor if engines_view else _dense_ranks(layout, engine)
    rule = None if engines_view else _scheduler_rule(arch, dense)
    if rule is not None:
        return rule
    cuts = {"MLP": dense, "expert": 1 if layout.expert else layout.expert_ranks}
    checks = (_widths_of(arch, quantization), _state_widths(arch, quantization, engine, release))
    broken = (_broken_width(width, cuts.get(width.name, layout.tensor)) for width in itertools.chain(*checks))
    return next((each for each in broken if each is not None), None)


def broken_context_ranks(arch: Architecture, tensor: int, ranks: int) -> t.Optional[str]:
    """The first rule that breaks when ``ranks`` of a group of ``tensor`` share a cache by its tokens.

    Only copies can be shared: MLA's latent on every GPU, and the key-value heads of which there are fewer than
    GPUs (vLLM's ModelConfig.verify_with_parallel_config).
    """
    if tensor % ranks:
        return "%d GPUs do not divide by %d ranks of the context" % (tensor, ranks)
    for mixer in arch.mixer_counts:
        if not isinstance(mixer, Grouped) or ranks == 1:
            continue
        copies = tensor // mixer.kv_heads
        if ranks > copies:
            return "%d GPUs hold %d copies of %d key-value heads, fewer than %d ranks of the context" % (
                tensor, max(1, copies), mixer.kv_heads, ranks,
            )  # fmt: skip
        if mixer.heads // mixer.kv_heads % ranks:
            return "%d query heads of a key-value head do not divide by %d ranks of the context" % (
                mixer.heads // mixer.kv_heads, ranks,
            )  # fmt: skip
    return None


def _dense_ranks(layout: Layout, engine: str) -> int:
    """GPUs that cut what is neither attention nor routed: with data-parallel attention SGLang takes all."""
    return layout.expert_ranks if engine == SGLANG else layout.tensor


def _broken_stages(arch: Architecture, stages: int) -> t.Optional[str]:
    if stages > len(arch.layers):
        return "%d stages for %d layers" % (stages, len(arch.layers))
    if stages > 1 and any(isinstance(mixer, Compressed) for mixer in arch.mixer_counts):
        return "no engine runs compressed attention in stages"
    return None


def _mindie_rule(layout: Layout) -> t.Optional[str]:
    """What GPUStack demands of the sizes that it gives to MindIE (ascend_mindie.py)."""
    odd = [size for size in (layout.tensor, layout.data) if size & (size - 1)]
    if odd:
        return "%d is not a power of two, as MindIE's groups are" % odd[0]
    if layout.pipeline > 1 and layout.data > 1:
        return "MindIE has no stages of data-parallel ranks"
    return None


def _scheduler_rule(arch: Architecture, size: int) -> t.Optional[str]:
    """What GPUStack wants of the size that an engine calls tensor parallel."""
    for mixer in arch.mixer_counts:
        if mixer.heads % size:
            return "%d attention heads do not divide by %d" % (mixer.heads, size)
    if arch.vocabulary % size:
        return "a vocabulary of %d does not divide by %d" % (arch.vocabulary, size)
    return None


def _broken_experts(arch: Architecture, layout: Layout, engine: str) -> t.Optional[str]:
    """What forbids that ranks share the experts, or that experts lie whole on a GPU."""
    if arch.experts is None:
        if layout.expert:
            return "expert parallelism of a model without routed experts"
        return None
    ranks = layout.expert_ranks
    if layout.expert and engine == SGLANG and arch.experts.count % ranks:
        return "%d experts do not divide by %d GPUs" % (arch.experts.count, ranks)
    if layout.expert and ranks > arch.experts.count:
        return "%d GPUs for %d experts" % (ranks, arch.experts.count)
    return None


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
    if engine != SGLANG or quantization.block is None or (release or (0,)) >= SGLANG_WHOLE_GATES:
        return
    for mixer in arch.mixer_counts:
        if (
            isinstance(mixer, Recurrent)
            and mixer.kind == "gated_delta"
            and not quantization.keeps("layers.0.linear_attn.in_proj_b")
        ):
            yield _Width("linear-attention gate", mixer.heads, quantization.block[0], "the FP8 block")


def _broken_width(width: _Width, tensor: int) -> t.Optional[str]:
    if tensor == 1 or (width.size % tensor == 0 and width.size // tensor % width.step == 0):
        return None
    share = "%g" % (width.size / tensor)
    return "%s width %d / %d = %s, not a multiple of %d (%s)" % (
        width.name, width.size, tensor, share, width.step, width.why,
    )  # fmt: skip
