# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long router_register takes with a file that holds many entries of others.

    python -m benchmarks.router_files [--entries N]

One JSON line per kind of file: seconds of processor time to add a route, to find it as wanted, to
change it and to remove it, and to do no more than read the file and write it again with PyYAML, which
loses its comments, or as lines. Afterwards the file is byte for byte what it was.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import typing as t
from pathlib import Path

import yaml
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.router_register import CORE

NAME = "r1"
Options = t.Dict[str, t.Any]


class Kind(t.NamedTuple):
    """What a file holds: a head, one piece per entry; options of our route, and of its change."""

    head: str
    entry: str
    route: Options
    change: Options


def listed(weight: int) -> Options:
    return {"list_path": "models", "entry": {"model": NAME, "weight": weight}}


KINDS = {
    "litellm": Kind(
        "model_list:\n",
        "  - model_name: m{0}  # of the team\n    litellm_params:\n      model: openai/m{0}\n"
        "      api_base: http://192.0.2.1:80/v1\n    model_info: {{id: i{0}}}\n",
        {"type": "litellm", "weight": 1},
        {"weight": 2},
    ),
    "modelscan": Kind(
        "routing:\n  direct:\n    providers:\n",
        "      - name: m{0}  # of the team\n        type: local\n        base_url: http://192.0.2.1/v1\n",
        {"type": "modelscan"},
        {"model": "another"},
    ),
    "openai_list": Kind(
        "models:\n",
        "  - model: m{0}\n    weight: 1\n",
        {"type": "openai_list", **listed(1)},
        listed(2),
    ),
    "text": Kind(
        "# model backend\n",
        "m{0} blue\n",
        {"type": "openai_list", "line_name": r"^(\S+)", "line": f"{NAME} blue"},
        {"line": f"{NAME} green"},
    ),
}


def measure(kind: Kind, path: Path, entries: int) -> dict[str, float]:
    """Seconds of processor time for each step."""
    before = kind.head + "".join(kind.entry.format(number) for number in range(entries))
    path.write_text(before)
    defaults = {name: spec.get("default") for name, spec in CORE.argument_spec.items()}
    route = {**defaults, "path": str(path), "name": NAME, "base_url": "http://192.0.2.9/v1", "probe": False}
    route.update(kind.route)
    changed = {**route, **kind.change}
    seconds = {}
    for step, options in (
        ("add", route),
        ("same", route),
        ("change", changed),
        ("remove", {**changed, "state": "absent"}),
    ):
        started = time.process_time()
        result = CORE.run(Task(options))
        seconds[step] = round(time.process_time() - started, 2)
        assert result["changed"] == (step != "same")
    assert path.read_text() == before
    started = time.process_time()
    if "line" in kind.route:
        path.write_text("".join(path.read_text().splitlines(keepends=True)))
    else:
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text())))
    return {**seconds, "plain": round(time.process_time() - started, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--entries", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in KINDS.items():
            seconds = measure(kind, Path(folder) / "router.yaml", given.entries)
            print(json.dumps({"kind": name, "entries": given.entries, "cpu_s": seconds}))


if __name__ == "__main__":
    main()
