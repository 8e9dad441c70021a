# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts that nobody has checked: one broken host is left out, and named; the others are planned."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.common.machine import Machine
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpu.simulate import simulated
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import read_host

SOUND = simulated(Machine(), "2xH100-80GB-SXM")


def broken(*path: t.Any, value: t.Any) -> t.Any:
    facts: t.Any = copy.deepcopy(SOUND)
    place = facts
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return facts


def test_sound_facts_are_believed() -> None:
    host, _warnings = read_host("gpu-a", "site", SOUND)
    assert len(host.gpus) == 2


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (1, "it is 1"),
        ([], "it is a list"),
        ("x", "it is a text"),
        (broken("devices", value={"0": {}}), "devices is an object"),
        (broken("devices", 1, "index", value=-1), "devices[1].index is -1"),
        (
            broken("devices", 0, "memory_total_bytes", value=float("inf")),
            "devices[0].memory_total_bytes is inf",
        ),
        (broken("devices", 0, "health", value="ok"), "devices[0].health is a text"),
        (broken("topology", "links", 0, "a", value="0"), "topology.links[0].a is a text"),
        (broken("runtime", value={"cuda": 12.8}), "runtime.cuda is 12.8"),
        (broken("warnings", 0, "message", value=None), "warnings[0].message is null"),
    ],
)
def test_a_host_with_broken_facts_is_left_out_and_named(facts: t.Any, field: str) -> None:
    host, (warning,) = read_host("gpu-a", "site", facts)
    assert host.gpus == ()
    assert warning.startswith("gpu-a: it is left out, because its GPU facts are broken: " + field)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("memory_free_bytes", 2**49, "parts of its memory are larger than the whole"),
        ("compute_capability", "9.²", "its compute capability is no version"),
        ("memory_total_bytes", None, "its memory is unknown"),
    ],
)
def test_a_card_whose_facts_contradict_themselves_is_left_out(field: str, value: t.Any, words: str) -> None:
    host, warnings = read_host("gpu-a", "site", broken("devices", 0, field, value=value))
    assert [gpu.index for gpu in host.gpus] == [1]
    assert any("GPU 0 is left out: " + words in each for each in warnings)
