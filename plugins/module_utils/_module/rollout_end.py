# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of each site of a rollout, in lines for people. Pure: no IO."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import PATHS

Site = t.Mapping[str, t.Any]

NOT_BEGUN, RESTORED = "not begun", "restored"
_QUESTIONS: t.Mapping[str, t.Dict[str, t.Any]] = {
    "chat": {"messages": [{"role": "user", "content": "Hello"}]},
    "completion": {"prompt": "Hello"},
    "embedding": {"input": "Hello"},
    "rerank": {"query": "Hello", "documents": ["Hello"]},
}


def plan_failure(site: Site) -> t.Optional[str]:
    """Why a site has no plan; None where it has one."""
    if (site["planned"] or {}).get("plans"):
        return None
    running = site["running"] or {}
    if running and "deployments" not in running and not running.get("skipped"):
        return str(running.get("msg") or "its server was not read")
    return str((site["planned"] or {}).get("msg") or "nothing was planned")


def models(site: Site) -> t.Iterator[t.Tuple[str, t.Mapping[str, t.Any]]]:
    """The deployments of a site with what was done for each, in the order of the rollout."""
    planned = site["planned"] or {}
    planned_names = [plan["name"] for plan in planned.get("plans") or () if plan.get("name")]
    order = planned.get("order") or planned_names or site["order"]
    for name in order:
        yield name, site["served"].get(name) or {}


def end_of(site: Site) -> t.Dict[str, t.Any]:
    """What became of a site, with the lines that say where it answers."""
    state, why = _state(site)
    told: t.Iterable[str] = ()
    answering: t.List[str] = []
    if state == RESTORED:
        answering = [name for name, before in _before(site) if before.get("state") == "running"]
        told = _as_before(site)
    elif state not in ("left out", "not reached", NOT_BEGUN, "failed"):
        answering, told = [name for name, _done in models(site)], _details(site)
    return {"site": site["name"], "state": state, "why": why, "lines": list(told), "answering": answering}


def _state(site: Site) -> t.Tuple[str, str]:
    """What became of a site, and why."""
    failure, done = site["failure"], [each for _name, each in models(site)]
    if failure:
        of = "%s: " % failure["model"] if failure.get("model") and len(done) > 1 else ""
        return (RESTORED if failure.get("restored") else "failed"), of + str(failure.get("msg") or "")
    reason = plan_failure(site) if site["planned"] is not None or site["running"] is not None else None
    if reason is not None:
        return "left out", reason
    applied = [each["applied"] for each in done if each.get("applied")]
    if not applied:
        waits_for = (site["gate"] or {}).get("reason")
        return (NOT_BEGUN, str(waits_for)) if waits_for else ("not reached", "")
    routes = [route for each in done for route in each.get("routes") or ()]
    if not any(each.get("changed") for each in [*applied, *routes]):
        return "unchanged", ""
    would = any(each.get("predicted") for each in applied)
    actions = dict.fromkeys(action for each in applied for action in each.get("actions") or ())
    return ("would be done" if would else "done"), ", ".join(actions)


def _details(site: Site) -> t.Iterator[str]:
    for name, done in models(site):
        deployment = (done.get("applied") or {}).get("deployment") or {}
        places = sorted({str(i["worker"]) for i in deployment.get("instances") or () if i.get("worker")})
        state = "%s, %s" % (deployment.get("name") or name, deployment.get("state") or "to be made")
        yield "deployment  %s%s" % (state, " on %s" % ", ".join(places) if places else "")
        answer = done.get("answer") or {}
        if answer.get("latency_ms") is not None:
            yield "answered    after %s ms: %s" % (answer["latency_ms"], answer.get("answer"))
        yield from (_route(each) for each in done.get("routes") or () if each.get("route"))
        yield _address(site, deployment.get("name") or name)


def _before(site: Site) -> t.Iterator[t.Tuple[str, t.Mapping[str, t.Any]]]:
    """Each deployment with what ran under its name before the rollout; empty where nothing did."""
    ran = {each["name"]: each for each in (site["running"] or {}).get("deployments") or () if "name" in each}
    for name, _done in models(site):
        yield name, ran.get(name) or {}


def _as_before(site: Site) -> t.Iterator[str]:
    for name, before in _before(site):
        if not before:
            yield "deployment  %s, not there, as before" % name
            continue
        yield "deployment  %s, %s, as before" % (name, before.get("state") or "unknown")
        yield _address(site, name)


def _address(site: Site, name: str) -> str:
    return "address     %s/v1, model %s" % (site["url"], name)


def commands(site: Site, answering: t.Sequence[str], kind: str) -> t.Iterator[str]:
    """A request to try for each deployment that answers, with all that a shell needs."""
    for name, done in models(site):
        if name not in answering:
            continue
        served = ((done.get("applied") or {}).get("deployment") or {}).get("name") or name
        asked = done.get("kind") or kind
        body = json.dumps({"model": served, **_QUESTIONS[asked]})
        yield (
            "try         curl -s %s/v1%s -H \"Authorization: Bearer $GPUSTACK_API_KEY\" -H 'Content-Type: application/json' -d '%s'"
            % (site["url"], PATHS[asked], body)
        )


def _route(result: t.Mapping[str, t.Any]) -> str:
    route = result["route"]
    done = "unchanged"
    if result.get("changed"):
        done = "would be written" if result.get("predicted") else "written"
    return "route       %s -> %s in %s: %s%s" % (
        route.get("name"), route.get("endpoint"), result.get("path") or "the running router", done,
        "; restart the router to use it" if result.get("restart_required") else "",
    )  # fmt: skip
