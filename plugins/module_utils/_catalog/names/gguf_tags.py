# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which model in GGUF a name asks for: the quantization in a tag, or a file. Pure.

Forms are those of llama.cpp and ollama (``hf.co/owner/name:Q4_K_M``, ``name:8b-instruct-q4_K_M``), LM Studio
(``owner/name@q4_k_m``), and addresses of files.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.gguf_quants import (
    quant_named,
)

_TAG = re.compile(r"[:@]([A-Za-z0-9][\w.-]*)\Z")
_FILE = re.compile(r"([^/\\]+\.gguf)(?:\?.*)?\Z", re.IGNORECASE)


def quant_asked(text: str) -> t.Optional[str]:
    """A quantization such as ``Q4_K_M``, or the name of a file; None where a name asks for neither.

    What a repository is called says nothing: it may have several.
    """
    text = text.strip().strip("\"'`")
    file = _FILE.search(text)
    if file is not None:
        return file.group(1)
    tag = _TAG.search(text)
    return None if tag is None else quant_named("-%s" % tag.group(1))
