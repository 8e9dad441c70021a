# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many writers of one file, each a process: no route is lost and no reader sees half a file."""

from __future__ import annotations

import json
import multiprocessing
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

WRITERS, ROUTES = 8, 5


@dataclass(frozen=True)
class Form:
    """A kind of file: what it begins with, the options of a route, and how its names are read."""

    head: str
    file: str
    options: t.Callable[[str], dict[str, t.Any]]
    names: t.Callable[[str], list[str]]


def named(*keys: str, name: str) -> t.Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        found = yaml.safe_load(text)
        for key in keys:
            found = (found or {}).get(key)
        return [entry[name] for entry in found or []]

    return names


def listed(name: str) -> dict[str, t.Any]:
    return {"type": "openai_list", "list_path": "models", "entry": {"model": name}, "adopt": True}


YAML_HEAD = "# the team's file\nbefore: 1  # keep\n"
FORMS = {
    "litellm": Form(
        YAML_HEAD + "litellm_settings: {}\n",
        "router.yaml",
        lambda _name: {"type": "litellm"},
        named("model_list", name="model_name"),
    ),
    "modelscan": Form(
        YAML_HEAD,
        "router.yaml",
        lambda _name: {"type": "modelscan"},
        named("routing", "direct", "providers", name="name"),
    ),
    "YAML list": Form(YAML_HEAD, "router.yaml", listed, named("models", name="model")),
    "JSON list": Form(
        '{"before": 1',
        "router.json",
        listed,
        lambda text: [entry["model"] for entry in json.loads(text).get("models", [])],
    ),
    "text": Form(
        "# the team's file\n",
        "router.map",
        lambda name: {"type": "openai_list", "line_name": r"^(\S+) local", "line": name + " local"},
        lambda text: [line.split(" ")[0] for line in text.splitlines() if line.endswith(" local")],
    ),
}


def register(arguments: tuple[str, str, int, str]) -> list[bool]:
    """One writer: all its routes, one after the other."""
    form, path, writer, state = arguments
    params = {name: spec.get("default") for name, spec in CORE.argument_spec.items()}
    params.update(path=path, state=state, base_url="http://192.0.2.1/v1", probe=False)
    changes = []
    for number in range(ROUTES):
        name = "route-%d-%d" % (writer, number)
        task = Task({**params, **FORMS[form].options(name), "name": name})
        changes.append(CORE.run(task)["changed"])
    return changes


@pytest.mark.parametrize("form", FORMS)
def test_parallel_writers_lose_nothing(tmp_path: Path, form: str) -> None:
    head, names = FORMS[form].head, FORMS[form].names
    path = tmp_path / FORMS[form].file
    path.write_text(head + "}" if path.suffix == ".json" else head)
    wanted = sorted("route-%d-%d" % (writer, number) for writer in range(WRITERS) for number in range(ROUTES))

    with multiprocessing.get_context("fork").Pool(WRITERS) as pool:
        for state, expected in (("present", wanted), ("absent", [])):
            running = pool.map_async(
                register, [(form, str(path), writer, state) for writer in range(WRITERS)]
            )
            while not running.ready():
                seen = path.read_text()
                assert seen.startswith(head)
                names(seen)  # parses
                running.wait(0.01)
            assert all(all(changes) for changes in running.get())
            assert sorted(names(path.read_text())) == expected

    assert list(tmp_path.iterdir()) == [path]
