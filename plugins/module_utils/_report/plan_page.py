# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans and rollouts as one page: what is served by shape and site, out of which memory, and what else would do."""

from __future__ import annotations

import json
import math
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.units import ASSUMED, gib
from ansible_collections.modelscan.autoconfig.plugins.module_utils._plan.reporting.plan_lines import (
    cost_sentences,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report import markup
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.bars import bars, planned_use
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.chart import Point, chart, short
from ansible_collections.modelscan.autoconfig.plugins.module_utils._report.measured import benchmark

Record = t.Mapping[str, t.Any]

# Plans that have all of this in common are shown once, with their sites.
_SHAPE = (
    "name", "backend", "backend_version", "gpu", "parallelism", "replicas", "context_tokens", "concurrency",
    "utilization", "backend_parameters", "performance", "cost",
)  # fmt: skip


def plan_page(result: Record, date: str) -> str:
    """A page for the result of model_plan, or for those of several sites together.

    ``states`` (``site``, ``state``, ``why``, ``lines``) make it that of a rollout; ``answers`` are (``site``,
    result of inference_probe); ``failed_sites`` (``site``, ``reason``) and ``left_out`` (``host``, ``reason``)
    are told where they are there. It depends on ``result`` and ``date`` alone.
    """
    groups = _groups(result["plans"])
    title = "Rollout" if result.get("states") else "Plans" if len(result["plans"]) > 1 else "Plan"
    badges = ["simulated"] if any(map(_simulated, result["plans"])) else []
    badges += ["predicted, nothing was changed"] if result.get("predicted") else []
    return markup.page(
        title,
        markup.header(title, date, badges),
        _states(result.get("states") or ()),
        _overview(groups),
        *(_group(plans, result) for plans in groups),
        _without_plan(result),
        _rejected(result["rejected"]),
        _warnings(result.get("warnings") or ()),
        markup.in_full(result["plan_lines"]),
    )


def layout_words(entry: Record) -> str:
    """``tensor parallel 2, pipeline stages 2`` of a plan's parallelism, or of an alternative."""
    parts = (
        ("tensor", "tensor parallel"), ("pipeline", "pipeline stages"), ("data", "data-parallel ranks"), ("hosts", "hosts"),
    )  # fmt: skip
    said = ["%s %d" % (name, entry[key]) for key, name in parts if (entry.get(key) or 1) > 1]
    return ", ".join(said + (["whole experts"] if entry.get("expert") else [])) or "one GPU"


def _count(layout: Record) -> int:
    return int(layout["tensor"] * layout["pipeline"] * layout["data"])


def _groups(plans: t.Iterable[Record]) -> t.List[t.List[Record]]:
    found: t.Dict[str, t.List[Record]] = {}
    for plan in plans:
        variant = plan["variant"]
        shape = [plan.get(key) for key in _SHAPE] + [variant["repository"], variant["quantization"]]
        found.setdefault(json.dumps(shape, sort_keys=True, default=str), []).append(plan)
    return list(found.values())


def _simulated(plan: Record) -> bool:
    return (plan.get("evidence") or {}).get("total_bytes") == ASSUMED


def _states(states: t.Sequence[Record]) -> str:
    if not states:
        return ""
    counts: t.Dict[str, int] = {}
    for each in states:
        counts[each["state"]] = counts.get(each["state"], 0) + 1
    tally = ", ".join("%d %s" % (count, state) for state, count in counts.items())
    rows = [(each["site"], each["state"], each["why"], "\n".join(each["lines"])) for each in states]
    return "%s<p>%s</p>%s" % (
        markup.heading("What became of each site"), markup.text(tally),
        markup.table(("site", "state", "why", "details"), rows),
    )  # fmt: skip


def _overview(groups: t.Sequence[t.Sequence[Record]]) -> str:
    rows = []
    for plans in groups:
        plan = plans[0]
        rows.append(
            (
                plan["name"],
                markup.names([each["site"] for each in plans]),
                "%s, %s" % (plan["variant"]["repository"], plan["variant"]["quantization"]),
                "%d x %s" % (plan["replicas"] * _count(plan["parallelism"]), plan["gpu"]),
                layout_words(plan["parallelism"]),
                short(plan["context_tokens"]),
                _range(plan, "tokens_per_s", "%.0f-%.0f"),
                "%.2f" % plan["cost"]["usd_per_hour"] if plan.get("cost") else None,
            )
        )
    columns = ("deployment", "sites", "serves", "GPUs a site", "layout", "context", "tokens/s", "USD/h")
    used = [place for place in range(len(columns)) if any(row[place] is not None for row in rows)]
    if not rows:
        return ""
    return markup.heading("By shape and site") + markup.table(
        [columns[place] for place in used], [[row[place] for place in used] for row in rows]
    )


def _range(plan: Record, figure: str, form: str) -> t.Optional[str]:
    found = (plan.get("performance") or {}).get(figure)
    return form % tuple(found) if found else None


def _group(plans: t.Sequence[Record], result: Record) -> str:
    plan, sites = plans[0], {plan["site"] for plan in plans}
    options = _once(
        each for each in result["options"] if each.get("site") in sites and each.get("name") == plan["name"]
    )
    if options and "left_bytes" not in (plan.get("memory") or {}):
        options = []
    return "".join(
        (
            markup.heading("%s: %s" % (plan["name"], plan["variant"]["repository"])),
            "<p class=soft>%s</p>" % markup.text("on %s" % markup.names([each["site"] for each in plans])),
            markup.facts(_facts(plan)),
            _memory(plans),
            _alternatives(plan, options),
            benchmark(plan, [each for each in result.get("answers") or () if each["site"] in sites]),
        )
    )


def _facts(plan: Record) -> t.Iterator[t.Tuple[str, markup.Cell]]:
    variant, level = plan["variant"], plan.get("level")
    size = variant.get("weights_bytes")
    yield "weights", "%s%s" % (variant["quantization"], ", %s" % gib(size) if size else "")
    yield "licence", variant.get("licence")
    yield "engine", "%s %s" % (plan["backend"], plan.get("backend_version") or "(the server's version)")
    yield (
        "layout",
        "%d replica%s, each on %d x %s: %s"
        % (
            plan["replicas"],
            "" if plan["replicas"] == 1 else "s",
            _count(plan["parallelism"]),
            plan["gpu"],
            layout_words(plan["parallelism"]),
        ),
    )
    yield (
        "context",
        "%d tokens for one request, %d requests at once" % (plan["context_tokens"], plan["concurrency"]),
    )
    if level:
        missed = ", ".join(level.get("missed") or ())
        yield "level", "reached" if level.get("reached") else "not reached: %s" % (missed or "not known")
    if plan.get("performance"):
        yield (
            "speed",
            "first token in %s ms, then one in %s ms, %s tokens/s (estimated)"
            % (
                _range(plan, "first_token_ms", "%.0f to %.0f"),
                _range(plan, "inter_token_ms", "%.0f to %.0f"),
                _range(plan, "tokens_per_s", "%.0f to %.0f"),
            ),
        )
    yield "cost", "; ".join(cost_sentences(plan.get("cost")))
    yield "plan", plan["plan_id"]


def _memory(plans: t.Sequence[Record]) -> str:
    whole = [plan["memory"] for plan in plans if "left_bytes" in (plan.get("memory") or {})]
    if not whole:
        return "<p>As it runs; its memory was not planned anew.</p>"
    uses = (
        (gpu["host"], gpu["index"], planned_use(memory, gpu)) for memory in whole for gpu in memory["gpus"]
    )
    shown = bars(uses)
    return "<h3>Memory of each GPU</h3>%s" % shown if shown else ""


def _once(rows: t.Iterable[Record]) -> t.List[Record]:
    """Those that differ in more than their site."""
    found: t.Dict[str, Record] = {}
    for row in rows:
        without = {key: value for key, value in row.items() if key != "site"}
        found.setdefault(json.dumps(without, sort_keys=True, default=str), row)
    return list(found.values())


def _alternatives(plan: Record, options: t.Sequence[Record]) -> str:
    if not options:
        return ""
    points = [
        Point(str(place), each["context_tokens"], each["kv_cache_tokens"], each["tokens_per_s"], _count(each))
        for place, each in enumerate(options, 1)
        if each["tokens_per_s"] is not None and each["context_tokens"] and each["kv_cache_tokens"]
    ]
    points = _own_point(plan) + points
    rows = [
        (
            place, each["variant"], each["quantization"], each["backend"],
            "%d x %s" % (_count(each), each["gpu"]), layout_words(each),
            each["context_tokens"], each["kv_cache_tokens"], each["inter_token_ms"], each["tokens_per_s"],
        )
        for place, each in enumerate(options, 1)
    ]  # fmt: skip
    return "<h3>Would fit, too</h3>%s%s" % (chart(points), markup.table(_OPTION_COLUMNS, rows))


_OPTION_COLUMNS = (
    "no.", "variant", "precision", "engine", "GPUs", "layout", "context", "cache tokens", "ms a token", "tokens/s",
)  # fmt: skip


def _own_point(plan: Record) -> t.List[Point]:
    """The plan itself, at the middle of its range, which is one of factors."""
    found, cache = plan.get("performance"), (plan.get("memory") or {}).get("kv_cache_tokens")
    if not found or not cache:
        return []
    speed = math.sqrt(found["tokens_per_s"][0] * found["tokens_per_s"][1])
    return [Point("P", plan["context_tokens"], cache, speed, _count(plan["parallelism"]), is_plan=True)]


def _without_plan(result: Record) -> str:
    failed = [(each["site"], each["reason"]) for each in result.get("failed_sites") or ()]
    left_out = [(each["host"], each["reason"]) for each in result.get("left_out") or ()]
    shown = markup.heading("Without a plan") if failed or left_out else ""
    return shown + markup.table(("site", "why"), failed) + markup.table(("host", "why"), left_out)


def _rejected(rejected: t.Sequence[Record]) -> str:
    """What was not taken and why, each once with its sites."""
    sites: t.Dict[t.Tuple[t.Any, ...], t.List[str]] = {}
    for each in rejected:
        layout = each["gpu"] if each["tensor"] is None else "%d x %s" % (_count(each), each["gpu"])
        row = (each["variant"], each["quantization"], each["backend"], layout, each["reason"])
        sites.setdefault(row, []).append(str(each.get("site") or ""))
    rows = [(*row, markup.names(list(dict.fromkeys(found)))) for row, found in sites.items()]
    if not rows:
        return ""
    columns = ("variant", "precision", "engine", "GPUs", "why", "sites")
    return markup.heading("Not taken") + markup.table(columns, rows)


def _warnings(warnings: t.Sequence[str]) -> str:
    if not warnings:
        return ""
    return markup.heading("To know") + "<ul>%s</ul>" % "".join(
        "<li>%s" % markup.text(each) for each in warnings
    )
