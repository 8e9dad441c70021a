# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading numbers out of a config.json, whatever its publisher calls them."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable

Config = t.Mapping[str, t.Any]

TEXT_CONFIGS = ("text_config", "llm_config", "language_config", "decoder_config")
NESTED_TEXT_CONFIGS = ("thinker_config",)

# Other names of the fields that every decoder has.
SPELLINGS = {
    "hidden_size": ("hidden_size", "n_embd", "n_embed", "d_model", "block_dim"),
    "num_hidden_layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers"),
    "num_attention_heads": ("num_attention_heads", "n_head", "n_heads", "num_heads", "decoder_attention_heads"),
    "intermediate_size": ("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "d_ff", "decoder_ffn_dim"),
    "max_position_embeddings": (
        "max_position_embeddings", "n_positions", "seq_length", "max_sequence_length", "model_max_length",
        "max_target_positions", "n_ctx", "max_seq_len", "max_position_embedding",
    ),
}  # fmt: skip

# Names of the number of routed experts.
EXPERT_COUNTS = ("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")

# Each layer is read on its own; a number beyond this is a mistake.
MOST_LAYERS = 10_000
BEYOND_ANY_SIZE = 2**31

# Fields that are whole numbers from 0, or lists of them, wherever they appear.
_SIZES = frozenset(name for names in SPELLINGS.values() for name in names) | frozenset(
    ("attention_chunk_size", "decoder_layers", "ffn_hidden_size", "global_head_dim", "head_dim",
     "hidden_size_per_layer_input", "index_head_dim", "index_n_heads", "kv_lora_rank", "mamba_d_conv",
     "mamba_d_state", "moe_intermediate_size", "moe_num_experts", "n_routed_experts", "n_shared_experts",
     "num_experts", "num_experts_per_tok", "num_global_key_value_heads", "num_key_value_heads", "num_kv_heads",
     "num_kv_shared_layers", "num_local_experts", "num_shared_experts", "q_lora_rank", "qk_nope_head_dim",
     "qk_rope_head_dim", "shared_expert_intermediate_size", "shared_intermediate_size", "ssm_state_size",
     "attn_layer_offset", "attn_layer_period", "expert_layer_offset", "expert_layer_period",
     "max_source_positions", "v_head_dim", "vocab_size")
)  # fmt: skip


def text_config(config: Config) -> Config:
    """The part that describes the language model, wherever the publisher put it."""
    for key in TEXT_CONFIGS:
        if isinstance(config.get(key), t.Mapping):
            return t.cast(Config, config[key])
    for key in NESTED_TEXT_CONFIGS:
        if isinstance(config.get(key), t.Mapping):
            return text_config(config[key])
    return config


def told_fields(text: Config) -> t.Dict[str, t.Any]:
    """The fields that ``text`` gives a value, those of its halves of a layer (MPT, DBRX) among them."""
    inner = [text[key] for key in ("attn_config", "ffn_config") if isinstance(text.get(key), t.Mapping)]
    return {name: value for half in (*inner, text) for name, value in half.items() if value is not None}


# What transformers calls the layers of compressed attention, and the tokens of a cell where no rate is told.
_COMPRESSED_LAYERS = {
    "sliding_attention": 0,
    "compressed_sparse_attention": 4,
    "heavily_compressed_attention": 128,
}


def compress_ratios(text: Config) -> t.Optional[t.List[int]]:
    """Tokens of each layer's cells in compressed attention (DeepSeek V4); None where there is none.

    Publishers list the ratios, transformers the kinds of layers and the rate of each kind.
    """
    if isinstance(text.get("compress_ratios"), list):
        return [int(ratio) for ratio in text["compress_ratios"]]
    kinds, told = text.get("layer_types"), text.get("compress_rates")
    if not isinstance(told, t.Mapping) or not isinstance(kinds, list) or set(kinds) - set(_COMPRESSED_LAYERS):
        return None
    rates = {**_COMPRESSED_LAYERS, **told}
    return [int(rates[kind]) for kind in kinds]


# Fields that may list one number for each layer.
_BY_LAYER = {
    "num_attention_heads": "num_attention_heads", "num_attention_heads_per_layer": "num_attention_heads",
    "num_query_heads": "num_attention_heads", "num_key_value_heads": "num_key_value_heads",
    "num_kv_heads": "num_key_value_heads", "num_key_value_heads_per_layer": "num_key_value_heads",
}  # fmt: skip


def layer_fields(text: Config, index: int) -> Config:
    """The fields of layer ``index``: those of the model, and what lists and ``per_layer_config`` say of it."""
    own: t.Dict[str, t.Any] = {}
    for name, field in _BY_LAYER.items():
        told = text.get(name)
        if isinstance(told, (list, tuple)) and index < len(told):
            own[field] = told[index]
    layers = text.get("per_layer_config")
    if isinstance(layers, t.Mapping):
        own.update(next((fields for key, fields in layers.items() if int(key) == index), {}))
    return {**text, **own} if own else text


def first(config: Config, *keys: str) -> int:
    """The first of ``keys`` with a number above 0; else 0. Of a list, the first number."""
    for key in keys:
        value = config.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            return int(value)
    return 0


def either(one: Config, other: Config, key: str, default: t.Any) -> t.Any:
    """``key`` of the first of two configs that has it."""
    for config in (one, other):
        if config.get(key) is not None:
            return config[key]
    return default


def required(text: Config, key: str, family: str) -> int:
    """A positive whole number under any of its names.

    :raises NotServable: it is missing or no such number.
    """
    names = SPELLINGS.get(key, (key,))
    found = next((text[name] for name in names if text.get(name) is not None), None)
    if not isinstance(found, int) or isinstance(found, bool) or found <= 0:
        raise NotServable(
            "config.json of the architecture %s has no usable %s (found %r), so its memory is unknown"
            % (family, key, found),
            hint="Only models with a complete config.json can be planned.",
            architecture=family,
        )
    return found


def check_sizes(text: Config) -> None:
    """Refuses a config of which a size is no size: read as 0, it would make the model smaller than it is.

    :raises ValueError: a known size is neither null, a whole number from 0, nor a list, or there are more layers
        than any model has.
    """
    for name in SPELLINGS["num_hidden_layers"]:
        if isinstance(text.get(name), int) and text[name] > MOST_LAYERS:
            raise ValueError("%s is %r" % (name, text[name]))
    if not isinstance(text.get("tie_word_embeddings", False), bool):
        raise ValueError("tie_word_embeddings is %r" % text["tie_word_embeddings"])
    for name in sorted(_SIZES.intersection(text)):
        value = text[name]
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        # Tokenizers write 10**30 for a context without an end.
        whole = whole and (value < BEYOND_ANY_SIZE or name in SPELLINGS["max_position_embeddings"])
        if value is not None and not whole and not (isinstance(value, (list, tuple)) and value):
            raise ValueError("%s is %r" % (name, value))
