# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that starts processes to look at hardware.

A tool that hangs in the kernel does not die, not even of SIGKILL: it is killed and left behind.
"""

from __future__ import annotations

import copy
import os
import pickle
import select
import shutil
import signal
import subprocess
import time
import typing as t
from dataclasses import dataclass

TOOL_DIRECTORIES = (
    "/usr/bin",
    "/usr/local/bin",
    "/usr/local/nvidia/bin",
    "/usr/lib/wsl/lib",
    "/opt/bin",
    "/run/current-system/sw/bin",
    "/opt/rocm/bin",
    "/usr/local/sbin",
)

# Long enough to collect a process that can be killed.
_REAP_S = 0.2

Value = t.TypeVar("Value")


class TimedOut(Exception):
    """The time for all probing is over."""


class Deadline:
    """One limit that all probes share."""

    def __init__(self, seconds: float, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left_s(self) -> float:
        """Seconds, never below 0."""
        return max(0.0, self._end - self._clock())

    def share(self, parts: int) -> Deadline:
        """The end of the first of ``parts`` equal parts of the time that is left."""
        return Deadline(self.left_s() / parts, self._clock)


@dataclass(frozen=True)
class Outcome:
    """How a tool ended. ``rc`` is None where it could not be started or did not end in time."""

    rc: t.Optional[int]
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False

    @property
    def said(self) -> str:
        """Everything: tools write their complaints to either stream."""
        return (self.stdout + "\n" + self.stderr).strip()


class Runner:
    """Runs vendors' tools by argument list, in the C locale, until ``deadline``."""

    def __init__(
        self,
        deadline: Deadline,
        environ: t.Mapping[str, str],
        directories: t.Sequence[str] = TOOL_DIRECTORIES,
    ) -> None:
        self._deadline = deadline
        self._environ = {name: value for name, value in environ.items() if name != "CUDA_VISIBLE_DEVICES"}
        self._environ["LC_ALL"] = "C"
        self._path = os.pathsep.join([environ.get("PATH", os.defpath)] + list(directories))

    def share(self, parts: int) -> Runner:
        """A runner with the first of ``parts`` equal parts of the time that is left."""
        runner = copy.copy(self)
        runner._deadline = self._deadline.share(parts)
        return runner

    def find(self, tool: str) -> t.Optional[str]:
        """The tool's path, from the search path and the places where vendors put tools."""
        return shutil.which(tool, path=self._path)

    def run(self, argv: t.Sequence[str]) -> Outcome:
        """Run ``argv``; never raises."""
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environ,
                start_new_session=True,
            )
        except (OSError, ValueError) as exc:
            return Outcome(rc=None, stderr=str(exc))
        try:
            stdout, stderr = process.communicate(timeout=self._deadline.left_s())
        except subprocess.TimeoutExpired:
            _leave_behind(process)
            return Outcome(rc=None, timed_out=True)
        return Outcome(process.returncode, _decoded(stdout), _decoded(stderr))

    def call(self, function: t.Callable[[], Value]) -> Value:
        """``function()`` in a forked copy of this process, so that a hung library cannot hang us.

        The value must be picklable. Raises TimedOut, or RuntimeError where the copy died.
        """
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _answer(function, writer)
        os.close(writer)
        try:
            answer = _read_all(reader, self._deadline)
        except TimedOut:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.close(reader)
        os.waitpid(child, 0)
        if not answer:
            raise RuntimeError("the library ended the process that called it")
        return t.cast(Value, pickle.loads(answer))


def _leave_behind(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=_REAP_S)
    except (OSError, subprocess.TimeoutExpired):
        pass
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _answer(function: t.Callable[[], t.Any], writer: int) -> t.NoReturn:
    """In the copy: hold none of our caller's streams, write the pickled value, end at once."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(function(), pipe)
    finally:
        os._exit(0)


def _read_all(reader: int, deadline: Deadline) -> bytes:
    parts: t.List[bytes] = []
    while select.select([reader], [], [], deadline.left_s())[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
    raise TimedOut
