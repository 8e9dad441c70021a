# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All benchmarks, one after the other, each beside something plain.

    python -m benchmarks.suite [NAME ...]

Figures are kept in docs/site/benchmarks.json, from which ``python -m benchmarks.page`` makes a page; those
of benchmarks that are not named stay. What needs data or servers that are not there is left out and said.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from tests.accuracy.score import CONFIGS, SHARED
from tests.lab import client

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "site" / "benchmarks.json"
CATALOGS = Path(os.environ.get("AUTOCONFIG_CATALOGS", SHARED / "data" / "catalogs"))
SCORER = SHARED / "tools" / "score_planner.py"
Json = t.Dict[str, t.Any]


class Row(t.NamedTuple):
    """One comparison. ``plain`` is the figure of what stands beside, None where there is nothing."""

    what: str
    unit: str
    ours: float
    plain: t.Optional[float] = None


class Benchmark(t.NamedTuple):
    """A program of its own, and how its output is read. ``needs`` has to exist."""

    name: str
    title: str
    plain: str
    command: t.Sequence[str]
    read: t.Callable[[str], t.List[Row]]
    needs: t.Sequence[Path] = ()
    lab: bool = False
    more_is_better: bool = False


def _lines(text: str) -> t.List[Json]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def facts_rows(text: str) -> t.List[Row]:
    return [
        Row("%s, %s, beside %s" % (line["kind"], _OF[line["of"]], task), "s", took["gpu_facts"], took[task])
        for line in _lines(text)
        for took in [line["seconds"]]
        for task in ("ping", "setup")
    ]


_OF = {"wall": "by the clock", "cpu": "of processors"}


def catalog_rows(text: str) -> t.List[Row]:
    found = json.loads(text)
    rows = [
        Row("the first search: load and index", "ms", found["load_ms"]),
        Row("a later search, median", "ms", found["search_median_ms"]),
        Row("a later search, worst", "ms", found["search_worst_ms"]),
    ]
    task = found.get("task")
    return [*rows, *([Row("a task", "ms", task["catalog_search_ms"], task["debug_ms"])] if task else [])]


def fleet_rows(text: str) -> t.List[Row]:
    return [Row(line["case"], "s", line["seconds"], line["one_by_one_s"]) for line in _lines(text)]


def playbook_rows(text: str) -> t.List[Row]:
    return [Row("%(tasks)d tasks" % line, "s", line["plan_s"], line["empty_s"]) for line in _lines(text)]


def router_rows(text: str) -> t.List[Row]:
    return [
        Row("%s: %s" % (line["kind"], step), "s", line["cpu_s"][step], line["cpu_s"]["plain"])
        for line in _lines(text)
        for step in ("add", "same", "change", "remove")
    ]


def clock_rows(text: str) -> t.List[Row]:
    return [
        Row("%s, %d at once" % (name, line["concurrency"]), "ms", line[key]["probe"], line[key]["engine"])
        for line in _lines(text)
        for name, key in (("first token", "first_token_ms"), ("between tokens", "inter_token_ms"))
    ]


def many_rows(text: str) -> t.List[Row]:
    found = json.loads(text)
    return [
        Row("%s: %s" % (step, figure), unit, took["playbook"][figure], took["script"][figure])
        for step in ("create", "unchanged", "describe", "remove")
        for took in [found[step]]
        for figure, unit in (("seconds", "s"), ("requests", ""))
    ]


def peer_rows(text: str) -> t.List[Row]:
    scores = dict(re.findall(r"^(this planner|llm-cal|hf-mem|GPUStack) .* ([\d.]+)$", text, re.MULTILINE))
    ours = float(scores.pop("this planner"))
    return [
        Row("balanced accuracy, beside %s" % name, "", ours, float(each)) for name, each in scores.items()
    ]


BENCHMARKS = (
    Benchmark(
        "facts",
        "gpu_facts on 50 hosts",
        "ansible.builtin.ping and setup on the same hosts",
        ("-m", "benchmarks.gpu_facts_vs_ping"),
        facts_rows,
    ),
    Benchmark(
        "catalog",
        "Catalogs: loading, searching, a task",
        "a task of ansible.builtin.debug",
        ("benchmarks/catalog.py", "--catalogs", str(CATALOGS)),
        catalog_rows,
        needs=(CATALOGS,),
    ),
    Benchmark(
        "plan",
        "Plans, up to ten thousand hosts",
        "as many plans of one host",
        ("benchmarks/plan_fleet.py",),
        fleet_rows,
    ),
    Benchmark(
        "playbook",
        "The plan playbook as a whole",
        "a play of as many tasks that do nothing",
        ("-m", "benchmarks.playbook_against_empty"),
        playbook_rows,
    ),
    Benchmark(
        "routers",
        "Edits of a router's file of 10000 entries",
        "reading the file and writing it again with PyYAML, or as lines",
        ("-m", "benchmarks.router_files"),
        router_rows,
    ),
    Benchmark(
        "probe",
        "What inference_probe measures",
        "when the engine sent each token, by its own clock",
        ("-m", "benchmarks.probe_clock"),
        clock_rows,
    ),
    Benchmark(
        "deployments",
        "200 deployments in one task",
        "a script of plain API calls",
        ("-m", "benchmarks.gpustack_many", "--count", "200"),
        many_rows,
        lab=True,
    ),
    Benchmark(
        "accuracy",
        "What fits, on measured facts",
        "other tools on the same questions; the planner was fitted on a part of these facts",
        ("tests/accuracy/peers.py", "--scorer", str(SCORER), "--configs", str(CONFIGS)),
        peer_rows,
        needs=(SCORER, CONFIGS),
        more_is_better=True,
    ),
)


def measured(benchmark: Benchmark) -> Json:
    """Run it and read its figures. Raises CalledProcessError where it fails."""
    _say("%s: %s" % (benchmark.name, benchmark.title))
    output = subprocess.check_output([sys.executable, *benchmark.command], cwd=ROOT, text=True)
    return {
        "name": benchmark.name,
        "title": benchmark.title,
        "plain": benchmark.plain,
        "more_is_better": benchmark.more_is_better,
        "machine": "%d processors, Python %s" % (os.cpu_count() or 0, platform.python_version()),
        "day": time.strftime("%Y-%m-%d"),
        "rows": [row._asdict() for row in benchmark.read(output)],
    }


def with_lab(benchmark: Benchmark) -> Json:
    """The same in a lab: the one that runs, else one that is started and stopped."""
    if client.Lab.running() is not None:
        return measured(benchmark)
    subprocess.run([sys.executable, "-m", "tests.lab", "up"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    try:
        return measured(benchmark)
    finally:
        subprocess.run([sys.executable, "-m", "tests.lab", "down"], cwd=ROOT, check=True)


def collect(benchmarks: t.Sequence[Benchmark], path: Path) -> t.List[str]:
    """Write the figures of each as soon as they are there; the names of those that failed."""
    failed = []
    for benchmark in benchmarks:
        missing = [each for each in benchmark.needs if not each.exists()]
        if missing:
            _say("%s is left out: there is no %s" % (benchmark.name, missing[0]))
            continue
        try:
            keep(with_lab(benchmark) if benchmark.lab else measured(benchmark), path)
        except subprocess.CalledProcessError as exc:
            _say("%s failed: %s" % (benchmark.name, exc))
            failed.append(benchmark.name)
    return failed


def keep(result: Json, path: Path) -> None:
    """Put a result in the place of its former figures, in the order of BENCHMARKS."""
    results = {each["name"]: each for each in json.loads(path.read_text())} if path.exists() else {}
    results[result["name"]] = result
    order = [each.name for each in BENCHMARKS if each.name in results]
    path.write_text(json.dumps([results[name] for name in order], indent=1) + "\n", encoding="utf-8")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(each.name for each in BENCHMARKS))
    names = parser.parse_args().names
    unknown = set(names) - {each.name for each in BENCHMARKS}
    if unknown:
        parser.error("there is no benchmark %s" % ", ".join(sorted(unknown)))
    failed = collect([each for each in BENCHMARKS if not names or each.name in names], RESULTS)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
