# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workers of sglang-router and vllm-router in their multi-model mode (IGW).

Both keep workers in memory only, know them by URL, and take labels that they return as metadata:
there is the mark, and the fingerprint of the key. The public name is the name that the engine serves.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace
from urllib.parse import quote

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    problem_of,
    record,
    table,
    text,
    whole,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import (
    MANAGED_BY,
    Fields,
    Route,
    endpoint_of,
    shown_url,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.secret import (
    FIELD,
    fingerprint,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.engine_load import (
    answered,
    in_flight,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.reconcile import (
    BACKEND,
    UNKNOWN,
    Found,
    PlainRouter,
)

Json = t.Dict[str, t.Any]
_API = "/v1"
# What smg calls a worker that was removed and still answers.
_DRAINING = "draining"


def _id(value: t.Any) -> None:
    """A text, or in older routers a number."""
    (text(512) if isinstance(value, str) else whole())(value)


_ROWS = items(
    record(
        {},
        {
            "id": _id,
            "url": text(4096),
            "model_id": text(4096),
            "metadata": table(anything),
            "labels": table(anything),
            "status": text(64),
        },
    )
)


class Workers(PlainRouter):
    """What both routers have in common. ``router_key`` keys the fingerprints; it may be empty."""

    name = "the router"
    fields: t.Tuple[FieldSpec, ...] = (
        FieldSpec("managed_by"),
        FieldSpec("name"),
        FieldSpec("base_url"),
        FieldSpec("api_key", secret=True),
    )

    def __init__(self, http: HttpClient, router_key: str, options: HttpOptions) -> None:
        self._http, self._router_key, self._options = http, router_key, options

    def wanted(self, route: Route) -> Fields:
        fields = {
            "managed_by": MANAGED_BY,
            "name": route.name,
            "base_url": worker_url(route.base_url),
            "api_key": self._fingerprint(route),
        }
        return {name: value for name, value in fields.items() if value is not None}

    def find(self, route: Route) -> t.List[Found]:
        """By URL, since a router has one worker there; without a URL by name."""
        rows = [row for row in self._workers() if isinstance(row.get("url"), str)]
        if route.base_url is None:
            return [_found(row) for row in rows if row.get("model_id") == route.name]
        there = endpoint_of(route.base_url)
        return [_found(row) for row in rows if endpoint_of(row["url"]) == there]

    def check_new(self, route: Route, is_predicted: bool) -> None:
        """Any worker can be added; one that is down never shows up, which the caller notices."""

    def create(self, route: Route) -> None:
        body: Json = {
            "url": worker_url(route.base_url),
            "model_id": route.name,
            "labels": self._labels(route),
        }
        if route.api_key is not None:
            body["api_key"] = route.api_key
        self._send("POST", "/workers", body)

    def replacement(self, route: Route, changed: Fields) -> t.Optional[Route]:
        """Always: a worker keeps URL and name, and one that is written again gets requests twice."""
        return _with(route, changed)

    def update(self, found: Found, route: Route, changed: Fields) -> None:
        """At once, as no caller does who can wait for the former one to be gone."""
        self.delete(found)
        self.create(_with(route, changed))

    def tally(self, found: Found) -> t.Optional[int]:
        return answered(found.raw["url"], self._options)

    def reached(self, found: Found, route: Route, answer: Answer, tally: t.Optional[int]) -> str:
        """The engine's own counter tells, where no other request came in between."""
        now = self.tally(found)
        return BACKEND if tally is not None and now == tally + 1 else UNKNOWN

    def delete(self, found: Found) -> None:
        """One that is gone already is no error, however the router says so."""
        reply = self._http.request("DELETE", "/workers/%s" % quote(self._key(found), safe=""))
        if reply.status != 404 and "WORKER_NOT_FOUND" not in reply.text:
            self._check(reply)

    def _key(self, found: Found) -> str:
        return str(found.described["id"])

    def in_flight(self, found: Found) -> t.Optional[int]:
        return in_flight(found.raw["url"], self._options)

    def _workers(self) -> t.List[Json]:
        reply = self._http.request("GET", "/workers")
        self._check(reply)
        body = reply.json()
        rows = body.get("workers") if isinstance(body, dict) else None
        problem = problem_of(_ROWS, rows)
        if problem is not None:
            raise UnexpectedReply(
                "%s: GET %s answered without a usable list of workers: %s" % (self.name, reply.url, problem),
                hint="Check that router_url is the base URL of the router, started with --enable-igw.",
            )
        return t.cast("t.List[Json]", rows)

    def _labels(self, route: Route) -> Json:
        labels = {"managed_by": MANAGED_BY, FIELD: self._fingerprint(route)}
        return {name: value for name, value in labels.items() if value is not None}

    def _fingerprint(self, route: Route) -> t.Optional[str]:
        return None if route.api_key is None else fingerprint(route.api_key, self._router_key)

    def _send(self, method: str, path: str, body: t.Optional[Json] = None) -> None:
        self._check(self._http.request(method, path, json_body=body))

    def _check(self, reply: Reply) -> None:
        try:
            self._http.check(reply)
        except AutoconfigError as error:
            if reply.status == 401:
                error.hint = "Check router_api_key: workers are managed with the control-plane key."
            raise


class SglangRouter(Workers):
    """sglang-router and its successor smg: both accept at once and work in the background.

    smg calls the labels so, answers 409 to a URL that it has, and lists a removed worker as draining until the
    requests there have ended.
    """

    name = "sglang-router"


class VllmRouter(Workers):
    """vllm-router: knows workers by their URL."""

    name = "vllm-router"

    def _key(self, found: Found) -> str:
        return str(found.raw["url"])


def _with(route: Route, changed: Fields) -> Route:
    """The route with the changed name and URL, which are former ones where a write is taken back."""
    name, base_url = changed.get("name") or route.name, changed.get("base_url") or route.base_url
    return replace(route, name=name, base_url=base_url)


def worker_url(base_url: t.Optional[str]) -> t.Optional[str]:
    """The URL below which the router adds /v1 itself."""
    if base_url is not None and base_url.endswith(_API):
        return base_url[: -len(_API)]
    return base_url


def _found(row: Json) -> Found:
    labels = row.get("labels") or row.get("metadata") or {}
    url = shown_url(row["url"])
    fields = {
        "managed_by": labels.get("managed_by"),
        "name": row.get("model_id"),
        "base_url": url,
        "api_key": labels.get(FIELD),
    }
    described = {
        "id": row.get("id"),
        "name": row.get("model_id"),
        "model": row.get("model_id"),
        "endpoint": url + _API,
        "weight": None,
    }
    is_leaving = row.get("status") == _DRAINING
    return Found(fields, described, labels.get("managed_by") == MANAGED_BY, row, is_leaving)
