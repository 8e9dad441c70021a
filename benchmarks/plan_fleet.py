# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the planner takes, and how much memory, from one host to ten thousand.

    python benchmarks/plan_fleet.py [--profile]

Prints a line for each case: hosts, GPUs, shapes, best of three runs in seconds, and the memory that
the plan itself took at its peak. ``--profile`` adds the functions that the largest run spent its time in.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time
import tracemalloc
import typing as t
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / ".build"), str(ROOT)]

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.hardware.hosts import Host  # noqa: E402
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.plan import make_plan  # noqa: E402
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.policy import Policy  # noqa: E402
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.request import Request  # noqa: E402

from tests.unit.plan.builders import MIB, deepseek_r1, host, qwen3_32b, request  # noqa: E402

CARDS = ("H100", "H200", "A100", "L40S")
COUNTS = (2, 4, 8)
RUNS = 3


def fleet(hosts: int, shapes: int) -> t.List[Host]:
    """Hosts of twelve layouts; beyond twelve shapes, they differ in the memory that is in use."""
    found = []
    for number in range(hosts):
        shape = number % shapes
        card, count = CARDS[shape % 4], COUNTS[shape // 4 % 3]
        used = shape // 12 * 16 * MIB
        found.append(host(card, count, "gpu-%05d" % number, used=used))
    return found


def apart(hosts: t.Sequence[Host]) -> t.List[Host]:
    """Every host with a GPUStack server of its own."""
    return [replace(each, site="http://%s" % each.name) for each in hosts]


def measured(asked: Request) -> t.Tuple[float, float]:
    """(best of some runs in seconds, peak of memory in MiB)."""
    seconds = []
    for _run in range(RUNS):
        start = time.perf_counter()
        make_plan(asked)
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    make_plan(asked)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return min(seconds), peak / MIB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--profile", action="store_true")
    profiled = parser.parse_args().profile
    print("%8s %8s %8s %8s %10s %8s" % ("hosts", "GPUs", "shapes", "replicas", "seconds", "MiB"))
    asked = request(qwen3_32b(), [host("H100", 8)])
    for hosts, shapes, replicas in (
        (1, 1, 1),
        (100, 12, 10),
        (1000, 1000, 10),
        (10_000, 12, 1),
        (10_000, 12, 500),
    ):
        there = fleet(hosts, shapes)
        asked = request(qwen3_32b(), there, replace(Policy(), replicas=replicas))
        seconds, peak = measured(asked)
        gpus = sum(len(each.gpus) for each in there)
        print("%8d %8d %8d %8d %10.3f %8.1f" % (hosts, gpus, shapes, replicas, seconds, peak))
    small = [host("4090", 8, "gpu-%05d" % number) for number in range(10_000)]
    asked = request([deepseek_r1()], small, Policy(trust_remote_code=True))
    print("ten thousand hosts, each replica on five: %.3f seconds, %.1f MiB" % measured(asked))
    asked = request(qwen3_32b(), apart(fleet(10_000, 12)))
    print("ten thousand sites of one host: %.3f seconds, %.1f MiB" % measured(asked))
    if profiled:
        profile = cProfile.Profile()
        profile.runcall(make_plan, asked)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(18)
    return 0


if __name__ == "__main__":
    sys.exit(main())
