# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a plan is as it is: one value that every step of planning adds to, and that reporting renders.

Nothing is decided by what it holds. A step that tries something for another step's sake gets a recorder
of its own, whose reasons are dropped or adopted.
"""

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.outcome import Rejection


class Recorder:
    """Rejections, warnings and notes in the order in which they came up, each text once, and evidence by name."""

    def __init__(self) -> None:
        self._rejections: t.List[Rejection] = []
        self._warnings: t.Dict[str, None] = {}
        self._notes: t.Dict[str, None] = {}
        self._evidence: t.Dict[str, str] = {}

    @property
    def rejected(self) -> t.Tuple[Rejection, ...]:
        """What is not the plan, each with the first limit that it breaks."""
        return tuple(self._rejections)

    @property
    def warnings(self) -> t.Tuple[str, ...]:
        """What a user should know before taking the plan."""
        return tuple(self._warnings)

    @property
    def notes(self) -> t.Tuple[str, ...]:
        """What explains the plan and asks for nothing: lines below it."""
        return tuple(self._notes)

    @property
    def evidence(self) -> t.Dict[str, str]:
        """Where numbers come from, by their names in a plan: measured, derived, estimated or assumed."""
        return dict(self._evidence)

    def reject(self, rejections: t.Iterable[Rejection]) -> None:
        """Add candidates that are out, with their reasons."""
        self._rejections.extend(rejections)

    def warn(self, texts: t.Iterable[str]) -> None:
        """Add what a user should know."""
        self._warnings.update(dict.fromkeys(texts))

    def note(self, texts: t.Iterable[str]) -> None:
        """Add lines that explain."""
        self._notes.update(dict.fromkeys(texts))

    def attest(self, evidence: t.Mapping[str, str]) -> None:
        """Say where numbers come from; what is said last of a number holds."""
        self._evidence.update(evidence)

    def adopt(self, other: Recorder) -> None:
        """Add all that another one holds."""
        self.reject(other.rejected)
        self.warn(other.warnings)
        self.note(other.notes)
        self.attest(other.evidence)
