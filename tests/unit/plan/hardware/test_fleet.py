# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places for replicas in a fleet."""

from __future__ import annotations

import random
import typing as t
from dataclasses import replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.fleet import Fleet
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Gpu,
    Host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.replica_places import (
    capacity,
    spread,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan

from tests.unit.plan.builders import card, gib, host, qwen3_32b, request


def taken(
    hosts: t.Sequence[Host], size: int, replicas: int, kind: str = "L40S"
) -> t.List[t.Tuple[str, t.List[int]]]:
    places = Fleet(hosts, Claims()).places(size, card(kind))
    return [(slot.host, [gpu.index for gpu in slot.gpus]) for slot in spread(places, replicas)]


def linked(count: int, islands: t.Sequence[int], name: str = "gpu-a") -> Host:
    gpus: t.List[Gpu] = [replace(card("L40S", index, name), island=islands[index]) for index in range(count)]
    return Host(name, "default", tuple(gpus))


def test_slots_take_the_emptiest_equal_cards() -> None:
    gpus = (card("H100", 0, used_bytes=gib(50)), card("4090", 1), card("H100", 2), card("H100", 3))
    assert taken([Host("gpu-a", "default", gpus)], 2, 9, "H100") == [("gpu-a", [2, 3])]


def test_slots_of_one_follow_hosts_by_name() -> None:
    assert taken([host("L40S", 2, "gpu-b"), host("L40S", 1, "gpu-a")], 1, 9) == [
        ("gpu-a", [0]), ("gpu-b", [0]), ("gpu-b", [1]),
    ]  # fmt: skip


def test_linked_cards_stay_together() -> None:
    assert taken([linked(4, [0, 1, 0, 1])], 2, 2) == [("gpu-a", [0, 2]), ("gpu-a", [1, 3])]


def test_every_domain_before_the_second_of_any() -> None:
    racks = {"a": "r1", "b": "r1", "c": "r2"}
    hosts = [replace(host("L40S", 2, name), domain=rack) for name, rack in racks.items()]
    assert [name for name, _gpus in taken(hosts, 1, 5)] == ["a", "c", "b", "c", "a"]


def test_equal_hosts_are_one_shape() -> None:
    hosts = [host("L40S", 4, "gpu-%03d" % number) for number in range(100)]
    places = Fleet(hosts, Claims()).places(2, card("L40S"))
    assert (len(places), capacity(places)) == (2, 200)


def test_the_order_of_hosts_changes_nothing() -> None:
    hosts = [host("L40S", 1 + number % 3, "gpu-%02d" % number, used=gib(number % 5)) for number in range(30)]
    shuffled = random.Random(7).sample(hosts, len(hosts))
    assert taken(hosts, 1, 40) == taken(shuffled, 1, 40)


def test_sites_of_equal_hardware_get_the_same_but_for_names() -> None:
    sites = [replace(host("L40S", 2, name), site="http://%s" % name) for name in ("gpu-a", "gpu-b")]
    together = make_plan(request(qwen3_32b(), sites))
    for site, plan in zip(sites, together.plans, strict=True):
        alone = make_plan(request(qwen3_32b(), [site])).plans[0]
        assert plan == alone
    assert {entry.site for entry in together.rejected} == {"http://gpu-a"}
