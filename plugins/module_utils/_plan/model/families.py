# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known about families of models beyond what their configs say.

A table entry is a rule of the family's published code (transformers' configuration classes, vLLM's
models), never a size of one model.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import Config

_GDN: Config = {
    "full_attention_interval": 4,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4,
    "mtp_num_hidden_layers": 1,
    "attn_output_gate": True,
    "head_dim": 256,
}
_GDN_MOE: Config = dict(_GDN, shared_expert_intermediate_size=512)
_MLA: Config = {"qk_nope_head_dim": 128, "qk_rope_head_dim": 64}
_MLA_DRAFT: Config = dict(_MLA, num_nextn_predict_layers=1)
_GEMMA4: Config = {"head_dim": 256, "global_head_dim": 512}

# What transformers assumes where a config leaves a field out.
DEFAULTS: t.Mapping[str, Config] = {
    "qwen3_next": _GDN_MOE,
    "qwen3_5_text": _GDN,
    "qwen3_5_moe_text": _GDN_MOE,
    "qwen3_5": _GDN,
    "qwen3_5_moe": _GDN_MOE,
    "gemma": {"head_dim": 256},
    "qwen3": {"head_dim": 128},
    "qwen3_vl_text": {"head_dim": 128},
    "seed_oss": {"head_dim": 128},
    "ernie4_5": {"head_dim": 128},
    "glm": {"head_dim": 128},
    "glm4": {"head_dim": 128},
    "gpt_oss": {"head_dim": 64},
    "gemma2": {"sliding_window_pattern": 2, "sliding_window": 4096, "head_dim": 256},
    "gemma3_text": {"sliding_window_pattern": 6, "sliding_window": 4096, "head_dim": 256,
                    "vocab_size": 262208, "num_attention_heads": 8, "num_key_value_heads": 4,
                    "max_position_embeddings": 131072},
    "gemma3": {"sliding_window_pattern": 6, "head_dim": 256, "max_position_embeddings": 131072},
    "gemma3n_text": {"sliding_window_pattern": 5, "num_kv_shared_layers": 15,
                     "hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 262144},
    "gemma4_text": _GEMMA4,
    "falcon": {"max_position_embeddings": 2048},
    "cohere2": {"sliding_window_pattern": 4},
    "exaone4": {"sliding_window_pattern": 4},
    "olmo3": {"sliding_window_pattern": 4, "sliding_window": 4096},
    "llama4_text": {"attention_chunk_size": 8192, "no_rope_layer_interval": 4,
                    "interleave_moe_layer_step": 1, "intermediate_size_mlp": 16384},
    "deepseek_v2": _MLA,
    "deepseek_v3": _MLA_DRAFT,
    "deepseek_v32": dict(_MLA_DRAFT, index_head_dim=128, index_n_heads=64),
    "kimi_k2": _MLA,
    "deepseek_v4": {"num_nextn_predict_layers": 1, "o_lora_rank": 1024, "o_groups": 8,
                    "index_head_dim": 128, "index_n_heads": 64},
    "glm_moe_dsa": {"num_nextn_predict_layers": 1, "index_head_dim": 128, "index_n_heads": 32},
    "glm4_moe": {"num_nextn_predict_layers": 1, "first_k_dense_replace": 1, "head_dim": 128},
    "glm4v_moe_text": {"head_dim": 128},
    "jamba": {"attn_layer_period": 8, "attn_layer_offset": 4, "expert_layer_period": 2,
              "expert_layer_offset": 1, "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_expand": 2},
    "nemotron_h": {"mamba_ssm_cache_dtype": "float32"},
    "whisper": {"max_source_positions": 1500},
}  # fmt: skip

# What transformers assumes of the text model within another, whose config leaves out all that is usual.
NESTED_DEFAULTS: t.Mapping[str, Config] = {
    "llama": {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
              "num_attention_heads": 32, "vocab_size": 32000, "max_position_embeddings": 2048},
    "mistral": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
                "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000,
                "max_position_embeddings": 131072},
    "qwen2": {"hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
              "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 151936,
              "max_position_embeddings": 32768},
    "gemma": {"hidden_size": 3072, "intermediate_size": 24576, "num_hidden_layers": 28,
              "num_attention_heads": 16, "num_key_value_heads": 16, "head_dim": 256, "vocab_size": 256000,
              "max_position_embeddings": 8192},
    "gemma2": {"hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
               "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 256000,
               "max_position_embeddings": 8192},
}  # fmt: skip

# Families whose configs leave out tie_word_embeddings and mean true.
TIED = frozenset(
    ("gemma", "gemma2", "gemma3", "gemma3_text", "gemma3n_text", "gemma4", "gemma4_text", "smollm3", "lfm2",
     "lfm2_moe", "cohere", "cohere2", "gpt2", "gpt-sw3", "gpt_bigcode", "bloom", "whisper", "t5", "mt5", "umt5", "bart",
     "mbart", "m2m_100", "falcon_h1", "starcoder2", "opt", "mpt")
)  # fmt: skip

# The MLP has two matrices (up, down) and no gate.
UNGATED = frozenset(
    ("arcee", "apertus1p5_text", "cosmos3_edge_text", "jais2", "nanochat", "persimmon", "mpt", "apertus",
     "gpt2", "gpt-sw3", "gpt_bigcode", "gpt_neox", "gptj", "opt", "bloom", "falcon", "phi", "starcoder2",
     "nemotron", "nemotron_h", "bert", "camembert", "roberta", "xlm-roberta", "distilbert", "whisper", "bart",
     "mbart", "m2m_100", "t5", "mt5", "umt5", "stablelm_epoch")
)  # fmt: skip

# The MLP is four times as wide as the model where the config does not say.
FOUR_TIMES_HIDDEN = frozenset(("mpt", "gpt2", "gpt-sw3", "gpt_bigcode", "gptj", "bloom", "falcon"))

# A table with one row for each position, beside the embedding of tokens.
LEARNED_POSITIONS = frozenset(
    ("bert", "camembert", "roberta", "xlm-roberta", "distilbert", "gpt2", "gpt-sw3", "gpt_bigcode", "opt")
)

# One square matrix more between the encoder and what reads it.
POOLED = frozenset(("bert", "camembert", "roberta", "xlm-roberta", "modernbert"))

# Attention behind a gate of its own, which their configs do not mention.
GATED_ATTENTION = frozenset(("afmoe", "hy_v4", "hy_v4_vl_text", "muse_glimmer_text", "muse_spark_text"))

# How often layers run, each time with a cache of its own.
LOOPS = ("n_recurrent_loops", "loop_num_passes", "loop_num", "total_ut_steps")

# Linear attention is lightning attention, with heads as those of attention.
LIGHTNING = frozenset(
    ("bailing_hybrid", "bailing_moe_linear", "bailing_moe_v2_5", "minimax", "minimax_m1", "minimax_text_01")
)

# intermediate_size counts gate and up projection together.
DOUBLED_WIDTH = frozenset(("qwen", "molmo"))

# Layers are a mixer and nothing else; intermediate_size is the mixer's width.
MIXER_ONLY = frozenset(("mamba", "mamba2", "falcon_mamba"))

# Routed experts lie beside the MLP, not within it, and so does their router.
EXPERTS_BESIDE_MLP = frozenset(("gemma4", "gemma4_text", "gemma4_unified_text", "diffusion_gemma_text"))

# Attention and MLPs of all layers are one block of weights (or a few), and each layer has a cache of its own.
SHARED_BLOCKS = frozenset(("zamba2",))

# Latent attention that engines run as plain attention, on keys and values of all heads (vLLM's minicpm3.py).
UNPACKED_LATENT = frozenset(("minicpm3",))

# Each layer has two attentions and two dense MLPs around its routed experts (ScMoE).
TWICE_A_LAYER = frozenset(("longcat_flash",))

# Sliding windows on every layer, without a list that says so.
ALL_SLIDING = frozenset(("mistral", "mixtral", "phi3", "phimoe", "starcoder2", "ministral"))
# Sliding and full by turns, the sliding one first.
ALTERNATING = frozenset(("gpt_oss",))

# SGLang keeps the windows of these in a pool of their own (model_config.py, is_hybrid_swa_model), those of
# others in full.
SGLANG_WINDOW_POOLS = frozenset(
    ("gemma4", "gemma4_text", "gpt_oss", "laguna", "llama4_text", "mimo_v2", "mimo_v2_flash", "step3p5")
)

ENCODERS = frozenset(
    ("bert", "roberta", "xlm-roberta", "distilbert", "modernbert", "nomic_bert", "new", "camembert")
)
ENCODER_DECODERS = frozenset(("whisper", "t5", "mt5", "umt5", "bart", "mbart", "m2m_100"))
# What an architecture's class name ends with where it does not generate text.
NOT_GENERATING = ("ForSequenceClassification", "ForTokenClassification", "ForRewardModel", "EmbeddingModel",
                  "ForMaskedLM", "ForImageClassification")  # fmt: skip

# The draft layer of these brings its own copies of embedding and head (DeepSeek's layout).
DRAFT_WITH_EMBEDDINGS = frozenset(("deepseek_v3", "deepseek_v32", "glm4_moe", "glm4_moe_lite"))

KNOWN = frozenset(
    ("afmoe", "apertus", "arcee", "aria_text", "axk1", "axk2", "baichuan", "bailing_hybrid", "bailing_moe",
     "bailing_moe_linear", "bailing_moe_v2", "bamba", "beam", "bloom", "chatglm", "cohere", "cohere2",
     "cohere2_moe", "cosmos3_edge_text", "cwm", "dbrx", "deepseek", "deepseek_ref", "deepseek_v2", "deepseek_v3", "deepseek_v32",
     "deepseek_v4", "diffusion_gemma_text", "dots1", "ernie4_5", "ernie4_5_moe", "ernie4_5_moe_vl", "ernie4_5_vl_moe_text", "exaone",
     "exaone4", "exaone_moe", "falcon", "falcon_h1", "falcon_mamba", "flex_olmo", "flint", "gemma", "gemma2",
     "gemma3", "gemma3_text", "gemma3n_text", "gemma4", "gemma4_text", "gemma4_unified_text", "glm", "glm4",
     "glm4_moe", "glm4_moe_lite", "glm4v_moe_text", "glm4v_text", "glm5_next_text", "glm_moe_dsa", "glm_ocr_text", "gpt2", "gpt-sw3",
     "gpt_bigcode", "gpt_neox", "gpt_oss", "gptj", "granite", "granite_swa", "granitemoe", "granitemoe_swa",
     "granitemoehybrid", "granitemoeshared", "helium", "hunyuan_v1_dense", "hunyuan_v1_moe", "hy_v3", "hy_v4",
     "hy_v4_vl_text", "hyperclovax", "internlm2", "internlm3", "iquestcoder", "jamba", "kimi_k2", "kimi_linear",
     "laguna", "lfm2", "lfm2_moe", "llama", "llama4_text", "longcat_flash", "mamba", "mamba2", "mellum", "mimo",
     "mimo_v2", "mimo_v2_flash", "minicpm", "minicpm3", "minimax", "minimax_m1", "minimax_m2", "minimax_m3",
     "minimax_m3_vl", "minimax_m3_vl_text", "minimax_text_01", "ministral", "ministral3", "mistral", "mistral3",
     "mistral4", "mixtral", "molmo", "mpt", "muse_glimmer_text", "muse_spark_text", "nemotron", "nemotron-nas",
     "nemotron_h", "olmo", "olmo2", "olmo3", "olmo_hybrid", "olmoe", "opt", "paddleocr_vl_text", "phi", "phi3",
     "phimoe", "qwen", "qwen2", "qwen2_5_omni_text", "qwen2_5_vl", "qwen2_5_vl_text", "qwen2_moe", "qwen2_vl",
     "qwen2_vl_text", "qwen3", "qwen3_5", "qwen3_5_moe", "qwen3_5_moe_text", "qwen3_5_text", "qwen3_moe",
     "qwen3_next", "qwen3_omni_moe_text", "qwen3_vl_moe_text", "qwen3_vl_text", "sarvam_mla", "sarvam_moe",
     "seed_oss", "smollm3", "solar", "solar_open", "stablelm", "starcoder2", "step3p5", "youtu", "zamba2")
) | ENCODERS | ENCODER_DECODERS  # fmt: skip

# Engines bring their own code for these although the repositories ship some (``auto_map``).
BUILT_IN_DESPITE_REMOTE_CODE = frozenset(
    ("chatglm", "deepseek_v2", "deepseek_v3", "deepseek_v32", "internlm2", "llama", "minimax_m2",
     "minimax_text_01", "nemotron-nas", "nemotron_h", "phi3", "phimoe", "qwen", "qwen2", "qwen3")
)  # fmt: skip

# Models without position embeddings have no longest context of their own.
UNBOUNDED_POSITIONS = 2**20


def mlp_matrices(text: Config, family: str) -> int:
    """Matrices of a dense MLP: up and down, and a gate. T5's later releases have one, and say so."""
    gated = text.get("is_gated_act") or str(text.get("feed_forward_proj")).startswith("gated")
    return 3 if gated or family not in UNGATED else 2
