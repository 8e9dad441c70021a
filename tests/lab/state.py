# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state file: all that a client needs to use a running lab. Mode 0600, because it holds keys."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
Description = t.Dict[str, t.Any]


def default_path() -> Path:
    """AUTOCONFIG_LAB_STATE, else ``.build/lab/state.json`` of the checkout."""
    return Path(os.environ.get("AUTOCONFIG_LAB_STATE") or REPOSITORY / ".build" / "lab" / "state.json")


def write(path: Path, description: Description) -> None:
    """Store it in one step."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(description, file, indent=1)
    os.replace(draft, path)


def read(path: Path) -> t.Optional[Description]:
    """The description of a lab that runs, or None."""
    try:
        description = t.cast(Description, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return description if _is_supervisor(description["pid"]) else None


def remove(path: Path, pid: int) -> None:
    """Remove the file if it is still the one of this supervisor."""
    description = read(path)
    if description is not None and description["pid"] == pid:
        path.unlink()


def _is_supervisor(pid: int) -> bool:
    try:
        return b"tests.lab.supervisor" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
