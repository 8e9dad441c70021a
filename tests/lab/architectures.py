# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tensor names, dtypes and shapes of real architectures, derived from a repository's config.json.

Names and layouts are those of the published checkpoints. Shapes are (output, input), as in the files.
"""

from __future__ import annotations

import typing as t

Config = t.Mapping[str, t.Any]
Shape = t.Tuple[int, ...]

BITS = {"BF16": 16, "F16": 16, "F32": 32, "F8_E4M3": 8, "I8": 8, "U8": 8, "I32": 32}
_PLAIN = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}
_MXFP4_BLOCK = 32


class Tensor(t.NamedTuple):
    """One entry of a safetensors header."""

    name: str
    dtype: str
    shape: Shape

    @property
    def elements(self) -> int:
        """Number of stored elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self.elements * BITS[self.dtype] // 8


Tensors = t.Iterator[Tensor]
Linear = t.Callable[[str, int, int], Tensors]


def tensors(config: Config, stored_head: bool = False) -> Tensors:
    """All tensors in file order.

    :param stored_head: lm_head is in the files although the embeddings are tied (Qwen3-0.6B).
    """
    dtype, hidden = plain_dtype(config), config["hidden_size"]
    yield Tensor("model.embed_tokens.weight", dtype, (config["vocab_size"], hidden))
    for index in range(config["num_hidden_layers"]):
        yield from _layer(config, index)
    yield Tensor("model.norm.weight", dtype, (hidden,))
    if stored_head or not config.get("tie_word_embeddings", False):
        yield Tensor("lm_head.weight", dtype, (config["vocab_size"], hidden))
    for index in range(config.get("num_nextn_predict_layers", 0)):
        yield from _prediction_layer(config, config["num_hidden_layers"] + index)


def plain_dtype(config: Config) -> str:
    """The safetensors name of what is not quantized."""
    return _PLAIN[config.get("torch_dtype", "bfloat16")]


def _layer(config: Config, index: int) -> Tensors:
    prefix, dtype, hidden = f"model.layers.{index}.", plain_dtype(config), config["hidden_size"]
    yield Tensor(prefix + "input_layernorm.weight", dtype, (hidden,))
    yield Tensor(prefix + "post_attention_layernorm.weight", dtype, (hidden,))
    attention = _latent_attention if config.get("kv_lora_rank") else _grouped_attention
    yield from attention(config, prefix + "self_attn.")
    yield from _mlp_of(config, index)(config, prefix + "mlp.")


def _mlp_of(config: Config, index: int) -> t.Callable[[Config, str], Tensors]:
    if config["model_type"] == "gpt_oss":
        return _mxfp4_experts
    has_experts = "num_experts" in config or "n_routed_experts" in config
    return _experts if has_experts and index >= config.get("first_k_dense_replace", 0) else _dense_mlp


def _prediction_layer(config: Config, index: int) -> Tensors:
    """The multi-token prediction layer that DeepSeek-V3 and R1 carry after the last layer."""
    prefix, dtype, hidden = f"model.layers.{index}.", plain_dtype(config), config["hidden_size"]
    yield Tensor(prefix + "embed_tokens.weight", dtype, (config["vocab_size"], hidden))
    yield Tensor(prefix + "enorm.weight", dtype, (hidden,))
    yield Tensor(prefix + "hnorm.weight", dtype, (hidden,))
    yield Tensor(prefix + "eh_proj.weight", dtype, (hidden, 2 * hidden))
    yield from _layer(config, index)
    yield Tensor(prefix + "shared_head.norm.weight", dtype, (hidden,))
    yield Tensor(prefix + "shared_head.head.weight", dtype, (config["vocab_size"], hidden))


def _grouped_attention(config: Config, prefix: str) -> Tensors:
    linear, dtype, hidden = _linear(config), plain_dtype(config), config["hidden_size"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head = config.get("head_dim") or hidden // heads
    sizes = {"q_proj": heads * head, "k_proj": kv_heads * head, "v_proj": kv_heads * head}
    biased = config.get("attention_bias") or config["model_type"] == "qwen2"
    for name, size in sizes.items():
        yield from linear(prefix + name, size, hidden)
        if biased:
            yield Tensor(f"{prefix}{name}.bias", dtype, (size,))
    yield from linear(prefix + "o_proj", hidden, heads * head)
    if config["model_type"] == "gpt_oss":
        yield Tensor(prefix + "o_proj.bias", dtype, (hidden,))
        yield Tensor(prefix + "sinks", dtype, (heads,))
    if config["model_type"].startswith("qwen3"):
        yield Tensor(prefix + "q_norm.weight", dtype, (head,))
        yield Tensor(prefix + "k_norm.weight", dtype, (head,))


def _latent_attention(config: Config, prefix: str) -> Tensors:
    linear, dtype, hidden = _linear(config), plain_dtype(config), config["hidden_size"]
    heads, rank = config["num_attention_heads"], config["kv_lora_rank"]
    query_head = config["qk_nope_head_dim"] + config["qk_rope_head_dim"]
    query_rank = config.get("q_lora_rank")
    if query_rank:
        yield from linear(prefix + "q_a_proj", query_rank, hidden)
        yield Tensor(prefix + "q_a_layernorm.weight", dtype, (query_rank,))
        yield from linear(prefix + "q_b_proj", heads * query_head, query_rank)
    else:
        yield from linear(prefix + "q_proj", heads * query_head, hidden)
    yield from linear(prefix + "kv_a_proj_with_mqa", rank + config["qk_rope_head_dim"], hidden)
    yield Tensor(prefix + "kv_a_layernorm.weight", dtype, (rank,))
    yield from linear(prefix + "kv_b_proj", heads * (config["qk_nope_head_dim"] + config["v_head_dim"]), rank)
    yield from linear(prefix + "o_proj", hidden, heads * config["v_head_dim"])


def _dense_mlp(config: Config, prefix: str) -> Tensors:
    yield from _gated_mlp(config, prefix, config["intermediate_size"])


def _gated_mlp(config: Config, prefix: str, width: int) -> Tensors:
    linear, hidden = _linear(config), config["hidden_size"]
    yield from linear(prefix + "gate_proj", width, hidden)
    yield from linear(prefix + "up_proj", width, hidden)
    yield from linear(prefix + "down_proj", hidden, width)


def _experts(config: Config, prefix: str) -> Tensors:
    count = config.get("num_experts") or config["n_routed_experts"]
    width = config["moe_intermediate_size"]
    yield Tensor(prefix + "gate.weight", plain_dtype(config), (count, config["hidden_size"]))
    if config.get("topk_method") == "noaux_tc":
        yield Tensor(prefix + "gate.e_score_correction_bias", "F32", (count,))
    for index in range(count):
        yield from _gated_mlp(config, f"{prefix}experts.{index}.", width)
    if config.get("n_shared_experts"):
        yield from _gated_mlp(config, prefix + "shared_experts.", width * config["n_shared_experts"])


def _mxfp4_experts(config: Config, prefix: str) -> Tensors:
    """gpt-oss: two 4-bit values per byte in blocks of 32, one shared scale of 8 bits per block."""
    dtype, hidden, count = plain_dtype(config), config["hidden_size"], config["num_local_experts"]
    yield Tensor(prefix + "router.weight", dtype, (count, hidden))
    yield Tensor(prefix + "router.bias", dtype, (count,))
    width = config["intermediate_size"]
    for name, out, size in (("gate_up_proj", 2 * width, hidden), ("down_proj", hidden, width)):
        blocks = size // _MXFP4_BLOCK
        yield Tensor(f"{prefix}experts.{name}_blocks", "U8", (count, out, blocks, _MXFP4_BLOCK // 2))
        yield Tensor(f"{prefix}experts.{name}_scales", "U8", (count, out, blocks))
        yield Tensor(f"{prefix}experts.{name}_bias", dtype, (count, out))


def _linear(config: Config) -> Linear:
    """How this checkpoint stores the weight of one linear layer."""
    quantization = config.get("quantization_config") or {}
    dtype = plain_dtype(config)
    method = quantization.get("quant_method")
    if method == "fp8":
        # Qwen stores the block scales in 16 bit, DeepSeek in 32.
        scale = "F32" if config["model_type"].startswith("deepseek") else "BF16"
        return lambda name, out, size: _fp8(name, out, size, quantization["weight_block_size"], scale)
    if method == "awq":
        return lambda name, out, size: _awq(name, out, size, quantization["group_size"])
    if method == "gptq":
        return lambda name, out, size: _gptq(name, out, size, quantization["group_size"])
    if method == "compressed-tensors":
        return lambda name, out, size: _int8(name, out, size, dtype)
    return lambda name, out, size: iter([Tensor(name + ".weight", dtype, (out, size))])


def _fp8(name: str, out: int, size: int, block: t.Sequence[int], scale: str) -> Tensors:
    yield Tensor(name + ".weight", "F8_E4M3", (out, size))
    yield Tensor(name + ".weight_scale_inv", scale, (-(-out // block[0]), -(-size // block[1])))


def _awq(name: str, out: int, size: int, group: int) -> Tensors:
    yield Tensor(name + ".qweight", "I32", (size, out // 8))
    yield Tensor(name + ".qzeros", "I32", (size // group, out // 8))
    yield Tensor(name + ".scales", "F16", (size // group, out))


def _gptq(name: str, out: int, size: int, group: int) -> Tensors:
    yield Tensor(name + ".qweight", "I32", (size // 8, out))
    yield Tensor(name + ".qzeros", "I32", (size // group, out // 8))
    yield Tensor(name + ".scales", "F16", (size // group, out))
    yield Tensor(name + ".g_idx", "I32", (size,))


def _int8(name: str, out: int, size: int, dtype: str) -> Tensors:
    yield Tensor(name + ".weight", "I8", (out, size))
    yield Tensor(name + ".weight_scale", dtype, (out, 1))
