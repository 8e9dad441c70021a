# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other releases of ansible-core: the collection's tests with each, in virtual environments below .venv/cores.

``python -m tests.cores`` runs the unit tests, the first run of the main job against the lab and the release's own
ansible-test sanity with each of tests/versions.yml; ``--part plan`` only plans once, as an installed collection.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from tests import versions
from tests.lab.hub import Hub
from tests.versions import ROOT, Core

ENVIRONMENTS = ROOT / ".venv" / "cores"
UV = ROOT / ".venv" / "bin" / "uv"
# Of requirements-dev.txt: what the tests import. The rest are tools.
_NEEDED = ("gguf", "hypothesis", "nvidia-ml-py", "pytest", "pytest-xdist")
MODEL = "Qwen/Qwen3-32B"
_LAB_TEST = "test_check_mode_predicts_the_run_and_a_second_run_changes_nothing"


class Failed(Exception):
    """A part failed; the text says what it printed, unless it was shown already."""


class Release:
    """One release in a virtual environment of its own."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.folder = ENVIRONMENTS / core.series
        self.bin = self.folder / "bin"

    def prepare(self) -> None:
        """Installs it, unless this very release is there already."""
        mark = self.folder / f".ready-{self.core.version}"
        if mark.exists():
            return
        python = _interpreter(self.core.python)
        shutil.rmtree(self.folder, ignore_errors=True)
        _run([UV, "venv", "--quiet", "--python", python, self.folder])
        wanted = [f"ansible-core=={self.core.version}", "-r", ROOT / "requirements.txt", *_pinned()]
        _run([UV, "pip", "install", "--quiet", "--python", self.bin / "python", *wanted])
        mark.touch()

    def environment(self, home: Path) -> t.Dict[str, str]:
        """Nothing of the caller's own Ansible is left in it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        return {
            **kept,
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
            "ANSIBLE_NOCOLOR": "1",
        }

    def unit(self, home: Path) -> str:
        """The unit tests; their last line."""
        return self._pytest(home, "tests/unit", "-m", "not slow", "-n", "2")

    def lab(self, home: Path) -> str:
        """Check mode, run and second run of the main job against the genuine server."""
        return self._pytest(home, "tests/integration/test_main_job.py", "-k", _LAB_TEST)

    def sanity(self, _home: Path) -> str:
        """The release's own sanity tests, on all Pythons of its that are here."""
        environment = {**os.environ, "AUTOCONFIG_CORE": str(self.bin)}
        return _run([ROOT / ".ci" / "sanity"], env=environment).splitlines()[-1]

    def plan(self, home: Path) -> str:
        """Build, install into an empty folder, and plan for cards that are not there."""
        environment = self.environment(home)
        environment.pop("PYTHONPATH", None)
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(home / "collections")
        galaxy = [self.bin / "ansible-galaxy", "collection"]
        _run([*galaxy, "build", "--output-path", home, ROOT], env=environment)
        archive = next(home.glob("modelscan-autoconfig-*.tar.gz"))
        _run([*galaxy, "install", "--offline", archive, "-p", home / "collections"], env=environment)
        hub = Hub(home)
        try:
            environment["MODELSCAN_AUTOCONFIG_CACHE"] = str(home / "cache")
            environment["HF_ENDPOINT"] = hub.url("huggingface")
            environment["MODELSCOPE_ENDPOINT"] = hub.url("modelscope")
            environment["MODELS_DEV_URL"] = hub.url("models_dev")
            said = _run(
                [self.bin / "ansible-playbook", *_plan_arguments(self.bin)], env=environment, cwd=home
            )
        finally:
            hub.stop()
        return _judged(said)

    def _pytest(self, home: Path, *arguments: str) -> str:
        command = [self.bin / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        return _run(command, env=self.environment(home)).splitlines()[-1]


def _plan_arguments(folder: Path) -> t.List[str]:
    return [
        *("-i", "localhost,", "-c", "local", "modelscan.autoconfig.plan"),
        *("-e", f"model_deployment_model={MODEL}", "-e", "model_deployment_simulate=8xH200"),
        *("-e", f"ansible_python_interpreter={folder / 'python'}"),
    ]


def _judged(said: str) -> str:
    """The line with the plan. Deprecated words of ours, and warnings that name our files, are failures."""
    complaints = [line for line in said.splitlines() if "DEPRECATION" in line]
    plan = [line.strip(' ",') for line in said.splitlines() if MODEL in line and "H200" in line]
    if complaints or not plan:
        raise Failed("\n".join(complaints) or said)
    return plan[0]


def _interpreter(minor: str) -> str:
    found = subprocess.run([ROOT / ".ci" / "python", minor], capture_output=True, text=True, check=False)
    if found.returncode:
        raise Failed(found.stderr.strip())
    return found.stdout.strip()


def _pinned() -> t.List[str]:
    lines = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in _NEEDED]


def _run(
    command: t.Sequence[object],
    env: t.Optional[t.Mapping[str, str]] = None,
    cwd: Path = ROOT,
) -> str:
    """What the command printed.

    :raises Failed: with all that it said, when it fails.
    """
    done = subprocess.run(
        [str(word) for word in command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(done.stdout)
    return done.stdout.strip()


def _try(release: Release, part: str) -> bool:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="autoconfig-core-") as home:
        try:
            release.prepare()
            said, passed = getattr(release, part)(Path(home)), True
        except Failed as exc:
            said, passed = str(exc), False
    name = f"ansible-core {release.core.version}, Python {release.core.python}, {part}"
    print(
        f"{name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s: {said}", flush=True
    )
    return passed


def main(arguments: t.Optional[t.Sequence[str]] = None) -> int:
    """The exit status: 0 when all parts passed with all releases."""
    parser = argparse.ArgumentParser(prog="python -m tests.cores", description=__doc__)
    parser.add_argument("releases", nargs="*", metavar="RELEASE", help="2.16; none means all")
    parser.add_argument("--ends", action="store_true", help="the oldest and the newest only")
    parser.add_argument("--part", action="append", choices=_PARTS, help="may be given again; none means all")
    options = parser.parse_args(arguments)
    cores = versions.cores()
    chosen = [cores[0], cores[-1]] if options.ends else cores
    chosen = [core for core in chosen if not options.releases or core.series in options.releases]
    if not chosen:
        parser.error("no such release in tests/versions.yml")
    results = [_try(Release(core), part) for core in chosen for part in options.part or _PARTS]
    return 0 if all(results) else 1


_PARTS = ("plan", "unit", "lab", "sanity")

if __name__ == "__main__":
    sys.exit(main())
