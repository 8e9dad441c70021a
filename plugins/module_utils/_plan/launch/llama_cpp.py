# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of llama.cpp's server."""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines import arguments, llama_cpp
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    last_of,
)


def llama_arguments(
    options: llama_cpp.Options,
    pool: int,
    counts: t.Sequence[int],
    on_cpu: bool,
    generates: bool,
    user: t.Sequence[Argument],
) -> t.List[str]:
    """What the plan decides, then the user's own, whose short spellings take the place of the same long ones.

    ``counts``: layers of each card, written as shares. The output counts as one more layer of the last card.
    """
    planned = [
        Argument(llama_cpp.CONTEXT[0], str(pool)),
        Argument(llama_cpp.SLOTS[0], str(options.slots)),
        Argument(llama_cpp.UNIFIED[0]) if options.unified else Argument(llama_cpp.SEPARATE[0]),
        Argument(llama_cpp.STEP[0], str(options.step)),
        Argument(llama_cpp.LAYERS[0], "0" if on_cpu else "999"),
        # The plan is the fit; llama.cpp would change what does not suit it.
        Argument("--fit", "off"),
    ]
    if options.flash:
        planned.append(Argument(llama_cpp.FLASH[0], "on"))
    if len(counts) > 1 and not options.split:
        planned += [
            Argument(llama_cpp.SPLIT_MODE[0], "layer"),
            Argument(llama_cpp.SPLIT[0], ",".join(map(str, (*counts[:-1], counts[-1] + 1)))),
        ]
    planned += [Argument("--jinja"), Argument("--metrics")] if generates else [Argument("--embedding")]
    merged = arguments.merge([each for each in planned if not _is_set(each, user)], user)
    return [word for argument in merged for word in _as_gpustack_reads(argument)]


def _as_gpustack_reads(argument: str) -> t.List[str]:
    """The words of an argument. GPUStack's ``GGUFParserCommandMutableParameters`` takes flash attention for a switch.

    With a value after an equals sign it reads no argument at all and books memory for a context of 8192 tokens; as a
    word of its own it passes the value over.
    """
    flag, equals, value = argument.partition("=")
    return [flag, value] if equals and flag in llama_cpp.FLASH else [argument]


def _is_set(planned: Argument, user: t.Sequence[Argument]) -> bool:
    """Whether the user gives the same argument in another spelling."""
    spellings = (
        llama_cpp.CONTEXT, llama_cpp.SLOTS, llama_cpp.UNIFIED + llama_cpp.SEPARATE, llama_cpp.STEP, llama_cpp.LAYERS,
        llama_cpp.FLASH, llama_cpp.SPLIT, llama_cpp.SPLIT_MODE,
    )  # fmt: skip
    group = next((each for each in spellings if planned.flag in each), (planned.flag,))
    return last_of(user, group) is not None and planned.flag not in (each.flag for each in user)
