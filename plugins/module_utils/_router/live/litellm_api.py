# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes in a running LiteLLM proxy with a database, by its management API."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.diff import FieldSpec
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    ProbeFailed,
    Unavailable,
    UnexpectedReply,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.http import (
    HttpClient,
    HttpOptions,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.reply import Reply
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import items, problem_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import Answer
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.base import Fields, Route
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.document import Entry
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.common.secret import (
    FIELD,
    fingerprint,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files import (
    litellm_shares as sharing,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm import (
    ENTRY,
    LiteLLM,
    backend_key,
    parameters_of,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.files.litellm_file import shares_of
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.engine_load import in_flight
from ansible_collections.modelscan.autoconfig.plugins.module_utils._router.live.reconcile import (
    BACKEND,
    OTHER,
    UNKNOWN,
    Companion,
    Found,
    PlainRouter,
)

Json = t.Dict[str, t.Any]
_ROWS = items(ENTRY)
# The proxy answers a wrong key with a plain digest of it.
_KEY_HASH = re.compile(r"(?<=Key Hash \(Token\) =)[0-9a-f]+")


class LiteLLMApi(PlainRouter):
    """Entries have the shape of the proxy's file, so that one description serves both.

    The proxy never returns a key: a fingerprint of it in ``model_info`` tells when it changed.
    """

    name = "LiteLLM"
    # An entry keeps the id that it was made with.
    fields: t.Tuple[FieldSpec, ...] = tuple(spec for spec in LiteLLM.fields if spec.name != "id")

    def __init__(self, http: HttpClient, router_key: str, options: HttpOptions, fills: bool = False) -> None:
        self._fills = fills
        self._http, self._router_key, self._options = http, router_key, options
        self._form = LiteLLM()

    def wanted(self, route: Route) -> Fields:
        fields = self._form.wanted(route)
        del fields["id"]
        if "api_key" in fields:
            fields["api_key"] = fingerprint(fields["api_key"], self._router_key)
        return fields

    def find(self, route: Route) -> t.List[Found]:
        return [self._found(entry, route) for entry in self._entries() if self._form.is_route(entry, route)]

    def companions(self, route: Route, found: t.Optional[Found], names: t.Set[str]) -> t.List[Companion]:
        if not names & {"name", "weight"}:
            return []
        mine = None if found is None else found.described["id"]
        others = [
            entry
            for entry in self._entries()
            if entry.data.get("model_name") == route.name and _id(entry) != mine
        ]
        before = {} if found is None else dict(found.raw.get("litellm_params") or {})
        own: Json = {"litellm_params": dict(before, **parameters_of(self._form.wanted(route)))}
        rows = [*(entry.data for entry in others), own]
        weights = sharing.settled(
            rows, len(others), self._fills, lambda each: _in_database(others[each]), route.name
        )
        return [Companion(str(_id(others[each])), weight) for each, weight in weights.items()]

    def give_weight(self, companion: Companion) -> None:
        path = "/model/%s/update" % quote(companion.id, safe="")
        self._send("PATCH", path, {"litellm_params": {"weight": companion.weight}})

    def shares(self, route: Route) -> t.List[Fields]:
        return shares_of(self._group(route), self._strategy(route))

    def remarks(self, route: Route) -> t.List[str]:
        return sharing.remarks(
            [entry.data for entry in self._group(route)], self._strategy(route), route.name
        )

    def reached(self, found: Found, route: Route, answer: Answer, tally: t.Optional[int]) -> str:
        """The proxy tells which entry answered."""
        if answer.deployment is None:
            return UNKNOWN
        if answer.deployment == str(found.described["id"]):
            return BACKEND
        if answer.deployment in {str(_id(entry)) for entry in self._group(route)}:
            return OTHER
        raise ProbeFailed(
            "LiteLLM: %s is answered by the entry %s, which has another name"
            % (route.name, answer.deployment),
            hint="Look for the name in router_settings.model_group_alias and in its routing groups.",
        )

    def _group(self, route: Route) -> t.List[Entry]:
        return [entry for entry in self._entries() if entry.data.get("model_name") == route.name]

    def _strategy(self, route: Route) -> t.Optional[str]:
        """None where the proxy does not tell."""
        try:
            reply = self._http.request("GET", "/router/settings")
            body = reply.json() if reply.status == 200 else None
        except AutoconfigError:
            return None
        values = body.get("current_values") if isinstance(body, dict) else None
        return sharing.strategy_of(values, route.name) if isinstance(values, dict) else None

    def _entries(self) -> t.List[Entry]:
        reply = self._http.request("GET", "/model/info")
        self._check(reply)
        body = reply.json()
        rows = body.get("data") if isinstance(body, dict) else None
        problem = problem_of(_ROWS, rows)
        if problem is not None:
            raise UnexpectedReply(
                "LiteLLM: GET %s answered without a usable list of models: %s" % (reply.url, problem),
                hint="Check that router_url is the base URL of a LiteLLM proxy.",
            )
        return [Entry(row, 0, False) for row in t.cast("t.List[Json]", rows)]

    def check_new(self, route: Route, is_predicted: bool) -> None:
        """Any backend can be added."""

    def create(self, route: Route) -> None:
        body = self._form.merged(None, self._form.wanted(route))
        body["model_info"].update(self._mark(route))
        self._send("POST", "/model/new", body)

    def update(self, found: Found, route: Route, changed: Fields) -> None:
        self._refuse_file_entry(found)
        # The proxy ignores null, so what was never set cannot be put back.
        parameters = {key: value for key, value in parameters_of(changed).items() if value is not None}
        info: Json = dict(changed.get("model_info") or {})
        if changed.get("managed_by"):
            info["managed_by"] = changed["managed_by"]
        if "api_key" in changed:
            parameters["api_key"] = backend_key(route)
            info.update(self._mark(route))
        body: Json = {"model_name": changed["name"]} if "name" in changed else {}
        if parameters:
            body["litellm_params"] = parameters
        if info:
            body["model_info"] = info
        self._send("PATCH", "/model/%s/update" % quote(str(found.described["id"]), safe=""), body)

    def delete(self, found: Found) -> None:
        self._refuse_file_entry(found)
        reply = self._http.request("POST", "/model/delete", json_body={"id": found.described["id"]})
        if reply.status != 400 or "not found in db" not in reply.text:
            self._check(reply)

    def in_flight(self, found: Found) -> t.Optional[int]:
        return in_flight(found.described["endpoint"], self._options)

    def _found(self, entry: Entry, route: Route) -> Found:
        info = entry.data.get("model_info") or {}
        fields = self._form.found(entry, route)
        # A proxy that answers with masked keys still tells nothing about them.
        fields["api_key"] = info.get(FIELD)
        return Found(fields, self._form.described(entry), self._form.is_ours(entry), entry.data)

    def _mark(self, route: Route) -> Json:
        key = backend_key(route)
        return {} if key is None else {FIELD: fingerprint(key, self._router_key)}

    def _refuse_file_entry(self, found: Found) -> None:
        if not (found.raw.get("model_info") or {}).get("db_model"):
            raise Conflict(
                "LiteLLM: the route %s comes from the proxy's file, which its API cannot change"
                % found.described["name"],
                hint="Manage it with path instead of router_url, or remove it from the file.",
            )

    def _send(self, method: str, path: str, body: Json) -> None:
        self._check(self._http.request(method, path, json_body=body))

    def _check(self, reply: Reply) -> None:
        if reply.status < 300:
            return
        if reply.status == 500 and "No DB Connected" in reply.text:
            raise Unavailable(
                "LiteLLM: %s %s: the proxy has no database" % (reply.method, reply.url),
                hint="Set database_url and store_model_in_db there, or edit its file with path.",
                status=500,
            )
        try:
            self._http.check(reply)
        except AutoconfigError as error:
            if reply.status == 401:
                error.message = _KEY_HASH.sub("(hidden)", error.message)
                error.hint = (
                    "Check router_api_key: it has to be the proxy's master key or an administrator's."
                )
            raise


def _id(entry: Entry) -> t.Any:
    return (entry.data.get("model_info") or {}).get("id")


def _in_database(entry: Entry) -> bool:
    return bool((entry.data.get("model_info") or {}).get("db_model"))
