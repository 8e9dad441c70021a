# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._module.plan_file import CONTENT
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import checked, one_line

DOCUMENTATION = r"""
name: plan_table
short_description: Show a plan file to people
version_added: 0.1.0
description:
  - Formats the content of a plan file, which M(modelscan.autoconfig.rollout_report) has written, as a table for each site.
positional: _input
options:
  _input:
    description: The content of the file.
    type: dict
    required: true
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Show a plan file
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.file', 'plan.json') | from_json | modelscan.autoconfig.plan_table }}"
"""

RETURN = r"""
_value:
  description: Lines on what is served where, with which files and arguments, and what was rejected.
  type: list
  elements: str
"""

GIB = 1 << 30
MOST_FILES = 12
MOST_REJECTED = 8
Record = t.Mapping[str, t.Any]


def plan_table(content: Record) -> t.List[str]:
    """The sites by name, each with its plans. :raises AnsibleFilterError: it is no content of a plan file."""
    checked("plan_table", CONTENT, content)
    lines: t.List[str] = []
    for name, entry in sorted((content.get("sites") or {}).items()):
        server = (entry.get("server") or {}).get("version")
        lines.append("%s%s" % (name, " (GPUStack %s)" % server if server else ""))
        for plan in entry["plans"]:
            rows = [*_plan(plan), *_files(plan, entry.get("sources") or {}), *_rejected(entry, plan)]
            width = max(len(row[0]) for row in rows)
            lines += ["  %-*s  %s" % (width, key, value) for key, value in rows]
    return [one_line(line) for line in lines]


def _plan(plan: Record) -> t.Iterator[t.Tuple[str, str]]:
    variant, parallel = plan["variant"], plan["parallelism"]
    yield "deployment", "%s, plan %s, %d replicas" % (plan["name"], plan["plan_id"], plan["replicas"])
    yield "model", str(plan["model"]["id"])
    yield (
        "variant",
        "%s at %s, %s" % (variant["repository"], variant.get("revision"), variant.get("quantization")),
    )
    yield "engine", "%s %s" % (plan["backend"], plan.get("backend_version") or "(the server's default)")
    yield (
        "serves",
        "%d tokens of context, %d requests at once" % (plan["context_tokens"], plan["concurrency"]),
    )
    yield "GPUs", "%d x %s for each replica" % (
        parallel["tensor"] * parallel["pipeline"] * parallel["data"], plan["gpu"],
    )  # fmt: skip
    for place in plan["placement"]:
        gpus = ", ".join("%s (%s)" % (gpu["index"], gpu.get("uuid")) for gpu in place["gpus"])
        yield "place", "%s: GPU %s" % (place["host"], gpus)
    for key in sorted(plan["wishes"]):
        yield "wish", "%s: %s" % (key, plan["wishes"][key])
    yield "arguments", " ".join(plan["backend_parameters"])


def _files(plan: Record, sources: Record) -> t.Iterator[t.Tuple[str, str]]:
    files = (sources.get("files") or {}).get(plan["variant"]["repository"]) or ()
    if files:
        yield "files", "%d with %.1f GiB" % (len(files), sum(each["size_bytes"] for each in files) / GIB)
    for each in files[:MOST_FILES]:
        yield "", "%s %d %s" % (each["path"], each["size_bytes"], each.get("sha256") or "(no sha256)")
    if len(files) > MOST_FILES:
        yield "", "and %d more, see the file" % (len(files) - MOST_FILES)


def _rejected(entry: Record, plan: Record) -> t.Iterator[t.Tuple[str, str]]:
    rows = [each for each in entry.get("rejected") or () if each.get("site") == plan["site"]]
    for each in rows[:MOST_REJECTED]:
        yield "rejected", "%s %s: %s" % (each["variant"], each.get("quantization") or "", each["reason"])
    if len(rows) > MOST_REJECTED:
        yield "", "and %d more, see the file" % (len(rows) - MOST_REJECTED)


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"plan_table": plan_table}
