# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated GPU hosts on this machine, and the inventory that names them.

A host is a folder: its gpus.json, a ``bin`` with the simulated nvidia-smi, and a ``python`` that puts
this bin first in PATH. With ``ansible_connection: local`` production playbooks run on it unchanged.
"""

from __future__ import annotations

import shlex
import stat
import sys
import typing as t
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from tests.lab.process import LabError
from tests.lab.shapes import gpus_document, write_document

DEFAULT_HOSTS = ("gpu-a=8xH100-80GB-SXM", "gpu-b=1xRTX4090", "gpu-c=2xL40S")
_SIMULATOR = Path(__file__).with_name("nvidia_smi.py")


@dataclass(frozen=True)
class SimulatedHost:
    """A host of the lab as the state file shows it."""

    name: str
    shape: str
    directory: str
    python: str

    def as_dict(self) -> t.Dict[str, str]:
        """For the state file."""
        return asdict(self)


def split_definition(definition: str) -> t.Tuple[str, str]:
    """``NAME=SHAPE`` in two parts."""
    name, _equals, shape = definition.partition("=")
    if not name or not shape:
        raise LabError(f"Cannot read the host {definition!r}: write NAME=SHAPE, for example gpu-a=2xL40S.")
    return name, shape


def make_host(parent: Path, definition: str, python: t.Optional[str] = None) -> SimulatedHost:
    """Write the folder of one host. ``python`` defaults to the interpreter below any virtual environment."""
    name, shape = split_definition(definition)
    interpreter = python or str(getattr(sys, "_base_executable", sys.executable))
    directory = parent / name
    (directory / "bin").mkdir(parents=True)
    write_document(directory / "gpus.json", gpus_document(name, shape))
    source = _SIMULATOR.read_text(encoding="utf-8")
    _write_program(directory / "bin" / "nvidia-smi", f"#!{interpreter}\n{source}")
    search_path = shlex.quote(str(directory / "bin"))
    wrapper = f'#!/bin/sh\nPATH={search_path}:$PATH\nexport PATH\nexec {shlex.quote(interpreter)} "$@"\n'
    _write_program(directory / "python", wrapper)
    return SimulatedHost(name, shape, str(directory), str(directory / "python"))


def write_inventory(path: Path, hosts: t.Iterable[SimulatedHost]) -> None:
    """An inventory with the group ``gpu_hosts``."""
    rows = {
        host.name: {"ansible_connection": "local", "ansible_python_interpreter": host.python}
        for host in hosts
    }
    inventory = {"all": {"children": {"gpu_hosts": {"hosts": rows}}}}
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")


def _write_program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
