# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a search takes, in process and as a task beside ansible.builtin.debug.

    python benchmarks/catalog.py --catalogs DIR [--tasks N]

DIR is as for tests/accuracy/resolve.py. Every load is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(root / ".build"), str(root)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.types import Query

from tests.accuracy.resolve import open_library

ROOT = Path(__file__).resolve().parents[1]
QUERIES = (
    "qwen3 coder", "reasoning 32b apache", "code generation", "qwne3 codr", "deepseek-r1", "embedding",
    "claude", "gpt-oss 120b", "llama 70b instruct", "small vision model", "zzzzzz", "",
)  # fmt: skip
REPEATS = 15
LOADS = 7
Figures = t.Dict[str, t.Any]


def in_process(folder: Path) -> Figures:
    """Milliseconds of the first search, which loads and indexes everything, and of later ones."""
    with tempfile.TemporaryDirectory() as cache, open_library(folder, cache) as library:
        start, used = time.perf_counter(), time.process_time()
        total = library.search(Query(limit=1)).total
        load, load_cpu = time.perf_counter() - start, time.process_time() - used
        times = []
        for _time in range(REPEATS):
            for text in QUERIES:
                start = time.perf_counter()
                library.search(Query(text))
                times.append(time.perf_counter() - start)
    times.sort()
    return {
        "models": total,
        "load_ms": _ms(load),
        "load_cpu_ms": _ms(load_cpu),
        "search_median_ms": _ms(statistics.median(times)),
        "search_p95_ms": _ms(times[int(0.95 * len(times))]),
        "search_worst_ms": _ms(times[-1]),
    }


def loads(folder: Path) -> Figures:
    """Medians over fresh processes. CPU time is what other programs on the machine do not change."""
    command = [sys.executable, __file__, "--catalogs", str(folder), "--once"]
    runs = [json.loads(subprocess.check_output(command, text=True)) for _time in range(LOADS)]
    return {name: statistics.median(run[name] for run in runs) for name in ("load_ms", "load_cpu_ms")}


def as_task(folder: Path, count: int) -> Figures:
    """Milliseconds a task, from playbooks that differ in one module only."""
    search = {
        "modelscan.autoconfig.catalog_search": {
            "query": "code generation", "models_dev_url": str(folder), "limit": 5,
        }
    }  # fmt: skip
    none = _playbook([])
    return {
        "debug_ms": _ms((_playbook([{"ansible.builtin.debug": {"msg": "x"}}] * count) - none) / count),
        "catalog_search_ms": _ms((_playbook([search] * count) - none) / count),
        "tasks": count,
    }


def _playbook(tasks: t.Sequence[t.Mapping[str, t.Any]]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "play.json"
        path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}]))
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"), "ANSIBLE_HOME": folder}
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", str(path)]
        start = time.perf_counter()
        subprocess.run(
            [*command, "-c", "local"], env=environment, check=True, stdout=subprocess.DEVNULL
        )  # fmt: skip
        return time.perf_counter() - start


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--catalogs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--tasks", type=int, default=10, help="tasks in a playbook; 0 measures none")
    parser.add_argument("--once", action="store_true", help="one process only")
    options = parser.parse_args()
    found = in_process(options.catalogs)
    if not options.once:
        found.update(loads(options.catalogs))
        if options.tasks:
            found["task"] = as_task(options.catalogs, options.tasks)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
