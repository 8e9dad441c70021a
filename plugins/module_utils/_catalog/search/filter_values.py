# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the values of a search's filters can be fulfilled by anything. Pure functions."""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.records.types import (
    ModelRecord,
    Query,
)
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.filters import is_of_family
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.traits import licensed
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wish_words import CLASSES
from ansible_collections.modelscan.autoconfig.plugins.module_utils._foundation.errors import InvalidInput

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z")
_MODALITIES = frozenset(("text", "image", "audio", "video", "pdf"))
_AMOUNTS = {
    "minimum_context_tokens": "minimum_context_tokens",
    "maximum_input_usd": "maximum_input_usd",
    "maximum_output_usd": "maximum_output_usd",
    "minimum_parameters": "minimum_parameters_b",
    "maximum_parameters": "maximum_parameters_b",
}


def check_values(query: Query, records: t.Sequence[ModelRecord]) -> None:
    """:raises InvalidInput: a filter that no model can pass, with the values that are allowed or near."""
    _check_amounts(query)
    if query.released_after is not None and not _DATE.match(query.released_after):
        raise InvalidInput(
            "released_after is no date: %r" % query.released_after,
            hint="Write a year, a month or a day, such as 2025, 2025-06 or 2025-06-30.",
        )
    for option, values in (
        ("input_modalities", query.modalities),
        ("output_modalities", query.output_modalities),
    ):
        if values:
            known = _MODALITIES.union(*(getattr(record, option) for record in records))
            _check_known(option, values, known, known.__contains__)
    if query.licences:
        licences = {str(record.licence).lower() for record in records if record.licence}
        _check_known(
            "licences", query.licences, licences | set(CLASSES), lambda value: _is_licence(value, records)
        )
    if query.family is not None:
        family = query.family.lower()
        families = {record.family for record in records if record.family}
        known_family = any(is_of_family(record, family) for record in records)
        _check_known("family", (query.family,), families, lambda _value: known_family)


def _check_amounts(query: Query) -> None:
    for name, option in _AMOUNTS.items():
        amount = getattr(query, name)
        # Also false for nan.
        if amount is not None and not amount >= 0:
            raise InvalidInput("%s has to be 0 or more, and is %s" % (option, amount))
    least, most = query.minimum_parameters, query.maximum_parameters
    if least is not None and most is not None and least > most:
        raise InvalidInput("minimum_parameters_b is more than maximum_parameters_b, which no model fulfils")


def _is_licence(value: str, records: t.Sequence[ModelRecord]) -> bool:
    holds = licensed(value)
    return value.lower() in CLASSES or any(holds(record) for record in records)


def _check_known(
    option: str, values: t.Iterable[str], known: t.Iterable[str], is_known: t.Callable[[str], bool]
) -> None:
    allowed = sorted(known)
    for value in values:
        if is_known(value):
            continue
        few = len(allowed) <= 12
        near = allowed if few else difflib.get_close_matches(value.lower(), allowed, n=5, cutoff=0.4)
        said = "Allowed are %s." if few else "Near are %s; error.known lists all."
        raise InvalidInput(
            "No model of any catalog has %r as %s" % (value, option),
            hint=said % ", ".join(near) if near else "error.known lists all.",
            known=allowed,
        )
