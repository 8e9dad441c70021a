# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.shape import (
    anything,
    items,
    maybe,
    number,
    record,
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
name: model_table
short_description: Show the result of catalog_search to people
version_added: 0.1.0
description:
  - Formats the result of M(modelscan.autoconfig.catalog_search) as aligned lines of 100 columns at most, with total,
    prices, licence, fit, repository and the state of its sources; of one described model with all that is known of it.
positional: _input
options:
  _input:
    description: The registered result.
    type: dict
    required: true
author:
  - modelscan.autoconfig contributors (@modelscan)
"""

EXAMPLES = r"""
- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ search_result | modelscan.autoconfig.model_table }}"
"""

RETURN = r"""
_value:
  description: One line for each model, for each variant of a described model, and for each source.
  type: list
  elements: str
"""

HEADER = ("MODEL", "SIZE", "CONTEXT", "USD IN/OUT", "LICENCE", "RELEASED")
VARIANT_HEADER = ("VARIANT", "WEIGHTS", "GIB", "FORMATS", "DOWNLOADS", "CHANGED", "LICENCE")
PRICE_HEADER = ("PROVIDER", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "LONG CONTEXT")
SPEC_HEADER = ("GPUSTACK ADVISES", "MODE", "WEIGHTS", "BACKEND", "FOR")
FILE_HEADER = ("FILE", "BYTES", "SHA256")
COLUMNS = 100
NAME = 46
LICENCE = 14
MOST_PRICES = 15

_VARIANT = record(
    {},
    {
        "weights_bytes": number(),
        "formats": items(text()),
        "security": record({}),
        "adapter": record({}),
        "code_execution": items(anything),
        "files": items(record({}, {"path": text(), "sha256": text()})),
    },
)
_MODEL = record(
    {},
    {
        "parameters": record({}, {"total": number(), "active": number()}),
        "limits": fields(maybe(whole())),
        "cheapest_usd": record({}, {"input": number(), "output": number()}),
        "capabilities": fields(anything),
        "repositories": items(anything),
        "fit": record({}),
        "variants": items(_VARIANT),
        "prices_per_million_tokens": items(
            record({}, {"tiers": items(record({}, {"above_tokens": whole()}))})
        ),
        "specs": items(record({}, {"gpu_filters": fields(anything)})),
    },
)
RESULT = record(
    {}, {"models": items(_MODEL), "total": whole(), "model": _MODEL, "sources": items(record({}))}
)


def model_table(result: t.Mapping[str, t.Any]) -> t.List[str]:
    """Lines of 100 columns at most for people; raises nothing for absent fields.

    :raises AnsibleFilterError: it is no result of a search.
    """
    checked("model_table", RESULT, result)
    models = result.get("models") or ()
    lines = (
        _under(table(HEADER, map(_row, models)), map(_remarks, models)) if models else ["No model matches."]
    )
    total = result.get("total")
    if models and total is not None and total > len(models):
        lines += ["", "%d of %d models." % (len(models), total)]
    described = result.get("model") or {}
    if described:
        lines += _details(described)
    sources = [_source(source) for source in result.get("sources") or ()]
    return [short(one_line(line), COLUMNS) for line in lines + [""] + sources]


def _under(lines: t.Sequence[str], remarks: t.Iterable[str]) -> t.List[str]:
    """The header, then each line with its remark below it."""
    found = [lines[0]]
    for line, remark in zip(lines[1:], remarks):
        found += [line] + (["    " + remark] if remark else [])
    return found


def _row(model: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    sizes = model.get("parameters") or {}
    whole, active = _billions(sizes.get("total")), _billions(sizes.get("active"))
    return [
        short(str(model.get("id")), NAME),
        "%s/%s active" % (whole, active) if whole and active else whole,
        tokens((model.get("limits") or {}).get("context_tokens")),
        price(model.get("cheapest_usd") or {}),
        None if model.get("licence") is None else short(str(model["licence"]), LICENCE),
        str(model.get("release_date") or "-")[:7],
    ]


def _remarks(model: t.Mapping[str, t.Any]) -> str:
    """The repository to deploy, what the model can do, and whether it fits."""
    can = [word.replace("_", " ") for word, has in (model.get("capabilities") or {}).items() if has]
    remarks = [str(model.get("repository") or (model.get("repositories") or ["no known repository"])[0])]
    remarks += [", ".join(word for word in can if word in ("tool call", "reasoning"))]
    remarks += [_input_limit(model.get("limits") or {})]
    remarks += ["" if model.get("open_weights", True) else "closed weights"]
    remarks += ["deprecated" if model.get("deprecated") else "", _fit(model.get("fit") or {})]
    return "; ".join(remark for remark in remarks if remark)


def _input_limit(limits: t.Mapping[str, t.Any]) -> str:
    """What of the context a request may fill, where that is not all of it."""
    most, whole = limits.get("input_tokens"), limits.get("context_tokens")
    return "input up to %s" % tokens(most) if most and (not whole or most < whole) else ""


def _fit(fit: t.Mapping[str, t.Any]) -> str:
    if not fit:
        return ""
    if fit.get("judged_by") != "planner":
        return "fits by estimate"
    return "fits as %s on %s, TP%s" % (fit.get("quantization"), fit.get("host"), fit.get("tensor_parallel"))


def _details(model: t.Mapping[str, t.Any]) -> t.List[str]:
    """All that is known of one model: prices, limits, variants, advice, checksums."""
    lines = ["", "Limits: %s" % _limits(model.get("limits") or {})]
    variants = model.get("variants") or []
    if variants:
        lines += [""] + _under(
            table(VARIANT_HEADER, map(_variant, variants)), map(_variant_remarks, variants)
        )
    prices = (model.get("prices_per_million_tokens") or [])[:MOST_PRICES]
    if prices:
        lines += [""] + table(PRICE_HEADER, map(_price_row, prices))
    if model.get("specs"):
        lines += [""] + table(SPEC_HEADER, map(_spec, model["specs"]))
    files = [each for each in (variants[0].get("files") or [] if variants else []) if each.get("sha256")]
    if files:
        rows = [
            (short(str(each.get("path")), 44), each.get("size_bytes"), each["sha256"][:16]) for each in files
        ]
        lines += [""] + table(FILE_HEADER, rows)
    return lines


def _limits(limits: t.Mapping[str, t.Any]) -> str:
    said = [(name[: -len("_tokens")], count) for name, count in limits.items() if count]
    return ", ".join("%s %s" % (name, tokens(count)) for name, count in said) or "unknown"


def _variant(variant: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    size = variant.get("weights_bytes")
    return [
        short(str(variant.get("repository")), NAME - 6),
        variant.get("quantization_format") or variant.get("quantization"),
        None if size is None else "%.1f" % (size / 2**30),
        ",".join(variant.get("formats") or ()) or None,
        variant.get("downloads"),
        str(variant.get("last_modified") or "")[:10] or None,
        None if variant.get("licence") is None else short(str(variant["licence"]), LICENCE),
    ]


def _variant_remarks(variant: t.Mapping[str, t.Any]) -> str:
    security = (variant.get("security") or {}).get("status")
    adapter = variant.get("adapter") or {}
    kind = (
        "adapter of %s, rank %s" % (adapter.get("base_model"), adapter.get("rank"))
        if adapter
        else variant.get("kind")
    )
    remarks = [
        kind if kind != "transformers" else None,
        variant.get("found_by"),
        *(variant.get("code_execution") or ()),
    ]
    remarks += [security] if security in ("unsafe", "suspicious") else []
    remarks += ["gated"] if variant.get("gated") else []
    remarks += [] if variant.get("trusted", True) else ["other publisher"]
    remarks += ["not what its name says"] if variant.get("contradiction") else []
    return ", ".join(str(remark) for remark in remarks if remark)


def _price_row(price: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    tiers = [
        "%s above %s" % (tier.get("input_usd"), tokens(tier.get("above_tokens")))
        for tier in price.get("tiers") or ()
    ]
    rates = [price.get("%s_usd" % name) for name in ("input", "output", "cache_read", "cache_write")]
    return [price.get("provider"), *rates, ", ".join(tiers) or None]


def _spec(spec: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    filters = " ".join(str(value) for value in (spec.get("gpu_filters") or {}).values())
    name = short(str(spec.get("repository")), NAME)
    return [name, spec.get("mode"), spec.get("quantization"), spec.get("backend"), filters or "all GPUs"]


def _billions(count: t.Optional[int]) -> t.Optional[str]:
    return None if count is None else "%gB" % round(count / 1e9, 2)


def _source(source: t.Mapping[str, t.Any]) -> str:
    detail = source.get("error") or "%s entries, as of %s" % (source.get("count"), source.get("as_of"))
    return "%s: %s, %s" % (source.get("name"), source.get("state"), detail)


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"model_table": model_table}
