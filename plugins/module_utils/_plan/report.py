# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to this collection: plans as one HTML page, with a bar for the memory of each tightest GPU."""

from __future__ import annotations

import html
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.units import GIB

Record = t.Mapping[str, t.Any]

# (keys of plan.memory that make up a part, what it is called, its colour)
_PARTS = (
    (("weights_bytes",), "weights", "#4063d8"),
    (("activation_bytes", "runtime_bytes", "cuda_graphs_bytes"), "overhead", "#cb3c33"),
    (("kv_cache_bytes",), "KV cache", "#389826"),
    (("left_bytes",), "free", "#d0d0d0"),
)
_STYLE = (
    "body{font:14px/1.4 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    ".bar{display:flex;height:1.6em;border:1px solid #888}.bar span{display:block;height:100%}"
    ".key span{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.1em 1em .1em 0;vertical-align:top}"
    "pre{overflow-x:auto;background:#f4f4f4;padding:1em}"
)


def html_report(result: Record) -> str:
    """A page for the result of model_plan; it loads nothing and depends on the result alone."""
    parts = [
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Plans</title><style>%s</style>" % _STYLE
    ]
    parts += ["<h1>Plans</h1>", _key()]
    parts += [_plan(plan) for plan in result["plans"]]
    parts += ["<h2>Not taken</h2>", _rejected(result["rejected"])] if result["rejected"] else []
    parts += ["<h2>In full</h2><pre>%s</pre></html>" % html.escape("\n".join(result["plan_lines"]))]
    return "\n".join(parts) + "\n"


def _key() -> str:
    entries = ('<span style="background:%s"></span>%s' % (colour, name) for _keys, name, colour in _PARTS)
    return "<p class=key>Memory of the tightest GPU:%s</p>" % "".join(entries)


def _plan(plan: Record) -> str:
    memory, parallel = plan["memory"], plan["parallelism"]
    sizes = [(sum(memory[key] for key in keys), name, colour) for keys, name, colour in _PARTS]
    total = max(1, sum(size for size, _name, _colour in sizes))
    shares = "".join(
        '<span title="%s %.1f GiB" style="width:%.2f%%;background:%s"></span>'
        % (name, size / GIB, 100.0 * size / total, colour)
        for size, name, colour in sizes
    )
    facts = "%s on %s, %d x %d GPUs, %d tokens for %d requests" % (
        plan["variant"]["repository"], plan["backend"], plan["replicas"],
        parallel["tensor"] * parallel["pipeline"] * parallel["data"], plan["context_tokens"], plan["concurrency"],
    )  # fmt: skip
    title = "%s (%s)" % (plan["name"], plan["site"])
    return "<h2>%s</h2><p>%s</p><div class=bar>%s</div>" % (html.escape(title), html.escape(facts), shares)


def _rejected(rejected: t.Iterable[Record]) -> str:
    rows = "".join(
        "<tr><td>%s<td>%s<td>%s x %s<td>%s"
        % tuple(
            html.escape(str(entry[key] or "")) for key in ("variant", "backend", "tensor", "gpu", "reason")
        )
        for entry in rejected
    )
    return "<table><tr><th>variant<th>engine<th>GPUs<th>why%s</table>" % rows
