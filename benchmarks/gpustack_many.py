# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deployments in one task against a plain script of API calls: seconds and requests.

    python -m benchmarks.gpustack_many --count 200

Needs a running lab (``make lab-up``). Deployments have 0 replicas, so that the pretended GPUs do not
limit their number. Each step is done by ansible-playbook and by the script, in turn, several times;
the medians are printed as one JSON object. The playbook's seconds include the start of Ansible, which
a task with one deployment that is absent already shows by itself.
"""

from __future__ import annotations

import argparse
import json
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


def measured(lab: client.Lab, play: t.Callable[[], t.Any]) -> t.Tuple[float, int]:
    """Seconds and requests of one call."""
    mark, begin = lab.mark(), time.monotonic()
    play()
    seconds = time.monotonic() - begin
    return seconds, len([row for row in lab.requests_since(mark) if row["path"].startswith("/v2/")])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    lab = client.Lab.running()
    if lab is None:
        parser.error("no lab is running: make lab-up")
    lab.clean("many-")
    rows: t.Dict[str, t.Dict[str, t.List[t.Tuple[float, int]]]] = {}
    starts: t.List[float] = []
    with tempfile.TemporaryDirectory() as folder:
        player, script = Player(lab, Path(folder)), Script(lab)
        ways: t.Dict[str, t.Callable[[t.List[Json]], t.Any]] = {
            "script": script.play,
            "playbook": lambda items: player.play({"deployments": items}),
        }
        for _round in range(options.repeat):
            starts.append(measured(lab, lambda: player.play({"name": "many-none", "state": "absent"}))[0])
            for way, play in ways.items():
                for step in STEPS:
                    items = items_of(options.count, step)
                    result = measured(lab, lambda: play(items))  # noqa: B023
                    rows.setdefault(step, {}).setdefault(way, []).append(result)
    summary = {
        step: {
            way: {
                "seconds": round(statistics.median(seconds for seconds, _requests in results), 2),
                "requests": round(statistics.median(requests for _seconds, requests in results)),
            }
            for way, results in by_way.items()
        }
        for step, by_way in rows.items()
    }
    start_s = round(statistics.median(starts), 2)
    about = {"deployments": options.count, "medians_of": options.repeat, "ansible_starts_in_s": start_s}
    sys.stdout.write(json.dumps({**about, **summary}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
