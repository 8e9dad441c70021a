# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one replica is spread over GPUs and hosts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """``tensor`` GPUs cut the layers of each of ``pipeline`` stages, and of each of ``data`` ranks.

    ``data``: ranks that answer requests of their own, each with a cache of its own. They are whole copies;
    with ``attention_data`` of attention only, while all ranks of a stage share the routed experts.
    ``expert``: routed experts are spread whole over the GPUs instead of cut. ``hosts``: each has the
    same number of the GPUs, stage after stage.
    """

    tensor: int
    pipeline: int = 1
    data: int = 1
    attention_data: bool = False
    expert: bool = False
    hosts: int = 1

    @property
    def attention_ranks(self) -> int:
        return self.data if self.attention_data else 1

    @property
    def expert_ranks(self) -> int:
        """GPUs that share the routed experts of a stage."""
        return self.tensor * self.attention_ranks

    @property
    def gpus(self) -> int:
        return self.tensor * self.pipeline * self.data

    @property
    def gpus_per_host(self) -> int:
        return self.gpus // self.hosts

    @property
    def cuts_over_hosts(self) -> bool:
        """Whether the GPUs of a stage exchange every layer over the network between hosts."""
        return self.expert_ranks > self.gpus_per_host
