# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives files to the readers that their names begin with: ``python tests/fuzz/replay.py FILE...``.

Prints one JSON line for each: ``{"file", "reader", "outcome", "message", "cpu_s", "rss_mb"}``. The outcome is
``value``, ``left_out`` (some of it, with a warning), ``refused`` (with a message), or ``traceback``, which is a
defect. Each file is read in a process of its own, so that its time and memory are its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
TRACEBACK = "traceback"


def main(paths: t.Sequence[str]) -> int:
    """0 where no file is a defect."""
    sys.path[:0] = [str(ROOT), str(ROOT / ".build")]
    from tests.fuzz import readers

    defects = 0
    for path in paths:
        line = replayed(path, readers)
        defects += line["outcome"] == TRACEBACK
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return 1 if defects else 0


def replayed(path: str, readers: t.Any) -> t.Dict[str, t.Any]:
    """The line of one file."""
    name, reader = readers.reader_of(os.path.basename(path))
    line: t.Dict[str, t.Any] = {"file": path, "reader": name or None}
    if reader is None:
        known = ", ".join(sorted(readers.READERS))
        return dict(
            line, outcome="refused", message="no reader is called so; known: " + known, cpu_s=0, rss_mb=0
        )
    case = Path(path).read_bytes()
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(lambda: readers.outcome_of(reader, case), sink)
    os.close(sink)
    with os.fdopen(source, "rb") as answers:
        usage, late = _waited(child)
        said = answers.read().decode("utf-8", "replace")
    outcome, message = json.loads(said) if said else (TRACEBACK, "it ended without a word")
    if late:
        outcome, message = TRACEBACK, "it did not end within %g s" % PATIENCE_S
    cpu_s = round(usage.ru_utime + usage.ru_stime, 3)
    return dict(line, outcome=outcome, message=message, cpu_s=cpu_s, rss_mb=round(usage.ru_maxrss / 1024, 1))


def _answer(read: t.Callable[[], t.Tuple[str, str]], sink: int) -> t.NoReturn:
    try:
        said = read()
    except BaseException:  # whatever it is, it is what this program looks for
        said = (TRACEBACK, traceback.format_exc()[-2000:])
    with os.fdopen(sink, "wb") as pipe:
        pipe.write(json.dumps(said).encode("utf-8", "backslashreplace"))
    os._exit(0)


def _waited(child: int) -> t.Tuple[t.Any, bool]:
    """The child's use of time and memory, and whether it had to be ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        number, _status, usage = os.wait4(child, os.WNOHANG)
        if number:
            return usage, False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    return os.wait4(child, 0)[2], True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
