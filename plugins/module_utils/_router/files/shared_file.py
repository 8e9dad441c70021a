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
import re
import secrets
import shlex
import subprocess
import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import Clock, SystemClock
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.secrets import (
    hidden_in_text,
    is_secret_name,
)

LOCK_PATIENCE_S = 30.0
_LOCK_INTERVAL_S = 0.05
VALIDATE_S = 60.0
_SHOWN_LINES = 5
_WORD = re.compile(r"[A-Za-z][\w-]*")


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
            data = files.read(self.target)
            return None if data is None else data.decode("utf-8")
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
            files.clear_away(self.folder, alone=True)
            yield
        finally:
            os.close(folder)

    def write(self, text: str) -> None:
        """Replace the content. Everything is on the disk before the name points at it."""
        try:
            files.replace(self.target, text.encode("utf-8"), self.mode)
        except OSError as exc:
            raise self._failed("write", exc) from exc

    def check(self, text: str, command: str) -> None:
        """Let a command look at the content beside the file, as its %s; raises InvalidInput when it refuses it."""
        try:
            with files.draft(self.target, text.encode("utf-8")) as draft:
                words = [word.replace("%s", draft) for word in shlex.split(command)]
                done = subprocess.run(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=VALIDATE_S,
                    check=False,
                )
        except subprocess.TimeoutExpired as exc:
            raise Unavailable(
                "validate did not end within %g s; nothing was written" % VALIDATE_S,
                hint="Use a command that only looks at the file.",
            ) from exc
        except OSError as exc:
            raise self._failed("validate", exc) from exc
        if done.returncode != 0:
            said = done.stdout.decode("utf-8", "replace").replace(draft, self.path)
            raise InvalidInput(
                "%s would not be valid: %s returned %d%s; nothing was written"
                % (self.path, words[0], done.returncode, _shown(said)),
                hint="Correct the entry, or the file by hand.",
            )

    def remove(self) -> None:
        """Take the file away."""
        try:
            os.unlink(self.target)
        except OSError as exc:
            raise self._failed("remove", exc) from exc

    def back_up(self) -> str:
        """Copy the file beside itself, with its mode and owner; returns the copy's path."""
        moment = time.strftime("%Y-%m-%d@%H:%M:%S")
        name = "%s.%s.%s~" % (os.path.basename(self.target), moment, secrets.token_hex(4))
        try:
            return files.back_up(self.target, name)
        except OSError as exc:
            raise self._failed("back up", exc) from exc

    def clear_away(self) -> None:
        """Remove what killed writers left beside the file."""
        files.clear_away(self.folder)

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


def _shown(said: str) -> str:
    """The end of what a program said, without lines that may quote a secret."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    kept = [
        "(hidden)" if any(map(is_secret_name, _WORD.findall(line))) else hidden_in_text(line)
        for line in lines[-_SHOWN_LINES:]
    ]
    return ": " + "; ".join(kept) if kept else ""
