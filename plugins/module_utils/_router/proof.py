# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: a real answer before a route is written, and one through the router after."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import (
    InferenceClient,
    Question,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.probe import Patience, probe

PROMPT = "Reply with the single word ready."
MAX_TOKENS = 32


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible API below ``url`` and the name to ask there."""

    url: str
    model: str
    api_key: t.Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class Completions:
    """One completion of ``kind`` from the backend and, where the router serves, one through it."""

    backend: Endpoint
    router: t.Optional[Endpoint]
    kind: str
    patience_s: float
    options: HttpOptions
    progress: t.Callable[[str], None]

    def ask_backend(self) -> None:
        """Raises ProbeFailed when the backend does not answer in time: nothing is written then."""
        self._ask(self.backend)

    def ask_router(self) -> bool:
        """Raises ProbeFailed when the router does not; False where it cannot be asked."""
        if self.router is None:
            return False
        self._ask(self.router)
        return True

    def _ask(self, endpoint: Endpoint) -> None:
        # The patience counts every attempt, so none may be repeated below it.
        http = replace(self.options, retries=0)
        patience = Patience(self.patience_s, http.clock, self.progress)
        with InferenceClient(endpoint.url, endpoint.api_key, http) as client:
            probe(client, Question(self.kind, endpoint.model, PROMPT, MAX_TOKENS), patience)
