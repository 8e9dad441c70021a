# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kill a playbook of gpustack_deployment at random points, run it again, and look for what is left.

    python -m benchmarks.gpustack_kills --rounds 20 --kills 10

Needs a running lab (``make lab-up``). Each round kills runs that want different definitions in turn,
each at a random moment, then runs the last one to its end. It prints one JSON object; the exit status
is 1 when a round did not end in exactly one deployment with instances of the stored definition only.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import typing as t
from pathlib import Path

import httpx

from benchmarks.player import Player
from tests.lab import client

Json = t.Dict[str, t.Any]
NAME = "killed"
DEFINITION: Json = {
    "name": NAME,
    "source": "huggingface",
    "repository": "Qwen/Qwen3-8B",
    "backend": "vLLM",
    "wait_timeout_s": 60,
    "drain_s": 0.5,
}
# Everything that a run may be in the middle of: creation, restart, one by one, another deployment, scaling, removal.
WISHES: t.Sequence[Json] = (
    {"backend_parameters": ["--max-model-len=8192"]},
    {"backend_parameters": ["--max-model-len=4096"]},
    {"backend_parameters": ["--max-model-len=2048"], "replicas": 2},
    {"backend_parameters": ["--max-model-len=8192"], "replicas": 2, "apply": "rolling"},
    {"backend_parameters": ["--max-model-len=4096"], "replicas": 1, "apply": "rolling"},
    {"backend_parameters": ["--max-model-len=2048"], "apply": "blue_green"},
    {"backend_parameters": ["--max-model-len=8192"], "apply": "blue_green"},
    {"env": {"A": "1"}, "backend_parameters": ["--max-model-len=4096"]},
    {"env": {"B": "2"}, "env_mode": "replace", "backend_parameters": ["--max-model-len=2048"]},
    {"state": "stopped"},
    {"state": "absent"},
)

# Before that, Ansible itself is still starting.
EARLIEST_S = 0.7
# Of a kill: a run that ends before its moment comes does not count.
MOST_TRIES = 5


def _task(wish: Json) -> Json:
    return dict(DEFINITION, **wish)


def left_over(server: httpx.Client, replicas: int) -> t.List[str]:
    """What is wrong with the server's state, read without the collection; empty when it converged."""
    models = _items(server, "/v2/models")
    instances = _items(server, "/v2/model-instances")
    routes = _items(server, "/v2/model-routes")
    names, led = [model["name"] for model in models], [row["name"] for row in routes]
    # After a switch, the deployment has a route of its own beside the public one.
    if len(models) != 1 or not names[0].startswith(NAME) or sorted(led) != sorted({NAME, *names}):
        return ["models %s, routes %s" % (names, led)]
    model = models[0]
    targets = {row["route_name"]: row["model_id"] for row in _items(server, "/v2/model-route-targets")}
    wrong = [] if targets == dict.fromkeys(led, model["id"]) else ["routes lead to %s" % targets]
    if model["replicas"] != replicas or len(instances) != replicas:
        wrong.append("%d instances of %s replicas" % (len(instances), model["replicas"]))
    for each in instances:
        made_from = _definition_at(server, model["id"], each["created_at"])
        for key in ("backend_parameters", "env"):
            if (made_from.get(key) or None) != (model.get(key) or None):
                wrong.append("%s runs %s %s" % (each["name"], key, made_from.get(key)))
        if each["state"] != "running" or each["model_id"] != model["id"]:
            wrong.append("%s is %s" % (each["name"], each["state"]))
    return wrong


def _definition_at(server: httpx.Client, model_id: int, moment: str) -> Json:
    path = "/v2/models/%d/revisions" % model_id
    rows = sorted(_items(server, path), key=lambda row: int(row["revision"]))
    before = [row for row in rows if row["created_at"] <= moment] or rows[:1]
    answer = server.get("%s/%d" % (path, before[-1]["revision"])).raise_for_status()
    return t.cast(Json, answer.json()["spec"])


def _items(server: httpx.Client, path: str) -> t.List[Json]:
    return t.cast("list[Json]", server.get(path, params={"perPage": 100}).raise_for_status().json()["items"])


def one_round(
    player: Player, server: httpx.Client, kills: int, longest_s: float, dice: random.Random
) -> Json:
    """Kills of running tasks, then a run to the end and another that must find nothing to do."""
    killed = tries = 0
    while killed < kills and tries < MOST_TRIES * kills:
        tries += 1
        killed += player.play_and_kill(_task(dice.choice(WISHES)), dice.uniform(EARLIEST_S, longest_s))
    last = dict(dice.choice(WISHES[:-2]))
    replicas = last.setdefault("replicas", 1)
    player.play(_task(last))
    wrong = left_over(server, replicas)
    if "changed=0" not in player.play(_task(last)):
        wrong.append("the run after it changed something again")
    return {"killed": killed, "wrong": wrong}


def kill_rounds(lab: client.Lab, rounds: int, kills: int, seed: int) -> Json:
    """So many rounds on an emptied lab: what was killed, and what was wrong after which of them."""
    dice = random.Random(seed)
    lab.clean()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, lab.server() as server:
        player = Player(lab, Path(folder))
        player.play(_task({}))
        longest_s = time.monotonic() - begin
        done = []
        for number in range(rounds):
            done.append(one_round(player, server, kills, longest_s, dice))
            sys.stderr.write("round %d: %s\n" % (number + 1, done[-1]))
            sys.stderr.flush()
    lab.clean()
    return {
        "rounds": len(done),
        "converged": sum(not row["wrong"] for row in done),
        "runs_killed": sum(row["killed"] for row in done),
        "killed_between_s": [EARLIEST_S, round(longest_s, 1)],
        "wall_s": round(time.monotonic() - begin),
        "wrong": [row["wrong"] for row in done if row["wrong"]],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lab = client.Lab.running()
    if lab is None:
        parser.error("no lab is running: make lab-up")
    summary = kill_rounds(lab, options.rounds, options.kills, options.seed)
    sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    return 0 if summary["converged"] == summary["rounds"] else 1


if __name__ == "__main__":
    sys.exit(main())
