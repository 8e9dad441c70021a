# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan for llama.cpp says beyond those of other engines."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.feasibility import Choice
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    is_on_cpu,
    llama_details,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.llama_cpp import (
    definition,
    version_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.gguf_models import GgufFile


def gguf_part(file: GgufFile) -> t.Dict[str, t.Any]:
    """Which files of the repository are served, and what their quantization loses."""
    return {
        "file": file.paths[0],
        "files": list(file.paths),
        "quantization": file.quant_name,
        "bits_per_weight": file.quant.bits,
        "loss": file.quant.loss,
        "mmproj": file.mmproj,
    }


def llama_cpp_part(choice: Choice) -> t.Dict[str, t.Any]:
    """The backend that GPUStack needs for it, how layers are split, and whether it runs without cards."""
    each = choice.candidate
    found: t.Dict[str, t.Any] = {
        "backend_definition": definition(each.kind, each.settings.version or version_of(each.kind)),
        "llama_cpp": llama_details(choice),
    }
    if is_on_cpu(choice):
        found["cpu_offloading"] = True
    return found
