# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that answer every request with something sound, but for one answer that is given.

A case for a client is the JSON text ``[URL, BODY]``: whatever is asked for at that path and query is
answered with BODY.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qsl, urlsplit

import httpx
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions

from tests.unit.gpustack.conftest import a_model, a_worker, an_instance, page
from tests.unit.wire import FakeClock

Json = t.Any
_CASE = re.compile(rb'\s*\["([^"]*)"\s*,\s*(.*)\]\s*\Z', re.DOTALL)
Answers = t.Callable[[str, t.Mapping[str, str]], Json]

ROUTE = {
    "id": 3,
    "name": "qwen3-8b",
    "created_model_id": 7,
    "targets": 1,
    "ready_targets": 1,
    "access_policy": "authed",
    "owner_principal_id": 1,
    "meta": {"modelscan_autoconfig": {"managed_by": "modelscan.autoconfig"}},
}
TARGET = {
    "id": 4,
    "route_id": 3,
    "route_name": "qwen3-8b",
    "model_id": 7,
    "weight": 100,
    "state": "active",
    "fallback_status_codes": None,
}
REVISIONS = [
    {"revision": 2, "created_at": "2026-01-01T09:00:00Z"},
    {"revision": 1, "created_at": "2025-12-31T09:00:00Z"},
]
FILE = {
    "id": 5,
    "worker_id": 1,
    "source": "huggingface",
    "huggingface_repo_id": "Qwen/Qwen3-8B",
    "state": "ready",
    "size": 16 << 30,
    "resolved_paths": ["/models/Qwen/Qwen3-8B"],
}
BACKENDS = [
    {
        "backend_name": "vLLM",
        "enabled": True,
        "is_built_in": True,
        "versions": [{"version": "0.11.0", "is_deprecated": False}],
    }
]


def override(case: bytes) -> t.Tuple[str, bytes]:
    """URL and body of a case; the body may be no JSON."""
    found = _CASE.match(case)
    return ("", case) if found is None else (found.group(1).decode("utf-8", "replace"), found.group(2))


def options(
    answers: Answers, url: str = "", body: bytes = b"", content_type: str = "application/json"
) -> HttpOptions:
    """HTTP options whose network is ``answers``, but for the answer to ``url``."""
    given = urlsplit(url)

    def answer(request: httpx.Request) -> httpx.Response:
        asked = urlsplit(str(request.url))
        if (
            url
            and asked.path == given.path
            and sorted(parse_qsl(asked.query)) == sorted(parse_qsl(given.query))
        ):
            return httpx.Response(200, content=body, headers={"content-type": content_type})
        found = answers(asked.path, dict(parse_qsl(asked.query)))
        if found is None:
            return httpx.Response(404, json={"detail": "Not Found"})
        if isinstance(found, bytes):
            return httpx.Response(200, content=found)
        return httpx.Response(200, json=found)

    return HttpOptions(transport=httpx.MockTransport(answer), clock=FakeClock(), retries=0)


def gpustack(path: str, query: t.Mapping[str, str]) -> Json:
    """A GPUStack with one deployment, one worker and one route."""
    if query.get("watch"):
        return None
    if path == "/v2/models":
        return page(*([a_model()] if query.get("search", "qwen3-8b") in "qwen3-8b" else []))
    if path == "/v2/model-routes":
        return page(*([ROUTE] if query.get("name", "qwen3-8b") == "qwen3-8b" else []))
    listed: t.Mapping[str, t.Sequence[Json]] = {
        "/v2/model-instances": [an_instance()],
        "/v2/models/7/instances": [an_instance()],
        "/v2/workers": [a_worker()],
        "/v2/clusters": [{"id": 1, "name": "Default Cluster"}],
        "/v2/model-route-targets": [TARGET],
        "/v2/model-files": [FILE],
        "/v2/models/7/revisions": REVISIONS,
        "/v2/inference-backends/list": BACKENDS,
    }
    single: t.Mapping[str, Json] = {
        "/version": {"version": "v2.3.0"},
        "/v2/models/7": a_model(),
        "/v2/models/7/revisions/2": {"spec": a_model()},
        "/v2/model-evaluations": {"results": [{"compatible": True}]},
        "/v2/models/import": {"dry_run": True, "valid": True, "entries": []},
    }
    return page(*listed[path]) if path in listed else single.get(path)
