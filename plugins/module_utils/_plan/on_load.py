# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: what engines can make of 16-bit weights while they load them."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.arguments import Argument, parse
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.describe import Described
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import SGLANG, VLLM, Engine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.quantization import (
    BF16,
    FORMATS,
    FP8,
    Format,
    assumed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.releases import Release
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.weights import requantized

BITSANDBYTES = "bitsandbytes"

# From here on vLLM leaves bitsandbytes to a plugin that its images do not have.
VLLM_WITHOUT_BITSANDBYTES: Release = (0, 28, 0)


class Method(t.NamedTuple):
    """A format of ours, the engine that makes it, and the arguments that tell it to.

    ``experts``: routed experts are quantized, too. ``gone``: the first release without it.
    """

    format: str
    engine: str
    arguments: t.Tuple[str, ...]
    experts: bool
    gone: t.Optional[Release] = None


METHODS = (
    Method("fp8", VLLM.name, ("--quantization=fp8",), True),
    Method("fp8", SGLANG.name, ("--quantization=fp8",), True),
    Method("bnb_4bit", VLLM.name, ("--quantization=bitsandbytes",), False, VLLM_WITHOUT_BITSANDBYTES),
    Method(
        "bnb_4bit", SGLANG.name, ("--quantization=bitsandbytes", "--load-format=bitsandbytes"), False
    ),
)  # fmt: skip


def methods(engine: Engine, release: Release) -> t.List[Method]:
    return [
        method
        for method in METHODS
        if method.engine == engine.name and (method.gone is None or release < method.gone)
    ]


def loading_arguments(engine: Engine, fmt: Format) -> t.List[Argument]:
    """What tells ``engine`` to quantize to ``fmt``."""
    return next(
        parse(each.arguments) for each in METHODS if (each.format, each.engine) == (fmt.name, engine.name)
    )


def quantized_on_load(
    described: t.Sequence[Described], engine: Engine, release: Release
) -> t.List[Described]:
    """16-bit variants as ``engine`` can quantize them, to precisions of which no checked variant is there."""
    there = {each.precision for each in described}
    missing = [way for way in methods(engine, release) if FORMATS[way.format].precision not in there]
    return [quantized(each, way) for each in described for way in missing if takes(each, way)]


def takes(each: Described, way: Method) -> bool:
    """Whether the whole of a variant can be quantized in this way."""
    return each.precision == BF16 and (way.experts or each.architecture.experts is None)


def quantized(each: Described, way: Method) -> Described:
    quantization = replace(assumed(way.format), on_load=True)
    weights = requantized(each.weights, quantization)
    # bitsandbytes packs each tensor as it comes; FP8 keeps all in 16 bits until the last one is there.
    source = each.weights if FORMATS[way.format].precision == FP8 else None
    return replace(each, quantization=quantization, weights=weights, source_weights=source)


def missing_loader(fmt: Format, engine: str, release: Release) -> t.Optional[str]:
    """Why a release cannot load a format that its predecessors could; None where it can."""
    if fmt.name.startswith("bnb") and engine == VLLM.name and release >= VLLM_WITHOUT_BITSANDBYTES:
        return "vLLM loads bitsandbytes weights up to 0.27 only; name an older backend_version, or use SGLang"
    return None
