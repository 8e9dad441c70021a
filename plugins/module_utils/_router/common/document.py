# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the forms of router files have in common: entries, one after another."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Data = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Entry:
    """One entry of a file: its data, its line (from 1), and whether it carries our mark.

    ``environment`` are the variables that the file sets for its router.
    """

    data: Data
    line: int
    marked: bool
    environment: t.Mapping[str, t.Any] = field(default_factory=dict)


class Document(t.Protocol):
    """A file's text. Each edit gives the new text, in which all that is not the entry stays as it is."""

    @property
    def entries(self) -> t.Sequence[Entry]: ...

    def setting(self, *keys: str) -> t.Any:
        """The text of a scalar setting beside the entries, None where there is none."""

    def appended(self, data: Data) -> str:
        """The text with one more entry behind all others."""

    def replaced(self, index: int, data: Data) -> str:
        """The text with other content for one entry."""

    def removed(self, index: int) -> str:
        """The text without one entry."""
