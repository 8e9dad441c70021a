# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the wait after a removal ends early: the engines' own count of requests."""

from __future__ import annotations

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.engine_load import in_flight

from tests.unit.wire import Wire

VLLM = b"""\
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="r1"} 3.0
vllm:num_requests_waiting{engine="0",model_name="r1"} 1.0
vllm:num_requests_waiting_by_reason{engine="0"} 9.0
"""
SGLANG = b'sglang:num_running_reqs{model_name="r1"} 2.0\nsglang:num_queue_reqs{model_name="r1"} 0.0\n'


@pytest.mark.parametrize(
    ("status", "body", "count"),
    [(200, VLLM, 4), (200, SGLANG, 2), (200, b"up 1\n", None), (404, b"", None), (500, VLLM, None)],
)
def test_the_engines_count_is_read(wire: Wire, status: int, body: bytes, count: int | None) -> None:
    wire.expect("GET /metrics", status, body)

    assert in_flight("http://192.0.2.10/v1", wire.options(retries=0)) == count


def test_nobody_to_ask_is_no_error(wire: Wire) -> None:
    wire.expect("GET /metrics", error=ConnectionError("refused"))

    assert in_flight("http://192.0.2.10/v1", wire.options(retries=0)) is None
    assert in_flight(None, wire.options()) is None
