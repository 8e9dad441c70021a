# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One idea of which releases are tested: what is installed, what is promised and what is written agree."""

from __future__ import annotations

import re

import pytest
import yaml

from tests import versions
from tests.versions import ROOT

PACKAGES = {
    "gpustack": "GPUStack",
    "litellm": "LiteLLM",
    "sglang_router": "sglang-router",
    "vllm_router": "vllm-router",
}


def plain(path: str) -> str:
    return " ".join((ROOT / path).read_text(encoding="utf-8").split())


def lines(path: str) -> list[tuple[str, str]]:
    """Name and packages of each line."""
    found = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(": ", 1)) for line in found if not line.startswith("#")]  # type: ignore[misc]


def test_the_lab_runs_what_is_said() -> None:
    installed = {
        PACKAGES[name]: re.search(r"==([\d.]+)", packages)[1]  # type: ignore[index]
        for name, packages in lines("requirements-lab.txt")
        if name != "llama"  # the lab's engine, of which nothing is promised
    }
    said = {name: server.lab for name, server in versions.servers().items() if name in PACKAGES.values()}
    assert installed == {name: release for name, release in said.items() if release}


def test_other_servers_are_those_that_are_said() -> None:
    installed = [
        (PACKAGES[name.split()[0]], name.split()[1])
        for name, packages in lines("requirements-lab-others.txt")
        if packages
    ]
    said = [(name, release) for name, server in versions.servers().items() for release in server.others]
    assert sorted(installed) == sorted(said)


@pytest.mark.parametrize("path", ["requirements-lab.txt", "requirements-lab-others.txt"])
def test_the_compromised_release_is_never_installed(path: str) -> None:
    assert not re.search(r"litellm\S*==1\.107\.0\b", (ROOT / path).read_text(encoding="utf-8"))


def test_the_tools_run_on_the_default_core() -> None:
    defaults = [core.version for core in versions.cores() if core.default]
    assert len(defaults) == 1
    for path in ("requirements-dev.txt", "requirements-publishing.txt"):
        assert f"ansible-core=={defaults[0]}\n" in (ROOT / path).read_text(encoding="utf-8")


def test_the_oldest_core_is_the_one_that_is_required() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    oldest = versions.cores()[0]
    assert runtime["requires_ansible"] == f">={oldest.series}.0"
    assert f"ansible-core {oldest.series} or newer" in plain("README.md")


@pytest.mark.parametrize("path", ["README.md", "docs/docsite/rst/compatibility.rst"])
def test_people_are_told(path: str) -> None:
    assert versions.told() in plain(path)


def test_the_guide_has_each_core_with_its_python() -> None:
    rows = re.findall(
        r"^ +\* - (2\.\d+\.\d+)\n +- (3\.\d+)$",
        (ROOT / "docs/docsite/rst/compatibility.rst").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert rows == [(core.version, core.python) for core in versions.cores()]


def test_an_example_environment_starts_from_a_tested_core() -> None:
    example = yaml.safe_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))
    wanted = example["dependencies"]["ansible_core"]["package_pip"]
    assert wanted.partition("==")[2] in {core.version for core in versions.cores()}
