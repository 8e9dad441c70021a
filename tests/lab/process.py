# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Child processes of the lab: none outlives the supervisor, all are ended by their own id."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """The lab cannot do what was asked; the text says what to do."""


@dataclass(frozen=True)
class Account:
    """The user that a child runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> t.Optional[Account]:
        """``nobody`` when the lab runs as root, else None: the child keeps the caller's identity."""
        if os.geteuid() != 0:
            return None
        entry = pwd.getpwnam("nobody")
        return cls(entry.pw_uid, entry.pw_gid)

    @staticmethod
    def arguments(account: t.Optional[Account]) -> t.Dict[str, t.Any]:
        """Keyword arguments of subprocess for this account."""
        if account is None:
            return {}
        return {"user": account.uid, "group": account.gid, "extra_groups": []}


def open_folder(prefix: str) -> Path:
    """A new temporary folder that the account of PostgreSQL may pass through.

    Where TMPDIR lies in a folder that is closed to others, it is made in the system's own.
    """
    account = Account.unprivileged()
    for parent in (None, "/tmp", "/var/tmp"):
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        folder.chmod(0o711)
        if account is None or _may_pass(folder, account):
            return folder
        folder.rmdir()
    raise LabError(f"No temporary folder that the user {account} may enter: set TMPDIR to one.")


def _may_pass(folder: Path, account: Account) -> bool:
    done = subprocess.run(["test", "-x", str(folder)], cwd="/", check=False, **Account.arguments(account))
    return done.returncode == 0


@dataclass(frozen=True)
class Child:
    """A running program in a session of its own, with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM

    @classmethod
    def start(
        cls,
        name: str,
        command: t.Sequence[str],
        log: Path,
        environment: t.Mapping[str, str],
        account: t.Optional[Account] = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Start it. Call from the main thread: the kernel ends a child with the *thread* that made it."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(command),
                cwd="/",
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                **Account.arguments(account),
            )
        return cls(name, process, log, stop_signal)

    def wait_until(self, ready: t.Callable[[], bool], seconds: float) -> None:
        """Poll ``ready``; raise with the end of the log when the child dies or the time is over.

        :param seconds: how long it may take on a machine that does nothing else, see ``patience``.
        """
        began = time.monotonic()
        while not ready():
            if self.process.poll() is not None:
                raise LabError(f"{self.name} ended with code {self.process.returncode}:\n{self.tail()}")
            waited = time.monotonic() - began
            if waited > patience(seconds):
                raise LabError(f"{self.name} was not ready after {waited:.0f} s:\n{self.tail()}")
            time.sleep(0.1)

    def tail(self, lines: int = 15) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, grace_seconds: float = 8.0) -> None:
        """Ask politely, then end the child and everything in its process group."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def patience(seconds: float) -> float:
    """The time that ``seconds`` of a quiet machine become while its processors are shared, ten times at most."""
    return seconds * min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), 10.0)


def free_port() -> int:
    """A loopback TCP port chosen by the kernel."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def base_environment(**extra: str) -> t.Dict[str, str]:
    """The environment of a server: the caller's, without Python switches that slow a start down."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", **extra}
