# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How engines spell a layout, written by the plan and read from the user."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.arguments import (
    Argument,
    count_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.engines.layout import Layout

Names = t.Tuple[str, ...]


@dataclass(frozen=True)
class ParallelFlags:
    """Spellings of an engine; the first of each is the one that is written.

    ``expert`` is a switch, or takes the number of GPUs that share the experts. ``attention_data``:
    the switch by which data-parallel ranks are made of the tensor-parallel group instead of copies of
    it, so that the size of the group counts all of them. Without it, ranks always share the experts.
    """

    tensor: Names
    pipeline: Names
    data: Names
    expert: Names
    expert_is_switch: bool
    attention_data: Names = ()

    @property
    def all_flags(self) -> Names:
        return self.tensor + self.pipeline + self.data + self.expert + self.attention_data


PARALLEL: t.Mapping[str, ParallelFlags] = {
    "vLLM": ParallelFlags(
        tensor=("--tensor-parallel-size", "-tp"),
        pipeline=("--pipeline-parallel-size", "-pp"),
        data=("--data-parallel-size", "-dp"),
        expert=("--enable-expert-parallel", "-ep"),
        expert_is_switch=True,
    ),
    "SGLang": ParallelFlags(
        tensor=("--tp-size", "--tensor-parallel-size", "--tp"),
        pipeline=("--pp-size", "--pipeline-parallel-size", "--pp"),
        data=("--dp-size", "--data-parallel-size", "--dp"),
        expert=("--ep-size", "--expert-parallel-size", "--ep"),
        expert_is_switch=False,
        attention_data=("--enable-dp-attention",),
    ),
    # Cards are split by layer, see llama_cpp.py.
    "llama.cpp": ParallelFlags(tensor=(), pipeline=(), data=(), expert=(), expert_is_switch=False),
    "MindIE": ParallelFlags(
        tensor=("--tensor-parallel-size",),
        pipeline=("--pipeline-parallel-size",),
        data=("--data-parallel-size",),
        expert=("--moe-expert-parallel-size",),
        expert_is_switch=False,
    ),
}


# Ranks of a tensor-parallel group that share its cache by tokens (DCP).
CONTEXT_RANKS: Names = ("--decode-context-parallel-size", "-dcp", "--dcp-size")


@dataclass(frozen=True)
class Wish:
    """What a user asks of the layout; None leaves it to the plan.

    ``tensor`` is the engine's word: with data-parallel attention it counts all ranks.
    """

    tensor: t.Optional[int] = None
    pipeline: t.Optional[int] = None
    data: t.Optional[int] = None
    expert: t.Optional[bool] = None
    attention_data: bool = False


def parallel_arguments(engine: str, layout: Layout) -> t.List[Argument]:
    """``layout`` as arguments; sizes of 1 go without saying."""
    flags = PARALLEL[engine]
    tensor = layout.expert_ranks if flags.attention_data else layout.tensor
    sizes = ((flags.tensor, tensor), (flags.pipeline, layout.pipeline), (flags.data, layout.data))
    planned = [Argument(names[0], str(size)) for names, size in sizes if size > 1]
    if layout.attention_data and flags.attention_data:
        planned.append(Argument(flags.attention_data[0]))
    if layout.expert:
        size = None if flags.expert_is_switch else str(layout.expert_ranks)
        planned.append(Argument(flags.expert[0], size))
    return planned


def wish_of(engine: str, tensor: t.Optional[int], user: t.Sequence[Argument]) -> Wish:
    """What ``tensor`` (an option of its own) and the arguments of the user ask for.

    :raises InvalidInput: a size is not a positive whole number, or ranks do not divide their group.
    """
    flags = PARALLEL[engine]
    data, inside = count_of(user, flags.data), any(each.flag in flags.attention_data for each in user)
    if inside and tensor is not None and data is not None and tensor % data:
        raise InvalidInput(
            "%s=%d does not divide tensor_parallel: %d, whose GPUs the ranks are made of"
            % (flags.data[0], data, tensor),
            hint="Choose a divisor of %d, or leave out %s for whole copies."
            % (tensor, flags.attention_data[0]),
            parameter=flags.data[0],
        )
    expert = _expert(flags, tensor, user)
    return Wish(tensor, count_of(user, flags.pipeline), data, expert, inside)


def without_parallel(engine: str, user: t.Sequence[Argument]) -> t.List[Argument]:
    """The arguments that are not about the layout, which the plan writes in its own spelling."""
    return [argument for argument in user if argument.flag not in PARALLEL[engine].all_flags]


def _expert(flags: ParallelFlags, tensor: t.Optional[int], user: t.Sequence[Argument]) -> t.Optional[bool]:
    """Experts lie whole on all GPUs of the group, or are cut by all of them; nothing between is planned."""
    if flags.expert_is_switch:
        return True if any(argument.flag in flags.expert for argument in user) else None
    size = count_of(user, flags.expert)
    if size is not None and size not in (1, tensor):
        raise InvalidInput(
            "%s=%d spreads experts over some of a group's GPUs, which no plan can size"
            % (flags.expert[0], size),
            hint="Set the option tensor_parallel to the same number, or leave %s out." % flags.expert[0],
            parameter=flags.expert[0],
        )
    return None if size is None else size > 1
