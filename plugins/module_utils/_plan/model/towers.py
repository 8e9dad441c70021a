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
    mlp_matrices,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.layers import Part

EMBEDDING, VISION, ENCODER = "embedding", "vision", "encoder"

# Towers whose MLP has a gate: three matrices.
_GATED_TOWERS = ("qwen2_5_vl", "qwen2_5_omni_vision", "pixtral", "gemma4", "glm4v", "glm_ocr", "glm5_next")

# Towers for sound that put convolutions between attention and MLPs.
_CONFORMERS = ("gemma3n_audio", "gemma4_audio")

# Parameters of towers that say only which network they are (timm's name for it).
_CONVOLUTIONAL = {"mobilenetv5_300m_enc": 300_000_000}

# What transformers assumes where the config of a family with a tower leaves it out.
_TOWER_DEFAULTS: t.Mapping[str, Config] = {
    "qwen2_vl": {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4, "patch_size": 14, "temporal_patch_size": 2,
                 "spatial_merge_size": 2},
    "qwen2_5_vl": {"model_type": "qwen2_5_vl", "depth": 32, "hidden_size": 1280, "intermediate_size": 3420,
                   "patch_size": 14, "temporal_patch_size": 2, "spatial_merge_size": 2},
}  # fmt: skip


def read_parts(config: Config, text: Config, family: str, hidden: int) -> t.Tuple[Part, ...]:
    """Towers, per-layer embeddings and position tables that ``config`` describes."""
    found = [Part(VISION, _tower(tower, config, hidden)) for tower in _towers(config)]
    if first(text, "hidden_size_per_layer_input"):
        found.append(Part(EMBEDDING, _per_layer_embeddings(text, hidden)))
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
    if family in ENCODER_DECODERS:
        found.append(Part(ENCODER, _encoder(text, family, hidden)))
    return tuple(part for part in found if part.parameters)


def towers_sized(config: Config, hidden: int) -> bool:
    """Whether each tower that ``config`` describes has a size, and a model of several parts describes one.

    A part with layers of its own that is no tower (a Q-Former, a resampler) has none here.
    """
    sizes = [_tower(tower, config, hidden) for tower in _towers(config)]
    return all(sizes) and (bool(sizes) or text_config(config) is config) and not _parts_between(config)


def _parts_between(config: Config) -> t.List[str]:
    return [
        key
        for key, part in config.items()
        if key.endswith(("former_config", "perceiver_config", "resampler_config"))
        and isinstance(part, t.Mapping)
        and first(part, "num_hidden_layers", "resampler_depth", "depth")
    ]


def _towers(config: Config) -> t.Iterator[Config]:
    family = str(config.get("model_type"))
    if family in _TOWER_DEFAULTS:
        yield {**_TOWER_DEFAULTS[family], **told_fields(config.get("vision_config") or {})}
        return
    for holder in (config, config.get("thinker_config")):
        if isinstance(holder, t.Mapping):
            for key in ("vision_config", "audio_config"):
                if isinstance(holder.get(key), t.Mapping):
                    yield holder[key]


def _tower(tower: Config, config: Config, out_hidden: int) -> int:
    if tower.get("model_type") in _CONFORMERS:
        return _conformer(tower, out_hidden)
    if isinstance(tower.get("depths"), list) and isinstance(tower.get("hidden_sizes"), list):
        return _staged(tower, out_hidden)
    depth = first(
        tower, "depth", "num_hidden_layers", "vt_num_hidden_layers", "encoder_layers", "num_layers", "layers"
    )
    width = first(tower, "embed_dim", "vt_hidden_size", "hidden_size", "d_model", "width")
    if not depth or not width:
        return _CONVOLUTIONAL.get(str(tower.get("architecture")), 0)
    inner = first(tower, "intermediate_size", "vt_intermediate_size", "encoder_ffn_dim", "mlp_dim")
    inner = inner or int(width * float(tower.get("mlp_ratio") or 4))
    if str(tower.get("model_type")).startswith("glm4v"):
        inner = out_hidden
    matrices = 3 if str(tower.get("model_type")).startswith(_GATED_TOWERS) else 2
    attention = width * (first(tower, "qkv_hidden_size") or width) * 4
    layers = depth * (attention + matrices * width * inner + 9 * width + inner)
    return layers + _patches(tower, width) + _projector(tower, config, width, out_hidden)


def _conformer(tower: Config, out_hidden: int) -> int:
    """Two MLPs four times as wide, attention with a projection of positions, a gated convolution."""
    width, depth = first(tower, "hidden_size"), first(tower, "conf_num_hidden_layers", "num_hidden_layers")
    layer = (2 * 2 * 4 + 5 + 3) * width * width
    return depth * layer + width * out_hidden if depth else 0


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
    return channels * patch * patch * (first(tower, "temporal_patch_size") or 1) * width + rows * width


def _projector(tower: Config, config: Config, width: int, out_hidden: int) -> int:
    """Patch mergers (Qwen, Kimi): two linear layers over a square of patches; else two plain ones.

    Mistral first merges a square of patches into one; InternVL shuffles them together. GLM's tower has
    MLPs as wide as the language model, and one gated MLP of ``intermediate_size`` behind its merger.
    Muse's three layers have a width of their own between them.
    """
    square, inner = out_hidden * out_hidden, first(config, "projector_hidden_size")
    if inner:
        return inner * ((first(config, "out_hidden_size") or width) + inner + out_hidden)
    if isinstance(config.get("downsample_ratio"), float):
        return int(width / config["downsample_ratio"] ** 2) * out_hidden + square
    merge = first(tower, "spatial_merge_size") or first(config, "spatial_merge_size") or 1
    kernel = tower.get("merge_kernel_size")
    side = merge * merge if not isinstance(kernel, list) else kernel[0] * kernel[1]
    merged = width * side
    if str(tower.get("model_type")).startswith("glm4v"):
        return merged * out_hidden + square + 3 * out_hidden * first(tower, "intermediate_size")
    if side > 1 and str(tower.get("model_type")) == "pixtral":
        return merged * width + width * out_hidden + square
    mergers = 1 + len(tower.get("deepstack_visual_indexes") or ())
    if side == 1:
        return width * out_hidden + (square if first(tower, "projection_dim") else 0)
    return mergers * (merged * merged + merged * out_hidden + merged + out_hidden)


def _per_layer_embeddings(text: Config, hidden: int) -> int:
    """Gemma's second embedding: a small vector for each layer and token, and its projections."""
    layers, size = first(text, "num_hidden_layers"), first(text, "hidden_size_per_layer_input")
    rows = first(text, "vocab_size_per_layer_input") or first(text, "vocab_size")
    return rows * layers * size + hidden * layers * size + 2 * layers * size * hidden


def _ngram_embeddings(text: Config, hidden: int) -> int:
    """Tables of hashed n-grams in some layers (Qwen3.8 Flash Next): all heads of one together are as wide
    as ``ple_embed_dim``, and each has ``ngram_vocab_size_base`` rows; keys for every residual stream, values.
    """
    width, streams = first(text, "ple_embed_dim") or hidden, first(text, "hc_count") or 1
    rows = first(text, "ngram_vocab_size_base")
    return len(text["ple_layer_ids"]) * width * (rows + hidden * (streams + 1))


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
