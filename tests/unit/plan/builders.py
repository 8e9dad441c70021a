# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models, cards and requests for planner tests: published shapes, and the sizes that hubs show."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import (
    HUGGINGFACE,
    Repository,
    RepositoryFile,
    RepositoryRef,
    Spec,
    Tensor,
    Variant,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Gpu, Host
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Model, Request

LLAMA_8B = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
LLAMA_70B = dict(
    LLAMA_8B, hidden_size=8192, num_hidden_layers=80, num_attention_heads=64, intermediate_size=28672
)
QWEN3_32B = {
    "model_type": "qwen3",
    "hidden_size": 5120,
    "num_hidden_layers": 64,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 25600,
    "vocab_size": 151936,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
QWEN3_4B = dict(
    QWEN3_32B, hidden_size=2560, num_hidden_layers=36, num_attention_heads=32, intermediate_size=9728
)
BLOCK_FP8 = {"quant_method": "fp8", "weight_block_size": [128, 128]}
QWEN3_32B_FP8 = dict(QWEN3_32B, quantization_config=BLOCK_FP8)
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128}
DEEPSEEK_R1 = {
    "model_type": "deepseek_v3",
    "auto_map": {"AutoConfig": "configuration_deepseek.DeepseekV3Config"},
    "hidden_size": 7168,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "kv_lora_rank": 512,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "intermediate_size": 18432,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "first_k_dense_replace": 3,
    "vocab_size": 129280,
    "max_position_embeddings": 163840,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "quantization_config": BLOCK_FP8,
}
MIXTRAL_8X22B = {
    "model_type": "mixtral",
    "hidden_size": 6144,
    "num_hidden_layers": 56,
    "num_attention_heads": 48,
    "num_key_value_heads": 8,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
    "intermediate_size": 16384,
    "vocab_size": 32000,
    "max_position_embeddings": 65536,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
GPT_OSS_20B = {
    "model_type": "gpt_oss",
    "hidden_size": 2880,
    "num_hidden_layers": 24,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "num_local_experts": 32,
    "experts_per_token": 4,
    "intermediate_size": 2880,
    "sliding_window": 128,
    "layer_types": ["sliding_attention", "full_attention"] * 12,
    "vocab_size": 201088,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "quantization_config": {
        "quant_method": "mxfp4",
        "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"],
    },
}

# What nvidia-smi shows of an idle card: name, compute capability, total and reserved MiB.
CARDS = {
    "4090": ("NVIDIA GeForce RTX 4090", (8, 9), 24564, 375),
    "L40S": ("NVIDIA L40S", (8, 9), 46068, 597),
    "H100": ("NVIDIA H100 80GB HBM3", (9, 0), 81559, 551),
    "H200": ("NVIDIA H200", (9, 0), 143771, 611),
    "A100": ("NVIDIA A100-SXM4-80GB", (8, 0), 81920, 565),
    "T4": ("Tesla T4", (7, 5), 15360, 255),
    "B200": ("NVIDIA B200", (10, 0), 183359, 735),
}
MIB = 2**20


def variant(
    name: str,
    config: t.Optional[t.Mapping[str, t.Any]],
    size_bytes: int = 0,
    tensors: t.Optional[t.Tuple[Tensor, ...]] = None,
    advice: t.Sequence[t.Mapping[str, t.Any]] = (),
) -> Variant:
    """A repository of one safetensors file; without a size, its weights follow from the config.

    ``advice``: fields of a catalog's entries for it.
    """
    files = (RepositoryFile("model.safetensors", size_bytes),) if size_bytes else ()
    repository = Repository(
        RepositoryRef(HUGGINGFACE, name), "0" * 40, config, files, tensors=tensors, licence="apache-2.0"
    )
    return Variant(repository, "resolved", tuple(spec(repository.ref, **each) for each in advice))


def spec(ref: RepositoryRef, **fields: t.Any) -> Spec:
    """A catalog's entry, for vLLM where nothing else is said."""
    return Spec(ref, **{"mode": "standard", "quantization": None, "backend": "vLLM", **fields})


def card(kind: str, index: int = 0, host: str = "gpu-a", used_bytes: int = 0) -> Gpu:
    name, capability, total_mib, reserved_mib = CARDS[kind]
    total, reserved = total_mib * MIB, reserved_mib * MIB
    return Gpu(
        index=index,
        uuid="GPU-%s-%d" % (host, index),
        pci_bus_id="0000:%02x:00.0" % (index + 16),
        name=name,
        capability=capability,
        total_bytes=total,
        reserved_bytes=reserved,
        used_bytes=used_bytes,
        free_bytes=total - reserved - used_bytes,
    )


def host(kind: str, count: int = 1, name: str = "gpu-a", site: str = "default", used: int = 0) -> Host:
    return Host(name, site, tuple(card(kind, index, name, used) for index in range(count)))


def request(
    variants: t.Sequence[Variant],
    hosts: t.Sequence[Host],
    policy: t.Optional[Policy] = None,
    **more: t.Any,
) -> Request:
    name = variants[0].repository.ref.name.split("/")[-1].lower()
    return Request(
        model=Model(variants[0].repository.ref.name.lower(), name, "canonical_weights"),
        name=more.pop("name", name),
        variants=tuple(variants),
        hosts=tuple(hosts),
        policy=policy or Policy(),
        **more,
    )


def llama_8b(**advice: t.Any) -> Variant:
    """With fields of a catalog's entry where some are given."""
    entries = [advice] if advice else []
    return variant("meta-llama/Llama-3.1-8B-Instruct", LLAMA_8B, 16_060_522_496, advice=entries)


def llama_70b() -> Variant:
    return variant("meta-llama/Llama-3.1-70B-Instruct", LLAMA_70B, 141_107_412_992)


def qwen3_32b() -> t.List[Variant]:
    return [
        variant("Qwen/Qwen3-32B", QWEN3_32B, 65_524_246_528),
        variant("Qwen/Qwen3-32B-FP8", QWEN3_32B_FP8, 34_334_140_416),
        variant("Qwen/Qwen3-32B-AWQ", dict(QWEN3_32B, quantization_config=AWQ), 19_300_000_000),
    ]


def deepseek_r1() -> Variant:
    return variant("deepseek-ai/DeepSeek-R1", DEEPSEEK_R1, 688_586_727_753)


def gib(amount: float) -> int:
    return int(amount * GIB)
