# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting: what is asked and how often, with and without the server's streams."""

from __future__ import annotations

import json
import typing as t

import httpx
import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    DeploymentFailed,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.row_shapes import INSTANCE
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.observation import (
    Observer,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.download_progress import (
    Progress,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.status.state import Goal

from tests.unit.gpustack.conftest import Json, a_model, a_worker, an_instance, listed, page
from tests.unit.wire import Wire

MODEL, INSTANCES = "GET /v2/models/7", listed("/v2/models/7/instances")
WATCH = "GET /v2/model-instances?model_id=7&watch=true"
FILES = listed("/v2/model-files")
LOOK = [MODEL, INSTANCES]
CREATED, UPDATED, DELETED = 1, 2, 3
PENDING, RUNNING = a_model(state="pending", ready_replicas=0), a_model()
ONE = Goal(1)


def event(kind: int, row: Json) -> bytes:
    return json.dumps({"type": kind, "id": row["id"], "data": row}).encode() + b"\n\n"


class Wait:
    def __init__(
        self,
        wire: Wire,
        client: GpustackClient,
        limit_s: t.Optional[float] = 600.0,
        stall_s: float = 600.0,
    ) -> None:
        self.lines: t.List[str] = []
        self.announced: t.List[str] = []
        self.waiter = Waiter(client, wire.clock, limit_s, self.lines.append, stall_s, self.announced.append)
        self._wire = wire

    def sees(self, model: Json, *instances: Json) -> None:
        """One look."""
        self._wire.expect(MODEL, body=model)
        self._wire.expect(INSTANCES, body=page(*instances))

    def hears(self, *events: bytes) -> None:
        """One stream, which ends after them."""
        self._wire.expect(WATCH, body=b"".join(events))

    def __call__(self, goal: Goal = ONE) -> float:
        return self.waiter.wait(7, goal)[1]


@pytest.fixture
def wait(wire: Wire, client: GpustackClient) -> Wait:
    return Wait(wire, client)


def test_the_server_tells_when_it_is_time_to_look(wait: Wait, wire: Wire) -> None:
    wait.sees(PENDING, an_instance(state="analyzing"))
    states = ("analyzing", "scheduled", "starting", "running")
    wait.hears(*(event(UPDATED, an_instance(state=state)) for state in states))
    wait.sees(RUNNING, an_instance())
    assert wait() == 0.2
    assert wire.calls() == [*LOOK, WATCH, *LOOK]
    assert [line.split()[-1] for line in wait.lines] == list(states)


def test_the_models_own_state_may_come_a_moment_later(wait: Wait, wire: Wire) -> None:
    wait.sees(PENDING, an_instance(state="starting"))
    wait.hears(event(UPDATED, an_instance()))
    wait.sees(PENDING, an_instance())
    wait.sees(RUNNING, an_instance())
    assert wait() == 0.5
    assert wire.calls() == [*LOOK, WATCH, *LOOK, *LOOK]


def test_that_the_last_one_is_gone_is_told_too(wait: Wait, wire: Wire) -> None:
    stopped = a_model(replicas=0, ready_replicas=0)
    wait.sees(stopped, an_instance())
    wait.hears(event(CREATED, an_instance()), event(DELETED, an_instance()))
    wait.sees(stopped)
    assert wait(Goal(0)) == 0.2
    assert len(wire.calls()) == 5


def test_the_former_instances_do_not_count(wait: Wait, wire: Wire) -> None:
    wait.sees(RUNNING, an_instance())
    successor = an_instance(id=21, state="running")
    wait.hears(
        event(CREATED, an_instance()),
        event(CREATED, dict(successor, state="starting")),
        event(UPDATED, successor),
        event(DELETED, an_instance()),
    )
    wait.sees(RUNNING, successor)
    wait(Goal(1, frozenset((20,))))
    assert wire.calls() == [*LOOK, WATCH, *LOOK]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "body": {"detail": "Not Found"}},
        {"status": 403, "body": {"message": "no"}},
        {"body": page(an_instance())},
        {"body": b"<html>"},
        {"error": httpx.ReadTimeout("quiet")},
    ],
)
def test_where_there_is_no_stream_it_looks_now_and_then(answer: Json, wait: Wait, wire: Wire) -> None:
    wire.expect(WATCH, **answer)
    for _look in range(9):
        wait.sees(PENDING, an_instance(state="starting"))
    wait.sees(RUNNING, an_instance())
    wait()
    assert wire.clock.slept == [0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875, 5.0, 5.0, 5.0]
    assert wire.calls() == [*LOOK, WATCH, *LOOK * 9]


def test_a_stream_that_breaks_off_is_opened_again(wait: Wait, wire: Wire) -> None:
    def broken() -> t.Iterator[bytes]:
        yield event(CREATED, an_instance(state="starting"))
        raise httpx.ReadError("connection reset")

    wait.sees(PENDING, an_instance(state="starting"))
    wire.expect(WATCH, body=broken())
    wire.expect(MODEL, error=httpx.ConnectError("refused"))
    for _retry in range(3):
        wire.expect(MODEL, error=httpx.ConnectError("refused"))
    wire.expect(WATCH, error=httpx.ConnectError("refused"))
    wait.sees(PENDING, an_instance(state="starting"))
    wait.hears(event(UPDATED, an_instance()))
    wait.sees(RUNNING, an_instance())
    wait()
    assert "cannot be reached" in wait.lines[1]


def test_signs_of_life_alone_do_not_replace_a_look(wait: Wait, wire: Wire) -> None:
    """The stream may have lost something: after a minute of silence it looks again."""

    def alive() -> t.Iterator[bytes]:
        yield event(CREATED, an_instance(state="starting"))
        while True:
            wire.clock.sleep(15.0)
            yield b"\n\n"

    wait.sees(PENDING, an_instance(state="starting"))
    wire.expect(WATCH, body=alive())
    wait.sees(RUNNING, an_instance())
    assert wait() == 60.2


def test_an_error_is_looked_at_until_its_grace_is_over(wait: Wait, wire: Wire) -> None:
    failed = an_instance(state="error", state_message="boom")
    wait.sees(PENDING, an_instance(state="starting"))
    wait.hears(event(UPDATED, failed))
    for _look in range(10):
        wait.sees(a_model(state="error"), failed)
    wire.expect("GET /v2/model-instances/20/logs?tail=30", body=b"")
    with pytest.raises(DeploymentFailed, match="boom"):
        wait()
    assert wire.calls().count(WATCH) == 1
    assert 15.0 <= sum(wire.clock.slept) < 20.0


def test_the_limit_is_kept_by_looking(wire: Wire, client: GpustackClient) -> None:
    wait = Wait(wire, client, limit_s=19.0)
    for _look in range(9):
        wait.sees(PENDING, an_instance(state="starting"))
    with pytest.raises(DeploymentFailed, match="not ready after 19 s"):
        wait()
    assert WATCH not in wire.calls()


SLOW = {"source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "state": "downloading"}


def looks_at_a_download(wait: Wait, wire: Wire, shares: t.Iterable[float]) -> None:
    """A server without a stream, which is looked at every few seconds."""
    wire.lacks("/v2/workers")
    wire.expect(WATCH, status=404, body={"detail": "Not Found"})
    for count, share in enumerate(shares):
        wait.sees(PENDING, an_instance(**SLOW, download_progress=share))
        if count < 5:
            wire.expect(FILES, body=page())


def test_a_download_of_hours_is_waited_for(wire: Wire, client: GpustackClient) -> None:
    """Ten minutes are no limit while percents come."""
    wait = Wait(wire, client, limit_s=None, stall_s=60.0)
    looks_at_a_download(wait, wire, [step / 4 for step in range(1, 400)])
    wait.sees(RUNNING, an_instance())
    assert wait() > 1800.0


def test_a_download_that_stands_still_ends_the_wait_and_is_resumed_later(
    wire: Wire, client: GpustackClient
) -> None:
    wait = Wait(wire, client, limit_s=None, stall_s=60.0)
    looks_at_a_download(wait, wire, [10.0, 20.0, *[30.0] * 16])
    with pytest.raises(DeploymentFailed, match=r"nothing got on for 60 s.*downloading 30 %") as caught:
        wait()
    assert "stall_timeout_s" in str(caught.value.hint)
    assert "stays on the workers" in str(caught.value.hint)
    assert "run the same again" in str(caught.value.hint)


def test_an_engine_that_logs_gets_on_although_its_state_stays(wire: Wire, client: GpustackClient) -> None:
    """Weights of hundreds of GiB are read for longer than the limit without a sign."""
    wait = Wait(wire, client, limit_s=None, stall_s=40.0)
    wire.lacks("/v2/workers")
    wire.expect(WATCH, status=404, body={"detail": "Not Found"})
    for _look in range(40):
        wait.sees(PENDING, an_instance(state="starting"))
    for shard in range(8):
        wire.expect(
            "GET /v2/model-instances/20/logs?tail=3", body=b"Loading safetensors shards: %d/163" % shard
        )
    wait.sees(RUNNING, an_instance())
    assert wait() > 120.0


def test_everybody_sees_a_line_now_and_then(wire: Wire, client: GpustackClient) -> None:
    wait = Wait(wire, client, limit_s=None)
    looks_at_a_download(wait, wire, [float(step) for step in range(1, 30)])
    wait.sees(RUNNING, an_instance())
    seconds = wait()
    assert len(wait.lines) == 29
    assert 2 <= len(wait.announced) <= 1 + seconds / 30
    assert all(" downloading " in line and " %" in line for line in wait.announced)


def test_the_speed_of_a_download(wait: Wait, wire: Wire) -> None:
    """An instance knows the share only; the size is on the record of its file."""
    source = {"source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B"}
    loading = an_instance(state="downloading", **source)

    def stream() -> t.Iterator[bytes]:
        for percent in (10.0, 20.0):
            wire.clock.sleep(2.0)
            yield event(UPDATED, dict(loading, download_progress=percent))
        yield event(UPDATED, an_instance(**source))

    wait.sees(PENDING, dict(loading, download_progress=1.0))
    others = dict(source, id=6, worker_id=2, size=1)
    wire.expect(FILES, body=page(others, dict(source, id=5, worker_id=1, size=10 << 30)))
    wire.expect(WATCH, body=stream())
    wait.sees(RUNNING, an_instance())
    wait()
    assert [line.partition("downloading ")[2] for line in wait.lines[:3]] == [
        "1 % of 10240 MiB",
        "10 % of 10240 MiB, 461 MiB/s, 20 s left",
        "20 % of 10240 MiB, 512 MiB/s, 16 s left",
    ]


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ([a_worker(state="unreachable")], "; the worker w1 is unreachable"),
        ([], "; the worker w1 is gone"),
        ([a_worker()], ""),
    ],
)
def test_what_does_not_get_on_is_asked_for_its_worker(
    workers: t.List[Json], words: str, wire: Wire, client: GpustackClient
) -> None:
    observer = Observer(client, wire.clock)
    starting = an_instance(state="starting")
    assert observer.lost_workers(observer.snapshot(PENDING, [starting])) == ""
    wire.clock.sleep(31.0)
    wire.expect(listed("/v2/workers"), body=page(*workers))
    assert observer.lost_workers(observer.snapshot(PENDING, [starting])) == words


def test_a_size_that_nobody_reports_is_not_asked_for_again_and_again(
    wire: Wire, client: GpustackClient
) -> None:
    observer = Observer(client, wire.clock)
    for _question in range(5):
        wire.expect(FILES, body=page())
    for percent in range(1, 20):
        observer.snapshot(PENDING, [an_instance(state="downloading", download_progress=percent)])
    assert wire.calls() == [FILES] * 5


def test_progress_in_words() -> None:
    progress = Progress()
    said = [
        progress.words(1, share, size, now_s)
        for share, size, now_s in [
            (None, None, 0.0),
            (1.0, None, 1.0),
            (2.0, None, 2.0),
            (4.0, 100 << 20, 4.0),
            (4.0, 100 << 20, 5.0),
            (4.0, 100 << 20, 184.0),
            (5.0, 100 << 20, 185.0),
        ]
    ]
    assert said == [
        "",
        " 1 %",
        " 2 %",
        " 4 % of 100 MiB, 1 MiB/s, 2 min left",
        " 4 % of 100 MiB, 1 MiB/s, 2 min left",
        " 4 % of 100 MiB, nothing new for 3 min",
        " 5 % of 100 MiB, 0 MiB/s, 287 min left",
    ]


def test_rows_come_and_go(wire: Wire, client: GpustackClient) -> None:
    wire.expect(WATCH, body=event(CREATED, an_instance()) + event(DELETED, an_instance()))
    seen = [len(rows) for rows in client.follow("/v2/model-instances", {"model_id": 7}, INSTANCE, 5.0)]
    assert seen == [1, 1, 0, 0]


def test_a_stream_that_breaks_off_is_an_error_and_one_that_falls_silent_ends(
    wire: Wire, client: GpustackClient
) -> None:
    def follow() -> t.List[t.Any]:
        return list(client.follow("/v2/model-instances", {"model_id": 7}, INSTANCE, 5.0))

    wire.expect(WATCH, error=httpx.ReadTimeout("quiet"))
    assert follow() == []
    wire.expect(WATCH, error=httpx.ReadError("reset"))
    with pytest.raises(Unavailable, match="GET http.*/v2/model-instances failed: reset"):
        follow()
    wire.expect(WATCH, body=b"no json\n")
    with pytest.raises(UnexpectedReply, match="without events"):
        follow()
