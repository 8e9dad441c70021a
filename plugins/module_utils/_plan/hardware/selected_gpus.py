# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of which the user wants some GPUs only."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Gpu, Host


def only(host: Host, indexes: t.Collection[int]) -> Host:
    """``host`` with the GPUs of these indexes.

    :raises InvalidInput: one of them is not there, or cannot be used.
    """
    missing = sorted(set(indexes) - {gpu.index for gpu in host.gpus})
    if missing:
        raise InvalidInput(
            "%s has no usable GPU %s; usable are %s"
            % (
                host.name,
                ", ".join(str(each) for each in missing),
                ", ".join(str(gpu.index) for gpu in host.gpus) or "none",
            ),
            hint="Look at the facts of the host, and at the warnings of this task without the option gpus.",
            host=host.name,
        )
    return replace(host, gpus=tuple(gpu for gpu in host.gpus if gpu.index in indexes))


def levelled(host: Host) -> t.Tuple[Host, t.List[str]]:
    """Unlike cards as if each were the smallest of them, so that they make one group; and what that means.

    An engine takes the same share of each card: what a larger one has free counts by its share, too.

    :raises InvalidInput: no engine joins these cards.
    """
    if len({gpu.kind for gpu in host.gpus}) < 2:
        return host, []
    if len({(gpu.vendor, gpu.target) for gpu in host.gpus}) > 1 or any(gpu.profile for gpu in host.gpus):
        raise InvalidInput(
            "%s: %s cannot make one group" % (host.name, " and ".join(_names(host))),
            hint="Choose whole cards of one vendor, and of one target where that is not NVIDIA.",
            host=host.name,
        )
    smallest = min(host.gpus, key=_size)
    others = " and ".join(name for name in _names(host) if name != smallest.name)
    name = "%s (with %s)" % (smallest.name, others) if others else smallest.name
    alike = tuple(_as(gpu, smallest, name, host) for gpu in host.gpus)
    return replace(host, gpus=alike), [
        "%s: %s make one group, in which each counts as a %s"
        % (host.name, " and ".join(_names(host)), smallest.name)
    ]


def _as(gpu: Gpu, smallest: Gpu, name: str, host: Host) -> Gpu:
    free = int(_size(smallest) * min(1.0, gpu.free_bytes / _size(gpu)))
    return replace(
        gpu,
        name=name,
        capability=min((each.capability for each in host.gpus if each.capability), default=None),
        cuda=min((each.cuda for each in host.gpus if each.cuda), default=None),
        total_bytes=smallest.total_bytes,
        reserved_bytes=smallest.reserved_bytes,
        used_bytes=_size(smallest) - free,
        free_bytes=free,
        unified=any(each.unified for each in host.gpus),
    )


def _size(gpu: Gpu) -> int:
    return gpu.total_bytes - gpu.reserved_bytes


def _names(host: Host) -> t.List[str]:
    return sorted({gpu.name for gpu in host.gpus})
