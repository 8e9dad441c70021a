# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which chip runs which format how, a row each, in the order of ``card_support.Row``.

Made by ``make data`` from ``data/format_support.csv``, where each row has its source. Edit that file.
"""

from __future__ import annotations

import typing as t

# fmt: off
ROWS: t.Tuple[t.Tuple[t.Any, ...], ...] = (
    ("nvidia", ("vLLM", "SGLang"), ("bf16",), (((0, 0), (7, 0)),), "no", "float16", None, None),
    ("nvidia", ("vLLM",), ("bf16",), (((7, 0), (8, 0)),), "weight_only", "float16", None, None),
    ("nvidia", ("vLLM", "SGLang"), ("bf16",), (((8, 0), (99, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM",), ("fp16",), (((7, 0), (8, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("fp16",), (((8, 0), (99, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM",), ("fp8", "fp8_block"), (((7, 5), (8, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("fp8", "fp8_block"), (((8, 0), (8, 9)),), "weight_only", None, None,
     None),
    ("nvidia", ("vLLM", "SGLang"), ("fp8",), (((8, 9), (9, 0)),), "native", None, None, (12, 4)),
    ("nvidia", ("vLLM", "SGLang"), ("fp8",), (((9, 0), (10, 0)),), "native", None, None, (12, 0)),
    ("nvidia", ("vLLM", "SGLang"), ("fp8",), (((10, 0), (99, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("fp8_block",), (((8, 9), (9, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("fp8_block",), (((9, 0), (10, 0)),), "native", None, None, (12, 0)),
    ("nvidia", ("vLLM", "SGLang"), ("fp8_block",), (((10, 0), (11, 0)),), "native", None, None, (12, 8)),
    ("nvidia", ("vLLM", "SGLang"), ("fp8_block",), (((11, 0), (12, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("fp8_block",), (((12, 0), (13, 0)),), "native", None, None, (12, 8)),
    ("nvidia", ("vLLM", "SGLang"), ("fp8_block",), (((13, 0), (99, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("mxfp8",), (((8, 0), (10, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("mxfp8",), (((10, 0), (99, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM",), ("int8_w8a8",), (((7, 5), (8, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("int8_w8a8",), (((8, 0), (10, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM",),
     ("int8_w8a16", "awq_int4", "packed_int4", "bnb_int8", "bnb_4bit", "bnb_4bit_double"),
     (((7, 5), (8, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"),
     ("int8_w8a16", "awq_int4", "packed_int4", "bnb_int8", "bnb_4bit", "bnb_4bit_double"),
     (((8, 0), (99, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM",), ("gptq_int8", "gptq_int4"), (((7, 0), (8, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("gptq_int8", "gptq_int4"), (((8, 0), (99, 0)),), "weight_only", None,
     None, None),
    ("nvidia", ("vLLM", "SGLang"), ("int4_w4a8",), (((9, 0), (99, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM",), ("nvfp4",), (((7, 5), (8, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("nvfp4",), (((8, 0), (10, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("nvfp4",), (((10, 0), (11, 0)),), "native", None, None, (12, 8)),
    ("nvidia", ("vLLM", "SGLang"), ("nvfp4",), (((11, 0), (12, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("nvfp4",), (((12, 0), (13, 0)),), "native", None, None, (12, 8)),
    ("nvidia", ("vLLM", "SGLang"), ("nvfp4",), (((13, 0), (99, 0)),), "native", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("mxfp4",), (((8, 0), (10, 0)),), "weight_only", None, None, None),
    ("nvidia", ("vLLM", "SGLang"), ("mxfp4",), (((10, 0), (99, 0)),), "native", None, None, None),
    ("amd", ("vLLM",), ("bf16", "fp16"), ("gfx90a", "gfx942", "gfx950", "gfx110", "gfx115", "gfx120"),
     "native", None, None, None),
    ("amd", ("SGLang",), ("bf16", "fp16"), ("gfx942", "gfx950"), "native", None, None, None),
    ("amd", ("vLLM",), ("fp8", "fp8_block"), ("gfx942", "gfx950", "gfx120"), "native", None, None, None),
    ("amd", ("SGLang",), ("fp8", "fp8_block"), ("gfx942", "gfx950"), "native", None, None, None),
    ("amd", ("vLLM", "SGLang"), ("mxfp8",), ("gfx950",), "native", None, None, None),
    ("amd", ("vLLM",), ("int8_w8a8",), ("gfx90a", "gfx942", "gfx950", "gfx120"), "native", None, None, None),
    ("amd", ("SGLang",), ("int8_w8a8",), ("gfx942", "gfx950"), "native", None, None, None),
    ("amd", ("vLLM", "SGLang"), ("mxfp4",), ("gfx950",), "native", None, None, None),
    ("amd", ("vLLM",), ("mxfp4",), ("gfx942",), "weight_only", None, None, None),
    ("amd", ("vLLM",), ("gptq_int4", "gptq_int8", "awq_int4", "packed_int4"),
     ("gfx90a", "gfx942", "gfx950", "gfx110", "gfx115", "gfx120"), "weight_only", None, None, None),
    ("amd", ("SGLang",), ("gptq_int4", "gptq_int8", "awq_int4", "packed_int4"), ("gfx942", "gfx950"),
     "weight_only", None, None, None),
    ("ascend", ("vLLM", "SGLang", "MindIE"), ("bf16",), ("Ascend910",), "native", None, None, None),
    ("ascend", ("vLLM", "MindIE"), ("bf16",), ("Ascend310P",), "native", "float16", None, None),
    ("ascend", ("vLLM", "SGLang", "MindIE"), ("fp16",), ("Ascend910",), "native", None, None, None),
    ("ascend", ("vLLM", "MindIE"), ("fp16",), ("Ascend310P",), "native", None, None, None),
    ("ascend", ("vLLM", "SGLang", "MindIE"), ("int8_w8a8",), ("Ascend910",), "native", None, "ModelSlim",
     None),
    ("ascend", ("vLLM", "MindIE"), ("int8_w8a8",), ("Ascend310P",), "native", None, "ModelSlim", None),
)
