# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of this checkout, and a copy that was installed from it."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Run(t.Protocol):
    """Runs a program of the development environment, without anything of the caller's Ansible."""

    def __call__(self, *command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]: ...


def _run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHONPATH"))
    }
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=cwd,
        env={**inherited, **environment, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="session")
def run() -> Run:
    return _run


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    built = _run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("modelscan-autoconfig-*.tar.gz"))


@pytest.fixture(scope="session")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Dict[str, str]:
    """The environment in which the copy is found."""
    folder = tmp_path_factory.mktemp("installed")
    home = tmp_path_factory.mktemp("home")
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_HOME": str(home)}
    install = ("ansible-galaxy", "collection", "install", "--offline", str(archive), "-p", str(folder))
    done = _run(*install, cwd=home, **environment)
    assert done.returncode == 0, done.stderr
    return environment
