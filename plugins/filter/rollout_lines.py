# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: rollout_lines
short_description: Show to people what a rollout did on one server
version_added: 0.1.0
description:
  - Formats the results of M(modelscan.autoconfig.gpustack_deployment), M(modelscan.autoconfig.inference_probe) and
    M(modelscan.autoconfig.router_register) as lines.
positional: _input
options:
  _input:
    description: The result of the deployment.
    type: dict
    required: true
  answer:
    description: The result of the probe.
    type: dict
    default: {}
  routes:
    description: The results of the registrations.
    type: list
    elements: dict
    default: []
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ applied | modelscan.autoconfig.rollout_lines(answer=answer, routes=routes.results) }}"
"""

RETURN = r"""
_value:
  description: Lines on the deployment, its answer and its routes.
  type: list
  elements: str
"""

Result = t.Mapping[str, t.Any]


def rollout_lines(
    applied: Result, answer: t.Optional[Result] = None, routes: t.Optional[t.Sequence[Result]] = None
) -> t.List[str]:
    """Lines for people, in the order in which things were done."""
    lines = [_deployment(applied)]
    if answer:
        lines.append(_answer(answer))
    return lines + [_route(result) for result in routes or () if result.get("route")]


def _deployment(applied: Result) -> str:
    deployment = applied.get("deployment") or {}
    done = ", ".join(applied.get("actions") or ()) or "unchanged"
    would = "would be " if applied.get("predicted") and applied.get("changed") else ""
    places = sorted(
        {str(each.get("worker")) for each in deployment.get("instances") or () if each.get("worker")}
    )
    where = " on %s" % ", ".join(places) if places else ""
    state = deployment.get("state")
    shown = " (%s)" % state if state and not would else ""
    return "deployment %s: %s%s%s%s" % (deployment.get("name"), would, done, shown, where)


def _answer(answer: Result) -> str:
    if answer.get("predicted"):
        return "answer: not asked for in check mode"
    return "answer after %s ms: %s" % (answer.get("latency_ms"), answer.get("answer"))


def _route(result: Result) -> str:
    route = result["route"]
    done = (
        "unchanged"
        if not result.get("changed")
        else "would be written"
        if result.get("predicted")
        else "written"
    )
    restart = "; restart the router to use it" if result.get("restart_required") else ""
    return "route %s -> %s in %s: %s%s" % (
        route.get("name"),
        route.get("endpoint"),
        result.get("path") or "the running router",
        done,
        restart,
    )


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"rollout_lines": rollout_lines}
