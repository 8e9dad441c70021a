# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one reader and the one writer of files, on files as they are found."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import typing as t
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files


def names(folder: Path) -> t.List[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        files.replace(str(tmp_path / "a"), b"x")
        files.replace(str(tmp_path / "b"), b"x", 0o600)
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "b")] == [0o640, 0o600]


def test_an_existing_file_keeps_mode_and_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o604)
    (tmp_path / "link").symlink_to("real")
    files.replace(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o604
    assert names(tmp_path) == ["link", "real"]


@pytest.mark.parametrize("kind", ["fifo", "folder", "socket", "device"])
def test_only_regular_files_are_read_and_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/null")
    else:
        import socket

        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    kept = path.lstat()
    with pytest.raises(OSError, match=r"."):
        files.replace(str(path), b"new")
    with pytest.raises(OSError, match=r"."):
        files.read(str(path))
    assert (path.lstat().st_ino, path.lstat().st_mode) == (kept.st_ino, kept.st_mode)
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("step", ["open", "fsync", "replace", "chown", "chmod"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "x"
    path.write_text("old")

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    if step not in ("chown", "chmod"):
        with pytest.raises(OSError, match="No space left"):
            files.replace(str(path), b"new", 0o600)
        monkeypatch.undo()
        assert path.read_text() == "old"
    assert names(tmp_path) == ["x"]


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    """A real limit on the size of files, which is how a full disk looks like to a program."""
    path = tmp_path / "x"
    path.write_text("old")

    def write() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        for action in (
            lambda: files.replace(str(path), bytes(1 << 20)),
            lambda: files.back_up(str(big), "copy~"),
        ):
            try:
                action()
            except OSError as exc:
                if exc.errno == errno.EFBIG:
                    continue
            os._exit(3)
        os._exit(0)

    big = tmp_path / "big"
    big.write_bytes(bytes(1 << 20))
    child = multiprocessing.get_context("fork").Process(target=write)
    child.start()
    child.join()
    assert child.exitcode == 0
    assert path.read_text() == "old"
    assert names(tmp_path) == ["big", "x"]


def test_a_backup_is_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
    copy = Path(files.back_up(str(path), "x.copy~"))
    assert copy.read_text() == "old"
    assert copy.stat().st_mode == path.stat().st_mode
    assert (copy.stat().st_uid, copy.stat().st_gid) == (path.stat().st_uid, path.stat().st_gid)
    with pytest.raises(FileExistsError):
        files.back_up(str(path), "x.copy~")
    assert names(tmp_path) == ["x", "x.copy~"]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert files.read(str(tmp_path / "x"), 5) == b"12345"
    with pytest.raises(OSError, match="it is larger than"):
        files.read(str(tmp_path / "x"), 4)
    assert files.read(str(tmp_path / "absent")) is None


@pytest.mark.parametrize("step", ["utime", "fsync", "replace", "chmod"])
def test_what_a_killed_run_leaves_is_removed_by_the_next(tmp_path: Path, step: str) -> None:
    path = tmp_path / "x"
    if step != "chmod":
        path.write_text("old")

    def write() -> None:
        setattr(os, step, lambda *_a, **_k: os.kill(os.getpid(), signal.SIGKILL))
        files.replace(str(path), b"new", 0o600)

    child = multiprocessing.get_context("fork").Process(target=write)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert len(names(tmp_path)) == (1 if step == "chmod" else 2)
    files.clear_away(str(tmp_path), alone=True)
    assert names(tmp_path) == ([] if step == "chmod" else ["x"])
    assert step == "chmod" or path.read_text() == "old"
