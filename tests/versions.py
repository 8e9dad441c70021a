# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases that the tests run with, as tests/versions.yml has them."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "tests" / "versions.yml"


class Core(t.NamedTuple):
    """A release of ansible-core, and the Python that it is tested on."""

    version: str
    python: str
    default: bool = False

    @property
    def series(self) -> str:
        """The release without its last number, 2.19."""
        return self.version.rpartition(".")[0]


class Server(t.NamedTuple):
    """The release of a server in the lab, None without one, and those that are tried beside it."""

    lab: t.Optional[str]
    others: t.Tuple[str, ...] = ()

    @property
    def releases(self) -> t.List[str]:
        """All of them, oldest first."""
        found = [release for release in (self.lab, *self.others) if release]
        return sorted(found, key=lambda each: [int(number) for number in each.split(".")])


def _document() -> t.Dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", yaml.safe_load(FILE.read_text(encoding="utf-8")))


def cores() -> t.List[Core]:
    """Oldest first."""
    return [Core(**entry) for entry in _document()["ansible_core"]]


def servers() -> t.Dict[str, Server]:
    """By the name that people know them by."""
    return {
        name: Server(entry.get("lab"), tuple(entry.get("others", ())))
        for name, entry in _document()["servers"].items()
    }


def told() -> str:
    """One sentence for people: what the tests ran against."""
    parts = ["%s %s" % (name, enumeration(server.releases)) for name, server in servers().items()]
    whole = [core.series for core in cores() if core.default]
    others = [core.series for core in cores() if not core.default]
    return "Tested against %s, on ansible-core %s; with %s and %s it plans." % (
        ", ".join(parts), enumeration(whole), others[0], others[-1],
    )  # fmt: skip


def enumeration(words: t.Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
