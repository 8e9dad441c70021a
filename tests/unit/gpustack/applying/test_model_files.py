# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Model files: which workers, what is sent, and how a download is watched."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    DeploymentFailed,
    InvalidInput,
    NotFound,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.client import GpustackClient
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.api.server_view import View
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.model_files import (
    FileCache,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.applying.wait import Waiter
from ansible_collections.modelscan.autoconfig.plugins.module_utils._gpustack.definition.wanted import (
    wanted_of,
)

from tests.unit.gpustack.conftest import Json, a_plan, a_worker, listed, page, parameters
from tests.unit.wire import Wire

WORKERS, FILES = listed("/v2/workers"), listed("/v2/model-files")
SOURCE = {"source": "huggingface", "huggingface_repo_id": "Qwen/Qwen3-8B", "huggingface_filename": None}


def a_file(**changes: t.Any) -> Json:
    row: Json = dict(SOURCE, id=3, worker_id=1, state="ready", download_progress=100.0, size=1 << 30)
    row["resolved_paths"] = ["/models/q"]
    return dict(row, **changes)


class Run:
    def __init__(self, wire: Wire, client: GpustackClient) -> None:
        self._wire, self._client = wire, client
        self.lines: t.List[str] = []

    def __call__(self, check_mode: bool = False, **options: t.Any) -> Json:
        given = dict({"name": "m", "source": "huggingface", "repository": "Qwen/Qwen3-8B"}, **options)
        waiter = Waiter(self._client, self._wire.clock, 60.0, self.lines.append)
        wanted = wanted_of(parameters(**dict({"state": "cached"}, **given)))
        return FileCache(View(self._client), wanted, check_mode, waiter).run()

    def finds(self, *files: Json, workers: t.Sequence[Json] = (a_worker(),)) -> None:
        self._wire.expect(WORKERS, body=page(*workers))
        self._wire.expect(FILES, body=page(*files))


@pytest.fixture
def run(wire: Wire, client: GpustackClient) -> Run:
    return Run(wire, client)


def test_what_is_there_is_left_alone(run: Run) -> None:
    run.finds(a_file())
    result = run()
    assert (result["changed"], result["actions"]) == (False, [])
    assert result["files"][0]["paths"] == ["/models/q"]


def test_what_is_missing_is_downloaded_with_its_progress(run: Run, wire: Wire) -> None:
    run.finds(a_file(huggingface_repo_id="another/repository"))
    half = a_file(state="downloading", size=4 << 30)
    wire.expect("POST /v2/model-files", body=a_file(state="downloading", download_progress=0.0))
    wire.expect(FILES, body=page(dict(half, download_progress=25.0)))
    wire.expect(FILES, body=page(dict(half, download_progress=50.0)))
    wire.expect(FILES, body=page(a_file()))
    wire.expect(FILES, body=page(a_file()))
    result = run()
    assert result["actions"] == ["cached"]
    assert result["waited_s"] == 1.2
    assert run.lines == result["waiting"]
    assert run.lines == [
        "w1 downloading 25 % of 4096 MiB",
        "w1 downloading 50 % of 4096 MiB, 2048 MiB/s, 1 s left",
    ]
    body = json.loads(next(request for request in wire.seen if request.method == "POST").content)
    assert body == dict(SOURCE, worker_id=1)


def test_check_mode_says_the_same_and_sends_nothing(run: Run, wire: Wire) -> None:
    run.finds()
    predicted = run(check_mode=True)
    assert predicted["diff"]["after"] == {"files": {"w1": "download"}}
    assert wire.calls() == [WORKERS, FILES]


def test_a_download_that_failed_is_started_again(run: Run, wire: Wire) -> None:
    run.finds(a_file(state="error"))
    wire.expect("POST /v2/model-files/3/reset", body=a_file(state="downloading"))
    wire.expect(FILES, body=page(a_file(state="error", state_message="[Errno 28] No space left on device")))
    with pytest.raises(DeploymentFailed, match="on w1 failed: .*No space left") as caught:
        run()
    assert "disk space" in str(caught.value.hint)
    assert caught.value.changed


def test_somebody_else_who_starts_the_same_download_is_no_trouble(run: Run, wire: Wire) -> None:
    run.finds()
    wire.expect("POST /v2/model-files", status=409, body={"message": "already exists on the worker"})
    for _look in range(3):
        wire.expect(FILES, body=page(a_file()))
    assert run()["files"][0]["state"] == "ready"


def test_removal(run: Run, wire: Wire) -> None:
    run.finds(a_file())
    wire.expect("DELETE /v2/model-files/3?cleanup=true")
    wire.expect(FILES, body=page())
    result = run(state="uncached")
    assert (result["actions"], result["files"]) == (["uncached"], [])


def test_files_in_use_are_not_removed(run: Run, wire: Wire) -> None:
    run.finds(a_file())
    said = "Cannot delete the model file. It's being used by model instances: m-abcde."
    wire.expect("DELETE /v2/model-files/3?cleanup=true", status=409, body={"message": said})
    with pytest.raises(Conflict, match="used by model instances: m-abcde") as caught:
        run(state="uncached")
    assert not caught.value.changed


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, ["w1", "w2"]),
        ({"worker_selector": {"zone": "b"}}, ["w2"]),
        ({"gpu_ids": ["w1:cuda:0"]}, ["w1"]),
        ({"plan": a_plan()}, ["w1"]),
        ({"plan": a_plan(), "placement": "auto"}, ["w1", "w2"]),
    ],
)
def test_the_workers_that_it_may_run_on(options: Json, chosen: t.List[str], run: Run) -> None:
    second = a_worker("w2", id=2, labels={"zone": "b"})
    third = a_worker("w3", id=3, state="unreachable")
    run.finds(workers=[a_worker(), second, third])
    assert sorted(run(check_mode=True, **options)["diff"]["after"]["files"]) == chosen


def test_without_such_a_worker(run: Run, wire: Wire) -> None:
    wire.expect(WORKERS, body=page(a_worker()))
    with pytest.raises(NotFound, match=r"No ready worker fits .*w1 \(ready\)"):
        run(worker_selector={"zone": "nowhere"})


def test_a_path_is_no_download(run: Run) -> None:
    with pytest.raises(InvalidInput, match="nothing to download"):
        run(source="local_path", repository="/models/q")
