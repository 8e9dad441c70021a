# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    maybe,
    number,
    record,
    some,
    text,
    whole,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import table as fields
from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import (
    checked,
    one_line,
    price,
    short,
    table,
    tokens,
)

DOCUMENTATION = r"""
name: compare_table
short_description: Show what several models would be on the same hardware
version_added: 0.1.0
description:
  - Formats the results of M(modelscan.autoconfig.model_plan) for several models as lines of 100 columns at most, a row for
    each model and site, with GPUs, context, speed, and the price, licence and capabilities that catalogs know.
  - A model that does not fit has the reason below it.
positional: _input
options:
  _input:
    description: The C(results) of a task that loops over models with M(modelscan.autoconfig.model_plan).
    type: list
    elements: dict
    required: true
  described:
    description:
      - The C(results) of a task that loops over the same models with M(modelscan.autoconfig.catalog_search).
    type: list
    elements: dict
    default: []
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Compare
  ansible.builtin.debug:
    msg: "{{ planned.results | modelscan.autoconfig.compare_table(described.results) }}"
"""

RETURN = r"""
_value:
  description: One line for each model and site, with one or more lines below it that tell the rest.
  type: list
  elements: str
"""

HEADER = ("MODEL", "WEIGHTS", "GPUS", "CONTEXT", "REQUESTS", "MS/TOKEN", "TOKENS/S", "USD IN/OUT", "LICENCE")
COLUMNS = 100
INDENT = "    "
NAME = 24
PRECISION = 7
COST = 11
LICENCE = 12

_RANGE = some(number(), 2)
_PLAN = record(
    {"variant": record({"repository": text()}, {"quantization": text(), "licence": text()})},
    {
        "placement": items(record({}, {"gpus": items(anything)})),
        "context_tokens": whole(),
        "concurrency": whole(),
        "performance": record(
            {}, {"first_token_ms": _RANGE, "inter_token_ms": _RANGE, "tokens_per_s": _RANGE}
        ),
        "level": record({}, {"missed": items(text())}),
    },
)
PLANNED = items(record({"item": text()}, {"plans": items(_PLAN)}))
_CATALOGUED = record(
    {},
    {
        "limits": fields(maybe(whole())),
        "cheapest_usd": record({}, {"input": number(), "output": number()}),
        "capabilities": fields(anything),
    },
)
DESCRIBED = items(record({"item": text()}, {"models": items(_CATALOGUED), "model": _CATALOGUED}))

Record = t.Mapping[str, t.Any]


def compare_table(planned: t.Sequence[Record], described: t.Sequence[Record] = ()) -> t.List[str]:
    """Lines of 100 columns at most for people, models in the order in which they were planned.

    :raises AnsibleFilterError: these are no results of plans, or of searches.
    """
    checked("compare_table", PLANNED, planned)
    checked("compare_table", DESCRIBED, described)
    known = {each["item"]: each.get("model") or _first(each) for each in described}
    rows: t.List[t.List[t.Any]] = []
    remarks: t.List[str] = []
    for result in planned:
        entry = known.get(result["item"]) or {}
        plans = result.get("plans") or [None]
        rows += [_row(result["item"], plan or {}, entry) for plan in plans]
        remarks += [_remark(result, plan, entry, len(plans) > 1) for plan in plans]
    lines = table(HEADER, rows)
    found = [short(lines[0], COLUMNS)]
    for line, remark in zip(lines[1:], remarks):
        found.append(short(line, COLUMNS))
        found += textwrap.wrap(one_line(remark), COLUMNS, initial_indent=INDENT, subsequent_indent=INDENT)
    return found


def _first(found: Record) -> Record:
    models = found.get("models") or ()
    return models[0] if models else {}


def _row(name: str, plan: Record, entry: Record) -> t.List[t.Any]:
    variant, performance = plan.get("variant") or {}, plan.get("performance") or {}
    licence = variant.get("licence") or entry.get("licence")
    gpus = sum(len(place.get("gpus") or ()) for place in plan.get("placement") or ())
    return [
        short(name, NAME),
        short(variant["quantization"], PRECISION) if variant.get("quantization") else None,
        gpus if plan else None,
        tokens(plan.get("context_tokens")),
        plan.get("concurrency"),
        _range(performance.get("inter_token_ms")),
        _range(performance.get("tokens_per_s")),
        short(price(entry.get("cheapest_usd") or {}) or "-", COST),
        None if licence is None else short(str(licence), LICENCE),
    ]


def _range(bounds: t.Optional[t.Sequence[float]]) -> t.Optional[str]:
    """As 12-18; below 10 with a decimal, so that fast models differ."""
    if not bounds:
        return None
    return "-".join("%.0f" % bound if bound >= 10 else "%.1f" % bound for bound in bounds)


def _remark(result: Record, plan: t.Optional[Record], entry: Record, several: bool) -> str:
    """Where and as what it is served, what it misses and can do, or why it is not served."""
    can = [word.replace("_", " ") for word, has in (entry.get("capabilities") or {}).items() if has is True]
    said = [str(result.get("msg") or "nobody has planned it")] if plan is None else _served(plan, several)
    sold = (entry.get("limits") or {}).get("context_tokens")
    said += ["context of APIs %s" % tokens(sold)] if sold and plan is not None else []
    return "; ".join(said + (["can do: " + ", ".join(can)] if can else []))


def _served(plan: Record, several: bool) -> t.List[str]:
    said = ["%s with %s on %s" % (plan["variant"]["repository"], plan.get("backend"), plan.get("gpu"))]
    said += ["at %s" % plan.get("site")] if several else []
    first = _range((plan.get("performance") or {}).get("first_token_ms"))
    said += ["first token in %s ms" % first] if first else ["speed unknown"]
    missed = (plan.get("level") or {}).get("missed")
    return said + (["misses " + ", ".join(missed)] if missed else [])


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"compare_table": compare_table}
