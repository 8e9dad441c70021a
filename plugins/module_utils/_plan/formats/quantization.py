# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which format weights are stored."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ASSUMED
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.module_patterns import (
    matches_any,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.model.config_fields import (
    EXPERT_COUNTS,
)

BF16, FP8, INT8, FP4, INT4 = "bf16", "fp8", "int8", "fp4", "int4"
CLASSES = (BF16, FP8, INT8, FP4, INT4)

HALF_BITS = 16.0


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
        Format("mxfp8", FP8, 8, 8),
        Format("int8_w8a8", INT8, 8),
        Format("int8_w8a16", INT8, 8, 16),
        Format("gptq_int8", INT8, 8, 24),
        Format("gptq_int4", INT4, 4, 20),
        Format("awq_int4", INT4, 4, 20),
        Format("packed_int4", INT4, 4, 16),
        Format("int4_w4a8", INT4, 4, 16),
        Format("bnb_int8", INT8, 8),
        Format("bnb_4bit", INT4, 4, 32),
        # Scales of scales: 8 bits for 64 weights and 32 for 256 groups of them.
        Format("bnb_4bit_double", INT4, 4, 8 + 32 / 256),
        Format("nvfp4", FP4, 4, 8),
        Format("mxfp4", FP4, 4, 8),
    )
}

ALL_BUT_EXPERTS = ("self_attn", "linear_attn", "mlp.shared_experts", "mlp.gate_proj", "mtp", "conv")

# Weights that share a scale where a config does not say.
GROUPS = {
    "nvfp4": 16, "mxfp4": 32, "mxfp8": 32, "packed_int4": 32, "gptq_int4": 128, "gptq_int8": 128,
    "awq_int4": 128, "int4_w4a8": 128, "bnb_4bit": 64, "bnb_4bit_double": 64,
}  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """A format with its sizes: ``group`` weights share a scale, ``block`` is (output, input) of FP8.

    ``channels``: each output has a scale, in 32 bits.
    """

    format: Format
    group: t.Optional[int] = None
    block: t.Optional[t.Tuple[int, int]] = None
    channels: bool = False

    def bits_per_weight(self) -> float:
        """Bits of a quantized weight with its share of the scales."""
        shared_by = self.group or (self.block[0] * self.block[1] if self.block else 0)
        return self.format.bits + (self.format.scale_bits / shared_by if shared_by else 0.0)


@dataclass(frozen=True)
class Override:
    """Modules that are stored otherwise than the rest."""

    modules: t.Tuple[str, ...]
    stored: Stored


@dataclass(frozen=True)
class Quantization:
    """How a repository's weights are stored.

    ``format`` is the one that needs the newest card; ``group``, ``block`` and ``channels`` as in Stored.
    ``kept`` names modules that stay in 16 bits; ``listed_only``: all but those in ``overrides`` do.
    ``kv_cache`` is ``fp8`` where the checkpoint asks for it: FP8 weights alone do not. ``on_load``:
    the engine quantizes 16-bit files while it loads them. ``evidence`` says how it was found.
    """

    format: Format
    evidence: str
    group: t.Optional[int] = None
    block: t.Optional[t.Tuple[int, int]] = None
    kept: t.Tuple[str, ...] = ()
    kv_cache: t.Optional[str] = None
    overrides: t.Tuple[Override, ...] = ()
    listed_only: bool = False
    on_load: bool = False
    channels: bool = False

    def keeps(self, module: str) -> bool:
        """Whether ``module`` (a full parameter path) stays in 16 bits."""
        return self.stored(module) is None

    def stored(self, module: str) -> t.Optional[Stored]:
        """How ``module`` is stored; None where it stays in 16 bits."""
        if matches_any(self.kept, module):
            return None
        for override in self.overrides:
            if matches_any(override.modules, module):
                return override.stored
        return None if self.listed_only else Stored(self.format, self.group, self.block, self.channels)

    def names(self, module: str) -> bool:
        """Whether an override speaks of ``module`` itself."""
        return any(matches_any(override.modules, module) for override in self.overrides)

    def bits_per_weight(self) -> float:
        return Stored(self.format, self.group, self.block).bits_per_weight()


def assumed(name: str, routed: bool = False, mamba: bool = False) -> Quantization:
    """A format that is known by its name only, with the sizes that are usual for it.

    Four-bit checkpoints of models with routed experts as a rule leave all but those in 16 bits, NVFP4
    ones of hybrids their recurrent layers (llm-compressor's recipes). Those of Mamba with experts are
    taken to have Mamba and the shared experts in FP8, attention and drafts in 16 bits: inferred from the
    size of one release, Nemotron 3 Ultra's 352.3 GB, which is 351.9 so and 318.9 all in four bits.
    """
    block = (128, 128) if name == "fp8_block" else None
    if name == "nvfp4" and routed and mamba:
        eight = Override(("linear_attn", "mlp.shared_experts"), Stored(FORMATS["fp8"]))
        four = Override(("mlp.experts",), Stored(FORMATS[name], GROUPS[name]))
        return Quantization(
            FORMATS[name], ASSUMED, GROUPS[name], kept=("self_attn", "mtp"), overrides=(eight, four),
            listed_only=True,
        )  # fmt: skip
    kept: t.Tuple[str, ...] = ALL_BUT_EXPERTS if routed and FORMATS[name].bits == 4 else ()
    if name == "nvfp4" and not routed:
        kept = ("linear_attn",)
    return Quantization(FORMATS[name], ASSUMED, group=GROUPS.get(name), block=block, kept=kept)


# Under which names quantizers list the modules that stay in 16 bits.
KEPT_KEYS = (
    "ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers", "llm_int8_skip_modules",
)  # fmt: skip


def with_usual_exceptions(
    found: Quantization, block: t.Mapping[str, t.Any], text: t.Mapping[str, t.Any]
) -> Quantization:
    """What NVFP4 checkpoints leave out as a rule, where ``block`` has no list of it: such a list is never empty.

    ``text`` is the config of the language model.
    """
    if found.format.name != "nvfp4" or found.overrides or any(key in block for key in KEPT_KEYS):
        return found
    routed = any(text.get(key) for key in EXPERT_COUNTS)
    usual = assumed("nvfp4", routed, mamba=any("mamba" in field for field in text))
    return replace(usual, group=found.group, kv_cache=found.kv_cache)
