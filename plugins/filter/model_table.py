# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.modelscan.autoconfig.plugins.plugin_utils._table import table

DOCUMENTATION = r"""
name: model_table
short_description: Show the result of catalog_search to people
version_added: 0.1.0
description:
  - Formats the result of M(modelscan.autoconfig.catalog_search) as aligned lines, the state of its sources included.
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

HEADER = ("MODEL", "PARAMETERS", "CONTEXT", "TOOLS", "REASONING", "RELEASED", "REPOSITORY")
VARIANT_HEADER = (
    "VARIANT",
    "WEIGHTS",
    "GIB",
    "FORMATS",
    "DOWNLOADS",
    "CHANGED",
    "LICENCE",
    "FOUND BY",
    "REMARKS",
)


def model_table(result: t.Mapping[str, t.Any]) -> t.List[str]:
    """Lines for people; raises nothing for absent fields."""
    rows = [_row(model) for model in result.get("models") or ()]
    lines = table(HEADER, rows) if rows else ["No model matches."]
    described = result.get("model") or {}
    if described.get("variants"):
        lines += [""] + table(VARIANT_HEADER, [_variant(each) for each in described["variants"]])
    return lines + [""] + [_source(source) for source in result.get("sources") or ()]


def _row(model: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    capabilities = model.get("capabilities") or {}
    repositories = model.get("repositories") or [None]
    return [
        model.get("id"),
        _billions((model.get("parameters") or {}).get("total")),
        (model.get("limits") or {}).get("context_tokens"),
        _yes(capabilities.get("tool_call")),
        _yes(capabilities.get("reasoning")),
        model.get("release_date"),
        repositories[0],
    ]


def _variant(variant: t.Mapping[str, t.Any]) -> t.List[t.Any]:
    size = variant.get("weights_bytes")
    security = (variant.get("security") or {}).get("status")
    remarks = list(variant.get("code_execution") or ())
    remarks += [security] if security in ("unsafe", "suspicious") else []
    remarks += ["gated"] if variant.get("gated") else []
    remarks += [] if variant.get("trusted", True) else ["other publisher"]
    remarks += ["not what its name says"] if variant.get("contradiction") else []
    return [
        variant.get("repository"),
        variant.get("quantization_format") or variant.get("quantization"),
        None if size is None else "%.1f" % (size / 2**30),
        ",".join(variant.get("formats") or ()) or None,
        variant.get("downloads"),
        str(variant.get("last_modified") or "")[:10] or None,
        variant.get("licence"),
        variant.get("found_by"),
        ", ".join(remarks) or None,
    ]


def _billions(count: t.Optional[int]) -> t.Optional[str]:
    return None if count is None else "%gB" % round(count / 1e9, 2)


def _yes(value: t.Optional[bool]) -> t.Optional[str]:
    return None if value is None else "yes" if value else "no"


def _source(source: t.Mapping[str, t.Any]) -> str:
    detail = source.get("error") or "%s entries, as of %s" % (source.get("count"), source.get("as_of"))
    return "%s: %s, %s" % (source.get("name"), source.get("state"), detail)


class FilterModule:
    """The filter by its name."""

    def filters(self) -> t.Dict[str, t.Any]:
        return {"model_table": model_table}
