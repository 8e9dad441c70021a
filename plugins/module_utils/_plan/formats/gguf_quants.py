# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quantizations of GGUF files by their names, with what each loses."""

from __future__ import annotations

import re
import typing as t


class Quant(t.NamedTuple):
    """``bits`` per weight of a usual model, ``loss`` in words, and what the loss costs in steps of a choice."""

    bits: float
    loss: str
    steps: int


_NONE, _LITTLE, _SOME, _MUCH, _MOST = (
    "no loss that is measured", "next to no loss", "a small loss", "a clear loss", "a heavy loss",
)  # fmt: skip

# Bits of Llama 2 7B and perplexities of 7B and 70B: the table of llama.cpp's quantize, and its score charts
# (https://github.com/ggml-org/llama.cpp, tools/quantize/README.md, tools/perplexity/README.md). Of the 70B the
# perplexity grows by 0.16 % in Q6_K, 0.4 in Q5_K_M, 1.2 in Q4_K_M, 3.6 in Q4_0, 4.7 in Q3_K_M, 8.8 in Q2_K; smaller
# models lose more. Steps: half of one bit's loss is what missing the level by half costs (see preference.py).
QUANTS: t.Mapping[str, Quant] = {
    "F32": Quant(32.0, _NONE, 0), "BF16": Quant(16.0, _NONE, 0), "F16": Quant(16.0, _NONE, 0),
    "Q8_0": Quant(8.5, _NONE, 0), "Q6_K": Quant(6.56, _LITTLE, 0), "Q5_K_M": Quant(5.68, _LITTLE, 1),
    "Q5_K_S": Quant(5.52, _LITTLE, 1), "Q5_K": Quant(5.68, _LITTLE, 1), "Q5_1": Quant(6.0, _LITTLE, 1),
    "Q5_0": Quant(5.5, _LITTLE, 1), "MXFP4": Quant(4.25, _SOME, 3), "NVFP4": Quant(4.5, _SOME, 3),
    "Q4_K_M": Quant(4.84, _SOME, 3), "Q4_K_S": Quant(4.58, _SOME, 3), "Q4_K": Quant(4.84, _SOME, 3),
    "Q4_1": Quant(5.0, _SOME, 4), "Q4_0": Quant(4.5, _SOME, 4), "IQ4_NL": Quant(4.5, _SOME, 3),
    "IQ4_XS": Quant(4.25, _SOME, 3), "Q3_K_L": Quant(4.27, _MUCH, 5), "Q3_K_M": Quant(3.91, _MUCH, 6),
    "Q3_K_S": Quant(3.5, _MUCH, 7), "Q3_K": Quant(3.91, _MUCH, 6), "IQ3_M": Quant(3.66, _MUCH, 6),
    "IQ3_S": Quant(3.44, _MUCH, 6), "IQ3_XS": Quant(3.3, _MUCH, 7), "IQ3_XXS": Quant(3.06, _MUCH, 8),
    "Q2_K": Quant(3.35, _MOST, 9), "Q2_K_S": Quant(3.16, _MOST, 10), "Q2_K_L": Quant(3.4, _MOST, 9),
    "IQ2_M": Quant(2.7, _MOST, 9), "IQ2_S": Quant(2.5, _MOST, 10), "IQ2_XS": Quant(2.31, _MOST, 11),
    "IQ2_XXS": Quant(2.06, _MOST, 12), "IQ1_M": Quant(1.75, _MOST, 14), "IQ1_S": Quant(1.56, _MOST, 15),
    "TQ2_0": Quant(2.06, _MOST, 12), "TQ1_0": Quant(1.69, _MOST, 14),
}  # fmt: skip

_NAME = re.compile(
    r"(?:\A|[-._/])((?:UD-)?(?:I?Q\d(?:_(?:\d|K|NL|XXS|XS|S|M|L|XL))*|TQ\d_\d|BF16|F(?:P)?16|F32|MXFP4(?:_MOE)?|NVFP4))"
    r"(?=[-._/]|\Z)",
    re.IGNORECASE,
)
_COMPANION = re.compile(r"(?:\A|[-._/])(mmproj|imatrix)(?=[-._]|\Z)", re.IGNORECASE)
MMPROJ, IMATRIX = "mmproj", "imatrix"


def quant_named(path: str) -> t.Optional[str]:
    """The quantization that the path of a file says, for example ``Q4_K_M`` or ``UD-Q4_K_XL``; the last that is there."""
    found = _NAME.findall(re.sub(r"(?:-\d{5}-of-\d{5})?\.gguf\Z", "", path, flags=re.IGNORECASE))
    return found[-1].upper().replace("FP16", "F16") if found else None


def companion(path: str) -> t.Optional[str]:
    """``mmproj`` of a file that encodes images, ``imatrix`` of one about a quantization; None of a model."""
    found = _COMPANION.search(path)
    return found.group(1).lower() if found else None


def quant(name: str, bits: float) -> Quant:
    """What a quantization loses, by its name or else by its ``bits`` per weight."""
    plain = name[3:] if name.startswith("UD-") else name
    plain = plain.replace("_MOE", "")
    while plain not in QUANTS and "_" in plain:
        plain = plain.rpartition("_")[0]
    known = QUANTS.get(plain) or QUANTS.get(plain + "_K") or QUANTS.get(plain + "_S")
    if known is None:
        known = min(QUANTS.values(), key=lambda each: (abs(each.bits - bits), each.steps))
    return known._replace(bits=bits)
