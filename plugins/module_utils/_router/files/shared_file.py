# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A text file that several writers share.

Written by replacement, so that a reader sees the old or the new text and never a part.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock, SystemClock

# Files that are being written; nobody else's are called so.
PARTIAL_PREFIX, PARTIAL_SUFFIX = ".modelscan-autoconfig-", ".partial"

LOCK_PATIENCE_S = 30.0
_LOCK_INTERVAL_S = 0.05


@dataclass(frozen=True)
class SharedFile:
    """The file at ``path``; a symbolic link is followed, so that the link stays.

    ``mode`` is for a file that is made here; an existing file keeps its mode, owner and attributes.
    """

    path: str
    mode: int = 0o600
    clock: Clock = field(default_factory=SystemClock)

    @property
    def target(self) -> str:
        return os.path.realpath(self.path)

    @property
    def folder(self) -> str:
        return os.path.dirname(self.target)

    def read(self) -> t.Optional[str]:
        """The text with its own line breaks, None when there is no file."""
        try:
            with open(self.target, "rb") as source:
                return source.read().decode("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as exc:
            raise InvalidInput(
                "%s is not UTF-8 text: byte %d cannot be decoded" % (self.path, exc.start),
                hint="Convert the file to UTF-8, then run again.",
            ) from exc
        except OSError as exc:
            raise self._failed("read", exc) from exc

    def present_mode(self) -> t.Optional[int]:
        """The mode bits of the file that is there, None when there is none."""
        try:
            return os.stat(self.target).st_mode & 0o777
        except OSError:
            return None

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Keep other writers of this collection out: a lock on the folder leaves no file behind."""
        try:
            folder = os.open(self.folder, os.O_RDONLY)
        except OSError as exc:
            raise self._failed("lock", exc) from exc
        try:
            self._wait_for_lock(folder)
            self._clear_away()
            yield
        finally:
            os.close(folder)

    def write(self, text: str) -> None:
        """Replace the content. Everything is on the disk before the name points at it."""
        temporary = None
        try:
            handle, temporary = tempfile.mkstemp(PARTIAL_SUFFIX, PARTIAL_PREFIX, self.folder)
            with os.fdopen(handle, "wb") as sink:
                sink.write(text.encode("utf-8"))
                sink.flush()
                self._dress(temporary)
                os.fsync(sink.fileno())
            os.replace(temporary, self.target)
            temporary = None
            self._sync_folder()
        except OSError as exc:
            raise self._failed("write", exc) from exc
        finally:
            if temporary is not None:
                os.unlink(temporary)

    def back_up(self) -> str:
        """Copy the file beside itself, with its mode; returns the copy's path."""
        prefix = "%s.%s." % (os.path.basename(self.target), time.strftime("%Y-%m-%d@%H:%M:%S"))
        try:
            handle, copy = tempfile.mkstemp(dir=self.folder, prefix=prefix, suffix="~")
            with os.fdopen(handle, "wb") as sink, open(self.target, "rb") as source:
                shutil.copyfileobj(source, sink)
            shutil.copystat(self.target, copy)
        except OSError as exc:
            raise self._failed("back up", exc) from exc
        return copy

    def _wait_for_lock(self, folder: int) -> None:
        deadline = self.clock.monotonic() + LOCK_PATIENCE_S
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError as exc:
                if self.clock.monotonic() >= deadline:
                    raise Unavailable(
                        "Another writer has locked %s for %g s" % (self.folder, LOCK_PATIENCE_S),
                        hint="Look for another run that writes there (lsof shows it), then run again.",
                    ) from exc
            except OSError as exc:
                raise self._failed("lock", exc) from exc
            self.clock.sleep(_LOCK_INTERVAL_S)

    def _clear_away(self) -> None:
        """Remove what killed writers left: whoever holds the lock is the only one who writes."""
        for name in os.listdir(self.folder):
            if name.startswith(PARTIAL_PREFIX) and name.endswith(PARTIAL_SUFFIX):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self.folder, name))

    def _dress(self, temporary: str) -> None:
        """Give the new file the mode, owner and attributes of the old one."""
        try:
            old = os.stat(self.target)
        except FileNotFoundError:
            os.chmod(temporary, self.mode)
            return
        new = os.stat(temporary)
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.chown(temporary, old.st_uid, old.st_gid)
        shutil.copystat(self.target, temporary)
        os.utime(temporary)

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _failed(self, verb: str, exc: OSError) -> AutoconfigError:
        message = "Cannot %s %s: %s" % (verb, self.path, exc.strerror or exc)
        if isinstance(exc, FileNotFoundError):
            return NotFound(message, hint="Make the folder %s first." % self.folder)
        if isinstance(exc, PermissionError):
            return PermissionDenied(
                message, hint="Run the task as a user who may write there and keep the file's owner."
            )
        if exc.errno == errno.EBUSY:
            return Unavailable(
                message, hint="Where the file is a mount of its own, mount its folder instead."
            )
        return InvalidInput(message, hint="Check that path names a file in a writable folder.")
