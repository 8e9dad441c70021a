# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that starts processes to look at hardware.

A tool that hangs in the kernel does not die, not even of SIGKILL: it is killed and left behind.
"""

from __future__ import annotations

import contextlib
import copy
import glob
import os
import select
import shutil
import signal
import subprocess
import threading
import time
import typing as t

# Where vendors put tools. Those of a driver that lives in a container (NVIDIA's operator, COS) bring
# their libraries with them, which the host's loader does not know.
TOOL_DIRECTORIES = (
    "/usr/bin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/nvidia/bin",
    "/usr/lib/wsl/lib",
    "/opt/bin",
    "/run/current-system/sw/bin",
    "/opt/rocm/bin",
    "/opt/rocm-*/bin",
    "/opt/hyhal/bin",
    "/opt/dtk/bin",
    "/opt/mxdriver/bin",
    "/opt/maca/bin",
    "/usr/local/corex/bin",
    "/usr/local/neuware/bin",
    "/usr/local/Ascend/driver/tools",
    "/opt/aws/neuron/bin",
    "/run/nvidia/driver/usr/bin",
    "/run/nvidia/driver/usr/local/bin",
    "/home/kubernetes/bin/nvidia/bin",
    "/var/lib/nvidia/bin",
    "/opt/nvidia-driver/bin",
)
# NVIDIA's operator keeps the driver in the root of a container.
_DRIVER_ROOT = "/run/nvidia/driver"
_LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
_ROOT_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib")
_OWN_LIBRARIES = ("/home/kubernetes/bin/nvidia/", "/var/lib/nvidia/", "/opt/nvidia-driver/")

# Long enough to collect a process that can be killed.
_REAP_S = 0.2
# What a process says after its end comes from a child that it left, which may hold the pipe for ever.
_AFTERWORD_S = 0.2
# The longest report of a tool is a tenth of it.
STDOUT_LIMIT = 8 << 20
STDERR_LIMIT = 1 << 16
# Of the time for a vendor: the rest is for reading what its tools said.
_TOOLS_SHARE = 0.9

Value = t.TypeVar("Value")


class TimedOut(BaseException):
    """The time for all probing is over. No reader of outputs catches it by chance."""


class Deadline:
    """One limit that all probes share."""

    def __init__(self, seconds: float, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left_s(self) -> float:
        """Seconds, never below 0."""
        return max(0.0, self._end - self._clock())

    def share(self, parts: float) -> Deadline:
        """The end of the first of ``parts`` equal parts of the time that is left."""
        return Deadline(self.left_s() / parts, self._clock)


class Outcome(t.NamedTuple):
    """How a tool ended. ``rc`` is None where it could not be started or did not end in time.

    ``flooded``: it printed more than any report has, was stopped, and counts as having said nothing.
    """

    rc: t.Optional[int]
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False
    flooded: bool = False

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
        self._answers: t.Dict[t.Tuple[str, ...], Outcome] = {}
        places = [place for name in directories for place in sorted(glob.glob(name)) or [name]]
        self._path = os.pathsep.join([environ.get("PATH", os.defpath)] + places)

    def share(self, parts: int) -> Runner:
        """A runner with the first of ``parts`` equal parts of the time that is left."""
        runner = copy.copy(self)
        runner._deadline = self._deadline.share(parts)
        return runner

    @contextlib.contextmanager
    def limited(self) -> t.Iterator[Runner]:
        """A runner for tools; TimedOut is raised where they and the reading of them take all the time."""
        runner = copy.copy(self)
        runner._deadline = self._deadline.share(1 / _TOOLS_SHARE)
        if threading.current_thread() is not threading.main_thread():
            yield runner
            return
        before = signal.signal(signal.SIGALRM, _raise_timed_out)
        signal.setitimer(signal.ITIMER_REAL, max(self._deadline.left_s(), 0.01))
        try:
            yield runner
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def find(self, tool: str) -> t.Optional[str]:
        """The tool's path, from the search path and the places where vendors put tools."""
        return shutil.which(tool, path=self._path)

    def run(self, argv: t.Sequence[str]) -> Outcome:
        """Run ``argv``, once: two vendors may have a tool of one name. Raises nothing but TimedOut."""
        outcome = self._answers.get(tuple(argv))
        if outcome is None:
            outcome = self._answers[tuple(argv)] = self._started(argv)
        return outcome

    def _started(self, argv: t.Sequence[str]) -> Outcome:
        try:
            process = subprocess.Popen(
                _command(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(self._environ, **_libraries_of(argv[0])),
                start_new_session=True,
            )
        except (OSError, ValueError) as exc:
            return Outcome(rc=None, stderr=str(exc))
        listener = _Listener(process, self._deadline)
        try:
            outcome = listener.outcome()
        except BaseException:
            _leave_behind(process)
            raise
        _leave_behind(process)
        return outcome

    def call(self, function: t.Callable[[], Value]) -> Value:
        """``function()`` in a forked copy of this process, so that a hung library cannot hang us.

        The value must be picklable. Raises TimedOut, or RuntimeError where the copy died.
        """
        import pickle

        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _answer(lambda: pickle.dumps(function()), writer)
        os.close(writer)
        try:
            answer = _read_all(reader, self._deadline)
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            os.close(reader)
        os.waitpid(child, 0)
        if not answer:
            raise RuntimeError("the library ended the process that called it")
        return t.cast(Value, pickle.loads(answer))


class _Listener:
    """Both streams of a process, until its end, the end of the time, or too much of it."""

    def __init__(self, process: subprocess.Popen[bytes], deadline: Deadline) -> None:
        self._process = process
        self._deadline = deadline
        self._said: t.Dict[int, t.List[bytes]] = {}
        self._limits: t.Dict[int, int] = {}
        self._order: t.List[int] = []
        for stream, limit in ((process.stdout, STDOUT_LIMIT), (process.stderr, STDERR_LIMIT)):
            if stream is not None:
                self._order.append(stream.fileno())
                self._said[stream.fileno()] = []
                self._limits[stream.fileno()] = limit

    def outcome(self) -> Outcome:
        open_streams = list(self._order)
        while open_streams:
            ended = self._process.poll() is not None
            wait = min(self._deadline.left_s(), _AFTERWORD_S if ended else 0.05)
            ready = select.select(open_streams, [], [], wait)[0]
            if not ready and ended:
                break
            if not ready and not self._deadline.left_s():
                return Outcome(rc=None, timed_out=True)
            for stream in ready:
                if not self._hear(stream):
                    open_streams.remove(stream)
            if self._limits[self._order[0]] < 0:
                text = "it printed more than %d MiB" % (STDOUT_LIMIT >> 20)
                return Outcome(rc=None, stderr=text, flooded=True)
        try:
            rc = self._process.wait(timeout=self._deadline.left_s())
        except subprocess.TimeoutExpired:
            return Outcome(rc=None, timed_out=True)
        stdout, stderr = (_decoded(b"".join(self._said[stream])) for stream in self._order)
        return Outcome(rc, stdout, stderr)

    def _hear(self, stream: int) -> bool:
        """Whether the stream goes on. What is over its limit is not kept."""
        part = os.read(stream, 1 << 16)
        if self._limits[stream] > 0:
            self._said[stream].append(part[: self._limits[stream]])
        self._limits[stream] -= len(part)
        return bool(part) and self._deadline.left_s() > 0


def _raise_timed_out(_signal: int, _frame: t.Any) -> None:
    raise TimedOut


def _command(argv: t.Sequence[str]) -> t.List[str]:
    """``argv``; a tool of a driver that lives in a container's root is started by that root's loader.

    The host's loader would mix the host's C library with the container's others.
    """
    root, found, inside = argv[0].partition(_DRIVER_ROOT)
    loaders = [root + found + path for path in _LOADERS] if inside else []
    loader = next((path for path in loaders if os.path.exists(path)), None)
    if loader is None:
        return list(argv)
    folders = [os.path.join(root + found, name) for name in _ROOT_LIBRARIES]
    return [loader, "--library-path", os.pathsep.join(folders), *argv]


def _libraries_of(path: str) -> t.Dict[str, str]:
    """Where the loader finds the libraries of a driver outside the host's own folders."""
    if not any(folder in path for folder in _OWN_LIBRARIES):
        return {}
    return {"LD_LIBRARY_PATH": os.path.join(os.path.dirname(os.path.dirname(path)), "lib64")}


def _leave_behind(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process, children that hold its streams included, without waiting for it."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_REAP_S)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _answer(function: t.Callable[[], bytes], writer: int) -> t.NoReturn:
    """In the copy: hold none of our caller's streams, write the value, end at once."""
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(function())
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
