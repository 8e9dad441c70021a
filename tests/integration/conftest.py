# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for the whole test run, also with ``pytest -n``."""

from __future__ import annotations

import fcntl
import os
import typing as t
from pathlib import Path

import pytest

from tests.lab import client, gpustack, litellm_db, state

_TTL_SECONDS = 3600


def _controller_pid() -> int:
    """The process that the user started: the parent of an xdist worker, else this one."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _own_state() -> Path:
    return state.REPOSITORY / ".build" / "lab" / f"pytest-{_controller_pid()}.json"


@pytest.fixture(scope="session")
def lab() -> client.Lab:
    """The running lab of AUTOCONFIG_LAB_STATE if there is one, else one that lives as long as this run."""
    running = client.Lab.running()
    if running is not None:
        return running
    return client.up(_own_state(), ttl=_TTL_SECONDS, owner_pid=_controller_pid())


@pytest.fixture
def clean_lab(lab: client.Lab) -> t.Iterator[client.Lab]:
    """The lab without models, routes and faults, for this test alone until it ends."""
    with (Path(lab.state["folder"]) / "in-use.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.clean()
        yield lab
        lab.clean()


@pytest.fixture(scope="session")
def proxy() -> t.Iterator[litellm_db.DatabaseProxy]:
    """LiteLLM's proxy with a database; tests leave it without routes."""
    servers = gpustack.default_servers_folder(state.REPOSITORY)
    reason = litellm_db.missing(servers)
    if reason is not None:
        pytest.skip(f"LiteLLM with a database: {reason}")
    with litellm_db.running(servers) as running:
        yield running


def pytest_unconfigure() -> None:
    """End the lab of this run; a lab that was running before stays."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        client.down(_own_state())
        _own_state().with_suffix(".lock").unlink(missing_ok=True)
