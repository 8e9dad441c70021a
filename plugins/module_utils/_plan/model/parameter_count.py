# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many parameters each module of a model has, from its layers."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import (
    EXPERTS_BESIDE_MLP,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Compressed,
    Experts,
    Grouped,
    Indexer,
    Latent,
    Layer,
    Mixer,
)

EMBEDDING, HEAD, ATTENTION, KEY_VALUE = "embedding", "head", "attention", "key_value"
LATENT, DENSE, EXPERTS, ROUTER, VISION, OTHER = "latent", "dense", "experts", "router", "vision", "other"
SHARED, DRAFT = "shared", "draft"

# Two linear parts with a softmax gate, twice as wide where neighbouring windows overlap (ratio 4).
_COMPRESSOR_PARTS = 2

# Where the projections of a recurrent layer lie, if not in ``linear_attn``.
_RECURRENT_PATHS = {
    "kimi_delta": "self_attn.q_proj", "mamba": "mamba.in_proj", "mamba2": "mamba.in_proj", "conv": "conv.in_proj",
}  # fmt: skip


class Module(t.NamedTuple):
    """``path`` is the name by which quantization configs know the module."""

    role: str
    path: str
    parameters: int


def model_modules(arch: Architecture) -> t.Iterator[Module]:
    """All modules of a model; those of draft layers have the role ``draft``."""
    yield Module(EMBEDDING, "embed_tokens", arch.vocabulary * arch.hidden)
    if not arch.tied_embeddings:
        yield Module(HEAD, "lm_head", arch.vocabulary * arch.hidden)
    yield Module(OTHER, "norm", arch.hidden)
    for part in arch.parts:
        yield Module(part.role, part.role, part.parameters)
    for index, layer in enumerate(arch.layers):
        for module in layer_modules(arch, layer):
            yield Module(module.role, "layers.%d.%s" % (index, module.path), module.parameters)
    for index in range(arch.draft_layers):
        yield from _draft_modules(arch, len(arch.layers) + index)


def layer_modules(arch: Architecture, layer: Layer) -> t.Iterator[Module]:
    hidden = arch.hidden
    yield Module(OTHER, "norm", hidden * (len(layer.mixers) + int(layer.mlp_width > 0 or layer.routed)))
    for mixer in layer.mixers:
        yield from _mixer_modules(mixer, hidden)
    if layer.mlp_width:
        yield Module(DENSE, "mlp.gate_proj", layer.matrices * hidden * layer.mlp_width)
    if layer.experts is not None:
        within = "" if arch.family in EXPERTS_BESIDE_MLP else "mlp."
        yield from _expert_modules(layer.experts, hidden, layer.matrices, within)


def _expert_modules(experts: Experts, hidden: int, matrices: int, within: str) -> t.Iterator[Module]:
    routed = matrices * experts.input_width * experts.width * experts.count
    yield Module(EXPERTS, within + "experts.0.gate_proj", routed)
    yield Module(SHARED, "mlp.shared_experts.gate_proj", matrices * hidden * experts.shared_width)
    yield Module(ROUTER, "mlp.gate", hidden * experts.count)
    if experts.input_width != hidden:
        # Whole on every rank (nemotron_h.py, ReplicatedLinear).
        yield Module(LATENT, "mlp.fc1_latent_proj", 2 * hidden * experts.input_width)


def _mixer_modules(mixer: Mixer, hidden: int) -> t.Iterator[Module]:
    if isinstance(mixer, Grouped) and not mixer.owns_weights:
        return
    if isinstance(mixer, Grouped):
        query = mixer.heads * mixer.key_dim
        gate = query if mixer.gated else 0
        yield Module(ATTENTION, "self_attn.q_proj", hidden * (query + gate + mixer.heads * mixer.value_dim))
        values = 0 if mixer.keys_are_values else mixer.value_dim
        if mixer.owns_cache:
            yield Module(KEY_VALUE, "self_attn.k_proj", hidden * mixer.kv_heads * (mixer.key_dim + values))
    elif isinstance(mixer, Latent):
        yield from _latent_modules(mixer, hidden)
    elif isinstance(mixer, Compressed):
        yield from _compressed_modules(mixer, hidden)
    else:
        path = _RECURRENT_PATHS.get(mixer.kind, "linear_attn.in_proj_qkv")
        yield Module(ATTENTION, path, mixer.parameters)


def _latent_modules(mixer: Latent, hidden: int) -> t.Iterator[Module]:
    query, out = mixer.heads * (mixer.nope_dim + mixer.rope_dim), mixer.heads * mixer.value_dim
    if mixer.query_rank:
        yield Module(LATENT, "self_attn.q_a_proj", hidden * mixer.query_rank)
    yield Module(ATTENTION, "self_attn.q_b_proj", (mixer.query_rank or hidden) * query)
    yield Module(LATENT, "self_attn.kv_a_proj_with_mqa", hidden * (mixer.latent_rank + mixer.rope_dim))
    yield Module(
        ATTENTION, "self_attn.kv_b_proj", mixer.latent_rank * mixer.heads * (mixer.nope_dim + mixer.value_dim)
    )
    yield Module(ATTENTION, "self_attn.o_proj", out * hidden * (2 if mixer.gated else 1))
    if mixer.indexer is not None and mixer.indexer.cached:
        yield _indexer_module(
            mixer.indexer, mixer.query_rank or hidden, hidden, hidden * mixer.indexer.head_dim
        )


def _indexer_module(indexer: Indexer, query: int, hidden: int, keys: int) -> Module:
    inner = query * indexer.heads * indexer.head_dim + hidden * indexer.heads
    return Module(LATENT, "self_attn.indexer.wq_b", inner + keys)


def _compressed_modules(mixer: Compressed, hidden: int) -> t.Iterator[Module]:
    inner = mixer.heads * mixer.head_dim
    yield Module(LATENT, "self_attn.wq_a", hidden * (mixer.query_rank + mixer.head_dim))
    yield Module(ATTENTION, "self_attn.wq_b", mixer.query_rank * inner + inner * mixer.output_rank)
    yield Module(ATTENTION, "self_attn.wo_b", mixer.output_groups * mixer.output_rank * hidden)
    overlap = 2 if mixer.indexer is not None else 1
    if mixer.ratio:
        compressor = _COMPRESSOR_PARTS * overlap * hidden
        yield Module(OTHER, "self_attn.compressor", compressor * mixer.head_dim)
        if mixer.indexer is not None:
            keys = compressor * mixer.indexer.head_dim
            yield _indexer_module(mixer.indexer, mixer.query_rank, hidden, keys)


def _draft_modules(arch: Architecture, index: int) -> t.Iterator[Module]:
    """A draft layer looks like the model's last attention layer, behind a projection of two inputs."""
    attending = [layer for layer in arch.layers if any(not _is_state(m) for m in layer.mixers)]
    if not attending:
        return
    last, forward = attending[-1], arch.layers[-1]
    feeding = last if last.mlp_width or last.experts else _last_feeding(arch) or forward
    layer = Layer(last.mixers, feeding.mlp_width, feeding.experts, last.matrices)
    for module in layer_modules(arch, layer):
        yield Module(DRAFT, "layers.%d.mtp.%s" % (index, module.path), module.parameters)
    yield Module(DRAFT, "eh_proj", 2 * arch.hidden * arch.hidden)
    if arch.draft_embeddings:
        yield Module(DRAFT, "lm_head", 2 * arch.vocabulary * arch.hidden)


def _is_state(mixer: Mixer) -> bool:
    return not isinstance(mixer, (Grouped, Latent, Compressed))


def _last_feeding(arch: Architecture) -> t.Optional[Layer]:
    return next((each for each in reversed(arch.layers) if each.mlp_width or each.experts), None)
