# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab starts from any place: closed folders, another account, a narrow umask, names with spaces."""

from __future__ import annotations

import os
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.lab.postgres import runnable
from tests.lab.process import Account, open_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another account")
# As the wheel's programs do, it needs what lies beside the package.
INITDB = '#!/bin/sh\ncat "$(dirname "$0")/../../../pgserver.libs/libpq.so"\n'


def a_wheel(site_packages: Path) -> Path:
    """A package with its program and, beside it, the folder of its libraries; the program's folder."""
    binaries = site_packages / "pgserver" / "pginstall18" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "initdb").write_text(INITDB)
    (binaries / "initdb").chmod(0o755)
    libraries = site_packages / "pgserver.libs"
    libraries.mkdir()
    (libraries / "libpq.so").write_text("18.0")
    return binaries


@pytest.fixture
def folder() -> t.Iterator[Path]:
    made = open_folder("autoconfig test-")
    yield made
    shutil.rmtree(made)


def version(binaries: Path, account: Account | None) -> str:
    done = subprocess.run(
        [str(binaries / "initdb")],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        **Account.arguments(account),
    )
    return str(done.stdout)


@as_root
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_programs_in_a_closed_folder_are_copied_with_their_libraries(
    mask: int, folder: Path, tmp_path: Path
) -> None:
    account = Account.unprivileged()
    before = os.umask(mask)
    try:
        closed = tmp_path / "a clone"
        closed.mkdir(mode=0o700)
        binaries = runnable(a_wheel(closed), folder, account)
    finally:
        os.umask(before)
    assert folder in binaries.parents
    assert version(binaries, account) == "18.0"


@as_root
def test_programs_that_the_account_can_run_are_not_copied(folder: Path) -> None:
    binaries = a_wheel(folder / "site-packages")
    assert runnable(binaries, folder, Account.unprivileged()) == binaries


def test_programs_are_the_caller_s_own_where_it_is_no_other_account(tmp_path: Path) -> None:
    binaries = a_wheel(tmp_path)
    assert runnable(binaries, tmp_path, None) == binaries
    assert version(binaries, None) == "18.0"


@as_root
def test_a_folder_below_a_closed_one_is_made_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "own temporary files"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr("tempfile.tempdir", str(closed))
    folder = open_folder("autoconfig-test-")
    shutil.rmtree(folder)
    assert closed not in folder.parents
    assert list(closed.iterdir()) == []
