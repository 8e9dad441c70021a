# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which card runs which format how.

``native``: the card computes in this format. ``weight_only``: it unpacks to 16 bits, which saves
memory and no time. ``no``: the engine does not start.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import Format
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    AMD,
    ASCEND,
    NVIDIA,
    Capability,
    Chip,
)

NATIVE = "native"
WEIGHT_ONLY = "weight_only"
NO = "no"

# Lowest compute capability at which vLLM's published kernels run the format weight-only, and
# natively. None: never natively. Source: vLLM's quantization classes (get_min_capability).
_SUPPORT: t.Mapping[str, t.Tuple[Capability, t.Optional[Capability]]] = {
    "bf16": ((7, 0), (8, 0)),
    "fp16": ((7, 0), (7, 0)),
    "fp8": ((7, 5), (8, 9)),
    "fp8_block": ((7, 5), (8, 9)),
    "mxfp8": ((8, 0), (10, 0)),
    "int8_w8a8": ((7, 5), (7, 5)),
    "int8_w8a16": ((7, 5), None),
    "gptq_int8": ((7, 0), None),
    "gptq_int4": ((7, 0), None),
    "awq_int4": ((7, 5), None),
    "packed_int4": ((7, 5), None),
    "int4_w4a8": ((9, 0), None),
    "bnb_int8": ((7, 5), None),
    "bnb_4bit": ((7, 5), None),
    "bnb_4bit_double": ((7, 5), None),
    "nvfp4": ((7, 5), (10, 0)),
    "mxfp4": ((8, 0), (10, 0)),
}

# SGLang has fewer fallbacks for old cards: nothing below Ampere is proved.
_SGLANG_LOWEST: Capability = (8, 0)

_CUDA_ENGINES = ("vLLM", "SGLang")

# INT8 tensor cores were dropped with Blackwell; vLLM has no W8A8-INT8 kernel there.
_INT8_W8A8_ENDS: Capability = (10, 0)


# AMD's chips by what vLLM's ROCm images are built for, and SGLang's. CDNA 3 has FP8 of its own encoding (FNUZ),
# to which engines convert; MXFP4 has units from CDNA 4 on, and is unpacked before.
_CDNA2, _CDNA3, _CDNA4, _RDNA3, _RDNA35, _RDNA4 = "gfx90a", "gfx942", "gfx950", "gfx110", "gfx115", "gfx120"
_ROCM: t.Mapping[str, t.Tuple[str, ...]] = {
    "vLLM": (_CDNA2, _CDNA3, _CDNA4, _RDNA3, _RDNA35, _RDNA4),
    "SGLang": (_CDNA3, _CDNA4),
}
_ROCM_NATIVE: t.Mapping[str, t.Tuple[str, ...]] = {
    "bf16": _ROCM["vLLM"],
    "fp16": _ROCM["vLLM"],
    "fp8": (_CDNA3, _CDNA4, _RDNA4),
    "fp8_block": (_CDNA3, _CDNA4, _RDNA4),
    "mxfp8": (_CDNA4,),
    "int8_w8a8": (_CDNA2, _CDNA3, _CDNA4, _RDNA4),
    "mxfp4": (_CDNA4,),
}
# Marlin is CUDA's alone: four-bit weights go through Exllama and Triton kernels.
_ROCM_WEIGHT_ONLY: t.Mapping[str, t.Tuple[str, ...]] = {
    "gptq_int4": _ROCM["vLLM"],
    "gptq_int8": _ROCM["vLLM"],
    "awq_int4": _ROCM["vLLM"],
    "packed_int4": _ROCM["vLLM"],
    "mxfp4": (_CDNA3,),
}

# Ascend's chips by the images that GPUStack 2.3 has for an engine, by what begins their name. The 310P
# has no BF16. INT8 is Ascend's own format (ModelSlim), see ``needs_own_format``.
_CANN: t.Mapping[str, t.Tuple[str, ...]] = {
    "vLLM": ("Ascend910", "Ascend310P"),
    "SGLang": ("Ascend910",),
    "MindIE": ("Ascend910", "Ascend310P"),
}
_CANN_NATIVE = ("bf16", "fp16", "int8_w8a8")
_CANN_WITHOUT_BF16 = "Ascend310P"

# NVIDIA's compute capability from which cards compute in BF16.
_BF16_SINCE: Capability = (8, 0)


def support(fmt: Format, chip: Chip, engine: str = "vLLM") -> str:
    """``native``, ``weight_only`` or ``no``."""
    if chip.vendor == AMD:
        return _on_rocm(fmt, chip.target, engine)
    if chip.vendor == ASCEND:
        known = chip.target.startswith(_CANN.get(engine, ()))
        return NATIVE if known and fmt.name in _CANN_NATIVE else NO
    return _on_cuda(fmt, chip.capability, engine)


def lacks_bf16(chip: Chip) -> bool:
    """Whether 16-bit weights have to run as float16."""
    if chip.vendor == NVIDIA:
        return chip.capability is not None and chip.capability < _BF16_SINCE
    return chip.vendor == ASCEND and chip.target.startswith(_CANN_WITHOUT_BF16)


def needs_own_format(fmt: Format, chip: Chip) -> bool:
    """Whether quantized weights have to be made for the chip: a CUDA repository of the format does not load."""
    return chip.vendor == ASCEND and fmt.name not in ("bf16", "fp16")


def _on_rocm(fmt: Format, target: str, engine: str) -> str:
    if not target.startswith(_ROCM.get(engine, ())):
        return NO
    if target.startswith(_ROCM_NATIVE.get(fmt.name, ())):
        return NATIVE
    unpacks = target.startswith(_ROCM_WEIGHT_ONLY.get(fmt.name, ()))
    # SGLang unpacks MXFP4 on none of them.
    return WEIGHT_ONLY if unpacks and (engine, fmt.name) != ("SGLang", "mxfp4") else NO


def _on_cuda(fmt: Format, capability: t.Optional[Capability], engine: str) -> str:
    lowest, native = _SUPPORT[fmt.name]
    if engine == "SGLang":
        lowest = max(lowest, _SGLANG_LOWEST)
    if capability is None or capability < lowest or engine not in _CUDA_ENGINES:
        return NO
    if fmt.name == "int8_w8a8" and capability >= _INT8_W8A8_ENDS:
        return NO
    return NATIVE if native is not None and capability >= native else WEIGHT_ONLY


# CUDA from which the format's kernels of a generation are there; older cards need none in particular.
_LEAST_CUDA: t.Mapping[t.Tuple[str, int], t.Tuple[int, int]] = {
    ("fp8", 8): (12, 4), ("fp8", 9): (12, 0), ("fp8_block", 9): (12, 0),
    ("fp8_block", 10): (12, 8), ("fp8_block", 12): (12, 8), ("nvfp4", 10): (12, 8), ("nvfp4", 12): (12, 8),
}  # fmt: skip


def least_cuda(fmt: Format, chip: Chip) -> t.Optional[t.Tuple[int, int]]:
    """The oldest CUDA with which a card computes in the format; None where it does not matter."""
    if chip.vendor != NVIDIA or chip.capability is None or support(fmt, chip) != NATIVE:
        return None
    return _LEAST_CUDA.get((fmt.name, chip.capability[0]))
