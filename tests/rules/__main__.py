# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads releases of engines into data/engines, and makes the planner's tables of the data.

    python -m tests.rules read vllm 0.33.0         # also sglang, gpustack-runner; several releases at once
    python -m tests.rules read vllm 0.33.0 --wheels DIR
    python -m tests.rules write                    # make rules: the generated modules

A new release is the first and the last of these, and a diff of data/engines to review.
"""

from __future__ import annotations

import argparse
import sys
import time
import typing as t
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.rules import images, sglang, vllm
from tests.rules.facts import Facts
from tests.rules.history import ROOT, facts_of, history, load, ordered, store
from tests.rules.sources import Missing, release_of
from tests.rules.tables import counted, write

READERS = {"vllm": vllm.read, "sglang": sglang.read, "gpustack-runner": images.read}


def main(arguments: t.Optional[t.Sequence[str]] = None) -> int:
    """:return: 0, or 1 where some release could not be had."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    reading = commands.add_parser("read")
    reading.add_argument("engine", choices=list(READERS))
    reading.add_argument("releases", nargs="+")
    reading.add_argument("--wheels", type=Path, help="a folder with wheels that are there already")
    commands.add_parser("write")
    told = parser.parse_args(arguments)
    failed = [] if told.command == "write" else _read(told.engine, told.releases, told.wheels)
    for path in write():
        print("written: %s" % path.relative_to(ROOT))
    return 1 if failed else 0


def _read(engine: str, wanted: t.Sequence[str], wheels: t.Optional[Path]) -> t.List[str]:
    known, rows = load(engine)
    read = {} if engine == "gpustack-runner" else facts_of(rows, known)
    failed = []
    started = time.monotonic()
    with ProcessPoolExecutor(max_workers=2) as pool:
        jobs = [(release, pool.submit(_one, engine, release, wheels)) for release in wanted]
        for release, job in jobs:
            try:
                read[release] = job.result()
                print("%s %s: %d facts" % (engine, release, len(read[release])), flush=True)
            except Missing as exc:
                failed.append(release)
                print(exc, file=sys.stderr)
    store(engine, ordered(read), history(read))
    print("%d releases in %.0f s: %s" % (len(wanted), time.monotonic() - started, counted(history(read))))
    return failed


def _one(engine: str, release: str, wheels: t.Optional[Path]) -> Facts:
    return READERS[engine](release_of(engine, release, wheels))


if __name__ == "__main__":
    sys.exit(main())
