# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a source has answered during one task."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import SourceStatus
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.cache import Fetched
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import Unavailable


class Answers:
    """Live as soon as the hub answered once; as old as the oldest answer that was used."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._live = False
        self._as_of: t.Optional[float] = None
        self._problem: t.Optional[str] = None
        self._count = 0

    @contextmanager
    def watching(self) -> t.Iterator[None]:
        """Notes an Unavailable that passes through."""
        try:
            yield
        except Unavailable as exc:
            self._problem = exc.message
            raise

    def saw(self, fetched: Fetched) -> None:
        self._count += 1
        self._live = self._live or fetched.state == "live"
        self._as_of = fetched.as_of if self._as_of is None else min(self._as_of, fetched.as_of)
        self._problem = fetched.problem or self._problem

    def summary(self) -> SourceStatus:
        if self._as_of is None:
            return SourceStatus(self._name, "failed" if self._problem else "live", error=self._problem)
        state = "live" if self._live else "cached"
        return SourceStatus(self._name, state, self._as_of, self._count, self._problem)
