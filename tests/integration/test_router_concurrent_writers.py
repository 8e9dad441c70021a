# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many writers of one file, each a process: no route is lost and no reader sees half a file."""

from __future__ import annotations

import multiprocessing
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

WRITERS, ROUTES = 8, 5
HEAD = "# the team's file\nbefore: 1  # keep\n"


def register(arguments: tuple[str, str, int, str]) -> list[bool]:
    """One writer: all its routes, one after the other."""
    kind, path, writer, state = arguments
    params = {name: spec.get("default") for name, spec in CORE.argument_spec.items()}
    params.update(type=kind, path=path, state=state, base_url="http://192.0.2.1/v1", probe=False)
    return [CORE.run(Task({**params, **route(kind, writer, number)}))["changed"] for number in range(ROUTES)]


def route(kind: str, writer: int, number: int) -> dict[str, str]:
    name = "route-%d-%d" % (writer, number)
    text = {"line_name": r"^(\S+) local", "line": name + " local"} if kind == "openai_list" else {}
    return {"name": name, **text}


def names(text: str, keys: t.Sequence[str], name: str) -> list[str]:
    if not keys:
        return [line.split(" ")[0] for line in text.splitlines() if line.endswith(" local")]
    found = yaml.safe_load(text)
    for key in keys:
        found = (found or {}).get(key)
    return [entry[name] for entry in found or []]


@pytest.mark.parametrize(
    ("kind", "keys", "name"),
    [
        ("litellm", ["model_list"], "model_name"),
        ("modelscan", ["routing", "direct", "providers"], "name"),
        ("openai_list", [], ""),
    ],
)
def test_parallel_writers_lose_nothing(tmp_path: Path, kind: str, keys: list[str], name: str) -> None:
    path = tmp_path / "router.yaml"
    path.write_text(HEAD)
    wanted = sorted("route-%d-%d" % (writer, number) for writer in range(WRITERS) for number in range(ROUTES))

    with multiprocessing.get_context("fork").Pool(WRITERS) as pool:
        for state, expected in (("present", wanted), ("absent", [])):
            running = pool.map_async(
                register, [(kind, str(path), writer, state) for writer in range(WRITERS)]
            )
            while not running.ready():
                seen = path.read_text()
                assert seen.startswith(HEAD)
                names(seen, keys, name)  # parses
                running.wait(0.01)
            assert all(all(changes) for changes in running.get())
            assert sorted(names(path.read_text(), keys, name)) == expected

    assert list(tmp_path.iterdir()) == [path]
