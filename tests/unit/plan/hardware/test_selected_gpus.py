# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Some GPUs of a host only, and groups of unlike ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Host,
    room_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.selected_gpus import (
    levelled,
    only,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy

from tests.unit.plan.builders import card, gib, host, qwen3_32b, request

MIXED = Host("gpu-a", "default", (card("4090", 0), card("L40S", 1), card("L40S", 2)))


def test_only_the_gpus_that_are_named() -> None:
    assert [gpu.index for gpu in only(host("H100", 4), [1, 3]).gpus] == [1, 3]
    with pytest.raises(InvalidInput, match="gpu-a has no usable GPU 7; usable are 0, 1"):
        only(host("H100", 2), [0, 7])


def test_unlike_cards_make_a_group_of_the_smallest() -> None:
    pair = only(MIXED, [0, 1])
    policy = Policy(tensor_parallel=2, context_tokens=4096, concurrency=4, quantizations=("int4",))
    with pytest.raises(DoesNotFit):
        make_plan(request(qwen3_32b(), [pair], policy))
    group, notes = levelled(pair)
    plan = make_plan(request(qwen3_32b(), [group], policy)).plans[0]
    assert [gpu["index"] for gpu in plan["placement"][0]["gpus"]] == [0, 1]
    assert plan["memory"]["total_bytes"] == room_of(pair.gpus[0], Claims()).total_bytes
    assert plan["performance"]["tokens_per_s"][0] > 0
    assert "each counts as a NVIDIA GeForce RTX 4090" in notes[0]


def test_a_larger_card_counts_by_the_share_that_it_has_free() -> None:
    """An engine takes the same share of each card: two thirds of 44 GiB in use leave a third of the smaller one."""
    busy = replace(MIXED, gpus=(card("4090", 0), card("L40S", 1, used_bytes=gib(29.6))))
    group, _notes = levelled(busy)
    small, large = (room_of(gpu, Claims()) for gpu in group.gpus)
    assert small.total_bytes == large.total_bytes
    assert large.usable_bytes == pytest.approx(small.total_bytes / 3, rel=0.01)


def test_equal_cards_stay_what_they_are() -> None:
    assert levelled(host("H100", 2)) == (host("H100", 2), [])


def test_cards_of_two_vendors_make_no_group() -> None:
    foreign = replace(card("L40S", 1), vendor="amd", target="gfx942", name="AMD Instinct MI300X")
    with pytest.raises(InvalidInput, match="cannot make one group"):
        levelled(Host("gpu-a", "default", (card("L40S", 0), foreign)))
