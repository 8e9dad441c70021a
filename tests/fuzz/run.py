# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Feeds mutated input to every reader: ``python -m tests.fuzz.run [--mutations N] [--first N] [READER...]``.

A reader may give a value, leave things out, or refuse. Anything else is a defect, and so is more than 2 s of
processor time or 300 MB of memory. Defects are written to ``--keep`` (``.build/fuzz``), one file each, called so
that ``replay.py`` finds their reader; what was mended belongs into ``tests/fuzz/corpus``.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
import traceback
import typing as t
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.mutate import mutated
from tests.fuzz.readers import READERS, outcome_of

CPU_S = 2.0
RSS_MB = 300.0


class Defect(t.NamedTuple):
    """An input that a reader does not bear."""

    reader: str
    what: str
    case: bytes


def fuzz(name: str, first: int, count: int) -> t.Tuple[t.Dict[str, int], t.List[Defect]]:
    """How often each outcome came, and the defects, each kind once."""
    outcomes: t.Dict[str, int] = {}
    defects: t.Dict[str, Defect] = {}
    own = seeds.of(name)
    for number in range(first, first + count):
        case = mutated(own[number % len(own)], number)
        began = time.process_time()
        try:
            outcome = outcome_of(READERS[name], case)[0]
        except Exception as exc:  # whatever it is, it is what is looked for
            outcome, place = "traceback", traceback.extract_tb(exc.__traceback__)[-1]
            what = "%s %s:%d" % (type(exc).__name__, Path(place.filename).name, place.lineno or 0)
            defects.setdefault(what, Defect(name, what, case))
        if time.process_time() - began > CPU_S:
            defects.setdefault("slow", Defect(name, "slow", case))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes, list(defects.values())


def main(arguments: t.Sequence[str]) -> int:
    """0 without defects."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(".build/fuzz"))
    parser.add_argument("readers", nargs="*", default=sorted(seeds.NAMES))
    given = parser.parse_args(arguments)
    failed = False
    for name in given.readers:
        began = time.process_time()
        outcomes, defects = fuzz(name, given.first, given.mutations)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        line = {"reader": name, "outcomes": outcomes, "cpu_s": round(time.process_time() - began, 1)}
        sys.stdout.write(
            json.dumps(dict(line, peak_mb=round(peak_mb), defects=[each.what for each in defects])) + "\n"
        )
        sys.stdout.flush()
        for place, defect in enumerate(defects):
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / ("%s-%d" % (name, place))).write_bytes(defect.case)
        failed = failed or bool(defects) or peak_mb > RSS_MB
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
