# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to the file itself."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation import files
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    InvalidInput,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.shared_file import (
    LOCK_PATIENCE_S,
    SharedFile,
)


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_mode_and_link_stay_and_nothing_else_is_left(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_text("old")
    real.chmod(0o604)
    link.symlink_to(real)

    SharedFile(str(link)).write("new")

    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o604
    assert sorted(tmp_path.iterdir()) == [link, real]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("old")
    os.chown(path, 12345, 23456)

    SharedFile(str(path)).write("new")

    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("old")

    def refuse(*_names: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionDenied, match="Cannot write"):
        SharedFile(str(path)).write("new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def write_until_killed(file: SharedFile, owner: object, step: str) -> None:
    setattr(owner, step, die)
    with file.locked():
        file.write("new")


@pytest.mark.parametrize(
    ("owner", "step", "text"),
    [(os, "utime", "old"), (os, "fsync", "old"), (os, "replace", "old"), (files, "_sync_folder", "new")],
    ids=["with the text written", "before it is on the disk", "before the exchange", "after the exchange"],
)
def test_a_killed_writer_leaves_a_whole_file_and_no_lock(
    tmp_path: Path, owner: object, step: str, text: str
) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("old")
    file = SharedFile(str(path))

    writer = multiprocessing.get_context("fork").Process(target=write_until_killed, args=(file, owner, step))
    writer.start()
    writer.join()

    assert writer.exitcode == -signal.SIGKILL
    assert path.read_text() == text
    with file.locked():
        file.write("newest")
    assert path.read_text() == "newest"
    assert list(tmp_path.iterdir()) == [path]


def test_files_of_others_stay_beside_what_is_written(tmp_path: Path) -> None:
    others = [tmp_path / name for name in (".autoconfig-notes", ".modelscan-autoconfig-notes", "big.partial")]
    for each in others:
        each.write_text("kept")
    file = SharedFile(str(tmp_path / "router.yaml"))

    with file.locked():
        file.write("new")

    assert [each.read_text() for each in others] == ["kept"] * 3


def test_attributes_stay_and_a_copy_is_as_private_as_the_file(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("old")
    path.chmod(0o600)
    try:
        os.setxattr(path, "user.team", b"inference")
    except OSError:
        pytest.skip("this file system has no attributes")
    file = SharedFile(str(path))

    copy = Path(file.back_up())
    file.write("new")

    for each in (path, copy):
        assert os.getxattr(each, "user.team") == b"inference"
        assert each.stat().st_mode & 0o777 == 0o600
    assert copy.read_text() == "old"


def test_line_breaks_and_byte_order_mark_are_not_translated(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r")
    file = SharedFile(str(path))

    file.write(file.read() or "")

    assert path.read_bytes() == b"\xef\xbb\xbfa: 1\r\nb: 2\r"


def test_a_lock_that_is_not_given_up_is_an_error_in_the_end(tmp_path: Path) -> None:
    clock = FakeClock()
    file = SharedFile(str(tmp_path / "router.yaml"), clock=clock)

    with file.locked(), pytest.raises(Unavailable, match="Another writer"), file.locked():
        pass

    assert clock.now == pytest.approx(LOCK_PATIENCE_S, abs=0.1)


def test_the_lock_ends_with_the_block(tmp_path: Path) -> None:
    file = SharedFile(str(tmp_path / "router.yaml"))
    with file.locked():
        pass

    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(folder)


@pytest.mark.parametrize("content", [b"a: \xff\n", "a: 1\n".encode("utf-16")])
def test_other_encodings_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "router.yaml"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match="not UTF-8"):
        SharedFile(str(path)).read()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(AutoconfigError, match="Cannot read"):
        SharedFile(str(tmp_path)).read()
