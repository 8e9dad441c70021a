# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a GGUF file says about its layers: the architecture, and what llama.cpp keeps for each of them.

Widths are those of the tensors themselves, so that an architecture that is not known is sized, too. Metadata
keys are those of gguf-py's constants.py, patterns of windows those of llama-model.cpp.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    GgufModel,
    Tensor,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import (
    Architecture,
    Experts,
    Grouped,
    Latent,
    Layer,
    Mixer,
    Recurrent,
)

_BLOCK = re.compile(r"blk\.(\d+)\.(.+)\Z")
# Of the input: on the host, as llama.cpp looks rows up there.
_ON_HOST = ("token_embd", "per_layer_token_embd", "token_types", "position_embd")
_OUTPUT = re.compile(r"output(?:_norm|_b)?\.|output_hc|cls")
_EXPERTS = re.compile(r"_(?:ch)?exps\.")

# One full layer at the end of so many; the others see a window. Newer files hold the pattern themselves.
_PERIODS = {
    "gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "gpt-oss": 2, "olmo2": 4, "exaone4": 4, "llama4": 4,
    "afmoe": 4, "plamo3": 8,
}  # fmt: skip
_FULL_FIRST = {"smallthinker": 4}
# Llama 4 sees chunks of so many tokens.
_CHUNKS = {"llama4": 8192}
_ENCODERS = ("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "neo-bert", "modern-bert",
             "t5encoder", "gemma-embedding", "eurobert")  # fmt: skip
_NO_TEXT = ("clip", "imatrix", "diffusion", "flux", "wan", "hyvid", "sd1", "sdxl", "sd3", "aura", "ltxv", "cosmos",
            "lumina2", "qwen_image", "wavtokenizer-dec", "adapter", "mmproj")  # fmt: skip
_DEFAULT_CONTEXT = 4096
_LARGEST = 2**40


@dataclass(frozen=True)
class Block:
    """One layer in llama.cpp's memory.

    ``expert_bytes`` are part of ``weights_bytes``. ``keys`` and ``values``: elements of each token in its caches, 0
    where it has none. ``windowed``: they are kept for a window only. ``state_elements``: of each sequence, in 32
    bits. ``forward_elements``: of each token of a step, at the peak of all but its recurrent part, whose peak are
    ``scan_elements``.
    """

    weights_bytes: int
    expert_bytes: int
    keys: int
    values: int
    windowed: bool
    state_elements: int
    forward_elements: int
    scan_elements: int = 0


@dataclass(frozen=True)
class GgufShape:
    """A model as llama.cpp lays it out. ``host_bytes``: input tables; ``output_bytes``: what is behind the last
    layer, a copy of the input table where it has no head of its own. ``window`` in tokens, 0 for none."""

    architecture: Architecture
    blocks: t.Tuple[Block, ...]
    host_bytes: int
    output_bytes: int
    window: int
    heads: int
    latent: bool


class _Metadata:
    """Values of the model's own architecture."""

    def __init__(self, model: GgufModel) -> None:
        self._values = model.metadata
        self.name = str(model.metadata.get("general.architecture") or "")

    def number(self, key: str, default: int = 0) -> int:
        found = self._values.get("%s.%s" % (self.name, key))
        if isinstance(found, tuple):
            found = max((each for each in found if _is_number(each)), default=default)
        return _whole(found, default)

    def item(self, key: str, index: int, default: int = 0) -> int:
        """Of a value that may be different in each layer."""
        found = self._values.get("%s.%s" % (self.name, key))
        if isinstance(found, tuple):
            found = found[index] if index < len(found) else default
        return _whole(found, default)

    def flags(self, key: str) -> t.Optional[t.Tuple[t.Any, ...]]:
        found = self._values.get("%s.%s" % (self.name, key))
        return found if isinstance(found, tuple) else None


def _is_number(value: t.Any) -> bool:
    """Whether it could be a size of a model."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= _LARGEST


def _whole(value: t.Any, default: int) -> int:
    return int(value) if _is_number(value) else default


def read_shape(model: GgufModel) -> GgufShape:
    """:raises NotServable: its header was not read or makes no sense, or it is no language model."""
    try:
        return _read(model)
    except (TypeError, ValueError, KeyError, IndexError, ArithmeticError) as exc:
        raise NotServable("the header of %s makes no sense: %s" % (model.paths[0], exc)) from exc


def _read(model: GgufModel) -> GgufShape:
    told = _Metadata(model)
    if model.tensors is None:
        raise NotServable("the header of %s was not read" % model.paths[0])
    if told.name in _NO_TEXT or not told.name:
        raise NotServable(
            "%s holds no language model (%s)" % (model.paths[0], told.name or "no architecture")
        )
    by_layer: t.Dict[int, t.Dict[str, Tensor]] = {}
    outside: t.List[Tensor] = []
    for tensor in model.tensors:
        found = _BLOCK.match(tensor.name)
        if found is None:
            outside.append(tensor)
        else:
            by_layer.setdefault(int(found.group(1)), {})[found.group(2)] = tensor
    count = told.number("block_count") - told.number("nextn_predict_layers")
    indices = [index for index in sorted(by_layer) if index < count]
    if not indices or not told.number("embedding_length"):
        raise NotServable("%s says nothing of its layers" % model.paths[0])
    host = sum(each.size_bytes for each in outside if each.name.startswith(_ON_HOST))
    tied = not any(each.name == "output.weight" for each in outside)
    table = next((each.size_bytes for each in outside if each.name == "token_embd.weight"), 0)
    output = sum(each.size_bytes for each in outside if not each.name.startswith(_ON_HOST))
    window = _window(told)
    read = [_read_layer(told, index, by_layer[index], window) for index in indices]
    return GgufShape(
        architecture=_architecture(told, outside, [layer for layer, _block in read], tied),
        blocks=tuple(block for _layer, block in read),
        host_bytes=host,
        output_bytes=output + (table if tied else 0),
        window=window if any(block.windowed for _layer, block in read) else 0,
        heads=told.number("attention.head_count", 1),
        latent=any(isinstance(mixer, Latent) for layer, _block in read for mixer in layer.mixers),
    )


def _architecture(
    told: _Metadata, outside: t.Sequence[Tensor], layers: t.Sequence[Layer], tied: bool
) -> Architecture:
    rows = next((each.shape[0] for each in outside if each.name == "token_embd.weight"), 0)
    return Architecture(
        family=told.name,
        hidden=told.number("embedding_length"),
        vocabulary=rows or told.number("vocab_size", 1),
        layers=tuple(layers),
        tied_embeddings=tied,
        dtype="float16",
        position_limit=max(1, told.number("context_length", _DEFAULT_CONTEXT)),
        draft_layers=told.number("nextn_predict_layers"),
        generates=told.name not in _ENCODERS,
    )


def _window(told: _Metadata) -> int:
    """Tokens of the window that some layers have; 0 where llama.cpp gives none."""
    window = told.number("attention.sliding_window") or _CHUNKS.get(told.name, 0)
    known = told.name in _PERIODS or told.name in _FULL_FIRST
    return window if known or told.flags("attention.sliding_window_pattern") else 0


def _windowed(told: _Metadata, index: int, window: int) -> bool:
    flags = told.flags("attention.sliding_window_pattern")
    if not window:
        return False
    if flags is not None:
        return index < len(flags) and bool(flags[index])
    if told.name in _FULL_FIRST:
        return index % _FULL_FIRST[told.name] > 0
    period = told.number("attention.sliding_window_pattern") or _PERIODS[told.name]
    return index % period < period - 1


def _read_layer(
    told: _Metadata, index: int, tensors: t.Mapping[str, Tensor], window: int
) -> t.Tuple[Layer, Block]:
    mixers: t.List[Mixer] = []
    hidden = told.number("embedding_length")
    state = _state(told, tensors)
    attention = None if _is_shared(told, index) and state is None else _attention(told, index, tensors)
    windowed = attention is not None and _windowed(told, index, window)
    if isinstance(attention, Grouped):
        limit = window if windowed else None
        mixers.append(
            Grouped(attention.heads, attention.kv_heads, attention.key_dim, attention.value_dim, limit)
        )
    elif attention is not None:
        mixers.append(attention)
    if state is not None:
        mixers.append(state)
    experts, width = _experts(told, tensors, hidden), _rows(tensors, "ffn_down.weight", 1)
    keys, values = _cached(attention)
    return Layer(tuple(mixers), width, experts), Block(
        weights_bytes=sum(each.size_bytes for each in tensors.values()),
        expert_bytes=sum(each.size_bytes for name, each in tensors.items() if _EXPERTS.search(name)),
        keys=keys,
        values=values,
        windowed=windowed,
        state_elements=state.conv_elements + state.state_elements if state is not None else 0,
        forward_elements=_forward(hidden, width, experts, attention) + _beside(tensors, hidden),
        scan_elements=_scan(hidden, tensors) if state is not None else 0,
    )


def _is_shared(told: _Metadata, index: int) -> bool:
    """Whether a layer reads the cache of an earlier one."""
    return index >= told.number("block_count") - told.number("attention.shared_kv_layers")


def _rows(tensors: t.Mapping[str, Tensor], name: str, axis: int = 0) -> int:
    found = tensors.get(name)
    return found.shape[axis] if found is not None and len(found.shape) > axis else 0


def _attention(
    told: _Metadata, index: int, tensors: t.Mapping[str, Tensor]
) -> t.Union[Grouped, Latent, None]:
    """The attention of a layer, its cache as wide as the rows of its own projections."""
    heads = told.item("attention.head_count", index, 1) or 1
    if "attn_kv_a_mqa.weight" in tensors:
        rank = told.number("attention.kv_lora_rank")
        rope = _rows(tensors, "attn_kv_a_mqa.weight") - rank
        value = told.number("attention.value_length_mla") or _rows(tensors, "attn_v_b.weight", 1)
        key = told.number("attention.key_length_mla")
        query = told.number("attention.q_lora_rank") or None
        return Latent(heads, query, rank, max(0, key - rope), rope, value)
    shared = told.item("attention.head_count_kv", index, heads)
    keys = _rows(tensors, "attn_k.weight")
    values = _rows(tensors, "attn_v.weight") or keys
    if not keys and _rows(tensors, "attn_qkv.weight") and not _is_recurrent(tensors):
        usual = told.number("embedding_length") // heads
        keys = (shared or heads) * (told.number("attention.key_length") or usual)
        values = (shared or heads) * (told.number("attention.value_length") or usual)
    if not keys:
        return None
    shared = max(1, shared)
    return Grouped(heads, shared, max(1, keys // shared), max(1, values // shared))


def _is_recurrent(tensors: t.Mapping[str, Tensor]) -> bool:
    return any(name.startswith(("ssm_", "shortconv.", "time_mix_")) for name in tensors)


def _state(told: _Metadata, tensors: t.Mapping[str, Tensor]) -> t.Optional[Recurrent]:
    """What a recurrent layer keeps of each sequence (llama-hparams.cpp: n_embd_r and n_embd_s)."""
    if not _is_recurrent(tensors):
        return None
    size = sum(_elements(each) for name, each in tensors.items() if not name.startswith("ffn_"))
    hidden, inner = told.number("embedding_length"), told.number("ssm.inner_size")
    if "shortconv.conv.weight" in tensors:
        return _recurrent("shortconv", size, (told.number("shortconv.l_cache", 1) - 1) * hidden, 0)
    if any(name.startswith("time_mix_") for name in tensors):
        return _recurrent("rwkv", size, 2 * hidden, hidden * told.number("wkv.head_size", 64))
    dims, kernel = told.number("ssm.state_size"), told.number("ssm.conv_kernel", 1)
    if told.number("kda.head_dim"):
        width = told.number("attention.head_count", 1) * told.number("kda.head_dim")
        return _recurrent("kda", size, 3 * (kernel - 1) * width, width * told.number("kda.head_dim"))
    conv = (kernel - 1) * (inner + 2 * told.number("ssm.group_count") * dims)
    return _recurrent("mamba", size, conv, dims * inner)


def _recurrent(kind: str, size: int, conv: int, state: int) -> Recurrent:
    return Recurrent(kind, size, 1, 1, conv, state, 4)


def _elements(tensor: Tensor) -> int:
    count = 1
    for length in tensor.shape:
        count *= length
    return count


def _experts(told: _Metadata, tensors: t.Mapping[str, Tensor], hidden: int) -> t.Optional[Experts]:
    down = tensors.get("ffn_down_exps.weight")
    if down is None or len(down.shape) < 3:
        return None
    shared = _rows(tensors, "ffn_down_shexp.weight", 1)
    return Experts(down.shape[0], max(1, told.number("expert_used_count", 1)), down.shape[2], shared, hidden)


def _cached(attention: t.Union[Grouped, Latent, None]) -> t.Tuple[int, int]:
    if attention is None:
        return 0, 0
    if isinstance(attention, Latent):
        return attention.latent_rank + attention.rope_dim, 0
    return attention.kv_heads * attention.key_dim, attention.kv_heads * attention.value_dim


# Buffers of the hidden size that are alive beside the widest step of a layer, and how often a recurrent layer keeps
# its own input: read off llama.cpp's compute buffers of 30 architectures (tests/accuracy/llama_cpp).
_HIDDEN_BUFFERS, _SCAN_BUFFERS = 5, 2.55


def _forward(
    hidden: int, width: int, experts: t.Optional[Experts], attention: t.Union[Grouped, Latent, None]
) -> int:
    """Elements of a token at the peak of a layer with flash attention.

    An MLP keeps gate, up and their product; routed experts those of each that a token visits, and what they
    return unless it finds room where gate and up were. Latent attention keeps queries before, within and behind
    the latent space.
    """
    found = [3 * width]
    if experts is not None:
        inner = experts.per_token * experts.width
        found.append(3 * inner + (experts.per_token * hidden if hidden > 2 * experts.width else 0))
    if isinstance(attention, Latent):
        key = attention.nope_dim + attention.rope_dim
        wide = 2 * attention.latent_rank + attention.rope_dim
        found.append(attention.heads * (key + wide) + hidden)
    if isinstance(attention, Grouped):
        found.append(hidden + 2 * attention.heads * attention.key_dim)
    return _HIDDEN_BUFFERS * hidden + max(found)


def _beside(tensors: t.Mapping[str, Tensor], hidden: int) -> int:
    """One more buffer where attention and MLP work side by side on one norm."""
    norms = ("ffn_norm.weight", "post_attention_norm.weight", "post_ffw_norm.weight", "ffn_norm_exps.weight")
    feeds = any(name.startswith("ffn_down") for name in tensors)
    return hidden if feeds and not any(name in tensors for name in norms) else 0


def _scan(hidden: int, tensors: t.Mapping[str, Tensor]) -> int:
    """Elements of a token while a recurrent layer scans."""
    entering = _rows(tensors, "ssm_in.weight") + _rows(tensors, "shortconv.in_proj.weight")
    entering = entering or _rows(tensors, "attn_qkv.weight") + _rows(tensors, "attn_gate.weight")
    return _HIDDEN_BUFFERS * hidden + int(_SCAN_BUFFERS * entering)
