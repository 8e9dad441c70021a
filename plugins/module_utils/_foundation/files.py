# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one reader and the one writer of local files.

Only regular files are read, so that no pipe or device holds a task up, and only regular files are replaced.
A file is written beside its place and moved there: whoever reads it sees the old content or the new one, also
when the disk is full or the run is killed. What a killed run leaves is removed by the next one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
import time
import typing as t

MAX_BYTES = 64 << 20
# Files that are being written; nobody else's are called so.
PARTIAL_PREFIX, PARTIAL_SUFFIX = ".modelscan-autoconfig-", ".partial"
# A writer holds a lock on its file from its first moment on, give or take this.
_YOUNG_S = 0.2


def read(path: str, most: int = MAX_BYTES) -> t.Optional[bytes]:
    """The content of a regular file; None where there is nothing. :raises OSError: it cannot be read, or is too large."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as source:
        _check_regular(os.fstat(source.fileno()), path)
        data = source.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "it is larger than %d MiB" % (most >> 20), path)
    return data


def replace(path: str, data: bytes, mode: t.Optional[int] = None, durable: bool = True) -> None:
    """Let a file have this content.

    A symbolic link is followed, so that it stays. An existing file keeps its mode, owner and attributes; a new
    one gets ``mode``, else what the umask leaves. ``durable``: the content is on the disk before the name
    points at it. :raises OSError: nothing has changed.
    """
    target = os.path.realpath(path)
    old = _regular(target)
    with _beside(target, data, 0o666 if old is None and mode is None else 0o600) as partial:
        if old is not None:
            _dress(partial, target, old)
        elif mode is not None:
            os.chmod(partial, mode)
        if durable:
            _sync(partial)
        os.replace(partial, target)
    if durable:
        _sync_folder(target)


@contextlib.contextmanager
def draft(path: str, data: bytes) -> t.Iterator[str]:
    """The content in a file beside its place, for a program to look at; it is gone when the block ends."""
    with _beside(os.path.realpath(path), data, 0o600) as partial:
        yield partial


def back_up(path: str, name: str) -> str:
    """A copy beside a regular file, called ``name``, with its mode and owner. :raises OSError: there is no copy."""
    target = os.path.realpath(path)
    old = os.stat(target)
    data = read(target)
    copy = os.path.join(os.path.dirname(target), name)
    with _beside(copy, data or b"", 0o600) as partial:
        _dress(partial, target, old)
        shutil.copystat(target, partial)
        _sync(partial)
        # Unlike a move, a link never takes the place of something else.
        os.link(partial, copy)
    return copy


def clear_away(folder: str, alone: bool = False) -> None:
    """Remove what killed runs have left in a folder: files that nobody writes any more.

    ``alone``: nobody else can have begun to write there a moment ago.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(PARTIAL_PREFIX) and name.endswith(PARTIAL_SUFFIX):
                _remove_if_abandoned(os.path.join(folder, name), 0.0 if alone else _YOUNG_S)


def _remove_if_abandoned(path: str, young_s: float) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            facts = os.fstat(handle)
            if stat.S_ISREG(facts.st_mode) and time.time() - facts.st_mtime >= young_s:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(path)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _beside(target: str, data: bytes, mode: int) -> t.Iterator[str]:
    """A new file with this content in the folder of ``target``, gone when the block ends."""
    name = PARTIAL_PREFIX + secrets.token_hex(8) + PARTIAL_SUFFIX
    partial = os.path.join(os.path.dirname(target), name)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with open(handle, "wb", closefd=False) as sink:
            sink.write(data)
        yield partial
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            os.unlink(partial)


def _regular(target: str) -> t.Optional[os.stat_result]:
    """What is there, None where nothing is. :raises OSError: it is no regular file."""
    try:
        facts = os.lstat(target)
    except FileNotFoundError:
        return None
    _check_regular(facts, target)
    return facts


def _check_regular(facts: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", path)
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", path)


def _dress(partial: str, target: str, old: os.stat_result) -> None:
    """Give a new file the mode, owner and attributes of the old one."""
    new = os.stat(partial)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(partial, old.st_uid, old.st_gid)
    shutil.copystat(target, partial)
    os.utime(partial)


def _sync_folder(target: str) -> None:
    """Let the name point at the new content also after a power failure."""
    _sync(os.path.dirname(target))


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
