# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: reading numbers out of a config.json, whatever its publisher calls them."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import NotServable

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
        "max_target_positions", "n_ctx",
    ),
}  # fmt: skip


def text_config(config: Config) -> Config:
    """The part that describes the language model, wherever the publisher put it."""
    for key in TEXT_CONFIGS:
        if isinstance(config.get(key), t.Mapping):
            return t.cast(Config, config[key])
    for key in NESTED_TEXT_CONFIGS:
        if isinstance(config.get(key), t.Mapping):
            return text_config(config[key])
    return config


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
