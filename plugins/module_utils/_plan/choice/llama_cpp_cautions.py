# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user should know before taking a model in GGUF."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.choice.llama_cpp import (
    LlamaCandidate,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.llama_cpp import MMPROJ
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.llama_cpp import (
    ENCODER_COMPUTE_BYTES,
)


def llama_cpp_warnings(each: LlamaCandidate) -> t.Iterator[str]:
    file, name = each.file, each.described.repository
    if file.quant.steps:
        yield "%s has %.1f bits per weight: %s" % (name, file.quant.bits, file.quant.loss)
    if each.options.images:
        yield "%s: for images %s are set aside (%s and an assumed %s to compute in)" % (
            name, gib(each.sized.vision_bytes), gib(file.mmproj_bytes), gib(ENCODER_COMPUTE_BYTES),
        )  # fmt: skip
    elif file.mmproj is not None:
        yield (
            "%s: it answers to text only; images need %s beside it (%s), whose path only a worker knows: give it as "
            "%s=PATH in backend_parameters" % (name, file.mmproj, gib(file.mmproj_bytes), MMPROJ[0])
        )
    if each.options.uses_host:
        yield (
            "%s of weights stay in the host's memory, as backend_parameters asks: tokens come much slower"
            % (gib(each.sized.host_bytes))
        )
    if each.kind.vendor == "cpu":
        yield "there is no GPU: llama.cpp computes on the host, a few tokens per second at best"
