# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deployments in one task against a plain script of API calls: seconds, seconds of the processor, requests.

    python -m benchmarks.gpustack_many --count 1 50 200

Needs a running lab (``make lab-up``). Deployments have 0 replicas, so that the pretended GPUs do not
limit their number. Each step is done by ansible-playbook and by the script, in turn, several times;
the medians are printed as one JSON object for each count. The playbook's seconds include the start of
Ansible, which a task with one deployment that is absent already shows by itself. The processor's are of
the client alone, without the server.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import httpx

from benchmarks.player import Player
from tests.lab import client

Json = t.Dict[str, t.Any]
STEPS = ("create", "unchanged", "describe", "remove")


def items_of(count: int, step: str) -> t.List[Json]:
    """The deployments as the module's option takes them."""
    state = "absent" if step == "remove" else "present"
    text = "second" if step == "describe" else "first"
    return [
        {
            "name": "many-%03d" % number,
            "state": state,
            "source": "huggingface",
            "repository": "Qwen/Qwen3-0.6B",
            "backend": "vLLM",
            "backend_parameters": ["--max-model-len=8192"],
            "replicas": 0,
            "description": text,
        }
        for number in range(count)
    ]


class Script:
    """What one would write by hand: one list, one comparison, one call for each difference."""

    def __init__(self, lab: client.Lab) -> None:
        gpustack = lab.state["gpustack"]
        headers = {"Authorization": "Bearer %s" % gpustack["api_key"]}
        self._api = httpx.Client(base_url=gpustack["url"], headers=headers, timeout=60, trust_env=False)

    def play(self, items: t.Sequence[Json]) -> None:
        found = {}
        for page in range(1, 1000):
            body = self._call("GET", "/v2/models", params={"page": page, "perPage": 100})
            found.update({row["name"]: row for row in body["items"]})
            if page >= body["pagination"]["totalPage"]:
                break
        for item in items:
            row = found.get(item["name"])
            body = {key: value for key, value in item.items() if key not in ("state", "repository")}
            body["huggingface_repo_id"] = item["repository"]
            if item["state"] == "absent":
                if row:
                    self._call("DELETE", "/v2/models/%d" % row["id"])
            elif row is None:
                self._call("POST", "/v2/models", json=dict(body, cluster_id=1, enable_model_route=True))
            elif any(row[key] != value for key, value in body.items()):
                self._call("PUT", "/v2/models/%d" % row["id"], json=body)

    def _call(self, method: str, path: str, **more: t.Any) -> t.Any:
        answer = self._api.request(method, path, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _processor_s() -> float:
    """Of this process and of those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Measured(t.NamedTuple):
    """One call."""

    seconds: float
    processor_s: float
    requests: int


def measured(lab: client.Lab, play: t.Callable[[], t.Any]) -> Measured:
    mark, begin, used = lab.mark(), time.monotonic(), _processor_s()
    play()
    seconds, used = time.monotonic() - begin, _processor_s() - used
    return Measured(
        seconds, used, len([row for row in lab.requests_since(mark) if row["path"].startswith("/v2/")])
    )


def _medians(results: t.Sequence[Measured]) -> Json:
    return {
        "seconds": round(statistics.median(each.seconds for each in results), 2),
        "processor_s": round(statistics.median(each.processor_s for each in results), 2),
        "requests": round(statistics.median(each.requests for each in results)),
    }


def compared(lab: client.Lab, count: int, repeat: int) -> Json:
    """The medians by step and way, for so many deployments."""
    lab.clean("many-")
    rows: t.Dict[str, t.Dict[str, t.List[Measured]]] = {}
    starts: t.List[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        player, script = Player(lab, Path(folder)), Script(lab)
        ways: t.Dict[str, t.Callable[[t.List[Json]], t.Any]] = {
            "script": script.play,
            "playbook": lambda items: player.play({"deployments": items}),
        }
        for _round in range(repeat):
            starts.append(measured(lab, lambda: player.play({"name": "many-none", "state": "absent"})))
            for way, play in ways.items():
                for step in STEPS:
                    items = items_of(count, step)
                    result = measured(lab, lambda: play(items))  # noqa: B023
                    rows.setdefault(step, {}).setdefault(way, []).append(result)
    summary = {
        step: {way: _medians(results) for way, results in by_way.items()} for step, by_way in rows.items()
    }
    return {"deployments": count, "medians_of": repeat, "ansible_starts": _medians(starts), **summary}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, nargs="+", default=[200])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    lab = client.Lab.running()
    if lab is None:
        parser.error("no lab is running: make lab-up")
    for count in options.count:
        sys.stdout.write(json.dumps(compared(lab, count, options.repeat)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
