# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what a model's config.json says about its layers.

Pure. Dense and mixture-of-experts transformers with grouped-query attention, sliding windows, or
multi-head latent attention (MLA). Layers that keep a recurrent state, compressed or shared caches
are refused by name: their memory does not follow the formulas here.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import NotServable

Config = t.Mapping[str, t.Any]

FULL = "full_attention"
SLIDING = "sliding_attention"
CHUNKED = "chunked_attention"

KNOWN_FAMILIES = frozenset(
    (
        "deepseek_v2", "deepseek_v3", "deepseek_v32", "gemma", "gemma2", "gemma3_text", "glm4",
        "glm4_moe", "gpt_oss", "granite", "granitemoe", "kimi_k2", "llama", "minimax_m2", "mistral",
        "mixtral", "olmo2", "phi3", "phimoe", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe",
        "qwen3_vl_moe_text", "qwen3_vl_text", "seed_oss", "smollm3",
    )
)  # fmt: skip

# Families whose configs leave out tie_word_embeddings and mean true.
TIED_FAMILIES = frozenset(("gemma", "gemma2", "gemma3_text", "smollm3"))

# Engines bring their own code for these although the repositories ship some (``auto_map``).
BUILT_IN_DESPITE_REMOTE_CODE = frozenset(
    ("deepseek_v2", "deepseek_v3", "deepseek_v32", "llama", "minimax_m2", "phi3", "phimoe", "qwen2", "qwen3")
)

# A sign of layers whose memory is not proportional to plain attention, and what to call it.
OTHER_MEMORY = {
    "hybrid_override_pattern": "Mamba layers",
    "layers_block_type": "Mamba layers",
    "ssm_state_size": "Mamba layers",
    "state_size": "Mamba layers",
    "mamba_d_state": "Mamba layers",
    "linear_attn_config": "linear attention layers",
    "full_attention_interval": "linear attention layers",
    "conv_L_cache": "convolution layers",
    "compress_ratios": "compressed attention",
    "sparse_index_dim": "block-sparse attention",
    "sparse_attention_config": "block-sparse attention",
    "block_configs": "layers of unequal shape",
    "num_kv_shared_layers": "a cache shared across layers",
    "is_encoder_decoder": "an encoder",
}

TEXT_CONFIGS = ("text_config", "llm_config", "language_config")
NESTED_TEXT_CONFIGS = ("thinker_config",)


@dataclass(frozen=True)
class Mla:
    """Multi-head latent attention: one latent vector of ``latent_rank + rope_dim`` per token."""

    query_rank: t.Optional[int]
    latent_rank: int
    nope_dim: int
    rope_dim: int
    value_dim: int


@dataclass(frozen=True)
class Indexer:
    """The token selector of sparse MLA (DeepSeek V3.2, GLM 5)."""

    heads: int
    head_dim: int


@dataclass(frozen=True)
class Experts:
    """Routed experts of one layer; ``shared_width`` is the summed width of the shared ones."""

    count: int
    per_token: int
    width: int
    shared_width: int


@dataclass(frozen=True)
class Layer:
    """``window`` in tokens, None where attention sees the whole context."""

    window: t.Optional[int]
    routed: bool


@dataclass(frozen=True)
class Architecture:
    """Everything about a model that memory and parallelism depend on.

    ``position_limit`` is the longest context in tokens that the model was made for.
    ``confident`` is False where the family is unknown and the numbers are upper bounds.
    """

    family: str
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    mlp_width: int
    layers: t.Tuple[Layer, ...]
    tied_embeddings: bool
    dtype: str
    position_limit: int
    experts: t.Optional[Experts] = None
    mla: t.Optional[Mla] = None
    indexer: t.Optional[Indexer] = None
    multimodal: bool = False
    confident: bool = True
    remote_code: bool = False

    @property
    def routed_layers(self) -> int:
        return sum(layer.routed for layer in self.layers)

    @property
    def dense_layers(self) -> int:
        return len(self.layers) - self.routed_layers


def text_config(config: Config) -> Config:
    """The part that describes the language model, wherever the publisher put it."""
    for key in TEXT_CONFIGS:
        if isinstance(config.get(key), t.Mapping):
            return t.cast(Config, config[key])
    for key in NESTED_TEXT_CONFIGS:
        if isinstance(config.get(key), t.Mapping):
            return text_config(config[key])
    return config


def read_architecture(config: Config) -> Architecture:
    """The architecture that ``config`` (config.json) describes.

    :raises NotServable: a needed field is missing, or the layers are of a kind not covered.
    """
    text = text_config(config)
    family = str(text.get("model_type") or config.get("model_type") or "unknown")
    _refuse_other_memory(family, text)
    hidden, heads = _number(text, "hidden_size", family), _number(text, "num_attention_heads", family)
    experts = _experts(text)
    windows, certain = _windows(text, family)
    return Architecture(
        family=family,
        hidden=hidden,
        heads=heads,
        kv_heads=int(text.get("num_key_value_heads") or heads),
        head_dim=int(text.get("head_dim") or hidden // heads),
        vocabulary=_number(text, "vocab_size", family),
        mlp_width=_number(text, "intermediate_size", family),
        layers=tuple(
            Layer(window, experts is not None and _is_routed(text, index))
            for index, window in enumerate(windows)
        ),
        tied_embeddings=bool(_either(text, config, "tie_word_embeddings", family in TIED_FAMILIES)),
        dtype=str(_either(text, config, "torch_dtype", _either(text, config, "dtype", "bfloat16"))),
        position_limit=_position_limit(text, family),
        experts=experts,
        mla=_mla(text),
        indexer=_indexer(text),
        multimodal="vision_config" in config or "audio_config" in config or "_vl" in family,
        confident=certain and family in KNOWN_FAMILIES,
        remote_code="auto_map" in config and family not in BUILT_IN_DESPITE_REMOTE_CODE,
    )


def _refuse_other_memory(family: str, text: Config) -> None:
    found = sorted({kind for key, kind in OTHER_MEMORY.items() if text.get(key)})
    strange = sorted(set(text.get("layer_types") or ()) - {FULL, SLIDING, CHUNKED})
    if found or strange:
        raise NotServable(
            "The architecture %s has %s, which the planner cannot size yet"
            % (family, ", ".join(found + strange)),
            hint="Choose a model with plain, sliding-window or latent attention.",
            architecture=family,
        )


def _number(text: Config, key: str, family: str) -> int:
    value = text.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise NotServable(
            "config.json of the architecture %s has no usable %s (found %r), so its memory is unknown"
            % (family, key, value),
            hint="Only decoder language models with a complete config.json can be planned.",
            architecture=family,
        )
    return value


def _either(first: Config, second: Config, key: str, default: t.Any) -> t.Any:
    for config in (first, second):
        if config.get(key) is not None:
            return config[key]
    return default


def _first(text: Config, *keys: str) -> int:
    return next((int(text[key]) for key in keys if text.get(key)), 0)


def _experts(text: Config) -> t.Optional[Experts]:
    count = _first(text, "n_routed_experts", "num_local_experts", "num_experts")
    if count < 2:
        return None
    width = _first(text, "moe_intermediate_size", "intermediate_size")
    return Experts(
        count=count,
        per_token=_first(text, "num_experts_per_tok", "experts_per_token", "moe_topk") or 1,
        width=width,
        shared_width=_first(text, "shared_expert_intermediate_size", "shared_intermediate_size")
        or _first(text, "n_shared_experts") * width,
    )


def _is_routed(text: Config, index: int) -> bool:
    if index in (text.get("mlp_only_layers") or ()) or index < _first(text, "first_k_dense_replace"):
        return False
    every = text.get("moe_layer_freq") or 1
    if isinstance(every, list):
        return bool(every[index])
    step = _first(text, "decoder_sparse_step") or 1
    return index % int(every) == 0 and (index + 1) % step == 0


def _windows(text: Config, family: str) -> t.Tuple[t.List[t.Optional[int]], bool]:
    """Window in tokens per layer, and whether that is certain; full attention is the upper bound."""
    count = _number(text, "num_hidden_layers", family)
    window = _first(text, "sliding_window")
    kinds = text.get("layer_types")
    if kinds:
        size = {SLIDING: window or None, CHUNKED: _first(text, "attention_chunk_size") or None}
        return [size.get(kind) for kind in kinds[:count]], len(kinds) >= count
    if not window or text.get("use_sliding_window") is False:
        return [None] * count, True
    pattern = _first(text, "sliding_window_pattern") or {"gemma2": 2, "gemma3_text": 6}.get(family, 0)
    if pattern:
        return [None if (i + 1) % pattern == 0 else window for i in range(count)], True
    if family == "gpt_oss":
        return [window if i % 2 == 0 else None for i in range(count)], True
    if family in ("mistral", "phi3", "mixtral"):
        return [window] * count, True
    return [None] * count, False


def _mla(text: Config) -> t.Optional[Mla]:
    if not text.get("kv_lora_rank"):
        return None
    return Mla(
        query_rank=_first(text, "q_lora_rank") or None,
        latent_rank=_first(text, "kv_lora_rank"),
        nope_dim=_first(text, "qk_nope_head_dim"),
        rope_dim=_first(text, "qk_rope_head_dim"),
        value_dim=_first(text, "v_head_dim"),
    )


def _indexer(text: Config) -> t.Optional[Indexer]:
    sparse_by_design = text.get("model_type") in ("deepseek_v32", "glm_moe_dsa")
    if not text.get("index_head_dim") and not sparse_by_design:
        return None
    # Trimmed configs leave these out; both published families use 128 and 64 (GLM: 32).
    return Indexer(_first(text, "index_n_heads") or 64, _first(text, "index_head_dim") or 128)


def _position_limit(text: Config, family: str) -> int:
    """max_position_embeddings, or what YaRN stretches the original range to where that is more."""
    limit = _number(text, "max_position_embeddings", family)
    scaling = text.get("rope_scaling") or text.get("rope_parameters") or {}
    if not isinstance(scaling, t.Mapping):
        return limit
    if str(scaling.get("rope_type", scaling.get("type"))) != "yarn":
        return limit
    original = int(scaling.get("original_max_position_embeddings") or limit)
    return max(limit, int(original * float(scaling.get("factor") or 1)))
