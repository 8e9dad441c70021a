# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a name asks for of the models in GGUF that a repository has."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.gguf_tags import quant_asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M", "Q4_K_M"),
        ("hf.co/unsloth/Qwen3-8B-GGUF:q4_k_m", "Q4_K_M"),
        ("https://huggingface.co/unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL", "UD-Q4_K_XL"),
        ("qwen3:8b-q4_K_M", "Q4_K_M"),
        ("llama3.1:8b-instruct-q5_1", "Q5_1"),
        ("bartowski/Llama-3.2-3B-GGUF@iq3_xs", "IQ3_XS"),
        ("https://huggingface.co/a/b-GGUF/resolve/main/b-Q6_K.gguf?download=true", "b-Q6_K.gguf"),
        ("a/b-GGUF/deep/er/B.Q8_0.GGUF", "B.Q8_0.GGUF"),
        (" 'a/b:F16' ", "F16"),
        ("ggml-org/gpt-oss-20b-GGUF:MXFP4", "MXFP4"),
        ("qwen3:8b", None),
        ("qwen3:latest", None),
        ("deepseek/deepseek-r1:free", None),
        ("unsloth/Qwen3-8B-GGUF", None),
        ("someone/Model-Q4_K_M-GGUF", None),
        ("https://example.com:8443/a/b", None),
        ("", None),
    ],
)
def test_quantization_or_file(text: str, asked: t.Optional[str]) -> None:
    assert quant_asked(text) == asked
