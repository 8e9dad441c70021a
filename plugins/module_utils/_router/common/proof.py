# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real answer before a route is written, and one through the router after."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import ProbeFailed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import (
    Answer,
    InferenceClient,
    Question,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.probe import Patience, probe

PROMPT = "Reply with the single word ready."
MAX_TOKENS = 32
_REFUSED = frozenset((401, 403))
_BACKEND_KEY = (
    "Check the key that the backend is asked with: probe_api_key, else api_key or what api_key_env names,"
    " for GPUStack gpustack_api_key."
)
_ROUTER_KEY = (
    "Check router_inference_key, or router_api_key where it is omitted, and the key that the router has for"
    " the backend: api_key or api_key_env."
)


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
        try:
            self._ask(self.backend, "the backend", _BACKEND_KEY)
        except ProbeFailed as failure:
            failure.hint = ("%s Nothing was written." % (failure.hint or "")).lstrip()
            raise

    def ask_router(self) -> t.Optional[Answer]:
        """Raises ProbeFailed when the router does not answer; None where it cannot be asked."""
        return None if self.router is None else self._ask(self.router, "the router", _ROUTER_KEY)

    def _ask(self, endpoint: Endpoint, name: str, key_hint: str) -> Answer:
        # The patience counts every attempt, so none may be repeated below it.
        http = replace(self.options, retries=0)
        patience = Patience(self.patience_s, http.clock, self.progress, keyless=not endpoint.api_key)
        try:
            with InferenceClient(endpoint.url, endpoint.api_key, http, name) as client:
                return probe(client, Question(self.kind, endpoint.model, PROMPT, MAX_TOKENS), patience)
        except ProbeFailed as failure:
            if failure.details.get("status") in _REFUSED:
                failure.hint = key_hint
            raise
