# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: which card runs which format how.

``native``: the card computes in this format. ``weight_only``: it unpacks to 16 bits, which saves
memory and no time. ``no``: the engine does not start.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import Format

Capability = t.Tuple[int, int]

NATIVE = "native"
WEIGHT_ONLY = "weight_only"
NO = "no"

# Lowest compute capability at which vLLM's published kernels run the format weight-only, and
# natively. None: never natively. Source: vLLM's quantization classes (get_min_capability).
_SUPPORT: t.Mapping[str, t.Tuple[Capability, t.Optional[Capability]]] = {
    "bf16": ((7, 5), (8, 0)),
    "fp16": ((7, 5), (7, 5)),
    "fp8": ((7, 5), (8, 9)),
    "fp8_block": ((7, 5), (8, 9)),
    "mxfp8": ((8, 0), (10, 0)),
    "int8_w8a8": ((7, 5), (7, 5)),
    "int8_w8a16": ((7, 5), None),
    "gptq_int8": ((7, 5), None),
    "gptq_int4": ((7, 5), None),
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


# CUDA from which the format's kernels of a generation are there; older cards need none in particular.
_LEAST_CUDA: t.Mapping[t.Tuple[str, int], t.Tuple[int, int]] = {
    ("fp8", 8): (12, 4), ("fp8", 9): (12, 0), ("fp8_block", 9): (12, 0),
    ("fp8_block", 10): (12, 8), ("fp8_block", 12): (12, 8), ("nvfp4", 10): (12, 8), ("nvfp4", 12): (12, 8),
}  # fmt: skip


def least_cuda(fmt: Format, capability: t.Optional[Capability]) -> t.Optional[t.Tuple[int, int]]:
    """The oldest CUDA with which a card computes in the format; None where it does not matter."""
    if capability is None or support(fmt, capability) != NATIVE:
        return None
    return _LEAST_CUDA.get((fmt.name, capability[0]))
