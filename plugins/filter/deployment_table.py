# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    record,
)
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import checked, table

DOCUMENTATION = r"""
name: deployment_table
short_description: Show deployments to people
version_added: 0.1.0
description:
  - Formats RV(modelscan.autoconfig.gpustack_deployment_info#module:deployments) as aligned lines.
positional: _input
options:
  _input:
    description: The deployments.
    type: list
    elements: dict
    required: true
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Show the deployments
  ansible.builtin.debug:
    msg: "{{ running.deployments | modelscan.autoconfig.deployment_table }}"
"""

RETURN = r"""
_value:
  description: One line for each deployment.
  type: list
  elements: str
"""

_GPU = record({}, {"index": anything})
DEPLOYMENTS = items(record({}, {"instances": items(record({}, {"gpus": items(_GPU)}))}))
HEADER = ("NAME", "STATE", "READY", "BACKEND", "REPOSITORY", "WHERE", "OURS")


def deployment_table(deployments: t.Sequence[t.Mapping[str, t.Any]]) -> t.List[str]:
    """Lines for people, sorted by name. :raises AnsibleFilterError: they are no deployments."""
    checked("deployment_table", DEPLOYMENTS, deployments)
    if not deployments:
        return ["There is no deployment."]
    return table(HEADER, [_row(each) for each in sorted(deployments, key=lambda each: str(each.get("name")))])


def _row(deployment: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    places = sorted({_place(instance) for instance in deployment.get("instances") or ()})
    return [
        deployment.get("name"),
        deployment.get("state"),
        "%s/%s" % (deployment.get("ready_replicas"), deployment.get("replicas")),
        deployment.get("backend"),
        deployment.get("repository"),
        "; ".join(places) or None,
        "yes" if deployment.get("managed") else "no",
    ]


def _place(instance: t.Mapping[str, t.Any]) -> str:
    gpus = ",".join(str(gpu.get("index")) for gpu in instance.get("gpus") or ())
    return "%s GPU %s" % (instance.get("worker"), gpus) if gpus else str(instance.get("worker") or "unplaced")


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"deployment_table": deployment_table}
