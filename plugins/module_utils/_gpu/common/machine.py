# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host as probes see it. Files below ``root`` are only read."""

from __future__ import annotations

import collections
import errno
import fcntl
import os
import time
import typing as t

# A file of /proc or /sys that we read is far smaller.
_READ_LIMIT = 1 << 20
# The kernel gives a whole record a read; a plain file in its place gives pieces of this size.
_RECORD_LIMIT = 1 << 16
# Of those that matter; a ring buffer holds far fewer.
_MOST_RECORDS = 5000
# Of all, for a buffer that is written faster than it is read.
_LOG_LIMIT = 1 << 26


class Machine:
    """``root`` and the clock are injected; ``now`` gives seconds since the epoch."""

    def __init__(
        self,
        root: str = "/",
        environ: t.Optional[t.Mapping[str, str]] = None,
        now: t.Callable[[], float] = time.time,
    ) -> None:
        self.root = root
        self.environ = os.environ if environ is None else environ
        self.now = now

    def read(self, path: str) -> t.Optional[str]:
        """The file's text without outer white space; None where it cannot be read."""
        try:
            with open(self._at(path), "rb") as file:
                return file.read(_READ_LIMIT).decode("utf-8", "replace").strip()
        except OSError:
            return None

    def lines(self, path: str) -> t.Iterator[str]:
        """The lines of a text that may be long; none where it cannot be read."""
        try:
            with open(self._at(path), encoding="utf-8", errors="replace") as file:
                yield from file
        except OSError:
            return

    def log_records(self, path: str, wanted: t.Pattern[bytes]) -> t.Optional[t.List[str]]:
        """The newest records of a kernel log device that match, without waiting for new ones.

        None where this user may not read it.
        """
        try:
            log = os.open(self._at(path), os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return None
        records: t.Deque[str] = collections.deque(maxlen=_MOST_RECORDS)
        try:
            for record in _records(log):
                if wanted.search(record):
                    records.append(record.decode("utf-8", "replace"))
        except OSError as exc:
            if exc.errno not in (errno.EAGAIN, errno.EINVAL):
                return None
        finally:
            os.close(log)
        return list(records)

    def control(self, path: str, request: int, argument: bytearray) -> bool:
        """An ioctl that only reads, into ``argument``; whether it answered."""
        try:
            node = os.open(self._at(path), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.ioctl(node, request, argument, True)
        except OSError:
            return False
        finally:
            os.close(node)
        return True

    def names(self, path: str) -> t.List[str]:
        """Sorted names in a folder; empty where there is none."""
        try:
            return sorted(os.listdir(self._at(path)))
        except OSError:
            return []

    def exists(self, path: str) -> bool:
        return os.path.exists(self._at(path))

    def link_name(self, path: str) -> t.Optional[str]:
        """The last part of what a symbolic link points to."""
        try:
            return os.path.basename(os.readlink(self._at(path)))
        except OSError:
            return None

    def _at(self, path: str) -> str:
        return os.path.join(self.root, path.lstrip("/"))


def _records(log: int) -> t.Iterator[bytes]:
    """Records, oldest first; the kernel says EPIPE where it has overwritten the next one."""
    left = _LOG_LIMIT
    rest = b""
    while left > 0:
        try:
            record = os.read(log, _RECORD_LIMIT)
        except OSError as exc:
            if exc.errno != errno.EPIPE:
                raise
            continue
        if not record:
            break
        left -= len(record)
        *whole, rest = (rest + record).split(b"\n")
        yield from whole
    yield rest
