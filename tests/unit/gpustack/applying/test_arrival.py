# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for deployments that somebody else changes: when it ends, and how it says that it did not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import DeploymentFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.arrival import (
    ABSENT,
    RUNNING,
    STOPPED,
    Arrival,
    Selection,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter

from tests.unit.gpustack.conftest import a_model, an_instance, page
from tests.unit.gpustack.task import INSTANCES, MODEL
from tests.unit.wire import Wire

NONE: Selection = ([], {})
RUNS: Selection = ([a_model()], {7: [an_instance()]})
STOPS: Selection = ([a_model(replicas=0, ready_replicas=0)], {7: [an_instance()]})
STOPPED_NOW: Selection = ([a_model(replicas=0, ready_replicas=0)], {7: []})


def waits(
    wire: Wire, client: GpustackClient, state: str, looks: t.Sequence[Selection], name: t.Optional[str] = None
) -> float:
    """Seconds until it is over; the last look stays."""
    left = list(looks)
    waiter = Waiter(client, wire.clock, 60.0, lambda _line: None)
    return Arrival(waiter, lambda: left.pop(0) if len(left) > 1 else left[0], name).wait(state)


@pytest.mark.parametrize(
    ("state", "looks"),
    [
        (ABSENT, [NONE]),
        (STOPPED, [NONE]),
        (STOPPED, [STOPPED_NOW]),
        (RUNNING, [NONE]),
        (RUNNING, [STOPPED_NOW]),
    ],
)
def test_what_is_so_already_is_not_waited_for(
    wire: Wire, client: GpustackClient, state: str, looks: t.Sequence[Selection]
) -> None:
    assert waits(wire, client, state, looks) == 0.0
    assert wire.seen == []


@pytest.mark.parametrize(("state", "last"), [(ABSENT, NONE), (STOPPED, STOPPED_NOW)])
def test_it_waits_until_all_are_there(
    wire: Wire, client: GpustackClient, state: str, last: Selection
) -> None:
    assert waits(wire, client, state, [RUNS, STOPS, last]) > 0.0


def test_one_of_a_name_is_waited_for_from_before_it_exists(wire: Wire, client: GpustackClient) -> None:
    wire.expect(MODEL, body=a_model())
    wire.expect(INSTANCES, body=page(an_instance()))
    assert waits(wire, client, RUNNING, [NONE, STOPPED_NOW, RUNS], "qwen3-8b") > 0.0


@pytest.mark.parametrize(
    ("state", "look", "said"),
    [
        (
            ABSENT,
            RUNS,
            "The deployments were not absent after 60 s; last state: qwen3-8b is running, 1 instances",
        ),
        (STOPPED, STOPS, "not stopped after 60 s; last state: qwen3-8b is stopped, 1 instances"),
        (RUNNING, NONE, "The deployment was not there after 60 s; last state: qwen3-8b does not exist"),
        (RUNNING, STOPPED_NOW, "not there after 60 s; last state: qwen3-8b is stopped"),
    ],
)
def test_when_the_time_is_over_it_says_how_it_stands(
    wire: Wire, client: GpustackClient, state: str, look: Selection, said: str
) -> None:
    with pytest.raises(DeploymentFailed, match=said):
        waits(wire, client, state, [look], "qwen3-8b")
