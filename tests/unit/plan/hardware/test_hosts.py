# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From facts to hosts, and which GPUs a replica takes."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.facts import (
    in_short,
    read_host,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import (
    Claims,
    Host,
    room_of,
)


def device(**changes: t.Any) -> t.Dict[str, t.Any]:
    return {
        "index": 0, "uuid": "GPU-1", "pci_bus_id": "0000:17:00.0", "vendor": "nvidia",
        "name": "NVIDIA H100 80GB HBM3", "compute_capability": "9.0", "state": "ok", "schedulable": True,
        "memory_total_bytes": 80 * GIB, "memory_reserved_bytes": GIB, "memory_used_bytes": 9 * GIB,
        "memory_free_bytes": 70 * GIB, "mig": {"mode": "disabled", "instances": []},
        "health": {"state": "ok", "detail": None}, **changes,
    }  # fmt: skip


def read(**changes: t.Any) -> t.Tuple[Host, t.List[str]]:
    return read_host("gpu-a", "default", {"devices": [device(**changes)], "warnings": []})


def test_facts_become_a_gpu() -> None:
    found, warnings = read()
    gpu = found.gpus[0]
    assert (gpu.capability, gpu.total_bytes, gpu.free_bytes) == ((9, 0), 80 * GIB, 70 * GIB)
    assert warnings == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vendor": "intel"}, "vendor intel"),
        ({"vendor": "amd"}, "gfx target is unknown"),
        ({"index": None}, "index is unknown"),
        ({"schedulable": False, "state": "driver_not_loaded"}, "driver_not_loaded"),
        ({"health": {"state": "unhealthy", "detail": "Xid 79"}}, "unhealthy"),
        (
            {"mig": {"mode": "enabled", "instances": []}, "schedulable": False},
            "MIG is on, and it has no slices",
        ),
        ({"memory_free_bytes": None}, "memory is unknown"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_said(changes: t.Dict[str, t.Any], words: str) -> None:
    found, warnings = read(**changes)
    assert found.gpus == ()
    assert words in warnings[0]


def test_missing_facts_and_missing_gpus_are_said() -> None:
    assert "no GPU facts" in read_host("gpu-a", "default", None)[1][0]
    facts = {"devices": [], "warnings": [{"message": "the driver is not loaded"}]}
    warnings = read_host("gpu-a", "default", facts)[1]
    assert warnings == ["gpu-a: the driver is not loaded", "gpu-a: no GPU was found"]


def test_what_holds_for_many_hosts_is_said_once() -> None:
    names = ["gpu-%d" % number for number in range(8)]
    complaints = [(name, note) for name in names for note in read_host(name, "default", None)[1]]
    complaints.append(("gpu-9", "gpu-9: no GPU was found"))
    assert in_short(complaints) == [
        "gpu-0, gpu-1, gpu-2, gpu-3, gpu-4 and 3 more: no GPU facts; run modelscan.autoconfig.gpu_facts first",
        "gpu-9: no GPU was found",
    ]


def test_unknown_reserve_is_assumed() -> None:
    found, _warnings = read(memory_reserved_bytes=None, memory_used_bytes=None)
    assert found.gpus[0].reserved_bytes == int(0.8 * GIB)
    assert found.gpus[0].used_bytes == 10 * GIB


@pytest.mark.parametrize(
    ("own", "others", "credit", "usable"),
    [
        (0, 0, 0, 70),
        (9, 0, 9, 79),
        (40, 0, 9, 79),
        (5, 0, 5, 75),
        (0, 30, 0, 49),
        (9, 30, 9, 49),
    ],
)
def test_credit_and_claims(own: int, others: int, credit: int, usable: int) -> None:
    gpu = read()[0].gpus[0]
    claims = Claims({gpu.uuid: own * GIB}, {gpu.uuid: others * GIB})
    room = room_of(gpu, claims)
    assert (room.credited_bytes, room.usable_bytes) == (credit * GIB, usable * GIB)


def test_islands_join_over_fast_links() -> None:
    devices = [device(index=index, uuid="GPU-%d" % index) for index in range(5)]
    links = [{"a": 0, "b": 3, "kind": "nvlink"}, {"a": 3, "b": 4, "kind": "nvlink"},
             {"a": 1, "b": 2, "kind": "pcie"}]  # fmt: skip
    found, _warnings = read_host("gpu-a", "default", {"devices": devices, "topology": {"links": links}})
    assert [gpu.island for gpu in found.gpus] == [0, 1, 2, 0, 0]
