# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When models in GGUF are offered to the planner: where they are named, and where nothing else serves."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.library import Library, Params
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.names.gguf_tags import quant_asked
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import Resolution
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.repository import Variant
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import LLAMA_CPP
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request


def offers(
    library: Library, resolution: Resolution, params: Params
) -> t.Tuple[t.Sequence[Variant], t.Optional[str]]:
    """What is offered, and the quantization or file of a model in GGUF that was named: then nothing else is."""
    found, quant = library.variants(resolution, params["variants"]), quant_asked(params["model"])
    own = [each for each in found if each.repository.gguf]
    if own and quant is not None:
        return own, quant
    if own or (quant is None and params["backend"] != LLAMA_CPP.name):
        return found, None
    others = library.gguf_variants(resolution)
    return (others, quant) if others else (found, None)


def with_gguf(
    library: Library,
    requests: t.Sequence[Request],
    resolutions: t.Sequence[Resolution],
    problem: AutoconfigError,
) -> t.List[Request]:
    """The requests with models in GGUF beside what did not fit. :raises AutoconfigError: nobody has any."""
    found: t.List[Request] = []
    for request, resolution in zip(requests, resolutions):
        policy = request.policy
        listed = not policy.backends or LLAMA_CPP.name in policy.backends
        wanted = listed and policy.backend in (None, LLAMA_CPP.name)
        there = any(each.repository.gguf for each in request.variants)
        more = library.gguf_variants(resolution) if wanted and not there else []
        found.append(replace(request, variants=(*request.variants, *more)))
    if all(before.variants == after.variants for before, after in zip(requests, found)):
        raise problem
    return found
