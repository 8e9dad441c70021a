# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans as one HTML page, with a bar for the memory of each GPU."""

from __future__ import annotations

import html
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import GIB

Record = t.Mapping[str, t.Any]
Column = t.Tuple[str, t.Callable[[Record], str]]

# (keys of plan.memory that make up a part, what it is called, its colour)
_PARTS = (
    (("weights_bytes",), "weights", "#4063d8"),
    (("activation_bytes", "runtime_bytes", "cuda_graphs_bytes"), "overhead", "#cb3c33"),
    (("kv_cache_bytes",), "KV cache", "#389826"),
    (("left_bytes",), "free", "#d0d0d0"),
)
_STYLE = (
    "body{font:14px/1.4 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    ".bar{display:flex;height:1.6em;border:1px solid #888;flex:1}.bar span{display:block;height:100%}"
    ".gpu{display:flex;gap:1em;margin:.3em 0}.gpu b{width:14em;font-weight:normal}"
    ".key span{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.1em 1em .1em 0;vertical-align:top}"
    "pre{overflow-x:auto;background:#f4f4f4;padding:1em}"
)
_HEAD = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Plans</title><style>%s</style>"
)


def html_report(result: Record) -> str:
    """A page for the result of model_plan; it loads nothing and depends on the result alone."""
    parts = [_HEAD % _STYLE, "<h1>Plans</h1>"]
    parts += [_plan(plan) for plan in result["plans"]]
    parts += _section("Would fit, too", result["options"], _OPTION)
    parts += _section("Not taken", result["rejected"], _REJECTED)
    parts += ["<h2>In full</h2><pre>%s</pre></html>" % html.escape("\n".join(result["plan_lines"]))]
    return "\n".join(parts) + "\n"


def _plan(plan: Record) -> str:
    parallel = plan["parallelism"]
    facts = "%s on %s, %d x %d GPUs, %d tokens for %d requests" % (
        plan["variant"]["repository"], plan["backend"], plan["replicas"],
        parallel["tensor"] * parallel["pipeline"] * parallel["data"], plan["context_tokens"], plan["concurrency"],
    )  # fmt: skip
    title = "%s (%s)" % (plan["name"], plan["site"])
    if "left_bytes" not in (plan["memory"] or {}):
        return "<h2>%s</h2><p>%s, as it runs</p>" % (html.escape(title), html.escape(facts))
    rows = "".join(_gpu(gpu, plan["memory"]) for gpu in plan["memory"]["gpus"])
    return "<h2>%s</h2><p>%s</p>%s%s" % (
        html.escape(title), html.escape(facts), _key(plan["memory"]), rows,
    )  # fmt: skip


def _key(memory: Record) -> str:
    """The colours, with the sizes on the tightest GPU."""
    entries = (
        '<span style="background:%s"></span>%s %.1f GiB' % (colour, name, _size(memory, keys) / GIB)
        for keys, name, colour in _PARTS
    )
    return "<p class=key>On the tightest GPU:%s</p>" % "".join(entries)


def _gpu(gpu: Record, memory: Record) -> str:
    """One bar. The parts are those of the tightest GPU, what is free is its own."""
    sizes = [(_size(memory, keys), name, colour) for keys, name, colour in _PARTS[:-1]]
    free = gpu["usable_bytes"] - sum(size for size, _name, _colour in sizes)
    sizes.append((max(0, free), *_PARTS[-1][1:]))
    total = max(1, sum(size for size, _name, _colour in sizes))
    shares = "".join(
        '<span title="%s %.1f GiB" style="width:%.2f%%;background:%s"></span>'
        % (name, size / GIB, 100.0 * size / total, colour)
        for size, name, colour in sizes
    )
    name = html.escape("%s: GPU %s" % (gpu["host"], gpu["index"]))
    return "<div class=gpu><b>%s</b><div class=bar>%s</div></div>" % (name, shares)


def _size(memory: Record, keys: t.Iterable[str]) -> int:
    return sum(memory[key] for key in keys)


def _section(title: str, entries: t.Sequence[Record], columns: t.Sequence[Column]) -> t.List[str]:
    """A table of ``entries``, if there are any."""
    if not entries:
        return []
    head = "".join("<th>%s" % name for name, _cell in columns)
    rows = "".join(
        "<tr>%s" % "".join("<td>%s" % html.escape(cell(entry)) for _name, cell in columns)
        for entry in entries
    )
    return ["<h2>%s</h2>" % title, "<table><tr>%s%s</table>" % (head, rows)]


def _text(key: str) -> t.Callable[[Record], str]:
    return lambda entry: "" if entry[key] is None else str(entry[key])


def _layout(entry: Record) -> str:
    """A rejection may be about the card alone, whatever their number."""
    if entry["tensor"] is None:
        return str(entry["gpu"] or "")
    return "%d x %s" % (entry["tensor"] * entry["pipeline"] * entry["data"], entry["gpu"])


_COMMON: t.Tuple[Column, ...] = (
    ("variant", _text("variant")),
    ("precision", _text("quantization")),
    ("engine", _text("backend")),
    ("GPUs", _layout),
)
_OPTION: t.Tuple[Column, ...] = (
    *_COMMON,
    ("context", _text("context_tokens")),
    ("cache tokens", _text("kv_cache_tokens")),
    ("ms a token", _text("inter_token_ms")),
    ("tokens/s", _text("tokens_per_s")),
)
_REJECTED: t.Tuple[Column, ...] = (*_COMMON, ("why", _text("reason")))
