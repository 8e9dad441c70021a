# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worker routers' protocols in memory, as their sources tell them, and what each worker's share is."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import HttpOptions

from tests.unit.wire import FakeClock


@dataclass
class WorkerRouter:
    """One of sglang_router, vllm_router and smg.

    ``index`` is the router's own list by which it shares requests: the first two append a URL to it again when a
    worker is written a second time. ``leaving_s`` is how long smg lists a removed worker as draining.
    """

    dialect: str
    leaving_s: float = 3.0
    clock: FakeClock = field(default_factory=FakeClock)
    rows: dict[str, dict[str, t.Any]] = field(default_factory=dict)
    keys: dict[str, str | None] = field(default_factory=dict)
    index: list[str] = field(default_factory=list)
    gone_at: dict[str, float] = field(default_factory=dict)

    def options(self) -> HttpOptions:
        return HttpOptions(transport=httpx.MockTransport(self._answer), clock=self.clock, retries=0)

    def shares(self) -> dict[str, float]:
        counts = Counter(self.index)
        return {url: count / len(self.index) for url, count in counts.items()}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self._let_leave()
        rest = unquote(request.url.raw_path.decode())[len("/workers") :].lstrip("/")
        body = json.loads(request.content) if request.content else {}
        if request.method == "GET":
            return httpx.Response(200, json={"workers": list(self.rows.values()), "total": len(self.rows)})
        if request.method == "POST":
            return self._post(body)
        return self._delete(rest)

    def _post(self, body: dict[str, t.Any]) -> httpx.Response:
        url = body["url"]
        if self.dialect == "smg" and url in self.rows:
            return httpx.Response(
                409, json={"error": "Worker already exists", "code": "WORKER_ALREADY_EXISTS"}
            )
        labels = "labels" if self.dialect == "smg" else "metadata"
        self.rows[url] = {"id": "id-" + url[-1], "url": url, "model_id": body["model_id"], "is_healthy": True}
        self.rows[url][labels] = body["labels"]
        if self.dialect == "smg":
            self.rows[url]["status"] = "ready"
        self.keys[url] = body.get("api_key")
        self.index.append(url)
        return httpx.Response(200 if self.dialect == "vllm_router" else 202, json={"worker_id": "x"})

    def _delete(self, key: str) -> httpx.Response:
        url = next((url for url, row in self.rows.items() if key in (url, row["id"])), None)
        if url is None:
            status = 400 if self.dialect == "vllm_router" else 404
            return httpx.Response(status, json={"code": "WORKER_NOT_FOUND"})
        self.index = [each for each in self.index if each != url]
        if self.dialect == "smg":
            self.rows[url]["status"] = "draining"
            self.gone_at[url] = self.clock.monotonic() + self.leaving_s
        else:
            del self.rows[url]
        return httpx.Response(202, json={"status": "accepted"})

    def _let_leave(self) -> None:
        for url, moment in list(self.gone_at.items()):
            if self.clock.monotonic() >= moment:
                del self.gone_at[url], self.rows[url]
