# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a search takes, in process and as a task beside ansible.builtin.debug.

    python benchmarks/catalog.py --catalogs DIR [--tasks N] [--against CHECKOUT]

DIR is as for tests/accuracy/resolve.py. Every load is measured in a process of its own: the first
with an empty cache, the others with what it has left there. ``--against`` loads with the code of
another checkout in turns with this one, which makes both see the same machine. ``--goals`` ends with 1
where the processor's time for a load, the best of all, is above 150 ms, or that of a search above 10 ms.
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
    root = Path(os.environ.get("CATALOG_CHECKOUT") or Path(__file__).resolve().parents[1])
    sys.path[:0] = [str(root / ".build"), str(root)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import Query

from tests.accuracy.resolve import open_library

ROOT = Path(__file__).resolve().parents[1]
QUERIES = (
    "qwen3 coder", "reasoning 32b apache", "code generation", "qwne3 codr", "deepseek-r1", "embedding",
    "claude", "gpt-oss 120b", "llama 70b instruct", "small vision model", "zzzzzz", "",
)  # fmt: skip
REPEATS = 15
LOADS = 9
LOAD_FIGURES = ("load_ms", "load_cpu_ms")
GOALS_MS = {"load_best_cpu_ms": 150.0, "search_best_cpu_ms": 10.0}
Figures = t.Dict[str, t.Any]


def in_process(folder: Path, cache: str) -> Figures:
    """Milliseconds of the first search, which loads and indexes everything, and of later ones."""
    with open_library(folder, cache) as library:
        start, used = time.perf_counter(), time.process_time()
        total = library.search(Query(limit=1)).total
        load, load_cpu = time.perf_counter() - start, time.process_time() - used
        times, best = [], []
        for text in QUERIES:
            used_by_each = []
            for _time in range(REPEATS):
                start, used = time.perf_counter(), time.process_time()
                library.search(Query(text))
                times.append(time.perf_counter() - start)
                used_by_each.append(time.process_time() - used)
            best.append(min(used_by_each))
    times.sort()
    return {
        "models": total,
        "load_ms": _ms(load),
        "load_cpu_ms": _ms(load_cpu),
        "search_median_ms": _ms(statistics.median(times)),
        "search_p95_ms": _ms(times[int(0.95 * len(times))]),
        "search_worst_ms": _ms(times[-1]),
        "search_best_cpu_ms": _ms(max(best)),
    }


def loads(folder: Path, checkouts: t.Sequence[Path]) -> t.List[Figures]:
    """Medians over fresh processes, the code of each checkout in turns.

    CPU time is what other programs on the machine change least.
    """
    with tempfile.TemporaryDirectory() as top:
        caches = [Path(top, str(number)) for number in range(len(checkouts))]
        turns = [
            [_load(folder, *pair) for pair in zip(checkouts, caches, strict=True)]
            for _turn in range(1 + LOADS)
        ]
    empty, runs = turns[0], turns[1:]
    found = []
    for number, first in enumerate(empty):
        figures = {name: statistics.median(run[number][name] for run in runs) for name in LOAD_FIGURES}
        figures["load_best_cpu_ms"] = min(run[number]["load_cpu_ms"] for run in runs)
        found.append({**figures, **{"empty_cache_%s" % name: first[name] for name in LOAD_FIGURES}})
    return found


def _load(folder: Path, checkout: Path, cache: Path) -> Figures:
    """One load in a process that has the collection from ``checkout``."""
    command = [sys.executable, __file__, "--catalogs", str(folder), "--once", str(cache)]
    environment = {**os.environ, "CATALOG_CHECKOUT": str(checkout)}
    return t.cast(Figures, json.loads(subprocess.check_output(command, text=True, env=environment)))


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


def _compared(folder: Path, other: t.Optional[Path]) -> Figures:
    """All figures of this checkout, and the loads of the other one with their ratio to ours."""
    with tempfile.TemporaryDirectory() as cache:
        found = in_process(folder, cache)
    figures = loads(folder, [ROOT, *([other.resolve()] if other else [])])
    found.update(figures[0])
    for theirs in figures[1:]:
        found["against"] = theirs
        found["ratio"] = {name: round(theirs[name] / figures[0][name], 2) for name in LOAD_FIGURES}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--catalogs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--tasks", type=int, default=10, help="tasks in a playbook; 0 measures none")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout, for its loads")
    parser.add_argument("--goals", action="store_true", help="end with 1 where a goal is missed")
    parser.add_argument("--once", metavar="CACHE", help="this process only, with this folder as its cache")
    options = parser.parse_args()
    if options.once:
        found = in_process(options.catalogs, options.once)
    else:
        found = _compared(options.catalogs, options.against)
        if options.tasks:
            found["task"] = as_task(options.catalogs, options.tasks)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    missed = [name for name, most in GOALS_MS.items() if found.get(name, 0.0) > most]
    if options.goals and missed:
        sys.exit("Above the goal: %s" % ", ".join(missed))


if __name__ == "__main__":
    main()
