# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reviewed plan as a file: written, read again as it was, and refused where what it was made for has moved."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.decoding import (
    Undecodable,
    json_value,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    Conflict,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    maybe,
    problem_of,
    record,
    some,
    table,
    text,
    whole,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.whole_file import (
    clear_away,
    read_text,
    replace_text,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.request.plan_shape import filed_plan

Json = t.Dict[str, t.Any]

SCHEMA = 1
KIND = "modelscan.autoconfig plan"
# Of the result of model_plan, what is kept for each site.
KEPT = ("plans", "plan_lines", "rejected", "options", "warnings", "moves", "holds", "sources")
# Of a deployment, what tells that nobody has changed it.
_FINGERPRINT = ("id", "plan_id", "repository", "backend", "backend_version", "backend_parameters", "replicas")

_FILE = record({"path": text(), "size_bytes": whole()}, {"sha256": text()})
_RUN = record(
    {"plan_id": maybe(text())}, {"id": whole(), "repository": text(), "backend_parameters": items(text())}
)
_REJECTED = record({"site": text(), "variant": text(), "reason": text()}, {"quantization": text()})
_SITE = record(
    {
        **dict.fromkeys(KEPT, anything),
        "plans": some(filed_plan),
        "server": record({}, {"version": text()}),
        "running": table(maybe(_RUN)),
    },
    {
        "order": items(text()),
        "plan_lines": items(text()),
        "warnings": items(text()),
        "options": items(table(anything)),
        "moves": items(record({"line": text()})),
        "rejected": items(_REJECTED),
        "sources": record({}, {"files": table(items(_FILE)), "revisions": table(anything)}),
    },
)
CONTENT = record({"sites": table(_SITE)})


def written(sites: t.Mapping[str, t.Tuple[Json, Json]]) -> str:
    """The text of a plan file for (result of model_plan, what the server runs) by site.

    The same values give the same text; there is no time in it, and no secret.
    """
    content: Json = {
        "kind": KIND,
        "schema": SCHEMA,
        "sites": {name: _entry(planned, running) for name, (planned, running) in sites.items()},
    }
    return _text({**content, "digest": _digest(content)})


def _entry(planned: Json, running: Json) -> Json:
    names = [plan["name"] for plan in planned["plans"]]
    return {
        **{key: planned.get(key) for key in KEPT},
        **({"order": planned.get("order") or names} if len(names) > 1 else {}),
        "server": {"version": (running.get("server") or {}).get("version")},
        "running": {name: _fingerprint(name, running.get("deployments") or ()) for name in names},
    }


def _fingerprint(name: str, deployments: t.Iterable[Json]) -> t.Optional[Json]:
    for each in deployments:
        if each.get("name") == name:
            return {key: each.get(key) for key in _FINGERPRINT}
    return None


def write(path: str, text: str, check_mode: bool) -> bool:
    """Whether the file is, or would be, another than before; it is written whole or not at all."""
    try:
        if not check_mode:
            clear_away(path)
        if read_text(path) == text:
            return False
        if not check_mode:
            replace_text(path, text)
    except OSError as exc:
        raise InvalidInput(
            "The plan file cannot be written to %s: %s" % (path, exc.strerror or exc),
            hint="Name a file in a folder that exists and may be written to.",
        ) from exc
    return True


def read(path: str) -> Json:
    """The content of a plan file.

    :raises InvalidInput: it is none, or somebody has edited it.
    """
    try:
        found = read_text(path)
    except OSError as exc:
        raise InvalidInput("The plan file %s cannot be read: %s" % (path, exc.strerror or exc)) from exc
    if found is None:
        raise InvalidInput(
            "There is no plan file %s" % path,
            hint="Write it with the plan playbook, or correct plan_file.",
        )
    try:
        content = json_value(found)
    except Undecodable as exc:
        raise InvalidInput("%s is no plan file: it %s" % (path, exc), hint="Write it again.") from exc
    if not isinstance(content, dict) or content.get("kind") != KIND or content.get("schema") != SCHEMA:
        raise InvalidInput("%s is no plan file of schema %d" % (path, SCHEMA), hint="Write it again.")
    if content.get("digest") != _digest({key: content[key] for key in content if key != "digest"}):
        raise Conflict(
            "The plan file %s was edited after it was written" % path,
            hint="Plan again with the options that you want; what is applied is what was reviewed.",
        )
    problem = problem_of(CONTENT, content)
    if problem is not None:
        raise InvalidInput(
            "The plan file %s cannot be applied: %s" % (path, problem),
            hint="Write it again with the plan playbook.",
        )
    return content


def _digest(content: Json) -> str:
    return hashlib.sha256(_text(content).encode("utf-8")).hexdigest()


def _text(content: Json) -> str:
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


class Now(t.NamedTuple):
    """What there is when a plan file is applied: the server's word, and the options that are given.

    ``wishes`` are by the name of the deployment, None for one that is not named. With ``several`` all are named.
    """

    site: str
    server: Json
    workers: t.Optional[t.Sequence[Json]]
    deployed: t.Sequence[Json]
    wishes: t.Mapping[t.Optional[str], Json]
    several: bool = False


def applied(path: str, now: Now) -> Json:
    """The entry of a site, as it was written.

    :raises Conflict: it is stale; each thing that moved is named.
    """
    sites = read(path)["sites"]
    entry = sites.get(now.site)
    if entry is None:
        raise Conflict(
            "The plan file %s has no plan for %s; it has one for %s"
            % (path, now.site, ", ".join(sorted(sites)) or "nothing"),
            hint="Plan again for all servers that are to be deployed on.",
        )
    stale = [text for plan in entry["plans"] for text in _stale(plan, entry, now)]
    if stale:
        raise Conflict(
            "The plan file %s is stale for %s: %s" % (path, now.site, "; ".join(dict.fromkeys(stale))),
            hint="Plan again, and have the new file reviewed. Nothing was changed.",
            stale=stale,
        )
    return t.cast(Json, entry)


def _stale(plan: Json, entry: Json, now: Now) -> t.Iterator[str]:
    yield from _other_wishes(plan, now)
    was, is_now = entry["server"].get("version"), now.server.get("version")
    if was and is_now and was != is_now:
        yield "the server was version %s and is %s" % (was, is_now)
    yield from _other_hardware(plan, now.workers)
    former, found = entry["running"].get(plan["name"]), _fingerprint(plan["name"], now.deployed)
    # What the file itself has brought about is no reason to refuse it.
    if former != found and not (found and found["plan_id"] == plan["plan_id"]):
        yield "the deployment %s %s when the file was written, and now %s" % (
            plan["name"], _in_words(former), _in_words(found),
        )  # fmt: skip


def _in_words(fingerprint: t.Optional[Json]) -> str:
    if fingerprint is None:
        return "was not there"
    return "ran %s with %s of plan %s" % (
        fingerprint.get("repository"), " ".join(fingerprint.get("backend_parameters") or ()) or "no arguments",
        fingerprint["plan_id"] or "nobody",
    )  # fmt: skip


def _other_wishes(plan: Json, now: Now) -> t.Iterator[str]:
    if now.several and plan["name"] not in now.wishes:
        yield "%s is not among the models beside it" % plan["name"]
        return
    for name, wishes in now.wishes.items():
        if now.several and name != plan["name"]:
            continue
        if name is not None and name != plan["name"]:
            yield "name is %s beside it, and the file is for %s" % (name, plan["name"])
        for option in sorted(wishes):
            given, meant = wishes[option], plan["wishes"].get(option)
            if given != meant:
                yield "%s is %s beside it, and %s in the file" % (
                    option, json.dumps(given), "not set" if meant is None else json.dumps(meant),
                )  # fmt: skip


def _other_hardware(plan: Json, workers: t.Optional[t.Sequence[Json]]) -> t.Iterator[str]:
    """GPUs that the server does not show any more, and workers that are not ready."""
    if not workers:
        return
    at = {gpu.get("uuid"): worker for worker in workers for gpu in worker.get("gpus") or ()}
    for place in plan["placement"]:
        for gpu in place["gpus"]:
            uuid = gpu.get("uuid")
            worker = at.get(uuid)
            if uuid and worker is None:
                yield "GPU %s of %s (%s) is gone" % (gpu["index"], place["host"], uuid)
            elif worker is not None and worker.get("state") != "ready":
                yield "the worker %s is %s" % (worker.get("name"), worker.get("state"))
