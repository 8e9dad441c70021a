# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a backend works on, as its own metrics tell."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import AutoconfigError
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.foreign import is_number
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)

_ANSWERED = re.compile(
    r"^(?:vllm:request_success_total|sglang:num_requests_total)(?:\{[^}]*\})?\s+(\S+)", re.MULTILINE
)
_IN_FLIGHT = re.compile(
    r"^(?:vllm:num_requests_(?:running|waiting)|sglang:num_(?:running|queue)_reqs)(?:\{[^}]*\})?\s+(\S+)",
    re.MULTILINE,
)


def in_flight(endpoint: t.Optional[str], options: HttpOptions) -> t.Optional[int]:
    """Running and waiting requests of a vLLM or SGLang engine; None for any other server.

    The names are those of the engines' Prometheus metrics, found beside /v1.
    """
    return _sum_of(_IN_FLIGHT, endpoint, options)


def answered(endpoint: t.Optional[str], options: HttpOptions) -> t.Optional[int]:
    """Requests that a vLLM or SGLang engine has answered since its start; None for any other server."""
    return _sum_of(_ANSWERED, endpoint, options)


def _sum_of(metric: t.Pattern[str], endpoint: t.Optional[str], options: HttpOptions) -> t.Optional[int]:
    if not endpoint:
        return None
    root = endpoint[: -len("/v1")] if endpoint.endswith("/v1") else endpoint
    try:
        with HttpClient(root, "the backend", options=options) as http:
            reply = http.request("GET", "/metrics")
            found = [float(value) for value in metric.findall(reply.text)]
        if not all(map(is_number, found)):
            return None
    except (AutoconfigError, ValueError):
        return None
    return int(sum(found)) if found and reply.status == 200 else None
