# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inference backends and workers of a genuine GPUStack server."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import (
    gpustack_backend,
    gpustack_worker,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Task

from tests.integration.gpustack_site import Json, Site
from tests.lab import client

NAME = "engine-custom"
BACKEND: Json = {
    "name": NAME,
    "default_run_command": "serve --port {{port}}",
    "health_check_path": "/health",
    "versions": {"v1-custom": {"image_name": "registry.example.com/engine:1", "custom_framework": "cuda"}},
    "default_version": "v1-custom",
}


@pytest.fixture
def site(clean_lab: client.Lab) -> t.Iterator[Site]:
    site = Site(clean_lab)
    yield site
    call(site, gpustack_backend.CORE, name=NAME, state="absent")


def call(site: Site, core: Core, check_mode: bool = False, **given: t.Any) -> Json:
    return core.run(Task(site.parameters(core, **given), check_mode))


def in_three(site: Site, core: Core, **given: t.Any) -> Json:
    """Check mode says what happens then, and again nothing does."""
    foreseen, done = (call(site, core, mode, **given) for mode in (True, False))
    assert (foreseen["changed"], foreseen["diff"]) == (done["changed"], done["diff"])
    mark = site.lab.mark()
    assert not call(site, core, **given)["changed"]
    assert site.writes(mark) == []
    return done


def test_a_backend_comes_changes_and_goes(site: Site) -> None:
    assert in_three(site, gpustack_backend.CORE, **BACKEND)["actions"] == ["created"]
    changed = in_three(site, gpustack_backend.CORE, name=NAME, default_env={"A": "1"})
    assert changed["diff"]["after"] == {"default_env": {"A": "1"}}
    assert changed["after"]["default_run_command"] == BACKEND["default_run_command"]
    assert changed["warnings"] == []
    versions = dict(BACKEND["versions"], **{"v2-custom": {"image_name": "registry.example.com/engine:2"}})
    assert in_three(site, gpustack_backend.CORE, name=NAME, versions=versions)["changed"]
    assert in_three(site, gpustack_backend.CORE, name=NAME, default_env={}, description="")["changed"]
    assert in_three(site, gpustack_backend.CORE, name=NAME, state="absent")["actions"] == ["deleted"]


def test_labels_and_maintenance_come_and_go(site: Site) -> None:
    there = call(site, gpustack_worker.CORE, True, name="gpu-c")["before"]["labels"]
    drained = {"name": "gpu-c", "labels": {"rack": "7"}, "maintenance": True, "maintenance_message": "psu"}
    assert in_three(site, gpustack_worker.CORE, **drained)["changed"]
    states = {row["name"]: row["state"] for row in site.info()["workers"]}
    assert states["gpu-c"] == "maintenance"
    back = in_three(site, gpustack_worker.CORE, name="gpu-c", labels={"rack": None}, maintenance=False)
    assert back["after"]["labels"] == there
