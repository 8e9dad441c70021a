# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What engines can make of 16-bit weights while they load them."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.releases import Release
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.formats.quantization import (
    BF16,
    FORMATS,
    assumed,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.engine_budget import (
    SGLANG,
    VLLM,
    Engine,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.memory.weights import requantized
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.variant.description import Described

BITSANDBYTES = "bitsandbytes"

# From here on vLLM leaves bitsandbytes to a plugin that its images do not have.
VLLM_WITHOUT_BITSANDBYTES: Release = (0, 28, 0)


class Method(t.NamedTuple):
    """A format of ours, the engine that makes it, and the arguments that tell it to.

    ``experts``: routed experts are quantized, too. ``whole``: all weights lie there in 16 bits before the
    first is quantized. ``since`` and ``gone`` are releases, as in releases.Flag.
    """

    format: str
    engine: str
    arguments: t.Tuple[str, ...]
    experts: bool
    whole: bool = False
    since: Release = ()
    gone: t.Optional[Release] = None


# vLLM: from 0.16 on FP8 layers are quantized as they arrive, from 0.31 on ``fp8`` means stored FP8 only
# (layers/quantization/fp8.py and online/). The first of several ways is the one that plans write.
METHODS = (
    Method("fp8", VLLM.name, ("--quantization=fp8_per_tensor",), True, since=(0, 20, 0)),
    Method("fp8", VLLM.name, ("--quantization=fp8",), True, since=(0, 16, 0), gone=(0, 31, 0)),
    Method("fp8", VLLM.name, ("--quantization=fp8",), True, whole=True, gone=(0, 16, 0)),
    Method("bnb_4bit", VLLM.name, ("--quantization=bitsandbytes",), False, gone=VLLM_WITHOUT_BITSANDBYTES),
    Method("fp8", SGLANG.name, ("--quantization=fp8",), True, whole=True),
    Method("bnb_4bit", SGLANG.name, ("--quantization=bitsandbytes", "--load-format=bitsandbytes"), False),
)


def methods(engine: Engine, release: Release) -> t.List[Method]:
    return [
        way
        for way in METHODS
        if way.engine == engine.name and way.since <= release and (way.gone is None or release < way.gone)
    ]


def quantized_on_load(
    described: t.Sequence[Described], engine: Engine, release: Release
) -> t.List[Described]:
    """16-bit variants as ``engine`` can quantize them, to precisions of which no checked variant is there."""
    there = {each.precision for each in described}
    first = {way.format: way for way in reversed(methods(engine, release))}
    missing = [way for way in first.values() if FORMATS[way.format].precision not in there]
    return [quantized(each, way) for each in described for way in missing if takes(each, way)]


def takes(each: Described, way: Method) -> bool:
    """Whether the whole of a variant can be quantized in this way."""
    return each.precision == BF16 and (way.experts or each.architecture.experts is None)


def quantized(each: Described, way: Method) -> Described:
    quantization = replace(assumed(way.format), on_load=True)
    return replace(
        each,
        quantization=quantization,
        weights=requantized(each.weights, quantization),
        source_weights=each.weights if way.whole else None,
        loading=way.arguments,
    )


def outdated(each: Described, engine: Engine, release: Release) -> t.Optional[str]:
    """What a release wants instead of the arguments that quantize a variant; None where it takes them."""
    if not each.loading or any(way.arguments == each.loading for way in methods(engine, release)):
        return None
    name = each.quantization.format.name
    return next(
        (" ".join(way.arguments) for way in methods(engine, release) if way.format == name), "another engine"
    )
