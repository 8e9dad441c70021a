# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the planner takes, and how much memory, from one host to ten thousand.

    python benchmarks/plan_fleet.py [--profile]

One JSON line for each case: hosts, GPUs, shapes, best of three runs in seconds, the seconds that as many
plans of one host would take, and the memory that the plan itself took at its peak. ``--profile`` adds the
functions that the largest run spent its time in.
"""

from __future__ import annotations

import argparse
import cProfile
import json
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


def cases() -> t.Iterator[t.Tuple[str, Request, bool]]:
    """What is planned, with its name, and whether one host of it is a plan as well; the last is the largest."""
    for hosts, shapes, replicas in (
        (1, 1, 1),
        (100, 12, 10),
        (1000, 1000, 10),
        (10_000, 12, 1),
        (10_000, 12, 500),
    ):
        name = "%d hosts of %d shapes, %d replicas" % (hosts, shapes, replicas)
        yield name, request(qwen3_32b(), fleet(hosts, shapes), replace(Policy(), replicas=replicas)), True
    small = [host("4090", 8, "gpu-%05d" % number) for number in range(10_000)]
    asked = request([deepseek_r1()], small, Policy(trust_remote_code=True))
    yield "10000 hosts, each replica on five", asked, False
    yield "10000 servers of one host", request(qwen3_32b(), apart(fleet(10_000, 12))), True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--profile", action="store_true")
    profiled = parser.parse_args().profile
    alone, _peak = measured(request(qwen3_32b(), fleet(1, 1)))
    for name, asked, divides in cases():
        seconds, peak = measured(asked)
        hosts = len(asked.hosts)
        print(
            json.dumps(
                {
                    "case": name,
                    "hosts": hosts,
                    "gpus": sum(len(each.gpus) for each in asked.hosts),
                    "seconds": round(seconds, 4),
                    "one_by_one_s": round(alone * hosts, 4) if divides else None,
                    "peak_mib": round(peak, 1),
                }
            )
        )
    if profiled:
        profile = cProfile.Profile()
        profile.runcall(make_plan, asked)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(18)
    return 0


if __name__ == "__main__":
    sys.exit(main())
