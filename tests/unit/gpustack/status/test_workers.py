# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and GPUs of a plan against the server's workers."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    InvalidInput,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.workers import (
    check_ready,
    match_placement,
    worker_result,
)

from tests.unit.gpustack.conftest import Json, a_worker

WORKERS = [a_worker("w1", id=1, ip="192.0.2.10"), a_worker("w2", id=2, ip="192.0.2.11")]


def entry(host: str, *gpus: Json) -> Json:
    return {"host": host, "gpus": list(gpus)}


def ids(*placement: Json) -> list[str]:
    return [gpu.gpu_id for gpu in match_placement(placement, WORKERS)]


def test_the_uuid_decides_whatever_the_names_are() -> None:
    assert ids(entry("w1", {"index": 7, "uuid": "GPU-w2-1"})) == ["w2:cuda:1"]


def test_replicas_come_in_order() -> None:
    first, second = {"index": 1, "uuid": "GPU-w2-1"}, {"index": 0, "uuid": "GPU-w1-0"}
    assert ids(entry("b", first), entry("a", second)) == ["w2:cuda:1", "w1:cuda:0"]


@pytest.mark.parametrize("host", ["w2", "192.0.2.11"])
def test_without_a_uuid_name_or_address_and_index_decide(host: str) -> None:
    assert ids(entry(host, {"index": 1, "uuid": None})) == ["w2:cuda:1"]


def test_a_hostname_is_a_name_too() -> None:
    workers = [a_worker("w1", hostname="gpu-a")]
    assert match_placement([entry("gpu-a", {"index": 0, "uuid": None})], workers)[0].gpu_id == "w1:cuda:0"


def test_an_unknown_host_is_said_with_what_is_known() -> None:
    with pytest.raises(InvalidInput, match="host gpu-x, nor is one called gpu-x; workers: w1, w2"):
        ids(entry("gpu-x", {"index": 0, "uuid": "GPU-other"}))


def test_another_card_at_the_same_place_is_no_match() -> None:
    with pytest.raises(InvalidInput, match="0=GPU-w1-0, 1=GPU-w1-1"):
        ids(entry("w1", {"index": 0, "uuid": "GPU-replaced"}))


def test_a_missing_card_is_said() -> None:
    with pytest.raises(InvalidInput, match="not one of those"):
        ids(entry("w1", {"index": 5, "uuid": None}))


def test_a_worker_that_is_not_ready_is_refused() -> None:
    lost = [a_worker("w1", state="unreachable")]
    gpus = match_placement([entry("w1", {"index": 0, "uuid": None})], lost)
    with pytest.raises(Unavailable, match="w1, which has the GPU w1:cuda:0, is unreachable"):
        check_ready(gpus)


def test_a_worker_without_gpus_is_shown() -> None:
    shown = worker_result(a_worker("w1", status={"gpu_devices": None}))
    assert shown["gpus"] == []
    assert worker_result(a_worker("w1"))["gpus"][1] == {
        "gpu_id": "w1:cuda:1",
        "index": 1,
        "uuid": "GPU-w1-1",
        "name": "NVIDIA L4",
        "total_bytes": 24152899584,
        "used_bytes": 0,
        "allocated_bytes": 0,
        "driver_version": None,
        "runtime_version": None,
    }
