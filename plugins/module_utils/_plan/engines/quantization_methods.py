# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Under which names the engines' releases list the formats that weights are stored in."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.engine_rules import (
    QUANTIZATION,
    table,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import Release

Config = t.Mapping[str, t.Any]

# Of each format one of these kernels is enough (vLLM's compressed_tensors.py chooses by card and width).
_SCHEMES: t.Mapping[str, t.Tuple[str, ...]] = {
    "packed_int4": ("WNA16",),
    "int8_w8a16": ("WNA16",),
    "fp8": ("W8A8Fp8", "W8A16Fp8"),
    "fp8_block": ("W8A8Fp8", "W8A16Fp8"),
    "int8_w8a8": ("W8A8Int8",),
    "int4_w4a8": ("W4A8Fp8",),
    "nvfp4": ("W4A4Fp4", "W4A16Fp4"),
    "mxfp4": ("W4A4Mxfp4", "W4A16Mxfp4"),
}
_MODELOPT = {"nvfp4": "modelopt_fp4", "mxfp8": "modelopt_mxfp8"}
# AWQ and GPTQ have a kernel of their own beside Marlin's.
_KERNELS = {
    "awq": ("awq", "awq_marlin"),
    "awq_marlin": ("awq", "awq_marlin"),
    "gptq": ("gptq", "gptq_marlin"),
    "gptq_marlin": ("gptq", "gptq_marlin"),
    "mxfp4": ("mxfp4", "gpt_oss_mxfp4"),
    "auto-round": ("auto-round", "inc"),
    "intel/auto-round": ("auto-round", "inc"),
}


def declared(config: Config, text: Config, quant_config: t.Optional[Config]) -> str:
    """The quantizer that a repository names, in its config or that of its text model; empty for none."""
    for holder in (config, text):
        for key in ("quantization_config", "compression_config"):
            block = holder.get(key)
            if isinstance(block, t.Mapping) and (block.get("quant_method") or block.get("quant_algo")):
                return str(block.get("quant_method") or "modelopt").lower()
    return "modelopt" if quant_config else ""


# Words for the same weights, by which engines let a user choose a kernel.
_ALIKE = (
    frozenset(("awq", "awq_marlin", "auto_awq", "moe_wna16")),
    frozenset(("gptq", "gptq_marlin", "auto_gptq", "gptq_bitblas", "moe_wna16")),
    frozenset(
        ("modelopt", "modelopt_fp4", "modelopt_fp8", "modelopt_mixed", "modelopt_mxfp8", "petit_nvfp4")
    ),
    frozenset(("mxfp4", "gpt_oss_mxfp4", "quark_mxfp4")),
    frozenset(("auto-round", "auto_round", "intel/auto-round", "inc")),
    frozenset(("compressed-tensors", "w8a8_fp8", "w8a8_int8")),
    frozenset(("fp8", "deepseek_v4_fp8", "mxfp8")),
)


def kernels_of(method: str) -> t.FrozenSet[str]:
    """What a user may name instead of the quantizer of a repository."""
    return frozenset().union(*(words for words in _ALIKE if method in words), (method,))


def names_of(method: str, fmt: str) -> t.Tuple[str, ...]:
    """What a release has to list to load ``fmt`` as ``method`` stores it; one of them is enough."""
    if method == "compressed-tensors":
        return tuple("compressed-tensors/" + each for each in _SCHEMES.get(fmt, ()))
    if method.startswith("modelopt"):
        return (_MODELOPT.get(fmt, "modelopt"),)
    return _KERNELS.get(method, (method,) if method else ())


class Least(t.NamedTuple):
    """The lowest compute capability, times ten; None where it is not known. ``missing`` says what lacks."""

    capability: t.Optional[int]
    missing: t.Optional[str] = None


def least_capability(engine: str, release: Release, method: str, fmt: str) -> Least:
    """What a release wants of a card for a format, or why it does not load it at all."""
    rows = table(engine, QUANTIZATION)
    names = [name for name in names_of(method, fmt) if name in rows]
    values = [rows.value(name, release) for name in names]
    there = [value for value in values if value is not None]
    if names and not there:
        reasons = [rows.complaint(engine, name, release) for name in names]
        return Least(None, next((reason for reason in reasons if reason), None))
    numbers = [int(value) for value in there if value.isdigit()]
    return Least(min(numbers) if there and len(numbers) == len(there) else None)
