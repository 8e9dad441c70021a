# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which format a repository says that its weights are stored.

Every quantizer writes its own block into the config; one reader for each of them.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import NotServable
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Tensor
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import (
    ASSUMED,
    DERIVED,
    MEASURED,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    FORMATS,
    GROUPS,
    KEPT_KEYS,
    Override,
    Quantization,
    Stored,
    with_usual_exceptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    Config,
    text_config,
)


def detect(
    config: Config, quant_config: t.Optional[Config], tensors: t.Optional[t.Sequence[Tensor]]
) -> Quantization:
    """The format of a repository: its config, else hf_quant_config.json, else its tensors' types.

    :raises NotServable: the format is not one that is known here, or its description makes no sense.
    """
    try:
        return _detect(config, quant_config, tensors)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as exc:
        raise _unknown("a quantization that makes no sense (%s)" % exc) from exc


def _detect(
    config: Config, quant_config: t.Optional[Config], tensors: t.Optional[t.Sequence[Tensor]]
) -> Quantization:
    block = _config_block(config)
    if block is not None and block.get("quant_method"):
        found = _from_config(block)
        return found if found.overrides else _with_expert_format(found, config)
    if block is not None and (block.get("quant_algo") or block.get("quantized_layers")):
        return with_usual_exceptions(_from_modelopt(block), block, text_config(config))
    if _is_mlx(config):
        raise _unknown("MLX's packed integers for Apple's chips")
    inner = (quant_config or {}).get("quantization")
    if isinstance(inner, t.Mapping):
        return with_usual_exceptions(_from_modelopt(inner), inner, text_config(config))
    return _from_tensors(config, tensors)


def _config_block(config: Config) -> t.Optional[Config]:
    for holder in (config, text_config(config)):
        for key in ("quantization_config", "compression_config"):
            if isinstance(holder.get(key), t.Mapping):
                return t.cast(Config, holder[key])
    return None


def is_recognized(config: Config, quant_config: t.Optional[Config]) -> bool:
    """Whether vLLM takes what a repository says of its format for that: a method, or ModelOpt's own block.

    It builds all others in 16 bits, which their files are not (model_arch_config_convertor.py,
    _normalize_quantization_config).
    """
    block = _config_block(config) or quant_config
    if not block:
        return True
    producer, inner = block.get("producer"), block.get("quantization")
    by_modelopt = isinstance(producer, t.Mapping) and producer.get("name") == "modelopt"
    told = isinstance(inner, t.Mapping) and bool(inner.get("quant_algo"))
    return bool(block.get("quant_method")) or (by_modelopt and told)


def _is_mlx(config: Config) -> bool:
    """MLX names bits and group beside each other, and no method."""
    block = config.get("quantization") or config.get("quantization_config")
    return isinstance(block, t.Mapping) and {"bits", "group_size"} <= set(block)


def _unknown(what: str) -> NotServable:
    return NotServable(
        "The weights are stored as %s, a format that the planner does not know" % what,
        hint="Choose a repository with 16-bit, FP8, INT8, AWQ, GPTQ, NVFP4 or MXFP4 weights.",
        format=what,
    )


def _from_config(block: Config) -> Quantization:
    method = str(block["quant_method"]).lower()
    if method in ("fp8", "fbgemm_fp8", "modelopt_fp8"):
        return _from_fp8(block)
    if method == "compressed-tensors":
        return _from_compressed_tensors(block)
    if method.startswith("modelopt"):
        return _from_modelopt(block)
    if method == "bitsandbytes":
        return _from_bitsandbytes(block)
    if method == "quark":
        return _from_quark(block)
    if method == "torchao":
        return _from_torchao(block)
    return _from_integers(block, method)


def _from_fp8(block: Config) -> Quantization:
    size, kept, layers = block.get("weight_block_size"), _kept(block), block.get("quantized_layers")
    found = Quantization(FORMATS["fp8"], MEASURED, kept=kept)
    if size:
        found = replace(found, format=FORMATS["fp8_block"], block=(int(size[0]), int(size[1])))
    if not isinstance(layers, t.Mapping) or not layers:
        return found
    others = _modelopt_layers(layers)
    main = min((other.stored for other in others), key=lambda each: each.format.bits)
    rest = Override(("layers",), Stored(found.format, None, found.block))
    return replace(
        found, format=main.format, group=main.group, block=None, overrides=(*others, rest), listed_only=True
    )


# What the quantizer's own code assumes; GPTQ has no such number.
_USUAL_BITS = {"awq": 4, "awq_marlin": 4, "auto-round": 4, "auto_round": 4, "intel/auto-round": 4}
_AUTO_ROUND = ("auto-round", "auto_round", "intel/auto-round")


def _from_integers(block: Config, method: str) -> Quantization:
    bits = int(block.get("bits") or block.get("w_bit") or _USUAL_BITS.get(method, 0))
    group, kept = _positive(block.get("group_size") or block.get("q_group_size")), _kept(block)
    if method in _AUTO_ROUND and str(block.get("data_type")).startswith(("nv_fp", "mx_fp")):
        method = "nvfp4" if str(block["data_type"]).startswith("nv_fp") else "mxfp%d" % bits
    if method in ("gptq", "gptq_marlin", *_AUTO_ROUND) and bits in (4, 8):
        others_kept, overrides = _gptq_exceptions(block, bits, group)
        fmt = FORMATS["gptq_int%d" % bits]
        return Quantization(fmt, MEASURED, group=group, kept=kept + others_kept, overrides=overrides)
    if method in ("awq", "awq_marlin") and bits == 4:
        return Quantization(FORMATS["awq_int4"], MEASURED, group=group, kept=kept)
    names = {"w8a8_fp8": "fp8", "w8a8_int8": "int8_w8a8", "experts_int8": "int8_w8a16"}
    name = names.get(method, method)
    if name in ("fp8", "int8_w8a8", "int8_w8a16", "nvfp4", "mxfp4", "mxfp8"):
        return Quantization(FORMATS[name], MEASURED, group=GROUPS.get(name), kept=kept)
    raise _unknown("%s with %d bits" % (method, bits))


def _gptq_exceptions(
    block: Config, bits: int, group: t.Optional[int]
) -> t.Tuple[t.Tuple[str, ...], t.Tuple[Override, ...]]:
    """Modules that stay in 16 bits, and those with other bits than the rest.

    GPTQModel writes them as ``dynamic``, regular expressions behind ``-:`` and ``+:``, AutoRound as
    ``extra_config`` by their names.
    """
    told: t.List[t.Tuple[str, int, Config]] = []
    for pattern, entry in (block.get("dynamic") or {}).items():
        own = entry if isinstance(entry, t.Mapping) else {}
        told.append(("re:%s" % re.sub(r"^[-+]:", "", pattern), 16 if pattern[:2] == "-:" else 0, own))
    told += [(name, 0, entry) for name, entry in (block.get("extra_config") or {}).items()]
    kept, overrides = [], []
    for name, known, entry in told:
        own_bits = known or int(entry.get("bits") or bits)
        if own_bits >= 16:
            kept.append(name)
        elif own_bits != bits and own_bits in (4, 8):
            size = _positive(entry.get("group_size")) or group
            overrides.append(Override((name,), Stored(FORMATS["gptq_int%d" % own_bits], size)))
    return tuple(kept), tuple(overrides)


def _from_bitsandbytes(block: Config) -> Quantization:
    if not block.get("load_in_4bit", block.get("_load_in_4bit")):
        return Quantization(FORMATS["bnb_int8"], MEASURED, kept=_kept(block))
    name = "bnb_4bit_double" if block.get("bnb_4bit_use_double_quant") else "bnb_4bit"
    return Quantization(FORMATS[name], MEASURED, group=GROUPS[name], kept=_kept(block))


_QUARK = {"fp8_e4m3": "fp8", "int8": "int8_w8a8", "fp4": "mxfp4", "int4": "packed_int4", "uint4": "awq_int4"}


def _from_quark(block: Config) -> Quantization:
    main = _quark_stored(block.get("global_quant_config") or {})
    others = block.get("layer_quant_config") or {}
    return Quantization(
        main.format,
        MEASURED,
        group=main.group,
        kept=tuple(str(name) for name in block.get("exclude") or ()),
        overrides=tuple(Override((str(name),), _quark_stored(entry)) for name, entry in others.items()),
    )


def _quark_stored(entry: Config) -> Stored:
    found: t.Any = entry.get("weight")
    weight: Config = (found[0] if isinstance(found, list) and found else found) or {}
    dtype = str(weight.get("dtype"))
    if dtype not in _QUARK:
        raise _unknown("quark %s" % dtype)
    name = _QUARK[dtype]
    return Stored(FORMATS[name], _positive(weight.get("group_size")) or GROUPS.get(name))


# torchao's classes, and the shorter names of its first releases; the first that is found counts.
_TORCHAO = (
    ("int8dynamicactivationint4", "int4_w4a8"), ("int4", "packed_int4"),
    ("int8dynamicactivationint8", "int8_w8a8"), ("int8", "int8_w8a16"), ("float8", "fp8"),
)  # fmt: skip


def _from_torchao(block: Config) -> Quantization:
    told = json.dumps(block.get("quant_type"), default=str)
    words = re.sub(r"[^a-z0-9]", "", told.lower())
    name = next((name for word, name in _TORCHAO if word in words), None)
    if name is None:
        raise _unknown("torchao %s" % told)
    size = re.search(r'"group_size": (\d+)', told)
    group = int(size.group(1)) if size else 128 if FORMATS[name].bits == 4 else None
    return Quantization(FORMATS[name], MEASURED, group=group, kept=_kept(block))


def _from_compressed_tensors(block: Config) -> Quantization:
    """Each group of modules by its own format; the narrowest needs the newest card and gives the name."""
    groups = [
        g for g in (block.get("config_groups") or {}).values() if isinstance(g.get("weights"), t.Mapping)
    ]
    if not groups:
        raise _unknown("compressed-tensors without config_groups")
    stored = [(_targets(group), _compressed_group(group, block)) for group in groups]
    main = min(stored, key=lambda pair: pair[1].format.bits)[1]
    listed_only = all("Linear" not in targets for targets, _stored in stored)
    return Quantization(
        main.format,
        MEASURED,
        group=main.group,
        block=main.block,
        kept=_kept(block),
        kv_cache="fp8" if block.get("kv_cache_scheme") else None,
        overrides=tuple(Override(targets, each) for targets, each in stored if "Linear" not in targets),
        listed_only=listed_only,
        channels=main.channels,
    )


def _targets(group: Config) -> t.Tuple[str, ...]:
    return tuple(str(target) for target in group.get("targets") or ("Linear",))


def _compressed_group(group: Config, block: Config) -> Stored:
    weights, layout = group["weights"], str(group.get("format") or block.get("format") or "")
    key = (str(weights.get("type")), int(weights.get("num_bits") or 0))
    activations = group.get("input_activations")
    narrow = isinstance(activations, t.Mapping) and int(activations.get("num_bits") or 16) == 8
    names = {
        ("float", 8): "mxfp8" if layout.startswith("mxfp8") else "fp8",
        ("int", 8): "int8_w8a8" if activations else "int8_w8a16",
        ("int", 4): "int4_w4a8" if narrow else "packed_int4",
        ("float", 4): "mxfp4" if layout.startswith("mxfp4") else "nvfp4",
    }
    if key not in names:
        raise _unknown("compressed-tensors %s%d" % key)
    size = weights.get("block_structure")
    if isinstance(size, list) and len(size) == 2 and names[key] == "fp8":
        return Stored(FORMATS["fp8_block"], block=(int(size[0]), int(size[1])))
    group_size = _positive(weights.get("group_size"))
    if weights.get("strategy") == "group" and group_size is None:
        raise ValueError("groups of %r weights" % weights.get("group_size"))
    return Stored(FORMATS[names[key]], group=group_size, channels=weights.get("strategy") == "channel")


_MODELOPT = {
    "FP8": "fp8", "FP8_PER_CHANNEL_PER_TOKEN": "fp8", "FP8_PB_WO": "fp8_block", "FP8_PB_REAL": "fp8_block",
    "NVFP4": "nvfp4", "W4A16_NVFP4": "nvfp4", "NVFP4_AWQ": "nvfp4", "W4A16_AWQ": "awq_int4",
    "W4A8_AWQ": "int4_w4a8", "MXFP4": "mxfp4", "MXFP8": "mxfp8", "INT8_SQ": "int8_w8a8",
}  # fmt: skip


def _from_modelopt(block: Config) -> Quantization:
    layers = block.get("quantized_layers")
    algorithm = str(block.get("quant_algo") or "").upper()
    cache = "FP8" in (block.get("kv_cache_quant_algo"), block.get("kv_cache_scheme")) or isinstance(
        block.get("kv_cache_scheme"), t.Mapping
    )
    kv_cache = "fp8" if cache else None
    if isinstance(layers, t.Mapping) and layers:
        overrides = _modelopt_layers(layers)
        main = min((override.stored for override in overrides), key=lambda each: each.format.bits)
        return Quantization(
            main.format, MEASURED, main.group, kept=_kept(block), kv_cache=kv_cache,
            overrides=overrides, listed_only=True,
        )  # fmt: skip
    if algorithm == "MIXED_PRECISION":
        algorithm = "FP8"
    if algorithm not in _MODELOPT:
        raise _unknown("modelopt %s" % (algorithm or "without quant_algo"))
    main = _modelopt_stored(algorithm, block)
    return Quantization(main.format, MEASURED, main.group, main.block, _kept(block), kv_cache)


def _modelopt_layers(layers: Config) -> t.Tuple[Override, ...]:
    modules: t.Dict[Stored, t.List[str]] = {}
    for name, entry in layers.items():
        algorithm = str(entry.get("quant_algo") or "").upper()
        if algorithm not in _MODELOPT:
            raise _unknown("modelopt %s" % algorithm)
        modules.setdefault(_modelopt_stored(algorithm, entry), []).append(str(name))
    return tuple(Override(tuple(names), stored) for stored, names in modules.items())


def _modelopt_stored(algorithm: str, block: Config) -> Stored:
    name = _MODELOPT[algorithm]
    size = (128, 128) if name == "fp8_block" else None
    return Stored(FORMATS[name], _positive(block.get("group_size")) or GROUPS.get(name), size)


def _with_expert_format(found: Quantization, config: Config) -> Quantization:
    """``expert_dtype: fp4`` beside ``quant_method: fp8`` (DeepSeek V4) or in its block (V4.1, transformers):
    the experts are MXFP4.
    """
    told = [text_config(config), config, _config_block(config) or {}]
    if "fp4" not in [holder.get("expert_dtype") for holder in told]:
        return found
    experts = Stored(FORMATS["mxfp4"], GROUPS["mxfp4"])
    rest = Stored(found.format, found.group, found.block)
    others = (Override(("mlp.experts",), experts), Override(("layers",), rest))
    return replace(
        found, format=experts.format, group=experts.group, block=None, overrides=others, listed_only=True
    )


def _from_tensors(config: Config, tensors: t.Optional[t.Sequence[Tensor]]) -> Quantization:
    """Unquantized by every declaration; the headers may still show otherwise."""
    sizes: t.Dict[str, int] = {}
    for tensor in tensors or ():
        sizes[tensor.dtype.upper()] = sizes.get(tensor.dtype.upper(), 0) + tensor.size_bytes
    main = max(sizes, key=lambda dtype: sizes[dtype]) if sizes else ""
    if main.startswith("F8_E"):
        return Quantization(FORMATS["fp8"], DERIVED)
    if main in ("U8", "I8", "I32", "U32", "F4"):
        raise _unknown("%s tensors without a quantization_config" % main)
    text = text_config(config)
    dtype = str(text.get("torch_dtype") or text.get("dtype") or config.get("torch_dtype") or "")
    half = main == "F16" or (not main and dtype.endswith("float16") and not dtype.endswith("bfloat16"))
    return Quantization(FORMATS["fp16" if half else "bf16"], MEASURED if main or dtype else ASSUMED)


def _positive(value: t.Any) -> t.Optional[int]:
    """Group sizes of -1 and 0 mean one group per channel."""
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _kept(block: Config) -> t.Tuple[str, ...]:
    return tuple(str(name) for key in KEPT_KEYS for name in (block.get(key) or ()))
