# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parameters outside the decoder layers, such as towers for images and sound.

They stay in 16 bits. Towers are plain transformers: attention of four square matrices, an MLP, and a
projector into the language model.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    SPELLINGS,
    Config,
    first,
    text_config,
    told_fields,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.families import (
    ENCODER_DECODERS,
    LEARNED_POSITIONS,
    POOLED,
    SHARED_BLOCKS,
    mlp_matrices,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Part
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.projectors import (
    projector_size,
)

EMBEDDING, VISION, ENCODER = "embedding", "vision", "encoder"
# Parts of a tower that every rank of a group holds whole.
WHOLE = "whole_tower"

# Towers whose MLP has a gate: three matrices.
_GATED_TOWERS = ("qwen2_5_vl", "qwen2_5_omni_vision", "pixtral", "gemma4", "glm4v", "glm_ocr", "glm5_next")

# Towers for sound that put convolutions between attention and MLPs.
_CONFORMERS = ("gemma3n_audio", "gemma4_audio")

# Towers that vLLM takes from transformers as they are, so that no group divides them (gemma4_mm.py, gemma3n_mm.py,
# qwen2_audio.py, audioflamingo3.py, qwen2_5_omni_thinker.py).
_UNDIVIDED_TOWERS = ("gemma3n", "gemma4", "qwen2_audio", "audioflamingo3", "qwen2_5_omni_audio")
# Those of which only attention is divided (muse_glimmer.py).
_UNDIVIDED_MLPS = ("muse_glimmer",)

# Models whose projector vLLM builds of plain layers: whole on every rank (the files of the same names).
_UNDIVIDED_PROJECTORS = frozenset(
    ("audioflamingo3", "idefics3", "internvl", "internvl_chat", "interns1", "kimi_vl", "llava_onevision",
     "minicpmv4_6", "minicpmv4_7", "paddleocr_vl", "paligemma", "qwen2_audio", "smolvlm")
)  # fmt: skip

# The class of a model without its towers, although the config describes them.
_WITHOUT_TOWERS = frozenset(
    ("Gemma3ForCausalLM", "Gemma3nForCausalLM", "Gemma4ForCausalLM", "Llama4ForCausalLM", "Qwen3_5ForCausalLM",
     "Qwen3_5MoeForCausalLM", "InklingForCausalLM")
)  # fmt: skip

# Parameters of towers that say only which network they are (timm's name for it).
_CONVOLUTIONAL = {"mobilenetv5_300m_enc": 300_000_000}

_SIZED_FORMER = "blip_2_qformer"

# What transformers assumes where the config of a family with a tower leaves it out.
_TOWER_DEFAULTS: t.Mapping[str, Config] = {
    "llama4": {"model_type": "llama4_vision_model", "num_hidden_layers": 34, "hidden_size": 768,
               "intermediate_size": 5632, "patch_size": 14, "image_size": 448, "projector_input_dim": 4096,
               "projector_output_dim": 4096, "vision_output_dim": 7680},
    "qwen2_vl": {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4, "patch_size": 14, "temporal_patch_size": 2,
                 "spatial_merge_size": 2},
    "qwen2_5_vl": {"model_type": "qwen2_5_vl", "depth": 32, "hidden_size": 1280, "intermediate_size": 3420,
                   "patch_size": 14, "temporal_patch_size": 2, "spatial_merge_size": 2},
}  # fmt: skip


def read_parts(config: Config, text: Config, family: str, hidden: int) -> t.Tuple[Part, ...]:
    """Towers, per-layer embeddings and position tables that ``config`` describes."""
    found: t.List[Part] = []
    for tower in _towers(config):
        cut, whole = _tower(tower, config, hidden)
        found += [Part(VISION, cut), Part(WHOLE, whole)]
    found += _between(config, text, family, hidden)
    if first(text, "hidden_size_per_layer_input"):
        found += _per_layer_embeddings(text, hidden)
    if first(text, "ngram_vocab_size_base") and text.get("ple_layer_ids"):
        found.append(Part(EMBEDDING, _ngram_embeddings(text, hidden)))
    if isinstance(text.get("engram_num_embeddings"), list):
        # DeepSeek V4.1's tables of n-grams: rows of each layer that has one.
        rows = sum(int(count) for count in text["engram_num_embeddings"])
        found.append(Part(EMBEDDING, rows * first(text, "engram_head_dim")))
    if family in LEARNED_POSITIONS:
        rows = first(text, *SPELLINGS["max_position_embeddings"]) + first(text, "type_vocab_size")
        found.append(Part(EMBEDDING, rows * hidden))
    if family in POOLED:
        found.append(Part(ENCODER, hidden * hidden))
    if family in SHARED_BLOCKS:
        found += _shared_blocks(text, hidden)
    if family in ENCODER_DECODERS:
        found.append(Part(ENCODER, _encoder(text, family, hidden)))
    return tuple(part for part in found if part.parameters)


def _between(config: Config, text: Config, family: str, hidden: int) -> t.Iterator[Part]:
    """What lies between a tower and the language model, or between one step of denoising and the next."""
    former = config.get("qformer_config")
    if isinstance(former, t.Mapping) and str(former.get("model_type")).startswith(_SIZED_FORMER):
        queries = first(config, "num_query_tokens") * first(former, "hidden_size")
        yield Part(WHOLE, _former(former, hidden) + queries)
    if family == "diffusion_gemma_text":
        # One gated MLP more, for what the last step of denoising said.
        inner = first(config, "self_conditioning_size") or first(text, "intermediate_size")
        yield Part(WHOLE, 3 * hidden * inner)


def towers_sized(config: Config, hidden: int) -> bool:
    """Whether each tower that ``config`` describes has a size, and a model of several parts describes one.

    A part with layers of its own that is no tower (a Q-Former, a resampler) has none here.
    """
    sizes = [sum(_tower(tower, config, hidden)) for tower in _towers(config)]
    told = bool(sizes) or text_config(config) is config or without_towers(config)
    return all(sizes) and told and not _parts_between(config)


def without_towers(config: Config) -> bool:
    """Whether the config's class is the language model alone, or the config says that there is no tower."""
    classes = config.get("architectures") or ()
    absent = "vision_config" in config and config["vision_config"] is None
    return absent or any(str(name) in _WITHOUT_TOWERS for name in classes)


def _parts_between(config: Config) -> t.List[str]:
    return [
        key
        for key, part in config.items()
        if key.endswith(("former_config", "perceiver_config", "resampler_config"))
        and isinstance(part, t.Mapping)
        and not str(part.get("model_type")).startswith(_SIZED_FORMER)
        and first(part, "num_hidden_layers", "resampler_depth", "depth")
    ]


def _towers(config: Config) -> t.Iterator[Config]:
    if without_towers(config):
        return
    family = str(config.get("model_type"))
    if family in _TOWER_DEFAULTS:
        yield {**_TOWER_DEFAULTS[family], **told_fields(config.get("vision_config") or {})}
        return
    for holder in (config, config.get("thinker_config")):
        if isinstance(holder, t.Mapping):
            for key in ("vision_config", "audio_config", "encoder_config"):
                if isinstance(holder.get(key), t.Mapping):
                    yield holder[key]


def _tower(tower: Config, config: Config, out_hidden: int) -> t.Tuple[int, int]:
    """Parameters of a tower that a group divides, and those that each of its ranks holds whole."""
    kind = str(tower.get("model_type"))
    if kind in _CONFORMERS:
        return 0, _conformer(tower, out_hidden)
    if kind.startswith("granite_speech"):
        return _speech_encoder(tower, config, out_hidden)
    if isinstance(tower.get("depths"), list) and isinstance(tower.get("hidden_sizes"), list):
        return _staged(tower, out_hidden), 0
    depth = first(
        tower, "depth", "num_hidden_layers", "vt_num_hidden_layers", "encoder_layers", "num_layers", "layers"
    )
    width = first(tower, "embed_dim", "vt_hidden_size", "hidden_size", "d_model", "width")
    if not depth or not width:
        return 0, _CONVOLUTIONAL.get(str(tower.get("architecture")), 0)
    inner = first(tower, "intermediate_size", "vt_intermediate_size", "encoder_ffn_dim", "mlp_dim")
    inner = inner or int(width * float(tower.get("mlp_ratio") or 4))
    if kind.startswith("glm4v"):
        inner = out_hidden
    matrices = 3 if kind.startswith(_GATED_TOWERS) else 2
    attention = width * (first(tower, "qkv_hidden_size") or width) * 4
    forward = depth * matrices * width * inner
    cut, whole = depth * (attention + 9 * width + inner), _patches(tower, width)
    projector = projector_size(tower, config, width, out_hidden)
    if kind.startswith("blip_2"):
        # What leads into the language model is behind the Q-Former.
        projector = 0
    if kind.startswith(_UNDIVIDED_TOWERS):
        return 0, cut + forward + projector + whole
    if str(config.get("model_type")) in _UNDIVIDED_PROJECTORS:
        return cut + forward, projector + whole
    if kind.startswith(_UNDIVIDED_MLPS):
        return cut, forward + projector + whole
    return cut + forward + projector, whole


def _conformer(tower: Config, out_hidden: int) -> int:
    """Two MLPs four times as wide, attention with a projection of positions, a gated convolution."""
    width, depth = first(tower, "hidden_size"), first(tower, "conf_num_hidden_layers", "num_hidden_layers")
    layer = (2 * 2 * 4 + 5 + 3) * width * width
    return depth * layer + width * out_hidden if depth else 0


def _speech_encoder(tower: Config, config: Config, out_hidden: int) -> t.Tuple[int, int]:
    """Granite's conformer, of which only the MLPs are divided, and the Q-Former behind it (granite_speech.py)."""
    width, depth = first(tower, "hidden_dim"), first(tower, "num_layers")
    heads, size = first(tower, "num_heads"), first(tower, "dim_head")
    inner, channels = width * first(tower, "feedforward_mult"), width * first(tower, "conv_expansion_factor")
    positions = (2 * first(tower, "max_pos_emb") + 1) * size
    convolution = 3 * width * channels + channels * (first(tower, "conv_kernel_size") + 4)
    layer = 4 * width * heads * size + positions + convolution
    ends = width * (first(tower, "input_dim") + 2 * first(tower, "output_dim"))
    former = config.get("projector_config")
    between = _former(former, out_hidden) if isinstance(former, t.Mapping) else 0
    return depth * 2 * 2 * width * inner, depth * layer + ends + between


def _former(former: Config, out_hidden: int) -> int:
    """A Q-Former: layers that attend to themselves, and every so often to the tower (blip2.py)."""
    width, depth = first(former, "hidden_size"), first(former, "num_hidden_layers")
    seen = first(former, "encoder_hidden_size") or width
    across = -(-depth // (first(former, "cross_attention_frequency") or 1))
    layer = 4 * width * width + 2 * width * first(former, "intermediate_size") + 9 * width
    return depth * layer + across * 2 * width * (width + seen) + width * out_hidden


def _staged(tower: Config, out_hidden: int) -> int:
    """Stages of growing width, each layer an MLP behind a convolution (Muse Spark's tower for sound)."""
    square = 2 * float(tower.get("mlp_ratio") or 4) + (first(tower, "conv_kernel_size") or 1)
    stages = sum(depth * width * width for depth, width in zip(tower["depths"], tower["hidden_sizes"]))
    return int(square * stages) + int(tower["hidden_sizes"][-1]) * (
        first(tower, "out_hidden_size") or out_hidden
    )


def _patches(tower: Config, width: int) -> int:
    patch = first(tower, "patch_size", "spatial_patch_size")
    channels = first(tower, "in_channels", "in_chans", "num_channels") or 3
    image = first(tower, "image_size")
    rows = first(tower, "num_position_embeddings", "position_embedding_size", "max_source_positions")
    if not rows and image and patch and not tower.get("rope_theta"):
        rows = (image // patch) ** 2
    if first(tower, "num_mel_bins"):
        # Two convolutions over the spectrogram, as Whisper has them.
        return 3 * width * (first(tower, "num_mel_bins") + width) + rows * width
    return channels * patch * patch * (first(tower, "temporal_patch_size") or 1) * width + rows * width


def _per_layer_embeddings(text: Config, hidden: int) -> t.List[Part]:
    """Gemma's second embedding: a small vector for each layer and token, and its projections.

    The gate and the projection of each layer are whole on every rank (gemma4.py).
    """
    layers, size = first(text, "num_hidden_layers"), first(text, "hidden_size_per_layer_input")
    rows = first(text, "vocab_size_per_layer_input") or first(text, "vocab_size")
    cut = rows * layers * size + hidden * layers * size
    return [Part(EMBEDDING, cut), Part(WHOLE, 2 * layers * size * hidden)]


def _ngram_embeddings(text: Config, hidden: int) -> int:
    """Tables of hashed n-grams in some layers (Qwen3.8 Flash Next): all heads of one together are as wide
    as ``ple_embed_dim``, and each has ``ngram_vocab_size_base`` rows; keys for every residual stream, values.
    """
    width, streams = first(text, "ple_embed_dim") or hidden, first(text, "hc_count") or 1
    rows = first(text, "ngram_vocab_size_base")
    return len(text["ple_layer_ids"]) * width * (rows + hidden * (streams + 1))


def _shared_blocks(text: Config, hidden: int) -> t.List[Part]:
    """Zamba2: attention on twice the width, an MLP, and what each layer that uses them adds (zamba2.py)."""
    users, rank = len(text.get("hybrid_layer_ids") or ()), first(text, "adapter_rank")
    inner, blocks = first(text, "intermediate_size"), first(text, "num_mem_blocks") or 1
    wide = first(text, "attention_hidden_size") or 2 * hidden
    adapters = users * rank * (hidden + 2 * inner)
    if text.get("use_shared_attention_adapter"):
        adapters += users * rank * 3 * 2 * wide
    attention = blocks * (3 * wide * wide + wide * hidden)
    return [
        Part("attention", attention),
        Part("dense", blocks * 3 * hidden * inner + adapters),
        Part(WHOLE, users * hidden * hidden),
    ]


def _encoder(text: Config, family: str, hidden: int) -> int:
    layers = first(text, "encoder_layers", "num_layers", "num_hidden_layers")
    inner = first(text, "encoder_ffn_dim", "d_ff", "intermediate_size") or 4 * hidden
    inner = inner * mlp_matrices(text, family) // 2
    rows = first(text, "max_source_positions") + first(text, "max_target_positions")
    positions = (rows or 2 * first(text, "max_position_embeddings")) * hidden
    front = (
        3 * hidden * hidden + 3 * first(text, "num_mel_bins") * hidden if first(text, "num_mel_bins") else 0
    )
    return layers * (4 * hidden * hidden + 2 * hidden * inner + 9 * hidden) + positions + front
