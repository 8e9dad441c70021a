# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: in which format weights are stored, and which card runs it how.

``native``: the card computes in this format. ``weight_only``: it unpacks to 16 bits, which saves
memory and no time. ``no``: the engine does not start.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._model import Tensor
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.architecture import text_config
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import (
    ASSUMED,
    DERIVED,
    MEASURED,
)

Config = t.Mapping[str, t.Any]
Capability = t.Tuple[int, int]

NATIVE = "native"
WEIGHT_ONLY = "weight_only"
NO = "no"

BF16, FP8, INT8, FP4, INT4 = "bf16", "fp8", "int8", "fp4", "int4"
CLASSES = (BF16, FP8, INT8, FP4, INT4)


@dataclass(frozen=True)
class Format:
    """One storage format. ``precision`` is what people choose by, ``bits`` per quantized weight.

    ``scale_bits`` are the bits of scales and zero points for each group of weights.
    """

    name: str
    precision: str
    bits: int
    scale_bits: float = 0.0


FORMATS = {
    fmt.name: fmt
    for fmt in (
        Format("bf16", BF16, 16),
        Format("fp16", BF16, 16),
        Format("fp8", FP8, 8),
        Format("fp8_block", FP8, 8, 32),
        Format("int8_w8a8", INT8, 8),
        Format("int8_w8a16", INT8, 8, 16),
        Format("gptq_int8", INT8, 8, 24),
        Format("gptq_int4", INT4, 4, 20),
        Format("awq_int4", INT4, 4, 20),
        Format("packed_int4", INT4, 4, 16),
        Format("bnb_int8", INT8, 8),
        Format("bnb_4bit", INT4, 4, 32),
        Format("nvfp4", FP4, 4, 8),
        Format("mxfp4", FP4, 4, 8),
    )
}


@dataclass(frozen=True)
class Quantization:
    """How a repository's weights are stored.

    ``group`` weights share a scale along the input; ``block`` is (output, input) of block FP8.
    ``kept`` names modules that stay in 16 bits. ``kv_cache`` is ``fp8`` where the checkpoint asks
    for it: FP8 weights alone do not. ``evidence`` says how the format was found.
    """

    format: Format
    evidence: str
    group: t.Optional[int] = None
    block: t.Optional[t.Tuple[int, int]] = None
    kept: t.Tuple[str, ...] = ()
    kv_cache: t.Optional[str] = None

    def keeps(self, module: str) -> bool:
        """Whether ``module`` (a full parameter path) stays in 16 bits."""
        return any(_matches(pattern, module) for pattern in self.kept)

    def bits_per_weight(self) -> float:
        """Bits of a quantized weight with its share of the scales."""
        shared_by = self.group or (self.block[0] * self.block[1] if self.block else 0)
        return self.format.bits + (self.format.scale_bits / shared_by if shared_by else 0.0)


def _matches(pattern: str, module: str) -> bool:
    if pattern.startswith("re:"):
        return re.match(pattern[3:], module) is not None
    inside = "*.%s.*" % pattern.strip(".")
    return fnmatch.fnmatchcase(module, pattern) or fnmatch.fnmatchcase(".%s." % module, inside)


def detect(
    config: Config, quant_config: t.Optional[Config], tensors: t.Optional[t.Sequence[Tensor]]
) -> Quantization:
    """The format of a repository: its config, else hf_quant_config.json, else its tensors' types.

    :raises NotServable: the format is not one that is known here.
    """
    block = _config_block(config)
    if block is not None and block.get("quant_method"):
        return _from_config(block)
    if block is not None and block.get("quant_algo"):
        return _from_modelopt(block)
    inner = (quant_config or {}).get("quantization")
    if isinstance(inner, t.Mapping):
        return _from_modelopt(inner)
    return _from_tensors(config, tensors)


def _config_block(config: Config) -> t.Optional[Config]:
    for holder in (config, text_config(config)):
        for key in ("quantization_config", "compression_config"):
            if isinstance(holder.get(key), t.Mapping):
                return t.cast(Config, holder[key])
    return None


def _unknown(what: str) -> NotServable:
    return NotServable(
        "The weights are stored as %s, a format that the planner does not know" % what,
        hint="Choose a repository with 16-bit, FP8, INT8, AWQ, GPTQ, NVFP4 or MXFP4 weights.",
        format=what,
    )


def _from_config(block: Config) -> Quantization:
    method = str(block["quant_method"]).lower()
    bits = int(block.get("bits") or block.get("w_bit") or 4)
    group = _positive(block.get("group_size") or block.get("q_group_size"))
    kept = _kept(block)
    if method in ("fp8", "fbgemm_fp8"):
        size = block.get("weight_block_size")
        if size:
            return Quantization(FORMATS["fp8_block"], MEASURED, block=(int(size[0]), int(size[1])), kept=kept)
        return Quantization(FORMATS["fp8"], MEASURED, kept=kept)
    if method in ("gptq", "gptq_marlin") and bits in (4, 8):
        return Quantization(FORMATS["gptq_int%d" % bits], MEASURED, group=group, kept=kept)
    if method == "awq" and bits == 4:
        return Quantization(FORMATS["awq_int4"], MEASURED, group=group, kept=kept)
    if method == "bitsandbytes":
        four = bool(block.get("load_in_4bit", block.get("_load_in_4bit")))
        return Quantization(
            FORMATS["bnb_4bit" if four else "bnb_int8"], MEASURED, group=64 if four else None, kept=kept
        )
    if method == "mxfp4":
        return Quantization(FORMATS["mxfp4"], MEASURED, group=32, kept=kept)
    if method == "compressed-tensors":
        return _from_compressed_tensors(block)
    if method.startswith("modelopt"):
        return _from_modelopt(block)
    raise _unknown("%s with %d bits" % (method, bits))


def _from_compressed_tensors(block: Config) -> Quantization:
    """The narrowest group decides the format: it is the one that needs the newest card."""
    groups = [
        g for g in (block.get("config_groups") or {}).values() if isinstance(g.get("weights"), t.Mapping)
    ]
    if not groups:
        raise _unknown("compressed-tensors without config_groups")
    narrowest = min(groups, key=lambda g: int(g["weights"].get("num_bits") or 16))
    weights, layout = narrowest["weights"], str(narrowest.get("format") or block.get("format") or "")
    key = (str(weights.get("type")), int(weights.get("num_bits") or 0))
    activations = narrowest.get("input_activations")
    names = {
        ("float", 8): "fp8",
        ("int", 8): "int8_w8a8" if activations else "int8_w8a16",
        ("int", 4): "packed_int4",
        ("float", 4): "mxfp4" if layout.startswith("mxfp4") else "nvfp4",
    }
    if key not in names:
        raise _unknown("compressed-tensors %s%d" % key)
    size = weights.get("block_structure")
    by_block = isinstance(size, list) and len(size) == 2 and names[key] == "fp8"
    return Quantization(
        FORMATS["fp8_block" if by_block else names[key]],
        MEASURED,
        group=_positive(weights.get("group_size")),
        block=(int(size[0]), int(size[1])) if by_block else None,
        kept=_kept(block),
        kv_cache="fp8" if block.get("kv_cache_scheme") else None,
    )


def _from_modelopt(block: Config) -> Quantization:
    algorithm = str(block.get("quant_algo") or "").upper()
    if algorithm == "MIXED_PRECISION":
        algorithm = "NVFP4" if "NVFP4" in str(block.get("quantized_layers")) else "FP8"
    names = {
        "FP8": "fp8", "FP8_PER_CHANNEL_PER_TOKEN": "fp8", "FP8_PB_WO": "fp8_block", "NVFP4": "nvfp4",
        "W4A16_NVFP4": "nvfp4", "W4A16_AWQ": "awq_int4", "MXFP4": "mxfp4",
    }  # fmt: skip
    if algorithm not in names:
        raise _unknown("modelopt %s" % (algorithm or "without quant_algo"))
    return Quantization(
        FORMATS[names[algorithm]],
        MEASURED,
        group=_positive(block.get("group_size")),
        kept=_kept(block),
        kv_cache="fp8" if "FP8" in (block.get("kv_cache_quant_algo"), block.get("kv_cache_scheme")) else None,
    )


def _from_tensors(config: Config, tensors: t.Optional[t.Sequence[Tensor]]) -> Quantization:
    """Unquantized by every declaration; the headers may still show otherwise."""
    sizes: t.Dict[str, int] = {}
    for tensor in tensors or ():
        sizes[tensor.dtype.upper()] = sizes.get(tensor.dtype.upper(), 0) + tensor.size_bytes
    main = max(sizes, key=lambda dtype: sizes[dtype]) if sizes else ""
    if main.startswith("F8_E"):
        return Quantization(FORMATS["fp8"], DERIVED)
    if main in ("U8", "I8", "I32", "F4"):
        raise _unknown("%s tensors without a quantization_config" % main)
    text = text_config(config)
    dtype = str(text.get("torch_dtype") or text.get("dtype") or config.get("torch_dtype") or "")
    half = main == "F16" or (not main and dtype.endswith("float16") and not dtype.endswith("bfloat16"))
    return Quantization(FORMATS["fp16" if half else "bf16"], MEASURED if main or dtype else ASSUMED)


def _positive(value: t.Any) -> t.Optional[int]:
    """Group sizes of -1 and 0 mean one group per channel."""
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _kept(block: Config) -> t.Tuple[str, ...]:
    keys = ("ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers")
    return tuple(str(name) for key in keys for name in (block.get(key) or ()))


# Lowest compute capability at which vLLM's published kernels run the format weight-only, and
# natively. None: never natively. Source: vLLM's quantization classes (get_min_capability).
_SUPPORT: t.Mapping[str, t.Tuple[Capability, t.Optional[Capability]]] = {
    "bf16": ((7, 5), (8, 0)),
    "fp16": ((7, 5), (7, 5)),
    "fp8": ((7, 5), (8, 9)),
    "fp8_block": ((7, 5), (8, 9)),
    "int8_w8a8": ((7, 5), (7, 5)),
    "int8_w8a16": ((7, 5), None),
    "gptq_int8": ((7, 5), None),
    "gptq_int4": ((7, 5), None),
    "awq_int4": ((7, 5), None),
    "packed_int4": ((7, 5), None),
    "bnb_int8": ((7, 5), None),
    "bnb_4bit": ((7, 5), None),
    "nvfp4": ((7, 5), (10, 0)),
    "mxfp4": ((8, 0), (10, 0)),
}

# SGLang has fewer fallbacks for old cards: nothing below Ampere is proved.
_SGLANG_LOWEST: Capability = (8, 0)

# INT8 tensor cores were dropped with Blackwell; vLLM has no W8A8-INT8 kernel there.
_INT8_W8A8_ENDS: Capability = (10, 0)


def support(fmt: Format, capability: t.Optional[Capability], engine: str = "vLLM") -> str:
    """``native``, ``weight_only`` or ``no`` for a card of this compute capability."""
    lowest, native = _SUPPORT[fmt.name]
    if engine == "SGLang":
        lowest = max(lowest, _SGLANG_LOWEST)
    if capability is None or capability < lowest:
        return NO
    if fmt.name == "int8_w8a8" and capability >= _INT8_W8A8_ENDS:
        return NO
    return NATIVE if native is not None and capability >= native else WEIGHT_ONLY
