# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's steps in order, with pretended servers and real files of routers: nothing is asked over a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan

from tests.unit.plan.builders import host, qwen3_32b, request
from tests.unit.plan.llama_cpp.repositories import gguf_variant

ROOT = Path(__file__).resolve().parents[2]
PRETENDED = (
    "gpu_facts", "gpustack_backend", "gpustack_deployment", "gpustack_deployment_info", "inference_probe", "model_plan",
)  # fmt: skip
ONE, TWO = "http://one.example.com", "http://two.example.com"
ROLE = "modelscan.autoconfig.model_deployment"
Json = t.Dict[str, t.Any]


class Fleet:
    """Two servers with a host each, and somebody who runs playbooks on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        collection = folder / "collections/ansible_collections/modelscan/autoconfig"
        (collection / "plugins" / "action").mkdir(parents=True)
        for path in [*ROOT.glob("*"), *(ROOT / "plugins").glob("*"), *(ROOT / "plugins/action").glob("*.py")]:
            place = collection / path.relative_to(ROOT)
            if not place.exists():
                place.symlink_to(path)
        for name in PRETENDED:
            place = collection / "plugins" / "action" / f"{name}.py"
            place.unlink(missing_ok=True)
            shutil.copy(Path(__file__).with_name("pretended_action.py"), place)
        hosts = {
            "gpu-1": {"model_deployment_gpustack_url": ONE},
            "gpu-2": {"model_deployment_gpustack_url": TWO},
        }
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": local}}))
        plan = make_plan(request(qwen3_32b(), [host("H200", 1)])).plans[0]
        self._write({"servers": {}, "calls": [], "fails": [], "breaks": [], "plan": plan})

    def _write(self, world: Json) -> None:
        (self.folder / "servers.json").write_text(json.dumps(world))

    @property
    def route(self) -> Json:
        """A file of a router for each server: it has one entry for a name."""
        return {"type": "modelscan", "path": str(self.folder / "router-{{ inventory_hostname }}.yaml")}

    @property
    def routers(self) -> t.Dict[str, str]:
        """The files of routers that are there, by their hosts."""
        found = self.folder.glob("router-*.yaml")
        return {path.stem.partition("-")[2]: path.read_text() for path in found}

    @property
    def world(self) -> Json:
        world: Json = json.loads((self.folder / "servers.json").read_text())
        return world

    def change(self, **what: t.Any) -> None:
        self._write({**self.world, **what})

    @property
    def servers(self) -> t.Dict[str, t.List[str]]:
        """By the URL of a server, the identities of the plans that run there."""
        return {
            url: sorted(each["plan_id"] for each in models.values())
            for url, models in self.world["servers"].items()
            if url
        }

    def play(self, playbook: str, *arguments: str, **variables: t.Any) -> Run:
        """One run of a playbook of the collection, or of a file in the folder."""
        self.change(calls=[])
        given = {"model_deployment_" + name: value for name, value in variables.items()}
        (self.folder / "variables.json").write_text(json.dumps(given))
        environment = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
        environment.update(
            ANSIBLE_COLLECTIONS_PATH=str(self.folder / "collections"),
            ANSIBLE_HOME=str(self.folder / "home"),
            ANSIBLE_NOCOLOR="1",
            PRETENDED_SERVERS=str(self.folder / "servers.json"),
        )
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.yml", playbook]
        done = subprocess.run(
            [*command, "-e", "@variables.json", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return Run(done.returncode, done.stdout + done.stderr, self.world["calls"])

    def play_role(self, steps: t.Sequence[Json], **variables: t.Any) -> Run:
        """A play on one host with these entry points, each with the variables of its own."""
        tasks = [
            {
                "name": step["tasks_from"],
                "ansible.builtin.include_role": {"name": ROLE, "tasks_from": step["tasks_from"]},
                "vars": {
                    "model_deployment_" + name: value for name, value in step.items() if name != "tasks_from"
                },
            }
            for step in steps
        ]
        play = {"name": "Steps", "hosts": "gpu-1", "gather_facts": False, "tasks": tasks}
        (self.folder / "steps.yml").write_text(yaml.safe_dump([play]))
        return self.play("steps.yml", **variables)


class Run(t.NamedTuple):
    status: int
    output: str
    calls: t.List[t.List[str]]

    @property
    def changed(self) -> int:
        return sum(map(int, re.findall(r"changed=(\d+)", self.output)))

    def of(self, action: str) -> t.List[t.List[str]]:
        return [call[1:] for call in self.calls if call[0] == action]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def several(fleet: Fleet, **of_app: t.Any) -> t.List[Json]:
    return [
        {"model": "x/chat", "name": "app", "after": ["embed"], "routers": [fleet.route], **of_app},
        {"model": "x/embed", "name": "embed", "verify_kind": "embedding"},
    ]


def test_several_models_come_in_their_order_and_go_back_together(fleet: Fleet) -> None:
    first = fleet.play("modelscan.autoconfig.deploy", models=several(fleet))
    assert first.status == 0, first.output
    assert [name for _url, name in first.of("gpustack_deployment")] == ["embed", "app"] * 2
    assert [name for _url, name in first.of("inference_probe")] == ["embed", "app"] * 2
    assert fleet.servers == {ONE: ["app-4096", "embed-4096"], TWO: ["app-4096", "embed-4096"]}
    files = fleet.routers
    assert sorted(files) == ["gpu-1", "gpu-2"]
    again = fleet.play("modelscan.autoconfig.deploy", models=several(fleet))
    assert (again.status, again.changed) == (0, 0), again.output

    fleet.change(fails=["app-8192"])
    failed = fleet.play("modelscan.autoconfig.deploy", models=several(fleet), context_tokens=8192)
    assert failed.status != 0
    assert f"{ONE}: restored (app: engine exited with code 1)" in failed.output
    assert f"{TWO}: not reached" in failed.output
    assert [name for url, name in failed.of("gpustack_deployment")] == ["embed", "app", "app", "embed"]
    assert fleet.servers == {ONE: ["app-4096", "embed-4096"], TWO: ["app-4096", "embed-4096"]}
    assert fleet.routers == files

    removed = fleet.play("modelscan.autoconfig.remove", models=several(fleet), hosts="all")
    assert removed.status == 0, removed.output
    assert (fleet.servers, fleet.routers) == ({ONE: [], TWO: []}, {})


def test_the_canary_goes_alone_is_watched_and_goes_back(fleet: Fleet) -> None:
    route = [fleet.route]
    asked = {"model": "x/chat", "name": "app", "routers": route, "serial": 5}
    watch = {"canary_site": "gpu-2", "soak_s": 60}
    fleet.change(breaks=["app"])
    failed = fleet.play("modelscan.autoconfig.deploy", **asked, **watch)
    assert failed.status != 0
    assert f"{TWO}: restored (The load does not keep its limits)" in failed.output
    assert f"{ONE}: not reached" in failed.output
    assert {url for url, _name in failed.of("gpustack_deployment")} == {TWO}
    assert (fleet.servers[TWO], fleet.routers) == ([], {})

    fleet.change(breaks=[])
    begun = fleet.play("modelscan.autoconfig.deploy", **asked, **watch, change_budget=1)
    assert begun.status == 0, begun.output
    assert f"{ONE}: not begun (this run may change 1, and 2 would change)" in begun.output
    assert fleet.servers == {ONE: [], TWO: ["app-4096"]}
    rest = fleet.play("modelscan.autoconfig.deploy", **asked, **watch, change_budget=1)
    assert rest.status == 0, rest.output
    assert [call for call in rest.calls if call[-1] == "load"] == [["inference_probe", "", "app", "load"]]
    assert fleet.servers == {ONE: ["app-4096"], TWO: ["app-4096"]}
    over = fleet.play("modelscan.autoconfig.deploy", **asked, **watch, pause_file=str(fleet.folder))
    assert (over.status, over.changed, [call for call in over.calls if call[-1] == "load"]) == (0, 0, [])


def test_entry_points_stand_alone(fleet: Fleet) -> None:
    route = [fleet.route]
    asked: Json = {"model": "x/chat", "name": "app", "routers": route}
    deployed = fleet.play_role([{"tasks_from": "deploy"}], **asked)
    assert deployed.status == 0, deployed.output
    assert (fleet.servers[ONE], fleet.routers, deployed.of("inference_probe")) == (
        ["app-4096"],
        {},
        [],
    )
    proved = fleet.play_role(
        [{"tasks_from": "verify"}, {"tasks_from": "register"}], name="app", routers=route
    )
    assert (proved.status, proved.of("inference_probe")) == (0, [["", "app"]]), proved.output
    assert "name: app" in fleet.routers["gpu-1"]

    steps: t.List[Json] = [
        {"tasks_from": "deploy", "context_tokens": 8192}, {"tasks_from": "verify"}, {"tasks_from": "rollback"},
    ]  # fmt: skip
    back = fleet.play_role(steps, **asked)
    assert back.status == 0, back.output
    assert fleet.servers[ONE] == ["app-4096"]
    assert len(back.of("gpustack_deployment")) == 2

    other = {"tasks_from": "remove", "name": "other"}
    kept = fleet.play_role([{"tasks_from": "deploy", "name": "app"}, other], model="x/chat", routers=[])
    assert kept.status == 0, kept.output
    assert fleet.servers[ONE] == ["app-4096"]
    out = fleet.play_role([{"tasks_from": "unregister"}], name="app", routers=route)
    assert (out.status, fleet.routers) == (0, {}), out.output


def test_an_engine_that_gpustack_does_not_bring_comes_first_and_stays(fleet: Fleet) -> None:
    plan = make_plan(request([gguf_variant("Qwen3 8B", ("Q8_0",))], [host("L40S")])).plans[0]
    wanted = {**plan["backend_definition"], "versions_mode": "add"}
    del wanted["name"], wanted["description"]
    fleet.change(plan=plan, barred=[TWO])
    asked: Json = {"model": "hf.co/x/chat-GGUF:Q8_0", "name": "app"}
    foreseen = fleet.play("modelscan.autoconfig.deploy", "--check", **asked)
    assert (foreseen.status, foreseen.calls) == (0, []), foreseen.output
    refused = fleet.play("modelscan.autoconfig.deploy", **asked)
    assert refused.status != 0
    words = " ".join(refused.output.split())
    assert (
        "ansible-playbook modelscan.autoconfig.backend -e model_deployment_model=hf.co/x/chat-GGUF:Q8_0"
        in words
    )
    assert fleet.servers == {ONE: ["app-4096"], TWO: []}
    assert fleet.world["backends"][ONE] == {"llama-cpp-custom": wanted}

    fleet.change(barred=[])
    made = fleet.play("modelscan.autoconfig.backend", **asked)
    assert (made.status, made.of("gpustack_deployment")) == (0, []), made.output
    fleet.change(barred=[TWO])
    deployed = fleet.play("modelscan.autoconfig.deploy", **asked)
    assert deployed.status == 0, deployed.output
    assert fleet.servers == {ONE: ["app-4096"], TWO: ["app-4096"]}
    again = fleet.play("modelscan.autoconfig.deploy", **asked)
    assert (again.status, again.changed) == (0, 0), again.output
    removed = fleet.play("modelscan.autoconfig.remove", name="app", hosts="all")
    assert removed.status == 0, removed.output
    assert sorted(fleet.world["backends"][TWO]) == ["llama-cpp-custom"]


@pytest.mark.parametrize(("tag", "planned"), [("facts", 0), ("plan", 1)])
def test_tags_end_the_role_early(tag: str, planned: int, fleet: Fleet) -> None:
    play = {"name": "All", "hosts": "gpu-1", "gather_facts": False, "roles": [ROLE]}
    (fleet.folder / "all.yml").write_text(yaml.safe_dump([play]))
    run = fleet.play("all.yml", "--tags", tag, model="x/chat", name="app")
    assert (run.status, len(run.of("model_plan")), run.of("gpustack_deployment")) == (0, planned, []), (
        run.output
    )
