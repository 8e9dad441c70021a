# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core of rollout_report: what is planned for each site, and what became of it, for people."""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import asdict

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import (
    AutoconfigError,
    Conflict,
    DeploymentFailed,
    DoesNotFit,
    InvalidInput,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._inference.client import PATHS
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module import options, plan_file
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.core import Core, Result, Task
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.report_file import write_report
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_end import (
    NOT_BEGUN,
    Site,
    commands,
    end_of,
    models,
    plan_failure,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.rollout_shape import check_sites
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.agreement import (
    common,
    differences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.wrapping import wrapped


class Drifted(AutoconfigError):
    """What runs is not what was asked for."""

    code = "drift"


class NotCompared(AutoconfigError):
    """Whether what runs is what was asked for cannot be said."""

    code = "not_compared"


PLAN, SUMMARY, REMOVAL, DRIFT = "plan", "summary", "removal", "drift"
STOP, SKIP, TELL = "stop", "skip", "tell"
# Failures of a comparison that has seen all that there is: it cannot be as asked for.
_KNOWN_TO_DIFFER = frozenset((DoesNotFit.code, Conflict.code, DeploymentFailed.code))
_SITE: options.Spec = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "default": ""},
    "speaker": {"type": "str"},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "running": {"type": "dict"},
    "planned": {"type": "dict"},
    "names": {"type": "list", "elements": "str", "default": []},
    "order": {"type": "list", "elements": "str", "default": []},
    "served": {"type": "dict", "default": {}},
    "gate": {"type": "dict"},
    "failure": {"type": "dict"},
}
ARGUMENT_SPEC: options.Spec = {
    "part": {"type": "str", "choices": [PLAN, SUMMARY, REMOVAL, DRIFT], "required": True},
    "sites": {"type": "list", "elements": "dict", "options": _SITE, "default": []},
    "left_out": {"type": "list", "elements": "dict", "default": []},
    "site_failure": {"type": "str", "choices": [STOP, SKIP, TELL], "default": STOP},
    "uniform": {"type": "bool", "default": False},
    "kind": {"type": "str", "choices": list(PATHS), "default": "chat"},
    "report": {"type": "path"},
    "plan_file": {"type": "path"},
}


def run(task: Task) -> Result:
    """Tell the plans or the end of a rollout; see the module's documentation for the keys."""
    params = task.params
    check_sites(params["sites"], with_plans=params["part"] == PLAN or bool(params["report"]))
    return {PLAN: _plan, SUMMARY: _summary, REMOVAL: _removal, DRIFT: _drift}[params["part"]](task)


def _plan(task: Task) -> Result:
    params = task.params
    sites: t.Sequence[Site] = params["sites"]
    failures = {site["name"]: plan_failure(site) for site in sites}
    failed = {name: reason for name, reason in failures.items() if reason is not None}
    good = [site for site in sites if site["name"] not in failed]
    plans = [plan for site in good for plan in site["planned"]["plans"]]
    moves = [move for site in good for move in site["planned"].get("moves") or ()]
    agreed = None
    told = differences(plans)
    if told and params["uniform"]:
        agreed = common([site["planned"].get("holds") or () for site in good])
        told = (
            ["all sites are planned anew with %s in %s and %d tokens" % (
                agreed.repository, agreed.quantization, agreed.context_tokens,
            )]
            if agreed is not None
            else [*told, "there is no variant that all sites can hold"]
        )  # fmt: skip
    lines = (
        [line for site in good for line in site["planned"].get("plan_lines") or ()] if agreed is None else []
    )
    lines += [line for site in sites if site["name"] in failed for line in _no_plan(site, len(sites) > 1)]
    lines += wrapped(told) + _left_out(params["left_out"])
    loud = set(wrapped("  ! %s" % move["line"] for move in moves))
    for line in lines:
        (task.show if line in loud else task.detail)(line)
    if agreed is None:
        _write_report(task, failed)
    if failed and (params["site_failure"] == STOP or (not good and params["site_failure"] != TELL)):
        raise _stopped(failed, len(sites))
    if told and params["uniform"] and agreed is None:
        raise InvalidInput(
            told[-1], hint="Leave uniform out, or name a smaller variant with the option variants."
        )
    return {
        "changed": agreed is None and _write_plans(task, good),
        "lines": lines,
        "failed_sites": [{"site": name, "reason": reason} for name, reason in failed.items()],
        "moves": moves,
        "agreed": None if agreed is None else asdict(agreed),
    }


def _no_plan(site: Site, one_of_several: bool) -> t.List[str]:
    """Why a site has no plan: the table of what was refused where there is one, else the message.

    The message ends the run where there is no other site, and is not told twice.
    """
    table = ((site["planned"] or {}).get("error") or {}).get("lines") or []
    if table:
        return ["%s: no plan, because" % site["name"], *table]
    return wrapped(["%s: no plan: %s" % (site["name"], plan_failure(site))]) if one_of_several else []


def _write_plans(task: Task, good: t.Sequence[Site]) -> bool:
    """Whether the file that the user wants of the plans changes."""
    path = task.params["plan_file"]
    if not path:
        return False
    text = plan_file.written({site["name"]: (site["planned"], site["running"] or {}) for site in good})
    return plan_file.write(path, text, task.check_mode)


def _write_report(
    task: Task, failed: t.Mapping[str, t.Optional[str]], states: t.Sequence[t.Mapping[str, t.Any]] = ()
) -> None:
    """A reviewer of a check wants it, too, and it says what is, so that it is no change."""
    params = task.params
    if not params["report"]:
        return
    good = [site for site in params["sites"] if site["name"] not in failed]
    more = {
        "failed_sites": [{"site": name, "reason": reason} for name, reason in failed.items()],
        "left_out": params["left_out"],
        "states": list(states),
        "answers": [
            {"site": site["name"], "load": done["answer"]["load"]}
            for site in good
            for _name, done in models(site)
            if (done.get("answer") or {}).get("load")
        ],
        "predicted": any(
            (done.get("applied") or {}).get("predicted") for site in good for _name, done in models(site)
        ),
    }
    refused = [((site["planned"] or {}).get("error") or {}).get("rejected") or [] for site in params["sites"]]
    told = _joined([site["planned"] for site in good])
    told["rejected"] += [row for rows in refused for row in rows]
    write_report(params["report"], task.shown({**told, **more}), check_mode=False)


def _joined(results: t.Sequence[t.Mapping[str, t.Any]]) -> Result:
    """The results of all sites as if they were planned in one task."""
    listed = ("plans", "plan_lines", "options", "rejected", "moves")
    joined: Result = {key: [row for each in results for row in each.get(key) or ()] for key in listed}
    joined["warnings"] = list(dict.fromkeys(text for each in results for text in each.get("warnings") or ()))
    first = joined["plans"][0] if joined["plans"] else None
    return {**joined, "plan": first, "plan_id": first["plan_id"] if first else None}


def _removal(task: Task) -> Result:
    """What is gone, or that there was nothing of the name."""
    lines = []
    for site in task.params["sites"]:
        for name in site["order"]:
            gone = _gone(site, name, site["served"].get(name) or {})
            lines += ["%s: %s" % (site["name"], each) for each in gone]
    for line in lines:
        task.show(line)
    return {"changed": False, "lines": lines}


def _gone(site: Site, name: str, done: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    applied = done.get("applied") or {}
    before = applied.get("before")
    if before:
        places = sorted({str(i["worker"]) for i in before.get("instances") or () if i.get("worker")})
        where = " on %s" % ", ".join(places) if places else ""
        would = "would be " if applied.get("predicted") and applied.get("changed") else ""
        how = ", ".join(applied.get("actions") or ()) or "unchanged"
        yield "deployment %s%s: %s%s" % (name, where, would, how)
    else:
        yield _unknown(name, site)
    for each in done.get("unregistered") or ():
        if each.get("changed") and each.get("route"):
            yield "route %s in %s" % (each["route"].get("name"), each.get("path") or "the running router")


def _drift(task: Task) -> Result:
    """:raises Drifted: something is not as asked for, whatever could not be compared.
    :raises NotCompared: nothing has drifted as far as could be seen, which was not all."""
    found: t.List[str] = []
    unknown: t.List[str] = []
    for site in task.params["sites"]:
        reason, code = _refusal(site)
        drifted = list(_drifted(site)) if reason is None else [reason]
        told = found if reason is None or code in _KNOWN_TO_DIFFER else unknown
        told += ["%s: %s" % (site["name"], each) for each in drifted]
        if not drifted:
            task.show("%s: as asked for" % site["name"])
    for line in _left_out(task.params["left_out"]):
        task.show(line)
    not_compared = "Could not be compared: %s" % "; ".join(unknown)
    if found:
        raise Drifted(
            "Not as asked for: %s%s" % ("; ".join(found), ". %s" % not_compared if unknown else ""),
            hint="The deploy playbook brings it there.",
            drift=found,
            not_compared=unknown,
        )
    if unknown:
        raise NotCompared(not_compared, not_compared=unknown)
    return {"changed": False, "lines": []}


def _refusal(site: Site) -> t.Tuple[t.Optional[str], str]:
    """Why a site has no plan, or why its plan would not be applied, and the code of that failure."""
    failure = site["failure"] or {}
    if failure:
        return str(failure.get("msg")), _code(failure)
    reason = plan_failure(site)
    return reason, "" if reason is None else _code(site["planned"] or site["running"] or {})


def _code(result: t.Mapping[str, t.Any]) -> str:
    return str((result.get("error") or {}).get("code") or "")


def _drifted(site: Site) -> t.Iterator[str]:
    yield from (move["line"] for move in (site["planned"] or {}).get("moves") or ())
    for name, done in models(site):
        applied = done.get("applied") or {}
        deployment = applied.get("deployment") or {}
        if applied.get("changed"):
            would = ", ".join(applied.get("actions") or ("changed",))
            yield "the deployment %s would be %s" % (deployment.get("name") or name, would)
        elif deployment.get("state") != "running":
            yield "the deployment %s is %s" % (name, deployment.get("state"))
        for each in done.get("routes") or ():
            if each.get("changed"):
                route = each.get("route") or {}
                yield "the route %s in %s differs" % (
                    route.get("name"), each.get("path") or "the running router",
                )  # fmt: skip


def _unknown(name: str, site: Site) -> str:
    there = sorted(str(each.get("name")) for each in (site["running"] or {}).get("deployments") or ())
    near = difflib.get_close_matches(name, there, n=1)
    hint = "did you mean %s?" % near[0] if near else "there are: %s" % (", ".join(there[:8]) or "none")
    return "no deployment is called %s; %s" % (name, hint)


def _left_out(left_out: t.Sequence[t.Mapping[str, t.Any]]) -> t.List[str]:
    by_reason: t.Dict[str, t.List[str]] = {}
    for each in left_out:
        by_reason.setdefault(str(each.get("reason")), []).append(str(each.get("host")))
    return wrapped("left out: %s (%s)" % (", ".join(hosts), reason) for reason, hosts in by_reason.items())


def _stopped(failed: t.Mapping[str, t.Optional[str]], count: int) -> InvalidInput:
    if count == 1:
        return InvalidInput(str(next(iter(failed.values()))), failed_sites=sorted(failed))
    return InvalidInput(
        "%d of %d sites cannot be planned, and nothing was changed: %s"
        % (len(failed), count, "; ".join("%s: %s" % each for each in failed.items())),
        hint="site_failure: skip goes on with the others.",
        failed_sites=sorted(failed),
    )


def _summary(task: Task) -> Result:
    params = task.params
    told = [end_of(site) for site in params["sites"]]
    lines = []
    for site, each in zip(params["sites"], told):
        lines.append("%s: %s%s" % (each["site"], each["state"], " (%s)" % each["why"] if each["why"] else ""))
        lines += ["  %s" % line for line in each["lines"]]
        lines += ["  %s" % command for command in commands(site, each["answering"], params["kind"])]
    lines += _left_out(params["left_out"])
    if any(each["state"] == NOT_BEGUN for each in told):
        lines.append("the same run goes on where this one has stopped")
    for line in lines:
        task.show(line)
    reasons = {site["name"]: plan_failure(site) for site in params["sites"]}
    _write_report(task, {name: reason for name, reason in reasons.items() if reason is not None}, told)
    waiting = [each for each in told if each["state"] == NOT_BEGUN]
    if waiting and len(waiting) == sum(each["state"] != "left out" for each in told):
        raise Conflict(
            "Nothing was changed: %s" % lines[0], hint="Run it again then; --check shows what it would do."
        )
    return {
        "changed": False,
        "lines": lines,
        "states": [{"site": each["site"], "state": each["state"]} for each in told],
    }


CORE = Core(run=run, argument_spec=ARGUMENT_SPEC)
