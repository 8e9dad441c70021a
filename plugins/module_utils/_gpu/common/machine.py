# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host as probes see it. Files below ``root`` are only read."""

from __future__ import annotations

import os
import time
import typing as t
from dataclasses import dataclass, field

# A file of /proc or /sys that we read is far smaller.
_READ_LIMIT = 1 << 20
# The kernel gives a whole record a read; a plain file in its place gives pieces of this size.
_RECORD_LIMIT = 1 << 16


@dataclass(frozen=True)
class Machine:
    """``root`` and the clock are injected; ``now`` gives seconds since the epoch."""

    root: str = "/"
    environ: t.Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    now: t.Callable[[], float] = time.time

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

    def log_records(self, path: str, limit: int) -> t.List[str]:
        """At most ``limit`` records of a kernel log device, without waiting for new ones."""
        records: t.List[str] = []
        try:
            log = os.open(self._at(path), os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return records
        try:
            while len(records) < limit:
                record = os.read(log, _RECORD_LIMIT)
                if not record:
                    break
                records.append(record.decode("utf-8", "replace"))
        except OSError:
            pass
        finally:
            os.close(log)
        return records

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
