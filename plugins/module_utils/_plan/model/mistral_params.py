# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistral's own params.json in the words of a config.json.

Engines read it themselves where a repository has no config.json (vLLM, transformers_utils/configs/mistral.py).
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import Config

# What vLLM takes where the file names no longest context.
DEFAULT_POSITIONS = 128_000

_NAMES = {
    "dim": "hidden_size", "n_layers": "num_hidden_layers", "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads", "hidden_dim": "intermediate_size", "tied_embeddings": "tie_word_embeddings",
}  # fmt: skip
_SAME = (
    "head_dim", "vocab_size", "sliding_window", "q_lora_rank", "kv_lora_rank", "qk_nope_head_dim",
    "qk_rope_head_dim", "v_head_dim",
)  # fmt: skip
_EXPERTS = {
    "num_experts": "n_routed_experts", "num_experts_per_tok": "num_experts_per_tok",
    "num_shared_experts": "n_shared_experts", "expert_hidden_dim": "moe_intermediate_size",
    "first_k_dense_replace": "first_k_dense_replace", "route_every_n": "moe_layer_freq",
}  # fmt: skip
_KEPT = ("vision_encoder", "vision_language_adapter", "patch_merger", "output")


def config_of(params: Config) -> t.Dict[str, t.Any]:
    """``params`` as a config.json would have it; a field of no known meaning is left out."""
    text = {new: params[old] for old, new in _NAMES.items() if params.get(old) is not None}
    text.update((name, params[name]) for name in _SAME if params.get(name) is not None)
    text["max_position_embeddings"] = (
        params.get("max_position_embeddings") or params.get("max_seq_len") or DEFAULT_POSITIONS
    )
    experts = params.get("moe")
    if isinstance(experts, t.Mapping):
        text.update((new, experts[old]) for old, new in _EXPERTS.items() if experts.get(old) is not None)
    if isinstance(params.get("yarn"), t.Mapping):
        text["rope_scaling"] = {
            "rope_type": "yarn",
            "factor": params["yarn"].get("factor"),
            "original_max_position_embeddings": params["yarn"].get("original_max_position_embeddings"),
        }
    text["model_type"] = "deepseek_v2" if text.get("kv_lora_rank") else "mixtral" if experts else "mistral"
    config = _with_tower(text, params)
    if isinstance(params.get("quantization"), t.Mapping):
        config["quantization_config"] = _quantization(params["quantization"])
    return config


def _with_tower(text: t.Dict[str, t.Any], params: Config) -> t.Dict[str, t.Any]:
    tower = params.get("vision_encoder")
    if not isinstance(tower, t.Mapping):
        return text
    return {
        "model_type": "mistral3",
        "text_config": text,
        "vision_config": {**tower, "model_type": "pixtral"},
        "spatial_merge_size": tower.get("spatial_merge_size") or 1,
    }


def _quantization(block: Config) -> t.Dict[str, t.Any]:
    """Mistral stores whole matrices in FP8 with one scale, towers and the head in 16 bits."""
    weights = str(block.get("qformat_weight") or "")
    method = "fp8" if weights.startswith("fp8") else weights or "unknown"
    return {"quant_method": method, "modules_to_not_convert": list(_KEPT)}
